/** Losses as modules, beyond the first few: they keep the settings that the functions of nn.functional take. */
import { named } from "../../core/args.ts";
import { TensorError } from "../../core/errors.ts";
import type { Tensor } from "../../tensor.ts";
import { type CtcArguments, type CtcLossOptions, ctcLoss } from "../functional/ctc.ts";
import {
  cosineEmbeddingLoss,
  type TripletMarginLossOptions,
  type TripletWithDistanceOptions,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
} from "../functional/losses-embedding.ts";
import {
  hingeEmbeddingLoss,
  type MarginOptions,
  type MultilabelSoftMarginLossOptions,
  type MultiMarginLossOptions,
  marginRankingLoss,
  multilabelMarginLoss,
  multilabelSoftMarginLoss,
  multiMarginLoss,
  softMarginLoss,
} from "../functional/losses-margin.ts";
import {
  type GaussianNllLossOptions,
  gaussianNllLoss,
  type HuberLossOptions,
  huberLoss,
  type KlDivOptions,
  klDiv,
  type PoissonNllLossOptions,
  poissonNllLoss,
  type SmoothL1LossOptions,
  smoothL1Loss,
} from "../functional/losses-regression.ts";
import type { Reduction } from "../functional/reduction.ts";
import { Module } from "../module.ts";
import { Loss, WeightedLoss } from "./loss.ts";

/** See nn.functional.huberLoss. @example new nn.HuberLoss()(tensor([0, 0]), tensor([1, 3])).item() // 1.5 */
export class HuberLoss extends Loss {
  readonly delta: number;

  constructor(options: HuberLossOptions = {}) {
    super(options);
    this.delta = options.delta ?? 1;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return huberLoss(input, target, { delta: this.delta, reduction: this.reduction });
  }
}

/** See nn.functional.smoothL1Loss. @example new nn.SmoothL1Loss()(tensor([0, 0]), tensor([1, 3])).item() // 1.5 */
export class SmoothL1Loss extends Loss {
  readonly beta: number;

  constructor(options: SmoothL1LossOptions = {}) {
    super(options);
    this.beta = options.beta ?? 1;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return smoothL1Loss(input, target, { beta: this.beta, reduction: this.reduction });
  }
}

/**
 * See nn.functional.klDiv.
 * @example new nn.KLDivLoss({ reduction: "sum" })(tensor([0.5]).log(), tensor([1])).item() // 0.6931
 */
export class KLDivLoss extends Module {
  readonly reduction: Reduction | "batchmean";
  readonly logTarget: boolean;

  constructor(options: KlDivOptions = {}) {
    super();
    this.reduction = options.reduction ?? "mean";
    this.logTarget = options.logTarget ?? false;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return klDiv(input, target, { reduction: this.reduction, logTarget: this.logTarget });
  }
}

/** See nn.functional.poissonNllLoss. @example new nn.PoissonNLLLoss()(tensor([0]), tensor([2])).item() // 1 */
export class PoissonNLLLoss extends Loss {
  readonly logInput: boolean;
  readonly full: boolean;
  readonly eps: number;

  constructor(...args: [logInput?: boolean | PoissonNllLossOptions, full?: boolean | PoissonNllLossOptions]) {
    const given = named<PoissonNllLossOptions>("PoissonNLLLoss", args, ["logInput", "full"]);
    super(given);
    this.logInput = given.logInput ?? true;
    this.full = given.full ?? false;
    this.eps = given.eps ?? 1e-8;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { logInput, full, eps, reduction } = this;
    return poissonNllLoss(input, target, { logInput, full, eps, reduction });
  }
}

/**
 * See nn.functional.gaussianNllLoss.
 * @example new nn.GaussianNLLLoss()(tensor([1]), tensor([3]), tensor([1])).item() // 2
 */
export class GaussianNLLLoss extends Loss {
  readonly full: boolean;
  readonly eps: number;

  constructor(options: GaussianNllLossOptions = {}) {
    super(options);
    this.full = options.full ?? false;
    this.eps = options.eps ?? 1e-6;
  }

  override forward(input: Tensor, target: Tensor, variance: Tensor): Tensor {
    const { full, eps, reduction } = this;
    return gaussianNllLoss(input, target, variance, { full, eps, reduction });
  }
}

type MarginArguments = [margin?: number | MarginOptions];

abstract class MarginLoss extends Loss {
  readonly margin: number;

  constructor(args: MarginArguments, usual: number, caller: string) {
    const given = named<MarginOptions>(caller, args, ["margin"]);
    super(given);
    this.margin = given.margin ?? usual;
  }

  /** @internal */
  protected get settings(): MarginOptions {
    return { margin: this.margin, reduction: this.reduction };
  }
}

/**
 * See nn.functional.hingeEmbeddingLoss.
 * @example new nn.HingeEmbeddingLoss()(tensor([0.5, 0.5]), tensor([1, -1])).item() // 0.5
 */
export class HingeEmbeddingLoss extends MarginLoss {
  constructor(...args: MarginArguments) {
    super(args, 1, "HingeEmbeddingLoss");
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return hingeEmbeddingLoss(input, target, this.settings);
  }
}

/**
 * See nn.functional.marginRankingLoss.
 * @example new nn.MarginRankingLoss()(tensor([1]), tensor([3]), tensor([1])).item() // 2
 */
export class MarginRankingLoss extends MarginLoss {
  constructor(...args: MarginArguments) {
    super(args, 0, "MarginRankingLoss");
  }

  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return marginRankingLoss(input1, input2, target, this.settings);
  }
}

/**
 * See nn.functional.cosineEmbeddingLoss.
 * @example new nn.CosineEmbeddingLoss()(tensor([[1, 0]]), tensor([[0, 1]]), tensor([1])).item() // 1
 */
