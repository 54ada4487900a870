/**
 * Vector times matrix, y = x * B: memory-bound, so B is read once, where it lies and in the direction in which it lies.
 * Both directions cover GEMM's m = 1 and, with the roles of A and B exchanged, n = 1.
 */

import { madd, pmax } from "../../simd/f32x4";
import { copy2d_32 } from "../transpose";
import { KC, blockLength } from "./blocks";
import { ACCUMULATE, BIAS, RELU } from "./flags";
import { loadLanes, storeLanes } from "./partial";

/** Block of k for dot products, whose horizontal sums are cheap only on long columns. */
// @ts-ignore: decorator
@inline const DOT_K: i32 = 1024;

/** Columns at a time for row-major B; a strip of the sum stays in L1. */
// @ts-ignore: decorator
@inline const STRIP: i32 = 2048;

/** Columns at a time when columns with general strides are first gathered. */
// @ts-ignore: decorator
@inline const GATHERED: i32 = 64;

// @ts-ignore: decorator
@inline const SUM_OFFSET: usize = DOT_K * 4;
// @ts-ignore: decorator
@inline const COLUMNS_OFFSET: usize = SUM_OFFSET + STRIP * 4;

/** Scratch: a gathered block of x, a strip of the sum, gathered columns. */
// @ts-ignore: decorator
@inline export const GEMV_SCRATCH_BYTES: usize = COLUMNS_OFFSET + GATHERED * DOT_K * 4;

/** t[0..n) += x[0..4) * four rows of B, in the order of the rows. */
function add4Rows(n: i32, x: usize, b: usize, rsBytes: usize, t: usize): void {
  let b1 = b + rsBytes, b2 = b1 + rsBytes, b3 = b2 + rsBytes;
  let x0 = v128.load32_splat(x), x1 = v128.load32_splat(x, 4);
  let x2 = v128.load32_splat(x, 8), x3 = v128.load32_splat(x, 12);
  for (; n >= 8; n -= 8) {
    let s = madd(v128.load(t), x0, v128.load(b)), u = madd(v128.load(t, 16), x0, v128.load(b, 16));
    s = madd(s, x1, v128.load(b1)); u = madd(u, x1, v128.load(b1, 16));
    s = madd(s, x2, v128.load(b2)); u = madd(u, x2, v128.load(b2, 16));
    s = madd(s, x3, v128.load(b3)); u = madd(u, x3, v128.load(b3, 16));
    v128.store(t, s); v128.store(t, u, 16);
    b += 32; b1 += 32; b2 += 32; b3 += 32; t += 32;
  }
  while (n > 0) {
    let s = madd(loadLanes(t, n), x0, loadLanes(b, n));
    s = madd(s, x1, loadLanes(b1, n));
    s = madd(s, x2, loadLanes(b2, n));
    s = madd(s, x3, loadLanes(b3, n));
    storeLanes(t, s, n);
    b += 16; b1 += 16; b2 += 16; b3 += 16; t += 16; n -= 4;
  }
}

/** t[0..n) += x[0] * a row of B. */
function addRow(n: i32, x: usize, b: usize, t: usize): void {
  let x0 = v128.load32_splat(x);
  for (; n > 0; n -= 4) {
    storeLanes(t, madd(loadLanes(t, n), x0, loadLanes(b, n)), n);
    b += 16; t += 16;
  }
}

/** t = x[0..k) * B for a row-major B, summed in the order of GEMM's tiles. */
function sumRows(k: i32, n: i32, x: usize, b: usize, rsBytes: usize, t: usize): void {
  memory.fill(t, 0, <usize>n << 2);
  for (; k >= 4; k -= 4) {
    add4Rows(n, x, b, rsBytes, t);
    x += 16; b += rsBytes << 2;
  }
  for (; k > 0; --k) {
    addRow(n, x, b, t);
    x += 4; b += rsBytes;
  }
}

