import { nextWord, RandomState, tempered } from "./twister";

const MASK_24: u32 = 0xffffff;
const UNIT_24: f64 = 1.0 / 16777216.0;

/** from + word · width, where word · width is exact in f64: one rounding, as by PyTorch's fused multiply-add. */
// @ts-ignore: decorator
@inline function spread(words: v128, width: v128, from: v128): v128 {
  const bits = v128.and(words, i32x4.splat(MASK_24));
  const low = f64x2.add(f64x2.mul(f64x2.convert_low_i32x4_u(bits), width), from);
  const rest = v128.shuffle<i64>(bits, bits, 1, 1);
  const high = f64x2.add(f64x2.mul(f64x2.convert_low_i32x4_u(rest), width), from);
  return v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
}

/** n numbers of 24 random bits in [from, to); as in PyTorch, `to` itself may come of rounding. */
export function f32_uniform(state: usize, o: usize, n: i32, from: f32, to: f32): void {
  const s = changetype<RandomState>(state);
  const width = f64x2.splat(<f64>(to - from) * UNIT_24);
  const base = f64x2.splat(<f64>from);
  while (n > 0) {
    const count = min(n, s.left);
    let p = s.next;
    let left = count;
    for (; left >= 4; left -= 4) {
      v128.store(o, spread(tempered(v128.load(p)), width, base));
      p += 16;
      o += 16;
    }
    for (; left > 0; left--) {
      v128.store32_lane(o, spread(tempered(v128.load32_zero(p)), width, base), 0);
      p += 4;
      o += 4;
    }
    s.used = s.used + count;
    n -= count;
  }
}

/** n integers in [low, high), low < high: a word modulo the range. */
export function i32_random(state: usize, o: usize, n: i32, low: i32, high: i32): void {
  const range = <u32>(high - low);
  const end = o + ((<usize>n) << 2);
  for (; o < end; o += 4) store<i32>(o, low + <i32>(nextWord(state) % range));
}

/** A random order of 0 … n − 1, by Fisher and Yates from the front. */
export function i32_randperm(state: usize, o: usize, n: i32): void {
  for (let i = 0; i < n; i++) store<i32>(o + ((<usize>i) << 2), i);
  for (; n > 1; n--) {
    const other = o + ((<usize>(nextWord(state) % <u32>n)) << 2);
    const x = load<i32>(other);
    store<i32>(other, load<i32>(o));
    store<i32>(o, x);
    o += 4;
  }
}
