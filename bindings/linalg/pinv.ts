/** What follows from the singular values: pseudo-inverse, rank, least squares. */
import { type ExternalBackward, external } from "../autograd/external.ts";
import { named } from "../core/args.ts";
import { TensorBase } from "../core/base.ts";
import { DTypeError, LinAlgError, ShapeError } from "../core/errors.ts";
import { tensor, zeros } from "../ops/creation.ts";
import { broadcastShapes, product, sameShape } from "../ops/geometry.ts";
import { matmul } from "../ops/matmul.ts";
import { tril } from "../ops/triangle.ts";
import type { Tensor } from "../tensor.ts";
import {
  batchElement,
  batchOf,
  checkFloat,
  checkMatrix,
  checkSquare,
  expandBatch,
  forEachMatrix,
  mT,
} from "./batch.ts";
import { singular } from "./dense/svd.ts";
import { eigvalsh, NON_FINITE } from "./eigen.ts";
import { svdvals } from "./svd.ts";

export interface Tolerances {
  /** Singular values up to this count as zero. Default 0. */
  atol?: number | Tensor;
  /** And those up to this times the largest. Default max(m, n) times the precision of float32, or 0 if `atol` is given. */
  rtol?: number | Tensor;
  /** The matrices are symmetric, and their lower triangle alone is read. */
  hermitian?: boolean;
}

/** Between 1 and the next float32. */
const EPSILON = 2 ** -23;

/** The two tolerances for each matrix of a batch. */
function tolerances(A: Tensor, { atol, rtol }: Tolerances): { atol: Tensor; rtol: Tensor } {
  const standard = EPSILON * Math.max(...A.shape.slice(-2));
  const toTensor = (t: number | Tensor): Tensor => (t instanceof TensorBase ? t.detach() : tensor(t));
  const absolute = toTensor(atol ?? 0);
  const relative = rtol === undefined ? absolute.le(0).mul(standard) : toTensor(rtol);
  const batch = batchOf(A);
  return { atol: expandBatch(absolute, batch, 0), rtol: expandBatch(relative, batch, 0) };
}

/** The matrix of which only the lower triangle counts, with a gradient along symmetric matrices. */
function symmetric(A: Tensor): Tensor {
  return tril(A).add(mT(tril(A, -1)));
}

/** The pseudo-inverse of an m by n matrix, n by m, by its singular values above a tolerance; and how many these are. */
function invert(
  a: Float64Array,
  m: number,
  n: number,
  into: Float64Array,
  values: Float64Array,
  atol: number,
  rtol: number,
): number {
  const factors = singular(a, m, n, values, "thin");
  if (!factors) return -1;
  const { u, v } = factors;
  const smallest = Math.max(atol, rtol * (values[0] ?? 0));
  let rank = 0;
  while (rank < values.length && values[rank] > smallest) rank++;
  for (let k = 0; k < rank; k++) {
    for (let i = 0; i < n; i++) {
      const factor = v[k * n + i] / values[k];
      for (let j = 0; j < m; j++) into[i * m + j] += factor * u[k * m + j];
    }
  }
  return rank;
}

/**
 * The Moore–Penrose inverse of matrices [..., m, n]; singular values within the tolerances count as zero. O(m n min(m, n)).
 * @throws {LinAlgError} NaN or infinity
 * @example linalg.pinv(tensor([[2, 0], [0, 0]])).tolist() // [[0.5, 0], [0, 0]]
 */
export function pinv(A: Tensor, options: Tolerances = {}): Tensor {
  const caller = "linalg.pinv";
  if (A.ndim < 2 || A.dtype !== "float32") {
    throw new DTypeError(
      `${caller}(${A.scalarName()}{[${A.shape.join(", ")}]}): expected a tensor with 2 or more dimensions of float, double, cfloat ` +
        "or cdouble types",
    );
  }
  if (options.hermitian) checkSquare(A, caller);
  const source = options.hermitian ? symmetric(A) : A;
  const { atol, rtol } = tolerances(A, options);
  const [batch, [m, n]] = [batchOf(A), A.shape.slice(-2)];
  const [P] = forEachMatrix(batch, [source, atol, rtol], [[[n, m]]], ([a, [absolute], [relative]], [p], i) => {
    const rank = invert(a, m, n, p, new Float64Array(Math.min(m, n)), absolute, relative);
    if (rank < 0) throw new LinAlgError(`linalg.svd: ${batchElement(batch, i)}${NON_FINITE}`);
  });
  return external("LinalgPinvBackward0", [source], [P], ([g]) => [pinvGradient(g as Tensor, P, source)])[0];
}

/** −Pᵀ g Pᵀ + (1 − A P) gᵀ P Pᵀ + Pᵀ P gᵀ (1 − P A), valid where the rank does not change (Golub & Pereyra 1973). */
function pinvGradient(g: Tensor, P: Tensor, A: Tensor): Tensor {
  const Pt = mT(P);
  const right = matmul(matmul(mT(g), P), Pt);
  const left = matmul(Pt, matmul(P, mT(g)));
  return right
    .sub(matmul(matmul(A, P), right))
    .add(left.sub(matmul(matmul(left, P), A)))
    .sub(matmul(Pt, matmul(g, Pt)));
}

/**
 * The Moore–Penrose inverse: `linalg.pinv` under its older name, where singular values up to `rcond` times the largest are zero.
 * @example pinverse(tensor([[2, 0], [0, 0]])).tolist() // [[0.5, 0], [0, 0]]
 */
export function pinverse(input: Tensor, rcond?: number | { rcond?: number }): Tensor {
  const options = named<{ rcond?: number }>("pinverse", [rcond], ["rcond"]);
  return pinv(input, { rtol: options.rcond ?? 1e-15 });
}

