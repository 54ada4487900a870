/**
 * General matrix product after Goto & van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (ACM TOMS 34,
 * 2008, doi:10.1145/1356052.1356053), with their roles of A and B exchanged: a panel of A stays in L1 while the packed
 * block of B streams from L2. Small operands, and those that are read too seldom to repay it, are not packed. Whether
 * they are does not change a bit of the result: tiles, blocks of k and the order of summation are the same.
 */

import { FUSED } from "../../simd/f32x4";
import { KC, MR, NC, NR, blockLength, tileRows } from "./blocks";
import { ACCUMULATE, BIAS, RELU } from "./flags";
import { GEMV_SCRATCH_BYTES, finishVector, gemv } from "./gemv";
import { bcast4x4, bcast6x4, rows4x4, rows6x4 } from "./narrow";
import { outerProduct } from "./outer";
import { packA, packB } from "./pack";
import { loadLanes, storeLanes } from "./partial";
import { bcast4x8, rows4x8 } from "./tile4x8";
import { bcast6x8, rows6x8 } from "./tile6x8";

/** Add the product to C instead of overwriting C. */
export const GEMM_ACCUMULATE: i32 = ACCUMULATE;

/** Clamp the result at zero from below, after the bias. */
export const GEMM_RELU: i32 = RELU;

// @ts-ignore: decorator
@inline const B_OFFSET: usize = MR * KC * 16;
// @ts-ignore: decorator
@inline const TILE_OFFSET: usize = B_OFFSET + KC * NC * 4;
// @ts-ignore: decorator
@inline const BIAS_OFFSET: usize = TILE_OFFSET + MR * NR * 4;
// @ts-ignore: decorator
@inline const PRODUCT_SCRATCH_BYTES: usize = BIAS_OFFSET + NR * 4;

/** Scratch that a call needs, aligned to 16 bytes: a panel of A, a block of B, a tile and a bias for the right edge. */
export const GEMM_SCRATCH_BYTES: usize =
  PRODUCT_SCRATCH_BYTES > GEMV_SCRATCH_BYTES ? PRODUCT_SCRATCH_BYTES : GEMV_SCRATCH_BYTES;

/** From how many columns on a panel of A is packed although its rows could be read in place. */
let packAFromColumns: i32 = 192;

/**
 * Sets from how many columns on A is packed (192 at first, right for V8). JavaScriptCore reads packed panels 1.4 times
 * as fast from 32 columns on. Results do not depend on it.
 */
export function setGemmPackAFromColumns(columns: i32): void {
  packAFromColumns = columns;
}

/** One register tile of 6 or 4 rows: from rows of A, `ldaBytes` apart, or from a packed panel. */
// @ts-ignore: decorator
@inline function tile(
  height: i32, packed: bool, k: i32, a: usize, ldaBytes: usize, b: usize, ldbBytes: usize,
  c: usize, ldcBytes: usize, mr: i32, bias: usize, flags: i32,
): void {
  if (packed) {
    if (FUSED && height == 6) bcast6x8(k, a, b, ldbBytes, c, ldcBytes, mr, bias, flags);
    else bcast4x8(k, a, b, ldbBytes, c, ldcBytes, mr, bias, flags);
  } else {
    if (FUSED && height == 6) rows6x8(k, a, ldaBytes, b, ldbBytes, c, ldcBytes, mr, bias, flags);
    else rows4x8(k, a, ldaBytes, b, ldbBytes, c, ldcBytes, mr, bias, flags);
  }
}

/** The same for at most four columns. */
// @ts-ignore: decorator
@inline function narrowTile(
  height: i32, packed: bool, k: i32, a: usize, ldaBytes: usize, b: usize,
  c: usize, ldcBytes: usize, mr: i32, bias: usize, flags: i32,
): void {
  if (packed) {
    if (FUSED && height == 6) bcast6x4(k, a, b, NR * 4, c, ldcBytes, mr, bias, flags);
    else bcast4x4(k, a, b, NR * 4, c, ldcBytes, mr, bias, flags);
  } else {
    if (FUSED && height == 6) rows6x4(k, a, ldaBytes, b, NR * 4, c, ldcBytes, mr, bias, flags);
    else rows4x4(k, a, ldaBytes, b, NR * 4, c, ldcBytes, mr, bias, flags);
  }
}

/** Copies `width` < 8 columns of `rows` rows. */
function copyTile(from: usize, fromBytes: usize, to: usize, toBytes: usize, rows: i32, width: i32): void {
  for (; rows > 0; --rows) {
    storeLanes(to, loadLanes(from, width), width);
    if (width > 4) storeLanes(to + 16, loadLanes(from + 16, width - 4), width - 4);
    from += fromBytes; to += toBytes;
  }
}

/** The last `width` < 8 columns of a row of tiles; B and bias are padded, C goes through a tile in the scratch. */
function edgeTile(
  height: i32, packed: bool, k: i32, a: usize, ldaBytes: usize, b: usize,
  c: usize, ldcBytes: usize, mr: i32, width: i32, bias: usize, flags: i32, t: usize,
): void {
  if (width == 4) {
    narrowTile(height, packed, k, a, ldaBytes, b, c, ldcBytes, mr, bias, flags);
    return;
  }
  if (flags & ACCUMULATE) copyTile(c, ldcBytes, t, NR * 4, mr, width);
  if (width < 4) narrowTile(height, packed, k, a, ldaBytes, b, t, NR * 4, mr, bias, flags);
  else tile(height, packed, k, a, ldaBytes, b, NR * 4, t, NR * 4, mr, bias, flags);
  copyTile(t, NR * 4, c, ldcBytes, mr, width);
}

