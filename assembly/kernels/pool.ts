/**
 * Max and average pooling over up to three spatial dimensions of contiguous planes [planes, D, H, W].
 *
 * The sizes of the output come from the caller, who knows about ceil mode; no window may lie wholly in the padding.
 * Windows are read from arranged images (see Note [Arranged images] in conv/geometry.ts), four outputs of a row at a
 * time; the last four of a row overlap the ones before. `scratch` is as large as pool2dScratchBytes or
 * pool3dScratchBytes says, aligned to 16 bytes. Two dimensions are three with D = 1, one is two with H = 1.
 */

import { Geometry, extent } from "./conv/geometry";
import { arrange, fillImage, restore } from "./conv/image";
import { addSegment } from "./conv/patches";
import { loadLanes, storeLanes } from "./gemm/partial";

/** What a maximum starts from, and the padding of max pooling. */
// @ts-ignore: decorator
@inline const NO_MAXIMUM: f32 = <f32>-Infinity;

// @ts-ignore: decorator
@inline const TAPS_OFFSET: usize = (offsetof<Geometry>() + 15) & ~15;

/** After the table of taps: distance in bytes in the image, and in elements in the plane. */
// @ts-ignore: decorator
@inline function columnsIn(g: Geometry): usize {
  return changetype<usize>(g) + TAPS_OFFSET + (((<usize>g.taps + 1) & ~1) << 3);
}

/** Bytes of a row of the output, padded so that any four of it are a vector. */
// @ts-ignore: decorator
@inline function rowBytes(g: Geometry): usize {
  return ((<usize>g.outW + 7) & ~3) << 2;
}

/** After what depends on the column of the output only (four bytes each). */
// @ts-ignore: decorator
@inline function imageIn(g: Geometry): usize {
  return columnsIn(g) + rowBytes(g);
}

/** Scratch of each function of this file for a geometry. */
export function pool3dScratchBytes(
  D: i32, H: i32, W: i32, kD: i32, kH: i32, kW: i32, strideD: i32, strideH: i32, strideW: i32,
  dilD: i32, dilH: i32, dilW: i32, outD: i32, outH: i32, outW: i32,
): usize {
  let imageD = max(D, extent(outD, kD, strideD, dilD)), imageH = max(H, extent(outH, kH, strideH, dilH));
  let imageW = max(W, extent(outW, kW, strideW, dilW)) + strideW;
  return TAPS_OFFSET + ((<usize>(kD * kH * kW) + 1) << 3) + ((<usize>outW + 7) << 3)
    + (<usize>imageD * <usize>imageH * <usize>imageW << 2) + 32;
}

/** pool3dScratchBytes for two spatial dimensions. */
export function pool2dScratchBytes(
  H: i32, W: i32, kH: i32, kW: i32, strideH: i32, strideW: i32, dilH: i32, dilW: i32, outH: i32, outW: i32,
): usize {
  return pool3dScratchBytes(1, H, W, 1, kH, kW, 1, strideH, strideW, 1, dilH, dilW, 1, outH, outW);
}

function describe(
  planes: i32, D: i32, H: i32, W: i32, kD: i32, kH: i32, kW: i32, strideD: i32, strideH: i32, strideW: i32,
  padD: i32, padH: i32, padW: i32, dilD: i32, dilH: i32, dilW: i32, outD: i32, outH: i32, outW: i32, scratch: usize,
): Geometry {
  let g = changetype<Geometry>(scratch);
  g.batch = planes; g.groups = g.channels = g.filters = 1;
  g.depth = D; g.height = H; g.width = W;
  g.kernelD = kD; g.kernelH = kH; g.kernelW = kW;
  g.strideD = strideD; g.strideH = strideH; g.strideW = strideW;
  g.padD = padD; g.padH = padH; g.padW = padW;
  g.dilationD = dilD; g.dilationH = dilH; g.dilationW = dilW;
  g.outD = outD; g.outH = outH; g.outW = outW;
  g.derive();
  // Vectors are read whole: rows of fewer than four outputs only from an image that ends with a spare vector.
  if (outW < 4) g.inPlace = false;
  let at = scratch + TAPS_OFFSET;
  for (let z = 0; z < kD; ++z) {
    for (let y = 0; y < kH; ++y) {
      for (let x = 0; x < kW; ++x) {
        let column = x * dilW, row = (z * dilD * g.imageH + y * dilH) * g.imageW;
        store<i32>(at, (row + (column % strideW) * g.phaseW + column / strideW) << 2);
        store<i32>(at, (z * dilD * H + y * dilH) * W + column, 4);
        at += 8;
      }
    }
  }
  return g;
}

