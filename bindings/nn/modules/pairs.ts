/** Modules of two inputs: how far apart they are, and products of them. */
import { named } from "../../core/args.ts";
import { TensorError } from "../../core/errors.ts";
import { cosineSimilarity, pairwiseDistance } from "../../ops/norms.ts";
import type { Tensor } from "../../tensor.ts";
import { bilinear } from "../functional/attention.ts";
import { uniform_ } from "../init.ts";
import { Module } from "../module.ts";
import { emptyParameter, type Parameter } from "../parameter.ts";
import { pythonBool } from "../print.ts";
import type { BiasOption } from "./linear.ts";

interface CosineOptions {
  dim?: number;
  eps?: number;
}

/**
 * See nn.functional.cosineSimilarity.
 * @example new nn.CosineSimilarity()(tensor([[1, 0]]), tensor([[1, 1]])).tolist() // [0.7071]
 */
export class CosineSimilarity extends Module {
  readonly dim: number;
  readonly eps: number;

  constructor(...args: [dim?: number | CosineOptions, eps?: number | CosineOptions]) {
    super();
    const given = named<CosineOptions>("CosineSimilarity", args, ["dim", "eps"]);
    this.dim = given.dim ?? 1;
    this.eps = given.eps ?? 1e-8;
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return cosineSimilarity(x1, x2, this.dim, this.eps);
  }
}

interface DistanceOptions {
  p?: number;
  eps?: number;
  keepdim?: boolean;
}

type DistanceArguments = [
  p?: number | DistanceOptions,
  eps?: number | DistanceOptions,
  keepdim?: boolean | DistanceOptions,
];

/**
 * See nn.functional.pairwiseDistance.
 * @example new nn.PairwiseDistance()(tensor([[0, 0]]), tensor([[3, 4]])).tolist() // [5.0000]
 */
export class PairwiseDistance extends Module {
  readonly p: number;
  readonly eps: number;
  readonly keepdim: boolean;

  constructor(...args: DistanceArguments) {
    super();
    const given = named<DistanceOptions>("PairwiseDistance", args, ["p", "eps", "keepdim"]);
    this.p = given.p ?? 2;
    this.eps = given.eps ?? 1e-6;
    this.keepdim = given.keepdim ?? false;
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return pairwiseDistance(x1, x2, this.p, this.eps, this.keepdim);
  }
}

/**
 * x₁ᵀ W x₂ + b: nn.functional.bilinear with a weight [out, in₁, in₂] and a bias [out] of its own, both from ±1/√in₁ at first.
 * @see PyTorch torch.nn.Bilinear
 * @example new nn.Bilinear(2, 3, 4)(randn(5, 2), randn(5, 3)).shape // [5, 4]
 */
export class Bilinear extends Module {
  weight: Parameter;
  bias: Parameter | null;
  readonly in1Features: number;
  readonly in2Features: number;
  readonly outFeatures: number;

  constructor(in1Features: number, in2Features: number, outFeatures: number, bias: boolean | BiasOption = true) {
    super();
    if (in1Features <= 0) throw new TensorError(`in1_features must be > 0, but got ${in1Features}`);
    const withBias = named<BiasOption>("Bilinear", [bias], ["bias"]).bias ?? true;
    this.in1Features = in1Features;
    this.in2Features = in2Features;
    this.outFeatures = outFeatures;
    this.weight = emptyParameter(outFeatures, in1Features, in2Features);
    this.bias = withBias ? emptyParameter(outFeatures) : null;
    this.resetParameters();
  }

  /** Draws the initial weights anew. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.in1Features);
    uniform_(this.weight, -bound, bound);
    if (this.bias) uniform_(this.bias, -bound, bound);
  }

  override forward(input1: Tensor, input2: Tensor): Tensor {
    return bilinear(input1, input2, this.weight, this.bias);
  }

  override extraRepr(): string {
    return (
      `in1_features=${this.in1Features}, in2_features=${this.in2Features}, out_features=${this.outFeatures}, ` +
      `bias=${pythonBool(this.bias !== null)}`
    );
  }
}
