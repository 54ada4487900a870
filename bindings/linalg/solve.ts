/** Systems of linear equations, and inverses. */
import { type ExternalBackward, external } from "../autograd/external.ts";
import { named } from "../core/args.ts";
import { LinAlgError, ShapeError } from "../core/errors.ts";
import { renamed } from "../core/names.ts";
import { clone } from "../ops/copy.ts";
import { broadcastShapes, product, sameShape } from "../ops/geometry.ts";
import { matmul } from "../ops/matmul.ts";
import { tril, triu } from "../ops/triangle.ts";
import type { Tensor } from "../tensor.ts";
import {
  batchElement,
  batchOf,
  broadcastBatch,
  checkFloat,
  checkMatrix,
  checkSquare,
  checkSystem,
  expandBatch,
  forEachMatrix,
  mT,
} from "./batch.ts";
import { luFactor, luSolve } from "./dense/lu.ts";
import { solveTriangular as substitute } from "./dense/triangular.ts";

const SOLVE = "LinalgSolveExBackward0";
const TRIANGULAR = "LinalgSolveTriangularBackward0";

/** LU factors of a batch of square matrices, in double precision. */
export interface Factors {
  readonly batch: readonly number[];
  readonly n: number;
  /** Factors and pivots of matrix i; one matrix stands for all of a batch. */
  at(i: number): [lu: Float64Array, pivots: Float64Array];
  /** By matrix: the first zero pivot, from 1, or 0. */
  readonly info: Tensor;
}

export function factorize(A: Tensor): Factors {
  const [batch, n] = [batchOf(A), A.size(-1)];
  const factors: [Float64Array, Float64Array][] = [];
  const [info] = forEachMatrix(batch, [A], [[[], "int32"]], ([a], [zero]) => {
    const pivots = new Float64Array(n);
    zero[0] = luFactor(a, n, n, pivots);
    factors.push([a, pivots]);
  });
  return { batch, n, at: (i) => factors[i % factors.length], info };
}

/** Throws for the first matrix whose factorisation did not succeed. */
export function checkInfo(info: Tensor, caller: string, text: (order: number) => string): void {
  const orders = info.data();
  const bad = orders.findIndex((order) => order !== 0);
  if (bad >= 0) throw new LinAlgError(`${caller}: ${batchElement(info.shape, bad)}${text(orders[bad])}`);
}

/** A⁻¹ B, or A⁻ᵀ B, where the batches of A and B broadcast. Its gradients solve the other system with the same factors. */
export function solveFactored(A: Tensor, B: Tensor, factors: Factors, transpose: boolean): Tensor {
  const batch = broadcastShapes(batchOf(A), batchOf(B));
  const [n, k] = B.shape.slice(-2);
  const [X] = forEachMatrix(batch, [expandBatch(B, batch)], [[[n, k]]], ([b], [x], i) => {
    luSolve(...factors.at(i), n, b, k, transpose);
    x.set(b);
  });
  const backward: ExternalBackward = ([g], [needsA]) => {
    const gradB = solveFactored(A, g as Tensor, factors, !transpose);
    return [needsA ? (transpose ? matmul(X, mT(gradB)) : matmul(gradB, mT(X))).neg() : null, gradB];
  };
  return external(SOLVE, [A, B], [X], backward, [A, X])[0];
}

export interface SolveOptions {
  /** Solve A X = B; otherwise X A = B. */
  left?: boolean;
  /** Throw for a singular matrix. */
  checkErrors?: boolean;
}

/** Whether B is a batch of vectors rather than of matrices: one dimension, or the shape of A without its last. */
function isVector(A: Tensor, B: Tensor): boolean {
  return B.ndim === 1 || (A.ndim - 1 === B.ndim && sameShape(B.shape, A.shape.slice(0, -1)));
}

function checkSizes(A: Tensor, B: Tensor, left: boolean, caller: string): void {
  checkSquare(A, caller);
  checkMatrix(B, caller, "B");
  const [n, [rows, columns]] = [A.size(-1), B.shape.slice(-2)];
  if (n === (left ? rows : columns)) return;
  throw new ShapeError(
    `${caller}: Incompatible shapes of A and B for the equation ${left ? "AX" : "XA"} = B (${n}x${n} and ${rows}x${columns})`,
  );
}

