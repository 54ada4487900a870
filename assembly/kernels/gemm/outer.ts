import { madd, pmax } from "../../simd/f32x4";
import { copy2d_32 } from "../transpose";
import { KC, NC } from "./blocks";
import { ACCUMULATE, BIAS, RELU } from "./flags";
import { loadLanes, storeLanes } from "./partial";

/** Columns at a time if they have to be gathered first. */
// @ts-ignore: decorator
@inline const GATHERED: i32 = KC * NC;

/** GEMM's k = 1: rows of C are written in passes over the one row of B, two to three times as fast as in tiles. */
export function outerProduct(
  m: i32, n: i32, a: usize, rsa: i32, b: usize, csb: i32,
  c: usize, ldc: i32, bias: usize, flags: i32, scratch: usize,
): void {
  let z = f32x4.splat(0);
  let rsaBytes = <usize>rsa << 2, ldcBytes = <usize>ldc << 2;
  while (n > 0) {
    let nb = n, row = b;
    if (csb != 1) {
      nb = min(n, GATHERED);
      copy2d_32(b, 0, csb, scratch, 0, 1, nb);
      row = scratch;
    }
    let ai = a, ci = c;
    for (let i = 0; i < m; ++i) {
      let x = v128.load32_splat(ai), p = row, o = ci, q = bias, j = nb;
      for (; j >= 8; j -= 8) {
        let v = madd(z, x, v128.load(p)), w = madd(z, x, v128.load(p, 16));
        if (flags != 0) {
          if (flags & ACCUMULATE) {
            v = f32x4.add(v128.load(o), v); w = f32x4.add(v128.load(o, 16), w);
          }
          if (flags & BIAS) {
            v = f32x4.add(v, v128.load(q)); w = f32x4.add(w, v128.load(q, 16));
          }
          if (flags & RELU) {
            v = pmax(v, z); w = pmax(w, z);
          }
        }
        v128.store(o, v); v128.store(o, w, 16);
        p += 32; o += 32; q += 32;
      }
      for (; j > 0; j -= 4) {
        let v = madd(z, x, loadLanes(p, j));
        if (flags & ACCUMULATE) v = f32x4.add(loadLanes(o, j), v);
        if (flags & BIAS) v = f32x4.add(v, loadLanes(q, j));
        if (flags & RELU) v = pmax(v, z);
        storeLanes(o, v, j);
        p += 16; o += 16; q += 16;
      }
      ai += rsaBytes; ci += ldcBytes;
    }
    b += (<usize>nb << 2) * <usize>csb; c += <usize>nb << 2; bias += <usize>nb << 2; n -= nb;
  }
}
