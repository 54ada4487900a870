/**
 * Indexing with tensors of positions and with masks: NumPy's advanced indexing, as PyTorch has it. All such indices of one
 * expression become one list of positions in one (flattened) dimension.
 */
import { named } from "../core/args.ts";
import { TensorBase } from "../core/base.ts";
import { DTypeError, IndexError, ShapeError } from "../core/errors.ts";
import { nameCode } from "../core/names.ts";
import type { Tensor } from "../tensor.ts";
import type { Operand } from "./binary.ts";
import { arange, tensor } from "./creation.ts";
import { expand } from "./expand.ts";
import { broadcastShapes, product, sameShape, shapeText, viewStrides } from "./geometry.ts";
import { writeSlices, writeSlices_ } from "./index-write.ts";
import { selectAt } from "./indexing.ts";
import { copy_ } from "./inplace.ts";
import { nonzeroPositions, wrapped } from "./positions.ts";
import { cast } from "./promote.ts";
import { reshape, reshaped } from "./view.ts";

/** An index tensor and the (first) dimension that it counts along. */
export interface Advanced {
  dim: number;
  index: Tensor;
}

const NAMES = {
  index: /* @__PURE__ */ nameCode("IndexBackward0"),
  put: /* @__PURE__ */ nameCode("IndexPutBackward0"),
};

/** Positions along some neighbouring dimensions taken as one. */
interface Entry {
  dim: number;
  count: number;
  size: number;
  positions: Tensor;
}

/** Masks become the positions at which they hold. */
function entryOf(shape: readonly number[], { dim, index }: Advanced): Entry {
  if (index.dtype !== "bool") {
    return { dim, count: 1, size: shape[dim], positions: wrapped(index, shape[dim], dim) };
  }
  index.shape.forEach((size, i) => {
    if (size === shape[dim + i]) return;
    throw new IndexError(
      `The shape of the mask ${shapeText(index.shape)} at index ${i} does not match the shape of the indexed tensor ` +
        `${shapeText(shape)} at index ${dim + i}`,
    );
  });
  const count = Math.max(index.ndim, 1);
  const size = product(shape.slice(dim, dim + count));
  return { dim, count, size, positions: tensor(nonzeroPositions(index)) };
}

/** Where the elements are in the input seen as [before..., size, after...]. */
interface Plan {
  /** That shape, and which of its dimensions the positions count along. */
  flat: number[];
  at: number;
  positions: Tensor;
  /** Shape of the result: in place of the indexed dimensions those of the index. */
  shape: number[];
}

function plan(shape: readonly number[], advanced: readonly Advanced[]): Plan {
  const entries = advanced.map((a) => entryOf(shape, a));
  const indexShape = commonShape(entries);
  const [first] = entries;
  const last = entries[entries.length - 1];
  const end = last.dim + last.count;
  const isOneRun = entries.every((e, i) => i === 0 || e.dim === entries[i - 1].dim + entries[i - 1].count);
  if (isOneRun) {
    const [before, after] = [shape.slice(0, first.dim), shape.slice(end)];
    const size = product(shape.slice(first.dim, end));
    return {
      flat: [...before, size, ...after],
      at: first.dim,
      positions: combine(entries),
      shape: [...before, ...indexShape, ...after],
    };
  }
  // The index dimensions come first, and every element has a position of its own in the flattened input.
  const others = shape.map((_, i) => i).filter((d) => !entries.some((e) => d >= e.dim && d < e.dim + e.count));
  const rest = others.map((d) => shape[d]);
  const all = entries.map((e) => ({
    ...e,
    positions: reshape(e.positions, [...e.positions.shape, ...rest.map(() => 1)]),
  }));
  others.forEach((dim, i) => {
    const sizes = rest.map((size, j) => (j === i ? size : 1));
    all.push({ dim, count: 1, size: shape[dim], positions: reshape(arange(shape[dim]), sizes) });
  });
  all.sort((a, b) => a.dim - b.dim);
  return { flat: [product(shape)], at: 0, positions: combine(all), shape: [...indexShape, ...rest] };
}

function commonShape(entries: readonly Entry[]): number[] {
  try {
    return broadcastShapes(...entries.map((e) => e.positions.shape));
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new IndexError(
      "shape mismatch: indexing tensors could not be broadcast together with shapes " +
        entries.map((e) => shapeText(e.positions.shape)).join(", "),
    );
  }
}

/** One position from one along each dimension, in row-major order. */
function combine(entries: readonly Entry[]): Tensor {
  return entries.slice(1).reduce((all, { size, positions }) => all.mul(size).add(positions), entries[0].positions);
}