function solving(A: Tensor, B: Tensor, left: boolean, caller: string): { result: Tensor; info: Tensor } {
  checkSystem(A, caller);
  checkFloat(B, caller);
  const vector = isVector(A, B);
  const right = vector ? B.unsqueeze(-1) : B;
  if (vector && !left)
    throw new ShapeError(`${caller}: Vector broadcasting of the left hand side is not supported for left=False`);
  checkSizes(A, right, left, caller);
  const batch = broadcastShapes(batchOf(A), batchOf(right));
  // One matrix with many right-hand sides is factored once.
  const system = product(batchOf(A)) === 1 ? A : expandBatch(A, batch);
  const factors = factorize(system);
  const X = left ? solveFactored(system, right, factors, false) : mT(solveFactored(system, mT(right), factors, true));
  const result = renamed(vector ? X.squeeze(-1) : X, SOLVE);
  return { result, info: expandBatch(factors.info, batch, 0) };
}

/**
 * X in A X = B, or in X A = B with `left: false`, for square matrices A [..., n, n] and B [..., n, k] or [..., n]; batches
 * broadcast. LU factorisation with partial pivoting in double precision: O(n³ + n² k).
 * @throws {LinAlgError} a singular matrix
 * @throws {ShapeError} matrices that are not square, or of other sizes
 * @example linalg.solve(tensor([[2, 0], [0, 4]]), tensor([2, 8])).tolist() // [1, 2]
 */
export function solve(A: Tensor, B: Tensor, options: { left?: boolean } = {}): Tensor {
  return solveEx(A, B, { left: options.left, checkErrors: true }, "linalg.solve").result;
}

/**
 * As `solve`, but says in `info` which matrices are singular (0 for none) instead of throwing.
 * @example linalg.solveEx(tensor([[2]]), tensor([[6]])).result.item() // 3
 */
export function solveEx(
  A: Tensor,
  B: Tensor,
  options: SolveOptions = {},
  caller = "linalg.solve_ex",
): { result: Tensor; info: Tensor } {
  const solved = solving(A, B, options.left ?? true, caller);
  if (options.checkErrors)
    checkInfo(solved.info, caller, () => "The solver failed because the input matrix is singular.");
  return solved;
}

/**
 * The inverse of square matrices [..., n, n]. To solve a system, `solve` is faster and more accurate. O(n³).
 * @throws {LinAlgError} a singular matrix
 * @example linalg.inv(tensor([[2, 0], [0, 4]])).tolist() // [[0.5, 0], [0, 0.25]]
 */
export function inv(A: Tensor): Tensor {
  return invEx(A, { checkErrors: true }, "linalg.inv").inverse;
}

/**
 * The inverse of a square matrix: `linalg.inv` under its older name.
 * @example inverse(tensor([[2, 0], [0, 4]])).tolist() // [[0.5, 0], [0, 0.25]]
 */
export function inverse(input: Tensor): Tensor {
  return inv(input);
}

/**
 * As `inv`, but says in `info` which matrices are singular (0 for none) instead of throwing.
 * @example linalg.invEx(tensor([[0]])).info.item() // 1
 */
export function invEx(
  A: Tensor,
  options: { checkErrors?: boolean } = {},
  caller = "linalg.inv_ex",
): { inverse: Tensor; info: Tensor } {
  checkSystem(A, caller);
  const { n, batch, at, info } = factorize(A);
  if (options.checkErrors) {
    checkInfo(
      info,
      caller,
      (order) =>
        `The diagonal element ${order} is zero, the inversion could not be completed because the input matrix is singular.`,
    );
  }
  const [X] = forEachMatrix(batch, [], [[[n, n]]], (_, [x], i) => {
    for (let k = 0; k < n; k++) x[k * n + k] = 1;
    luSolve(...at(i), n, x, n, false);
  });
  // d(A⁻¹) = −A⁻¹ dA A⁻¹ (Giles 2008, §2.2.3).
  const backward: ExternalBackward = ([g]) => [matmul(mT(X), matmul(g as Tensor, mT(X))).neg()];
  return { inverse: external("LinalgInvExBackward0", [A], [X], backward, [X])[0], info };
}

