/**
 * Convolutions over one, two and three spatial dimensions, and their transposes. As everywhere in deep learning, what is
 * called convolution is cross-correlation: kernels are not turned.
 *
 * Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285.
 */
import { Op } from "../../../assembly/abi/op.ts";
import type { SavedNode } from "../../autograd/node.ts";
import { defineRule } from "../../autograd/rules.ts";
import { expectTensor, MAX_NUMEL, named } from "../../core/args.ts";
import { callN } from "../../core/dispatch.ts";
import { ShapeError } from "../../core/errors.ts";
import { constantPadNd } from "../../ops/pad.ts";
import type { Tensor } from "../../tensor.ts";
import { listed, padded, perDimension, type Sizes } from "./window.ts";

export interface ConvOptions {
  bias?: Tensor | null;
  /** Distance between neighbouring windows, 1 by default. */
  stride?: Sizes;
  /** Zeros added at both ends of each dimension; "same": as many as keep the size; "valid": none. */
  padding?: Sizes | "same" | "valid";
  /** Distance between the taps of a kernel, 1 by default. */
  dilation?: Sizes;
  /** Channels and filters are cut into this many groups that do not see each other. */
  groups?: number;
}

export interface ConvTransposeOptions {
  bias?: Tensor | null;
  stride?: Sizes;
  padding?: Sizes;
  /** Added to one end of the result: with a stride above 1 several sizes convolve to one, and this chooses. */
  outputPadding?: Sizes;
  groups?: number;
  dilation?: Sizes;
}

/** What was given, one number for each spatial dimension. */
interface Geometry {
  stride: number[];
  padding: number[];
  dilation: number[];
  groups: number;
}

const CONV_ARGUMENTS = ["bias", "stride", "padding", "dilation", "groups"] as const;
const TRANSPOSE_ARGUMENTS = ["bias", "stride", "padding", "outputPadding", "groups", "dilation"] as const;

function sum(t: Tensor): Tensor {
  return t.sum([0, ...Array.from({ length: t.ndim - 2 }, (_, i) => i + 2)]);
}

/** Gives an input without batch dimension one, for as long as `body` runs. */
function batched(input: Tensor, dims: number, caller: string, body: (input: Tensor) => Tensor): Tensor {
  expectTensor(input, caller, "input");
  if (input.ndim === dims + 2) return body(input);
  if (input.ndim === dims + 1) return body(input.unsqueeze(0)).squeeze(0);
  throw new ShapeError(
    `Expected ${dims + 1}D (unbatched) or ${dims + 2}D (batched) input to ${caller}, but got input of size: ${listed(input.shape)}`,
  );
}

function checkGeometry({ stride, padding, dilation, groups }: Geometry): void {
  if (padding.some((p) => p < 0)) throw new ShapeError("negative padding is not supported");
  if (stride.some((s) => s < 1)) throw new ShapeError("non-positive stride is not supported");
  if (dilation.some((d) => d < 1)) {
    throw new ShapeError(`dilation should be greater than zero, but got ${listed(dilation)}`);
  }
  if (!Number.isInteger(groups) || groups < 1) throw new ShapeError("non-positive groups is not supported");
}

/** The checks that concern the weights; they lie as [first, second, ...kernel]. */
function checkWeight(
  weight: Tensor,
  bias: Tensor | null,
  filters: number,
  { groups }: Geometry,
  transposed: string,
): void {
  const { shape } = weight;
  if (shape[0] < groups) {
    throw new ShapeError(
      `Given groups=${groups}, expected weight to be at least ${groups} at dimension 0, but got weight of size ${listed(shape)} instead`,
    );
  }
  if (shape[0] % groups !== 0) {
    throw new ShapeError(
      `Given groups=${groups}, expected weight to be divisible by ${groups} at dimension 0, but got weight of size [${listed(shape)}] instead`,
    );
  }
  if (shape.slice(2).some((k) => k < 1)) {
    throw new ShapeError(`kernel size should be greater than zero, but got ${listed(shape.slice(2))}`);
  }
  if (bias && (bias.ndim !== 1 || bias.numel() !== filters)) {
    throw new ShapeError(
      `Given ${transposed}weight of size ${listed(shape)}, expected bias to be 1-dimensional with ${filters} elements, but got ` +
        `bias of size ${listed(bias.shape)} instead`,
    );
  }
}

