/** Determinants. */
import { external } from "../autograd/external.ts";
import { noGrad } from "../autograd/mode.ts";
import { eye } from "../ops/creation.ts";
import { diagEmbed, diagonal } from "../ops/diagonal.ts";
import { matmul } from "../ops/matmul.ts";
import { prod } from "../ops/reduce.ts";
import { where } from "../ops/where.ts";
import type { Tensor } from "../tensor.ts";
import { batchOf, checkSystem, forEachMatrix, mT } from "./batch.ts";
import { luFactor, luSolve } from "./dense/lu.ts";
import { singular } from "./dense/svd.ts";
import { invEx } from "./solve.ts";
import { svd } from "./svd.ts";

/** The sign and the logarithm of the absolute value of a determinant, from factors made in place. */
function signAndLog(
  a: Float64Array,
  n: number,
  pivots: Float64Array = new Float64Array(n),
): [sign: number, log: number] {
  luFactor(a, n, n, pivots);
  let sign = 1;
  let log = 0;
  for (let i = 0; i < n; i++) {
    const u = a[i * n + i];
    sign *= Math.sign(u) * (pivots[i] === i + 1 ? 1 : -1);
    log += Math.log(Math.abs(u));
  }
  // Without the sign of zero that a row exchange leaves.
  return [sign + 0, log];
}

function determinant(a: Float64Array, n: number): number {
  const pivots = new Float64Array(n);
  luFactor(a, n, n, pivots);
  let value = 1;
  for (let i = 0; i < n; i++) value *= pivots[i] === i + 1 ? a[i * n + i] : -a[i * n + i];
  return value;
}

/**
 * The determinant of square matrices [..., n, n]; 1 of an empty one. O(n³); the gradient exists for singular matrices too.
 * @example linalg.det(tensor([[1, 2], [3, 4]])).item() // -2
 */
export function det(A: Tensor): Tensor {
  checkSystem(A, "linalg.det");
  const n = A.size(-1);
  const [value] = forEachMatrix(batchOf(A), [A], [[[]]], ([a], [d]) => {
    d[0] = determinant(a, n);
  });
  const backward = ([g]: (Tensor | null)[]): Tensor[] => [(g as Tensor).unsqueeze(-1).unsqueeze(-1).mul(cofactors(A))];
  return external("LinalgDetBackward0", [A], [value], backward, [A, value])[0];
}

/**
 * The derivative of the determinant, det(A) A⁻ᵀ. For singular matrices it is found from A = U S Vᵀ as det(U) det(V) U C Vᵀ,
 * where C is diagonal with the products of all other singular values (Stewart 1998, On the adjugate matrix).
 */
function cofactors(A: Tensor): Tensor {
  const n = A.size(-1);
  const [C] = forEachMatrix(batchOf(A), [A], [[[n, n]]], ([a], [c]) => {
    const lu = a.slice();
    const pivots = new Float64Array(n);
    luFactor(lu, n, n, pivots);
    const diagonal = Float64Array.from({ length: n }, (_, i) => Math.abs(lu[i * n + i]));
    if (Math.min(...diagonal) > NEARLY_SINGULAR * Math.max(...diagonal)) {
      const value = determinant(a, n);
      for (let i = 0; i < n; i++) c[i * n + i] = value;
      luSolve(lu, pivots, n, c, n, true);
      return;
    }
    const s = new Float64Array(n);
    const factors = singular(a, n, n, s, "thin");
    if (!factors) return void c.fill(Number.NaN);
    const { u, v } = factors;
    const sign = determinant(u.slice(), n) * determinant(v.slice(), n);
    for (let k = 0; k < n; k++) {
      const others = s.reduce((product, x, i) => (i === k ? product : product * x), Math.sign(sign));
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) c[i * n + j] += others * u[k * n + i] * v[k * n + j];
    }
  });
  const backward = ([g]: (Tensor | null)[]): Tensor[] => [cofactorsGradient(A, g as Tensor)];
  return external("LinalgDetBackward0", [A], [C], backward, [A])[0];
}

/** Below this ratio of pivots the inverse is no way to the cofactors, which are finite. */
const NEARLY_SINGULAR = 1e-6;

/**
 * For a diagonal S, cofactor i of the diagonal changes with element k by P_ik, the product of all singular values but i and k,
 * and cofactor (i, j) with element (j, i) by −P_ij. Written with operations that can be differentiated further.
 */
function cofactorsGradient(A: Tensor, g: Tensor): Tensor {
  const n = A.size(-1);
  const { U, S, Vh } = svd(A, false);
  const sign = noGrad(() => slogdet(matmul(U, Vh)).sign)
    .unsqueeze(-1)
    .unsqueeze(-1);
  const one = eye(n, { dtype: "bool" });
  const left = one.unsqueeze(1).logicalOr(one.unsqueeze(0));
  const products = prod(where(left, 1, S.unsqueeze(-2).unsqueeze(-2)), -1);
  const others = where(one, 0, products);
  const inner = matmul(mT(U), matmul(g, mT(Vh)));
  const along = matmul(others, diagonal(inner, 0, -2, -1).unsqueeze(-1)).squeeze(-1);
  return matmul(U, matmul(diagEmbed(along).sub(mT(inner).mul(others)), Vh)).mul(sign);
}

/**
 * The sign (0 of a singular matrix) and the logarithm of the absolute value of the determinant of square matrices [..., n, n],
 * which neither overflows nor vanishes. O(n³).
 * @example linalg.slogdet(tensor([[-2]])).sign.item() // -1
 */
export function slogdet(A: Tensor): { sign: Tensor; logabsdet: Tensor } {
  return signedLog(A, "linalg.slogdet");
}

function signedLog(A: Tensor, caller: string): { sign: Tensor; logabsdet: Tensor } {
  checkSystem(A, caller);
  const n = A.size(-1);
  const [sign, logabsdet] = forEachMatrix(batchOf(A), [A], [[[]], [[]]], ([a], [s, log]) => {
    [s[0], log[0]] = signAndLog(a, n);
  });
  external(
    "LinalgSlogdetBackward0",
    [A],
    [sign, logabsdet],
    ([, g]) => [g && mT(invEx(A).inverse).mul(g.unsqueeze(-1).unsqueeze(-1))],
    [A, sign],
  );
  return { sign, logabsdet };
}

/**
 * The logarithm of the determinant of square matrices: NaN if that is negative, −∞ if it is zero.
 * @example logdet(tensor([[2, 0], [0, 3]])).item() // 1.7918
 */
export function logdet(input: Tensor): Tensor {
  const { sign, logabsdet } = signedLog(input, "logdet");
  return where(sign.lt(0), Number.NaN, logabsdet);
}
