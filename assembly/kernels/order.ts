/**
 * Sorting and selecting along k, stable. An element becomes a pair | place u32 | key u32 |, whose key orders like the
 * element as an unsigned number: -0 equals 0, and NaNs come last. The pairs are sorted by their keys, least significant
 * byte first (Knuth 1998, The Art of Computer Programming, vol. 3, section 5.2.5), which is linear and keeps the order
 * of equals. Of a few that are wanted, the last one's key is found first, byte by byte, and the rest is never sorted.
 *
 * Inputs are contiguous, of four bytes, and seen as [outer, k, inner].
 */

/** What is wanted of a row. */
export const enum Order {
  /** The first `count` in order. */
  First = 0,
  /** The one of rank `count`, counted from 0. */
  Rank = 1,
  /** The lower one in the middle, or the first NaN. */
  Median = 2,
  /** The lower one in the middle of what is not NaN. */
  NanMedian = 3,
  /** The most frequent one, the smallest of several; its last place. */
  Mode = 4,
}

const NAN_KEY: u32 = 0xffffffff;
/** Fewer are sorted by insertion: 256 counters take longer. */
const FEW: i32 = 48;
const COUNTERS: usize = memory.data(4 * 256 * 4, 16);
const BINS_BYTES: usize = 1024;

// @ts-ignore: decorator
@inline function keyOf(pair: usize): u32 {
  return load<u32>(pair, 4);
}

// @ts-ignore: decorator
@inline function pairAt(pairs: usize, i: i32): usize {
  return pairs + (<usize>i << 3);
}

function fill(a: usize, stepBytes: usize, k: i32, isFloat: bool, flip: u32, pairs: usize): void {
  for (let i = 0; i < k; i++) {
    let key = load<u32>(a);
    if (isFloat) {
      const x = load<f32>(a) + 0;
      key = reinterpret<u32>(x);
      key = x == x ? key ^ (<u32>(<i32>key >> 31) | 0x80000000) : NAN_KEY;
    } else {
      key ^= 0x80000000;
    }
    store<u64>(pairs, ((<u64>(key ^ flip)) << 32) | i);
    pairs += 8;
    a += stepBytes;
  }
}

function insertionSort(pairs: usize, n: i32): void {
  const end = pairAt(pairs, n);
  for (let p = pairs + 8; p < end; p += 8) {
    const pair = load<u64>(p);
    let q = p;
    // Places differ, so that no two pairs are equal and the first one comes first.
    for (; q > pairs && load<u64>(q - 8) > pair; q -= 8) store<u64>(q, load<u64>(q - 8));
    store<u64>(q, pair);
  }
}

/** Where the sorted pairs are: at `pairs` or at `spare`. */
function sort(pairs: usize, n: i32, spare: usize): usize {
  if (n < FEW) {
    insertionSort(pairs, n);
    return pairs;
  }
  memory.fill(COUNTERS, 0, BINS_BYTES << 2);
  const end = pairAt(pairs, n);
  for (let p = pairs; p < end; p += 8) {
    let key = keyOf(p);
    for (let bins = COUNTERS; bins < COUNTERS + (BINS_BYTES << 2); bins += BINS_BYTES) {
      const bin = bins + ((key & 255) << 2);
      store<u32>(bin, load<u32>(bin) + 1);
      key >>= 8;
    }
  }
  let bins = COUNTERS;
  for (let byte: usize = 4; byte < 8; byte++) {
    // Nothing moves if all keys share the byte.
    if (load<u32>(bins + (<usize>load<u8>(pairs + byte) << 2)) != n) {
      let next = spare;
      for (let bin = bins; bin < bins + BINS_BYTES; bin += 4) {
        const bytes = load<u32>(bin) << 3;
        store<u32>(bin, <u32>next);
        next += bytes;
      }
      for (let i = 0; i < n; i++) {
        const p = pairAt(pairs, i);
        const bin = bins + (<usize>load<u8>(p + byte) << 2);
        const to = load<u32>(bin);
        store<u64>(to, load<u64>(p));
        store<u32>(bin, to + 8);
      }
      const sorted = spare;
      spare = pairs;
      pairs = sorted;
    }
    bins += BINS_BYTES;
  }
  return pairs;
}

/** How many come before the equals of the one that `rankedKey` found. */
let before: i32 = 0;