/** Sizes are counted in 32 bits; what a bordered image or a kernel spans must fit. */
function checkExtent(
  x: readonly number[],
  kernel: readonly number[],
  { stride, padding, dilation, groups }: Geometry,
): void {
  const spans = x.slice(2).map((size, i) => size + 2 * padding[i] + stride[i] + dilation[i] * (kernel[i] - 1));
  if (spans.reduce((a, b) => a * b, x[1] / groups) > MAX_NUMEL) {
    throw new ShapeError(
      `conv: an input of size ${listed(x)} with padding ${listed(padding)} and dilation ${listed(dilation)} is too large`,
    );
  }
}

function checkChannels(transposed: string, weight: Tensor, input: Tensor, expected: number): void {
  if (input.size(1) === expected) return;
  throw new ShapeError(
    `Given ${transposed}, weight of size ${listed(weight.shape)}, expected input${listed(input.shape)} to have ${expected} ` +
      `channels, but got ${input.size(1)} channels instead`,
  );
}

function checkRank(weight: Tensor, dims: number, caller: string): void {
  expectTensor(weight, caller, "weight");
  if (weight.ndim === dims + 2) return;
  throw new ShapeError(
    `Expected ${weight.ndim}-dimensional input for ${weight.ndim}-dimensional weight ${listed(weight.shape)}: ${caller} takes a ` +
      `weight with ${dims + 2} dimensions`,
  );
}

/** The list that the core wants; behind it sizes of the result, if they do not follow. */
function attributes({ groups, stride, padding, dilation }: Geometry, sizes: readonly number[] = []): number[] {
  return [groups, ...padded(stride, 1), ...padded(padding, 0), ...padded(dilation, 1), ...sizes];
}

/** Zeros behind the last element of each spatial dimension. */
function padBehind(image: Tensor, counts: readonly number[]): Tensor {
  return constantPadNd(
    image,
    [...counts].reverse().flatMap((count) => [0, count]),
  );
}

/** Zeros at both ends, where "same" asks for an uneven number one more at the far end. */
function samePadding(kernel: readonly number[], { stride, dilation }: Geometry): { near: number[]; far: number[] } {
  if (stride.some((s) => s !== 1)) throw new ShapeError("padding='same' is not supported for strided convolutions");
  const total = kernel.map((k, i) => dilation[i] * (k - 1));
  const near = total.map((t) => Math.floor(t / 2));
  return { near, far: total.map((t, i) => t - near[i]) };
}

function conv(dims: number, caller: string, input: Tensor, weight: Tensor, args: readonly unknown[]): Tensor {
  const {
    bias = null,
    stride = 1,
    padding = 0,
    dilation = 1,
    groups = 1,
  } = named<ConvOptions>(caller, args, CONV_ARGUMENTS);
  return batched(input, dims, caller, (x) => {
    checkRank(weight, dims, caller);
    if (typeof padding === "string" && padding !== "same" && padding !== "valid") {
      throw new ShapeError(`Invalid padding string: '${padding}'`);
    }
    const geometry: Geometry = {
      stride: perDimension(stride, dims, "stride"),
      padding: perDimension(typeof padding === "string" ? 0 : padding, dims, "padding"),
      dilation: perDimension(dilation, dims, "dilation"),
      groups,
    };
    checkGeometry(geometry);
    checkWeight(weight, bias, weight.size(0), geometry, "");
    checkChannels(`groups=${groups}`, weight, x, weight.size(1) * groups);
    const kernel = weight.shape.slice(2);
    let image = x;
    if (padding === "same") {
      const { near, far } = samePadding(kernel, geometry);
      geometry.padding = near;
      const more = far.map((f, i) => f - near[i]);
      if (more.some((m) => m > 0)) image = padBehind(x, more);
    }
    const span = image.shape.slice(2).map((size, i) => size + 2 * geometry.padding[i]);
    const reach = kernel.map((k, i) => geometry.dilation[i] * (k - 1) + 1);
    if (span.some((size, i) => size < reach[i])) {
      throw new ShapeError(
        `Calculated padded input size per channel: (${span.join(" x ")}). Kernel size: (${reach.join(" x ")}). Kernel size can't be ` +
          "greater than actual input size",
      );
    }
    checkExtent(image.shape, kernel, geometry);
    return callN(Op.Conv, bias ? [image, weight, bias] : [image, weight], attributes(geometry), caller);
  });
}

