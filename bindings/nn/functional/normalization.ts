/** Normalisation: numbers shifted and scaled so that some of them together have mean 0 and variance 1. */
import { Op } from "../../../assembly/abi/op.ts";
import { noGrad } from "../../autograd/mode.ts";
import type { SavedNode } from "../../autograd/node.ts";
import { defineRule } from "../../autograd/rules.ts";
import { expectTensor, named } from "../../core/args.ts";
import { callN, wrap } from "../../core/dispatch.ts";
import { DTypeError, ShapeError } from "../../core/errors.ts";
import { nameCode, renamed, savingInputs } from "../../core/names.ts";
import { core, setScalars } from "../../core/wasm.ts";
import { product } from "../../ops/geometry.ts";
import { constantPadNd } from "../../ops/pad.ts";
import type { Tensor } from "../../tensor.ts";
import { avgPool2d, avgPool3d } from "./pooling.ts";
import { listed } from "./window.ts";

const BATCH_NORM: number = /* @__PURE__ */ nameCode("NativeBatchNormBackward0");
const GROUP_NORM: number = /* @__PURE__ */ nameCode("NativeGroupNormBackward0");

interface AffineOptions {
  /** Factor of the normalised numbers. */
  weight?: Tensor | null;
  /** Added to them. */
  bias?: Tensor | null;
  /** Added to the variance, so that nothing is divided by 0. Default 1e-5. */
  eps?: number;
}

export interface BatchNormOptions extends AffineOptions {
  runningMean?: Tensor | null;
  runningVar?: Tensor | null;
  /** Whether the statistics are those of the batch rather than the running ones. Default false. */
  training?: boolean;
  /** How much the batch counts in the running statistics. Default 0.1. */
  momentum?: number;
}

export interface InstanceNormOptions extends AffineOptions {
  runningMean?: Tensor | null;
  runningVar?: Tensor | null;
  /** Whether the statistics are those of the input rather than the running ones. Default true. */
  useInputStats?: boolean;
  momentum?: number;
}

export interface LayerNormOptions extends AffineOptions {
  normalizedShape?: number | readonly number[];
}

export interface GroupNormOptions extends AffineOptions {
  numGroups?: number;
}

export interface LocalResponseNormOptions {
  size?: number;
  alpha?: number;
  beta?: number;
  k?: number;
}

/** The result, and the statistics that it was made with. @param rows the shape that is normalised, nothing for channels */
function normalised(
  op: Op,
  input: Tensor,
  rows: readonly number[],
  { weight, bias, eps = 1e-5 }: AffineOptions,
  caller: string,
): [Tensor, Tensor] {
  if (input.dtype !== "float32")
    throw new DTypeError(`${caller}: not implemented for dtype ${input.dtype}; expected float32`);
  const inputs: (Tensor | null)[] = [input, null];
  if (weight) inputs.push(weight);
  if (bias) inputs.push(bias);
  setScalars(eps, 0);
  const result = callN(op, inputs, [product(rows), weight ? 1 : 0, bias ? 1 : 0, rows.length], caller);
  return [result, wrap(core.lastAuxiliary())];
}

/** @internal */
export function checkLike(t: Tensor | null | undefined, shape: readonly number[], what: string): void {
  if (!t || listed(t.shape) === listed(shape)) return;
  throw new ShapeError(
    `Expected ${what} to be of same shape as normalized_shape, but got ${what} of shape ${listed(t.shape)} and normalized_shape = ${listed(shape)}`,
  );
}

type LayerArguments = [
  normalizedShape: number | readonly number[] | LayerNormOptions,
  weight?: Tensor | null | LayerNormOptions,
  bias?: Tensor | null | LayerNormOptions,
  eps?: number | LayerNormOptions,
];

/**
 * (x − mean) / √(var + eps) · weight + bias, mean and biased variance over the last dimensions, which are `normalizedShape`.
 *
 * Ba, Kiros and Hinton, Layer Normalization, arXiv:1607.06450.
 * @param input float32 [..., normalizedShape] @returns the shape of `input`; weight and bias have shape `normalizedShape`
 * @throws {ShapeError} an input that does not end in `normalizedShape`
 * @example nn.functional.layerNorm(tensor([[1, 3]]), [2], { eps: 0 }).tolist() // [[-1, 1]]
 */
