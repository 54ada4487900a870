/**
 * The nursery: where every result is born. Objects are laid one behind the other in chunks; allocation is an addition.
 * Chunks are heap blocks. Large data gets a chunk of its own ("raw"), so that records stay close together and a chunk
 * can be parsed from its start.
 *
 *   chunk:  | next u32 | bytes u32 | used u32 | content u32 | objects ...
 *
 * All chunks together are the current generation. `turnover` (bindings/core/generation.ts) copies them out and calls
 * `nurseryReset`.
 */
import { Content } from "../abi/layout";
import { alloc, free } from "./heap";

export const CHUNK_HEADER: usize = 16;
const CHUNK_BYTES: u32 = 1 << 20;
/** Data from this size on gets a chunk of its own. */
const RAW_BYTES: u32 = 1 << 13;

let firstChunk: usize = 0;
let lastChunk: usize = 0;
let currentChunk: usize = 0;
export let cursor: usize = 0;
let chunkEnd: usize = 0;
/** Bytes in chunks other than the current one. */
let closedBytes: u32 = 0;
/** Of all bytes, those that need not be copied and do not count in the middle of a chain of operations. */
let lightBytes: u32 = 0;
/** From this many bytes on a turnover is wanted, if no graph is pending; and if one is. */
let softBytes: u32 = 512 << 10;
let hardBytes: u32 = 12 << 20;
/** While the cursor lies below it no turnover is wanted: what every operation asks first, in one comparison. */
let calmEnd: usize = 0;

export let pendingNodes: u32 = 0;
/** Nodes that were walked and freed nothing: they may be walked again. */
export let rewalkableNodes: u32 = 0;
/** Above 0 a turnover is not allowed: a walk is running, addresses must stay. */
let pins: i32 = 0;
/** Turn over before every operation (tests). */
let stress: bool = false;
/** Every operation comes back before it runs (profiler). */
let watched: bool = false;
/** One of the three is on: operations ask for this alone. */
let special: bool = false;
/**
 * In stress mode: operations to wait before a graph that has just come back is set aside again. In proportion to its
 * size, so that long graphs stay affordable; small ones do not wait.
 */
let stressPause: i32 = 0;
const STRESS_BYTES_PER_OPERATION: u32 = 4096;

/**
 * Counts events after which something older may refer to younger memory, other than by a pending graph: a scope in which
 * one happened keeps its memory.
 */
let escapes: u32 = 0;

export function noteEscape(): void {
  escapes++;
}

export function getEscapes(): u32 {
  return escapes;
}

// @ts-ignore: decorator
@inline export function addPending(delta: i32): void {
  pendingNodes += delta;
}

export function addRewalkable(delta: i32): void {
  rewalkableNodes += delta;
}

export function setThresholds(soft: u32, hard: u32): void {
  softBytes = soft;
  hardBytes = hard;
  updateCalm();
}

// @ts-ignore: decorator
@inline function specials(): void {
  special = watched || stress || pins != 0;
}

export function setStress(on: bool): void {
  stress = on;
  specials();
  updateCalm();
}

export function isStressed(): bool {
  return stress;
}

/** From now on operations report that a turnover is wanted, so that the bindings see each before it runs. */
export function setWatched(on: bool): void {
  watched = on;
  specials();
  updateCalm();
}

/** To be called when anything but the cursor has changed. */
function updateCalm(): void {
  calmEnd = stress || watched || !currentChunk || closedBytes >= softBytes ? 0 : currentChunk + (softBytes - closedBytes);
}

/** No turnover is wanted, whatever the operands are. */
// @ts-ignore: decorator
@inline export function isCalm(): bool {
  return cursor < calmEnd;
}

export function pin(delta: i32): void {
  pins += delta;
  specials();
}

export function nurseryUsed(): u32 {
  return closedBytes + (currentChunk ? <u32>(cursor - currentChunk) : 0);
}

/**
 * Whether the generation should be turned over before the next operation. `inFlight`: an operand belongs to a graph that
 * is pending, so that it would all have to come back at once; what is abandoned is better set aside when the next graph
 * begins. `goesOn`: an operand is a large result of this generation, which would have to come back. `watchable`: it is an
 * operation, and no bare allocation.
 */
export function turnoverWanted(inFlight: bool, goesOn: bool, watchable: bool = true): bool {
  return special ? wantedSpecially(inFlight, goesOn, watchable) : isFull(inFlight, goesOn);
}

/** Outside of any operation. */
export function turnoverDue(): bool {
  return turnoverWanted(false, true, false);
}

// @ts-ignore: decorator
@inline function isFull(inFlight: bool, goesOn: bool): bool {
  const used = nurseryUsed();
  if ((goesOn ? used - lightBytes : used) < softBytes) return false;
  return pendingNodes == 0 || (!inFlight && used >= hardBytes);
}

