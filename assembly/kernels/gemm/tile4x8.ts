/**
 * The 4x8 register tile of the plain build: 8 accumulators, two vectors of B, one of A and one for the unfused product.
 *
 * Both kernels walk k (at least one step) in groups of four with a conditional break after each step. The breaks end
 * any k without a remainder loop, and they keep the optimizer from merging the steps: merged, all loads come first and
 * the accumulators spill, which costs up to a third of the speed.
 */

import { madd, pmax } from "../../simd/f32x4";
import { ACCUMULATE, BIAS, RELU } from "./flags";

/** A as it lies: `mr` <= 4 rows of consecutive k, `ldaBytes` apart; missing rows repeat the last one. */
export function rows4x8(
  kc: i32, a0: usize, ldaBytes: usize, b: usize, ldbBytes: usize,
  c: usize, ldcBytes: usize, mr: i32, bias: usize, flags: i32,
): void {
  let a1 = a0 + select<usize>(ldaBytes, 0, mr > 1);
  let a2 = a1 + select<usize>(ldaBytes, 0, mr > 2);
  let a3 = a2 + select<usize>(ldaBytes, 0, mr > 3);
  let z = f32x4.splat(0), c00 = z, c01 = z, c10 = z, c11 = z, c20 = z, c21 = z, c30 = z, c31 = z;
  while (true) {
    {
      let b0 = v128.load(b), b1 = v128.load(b, 16); b += ldbBytes;
      let v = v128.load32_splat(a0); c00 = madd(c00, v, b0); c01 = madd(c01, v, b1);
      v = v128.load32_splat(a1); c10 = madd(c10, v, b0); c11 = madd(c11, v, b1);
      v = v128.load32_splat(a2); c20 = madd(c20, v, b0); c21 = madd(c21, v, b1);
      v = v128.load32_splat(a3); c30 = madd(c30, v, b0); c31 = madd(c31, v, b1);
    }
    if (kc == 1) break;
    {
      let b0 = v128.load(b), b1 = v128.load(b, 16); b += ldbBytes;
      let v = v128.load32_splat(a0, 4); c00 = madd(c00, v, b0); c01 = madd(c01, v, b1);
      v = v128.load32_splat(a1, 4); c10 = madd(c10, v, b0); c11 = madd(c11, v, b1);
      v = v128.load32_splat(a2, 4); c20 = madd(c20, v, b0); c21 = madd(c21, v, b1);
      v = v128.load32_splat(a3, 4); c30 = madd(c30, v, b0); c31 = madd(c31, v, b1);
    }
    if (kc == 2) break;
    {
      let b0 = v128.load(b), b1 = v128.load(b, 16); b += ldbBytes;
      let v = v128.load32_splat(a0, 8); c00 = madd(c00, v, b0); c01 = madd(c01, v, b1);
      v = v128.load32_splat(a1, 8); c10 = madd(c10, v, b0); c11 = madd(c11, v, b1);
      v = v128.load32_splat(a2, 8); c20 = madd(c20, v, b0); c21 = madd(c21, v, b1);
      v = v128.load32_splat(a3, 8); c30 = madd(c30, v, b0); c31 = madd(c31, v, b1);
    }
    if (kc == 3) break;
    {
      let b0 = v128.load(b), b1 = v128.load(b, 16); b += ldbBytes;
      let v = v128.load32_splat(a0, 12); c00 = madd(c00, v, b0); c01 = madd(c01, v, b1);
      v = v128.load32_splat(a1, 12); c10 = madd(c10, v, b0); c11 = madd(c11, v, b1);
      v = v128.load32_splat(a2, 12); c20 = madd(c20, v, b0); c21 = madd(c21, v, b1);
      v = v128.load32_splat(a3, 12); c30 = madd(c30, v, b0); c31 = madd(c31, v, b1);
    }
    kc -= 4;
    if (kc == 0) break;
    a0 += 16; a1 += 16; a2 += 16; a3 += 16;
  }
  finish4x8(c, ldcBytes, mr, bias, flags, c00, c01, c10, c11, c20, c21, c30, c31);
}

