import { FUSED } from "../../simd/f32x4";

/** Most rows of a register tile: as many as 15 vector registers hold; an unfused product takes one of them. */
// @ts-ignore: decorator
@inline export const MR: i32 = FUSED ? 6 : 4;

/** Rows of the tile with which to begin the last `rows`: 6 or 4, so that little of the last tile is surplus. */
// @ts-ignore: decorator
@inline export function tileRows(rows: i32): i32 {
  return FUSED && (rows > 8 || rows == 5 || rows == 6) ? 6 : 4;
}

/** Columns of a register tile and of a packed panel of B. */
// @ts-ignore: decorator
@inline export const NR: i32 = 8;

/** Longest block of k: a packed panel of A (MR * KC * 16 bytes) then leaves half of a 32 KB L1 to B and C. */
// @ts-ignore: decorator
@inline export const KC: i32 = 192;

/** Widest block of columns: a packed block of B (KC * NC * 4 bytes) stays in L2. */
// @ts-ignore: decorator
@inline export const NC: i32 = 512;

/**
 * Length of the blocks into which `length` is cut: as few as `limit` allows, equally long but for the last, in whole
 * `step`s. Every path takes its blocks of k from here, hence sums in the same order.
 */
export function blockLength(length: i32, limit: i32, step: i32): i32 {
  if (length <= limit) return length;
  let count = (length + limit - 1) / limit;
  let even = (length + count - 1) / count;
  return ((even + step - 1) / step) * step;
}
