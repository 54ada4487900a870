/**
 * Convolution (as everywhere in deep learning, cross-correlation) and its gradients, after Chellapilla, Puri & Simard,
 * "High Performance Convolutional Neural Networks for Document Processing" (IWFHR 2006): products of the weights and
 * the matrix of patches that the kernel sees, of one image and one group at a time:
 *
 *     output          y   = w p      filters x taps    times  taps x pixels
 *     grad of weights gw' = p gy'    taps x pixels     times  pixels x filters
 *     grad of input   gp  = w' gy    taps x filters    times  filters x pixels, added up where patches overlap
 *
 * With few filters p is never written down (direct.ts). The gradient of the input for stride 1 is a convolution of gy
 * by the turned kernels, and takes whichever path that one would.
 *
 * Tensors are contiguous, spatial sizes last: x [N, C, D, H, W], w [O, C / groups, kD, kH, kW], y [N, O, outD, outH,
 * outW] with outW = floor((W + 2 padW - dilW (kW - 1) - 1) / strideW) + 1 >= 1 and so on. `bias` is O elements, or 0
 * for none. `scratch` is as large as conv2dScratchBytes or conv3dScratchBytes says, aligned to 16 bytes. One spatial
 * dimension is two with H = 1. The gradients overwrite; that of the bias is a sum of gy, and not done here.
 */

import { convolve } from "./forward";
import { Geometry, outputSize } from "./geometry";
import { gradInput, gradWeight } from "./gradients";
import { geometryIn, partsBytes, partsIn } from "./parts";

function describe(
  N: i32, C: i32, D: i32, H: i32, W: i32, O: i32, kD: i32, kH: i32, kW: i32, strideD: i32, strideH: i32, strideW: i32,
  padD: i32, padH: i32, padW: i32, dilD: i32, dilH: i32, dilW: i32, groups: i32,
  scratch: usize,
): Geometry {
  let g = geometryIn(scratch);
  g.batch = N; g.groups = groups; g.channels = C / groups; g.filters = O / groups;
  g.depth = D; g.height = H; g.width = W;
  g.kernelD = kD; g.kernelH = kH; g.kernelW = kW;
  g.strideD = strideD; g.strideH = strideH; g.strideW = strideW;
  g.padD = padD; g.padH = padH; g.padW = padW;
  g.dilationD = dilD; g.dilationH = dilH; g.dilationW = dilW;
  g.outD = outputSize(D, kD, strideD, padD, dilD);
  g.outH = outputSize(H, kH, strideH, padH, dilH);
  g.outW = outputSize(W, kW, strideW, padW, dilW);
  g.derive();
  return g;
}

/** Scratch that each of the three functions needs for a geometry. */
export function conv3dScratchBytes(
  N: i32, C: i32, D: i32, H: i32, W: i32, O: i32, kD: i32, kH: i32, kW: i32, strideD: i32, strideH: i32, strideW: i32,
  padD: i32, padH: i32, padW: i32, dilD: i32, dilH: i32, dilW: i32, groups: i32,
): usize {
  let channels = C / groups, filters = O / groups, size = kD * kH * kW;
  let outD = outputSize(D, kD, strideD, padD, dilD), outH = outputSize(H, kH, strideH, padH, dilH);
  let outW = outputSize(W, kW, strideW, padW, dilW);
  let image = <usize>channels * <usize>(D + 2 * padD) * <usize>(H + 2 * padH) * <usize>(W + 2 * padW + strideW - 1);
  let exchanged = <usize>filters
    * <usize>(D + dilD * (kD - 1)) * <usize>(H + dilH * (kH - 1)) * <usize>(W + dilW * (kW - 1));
  return max(
    partsBytes(groups, filters, channels * size, image, outD * outH, outW),
    partsBytes(groups, channels, filters * size, exchanged, D * H, W),
  );
}

/** conv3dScratchBytes for two spatial dimensions. */
export function conv2dScratchBytes(
  N: i32, C: i32, H: i32, W: i32, O: i32, kH: i32, kW: i32,
  strideH: i32, strideW: i32, padH: i32, padW: i32, dilH: i32, dilW: i32, groups: i32,
): usize {
  return conv3dScratchBytes(
    N, C, 1, H, W, O, 1, kH, kW,
    1, strideH, strideW, 0, padH, padW, 1, dilH, dilW, groups
  );
}