function wantedSpecially(inFlight: bool, goesOn: bool, watchable: bool): bool {
  if (watched && watchable) return true;
  if (pins) return false;
  if (!stress) return isFull(inFlight, goesOn);
  const pausing = --stressPause >= 0 && inFlight;
  return !pausing && (cursor > firstChunk + CHUNK_HEADER || closedBytes > 0);
}

/** The words of the nursery that is set aside. */
const PARKED: usize = memory.data(36, 16);
/** Programs get smaller chunks. */
const SMALL_CHUNK_BYTES: u32 = 1 << 15;
let chunkBytes: u32 = CHUNK_BYTES;

// @ts-ignore: decorator
@inline function parked(i: i32, word: u32): u32 {
  const at = PARKED + (<usize>i << 2);
  const before = load<u32>(at);
  store<u32>(at, word);
  return before;
}

/** Sets the nursery aside and goes on in that of a program, or the other way round. */
export function nurserySwap(): void {
  firstChunk = parked(0, <u32>firstChunk);
  lastChunk = parked(1, <u32>lastChunk);
  currentChunk = parked(2, <u32>currentChunk);
  cursor = parked(3, <u32>cursor);
  chunkEnd = parked(4, <u32>chunkEnd);
  closedBytes = parked(5, closedBytes);
  pendingNodes = parked(6, pendingNodes);
  rewalkableNodes = parked(7, rewalkableNodes);
  lightBytes = parked(8, lightBytes);
  chunkBytes = chunkBytes == CHUNK_BYTES ? SMALL_CHUNK_BYTES : CHUNK_BYTES;
  updateCalm();
}

/** The chunks of the program's nursery, which is empty afterwards. */
export function nurseryTake(): usize {
  const chunks = nurseryFirst();
  firstChunk = lastChunk = currentChunk = cursor = chunkEnd = 0;
  closedBytes = lightBytes = pendingNodes = rewalkableNodes = 0;
  return chunks;
}

function newChunk(bytes: u32, content: u32): usize {
  const chunk = alloc(bytes);
  if (!chunk) return 0;
  store<usize>(chunk, 0);
  store<u32>(chunk, bytes, 4);
  store<u32>(chunk, <u32>CHUNK_HEADER, 8);
  store<u32>(chunk, content, 12);
  if (lastChunk) store<usize>(lastChunk, chunk);
  else firstChunk = chunk;
  lastChunk = chunk;
  return chunk;
}

function closeCurrent(): void {
  if (!currentChunk) return;
  store<u32>(currentChunk, <u32>(cursor - currentChunk), 8);
  closedBytes += <u32>(cursor - currentChunk);
  currentChunk = 0;
}

function openChunk(bytes: u32): bool {
  const chunk = newChunk(max(chunkBytes, bytes + <u32>CHUNK_HEADER), Content.Objects);
  if (!chunk) return false;
  closeCurrent();
  currentChunk = chunk;
  cursor = chunk + CHUNK_HEADER;
  chunkEnd = chunk + load<u32>(chunk, 4);
  updateCalm();
  return true;
}

/** Room for one object of `bytes` bytes (a multiple of 16); 0 if there is none to be had. */
// @ts-ignore: decorator
@inline export function nurseryAlloc(bytes: u32): usize {
  const p = cursor;
  if (p + bytes <= chunkEnd && p != 0) {
    cursor = p + bytes;
    return p;
  }
  return allocSlow(bytes);
}

function allocSlow(bytes: u32): usize {
  if (!openChunk(bytes)) return 0;
  const p = cursor;
  cursor = p + bytes;
  return p;
}

// @ts-ignore: decorator
@inline export function isRawSize(bytes: u32): bool {
  return bytes >= RAW_BYTES;
}

/** A chunk that holds nothing but data; its first data byte, or 0. */
export function rawAlloc(bytes: u32): usize {
  const chunk = newChunk(bytes + <u32>CHUNK_HEADER, Content.Result);
  if (!chunk) return 0;
  store<u32>(chunk, bytes + <u32>CHUNK_HEADER, 8);
  closedBytes += bytes + <u32>CHUNK_HEADER;
  updateCalm();
  return chunk + CHUNK_HEADER;
}

/** Says what the chunk is that holds the raw data at `data`. */
export function rawBecomes(data: usize, content: u32): void {
  store<u32>(data - CHUNK_HEADER, content, 12);
}

/** The raw data at `data` can be computed again by `node`. */
export function rawHasRecipe(data: usize, node: usize): void {
  const chunk = data - CHUNK_HEADER;
  store<u32>(chunk, <u32>node | Content.Result, 12);
  lightBytes += lightness(chunk);
  updateCalm();
}

/**
 * What a large result counts in the middle of a chain: eight of them fill the nursery. Between chains they count in full, so
 * that a loop of single operations stays in memory that is close to the processor (measured: a product of two 4 MiB tensors
 * takes 110 µs where results take turns with none, 120 with two others, 145 with three and 195 with fifteen).
 */
const LIGHT_BYTES: u32 = 64 << 10;
/** Larger ones count in full. */
const LARGE_BYTES: u32 = 8 << 20;