/** Dot products of x with four columns of consecutive elements, as lanes. Missing columns repeat the last. */
// @ts-ignore: decorator
@inline function dot4(k: i32, n: i32, x: usize, b: usize, csBytes: usize): v128 {
  let b1 = b + select<usize>(csBytes, 0, n > 1);
  let b2 = b1 + select<usize>(csBytes, 0, n > 2);
  let b3 = b2 + select<usize>(csBytes, 0, n > 3);
  let z = f32x4.splat(0), s0 = z, s1 = z, s2 = z, s3 = z, u0 = z, u1 = z, u2 = z, u3 = z;
  for (; k >= 8; k -= 8) {
    let v = v128.load(x), w = v128.load(x, 16);
    s0 = madd(s0, v, v128.load(b)); u0 = madd(u0, w, v128.load(b, 16));
    s1 = madd(s1, v, v128.load(b1)); u1 = madd(u1, w, v128.load(b1, 16));
    s2 = madd(s2, v, v128.load(b2)); u2 = madd(u2, w, v128.load(b2, 16));
    s3 = madd(s3, v, v128.load(b3)); u3 = madd(u3, w, v128.load(b3, 16));
    x += 32; b += 32; b1 += 32; b2 += 32; b3 += 32;
  }
  while (k > 0) {
    let v = loadLanes(x, k);
    s0 = madd(s0, v, loadLanes(b, k)); s1 = madd(s1, v, loadLanes(b1, k));
    s2 = madd(s2, v, loadLanes(b2, k)); s3 = madd(s3, v, loadLanes(b3, k));
    x += 16; b += 16; b1 += 16; b2 += 16; b3 += 16; k -= 4;
  }
  s0 = f32x4.add(s0, u0); s1 = f32x4.add(s1, u1); s2 = f32x4.add(s2, u2); s3 = f32x4.add(s3, u3);
  let l0 = v128.shuffle<f32>(s0, s1, 0, 4, 1, 5), h0 = v128.shuffle<f32>(s0, s1, 2, 6, 3, 7);
  let l1 = v128.shuffle<f32>(s2, s3, 0, 4, 1, 5), h1 = v128.shuffle<f32>(s2, s3, 2, 6, 3, 7);
  l0 = f32x4.add(l0, h0); l1 = f32x4.add(l1, h1);
  return f32x4.add(v128.shuffle<i64>(l0, l1, 0, 2), v128.shuffle<i64>(l0, l1, 1, 3));
}

/** One dot product, with as many accumulators as four take together. */
// @ts-ignore: decorator
@inline function dot1(k: i32, x: usize, b: usize): v128 {
  let z = f32x4.splat(0), s0 = z, s1 = z, s2 = z, s3 = z, u0 = z, u1 = z, u2 = z, u3 = z;
  for (; k >= 32; k -= 32) {
    s0 = madd(s0, v128.load(x), v128.load(b)); u0 = madd(u0, v128.load(x, 16), v128.load(b, 16));
    s1 = madd(s1, v128.load(x, 32), v128.load(b, 32)); u1 = madd(u1, v128.load(x, 48), v128.load(b, 48));
    s2 = madd(s2, v128.load(x, 64), v128.load(b, 64)); u2 = madd(u2, v128.load(x, 80), v128.load(b, 80));
    s3 = madd(s3, v128.load(x, 96), v128.load(b, 96)); u3 = madd(u3, v128.load(x, 112), v128.load(b, 112));
    x += 128; b += 128;
  }
  while (k > 0) {
    s0 = madd(s0, loadLanes(x, k), loadLanes(b, k));
    x += 16; b += 16; k -= 4;
  }
  s0 = f32x4.add(f32x4.add(f32x4.add(s0, u0), f32x4.add(s1, u1)), f32x4.add(f32x4.add(s2, u2), f32x4.add(s3, u3)));
  s0 = f32x4.add(s0, v128.shuffle<f32>(s0, s0, 2, 3, 2, 3));
  return f32x4.add(s0, v128.shuffle<f32>(s0, s0, 1, 1, 1, 1));
}

