/** Activation functions as modules: those beyond the first few, which are in activation.ts. */
import { named } from "../../core/args.ts";
import { ShapeError } from "../../core/errors.ts";
import {
  celu,
  elu,
  gelu,
  hardsigmoid,
  hardswish,
  hardtanh,
  logsigmoid,
  mish,
  relu6,
  selu,
  silu,
  softplus,
} from "../../ops/activation.ts";
import { softmax, softmin } from "../../ops/softmax.ts";
import type { Tensor } from "../../tensor.ts";
import { glu, hardshrink, softshrink, softsign, tanhshrink } from "../functional/activations.ts";
import { Module } from "../module.ts";
import { pythonFloat } from "../print.ts";
import { type InplaceOption, printed } from "./repr.ts";

/** A function without other settings than whether it writes into its input. */
abstract class Plain extends Module {
  readonly inplace: boolean;

  constructor(inplace?: boolean | InplaceOption) {
    super();
    this.inplace = named<InplaceOption>(new.target.name, [inplace], ["inplace"]).inplace ?? false;
  }

  override extraRepr(): string {
    return printed([], this.inplace);
  }
}

/** See nn.functional.selu. @example new nn.SELU()(tensor([-1, 2])).tolist() // [-1.1113, 2.1014] */
export class SELU extends Plain {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  override forward(input: Tensor): Tensor {
    return selu(input, this.inplace);
  }
}

/** See nn.functional.silu. @example new nn.SiLU()(tensor(0)).item() // 0 */
export class SiLU extends Plain {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  override forward(input: Tensor): Tensor {
    return silu(input, this.inplace);
  }
}

/** See nn.functional.mish. @example new nn.Mish()(tensor([-1, 2])).tolist() // [-0.3034, 1.9440] */
export class Mish extends Plain {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  override forward(input: Tensor): Tensor {
    return mish(input, this.inplace);
  }
}

/** See nn.functional.relu6. @example new nn.ReLU6()(tensor([-1, 8])).tolist() // [0, 6] */
export class ReLU6 extends Plain {
  override forward(input: Tensor): Tensor {
    return relu6(input, this.inplace);
  }
}

/** See nn.functional.hardswish. @example new nn.Hardswish()(tensor([-4, 3])).tolist() // [0, 3] */
export class Hardswish extends Plain {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  override forward(input: Tensor): Tensor {
    return hardswish(input, this.inplace);
  }

  override extraRepr(): string {
    return "";
  }
}

/** See nn.functional.hardsigmoid. @example new nn.Hardsigmoid()(tensor([-4, 0])).tolist() // [0, 0.5] */
export class Hardsigmoid extends Plain {
  override forward(input: Tensor): Tensor {
    return hardsigmoid(input, this.inplace);
  }

  override extraRepr(): string {
    return "";
  }
}

/** See nn.functional.softsign. @example new nn.Softsign()(tensor([-1, 3])).tolist() // [-0.5, 0.75] */
export class Softsign extends Module {
  override forward(input: Tensor): Tensor {
    return softsign(input);
  }
}

/** See nn.functional.tanhshrink. @example new nn.Tanhshrink()(tensor([0, 1])).tolist() // [0, 0.2384] */
export class Tanhshrink extends Module {
  override forward(input: Tensor): Tensor {
    return tanhshrink(input);
  }
}

/** See nn.functional.logsigmoid. @example new nn.LogSigmoid()(tensor([0])).tolist() // [-0.6931] */
export class LogSigmoid extends Module {
  override forward(input: Tensor): Tensor {
    return logsigmoid(input);
  }
}

interface AlphaOptions extends InplaceOption {
  alpha?: number;
}

abstract class Exponential extends Module {
  readonly alpha: number;
  readonly inplace: boolean;

  constructor(...args: [alpha?: number | AlphaOptions, inplace?: boolean | AlphaOptions]) {
    super();
    const given = named<AlphaOptions>(new.target.name, args, ["alpha", "inplace"]);
    this.alpha = given.alpha ?? 1;
    this.inplace = given.inplace ?? false;
  }

  override extraRepr(): string {
    return printed([`alpha=${pythonFloat(this.alpha)}`], this.inplace);
  }
}

/** See nn.functional.elu. @example new nn.ELU()(tensor([-1, 2])).tolist() // [-0.6321, 2] */
export class ELU extends Exponential {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  override forward(input: Tensor): Tensor {
    return elu(input, this.alpha, this.inplace);
  }
}

/** See nn.functional.celu. @example new nn.CELU()(tensor([-1, 2])).tolist() // [-0.6321, 2] */
export class CELU extends Exponential {
  override forward(input: Tensor): Tensor {
    return celu(input, this.alpha, this.inplace);
  }
}

interface GeluOptions {
  approximate?: "none" | "tanh";
}

/** See nn.functional.gelu. @example new nn.GELU()(tensor(1)).item() // 0.8413447 */
export class GELU extends Module {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  readonly approximate: "none" | "tanh";

