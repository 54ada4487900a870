/** Losses as modules. They keep the settings that the functions of nn.functional take. */
import { TensorBase } from "../../core/base.ts";
import type { Tensor } from "../../tensor.ts";
import { type CrossEntropyOptions, crossEntropy, type NllLossOptions, nllLoss } from "../functional/entropy.ts";
import { binaryCrossEntropy, binaryCrossEntropyWithLogits, l1Loss, mseLoss } from "../functional/loss.ts";
import { checkReduction, type Reduction, type ReductionOption } from "../functional/reduction.ts";
import { Module } from "../module.ts";

/** A loss that ends in a reduction. */
export abstract class Loss extends Module {
  readonly reduction: Reduction;

  constructor({ reduction = "mean" }: ReductionOption = {}) {
    super();
    checkReduction(reduction);
    this.reduction = reduction;
  }
}

interface WeightOption extends ReductionOption {
  /** See the function. */
  weight?: Tensor | null;
}

/** The weight may be given by itself, before the other settings. */
function settings<T extends WeightOption>(weight: Tensor | null | T | undefined, options: T | undefined): T {
  if (weight === null || weight === undefined) return options ?? ({} as T);
  return weight instanceof TensorBase ? ({ ...options, weight } as T) : (weight as T);
}

/** A loss with factors: a buffer of the module. */
export abstract class WeightedLoss extends Loss {
  declare weight: Tensor | null;

  constructor(options: WeightOption) {
    super(options);
    this.registerBuffer("weight", options.weight ?? null);
  }
}

/** See nn.functional.mseLoss. @example new nn.MSELoss()(tensor([1, 2]), tensor([1, 4])).item() // 2 */
export class MSELoss extends Loss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return mseLoss(input, target, { reduction: this.reduction });
  }
}

/** See nn.functional.l1Loss. @example new nn.L1Loss()(tensor([1, 2]), tensor([2, 4])).item() // 1.5 */
export class L1Loss extends Loss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return l1Loss(input, target, { reduction: this.reduction });
  }
}

/**
 * See nn.functional.nllLoss.
 * @example new nn.NLLLoss()(tensor([[-1, -2]]), tensor([1], { dtype: "int32" })).item() // 2
 */
export class NLLLoss extends WeightedLoss {
  readonly ignoreIndex: number;

  constructor(weight?: Tensor | null | NllLossOptions, options?: NllLossOptions) {
    const given = settings(weight, options);
    super(given);
    this.ignoreIndex = given.ignoreIndex ?? -100;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { ignoreIndex, reduction } = this;
    return nllLoss(input, target, this.weight, { ignoreIndex, reduction });
  }
}

/**
 * See nn.functional.crossEntropy.
 * @example
 * const criterion = new nn.CrossEntropyLoss();
 * criterion(tensor([[0, 0]]), tensor([1], { dtype: "int32" })).item(); // 0.6931472
 */
export class CrossEntropyLoss extends WeightedLoss {
  readonly ignoreIndex: number;
  readonly labelSmoothing: number;

  constructor(weight?: Tensor | null | CrossEntropyOptions, options?: CrossEntropyOptions) {
    const given = settings(weight, options);
    super(given);
    this.ignoreIndex = given.ignoreIndex ?? -100;
    this.labelSmoothing = given.labelSmoothing ?? 0;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { ignoreIndex, labelSmoothing, reduction } = this;
    return crossEntropy(input, target, this.weight, { ignoreIndex, labelSmoothing, reduction });
  }
}

/** See nn.functional.binaryCrossEntropy. @example new nn.BCELoss()(tensor([0.5]), tensor([1])).item() // 0.6931 */
export class BCELoss extends WeightedLoss {
  constructor(weight?: Tensor | null | WeightOption, options?: WeightOption) {
    super(settings(weight, options));
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return binaryCrossEntropy(input, target, this.weight, { reduction: this.reduction });
  }
}

interface LogitsOptions extends WeightOption {
  posWeight?: Tensor | null;
}

/**
 * See nn.functional.binaryCrossEntropyWithLogits.
 * @example new nn.BCEWithLogitsLoss()(tensor([0]), tensor([1])).item() // 0.6931
 */
export class BCEWithLogitsLoss extends WeightedLoss {
  declare pos_weight: Tensor | null;

  constructor(weight?: Tensor | null | LogitsOptions, options?: LogitsOptions) {
    const given = settings(weight, options);
    super(given);
    this.registerBuffer("pos_weight", given.posWeight ?? null);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { reduction } = this;
    const posWeight = this.pos_weight ?? undefined;
    return binaryCrossEntropyWithLogits(input, target, this.weight, { posWeight, reduction });
  }
}