/** Output of a convolution over three spatial dimensions. */
export function f32_conv3d(
  x: usize, w: usize, bias: usize, y: usize,
  N: i32, C: i32, D: i32, H: i32, W: i32, O: i32, kD: i32, kH: i32, kW: i32, strideD: i32, strideH: i32, strideW: i32,
  padD: i32, padH: i32, padW: i32, dilD: i32, dilH: i32, dilW: i32, groups: i32,
  scratch: usize,
): void {
  let g = describe(
    N, C, D, H, W, O, kD, kH, kW,
    strideD, strideH, strideW, padD, padH, padW, dilD, dilH, dilW, groups,
    scratch,
  );
  convolve(g, partsIn(scratch), x, w, bias, y);
}

/** The same for two. */
export function f32_conv2d(
  x: usize, w: usize, bias: usize, y: usize,
  N: i32, C: i32, H: i32, W: i32, O: i32, kH: i32, kW: i32,
  strideH: i32, strideW: i32, padH: i32, padW: i32, dilH: i32, dilW: i32, groups: i32,
  scratch: usize,
): void {
  f32_conv3d(
    x, w, bias, y, N, C, 1, H, W, O, 1, kH, kW,
    1, strideH, strideW, 0, padH, padW, 1, dilH, dilW, groups, scratch,
  );
}

/** Gradient of its input. Also the forward pass of the transposed convolution. */
export function f32_conv3d_grad_input(
  gy: usize, w: usize, gx: usize,
  N: i32, C: i32, D: i32, H: i32, W: i32, O: i32, kD: i32, kH: i32, kW: i32, strideD: i32, strideH: i32, strideW: i32,
  padD: i32, padH: i32, padW: i32, dilD: i32, dilH: i32, dilW: i32, groups: i32,
  scratch: usize,
): void {
  describe(
    N, C, D, H, W, O, kD, kH, kW,
    strideD, strideH, strideW, padD, padH, padW, dilD, dilH, dilW, groups,
    scratch,
  );
  gradInput(gy, w, gx, scratch);
}

/** The same for two. */
export function f32_conv2d_grad_input(
  gy: usize, w: usize, gx: usize,
  N: i32, C: i32, H: i32, W: i32, O: i32, kH: i32, kW: i32,
  strideH: i32, strideW: i32, padH: i32, padW: i32, dilH: i32, dilW: i32, groups: i32,
  scratch: usize,
): void {
  f32_conv3d_grad_input(
    gy, w, gx, N, C, 1, H, W, O, 1, kH, kW,
    1, strideH, strideW, 0, padH, padW, 1, dilH, dilW, groups, scratch,
  );
}

/** Gradient of its weights. */
export function f32_conv3d_grad_weight(
  x: usize, gy: usize, gw: usize,
  N: i32, C: i32, D: i32, H: i32, W: i32, O: i32, kD: i32, kH: i32, kW: i32, strideD: i32, strideH: i32, strideW: i32,
  padD: i32, padH: i32, padW: i32, dilD: i32, dilH: i32, dilW: i32, groups: i32,
  scratch: usize,
): void {
  describe(
    N, C, D, H, W, O, kD, kH, kW,
    strideD, strideH, strideW, padD, padH, padW, dilD, dilH, dilW, groups,
    scratch,
  );
  gradWeight(x, gy, gw, scratch);
}

/** The same for two. */
export function f32_conv2d_grad_weight(
  x: usize, gy: usize, gw: usize,
  N: i32, C: i32, H: i32, W: i32, O: i32, kH: i32, kW: i32,
  strideH: i32, strideW: i32, padH: i32, padW: i32, dilH: i32, dilW: i32, groups: i32,
  scratch: usize,
): void {
  f32_conv3d_grad_weight(
    x, gy, gw, N, C, 1, H, W, O, 1, kH, kW,
    1, strideH, strideW, 0, padH, padW, 1, dilH, dilW, groups, scratch,
  );
}
