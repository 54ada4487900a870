/** Randomised decompositions of low rank (Halko, Martinsson & Tropp 2009, arXiv:0909.4061). */
import { named } from "../core/args.ts";
import { ShapeError } from "../core/errors.ts";
import { matmul } from "../ops/matmul.ts";
import { randn } from "../ops/random.ts";
import { mean } from "../ops/reduce.ts";
import type { Tensor } from "../tensor.ts";
import { checkFloat, mT } from "./batch.ts";
import { qr } from "./qr.ts";
import { svd } from "./svd.ts";

interface LowRankOptions {
  /** A little more than the rank that is expected. */
  q?: number | null;
  /** Steps of the power iteration that sharpens the approximation. */
  niter?: number;
  /** Decompose A − M, M broadcast to A. */
  M?: Tensor | null;
}

interface Decomposition {
  U: Tensor;
  S: Tensor;
  V: Tensor;
}

/**
 * Steps beyond those that are asked for. PyTorch makes none, and if q is no larger than the rank its result depends on the
 * random numbers: an unlucky start loses three digits where each step would win two.
 */
const MORE_STEPS = 2;

/** An orthonormal basis of q columns of what A nearly maps to (Algorithm 4.4). */
function basis(A: Tensor, q: number, niter: number): Tensor {
  let Q = qr(matmul(A, randn(A.size(-1), q))).Q;
  for (let i = 0; i < niter + MORE_STEPS; i++) {
    Q = qr(matmul(mT(A), Q)).Q;
    Q = qr(matmul(A, Q)).Q;
  }
  return Q;
}

/**
 * U, S and V with A ≈ U diag(S) Vᵀ of rank q at most (6 by default), for matrices [..., m, n] whose rank is low; draws random
 * numbers. O(m n q).
 * @throws {ShapeError} a q beyond min(m, n)
 * @example svdLowrank(tensor([[3, 0], [0, 0]]), 1).S.shape // [1]
 */
export function svdLowrank(
  A: Tensor,
  q?: number | null | LowRankOptions,
  niter?: number | LowRankOptions,
  M?: Tensor | null | LowRankOptions,
): Decomposition {
  const options = named<LowRankOptions>("svd_lowrank", [q, niter, M], ["q", "niter", "M"]);
  checkFloat(A, "svd_lowrank");
  const difference = options.M ? A.sub(options.M) : A;
  return decompose(difference, options.q ?? 6, options.niter ?? 2);
}

function decompose(A: Tensor, q: number, niter: number): Decomposition {
  const [m, n] = A.shape.slice(-2);
  if (m >= n && n <= q) {
    const Q = basis(A, q, niter);
    const { U, S, Vh } = svd(matmul(mT(Q), A), false);
    return { U: matmul(Q, U), S, V: mT(Vh) };
  }
  const Q = basis(mT(A), q, niter);
  const { U, S, Vh } = svd(matmul(A, Q), false);
  return { U, S, V: matmul(Q, mT(Vh)) };
}

interface PcaOptions {
  q?: number | null;
  /** Subtract the mean of the rows first. */
  center?: boolean;
  niter?: number;
}

/**
 * Principal components of m samples in n dimensions [..., m, n]: those of the centred matrix, by `svdLowrank`.
 * @throws {ShapeError} a q beyond min(m, n)
 * @example pcaLowrank(tensor([[1, 0], [3, 0]]), 1).S.shape // [1]
 */
export function pcaLowrank(
  A: Tensor,
  q?: number | null | PcaOptions,
  center?: boolean | PcaOptions,
  niter?: number | PcaOptions,
): Decomposition {
  const options = named<PcaOptions>("pca_lowrank", [q, center, niter], ["q", "center", "niter"]);
  checkFloat(A, "pca_lowrank");
  const most = Math.min(...A.shape.slice(-2));
  const count = options.q ?? Math.min(6, most);
  if (count < 0 || count > most) {
    throw new ShapeError(`q(=${count}) must be non-negative integer and not greater than min(m, n)=${most}`);
  }
  const source = (options.center ?? true) ? A.sub(mean(A, -2, true)) : A;
  return decompose(source, count, options.niter ?? 2);
}
