/** Normalisation as modules, with parameters and running statistics of their own. */
import { isOptions, named } from "../../core/args.ts";
import { ShapeError } from "../../core/errors.ts";
import { heapTensor } from "../../ops/creation.ts";
import type { Tensor } from "../../tensor.ts";
import { rmsNorm } from "../functional/native-norm.ts";
import { batchNorm, groupNorm, instanceNorm, layerNorm, localResponseNorm } from "../functional/normalization.ts";
import { ones_, zeros_ } from "../init.ts";
import { Module } from "../module.ts";
import { emptyParameter, type Parameter } from "../parameter.ts";
import { pythonBool, pythonFloat } from "../print.ts";
import { pythonTuple } from "./repr.ts";

export interface NormOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** How much a batch counts in the running statistics; null: as much as each one before. Default 0.1. */
  momentum?: number | null;
  /** Learnable weight and bias. */
  affine?: boolean;
  /** Keep running statistics and use them in eval. */
  trackRunningStats?: boolean;
}

export type NormArguments = [
  eps?: number | NormOptions,
  momentum?: number | null | NormOptions,
  affine?: boolean | NormOptions,
  trackRunningStats?: boolean | NormOptions,
];

interface Defaults {
  affine: boolean;
  trackRunningStats: boolean;
}

/** Weight and bias for each channel, running mean and variance. */
export abstract class RunningNorm extends Module {
  weight: Parameter | null;
  bias: Parameter | null;
  declare running_mean: Tensor | null;
  declare running_var: Tensor | null;
  declare num_batches_tracked: Tensor | null;
  readonly numFeatures: number;
  readonly eps: number;
  momentum: number | null;
  readonly affine: boolean;
  readonly trackRunningStats: boolean;

  constructor(numFeatures: number, args: NormArguments, defaults: Defaults) {
    super();
    const names = ["eps", "momentum", "affine", "trackRunningStats"] as const;
    const given = named<NormOptions>(new.target.name, args, names);
    const isCumulative = args[1] === null || args.some((arg) => isOptions(arg) && arg.momentum === null);
    this.numFeatures = numFeatures;
    this.eps = given.eps ?? 1e-5;
    this.momentum = isCumulative ? null : (given.momentum ?? 0.1);
    this.affine = given.affine ?? defaults.affine;
    this.trackRunningStats = given.trackRunningStats ?? defaults.trackRunningStats;
    this.weight = this.affine ? emptyParameter(numFeatures) : null;
    this.bias = this.affine ? emptyParameter(numFeatures) : null;
    const buffer = (shape: number[], dtype: "float32" | "int32"): Tensor | null =>
      this.trackRunningStats ? heapTensor(shape, dtype) : null;
    this.registerBuffer("running_mean", buffer([numFeatures], "float32"));
    this.registerBuffer("running_var", buffer([numFeatures], "float32"));
    this.registerBuffer("num_batches_tracked", buffer([], "int32"));
    this.resetParameters();
  }

  /** Running mean 0, variance 1, nothing counted. */
  resetRunningStats(): void {
    if (this.running_mean) zeros_(this.running_mean);
    if (this.running_var) ones_(this.running_var);
    if (this.num_batches_tracked) zeros_(this.num_batches_tracked);
  }

  /** Weight 1, bias 0, and resetRunningStats. */
  resetParameters(): void {
    this.resetRunningStats();
    if (this.weight) ones_(this.weight);
    if (this.bias) zeros_(this.bias);
  }

  /** Counts a batch; how much it weighs in the running statistics. */
  protected countBatch(): number {
    const counted = this.num_batches_tracked;
    if (!this.training || !counted) return this.momentum ?? 0;
    counted.add_(1);
    return this.momentum ?? 1 / counted.item<number>();
  }

  override extraRepr(): string {
    const momentum = this.momentum === null ? "None" : pythonFloat(this.momentum);
    return (
      `${this.numFeatures}, eps=${pythonFloat(this.eps)}, momentum=${momentum}, affine=${pythonBool(this.affine)}, ` +
      `track_running_stats=${pythonBool(this.trackRunningStats)}`
    );
  }
}

