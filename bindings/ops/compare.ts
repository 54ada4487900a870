/** Comparisons; results are bool and carry no gradient. */
import { Op } from "../../assembly/abi/op.ts";
import { Status } from "../../assembly/abi/status.ts";
import { isOptions } from "../core/args.ts";
import { TensorBase } from "../core/base.ts";
import { call1, failure, try2, wrap } from "../core/dispatch.ts";
import { DTypeError, TensorError } from "../core/errors.ts";
import { setScalars, status } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { tensor } from "./creation.ts";
import { isfinite, isnan, logicalAnd, logicalNot, logicalOr, logicalXor } from "./logic.ts";
import { checkTensor, isTensor, type Operand, operandError } from "./pointwise.ts";
import { cast, resultType } from "./promote.ts";

function compare(op: Op, input: Tensor, other: Operand | boolean, name: string): Tensor {
  if (other instanceof TensorBase) return compareTensors(op, input, other, name);
  checkTensor(name, input);
  if (typeof other === "boolean" && input.dtype === "bool") return compareTensors(op, input, tensor(other), name);
  if (typeof other !== "number" && typeof other !== "boolean") throw operandError(name, other);
  const value = Number(other);
  const integer = input.dtype !== "float32" && value === (value | 0);
  const x = cast(input, integer ? "int32" : "float32");
  setScalars(value, 0);
  return call1(op, x, name);
}

function compareTensors(op: Op, input: Tensor, other: Tensor, name: string): Tensor {
  const p = try2(op, input, other);
  if (p !== 0) return wrap(p);
  if (status() !== Status.DTypes) throw failure(name, [input, other]);
  if (input.dtype === "bool" && other.dtype === "bool") {
    if (op === Op.Ne) return logicalXor(input, other);
    if (op === Op.Eq) return logicalNot(logicalXor(input, other));
  }
  const dtype = resultType(input, other) === "float32" ? "float32" : "int32";
  if (input.dtype === dtype && other.dtype === dtype) throw failure(name, [input, other]);
  return compareTensors(op, cast(input, dtype), cast(other, dtype), name);
}

/** input = other, element by element; NaN equals nothing. @example eq(tensor([1, 2]), 1).tolist() // [true, false] */
export function eq(input: Tensor, other: Operand | boolean): Tensor {
  return compare(Op.Eq, input, other, "eq");
}

/** input ≠ other. @example ne(tensor([1, 2, 3]), 2).tolist() // [true, false, true] */
export function ne(input: Tensor, other: Operand | boolean): Tensor {
  return compare(Op.Ne, input, other, "ne");
}

/** input < other. @example lt(tensor([1, 2, 3]), 2).tolist() // [true, false, false] */
export function lt(input: Tensor, other: Operand | boolean): Tensor {
  return compare(Op.Lt, input, other, "lt");
}

/** input ≤ other. @example le(tensor([1, 2, 3]), 2).tolist() // [true, true, false] */
export function le(input: Tensor, other: Operand | boolean): Tensor {
  return compare(Op.Le, input, other, "le");
}

/** input > other. @example gt(tensor([1, 2, 3]), 2).tolist() // [false, false, true] */
export function gt(input: Tensor, other: Operand | boolean): Tensor {
  return compare(Op.Gt, input, other, "gt");
}

/** input ≥ other. @example ge(tensor([1, 2, 3]), 2).tolist() // [false, true, true] */
export function ge(input: Tensor, other: Operand | boolean): Tensor {
  return compare(Op.Ge, input, other, "ge");
}

/** Whether two tensors have the same shape and elements. @example equal(tensor([1, 2]), tensor([1, 2])) // true */
export function equal(input: Tensor, other: Tensor): boolean {
  const [a, b] = [input.shape, other.shape];
  return a.length === b.length && a.every((size, i) => size === b[i]) && eq(input, other).all().item<boolean>();
}

export interface CloseOptions {
  /** Relative tolerance, 1e-5 by default. */
  rtol?: number;
  /** Absolute tolerance, 1e-8 by default. */
  atol?: number;
  /** Whether NaN is close to NaN. */
  equalNan?: boolean;
}

function tolerances(args: readonly unknown[]): Required<CloseOptions> {
  const given: CloseOptions = {};
  const names = ["rtol", "atol", "equalNan"] as const;
  args.forEach((value, i) => {
    Object.assign(given, isOptions(value) ? value : value === undefined || value === null ? {} : { [names[i]]: value });
  });
  const { rtol = 1e-5, atol = 1e-8, equalNan = false } = given;
  for (const [name, value] of Object.entries({ rtol, atol })) {
    if (value < 0) throw new TensorError(`${name} must be greater than or equal to zero, but got ${value}`);
  }
  return { rtol, atol, equalNan };
}

/**
 * |input - other| ≤ atol + rtol · |other|, element by element; infinities are close to themselves.
 * @throws {DTypeError} tensors of different dtypes
 * @example isclose(tensor([1, 1]), tensor([1.000001, 2])).tolist() // [true, false]
 */
export function isclose(
  input: Tensor,
  other: Tensor,
  rtol?: number | CloseOptions,
  atol?: number | CloseOptions,
  equalNan?: boolean | CloseOptions,
): Tensor {
  const limits = tolerances([rtol, atol, equalNan]);
  checkTensor("isclose", other, "other");
  if (input.dtype !== other.dtype) throw new DTypeError(`${input.scalarName()} did not match ${other.scalarName()}`);
  const close = eq(input, other);
  const same = limits.equalNan ? logicalOr(close, logicalAnd(isnan(input), isnan(other))) : close;
  if (limits.rtol === 0 && limits.atol === 0) return same;
  // Integers go by exact differences as far as floats hold them.
  const [a, b] = [cast(input.detach(), "float32"), cast(other.detach(), "float32")];
  const distance = a.sub(b).abs();
  const near = logicalAnd(isfinite(distance), le(distance, b.abs().mul(limits.rtol).add(limits.atol)));
  return logicalOr(same, near);
}

/** Whether all elements are close. @example allclose(tensor([1]), tensor([1.000001])) // true */
export function allclose(
  input: Tensor,
  other: Tensor,
  rtol?: number | CloseOptions,
  atol?: number | CloseOptions,
  equalNan?: boolean | CloseOptions,
): boolean {
  return isclose(input, other, rtol, atol, equalNan).all().item<boolean>();
}

interface IsinOptions {
  assumeUnique?: boolean;
  /** Whether elements that are not in the list are looked for. */
  invert?: boolean;
}

/**
 * Whether each element is among `testElements`; NaN never is. Either may be a number. `assumeUnique` changes nothing.
 * @example isin(tensor([1, 2, 3]), tensor([2, 3])).tolist() // [false, true, true]
 */
export function isin(elements: Operand, testElements: Operand, options: IsinOptions = {}): Tensor {
  const x = isTensor(elements) ? elements : tensor(elements);
  const list = isTensor(testElements) ? testElements.data() : [testElements];
  const wanted = new Set<number>(x.dtype === "float32" ? Float32Array.from(list) : list);
  wanted.delete(Number.NaN);
  const invert = options.invert ?? false;
  const found = Uint8Array.from(x.data(), (value) => Number(wanted.has(value) !== invert));
  return tensor(found, { shape: x.shape, dtype: "bool" });
}
