/** Operations of two tensors whose result replaces the first: methods with a trailing underscore. */
import { Op } from "../../assembly/abi/op.ts";
import * as binary from "../ops/binary.ts";
import * as bits from "../ops/bitwise.ts";
import * as compare from "../ops/compare.ts";
import * as exponential from "../ops/exponential.ts";
import * as floats from "../ops/floats.ts";
import { binaryInPlace, replaceBy, scalarInPlace, unaryInPlace } from "../ops/inplace.ts";
import * as logic from "../ops/logic.ts";
import { addcdivInPlace, addcmulInPlace, lerpInPlace, type ValueOption } from "../ops/mixed.ts";
import type { Operand } from "../ops/pointwise.ts";
import * as power from "../ops/power.ts";
import * as trigonometry from "../ops/trigonometry.ts";
import type { Tensor } from "../tensor.ts";
import type { AlphaOption, RoundingOption } from "./arithmetic.ts";
import { ComparisonMethods } from "./comparison.ts";

/** other · alpha. */
function scaled(other: Operand, options: AlphaOption | undefined): Operand {
  const alpha = options?.alpha ?? 1;
  if (alpha === 1) return other;
  return typeof other === "number" ? other * alpha : binary.mul(other, alpha);
}

export abstract class PointwiseMethods extends ComparisonMethods {
  /** `add`, written into this tensor: input + alpha · other, with broadcasting. */
  add_(this: Tensor, other: Operand, options?: AlphaOption): Tensor {
    return binaryInPlace(Op.Add, this, scaled(other, options), "add_", binary.add);
  }

  /** `sub`, written into this tensor: input - alpha · other. */
  sub_(this: Tensor, other: Operand, options?: AlphaOption): Tensor {
    return binaryInPlace(Op.Sub, this, scaled(other, options), "sub_", binary.sub);
  }

  /** `subtract`, written into this tensor: input - alpha · other. */
  subtract_(this: Tensor, other: Operand, options?: AlphaOption): Tensor {
    return binaryInPlace(Op.Sub, this, scaled(other, options), "subtract_", binary.sub);
  }

  /** `mul`, written into this tensor: input · other. */
  mul_(this: Tensor, other: Operand): Tensor {
    return binaryInPlace(Op.Mul, this, other, "mul_", binary.mul);
  }

  /** `multiply`, written into this tensor: input · other. */
  multiply_(this: Tensor, other: Operand): Tensor {
    return binaryInPlace(Op.Mul, this, other, "multiply_", binary.mul);
  }

  /** `div`, written into this tensor: input / other. */
  div_(this: Tensor, other: Operand, options?: RoundingOption): Tensor {
    const mode = options?.roundingMode;
    if (mode === "floor") return this.floorDivide_(other);
    if (mode === "trunc")
      return binaryInPlace(Op.TruncDivide, this, other, "div_", (self, o) => binary.div(self, o, options));
    return binaryInPlace(Op.Div, this, other, "div_", binary.div);
  }

  /** `divide`, written into this tensor: input / other. */
  divide_(this: Tensor, other: Operand, options?: RoundingOption): Tensor {
    return this.div_(other, options);
  }

  /** `trueDivide`, written into this tensor: `input` / `other` for `roundingMode` null. */
  trueDivide_(this: Tensor, other: Operand): Tensor {
    return binaryInPlace(Op.Div, this, other, "trueDivide_", binary.trueDivide);
  }

  /** `floorDivide`, written into this tensor: the quotient rounded down. */
  floorDivide_(this: Tensor, other: Operand): Tensor {
    return binaryInPlace(Op.FloorDivide, this, other, "floorDivide_", binary.floorDivide);
  }

  /** `remainder`, written into this tensor: what is left of input after division by other, with the sign of other. */
  remainder_(this: Tensor, other: Operand): Tensor {
    return binaryInPlace(Op.Remainder, this, other, "remainder_", binary.remainder);
  }

  /** `fmod`, written into this tensor: what is left of input after division by other, with the sign of input. */
  fmod_(this: Tensor, other: Operand): Tensor {
    return binaryInPlace(Op.Fmod, this, other, "fmod_", binary.fmod);
  }

  /** `pow`, written into this tensor: input to the power of exponent. */
  pow_(this: Tensor, exponent: Operand): Tensor {
    if (typeof exponent !== "number") return binaryInPlace(Op.Pow, this, exponent, "pow_", power.pow);
    return scalarInPlace(Op.PowScalar, this, exponent, 0, "pow_", (self) => power.pow(self, exponent));
  }