const BATCH: Defaults = { affine: true, trackRunningStats: true };

abstract class BatchNorm extends RunningNorm {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  /** @internal */
  protected readonly allowedRanks: readonly number[];

  constructor(numFeatures: number, args: NormArguments, ranks: readonly number[]) {
    super(numFeatures, args, BATCH);
    this.allowedRanks = ranks;
  }

  override forward(input: Tensor): Tensor {
    if (!this.allowedRanks.includes(input.ndim)) {
      throw new ShapeError(
        `expected ${this.allowedRanks.map((rank) => `${rank}D`).join(" or ")} input (got ${input.ndim}D input)`,
      );
    }
    const { weight, bias, eps } = this;
    const momentum = this.countBatch();
    const training = this.training || !this.running_mean;
    const isUsed = !this.training || this.trackRunningStats;
    const [runningMean, runningVar] = isUsed ? [this.running_mean, this.running_var] : [null, null];
    return batchNorm(input, { runningMean, runningVar, weight, bias, training, momentum, eps });
  }
}

export function isBatchNorm(module: Module): module is BatchNorm {
  return module instanceof BatchNorm;
}

/**
 * Batch normalisation of [N, C] or [N, C, L]: nn.functional.batchNorm with parameters and running statistics of its own.
 * @see PyTorch torch.nn.BatchNorm1d
 * @example new nn.BatchNorm1d(2)(tensor([[1, 0], [3, 4]])).tolist() // [[-1.0000, -1.0000], [1.0000, 1.0000]]
 */
export class BatchNorm1d extends BatchNorm {
  constructor(numFeatures: number, ...options: NormArguments) {
    super(numFeatures, options, [2, 3]);
  }
}

/**
 * Batch normalisation of images [N, C, H, W]. In training statistics are those of the batch, in eval the running ones.
 * @throws {ShapeError} an input with other than four dimensions, or one value per channel in training
 * @see PyTorch torch.nn.BatchNorm2d
 * @example new nn.BatchNorm2d(3)(randn(8, 3, 4, 4)).shape // [8, 3, 4, 4]
 */
export class BatchNorm2d extends BatchNorm {
  constructor(numFeatures: number, ...options: NormArguments) {
    super(numFeatures, options, [4]);
  }
}

/**
 * Batch normalisation of [N, C, D, H, W]. See BatchNorm2d.
 * @example new nn.BatchNorm3d(2)(randn(3, 2, 4, 4, 4)).shape // [3, 2, 4, 4, 4]
 */
export class BatchNorm3d extends BatchNorm {
  constructor(numFeatures: number, ...options: NormArguments) {
    super(numFeatures, options, [5]);
  }
}

const INSTANCE: Defaults = { affine: false, trackRunningStats: false };

abstract class InstanceNorm extends RunningNorm {
  /** @internal */
  protected readonly inputRank: number;

  constructor(numFeatures: number, args: NormArguments, rank: number) {
    super(numFeatures, args, INSTANCE);
    this.inputRank = rank;
  }

  override forward(input: Tensor): Tensor {
    const rank = this.inputRank;
    if (input.ndim === rank - 1) return this.normalise(input.unsqueeze(0)).squeeze(0);
    if (input.ndim === rank) return this.normalise(input);
    throw new ShapeError(`expected ${rank - 1}D or ${rank}D input (got ${input.ndim}D input)`);
  }

  private normalise(input: Tensor): Tensor {
    const { running_mean: runningMean, running_var: runningVar, weight, bias, eps } = this;
    const useInputStats = this.training || !this.trackRunningStats;
    const momentum = this.momentum ?? 0;
    return instanceNorm(input, { runningMean, runningVar, weight, bias, useInputStats, momentum, eps });
  }
}

/**
 * See nn.functional.instanceNorm: [N, C, L] or [C, L].
 * @example new nn.InstanceNorm1d(2)(tensor([[[1, 3], [5, 9]]])).tolist() // [[[-1.0000, 1.0000], [-1.0000, 1.0000]]]
 */