/** Bytes of a chunk with a recipe that a turnover does not wait for. */
function lightness(chunk: usize): u32 {
  const used = load<u32>(chunk, 8);
  const hasRecipe = load<u32>(chunk, 12) & ~Content.Mask;
  if (!hasRecipe || used > LARGE_BYTES) return 0;
  return max(used, LIGHT_BYTES) - LIGHT_BYTES;
}

/**
 * The data of all results that have been made since `mark` was the last chunk, but for that at the `count` addresses from
 * `kept` on, is hidden from now on.
 */
export function nurseryHide(mark: usize, kept: usize, count: i32): void {
  for (let chunk = mark ? load<usize>(mark) : firstChunk; chunk; chunk = load<usize>(chunk)) {
    if ((load<u32>(chunk, 12) & Content.Mask) != Content.Result) continue;
    let isKept = false;
    for (let i = 0; i < count; i++) if (load<usize>(kept + (<usize>i << 2)) == chunk + CHUNK_HEADER) isKept = true;
    if (!isKept) store<u32>(chunk, (load<u32>(chunk, 12) & ~Content.Mask) | Content.Hidden, 12);
  }
}

/** A chunk for a generation that comes back: `bytes` with the header, to be filled by the caller. */
export function restoreChunk(bytes: u32, raw: bool): usize {
  closeCurrent();
  chunkEnd = 0;
  cursor = 0;
  // Sizes in steps of an eighth: what one generation leaves, the next can use.
  const step = max((1 as u32) << (28 - clz(bytes | 128)), 16);
  const chunk = newChunk((bytes + step - 1) & ~(step - 1), raw ? Content.Kept : Content.Objects);
  if (!chunk) return 0;
  store<u32>(chunk, bytes, 8);
  closedBytes += bytes;
  updateCalm();
  stressPause = <i32>(closedBytes / STRESS_BYTES_PER_OPERATION);
  return chunk;
}

/** Room for a record of a graph that comes back in part, which takes longer for its size than a whole. */
export function restoreRecord(bytes: u32): usize {
  const p = nurseryAlloc(bytes);
  stressPause = <i32>(nurseryUsed() / (STRESS_BYTES_PER_OPERATION / 8));
  return p;
}

/** First chunk of the list, after the current one's `used` has been brought up to date. */
export function nurseryFirst(): usize {
  if (currentChunk) store<u32>(currentChunk, <u32>(cursor - currentChunk), 8);
  return firstChunk;
}

/** Forgets all objects. The first chunk is kept: the next generation runs in the same, still cached, memory. */
export function nurseryReset(): void {
  let chunk = firstChunk;
  let kept: usize = 0;
  while (chunk) {
    const next = load<usize>(chunk);
    const bytes = load<u32>(chunk, 4);
    if (stress) memory.fill(chunk + CHUNK_HEADER, 0xa5, <usize>bytes - CHUNK_HEADER);
    if (!kept && bytes == CHUNK_BYTES) kept = chunk;
    else free(chunk, bytes);
    chunk = next;
  }
  firstChunk = lastChunk = currentChunk = kept;
  closedBytes = 0;
  lightBytes = 0;
  stressPause = 0;
  pendingNodes = 0;
  rewalkableNodes = 0;
  if (kept) {
    store<usize>(kept, 0);
    cursor = kept + CHUNK_HEADER;
    chunkEnd = kept + CHUNK_BYTES;
  } else {
    cursor = chunkEnd = 0;
  }
  updateCalm();
}

/**
 * Ends a scope: objects behind `mark` (a cursor of `markChunk`) are forgotten. Chunks that came after `last`, which was the
 * last one when the scope began, are given back.
 */
export function nurseryRelease(markChunk: usize, mark: usize, last: usize): void {
  closeCurrent();
  let chunk = load<usize>(last);
  store<usize>(last, 0);
  while (chunk) {
    const next = load<usize>(chunk);
    const bytes = load<u32>(chunk, 4);
    closedBytes -= load<u32>(chunk, 8);
    lightBytes -= lightness(chunk);
    if (stress) memory.fill(chunk + CHUNK_HEADER, 0xa5, <usize>bytes - CHUNK_HEADER);
    free(chunk, bytes);
    chunk = next;
  }
  closedBytes -= load<u32>(markChunk, 8);
  if (stress) memory.fill(mark, 0xa5, markChunk + load<u32>(markChunk, 4) - mark);
  lastChunk = last;
  currentChunk = markChunk;
  cursor = mark;
  chunkEnd = markChunk + load<u32>(markChunk, 4);
  updateCalm();
}

/** The chunk that objects are laid into now, for nurseryRelease. A fresh one if there is none. */
export function scopeChunk(): usize {
  if (chunkBytes != CHUNK_BYTES) return 0;
  if (!currentChunk) openChunk(0);
  return currentChunk;
}

/** The last chunk of the list, for nurseryRelease: the current one, or data that came after it. */
export function getLastChunk(): usize {
  return lastChunk;
}

export function getCursor(): usize {
  return cursor;
}
