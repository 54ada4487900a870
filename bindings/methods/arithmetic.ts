/** Arithmetic as methods. Each is the function of its name in ops/. */
import { TensorBase } from "../core/base.ts";
import * as binary from "../ops/binary.ts";
import * as bits from "../ops/bitwise.ts";
import * as extremum from "../ops/extremum.ts";
import * as floats from "../ops/floats.ts";
import * as mixed from "../ops/mixed.ts";
import type { Operand } from "../ops/pointwise.ts";
import * as power from "../ops/power.ts";
import type { Tensor } from "../tensor.ts";

export interface AlphaOption {
  alpha?: number;
}

export interface RoundingOption {
  roundingMode?: "trunc" | "floor" | null;
}

export abstract class ArithmeticMethods extends TensorBase {
  /** input + alpha · other, with broadcasting. @see {@link binary.add} */
  add(this: Tensor, other: Operand, options?: AlphaOption): Tensor {
    return binary.add(this, other, options);
  }

  /** input - alpha · other. @see {@link binary.sub} */
  sub(this: Tensor, other: Operand, options?: AlphaOption): Tensor {
    return binary.sub(this, other, options);
  }

  /** input - alpha · other. @see {@link binary.sub} */
  subtract(this: Tensor, other: Operand, options?: AlphaOption): Tensor {
    return binary.sub(this, other, options);
  }

  /** input · other. @see {@link binary.mul} */
  mul(this: Tensor, other: Operand): Tensor {
    return binary.mul(this, other);
  }

  /** input · other. @see {@link binary.mul} */
  multiply(this: Tensor, other: Operand): Tensor {
    return binary.mul(this, other);
  }

  /** input / other. @see {@link binary.div} */
  div(this: Tensor, other: Operand, options?: RoundingOption): Tensor {
    return binary.div(this, other, options);
  }

  /** input / other. @see {@link binary.div} */
  divide(this: Tensor, other: Operand, options?: RoundingOption): Tensor {
    return binary.div(this, other, options);
  }

  /** input / other. @see {@link binary.div} */
  trueDivide(this: Tensor, other: Operand): Tensor {
    return binary.div(this, other);
  }

  /** The quotient rounded down. @see {@link binary.floorDivide} */
  floorDivide(this: Tensor, other: Operand): Tensor {
    return binary.floorDivide(this, other);
  }

  /** What is left of input after division by other, with the sign of other. @see {@link binary.remainder} */
  remainder(this: Tensor, other: Operand): Tensor {
    return binary.remainder(this, other);
  }

  /** What is left of input after division by other, with the sign of input. @see {@link binary.fmod} */
  fmod(this: Tensor, other: Operand): Tensor {
    return binary.fmod(this, other);
  }

  /** input to the power of exponent. @see {@link power.pow} */
  pow(this: Tensor, exponent: Operand): Tensor {
    return power.pow(this, exponent);
  }

  /** pow of floats, whatever the operands are. @see {@link power.floatPower} */
  floatPower(this: Tensor, exponent: Operand): Tensor {
    return power.floatPower(this, exponent);
  }

  /** The larger of two elements. @see {@link extremum.maximum} */
  maximum(this: Tensor, other: Tensor): Tensor {
    return extremum.maximum(this, other);
  }

  /** The smaller of two elements. @see {@link extremum.minimum} */
  minimum(this: Tensor, other: Tensor): Tensor {
    return extremum.minimum(this, other);
  }

  /** The larger of two elements. @see {@link extremum.fmax} */
  fmax(this: Tensor, other: Tensor): Tensor {
    return extremum.fmax(this, other);
  }

  /** The smaller of two elements. @see {@link extremum.fmin} */
  fmin(this: Tensor, other: Tensor): Tensor {
    return extremum.fmin(this, other);
  }

  /** start + weight · (end - start). @see {@link mixed.lerp} */
  lerp(this: Tensor, end: Tensor, weight: Operand): Tensor {
    return mixed.lerp(this, end, weight);
  }

  /** input + value · tensor1 · tensor2, with broadcasting. @see {@link mixed.addcmul} */
  addcmul(this: Tensor, tensor1: Tensor, tensor2: Tensor, options?: mixed.ValueOption): Tensor {
    return mixed.addcmul(this, tensor1, tensor2, options);
  }

  /** input + value · tensor1 / tensor2, with broadcasting. @see {@link mixed.addcdiv} */
  addcdiv(this: Tensor, tensor1: Tensor, tensor2: Tensor, options?: mixed.ValueOption): Tensor {
    return mixed.addcdiv(this, tensor1, tensor2, options);
  }

  /** Bits that are set in both. @see {@link bits.bitwiseAnd} */
  bitwiseAnd(this: Tensor, other: Operand): Tensor {
    return bits.bitwiseAnd(this, other);
  }

  /** Bits that are set in either. @see {@link bits.bitwiseOr} */
  bitwiseOr(this: Tensor, other: Operand): Tensor {
    return bits.bitwiseOr(this, other);
  }

  /** Bits that are set in one of them. @see {@link bits.bitwiseXor} */
  bitwiseXor(this: Tensor, other: Operand): Tensor {
    return bits.bitwiseXor(this, other);
  }

  /** x · 2^other in 32 bits. @see {@link bits.bitwiseLeftShift} */
  bitwiseLeftShift(this: Tensor, other: Operand): Tensor {
    return bits.bitwiseLeftShift(this, other);
  }

  /** x / 2^other rounded down. @see {@link bits.bitwiseRightShift} */
  bitwiseRightShift(this: Tensor, other: Operand): Tensor {
    return bits.bitwiseRightShift(this, other);
  }

  /** All bits turned round. @see {@link bits.bitwiseNot} */
  bitwiseNot(this: Tensor): Tensor {
    return bits.bitwiseNot(this);
  }

  /** The greatest common divisor, which is not negative. @see {@link bits.gcd} */
  gcd(this: Tensor, other: Tensor): Tensor {
    return bits.gcd(this, other);
  }

  /** The least common multiple, which is not negative. @see {@link bits.lcm} */
  lcm(this: Tensor, other: Tensor): Tensor {
    return bits.lcm(this, other);
  }

  /**
   * |input| with the sign of other, which may be a number and whose zeros have signs as well.
   * @see {@link floats.copysign}
   */
  copysign(this: Tensor, other: Operand): Tensor {
    return floats.copysign(this, other);
  }

  /** input · 2^other. @see {@link floats.ldexp} */
  ldexp(this: Tensor, other: Tensor): Tensor {
    return floats.ldexp(this, other);
  }

  /** Mantissa m and exponent e with x = m · 2^e and 1/2 ≤ |m| < 1. @see {@link floats.frexp} */
  frexp(this: Tensor): { mantissa: Tensor; exponent: Tensor } {
    return floats.frexp(this);
  }

  /** The float next to input in the direction of other. @see {@link floats.nextafter} */
  nextafter(this: Tensor, other: Tensor): Tensor {
    return floats.nextafter(this, other);
  }

  /** The step from 0 to 1 at 0, where it takes the element of `values`. @see {@link floats.heaviside} */
  heaviside(this: Tensor, values: Tensor): Tensor {
    return floats.heaviside(this, values);
  }
}
