/**
 * Batch normalisation (Ioffe and Szegedy 2015, arXiv:1502.03167) of the channels of x[batch, channels, size]:
 * y = (x − mean) · rstd · weight + bias, rstd = 1 / √(var + eps), mean and var over the batch and `size`. A weight or bias
 * at 0 stands for none. Statistics are [mean, rstd, var], each of all channels.
 *
 * One channel after the other makes all its passes, so that it is read from memory once. Without neighbours (size 1)
 * four channels go down the batch together.
 */
import { madd, nmadd } from "../simd/f32x4";
import { high, sumRun, Value, widened } from "./reduce/sum";
import { firstLanes, readSome, writeSome } from "./softmax/lanes";

/** Elements whose terms are added up in f32; the sums of blocks are added in f64. */
const BLOCK: i32 = 1024;

/** Sums of d and d², d = x − m. */
@final @unmanaged class Centred {
  @inline u(x: v128, g: v128, m: v128, r: v128): v128 {
    return f32x4.sub(x, m);
  }
  @inline v(x: v128, g: v128, m: v128, r: v128): v128 {
    return f32x4.sub(x, m);
  }
}

/** Sums of g and g · x̂, x̂ = (x − m) · r. */
@final @unmanaged class Graded {
  @inline u(x: v128, g: v128, m: v128, r: v128): v128 {
    return g;
  }
  @inline v(x: v128, g: v128, m: v128, r: v128): v128 {
    return f32x4.mul(f32x4.sub(x, m), r);
  }
}

/** The sums of u and of u · v over at most BLOCK neighbours. */
function blockSums<OP>(x: usize, g: usize, n: i32, m: v128, r: v128): v128 {
  const op = changetype<OP>(0);
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let q0 = s0;
  let q1 = s0;
  for (; n >= 8; n -= 8) {
    const x0 = v128.load(x);
    const x1 = v128.load(x, 16);
    const g0 = v128.load(g);
    const g1 = v128.load(g, 16);
    const u0 = op.u(x0, g0, m, r);
    const u1 = op.u(x1, g1, m, r);
    s0 = f32x4.add(s0, u0);
    s1 = f32x4.add(s1, u1);
    q0 = madd(q0, u0, op.v(x0, g0, m, r));
    q1 = madd(q1, u1, op.v(x1, g1, m, r));
    x += 32;
    g += 32;
  }
  while (n > 0) {
    const lanes = min(n, 4);
    const x0 = readSome(x, lanes);
    const g0 = readSome(g, lanes);
    const u0 = v128.and(op.u(x0, g0, m, r), firstLanes(lanes));
    s0 = f32x4.add(s0, u0);
    q0 = madd(q0, u0, v128.and(op.v(x0, g0, m, r), firstLanes(lanes)));
    x += 16;
    g += 16;
    n -= lanes;
  }
  const sum = widened(f32x4.add(s0, s1));
  const products = widened(f32x4.add(q0, q1));
  return f64x2.replace_lane(f64x2.splat(sum), 1, products);
}

/** The sums of u and of u · v over a channel: a run of `size` elements in every image, `stride` bytes apart. */
function channelSums<OP>(x: usize, g: usize, batch: i32, stride: usize, size: i32, m: f32, r: f32): v128 {
  const vm = f32x4.splat(m);
  const vr = f32x4.splat(r);
  let sums = f64x2.splat(0);
  for (; batch > 0; batch--) {
    for (let i = 0; i < size; i += BLOCK) {
      const at = <usize>i << 2;
      sums = f64x2.add(sums, blockSums<OP>(x + at, g + at, min(size - i, BLOCK), vm, vr));
    }
    x += stride;
    g += stride;
  }
  return sums;
}

/** What columnSums found for four channels: sums of u, then of u · v, in f64. */
const COLUMN_SUMS: usize = memory.data(64, 16);

/** The same for up to four channels side by side, whose elements in an image have no neighbours. */
function columnSums<OP>(x: usize, g: usize, batch: i32, stride: usize, lanes: i32, m: v128, r: v128): void {
  const op = changetype<OP>(0);
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let q0 = s0;
  let q1 = s0;
  for (; batch > 0; batch--) {
    const vx = readSome(x, lanes);
    const vg = readSome(g, lanes);
    const u = op.u(vx, vg, m, r);
    const p = f32x4.mul(u, op.v(vx, vg, m, r));
    s0 = f64x2.add(s0, f64x2.promote_low_f32x4(u));
    s1 = f64x2.add(s1, high(u));
    q0 = f64x2.add(q0, f64x2.promote_low_f32x4(p));
    q1 = f64x2.add(q1, high(p));
    x += stride;
    g += stride;
  }
  v128.store(COLUMN_SUMS, s0);
  v128.store(COLUMN_SUMS, s1, 16);
  v128.store(COLUMN_SUMS, q0, 32);
  v128.store(COLUMN_SUMS, q1, 48);
}

