/**
 * Takes a walk (rows.ts) in blocks for a kernel to run over:
 *
 *     rowsStart(out); rowsAdd(1, a); rowsReady(); blocksStart(2);
 *     do kernel(blockAt(1), blockStride(1), blockAt(0), blockStride(0), blockLength()); while (blocksNext());
 *
 * A block is one row, or several short ones of a dense output: then a kernel is entered once for some hundred elements
 * instead of once for each row (64 rows of 64: 0.4 us less out of 1.0). Inputs that lie densely are used in place, a row
 * that repeats is copied side by side once for a plane, others are packed block by block.
 */
import { copy32, copy8, fill32, fill8 } from "../kernels/elementwise/rows";
import { itemShift, planeRows, planesNext, planeStep, rowLength, rowPtr, rowStride } from "./rows";

/** Elements of a block of several rows. */
const MOST: i32 = 1024;
/** Repeating longer rows costs as much as it saves, */
const REPEAT: i32 = 256;
/** and so does packing, or repeating for a few blocks. */
const PACK: i32 = 64;

/** How an operand goes from block to block. */
@final @unmanaged class Place {
  at: usize;
  stepBytes: isize;
  stride: i32;
  /** What is packed next, 0 if nothing is. */
  source: usize;
}

const enum At {
  Operands = 64,
  /** Rows of a block, and how many of the plane come after this one. */
  Rows = 68,
  Left = 72,
  Length = 76,
  Packed = 80,
  BYTES = 80 + 3 * 4096,
}

export const BLOCKS_BYTES: u32 = At.BYTES;

let state: usize = memory.data(At.BYTES, 16);

/** For a thread other than the main one: BLOCKS_BYTES of its own, aligned to 16 bytes. */
export function setBlocks(at: usize): void {
  state = at;
}

// @ts-ignore: decorator
@inline function place(operand: i32): Place {
  return changetype<Place>(state + (<usize>operand << 4));
}

// @ts-ignore: decorator
@inline export function blockAt(operand: i32): usize {
  return place(operand).at;
}

/** In elements. */
// @ts-ignore: decorator
@inline export function blockStride(operand: i32): i32 {
  return place(operand).stride;
}

// @ts-ignore: decorator
@inline export function blockLength(): i32 {
  return load<i32>(state, At.Length);
}

/** Whether a row begins where the one before it would go on: one that is dense, or all one number. */
function isRegular(operand: i32): bool {
  return planeStep(operand) == <isize>(rowStride(operand) * rowLength()) << itemShift(operand);
}

/** How many rows are best taken together. */
function rowsTogether(operands: i32): i32 {
  const n = rowLength();
  const rows = planeRows();
  const long = n > PACK;
  if (n > REPEAT || rows == 1 || (long && rows * n < MOST << 2) || !isRegular(0)) return 1;
  if (long) for (let i = 1; i < operands; i++) if (planeStep(i) && !isRegular(i)) return 1;
  return MOST / n;
}

export function blocksStart(operands: i32): void {
  const together = rowsTogether(operands);
  store<i32>(state, operands, At.Operands);
  store<i32>(state, together, At.Rows);
  for (let i = 0; i < operands; i++) {
    const regular = together == 1 || isRegular(i);
    const p = place(i);
    p.stepBytes = regular ? <isize>together * planeStep(i) : <isize>0;
    p.stride = regular ? rowStride(i) : 1;
    p.source = regular ? 0 : 1;
  }
  startPlane(operands);
}

function startPlane(operands: i32): void {
  const rows = planeRows();
  const together = load<i32>(state, At.Rows);
  for (let i = 0; i < operands; i++) {
    const p = place(i);
    p.at = rowPtr(i);
    if (!p.source) continue;
    p.source = p.at;
    p.at = state + At.Packed + (<usize>(i - 1) << 12);
  }
  take(operands, together, rows);
}

/** The next block, of a plane with `left` rows to come. */
// @ts-ignore: decorator
@inline function take(operands: i32, together: i32, left: i32): void {
  const rows = min(together, left);
  store<i32>(state, left - rows, At.Left);
  store<i32>(state, rows * rowLength(), At.Length);
  if (together == 1) return;
  for (let i = 1; i < operands; i++) if (place(i).source) pack(i, rows, left == planeRows());
}

/** False after the last one. */
export function blocksNext(): bool {
  const operands = load<i32>(state, At.Operands);
  const left = load<i32>(state, At.Left);
  if (!left) {
    if (!planesNext()) return false;
    startPlane(operands);
    return true;
  }
  for (let i = 0; i < operands; i++) place(i).at += place(i).stepBytes;
  take(operands, load<i32>(state, At.Rows), left);
  return true;
}

function pack(operand: i32, rows: i32, first: bool): void {
  const p = place(operand);
  const step = planeStep(operand);
  if (!step && !first) return;
  const n = rowLength();
  const shift = itemShift(operand);
  const stride = rowStride(operand);
  const bytes = <usize>n << shift;
  const end = p.at + bytes * rows;
  let to = p.at;
  do {
    packRow(p.source, stride, to, n, shift);
    p.source += step;
    to += bytes;
  } while (step && to < end);
  while (to < end) {
    const known = min(to - p.at, end - to);
    memory.copy(to, p.at, known);
    to += known;
  }
}

// @ts-ignore: decorator
@inline function packRow(at: usize, stride: i32, to: usize, n: i32, shift: i32): void {
  if (stride) {
    if (shift) copy32(at, stride, to, 1, n);
    else copy8(at, stride, to, 1, n);
  } else if (shift) {
    fill32(to, 1, n, load<i32>(at));
  } else {
    fill8(to, 1, n, load<u8>(at));
  }
}
