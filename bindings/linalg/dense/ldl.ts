/** The Bunch–Kaufman factorisation of a symmetric matrix that need not be definite (Golub & Van Loan, §4.4.4; LAPACK's xSYTF2). */
import { subtractProduct, swap } from "./product.ts";

const ALPHA: number = (1 + Math.sqrt(17)) / 8;

/**
 * L and the blocks of D in place of the lower triangle of the n by n matrix `a`. pivots[k] = p > 0: row k was exchanged with
 * row p − 1; p < 0 twice in a row: a block of two, whose second row was exchanged with row −p − 1. Returns the place, from 1,
 * of the first block that is exactly zero, or 0.
 */
export function ldlFactor(a: Float64Array, n: number, pivots: Float64Array): number {
  let zero = 0;
  let width = 1;
  for (let k = 0; k < n; k += width) {
    width = 1;
    let below = k;
    for (let i = k + 1; i < n; i++) if (below === k || size(i, k) > size(below, k)) below = i;
    const column = below === k ? 0 : size(below, k);
    let p = k;
    if (Math.max(size(k, k), column) === 0) {
      zero ||= k + 1;
    } else {
      if (size(k, k) < ALPHA * column) {
        let row = 0;
        for (let j = k; j < n; j++) if (j !== below) row = Math.max(row, j < below ? size(below, j) : size(j, below));
        if (size(k, k) < ALPHA * column * (column / row)) {
          p = below;
          if (size(below, below) < ALPHA * row) width = 2;
        }
      }
      exchange(a, n, k + width - 1, p);
      if (width === 2 && p !== k + 1) swap(a, (k + 1) * n + k, p * n + k, 1);
      eliminate(a, n, k, width);
    }
    pivots[k] = width === 1 ? p + 1 : -(p + 1);
    if (width === 2) pivots[k + 1] = pivots[k];
  }
  return zero;

  function size(i: number, j: number): number {
    return Math.abs(a[i * n + j]);
  }
}

/** Exchanges rows and columns i and p > i of what is left; only its lower triangle is kept. */
function exchange(a: Float64Array, n: number, i: number, p: number): void {
  if (i === p) return;
  swap(a, (p + 1) * n + i, (p + 1) * n + p, n - p - 1, n);
  for (let j = i + 1; j < p; j++) swap(a, j * n + i, p * n + j, 1);
  swap(a, i * n + i, p * n + p, 1);
}

/** The rest minus the contribution of one block, whose rows of L take the place of the columns. */
function eliminate(a: Float64Array, n: number, k: number, width: number): void {
  const first = k + width;
  for (let i = n - 1; i >= first; i--) {
    const l = [a[i * n + k], a[i * n + k + 1]];
    solveBlock(a, n, k, width, l);
    for (let j = first; j <= i; j++) {
      for (let c = 0; c < width; c++) a[i * n + j] -= l[c] * a[j * n + k + c];
    }
    for (let c = 0; c < width; c++) a[i * n + k + c] = l[c];
  }
}

/** x ← D⁻¹ x for the block of D at k. */
function solveBlock(a: Float64Array, n: number, k: number, width: number, x: number[]): void {
  const p = a[k * n + k];
  if (width === 1) {
    x[0] /= p;
    return;
  }
  const [o, q] = [a[(k + 1) * n + k], a[(k + 1) * n + k + 1]];
  // Divided through by the off-diagonal element, which is the largest of the block.
  const det = (p / o) * (q / o) - 1;
  [x[0], x[1]] = [((q / o) * x[0] - x[1]) / det / o, ((p / o) * x[1] - x[0]) / det / o];
}

/** A⁻¹ B in place of the n by k matrix `b`, from the factors of A. */
export function ldlSolve(a: Float64Array, pivots: ArrayLike<number>, n: number, b: Float64Array, k: number): void {
  const starts: number[] = [];
  for (let i = 0; i < n; i += pivots[i] > 0 ? 1 : 2) starts.push(i);
  const widthAt = (i: number): number => (pivots[i] > 0 ? 1 : 2);
  const exchanged = (i: number): void => swap(b, (i + widthAt(i) - 1) * k, (Math.abs(pivots[i]) - 1) * k, k);
  for (const i of starts) {
    const width = widthAt(i);
    exchanged(i);
    const rest = i + width;
    subtractProduct(b, rest * k, k, a, rest * n + i, n, b, i * k, k, n - rest, width, k);
    for (let j = 0; j < k; j++) {
      const x = [b[i * k + j], width === 2 ? b[(i + 1) * k + j] : 0];
      solveBlock(a, n, i, width, x);
      for (let c = 0; c < width; c++) b[(i + c) * k + j] = x[c];
    }
  }
  for (const i of starts.reverse()) {
    const width = widthAt(i);
    for (let c = 0; c < width; c++) {
      for (let row = i + width; row < n; row++) {
        subtractProduct(b, (i + c) * k, k, a, row * n + i + c, n, b, row * k, k, 1, 1, k);
      }
    }
    exchanged(i);
  }
}
