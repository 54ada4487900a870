/**
 * Walks up to four operands together, row by row. Dimensions are aligned from the right, operands are stretched by
 * stride 0, and neighbouring dimensions are merged where all operands allow it; what is left is an inner row, handed to
 * a kernel with its strides, and an odometer over the outer dimensions.
 *
 *     rowsStart(out); rowsAdd(1, a); rowsAdd(2, b); rowsReady();
 *     do kernel(rowPtr(1), rowStride(1), rowPtr(2), rowStride(2), rowPtr(0), rowStride(0), rowLength()); while (rowsNext());
 *
 * Where a step of the odometer would cost as much as a row, a walk goes by planes instead, of planeRows() rows that lie
 * planeStep(operand) bytes apart, until planesNext() says that there are no more.
 *
 * A walk can be cut along its outermost dimension: rowsTake.
 */
import { itemBytes, Tensor } from "./record";

/** What a walk consists of, in the thread's own memory. */
const enum At {
  Rank = 0,
  Operands = 4,
  /** Of the inner row. */
  Length = 8,
  Pointers = 16,
  ItemShift = 32,
  Sizes = 48,
  Counter = 304,
  /** Strides in bytes: 64 for each of four operands. */
  Strides = 560,
  BYTES = 1584,
}

const OPERAND_BYTES: usize = 256;

export const ROWS_BYTES: u32 = At.BYTES;

let walk: usize = memory.data(At.BYTES, 16);

/** For a thread other than the main one: ROWS_BYTES of its own. */
export function setRows(at: usize): void {
  walk = at;
}

// @ts-ignore: decorator
@inline function rank(): i32 {
  return load<i32>(walk, At.Rank);
}

// @ts-ignore: decorator
@inline export function rowLength(): i32 {
  return load<i32>(walk, At.Length);
}

// @ts-ignore: decorator
@inline function sizeAt(dim: i32): i32 {
  return load<i32>(walk + (<usize>dim << 2), At.Sizes);
}

// @ts-ignore: decorator
@inline function setSizeAt(dim: i32, size: i32): void {
  store<i32>(walk + (<usize>dim << 2), size, At.Sizes);
}

// @ts-ignore: decorator
@inline function strideAt(operand: i32, dim: i32): i32 {
  return load<i32>(walk + <usize>operand * OPERAND_BYTES + (<usize>dim << 2), At.Strides);
}

// @ts-ignore: decorator
@inline function setStrideAt(operand: i32, dim: i32, strideBytes: i32): void {
  store<i32>(walk + <usize>operand * OPERAND_BYTES + (<usize>dim << 2), strideBytes, At.Strides);
}

// @ts-ignore: decorator
@inline export function rowPtr(operand: i32): usize {
  return load<usize>(walk + (<usize>operand << 2), At.Pointers);
}

/** Stride of the inner row in elements. */
// @ts-ignore: decorator
@inline export function rowStride(operand: i32): i32 {
  return strideAt(operand, rank() - 1) >> itemShift(operand);
}

function setOperand(operand: i32, t: Tensor): i32 {
  const shift = itemBytes(t.dtype) == 4 ? 2 : 0;
  store<usize>(walk + (<usize>operand << 2), t.data, At.Pointers);
  store<i32>(walk + (<usize>operand << 2), shift, At.ItemShift);
  return shift;
}

/** Operand 0: gives the shape that is walked. */
export function rowsStart(out: Tensor): void {
  store<i32>(walk, max(<i32>out.ndim, 1), At.Rank);
  store<i32>(walk, 1, At.Operands);
  const shift = setOperand(0, out);
  if (out.ndim == 0) {
    setSizeAt(0, 1);
    setStrideAt(0, 0, 1 << shift);
  }
  for (let dim = 0; dim < <i32>out.ndim; dim++) {
    setSizeAt(dim, out.size(dim));
    setStrideAt(0, dim, out.stride(dim) << shift);
  }
}

/** Further operands, in order 1, 2, 3; each broadcasts to operand 0. */
export function rowsAdd(operand: i32, t: Tensor): void {
  store<i32>(walk, operand + 1, At.Operands);
  const shift = setOperand(operand, t);
  const dims = rank();
  const missing = dims - <i32>t.ndim;
  for (let dim = 0; dim < dims; dim++) {
    const own = dim - missing;
    const size = own >= 0 ? t.size(own) : 1;
    setStrideAt(operand, dim, size == 1 ? 0 : t.stride(own) << shift);
  }
}