/** The key of rank `rank`. */
function rankedKey(pairs: usize, n: i32, rank: i32): u32 {
  const end = pairAt(pairs, n);
  let key: u32 = 0;
  let known: u32 = 0;
  before = 0;
  for (let shift = 24; shift >= 0; shift -= 8) {
    memory.fill(COUNTERS, 0, BINS_BYTES);
    for (let p = pairs; p < end; p += 8) {
      if ((keyOf(p) ^ key) & known) continue;
      const bin = COUNTERS + (((keyOf(p) >> shift) & 255) << 2);
      store<u32>(bin, load<u32>(bin) + 1);
    }
    let digit: u32 = 0;
    for (; before + load<i32>(COUNTERS + (digit << 2)) <= rank; digit++) before += load<i32>(COUNTERS + (digit << 2));
    key |= digit << shift;
    known |= (255 as u32) << shift;
  }
  return key;
}

/** Moves the `count` first ones, unsorted, to the front. */
function keepFirst(pairs: usize, n: i32, count: i32): void {
  const last = rankedKey(pairs, n, count - 1);
  let equals = count - before;
  let to = pairs;
  for (let p = pairs, end = pairAt(pairs, n); p < end; p += 8) {
    const key = keyOf(p);
    if (key > last || (key == last && --equals < 0)) continue;
    store<u64>(to, load<u64>(p));
    to += 8;
  }
}

/** The place of the one of rank `rank`. */
function ranked(pairs: usize, n: i32, rank: i32): i32 {
  const key = rankedKey(pairs, n, rank);
  let left = rank - before;
  let p = pairs;
  while (keyOf(p) != key || --left >= 0) p += 8;
  return load<i32>(p);
}

function median(pairs: usize, n: i32, skipsNan: bool): i32 {
  let numbers = 0;
  for (let p = pairs, end = pairAt(pairs, n); p < end; p += 8) numbers += i32(keyOf(p) != NAN_KEY);
  if (numbers < n && !skipsNan) return ranked(pairs, n, numbers);
  return ranked(pairs, n, max(numbers - 1, 0) >> 1);
}

/** NaNs count as equal, and as largest. */
function mode(sorted: usize, n: i32): i32 {
  let place = 0;
  let most = 0;
  let length = 0;
  for (let i = 0; i < n; i++) {
    const p = pairAt(sorted, i);
    length = i > 0 && keyOf(p) == keyOf(p - 8) ? length + 1 : 1;
    if (length > most) {
      most = length;
      place = load<i32>(p);
    }
  }
  return place;
}

function placeOf(kind: i32, pairs: usize, n: i32, count: i32, spare: usize): i32 {
  if (kind == Order.Rank) return ranked(pairs, n, count);
  if (kind == Order.Mode) return mode(sort(pairs, n, spare), n);
  return median(pairs, n, kind == Order.NanMedian);
}

/**
 * a: [outer, k, inner] → o, idx: [outer, count, inner] with what is first and where it was, or [outer, inner] if one
 * element is wanted; k > 0. `scratch` has 16 bytes for each of k. Descending order is for `First` alone.
 */
export function order(
  kind: i32, a: usize, outer: i32, k: i32, inner: i32, isFloat: bool, descending: bool, count: i32, o: usize, idx: usize,
  scratch: usize,
): void {
  const rowBytes = <usize>inner << 2;
  const spare = pairAt(scratch, k);
  const flip: u32 = descending ? 0xffffffff : 0;
  const results = kind == Order.First ? count : 1;
  for (; outer > 0; outer--) {
    for (let at: usize = 0; at < rowBytes; at += 4) {
      fill(a + at, rowBytes, k, isFloat, flip, scratch);
      let from = scratch;
      if (kind == Order.First) {
        if (count < k && count > 0) keepFirst(scratch, k, count);
        from = sort(scratch, count, spare);
      } else {
        store<i32>(from, placeOf(kind, scratch, k, count, spare));
      }
      for (let i = 0, to = at; i < results; i++) {
        const place = load<i32>(pairAt(from, i));
        store<i32>(idx + to, place);
        store<u32>(o + to, load<u32>(a + at + <usize>place * rowBytes));
        to += rowBytes;
      }
    }
    a += <usize>k * rowBytes;
    o += <usize>results * rowBytes;
    idx += <usize>results * rowBytes;
  }
}