export function layerNorm(input: Tensor, ...args: LayerArguments): Tensor {
  const options = named<LayerNormOptions>("layerNorm", args, ["normalizedShape", "weight", "bias", "eps"]);
  expectTensor(input, "layerNorm", "input");
  const given = options.normalizedShape ?? [];
  const shape = typeof given === "number" ? [given] : [...given];
  if (shape.length === 0) {
    throw new ShapeError(
      "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got normalized_shape = []",
    );
  }
  const own = input.shape;
  if (own.length < shape.length || listed(own.slice(-shape.length)) !== listed(shape)) {
    throw new ShapeError(
      `Given normalized_shape=${listed(shape)}, expected input with shape [*, ${shape.join(", ")}], but got input of size${listed(own)}`,
    );
  }
  checkLike(options.weight, shape, "weight");
  checkLike(options.bias, shape, "bias");
  return normalised(Op.LayerNorm, input, shape, options, "layerNorm")[0];
}

function checkChannels(t: Tensor | null | undefined, channels: number, what: string): void {
  if (!t || t.numel() === channels) return;
  throw new ShapeError(`${what} should contain ${channels} elements not ${t.numel()}`);
}

/** Elements that share a mean: the batch and what comes after the channels. */
function perChannel(shape: readonly number[]): number {
  return shape.reduce((count, size, dim) => (dim === 1 ? count : count * size), 1);
}

/** running ← (1 − momentum) running + momentum · batch, with the unbiased variance. */
function updateRunning(
  { runningMean, runningVar, momentum = 0.1 }: BatchNormOptions,
  mean: Tensor,
  variance: Tensor,
  count: number,
): void {
  noGrad(() => {
    runningMean?.mul_(1 - momentum).add_(mean, { alpha: momentum });
    runningVar?.mul_(1 - momentum).add_(variance, { alpha: (momentum * count) / (count - 1) });
  });
}

/** One number for each channel, laid beside an input of `ndim` dimensions. */
function beside(channels: Tensor, ndim: number): Tensor {
  return channels.reshape([-1, ...new Array<number>(Math.max(ndim - 2, 0)).fill(1)]);
}

/** With the running statistics the channels are only scaled and shifted. */
function withRunning(input: Tensor, { runningMean, runningVar, weight, bias, eps = 1e-5 }: BatchNormOptions): Tensor {
  if (!runningMean) throw new ShapeError("running_mean must be defined in evaluation mode");
  if (!runningVar) throw new ShapeError("running_var must be defined in evaluation mode");
  const rstd = runningVar.add(eps).rsqrt();
  const scale = weight ? rstd.mul(weight) : rstd;
  const shift = runningMean.mul(scale).neg();
  const scaled = savingInputs(input.mul(beside(scale, input.ndim)));
  return renamed(scaled.add(beside(bias ? shift.add(bias) : shift, input.ndim)), BATCH_NORM);
}

type BatchArguments = [
  runningMean: Tensor | null | BatchNormOptions,
  runningVar?: Tensor | null | BatchNormOptions,
  weight?: Tensor | null | BatchNormOptions,
  bias?: Tensor | null | BatchNormOptions,
  training?: boolean | BatchNormOptions,
  momentum?: number | BatchNormOptions,
  eps?: number | BatchNormOptions,
];

const BATCH_NAMES = ["runningMean", "runningVar", "weight", "bias", "training", "momentum", "eps"] as const;

/**
 * (x − mean) / √(var + eps) · weight + bias for each channel. In training mean and biased variance are those of the batch,
 * and the running ones move towards them (with the unbiased variance); otherwise they are the running ones.
 *
 * Ioffe and Szegedy, Batch Normalization, arXiv:1502.03167.
 * @param input float32 [N, C] or [N, C, ...]; everything else [C]
 * @throws {ShapeError} a single value per channel in training; no running statistics otherwise
 * @example nn.functional.batchNorm(tensor([[1], [3]]), null, null, { training: true, eps: 0 }).tolist() // [[-1], [1]]
 */
export function batchNorm(input: Tensor, ...args: BatchArguments): Tensor {
  expectTensor(input, "batchNorm", "input");
  const options = named<BatchNormOptions>("batchNorm", args, BATCH_NAMES);
  const { shape } = input;
  const channels = shape.length > 1 ? shape[1] : 0;
  for (const name of ["runningMean", "runningVar", "weight", "bias"] as const) {
    checkChannels(
      options[name],
      channels,
      name.replace(/[A-Z]/, (c) => `_${c.toLowerCase()}`),
    );
  }
  if (!options.training) return withRunning(input, options);
  const count = perChannel(shape);
  if (count === 1) {
    throw new ShapeError(
      `Expected more than 1 value per channel when training, got input size torch.Size(${listed(shape)})`,
    );
  }
  const [result, statistics] = normalised(Op.BatchNorm, input, [], options, "batchNorm");
  if (count > 0) updateRunning(options, statistics.select(0, 0), statistics.select(0, 2), count);
  return result;
}