/** A packed by `packA`: for each k, 4 vectors that hold one element four times. */
export function bcast4x8(
  kc: i32, a: usize, b: usize, ldbBytes: usize,
  c: usize, ldcBytes: usize, mr: i32, bias: usize, flags: i32,
): void {
  let z = f32x4.splat(0), c00 = z, c01 = z, c10 = z, c11 = z, c20 = z, c21 = z, c30 = z, c31 = z;
  while (true) {
    {
      let b0 = v128.load(b), b1 = v128.load(b, 16); b += ldbBytes;
      let v = v128.load(a); c00 = madd(c00, v, b0); c01 = madd(c01, v, b1);
      v = v128.load(a, 16); c10 = madd(c10, v, b0); c11 = madd(c11, v, b1);
      v = v128.load(a, 32); c20 = madd(c20, v, b0); c21 = madd(c21, v, b1);
      v = v128.load(a, 48); c30 = madd(c30, v, b0); c31 = madd(c31, v, b1);
    }
    if (kc == 1) break;
    {
      let b0 = v128.load(b), b1 = v128.load(b, 16); b += ldbBytes;
      let v = v128.load(a, 64); c00 = madd(c00, v, b0); c01 = madd(c01, v, b1);
      v = v128.load(a, 80); c10 = madd(c10, v, b0); c11 = madd(c11, v, b1);
      v = v128.load(a, 96); c20 = madd(c20, v, b0); c21 = madd(c21, v, b1);
      v = v128.load(a, 112); c30 = madd(c30, v, b0); c31 = madd(c31, v, b1);
    }
    if (kc == 2) break;
    {
      let b0 = v128.load(b), b1 = v128.load(b, 16); b += ldbBytes;
      let v = v128.load(a, 128); c00 = madd(c00, v, b0); c01 = madd(c01, v, b1);
      v = v128.load(a, 144); c10 = madd(c10, v, b0); c11 = madd(c11, v, b1);
      v = v128.load(a, 160); c20 = madd(c20, v, b0); c21 = madd(c21, v, b1);
      v = v128.load(a, 176); c30 = madd(c30, v, b0); c31 = madd(c31, v, b1);
    }
    if (kc == 3) break;
    {
      let b0 = v128.load(b), b1 = v128.load(b, 16); b += ldbBytes;
      let v = v128.load(a, 192); c00 = madd(c00, v, b0); c01 = madd(c01, v, b1);
      v = v128.load(a, 208); c10 = madd(c10, v, b0); c11 = madd(c11, v, b1);
      v = v128.load(a, 224); c20 = madd(c20, v, b0); c21 = madd(c21, v, b1);
      v = v128.load(a, 240); c30 = madd(c30, v, b0); c31 = madd(c31, v, b1);
    }
    kc -= 4;
    if (kc == 0) break;
    a += 256;
  }
  finish4x8(c, ldcBytes, mr, bias, flags, c00, c01, c10, c11, c20, c21, c30, c31);
}

/** Adds C and the bias, clamps at zero. C is read before the first store, as rows beyond `mr` are the last row. */
// @ts-ignore: decorator
@inline function finish4x8(
  c: usize, ldcBytes: usize, mr: i32, bias: usize, flags: i32,
  c00: v128, c01: v128, c10: v128, c11: v128, c20: v128, c21: v128, c30: v128, c31: v128,
): void {
  let p0 = c;
  let p1 = p0 + select<usize>(ldcBytes, 0, mr > 1);
  let p2 = p1 + select<usize>(ldcBytes, 0, mr > 2);
  let p3 = p2 + select<usize>(ldcBytes, 0, mr > 3);
  if (flags != 0) {
    if (flags & ACCUMULATE) {
      c00 = f32x4.add(v128.load(p0), c00); c01 = f32x4.add(v128.load(p0, 16), c01);
      c10 = f32x4.add(v128.load(p1), c10); c11 = f32x4.add(v128.load(p1, 16), c11);
      c20 = f32x4.add(v128.load(p2), c20); c21 = f32x4.add(v128.load(p2, 16), c21);
      c30 = f32x4.add(v128.load(p3), c30); c31 = f32x4.add(v128.load(p3, 16), c31);
    }
    if (flags & BIAS) {
      let b0 = v128.load(bias), b1 = v128.load(bias, 16);
      c00 = f32x4.add(c00, b0); c01 = f32x4.add(c01, b1);
      c10 = f32x4.add(c10, b0); c11 = f32x4.add(c11, b1);
      c20 = f32x4.add(c20, b0); c21 = f32x4.add(c21, b1);
      c30 = f32x4.add(c30, b0); c31 = f32x4.add(c31, b1);
    }
    if (flags & RELU) {
      let z = f32x4.splat(0);
      c00 = pmax(c00, z); c01 = pmax(c01, z);
      c10 = pmax(c10, z); c11 = pmax(c11, z);
      c20 = pmax(c20, z); c21 = pmax(c21, z);
      c30 = pmax(c30, z); c31 = pmax(c31, z);
    }
  }
  v128.store(p0, c00); v128.store(p0, c01, 16);
  v128.store(p1, c10); v128.store(p1, c11, 16);
  v128.store(p2, c20); v128.store(p2, c21, 16);
  v128.store(p3, c30); v128.store(p3, c31, 16);
}
