/**
 * The product in which recursive algorithms spend their time. Dense algorithms work on doubles in row-major order: `a` with its
 * first element at `ai` and `lda` elements from row to row.
 */
import { noGrad } from "../../autograd/mode.ts";
import { scope } from "../../core/scope.ts";
import { tensor } from "../../ops/creation.ts";
import { matmul } from "../../ops/matmul.ts";
import type { Tensor } from "../../tensor.ts";

/** Up to this many rows or columns algorithms go one by one. */
export const BASE = 24;

/**
 * From this many multiplications on the core's product in float32 pays for the copies there and back. Large matrices thus
 * come out as accurate as LAPACK's in float32, small ones as in double precision.
 */
const LARGE = 2 ** 17;

/** c −= a b, for a of m by k and b of k by n. */
export function subtractProduct(
  c: Float64Array,
  ci: number,
  ldc: number,
  a: Float64Array,
  ai: number,
  lda: number,
  b: Float64Array,
  bi: number,
  ldb: number,
  m: number,
  k: number,
  n: number,
): void {
  if (m * k * n >= LARGE && k >= BASE / 2) {
    const product = noGrad(() => scope(() => matmul(block(a, ai, lda, m, k), block(b, bi, ldb, k, n)).data()));
    for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) c[ci + i * ldc + j] -= product[i * n + j];
    return;
  }
  for (let i = 0; i < m; i++) {
    const row = ci + i * ldc;
    for (let p = 0; p < k; p++) {
      const factor = a[ai + i * lda + p];
      const other = bi + p * ldb;
      for (let j = 0; j < n; j++) c[row + j] -= factor * b[other + j];
    }
  }
}

/** A part of a matrix as a tensor. */
function block(a: Float64Array, ai: number, lda: number, m: number, n: number): Tensor {
  const part = new Float32Array(m * n);
  for (let i = 0; i < m; i++) part.set(a.subarray(ai + i * lda, ai + i * lda + n), i * n);
  return tensor(part, { shape: [m, n] });
}

/** The transpose of an m by n matrix. */
export function transposed(a: Float64Array, m: number, n: number): Float64Array {
  const result = new Float64Array(a.length);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) result[j * m + i] = a[i * n + j];
  return result;
}

/** Exchanges `count` elements that start at `i` and at `j`, `step` apart. */
export function swap(a: Float64Array, i: number, j: number, count: number, step = 1): void {
  for (let k = 0; k < count * step; k += step) {
    const kept = a[i + k];
    a[i + k] = a[j + k];
    a[j + k] = kept;
  }
}