function convTranspose(dims: number, caller: string, input: Tensor, weight: Tensor, args: readonly unknown[]): Tensor {
  const options = named<ConvTransposeOptions>(caller, args, TRANSPOSE_ARGUMENTS);
  const { bias = null, stride = 1, padding = 0, outputPadding = 0, groups = 1, dilation = 1 } = options;
  return batched(input, dims, caller, (y) => {
    checkRank(weight, dims, caller);
    const geometry: Geometry = {
      stride: perDimension(stride, dims, "stride"),
      padding: perDimension(padding, dims, "padding"),
      dilation: perDimension(dilation, dims, "dilation"),
      groups,
    };
    const extra = perDimension(outputPadding, dims, "output_padding");
    checkGeometry(geometry);
    if (extra.some((e) => e < 0)) throw new ShapeError("negative output_padding is not supported");
    const filters = weight.size(1) * groups;
    checkWeight(weight, bias, filters, geometry, "transposed=1, ");
    checkChannels("transposed=1", weight, y, weight.size(0));
    if (extra.some((e, i) => e >= Math.max(geometry.stride[i], geometry.dilation[i]))) {
      throw new ShapeError(
        `output padding must be smaller than either stride or dilation, but got output_padding ${listed(extra)}, stride ` +
          `${listed(geometry.stride)}, dilation ${listed(geometry.dilation)}`,
      );
    }
    const image = y.shape.slice(2);
    const kernel = weight.shape.slice(2);
    const sizes = image.map(
      (size, i) =>
        (size - 1) * geometry.stride[i] -
        2 * geometry.padding[i] +
        geometry.dilation[i] * (kernel[i] - 1) +
        extra[i] +
        1,
    );
    if (sizes.some((size) => size < 1)) {
      throw new ShapeError(
        `Given input size per channel: (${image.join(" x ")}). Calculated output size per channel: (${sizes.join(" x ")}). Output size is too small`,
      );
    }
    checkExtent([y.size(0), filters, ...sizes], kernel, geometry);
    // A convolution of the result has one window more for each stride of output padding; it meets a zero.
    const windows = extra.map((e, i) => Math.floor(e / geometry.stride[i]));
    const whole = windows.some((w) => w > 0) ? padBehind(y, windows) : y;
    return callN(Op.ConvTranspose, bias ? [whole, weight, bias] : [whole, weight], attributes(geometry, sizes), caller);
  });
}

type ConvArguments = [
  bias?: Tensor | null | ConvOptions,
  stride?: Sizes | null | ConvOptions,
  padding?: Sizes | "same" | "valid" | null | ConvOptions,
  dilation?: Sizes | null | ConvOptions,
  groups?: number | null | ConvOptions,
];

type TransposeArguments = [
  bias?: Tensor | null | ConvTransposeOptions,
  stride?: Sizes | null | ConvTransposeOptions,
  padding?: Sizes | null | ConvTransposeOptions,
  outputPadding?: Sizes | null | ConvTransposeOptions,
  groups?: number | null | ConvTransposeOptions,
  dilation?: Sizes | null | ConvTransposeOptions,
];

/**
 * Convolution along one dimension: see `conv2d`.
 * @param input [N, C, L] or [C, L] @param weight [O, C / groups, k] @returns [N, O, L'] or [O, L']
 * @example nn.functional.conv1d(tensor([[[1, 2, 3]]]), tensor([[[1, 1]]])).tolist() // [[[3, 5]]]
 */
export function conv1d(input: Tensor, weight: Tensor, ...options: ConvArguments): Tensor {
  return conv(1, "conv1d", input, weight, options);
}

/**
 * yₒ(p) = biasₒ + Σ over channels c and taps k of w(o, c, k) · x(c, p · stride − padding + k · dilation), x being 0 outside.
 * @param input [N, C, H, W] or [C, H, W], float32 @param weight [O, C / groups, kH, kW]
 * @returns [N, O, H', W'], H' = ⌊(H + 2 padding − dilation (kH − 1) − 1) / stride⌋ + 1
 * @throws {ShapeError} sizes that do not fit, an input smaller than the kernel, "same" with a stride
 * @example nn.functional.conv2d(ones([1, 1, 3, 3]), ones([1, 1, 2, 2])).shape // [1, 1, 2, 2]
 */