  /** `floatPower`, written into this tensor: pow of floats, whatever the operands are. */
  floatPower_(this: Tensor, exponent: Operand): Tensor {
    return replaceBy(this, (self) => power.floatPower(self, exponent), "floatPower_");
  }

  /** `atan2`, written into this tensor: the angle of the point (other, input), between -π and π. */
  atan2_(this: Tensor, other: Tensor): Tensor {
    return binaryInPlace(Op.Atan2, this, other, "atan2_", trigonometry.atan2);
  }

  /** `arctan2`, written into this tensor: the angle of the point (other, input), between -π and π. */
  arctan2_(this: Tensor, other: Tensor): Tensor {
    return binaryInPlace(Op.Atan2, this, other, "arctan2_", trigonometry.atan2);
  }

  /** `hypot`, written into this tensor: √(input² + other²). */
  hypot_(this: Tensor, other: Tensor): Tensor {
    return binaryInPlace(Op.Hypot, this, other, "hypot_", trigonometry.hypot);
  }

  /**
   * `copysign`, written into this tensor: |input| with the sign of other, which may be a number and whose zeros have
   * signs as well.
   */
  copysign_(this: Tensor, other: Operand): Tensor {
    return binaryInPlace(Op.Copysign, this, other, "copysign_", floats.copysign);
  }

  /** `xlogy`, written into this tensor: input · log(other). */
  xlogy_(this: Tensor, other: Operand): Tensor {
    return binaryInPlace(Op.Xlogy, this, other, "xlogy_", exponential.xlogy);
  }

  /** `bitwiseAnd`, written into this tensor: bits that are set in both. */
  bitwiseAnd_(this: Tensor, other: Operand): Tensor {
    return binaryInPlace(Op.And, this, other, "bitwiseAnd_", bits.bitwiseAnd);
  }

  /** `bitwiseOr`, written into this tensor: bits that are set in either. */
  bitwiseOr_(this: Tensor, other: Operand): Tensor {
    return binaryInPlace(Op.Or, this, other, "bitwiseOr_", bits.bitwiseOr);
  }

  /** `bitwiseXor`, written into this tensor: bits that are set in one of them. */
  bitwiseXor_(this: Tensor, other: Operand): Tensor {
    return binaryInPlace(Op.Xor, this, other, "bitwiseXor_", bits.bitwiseXor);
  }

  /** `bitwiseLeftShift`, written into this tensor: x · 2^other in 32 bits. */
  bitwiseLeftShift_(this: Tensor, other: Operand): Tensor {
    return binaryInPlace(Op.ShiftLeft, this, other, "bitwiseLeftShift_", bits.bitwiseLeftShift);
  }

  /** `bitwiseRightShift`, written into this tensor: x / 2^other rounded down. */
  bitwiseRightShift_(this: Tensor, other: Operand): Tensor {
    return binaryInPlace(Op.ShiftRight, this, other, "bitwiseRightShift_", bits.bitwiseRightShift);
  }

  /** `bitwiseNot`, written into this tensor: all bits turned round. */
  bitwiseNot_(this: Tensor): Tensor {
    return unaryInPlace(Op.Not, this, "bitwiseNot_", bits.bitwiseNot);
  }

  /** `gcd`, written into this tensor: the greatest common divisor, which is not negative. */
  gcd_(this: Tensor, other: Tensor): Tensor {
    return replaceBy(this, (self) => bits.gcd(self, other), "gcd_");
  }

  /** `lcm`, written into this tensor: the least common multiple, which is not negative. */
  lcm_(this: Tensor, other: Tensor): Tensor {
    return replaceBy(this, (self) => bits.lcm(self, other), "lcm_");
  }

  /** `ldexp`, written into this tensor: input · 2^other. */
  ldexp_(this: Tensor, other: Tensor): Tensor {
    return replaceBy(this, (self) => floats.ldexp(self, other), "ldexp_");
  }

  /** `nextafter`, written into this tensor: the float next to input in the direction of other. */
  nextafter_(this: Tensor, other: Tensor): Tensor {
    return replaceBy(this, (self) => floats.nextafter(self, other), "nextafter_");
  }

