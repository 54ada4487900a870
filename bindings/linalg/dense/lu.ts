/**
 * Gaussian elimination with partial pivoting, and what follows from it (Golub & Van Loan, Matrix Computations, §3.4), by
 * recursion (Toledo 1997, SIAM J. Matrix Anal. Appl. 18).
 */
import { BASE, subtractProduct, swap } from "./product.ts";
import { solveTriangular, substitute } from "./triangular.ts";

/**
 * L and U in place of the m by n matrix `a`; row i was exchanged with row pivots[i] − 1 at step i. Returns the place, from 1,
 * of the first zero on the diagonal of U, or 0.
 */
export function luFactor(a: Float64Array, m: number, n: number, pivots: Float64Array): number {
  const k = Math.min(m, n);
  eliminate(a, m, n, pivots, 0, k);
  substitute(a, 0, n, k, a, k, n, n - k, false, true);
  for (let i = 0; i < k; i++) if (a[i * n + i] === 0) return i + 1;
  return 0;
}

/** The columns low … high − 1, from row `low` on. Exchanges of rows go through the whole matrix. */
function eliminate(a: Float64Array, m: number, n: number, pivots: Float64Array, low: number, high: number): void {
  const width = high - low;
  if (width > BASE) {
    const middle = low + (width >> 1);
    eliminate(a, m, n, pivots, low, middle);
    const right = low * n + middle;
    substitute(a, low * n + low, n, middle - low, a, right, n, high - middle, false, true);
    const [rest, below] = [middle * n + middle, middle * n + low];
    subtractProduct(a, rest, n, a, below, n, a, right, n, m - middle, middle - low, high - middle);
    eliminate(a, m, n, pivots, middle, high);
    return;
  }
  for (let j = low; j < high; j++) {
    let p = j;
    for (let i = j + 1; i < m; i++) if (Math.abs(a[i * n + j]) > Math.abs(a[p * n + j])) p = i;
    pivots[j] = p + 1;
    if (p !== j) swap(a, j * n, p * n, n);
    const pivot = a[j * n + j];
    if (pivot === 0) continue;
    for (let i = j + 1; i < m; i++) {
      a[i * n + j] /= pivot;
      subtractProduct(a, i * n + j + 1, n, a, i * n + j, n, a, j * n + j + 1, n, 1, 1, high - j - 1);
    }
  }
}

/** Exchanges the rows of `b`, each of `k` elements, as the factorisation did, or back. */
export function permuteRows(b: Float64Array, k: number, pivots: ArrayLike<number>, back = false): void {
  const n = pivots.length;
  for (let step = 0; step < n; step++) {
    const i = back ? n - 1 - step : step;
    if (pivots[i] !== i + 1) swap(b, i * k, (pivots[i] - 1) * k, k);
  }
}

/** A⁻¹ B in place of the n by k matrix `b`, or A⁻ᵀ B, from the factors of A. */
export function luSolve(
  lu: Float64Array,
  pivots: ArrayLike<number>,
  n: number,
  b: Float64Array,
  k: number,
  transpose: boolean,
): void {
  if (!transpose) permuteRows(b, k, pivots);
  solveTriangular(lu, n, b, k, { upper: false, unit: !transpose, transpose });
  solveTriangular(lu, n, b, k, { upper: true, unit: transpose, transpose });
  if (transpose) permuteRows(b, k, pivots, true);
}
