/** Softmax and its relatives along contiguous rows. */
import { madd } from "../../simd/f32x4";
import { foldRun } from "../reduce/fold";
import { MaxF32, NO_FLIP } from "../reduce/rules";
import { sumRun, Value, widened } from "../reduce/sum";
import { expBelow, logOfSum, logSoftmaxGrad } from "./exp";
import { firstLanes, readSome, writeSome } from "./lanes";

/** Elements whose exponentials are added up in f32; their sums are added in f64. */
const BLOCK: i32 = 512;

/** Sum of exp(a − m) over at most BLOCK elements; stores them unless o is 0. */
function expSumBlock(a: usize, n: i32, m: v128, o: usize): f64 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  for (; n >= 8; n -= 8) {
    const y = expBelow(f32x4.sub(v128.load(a), m));
    const z = expBelow(f32x4.sub(v128.load(a, 16), m));
    s0 = f32x4.add(s0, y);
    s1 = f32x4.add(s1, z);
    if (o) {
      v128.store(o, y);
      v128.store(o, z, 16);
      o += 32;
    }
    a += 32;
  }
  if (n >= 4) {
    const y = expBelow(f32x4.sub(v128.load(a), m));
    s0 = f32x4.add(s0, y);
    if (o) {
      v128.store(o, y);
      o += 16;
    }
    a += 16;
    n -= 4;
  }
  if (n > 0) {
    const y = v128.and(expBelow(f32x4.sub(readSome(a, n), m)), firstLanes(n));
    s1 = f32x4.add(s1, y);
    if (o) writeSome(o, y, n);
  }
  return widened(f32x4.add(s0, s1));
}

function expSum(a: usize, n: i32, m: f32, o: usize): f64 {
  const vm = f32x4.splat(m);
  let sum: f64 = 0;
  for (; n > BLOCK; n -= BLOCK) {
    sum += expSumBlock(a, BLOCK, vm, o);
    a += (<usize>BLOCK) << 2;
    if (o) o += (<usize>BLOCK) << 2;
  }
  return sum + expSumBlock(a, n, vm, o);
}

// @ts-ignore: decorator
@inline function largest(a: usize, k: i32): f32 {
  return foldRun<MaxF32, f32>(a, k, NO_FLIP);
}

// @ts-ignore: decorator
@inline function logOf(sum: f64): f32 {
  return f32x4.extract_lane(logOfSum(f32x4.splat(<f32>sum)), 0);
}

/**
 * Where the largest is NaN or infinite, all exponentials are 0 (see expBelow) and 0 · 1/0 makes all of the row NaN, as
 * in PyTorch.
 */
export function softmaxRow(a: usize, k: i32, o: usize): void {
  const scale = <f32>(1 / expSum(a, k, largest(a, k), o));
  const vs = f32x4.splat(scale);
  for (; k >= 4; k -= 4) {
    v128.store(o, f32x4.mul(v128.load(o), vs));
    o += 16;
  }
  for (; k > 0; k--) {
    store<f32>(o, load<f32>(o) * scale);
    o += 4;
  }
}

export function logSoftmaxRow(a: usize, k: i32, o: usize): void {
  const m = largest(a, k);
  const l = logOf(expSum(a, k, m, 0));
  const vm = f32x4.splat(m);
  const vl = f32x4.splat(l);
  for (; k >= 4; k -= 4) {
    v128.store(o, f32x4.sub(f32x4.sub(v128.load(a), vm), vl));
    a += 16;
    o += 16;
  }
  for (; k > 0; k--) {
    store<f32>(o, load<f32>(a) - m - l);
    a += 4;
    o += 4;
  }
}

/** Infinite where the largest is. */
export function logSumExpRow(a: usize, k: i32): f32 {
  const m = largest(a, k);
  return abs(m) == Infinity ? m : m + logOf(expSum(a, k, m, 0));
}

/** Sum of g·y over at most 1024 elements. */
function dotBlock(g: usize, y: usize, n: i32): f64 {
  let c0 = f32x4.splat(0);
  let c1 = c0;
  let c2 = c0;
  let c3 = c0;
  for (; n >= 16; n -= 16) {
    c0 = madd(c0, v128.load(g), v128.load(y));
    c1 = madd(c1, v128.load(g, 16), v128.load(y, 16));
    c2 = madd(c2, v128.load(g, 32), v128.load(y, 32));
    c3 = madd(c3, v128.load(g, 48), v128.load(y, 48));
    g += 64;
    y += 64;
  }
  for (; n >= 4; n -= 4) {
    c0 = madd(c0, v128.load(g), v128.load(y));
    g += 16;
    y += 16;
  }
  let sum = widened(f32x4.add(f32x4.add(c0, c1), f32x4.add(c2, c3)));
  for (; n > 0; n--) {
    sum += <f64>load<f32>(g) * <f64>load<f32>(y);
    g += 4;
    y += 4;
  }
  return sum;
}

/** y (g − Σ g·y) */
export function softmaxGradRow(g: usize, y: usize, k: i32, o: usize): void {
  let sum: f64 = 0;
  for (let i = 0; i < k; i += 1024) {
    const at = (<usize>i) << 2;
    sum += dotBlock(g + at, y + at, min(k - i, 1024));
  }
  const dot = <f32>sum;
  const vd = f32x4.splat(dot);
  for (; k >= 4; k -= 4) {
    v128.store(o, f32x4.mul(v128.load(y), f32x4.sub(v128.load(g), vd)));
    g += 16;
    y += 16;
    o += 16;
  }
  for (; k > 0; k--) {
    store<f32>(o, load<f32>(y) * (load<f32>(g) - dot));
    g += 4;
    y += 4;
    o += 4;
  }
}

export function logSoftmaxGradRow(g: usize, y: usize, k: i32, o: usize): void {
  minusExpRow(g, y, k, <f32>sumRun<Value>(g, k), o);
}

/** g − exp(y) · sum; g = 0 stands for a row of zeros. */
export function minusExpRow(g: usize, y: usize, k: i32, sum: f32, o: usize): void {
  const vs = f32x4.splat(sum);
  const zero = f32x4.splat(0);
  const bytes = (<usize>k) << 2;
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    v128.store(o + at, logSoftmaxGrad(g ? v128.load(g + at) : zero, v128.load(y + at), vs));
  }
  if (at < bytes) {
    const lanes = <i32>(bytes - at) >> 2;
    writeSome(o + at, logSoftmaxGrad(g ? readSome(g + at, lanes) : zero, readSome(y + at, lanes), vs), lanes);
  }
}

/** −log softmax at `place`, as logSoftmaxRow rounds it. */
export function crossEntropyRow(a: usize, k: i32, place: i32): f32 {
  const m = largest(a, k);
  const l = logOf(expSum(a, k, m, 0));
  return -(load<f32>(a + ((<usize>place) << 2)) - m - l);
}