/** k = 0: an empty sum, to which accumulation, bias and relu apply as ever. */
function emptyProduct(m: i32, n: i32, c: usize, ldc: i32, bias: usize, flags: i32, scratch: usize): void {
  memory.fill(scratch, 0, NC * 4);
  for (let i = 0; i < m; ++i) {
    for (let j = 0; j < n; j += NC) {
      let at = <usize>j << 2;
      finishVector(min(NC, n - j), scratch, c + at, 1, bias + at, 1, flags);
    }
    c += <usize>ldc << 2;
  }
}

/**
 * C = (C +) A * B (+ bias, added to every row) (then relu), for A of m x k, B of k x n and C of m x n elements.
 *
 * A(i, p) is at a + 4 * (i * rsa + p * csa) and B(p, j) at b + 4 * (p * rsb + j * csb), with any strides; C is
 * row-major with rows `ldc` apart and overlaps no operand. Only elements of the operands are touched.
 *
 * @param bias n contiguous elements, or 0 for none
 * @param flags GEMM_ACCUMULATE, GEMM_RELU
 * @param scratch GEMM_SCRATCH_BYTES of memory, aligned to 16 bytes
 */
export function f32_gemm(
  m: i32, n: i32, k: i32, a: usize, rsa: i32, csa: i32, b: usize, rsb: i32, csb: i32,
  c: usize, ldc: i32, bias: usize, flags: i32, scratch: usize,
): void {
  if (m <= 0 || n <= 0) return;
  if (bias != 0) flags |= BIAS;
  if (k <= 0) {
    emptyProduct(m, n, c, ldc, bias, flags, scratch);
    return;
  }
  if (k == 1) {
    outerProduct(m, n, a, rsa, b, csb, c, ldc, bias, flags, scratch);
    return;
  }
  // Of a tile with few rows or columns most is surplus: unless all is tiny, as many vector products are faster.
  if (m == 1 || (m <= (csb == 1 ? 2 : rsb == 1 ? 3 : 1) && n >= 16 && k >= 16)) {
    for (let i = 0; i < m; ++i) {
      let at = <usize>i << 2;
      gemv(n, k, a + at * <usize>rsa, csa, b, rsb, csb, c + at * <usize>ldc, 1, bias, 1, flags, scratch);
    }
    return;
  }
  if (n == 1 || (n <= (rsa == 1 ? 4 : csa == 1 ? 3 : 1) && m >= 16 && k >= 16)) {
    for (let j = 0; j < n; ++j) {
      let at = <usize>j << 2;
      gemv(m, k, b + at * <usize>csb, rsb, a, csa, rsa, c + at, ldc, bias + at, 0, flags, scratch);
    }
    return;
  }
  // Strides that are multiples of 2 KB (A) and 1 KB (B) map all rows to a few sets of L1.
  let packingA = csa != 1 || n >= packAFromColumns || (n >= 32 && (rsa & 511) == 0);
  let packingB = csb != 1 || m >= 192 || (m >= 48 && (rsb & 255) == 0);
  let rsaBytes = <usize>rsa << 2, csaBytes = <usize>csa << 2, rsbBytes = <usize>rsb << 2, csbBytes = <usize>csb << 2;
  let ldcBytes = <usize>ldc << 2;
  let blockK = blockLength(k, KC, 4), blockN = blockLength(n, NC, NR);
  let packedB = scratch + B_OFFSET, edge = scratch + TILE_OFFSET, edgeBias = scratch + BIAS_OFFSET;
  for (let j0 = 0; j0 < n; j0 += blockN) {
    let nb = min(blockN, n - j0), rest = nb & (NR - 1), whole = nb - rest;
    if (flags & BIAS && rest != 0) copyTile(bias + (<usize>(j0 + whole) << 2), 0, edgeBias, 0, 1, rest);
    for (let p0 = 0; p0 < k; p0 += blockK) {
      let kb = min(blockK, k - p0);
      let f = (p0 > 0 ? flags | ACCUMULATE : flags) & (p0 + kb < k ? ACCUMULATE : -1);
      let bp = b + <usize>p0 * rsbBytes + <usize>j0 * csbBytes, edgeB = packedB;
      let ldbBytes = rsbBytes, panelBytes: usize = NR * 4;
      if (packingB) {
        packB(kb, nb, bp, rsbBytes, csbBytes, packedB);
        bp = packedB; ldbBytes = NR * 4; panelBytes = <usize>kb * (NR * 4);
        edgeB += <usize>whole * <usize>kb << 2;
      } else if (rest != 0) {
        packB(kb, rest, bp + (<usize>whole << 2), rsbBytes, csbBytes, edgeB);
      }
      let ap = a + <usize>p0 * csaBytes, cp = c + (<usize>j0 << 2);
      for (let rows = m; rows > 0;) {
        let height = tileRows(rows), mr = min(height, rows), panelA = ap;
        if (packingA) {
          packA(kb, ap, rsaBytes, csaBytes, height, mr, scratch);
          panelA = scratch;
        }
        let bj = bp, cj = cp, biasJ = bias + (<usize>j0 << 2);
        for (let j = 0; j < whole; j += NR) {
          tile(height, packingA, kb, panelA, rsaBytes, bj, ldbBytes, cj, ldcBytes, mr, biasJ, f);
          bj += panelBytes; cj += NR * 4; biasJ += NR * 4;
        }
        if (rest != 0) {
          edgeTile(height, packingA, kb, panelA, rsaBytes, edgeB, cj, ldcBytes, mr, rest, edgeBias, f, edge);
        }
        ap += rsaBytes * height; cp += ldcBytes * height; rows -= height;
      }
    }
  }
}
