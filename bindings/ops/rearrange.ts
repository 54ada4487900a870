/** Elements in another order, or repeated: copies. */
import { Op } from "../../assembly/abi/op.ts";
import { defineRule } from "../autograd/rules.ts";
import { isOptions, named, normalDim, normalDims, shapeOf } from "../core/args.ts";
import { TensorBase } from "../core/base.ts";
import { call1L } from "../core/dispatch.ts";
import { DTypeError, IndexError, ShapeError, TensorError } from "../core/errors.ts";
import { nameCode, renamed } from "../core/names.ts";
import type { Tensor } from "../tensor.ts";
import { cat } from "./cat.ts";
import { clone } from "./copy.ts";
import { tensor } from "./creation.ts";
import { expand } from "./expand.ts";
import { integer, rowMajor, shapeText } from "./geometry.ts";
import { indexSelect } from "./indexing.ts";
import { transpose } from "./permute.ts";
import { narrow } from "./slice.ts";
import { makeView, reshape, type Sizes, unsqueeze } from "./view.ts";

const ROLL: number = /* @__PURE__ */ nameCode("RollBackward0");

const REPEAT: number = /* @__PURE__ */ nameCode("RepeatBackward0");

/** Arguments spread or as one array, or under a name in an options object. */
function listed(args: readonly unknown[], key: string, caller: string): number[] {
  const [first] = args;
  const given = args.length === 1 && isOptions(first) ? [first[key]] : args;
  return shapeOf(given as Sizes, caller);
}

/**
 * The order along some dimensions reversed.
 * @throws {ShapeError} a dimension named twice
 * @example flip(arange(3), [0]).tolist() // [2, 1, 0]
 */
export function flip(input: Tensor, ...dims: (number | readonly number[] | { dims: readonly number[] })[]): Tensor {
  const list = listed(dims, "dims", "flip");
  const wanted = list.length === 0 ? [] : normalDims(list, input.ndim, "flip");
  return call1L(Op.Flip, input, [wanted.length, ...wanted], "flip");
}

/**
 * The columns in reverse order.
 * @throws {ShapeError} fewer than two dimensions
 * @example fliplr(tensor([[1, 2], [3, 4]])).tolist() // [[2, 1], [4, 3]]
 */
export function fliplr(input: Tensor): Tensor {
  if (input.ndim < 2) throw new ShapeError("Input must be >= 2-d.");
  return flip(input, 1);
}

/**
 * The rows in reverse order.
 * @throws {ShapeError} no dimensions
 * @example flipud(tensor([[1, 2], [3, 4]])).tolist() // [[3, 4], [1, 2]]
 */
export function flipud(input: Tensor): Tensor {
  if (input.ndim < 1) throw new ShapeError("Input must be >= 1-d.");
  return flip(input, 0);
}

export interface RollOptions {
  shifts?: number | readonly number[];
  dims?: number | readonly number[];
}

/**
 * Elements moved along dimensions; what leaves at the end comes in at the start. Without dims, the flattened elements.
 * @throws {ShapeError} shifts and dims of unequal numbers
 * @example roll(arange(4), 1).tolist() // [3, 0, 1, 2]
 */
export function roll(
  input: Tensor,
  shifts: number | readonly number[] | RollOptions,
  dims?: number | readonly number[] | RollOptions | null,
): Tensor {
  const options = named<RollOptions>("roll", [shifts, dims], ["shifts", "dims"]);
  const by = [options.shifts ?? []].flat() as number[];
  const along = [options.dims ?? []].flat() as number[];
  if (by.length === 0) throw new ShapeError("`shifts` required");
  for (const shift of by) integer(shift, "roll", "shifts");
  if (along.length > 0 && input.ndim === 0) {
    throw new IndexError(`Dimension specified as ${along[0]} but tensor has no dimensions`);
  }
  if (along.length === 0 && by.length === 1) {
    return renamed(reshape(rolled(reshape(input, [input.numel()]), by[0], 0), input.shape), ROLL);
  }
  if (by.length !== along.length) {
    throw new ShapeError(`shifts and dimensions must align. shifts: ${by.length}, dims:${along.length}`);
  }
  const result = along.reduce((t, dim, i) => rolled(t, by[i], normalDim(dim, input.ndim)), input);
  return renamed(result, ROLL);
}

