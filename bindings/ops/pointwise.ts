/** What pointwise operations share: operands that are tensors or numbers, and how their dtypes meet. */
import { DType as Code } from "../../assembly/abi/dtype.ts";
import { TensorField } from "../../assembly/abi/layout.ts";
import type { Op } from "../../assembly/abi/op.ts";
import { Status } from "../../assembly/abi/status.ts";
import { TensorBase } from "../core/base.ts";
import { call1, failure, try2, wrap } from "../core/dispatch.ts";
import { DTypeError } from "../core/errors.ts";
import { current, touch } from "../core/generation.ts";
import { op2, setScalars, status, u8 } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { tensor } from "./creation.ts";
import { cast, resultType, scalarResultType } from "./promote.ts";

/** An operand: a tensor or a number. */
export type Operand = Tensor | number;

export function isTensor(value: unknown): value is Tensor {
  return value instanceof TensorBase;
}

function typeName(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}

export function operandError(name: string, value: unknown): TypeError {
  return new TypeError(`${name}(): argument 'other' must be Tensor or number, not ${typeName(value)}`);
}

/** At least one operand is a tensor, and none is anything but a tensor, a number or a boolean. */
export function checkOperands(name: string, a: unknown, b: unknown): void {
  const ok = (v: unknown): boolean => typeof v === "number" || typeof v === "boolean" || isTensor(v);
  if (!ok(a)) throw operandError(name, a);
  if (!ok(b)) throw operandError(name, b);
  if (!isTensor(a) && !isTensor(b)) throw new TypeError(`${name}(): at least one operand must be a Tensor`);
}

/** Refuses what is not a tensor, such as a number where only a tensor will do. */
export function checkTensor(name: string, value: unknown, argument: string = "input"): void {
  if (!isTensor(value)) throw new TypeError(`${name}(): argument '${argument}' must be Tensor, not ${typeName(value)}`);
}

/** A function whose result is no integer: integers and bools become float32. */
export function float(op: Op, input: Tensor, name: string): Tensor {
  return call1(op, isTensor(input) && isFloat32(input) ? input : floatInput(input, name), name);
}

export function floatInput(input: Tensor, name: string): Tensor {
  checkTensor(name, input);
  return cast(input, "float32");
}

/** A function of floats and integers: bools become int32. */
export function number(op: Op, input: Tensor, name: string): Tensor {
  return call1(op, input.dtype === "bool" ? cast(input, "int32") : input, name);
}

/** bools count as integers in arithmetic. */
export function wider(dtype: "float32" | "int32" | "bool"): "float32" | "int32" {
  return dtype === "bool" ? "int32" : dtype;
}

/**
 * Two tensors; where their dtypes do not go together as they are, again with promoted ones. `ofBools`: what is done with two
 * tensors of bools instead, which the core has no arithmetic for.
 */
export function binary(
  op: Op,
  a: Tensor,
  b: Tensor,
  name: string,
  ofBools: ((a: Tensor, b: Tensor) => Tensor) | null = null,
): Tensor {
  const p = op2(op, a._g === current ? a._p : touch(a), b._g === current ? b._p : touch(b), 0);
  return p !== 0 ? wrap(p) : binaryAgain(op, a, b, name, wider, ofBools);
}

/** The same for operations whose result is no integer. */
export function floatBinary(op: Op, a: Tensor, b: Tensor, name: string): Tensor {
  const p = op2(op, a._g === current ? a._p : touch(a), b._g === current ? b._p : touch(b), 0);
  return p !== 0 ? wrap(p) : binaryAgain(op, a, b, name, () => "float32", null);
}

function binaryAgain(
  op: Op,
  a: Tensor,
  b: Tensor,
  name: string,
  meet: typeof wider,
  ofBools: ((a: Tensor, b: Tensor) => Tensor) | null,
): Tensor {
  const p = status() === Status.DTypes ? 0 : try2(op, a, b);
  if (p !== 0) return wrap(p);
  if (status() !== Status.DTypes) throw failure(name, [a, b]);
  if (ofBools && a.dtype === "bool" && b.dtype === "bool") return ofBools(a, b);
  const dtype = meet(resultType(a, b));
  if (a.dtype === dtype && b.dtype === dtype) throw failure(name, [a, b]);
  return binary(op, cast(a, dtype), cast(b, dtype), name, ofBools);
}

/** `dtype` without the detour over its name, for the hot paths. */
function isFloat32(a: Tensor): boolean {
  if (a._g !== current) return a.dtype === "float32";
  return u8()[(a._p + TensorField.DType) >>> 0] === Code.Float32;
}

/** A tensor and a number, as an attribute of the node. */
export function withNumber(op: Op, a: Tensor, value: number, name: string): Tensor {
  const x = isFloat32(a) ? a : cast(a, wider(scalarResultType(a, value)));
  setScalars(value, 0);
  return call1(op, x, name);
}

/** The same where the result is no integer. */
export function withNumberFloat(op: Op, a: Tensor, value: number, name: string): Tensor {
  const x = isFloat32(a) ? a : cast(a, "float32");
  setScalars(value, 0);
  return call1(op, x, name);
}

/** A number as a tensor without dimensions that does not widen the dtype of `tensor` more than a number may. */
export function numberBeside(value: number | boolean, beside: Tensor): Tensor {
  if (typeof value === "boolean") return tensor(value);
  return tensor(value, { dtype: scalarResultType(beside, value) });
}

/** Both operands as tensors. */
export function bothTensors(name: string, a: Operand, b: Operand): [Tensor, Tensor] {
  checkOperands(name, a, b);
  if (isTensor(a)) return [a, isTensor(b) ? b : numberBeside(b, a)];
  return [numberBeside(a, b as Tensor), b as Tensor];
}

/** 0 for two tensors, 1 if the first is a number, 2 if the second is: as PyTorch numbers its overloads. */
export function overload(a: Operand, b: Operand): 0 | 1 | 2 {
  return isTensor(a) ? (isTensor(b) ? 0 : 2) : 1;
}

/** PyTorch's text for a dtype that a kernel does not know. */
export function unsupported(name: string, input: Tensor): DTypeError {
  return new DTypeError(`"${name}" not implemented for '${input.scalarName()}'`);
}
