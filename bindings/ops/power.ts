/** Powers. */
import { Op } from "../../assembly/abi/op.ts";
import { defineRule } from "../autograd/rules.ts";
import { TensorError } from "../core/errors.ts";
import type { Tensor } from "../tensor.ts";
import { mul } from "./binary.ts";
import { eq, ge, lt } from "./compare.ts";
import { log } from "./exponential.ts";
import { logicalAnd } from "./logic.ts";
import {
  binary,
  checkOperands,
  floatInput,
  isTensor,
  type Operand,
  unsupported,
  wider,
  withNumber,
  withNumberFloat,
} from "./pointwise.ts";
import { cast } from "./promote.ts";
import { where } from "./where.ts";

/**
 * input to the power of exponent. pow(0, 0) is 1, with gradient 0.
 * @throws {TensorError} an integer to a negative integer power
 * @example pow(tensor([2, 3]), 2).tolist() // [4, 9]
 */
export function pow(input: Operand, exponent: Operand): Tensor {
  if (isTensor(input)) {
    if (typeof exponent === "number") {
      if (input.dtype !== "float32" && Number.isInteger(exponent) && exponent < 0) throw negativePower();
      return withNumber(Op.PowScalar, input, exponent, "pow");
    }
    if (isTensor(exponent)) {
      if (input.dtype === "bool" && exponent.dtype === "bool") throw unsupported("pow", input);
      return binary(Op.Pow, input, exponent, "pow");
    }
  }
  checkOperands("pow", input, exponent);
  if (isTensor(input)) return pow(input, Number(exponent));
  const [base, e] = [Number(input), exponent as Tensor];
  if (e.dtype !== "float32" && Number.isInteger(base)) {
    // Integers to integer powers stay integers, which the core has for two tensors only.
    return pow(cast(e.newTensor(base), wider(e.dtype)), cast(e, "int32"));
  }
  return withNumberFloat(Op.RpowScalar, e, base, "pow");
}

function negativePower(): TensorError {
  return new TensorError("Integers to negative integer powers are not allowed.");
}

/**
 * pow of floats, whatever the operands are: integers may have negative exponents.
 * @example floatPower(tensor([2, 3]), 2).tolist() // [4, 9]
 */
export function floatPower(input: Operand, exponent: Operand): Tensor {
  checkOperands("floatPower", input, exponent);
  const float = (value: Operand): Operand => (isTensor(value) ? floatInput(value, "floatPower") : Number(value));
  return pow(float(input), float(exponent));
}

defineRule(Op.PowScalar, (g, n) => [n.s0 === 0 ? mul(g, 0) : mul(g, mul(pow(n.input(0), n.s0 - 1), n.s0))]);

// d(s^x)/dx = s^x log s; for s = 0 the power is 0 wherever it is finite, and so is the gradient.
defineRule(Op.RpowScalar, (g, n) => {
  const y = n.output();
  return [n.s0 === 0 ? mul(g, where(lt(y, Infinity), 0, -Infinity)) : mul(g, mul(y, Math.log(n.s0)))];
});

defineRule(Op.Pow, (g, n) => {
  const [base, exponent] = [n.input(0), n.input(1)];
  return [
    n.needs(0) ? where(eq(exponent, 0), 0, mul(g, mul(exponent, pow(base, exponent.sub(1))))) : null,
    n.needs(1) ? powExponentGradient(g, base, exponent) : null,
  ];
});

/** b^e log b, where 0^e counts as 0 for e ≥ 0 (semantics of torch's pow_backward_exponent). */
function powExponentGradient(g: Tensor, base: Tensor, exponent: Tensor): Tensor {
  const vanishes = logicalAnd(eq(base, 0), ge(exponent, 0));
  return where(vanishes, 0, mul(g, mul(pow(base, exponent), log(base))));
}