function rolled(input: Tensor, shift: number, dim: number): Tensor {
  const size = input.shape[dim] ?? 1;
  const start = size === 0 ? 0 : ((-shift % size) + size) % size;
  if (start === 0) return clone(input);
  return cat([narrow(input, dim, start, size - start), narrow(input, dim, 0, start)], dim);
}

export interface Rot90Options {
  k?: number;
  dims?: readonly number[];
}

/**
 * Turned k times by 90 degrees in the plane of two dimensions, from the first towards the second.
 * @throws {ShapeError} not two different dimensions
 * @example rot90(tensor([[1, 2], [3, 4]])).tolist() // [[2, 4], [1, 3]]
 */
export function rot90(input: Tensor, k?: number | Rot90Options, dims?: readonly number[] | Rot90Options): Tensor {
  const options = named<Rot90Options>("rot90", [k, dims], ["k", "dims"]);
  const turns = integer(options.k ?? 1, "rot90", "k");
  const plane = options.dims ?? [0, 1];
  const { ndim } = input;
  if (plane.length !== 2) throw new ShapeError(`expected total rotation dims == 2, but got dims = ${plane.length}`);
  if (ndim < 2) throw new ShapeError(`expected total dims >= 2, but got total dims = ${ndim}`);
  const [a, b] = plane.map((d) => normalDim(d, ndim));
  if (a === b) {
    throw new ShapeError(`expected rotation dims to be different, but got dim0 = ${plane[0]} and dim1 = ${plane[1]}`);
  }
  return renamed(turned(input, ((turns % 4) + 4) % 4, a, b), "Rot90Backward0");
}

function turned(input: Tensor, turns: number, a: number, b: number): Tensor {
  switch (turns) {
    case 1:
      return transpose(flip(input, b), a, b);
    case 2:
      return flip(input, a, b);
    case 3:
      return transpose(flip(input, a), a, b);
    default:
      return clone(input);
  }
}

/**
 * The tensor so many times along each dimension; more numbers than dimensions make new ones in front.
 * @throws {ShapeError} fewer numbers than dimensions, or negative ones
 * @example tensor([1, 2]).repeat(2, 2).tolist() // [[1, 2, 1, 2], [1, 2, 1, 2]]
 */
export function repeat(
  input: Tensor,
  ...repeats: (number | readonly number[] | { repeats: readonly number[] })[]
): Tensor {
  const times = listed(repeats, "repeats", "repeat");
  const { shape } = input;
  const missing = times.length - shape.length;
  if (missing < 0) {
    throw new ShapeError("Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor");
  }
  if (times.some((n) => n < 0))
    throw new ShapeError(`repeat: Trying to create tensor with negative dimension: repeats ${shapeText(times)}`);
  const own = [...new Array<number>(missing).fill(1), ...shape];
  // Each dimension becomes a pair: how often, and what. Where one of them is 1, the other does for both.
  const [before, after] = [[] as number[], [] as number[]];
  own.forEach((size, i) => {
    if (times[i] !== 1 && size !== 1) {
      before.push(1, size);
      after.push(times[i], size);
    } else {
      before.push(size);
      after.push(times[i] * size);
    }
  });
  const result = own.map((size, i) => size * times[i]);
  const copy = clone(expand(reshape(input, before), after));
  return makeView(Op.View, copy, result, rowMajor(result), 0, [], "repeat", REPEAT);
}

/** `repeat`, where fewer numbers than dimensions count for the last ones. @example tile(eye(2), [2]).shape // [2, 4] */
export function tile(input: Tensor, ...dims: (number | readonly number[] | { dims: readonly number[] })[]): Tensor {
  const times = listed(dims, "dims", "tile");
  return repeat(input, [...new Array<number>(Math.max(input.ndim - times.length, 0)).fill(1), ...times]);
}

