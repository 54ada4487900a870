/** Draws that compare or transform uniforms of 53 bits: two words each, the first above the second. */
import { log2Wide } from "../elementwise/wide";
import { next53, nextWord, RandomState, tempered } from "./twister";

const LN2: f64 = 0.6931471805599453;
const TWO_53: f64 = 9007199254740992.0;
const UNIT_53: f64 = 1.0 / 9007199254740992.0;
const UNIT_24: f32 = 1.0 / 16777216.0;

/**
 * n numbers that are `value` with probability p and else 0. u < p is decided in integers: u · 2^53 < ceil(p · 2^53).
 * value = 1/(1 − q) and p = 1 − q make what dropout multiplies by.
 */
export function f32_bernoulli(state: usize, o: usize, n: i32, p: f64, value: f32): void {
  const s = changetype<RandomState>(state);
  const limit = <i64>ceil<f64>(p * TWO_53);
  const limits = i64x2.splat(limit);
  const values = f32x4.splat(value);
  while (n > 0) {
    const count = min(n, s.left >> 1);
    let words = s.next;
    let left = count;
    for (; left >= 4; left -= 4) {
      const low = below(v128.load(words), limits);
      const high = below(v128.load(words, 16), limits);
      v128.store(o, v128.and(v128.shuffle<i32>(low, high, 0, 2, 4, 6), values));
      words += 32;
      o += 16;
    }
    s.used = s.used + ((count - left) << 1);
    n -= count - left;
    // One to three of a block, or one whose words lie in two blocks.
    for (left = min(n, max(left, 1)); left > 0; left--) {
      store<f32>(o, <i64>next53(state) < limit ? value : 0);
      o += 4;
      n--;
    }
  }
}

/** Masks of the two 53-bit numbers made of these words that lie below a limit. */
// @ts-ignore: decorator
@inline function below(words: v128, limits: v128): v128 {
  const bits = v128.shuffle<i32>(tempered(words), i32x4.splat(0), 1, 0, 3, 2);
  return i64x2.lt_s(v128.and(bits, i64x2.splat(0x1fffffffffffff)), limits);
}

/** n times 1 with the probability that stands in p, else 0: one word each, 24 bits of it. */
export function f32_bernoulli_each(state: usize, p: usize, o: usize, n: i32): void {
  for (; n > 0; n--) {
    const u = <f32>(nextWord(state) & 0xffffff) * UNIT_24;
    store<f32>(o, u < load<f32>(p) ? 1 : 0);
    p += 4;
    o += 4;
  }
}

/** −log(1 − u) / rate. */
export function f32_exponential(state: usize, o: usize, n: i32, rate: f64): void {
  const scale = f64x2.splat((-1 / rate) * LN2);
  for (; n > 0; n -= 2) {
    let u = f64x2.splat(1 - <f64>next53(state) * UNIT_53);
    if (n > 1) u = f64x2.replace_lane(u, 1, 1 - <f64>next53(state) * UNIT_53);
    const x = f32x4.demote_f64x2_zero(f64x2.mul(log2Wide(u), scale));
    if (n > 1) v128.store64_lane(o, x, 0);
    else v128.store32_lane(o, x, 0);
    o += 8;
  }
}

/**
 * Draws with replacement: `samples` places for each row of weights, which need not add up to 1. `scratch` holds n
 * floats. Sampling without replacement is an order of weights divided by exponentials (Efraimidis and Spirakis 2006,
 * doi:10.1016/j.ipl.2005.11.003), and PyTorch also draws single samples so.
 */
export function i32_multinomial(
  state: usize,
  weights: usize,
  rows: i32,
  n: i32,
  samples: i32,
  scratch: usize,
  o: usize,
): void {
  const bytes = (<usize>n) << 2;
  for (; rows > 0; rows--) {
    let sum: f32 = 0;
    for (let at: usize = 0; at < bytes; at += 4) {
      sum += load<f32>(weights + at);
      store<f32>(scratch + at, sum);
    }
    for (let at: usize = 0; at < bytes; at += 4) store<f32>(scratch + at, load<f32>(scratch + at) / sum);
    for (let i = 0; i < samples; i++) {
      const u = <f64>next53(state) * UNIT_53;
      let first = 0;
      let last = n - 1;
      while (first < last) {
        const middle = (first + last) >>> 1;
        if (<f64>load<f32>(scratch + ((<usize>middle) << 2)) < u) first = middle + 1;
        else last = middle;
      }
      store<i32>(o, first);
      o += 4;
    }
    weights += bytes;
  }
}