type InstanceArguments = [
  runningMean?: Tensor | null | InstanceNormOptions,
  runningVar?: Tensor | null | InstanceNormOptions,
  weight?: Tensor | null | InstanceNormOptions,
  bias?: Tensor | null | InstanceNormOptions,
  useInputStats?: boolean | InstanceNormOptions,
  momentum?: number | InstanceNormOptions,
  eps?: number | InstanceNormOptions,
];

const INSTANCE_NAMES = ["runningMean", "runningVar", "weight", "bias", "useInputStats", "momentum", "eps"] as const;

/**
 * Batch normalisation of each image by itself: mean and variance over the spatial dimensions.
 *
 * Ulyanov, Vedaldi and Lempitsky, arXiv:1607.08022.
 * @param input float32 [N, C, ...]; everything else [C]
 * @throws {ShapeError} a single spatial element
 * @example nn.functional.instanceNorm(tensor([[[1, 3], [5, 9]]])).tolist() // [[[-1.0000, 1.0000], [-1.0000, 1.0000]]]
 */
export function instanceNorm(input: Tensor, ...args: InstanceArguments): Tensor {
  expectTensor(input, "instanceNorm", "input");
  const options = named<InstanceNormOptions>("instanceNorm", args, INSTANCE_NAMES);
  const { runningMean, runningVar, weight, bias, useInputStats = true, momentum = 0.1, eps } = options;
  const { shape } = input;
  if (shape.length < 3)
    throw new ShapeError(`instanceNorm: Expected at least 3 dimensions, got input of size ${listed(shape)}`);
  if (!useInputStats) {
    if (!runningMean || !runningVar) {
      throw new ShapeError("Expected running_mean and running_var to be defined when use_input_stats is false");
    }
    return batchNorm(input, { runningMean, runningVar, weight, bias, eps });
  }
  const [batch, channels, ...spatial] = shape;
  const count = product(spatial);
  if (count === 1) {
    throw new ShapeError(
      `Expected more than 1 spatial element when training, got input size torch.Size(${listed(shape)})`,
    );
  }
  for (const [t, name] of [
    [weight, "weight"],
    [bias, "bias"],
  ] as const) {
    checkChannels(t, channels, name);
  }
  const images = input.reshape([1, batch * channels, ...spatial]);
  const repeated = { weight: weight && repeat(weight, batch), bias: bias && repeat(bias, batch), eps };
  const [result, statistics] = normalised(Op.BatchNorm, images, [], repeated, "instanceNorm");
  if ((runningMean || runningVar) && count > 0) {
    const [mean, variance] = [0, 2].map((row) => statistics.select(0, row).reshape([batch, channels]).mean(0));
    updateRunning({ runningMean, runningVar, momentum }, mean, variance, count);
  }
  return result.reshape(shape);
}

/** The same numbers for every image. */
function repeat(channels: Tensor, batch: number): Tensor {
  return channels.expand([batch, channels.numel()]).reshape([-1]);
}

type GroupArguments = [
  numGroups: number | GroupNormOptions,
  weight?: Tensor | null | GroupNormOptions,
  bias?: Tensor | null | GroupNormOptions,
  eps?: number | GroupNormOptions,
];

/**
 * (x − mean) / √(var + eps) · weight + bias, mean and biased variance over each of `numGroups` groups of neighbouring channels
 * of an image.
 *
 * Wu and He, Group Normalization, arXiv:1803.08494.
 * @param input float32 [N, C, ...]; weight and bias [C]
 * @throws {ShapeError} channels that cannot be divided into so many groups
 * @example nn.functional.groupNorm(tensor([[[1, 3], [5, 9]]]), 2).tolist() // [[[-1.0000, 1.0000], [-1.0000, 1.0000]]]
 */
export function groupNorm(input: Tensor, ...args: GroupArguments): Tensor {
  expectTensor(input, "groupNorm", "input");
  const options = named<GroupNormOptions>("groupNorm", args, ["numGroups", "weight", "bias", "eps"]);
  const { numGroups = Number.NaN, weight, bias, eps } = options;
  const { shape } = input;
  if (shape.length < 2)
    throw new ShapeError(`groupNorm: Expected at least 2 dimensions, got input of size ${listed(shape)}`);
  const [batch, channels] = shape;
  if (!Number.isInteger(numGroups) || numGroups < 1 || channels % numGroups !== 0) {
    throw new ShapeError(
      `Expected number of channels in input to be divisible by num_groups, but got input of shape ${listed(shape)} and num_groups=${numGroups}`,
    );
  }
  for (const [t, what] of [
    [weight, "weight"],
    [bias, "bias"],
  ] as const) {
    if (!t || (t.ndim === 1 && t.numel() === channels)) continue;
    throw new ShapeError(
      `Expected ${what} to be a vector of size equal to the number of channels in input, but got ${what} of shape ${listed(t.shape)} ` +
        `and input of shape ${listed(shape)}`,
    );
  }
  const size = (channels / numGroups) * product(shape.slice(2));
  if (batch * size === 1) {
    throw new ShapeError(`Expected more than 1 value per channel when training, got input size ${listed(shape)}`);
  }
  const rows = input.reshape([batch * numGroups, size]);
  let result = normalised(Op.LayerNorm, rows, [size], { eps }, "groupNorm")[0].reshape(shape);
  if (weight) result = result.mul(beside(weight, shape.length));
  if (bias) result = result.add(beside(bias, shape.length));
  return renamed(result, GROUP_NORM);
}

