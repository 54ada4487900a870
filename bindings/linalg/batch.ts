/** Batches of matrices: what a function accepts, and how an algorithm on doubles is run on each matrix. */

import type { DType } from "../core/dtype.ts";
import { DTypeError, ShapeError } from "../core/errors.ts";
import { tensor } from "../ops/creation.ts";
import { broadcastShapes, product, sameShape } from "../ops/geometry.ts";
import type { Tensor } from "../tensor.ts";

/** The last two dimensions exchanged. */
export function mT(x: Tensor): Tensor {
  return x.transpose(-2, -1);
}

/** Sizes of the dimensions before those of one matrix (or vector, with `rank` 1). */
export function batchOf(x: Tensor, rank = 2): number[] {
  const { shape } = x;
  return shape.slice(0, Math.max(shape.length - rank, 0));
}

/** @throws {ShapeError} a vector or a scalar */
export function checkMatrix(x: Tensor, caller: string, argument = "A"): void {
  if (x.ndim < 2) throw new ShapeError(`${caller}: The input tensor ${argument} must have at least 2 dimensions.`);
}

/** @throws {DTypeError} integers and booleans */
export function checkFloat(x: Tensor, caller: string): void {
  if (x.dtype === "float32") return;
  throw new DTypeError(`${caller}: Expected a floating point or complex tensor as input. Got ${x.scalarName()}`);
}

/** @throws {ShapeError} matrices that are not square */
export function checkSquare(x: Tensor, caller: string): void {
  checkMatrix(x, caller);
  const [m, n] = x.shape.slice(-2);
  if (m !== n)
    throw new ShapeError(`${caller}: A must be batches of square matrices, but they are ${m} by ${n} matrices`);
}

/** Square matrices of floats, as most functions of linear algebra want them. */
export function checkSystem(x: Tensor, caller: string): void {
  checkSquare(x, caller);
  checkFloat(x, caller);
}

/** The tensor for each element of a batch, whose dimensions stand before the last `rank`. */
export function expandBatch(x: Tensor, batch: readonly number[], rank = 2): Tensor {
  return sameShape(batchOf(x, rank), batch) ? x : x.expand([...batch, ...x.shape.slice(x.ndim - rank)]);
}

/** Two batches broadcast against each other. */
export function broadcastBatch(a: Tensor, b: Tensor): [Tensor, Tensor] {
  const batch = broadcastShapes(batchOf(a), batchOf(b));
  return [expandBatch(a, batch), expandBatch(b, batch)];
}

/** How messages name one matrix among several. */
export function batchElement(batch: readonly number[], i: number): string {
  return batch.length === 0 ? "" : `(Batch element ${i}): `;
}

type Output = readonly [shape: readonly number[], dtype?: DType];

/**
 * Runs an algorithm on every element of a batch. `body` gets the elements of one matrix of each input, as doubles in row-major
 * order that it may overwrite, and fills one of each output, zero before.
 */
export function forEachMatrix(
  batch: readonly number[],
  inputs: readonly Tensor[],
  outputs: readonly Output[],
  body: (inputs: Float64Array[], outputs: Float64Array[], i: number) => void,
): Tensor[] {
  const count = product(batch);
  const sources = inputs.map((t) => Float64Array.from(t.data()));
  const targets = outputs.map(([shape]) => new Float64Array(count * product(shape)));
  const part = (all: Float64Array, i: number): Float64Array =>
    all.subarray((i * all.length) / count, ((i + 1) * all.length) / count);
  for (let i = 0; i < count; i++) {
    body(
      sources.map((all) => part(all, i)),
      targets.map((all) => part(all, i)),
      i,
    );
  }
  return outputs.map(([shape, dtype = "float32"], k) => tensor(targets[k], { shape: [...batch, ...shape], dtype }));
}