export function conv2d(input: Tensor, weight: Tensor, ...options: ConvArguments): Tensor {
  return conv(2, "conv2d", input, weight, options);
}

/**
 * Convolution along three dimensions: see `conv2d`.
 * @param input [N, C, D, H, W] or [C, D, H, W] @param weight [O, C / groups, kD, kH, kW]
 * @example nn.functional.conv3d(ones(1, 2, 4, 4, 4), ones(3, 2, 2, 2, 2)).shape // [1, 3, 3, 3, 3]
 */
export function conv3d(input: Tensor, weight: Tensor, ...options: ConvArguments): Tensor {
  return conv(3, "conv3d", input, weight, options);
}

/**
 * Transposed convolution along one dimension: see `convTranspose2d`.
 * @example nn.functional.convTranspose1d(tensor([[[1, 2]]]), tensor([[[1, 1]]])).tolist() // [[[1, 3, 2]]]
 */
export function convTranspose1d(input: Tensor, weight: Tensor, ...options: TransposeArguments): Tensor {
  return convTranspose(1, "convTranspose1d", input, weight, options);
}

/**
 * The linear map whose matrix is the transpose of that of `conv2d` with the same weight and geometry, plus a bias: what
 * carries gradients back through a convolution, used to make images larger.
 * @param input [N, C, H, W] or [C, H, W] @param weight [C, O / groups, kH, kW]
 * @returns [N, O, H', W'], H' = (H − 1) stride − 2 padding + dilation (kH − 1) + outputPadding + 1
 * @throws {ShapeError} sizes that do not fit, a result without elements
 * @example nn.functional.convTranspose2d(ones([1, 1, 2, 2]), ones([1, 1, 2, 2]), { stride: 2 }).shape // [1, 1, 4, 4]
 */
export function convTranspose2d(input: Tensor, weight: Tensor, ...options: TransposeArguments): Tensor {
  return convTranspose(2, "convTranspose2d", input, weight, options);
}

/**
 * Transposed convolution along three dimensions: see `convTranspose2d`.
 * @example nn.functional.convTranspose3d(ones(1, 2, 3, 3, 3), ones(2, 3, 2, 2, 2)).shape // [1, 3, 4, 4, 4]
 */
export function convTranspose3d(input: Tensor, weight: Tensor, ...options: TransposeArguments): Tensor {
  return convTranspose(3, "convTranspose3d", input, weight, options);
}

/** The attributes that the three primitives share, with sizes of another result. */
function withSizes(n: SavedNode, sizes: readonly number[]): number[] {
  return [...Array.from({ length: 10 }, (_, i) => n.list(i)), ...sizes];
}

/** Whether the gradient of an input is wanted, and then it. */
function wanted(n: SavedNode, i: number, gradient: () => Tensor): Tensor | null {
  return n.needs(i) ? gradient() : null;
}

function withBias(gradients: (Tensor | null)[], n: SavedNode, g: Tensor): (Tensor | null)[] {
  return n.inputCount === 3 ? [...gradients, wanted(n, 2, () => sum(g))] : gradients;
}

defineRule(Op.Conv, (g, n) => {
  const [x, w] = [n.input(0), n.input(1)];
  const gradients = [
    wanted(n, 0, () => callN(Op.ConvTranspose, [g, w], withSizes(n, x.shape.slice(2)), "conv backward")),
    wanted(n, 1, () => callN(Op.ConvWeight, [x, g], withSizes(n, w.shape.slice(2)), "conv backward")),
  ];
  return withBias(gradients, n, g);
});

defineRule(Op.ConvTranspose, (g, n) => {
  const [y, w] = [n.input(0), n.input(1)];
  const gradients = [
    wanted(n, 0, () => callN(Op.Conv, [g, w], withSizes(n, []), "conv backward")),
    wanted(n, 1, () => callN(Op.ConvWeight, [g, y], withSizes(n, w.shape.slice(2)), "conv backward")),
  ];
  return withBias(gradients, n, g);
});

defineRule(Op.ConvWeight, (g, n) => {
  const [x, y] = [n.input(0), n.input(1)];
  return [
    wanted(n, 0, () => callN(Op.ConvTranspose, [y, g], withSizes(n, x.shape.slice(2)), "conv backward")),
    wanted(n, 1, () => callN(Op.Conv, [x, g], withSizes(n, []), "conv backward")),
  ];
});
