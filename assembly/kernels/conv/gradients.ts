import { GEMM_ACCUMULATE, f32_gemm } from "../gemm/gemm";
import { copy2d_32 } from "../transpose";
import { convolve } from "./forward";
import { Geometry, exchange, fillTable, isExchangeable } from "./geometry";
import { arrange, fillImage, restore } from "./image";
import { Parts, blockRows, geometryIn, partsIn } from "./parts";
import { gatherPatches, scatterPatches } from "./patches";

/** Weights as the exchanged convolution wants them: [group][channel][filter], every kernel turned by 180 degrees. */
function turnWeights(g: Geometry, w: usize, o: usize): void {
  let size = g.kernelD * g.kernelH * g.kernelW, last = <usize>(size - 1) << 2;
  for (let group = 0; group < g.groups; ++group) {
    for (let c = 0; c < g.channels; ++c) {
      copy2d_32(w + (<usize>(c * size) << 2) + last, g.taps, -1, o, size, g.filters, size);
      o += <usize>(g.filters * size) << 2;
    }
    w += <usize>(g.filters * g.taps) << 2;
  }
}

/** The gradient of the input by patches: what every output gives to every tap, added up where taps overlap. */
function gradInputByPatches(g: Geometry, parts: Parts, gy: usize, w: usize, gx: usize): void {
  let inBytes = <usize>(g.channels * g.plane) << 2, outBytes = <usize>(g.filters * g.pixels) << 2;
  let step = blockRows(g.taps, g.rows, g.outW);
  fillTable(g, parts.table);
  for (let group = 0; group < g.groups; ++group) {
    copy2d_32(w, 1, g.taps, parts.weights, g.filters, g.taps, g.filters);
    let gyi = gy + <usize>group * outBytes, gxi = gx + <usize>group * inBytes;
    for (let n = 0; n < g.batch; ++n) {
      if (g.pointwise) {
        f32_gemm(
          g.taps, g.pixels, g.filters, parts.weights, g.filters, 1, gyi, g.pixels, 1, gxi, g.pixels, 0, 0, parts.gemm,
        );
      } else {
        fillImage(g, parts.image, 0);
        for (let r = 0; r < g.rows; r += step) {
          let rows = min(step, g.rows - r), pixels = rows * g.outW, from = gyi + (<usize>(r * g.outW) << 2);
          f32_gemm(
            g.taps, pixels, g.filters, parts.weights, g.filters, 1, from, g.pixels, 1,
            parts.columns, pixels, 0, 0, parts.gemm,
          );
          scatterPatches(g, parts.table, parts.image, r, rows, parts.columns);
        }
        restore(g, parts.image, gxi);
      }
      gyi += outBytes * g.groups; gxi += inBytes * g.groups;
    }
    w += <usize>(g.filters * g.taps) << 2;
  }
}

/**
 * The gradient of the input, for the geometry at the beginning of the scratch. An exchanged convolution visits every
 * element of the input: where the output is much smaller, most of its products would be with the border's zeros.
 */
export function gradInput(gy: usize, w: usize, gx: usize, scratch: usize): void {
  let g = geometryIn(scratch);
  if (!isExchangeable(g) || g.pointwise || 4 * g.pixels < 3 * g.plane) {
    gradInputByPatches(g, partsIn(scratch), gy, w, gx);
    return;
  }
  let turned = partsIn(scratch).weights;
  turnWeights(g, w, turned);
  exchange(g);
  convolve(g, partsIn(scratch), gy, turned, 0, gx);
}

/** The gradient of the weights, for the geometry at the beginning of the scratch; summed transposed, filters last. */
export function gradWeight(x: usize, gy: usize, gw: usize, scratch: usize): void {
  let g = geometryIn(scratch), parts = partsIn(scratch);
  let inBytes = <usize>(g.channels * g.plane) << 2, outBytes = <usize>(g.filters * g.pixels) << 2;
  let weightBytes = <usize>(g.filters * g.taps) << 2;
  let step = blockRows(g.taps, g.rows, g.outW);
  fillTable(g, parts.table);
  if (!g.inPlace) fillImage(g, parts.image, 0);
  for (let group = 0; group < g.groups; ++group) {
    memory.fill(parts.weights, 0, weightBytes);
    let xi = x + <usize>group * inBytes, gyi = gy + <usize>group * outBytes;
    for (let n = 0; n < g.batch; ++n) {
      let image = xi;
      if (!g.inPlace) {
        image = parts.image;
        arrange(g, xi, image);
      }
      for (let r = 0; r < g.rows; r += step) {
        let rows = min(step, g.rows - r), pixels = rows * g.outW, at = <usize>(r * g.outW) << 2;
        let patches = image + at, rowLength = g.pixels;
        if (!g.pointwise) {
          patches = parts.columns; rowLength = pixels;
          gatherPatches(g, parts.table, image, r, rows, patches);
        }
        f32_gemm(
          g.taps, g.filters, pixels, patches, rowLength, 1, gyi + at, 1, g.pixels,
          parts.weights, g.filters, 0, GEMM_ACCUMULATE, parts.gemm,
        );
      }
      xi += inBytes * g.groups; gyi += outBytes * g.groups;
    }
    copy2d_32(parts.weights, 1, g.filters, gw, g.taps, g.filters, g.taps);
    gw += weightBytes;
  }
}
