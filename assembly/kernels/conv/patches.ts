/** The matrix of a convolution, im2col: one row per tap, one column per element of the output. */

import { loadLanes, storeLanes } from "../gemm/partial";
import { Geometry } from "./geometry";

/** Copies `count` elements; at least four are copied in vectors, the last of which may overlap the one before. */
// @ts-ignore: decorator
@inline function copySegment(from: usize, to: usize, count: i32): void {
  if (count < 4) {
    storeLanes(to, loadLanes(from, count), count);
    return;
  }
  let last = <usize>(count - 4) << 2, at: usize = 0;
  for (; at < last; at += 16) v128.store(to + at, v128.load(from + at));
  v128.store(to + last, v128.load(from + last));
}

/** Adds `count` elements. */
// @ts-ignore: decorator
@inline export function addSegment(from: usize, to: usize, count: i32): void {
  for (; count > 0; count -= 4) {
    storeLanes(to, f32x4.add(loadLanes(to, count), loadLanes(from, count)), count);
    from += 16; to += 16;
  }
}

/** columns[k, pixel] = what tap k sees at that pixel, for the pixels of `rows` rows of the output. */
export function gatherPatches(g: Geometry, table: usize, image: usize, row: i32, rows: i32, columns: usize): void {
  let outWBytes = <usize>g.outW << 2, rowBytes = g.rowBytes, turnBytes = g.turnBytes, first = row % g.outH;
  image += g.rowOffset(row);
  for (let k = 0; k < g.taps; ++k) {
    let from = image + load<usize>(table + (<usize>k << 2)), y = first;
    for (let r = 0; r < rows; ++r) {
      copySegment(from, columns, g.outW);
      columns += outWBytes; from += rowBytes;
      if (++y == g.outH) {
        y = 0; from += turnBytes;
      }
    }
  }
}

/** The adjoint: adds to every element of the image all that the taps that see it hold for it. */
export function scatterPatches(g: Geometry, table: usize, image: usize, row: i32, rows: i32, columns: usize): void {
  let outWBytes = <usize>g.outW << 2, rowBytes = g.rowBytes, turnBytes = g.turnBytes, first = row % g.outH;
  image += g.rowOffset(row);
  for (let k = 0; k < g.taps; ++k) {
    let to = image + load<usize>(table + (<usize>k << 2)), y = first;
    for (let r = 0; r < rows; ++r) {
      addSegment(columns, to, g.outW);
      columns += outWBytes; to += rowBytes;
      if (++y == g.outH) {
        y = 0; to += turnBytes;
      }
    }
  }
}
