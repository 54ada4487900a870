/**
 * Packing: operands with any strides are copied into the order in which the register tiles read them. Transposition is
 * done here, so the tiles know none. Missing rows of A repeat the last one, missing columns of B are zeros (whatever
 * the scratch held before might be denormal, and slow); what a tile computes from them is never stored.
 */

import { FUSED } from "../../simd/f32x4";
import { transpose4x4 } from "../transpose";
import { NR } from "./blocks";
import { loadLanes } from "./partial";

/** `mr` rows of A for a tile of `height` (4 or 6) rows: for each of `kc` columns, vectors of one element four times. */
export function packA(kc: i32, a: usize, rsBytes: usize, csBytes: usize, height: i32, mr: i32, o: usize): void {
  let a1 = a + select<usize>(rsBytes, 0, mr > 1);
  let a2 = a1 + select<usize>(rsBytes, 0, mr > 2);
  let a3 = a2 + select<usize>(rsBytes, 0, mr > 3);
  let a4 = a3 + select<usize>(rsBytes, 0, mr > 4);
  let a5 = a4 + select<usize>(rsBytes, 0, mr > 5);
  let stepBytes = <usize>height << 4;
  for (; kc > 0; --kc) {
    v128.store(o, v128.load32_splat(a)); v128.store(o, v128.load32_splat(a1), 16);
    v128.store(o, v128.load32_splat(a2), 32); v128.store(o, v128.load32_splat(a3), 48);
    a += csBytes; a1 += csBytes; a2 += csBytes; a3 += csBytes;
    if (FUSED && height == 6) {
      v128.store(o, v128.load32_splat(a4), 64); v128.store(o, v128.load32_splat(a5), 80);
      a4 += csBytes; a5 += csBytes;
    }
    o += stepBytes;
  }
}

/** Two whole panels of a row-major B at once: 16 elements are a cache line. */
function packRowsPair(kc: i32, b: usize, rsBytes: usize, o: usize): void {
  let q = o + <usize>kc * (NR * 4);
  for (; kc > 0; --kc) {
    v128.store(o, v128.load(b)); v128.store(o, v128.load(b, 16), 16);
    v128.store(q, v128.load(b, 32)); v128.store(q, v128.load(b, 48), 16);
    b += rsBytes; o += NR * 4; q += NR * 4;
  }
}

/** A panel of `width` <= NR columns of a row-major B. */
function packRows(kc: i32, b: usize, rsBytes: usize, width: i32, o: usize): void {
  for (; kc > 0; --kc) {
    v128.store(o, loadLanes(b, width));
    if (width > 4) v128.store(o, loadLanes(b + 16, width - 4), 16);
    b += rsBytes; o += NR * 4;
  }
}

/** A panel of `width` <= NR columns with any strides; columns of consecutive elements go through 4x4 transposes. */
function packColumns(kc: i32, b: usize, rsBytes: usize, csBytes: usize, width: i32, o: usize): void {
  if (width < NR) memory.fill(o, 0, <usize>kc * (NR * 4));
  else if (rsBytes == 4) {
    let right = csBytes << 2;
    for (; kc >= 4; kc -= 4) {
      transpose4x4(b, csBytes, o, NR * 4);
      transpose4x4(b + right, csBytes, o + 16, NR * 4);
      b += 16; o += NR * 16;
    }
  }
  for (; kc > 0; --kc) {
    let p = b;
    for (let j = 0; j < width; ++j) {
      store<f32>(o + (<usize>j << 2), load<f32>(p));
      p += csBytes;
    }
    b += rsBytes; o += NR * 4;
  }
}

/** `n` columns of B in panels of NR columns, each of `kc` rows of 32 bytes. */
export function packB(kc: i32, n: i32, b: usize, rsBytes: usize, csBytes: usize, o: usize): void {
  let panelBytes = <usize>kc * (NR * 4);
  if (csBytes == 4) {
    for (; n >= 2 * NR; n -= 2 * NR) {
      packRowsPair(kc, b, rsBytes, o);
      b += 2 * NR * 4; o += 2 * panelBytes;
    }
  }
  while (n > 0) {
    let width = min(n, NR);
    if (csBytes == 4) packRows(kc, b, rsBytes, width, o);
    else packColumns(kc, b, rsBytes, csBytes, width, o);
    b += csBytes * NR; o += panelBytes; n -= NR;
  }
}
