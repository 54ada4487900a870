import { foldRun } from "./fold";

/** Elements whose maximum is taken at once; only the block that holds the best is then searched for its place. */
const BLOCK: i32 = 256;

/** First place in n neighbours of the best, or of the first NaN. */
function placeInRun<OP, T>(a: usize, n: i32, flip: u32): i32 {
  const op = changetype<OP>(0);
  let from = 0;
  let length = min(n, BLOCK);
  let best = foldRun<OP, T>(a, length, flip);
  for (let i = BLOCK; i < n; i += BLOCK) {
    const size = min(n - i, BLOCK);
    const x = foldRun<OP, T>(a + ((<usize>i) << 2), size, flip);
    if (op.wins1(x, best)) {
      best = x;
      from = i;
      length = size;
    }
  }
  const end = from + (length & ~3);
  for (; from < end; from += 4) {
    const mask = i32x4.bitmask(op.same(op.turn(v128.load(a + ((<usize>from) << 2)), flip), best));
    if (mask) return from + ctz(mask);
  }
  // What the vectors did not hold is among the last three.
  while (!i32x4.extract_lane(op.same(op.turn(v128.load32_zero(a + ((<usize>from) << 2)), flip), best), 0)) from++;
  return from;
}

/** Sixteen neighbouring columns: a cache line, so that none is fetched twice. */
function placeInStrip<OP>(a: usize, k: i32, rowBytes: usize, flip: u32, idx: usize): void {
  const op = changetype<OP>(0);
  let best0 = op.turn(v128.load(a), flip);
  let best1 = op.turn(v128.load(a, 16), flip);
  let best2 = op.turn(v128.load(a, 32), flip);
  let best3 = op.turn(v128.load(a, 48), flip);
  let place0 = i32x4.splat(0);
  let place1 = place0;
  let place2 = place0;
  let place3 = place0;
  for (let i = 1; i < k; i++) {
    a += rowBytes;
    const here = i32x4.splat(i);
    let x = op.turn(v128.load(a), flip);
    let wins = op.wins(x, best0);
    best0 = v128.bitselect(x, best0, wins);
    place0 = v128.bitselect(here, place0, wins);
    x = op.turn(v128.load(a, 16), flip);
    wins = op.wins(x, best1);
    best1 = v128.bitselect(x, best1, wins);
    place1 = v128.bitselect(here, place1, wins);
    x = op.turn(v128.load(a, 32), flip);
    wins = op.wins(x, best2);
    best2 = v128.bitselect(x, best2, wins);
    place2 = v128.bitselect(here, place2, wins);
    x = op.turn(v128.load(a, 48), flip);
    wins = op.wins(x, best3);
    best3 = v128.bitselect(x, best3, wins);
    place3 = v128.bitselect(here, place3, wins);
  }
  v128.store(idx, place0);
  v128.store(idx, place1, 16);
  v128.store(idx, place2, 32);
  v128.store(idx, place3, 48);
}

function placeInColumn<OP, T>(a: usize, k: i32, rowBytes: usize, flip: u32): i32 {
  const op = changetype<OP>(0);
  let best = op.turn1<T>(load<T>(a), flip);
  let place = 0;
  for (let i = 1; i < k; i++) {
    a += rowBytes;
    const x = op.turn1<T>(load<T>(a), flip);
    if (op.wins1(x, best)) {
      best = x;
      place = i;
    }
  }
  return place;
}

/**
 * a: T[outer, k, inner], k > 0 → where along k the best lies, idx: i32[outer, inner], and unless o is 0 what it is,
 * o: T[outer, inner]. The first of equals wins, and a NaN wins over numbers. T is of four bytes.
 */
export function extreme<OP, T>(a: usize, outer: i32, k: i32, inner: i32, flip: u32, o: usize, idx: usize): void {
  const rowBytes = (<usize>inner) << 2;
  for (; outer > 0; outer--) {
    if (inner == 1) {
      store<i32>(idx, placeInRun<OP, T>(a, k, flip));
    } else {
      let at: usize = 0;
      for (; at + 64 <= rowBytes; at += 64) placeInStrip<OP>(a + at, k, rowBytes, flip, idx + at);
      for (; at < rowBytes; at += 4) store<i32>(idx + at, placeInColumn<OP, T>(a + at, k, rowBytes, flip));
    }
    if (o) {
      for (let at: usize = 0; at < rowBytes; at += 4) {
        store<T>(o + at, load<T>(a + at + <usize>load<i32>(idx + at) * rowBytes));
      }
      o += rowBytes;
    }
    a += <usize>k * rowBytes;
    idx += rowBytes;
  }
}