function mergeable(outer: i32, inner: i32, operands: i32): bool {
  const innerSize = sizeAt(inner);
  for (let operand = 0; operand < operands; operand++) {
    if (strideAt(operand, outer) != strideAt(operand, inner) * innerSize) return false;
  }
  return true;
}

/** Merges dimensions. False if there is nothing to walk. */
export function rowsReady(): bool {
  const dims = rank();
  const operands = load<i32>(walk, At.Operands);
  // Dimensions of size 1 go first: their strides must not stand in the way of merging.
  let kept = 0;
  for (let dim = 0; dim < dims; dim++) {
    const size = sizeAt(dim);
    if (size == 0) return false;
    if (size == 1 && dims > 1) continue;
    moveDim(dim, kept++, operands);
  }
  if (kept == 0) {
    moveDim(dims - 1, 0, operands);
    kept = 1;
  }
  let target = 0;
  for (let dim = 1; dim < kept; dim++) {
    if (mergeable(target, dim, operands)) {
      const size = sizeAt(target) * sizeAt(dim);
      moveDim(dim, target, operands);
      setSizeAt(target, size);
    } else {
      moveDim(dim, ++target, operands);
    }
  }
  store<i32>(walk, target + 1, At.Rank);
  store<i32>(walk, sizeAt(target), At.Length);
  for (let dim = 0; dim <= target; dim++) store<i32>(walk + (<usize>dim << 2), 0, At.Counter);
  return true;
}

function moveDim(from: i32, to: i32, operands: i32): void {
  if (from == to) return;
  setSizeAt(to, sizeAt(from));
  for (let operand = 0; operand < operands; operand++) setStrideAt(operand, to, strideAt(operand, from));
}

function movePointers(operands: i32, dim: i32, steps: i32): void {
  for (let operand = 0; operand < operands; operand++) {
    const at = walk + (<usize>operand << 2);
    store<usize>(at, load<usize>(at, At.Pointers) + strideAt(operand, dim) * steps, At.Pointers);
  }
}

/** Moves all pointers to the next row; false after the last one. */
export function rowsNext(): bool {
  return next(rank() - 2);
}

/** Moves all pointers to the next plane, from the beginning of one; false after the last one. */
export function planesNext(): bool {
  return next(rank() - 3);
}

// @ts-ignore: decorator
@inline export function planeRows(): i32 {
  return rank() > 1 ? sizeAt(rank() - 2) : 1;
}

/** Bytes from a row of a plane to the next one. */
// @ts-ignore: decorator
@inline export function planeStep(operand: i32): isize {
  return rank() > 1 ? <isize>strideAt(operand, rank() - 2) : <isize>0;
}

/** Elements are 1 << itemShift bytes wide. */
// @ts-ignore: decorator
@inline export function itemShift(operand: i32): i32 {
  return load<i32>(walk + (<usize>operand << 2), At.ItemShift);
}

function next(dim: i32): bool {
  const operands = load<i32>(walk, At.Operands);
  for (; dim >= 0; dim--) {
    const at = walk + (<usize>dim << 2);
    const count = load<i32>(at, At.Counter) + 1;
    const size = sizeAt(dim);
    if (count < size) {
      store<i32>(at, count, At.Counter);
      movePointers(operands, dim, 1);
      return true;
    }
    store<i32>(at, 0, At.Counter);
    movePointers(operands, dim, 1 - size);
  }
  return false;
}

/** Whether all dimensions were merged into one. */
export function isSingleRow(): bool {
  return rank() == 1;
}

/** Steps along the outermost dimension of a walk that is ready. */
export function rowsOutermost(): i32 {
  return sizeAt(0);
}

/** A walk that is ready, to be taken up in parts by rowsTake. */
export function rowsSave(at: usize): void {
  memory.copy(at, walk, At.BYTES);
}

/** Makes steps `from` to `to` of a saved walk along its outermost dimension the walk of this thread. */
export function rowsTake(saved: usize, from: i32, to: i32): void {
  memory.copy(walk, saved, At.BYTES);
  setSizeAt(0, to - from);
  if (rank() == 1) store<i32>(walk, to - from, At.Length);
  movePointers(load<i32>(walk, At.Operands), 0, from);
}