export class InstanceNorm1d extends InstanceNorm {
  constructor(numFeatures: number, ...options: NormArguments) {
    super(numFeatures, options, 3);
  }
}

/**
 * See nn.functional.instanceNorm: [N, C, H, W] or [C, H, W].
 * @see PyTorch torch.nn.InstanceNorm2d
 * @example new nn.InstanceNorm2d(3)(randn(1, 3, 4, 4)).shape // [1, 3, 4, 4]
 */
export class InstanceNorm2d extends InstanceNorm {
  constructor(numFeatures: number, ...options: NormArguments) {
    super(numFeatures, options, 4);
  }
}

/**
 * See nn.functional.instanceNorm: [N, C, D, H, W] or [C, D, H, W].
 * @example new nn.InstanceNorm3d(2)(randn(3, 2, 4, 4, 4)).shape // [3, 2, 4, 4, 4]
 */
export class InstanceNorm3d extends InstanceNorm {
  constructor(numFeatures: number, ...options: NormArguments) {
    super(numFeatures, options, 5);
  }
}

interface LayerOptions {
  eps?: number;
  /** Learnable weight and bias. Default true. */
  elementwiseAffine?: boolean;
  /** Whether there is a bias beside the weight. Default true. */
  bias?: boolean;
}

/**
 * Layer normalisation over the last dimensions, which are `normalizedShape`: nn.functional.layerNorm with a weight (1 at
 * first) and a bias (0 at first) of that shape.
 * @see PyTorch torch.nn.LayerNorm
 * @example new nn.LayerNorm(8)(randn(2, 8)).shape // [2, 8]
 */
export class LayerNorm extends Module {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  weight: Parameter | null;
  bias: Parameter | null;
  readonly normalizedShape: readonly number[];
  readonly eps: number;
  readonly elementwiseAffine: boolean;

  constructor(
    normalizedShape: number | readonly number[],
    ...args: [eps?: number | LayerOptions, elementwiseAffine?: boolean | LayerOptions, bias?: boolean]
  ) {
    super();
    const given = named<LayerOptions>("LayerNorm", args, ["eps", "elementwiseAffine", "bias"]);
    this.normalizedShape = typeof normalizedShape === "number" ? [normalizedShape] : [...normalizedShape];
    this.eps = given.eps ?? 1e-5;
    this.elementwiseAffine = given.elementwiseAffine ?? true;
    this.weight = this.elementwiseAffine ? emptyParameter(...this.normalizedShape) : null;
    const hasBias = this.elementwiseAffine && (given.bias ?? true);
    this.bias = hasBias ? emptyParameter(...this.normalizedShape) : null;
    this.resetParameters();
  }

  /** Weight 1, bias 0. */
  resetParameters(): void {
    if (this.weight) ones_(this.weight);
    if (this.bias) zeros_(this.bias);
  }

  override forward(input: Tensor): Tensor {
    return layerNorm(input, this.normalizedShape, this.weight, this.bias, this.eps);
  }

  override extraRepr(): string {
    const affine = pythonBool(this.elementwiseAffine);
    return `${pythonTuple(this.normalizedShape)}, eps=${pythonFloat(this.eps)}, elementwise_affine=${affine}`;
  }
}

interface RmsOptions {
  /** Added to the mean square. Default: the smallest step from 1, 2⁻²³. */
  eps?: number | null;
  /** Learnable weight. Default true. */
  elementwiseAffine?: boolean;
}

/**
 * nn.functional.rmsNorm over the last dimensions, which are `normalizedShape`, with a weight (1 at first) of that shape.
 * @see PyTorch torch.nn.RMSNorm
 * @example new nn.RMSNorm(8)(randn(2, 8)).shape // [2, 8]
 */
export class RMSNorm extends Module {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  weight: Parameter | null;
  readonly normalizedShape: readonly number[];
  readonly eps: number | null;
  readonly elementwiseAffine: boolean;