// @ts-ignore: decorator
@inline function columnSum(which: i32, lane: i32): f64 {
  return load<f64>(COLUMN_SUMS + (<usize>(which * 4 + lane) << 3));
}

/** Those sums of four channels, divided by n. */
function columnMeans(which: i32, n: f64): v128 {
  const at = COLUMN_SUMS + (<usize>which << 5);
  const low = f32x4.demote_f64x2_zero(f64x2.div(v128.load(at), f64x2.splat(n)));
  const top = f32x4.demote_f64x2_zero(f64x2.div(v128.load(at, 16), f64x2.splat(n)));
  return v128.shuffle<f32>(low, top, 0, 1, 4, 5);
}

/**
 * Stores the statistics of a channel from its rough mean and the sums about it. The variance is corrected for the
 * rounding of that mean (Chan, Golub and LeVeque 1983, doi:10.1080/00031305.1983.10483115), and so is the mean.
 */
function storeStatistics(stats: usize, channels: i32, c: i32, rough: f32, sum: f64, squares: f64, n: f64, eps: f64): void {
  const at = stats + (<usize>c << 2);
  const row = <usize>channels << 2;
  const off = sum / n;
  const variance = max<f64>(squares / n - off * off, 0);
  store<f32>(at, <f32>(<f64>rough + off));
  store<f32>(at + row, <f32>(1 / sqrt<f64>(variance + eps)));
  store<f32>(at + 2 * row, <f32>variance);
}

/** y = (x − m) · scale + b for `n` neighbours. */
function affineRun(x: usize, n: i32, m: v128, scale: v128, b: v128, y: usize): void {
  for (; n >= 4; n -= 4) {
    v128.store(y, madd(b, f32x4.sub(v128.load(x), m), scale));
    x += 16;
    y += 16;
  }
  if (n > 0) writeSome(y, madd(b, f32x4.sub(readSome(x, n), m), scale), n);
}

/** Some of the four channels from `at` bytes on, `missing` for none. */
// @ts-ignore: decorator
@inline function perChannel(p: usize, at: usize, lanes: i32, missing: f32): v128 {
  return p ? readSome(p + at, lanes) : f32x4.splat(missing);
}

// @ts-ignore: decorator
@inline function oneChannel(p: usize, at: usize, missing: f32): f32 {
  return p ? load<f32>(p + at) : missing;
}

function forwardColumns(
  x: usize, batch: i32, channels: i32, weight: usize, bias: usize, eps: f64, y: usize, stats: usize,
): void {
  const stride = <usize>channels << 2;
  const n = <f64>batch;
  for (let c = 0; c < channels; c += 4) {
    const at = <usize>c << 2;
    const lanes = min(channels - c, 4);
    const zero = f32x4.splat(0);
    columnSums<Centred>(x + at, x + at, batch, stride, lanes, zero, zero);
    const rough = columnMeans(0, n);
    columnSums<Centred>(x + at, x + at, batch, stride, lanes, rough, zero);
    writeSome(stats + at, rough, lanes);
    for (let lane = 0; lane < lanes; lane++) {
      const known = load<f32>(stats + at + (<usize>lane << 2));
      storeStatistics(stats, channels, c + lane, known, columnSum(0, lane), columnSum(1, lane), n, eps);
    }
    const m = readSome(stats + at, lanes);
    const scale = f32x4.mul(readSome(stats + stride + at, lanes), perChannel(weight, at, lanes, 1));
    const b = perChannel(bias, at, lanes, 0);
    for (let i = 0; i < batch; i++) {
      const row = <usize>i * stride + at;
      writeSome(y + row, madd(b, f32x4.sub(readSome(x + row, lanes), m), scale), lanes);
    }
  }
}

