/**
 * Convolution straight from the arranged image, for few filters: copying every element of the image once per tap would
 * cost more than it is used for. The output is cut into chunks of four pixels of a row (the last of a row overlaps the
 * one before); a tile is four filters by two chunks, or one filter by four.
 */

import { madd } from "../../simd/f32x4";
import { packA } from "../gemm/pack";
import { Geometry } from "./geometry";

/** Chunks to a call: tiles are many per call, calls many per image, so that engines optimize the loop soon. */
// @ts-ignore: decorator
@inline const RUN: i32 = 64;

/** Entries of the table of chunks: a whole number of tiles. */
export function chunkCount(rows: i32, outW: i32): i32 {
  return (rows * ((outW + 3) >> 2) + 3) & ~3;
}

/** Bytes of the packed weights of one group. */
export function panelBytes(filters: i32, taps: i32): usize {
  return (<usize>(filters + 3) >> 2) * ((<usize>taps + 1) << 6);
}

/** Writes for every chunk its distance in bytes from the first in the image and in the output. Rows of four or more. */
export function fillChunks(g: Geometry, chunks: usize): void {
  let end = chunks + (<usize>chunkCount(g.rows, g.outW) << 3);
  for (let r = 0; r < g.rows; ++r) {
    for (let x = 0; x < g.outW; x += 4) {
      let at = min(x, g.outW - 4);
      store<usize>(chunks, g.rowOffset(r) + (<usize>at << 2));
      store<i32>(chunks, (r * g.outW + at) << 2, 4);
      chunks += 8;
    }
  }
  for (; chunks < end; chunks += 8) store<u64>(chunks, load<u64>(chunks - 8));
}

/** Weights of one group, filters in fours: four vectors of biases, then as many weights for every tap. */
export function packPanels(g: Geometry, w: usize, bias: usize, panels: usize): void {
  let rowBytes = <usize>g.taps << 2;
  for (let f = 0; f < g.filters; f += 4) {
    let mr = min(4, g.filters - f);
    for (let r = 0; r < 4; ++r) {
      let b = bias != 0 ? load<f32>(bias + (<usize>(f + min(r, mr - 1)) << 2)) : 0;
      v128.store(panels + (<usize>r << 4), f32x4.splat(b));
    }
    packA(g.taps, w + <usize>f * rowBytes, rowBytes, 4, 4, mr, panels + 64);
    panels += (<usize>g.taps + 1) << 6;
  }
}

/** Tiles of four filters (`mr` of them distinct) by two chunks. */
function tiles4x8(
  taps: i32, table: usize, panel: usize, chunks: usize, count: i32, image: usize, y: usize, planeBytes: usize, mr: i32,
): void {
  let y1 = y + select<usize>(planeBytes, 0, mr > 1);
  let y2 = y1 + select<usize>(planeBytes, 0, mr > 2);
  let y3 = y2 + select<usize>(planeBytes, 0, mr > 3);
  for (; count > 0; count -= 2) {
    let p = image + load<usize>(chunks), q = image + load<usize>(chunks, 8), a = panel + 64, t = table, k = taps;
    let c00 = v128.load(panel), c10 = v128.load(panel, 16), c20 = v128.load(panel, 32), c30 = v128.load(panel, 48);
    let c01 = c00, c11 = c10, c21 = c20, c31 = c30;
    while (true) {
      {
        let o = load<usize>(t), b0 = v128.load(p + o), b1 = v128.load(q + o);
        let v = v128.load(a); c00 = madd(c00, v, b0); c01 = madd(c01, v, b1);
        v = v128.load(a, 16); c10 = madd(c10, v, b0); c11 = madd(c11, v, b1);
        v = v128.load(a, 32); c20 = madd(c20, v, b0); c21 = madd(c21, v, b1);
        v = v128.load(a, 48); c30 = madd(c30, v, b0); c31 = madd(c31, v, b1);
      }
      if (k == 1) break;
      {
        let o = load<usize>(t, 4), b0 = v128.load(p + o), b1 = v128.load(q + o);
        let v = v128.load(a, 64); c00 = madd(c00, v, b0); c01 = madd(c01, v, b1);
        v = v128.load(a, 80); c10 = madd(c10, v, b0); c11 = madd(c11, v, b1);
        v = v128.load(a, 96); c20 = madd(c20, v, b0); c21 = madd(c21, v, b1);
        v = v128.load(a, 112); c30 = madd(c30, v, b0); c31 = madd(c31, v, b1);
      }
      if (k == 2) break;
      {
        let o = load<usize>(t, 8), b0 = v128.load(p + o), b1 = v128.load(q + o);
        let v = v128.load(a, 128); c00 = madd(c00, v, b0); c01 = madd(c01, v, b1);
        v = v128.load(a, 144); c10 = madd(c10, v, b0); c11 = madd(c11, v, b1);
        v = v128.load(a, 160); c20 = madd(c20, v, b0); c21 = madd(c21, v, b1);
        v = v128.load(a, 176); c30 = madd(c30, v, b0); c31 = madd(c31, v, b1);
      }
      k -= 3;
      if (k == 0) break;
      a += 192; t += 12;
    }
    let o = load<usize>(chunks, 4), u = load<usize>(chunks, 12);
    v128.store(y + o, c00); v128.store(y + u, c01); v128.store(y1 + o, c10); v128.store(y1 + u, c11);
    v128.store(y2 + o, c20); v128.store(y2 + u, c21); v128.store(y3 + o, c30); v128.store(y3 + u, c31);
    chunks += 16;
  }
}

