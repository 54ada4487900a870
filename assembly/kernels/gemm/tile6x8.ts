/**
 * The 6x8 register tile of the relaxed build: 12 accumulators, 2 vectors of B and 1 of A fill V8's 15 registers.
 *
 * Both kernels walk k (at least one step) in groups of four with a conditional break after each step. The breaks end
 * any k without a remainder loop, and they keep the optimizer from merging the steps: merged, all loads come first and
 * the accumulators spill, which costs up to a third of the speed.
 */

import { madd, pmax } from "../../simd/f32x4";
import { ACCUMULATE, BIAS, RELU } from "./flags";

/** A as it lies: `mr` <= 6 rows of consecutive k, `ldaBytes` apart; missing rows repeat the last one. */
export function rows6x8(
  kc: i32, a0: usize, ldaBytes: usize, b: usize, ldbBytes: usize,
  c: usize, ldcBytes: usize, mr: i32, bias: usize, flags: i32,
): void {
  let a1 = a0 + select<usize>(ldaBytes, 0, mr > 1);
  let a2 = a1 + select<usize>(ldaBytes, 0, mr > 2);
  let a3 = a2 + select<usize>(ldaBytes, 0, mr > 3);
  let a4 = a3 + select<usize>(ldaBytes, 0, mr > 4);
  let a5 = a4 + select<usize>(ldaBytes, 0, mr > 5);
  let z = f32x4.splat(0), c00 = z, c01 = z, c10 = z, c11 = z, c20 = z, c21 = z, c30 = z, c31 = z, c40 = z, c41 = z,
    c50 = z, c51 = z;
  while (true) {
    {
      let b0 = v128.load(b), b1 = v128.load(b, 16); b += ldbBytes;
      let v = v128.load32_splat(a0); c00 = madd(c00, v, b0); c01 = madd(c01, v, b1);
      v = v128.load32_splat(a1); c10 = madd(c10, v, b0); c11 = madd(c11, v, b1);
      v = v128.load32_splat(a2); c20 = madd(c20, v, b0); c21 = madd(c21, v, b1);
      v = v128.load32_splat(a3); c30 = madd(c30, v, b0); c31 = madd(c31, v, b1);
      v = v128.load32_splat(a4); c40 = madd(c40, v, b0); c41 = madd(c41, v, b1);
      v = v128.load32_splat(a5); c50 = madd(c50, v, b0); c51 = madd(c51, v, b1);
    }
    if (kc == 1) break;
    {
      let b0 = v128.load(b), b1 = v128.load(b, 16); b += ldbBytes;
      let v = v128.load32_splat(a0, 4); c00 = madd(c00, v, b0); c01 = madd(c01, v, b1);
      v = v128.load32_splat(a1, 4); c10 = madd(c10, v, b0); c11 = madd(c11, v, b1);
      v = v128.load32_splat(a2, 4); c20 = madd(c20, v, b0); c21 = madd(c21, v, b1);
      v = v128.load32_splat(a3, 4); c30 = madd(c30, v, b0); c31 = madd(c31, v, b1);
      v = v128.load32_splat(a4, 4); c40 = madd(c40, v, b0); c41 = madd(c41, v, b1);
      v = v128.load32_splat(a5, 4); c50 = madd(c50, v, b0); c51 = madd(c51, v, b1);
    }
    if (kc == 2) break;
    {
      let b0 = v128.load(b), b1 = v128.load(b, 16); b += ldbBytes;
      let v = v128.load32_splat(a0, 8); c00 = madd(c00, v, b0); c01 = madd(c01, v, b1);
      v = v128.load32_splat(a1, 8); c10 = madd(c10, v, b0); c11 = madd(c11, v, b1);
      v = v128.load32_splat(a2, 8); c20 = madd(c20, v, b0); c21 = madd(c21, v, b1);
      v = v128.load32_splat(a3, 8); c30 = madd(c30, v, b0); c31 = madd(c31, v, b1);
      v = v128.load32_splat(a4, 8); c40 = madd(c40, v, b0); c41 = madd(c41, v, b1);
      v = v128.load32_splat(a5, 8); c50 = madd(c50, v, b0); c51 = madd(c51, v, b1);
    }
    if (kc == 3) break;
    {
      let b0 = v128.load(b), b1 = v128.load(b, 16); b += ldbBytes;
      let v = v128.load32_splat(a0, 12); c00 = madd(c00, v, b0); c01 = madd(c01, v, b1);
      v = v128.load32_splat(a1, 12); c10 = madd(c10, v, b0); c11 = madd(c11, v, b1);
      v = v128.load32_splat(a2, 12); c20 = madd(c20, v, b0); c21 = madd(c21, v, b1);
      v = v128.load32_splat(a3, 12); c30 = madd(c30, v, b0); c31 = madd(c31, v, b1);
      v = v128.load32_splat(a4, 12); c40 = madd(c40, v, b0); c41 = madd(c41, v, b1);
      v = v128.load32_splat(a5, 12); c50 = madd(c50, v, b0); c51 = madd(c51, v, b1);
    }
    kc -= 4;
    if (kc == 0) break;
    a0 += 16; a1 += 16; a2 += 16; a3 += 16; a4 += 16; a5 += 16;
  }
  finish6x8(c, ldcBytes, mr, bias, flags, c00, c01, c10, c11, c20, c21, c30, c31, c40, c41, c50, c51);
}

