/**
 * Working memory of the elementwise kernels: 256 elements of every operand, so that a block of any kernel stays in L1.
 * It is the only state here, and nothing in it outlives a call. A strided call makes contiguous calls only, so nobody
 * uses a block twice at a time. Every thread has its own.
 */

/** Elements per block. */
export const BLOCK: i32 = 256;

export const SCRATCH_BYTES: u32 = 8 * 1024;

let base: usize = memory.data(8 * 1024, 16);

/** For a thread other than the main one: SCRATCH_BYTES of its own, aligned to 16 bytes. */
export function setScratch(at: usize): void {
  base = at;
}

/** Where strided operands are packed, and where results lie before they are scattered. */
// @ts-ignore: decorator
@inline export function packA(): usize {
  return base;
}
// @ts-ignore: decorator
@inline export function packB(): usize {
  return base + 1024;
}
// @ts-ignore: decorator
@inline export function packC(): usize {
  return base + 2048;
}
// @ts-ignore: decorator
@inline export function packO(): usize {
  return base + 3072;
}

/** Intermediates of loops made of two or three passes over a block; such loops do not contain one another. */
// @ts-ignore: decorator
@inline export function tempA(): usize {
  return base + 4096;
}
// @ts-ignore: decorator
@inline export function tempB(): usize {
  return base + 5120;
}

/** A few lanes, for code that must index them at run time. */
// @ts-ignore: decorator
@inline export function lanesA(): usize {
  return base + 6144;
}
// @ts-ignore: decorator
@inline export function lanesB(): usize {
  return base + 6176;
}

/** The cursor of rows.ts. */
// @ts-ignore: decorator
@inline export function cursor(): usize {
  return base + 6208;
}
