/** Making tensors from numbers, arrays and rules. */
import { TensorField, TensorFlag } from "../../assembly/abi/layout.ts";
import { checkSizes, isOptions, shapeOf } from "../core/args.ts";
import { TensorBase } from "../core/base.ts";
import { createTensor, wrap } from "../core/dispatch.ts";
import { type DType, dtypeCode } from "../core/dtype.ts";
import { DTypeError, ShapeError } from "../core/errors.ts";
import { HEAP } from "../core/generation.ts";
import { Token } from "../core/token.ts";
import { core, f32, i32, u8 } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";

/** Numbers or booleans, nested to any depth, or a typed array. */
export type TensorData =
  | number
  | boolean
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint8Array
  | readonly TensorData[];

export interface CreationOptions {
  dtype?: DType;
  requiresGrad?: boolean;
}

export interface TensorOptions extends CreationOptions {
  /** Shape for flat data. */
  shape?: readonly number[];
}

type Elements = ArrayLike<number | boolean>;

function isArrayLike(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** The shape of nested arrays; refuses ragged ones. */
function measure(data: unknown): number[] {
  const shape: number[] = [];
  let level: unknown = data;
  while (isArrayLike(level)) {
    shape.push(level.length);
    level = level[0];
  }
  return shape;
}

function flatten(data: unknown, shape: readonly number[], depth: number, out: (number | boolean)[]): void {
  if (!isArrayLike(data)) {
    if (depth !== shape.length) throw ragged(shape, depth, "a number");
    if (typeof data !== "number" && typeof data !== "boolean") {
      const got = data instanceof TensorBase ? "a Tensor (use stack)" : data === null ? "null" : typeof data;
      throw new TypeError(`tensor: elements must be numbers or booleans, got ${got}`);
    }
    out.push(data);
    return;
  }
  if (depth >= shape.length || data.length !== shape[depth]) throw ragged(shape, depth, String(data.length));
  for (let i = 0; i < data.length; i++) flatten(data[i], shape, depth + 1, out);
}

function ragged(shape: readonly number[], depth: number, got: string): ShapeError {
  const expected = depth < shape.length ? `sequence of length ${shape[depth]}` : "a number";
  return new ShapeError(
    `expected ${expected} at dim ${depth} (got ${got}); all arrays at one depth must have the same length, as in shape [${shape.join(", ")}]`,
  );
}

function guessDtype(elements: Elements, data: unknown): DType {
  if (data instanceof Int32Array) return "int32";
  return elements.length > 0 &&
    typeof elements[0] === "boolean" &&
    Array.prototype.every.call(elements, (e) => typeof e === "boolean")
    ? "bool"
    : "float32";
}

/** Writes elements into a fresh tensor. Floats become integers towards zero. */
function fill(pointer: number, elements: Elements, dtype: DType): void {
  const start = i32()[(pointer + TensorField.Data) >>> 2] >>> 0;
  if (dtype === "float32") f32().set(elements as ArrayLike<number>, start >>> 2);
  else if (dtype === "int32") i32().set(elements as ArrayLike<number>, start >>> 2);
  else
    u8().set(
      Uint8Array.from(elements, (v) => (Number(v) === 0 ? 0 : 1)),
      start,
    );
}

function checkDtype(dtype: DType, requiresGrad: boolean | undefined): void {
  dtypeCode(dtype);
  if (requiresGrad && dtype !== "float32") {
    throw new DTypeError("Only Tensors of floating point and complex dtype can require gradients");
  }
}

function finish(pointer: number, requiresGrad: boolean | undefined): Tensor {
  const t = wrap(pointer);
  if (requiresGrad) t.setFlag(TensorFlag.RequiresGrad, true);
  return t;
}

/**
 * A tensor from a number, nested arrays or a typed array.
 *
 * Numbers become float32 (JavaScript does not tell 1 from 1.0), booleans bool, an Int32Array int32, unless `dtype` says
 * otherwise. `shape` lays out flat data.
 * @throws {ShapeError} nested arrays of unequal lengths, or data that does not fill `shape`
 * @throws {DTypeError} an unknown dtype, or `requiresGrad` for integers
 * @example
 * const m = tensor([[1, 2], [3, 4]], { requiresGrad: true });
 * m.shape; // [2, 2]
 */
export function tensor(data: TensorData, options: TensorOptions = {}): Tensor {
  const { shape, dtype, requiresGrad } = options;
  if (typeof data === "number" && dtype === undefined && shape === undefined) {
    return filled([], data, "float32", requiresGrad);
  }
  let elements: Elements;
  let sizes: number[];
  if (ArrayBuffer.isView(data)) {
    if (!isArrayLike(data))
      throw new TypeError("tensor: expected numbers, nested arrays or a typed array, got a DataView");
    elements = data as unknown as Elements;
    sizes = [elements.length];
  } else {
    sizes = measure(data);
    const flat: (number | boolean)[] = [];
    flatten(data, sizes, 0, flat);
    elements = flat;
  }
  if (shape !== undefined) {
    const wanted = [...shape];
    checkSizes(wanted, "tensor");
    if (wanted.reduce((a, b) => a * b, 1) !== elements.length) {
      throw new ShapeError(`tensor: shape '[${wanted.join(", ")}]' is invalid for input of size ${elements.length}`);
    }
    sizes = wanted;
  }
  const type = dtype ?? guessDtype(elements, data);
  checkDtype(type, requiresGrad);
  const pointer = createTensor(dtypeCode(type), sizes, false);
  fill(pointer, elements, type);
  return finish(pointer, requiresGrad);
}

/** @internal A long-lived tensor: parameters, buffers, optimizer state. It lives in the heap from the start. */
export function heapTensor(shape: readonly number[], dtype: DType): Tensor {
  const t = wrap(createTensor(dtypeCode(dtype), shape, true));
  t._g = HEAP;
  t._token = new Token(t._p, false);
  return t;
}

function bits(value: number, dtype: DType): number {
  if (dtype === "int32") return Math.trunc(value);
  if (dtype === "bool") return value === 0 ? 0 : 1;
  SCRATCH[0] = value;
  return SCRATCH_BITS[0];
}

const SCRATCH: Float32Array = /* @__PURE__ */ new Float32Array(1);
const SCRATCH_BITS: Int32Array = /* @__PURE__ */ new Int32Array(SCRATCH.buffer);

/** @internal A tensor whose elements are all the same. */
export function filled(shape: readonly number[], value: number, dtype: DType, requiresGrad?: boolean): Tensor {
  checkSizes(shape, "full");
  checkDtype(dtype, requiresGrad);
  const pointer = createTensor(dtypeCode(dtype), shape, false);
  core.fillElements(pointer, bits(value, dtype));
  return finish(pointer, requiresGrad);
}

/** Options among which the size may be. */
export interface SizeOptions extends CreationOptions {
  size?: readonly number[];
}

/** Sizes spread or as an array, and options. */
export type SizeArguments = (number | readonly number[] | SizeOptions)[];

/** Sizes given spread or as an array, with options behind. */
function sizesAndOptions(args: SizeArguments, caller: string): [number[], CreationOptions] {
  const last = args[args.length - 1];
  const options = isOptions(last) ? (last as SizeOptions) : undefined;
  const sizes = options ? args.slice(0, -1) : args;
  if (options?.size) return [shapeOf([options.size], caller), options];
  return [shapeOf(sizes as (number | number[])[], caller), options ?? {}];
}

/** Zeros of a shape, given spread or as an array. @example zeros(2, 3).shape // [2, 3] */
export function zeros(...args: SizeArguments): Tensor {
  const [shape, options] = sizesAndOptions(args, "zeros");
  return filled(shape, 0, options.dtype ?? "float32", options.requiresGrad);
}

/** Ones of a shape, given spread or as an array. @example ones([2]).tolist() // [1, 1] */
export function ones(...args: SizeArguments): Tensor {
  const [shape, options] = sizesAndOptions(args, "ones");
  return filled(shape, 1, options.dtype ?? "float32", options.requiresGrad);
}

/** A tensor of a shape with undefined elements (zeros here). @example empty(2, 3).shape // [2, 3] */
export function empty(...args: SizeArguments): Tensor {
  const [shape, options] = sizesAndOptions(args, "empty");
  return filled(shape, 0, options.dtype ?? "float32", options.requiresGrad);
}

/** A tensor of a shape whose elements are all `fillValue`. @example full([2], 7).tolist() // [7, 7] */
export function full(size: readonly number[], fillValue: number | boolean, options: CreationOptions = {}): Tensor {
  const dtype = options.dtype ?? (typeof fillValue === "boolean" ? "bool" : "float32");
  return filled(shapeOf([size], "full"), Number(fillValue), dtype, options.requiresGrad);
}

/** Zeros with the shape and dtype of `input`. @example zerosLike(ones(2)).tolist() // [0, 0] */
export function zerosLike(input: Tensor, options: CreationOptions = {}): Tensor {
  return filled(input.shape, 0, options.dtype ?? input.dtype, options.requiresGrad);
}

/** Ones with the shape and dtype of `input`. @example onesLike(zeros(2)).tolist() // [1, 1] */
export function onesLike(input: Tensor, options: CreationOptions = {}): Tensor {
  return filled(input.shape, 1, options.dtype ?? input.dtype, options.requiresGrad);
}

/**
 * A tensor with the shape and dtype of `input`, elements undefined (zeros here).
 * @example emptyLike(ones(2, 3)).shape // [2, 3]
 */
export function emptyLike(input: Tensor, options: CreationOptions = {}): Tensor {
  return zerosLike(input, options);
}

/** `fillValue` everywhere, with the shape and dtype of `input`. @example fullLike(zeros(2), 7).tolist() // [7, 7] */
export function fullLike(
  input: Tensor,
  fillValue: number | boolean | (CreationOptions & { fillValue: number | boolean }),
  options: CreationOptions = {},
): Tensor {
  const given = isOptions(fillValue)
    ? (fillValue as CreationOptions & { fillValue: number | boolean })
    : { fillValue, ...options };
  return filled(input.shape, Number(given.fillValue), given.dtype ?? input.dtype, given.requiresGrad);
}

/**
 * @internal A tensor with the dtype of `input` unless the options say otherwise, of a size given spread, as an array, or in
 * the options.
 */
export function filledAs(input: Tensor, args: SizeArguments, value: number, caller: string): Tensor {
  const [shape, options] = sizesAndOptions(args, caller);
  return filled(shape, value, options.dtype ?? input.dtype, options.requiresGrad);
}

export { arange, eye, linspace } from "./ranges.ts";
