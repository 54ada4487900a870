/**
 * The heap: one allocator for everything in linear memory. Small blocks (up to 512 bytes) come from free lists by size
 * class; larger ones from a two-level segregated fit, which finds and merges free blocks in constant time
 * (M. Masmano et al., "TLSF: a new dynamic memory allocator for real-time systems", ECRTS 2004).
 *
 * Blocks carry no type and callers know their sizes: free(p, bytes) takes the size that alloc was given.
 *
 *   large block:   | previous block u32 | size u32 + bit 0: free | - | - | payload ...        |
 *   free payload:  | next free u32 | previous free u32 | ...
 */
import { Args } from "../abi/layout";
import { ARGS } from "./args";

const SMALL_LIMIT: u32 = 512;
const SLAB_BYTES: u32 = 8192;
const HEADER: usize = 16;
const SL_BITS: u32 = 4;
const SL_COUNT: u32 = 1 << SL_BITS;
/** Smallest large block is 512 bytes: first-level index 9. */
const FL_SHIFT: u32 = 9;
const FL_COUNT: u32 = 32 - FL_SHIFT;
/** Memory grows by at least this many pages (1 MiB): growing detaches every view that JavaScript holds. */
const GROW_PAGES: i32 = 16;
const PAGE: u32 = 65536;

/** Heads of the small lists, by size in units of 16 bytes. */
const SMALL: usize = memory.data(4 * 33, 16);
const SL_MAP: usize = memory.data(4 * 23, 16);
const LISTS: usize = memory.data(4 * 23 * 16, 16);

let flMap: u32 = 0;
let lastBlock: usize = 0;
let heapEnd: usize = 0;

/** Bytes handed out (with rounding and slabs), the most there ever were, and the limit set by the user. */
export let usedBytes: u32 = 0;
export let peakBytes: u32 = 0;
let limitBytes: u32 = 0xffffffff;

export function setLimit(bytes: u32): void {
  limitBytes = bytes;
}

export function getLimit(): u32 {
  return limitBytes;
}

export function getUsed(): u32 {
  return usedBytes;
}

export function getPeak(): u32 {
  return peakBytes;
}

// @ts-ignore: decorator
@inline function sizeOf(block: usize): u32 {
  return load<u32>(block, 4) & ~1;
}

// @ts-ignore: decorator
@inline function isFree(block: usize): bool {
  return (load<u32>(block, 4) & 1) != 0;
}

// @ts-ignore: decorator
@inline function listFor(fl: u32, sl: u32): usize {
  return LISTS + ((((fl - FL_SHIFT) << SL_BITS) + sl) << 2);
}

// @ts-ignore: decorator
@inline function slMapFor(fl: u32): usize {
  return SL_MAP + ((fl - FL_SHIFT) << 2);
}

function insertFree(block: usize, size: u32): void {
  const fl = 31 - clz(size);
  const sl = (size >> (fl - SL_BITS)) & (SL_COUNT - 1);
  const list = listFor(fl, sl);
  const head = load<usize>(list);
  store<u32>(block, size | 1, 4);
  store<usize>(block, head, HEADER);
  store<usize>(block, 0, HEADER + 4);
  if (head) store<usize>(head, block, HEADER + 4);
  store<usize>(list, block);
  flMap |= (1 as u32) << fl;
  store<u32>(slMapFor(fl), load<u32>(slMapFor(fl)) | ((1 as u32) << sl));
}

function removeFree(block: usize): void {
  const size = sizeOf(block);
  const fl = 31 - clz(size);
  const sl = (size >> (fl - SL_BITS)) & (SL_COUNT - 1);
  const next = load<usize>(block, HEADER);
  const previous = load<usize>(block, HEADER + 4);
  if (next) store<usize>(next, previous, HEADER + 4);
  if (previous) {
    store<usize>(previous, next, HEADER);
    return;
  }
  store<usize>(listFor(fl, sl), next);
  if (next) return;
  const map = load<u32>(slMapFor(fl)) & ~((1 as u32) << sl);
  store<u32>(slMapFor(fl), map);
  if (!map) flMap &= ~((1 as u32) << fl);
}

/** A free block of at least `size` bytes, or 0. Looks one class up, so that whatever it finds is large enough. */
function findFree(size: u32): usize {
  let fl = 31 - clz(size);
  const rounded = size + ((1 as u32) << (fl - SL_BITS)) - 1;
  if (rounded < size) return 0;
  fl = 31 - clz(rounded);
  let sl = (rounded >> (fl - SL_BITS)) & (SL_COUNT - 1);
  let map = load<u32>(slMapFor(fl)) & (~(0 as u32) << sl);
  if (!map) {
    const upper = fl == 31 ? 0 : flMap & (~(0 as u32) << (fl + 1));
    if (!upper) return 0;
    fl = ctz(upper);
    map = load<u32>(slMapFor(fl));
  }
  sl = ctz(map);
  return load<usize>(listFor(fl, sl));
}

