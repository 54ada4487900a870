/** LU factorisation with partial pivoting, and what is computed from the factors. */
import { external } from "../autograd/external.ts";
import { named } from "../core/args.ts";
import { DTypeError, ShapeError, TensorError } from "../core/errors.ts";
import { renamed, savingOutput } from "../core/names.ts";
import { cat } from "../ops/cat.ts";
import { eye } from "../ops/creation.ts";
import { sameShape } from "../ops/geometry.ts";
import { matmul } from "../ops/matmul.ts";
import { tril, triu } from "../ops/triangle.ts";
import type { Tensor } from "../tensor.ts";
import {
  batchOf,
  broadcastBatch,
  checkFloat,
  checkMatrix,
  checkSquare,
  expandBatch,
  forEachMatrix,
  mT,
} from "./batch.ts";
import { luFactor as factorInPlace, permuteRows } from "./dense/lu.ts";
import { checkInfo, solveTriangular, solveTriangularAs } from "./solve.ts";

interface LuOptions {
  /** Rows are always exchanged: false is an error, as on PyTorch's CPU. */
  pivot?: boolean;
  /** Throw for a singular matrix. */
  checkErrors?: boolean;
}

/** Factors, with the ones on the diagonal of L left out; exchanges of rows, from 1; by matrix the first zero pivot, or 0. */
export interface LuFactors {
  LU: Tensor;
  pivots: Tensor;
}

function factor(A: Tensor, options: LuOptions, caller: string): LuFactors & { info: Tensor } {
  checkMatrix(A, caller);
  checkFloat(A, caller);
  if (options.pivot === false) throw new TensorError(`${caller}: LU without pivoting is not implemented on the CPU`);
  const [m, n] = A.shape.slice(-2);
  const k = Math.min(m, n);
  const [LU, pivots, info] = forEachMatrix(
    batchOf(A),
    [A],
    [[[m, n]], [[k], "int32"], [[], "int32"]],
    ([a], [lu, p, zero]) => {
      zero[0] = factorInPlace(a, m, n, p);
      lu.set(a);
    },
  );
  external("LinalgLuFactorExBackward0", [A], [LU], ([g]) => [factorGradient(LU, pivots, g as Tensor)], [LU, pivots]);
  if (options.checkErrors) {
    checkInfo(
      info,
      caller,
      (order) =>
        `U[${order},${order}] is zero and using it on lu_solve would result in a division by zero. If you still want to perform the ` +
        "factorization, consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)",
    );
  }
  return { LU, pivots, info };
}

/**
 * With A = P L U, L⁻¹ dL is strictly lower and dU U⁻¹ upper triangular, so that each keeps its triangle of
 * L⁻¹ Pᵀ dA U⁻¹ = L⁻¹ dL + dU U⁻¹. Columns right of the square part depend on L alone, rows below it on U alone
 * (PyTorch's plu_backward_base derives the same).
 */
function factorGradient(LU: Tensor, pivots: Tensor, g: Tensor): Tensor {
  const [m, n] = LU.shape.slice(-2);
  const k = Math.min(m, n);
  const square = LU.narrow(-2, 0, k).narrow(-1, 0, k);
  const gradient = g.narrow(-2, 0, k).narrow(-1, 0, k);
  let lower = matmul(mT(tril(square, -1).add(eye(k))), tril(gradient, -1));
  let upper = matmul(triu(gradient), mT(triu(square)));
  const rest: Tensor[] = [];
  if (n > k) {
    const gradRight = g.narrow(-1, k, n - k);
    lower = lower.sub(matmul(gradRight, mT(LU.narrow(-1, k, n - k))));
    rest.push(gradRight);
  }
  if (m > k) {
    const gradBelow = g.narrow(-2, k, m - k);
    upper = upper.sub(matmul(mT(LU.narrow(-2, k, m - k)), gradBelow));
    rest.push(solveTriangular(mT(square), gradBelow, { upper: false, left: false }));
  }
  const inner = solveTriangular(mT(square), tril(lower, -1).add(triu(upper)), { upper: false, left: false });
  const top = n > k ? cat([inner, rest[0]], -1) : inner;
  const left = solveTriangular(mT(square), top, { upper: true, unitriangular: true });
  return matmul(permutation(pivots, m), m > k ? cat([left, rest[0]], -2) : left);
}

/** The matrix P by which A = P L U. */
function permutation(pivots: Tensor, m: number): Tensor {
  return forEachMatrix(batchOf(pivots, 1), [pivots], [[[m, m]]], ([p], [matrix]) => {
    for (let i = 0; i < m; i++) matrix[i * m + i] = 1;
    permuteRows(matrix, m, p, true);
  })[0];
}

/**
 * The factors of A = P L U for matrices [..., m, n], as `luSolve` and `luUnpack` take them. O(n³).
 * @throws {LinAlgError} a singular matrix
 * @example linalg.luFactor(tensor([[1, 2], [4, 4]])).LU.tolist() // [[4, 4], [0.25, 1]]
 */
export function luFactor(A: Tensor, options: { pivot?: boolean } = {}): LuFactors {
  const { LU, pivots } = factor(A, { ...options, checkErrors: true }, "linalg.lu_factor");
  return { LU, pivots };
}

/**
 * As `luFactor`, but says in `info` which matrices are singular (0 for none) instead of throwing.
 * @example linalg.luFactorEx(tensor([[0, 1], [1, 0]])).pivots.tolist() // [2, 2]
 */
export function luFactorEx(A: Tensor, options: LuOptions = {}): LuFactors & { info: Tensor } {
  return factor(A, options, "linalg.lu_factor_ex");
}

