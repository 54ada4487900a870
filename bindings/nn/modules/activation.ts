/** Activation functions as modules. */
import { isOptions } from "../../core/args.ts";
import { sigmoid } from "../../ops/exponential.ts";
import { logSoftmax, softmax } from "../../ops/softmax.ts";
import { tanh } from "../../ops/trigonometry.ts";
import type { Tensor } from "../../tensor.ts";
import { relu } from "../functional/activations.ts";
import { Module } from "../module.ts";

interface InplaceOption {
  /** Write the result into the input. */
  inplace?: boolean;
}

/** max(0, x). @example new nn.ReLU()(tensor([-1, 2])).tolist() // [0, 2] */
export class ReLU extends Module {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  readonly inplace: boolean;

  constructor(inplace: boolean | InplaceOption = false) {
    super();
    this.inplace = typeof inplace === "boolean" ? inplace : (inplace.inplace ?? false);
  }

  override forward(input: Tensor): Tensor {
    return relu(input, this.inplace);
  }

  override extraRepr(): string {
    return this.inplace ? "inplace=True" : "";
  }
}

/** 1 / (1 + e⁻ˣ). @example new nn.Sigmoid()(tensor([0])).tolist() // [0.5] */
export class Sigmoid extends Module {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  override forward(input: Tensor): Tensor {
    return sigmoid(input);
  }
}

/** Hyperbolic tangent. @example new nn.Tanh()(tensor([0, 1])).tolist() // [0, 0.7616] */
export class Tanh extends Module {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  override forward(input: Tensor): Tensor {
    return tanh(input);
  }
}

interface DimOption {
  dim?: number;
}

/** The dimension along which probabilities add up to 1. PyTorch guesses one if none is given; here it is required. */
function dimOf(dim: number | DimOption, name: string): number {
  const given = isOptions(dim) ? (dim as DimOption).dim : dim;
  if (typeof given !== "number") throw new TypeError(`${name}: argument 'dim' is missing; it must be a number`);
  return given;
}

/** eˣ / Σ eˣ along `dim`. @example new nn.Softmax(0)(tensor([0, 0])).tolist() // [0.5, 0.5] */
export class Softmax extends Module {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  readonly dim: number;

  constructor(dim: number | DimOption) {
    super();
    this.dim = dimOf(dim, "Softmax");
  }

  override forward(input: Tensor): Tensor {
    return softmax(input, this.dim);
  }

  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}

/** Logarithm of softmax along `dim`. @example new nn.LogSoftmax(0)(tensor([0, 0])).tolist() // [-0.6931, -0.6931] */
export class LogSoftmax extends Module {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  readonly dim: number;

  constructor(dim: number | DimOption) {
    super();
    this.dim = dimOf(dim, "LogSoftmax");
  }

  override forward(input: Tensor): Tensor {
    return logSoftmax(input, this.dim);
  }

  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}
