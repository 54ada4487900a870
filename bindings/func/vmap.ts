/** A function of one example applied to a batch. */
import { ShapeError } from "../core/errors.ts";
import { inForm, leavesOf, mapTensors } from "../core/tree.ts";
import { stack } from "../ops/cat.ts";
import type { Tensor } from "../tensor.ts";

// biome-ignore lint/suspicious/noExplicitAny: users' functions take and return what they like
type Any = any;
type Fn = (...args: Any[]) => Any;

type Dims = number | null | readonly (number | null)[];

export interface VmapOptions {
  /** Along which dimension each argument holds the examples; null for one that is the same for all. Default: 0. */
  inDims?: Dims;
  /** Along which dimension the outputs are stacked. Default: 0. */
  outDims?: number;
}

/**
 * The function that applies `fn` to each example of a batch and stacks what it returns. Arguments and results may be tensors,
 * or arrays and plain objects of them; numbers and the like are the same for all. It calls `fn` once for each example: for
 * convenience and for composing with the other transformations, not for speed.
 * @throws {ShapeError} when called: no batch, or batches of different sizes
 * @see PyTorch torch.func.vmap, which vectorises instead
 * @example func.vmap(func.grad((x) => x.pow(2)))(tensor([1, 2, 3])) // tensor([2., 4., 6.])
 */
export function vmap(fn: Fn, { inDims = 0, outDims = 0 }: VmapOptions = {}): (...args: Any[]) => Any {
  return (...args) => {
    const dims = args.map((_, i) => (Array.isArray(inDims) ? (inDims[i] ?? null) : (inDims as number | null)));
    const sizes = args.flatMap((arg, i) => {
      const dim = dims[i];
      return dim === null ? [] : leavesOf(arg).map((t) => t.size(dim));
    });
    const [count] = sizes;
    if (count === undefined) throw new ShapeError("vmap: got no tensor to map over: inDims is null for all of them");
    if (sizes.some((size) => size !== count)) {
      throw new ShapeError(
        `vmap: Expected all tensors to have the same size in the mapped dimension, got sizes [${sizes.join(", ")}] for the mapped dimension`,
      );
    }
    if (count === 0)
      throw new ShapeError("vmap: got a batch of size 0, from which the form of the result cannot be told");
    const results = Array.from({ length: count }, (_, n): unknown =>
      fn(...args.map((arg, i) => exampleOf(arg, dims[i], n))),
    );
    const columns = results.map((result) => leavesOf(result));
    return inForm(
      results[0],
      columns[0].map((_, k) =>
        stack(
          columns.map((row): Tensor => row[k]),
          outDims,
        ),
      ),
    );
  };
}

function exampleOf(arg: unknown, dim: number | null, n: number): unknown {
  return dim === null ? arg : mapTensors(arg, (t) => t.select(dim, n));
}
