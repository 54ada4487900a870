/** What Python writes x[...]. */
import { TensorBase } from "../core/base.ts";
import { IndexError } from "../core/errors.ts";
import type { Tensor } from "../tensor.ts";
import { type Advanced, advancedAssign, advancedIndex } from "./advanced.ts";
import type { Operand } from "./binary.ts";
import { tensor } from "./creation.ts";
import { copy_ } from "./inplace.ts";
import { select, slice } from "./slice.ts";
import { alias, unsqueeze } from "./view.ts";

/**
 * One index: a position, "start:end:step", "...", null for a new dimension, a tensor or (nested) array of positions, or a
 * mask.
 */
export type Index = number | string | null | Tensor | boolean | readonly unknown[];

const SLICE = /^\s*(-?\d+)?\s*:\s*(-?\d+)?\s*(?::\s*(-?\d+)?\s*)?$/;

function parseSlice(text: string): [number | null, number | null, number] {
  const match = SLICE.exec(text);
  if (!match)
    throw new IndexError(`index: cannot read "${text}"; expected "start:end", "start:end:step", ":" or "..."`);
  const part = (digits: string | undefined): number | null => (digits === undefined ? null : Number(digits));
  const step = part(match[3]) ?? 1;
  if (step === 0) throw new IndexError("index: slice step cannot be zero");
  if (step < 0) throw new IndexError("index: step must be greater than zero; use flip to reverse the order");
  return [part(match[1]), part(match[2]), step];
}

/** An index without shorthands. */
type Plain = number | string | null | Tensor;

/** Arrays and booleans as tensors, tensors without dimensions as positions. */
function plain(index: Index): Plain {
  if (index === null || typeof index === "string") return index;
  if (typeof index === "number") {
    if (!Number.isInteger(index)) throw invalid(`got ${index}`);
    return index;
  }
  const t = index instanceof TensorBase ? (index as Tensor) : fromArray(index);
  if (t.dtype === "float32") throw new IndexError("tensors used as indices must be long, byte or bool tensors");
  return t.ndim === 0 && t.dtype === "int32" ? Number(t.item()) : t;
}

function invalid(got: string): IndexError {
  return new IndexError(
    `only integers, slices (":"), ellipsis ("..."), null and int32 or bool tensors are valid indices (${got})`,
  );
}

function fromArray(index: unknown): Tensor {
  if (typeof index !== "boolean" && !Array.isArray(index)) throw invalid(`got ${typeof index}`);
  if (Array.isArray(index) && index.flat(Infinity).some((v) => typeof v === "number" && !Number.isInteger(v))) {
    throw invalid("got an array with numbers that are no integers");
  }
  const t = tensor(index as boolean);
  return t.dtype === "bool" ? t : tensor(index as boolean, { dtype: "int32" });
}

/** How many dimensions an index takes up. */
function width(index: Plain): number {
  if (index === null || index === "...") return 0;
  return index instanceof TensorBase && index.dtype === "bool" ? index.ndim : 1;
}

function inRange(index: number, size: number, dim: number): number {
  if (index >= -size && index < size) return index;
  throw new IndexError(`index ${index} is out of bounds for dimension ${dim} with size ${size}`);
}

/** Positions, slices, "..." and null, one after the other, as views. What is left for tensors is in `advanced`. */
function basic(input: Tensor, indices: readonly Index[]): { view: Tensor; advanced: Advanced[] } {
  const list = indices.map(plain);
  const { ndim } = input;
  const used = list.reduce<number>((sum, index) => sum + width(index), 0);
  if (ndim === 0 && list.some((index) => typeof index === "number")) {
    throw new IndexError("invalid index of a 0-dim tensor. Use `tensor.item()` to convert a 0-dim tensor to a number");
  }
  if (used > ndim) throw new IndexError(`too many indices for tensor of dimension ${ndim}`);
  let view = input;
  // Where we are: in the view, and in the input.
  let dim = 0;
  let own = 0;
  let ellipses = 0;
  const advanced: Advanced[] = [];
  for (const index of list) {
    if (index === null) {
      view = unsqueeze(view, dim++);
    } else if (index === "...") {
      // A second one stands for nothing, as in PyTorch.
      const skipped = ellipses++ === 0 ? ndim - used : 0;
      dim += skipped;
      own += skipped;
    } else if (typeof index === "number") {
      view = select(view, dim, inRange(index, input.size(own), own));
      own++;
    } else if (typeof index === "string") {
      const [start, end, step] = parseSlice(index);
      view = slice(view, dim++, start, end, step);
      own++;
    } else {
      if (width(index) === 0) view = unsqueeze(view, dim);
      advanced.push({ dim, index });
      dim += Math.max(width(index), 1);
      own += width(index);
    }
  }
  return { view, advanced };
}

/**
 * What Python writes x[...]: positions, "1:5:2", "...", null, tensors or arrays of positions, and masks. Without tensors,
 * arrays and masks the result is a view.
 * @throws {IndexError} a position out of range, or more indices than dimensions
 * @example arange(6).view(2, 3).index(1, "0:2").tolist() // [3, 4]
 */
export function index(input: Tensor, ...indices: Index[]): Tensor {
  const { view, advanced } = basic(input, indices);
  if (advanced.length > 0) return advancedIndex(view, advanced);
  return view === input ? alias(input) : view;
}

/**
 * What Python writes x[...] = value. The value is broadcast and cast; gradients pass to it.
 * @throws {IndexError} a position out of range, or more indices than dimensions
 * @example zeros(3).setIndex([1], 5).tolist() // [0, 5, 0]
 */
export function setIndex(input: Tensor, indices: readonly Index[], value: Operand): Tensor {
  const { view, advanced } = basic(input, indices);
  if (advanced.length === 0) copy_(view, value);
  else advancedAssign(view, advanced, value);
  return input;
}
