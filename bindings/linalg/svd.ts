/** The singular value decomposition. */
import { external } from "../autograd/external.ts";
import { isGradEnabled } from "../autograd/mode.ts";
import { named } from "../core/args.ts";
import { LinAlgError } from "../core/errors.ts";
import { eye, zerosLike } from "../ops/creation.ts";
import { diagEmbed } from "../ops/diagonal.ts";
import { matmul } from "../ops/matmul.ts";
import type { Tensor } from "../tensor.ts";
import { batchElement, batchOf, checkFloat, checkMatrix, forEachMatrix, mT } from "./batch.ts";
import { transposed } from "./dense/product.ts";
import { singular, type Vectors } from "./dense/svd.ts";
import { NON_FINITE } from "./eigen.ts";

export interface SingularValues {
  U: Tensor;
  S: Tensor;
  Vh: Tensor;
}

/**
 * A = U diag(S) Vh for matrices [..., m, n], singular values descending. U is square, and Vh, unless `fullMatrices` is false:
 * then they have min(m, n) columns and rows. Golub and Kahan's algorithm in double precision: O(m n min(m, n)), and O(m² n)
 * for a full U.
 *
 * The gradient by U and Vh is finite only if the singular values are distinct and not zero; only their first min(m, n) columns
 * and rows take part in it.
 * @throws {LinAlgError} NaN or infinity
 * @example linalg.svd(tensor([[3, 0], [0, 4]])).S.tolist() // [4, 3]
 */
export function svd(A: Tensor, fullMatrices?: boolean | { fullMatrices?: boolean }): SingularValues {
  const options = named<{ fullMatrices?: boolean }>("linalg.svd", [fullMatrices], ["fullMatrices"]);
  return decompose(A, (options.fullMatrices ?? true) ? "all" : "thin", "linalg.svd");
}

/**
 * The singular values alone, descending: see `svd`.
 * @example linalg.svdvals(tensor([[3, 0], [0, -4]])).tolist() // [4, 3]
 */
export function svdvals(A: Tensor): Tensor {
  // The gradient by the singular values needs the vectors.
  return decompose(A, A.requiresGrad && isGradEnabled() ? "thin" : "none", "linalg.svdvals").S;
}

interface SvdOptions {
  some?: boolean;
  computeUv?: boolean;
}

/**
 * A = U diag(S) Vᵀ. Kept for older programs: see `linalg.svd`.
 * @example svd(tensor([[3, 0], [0, 4]])).V.shape // [2, 2]
 */
export function svdOld(
  input: Tensor,
  some?: boolean | SvdOptions,
  computeUv?: boolean | SvdOptions,
): { U: Tensor; S: Tensor; V: Tensor } {
  const options = named<SvdOptions>("svd", [some, computeUv], ["some", "computeUv"]);
  const { U, S, Vh } = decompose(input, options.some === false ? "all" : "thin", "svd");
  if (options.computeUv === false) return { U: zerosLike(U), S, V: zerosLike(mT(Vh)) };
  return { U, S, V: mT(Vh) };
}

function decompose(A: Tensor, wanted: Vectors, caller: string): SingularValues {
  checkMatrix(A, caller);
  checkFloat(A, caller);
  const [batch, [m, n]] = [batchOf(A), A.shape.slice(-2)];
  const k = Math.min(m, n);
  const [rows, columns] = { all: [m, n], thin: [k, k], none: [0, 0] }[wanted];
  const [U, S, Vh] = forEachMatrix(batch, [A], [[[m, rows]], [[k]], [[columns, n]]], ([a], [u, s, v], i) => {
    const found = singular(a, m, n, s, wanted);
    if (!found) throw new LinAlgError(`${caller}: ${batchElement(batch, i)}${NON_FINITE}`);
    u.set(transposed(found.u, rows, m));
    v.set(found.v);
  });
  const outputs = [U, S, Vh];
  external(
    "LinalgSvdBackward0",
    [A],
    outputs,
    ([gU, gS, gVh]) => {
      const thin = <T extends Tensor | null>(t: T, dim: number): T =>
        (t && wanted === "all" ? t.narrow(dim, 0, k) : t) as T;
      return [gradient(thin(U, -1), S, thin(Vh, -2), thin(gU, -1), gS, thin(gVh, -2))];
    },
    outputs,
  );
  return { U, S, Vh };
}

/**
 * U [(skew(Uᵀ gU) / E) S + S (skew(Vᵀ gV) / E) + diag(gS)] Vᵀ, skew(X) = X − Xᵀ, E_ij = S_j² − S_i², and what lies outside of
 * the spaces of U and V (Townsend 2016, Differentiating the singular value decomposition; Seeger et al. 2017, arXiv:1710.08717).
 */
function gradient(
  U: Tensor,
  S: Tensor,
  Vh: Tensor,
  gU: Tensor | null,
  gS: Tensor | null,
  gVh: Tensor | null,
): Tensor | null {
  if (!gU && !gVh) return gS && matmul(U.mul(gS.unsqueeze(-2)), Vh);
  const [m, n, k] = [U.size(-2), Vh.size(-1), S.size(-1)];
  const squares = S.mul(S);
  const gaps = squares.unsqueeze(-2).sub(squares.unsqueeze(-1)).add(eye(k));
  const skew = (x: Tensor): Tensor => x.sub(mT(x)).div(gaps);
  const terms: Tensor[] = [];
  if (gU) terms.push(skew(matmul(mT(U), gU)).mul(S.unsqueeze(-2)));
  if (gVh) terms.push(skew(matmul(Vh, mT(gVh))).mul(S.unsqueeze(-1)));
  if (gS) terms.push(diagEmbed(gS));
  let result = matmul(matmul(U, sum(terms)), Vh);
  if (gU && m > k) {
    const outside = gU.sub(matmul(U, matmul(mT(U), gU)));
    result = result.add(matmul(outside.div(S.unsqueeze(-2)), Vh));
  }
  if (gVh && n > k) {
    const outside = gVh.sub(matmul(matmul(gVh, mT(Vh)), Vh));
    result = result.add(matmul(U, outside.div(S.unsqueeze(-1))));
  }
  return result;
}

function sum(terms: readonly Tensor[]): Tensor {
  return terms.reduce((a, b) => a.add(b));
}
