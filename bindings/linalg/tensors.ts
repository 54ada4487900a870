/** Tensors as matrices: dimensions in two groups. */
import { named } from "../core/args.ts";
import { ShapeError } from "../core/errors.ts";
import { type DiagonalOptions, diagonal as diagonalOf } from "../ops/diagonal.ts";
import { product } from "../ops/geometry.ts";
import { movedim } from "../ops/permute.ts";
import type { Tensor } from "../tensor.ts";
import { inv, solve } from "./solve.ts";

/**
 * The inverse of `A` as a map from its last dimensions to the first `ind` of them, whose sizes must have equal products.
 * @throws {ShapeError} products that differ
 * @throws {LinAlgError} a singular matrix
 * @example linalg.tensorinv(eye(4).reshape(4, 2, 2), 1).shape // [2, 2, 4]
 */
export function tensorinv(A: Tensor, ind?: number | { ind?: number }): Tensor {
  const { ind: first = 2 } = named<{ ind: number }>("linalg.tensorinv", [ind], ["ind"]);
  if (!Number.isInteger(first) || first <= 0)
    throw new ShapeError(`Expected a strictly positive integer for 'ind', but got ${first}`);
  const { shape } = A;
  const [rows, columns] = [shape.slice(0, first), shape.slice(first)];
  const n = product(rows);
  if (product(columns) !== n) {
    throw new ShapeError(
      `Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got ${product(columns)} != ${n}`,
    );
  }
  return inv(A.reshape([n, n])).reshape([...columns, ...rows]);
}

/**
 * X in tensordot(A, X, X.ndim) = B. `dims` of A are moved to its end first.
 * @throws {ShapeError} sizes that do not fit
 * @throws {LinAlgError} a singular matrix
 * @example linalg.tensorsolve(eye(4).reshape(2, 2, 4), ones(2, 2)).tolist() // [1, 1, 1, 1]
 */
export function tensorsolve(
  A: Tensor,
  B: Tensor,
  dims?: readonly number[] | null | { dims?: readonly number[] | null },
): Tensor {
  const options = named<{ dims: readonly number[] }>("linalg.tensorsolve", [dims], ["dims"]);
  const moved = options.dims?.length
    ? movedim(
        A,
        options.dims,
        options.dims.map((_, i, all) => i - all.length),
      )
    : A;
  const columns = moved.shape.slice(B.ndim);
  const [n, rows] = [product(columns), product(moved.shape.slice(0, B.ndim))];
  if (n !== rows) {
    throw new ShapeError(
      `Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), but got ${n} != ${rows}`,
    );
  }
  return solve(moved.reshape([n, n]), B.reshape([-1])).reshape(columns);
}

/**
 * A diagonal of matrices, in the last two dimensions by default, as a view.
 * @example linalg.diagonal(ones(2, 3, 3)).shape // [2, 3]
 */
export function diagonal(A: Tensor, options: DiagonalOptions = {}): Tensor {
  return diagonalOf(A, { dim1: -2, dim2: -1, ...options });
}