/** A packed by `packA`: for each k, 6 vectors that hold one element four times. */
export function bcast6x8(
  kc: i32, a: usize, b: usize, ldbBytes: usize,
  c: usize, ldcBytes: usize, mr: i32, bias: usize, flags: i32,
): void {
  let z = f32x4.splat(0), c00 = z, c01 = z, c10 = z, c11 = z, c20 = z, c21 = z, c30 = z, c31 = z, c40 = z, c41 = z,
    c50 = z, c51 = z;
  while (true) {
    {
      let b0 = v128.load(b), b1 = v128.load(b, 16); b += ldbBytes;
      let v = v128.load(a); c00 = madd(c00, v, b0); c01 = madd(c01, v, b1);
      v = v128.load(a, 16); c10 = madd(c10, v, b0); c11 = madd(c11, v, b1);
      v = v128.load(a, 32); c20 = madd(c20, v, b0); c21 = madd(c21, v, b1);
      v = v128.load(a, 48); c30 = madd(c30, v, b0); c31 = madd(c31, v, b1);
      v = v128.load(a, 64); c40 = madd(c40, v, b0); c41 = madd(c41, v, b1);
      v = v128.load(a, 80); c50 = madd(c50, v, b0); c51 = madd(c51, v, b1);
    }
    if (kc == 1) break;
    {
      let b0 = v128.load(b), b1 = v128.load(b, 16); b += ldbBytes;
      let v = v128.load(a, 96); c00 = madd(c00, v, b0); c01 = madd(c01, v, b1);
      v = v128.load(a, 112); c10 = madd(c10, v, b0); c11 = madd(c11, v, b1);
      v = v128.load(a, 128); c20 = madd(c20, v, b0); c21 = madd(c21, v, b1);
      v = v128.load(a, 144); c30 = madd(c30, v, b0); c31 = madd(c31, v, b1);
      v = v128.load(a, 160); c40 = madd(c40, v, b0); c41 = madd(c41, v, b1);
      v = v128.load(a, 176); c50 = madd(c50, v, b0); c51 = madd(c51, v, b1);
    }
    if (kc == 2) break;
    {
      let b0 = v128.load(b), b1 = v128.load(b, 16); b += ldbBytes;
      let v = v128.load(a, 192); c00 = madd(c00, v, b0); c01 = madd(c01, v, b1);
      v = v128.load(a, 208); c10 = madd(c10, v, b0); c11 = madd(c11, v, b1);
      v = v128.load(a, 224); c20 = madd(c20, v, b0); c21 = madd(c21, v, b1);
      v = v128.load(a, 240); c30 = madd(c30, v, b0); c31 = madd(c31, v, b1);
      v = v128.load(a, 256); c40 = madd(c40, v, b0); c41 = madd(c41, v, b1);
      v = v128.load(a, 272); c50 = madd(c50, v, b0); c51 = madd(c51, v, b1);
    }
    if (kc == 3) break;
    {
      let b0 = v128.load(b), b1 = v128.load(b, 16); b += ldbBytes;
      let v = v128.load(a, 288); c00 = madd(c00, v, b0); c01 = madd(c01, v, b1);
      v = v128.load(a, 304); c10 = madd(c10, v, b0); c11 = madd(c11, v, b1);
      v = v128.load(a, 320); c20 = madd(c20, v, b0); c21 = madd(c21, v, b1);
      v = v128.load(a, 336); c30 = madd(c30, v, b0); c31 = madd(c31, v, b1);
      v = v128.load(a, 352); c40 = madd(c40, v, b0); c41 = madd(c41, v, b1);
      v = v128.load(a, 368); c50 = madd(c50, v, b0); c51 = madd(c51, v, b1);
    }
    kc -= 4;
    if (kc == 0) break;
    a += 384;
  }
  finish6x8(c, ldcBytes, mr, bias, flags, c00, c01, c10, c11, c20, c21, c30, c31, c40, c41, c50, c51);
}

