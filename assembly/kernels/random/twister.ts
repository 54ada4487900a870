/**
 * The Mersenne Twister MT19937 (Matsumoto and Nishimura 1998, doi:10.1145/272991.272995), as PyTorch's CPU generator
 * uses it: the same seed gives the same words. A state is a record behind a pointer; to save it, copy
 * RANDOM_STATE_BYTES bytes.
 *
 *        0  the 624 words
 *     2496  how many of them have been given out
 *     2500  whether a normal number is kept for the next call
 *     2504  that number
 */
const WORDS: i32 = 624;
const MIDDLE: i32 = 397;
const MATRIX: u32 = 0x9908b0df;

@unmanaged
export class RandomState {
  @inline get used(): i32 {
    return load<i32>(changetype<usize>(this), 2496);
  }
  @inline set used(count: i32) {
    store<i32>(changetype<usize>(this), count, 2496);
  }
  @inline get hasNormal(): bool {
    return load<i32>(changetype<usize>(this), 2500) != 0;
  }
  @inline set hasNormal(has: bool) {
    store<i32>(changetype<usize>(this), i32(has), 2500);
  }
  @inline get normal(): f64 {
    return load<f64>(changetype<usize>(this), 2504);
  }
  @inline set normal(x: f64) {
    store<f64>(changetype<usize>(this), x, 2504);
  }
  /** Where the next words lie, untempered; how many there are, at least 1. */
  @inline get next(): usize {
    return changetype<usize>(this) + ((<usize>this.used) << 2);
  }
  @inline get left(): i32 {
    if (this.used == WORDS) regenerate(changetype<usize>(this));
    return WORDS - this.used;
  }
}

export const RANDOM_STATE_BYTES: i32 = 2512;

/** PyTorch uses the low 32 bits of a seed of 64. */
export function random_seed(state: usize, seed: u32): void {
  store<u32>(state, seed);
  for (let i = 1; i < WORDS; i++) {
    seed = 1812433253 * (seed ^ (seed >>> 30)) + i;
    store<u32>(state + ((<usize>i) << 2), seed);
  }
  const s = changetype<RandomState>(state);
  s.used = WORDS;
  s.hasNormal = false;
  s.normal = 0;
}

// @ts-ignore: decorator
@inline function mixed(x: u32, y: u32, z: u32): u32 {
  return z ^ (((x & 0x80000000) | (y & 0x7fffffff)) >>> 1) ^ (-(y & 1) & MATRIX);
}

/** Four neighbouring words at `at` bytes, from words `far` bytes ahead or behind. */
// @ts-ignore: decorator
@inline function mixFour(state: usize, far: isize): void {
  const y = v128.load(state, 4);
  const x = v128.bitselect(v128.load(state), y, i32x4.splat(0x80000000));
  const odd = v128.and(i32x4.neg(v128.and(y, i32x4.splat(1))), i32x4.splat(MATRIX));
  v128.store(state, v128.xor(v128.xor(v128.load(state + far), i32x4.shr_u(x, 1)), odd));
}

/**
 * The next 624 words. Word i depends on the old words i and i + 1 and on word i + 397, new where that wraps around: so
 * four can be made at a time but for those at the two seams.
 */
function regenerate(state: usize): void {
  let p = state;
  let end = state + (((WORDS - MIDDLE) >> 2) << 4);
  for (; p < end; p += 16) mixFour(p, MIDDLE << 2);
  end = state + ((<usize>(WORDS - MIDDLE)) << 2);
  for (; p < end; p += 4) store<u32>(p, mixed(load<u32>(p), load<u32>(p, 4), load<u32>(p, MIDDLE << 2)));
  end = state + ((<usize>(WORDS - 1)) << 2);
  for (; p < end; p += 16) mixFour(p, -((WORDS - MIDDLE) << 2));
  store<u32>(p, mixed(load<u32>(p), load<u32>(state), load<u32>(p - ((WORDS - MIDDLE) << 2))));
  changetype<RandomState>(state).used = 0;
}

// @ts-ignore: decorator
@inline export function tempered(x: v128): v128 {
  x = v128.xor(x, i32x4.shr_u(x, 11));
  x = v128.xor(x, v128.and(i32x4.shl(x, 7), i32x4.splat(0x9d2c5680)));
  x = v128.xor(x, v128.and(i32x4.shl(x, 15), i32x4.splat(0xefc60000)));
  return v128.xor(x, i32x4.shr_u(x, 18));
}

export function nextWord(state: usize): u32 {
  const s = changetype<RandomState>(state);
  if (s.used == WORDS) regenerate(state);
  let x = load<u32>(s.next);
  s.used = s.used + 1;
  x ^= x >>> 11;
  x ^= (x << 7) & 0x9d2c5680;
  x ^= (x << 15) & 0xefc60000;
  return x ^ (x >>> 18);
}

/** 53 bits, from two words, the first above the second. */
// @ts-ignore: decorator
@inline export function next53(state: usize): u64 {
  const high: u64 = nextWord(state) & 0x1fffff;
  return (high << 32) | nextWord(state);
}
