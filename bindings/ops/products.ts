/** Products that are composed of others: of vectors, of chains of matrices, over chosen dimensions. */
import { expectTensor, named, normalDim } from "../core/args.ts";
import { IndexError, ShapeError } from "../core/errors.ts";
import { renamed } from "../core/names.ts";
import type { Tensor } from "../tensor.ts";
import { stack } from "./cat.ts";
import { clone } from "./copy.ts";
import { onesLike } from "./creation.ts";
import { product, shapeText } from "./geometry.ts";
import { dot, matmul, mm } from "./matmul.ts";
import { roll } from "./rearrange.ts";
import { sum } from "./reduce.ts";
import { savedWhole } from "./view.ts";

/**
 * The sum of products of two vectors; the same as `dot` for real numbers.
 * @example vdot(tensor([1, 2]), tensor([3, 4])).item() // 11
 */
export function vdot(input: Tensor, other: Tensor): Tensor {
  return dot(input, other);
}

/**
 * Every element of one vector times every element of another.
 * @throws {ShapeError} other than vectors
 * @example outer(tensor([1, 2]), tensor([3, 4])).tolist() // [[3, 4], [6, 8]]
 */
export function outer(input: Tensor, vec2: Tensor): Tensor {
  expectTensor(vec2, "outer", "vec2");
  if (input.ndim !== 1) throw new ShapeError(`outer: Expected 1-D argument self, but got ${input.ndim}-D`);
  if (vec2.ndim !== 1) throw new ShapeError(`outer: Expected 1-D argument vec2, but got ${vec2.ndim}-D`);
  return input.unsqueeze(1).mul(vec2);
}

/**
 * The outer product: `outer` under its BLAS name.
 * @example ger(tensor([1, 2]), tensor([3, 4])).tolist() // [[3, 4], [6, 8]]
 */
export function ger(input: Tensor, vec2: Tensor): Tensor {
  return outer(input, vec2);
}

/**
 * Sums of products along the last dimensions: result[i…, j…] = Σ_k input[i…, k] other[j…, k].
 * @throws {ShapeError} last dimensions that differ
 * @example inner(tensor([1, 2]), tensor([3, 4])).item() // 11
 */
export function inner(input: Tensor, other: Tensor): Tensor {
  if (input.ndim === 0 || other.ndim === 0) return input.mul(other);
  if (input.size(-1) !== other.size(-1)) {
    throw new ShapeError(
      `inner() the last dimension must match on both input tensors but got shapes ${shapeText(input.shape)} and ${shapeText(other.shape)}`,
    );
  }
  return tensordot(input, other, [[-1], [-1]]);
}

/**
 * Sums of products along a dimension (the last by default); the others broadcast.
 * @example linalg.vecdot(tensor([1, 2]), tensor([3, 4])).item() // 11
 */
export function vecdot(x: Tensor, y: Tensor, dim?: number | { dim?: number }): Tensor {
  const options = named<{ dim?: number }>("linalg.vecdot", [dim], ["dim"]);
  const result = sum(x.mul(y), options.dim ?? -1);
  return x.ndim === 1 && y.ndim === 1 ? renamed(result, "VdotBackward0") : result;
}

/** The dimension of three elements; without a name the first that has so many. */
function crossProduct(input: Tensor, other: Tensor, dim: number | undefined): Tensor {
  if (input.ndim !== other.ndim) throw new ShapeError("linalg.cross: inputs must have the same number of dimensions.");
  const at = dim ?? input.shape.indexOf(3);
  if (dim === undefined && at < 0) throw new ShapeError("no dimension of size 3 in input");
  const [a, b] = [input.shape, other.shape].map((shape) => shape[normalDim(at, shape.length)]);
  if (a !== 3 || b !== 3) {
    throw new ShapeError(`linalg.cross: inputs dimension ${at} must have length 3. Got ${a} and ${b}`);
  }
  const turned = (x: Tensor, by: number): Tensor => roll(x, by, at);
  const [left, right] = [savedWhole(input), savedWhole(other)];
  const difference = turned(left, -1)
    .mul(turned(right, 1))
    .sub(turned(left, 1).mul(turned(right, -1)));
  return renamed(difference, "LinalgCrossBackward0");
}

/**
 * The cross product along a dimension of three elements, the first one there is by default; the others broadcast.
 * @throws {ShapeError} no such dimension
 * @example cross(tensor([1, 0, 0]), tensor([0, 1, 0])).tolist() // [0, 0, 1]
 */