/** Adds C and the bias, clamps at zero. C is read before the first store, as rows beyond `mr` are the last row. */
// @ts-ignore: decorator
@inline function finish6x8(
  c: usize, ldcBytes: usize, mr: i32, bias: usize, flags: i32,
  c00: v128, c01: v128, c10: v128, c11: v128, c20: v128, c21: v128, c30: v128, c31: v128, c40: v128, c41: v128,
  c50: v128, c51: v128,
): void {
  let p0 = c;
  let p1 = p0 + select<usize>(ldcBytes, 0, mr > 1);
  let p2 = p1 + select<usize>(ldcBytes, 0, mr > 2);
  let p3 = p2 + select<usize>(ldcBytes, 0, mr > 3);
  let p4 = p3 + select<usize>(ldcBytes, 0, mr > 4);
  let p5 = p4 + select<usize>(ldcBytes, 0, mr > 5);
  if (flags != 0) {
    if (flags & ACCUMULATE) {
      c00 = f32x4.add(v128.load(p0), c00); c01 = f32x4.add(v128.load(p0, 16), c01);
      c10 = f32x4.add(v128.load(p1), c10); c11 = f32x4.add(v128.load(p1, 16), c11);
      c20 = f32x4.add(v128.load(p2), c20); c21 = f32x4.add(v128.load(p2, 16), c21);
      c30 = f32x4.add(v128.load(p3), c30); c31 = f32x4.add(v128.load(p3, 16), c31);
      c40 = f32x4.add(v128.load(p4), c40); c41 = f32x4.add(v128.load(p4, 16), c41);
      c50 = f32x4.add(v128.load(p5), c50); c51 = f32x4.add(v128.load(p5, 16), c51);
    }
    if (flags & BIAS) {
      let b0 = v128.load(bias), b1 = v128.load(bias, 16);
      c00 = f32x4.add(c00, b0); c01 = f32x4.add(c01, b1);
      c10 = f32x4.add(c10, b0); c11 = f32x4.add(c11, b1);
      c20 = f32x4.add(c20, b0); c21 = f32x4.add(c21, b1);
      c30 = f32x4.add(c30, b0); c31 = f32x4.add(c31, b1);
      c40 = f32x4.add(c40, b0); c41 = f32x4.add(c41, b1);
      c50 = f32x4.add(c50, b0); c51 = f32x4.add(c51, b1);
    }
    if (flags & RELU) {
      let z = f32x4.splat(0);
      c00 = pmax(c00, z); c01 = pmax(c01, z);
      c10 = pmax(c10, z); c11 = pmax(c11, z);
      c20 = pmax(c20, z); c21 = pmax(c21, z);
      c30 = pmax(c30, z); c31 = pmax(c31, z);
      c40 = pmax(c40, z); c41 = pmax(c41, z);
      c50 = pmax(c50, z); c51 = pmax(c51, z);
    }
  }
  v128.store(p0, c00); v128.store(p0, c01, 16);
  v128.store(p1, c10); v128.store(p1, c11, 16);
  v128.store(p2, c20); v128.store(p2, c21, 16);
  v128.store(p3, c30); v128.store(p3, c31, 16);
  v128.store(p4, c40); v128.store(p4, c41, 16);
  v128.store(p5, c50); v128.store(p5, c51, 16);
}
