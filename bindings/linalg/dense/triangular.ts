/** Systems with a triangular matrix, by substitution; and the Cholesky factorisation (Golub & Van Loan, §3.1 and §4.2), by recursion. */
import { BASE, subtractProduct, transposed } from "./product.ts";

export interface Triangle {
  /** Which half counts, after transposing. */
  upper: boolean;
  /** Ones on the diagonal, whatever is stored there. */
  unit: boolean;
  /** The matrix is the transpose of what is stored. */
  transpose?: boolean;
}

/** A⁻¹ B in place of the n by k matrix `b`, where only the triangle of the n by n matrix `stored` is read. */
export function solveTriangular(
  stored: Float64Array,
  n: number,
  b: Float64Array,
  k: number,
  { upper, unit, transpose }: Triangle,
): void {
  substitute(transpose ? transposed(stored, n, n) : stored, 0, n, n, b, 0, k, k, upper, unit);
}

/** The same for parts of matrices: the triangle of n rows at `ai`, and n by k elements at `bi`. */
export function substitute(
  a: Float64Array,
  ai: number,
  lda: number,
  n: number,
  b: Float64Array,
  bi: number,
  ldb: number,
  k: number,
  upper: boolean,
  unit: boolean,
): void {
  if (k === 0) return;
  if (n > BASE) {
    const half = n >> 1;
    const rest = n - half;
    const [second, below] = [ai + half * (lda + 1), bi + half * ldb];
    if (upper) {
      substitute(a, second, lda, rest, b, below, ldb, k, upper, unit);
      subtractProduct(b, bi, ldb, a, ai + half, lda, b, below, ldb, half, rest, k);
      substitute(a, ai, lda, half, b, bi, ldb, k, upper, unit);
    } else {
      substitute(a, ai, lda, half, b, bi, ldb, k, upper, unit);
      subtractProduct(b, below, ldb, a, ai + half * lda, lda, b, bi, ldb, rest, half, k);
      substitute(a, second, lda, rest, b, below, ldb, k, upper, unit);
    }
    return;
  }
  for (let step = 0; step < n; step++) {
    const i = upper ? n - 1 - step : step;
    const known = upper ? i + 1 : 0;
    const row = bi + i * ldb;
    subtractProduct(b, row, ldb, a, ai + i * lda + known, lda, b, bi + known * ldb, ldb, 1, step, k);
    const pivot = unit ? 1 : a[ai + i * lda + i];
    if (pivot !== 1) for (let j = 0; j < k; j++) b[row + j] /= pivot;
  }
}

/**
 * The lower factor L of A = L Lᵀ in place of A, of which the lower triangle is read. Returns the order of the first leading
 * minor that is not positive, or 0. Above the diagonal anything may be left.
 */
export function cholesky(a: Float64Array, n: number, low = 0, high: number = n): number {
  const width = high - low;
  if (width > BASE) {
    const middle = low + (width >> 1);
    const failed = cholesky(a, n, low, middle);
    if (failed) return failed;
    const [first, rest] = [middle - low, high - middle];
    // L₂₁ᵀ = L₁₁⁻¹ A₂₁ᵀ, of which both forms are needed.
    const turned = new Float64Array(first * rest);
    for (let i = 0; i < rest; i++) for (let j = 0; j < first; j++) turned[j * rest + i] = a[(middle + i) * n + low + j];
    substitute(a, low * n + low, n, first, turned, 0, rest, rest, false, false);
    for (let i = 0; i < rest; i++) for (let j = 0; j < first; j++) a[(middle + i) * n + low + j] = turned[j * rest + i];
    subtractProduct(a, middle * n + middle, n, a, middle * n + low, n, turned, 0, rest, rest, first, rest);
    return cholesky(a, n, middle, high);
  }
  for (let j = low; j < high; j++) {
    const pivot = a[j * n + j];
    if (pivot <= 0) return j + 1;
    const root = Math.sqrt(pivot);
    for (let i = j; i < high; i++) a[i * n + j] /= root;
    for (let i = j + 1; i < high; i++) {
      for (let c = j + 1; c <= i; c++) a[i * n + c] -= a[i * n + j] * a[c * n + j];
    }
  }
  return 0;
}