/**
 * How many singular values of matrices [..., m, n] are above the tolerances.
 * @example linalg.matrixRank(tensor([[1, 2], [2, 4]])).item() // 1
 */
export function matrixRank(
  A: Tensor,
  tol?: number | Tensor | (Tolerances & { tol?: number | Tensor }),
  hermitian?: boolean | Tolerances,
): Tensor {
  const caller = "linalg.matrix_rank";
  const { tol: old, ...rest } = named<Tolerances & { tol: number | Tensor }>(
    caller,
    [tol, hermitian],
    ["tol", "hermitian"],
  );
  const options = old === undefined ? rest : { ...rest, atol: old, rtol: 0 };
  checkMatrix(A, caller, "input");
  if (options.hermitian) checkSquare(A, caller);
  const source = A.detach();
  if (source.numel() === 0) return zeros(batchOf(A), { dtype: "int32" });
  const S = options.hermitian ? eigvalsh(source).abs() : svdvals(source);
  const { atol, rtol } = tolerances(A, options);
  const smallest = atol.maximum(rtol.mul(S.amax(-1)));
  return S.gt(smallest.unsqueeze(-1)).sum(-1);
}

/** Which LAPACK routine PyTorch calls: here they differ only in what they return beside the solution. */
export type LstsqDriver = "gels" | "gelsy" | "gelsd" | "gelss";

interface LstsqOptions {
  /** Singular values up to this times the largest count as zero. Default max(m, n) times the precision of float32. */
  rcond?: number;
  driver?: LstsqDriver;
}

export interface LeastSquares {
  solution: Tensor;
  /** Sums of squares of what is left, by column of B, where m > n and A has full rank; otherwise empty. */
  residuals: Tensor;
  /** Of each matrix; empty with the driver "gels", which takes for granted that it is full. */
  rank: Tensor;
  /** With the drivers "gelsd" and "gelss"; otherwise empty. */
  singularValues: Tensor;
}

/**
 * The X of smallest norm among those that make the norm of A X − B smallest, for A [..., m, n] and B [..., m, k] or [..., m],
 * from the singular values of A. O(m n min(m, n)).
 * @throws {ShapeError} sizes that do not fit
 * @throws {LinAlgError} NaN or infinity
 * @example linalg.lstsq(tensor([[1], [1]]), tensor([[1], [3]])).solution.tolist() // [[2]]
 */
export function lstsq(
  A: Tensor,
  B: Tensor,
  rcond?: number | null | LstsqOptions,
  options?: LstsqOptions,
): LeastSquares {
  const caller = "linalg.lstsq";
  const given = named<LstsqOptions>(caller, [rcond, options], ["rcond"]);
  const driver = given.driver ?? "gelsy";
  if (!["gels", "gelsy", "gelsd", "gelss"].includes(driver)) {
    throw new ShapeError(`${caller}: parameter \`driver\` should be one of (gels, gelsy, gelsd, gelss)`);
  }
  if (A.ndim < 2) throw new ShapeError(`${caller}: input must have at least 2 dimensions.`);
  if (B.ndim < 1) throw new ShapeError(`${caller}: other must have at least 1 dimension.`);
  checkFloat(A, caller);
  checkFloat(B, caller);
  const vector = A.ndim - 1 === B.ndim && sameShape(B.shape, A.shape.slice(0, -1));
  const right = vector ? B.unsqueeze(-1) : B;
  if (right.ndim < 2 || A.size(-2) !== right.size(-2)) {
    throw new ShapeError(`${caller}: input.size(-2) should match other.size(-2)`);
  }
  const [m, n, k] = [...A.shape.slice(-2), right.size(-1)];
  const batch = broadcastShapes(batchOf(A), batchOf(right));
  const relative = given.rcond ?? EPSILON * Math.max(m, n);
  const [X, residual, rank, S] = forEachMatrix(
    batch,
    [expandBatch(A, batch), expandBatch(right, batch)],
    [[[n, k]], [[k]], [[], "int32"], [[Math.min(m, n)]]],
    ([a, b], [x, r, order, s], i) => {
      const p = new Float64Array(n * m);
      const matrix = a.slice();
      order[0] = invert(a, m, n, p, s, 0, relative);
      if (order[0] < 0) throw new LinAlgError(`${caller}: ${batchElement(batch, i)}${NON_FINITE}`);
      for (let c = 0; c < k; c++) {
        for (let j = 0; j < n; j++) for (let l = 0; l < m; l++) x[j * k + c] += p[j * m + l] * b[l * k + c];
        for (let l = 0; l < m; l++) {
          let left = b[l * k + c];
          for (let j = 0; j < n; j++) left -= matrix[l * n + j] * x[j * k + c];
          r[c] += left * left;
        }
      }
    },
  );
  // X = P B for the pseudo-inverse P.
  const backward: ExternalBackward = ([g], [needsA]) => {
    const P = pinv(A, { rtol: relative });
    return [needsA ? pinvGradient(matmul(g as Tensor, mT(right)), P, A) : null, matmul(mT(P), g as Tensor)];
  };
  external("LinalgLstsqBackward0", [A, right], [X], backward, [A, right]);
  const none = zeros(0);
  const full = rank.data().every((r) => r === n);
  return {
    solution: vector ? X.squeeze(-1) : X,
    residuals: m > n && (full || driver === "gels") && product(batch) > 0 ? residual : none,
    rank: driver === "gels" ? zeros(0, { dtype: "int32" }) : rank,
    singularValues: driver === "gelsd" || driver === "gelss" ? S : none,
  };
}