export function cross(input: Tensor, other: Tensor, dim?: number | null | { dim?: number | null }): Tensor {
  return crossProduct(input, other, named<{ dim: number }>("cross", [dim], ["dim"]).dim);
}

/**
 * The cross product along the last dimension by default: see `cross`.
 * @example linalg.cross(tensor([1, 0, 0]), tensor([0, 1, 0])).tolist() // [0, 0, 1]
 */
export function crossLast(input: Tensor, other: Tensor, dim?: number | { dim?: number }): Tensor {
  return crossProduct(input, other, named<{ dim: number }>("linalg.cross", [dim], ["dim"]).dim ?? -1);
}

/**
 * The Kronecker product: each element of `input` times the whole of `other`, blocks in place of elements.
 * @example kron(tensor([1, 2]), tensor([1, 10])).tolist() // [1, 10, 2, 20]
 */
export function kron(input: Tensor, other: Tensor): Tensor {
  expectTensor(other, "kron", "other");
  const rank = Math.max(input.ndim, other.ndim);
  const [a, b] = [input.shape, other.shape].map((shape) => [
    ...new Array<number>(rank - shape.length).fill(1),
    ...shape,
  ]);
  const left = input.reshape(a.flatMap((size) => [size, 1]));
  const right = other.reshape(b.flatMap((size) => [1, size]));
  return left.mul(right).reshape(a.map((size, i) => size * b[i]));
}

type Dims = number | readonly [readonly number[] | number, readonly number[] | number];

/**
 * Products summed over several dimensions: the last `dims` of `a` with the first of `b` (2 by default), or those in two lists.
 * @throws {ShapeError} dimensions of different sizes, or lists of different lengths
 * @example tensordot(ones(2, 3, 4), ones(3, 4, 5)).shape // [2, 5]
 */
export function tensordot(a: Tensor, b: Tensor, dims?: Dims | { dims?: Dims }): Tensor {
  const given = named<{ dims: Dims }>("tensordot", [dims], ["dims"]).dims ?? 2;
  if (typeof given === "number" && given < 0)
    throw new ShapeError(`tensordot expects dims >= 0, but got dims=${given}`);
  const [first, second] =
    typeof given === "number"
      ? [Array.from({ length: given }, (_, i) => i - given), Array.from({ length: given }, (_, i) => i)]
      : given.map((list) => [list].flat() as number[]);
  if (first.length !== second.length) throw new ShapeError("both dimension lists should have same length");
  const [shapeA, shapeB] = [a.shape, b.shape];
  const left = first.map((d) => normalDim(d, a.ndim));
  const right = second.map((d) => normalDim(d, b.ndim));
  left.forEach((d, i) => {
    if (shapeA[d] === shapeB[right[i]]) return;
    throw new ShapeError(
      `contracted dimensions need to match, but first has size ${shapeA[d]} in dim ${first[i]} and second has size ` +
        `${shapeB[right[i]]} in dim ${second[i]}`,
    );
  });
  for (const list of [left, right]) {
    const twice = list.find((d, i) => list.indexOf(d) !== i);
    if (twice !== undefined) throw new ShapeError(`dim ${twice} appears multiple times in the list of dims`);
  }
  const others = (shape: number[], used: number[]): number[] => shape.map((_, i) => i).filter((i) => !used.includes(i));
  const [keptA, keptB] = [others(shapeA, left), others(shapeB, right)];
  const count = product(left.map((d) => shapeA[d]));
  const [rows, columns] = [keptA.map((d) => shapeA[d]), keptB.map((d) => shapeB[d])];
  const x = a.permute([...keptA, ...left]).reshape([product(rows), count]);
  const y = b.permute([...right, ...keptB]).reshape([count, product(columns)]);
  return mm(x, y).reshape([...rows, ...columns]);
}

/** Where to cut each part of a chain so that the fewest multiplications are needed (Cormen et al., §15.2). */
function cheapestOrder(sizes: readonly number[]): number[][] {
  const n = sizes.length - 1;
  const cost = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  const cut = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  for (let length = 1; length < n; length++) {
    for (let i = 0; i + length < n; i++) {
      const j = i + length;
      cost[i][j] = Number.POSITIVE_INFINITY;
      for (let k = i; k < j; k++) {
        const total = cost[i][k] + cost[k + 1][j] + sizes[i] * sizes[k + 1] * sizes[j + 1];
        if (total < cost[i][j]) [cost[i][j], cut[i][j]] = [total, k];
      }
    }
  }
  return cut;
}

