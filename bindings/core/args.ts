/** Reading arguments: in PyTorch's order, or by name in one trailing options object. */

import { TensorBase } from "./base.ts";
import { IndexError, ShapeError } from "./errors.ts";

/** A plain object, as opposed to a tensor, an array or null. */
export function isOptions(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof TensorBase) &&
    !ArrayBuffer.isView(value)
  );
}

/**
 * Arguments by name: `args` in the order of `names`, the last one given possibly an options object. `null` and `undefined`
 * count as absent.
 */
export function named<T>(caller: string, args: readonly unknown[], names: readonly (keyof T & string)[]): Partial<T> {
  const result: Record<string, unknown> = {};
  let count = args.length;
  while (count > 0 && args[count - 1] === undefined) count--;
  for (let i = 0; i < count; i++) {
    const value = args[i];
    if (i === count - 1 && isOptions(value)) {
      for (const key of Object.keys(value)) {
        if (value[key] === undefined || value[key] === null) continue;
        if (key in result) throw new TypeError(`${caller}: got multiple values for argument "${key}"`);
        result[key] = value[key];
      }
    } else if (value !== undefined && value !== null) {
      if (i >= names.length) throw new TypeError(`${caller}: takes at most ${names.length} arguments, got ${count}`);
      result[names[i]] = value;
    }
  }
  return result as Partial<T>;
}

/** A dimension counted from the end if negative; a tensor without dimensions takes 0 and -1, as in PyTorch. */
export function normalDim(dim: number, ndim: number): number {
  const range = Math.max(ndim, 1);
  if (!Number.isInteger(dim) || dim < -range || dim >= range) {
    throw new IndexError(
      `Dimension out of range (expected to be in range of [${-range}, ${range - 1}], but got ${String(dim)})`,
    );
  }
  return dim < 0 ? dim + range : dim;
}

/** Several dimensions, ascending; all of them if none are given. */
export function normalDims(dim: number | readonly number[] | null | undefined, ndim: number, caller: string): number[] {
  if (dim === null || dim === undefined || (Array.isArray(dim) && dim.length === 0)) {
    return Array.from({ length: ndim }, (_, i) => i);
  }
  const list = typeof dim === "number" ? [dim] : dim;
  const dims = list.map((d) => normalDim(d, ndim)).sort((a, b) => a - b);
  for (let i = 1; i < dims.length; i++) {
    if (dims[i] === dims[i - 1])
      throw new ShapeError(`${caller}: dim ${dims[i]} appears multiple times in the list of dims`);
  }
  return ndim === 0 ? [] : dims;
}

/** A shape given spread or as one array. */
export function shapeOf(sizes: readonly (number | readonly number[])[], caller: string): number[] {
  const shape = sizes.length === 1 && Array.isArray(sizes[0]) ? sizes[0] : sizes;
  for (const size of shape as readonly number[]) {
    if (!Number.isInteger(size)) {
      throw new ShapeError(`${caller}: sizes must be integers, got ${typeof size === "number" ? size : typeof size}`);
    }
  }
  return [...(shape as readonly number[])];
}

/** A shape all of whose sizes are known. */
export function checkSizes(shape: readonly number[], caller: string): void {
  let numel = 1;
  for (const size of shape) {
    if (!Number.isInteger(size) || size < 0) {
      throw new ShapeError(
        `${caller}: Trying to create tensor with negative dimension or a size that is no integer: [${shape.join(", ")}]`,
      );
    }
    numel *= size;
  }
  if (numel > MAX_NUMEL) {
    throw new ShapeError(
      `${caller}: a tensor of shape [${shape.join(", ")}] has ${numel} elements; the most is ${MAX_NUMEL}`,
    );
  }
  if (shape.length > 64) throw new ShapeError(`${caller}: a tensor has at most 64 dimensions, got ${shape.length}`);
}

/** wasm memory ends at 4 GiB. */
export const MAX_NUMEL: number = 2 ** 29 - 1;

/** Refuses what is not a tensor. */
export function expectTensor(value: unknown, caller: string, argument: string): void {
  if (!(value instanceof TensorBase)) {
    const got = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
    throw new TypeError(`${caller}(): argument '${argument}' must be Tensor, not ${got}`);
  }
}
