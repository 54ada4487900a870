/**
 * Softmax and its relatives down columns. They go along rows, as memory lies, a panel of columns at a time; what is
 * known of each column (its maximum, its sum) is kept in the first rows of the output, which are written last. So the
 * output must not overlap an input.
 *
 * A panel is of whole vectors, or of two or three columns. Other rests are covered by a last panel that overlaps the
 * one before it, and writes the same numbers again.
 */
import { madd } from "../../simd/f32x4";
import { foldRows } from "../reduce/fold";
import { MaxF32, NO_FLIP } from "../reduce/rules";
import { expBelow, logOfSum, logSoftmaxGrad } from "./exp";
import { read, write } from "./lanes";

/**
 * Bytes of a row in a panel of k rows that stays in L2 together with its output. Below 4 KB a row is not worth
 * prefetching.
 */
export function panelBytes(k: i32): usize {
  return max((1 << 17) / k, 4096) & ~63;
}

/** Lanes in use: 2, 3 or 4. */
// @ts-ignore: decorator
@inline export function lanesOf(bytes: usize): i32 {
  return bytes < 16 ? <i32>bytes >> 2 : 4;
}

/** k > 1; maxima in the first row of the output, sums in the second. */
export function softmaxPanel(a: usize, k: i32, rowBytes: usize, bytes: usize, log: bool, o: usize): void {
  const lanes = lanesOf(bytes);
  const second = o + rowBytes;
  const planeBytes = <usize>k * rowBytes;
  foldRows<MaxF32, f32>(a, k, rowBytes, bytes, NO_FLIP, o);
  memory.fill(second, 0, bytes);
  for (let row: usize = 0; row < planeBytes; row += rowBytes) {
    const keep = !log && row > rowBytes;
    for (let at: usize = 0; at < bytes; at += 16) {
      const y = expBelow(f32x4.sub(read(a + row + at, lanes), read(o + at, lanes)));
      write(second + at, f32x4.add(read(second + at, lanes), y), lanes);
      if (keep) write(o + row + at, y, lanes);
    }
  }
  for (let at: usize = 0; at < bytes; at += 16) {
    const sum = read(second + at, lanes);
    write(second + at, log ? logOfSum(sum) : f32x4.div(f32x4.splat(1), sum), lanes);
  }
  for (let row = rowBytes << 1; row < planeBytes; row += rowBytes) {
    for (let at: usize = 0; at < bytes; at += 16) {
      const s = read(second + at, lanes);
      const y = log
        ? f32x4.sub(f32x4.sub(read(a + row + at, lanes), read(o + at, lanes)), s)
        : f32x4.mul(read(o + row + at, lanes), s);
      write(o + row + at, y, lanes);
    }
  }
  for (let at: usize = 0; at < bytes; at += 16) {
    const m = read(o + at, lanes);
    const s = read(second + at, lanes);
    const x = f32x4.sub(read(a + at, lanes), m);
    const y = f32x4.sub(read(a + rowBytes + at, lanes), m);
    write(o + at, log ? f32x4.sub(x, s) : f32x4.mul(expBelow(x), s), lanes);
    write(second + at, log ? f32x4.sub(y, s) : f32x4.mul(expBelow(y), s), lanes);
  }
}

/** k > 0; sums in the first row of the output. */
export function gradPanel(g: usize, y: usize, k: i32, rowBytes: usize, bytes: usize, log: bool, o: usize): void {
  const lanes = lanesOf(bytes);
  let row = <usize>k * rowBytes;
  memory.fill(o, 0, bytes);
  for (let from: usize = 0; from < row; from += rowBytes) {
    for (let at: usize = 0; at < bytes; at += 16) {
      const x = read(g + from + at, lanes);
      const sum = read(o + at, lanes);
      write(o + at, log ? f32x4.add(sum, x) : madd(sum, x, read(y + from + at, lanes)), lanes);
    }
  }
  do {
    row -= rowBytes;
    for (let at: usize = 0; at < bytes; at += 16) {
      const x = read(g + row + at, lanes);
      const z = read(y + row + at, lanes);
      const sum = read(o + at, lanes);
      write(o + row + at, log ? logSoftmaxGrad(x, z, sum) : f32x4.mul(z, f32x4.sub(x, sum)), lanes);
    }
  } while (row);
}
