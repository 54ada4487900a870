import { linear } from "../../ops/matmul.ts";
import type { Tensor } from "../../tensor.ts";
import { Module } from "../module.ts";
import { emptyParameter, type Parameter } from "../parameter.ts";
import { pythonBool } from "../print.ts";
import { likeLinear_ } from "./start.ts";

export interface BiasOption {
  /** Add a learnable bias. Default true. */
  bias?: boolean;
}

/** x Wᵀ + b on the last dimension: weight [outFeatures, inFeatures], bias [outFeatures], both from ±1/√inFeatures at first.
 * @see PyTorch torch.nn.Linear
 * @example new nn.Linear(20, 30)(randn(128, 20)).shape // [128, 30]
 */
export class Linear extends Module {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  weight: Parameter;
  bias: Parameter | null;
  readonly inFeatures: number;
  readonly outFeatures: number;

  constructor(inFeatures: number, outFeatures: number, bias: boolean | BiasOption = true) {
    super();
    const withBias = typeof bias === "boolean" ? bias : (bias.bias ?? true);
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.weight = emptyParameter(outFeatures, inFeatures);
    this.bias = withBias ? emptyParameter(outFeatures) : null;
    this.resetParameters();
  }

  /** Draws the initial weights anew. */
  resetParameters(): void {
    likeLinear_(this.weight, this.bias);
  }

  override forward(input: Tensor): Tensor {
    return linear(input, this.weight, this.bias);
  }

  override extraRepr(): string {
    const bias = pythonBool(this.bias !== null);
    return `in_features=${this.inFeatures}, out_features=${this.outFeatures}, bias=${bias}`;
  }
}

/**
 * Hands its input on. The arguments of the constructor are ignored, so that it may stand in for any module.
 * @example new nn.Identity()(tensor([1, 2])).tolist() // [1, 2]
 */
export class Identity extends Module {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  constructor(..._ignored: unknown[]) {
    super();
  }

  override forward(input: Tensor): Tensor {
    return input;
  }
}