/** Tiles of one filter, whose weights are not packed, by four chunks. */
function tiles1x16(
  taps: i32, table: usize, w: usize, bias: v128, chunks: usize, count: i32, image: usize, y: usize,
): void {
  for (; count > 0; count -= 4) {
    let p0 = image + load<usize>(chunks), p1 = image + load<usize>(chunks, 8);
    let p2 = image + load<usize>(chunks, 16), p3 = image + load<usize>(chunks, 24);
    let c0 = bias, c1 = bias, c2 = bias, c3 = bias, a = w, t = table, k = taps;
    while (true) {
      {
        let o = load<usize>(t), v = v128.load32_splat(a);
        c0 = madd(c0, v, v128.load(p0 + o)); c1 = madd(c1, v, v128.load(p1 + o));
        c2 = madd(c2, v, v128.load(p2 + o)); c3 = madd(c3, v, v128.load(p3 + o));
      }
      if (k == 1) break;
      {
        let o = load<usize>(t, 4), v = v128.load32_splat(a, 4);
        c0 = madd(c0, v, v128.load(p0 + o)); c1 = madd(c1, v, v128.load(p1 + o));
        c2 = madd(c2, v, v128.load(p2 + o)); c3 = madd(c3, v, v128.load(p3 + o));
      }
      if (k == 2) break;
      {
        let o = load<usize>(t, 8), v = v128.load32_splat(a, 8);
        c0 = madd(c0, v, v128.load(p0 + o)); c1 = madd(c1, v, v128.load(p1 + o));
        c2 = madd(c2, v, v128.load(p2 + o)); c3 = madd(c3, v, v128.load(p3 + o));
      }
      k -= 3;
      if (k == 0) break;
      a += 12; t += 12;
    }
    v128.store(y + load<usize>(chunks, 4), c0); v128.store(y + load<usize>(chunks, 12), c1);
    v128.store(y + load<usize>(chunks, 20), c2); v128.store(y + load<usize>(chunks, 28), c3);
    chunks += 32;
  }
}

/** One image of one group: filters in fours from the packed panels, a last one or two one by one. */
export function convolveDirectly(
  g: Geometry, table: usize, w: usize, bias: usize, panels: usize, chunks: usize, image: usize, y: usize,
): void {
  let count = chunkCount(g.rows, g.outW), outBytes = <usize>g.pixels << 2, filters = g.filters;
  for (let f = 0; f < filters;) {
    let rest = filters - f, mr = rest > 2 ? min(rest, 4) : 1;
    let wf = w + (<usize>f * <usize>g.taps << 2), yf = y + <usize>f * outBytes;
    let panel = panels + (<usize>f >> 2) * ((<usize>g.taps + 1) << 6);
    let b = bias != 0 ? v128.load32_splat(bias + (<usize>f << 2)) : f32x4.splat(0);
    for (let i = 0; i < count; i += RUN) {
      let run = min(RUN, count - i), at = chunks + (<usize>i << 3);
      if (mr == 1) tiles1x16(g.taps, table, wf, b, at, run, image, yf);
      else tiles4x8(g.taps, table, panel, at, run, image, yf, outBytes, mr);
    }
    f += mr;
  }
}
