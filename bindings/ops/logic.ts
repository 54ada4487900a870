/** Logic of truth values, which are elements that are not 0, and questions about elements. Results are bool. */
import { Op } from "../../assembly/abi/op.ts";
import { call1 } from "../core/dispatch.ts";
import type { Tensor } from "../tensor.ts";
import { eq, lt } from "./compare.ts";
import { zerosLike } from "./creation.ts";
import { binary, checkTensor } from "./pointwise.ts";
import { cast } from "./promote.ts";

function logical(op: Op, input: Tensor, other: Tensor, name: string): Tensor {
  checkTensor(name, input);
  checkTensor(name, other, "other");
  return binary(op, cast(input, "bool"), cast(other, "bool"), name);
}

/** Not zero and not zero. @example logicalAnd(tensor([1, 0]), tensor([2, 3])).tolist() // [true, false] */
export function logicalAnd(input: Tensor, other: Tensor): Tensor {
  return logical(Op.And, input, other, "logicalAnd");
}

/** Not zero or not zero. @example logicalOr(tensor([0, 2]), tensor([0, 0])).tolist() // [false, true] */
export function logicalOr(input: Tensor, other: Tensor): Tensor {
  return logical(Op.Or, input, other, "logicalOr");
}

/** Exactly one of them not zero. @example logicalXor(tensor([1, 2]), tensor([0, 1])).tolist() // [true, false] */
export function logicalXor(input: Tensor, other: Tensor): Tensor {
  return logical(Op.Xor, input, other, "logicalXor");
}

/** Zero. @example logicalNot(tensor([0, 2])).tolist() // [true, false] */
export function logicalNot(input: Tensor): Tensor {
  checkTensor("logicalNot", input);
  return call1(Op.Not, cast(input, "bool"), "logicalNot");
}

/** Of floats; integers and bools are what they are: all of them `otherwise`. */
function question(op: Op, input: Tensor, otherwise: boolean, name: string): Tensor {
  checkTensor(name, input);
  if (input.dtype === "float32") return call1(op, input, name);
  const none = zerosLike(input, { dtype: "bool" });
  return otherwise ? logicalNot(none) : none;
}

/** Whether each element is NaN. @example isnan(tensor([NaN, 1])).tolist() // [true, false] */
export function isnan(input: Tensor): Tensor {
  return question(Op.IsNaN, input, false, "isnan");
}

/** Whether each element is infinite. @example isinf(tensor([1, -Infinity])).tolist() // [false, true] */
export function isinf(input: Tensor): Tensor {
  return question(Op.IsInf, input, false, "isinf");
}

/**
 * Whether each element is neither infinite nor NaN.
 * @example isfinite(tensor([1, Infinity, NaN])).tolist() // [true, false, false]
 */
export function isfinite(input: Tensor): Tensor {
  return question(Op.IsFinite, input, true, "isfinite");
}

/** Whether each element is +∞. @example isposinf(tensor([Infinity, -Infinity])).tolist() // [true, false] */
export function isposinf(input: Tensor): Tensor {
  return input.dtype === "float32" ? eq(input, Infinity) : isinf(input);
}

/** Whether each element is -∞. @example isneginf(tensor([Infinity, -Infinity])).tolist() // [false, true] */
export function isneginf(input: Tensor): Tensor {
  return input.dtype === "float32" ? eq(input, -Infinity) : isinf(input);
}

/**
 * Whether each element is real, which all are: there are no complex tensors.
 * @example isreal(tensor([1, 2])).tolist() // [true, true]
 */
export function isreal(input: Tensor): Tensor {
  return logicalNot(zerosLike(input, { dtype: "bool" }));
}

/** Whether the sign bit is set: x < 0, or -0. @example signbit(tensor([-1, 0, 1])).tolist() // [true, false, false] */
export function signbit(input: Tensor): Tensor {
  checkTensor("signbit", input);
  if (input.dtype === "bool") return zerosLike(input);
  if (input.dtype === "int32") return lt(input, 0);
  // The sign of -0 and of a NaN shows in a one that takes it over.
  return lt(binary(Op.Copysign, input.detach().newTensor(1), input.detach(), "signbit"), 0);
}