/** A⁻¹ B for a triangular A. */
function triangular(A: Tensor, B: Tensor, upper: boolean, unit: boolean, printed: string): Tensor {
  const [batch, [n, k]] = [batchOf(B), B.shape.slice(-2)];
  const [X] = forEachMatrix(batch, [A, B], [[[n, k]]], ([a, b], [x]) => {
    substitute(a, n, b, k, { upper, unit });
    x.set(b);
  });
  const backward: ExternalBackward = ([g], [needsA]) => {
    const gradB = triangular(mT(A), g as Tensor, !upper, unit, TRIANGULAR);
    if (!needsA) return [null, gradB];
    const gradA = matmul(gradB, mT(X)).neg();
    return [upper ? triu(gradA, unit ? 1 : 0) : tril(gradA, unit ? -1 : 0), gradB];
  };
  return external(printed, [A, B], [X], backward, printed === TRIANGULAR ? [A, X] : [A, B, X])[0];
}

export interface TriangularOptions {
  /** Which triangle of A counts; the other one is not read. */
  upper?: boolean;
  /** Solve A X = B; otherwise X A = B. */
  left?: boolean;
  /** Take the diagonal of A as ones. */
  unitriangular?: boolean;
}

/**
 * X in A X = B, or in X A = B with `left: false`, for triangular matrices A [..., n, n] and B [..., n, k]; batches broadcast.
 * O(n² k). A zero on the diagonal gives infinities and NaN.
 * @example linalg.solveTriangular(tensor([[1, 0], [1, 1]]), tensor([[1], [3]]), { upper: false }).tolist() // [[1], [2]]
 */
export function solveTriangular(A: Tensor, B: Tensor, options: TriangularOptions): Tensor {
  return solveTriangularAs(TRIANGULAR, A, B, options);
}

/** @internal solveTriangular under another node's name. */
export function solveTriangularAs(printed: string, A: Tensor, B: Tensor, options: TriangularOptions): Tensor {
  const { upper, left = true, unitriangular = false } = options;
  const caller = "linalg.solve_triangular";
  if (typeof upper !== "boolean") throw new TypeError(`${caller}() missing 1 required keyword-only argument: "upper"`);
  checkSizes(A, B, left, caller);
  checkFloat(A, caller);
  checkFloat(B, caller);
  const [system, right] = broadcastBatch(A, B);
  if (left) return triangular(system, right, upper, unitriangular, printed);
  return renamed(mT(triangular(mT(system), mT(right), !upper, unitriangular, printed)), printed);
}

interface TriangularSolveOptions {
  upper?: boolean;
  transpose?: boolean;
  unitriangular?: boolean;
}

/**
 * X in A X = b for triangular A (Aᵀ with `transpose`), and a copy of A. Kept for older programs: see `linalg.solveTriangular`.
 * @example triangularSolve(tensor([[2]]), tensor([[4]])).solution.tolist() // [[0.5]]
 */
export function triangularSolve(
  b: Tensor,
  A: Tensor,
  upper?: boolean | TriangularSolveOptions,
  transpose?: boolean | TriangularSolveOptions,
  unitriangular?: boolean | TriangularSolveOptions,
): { solution: Tensor; clonedCoefficient: Tensor } {
  const names = ["upper", "transpose", "unitriangular"] as const;
  const options = named<TriangularSolveOptions>("triangular_solve", [upper, transpose, unitriangular], names);
  const lower = options.upper === false;
  const [system, right] = broadcastBatch(A, b);
  const printed = "TriangularSolveBackward0";
  const X = solveTriangularAs(printed, options.transpose ? mT(system) : system, right, {
    upper: lower === (options.transpose ?? false),
    unitriangular: options.unitriangular,
  });
  return { solution: X, clonedCoefficient: renamed(clone(system), printed) };
}
