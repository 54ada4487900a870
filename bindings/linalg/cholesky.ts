/** Cholesky factorisation, and what is computed from the factor. */
import { type ExternalBackward, external } from "../autograd/external.ts";
import { named } from "../core/args.ts";
import { ShapeError } from "../core/errors.ts";
import { matmul } from "../ops/matmul.ts";
import { tril } from "../ops/triangle.ts";
import type { Tensor } from "../tensor.ts";
import { batchOf, broadcastBatch, checkFloat, checkSquare, checkSystem, forEachMatrix, mT } from "./batch.ts";
import { transposed } from "./dense/product.ts";
import { cholesky as factorInPlace, solveTriangular as substitute } from "./dense/triangular.ts";
import { checkInfo, solveTriangular } from "./solve.ts";

interface CholeskyOptions {
  /** Give the upper factor U = Lᵀ, with A = Uᵀ U, from the upper triangle of A. */
  upper?: boolean;
  /** Throw for a matrix that is not positive-definite. */
  checkErrors?: boolean;
}

function factor(
  A: Tensor,
  options: CholeskyOptions,
  caller: string,
  printed = "LinalgCholeskyExBackward0",
): { L: Tensor; info: Tensor } {
  checkSystem(A, caller);
  const n = A.size(-1);
  const upper = options.upper ?? false;
  const [L, info] = forEachMatrix(batchOf(A), [A], [[[n, n]], [[], "int32"]], ([a], [l, order]) => {
    const work = upper ? transposed(a, n, n) : a;
    order[0] = factorInPlace(work, n);
    for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) l[upper ? j * n + i : i * n + j] = work[i * n + j];
  });
  external(printed, [A], [L], ([g]) => [upper ? gradient(mT(L), mT(g as Tensor)) : gradient(L, g as Tensor)], [L]);
  if (options.checkErrors) {
    checkInfo(
      info,
      caller,
      (order) =>
        "The factorization could not be completed because the input is not positive-definite (the leading minor of order " +
        `${order} is not positive-definite).`,
    );
  }
  return { L, info };
}

/** L⁻ᵀ Φ(Lᵀ g) L⁻¹, made symmetric, where Φ takes the lower triangle and halves its diagonal (Murray 2016, arXiv:1602.07527). */
function gradient(L: Tensor, g: Tensor): Tensor {
  const lower = tril(matmul(mT(L), g));
  // (Φ + Φᵀ) / 2: off the diagonal each element counts half, on it Φ's half counts twice.
  const half = tril(lower, -1).add(mT(lower)).mul(0.5);
  const right = solveTriangular(L, half, { upper: false, left: false });
  return solveTriangular(mT(L), right, { upper: true });
}

/**
 * The lower triangular L with A = L Lᵀ, for symmetric positive-definite matrices [..., n, n], of which one triangle is read.
 * O(n³).
 * @throws {LinAlgError} a matrix that is not positive-definite
 * @example linalg.cholesky(tensor([[4, 2], [2, 5]])).tolist() // [[2, 0], [1, 2]]
 */
export function cholesky(A: Tensor, options: { upper?: boolean } = {}): Tensor {
  return factor(A, { upper: options.upper, checkErrors: true }, "linalg.cholesky").L;
}

/**
 * As `cholesky`, but says in `info` of which order the first minor is that is not positive (0: none) instead of throwing.
 * @example linalg.choleskyEx(tensor([[-1]])).info.item() // 1
 */
export function choleskyEx(A: Tensor, options: CholeskyOptions = {}): { L: Tensor; info: Tensor } {
  return factor(A, options, "linalg.cholesky_ex");
}

/**
 * The Cholesky factor: `linalg.cholesky` under its older name.
 * @example cholesky(tensor([[4, 2], [2, 5]])).tolist() // [[2, 0], [1, 2]]
 */
export function choleskyFactor(input: Tensor, upper?: boolean | { upper?: boolean }): Tensor {
  const options = named<{ upper?: boolean }>("cholesky", [upper], ["upper"]);
  return factor(input, { ...options, checkErrors: true }, "cholesky", "CholeskyBackward0").L;
}

