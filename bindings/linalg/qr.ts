/** QR factorisation, and products of Householder reflections. */
import { type ExternalBackward, external } from "../autograd/external.ts";
import { named } from "../core/args.ts";
import { GradError, ShapeError } from "../core/errors.ts";
import { renamed, savingOutput } from "../core/names.ts";
import { cat } from "../ops/cat.ts";
import { eye, zerosLike } from "../ops/creation.ts";
import { diagEmbed } from "../ops/diagonal.ts";
import { sameShape, shapeText } from "../ops/geometry.ts";
import { matmul } from "../ops/matmul.ts";
import { tril, triu } from "../ops/triangle.ts";
import { savedWhole } from "../ops/view.ts";
import type { Tensor } from "../tensor.ts";
import { batchOf, checkFloat, checkMatrix, forEachMatrix, mT } from "./batch.ts";
import { qrFactor, qrForm } from "./dense/householder.ts";
import { solveTriangular } from "./solve.ts";

/** reduced: Q has min(m, n) columns; complete: m columns; r: R alone. */
export type QrMode = "reduced" | "complete" | "r";

export interface QrFactors {
  Q: Tensor;
  R: Tensor;
}

/**
 * Q with orthonormal columns and upper triangular R with A = Q R, for matrices [..., m, n]. Householder reflections in double
 * precision: O(m n min(m, n)). Signs are LAPACK's. `mode` "r" leaves Q empty; it and "complete" with m > n have no gradient.
 * @throws {GradError} in backward, where there is no gradient
 * @example linalg.qr(tensor([[3], [4]])).R.abs().item() // 5
 */
export function qr(A: Tensor, mode?: QrMode | { mode?: QrMode }): QrFactors {
  const given = named<{ mode?: QrMode }>("linalg.qr", [mode], ["mode"]);
  return factor(A, given.mode ?? "reduced", "linalg.qr");
}

/**
 * Q and R: `linalg.qr` under its older name; without `some` Q is square.
 * @example qr(tensor([[3], [4]])).R.tolist() // [[-5]]
 */
export function qrOld(input: Tensor, some?: boolean | { some?: boolean }): QrFactors {
  const options = named<{ some?: boolean }>("qr", [some], ["some"]);
  return factor(input, options.some === false ? "complete" : "reduced", "qr");
}

function factor(A: Tensor, mode: QrMode, caller: string): QrFactors {
  checkMatrix(A, caller);
  checkFloat(A, caller);
  if (mode !== "reduced" && mode !== "complete" && mode !== "r") {
    throw new ShapeError(
      `qr received unrecognized mode '${String(mode)}' but expected one of 'reduced' (default), 'r', or 'complete'`,
    );
  }
  const [m, n] = A.shape.slice(-2);
  const k = mode === "complete" ? m : Math.min(m, n);
  const columns = mode === "r" ? 0 : k;
  const [Q, R] = forEachMatrix(batchOf(A), [A], [[[m, columns]], [[k, n]]], ([a], [q, r]) => {
    const tau = new Float64Array(Math.min(m, n));
    qrFactor(a, m, n, tau);
    for (let i = 0; i < k; i++) r.set(a.subarray(i * n + Math.min(i, n), i * n + n), i * n + Math.min(i, n));
    if (columns) q.set(qrForm(a, m, n, tau, columns));
  });
  const none = A.detach().reshape([-1]).narrow(0, 0, 0);
  const outputs: QrFactors = { Q: mode === "r" ? none : Q, R };
  const factors = mode === "r" ? [R] : [Q, R];
  const backward: ExternalBackward = (g) => {
    if (mode === "r") throw new GradError(NEEDS_Q);
    if (columns > n)
      throw new GradError("The QR decomposition is not differentiable when mode='complete' and nrows > ncols.");
    return [gradient(Q, R, g[0], g[1])];
  };
  external("LinalgQrBackward0", [A], factors, backward, factors);
  return outputs;
}

const NEEDS_Q =
  "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use linalg.qr(A, mode='reduced') if you are " +
  "going to differentiate through linalg.qr.";

/**
 * (gQ + Q S) R⁻ᵀ, where S is symmetric with the upper triangle of gR Rᵀ − Qᵀ gQ (Walter & Lehmann 2013, arXiv:1009.6112). Of
 * a wide matrix this goes for the square part; the columns right of it are Q R₂, through which Q gets more gradient.
 */
function gradient(Q: Tensor, R: Tensor, gQ: Tensor | null, gR: Tensor | null): Tensor | null {
  const [k, n] = R.shape.slice(-2);
  if (n > k) {
    const [square, right] = [R.narrow(-1, 0, k), R.narrow(-1, k, n - k)];
    if (!gR) return gQ && cat([gradient(Q, square, gQ, null) as Tensor, zerosLike(right)], -1);
    const gRight = gR.narrow(-1, k, n - k);
    const through = matmul(matmul(Q, right), mT(gRight));
    const left = gradient(Q, square, gQ ? gQ.add(through) : through, gR.narrow(-1, 0, k)) as Tensor;
    return cat([left, matmul(Q, gRight)], -1);
  }
  const fromR = gR && matmul(gR, mT(R));
  const fromQ = gQ && matmul(mT(Q), gQ);
  const inner = fromR && fromQ ? fromR.sub(fromQ) : (fromR ?? fromQ?.neg());
  if (!inner) return null;
  const symmetric = triu(inner).add(mT(triu(inner, 1)));
  const sum = matmul(Q, symmetric);
  return solveTriangular(mT(R), gQ ? gQ.add(sum) : sum, { upper: false, left: false });
}