/** The first position of a window, from `start` in steps of the dilation, that is not in the padding before 0. */
// @ts-ignore: decorator
@inline function firstInside(start: i32, dilation: i32): i32 {
  return start >= 0 ? start : start + (-start + dilation - 1) / dilation * dilation;
}

/**
 * One row of outputs. A later element wins if it is greater or NaN, as in PyTorch: the first of equal maxima, the last
 * of several NaN. `p` is where the row begins in the image, `index` its first element's in the plane (less than 0 in
 * the padding), `first` that of the first element that is not padding, without its column.
 */
function maxRow(g: Geometry, p: usize, index: i32, first: i32, y: usize, indices: usize): void {
  let taps = changetype<usize>(g) + TAPS_OFFSET, end = taps + (<usize>g.taps << 3), columns = columnsIn(g);
  let lanes = min(4, g.outW), last = g.outW - lanes, stride = g.strideW;
  let steps = i32x4.mul(i32x4(0, 1, 2, 3), i32x4.splat(stride));
  for (let x = 0; x < g.outW; x += 4) {
    let at = min(x, last), from = p + (<usize>at << 2), to = <usize>at << 2;
    let best = f32x4.splat(NO_MAXIMUM);
    if (indices == 0) {
      for (let t = taps; t < end; t += 8) {
        let v = v128.load(from + load<usize>(t));
        best = v128.bitselect(v, best, v128.or(f32x4.gt(v, best), f32x4.ne(v, v)));
      }
    } else {
      let base = i32x4.add(steps, i32x4.splat(index + at * stride));
      let where = i32x4.add(v128.load(columns + to), i32x4.splat(first));
      for (let t = taps; t < end; t += 8) {
        let v = v128.load(from + load<usize>(t)), takes = v128.or(f32x4.gt(v, best), f32x4.ne(v, v));
        best = v128.bitselect(v, best, takes);
        where = v128.bitselect(i32x4.add(base, v128.load32_splat(t, 4)), where, takes);
      }
      storeLanes(indices + to, where, lanes);
    }
    storeLanes(y + to, best, lanes);
  }
}

/** maxRow for the commonest pooling: windows of 2x2 side by side, no padding, at least four outputs in a row. */
function maxRow2x2(g: Geometry, p: usize, index: i32, y: usize, indices: usize): void {
  let width = g.width, q = p + (<usize>width << 2), last = g.outW - 4, steps = i32x4(0, 2, 4, 6);
  for (let x = 0; x < g.outW; x += 4) {
    let at = min(x, last), skip = <usize>at << 3, to = <usize>at << 2;
    let l = v128.load(p + skip), h = v128.load(p + skip, 16), m = v128.load(q + skip), n = v128.load(q + skip, 16);
    let v0 = v128.shuffle<f32>(l, h, 0, 2, 4, 6), v1 = v128.shuffle<f32>(l, h, 1, 3, 5, 7);
    let v2 = v128.shuffle<f32>(m, n, 0, 2, 4, 6), v3 = v128.shuffle<f32>(m, n, 1, 3, 5, 7);
    let takes1 = v128.or(f32x4.gt(v1, v0), f32x4.ne(v1, v1)), best = v128.bitselect(v1, v0, takes1);
    let takes2 = v128.or(f32x4.gt(v2, best), f32x4.ne(v2, v2));
    best = v128.bitselect(v2, best, takes2);
    let takes3 = v128.or(f32x4.gt(v3, best), f32x4.ne(v3, v3));
    v128.store(y + to, v128.bitselect(v3, best, takes3));
    if (indices != 0) {
      let where = v128.and(takes1, i32x4.splat(1));
      where = v128.bitselect(i32x4.splat(width), where, takes2);
      where = v128.bitselect(i32x4.splat(width + 1), where, takes3);
      v128.store(indices + to, i32x4.add(where, i32x4.add(steps, i32x4.splat(index + at * 2))));
    }
  }
}

/**
 * Maxima of the windows, and where in its plane each one lies (flat, i32), unless `indices` is 0. Padding never wins, a
 * NaN always does; a window of nothing but -inf points at its first element.
 */