/**
 * P, L and U with A = P L U, for matrices [..., m, n].
 * @example linalg.lu(tensor([[1, 2], [4, 4]])).U.tolist() // [[4, 4], [0, 1]]
 */
export function lu(A: Tensor, options: { pivot?: boolean } = {}): { P: Tensor; L: Tensor; U: Tensor } {
  const { LU, pivots } = factor(A, options, "linalg.lu");
  const { P, L, U } = luUnpack(LU, pivots);
  const name = "LinalgLuBackward0";
  return { P, L: savingOutput(renamed(L, name)), U: savingOutput(renamed(U, name)) };
}

/**
 * [LU, pivots], and with `getInfos` which matrices are singular. Kept for older programs: see `linalg.luFactor`.
 * @example lu(tensor([[2]]))[0].tolist() // [[2]]
 */
export function luFactorize(A: Tensor, pivot?: boolean | OldOptions, getInfos?: boolean | OldOptions): Tensor[] {
  const options = named<OldOptions>("lu", [pivot, getInfos], ["pivot", "getInfos"]);
  const { LU, pivots, info } = factor(A, { pivot: options.pivot, checkErrors: !options.getInfos }, "lu");
  return options.getInfos ? [LU, pivots, info] : [LU, pivots];
}

interface OldOptions {
  pivot?: boolean;
  getInfos?: boolean;
}

interface UnpackOptions {
  unpackData?: boolean;
  unpackPivots?: boolean;
}

/**
 * P, L and U from what `luFactor` gave.
 * @throws {DTypeError} pivots that are not integers
 * @example luUnpack(tensor([[2]]), tensor(new Int32Array([1]))).L.tolist() // [[1]]
 */
export function luUnpack(
  LU: Tensor,
  pivots: Tensor,
  unpackData?: boolean | UnpackOptions,
  unpackPivots?: boolean | UnpackOptions,
): { P: Tensor; L: Tensor; U: Tensor } {
  const options = named<UnpackOptions>("lu_unpack", [unpackData, unpackPivots], ["unpackData", "unpackPivots"]);
  checkMatrix(LU, "lu_unpack", "LU_data");
  checkPivots(pivots, "lu_unpack", "LU_pivots is expected to be a contiguous tensor of torch.int32 dtype.");
  const [m, n] = LU.shape.slice(-2);
  const k = Math.min(m, n);
  if (!sameShape(pivots.shape, [...batchOf(LU), k])) {
    throw new ShapeError(
      `lu_unpack: LU_pivots must have shape [${[...batchOf(LU), k].join(", ")}], got [${pivots.shape.join(", ")}]`,
    );
  }
  const none = (): Tensor => LU.detach().narrow(-1, 0, 0).reshape([-1]).narrow(0, 0, 0);
  const P = options.unpackPivots === false ? none() : permutation(pivots, m);
  if (options.unpackData === false) return { P, L: none(), U: none() };
  const name = "LuUnpackBackward0";
  const L = renamed(tril(LU.narrow(-1, 0, k), -1).add(eye(m, k)), name);
  return { P, L, U: renamed(triu(LU.narrow(-2, 0, k)), name) };
}

function checkPivots(pivots: Tensor, caller: string, text: string): void {
  if (pivots.dtype !== "int32") throw new DTypeError(`${caller}: ${text}`);
}

interface LuSolveOptions {
  /** Solve A X = B; otherwise X A = B. */
  left?: boolean;
  /** Solve with Aᵀ. */
  adjoint?: boolean;
}

/**
 * X in A X = B (X A = B with `left: false`, Aᵀ with `adjoint`) from the factors of A; batches broadcast. O(n² k).
 * @throws {ShapeError} factors that are not square, or of other sizes than B
 * @example
 * const { LU, pivots } = linalg.luFactor(tensor([[2, 0], [0, 4]]));
 * linalg.luSolve(LU, pivots, tensor([[2], [8]])).tolist(); // [[1], [2]]
 */
export function luSolve(LU: Tensor, pivots: Tensor, B: Tensor, options: LuSolveOptions = {}): Tensor {
  const { left = true, adjoint = false } = options;
  const caller = "linalg.lu_solve";
  checkSquare(LU, caller);
  checkMatrix(B, caller, "B");
  checkPivots(pivots, caller, "pivots should be a Tensor of scalar type torch.int32");
  if (!sameShape(pivots.shape, LU.shape.slice(0, -1))) {
    throw new ShapeError(`${caller}: Number of pivots per batch should be same as the dimension of the matrix`);
  }
  const printed = "LinalgLuSolveBackward0";
  if (!left) return renamed(mT(luSolve(LU, pivots, mT(B), { adjoint: !adjoint })), printed);
  const [system, right] = broadcastBatch(LU, B);
  const P = permutation(expandBatch(pivots, batchOf(system), 1), LU.size(-1));
  const [lower, upper] = [{ upper: false, unitriangular: true }, { upper: true }];
  if (!adjoint) {
    const inner = solveTriangular(system, matmul(mT(P), right), lower);
    return solveTriangularAs(printed, system, inner, upper);
  }
  const inner = solveTriangular(mT(system), right, { upper: false });
  return renamed(matmul(P, solveTriangular(mT(system), inner, { upper: true, unitriangular: true })), printed);
}

/**
 * X in A X = b from the factors of A: `linalg.luSolve` with its arguments in the older order.
 * @example
 * const { LU, pivots } = linalg.luFactor(tensor([[2]]));
 * luSolve(tensor([[4]]), LU, pivots).item(); // 2
 */
export function luSolveFactored(b: Tensor, LUdata: Tensor, LUpivots: Tensor): Tensor {
  return luSolve(LUdata, LUpivots, b);
}
