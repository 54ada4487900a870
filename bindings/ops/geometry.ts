/** Arithmetic with sizes and strides. */
import { checkSizes } from "../core/args.ts";
import { IndexError, ShapeError } from "../core/errors.ts";

export function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1);
}

/** A shape as PyTorch prints it. */
export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

/** Refuses what is not an integer. */
export function integer(value: unknown, caller: string, argument: string): number {
  if (Number.isInteger(value)) return value as number;
  if (typeof value === "number") throw new IndexError(`${caller}(): argument '${argument}' must be int, not ${value}`);
  throw new TypeError(`${caller}(): argument '${argument}' must be int, not ${value === null ? "null" : typeof value}`);
}

/** Strides of dense memory in row-major order. */
export function rowMajor(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= Math.max(shape[i], 1);
  }
  return strides;
}

/** Elements from the first to the last, both included; 0 if there are none. */
export function spanOf(shape: readonly number[], strides: readonly number[]): number {
  if (product(shape) === 0) return 0;
  return shape.reduce((last, size, i) => last + (size - 1) * strides[i], 1);
}

/**
 * Whether no two elements share a place, as far as can be told by the strides: each must reach beyond all that the smaller
 * ones span.
 */
export function isInjective(shape: readonly number[], strides: readonly number[]): boolean {
  const dims = shape
    .map((size, i) => ({ size, stride: strides[i] }))
    .filter(({ size }) => size !== 1)
    .sort((a, b) => a.stride - b.stride);
  let span = 0;
  for (const { size, stride } of dims) {
    if (stride <= span) return false;
    span += stride * (size - 1);
  }
  return true;
}

/** The sizes with a -1 filled in, so that they make up `numel` elements. */
export function inferSizes(sizes: readonly number[], numel: number): number[] {
  const shape = [...sizes];
  const unknown = shape.indexOf(-1);
  const invalid = (): ShapeError => new ShapeError(`shape '${shapeText(sizes)}' is invalid for input of size ${numel}`);
  if (shape.some((size) => size < -1)) {
    throw new ShapeError(`invalid shape dimension ${shape.find((size) => size < -1)}: shape '${shapeText(sizes)}'`);
  }
  if (unknown !== -1) {
    if (shape.indexOf(-1, unknown + 1) !== -1) throw new ShapeError("only one dimension can be inferred");
    const rest = product(shape.filter((_, i) => i !== unknown));
    if (rest === 0 && numel === 0) {
      throw new ShapeError(
        `cannot reshape tensor of 0 elements into shape ${shapeText(sizes)} because the unspecified dimension size -1 can be ` +
          "any value and is ambiguous",
      );
    }
    if (rest === 0 || numel % rest !== 0) throw invalid();
    shape[unknown] = numel / rest;
  }
  if (product(shape) !== numel) throw invalid();
  return shape;
}

/**
 * Strides under which the elements of a strided tensor, in order, have another shape; null if there are none. Dimensions
 * that lie dense behind each other form runs; each run must be cut up by the new sizes exactly.
 */
export function viewStrides(
  shape: readonly number[],
  strides: readonly number[],
  wanted: readonly number[],
): number[] | null {
  if (product(shape) === 0) return rowMajor(wanted);
  const result = new Array<number>(wanted.length);
  let dim = wanted.length - 1;
  let run = 1;
  let filled = 1;
  let base = strides.length ? strides[strides.length - 1] : 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    run *= shape[i];
    const ends = i === 0 || (shape[i - 1] !== 1 && strides[i - 1] !== run * base);
    if (!ends) continue;
    while (dim >= 0 && (filled < run || wanted[dim] === 1)) {
      result[dim] = filled * base;
      filled *= wanted[dim];
      dim--;
    }
    if (filled !== run) return null;
    if (i > 0) {
      base = strides[i - 1];
      run = 1;
      filled = 1;
    }
  }
  for (; dim >= 0; dim--) result[dim] = 1;
  return result;
}

/**
 * The shape to which shapes broadcast: they align from the right, and a size of 1 stretches.
 * @throws {ShapeError} sizes that differ, neither of them 1
 * @example broadcastShapes([2, 1], [3]) // [2, 3]
 */
export function broadcastShapes(...shapes: readonly (readonly number[] | number)[]): number[] {
  const result: number[] = [];
  for (const given of shapes) {
    const shape = typeof given === "number" ? [given] : given;
    checkSizes(shape, "broadcastShapes");
    while (result.length < shape.length) result.unshift(1);
    shape.forEach((size, i) => {
      const at = result.length - shape.length + i;
      if (size === 1 || size === result[at]) return;
      if (result[at] !== 1) {
        throw new ShapeError(
          "Shape mismatch: objects cannot be broadcast to a single shape. " +
            `The size of tensor a (${result[at]}) must match the size of tensor b (${size}) at non-singleton dimension ${at}: ` +
            shapes.map((s) => shapeText([s].flat())).join(" and "),
        );
      }
      result[at] = size;
    });
  }
  return result;
}
