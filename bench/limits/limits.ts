// What the machine can do at best in 128-bit WebAssembly: the yardstick for kernels.

function madd(acc: v128, a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, acc);
  return f32x4.add(acc, f32x4.mul(a, b));
}

/** In memory, since V8 builds a vector constant anew wherever it is used. */
const FACTOR = memory.data<f32>([1e-9]);

/**
 * 14 chains of multiply-adds: enough to hide their latency, and with the factor as many as V8's 15 vector registers hold.
 * Each chain is c + c * 1e-9: nothing can be hoisted out of the loop, and every value stays what it is, far from overflow
 * and denormals. A turn is two steps of 14 x 4 lanes x 2 flop (measured best, or nearly, in both builds on V8 11.3 and
 * 14.6; fewer chains lose up to a fifth).
 */
export function multiplyAdd(flop: f64): f32 {
  let turns = <i32>(flop / 224), a = v128.load32_splat(FACTOR);
  let c0 = f32x4.splat(0), c1 = f32x4.splat(1), c2 = f32x4.splat(2), c3 = f32x4.splat(3), c4 = f32x4.splat(4);
  let c5 = f32x4.splat(5), c6 = f32x4.splat(6), c7 = f32x4.splat(7), c8 = f32x4.splat(8), c9 = f32x4.splat(9);
  let ca = f32x4.splat(10), cb = f32x4.splat(11), cc = f32x4.splat(12), cd = f32x4.splat(13);
  do {
    c0 = madd(c0, c0, a); c1 = madd(c1, c1, a); c2 = madd(c2, c2, a); c3 = madd(c3, c3, a);
    c4 = madd(c4, c4, a); c5 = madd(c5, c5, a); c6 = madd(c6, c6, a); c7 = madd(c7, c7, a);
    c8 = madd(c8, c8, a); c9 = madd(c9, c9, a); ca = madd(ca, ca, a); cb = madd(cb, cb, a);
    cc = madd(cc, cc, a); cd = madd(cd, cd, a);

    c0 = madd(c0, c0, a); c1 = madd(c1, c1, a); c2 = madd(c2, c2, a); c3 = madd(c3, c3, a);
    c4 = madd(c4, c4, a); c5 = madd(c5, c5, a); c6 = madd(c6, c6, a); c7 = madd(c7, c7, a);
    c8 = madd(c8, c8, a); c9 = madd(c9, c9, a); ca = madd(ca, ca, a); cb = madd(cb, cb, a);
    cc = madd(cc, cc, a); cd = madd(cd, cd, a);
  } while (--turns > 0);
  let s = f32x4.add(f32x4.add(f32x4.add(c0, c1), c2), c3);
  s = f32x4.add(f32x4.add(f32x4.add(f32x4.add(s, c4), c5), c6), c7);
  s = f32x4.add(f32x4.add(f32x4.add(f32x4.add(f32x4.add(f32x4.add(s, c8), c9), ca), cb), cc), cd);
  return f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1) + f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3);
}

/** 32 MiB for `copy` to read, and as much to write. */
const AREA: i32 = 1 << 25;
const PAGES = memory.grow((2 * AREA) >> 16);

/** Copies `bytes` (a multiple of 64), 64 bytes a turn: the loop of an elementwise kernel without its arithmetic. */
export function copy(bytes: usize): void {
  let from = <usize>PAGES << 16, to = from + <usize>AREA, end = from + bytes;
  while (from < end) {
    v128.store(to, v128.load(from)); v128.store(to, v128.load(from, 16), 16);
    v128.store(to, v128.load(from, 32), 32); v128.store(to, v128.load(from, 48), 48);
    from += 64; to += 64;
  }
}
