/** Tensors cut into parts along a dimension. The parts are views. */
import { TensorFlag } from "../../assembly/abi/layout.ts";
import { recordExternal } from "../autograd/external.ts";
import { isGradEnabled, withMode } from "../autograd/mode.ts";
import { named, normalDim } from "../core/args.ts";
import { TensorBase } from "../core/base.ts";
import { whilePinned } from "../core/dispatch.ts";
import { ShapeError } from "../core/errors.ts";
import type { Tensor } from "../tensor.ts";
import { cat } from "./cat.ts";
import { zeros } from "./creation.ts";
import { integer, shapeText } from "./geometry.ts";
import { embedPart, type Part, partView } from "./slice.ts";
import { unsqueeze } from "./view.ts";

export interface DimOption {
  dim?: number;
}

type DimArgument = number | DimOption;

/** Which dimension; 0 by default. */
function dimOf(input: Tensor, dim: DimArgument | undefined, caller: string): number {
  const { ndim } = input;
  if (ndim === 0) throw new ShapeError(`${caller} expects at least a 1-dimensional tensor`);
  return normalDim(named<DimOption>(caller, [dim], ["dim"]).dim ?? 0, ndim);
}

/** A node keeps its outputs in a list of limited length. */
const MOST_OUTPUTS = 2048;

/**
 * Views that one function returns together come from one node, and may not be written in place. Where there are too many,
 * each has a node of its own.
 */
function together(input: Tensor, parts: readonly Part[], caller: string, name: string): Tensor[] {
  const view = (part: Part): Tensor => partView(input, part, caller);
  if (!isGradEnabled()) return parts.map(view);
  const isOneNode = input.requiresGrad && parts.length > 0 && parts.length <= MOST_OUTPUTS;
  return whilePinned(() => {
    const views = isOneNode ? withMode(false, () => parts.map(view), caller) : parts.map(view);
    for (const t of views) {
      if (isOneNode) t.setFlag(TensorFlag.NoGradView, input.flag(TensorFlag.NoGradView));
      t.setFlag(TensorFlag.MultiView, true);
    }
    if (isOneNode) {
      const { shape } = input;
      const backward = (gradients: (Tensor | null)[]): Tensor[] => [joined(gradients, parts, shape)];
      recordExternal(name, [input], views, false, { backward });
    }
    return views;
  });
}

/** The gradient of what was cut: that of a single part lies in zeros, several are joined. */
function joined(gradients: readonly (Tensor | null)[], parts: readonly Part[], shape: readonly number[]): Tensor {
  const arrived = gradients.flatMap((g, i) => (g ? [i] : []));
  if (arrived.length === 1) return embedPart(shape, gradients[arrived[0]] as Tensor, parts[arrived[0]]);
  const [{ dim, removed }] = parts;
  const all = gradients.map((g, i) => g ?? zeros(shape.map((size, d) => (d === dim ? parts[i].length : size))));
  return cat(
    all.map((g, i) => (removed && gradients[i] ? unsqueeze(g, dim) : g)),
    dim,
  );
}

/** Parts of the given lengths, one after the other. */
function partsOf(input: Tensor, dim: number, lengths: readonly number[], caller: string, name: string): Tensor[] {
  let start = 0;
  const parts = lengths.map((length) => {
    start += length;
    return { dim, start: start - length, length, step: 1, removed: false };
  });
  return together(input, parts, caller, name);
}

/** How a size is cut into parts of `length`, the last one smaller. */
function lengthsOf(size: number, length: number): number[] {
  const count = Math.max(Math.ceil(size / length), 1);
  return Array.from({ length: count }, (_, i) => Math.min(length, size - i * length));
}

/**
 * Parts of a size, the last one smaller if need be, or of the sizes given.
 * @throws {ShapeError} sizes that do not add up to the dimension's
 * @example split(arange(5), 2).map((t) => t.tolist()) // [[0, 1], [2, 3], [4]]
 */
export function split(input: Tensor, splitSize: number | readonly number[], dim?: DimArgument): Tensor[] {
  if (Array.isArray(splitSize)) return splitWithSizes(input, splitSize, dim);
  const size = integer(splitSize, "split", "splitSize");
  const d = dimOf(input, dim, "split");
  const whole = input.shape[d];
  if (size < 0) throw new ShapeError(`split expects split_size be non-negative, but got split_size=${size}`);
  if (size === 0) {
    if (whole === 0) return partsOf(input, d, [0], "split", "SplitBackward0");
    throw new ShapeError(`split_size can only be 0 if dimension size is 0, but got dimension size of ${whole}`);
  }
  return partsOf(input, d, lengthsOf(whole, size), "split", "SplitBackward0");
}

/**
 * Parts of the sizes given.
 * @throws {ShapeError} sizes that do not add up to the dimension's
 * @example splitWithSizes(arange(3), [1, 2]).map((part) => part.tolist()) // [[0], [1, 2]]
 */
export function splitWithSizes(input: Tensor, splitSizes: readonly number[], dim?: DimArgument): Tensor[] {
  const d = dimOf(input, dim, "splitWithSizes");
  const whole = input.shape[d];
  for (const size of splitSizes) {
    if (integer(size, "splitWithSizes", "splitSizes") < 0) {
      throw new ShapeError(
        `split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes=${shapeText(splitSizes)}`,
      );
    }
  }
  if (splitSizes.reduce((a, b) => a + b, 0) !== whole) {
    throw new ShapeError(
      `split_with_sizes expects split_sizes to sum exactly to ${whole} (input tensor's size at dimension ${d}), but got ` +
        `split_sizes=${shapeText(splitSizes)}`,
    );
  }
  return partsOf(input, d, splitSizes, "splitWithSizes", "SplitWithSizesBackward0");
}