/** t = x[0..k) * B for a B whose columns are consecutive elements. */
function sumColumns(k: i32, n: i32, x: usize, b: usize, csBytes: usize, t: usize): void {
  if (n == 1) {
    storeLanes(t, dot1(k, x, b), 1);
    return;
  }
  for (; n > 0; n -= 4) {
    storeLanes(t, dot4(k, n, x, b, csBytes), n);
    b += csBytes << 2; t += 16;
  }
}

/** y[j * incY] = (y +) t[j] (+ bias[j * incBias]) (then relu). */
export function finishVector(n: i32, t: usize, y: usize, incY: i32, bias: usize, incBias: i32, flags: i32): void {
  let incYBytes = <usize>incY << 2, incBiasBytes = <usize>incBias << 2;
  if (incY == 1) {
    let shared = flags & BIAS && incBias == 0 ? v128.load32_splat(bias) : f32x4.splat(0);
    for (; n > 0; n -= 4) {
      let v = loadLanes(t, n);
      if (flags & ACCUMULATE) v = f32x4.add(loadLanes(y, n), v);
      if (flags & BIAS) v = f32x4.add(v, incBias == 0 ? shared : loadLanes(bias, n));
      if (flags & RELU) v = pmax(v, f32x4.splat(0));
      storeLanes(y, v, n);
      t += 16; y += 16; bias += incBiasBytes << 2;
    }
    return;
  }
  for (; n > 0; --n) {
    let v = load<f32>(t);
    if (flags & ACCUMULATE) v = load<f32>(y) + v;
    if (flags & BIAS) v += load<f32>(bias);
    store<f32>(y, flags & RELU && v < 0 ? 0 : v);
    t += 4; y += incYBytes; bias += incBiasBytes;
  }
}

/**
 * y[j] = (y[j] +) sum of x[p] * B[p, j] (+ bias[j]) (then relu) for j < n, p < k; k > 0. All strides in elements and
 * free; `incBias` is 1 or 0 (one bias for all of y).
 */
export function gemv(
  n: i32, k: i32, x: usize, incX: i32, b: usize, rsb: i32, csb: i32,
  y: usize, incY: i32, bias: usize, incBias: i32, flags: i32, scratch: usize,
): void {
  let rsBytes = <usize>rsb << 2, csBytes = <usize>csb << 2;
  let byRows = csb == 1 && n > 1, gather = !byRows && rsb != 1;
  let blockK = byRows ? blockLength(k, KC, 4) : blockLength(k, DOT_K, 8);
  let strip = gather ? GATHERED : STRIP;
  for (let j = 0; j < n; j += strip) {
    let nb = min(strip, n - j);
    for (let p = 0; p < k; p += blockK) {
      let kb = min(blockK, k - p);
      let xp = x + ((<usize>p * <usize>incX) << 2);
      if (incX != 1) {
        copy2d_32(xp, 0, incX, scratch, 0, 1, kb);
        xp = scratch;
      }
      let bp = b + <usize>p * rsBytes + <usize>j * csBytes;
      let f = (p > 0 ? flags | ACCUMULATE : flags) & (p + kb < k ? ACCUMULATE : -1);
      let direct = f == 0 && incY == 1;
      let t = direct ? y + (<usize>j << 2) : scratch + SUM_OFFSET;
      if (byRows) {
        sumRows(kb, nb, xp, bp, rsBytes, t);
      } else if (gather) {
        let columns = scratch + COLUMNS_OFFSET;
        copy2d_32(bp, csb, rsb, columns, kb, nb, kb);
        sumColumns(kb, nb, xp, columns, <usize>kb << 2, t);
      } else {
        sumColumns(kb, nb, xp, bp, csBytes, t);
      }
      if (!direct) {
        let at = <usize>j << 2;
        finishVector(nb, t, y + at * <usize>incY, incY, bias + at * <usize>incBias, incBias, f);
      }
    }
  }
}