  constructor(
    normalizedShape: number | readonly number[],
    ...args: [eps?: number | null | RmsOptions, elementwiseAffine?: boolean]
  ) {
    super();
    const given = named<RmsOptions>("RMSNorm", args, ["eps", "elementwiseAffine"]);
    this.normalizedShape = typeof normalizedShape === "number" ? [normalizedShape] : [...normalizedShape];
    this.eps = given.eps ?? null;
    this.elementwiseAffine = given.elementwiseAffine ?? true;
    this.weight = this.elementwiseAffine ? emptyParameter(...this.normalizedShape) : null;
    this.resetParameters();
  }

  /** Weight 1. */
  resetParameters(): void {
    if (this.weight) ones_(this.weight);
  }

  override forward(input: Tensor): Tensor {
    return rmsNorm(input, this.normalizedShape, this.weight, this.eps);
  }

  override extraRepr(): string {
    const eps = this.eps === null ? "None" : pythonFloat(this.eps);
    return `${pythonTuple(this.normalizedShape)}, eps=${eps}, elementwise_affine=${pythonBool(this.elementwiseAffine)}`;
  }
}

interface GroupOptions {
  eps?: number;
  /** Learnable weight and bias. Default true. */
  affine?: boolean;
}

/**
 * Normalisation over groups of neighbouring channels: nn.functional.groupNorm with a weight and a bias for each channel.
 * @throws {ShapeError} channels that cannot be divided into so many groups
 * @see PyTorch torch.nn.GroupNorm
 * @example new nn.GroupNorm(2, 6)(randn(1, 6, 4)).shape // [1, 6, 4]
 */
export class GroupNorm extends Module {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  weight: Parameter | null;
  bias: Parameter | null;
  readonly numGroups: number;
  readonly numChannels: number;
  readonly eps: number;
  readonly affine: boolean;

  constructor(numGroups: number, numChannels: number, ...args: [eps?: number | GroupOptions, affine?: boolean]) {
    super();
    const given = named<GroupOptions>("GroupNorm", args, ["eps", "affine"]);
    if (numChannels % numGroups !== 0) throw new ShapeError("num_channels must be divisible by num_groups");
    this.numGroups = numGroups;
    this.numChannels = numChannels;
    this.eps = given.eps ?? 1e-5;
    this.affine = given.affine ?? true;
    this.weight = this.affine ? emptyParameter(numChannels) : null;
    this.bias = this.affine ? emptyParameter(numChannels) : null;
    this.resetParameters();
  }

  /** Weight 1, bias 0. */
  resetParameters(): void {
    if (this.weight) ones_(this.weight);
    if (this.bias) zeros_(this.bias);
  }

  override forward(input: Tensor): Tensor {
    return groupNorm(input, this.numGroups, this.weight, this.bias, this.eps);
  }

  override extraRepr(): string {
    return `${this.numGroups}, ${this.numChannels}, eps=${pythonFloat(this.eps)}, affine=${pythonBool(this.affine)}`;
  }
}

interface LocalOptions {
  alpha?: number;
  beta?: number;
  k?: number;
}

/** See nn.functional.localResponseNorm. @example new nn.LocalResponseNorm(2)(randn(1, 4, 3)).shape // [1, 4, 3] */
export class LocalResponseNorm extends Module {
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;

  constructor(
    size: number,
    ...args: [alpha?: number | LocalOptions, beta?: number | LocalOptions, k?: number | LocalOptions]
  ) {
    super();
    const given = named<LocalOptions>("LocalResponseNorm", args, ["alpha", "beta", "k"]);
    this.size = size;
    this.alpha = given.alpha ?? 1e-4;
    this.beta = given.beta ?? 0.75;
    this.k = given.k ?? 1;
  }

  override forward(input: Tensor): Tensor {
    return localResponseNorm(input, this.size, this.alpha, this.beta, this.k);
  }

  override extraRepr(): string {
    const [alpha, beta, k] = [this.alpha, this.beta, this.k].map(pythonFloat);
    return `${this.size}, alpha=${alpha}, beta=${beta}, k=${k}`;
  }
}