/**
 * The product of several matrices in the cheapest order. The first and the last may be vectors.
 * @throws {ShapeError} fewer than two tensors, or sizes that do not fit
 * @example linalg.multiDot([ones(2, 3), ones(3, 4), ones(4)]).shape // [2]
 */
export function multiDot(tensors: readonly Tensor[]): Tensor {
  const n = tensors.length;
  if (n < 2) throw new ShapeError(`multi_dot(): expected at least 2 tensors but got ${n}`);
  tensors.forEach(({ ndim }, i) => {
    if (ndim === 2 || (ndim === 1 && (i === 0 || i === n - 1))) return;
    const which = i === 0 ? "the first tensor" : i === n - 1 ? "the last tensor" : `tensor ${i}`;
    throw new ShapeError(
      `multi_dot(): ${which} must be ${i === 0 || i === n - 1 ? "1D or 2D" : "2D"} but got ${ndim}D`,
    );
  });
  const [row, column] = [tensors[0].ndim === 1, tensors[n - 1].ndim === 1];
  const chain = tensors.map((t, i) => (t.ndim === 2 ? t : t.unsqueeze(i === 0 ? 0 : 1)));
  for (let i = 1; i < n; i++) {
    if (chain[i - 1].size(1) === chain[i].size(0)) continue;
    throw new ShapeError(
      `multi_dot(): tensors ${i - 1} and ${i} with shapes ${shapeText(tensors[i - 1].shape)} and ${shapeText(tensors[i].shape)} ` +
        "cannot be multiplied",
    );
  }
  const cut = cheapestOrder([...chain.map((t) => t.size(0)), chain[n - 1].size(1)]);
  const multiply = (i: number, j: number): Tensor =>
    i === j ? chain[i] : matmul(multiply(i, cut[i][j]), multiply(cut[i][j] + 1, j));
  let result = multiply(0, n - 1);
  if (column) result = result.squeeze(1);
  return renamed(row ? result.squeeze(0) : result, "ViewBackward0");
}

/**
 * The product of matrices in the cheapest order. Kept for older programs: see `linalg.multiDot`.
 * @example chainMatmul(ones(2, 3), ones(3, 4), ones(4, 1)).tolist() // [[12], [12]]
 */
export function chainMatmul(...matrices: (Tensor | readonly Tensor[])[]): Tensor {
  const list = matrices.flat() as Tensor[];
  if (list.length === 0) throw new ShapeError("chain_matmul(): Expected one or more matrices");
  for (const { ndim } of list) if (ndim !== 2) throw new ShapeError(`Tensor dimension is ${ndim}, expected 2 instead.`);
  return list.length === 1 ? list[0] : multiDot(list);
}

function powers(x: Tensor, n: number, increasing: boolean): Tensor {
  const columns = [onesLike(x)];
  while (columns.length < n) columns.push(columns[columns.length - 1].mul(x));
  if (n === 0) return clone(x.unsqueeze(-1).narrow(-1, 0, 0));
  return stack(increasing ? columns : columns.reverse(), -1);
}

interface VanderOptions {
  N?: number;
  increasing?: boolean;
}

/**
 * The powers of each element of a vector as a row, from N − 1 down to 0, or upwards; N is the vector's length by default.
 * @throws {ShapeError} other than a vector
 * @example vander(tensor([2, 3]), 3).tolist() // [[4, 2, 1], [9, 3, 1]]
 */
export function vander(x: Tensor, N?: number | null | VanderOptions, increasing?: boolean | VanderOptions): Tensor {
  const options = named<VanderOptions>("vander", [N, increasing], ["N", "increasing"]);
  if (x.ndim !== 1) throw new ShapeError("x must be a one-dimensional tensor.");
  const n = options.N ?? x.size(0);
  if (n < 0) throw new IndexError("N must be non-negative.");
  return powers(x, n, options.increasing ?? false);
}

/**
 * The powers 0 … N − 1 of each element, in a new last dimension; N is the size of the last one by default.
 * @throws {IndexError} an N below 2
 * @example linalg.vander(tensor([2, 3]), { N: 3 }).tolist() // [[1, 2, 4], [1, 3, 9]]
 */
export function vanderIncreasing(x: Tensor, N?: number | { N?: number }): Tensor {
  const { N: given } = named<{ N: number }>("linalg.vander", [N], ["N"]);
  if (x.ndim === 0 && given === undefined) throw new ShapeError("Input dim must be greater than or equal to 1.");
  const n = given ?? x.size(-1);
  if (n <= 1) throw new IndexError("N must be greater than 1.");
  return renamed(powers(x.ndim === 0 ? x.unsqueeze(0) : x, n, true), "CatBackward0");
}
