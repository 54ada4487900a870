/**
 * Convolutions on several threads, cut between images. The gradient of the weights is a sum over the images: each thread's
 * share of them is summed by itself, then the sums are added in their order, so that it depends on the number of threads
 * in its last bits, and on nothing else.
 */
import { conv3dScratchBytes, f32_conv3d, f32_conv3d_grad_input, f32_conv3d_grad_weight } from "../kernels/conv/conv";
import { outputSize } from "../kernels/conv/geometry";
import { f32_add } from "../kernels/elementwise/binary";
import { alloc, free } from "../memory/heap";
import { isShared, share, thread, threadCount } from "./pool";

/** Which of x, w and y is computed from the other two. */
export const enum Result {
  X,
  W,
  Y,
}

/** The operands and sizes of a convolution, by the names of kernels/conv/conv.ts. */
@final @unmanaged
export class Conv {
  x: usize; w: usize; bias: usize; y: usize;
  N: i32; C: i32; D: i32; H: i32; W: i32;
  O: i32; kD: i32; kH: i32; kW: i32;
  strideD: i32; strideH: i32; strideW: i32;
  padD: i32; padH: i32; padW: i32;
  dilD: i32; dilH: i32; dilW: i32;
  groups: i32;

  result: Result;
  /** Of an image, in bytes. */
  xBytes: usize; yBytes: usize;
  wBytes: usize;
  /** Of a thread. */
  scratch: usize;
  scratchBytes: usize;
  /** Into how many sums the gradient of the weights is cut, and where all but the first are. */
  sumCount: i32;
  sums: usize;
}

const CONV: usize = memory.data(160, 16);

/** The one description there is. */
export function convolution(): Conv {
  return changetype<Conv>(CONV);
}

/** Images `from` to `to`; sums over them go to `w`. */
function images(c: Conv, from: i32, to: i32, w: usize): void {
  const N = to - from;
  const x = c.x + <usize>from * c.xBytes;
  const y = c.y + <usize>from * c.yBytes;
  const scratch = c.scratch + <usize>thread() * c.scratchBytes;
  switch (c.result) {
    case Result.Y: {
      f32_conv3d(
        x, w, c.bias, y, N, c.C, c.D, c.H, c.W, c.O, c.kD, c.kH, c.kW, c.strideD, c.strideH, c.strideW,
        c.padD, c.padH, c.padW, c.dilD, c.dilH, c.dilW, c.groups, scratch,
      );
      break;
    }
    case Result.X: {
      f32_conv3d_grad_input(
        y, w, x, N, c.C, c.D, c.H, c.W, c.O, c.kD, c.kH, c.kW, c.strideD, c.strideH, c.strideW,
        c.padD, c.padH, c.padW, c.dilD, c.dilH, c.dilW, c.groups, scratch,
      );
      break;
    }
    default: {
      f32_conv3d_grad_weight(
        x, y, w, N, c.C, c.D, c.H, c.W, c.O, c.kD, c.kH, c.kW, c.strideD, c.strideH, c.strideW,
        c.padD, c.padH, c.padW, c.dilD, c.dilH, c.dilW, c.groups, scratch,
      );
    }
  }
}

function someImages(args: usize, from: i32, to: i32): void {
  const c = changetype<Conv>(args);
  images(c, from, to, c.w);
}

/** Sums `from` to `to`, of which each is over as many images. */
function someSums(args: usize, from: i32, to: i32): void {
  const c = changetype<Conv>(args);
  for (let i = from; i < to; i++) {
    const first = <i32>(<i64>c.N * i / c.sumCount);
    const end = <i32>(<i64>c.N * (i + 1) / c.sumCount);
    images(c, first, end, i ? c.sums + <usize>(i - 1) * c.wBytes : c.w);
  }
}

/** Computes the result of the convolution that has been described. False if there is no memory. */
export function convolve(): bool {
  const c = convolution();
  const taps = c.C / c.groups * c.kD * c.kH * c.kW;
  const pixels = outputSize(c.D, c.kD, c.strideD, c.padD, c.dilD) * outputSize(c.H, c.kH, c.strideH, c.padH, c.dilH)
    * outputSize(c.W, c.kW, c.strideW, c.padW, c.dilW);
  const isCut = c.N > 1 && isShared(<i64>c.N * c.O * pixels * taps);
  const threads = isCut ? threadCount() : 1;
  c.xBytes = <usize>(c.C * c.D * c.H * c.W) << 2;
  c.yBytes = <usize>(c.O * pixels) << 2;
  c.wBytes = <usize>(c.O * taps) << 2;
  c.sumCount = c.result == Result.W ? min(threads, c.N) : 1;
  c.scratchBytes = (conv3dScratchBytes(
    c.N, c.C, c.D, c.H, c.W, c.O, c.kD, c.kH, c.kW, c.strideD, c.strideH, c.strideW,
    c.padD, c.padH, c.padW, c.dilD, c.dilH, c.dilW, c.groups,
  ) + 63) & ~63;
  const sumsAt = <usize>threads * c.scratchBytes;
  const bytes = <u32>(sumsAt + <usize>(c.sumCount - 1) * c.wBytes);
  c.scratch = alloc(bytes);
  if (!c.scratch) return false;
  c.sums = c.scratch + sumsAt;
  if (!isCut) {
    images(c, 0, c.N, c.w);
  } else if (c.result == Result.W) {
    share(someSums, CONV, c.sumCount, 1, c.sumCount);
    for (let i = 1; i < c.sumCount; i++) {
      f32_add(c.w, 1, c.sums + <usize>(i - 1) * c.wBytes, 1, c.w, 1, c.O * taps);
    }
  } else {
    share(someImages, CONV, c.N, 1);
  }
  free(c.scratch, bytes);
  return true;
}
