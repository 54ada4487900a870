/** Between tensors and arranged images: see Note [Arranged images] in geometry.ts. */

import { copy2d_32 } from "../transpose";
import { Geometry, imageSize } from "./geometry";

/** Gives every element of the image, in particular its border, one value; `arrange` never touches the border. */
export function fillImage(g: Geometry, image: usize, value: f32): void {
  let v = f32x4.splat(value), end = image + (<usize>imageSize(g) << 2);
  for (; image < end; image += 16) v128.store(image, v);
}

/** Where the first column of a phase that lies inside the input is found in the input. */
// @ts-ignore: decorator
@inline function firstColumn(g: Geometry, phase: i32): i32 {
  let x = (phase - g.padW) % g.strideW;
  return x < 0 ? x + g.strideW : x;
}

/** How many columns of a phase lie inside the input and are seen by some tap. */
// @ts-ignore: decorator
@inline function columnCount(g: Geometry, first: i32): i32 {
  let seen = min(g.width, g.imageW - g.padW) - first;
  return seen <= 0 ? 0 : (seen + g.strideW - 1) / g.strideW;
}

/** Copies the channels of one group from the input into the image. */
export function arrange(g: Geometry, x: usize, image: usize): void {
  let rows = min(g.height, g.imageH - g.padH), planes = min(g.depth, g.imageD - g.padD);
  for (let c = 0; c < g.channels; ++c) {
    for (let z = 0; z < planes; ++z) {
      let from = x + (<usize>((c * g.depth + z) * g.height * g.width) << 2);
      let to = image + (<usize>(((c * g.imageD + z + g.padD) * g.imageH + g.padH) * g.imageW) << 2);
      for (let phase = 0; phase < g.strideW; ++phase) {
        let first = firstColumn(g, phase), column = phase * g.phaseW + (first + g.padW) / g.strideW;
        copy2d_32(
          from + (<usize>first << 2), g.width, g.strideW,
          to + (<usize>column << 2), g.imageW, rows, columnCount(g, first),
        );
      }
    }
  }
}

/** The way back: what the image holds of each element of the input; zero where no tap sees it. */
export function restore(g: Geometry, image: usize, x: usize): void {
  let rows = min(g.height, g.imageH - g.padH), planes = min(g.depth, g.imageD - g.padD);
  memory.fill(x, 0, <usize>(g.channels * g.plane) << 2);
  for (let c = 0; c < g.channels; ++c) {
    for (let z = 0; z < planes; ++z) {
      let to = x + (<usize>((c * g.depth + z) * g.height * g.width) << 2);
      let from = image + (<usize>(((c * g.imageD + z + g.padD) * g.imageH + g.padH) * g.imageW) << 2);
      for (let phase = 0; phase < g.strideW; ++phase) {
        let first = firstColumn(g, phase), column = phase * g.phaseW + (first + g.padW) / g.strideW;
        let count = columnCount(g, first);
        if (g.strideW == 1) {
          copy2d_32(from + (<usize>column << 2), g.imageW, 1, to + (<usize>first << 2), g.width, rows, count);
        } else {
          spread(g, from + (<usize>column << 2), to + (<usize>first << 2), rows, count);
        }
      }
    }
  }
}

/** Consecutive elements of `rows` rows of the image to every strideW-th of rows of the input. */
function spread(g: Geometry, from: usize, to: usize, rows: i32, count: i32): void {
  let stepBytes = <usize>g.strideW << 2;
  for (let y = 0; y < rows; ++y) {
    let p = from, o = to;
    for (let i = 0; i < count; ++i) {
      store<f32>(o, load<f32>(p));
      p += 4; o += stepBytes;
    }
    from += <usize>g.imageW << 2; to += <usize>g.width << 2;
  }
}
