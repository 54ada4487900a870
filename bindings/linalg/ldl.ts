/** LDLᵀ factorisation of symmetric matrices that need not be definite. */
import { external } from "../autograd/external.ts";
import { DTypeError, GradError, ShapeError } from "../core/errors.ts";
import { sameShape } from "../ops/geometry.ts";
import type { Tensor } from "../tensor.ts";
import {
  batchOf,
  broadcastBatch,
  checkFloat,
  checkMatrix,
  checkSquare,
  checkSystem,
  expandBatch,
  forEachMatrix,
} from "./batch.ts";
import { ldlFactor as factorInPlace, ldlSolve as solveInPlace } from "./dense/ldl.ts";
import { checkInfo } from "./solve.ts";

interface LdlOptions {
  /** Makes a difference for complex matrices only, which there are none of. */
  hermitian?: boolean;
  checkErrors?: boolean;
}

function factor(A: Tensor, options: LdlOptions, caller: string): { LD: Tensor; pivots: Tensor; info: Tensor } {
  checkSystem(A, caller);
  const n = A.size(-1);
  const [LD, pivots, info] = forEachMatrix(
    batchOf(A),
    [A],
    [[[n, n]], [[n], "int32"], [[], "int32"]],
    ([a], [ld, p, zero]) => {
      zero[0] = factorInPlace(a, n, p);
      for (let i = 0; i < n; i++) ld.set(a.subarray(i * n, i * n + i + 1), i * n);
    },
  );
  external("LinalgLdlFactorExBackward0", [A], [LD], () => {
    throw new GradError("the derivative for 'linalg_ldl_factor_ex' is not implemented");
  });
  if (options.checkErrors)
    checkInfo(info, caller, (order) => `D[${order},${order}] is exactly zero: the matrix is singular.`);
  return { LD, pivots, info };
}

/**
 * L (below the diagonal) and D of A = P L D Lᵀ Pᵀ for symmetric matrices, of which the lower triangle is read, with the
 * exchanges of rows in LAPACK's notation. O(n³). There is no gradient.
 * @throws {LinAlgError} a block of D that is exactly zero
 * @example linalg.ldlFactor(tensor([[2]])).LD.tolist() // [[2]]
 */
export function ldlFactor(A: Tensor, options: { hermitian?: boolean } = {}): { LD: Tensor; pivots: Tensor } {
  const { LD, pivots } = factor(A, { ...options, checkErrors: true }, "linalg.ldl_factor");
  return { LD, pivots };
}

/**
 * As `ldlFactor`, but says in `info` which block is zero (0 for none) instead of throwing.
 * @example linalg.ldlFactorEx(tensor([[2, 1], [1, 2]])).info.item() // 0
 */
export function ldlFactorEx(A: Tensor, options: LdlOptions = {}): { LD: Tensor; pivots: Tensor; info: Tensor } {
  return factor(A, options, "linalg.ldl_factor_ex");
}

/**
 * X in A X = B from what `ldlFactor` gave; batches broadcast. O(n² k).
 * @example
 * const { LD, pivots } = linalg.ldlFactor(tensor([[2]]));
 * linalg.ldlSolve(LD, pivots, tensor([[4]])).tolist(); // [[2]]
 */
export function ldlSolve(LD: Tensor, pivots: Tensor, B: Tensor, _options: { hermitian?: boolean } = {}): Tensor {
  const caller = "linalg.ldl_solve";
  checkSquare(LD, caller);
  checkMatrix(B, caller, "B");
  checkFloat(B, caller);
  if (pivots.dtype !== "int32")
    throw new DTypeError(`${caller}: Expected pivots to be integers. Got ${pivots.scalarName()}`);
  if (!sameShape(pivots.shape, LD.shape.slice(0, -1))) {
    throw new ShapeError(
      `${caller}: Expected LD.shape[:-1] and pivots.shape to be the same, but got pivots with shape [${pivots.shape.join(", ")}] instead`,
    );
  }
  const [n, [rows, k]] = [LD.size(-1), B.shape.slice(-2)];
  if (rows !== n) {
    throw new ShapeError(
      `${caller}: Incompatible matrix sizes: each LD matrix is ${n} by ${n} but each B matrix is ${rows} by ${k}`,
    );
  }
  const [factors, right] = broadcastBatch(LD, B);
  const batch = batchOf(right);
  const [X] = forEachMatrix(batch, [factors, expandBatch(pivots, batch, 1), right], [[[n, k]]], ([a, p, b], [x]) => {
    solveInPlace(a, p, n, b, k);
    x.set(b);
  });
  return external("LinalgLdlSolveBackward0", [LD, B], [X], () => {
    throw new GradError("the derivative for 'linalg_ldl_solve' is not implemented");
  })[0];
}