export function f32_max_pool3d(
  x: usize, y: usize, indices: usize, planes: i32, D: i32, H: i32, W: i32, kD: i32, kH: i32, kW: i32,
  strideD: i32, strideH: i32, strideW: i32, padD: i32, padH: i32, padW: i32, dilD: i32, dilH: i32, dilW: i32,
  outD: i32, outH: i32, outW: i32, scratch: usize,
): void {
  let g = describe(
    planes, D, H, W, kD, kH, kW, strideD, strideH, strideW, padD, padH, padW, dilD, dilH, dilW,
    outD, outH, outW, scratch,
  );
  let columns = columnsIn(g), image = imageIn(g);
  let twoByTwo = kD == 1 && kH == 2 && kW == 2 && strideH == 2 && strideW == 2 && (dilH | dilW) == 1 && outW >= 4
    && (padD | padH | padW) == 0 && g.imageD <= D && g.imageH <= H && g.imageW <= W;
  for (let i = 0; i < outW; ++i) store<i32>(columns + (<usize>i << 2), firstInside(i * strideW - padW, dilW));
  let arranged = !g.inPlace && !twoByTwo;
  if (arranged) fillImage(g, image, NO_MAXIMUM);
  for (; planes > 0; --planes) {
    let from = x;
    if (arranged) {
      arrange(g, x, image);
      from = image;
    }
    for (let oz = 0; oz < outD; ++oz) {
      let z = oz * strideD - padD, firstZ = firstInside(z, dilD);
      for (let oy = 0; oy < outH; ++oy) {
        let v = oy * strideH - padH, start = (z * H + v) * W - padW, first = (firstZ * H + firstInside(v, dilH)) * W;
        if (twoByTwo) maxRow2x2(g, x + (<usize>start << 2), start, y, indices);
        else maxRow(g, from + g.rowOffset(oz * outH + oy), start, first, y, indices);
        y += <usize>outW << 2;
        if (indices != 0) indices += <usize>outW << 2;
      }
    }
    x += <usize>g.plane << 2;
  }
}

/** f32_max_pool3d over two spatial dimensions. */
export function f32_max_pool2d(
  x: usize, y: usize, indices: usize, planes: i32, H: i32, W: i32, kH: i32, kW: i32,
  strideH: i32, strideW: i32, padH: i32, padW: i32, dilH: i32, dilW: i32, outH: i32, outW: i32, scratch: usize,
): void {
  f32_max_pool3d(
    x, y, indices, planes, 1, H, W, 1, kH, kW, 1, strideH, strideW, 0, padH, padW, 1, dilH, dilW,
    1, outH, outW, scratch,
  );
}

/** Gradient of max pooling over any dimensions: every output's to the element of `size` that it was taken from. */
export function f32_max_pool_backward(
  gy: usize, indices: usize, gx: usize, planes: i32, size: i32, outSize: i32,
): void {
  memory.fill(gx, 0, <usize>planes * <usize>size << 2);
  for (; planes > 0; --planes) {
    for (let i = 0; i < outSize; ++i) {
      let at = gx + (load<usize>(indices) << 2);
      store<f32>(at, load<f32>(at) + load<f32>(gy));
      gy += 4; indices += 4;
    }
    gx += <usize>size << 2;
  }
}

/** Elements of a window along one dimension: without the padding, or with it but not beyond it. */
// @ts-ignore: decorator
@inline function windowSize(start: i32, kernel: i32, size: i32, pad: i32, countPad: bool): i32 {
  let end = start + kernel;
  return countPad ? min(end, size + pad) - start : min(end, size) - max(start, 0);
}

/** Divisors of the columns of the output; those of rows and planes are factors. */
function fillDivisors(g: Geometry, countPad: bool, divisor: i32): void {
  let columns = columnsIn(g);
  for (let i = 0; i < g.outW; ++i) {
    let count = windowSize(i * g.strideW - g.padW, g.kernelW, g.width, g.padW, countPad);
    store<f32>(columns + (<usize>i << 2), <f32>(divisor != 0 ? <i32>1 : count));
  }
}

/** The factor of a row of the output, numbered through all planes of the output. */
function rowDivisor(g: Geometry, row: i32, countPad: bool, divisor: i32): f32 {
  if (divisor != 0) return <f32>divisor;
  let z = (row / g.outH) * g.strideD - g.padD, y = (row % g.outH) * g.strideH - g.padH;
  let planes = windowSize(z, g.kernelD, g.depth, g.padD, countPad);
  return <f32>(planes * windowSize(y, g.kernelH, g.height, g.padH, countPad));
}

/** One row of means. */
function averageRow(g: Geometry, p: usize, factor: f32, y: usize): void {
  let taps = changetype<usize>(g) + TAPS_OFFSET, end = taps + (<usize>g.taps << 3), columns = columnsIn(g);
  let lanes = min(4, g.outW), last = g.outW - lanes, f = f32x4.splat(factor);
  for (let x = 0; x < g.outW; x += 4) {
    let to = <usize>min(x, last) << 2, from = p + to, sum = f32x4.splat(0);
    for (let t = taps; t < end; t += 8) sum = f32x4.add(sum, v128.load(from + load<usize>(t)));
    storeLanes(y + to, f32x4.div(sum, f32x4.mul(f, v128.load(columns + to))), lanes);
  }
}