  /** `heaviside`, written into this tensor: the step from 0 to 1 at 0, where it takes the element of `values`. */
  heaviside_(this: Tensor, values: Tensor): Tensor {
    return replaceBy(this, (self) => floats.heaviside(self, values), "heaviside_");
  }

  /** `lerp`, written into this tensor: start + weight · (end - start). */
  lerp_(this: Tensor, end: Tensor, weight: Operand): Tensor {
    return lerpInPlace(this, end, weight);
  }

  /** `addcmul`, written into this tensor: input + value · tensor1 · tensor2, with broadcasting. */
  addcmul_(this: Tensor, tensor1: Tensor, tensor2: Tensor, options?: ValueOption): Tensor {
    return addcmulInPlace(this, tensor1, tensor2, options);
  }

  /** `addcdiv`, written into this tensor: input + value · tensor1 / tensor2, with broadcasting. */
  addcdiv_(this: Tensor, tensor1: Tensor, tensor2: Tensor, options?: ValueOption): Tensor {
    return addcdivInPlace(this, tensor1, tensor2, options);
  }

  /** `eq`, written into this tensor: input = other, element by element. */
  eq_(this: Tensor, other: Operand | boolean): Tensor {
    return replaceBy(this, (self) => compare.eq(self, other), "eq_");
  }

  /** `ne`, written into this tensor: input ≠ other. */
  ne_(this: Tensor, other: Operand | boolean): Tensor {
    return replaceBy(this, (self) => compare.ne(self, other), "ne_");
  }

  /** `notEqual`, written into this tensor: input ≠ other. */
  notEqual_(this: Tensor, other: Operand | boolean): Tensor {
    return replaceBy(this, (self) => compare.ne(self, other), "notEqual_");
  }

  /** `lt`, written into this tensor: input < other. */
  lt_(this: Tensor, other: Operand | boolean): Tensor {
    return replaceBy(this, (self) => compare.lt(self, other), "lt_");
  }

  /** `less`, written into this tensor: input < other. */
  less_(this: Tensor, other: Operand | boolean): Tensor {
    return replaceBy(this, (self) => compare.lt(self, other), "less_");
  }

  /** `le`, written into this tensor: input ≤ other. */
  le_(this: Tensor, other: Operand | boolean): Tensor {
    return replaceBy(this, (self) => compare.le(self, other), "le_");
  }

  /** `lessEqual`, written into this tensor: input ≤ other. */
  lessEqual_(this: Tensor, other: Operand | boolean): Tensor {
    return replaceBy(this, (self) => compare.le(self, other), "lessEqual_");
  }

  /** `gt`, written into this tensor: input > other. */
  gt_(this: Tensor, other: Operand | boolean): Tensor {
    return replaceBy(this, (self) => compare.gt(self, other), "gt_");
  }

  /** `greater`, written into this tensor: input > other. */
  greater_(this: Tensor, other: Operand | boolean): Tensor {
    return replaceBy(this, (self) => compare.gt(self, other), "greater_");
  }

  /** `ge`, written into this tensor: input ≥ other. */
  ge_(this: Tensor, other: Operand | boolean): Tensor {
    return replaceBy(this, (self) => compare.ge(self, other), "ge_");
  }

  /** `greaterEqual`, written into this tensor: input ≥ other. */
  greaterEqual_(this: Tensor, other: Operand | boolean): Tensor {
    return replaceBy(this, (self) => compare.ge(self, other), "greaterEqual_");
  }

  /** `logicalAnd`, written into this tensor: not zero and not zero. */
  logicalAnd_(this: Tensor, other: Tensor): Tensor {
    return replaceBy(this, (self) => logic.logicalAnd(self, other), "logicalAnd_");
  }

  /** `logicalOr`, written into this tensor: not zero or not zero. */
  logicalOr_(this: Tensor, other: Tensor): Tensor {
    return replaceBy(this, (self) => logic.logicalOr(self, other), "logicalOr_");
  }

  /** `logicalXor`, written into this tensor: exactly one of them not zero. */
  logicalXor_(this: Tensor, other: Tensor): Tensor {
    return replaceBy(this, (self) => logic.logicalXor(self, other), "logicalXor_");
  }

  /** `logicalNot`, written into this tensor: zero. */
  logicalNot_(this: Tensor): Tensor {
    return replaceBy(this, logic.logicalNot, "logicalNot_");
  }
}
