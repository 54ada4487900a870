/**
 * Variance in two passes (Chan, Golub and LeVeque 1983, doi:10.1080/00031305.1983.10483115), both in f64: a sum of
 * equal floats is then exact, so that constants have a variance of exactly 0 however large they are.
 */

// @ts-ignore: decorator
@inline function low(a: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(a));
}

// @ts-ignore: decorator
@inline function across(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

// @ts-ignore: decorator
@inline function squared(acc: v128, x: v128, mean: v128): v128 {
  const d = f64x2.sub(x, mean);
  return f64x2.add(acc, f64x2.mul(d, d));
}

function sumRun(a: usize, n: i32): f64 {
  let c0 = f64x2.splat(0);
  let c1 = c0;
  let c2 = c0;
  let c3 = c0;
  for (; n >= 8; n -= 8) {
    c0 = f64x2.add(c0, low(a));
    c1 = f64x2.add(c1, low(a + 8));
    c2 = f64x2.add(c2, low(a + 16));
    c3 = f64x2.add(c3, low(a + 24));
    a += 32;
  }
  let sum = across(f64x2.add(f64x2.add(c0, c1), f64x2.add(c2, c3)));
  for (; n > 0; n--) {
    sum += <f64>load<f32>(a);
    a += 4;
  }
  return sum;
}

function squaresRun(a: usize, n: i32, mean: f64): f64 {
  const m = f64x2.splat(mean);
  let c0 = f64x2.splat(0);
  let c1 = c0;
  let c2 = c0;
  let c3 = c0;
  for (; n >= 8; n -= 8) {
    c0 = squared(c0, low(a), m);
    c1 = squared(c1, low(a + 8), m);
    c2 = squared(c2, low(a + 16), m);
    c3 = squared(c3, low(a + 24), m);
    a += 32;
  }
  let sum = across(f64x2.add(f64x2.add(c0, c1), f64x2.add(c2, c3)));
  for (; n > 0; n--) {
    const d = <f64>load<f32>(a) - mean;
    sum += d * d;
    a += 4;
  }
  return sum;
}

// @ts-ignore: decorator
@inline function storeRounded(o: usize, x: v128): void {
  v128.store64_lane(o, f32x4.demote_f64x2_zero(x), 0);
}

/** Eight neighbouring columns. */
function varStrip(a: usize, k: i32, rowBytes: usize, divisor: f64, o: usize): void {
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let p = a;
  for (let i = 0; i < k; i++) {
    s0 = f64x2.add(s0, low(p));
    s1 = f64x2.add(s1, low(p + 8));
    s2 = f64x2.add(s2, low(p + 16));
    s3 = f64x2.add(s3, low(p + 24));
    p += rowBytes;
  }
  const count = f64x2.splat(<f64>k);
  const m0 = f64x2.div(s0, count);
  const m1 = f64x2.div(s1, count);
  const m2 = f64x2.div(s2, count);
  const m3 = f64x2.div(s3, count);
  s0 = f64x2.splat(0);
  s1 = s0;
  s2 = s0;
  s3 = s0;
  for (let i = 0; i < k; i++) {
    s0 = squared(s0, low(a), m0);
    s1 = squared(s1, low(a + 8), m1);
    s2 = squared(s2, low(a + 16), m2);
    s3 = squared(s3, low(a + 24), m3);
    a += rowBytes;
  }
  const d = f64x2.splat(divisor);
  storeRounded(o, f64x2.div(s0, d));
  storeRounded(o + 8, f64x2.div(s1, d));
  storeRounded(o + 16, f64x2.div(s2, d));
  storeRounded(o + 24, f64x2.div(s3, d));
}

function varColumn(a: usize, k: i32, rowBytes: usize, divisor: f64): f32 {
  let sum: f64 = 0;
  let p = a;
  for (let i = 0; i < k; i++) {
    sum += <f64>load<f32>(p);
    p += rowBytes;
  }
  const mean = sum / <f64>k;
  sum = 0;
  p = a;
  for (let i = 0; i < k; i++) {
    const d = <f64>load<f32>(p) - mean;
    sum += d * d;
    p += rowBytes;
  }
  return <f32>(sum / divisor);
}

// @ts-ignore: decorator
@inline function varRun(a: usize, k: i32, divisor: f64): f32 {
  return <f32>(squaresRun(a, k, sumRun(a, k) / <f64>k) / divisor);
}

/** Σ(x − mean)² / max(0, k − correction) along k; like PyTorch's, NaN or infinite where that divides by zero. */
export function f32_var(a: usize, outer: i32, k: i32, inner: i32, correction: f32, o: usize): void {
  const rowBytes = (<usize>inner) << 2;
  const divisor = max<f64>(0, <f64>k - <f64>correction);
  for (; outer > 0; outer--) {
    if (inner == 1) {
      store<f32>(o, varRun(a, k, divisor));
    } else {
      let at: usize = 0;
      for (; at + 32 <= rowBytes; at += 32) varStrip(a + at, k, rowBytes, divisor, o + at);
      for (; at < rowBytes; at += 4) store<f32>(o + at, varColumn(a + at, k, rowBytes, divisor));
    }
    a += <usize>k * rowBytes;
    o += rowBytes;
  }
}