/** Extends linear memory so that a block of `size` bytes exists; false if the engine refuses. */
function grow(size: u32): bool {
  if (!heapEnd) {
    const start = (__heap_base + 15) & ~15;
    lastBlock = 0;
    heapEnd = start;
  }
  const have = <u64>memory.size() * PAGE;
  let from = <u64>heapEnd;
  if (lastBlock && isFree(lastBlock)) from = <u64>lastBlock;
  const wanted = from + HEADER + <u64>size + HEADER;
  if (wanted > have) {
    const pages = <i32>((wanted - have + PAGE - 1) / PAGE);
    // An eighth more than asked for keeps the number of growths logarithmic.
    const generous = max(pages, max(GROW_PAGES, memory.size() >> 3));
    if (memory.grow(generous) < 0 && memory.grow(pages) < 0) return false;
    store<i32>(ARGS, load<i32>(ARGS, Args.Grown) + 1, Args.Grown);
  }
  const end = <usize>(min(<u64>memory.size() * PAGE, 0xfffffff0) & ~15);
  if (end <= heapEnd) return false;
  const added = <u32>(end - heapEnd);
  if (lastBlock && isFree(lastBlock)) {
    const merged = sizeOf(lastBlock) + added;
    removeFree(lastBlock);
    insertFree(lastBlock, merged);
  } else {
    store<usize>(heapEnd, lastBlock);
    lastBlock = heapEnd;
    insertFree(lastBlock, added - <u32>HEADER);
  }
  heapEnd = end;
  return true;
}

function allocLarge(bytes: u32): usize {
  const size = max((bytes + 15) & ~15, SMALL_LIMIT);
  if (size < bytes || <u64>usedBytes + size > <u64>limitBytes) return 0;
  let block = findFree(size);
  if (!block) {
    // Rounding up to the next class must succeed after growing, so ask for a class more.
    if (!grow(size + (size >> SL_BITS) + 16)) return 0;
    block = findFree(size);
    if (!block) return 0;
  }
  removeFree(block);
  let have = sizeOf(block);
  if (have - size >= SMALL_LIMIT + <u32>HEADER) {
    const rest = block + HEADER + size;
    store<usize>(rest, block);
    const restSize = have - size - <u32>HEADER;
    const after = block + HEADER + have;
    if (after < heapEnd) store<usize>(after, rest);
    else lastBlock = rest;
    insertFree(rest, restSize);
    have = size;
  }
  store<u32>(block, have, 4);
  usedBytes += have;
  if (usedBytes > peakBytes) peakBytes = usedBytes;
  return block + HEADER;
}

function freeLarge(payload: usize): void {
  let block = payload - HEADER;
  let size = sizeOf(block);
  usedBytes -= size;
  const next = block + HEADER + size;
  if (next < heapEnd && isFree(next)) {
    removeFree(next);
    size += sizeOf(next) + <u32>HEADER;
    if (next == lastBlock) lastBlock = block;
  }
  const previous = load<usize>(block);
  if (previous && isFree(previous)) {
    removeFree(previous);
    size += sizeOf(previous) + <u32>HEADER;
    if (block == lastBlock) lastBlock = previous;
    block = previous;
  }
  const after = block + HEADER + size;
  if (after < heapEnd) store<usize>(after, block);
  insertFree(block, size);
}

/** Cuts a slab into blocks of one size class; the first one, or 0. */
function refill(list: usize, size: u32): usize {
  const slab = allocLarge(SLAB_BYTES);
  if (!slab) return 0;
  const end = slab + SLAB_BYTES;
  let next: usize = 0;
  for (let p = slab + size; p + size <= end; p += size) {
    store<usize>(p, next);
    next = p;
  }
  store<usize>(list, next);
  return slab;
}

/** A block of `bytes` bytes, 16-byte aligned; 0 if the limit or the engine refuses. */
export function alloc(bytes: u32): usize {
  if (bytes > SMALL_LIMIT) return allocLarge(bytes);
  const units = max((bytes + 15) >> 4, 1);
  const list = SMALL + (units << 2);
  const block = load<usize>(list);
  if (!block) return refill(list, units << 4);
  store<usize>(list, load<usize>(block));
  return block;
}

/** Gives back what alloc(bytes) returned. */
export function free(block: usize, bytes: u32): void {
  if (bytes > SMALL_LIMIT) {
    freeLarge(block);
    return;
  }
  const list = SMALL + (max((bytes + 15) >> 4, 1) << 2);
  store<usize>(block, load<usize>(list));
  store<usize>(list, block);
}