/**
 * At most `chunks` parts of equal size, the last one smaller.
 * @throws {ShapeError} no chunks
 * @example chunk(arange(5), 3).map((t) => t.tolist()) // [[0, 1], [2, 3], [4]]
 */
export function chunk(input: Tensor, chunks: number, dim?: DimArgument): Tensor[] {
  const d = dimOf(input, dim, "chunk");
  if (integer(chunks, "chunk", "chunks") <= 0) {
    throw new ShapeError(`chunk expects \`chunks\` to be greater than 0, got: ${chunks}`);
  }
  const whole = input.shape[d];
  const lengths = whole === 0 ? new Array<number>(chunks).fill(0) : lengthsOf(whole, Math.ceil(whole / chunks));
  return partsOf(input, d, lengths, "chunk", "SplitBackward0");
}

/**
 * The slices along a dimension, which goes away.
 * @throws {ShapeError} a tensor without dimensions
 * @example unbind(eye(2)).map((t) => t.tolist()) // [[1, 0], [0, 1]]
 */
export function unbind(input: Tensor, dim?: DimArgument): Tensor[] {
  if (input.ndim === 0) throw new ShapeError("Dimension specified as 0 but tensor has no dimensions");
  const d = dimOf(input, dim, "unbind");
  const parts = Array.from({ length: input.shape[d] }, (_, start) => ({
    dim: d,
    start,
    length: 1,
    step: 1,
    removed: true,
  }));
  return together(input, parts, "unbind", "UnbindBackward0");
}

/**
 * So many parts whose sizes differ by at most 1, or the parts between positions.
 * @throws {ShapeError} no sections
 * @example tensorSplit(arange(5), [1, 3]).map((t) => t.tolist()) // [[0], [1, 2], [3, 4]]
 */
export function tensorSplit(
  input: Tensor,
  indicesOrSections: number | readonly number[] | Tensor,
  dim?: DimArgument,
): Tensor[] {
  const d = dimOf(input, dim, "tensorSplit");
  return splitAt(input, listOrNumber(indicesOrSections), d);
}

function listOrNumber(given: number | readonly number[] | Tensor): number | readonly number[] {
  if (!(given instanceof TensorBase)) return given as number | readonly number[];
  if (given.dtype !== "int32" || given.ndim > 1) {
    throw new ShapeError(
      "tensor_split expected tensor_indices_or_sections to be a zero-dimensional or one-dimensional tensor of integers, but " +
        `got a tensor with ${given.ndim} dims and dtype ${given.dtype}`,
    );
  }
  return given.tolist() as number | number[];
}

function splitAt(input: Tensor, given: number | readonly number[], dim: number): Tensor[] {
  const whole = input.shape[dim];
  if (typeof given === "number") {
    const sections = integer(given, "tensorSplit", "sections");
    if (sections <= 0) throw new ShapeError(`number of sections must be larger than 0, got ${sections}`);
    const [size, larger] = [Math.floor(whole / sections), whole % sections];
    const ends = Array.from({ length: sections }, (_, i) => (i + 1) * size + Math.min(i + 1, larger));
    return between(input, dim, ends);
  }
  for (const index of given) integer(index, "tensorSplit", "indices");
  return between(input, dim, [...given, whole]);
}

/** The parts that end at these positions, as slices have it: negative ones count from the end, all are cut to the range. */
function between(input: Tensor, dim: number, ends: readonly number[]): Tensor[] {
  const whole = input.shape[dim];
  const bound = (end: number): number => Math.min(Math.max(end < 0 ? end + whole : end, 0), whole);
  let start = 0;
  return ends.map((given) => {
    const end = bound(given);
    const part = { dim, start, length: Math.max(end - start, 0), step: 1, removed: false };
    start = end;
    return partView(input, part, "tensorSplit");
  });
}

function splitAlong(
  input: Tensor,
  given: number | readonly number[],
  least: number,
  dim: number,
  name: string,
): Tensor[] {
  const { shape } = input;
  if (shape.length < least) {
    throw new ShapeError(
      `torch.${name} requires a tensor with at least ${least} dimension, but got a tensor with ${shape.length} dimensions!`,
    );
  }
  if (typeof given === "number" && (given <= 0 || shape[dim] % given !== 0)) {
    throw new ShapeError(
      `torch.${name} attempted to split along dimension ${dim}, but the size of the dimension ${shape[dim]} is not divisible ` +
        `by the split_size ${given}!`,
    );
  }
  return splitAt(input, given, dim);
}

/**
 * Parts along the second dimension (the only one of a vector): equal ones, or those between positions.
 * @example hsplit(zeros(2, 4), 2).map((part) => part.shape) // [[2, 2], [2, 2]]
 */
export function hsplit(input: Tensor, indicesOrSections: number | readonly number[]): Tensor[] {
  return splitAlong(input, indicesOrSections, 1, input.ndim === 1 ? 0 : 1, "hsplit");
}

/**
 * Parts along the first dimension of two or more: equal ones, or those between positions.
 * @example vsplit(zeros(4, 2), [1]).map((part) => part.shape) // [[1, 2], [3, 2]]
 */
export function vsplit(input: Tensor, indicesOrSections: number | readonly number[]): Tensor[] {
  return splitAlong(input, indicesOrSections, 2, 0, "vsplit");
}

/**
 * Parts along the third dimension: equal ones, or those between positions.
 * @example dsplit(zeros(1, 1, 4), 2).map((part) => part.shape) // [[1, 1, 2], [1, 1, 2]]
 */
export function dsplit(input: Tensor, indicesOrSections: number | readonly number[]): Tensor[] {
  return splitAlong(input, indicesOrSections, 3, 2, "dsplit");
}
