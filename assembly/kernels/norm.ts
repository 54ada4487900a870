/**
 * Layer normalisation (Ba, Kiros and Hinton 2016, arXiv:1607.06450) over the rows of x[rows, cols]:
 * y = (x − mean) · rstd · weight + bias, rstd = 1 / √(var + eps). A weight or bias at 0 stands for none.
 */
import { madd, nmadd } from "../simd/f32x4";
import { f32_sum, sumRun, Value, widened } from "./reduce/sum";
import { readSome, writeSome } from "./softmax/lanes";

/** Elements whose terms are added up in f32; the sums of blocks are added in f64. */
const BLOCK: i32 = 1024;

// @ts-ignore: decorator
@inline function pair(low: f64, high: f64): v128 {
  return f64x2.replace_lane(f64x2.splat(low), 1, high);
}

/** Sums of d and d², d = x − m, over at most BLOCK elements. */
function centredBlock(x: usize, n: i32, m: f32): v128 {
  const vm = f32x4.splat(m);
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let q0 = s0;
  let q1 = s0;
  let q2 = s0;
  let q3 = s0;
  for (; n >= 16; n -= 16) {
    const d0 = f32x4.sub(v128.load(x), vm);
    const d1 = f32x4.sub(v128.load(x, 16), vm);
    const d2 = f32x4.sub(v128.load(x, 32), vm);
    const d3 = f32x4.sub(v128.load(x, 48), vm);
    s0 = f32x4.add(s0, f32x4.add(d0, d1));
    s1 = f32x4.add(s1, f32x4.add(d2, d3));
    q0 = madd(q0, d0, d0);
    q1 = madd(q1, d1, d1);
    q2 = madd(q2, d2, d2);
    q3 = madd(q3, d3, d3);
    x += 64;
  }
  for (; n >= 4; n -= 4) {
    const d = f32x4.sub(v128.load(x), vm);
    s0 = f32x4.add(s0, d);
    q0 = madd(q0, d, d);
    x += 16;
  }
  let sum = widened(f32x4.add(s0, s1));
  let squares = widened(f32x4.add(f32x4.add(q0, q1), f32x4.add(q2, q3)));
  for (; n > 0; n--) {
    const d = <f64>(load<f32>(x) - m);
    sum += d;
    squares += d * d;
    x += 4;
  }
  return pair(sum, squares);
}

/** x̂ = (x − m) · r */
// @ts-ignore: decorator
@inline function standard(x: usize, m: v128, r: v128, lanes: i32): v128 {
  return f32x4.mul(f32x4.sub(readSome(x, lanes), m), r);
}

// @ts-ignore: decorator
@inline function transformed(x: usize, m: v128, r: v128, weight: usize, bias: usize, at: usize, lanes: i32): v128 {
  let y = standard(x + at, m, r, lanes);
  if (weight) y = f32x4.mul(y, readSome(weight + at, lanes));
  if (bias) y = f32x4.add(y, readSome(bias + at, lanes));
  return y;
}

// @ts-ignore: decorator
@inline function weighted(g: usize, weight: usize, at: usize, lanes: i32): v128 {
  const h = readSome(g + at, lanes);
  return weight ? f32x4.mul(h, readSome(weight + at, lanes)) : h;
}

/**
 * Stores mean[rows] and rstd[rows] too. The variance comes from a rounded mean and is corrected for it (Chan, Golub and
 * LeVeque 1983, doi:10.1080/00031305.1983.10483115), and so is the mean: a row of equal numbers gives exactly 0.
 */
export function f32_layer_norm(
  x: usize,
  rows: i32,
  cols: i32,
  weight: usize,
  bias: usize,
  eps: f64,
  y: usize,
  mean: usize,
  rstd: usize,
): void {
  const rowBytes = (<usize>cols) << 2;
  const n = <f64>cols;
  for (; rows > 0; rows--) {
    const rough = <f32>(sumRun<Value>(x, cols) / n);
    let sums = f64x2.splat(0);
    for (let i = 0; i < cols; i += BLOCK) {
      sums = f64x2.add(sums, centredBlock(x + ((<usize>i) << 2), min(cols - i, BLOCK), rough));
    }
    const off = f64x2.extract_lane(sums, 0) / n;
    const variance = f64x2.extract_lane(sums, 1) / n - off * off;
    const m = <f32>(<f64>rough + off);
    const r = <f32>(1 / sqrt<f64>(max<f64>(variance, 0) + eps));
    store<f32>(mean, m);
    store<f32>(rstd, r);
    const vm = f32x4.splat(m);
    const vr = f32x4.splat(r);
    let at: usize = 0;
    for (; at + 16 <= rowBytes; at += 16) v128.store(y + at, transformed(x, vm, vr, weight, bias, at, 4));
    if (at < rowBytes) {
      const lanes = <i32>(rowBytes - at) >> 2;
      writeSome(y + at, transformed(x, vm, vr, weight, bias, at, lanes), lanes);
    }
    x += rowBytes;
    y += rowBytes;
    mean += 4;
    rstd += 4;
  }
}

