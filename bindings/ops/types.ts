/** Questions about tensors, and how their dtypes meet. */
import { expectTensor } from "../core/args.ts";
import { TensorBase } from "../core/base.ts";
import { DTYPES, type DType } from "../core/dtype.ts";
import { ShapeError } from "../core/errors.ts";
import type { Tensor } from "../tensor.ts";
import { type TensorData, type TensorOptions, tensor } from "./creation.ts";
import { cast, resultType as meeting, scalarResultType } from "./promote.ts";

/** Whether something is a tensor. @example isTensor([1]) // false */
export function isTensor(value: unknown): value is Tensor {
  return value instanceof TensorBase;
}

/** How many elements there are. @example numel(zeros(2, 3)) // 6 */
export function numel(input: Tensor): number {
  return input.numel();
}

/** Whether the elements are float32. @example isFloatingPoint(ones(1)) // true */
export function isFloatingPoint(input: Tensor): boolean {
  return input.dtype === "float32";
}

/**
 * Whether the single element differs from 0.
 * @throws {ShapeError} other than one element
 * @example isNonzero(tensor(3)) // true
 */
export function isNonzero(input: Tensor): boolean {
  if (input.numel() === 0) throw new ShapeError("Boolean value of Tensor with no values is ambiguous");
  if (input.numel() > 1) throw new ShapeError("Boolean value of Tensor with more than one value is ambiguous");
  return Number(input.item()) !== 0;
}

/** The dtype in which two operands meet; a number counts by its category only. @example resultType(tensor([1], { dtype: "int32" }), 1.5) // "float32" */
export function resultType(a: Tensor | number, b: Tensor | number): DType {
  if (!isTensor(a)) return isTensor(b) ? resultType(b, a) : meetingOf(numberType(a), numberType(b));
  expectTensor(a, "resultType", "tensor1");
  return isTensor(b) ? meeting(a, b) : scalarResultType(a, b);
}

function numberType(value: number): DType {
  return Number.isInteger(value) ? "int32" : "float32";
}

function meetingOf(a: DType, b: DType): DType {
  return DTYPES.indexOf(a) > DTYPES.indexOf(b) ? a : b;
}

/** The dtype in which two dtypes meet: bool < int32 < float32. @example promoteTypes("bool", "int32") // "int32" */
export function promoteTypes(type1: DType, type2: DType): DType {
  return meetingOf(type1, type2);
}

/** Whether a dtype is no lower than another: a result may be written where it is. @example canCast("float32", "int32") // false */
export function canCast(from: DType, to: DType): boolean {
  return DTYPES.indexOf(from) <= DTYPES.indexOf(to);
}

/**
 * The tensor itself, of the dtype wished for; anything else as `tensor` takes it.
 * @example asTensor([1, 2]).tolist() // [1, 2]
 */
export function asTensor(data: Tensor | TensorData, options: TensorOptions = {}): Tensor {
  if (!isTensor(data)) return tensor(data, options);
  return options.dtype ? cast(data, options.dtype) : data;
}
