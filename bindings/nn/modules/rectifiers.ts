/** Rectifiers other than ReLU itself: what is left of negative numbers. */
import { named } from "../../core/args.ts";
import { leakyRelu } from "../../ops/activation.ts";
import type { Tensor } from "../../tensor.ts";
import { prelu, rrelu, threshold } from "../functional/activations.ts";
import { constant_ } from "../init.ts";
import { Module } from "../module.ts";
import { emptyParameter, type Parameter } from "../parameter.ts";
import { pythonFloat } from "../print.ts";
import { type InplaceOption, printed } from "./repr.ts";

interface SlopeOptions extends InplaceOption {
  negativeSlope?: number;
}

/** See nn.functional.leakyRelu. @example new nn.LeakyReLU(0.1)(tensor([-2, 3])).tolist() // [-0.2000, 3] */
export class LeakyReLU extends Module {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  readonly negativeSlope: number;
  readonly inplace: boolean;

  constructor(...args: [negativeSlope?: number | SlopeOptions, inplace?: boolean | SlopeOptions]) {
    super();
    const given = named<SlopeOptions>("LeakyReLU", args, ["negativeSlope", "inplace"]);
    this.negativeSlope = given.negativeSlope ?? 0.01;
    this.inplace = given.inplace ?? false;
  }

  override forward(input: Tensor): Tensor {
    return leakyRelu(input, this.negativeSlope, this.inplace);
  }

  override extraRepr(): string {
    return printed([`negative_slope=${pythonFloat(this.negativeSlope)}`], this.inplace);
  }
}

interface PreluOptions {
  numParameters?: number;
  /** What the slopes start from. Default 0.25. */
  init?: number;
}

/**
 * See nn.functional.prelu: with a learnable slope, or as many as there are channels.
 * @example new nn.PReLU()(tensor([-2, 3])).tolist() // [-0.5, 3]
 */
export class PReLU extends Module {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  weight: Parameter;
  readonly numParameters: number;

  constructor(...args: [numParameters?: number | PreluOptions, init?: number | PreluOptions]) {
    super();
    const given = named<PreluOptions>("PReLU", args, ["numParameters", "init"]);
    this.numParameters = given.numParameters ?? 1;
    this.weight = emptyParameter(this.numParameters);
    constant_(this.weight, given.init ?? 0.25);
  }

  override forward(input: Tensor): Tensor {
    return prelu(input, this.weight);
  }

  override extraRepr(): string {
    return `num_parameters=${this.numParameters}`;
  }
}

interface RreluOptions extends InplaceOption {
  lower?: number;
  upper?: number;
}

type RreluArguments = [lower?: number | RreluOptions, upper?: number | RreluOptions, inplace?: boolean | RreluOptions];

/**
 * See nn.functional.rrelu: slopes are drawn in training only.
 * @example new nn.RReLU(0.25, 0.75).eval()(tensor([-2, 3])).tolist() // [-1, 3]
 */
export class RReLU extends Module {
  readonly lower: number;
  readonly upper: number;
  readonly inplace: boolean;

  constructor(...args: RreluArguments) {
    super();
    const given = named<RreluOptions>("RReLU", args, ["lower", "upper", "inplace"]);
    this.lower = given.lower ?? 1 / 8;
    this.upper = given.upper ?? 1 / 3;
    this.inplace = given.inplace ?? false;
  }

  override forward(input: Tensor): Tensor {
    return rrelu(input, this.lower, this.upper, this.training, this.inplace);
  }

  override extraRepr(): string {
    return printed([`lower=${this.lower}`, `upper=${this.upper}`], this.inplace);
  }
}

interface ThresholdOptions extends InplaceOption {
  threshold?: number;
  value?: number;
}

type ThresholdArguments = [
  threshold: number | ThresholdOptions,
  value?: number | ThresholdOptions,
  inplace?: boolean | ThresholdOptions,
];

/** See nn.functional.threshold. @example new nn.Threshold(1, 9)(tensor([0, 2])).tolist() // [9, 2] */
export class Threshold extends Module {
  readonly threshold: number;
  readonly value: number;
  readonly inplace: boolean;

  constructor(...args: ThresholdArguments) {
    super();
    const given = named<ThresholdOptions>("Threshold", args, ["threshold", "value", "inplace"]);
    this.threshold = given.threshold ?? Number.NaN;
    this.value = given.value ?? Number.NaN;
    this.inplace = given.inplace ?? false;
  }

  override forward(input: Tensor): Tensor {
    return threshold(input, this.threshold, this.value, this.inplace);
  }

  override extraRepr(): string {
    return printed([`threshold=${this.threshold}`, `value=${this.value}`], this.inplace);
  }
}
