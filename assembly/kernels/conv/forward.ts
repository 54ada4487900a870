import { GEMM_ACCUMULATE, f32_gemm } from "../gemm/gemm";
import { convolveDirectly, fillChunks, packPanels } from "./direct";
import { Geometry, fillTable } from "./geometry";
import { arrange, fillImage } from "./image";
import { Parts, blockRows } from "./parts";
import { gatherPatches } from "./patches";

/** Up to this many filters, patches are read where they lie instead of being written down. */
// @ts-ignore: decorator
@inline const DIRECT_FILTERS: i32 = 16;

/** Gives every element of a channel its bias, to which the product is added. */
function fillBias(g: Geometry, bias: usize, y: usize): void {
  for (let f = 0; f < g.filters; ++f) {
    let value = load<f32>(bias + (<usize>f << 2)), v = f32x4.splat(value), n = g.pixels;
    for (; n >= 4; n -= 4) {
      v128.store(y, v);
      y += 16;
    }
    for (; n > 0; --n) {
      store<f32>(y, value);
      y += 4;
    }
  }
}

/** One image of one group as a matrix product of the weights and blocks of patches. */
function convolveByPatches(g: Geometry, parts: Parts, w: usize, bias: usize, image: usize, y: usize): void {
  let flags = bias != 0 ? GEMM_ACCUMULATE : 0;
  if (bias != 0) fillBias(g, bias, y);
  if (g.pointwise) {
    f32_gemm(g.filters, g.pixels, g.taps, w, g.taps, 1, image, g.pixels, 1, y, g.pixels, 0, flags, parts.gemm);
    return;
  }
  let step = blockRows(g.taps, g.rows, g.outW);
  for (let r = 0; r < g.rows; r += step) {
    let rows = min(step, g.rows - r), n = rows * g.outW, at = <usize>(r * g.outW) << 2;
    gatherPatches(g, parts.table, image, r, rows, parts.columns);
    f32_gemm(g.filters, n, g.taps, w, g.taps, 1, parts.columns, n, 1, y + at, g.pixels, 0, flags, parts.gemm);
  }
}

/** The convolution of `g`: output `y` of input `x` and weights `w` of all groups. */
export function convolve(g: Geometry, parts: Parts, x: usize, w: usize, bias: usize, y: usize): void {
  let direct = g.filters <= DIRECT_FILTERS && g.outW >= 4 && g.taps > 0 && !g.pointwise;
  fillTable(g, parts.table);
  if (!g.inPlace) fillImage(g, parts.image, 0);
  if (direct) fillChunks(g, parts.chunks);
  let inBytes = <usize>(g.channels * g.plane) << 2, outBytes = <usize>(g.filters * g.pixels) << 2;
  let weightBytes = <usize>(g.filters * g.taps) << 2, biasBytes = <usize>g.filters << 2;
  for (let group = 0; group < g.groups; ++group) {
    if (direct) packPanels(g, w, bias, parts.panels);
    let xi = x + <usize>group * inBytes, yi = y + <usize>group * outBytes;
    for (let n = 0; n < g.batch; ++n) {
      let image = xi;
      if (!g.inPlace) {
        image = parts.image;
        arrange(g, xi, image);
      }
      if (direct) convolveDirectly(g, parts.table, w, bias, parts.panels, parts.chunks, image, yi);
      else convolveByPatches(g, parts, w, bias, image, yi);
      xi += inBytes * g.groups; yi += outBytes * g.groups;
    }
    w += weightBytes;
    if (bias != 0) bias += biasBytes;
  }
}