/**
 * What `householderProduct` and `ormqr` take: R on and above the diagonal, the reflections below it, and their factors.
 * @example geqrf(tensor([[3], [4]])).tau.shape // [1]
 */
export function geqrf(input: Tensor): { a: Tensor; tau: Tensor } {
  checkMatrix(input, "geqrf", "input");
  checkFloat(input, "geqrf");
  const [m, n] = input.shape.slice(-2);
  const [a, tau] = forEachMatrix(batchOf(input), [input], [[[m, n]], [[Math.min(m, n)]]], ([x], [out, t]) => {
    qrFactor(x, m, n, t);
    out.set(x);
  });
  external("GeqrfBackward0", [input], [a, tau], () => {
    throw new GradError("the derivative for 'geqrf' is not implemented");
  });
  return { a, tau };
}

/**
 * V and T with H₁ H₂ … = 1 − V T Vᵀ, where V has the reflections as its columns. With S the strictly upper part of Vᵀ V, T is
 * (1 + τ S)⁻¹ τ (Joffrain et al. 2006, Accumulating Householder transformations, revisited), also for a τ of zero.
 */
function accumulated(input: Tensor, tau: Tensor): { V: Tensor; T: Tensor } {
  const [m, k] = [input.size(-2), tau.size(-1)];
  const V = tril(input.narrow(-1, 0, k), -1).add(eye(m, k));
  const scaled = tau.unsqueeze(-1).mul(triu(matmul(mT(V), V), 1));
  return { V, T: solveTriangular(scaled, diagEmbed(tau), { upper: true, unitriangular: true }) };
}

function checkReflections(input: Tensor, tau: Tensor, caller: string): void {
  if (input.ndim < 2) throw new ShapeError(`${caller}: input must have at least 2 dimensions.`);
  const [m, n] = input.shape.slice(-2);
  if (m < n) throw new ShapeError(`${caller}: input.shape[-2] must be greater than or equal to input.shape[-1]`);
  if (input.ndim - tau.ndim !== 1) {
    throw new ShapeError(
      `${caller}: Expected tau to have one dimension less than input, but got tau.ndim equal to ${tau.ndim} and input.ndim is ` +
        `equal to ${input.ndim}`,
    );
  }
  if (n < tau.size(-1))
    throw new ShapeError(`${caller}: input.shape[-1] must be greater than or equal to tau.shape[-1]`);
  if (!sameShape(batchOf(tau, 1), batchOf(input))) {
    throw new ShapeError(
      `${caller}: Expected batch dimensions of tau to be equal to input.shape[:-2], but got ${shapeText(batchOf(tau, 1))}`,
    );
  }
  checkFloat(input, caller);
}

/**
 * The first n columns of the product of reflections that stand below the diagonal of `input` [..., m, n], as `geqrf` gives
 * them.
 * @example
 * const { a, tau } = geqrf(tensor([[3], [4]]));
 * linalg.householderProduct(a, tau).tolist(); // [[-0.6000], [-0.8000]]
 */
export function householderProduct(input: Tensor, tau: Tensor): Tensor {
  checkReflections(input, tau, "linalg.householder_product");
  const [m, n] = input.shape.slice(-2);
  const { V, T } = accumulated(savedWhole(input), tau);
  const product = eye(m, n).sub(matmul(V, matmul(T, mT(V.narrow(-2, 0, n)))));
  return savingOutput(renamed(product, "LinalgHouseholderProductBackward0"));
}

/**
 * The product of reflections: `linalg.householderProduct` under its LAPACK name.
 * @example
 * const { a, tau } = geqrf(tensor([[3], [4]]));
 * orgqr(a, tau).tolist(); // [[-0.6000], [-0.8000]]
 */
export function orgqr(input: Tensor, tau: Tensor): Tensor {
  return householderProduct(input, tau);
}

interface OrmqrOptions {
  left?: boolean;
  transpose?: boolean;
}

/**
 * Q C (C Q without `left`, Qᵀ with `transpose`), where the square Q is the product of the reflections in `input`, which
 * `geqrf` gives, and C is `other`.
 * @throws {ShapeError} sizes that do not fit
 * @example
 * const { a, tau } = geqrf(tensor([[3], [4]]));
 * ormqr(a, tau, tensor([[1], [0]])).tolist(); // [[-0.6000], [-0.8000]]
 */
export function ormqr(
  input: Tensor,
  tau: Tensor,
  other: Tensor,
  left?: boolean | OrmqrOptions,
  transpose?: boolean | OrmqrOptions,
): Tensor {
  const options = named<OrmqrOptions>("ormqr", [left, transpose], ["left", "transpose"]);
  const isLeft = options.left ?? true;
  const dim = isLeft ? -2 : -1;
  if (input.ndim < 2 || other.ndim < 2) throw new ShapeError("ormqr: input and other must have at least 2 dimensions.");
  if (other.size(dim) !== input.size(-2)) {
    throw new ShapeError(`ormqr: other.shape[${dim}] must be equal to input.shape[-2]`);
  }
  if (other.size(dim) < tau.size(-1)) {
    throw new ShapeError(`ormqr: other.shape[${dim}] must be greater than or equal to tau.shape[-1]`);
  }
  const { V, T } = accumulated(input, tau);
  const inner = options.transpose ? mT(T) : T;
  if (isLeft) return other.sub(matmul(V, matmul(inner, matmul(mT(V), other))));
  return other.sub(matmul(matmul(matmul(other, V), inner), mT(V)));
}
