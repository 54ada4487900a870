/** Reflections 1 − τ v vᵀ with v = (1, …), as LAPACK keeps them: v below the diagonal, τ aside (Golub & Van Loan, §5.1). */
import { BASE, subtractProduct, transposed } from "./product.ts";

/**
 * Makes the reflection that turns a vector, given by place and step, into (β, 0, …). β and the tail of v take the vector's
 * place. Returns τ, which is 0 (no reflection) if there is nothing to annihilate, as in LAPACK's xLARFG.
 */
export function reflector(a: Float64Array, at: number, step: number, count: number): number {
  let tail = 0;
  for (let i = 1; i < count; i++) tail += a[at + i * step] ** 2;
  if (count < 1 || tail === 0) return 0;
  const alpha = a[at];
  const norm = Math.sqrt(alpha * alpha + tail);
  const beta = alpha < 0 ? norm : -norm;
  for (let i = 1; i < count; i++) a[at + i * step] /= alpha - beta;
  a[at] = beta;
  return (beta - alpha) / beta;
}

/** c ← (1 − τ v vᵀ) c for a block of m by n, v at `vi`; the 1 that v starts with is not read. */
export function reflectRows(
  c: Float64Array,
  ci: number,
  ldc: number,
  m: number,
  n: number,
  v: Float64Array,
  vi: number,
  step: number,
  tau: number,
): void {
  if (tau === 0 || n === 0) return;
  const w = c.slice(ci, ci + n);
  for (let i = 1; i < m; i++) {
    const factor = v[vi + i * step];
    for (let j = 0; j < n; j++) w[j] += factor * c[ci + i * ldc + j];
  }
  for (let i = 0; i < m; i++) {
    const factor = i === 0 ? tau : tau * v[vi + i * step];
    for (let j = 0; j < n; j++) c[ci + i * ldc + j] -= factor * w[j];
  }
}

/** Several reflections at once: their product is 1 − V T Vᵀ (Schreiber & Van Loan 1989, SIAM J. Sci. Stat. Comput. 10). */
class Panel {
  private readonly v: Float64Array;
  private readonly vt: Float64Array;
  private readonly t: Float64Array;

  /** The reflections start … start + width − 1 of those below the diagonal of `a`, m by n. */
  constructor(
    a: Float64Array,
    private readonly m: number,
    n: number,
    tau: Float64Array,
    private readonly start: number,
    private readonly width: number,
  ) {
    const rows = m - start;
    const v = new Float64Array(rows * width);
    for (let j = 0; j < width; j++) {
      v[j * width + j] = 1;
      for (let i = j + 1; i < rows; i++) v[i * width + j] = a[(start + i) * n + start + j];
    }
    const vt = transposed(v, rows, width);
    // Column j of T is −τ T (V₁ᵀ v) for the reflections before it, and τ.
    const products = new Float64Array(width * width);
    subtractProduct(products, 0, width, vt, 0, rows, v, 0, width, width, rows, width);
    const t = new Float64Array(width * width);
    for (let j = 0; j < width; j++) {
      const factor = tau[start + j];
      t[j * width + j] = factor;
      for (let i = 0; i < j; i++) {
        for (let k = i; k < j; k++) t[i * width + j] += factor * t[i * width + k] * products[k * width + j];
      }
    }
    this.v = v;
    this.vt = vt;
    this.t = t;
  }

  /** Applies the product, or its transpose, to the rows `start` … of `c` in the columns `from` … of `columns`. */
  apply(c: Float64Array, columns: number, from: number, transpose: boolean): void {
    const { m, start, width } = this;
    const [rows, count] = [m - start, columns - from];
    if (count === 0) return;
    const ci = start * columns + from;
    const x = new Float64Array(width * count);
    subtractProduct(x, 0, count, this.vt, 0, rows, c, ci, columns, width, rows, count);
    const y = new Float64Array(width * count);
    const t = transpose ? transposed(this.t, width, width) : this.t;
    subtractProduct(y, 0, count, t, 0, width, x, 0, count, width, width, count);
    subtractProduct(c, ci, columns, this.v, 0, width, y, 0, count, rows, width, count);
  }
}

/** R on and above the diagonal of the m by n matrix `a`, the reflections below it and in `tau` (§5.2, xGEQRF). */
export function qrFactor(a: Float64Array, m: number, n: number, tau: Float64Array): void {
  const k = Math.min(m, n);
  for (let start = 0; start < k; start += BASE) {
    const end = Math.min(start + BASE, k);
    for (let j = start; j < end; j++) {
      const at = j * n + j;
      tau[j] = reflector(a, at, n, m - j);
      reflectRows(a, at + 1, n, m - j, end - j - 1, a, at, n, tau[j]);
    }
    if (end < n) new Panel(a, m, n, tau, start, end - start).apply(a, n, end, true);
  }
}

/** The first `columns` columns of the product of reflections that stand below the diagonal of `a`, m by n. */
export function qrForm(a: Float64Array, m: number, n: number, tau: Float64Array, columns: number): Float64Array {
  const q = new Float64Array(m * columns);
  for (let i = 0; i < Math.min(m, columns); i++) q[i * columns + i] = 1;
  const k = Math.min(tau.length, columns);
  for (let start = Math.floor((k - 1) / BASE) * BASE; start >= 0; start -= BASE) {
    new Panel(a, m, n, tau, start, Math.min(BASE, k - start)).apply(q, columns, start, false);
  }
  return q;
}
