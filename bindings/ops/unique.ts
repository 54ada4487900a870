/** Each value once. */
import { named, normalDim } from "../core/args.ts";
import { ShapeError } from "../core/errors.ts";
import type { Tensor } from "../tensor.ts";
import { tensor } from "./creation.ts";
import { product, shapeText } from "./geometry.ts";
import { indexSelect } from "./indexing.ts";
import { permute } from "./permute.ts";
import { reshape } from "./view.ts";

export interface UniqueConsecutiveOptions {
  /** Also where each element of the input went. */
  returnInverse?: boolean;
  /** Also how often each value is there. */
  returnCounts?: boolean;
  /** Slices along this dimension are compared, instead of elements. */
  dim?: number | null;
}

export interface UniqueOptions extends UniqueConsecutiveOptions {
  /** The result is sorted in any case. */
  sorted?: boolean;
}

/** Slices along a dimension, each a run of `width` numbers. */
interface Slices {
  data: ArrayLike<number>;
  count: number;
  width: number;
}

function slicesOf(input: Tensor, dim: number | null): Slices {
  if (dim === null) return { data: input.data(), count: input.numel(), width: 1 };
  const { shape } = input;
  const rest = shape.filter((_, i) => i !== dim);
  if (product(rest) === 0) {
    throw new ShapeError(
      `There are 0 sized dimensions, and they aren't selected, so unique cannot be applied: shape ${shapeText(shape)}, dim ${dim}`,
    );
  }
  const order = [dim, ...shape.map((_, i) => i).filter((i) => i !== dim)];
  const front = shape.length === 0 ? input : permute(input.detach(), order);
  return { data: front.data(), count: shape[dim] ?? 1, width: product(rest) };
}

/** Order of slices i and j: by their first numbers that differ. NaN comes last and equals nothing. */
function compare({ data, width }: Slices, i: number, j: number): number {
  for (let k = 0; k < width; k++) {
    const [a, b] = [data[i * width + k], data[j * width + k]];
    if (a < b) return -1;
    if (a > b) return 1;
    if (a !== b) return Number.isNaN(a) === Number.isNaN(b) ? i - j : Number.isNaN(a) ? 1 : -1;
  }
  return 0;
}

/** Takes the first of each run of equal slices, in the order given. */
function runs(
  input: Tensor,
  dim: number | null,
  order: Int32Array,
  slices: Slices,
  options: UniqueConsecutiveOptions,
): Tensor | Tensor[] {
  const first: number[] = [];
  const counts: number[] = [];
  const inverse = new Int32Array(order.length);
  order.forEach((at, i) => {
    if (i === 0 || compare(slices, order[i - 1], at) !== 0) {
      first.push(at);
      counts.push(0);
    }
    counts[counts.length - 1]++;
    inverse[at] = first.length - 1;
  });
  const positions = tensor(Int32Array.from(first));
  const plain = input.detach();
  const values = indexSelect(dim === null ? reshape(plain, [plain.numel()]) : plain, dim ?? 0, positions);
  const results = [values];
  if (options.returnInverse) results.push(tensor(inverse, { shape: dim === null ? input.shape : [inverse.length] }));
  if (options.returnCounts) results.push(tensor(Int32Array.from(counts)));
  return results.length === 1 ? values : results;
}

function dimOf(input: Tensor, dim: number | null | undefined): number | null {
  return dim === undefined || dim === null ? null : normalDim(dim, input.ndim);
}

/**
 * The values of all elements, or the slices along `dim`, each once and sorted; with `returnInverse` and `returnCounts` an
 * array of the values and what was asked for. No gradient passes.
 * @example unique(tensor([3, 1, 3])).tolist() // [1, 3]
 */
export function unique(input: Tensor, sorted?: boolean): Tensor;
export function unique(
  input: Tensor,
  sorted?: boolean | UniqueOptions,
  returnInverse?: boolean | UniqueOptions,
  returnCounts?: boolean | UniqueOptions,
  dim?: number | null | UniqueOptions,
): Tensor | Tensor[];
export function unique(
  input: Tensor,
  sorted?: boolean | UniqueOptions,
  returnInverse?: boolean | UniqueOptions,
  returnCounts?: boolean | UniqueOptions,
  dim?: number | null | UniqueOptions,
): Tensor | Tensor[] {
  const args = [sorted, returnInverse, returnCounts, dim];
  const options = named<UniqueOptions>("unique", args, ["sorted", "returnInverse", "returnCounts", "dim"]);
  const d = dimOf(input, options.dim);
  const slices = slicesOf(input, d);
  const order = Int32Array.from({ length: slices.count }, (_, i) => i).sort((i, j) => compare(slices, i, j));
  return runs(input, d, order, slices, options);
}

/**
 * As `unique`, but only neighbours are compared, and nothing is sorted.
 * @example uniqueConsecutive(tensor([1, 1, 2, 1])).tolist() // [1, 2, 1]
 */
export function uniqueConsecutive(input: Tensor): Tensor;
export function uniqueConsecutive(
  input: Tensor,
  returnInverse?: boolean | UniqueConsecutiveOptions,
  returnCounts?: boolean | UniqueConsecutiveOptions,
  dim?: number | null | UniqueConsecutiveOptions,
): Tensor | Tensor[];
export function uniqueConsecutive(
  input: Tensor,
  returnInverse?: boolean | UniqueConsecutiveOptions,
  returnCounts?: boolean | UniqueConsecutiveOptions,
  dim?: number | null | UniqueConsecutiveOptions,
): Tensor | Tensor[] {
  const args = [returnInverse, returnCounts, dim];
  const options = named<UniqueConsecutiveOptions>("uniqueConsecutive", args, ["returnInverse", "returnCounts", "dim"]);
  const d = dimOf(input, options.dim);
  const slices = slicesOf(input, d);
  return runs(
    input,
    d,
    Int32Array.from({ length: slices.count }, (_, i) => i),
    slices,
    options,
  );
}