/**
 * Means of the windows. Divided by `divisor`, or if it is 0 by how many elements the window has: those of the padding
 * among them if `countPad` is not 0, those beyond the padding (in ceil mode) never.
 */
export function f32_avg_pool3d(
  x: usize, y: usize, planes: i32, D: i32, H: i32, W: i32, kD: i32, kH: i32, kW: i32,
  strideD: i32, strideH: i32, strideW: i32, padD: i32, padH: i32, padW: i32,
  outD: i32, outH: i32, outW: i32, countPad: i32, divisor: i32, scratch: usize,
): void {
  let g = describe(
    planes, D, H, W, kD, kH, kW, strideD, strideH, strideW, padD, padH, padW, 1, 1, 1, outD, outH, outW, scratch,
  );
  let image = imageIn(g);
  fillDivisors(g, countPad != 0, divisor);
  if (!g.inPlace) fillImage(g, image, 0);
  for (; planes > 0; --planes) {
    let from = x;
    if (!g.inPlace) {
      arrange(g, x, image);
      from = image;
    }
    for (let r = 0; r < g.rows; ++r) {
      averageRow(g, from + g.rowOffset(r), rowDivisor(g, r, countPad != 0, divisor), y);
      y += <usize>outW << 2;
    }
    x += <usize>g.plane << 2;
  }
}

/** f32_avg_pool3d over two spatial dimensions. */
export function f32_avg_pool2d(
  x: usize, y: usize, planes: i32, H: i32, W: i32, kH: i32, kW: i32, strideH: i32, strideW: i32, padH: i32, padW: i32,
  outH: i32, outW: i32, countPad: i32, divisor: i32, scratch: usize,
): void {
  f32_avg_pool3d(
    x, y, planes, 1, H, W, 1, kH, kW, 1, strideH, strideW, 0, padH, padW, 1, outH, outW, countPad, divisor, scratch,
  );
}

/**
 * Adds to every element of the image its share of a row of gradients. Tap by tap, as adding all taps of four outputs at
 * once would load what was stored a moment ago, at another alignment.
 */
function spreadRow(g: Geometry, gy: usize, factor: f32, p: usize, shares: usize): void {
  let taps = changetype<usize>(g) + TAPS_OFFSET, end = taps + (<usize>g.taps << 3), columns = columnsIn(g);
  let f = f32x4.splat(factor), to = shares;
  for (let n = g.outW; n > 0; n -= 4) {
    v128.store(to, f32x4.div(loadLanes(gy, n), f32x4.mul(f, v128.load(columns))));
    gy += 16; to += 16; columns += 16;
  }
  for (let t = taps; t < end; t += 8) addSegment(shares, p + load<usize>(t), g.outW);
}

/** Gradient of average pooling. */
export function f32_avg_pool3d_backward(
  gy: usize, gx: usize, planes: i32, D: i32, H: i32, W: i32, kD: i32, kH: i32, kW: i32,
  strideD: i32, strideH: i32, strideW: i32, padD: i32, padH: i32, padW: i32,
  outD: i32, outH: i32, outW: i32, countPad: i32, divisor: i32, scratch: usize,
): void {
  let g = describe(
    planes, D, H, W, kD, kH, kW, strideD, strideH, strideW, padD, padH, padW, 1, 1, 1, outD, outH, outW, scratch,
  );
  let shares = imageIn(g), image = shares + rowBytes(g);
  fillDivisors(g, countPad != 0, divisor);
  for (; planes > 0; --planes) {
    fillImage(g, image, 0);
    for (let r = 0; r < g.rows; ++r) {
      spreadRow(g, gy, rowDivisor(g, r, countPad != 0, divisor), image + g.rowOffset(r), shares);
      gy += <usize>outW << 2;
    }
    restore(g, image, gx);
    gx += <usize>g.plane << 2;
  }
}

/** f32_avg_pool3d_backward over two spatial dimensions. */
export function f32_avg_pool2d_backward(
  gy: usize, gx: usize, planes: i32, H: i32, W: i32, kH: i32, kW: i32, strideH: i32, strideW: i32, padH: i32, padW: i32,
  outH: i32, outW: i32, countPad: i32, divisor: i32, scratch: usize,
): void {
  f32_avg_pool3d_backward(
    gy, gx, planes, 1, H, W, 1, kH, kW, 1, strideH, strideW, 0, padH, padW, 1, outH, outW, countPad, divisor, scratch,
  );
}