export class CosineEmbeddingLoss extends MarginLoss {
  constructor(...args: MarginArguments) {
    super(args, 0, "CosineEmbeddingLoss");
  }

  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return cosineEmbeddingLoss(input1, input2, target, this.settings);
  }
}

/** See nn.functional.softMarginLoss. @example new nn.SoftMarginLoss()(tensor([0]), tensor([1])).item() // 0.6931 */
export class SoftMarginLoss extends Loss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return softMarginLoss(input, target, { reduction: this.reduction });
  }
}

type MultiMarginArguments = [
  p?: number | MultiMarginLossOptions,
  margin?: number | MultiMarginLossOptions,
  weight?: Tensor | null | MultiMarginLossOptions,
];

/**
 * See nn.functional.multiMarginLoss.
 * @example new nn.MultiMarginLoss()(tensor([[0.1, 0.2]]), tensor([1], { dtype: "int32" })).item() // 0.4500
 */
export class MultiMarginLoss extends WeightedLoss {
  readonly p: number;
  readonly margin: number;

  constructor(...args: MultiMarginArguments) {
    const given = named<MultiMarginLossOptions>("MultiMarginLoss", args, ["p", "margin", "weight"]);
    super(given);
    this.p = given.p ?? 1;
    this.margin = given.margin ?? 1;
    if (this.p !== 1 && this.p !== 2) throw new TensorError("only p == 1 and p == 2 supported");
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { p, margin, weight, reduction } = this;
    return multiMarginLoss(input, target, { p, margin, weight, reduction });
  }
}

/**
 * See nn.functional.multilabelMarginLoss.
 * @example new nn.MultiLabelMarginLoss()(tensor([[0.1, 0.2]]), tensor([[1, -1]], { dtype: "int32" })).item() // 0.4500
 */
export class MultiLabelMarginLoss extends Loss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return multilabelMarginLoss(input, target, { reduction: this.reduction });
  }
}

/**
 * See nn.functional.multilabelSoftMarginLoss.
 * @example new nn.MultiLabelSoftMarginLoss()(tensor([[0, 0]]), tensor([[1, 0]])).item() // 0.6931
 */
export class MultiLabelSoftMarginLoss extends WeightedLoss {
  constructor(...args: [weight?: Tensor | null | MultilabelSoftMarginLossOptions]) {
    super(named<MultilabelSoftMarginLossOptions>("MultiLabelSoftMarginLoss", args, ["weight"]));
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { weight, reduction } = this;
    return multilabelSoftMarginLoss(input, target, { weight, reduction });
  }
}

type TripletArguments = [
  margin?: number | TripletMarginLossOptions,
  p?: number | TripletMarginLossOptions,
  eps?: number | TripletMarginLossOptions,
  swap?: boolean | TripletMarginLossOptions,
];

/**
 * See nn.functional.tripletMarginLoss.
 * @example new nn.TripletMarginLoss()(tensor([[0]]), tensor([[1]]), tensor([[1]])).item() // 1
 */
export class TripletMarginLoss extends Loss {
  readonly margin: number;
  readonly p: number;
  readonly eps: number;
  readonly swap: boolean;

  constructor(...args: TripletArguments) {
    const given = named<TripletMarginLossOptions>("TripletMarginLoss", args, ["margin", "p", "eps", "swap"]);
    super(given);
    this.margin = given.margin ?? 1;
    this.p = given.p ?? 2;
    this.eps = given.eps ?? 1e-6;
    this.swap = given.swap ?? false;
  }

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { margin, p, eps, swap, reduction } = this;
    return tripletMarginLoss(anchor, positive, negative, { margin, p, eps, swap, reduction });
  }
}

/**
 * See nn.functional.tripletMarginWithDistanceLoss.
 * @example new nn.TripletMarginWithDistanceLoss()(tensor([[0]]), tensor([[1]]), tensor([[1]])).item() // 1
 */
export class TripletMarginWithDistanceLoss extends Loss {
  readonly distanceFunction: TripletWithDistanceOptions["distanceFunction"];
  readonly margin: number;
  readonly swap: boolean;

  constructor(options: TripletWithDistanceOptions = {}) {
    super(options);
    this.distanceFunction = options.distanceFunction;
    this.margin = options.margin ?? 1;
    this.swap = options.swap ?? false;
  }

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { distanceFunction, margin, swap, reduction } = this;
    return tripletMarginWithDistanceLoss(anchor, positive, negative, { distanceFunction, margin, swap, reduction });
  }
}

/**
 * See nn.functional.ctcLoss.
 * @example
 * const logProbs = randn([5, 1, 3]).logSoftmax(2);
 * new nn.CTCLoss()(logProbs, tensor([[1, 2]], { dtype: "int32" }), [5], [2]).ndim; // 0
 */
export class CTCLoss extends Loss {
  readonly blank: number;
  readonly zeroInfinity: boolean;

  constructor(...args: CtcArguments) {
    const given = named<CtcLossOptions>("CTCLoss", args, ["blank", "reduction", "zeroInfinity"]);
    super(given);
    this.blank = given.blank ?? 0;
    this.zeroInfinity = given.zeroInfinity ?? false;
  }

  override forward(
    logProbs: Tensor,
    targets: Tensor,
    inputLengths: Tensor | readonly number[],
    targetLengths: Tensor | readonly number[],
  ): Tensor {
    const { blank, zeroInfinity, reduction } = this;
    return ctcLoss(logProbs, targets, inputLengths, targetLengths, {
      blank,
      zeroInfinity,
      reduction,
    });
  }
}