/** Forward pass; stores the statistics too. */
export function f32_batch_norm(
  x: usize, batch: i32, channels: i32, size: i32, weight: usize, bias: usize, eps: f64, y: usize, stats: usize,
): void {
  if (size == 1) {
    forwardColumns(x, batch, channels, weight, bias, eps, y, stats);
    return;
  }
  const run = <usize>size << 2;
  const stride = <usize>channels * run;
  const n = <f64>batch * <f64>size;
  for (let c = 0; c < channels; c++) {
    const from = x + <usize>c * run;
    let total: f64 = 0;
    for (let i = 0; i < batch; i++) total += sumRun<Value>(from + <usize>i * stride, size);
    const rough = <f32>(total / n);
    const sums = channelSums<Centred>(from, from, batch, stride, size, rough, 0);
    storeStatistics(stats, channels, c, rough, f64x2.extract_lane(sums, 0), f64x2.extract_lane(sums, 1), n, eps);
    const at = <usize>c << 2;
    const m = v128.load32_splat(stats + at);
    const scale = load<f32>(stats + (<usize>channels << 2) + at) * oneChannel(weight, at, 1);
    const b = f32x4.splat(oneChannel(bias, at, 0));
    for (let i = 0; i < batch; i++) {
      const skip = <usize>c * run + <usize>i * stride;
      affineRun(x + skip, size, m, f32x4.splat(scale), b, y + skip);
    }
  }
}

/** scale · (g − centre − x̂ · slope) for `n` neighbours. */
function gradRun(
  g: usize, x: usize, n: i32, m: v128, r: v128, scale: v128, centre: v128, slope: v128, o: usize,
): void {
  for (; n >= 4; n -= 4) {
    const hat = f32x4.mul(f32x4.sub(v128.load(x), m), r);
    v128.store(o, f32x4.mul(scale, nmadd(f32x4.sub(v128.load(g), centre), hat, slope)));
    g += 16;
    x += 16;
    o += 16;
  }
  if (n > 0) {
    const hat = f32x4.mul(f32x4.sub(readSome(x, n), m), r);
    writeSome(o, f32x4.mul(scale, nmadd(f32x4.sub(readSome(g, n), centre), hat, slope)), n);
  }
}

/**
 * From g, x and the statistics: the gradient of x, rstd · weight · (g − mean(g) − x̂ · mean(g x̂)), that of weight, Σ g x̂, and
 * that of bias, Σ g. Each of the three may be 0, and is then left out.
 */
export function f32_batch_norm_grad(
  g: usize, x: usize, batch: i32, channels: i32, size: i32, weight: usize, stats: usize,
  gx: usize, gw: usize, gb: usize,
): void {
  const row = <usize>channels << 2;
  const run = <usize>size << 2;
  const stride = <usize>channels * run;
  const n = <f64>batch * <f64>size;
  const together = size == 1;
  for (let c = 0; c < channels; c += together ? 4 : 1) {
    const at = <usize>c << 2;
    const from = <usize>c * run;
    const lanes = together ? min(channels - c, 4) : 1;
    let m = readSome(stats + at, lanes);
    let r = readSome(stats + row + at, lanes);
    let w = weight ? readSome(weight + at, lanes) : f32x4.splat(1);
    if (together) {
      columnSums<Graded>(x + from, g + from, batch, stride, lanes, m, r);
    } else {
      const sums = channelSums<Graded>(
        x + from, g + from, batch, stride, size, f32x4.extract_lane(m, 0), f32x4.extract_lane(r, 0),
      );
      // Of one channel in all four places, as what follows works on vectors.
      v128.store(COLUMN_SUMS, f64x2.splat(f64x2.extract_lane(sums, 0)));
      v128.store(COLUMN_SUMS, f64x2.splat(f64x2.extract_lane(sums, 0)), 16);
      v128.store(COLUMN_SUMS, f64x2.splat(f64x2.extract_lane(sums, 1)), 32);
      v128.store(COLUMN_SUMS, f64x2.splat(f64x2.extract_lane(sums, 1)), 48);
      m = f32x4.splat(f32x4.extract_lane(m, 0));
      r = f32x4.splat(f32x4.extract_lane(r, 0));
      w = f32x4.splat(f32x4.extract_lane(w, 0));
    }
    if (gb) writeSome(gb + at, columnMeans(0, 1), lanes);
    if (gw) writeSome(gw + at, columnMeans(1, 1), lanes);
    if (!gx) continue;
    const scale = f32x4.mul(r, w);
    const centre = columnMeans(0, n);
    const slope = columnMeans(1, n);
    for (let i = 0; i < batch; i++) {
      const skip = from + <usize>i * stride;
      gradRun(g + skip, x + skip, together ? lanes : size, m, r, scale, centre, slope, gx + skip);
    }
  }
}