export interface RepeatInterleaveOptions {
  dim?: number | null;
  /** The size of the result, if it is known; checked. */
  outputSize?: number;
}

/**
 * Each slice along a dimension repeated, so often as a number says, or the numbers of a tensor one by one. Without `dim`,
 * the flattened elements. With one tensor alone: position i so often as element i says.
 * @throws {ShapeError} not one number for each slice, or a negative one
 * @example repeatInterleave(tensor([1, 2]), 2).tolist() // [1, 1, 2, 2]
 */
export function repeatInterleave(
  input: Tensor,
  repeats?: number | Tensor | RepeatInterleaveOptions | null,
  dim?: number | null | RepeatInterleaveOptions,
  options?: RepeatInterleaveOptions,
): Tensor {
  const all = named<RepeatInterleaveOptions & { repeats: number | Tensor }>(
    "repeatInterleave",
    [repeats, dim, options],
    ["repeats", "dim"],
  );
  if (all.repeats === undefined) return repeatedPositions(input, all.outputSize);
  if (all.dim === undefined || all.dim === null) {
    return repeatAlong(reshape(input, [input.numel()]), all.repeats, 0, all.outputSize);
  }
  return repeatAlong(input, all.repeats, normalDim(all.dim, input.ndim), all.outputSize);
}

function repeatAlong(input: Tensor, repeats: number | Tensor, dim: number, outputSize: number | undefined): Tensor {
  const { shape } = input;
  const size = shape[dim] ?? 1;
  if (repeats instanceof TensorBase && (repeats as Tensor).numel() !== 1) {
    const counts = repeats as Tensor;
    if (counts.ndim === 1 && counts.shape[0] !== size) {
      throw new ShapeError(`repeats must have the same size as input along dim: got ${counts.shape[0]} and ${size}`);
    }
    return indexSelect(input, dim, repeatedPositions(counts, outputSize));
  }
  const times =
    repeats instanceof TensorBase ? Number(repeats.item()) : integer(repeats, "repeatInterleave", "repeats");
  if (times < 0) throw new TensorError("Repeats must be non-negative");
  checkOutputSize(outputSize, times * size);
  const wide = [...shape.slice(0, dim + 1), times, ...shape.slice(dim + 1)];
  const result = shape.length === 0 ? [times] : shape.map((s, i) => (i === dim ? s * times : s));
  const spread = expand(unsqueeze(input, Math.min(dim + 1, shape.length)), shape.length === 0 ? [times] : wide);
  return renamed(reshape(spread, result), "IndexSelectBackward0");
}

function checkOutputSize(outputSize: number | undefined, size: number): void {
  if (outputSize === undefined || outputSize === size) return;
  throw new ShapeError(
    `allocated size does not match required size: outputSize is ${outputSize}, the repeats add up to ${size}`,
  );
}

function repeatedPositions(repeats: Tensor, outputSize: number | undefined): Tensor {
  if (repeats.ndim > 1) throw new ShapeError("repeats must be 0-dim or 1-dim tensor");
  if (repeats.dtype !== "int32")
    throw new DTypeError(`repeats has to be Long or Int tensor, got ${repeats.scalarName()}`);
  const counts = repeats.data() as Int32Array;
  const total = counts.reduce((a, b) => a + b, 0);
  if (counts.some((count) => count < 0)) throw new TensorError("repeats can not be negative");
  checkOutputSize(outputSize, total);
  const positions = new Int32Array(total);
  let at = 0;
  counts.forEach((count, i) => {
    positions.fill(i, at, at + count);
    at += count;
  });
  return tensor(positions);
}

defineRule(Op.Flip, (g, n) => [
  flip(
    g,
    Array.from({ length: n.list(0) }, (_, i) => n.list(1 + i)),
  ),
]);
