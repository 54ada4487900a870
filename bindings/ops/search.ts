/** Positions in sorted numbers. */
import { TensorBase } from "../core/base.ts";
import { DTypeError, ShapeError, TensorError } from "../core/errors.ts";
import type { Tensor } from "../tensor.ts";
import { tensor } from "./creation.ts";
import { shapeText } from "./geometry.ts";
import { gather } from "./indexing.ts";

export interface BucketizeOptions {
  /** Behind equal elements instead of before them. */
  right?: boolean;
  /** Positions are int32 in any case. */
  outInt32?: boolean;
}

export interface SearchsortedOptions extends BucketizeOptions {
  /** The same as `right`, as NumPy has it. */
  side?: "left" | "right" | null;
  /** Positions that sort the sequence, if it is not sorted. */
  sorter?: Tensor | null;
}

/** How many elements of a sorted run lie before `value`; a NaN lies behind all. */
function countBefore(sorted: ArrayLike<number>, start: number, end: number, value: number, isRight: boolean): number {
  let [low, high] = [start, end];
  while (low < high) {
    const middle = (low + high) >> 1;
    const isBehind = isRight ? sorted[middle] > value : sorted[middle] >= value;
    if (isBehind) high = middle;
    else low = middle + 1;
  }
  return low - start;
}

function isRightOf({ side, right }: SearchsortedOptions): boolean {
  if (side !== undefined && side !== null && side !== "left" && side !== "right") {
    throw new TensorError(`torch.searchsorted(): side can only be 'left' or 'right' but got ${String(side)}`);
  }
  if (side === "left" && right) {
    throw new TensorError(
      "torch.searchsorted(): side and right can't be set to opposites, got side of left while right was True",
    );
  }
  return side === "right" || (right ?? false);
}

/**
 * For each value the position in a sorted sequence before which it fits in; a sequence of more dimensions holds one for
 * each row of values.
 * @throws {ShapeError} rows that do not match
 * @example searchsorted(tensor([1, 3, 5]), tensor([3, 6])).tolist() // [1, 3]
 */
export function searchsorted(
  sortedSequence: Tensor,
  values: Tensor | number,
  options: SearchsortedOptions = {},
): Tensor {
  const isRight = isRightOf(options);
  const ordered = options.sorter ? sortedBy(sortedSequence, options.sorter) : sortedSequence;
  const isNumber = !(values instanceof TensorBase);
  const own = ordered.shape;
  const shape = isNumber ? [] : (values as Tensor).shape;
  if (shape.length === 0 && own.length !== 1) {
    throw new ShapeError(
      "torch.searchsorted(): input value can be a scalar only when boundaries tensor dimension is 1, but we got boundaries " +
        `tensor dim(${own.length})`,
    );
  }
  const isMatching = own.length === shape.length && own.slice(0, -1).every((size, i) => size === shape[i]);
  if (own.length !== 1 && !isMatching) {
    throw new ShapeError(
      "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and input " +
        `value tensor must match, but we got boundaries tensor ${shapeText(own)} and input value tensor ${shapeText(shape)}`,
    );
  }
  const length = own[own.length - 1];
  const rowLength = shape[shape.length - 1] ?? 1;
  const sorted = ordered.data();
  const wanted = isNumber ? [Number(values)] : (values as Tensor).data();
  const found = Int32Array.from(wanted, (value, i) => {
    const start = own.length === 1 ? 0 : Math.floor(i / rowLength) * length;
    return countBefore(sorted, start, start + length, value, isRight);
  });
  return tensor(found, { shape });
}

function sortedBy(sequence: Tensor, sorter: Tensor): Tensor {
  if (sorter.dtype !== "int32")
    throw new DTypeError(`torch.searchsorted(): sorter must be a tensor of integers but got dtype ${sorter.dtype}`);
  const [own, given] = [sequence.shape, sorter.shape];
  if (shapeText(own) !== shapeText(given)) {
    throw new ShapeError(
      `torch.searchsorted(): boundary and sorter must have the same size, but got boundary tensor ${shapeText(own)} and got ` +
        `sorter tensor ${shapeText(given)}`,
    );
  }
  return gather(sequence.detach(), -1, sorter);
}

/**
 * For each element the number of the bucket between sorted boundaries that it falls into.
 * @throws {ShapeError} boundaries that are not a vector
 * @example bucketize(tensor([0, 1, 2]), tensor([1])).tolist() // [0, 0, 1]
 */
export function bucketize(input: Tensor | number, boundaries: Tensor, options: BucketizeOptions = {}): Tensor {
  if (boundaries.ndim !== 1)
    throw new ShapeError(`boundaries tensor must be 1 dimension, but got dim(${boundaries.ndim})`);
  return searchsorted(boundaries, input, { right: options.right });
}