type LocalArguments = [
  size: number | LocalResponseNormOptions,
  alpha?: number | LocalResponseNormOptions,
  beta?: number | LocalResponseNormOptions,
  k?: number | LocalResponseNormOptions,
];

/**
 * x / (k + alpha · m)^beta, where m is the mean of x² over `size` neighbouring channels, those that do not exist being 0.
 * Defaults: alpha 1e-4, beta 0.75, k 1.
 *
 * Krizhevsky, Sutskever and Hinton, ImageNet Classification with Deep Convolutional Neural Networks, 2012, section 3.3.
 * @param input float32 [N, C, ...] with at least one spatial dimension
 * @example nn.functional.localResponseNorm(ones(1, 4, 2), 2).shape // [1, 4, 2]
 */
export function localResponseNorm(input: Tensor, ...args: LocalArguments): Tensor {
  expectTensor(input, "localResponseNorm", "input");
  const options = named<LocalResponseNormOptions>("localResponseNorm", args, ["size", "alpha", "beta", "k"]);
  const { size = Number.NaN, alpha = 1e-4, beta = 0.75, k = 1 } = options;
  const { shape } = input;
  if (shape.length < 3) {
    throw new ShapeError(`Expected 3D or higher dimensionality input (got ${shape.length} dimensions)`);
  }
  if (input.numel() === 0) return input;
  const [batch, channels, first, ...rest] = shape;
  const border = [Math.floor(size / 2), Math.floor((size - 1) / 2)];
  const squares = input.square();
  // Channels take the place of a spatial dimension; what comes behind the first one that is there is one dimension.
  const means =
    rest.length === 0
      ? avgPool2d(constantPadNd(squares.unsqueeze(1), [0, 0, ...border]), [size, 1], { stride: 1 })
      : avgPool3d(
          constantPadNd(squares.reshape([batch, 1, channels, first, -1]), [0, 0, 0, 0, ...border]),
          [size, 1, 1],
          { stride: 1 },
        );
  return input.div(means.reshape(shape).mul(alpha).add(k).pow(beta));
}

/** A gradient of x under (x − mean) · rstd, given the dimensions of the mean; differentiable in x and h. */
function centredGradient(x: Tensor, h: Tensor, dims: readonly number[], eps: number): [Tensor, Tensor] {
  const centred = x.sub(x.mean(dims, true));
  const rstd = centred.square().mean(dims, true).add(eps).rsqrt();
  const hat = centred.mul(rstd);
  const slope = h.mul(hat).mean(dims, true);
  return [rstd.mul(h.sub(h.mean(dims, true)).sub(hat.mul(slope))), hat];
}

/**
 * With h = g · weight, both normalisations have the gradient rstd (h − mean(h) − x̂ mean(h x̂)); weight and bias get g x̂ and g,
 * summed over all that they were stretched over.
 */
function normRule(
  g: Tensor,
  n: SavedNode,
  dims: readonly number[],
  shared: readonly number[],
  shape: (w: Tensor) => Tensor,
): (Tensor | null)[] {
  const x = n.input(0);
  const hasWeight = n.list(1) !== 0;
  const h = hasWeight ? g.mul(shape(n.input(2))) : g;
  const [gx, hat] = centredGradient(x, h, dims, n.s0);
  const gradients: (Tensor | null)[] = [n.needs(0) ? gx : null, null];
  const summed = (t: Tensor): Tensor => (shared.length ? t.sum(shared) : t);
  if (hasWeight) gradients.push(n.needs(2) ? summed(g.mul(hat)) : null);
  if (n.list(2) !== 0) gradients.push(n.needs(gradients.length) ? summed(g) : null);
  return gradients;
}

defineRule(Op.LayerNorm, (g, n) => {
  const dims = n.input(0).shape.map((_, dim) => dim);
  const first = dims.length - n.list(3);
  return normRule(g, n, dims.slice(first), dims.slice(0, first), (w) => w);
});

defineRule(Op.BatchNorm, (g, n) => {
  const { ndim } = n.input(0);
  const dims = Array.from({ length: ndim }, (_, dim) => dim).filter((dim) => dim !== 1);
  return normRule(g, n, dims, dims, (w) => beside(w, ndim));
});
