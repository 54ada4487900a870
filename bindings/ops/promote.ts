/** Dtype promotion: bool < int32 < float32; numbers count only by category. */
import { Op } from "../../assembly/abi/op.ts";
import { defineRule } from "../autograd/rules.ts";
import { call1 } from "../core/dispatch.ts";
import { DTYPES, type DType, dtypeCode } from "../core/dtype.ts";
import { setInt } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";

/** The tensor in another dtype; itself if it has that dtype. Floats become integers towards zero, bool is `!= 0`. */
export function cast(input: Tensor, dtype: DType): Tensor {
  if (input.dtype === dtype) return input;
  setInt(dtypeCode(dtype));
  return call1(Op.Cast, input, "to");
}

defineRule(Op.Cast, (g) => [g]);

function rank(dtype: DType): number {
  return DTYPES.indexOf(dtype);
}

/** The dtype in which two tensors meet. */
export function resultType(a: Tensor, b: Tensor): DType {
  // Each dtype is a category of its own, so that tensors with and without dimensions promote alike.
  return rank(a.dtype) > rank(b.dtype) ? a.dtype : b.dtype;
}

/** The dtype in which a tensor and a number meet. */
export function scalarResultType(a: Tensor, value: number | boolean): DType {
  const own = a.dtype;
  if (own === "float32" || typeof value === "boolean") return own;
  return Number.isInteger(value) ? "int32" : "float32";
}

/** Integers and bools as float32, which most mathematical functions want. */
export function toFloat(input: Tensor): Tensor {
  return cast(input, "float32");
}
