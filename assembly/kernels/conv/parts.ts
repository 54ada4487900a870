/** The scratch of a convolution: its geometry, then buffers that are as large as the geometry asks. */

import { GEMM_SCRATCH_BYTES } from "../gemm/gemm";
import { chunkCount, panelBytes } from "./direct";
import { Geometry, imageSize } from "./geometry";

/** Elements of a block of patches: 256 KB, a part of L2; but never so few pixels that the matrix product starves. */
// @ts-ignore: decorator
@inline const BLOCK_SIZE: i32 = 1 << 16;
// @ts-ignore: decorator
@inline const BLOCK_PIXELS: i32 = 64;

@final @unmanaged
export class Parts {
  /** The weights, transposed or turned; or their gradient, transposed. First, so that it outlives `exchange`. */
  weights: usize;
  /** Distance of every tap in the arranged image. */
  table: usize;
  /** The arranged image of one group. */
  image: usize;
  /** Packed weights and chunks of direct convolution. */
  panels: usize;
  chunks: usize;
  /** A block of patches. */
  columns: usize;
  /** The scratch of the matrix product. */
  gemm: usize;
}

// @ts-ignore: decorator
@inline const PARTS_OFFSET: usize = (offsetof<Geometry>() + 15) & ~15;
// @ts-ignore: decorator
@inline const HEADER_BYTES: usize = (PARTS_OFFSET + offsetof<Parts>() + 15) & ~15;

// @ts-ignore: decorator
@inline function align(elements: usize): usize {
  return ((elements << 2) + 15) & ~15;
}

/** The geometry at the beginning of the scratch. */
// @ts-ignore: decorator
@inline export function geometryIn(scratch: usize): Geometry {
  return changetype<Geometry>(scratch);
}

/** Rows of the output whose patches are written down at a time. */
export function blockRows(taps: i32, rows: i32, outW: i32): i32 {
  let most = BLOCK_SIZE / max(1, taps * outW), least = (BLOCK_PIXELS + outW - 1) / outW;
  return min(rows, max(most, least));
}

/** Lays out the scratch for the geometry at its beginning. */
export function partsIn(scratch: usize): Parts {
  let g = geometryIn(scratch), parts = changetype<Parts>(scratch + PARTS_OFFSET), at = scratch + HEADER_BYTES;
  parts.weights = at; at += align(<usize>g.groups * <usize>g.filters * <usize>g.taps);
  parts.table = at; at += align(g.taps);
  parts.image = at; at += align(imageSize(g));
  parts.panels = at; at += panelBytes(g.filters, g.taps);
  parts.chunks = at; at += <usize>chunkCount(g.rows, g.outW) << 3;
  parts.columns = at; at += align(<usize>g.taps * <usize>blockRows(g.taps, g.rows, g.outW) * <usize>g.outW);
  parts.gemm = at;
  return parts;
}

/** Bytes that `partsIn` assigns to a geometry with these numbers; `image` is a bound on the elements of the image. */
export function partsBytes(groups: i32, filters: i32, taps: i32, image: usize, rows: i32, outW: i32): usize {
  return HEADER_BYTES + align(<usize>groups * <usize>filters * <usize>taps) + align(taps) + align(image)
    + panelBytes(filters, taps) + (<usize>chunkCount(rows, outW) << 3)
    + align(<usize>taps * <usize>blockRows(taps, rows, outW) * <usize>outW) + GEMM_SCRATCH_BYTES;
}