  constructor(approximate?: "none" | "tanh" | GeluOptions) {
    super();
    this.approximate = named<GeluOptions>("GELU", [approximate], ["approximate"]).approximate ?? "none";
  }

  override forward(input: Tensor): Tensor {
    return gelu(input, this.approximate);
  }

  override extraRepr(): string {
    return `approximate='${this.approximate}'`;
  }
}

interface SoftplusOptions {
  beta?: number;
  threshold?: number;
}

/** See nn.functional.softplus. @example new nn.Softplus()(tensor([0])).tolist() // [0.6931] */
export class Softplus extends Module {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  readonly beta: number;
  readonly threshold: number;

  constructor(...args: [beta?: number | SoftplusOptions, threshold?: number | SoftplusOptions]) {
    super();
    const given = named<SoftplusOptions>("Softplus", args, ["beta", "threshold"]);
    this.beta = given.beta ?? 1;
    this.threshold = given.threshold ?? 20;
  }

  override forward(input: Tensor): Tensor {
    return softplus(input, this.beta, this.threshold);
  }

  override extraRepr(): string {
    return `beta=${this.beta}, threshold=${this.threshold}`;
  }
}

interface LambdOptions {
  lambd?: number;
}

abstract class Shrink extends Module {
  readonly lambd: number;

  constructor(lambd?: number | LambdOptions) {
    super();
    this.lambd = named<LambdOptions>(new.target.name, [lambd], ["lambd"]).lambd ?? 0.5;
  }

  override extraRepr(): string {
    return pythonFloat(this.lambd);
  }
}

/** See nn.functional.softshrink. @example new nn.Softshrink()(tensor([0.3, 2])).tolist() // [0, 1.5] */
export class Softshrink extends Shrink {
  override forward(input: Tensor): Tensor {
    return softshrink(input, this.lambd);
  }
}

/** See nn.functional.hardshrink. @example new nn.Hardshrink()(tensor([0.3, 2])).tolist() // [0, 2] */
export class Hardshrink extends Shrink {
  override forward(input: Tensor): Tensor {
    return hardshrink(input, this.lambd);
  }
}

interface HardtanhOptions extends InplaceOption {
  minVal?: number;
  maxVal?: number;
}

type HardtanhArguments = [
  minVal?: number | HardtanhOptions,
  maxVal?: number | HardtanhOptions,
  inplace?: boolean | HardtanhOptions,
];

/**
 * See nn.functional.hardtanh.
 * @throws {ShapeError} a `maxVal` that is not above `minVal`
 * @example new nn.Hardtanh()(tensor([-2, 0.5])).tolist() // [-1, 0.5]
 */
export class Hardtanh extends Module {
  readonly minVal: number;
  readonly maxVal: number;
  readonly inplace: boolean;

  constructor(...args: HardtanhArguments) {
    super();
    const given = named<HardtanhOptions>("Hardtanh", args, ["minVal", "maxVal", "inplace"]);
    this.minVal = given.minVal ?? -1;
    this.maxVal = given.maxVal ?? 1;
    this.inplace = given.inplace ?? false;
    if (this.maxVal <= this.minVal) throw new ShapeError("Hardtanh: expected maxVal to be above minVal");
  }

  override forward(input: Tensor): Tensor {
    return hardtanh(input, this.minVal, this.maxVal, this.inplace);
  }

  override extraRepr(): string {
    return printed([`min_val=${pythonFloat(this.minVal)}`, `max_val=${pythonFloat(this.maxVal)}`], this.inplace);
  }
}

interface DimOption {
  dim?: number;
}

/** See nn.functional.glu. @example new nn.GLU()(tensor([4, 0])).tolist() // [2] */
export class GLU extends Module {
  readonly dim: number;

  constructor(dim?: number | DimOption) {
    super();
    this.dim = named<DimOption>("GLU", [dim], ["dim"]).dim ?? -1;
  }

  override forward(input: Tensor): Tensor {
    return glu(input, this.dim);
  }

  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}

/** See nn.functional.softmin. @example new nn.Softmin(0)(tensor([0, 0])).tolist() // [0.5, 0.5] */
export class Softmin extends Module {
  readonly dim: number;

  constructor(dim: number | DimOption) {
    super();
    const given = named<DimOption>("Softmin", [dim], ["dim"]).dim;
    if (given === undefined) throw new TypeError("Softmin: argument 'dim' is missing; it must be a number");
    this.dim = given;
  }

  override forward(input: Tensor): Tensor {
    return softmin(input, this.dim);
  }

  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}

/**
 * softmax over the channels of images [N, C, H, W] or [C, H, W].
 * @example new nn.Softmax2d()(zeros(1, 2, 1, 1)).flatten().tolist() // [0.5, 0.5]
 */
export class Softmax2d extends Module {
  override forward(input: Tensor): Tensor {
    if (input.ndim !== 3 && input.ndim !== 4) throw new ShapeError("Softmax2d requires a 3D or 4D tensor as input");
    return softmax(input, -3);
  }
}