/**
 * X in A X = B, where A = L Lᵀ (Uᵀ U with `upper`) and `L` is its factor; batches broadcast.
 * @example choleskySolve(tensor([[4]]), tensor([[2]])).tolist() // [[1]]
 */
export function choleskySolve(B: Tensor, L: Tensor, upper?: boolean | { upper?: boolean }): Tensor {
  const options = named<{ upper?: boolean }>("cholesky_solve", [upper], ["upper"]);
  if (B.ndim < 2) throw new ShapeError(`b should have at least 2 dimensions, but has ${B.ndim} dimensions instead`);
  if (L.ndim < 2) throw new ShapeError(`u should have at least 2 dimensions, but has ${L.ndim} dimensions instead`);
  checkSquare(L, "cholesky_solve");
  const [n, [m, k]] = [L.size(-1), B.shape.slice(-2)];
  if (n !== m) {
    throw new ShapeError(
      `Incompatible matrix sizes for cholesky_solve: each A matrix is ${n} by ${n} but each b matrix is ${m} by ${k}`,
    );
  }
  checkFloat(B, "cholesky_solve");
  return solveFactored(B, L, options.upper ?? false);
}

/** The gradient by L comes from that by A, −gB Xᵀ, through A = L Lᵀ; as in PyTorch it fills both triangles. */
function solveFactored(B: Tensor, L: Tensor, upper: boolean): Tensor {
  const [factor, right] = broadcastBatch(L, B);
  const [n, k] = right.shape.slice(-2);
  const [X] = forEachMatrix(batchOf(right), [factor, right], [[[n, k]]], ([l, b], [x]) => {
    substituteTwice(l, n, b, k, upper);
    x.set(b);
  });
  const backward: ExternalBackward = ([g], [, needsL]) => {
    const gradB = solveFactored(g as Tensor, L, upper);
    return [gradB, needsL ? throughProduct(matmul(gradB, mT(X)), L, upper).neg() : null];
  };
  return external("CholeskySolveBackward0", [B, L], [X], backward, [B, L, X])[0];
}

/** The gradient by the factor of A, from that by A. */
function throughProduct(gradA: Tensor, L: Tensor, upper: boolean): Tensor {
  const both = gradA.add(mT(gradA));
  return upper ? matmul(L, both) : matmul(both, L);
}

/** (L Lᵀ)⁻¹ B in place of B; L is the transpose of what is stored if that is the upper factor. */
function substituteTwice(l: Float64Array, n: number, b: Float64Array, k: number, upper: boolean): void {
  substitute(l, n, b, k, { upper: false, unit: false, transpose: upper });
  substitute(l, n, b, k, { upper: true, unit: false, transpose: !upper });
}

/**
 * The inverse of A = L Lᵀ (Uᵀ U with `upper`), where `L` is its factor.
 * @throws {LinAlgError} a zero on the diagonal
 * @example choleskyInverse(tensor([[2]])).tolist() // [[0.25]]
 */
export function choleskyInverse(L: Tensor, upper?: boolean | { upper?: boolean }): Tensor {
  const options = named<{ upper?: boolean }>("cholesky_inverse", [upper], ["upper"]);
  checkSystem(L, "cholesky_inverse");
  const n = L.size(-1);
  const isUpper = options.upper ?? false;
  const [X, info] = forEachMatrix(batchOf(L), [L], [[[n, n]], [[], "int32"]], ([l], [x, zero]) => {
    for (let i = n - 1; i >= 0; i--) {
      if (l[i * n + i] === 0) zero[0] = i + 1;
      x[i * n + i] = 1;
    }
    substituteTwice(l, n, x, n, isUpper);
  });
  checkInfo(
    info,
    "cholesky_inverse",
    (order) =>
      `The diagonal element ${order} is zero, the inversion could not be completed because the input matrix is singular.`,
  );
  const backward: ExternalBackward = ([g]) => [throughProduct(matmul(X, matmul(g as Tensor, X)), L, isUpper).neg()];
  return external("CholeskyInverseBackward0", [L], [X], backward, [L, X])[0];
}
