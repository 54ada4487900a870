/** Eigenvalues and eigenvectors of a symmetric matrix: tridiagonal form, then the implicit QR algorithm (Golub & Van Loan, §8.3). */
import { qrForm, reflector } from "./householder.ts";
import { swap } from "./product.ts";

/** Relative to its neighbours, what is smaller is zero. */
export const EPSILON: number = 2 ** -52;

/** Steps of QR for each value, on average; two or three are usual. */
export const PATIENCE = 30;

/** Rows i and i + 1 turned: (c x + s y, −s x + c y). */
export function rotateRows(z: Float64Array, n: number, i: number, j: number, c: number, s: number): void {
  for (let k = 0; k < n; k++) {
    const x = z[i * n + k];
    const y = z[j * n + k];
    z[i * n + k] = c * x + s * y;
    z[j * n + k] = c * y - s * x;
  }
}

/**
 * Eigenvalues, ascending, into `d`, from the lower triangle of the n by n matrix `a`, which is lost. Returns the eigenvectors
 * as rows (nothing, if they are not wanted), or null if the algorithm did not converge: of NaN and infinity.
 */
export function eigenSymmetric(a: Float64Array, n: number, d: Float64Array, wanted: boolean): Float64Array | null {
  if (!a.every(Number.isFinite)) return null;
  const e = new Float64Array(n);
  const tau = tridiagonal(a, n, d, e);
  const vectors = wanted ? formed(a, n, tau) : new Float64Array(0);
  const length = wanted ? n : 0;
  let steps = 0;
  for (let high = n - 1; high > 0; ) {
    let low = high;
    while (low > 0 && Math.abs(e[low - 1]) > EPSILON * (Math.abs(d[low - 1]) + Math.abs(d[low]))) low--;
    if (low === high) high--;
    else if (steps++ < PATIENCE * n) step(d, e, low, high, vectors, length);
    else return null;
  }
  sortRows(d, n, (x, y) => x < y, [{ rows: vectors, length }]);
  return vectors;
}

/** Diagonal and subdiagonal of Qᵀ A Q. The reflections of Q take the place of A's lower triangle, as in xSYTRD; returns τ. */
function tridiagonal(a: Float64Array, n: number, d: Float64Array, e: Float64Array): Float64Array {
  const tau = new Float64Array(Math.max(n - 1, 0));
  for (let k = 0; k < n - 1; k++) {
    const first = (k + 1) * n;
    tau[k] = reflector(a, first + k, n, n - k - 1);
    e[k] = a[first + k];
    if (tau[k] === 0) continue;
    a[first + k] = 1;
    // A − v wᵀ − w vᵀ with w = p − τ (pᵀ v) / 2 · v and p = τ A v.
    const w = new Float64Array(n);
    for (let i = k + 1; i < n; i++) {
      for (let j = k + 1; j <= i; j++) {
        const x = tau[k] * a[i * n + j];
        w[i] += x * a[j * n + k];
        if (j < i) w[j] += x * a[i * n + k];
      }
    }
    let dot = 0;
    for (let i = k + 1; i < n; i++) dot += w[i] * a[i * n + k];
    for (let i = k + 1; i < n; i++) w[i] -= (tau[k] / 2) * dot * a[i * n + k];
    for (let i = k + 1; i < n; i++) {
      const [x, y] = [a[i * n + k], w[i]];
      for (let j = k + 1; j <= i; j++) a[i * n + j] -= x * w[j] + y * a[j * n + k];
    }
  }
  for (let i = 0; i < n; i++) d[i] = a[i * n + i];
  return tau;
}

/** Qᵀ: the reflections are those of all rows but the first. */
export function formed(a: Float64Array, n: number, tau: Float64Array): Float64Array {
  const q = new Float64Array(n * n);
  if (n > 0) q[0] = 1;
  const inner = qrForm(a.subarray(n), n - 1, n, tau, n - 1);
  for (let i = 1; i < n; i++) for (let j = 1; j < n; j++) q[j * n + i] = inner[(i - 1) * (n - 1) + j - 1];
  return q;
}

/** One implicit step with Wilkinson's shift on rows low … high (Algorithm 8.3.2); `z` turns with it. */
function step(d: Float64Array, e: Float64Array, low: number, high: number, z: Float64Array, n: number): void {
  const half = (d[high - 1] - d[high]) / 2;
  const last = e[high - 1];
  const root = Math.hypot(half, last);
  let x = d[low] - d[high] + (last / (half + (half < 0 ? -root : root))) * last;
  let bulge = e[low];
  for (let k = low; k < high; k++) {
    const r = Math.hypot(x, bulge);
    const [c, s] = r === 0 ? [1, 0] : [x / r, bulge / r];
    if (k > low) e[k - 1] = r;
    const [p, q, o] = [d[k], d[k + 1], e[k]];
    d[k] = c * c * p + 2 * c * s * o + s * s * q;
    d[k + 1] = s * s * p - 2 * c * s * o + c * c * q;
    e[k] = c * s * (q - p) + (c * c - s * s) * o;
    x = e[k];
    if (k + 1 < high) {
      bulge = s * e[k + 1];
      e[k + 1] *= c;
    }
    rotateRows(z, n, k, k + 1, c, s);
  }
}

/** Puts values in order, and the rows that belong to them. */
export function sortRows(
  values: Float64Array,
  count: number,
  before: (x: number, y: number) => boolean,
  tables: readonly { rows: Float64Array; length: number }[],
): void {
  for (let i = 0; i < count; i++) {
    let best = i;
    for (let j = i + 1; j < count; j++) if (before(values[j], values[best])) best = j;
    if (best === i) continue;
    swap(values, i, best, 1);
    for (const { rows, length } of tables) swap(rows, i * length, best * length, length);
  }
}
