/** Functions of square matrices. */
import { type ExternalBackward, external } from "../autograd/external.ts";
import { cat } from "../ops/cat.ts";
import { clone } from "../ops/copy.ts";
import { eye, zerosLike } from "../ops/creation.ts";
import { matmul } from "../ops/matmul.ts";
import type { Tensor } from "../tensor.ts";
import { batchOf, checkFloat, checkSquare, checkSystem, forEachMatrix, mT } from "./batch.ts";
import { exponential } from "./dense/expm.ts";
import { inv } from "./solve.ts";

/**
 * The n-th power of square matrices by repeated squaring; of the inverses, if n is negative; the identity for 0.
 * @throws {LinAlgError} a negative power of a singular matrix
 * @example linalg.matrixPower(tensor([[1, 1], [0, 1]]), 5).tolist() // [[1, 5], [0, 1]]
 */
export function matrixPower(A: Tensor, n: number): Tensor {
  checkSquare(A, "linalg.matrix_power");
  if (!Number.isInteger(n))
    throw new TypeError(`linalg_matrix_power(): argument 'n' (position 2) must be int, not ${typeof n}`);
  if (n === 0) {
    const one = clone(eye(A.size(-1), { dtype: A.dtype }).expand(A.shape));
    return external("CopyBackwards", [A], [one], () => [null], [])[0];
  }
  if (n < 0) checkFloat(A, "linalg.matrix_power");
  let square = n < 0 ? inv(A) : A;
  let result: Tensor | null = null;
  for (let rest = Math.abs(n); ; square = matmul(square, square)) {
    if (rest % 2 === 1) result = result ? matmul(result, square) : square;
    rest = Math.floor(rest / 2);
    if (rest === 0) return Math.abs(n) === 1 ? clone(result as Tensor) : (result as Tensor);
  }
}

/**
 * The exponential of square matrices, 1 + A + A²/2 + …, by scaling and squaring in double precision: O(n³), times the logarithm
 * of the norm.
 * @example linalg.matrixExp(tensor([[0, 1], [0, 0]])).tolist() // [[1, 1], [0, 1]]
 */
export function matrixExp(A: Tensor): Tensor {
  checkSystem(A, "linalg.matrix_exp");
  const n = A.size(-1);
  const [X] = forEachMatrix(batchOf(A), [A], [[[n, n]]], ([a], [x]) => x.set(exponential(a, n)));
  // The exponential of [[Aᵀ, g], [0, Aᵀ]] has the gradient in its upper right corner (Mathias 1996, SIAM J. Matrix Anal. Appl. 17).
  const backward: ExternalBackward = ([g]) => {
    const t = mT(A);
    const blocks = cat([cat([t, g as Tensor], -1), cat([zerosLike(A), t], -1)], -2);
    return [matrixExp(blocks).narrow(-2, 0, n).narrow(-1, n, n)];
  };
  return external("LinalgMatrixExpBackward0", [A], [X], backward, [A])[0];
}
