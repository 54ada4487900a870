/**
 * The shape of a convolution or pooling over up to three spatial dimensions, and how its image is arranged in scratch.
 *
 * Note [Arranged images]. An image is copied once into a buffer where it has its border, and where the columns of every
 * row are sorted by their remainder modulo the stride ("phase"): for stride 2 first the even, then the odd ones. What
 * one tap of the kernel sees along a row of the output then lies in consecutive elements, whatever padding, stride and
 * dilation are: output (z, y, x) meets tap k at
 *
 *     image + rowOffset(z, y) + 4 * x + table[k].
 *
 * Only image.ts, which copies, and the table know about padding, phases and dilation; loops over outputs and taps do
 * not. Without padding and with stride 1 along the rows, the input itself is such an image, and is not copied.
 */

/** All counts in elements; channels and filters are those of one group. */
@final @unmanaged
export class Geometry {
  batch: i32; groups: i32; channels: i32; filters: i32;
  depth: i32; height: i32; width: i32;
  kernelD: i32; kernelH: i32; kernelW: i32;
  strideD: i32; strideH: i32; strideW: i32;
  padD: i32; padH: i32; padW: i32;
  dilationD: i32; dilationH: i32; dilationW: i32;
  outD: i32; outH: i32; outW: i32;
  /** Products in one element of the output: channels * kernelD * kernelH * kernelW. */
  taps: i32;
  /** Rows of the output, outD * outH, and its elements per channel. */
  rows: i32; pixels: i32;
  /** The arranged image: columns of one phase, columns, rows and planes of one channel. */
  phaseW: i32; imageW: i32; imageH: i32; imageD: i32;
  /** Whether the input itself is such an image. */
  inPlace: bool;

  /** Whether the convolution is a matrix product of weights and input as they are. */
  get pointwise(): bool {
    return this.inPlace && (this.kernelD | this.kernelH | this.kernelW | this.strideD | this.strideH) == 1;
  }

  /** Elements of one channel of the input. */
  get plane(): i32 {
    return this.depth * this.height * this.width;
  }

  /** Bytes from one row of the output to the next in the arranged image, inside a plane of the output. */
  get rowBytes(): usize {
    return <usize>(this.strideH * this.imageW) << 2;
  }

  /** Bytes to add after the last row of a plane of the output, to arrive at the first row of the next. */
  get turnBytes(): usize {
    return <usize>((this.strideD * this.imageH - this.strideH * this.outH) * this.imageW) << 2;
  }

  /** Where a row of the output begins in the arranged image. */
  rowOffset(row: i32): usize {
    return <usize>row * this.rowBytes + <usize>(row / this.outH) * this.turnBytes;
  }

  /** Completes the derived fields once the others are set. */
  derive(): void {
    this.taps = this.channels * this.kernelD * this.kernelH * this.kernelW;
    this.rows = this.outD * this.outH;
    this.pixels = this.rows * this.outW;
    this.imageD = extent(this.outD, this.kernelD, this.strideD, this.dilationD);
    this.imageH = extent(this.outH, this.kernelH, this.strideH, this.dilationH);
    this.imageW = extent(this.outW, this.kernelW, this.strideW, this.dilationW);
    this.inPlace = (this.padD | this.padH | this.padW) == 0 && this.strideW == 1
      && this.imageD <= this.depth && this.imageH <= this.height && this.imageW <= this.width;
    if (this.inPlace) {
      this.imageD = this.depth; this.imageH = this.height; this.imageW = this.width;
    }
    this.phaseW = (this.imageW + this.strideW - 1) / this.strideW;
    this.imageW = this.phaseW * this.strideW;
  }
}

/**
 * The geometry of the gradient of the input, for stride 1 and a padding below the kernel's extent: a convolution of the
 * output's gradient by the turned kernels, filters and channels exchanged.
 */
export function exchange(g: Geometry): void {
  let channels = g.channels, depth = g.depth, height = g.height, width = g.width;
  g.channels = g.filters; g.depth = g.outD; g.height = g.outH; g.width = g.outW;
  g.filters = channels; g.outD = depth; g.outH = height; g.outW = width;
  g.padD = (g.kernelD - 1) * g.dilationD - g.padD;
  g.padH = (g.kernelH - 1) * g.dilationH - g.padH;
  g.padW = (g.kernelW - 1) * g.dilationW - g.padW;
  g.derive();
}

/** Whether `exchange` applies. */
export function isExchangeable(g: Geometry): bool {
  return (g.strideD | g.strideH | g.strideW) == 1
    && g.padD <= (g.kernelD - 1) * g.dilationD
    && g.padH <= (g.kernelH - 1) * g.dilationH
    && g.padW <= (g.kernelW - 1) * g.dilationW;
}

/** Size of one spatial dimension of a convolution's output. */
export function outputSize(size: i32, kernel: i32, stride: i32, pad: i32, dilation: i32): i32 {
  return (size + 2 * pad - dilation * (kernel - 1) - 1) / stride + 1;
}

/** Elements along one dimension that the windows of an output of `out` elements cover, border included. */
export function extent(out: i32, kernel: i32, stride: i32, dilation: i32): i32 {
  return (out - 1) * stride + (kernel - 1) * dilation + 1;
}

/** Elements of the arranged image of one group. */
export function imageSize(g: Geometry): i32 {
  return g.channels * g.imageD * g.imageH * g.imageW;
}

/** Writes for every tap (channel, then kernel position) its distance in bytes from the tap at the origin. */
export function fillTable(g: Geometry, table: usize): void {
  for (let c = 0; c < g.channels; ++c) {
    for (let z = 0; z < g.kernelD; ++z) {
      for (let y = 0; y < g.kernelH; ++y) {
        let row = ((c * g.imageD + z * g.dilationD) * g.imageH + y * g.dilationH) * g.imageW;
        for (let x = 0; x < g.kernelW; ++x) {
          let column = x * g.dilationW;
          let at = row + (column % g.strideW) * g.phaseW + column / g.strideW;
          store<i32>(table, at << 2);
          table += 4;
        }
      }
    }
  }
}