/** Elements at positions. */
export function advancedIndex(view: Tensor, advanced: readonly Advanced[]): Tensor {
  const { flat, at, positions, shape } = plan(view.shape, advanced);
  const from = sameShape(view.shape, flat) ? view : reshape(view, flat);
  const found = selectAt(from, at, reshape(positions, [positions.numel()]), NAMES.index);
  return sameShape(found.shape, shape) ? found : reshaped(found, shape, NAMES.index, NAMES.index);
}

/** The value as the rows that are written: one along dimension `at` for each position. */
function rowsOf(value: Tensor, { flat, at, positions, shape }: Plan): Tensor {
  const rows = flat.map((size, i) => (i === at ? positions.numel() : size));
  const leading = value.shape.slice(0, Math.max(value.ndim - shape.length, 0));
  // Sizes of 1 in front of all others may stand there too many.
  const fitted =
    leading.length > 0 && leading.every((size) => size === 1)
      ? reshape(value, value.shape.slice(leading.length))
      : value;
  try {
    return reshape(expand(fitted, shape), rows);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new ShapeError(
      `shape mismatch: value tensor of shape ${shapeText(value.shape)} cannot be broadcast to indexing result of shape ${shapeText(shape)}`,
    );
  }
}

/** A copy of `input` with the values at the positions. */
function written(input: Tensor, p: Plan, rows: Tensor, adds: boolean): Tensor {
  const positions = reshape(p.positions, [p.positions.numel()]);
  const isSame = sameShape(input.shape, p.flat);
  const changed = writeSlices(isSame ? input : reshape(input, p.flat), p.at, positions, rows, adds, NAMES.put);
  return isSame ? changed : reshaped(changed, input.shape, NAMES.put, NAMES.put);
}

/** Writes at positions, into the tensor itself. Of repeated positions the last one counts, unless values are added. */
function write(view: Tensor, advanced: readonly Advanced[], value: Tensor, adds: boolean): void {
  const p = plan(view.shape, advanced);
  const rows = rowsOf(value, p);
  if (!viewStrides(view.shape, view.stride(), p.flat)) {
    copy_(view, written(view, p, rows, adds));
    return;
  }
  const target = sameShape(view.shape, p.flat) ? view : reshape(view, p.flat);
  writeSlices_(target, p.at, reshape(p.positions, [p.positions.numel()]), rows, adds, NAMES.put);
}

/** Assigns to positions; the value is cast. */
export function advancedAssign(view: Tensor, advanced: readonly Advanced[], value: Operand): void {
  write(view, advanced, value instanceof TensorBase ? cast(value, view.dtype) : view.newTensor(Number(value)), false);
}

interface IndexPutOptions {
  /** Add to the elements that are there. */
  accumulate?: boolean;
}

function putArguments(
  input: Tensor,
  indices: readonly (Tensor | null)[],
  values: Tensor,
  accumulate: boolean | IndexPutOptions | undefined,
): { advanced: Advanced[]; adds: boolean } {
  const adds = named<IndexPutOptions>("indexPut", [accumulate], ["accumulate"]).accumulate ?? false;
  const advanced: Advanced[] = [];
  let dim = 0;
  for (const index of indices) {
    if (index !== null) {
      if (index.dtype === "float32") throw new IndexError("tensors used as indices must be long, byte or bool tensors");
      advanced.push({ dim, index });
    }
    dim += index !== null && index.dtype === "bool" ? Math.max(index.ndim, 1) : 1;
  }
  if (dim > input.ndim) throw new IndexError(`too many indices for tensor of dimension ${input.ndim} (got ${dim})`);
  if (advanced.length === 0) throw new IndexError("indexPut: expected at least one index tensor");
  if (values.dtype !== input.dtype) {
    throw new DTypeError(
      `Index put requires the source and destination dtypes match, got ${input.scalarName()} for the destination and ` +
        `${values.scalarName()} for the source.`,
    );
  }
  return { advanced, adds };
}

/**
 * A copy of `input` with `values` at the positions that the index tensors give, one for each dimension from the first on;
 * null stands for a whole dimension, and masks are allowed.
 * @throws {IndexError} a position out of range
 * @example indexPut(zeros(2, 2), [tensor([0, 1], { dtype: "int32" })], tensor([1, 2])).tolist() // [[1, 2], [1, 2]]
 */
export function indexPut(
  input: Tensor,
  indices: readonly (Tensor | null)[],
  values: Tensor,
  accumulate?: boolean | IndexPutOptions,
): Tensor {
  const { advanced, adds } = putArguments(input, indices, values, accumulate);
  const p = plan(input.shape, advanced);
  return written(input, p, rowsOf(values, p), adds);
}

/** `indexPut` into the tensor itself. */
export function indexPut_(
  input: Tensor,
  indices: readonly (Tensor | null)[],
  values: Tensor,
  accumulate?: boolean | IndexPutOptions,
): Tensor {
  const { advanced, adds } = putArguments(input, indices, values, accumulate);
  write(input, advanced, values, adds);
  return input;
}