/** Sums of h and h · x̂ over at most BLOCK elements, h = g · weight, x̂ = (x − m) · r. */
function gradBlock(g: usize, x: usize, n: i32, m: v128, r: v128, weight: usize): v128 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let q0 = s0;
  let q1 = s0;
  let at: usize = 0;
  for (; n >= 8; n -= 8) {
    const h = weighted(g, weight, at, 4);
    const k = weighted(g, weight, at + 16, 4);
    s0 = f32x4.add(s0, h);
    s1 = f32x4.add(s1, k);
    q0 = madd(q0, h, standard(x + at, m, r, 4));
    q1 = madd(q1, k, standard(x + at + 16, m, r, 4));
    at += 32;
  }
  while (n > 0) {
    const lanes = min(n, 4);
    const h = weighted(g, weight, at, lanes);
    s0 = f32x4.add(s0, h);
    q0 = madd(q0, h, standard(x + at, m, r, lanes));
    at += 16;
    n -= lanes;
  }
  return pair(widened(f32x4.add(s0, s1)), widened(f32x4.add(q0, q1)));
}

/** From g, x and what the forward pass stored: r (h − mean(h) − x̂ mean(h x̂)) for every row, h = g · weight. */
export function f32_layer_norm_grad(
  g: usize,
  x: usize,
  rows: i32,
  cols: i32,
  weight: usize,
  mean: usize,
  rstd: usize,
  o: usize,
): void {
  const rowBytes = (<usize>cols) << 2;
  const n = <f64>cols;
  for (; rows > 0; rows--) {
    const m = v128.load32_splat(mean);
    const r = v128.load32_splat(rstd);
    let sums = f64x2.splat(0);
    for (let i = 0; i < cols; i += BLOCK) {
      const at = (<usize>i) << 2;
      const part = gradBlock(g + at, x + at, min(cols - i, BLOCK), m, r, weight ? weight + at : 0);
      sums = f64x2.add(sums, part);
    }
    const centre = f32x4.splat(<f32>(f64x2.extract_lane(sums, 0) / n));
    const slope = f32x4.splat(<f32>(f64x2.extract_lane(sums, 1) / n));
    let at: usize = 0;
    for (; at + 16 <= rowBytes; at += 16) {
      const h = weighted(g, weight, at, 4);
      v128.store(o + at, f32x4.mul(r, nmadd(f32x4.sub(h, centre), standard(x + at, m, r, 4), slope)));
    }
    if (at < rowBytes) {
      const lanes = <i32>(rowBytes - at) >> 2;
      const h = weighted(g, weight, at, lanes);
      const v = f32x4.mul(r, nmadd(f32x4.sub(h, centre), standard(x + at, m, r, lanes), slope));
      writeSome(o + at, v, lanes);
    }
    g += rowBytes;
    x += rowBytes;
    o += rowBytes;
    mean += 4;
    rstd += 4;
  }
}

/** Gradients of weight, Σ g · x̂, and of bias, Σ g, over the rows; either may be 0, and is then left out. */
export function f32_layer_norm_grad_affine(
  g: usize,
  x: usize,
  rows: i32,
  cols: i32,
  mean: usize,
  rstd: usize,
  gw: usize,
  gb: usize,
): void {
  const rowBytes = (<usize>cols) << 2;
  if (gb) f32_sum(g, 1, rows, cols, gb);
  if (!gw) return;
  memory.fill(gw, 0, rowBytes);
  for (; rows > 0; rows--) {
    const m = v128.load32_splat(mean);
    const r = v128.load32_splat(rstd);
    let at: usize = 0;
    for (; at + 16 <= rowBytes; at += 16) {
      v128.store(gw + at, madd(v128.load(gw + at), v128.load(g + at), standard(x + at, m, r, 4)));
    }
    if (at < rowBytes) {
      const lanes = <i32>(rowBytes - at) >> 2;
      const v = madd(readSome(gw + at, lanes), readSome(g + at, lanes), standard(x + at, m, r, lanes));
      writeSome(gw + at, v, lanes);
    }
    g += rowBytes;
    x += rowBytes;
    mean += 4;
    rstd += 4;
  }
}
