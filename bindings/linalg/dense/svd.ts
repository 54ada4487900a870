/** The singular value decomposition after Golub and Kahan: bidiagonal form, then implicit QR (Golub & Van Loan, §8.6). */
import { EPSILON, formed, PATIENCE, rotateRows, sortRows } from "./eigen.ts";
import { qrForm, reflector, reflectRows } from "./householder.ts";
import { transposed } from "./product.ts";

export interface Singular {
  /** Left singular vectors as rows: all m of them, or the first min(m, n). */
  u: Float64Array;
  /** Right singular vectors as rows. */
  v: Float64Array;
}

/** all: m left and n right vectors; thin: the first min(m, n); none. */
export type Vectors = "all" | "thin" | "none";

/**
 * Singular values, descending, into `d`; the m by n matrix `a` is lost. Returns the singular vectors that are wanted, or null if
 * the algorithm did not converge: of NaN and infinity.
 */
export function singular(a: Float64Array, m: number, n: number, d: Float64Array, wanted: Vectors): Singular | null {
  if (m < n) {
    const result = singular(transposed(a, m, n), n, m, d, wanted);
    return result && { u: result.v, v: result.u };
  }
  if (!a.every(Number.isFinite)) return null;
  const e = new Float64Array(n);
  const [left, right] = bidiagonal(a, m, n, d, e);
  const columns = wanted === "all" ? m : n;
  const [tall, wide] = wanted === "none" ? [0, 0] : [m, n];
  const u = tall ? transposed(qrForm(a, m, n, left, columns), m, columns) : new Float64Array(0);
  // The reflections of the rows are columns of the transpose.
  const v = wide ? formed(transposed(a.subarray(0, n * n), n, n), n, right) : new Float64Array(0);
  let steps = 0;
  for (let high = n - 1; high > 0; ) {
    let low = high;
    while (low > 0 && Math.abs(e[low - 1]) > EPSILON * (Math.abs(d[low - 1]) + Math.abs(d[low]))) low--;
    if (low === high) {
      high--;
      continue;
    }
    if (steps++ >= PATIENCE * n) return null;
    const zero = zeroIn(d, e, low, high);
    if (zero < high) dropRow(d, e, zero, high, u, tall);
    else step(d, e, low, high, u, tall, v, wide);
  }
  for (let i = 0; i < n; i++) {
    if (d[i] >= 0) continue;
    d[i] = -d[i];
    for (let k = 0; k < wide; k++) v[i * n + k] *= -1;
  }
  sortRows(d, n, (x, y) => x > y, [
    { rows: u, length: tall },
    { rows: v, length: wide },
  ]);
  return { u, v };
}

/**
 * Uᵀ A V with diagonal `d` and `e` above it, for m ≥ n (Algorithm 5.4.2). The reflections of U take the place of A's columns,
 * those of V that of its rows; returns the τ of both.
 */
function bidiagonal(
  a: Float64Array,
  m: number,
  n: number,
  d: Float64Array,
  e: Float64Array,
): [left: Float64Array, right: Float64Array] {
  const left = new Float64Array(n);
  const right = new Float64Array(Math.max(n - 1, 0));
  for (let k = 0; k < n; k++) {
    const at = k * n + k;
    left[k] = reflector(a, at, n, m - k);
    d[k] = a[at];
    reflectRows(a, at + 1, n, m - k, n - k - 1, a, at, n, left[k]);
    if (k + 1 === n) break;
    right[k] = reflector(a, at + 1, 1, n - k - 1);
    e[k] = a[at + 1];
    reflectColumns(a, at + n + 1, n, m - k - 1, n - k - 1, at + 1, right[k]);
  }
  return [left, right];
}

/** c ← c (1 − τ v vᵀ) within one matrix, v a row of it. */
function reflectColumns(c: Float64Array, ci: number, ldc: number, m: number, n: number, vi: number, tau: number): void {
  for (let i = 0; i < m; i++) {
    const row = ci + i * ldc;
    let dot = c[row];
    for (let j = 1; j < n; j++) dot += c[row + j] * c[vi + j];
    dot *= tau;
    c[row] -= dot;
    for (let j = 1; j < n; j++) c[row + j] -= dot * c[vi + j];
  }
}

/** The first place in low … high − 1 whose diagonal is as good as zero, or high. */
function zeroIn(d: Float64Array, e: Float64Array, low: number, high: number): number {
  let largest = 0;
  for (let i = low; i <= high; i++) largest = Math.max(largest, Math.abs(d[i]), i < high ? Math.abs(e[i]) : 0);
  let i = low;
  while (i < high && Math.abs(d[i]) > EPSILON * largest) i++;
  return i;
}

/** With d[i] = 0, row i is emptied by turning it into the rows below, so that the matrix falls apart (§8.6.2). */
function dropRow(d: Float64Array, e: Float64Array, i: number, high: number, u: Float64Array, m: number): void {
  let rest = e[i];
  e[i] = 0;
  d[i] = 0;
  for (let j = i + 1; j <= high && rest !== 0; j++) {
    const r = Math.hypot(d[j], rest);
    const [c, s] = [d[j] / r, rest / r];
    d[j] = r;
    if (j < high) {
      rest = -s * e[j];
      e[j] *= c;
    }
    rotateRows(u, m, j, i, c, s);
  }
}

/** One implicit QR step on Bᵀ B with Wilkinson's shift (Algorithm 8.6.1). */
function step(
  d: Float64Array,
  e: Float64Array,
  low: number,
  high: number,
  u: Float64Array,
  m: number,
  v: Float64Array,
  n: number,
): void {
  const before = high - 1 > low ? e[high - 2] : 0;
  const p = d[high - 1] ** 2 + before ** 2;
  const q = d[high] ** 2 + e[high - 1] ** 2;
  const o = d[high - 1] * e[high - 1];
  const half = (p - q) / 2;
  const root = Math.hypot(half, o);
  const shift = o === 0 ? q : q - (o / (half + (half < 0 ? -root : root))) * o;
  let x = d[low] - shift / d[low];
  let bulge = e[low];
  for (let k = low; k < high; k++) {
    let r = Math.hypot(x, bulge);
    let [c, s] = r === 0 ? [1, 0] : [x / r, bulge / r];
    if (k > low) e[k - 1] = r;
    x = c * d[k] + s * e[k];
    e[k] = c * e[k] - s * d[k];
    bulge = s * d[k + 1];
    d[k + 1] *= c;
    rotateRows(v, n, k, k + 1, c, s);
    r = Math.hypot(x, bulge);
    [c, s] = r === 0 ? [1, 0] : [x / r, bulge / r];
    d[k] = r;
    x = c * e[k] + s * d[k + 1];
    d[k + 1] = c * d[k + 1] - s * e[k];
    e[k] = x;
    if (k + 1 < high) {
      bulge = s * e[k + 1];
      e[k + 1] *= c;
    }
    rotateRows(u, m, k, k + 1, c, s);
  }
}
