/** Pooling as modules: they keep the settings that the functions of nn.functional take. */
import { named } from "../../core/args.ts";
import type { Tensor } from "../../tensor.ts";
import {
  type AvgPoolOptions,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  lpPool1d,
  lpPool2d,
  type MaxPoolOptions,
  maxPool1d,
  maxPool2d,
  maxPool3d,
} from "../functional/pooling.ts";
import { maxUnpool1d, maxUnpool2d, maxUnpool3d } from "../functional/unpooling.ts";
import { perDimension, type Sizes } from "../functional/window.ts";
import { Module } from "../module.ts";
import { pythonTuple, pythonValue } from "./repr.ts";

type MaxArguments = [
  kernelSize: Sizes | MaxPoolOptions,
  stride?: Sizes | null | MaxPoolOptions,
  padding?: Sizes | MaxPoolOptions,
  dilation?: Sizes | MaxPoolOptions,
  returnIndices?: boolean | MaxPoolOptions,
  ceilMode?: boolean | MaxPoolOptions,
];

/** PyTorch's modules take the last two settings in another order than its functions. */
const MAX_NAMES = ["kernelSize", "stride", "padding", "dilation", "returnIndices", "ceilMode"] as const;

abstract class MaxPool extends Module {
  readonly kernelSize: Sizes;
  readonly stride: Sizes;
  readonly padding: Sizes;
  readonly dilation: Sizes;
  readonly returnIndices: boolean;
  readonly ceilMode: boolean;

  constructor(...args: MaxArguments) {
    super();
    const given = named<MaxPoolOptions>(new.target.name, args, MAX_NAMES);
    this.kernelSize = given.kernelSize ?? [];
    this.stride = given.stride ?? this.kernelSize;
    this.padding = given.padding ?? 0;
    this.dilation = given.dilation ?? 1;
    this.returnIndices = given.returnIndices ?? false;
    this.ceilMode = given.ceilMode ?? false;
  }

  /** @internal */
  protected get settings(): MaxPoolOptions {
    const { kernelSize, stride, padding, dilation, returnIndices, ceilMode } = this;
    return { kernelSize, stride, padding, dilation, returnIndices, ceilMode };
  }

  override extraRepr(): string {
    return (
      `kernel_size=${pythonValue(this.kernelSize)}, stride=${pythonValue(this.stride)}, padding=${pythonValue(this.padding)}, ` +
      `dilation=${pythonValue(this.dilation)}, ceil_mode=${pythonValue(this.ceilMode)}`
    );
  }
}

/**
 * See nn.functional.maxPool1d. With `returnIndices` it returns [maxima, positions].
 * @example new nn.MaxPool1d(2)(tensor([[1, 3, 5, 7]])).tolist() // [[3, 7]]
 */
export class MaxPool1d extends MaxPool {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  override forward(input: Tensor): Tensor {
    return maxPool1d(input, this.settings);
  }
}

/**
 * See nn.functional.maxPool2d. With `returnIndices` it returns [maxima, positions].
 * @example new nn.MaxPool2d(2)(randn(1, 3, 28, 28)).shape // [1, 3, 14, 14]
 */
export class MaxPool2d extends MaxPool {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  override forward(input: Tensor): Tensor {
    return maxPool2d(input, this.settings);
  }
}

/**
 * See nn.functional.maxPool3d. With `returnIndices` it returns [maxima, positions].
 * @example new nn.MaxPool3d(2)(ones(1, 2, 4, 4, 4)).shape // [1, 2, 2, 2, 2]
 */
export class MaxPool3d extends MaxPool {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  override forward(input: Tensor): Tensor {
    return maxPool3d(input, this.settings);
  }
}

interface UnpoolOptions {
  kernelSize?: Sizes;
  stride?: Sizes | null;
  padding?: Sizes;
}

type UnpoolArguments = [
  kernelSize: Sizes | UnpoolOptions,
  stride?: Sizes | null | UnpoolOptions,
  padding?: Sizes | UnpoolOptions,
];

abstract class MaxUnpool extends Module {
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  /** @internal */
  protected readonly unpoolFunction: typeof maxUnpool2d;

  constructor(dims: number, unpool: typeof maxUnpool2d, args: UnpoolArguments) {
    super();
    const given = named<UnpoolOptions>(`MaxUnpool${dims}d`, args, ["kernelSize", "stride", "padding"]);
    this.kernelSize = perDimension(given.kernelSize ?? [], dims, "kernel_size");
    this.stride = perDimension(given.stride ?? this.kernelSize, dims, "stride");
    this.padding = perDimension(given.padding ?? 0, dims, "padding");
    this.unpoolFunction = unpool;
  }

  override forward(input: Tensor, indices: Tensor, outputSize?: readonly number[] | null): Tensor {
    const { kernelSize, stride, padding } = this;
    return this.unpoolFunction(input, indices, { kernelSize, stride, padding, outputSize });
  }

  override extraRepr(): string {
    return `kernel_size=${pythonTuple(this.kernelSize)}, stride=${pythonTuple(this.stride)}, padding=${pythonTuple(this.padding)}`;
  }
}

/**
 * See nn.functional.maxUnpool1d.
 * @example new nn.MaxUnpool1d(2)(tensor([[3, 7]]), tensor([[1, 3]], { dtype: "int32" })).tolist() // [[0, 3, 0, 7]]
 */
export class MaxUnpool1d extends MaxUnpool {
  constructor(...args: UnpoolArguments) {
    super(1, maxUnpool1d, args);
  }
}

/**
 * See nn.functional.maxUnpool2d.
 * @example new nn.MaxUnpool2d(2)(ones(1, 1, 2, 2), zeros(1, 1, 2, 2, { dtype: "int32" })).shape // [1, 1, 4, 4]
 */
export class MaxUnpool2d extends MaxUnpool {
  constructor(...args: UnpoolArguments) {
    super(2, maxUnpool2d, args);
  }
}

/**
 * See nn.functional.maxUnpool3d.
 * @example new nn.MaxUnpool3d(2)(ones(1, 1, 1, 1, 1), zeros(1, 1, 1, 1, 1, { dtype: "int32" })).shape // [1, 1, 2, 2, 2]
 */
export class MaxUnpool3d extends MaxUnpool {
  constructor(...args: UnpoolArguments) {
    super(3, maxUnpool3d, args);
  }
}

type AvgArguments = [
  kernelSize: Sizes | AvgPoolOptions,
  stride?: Sizes | null | AvgPoolOptions,
  padding?: Sizes | AvgPoolOptions,
  ceilMode?: boolean | AvgPoolOptions,
  countIncludePad?: boolean | AvgPoolOptions,
  divisorOverride?: number | null | AvgPoolOptions,
];

const AVG_NAMES = ["kernelSize", "stride", "padding", "ceilMode", "countIncludePad", "divisorOverride"] as const;

abstract class AvgPool extends Module {
  readonly kernelSize: Sizes;
  readonly stride: Sizes;
  readonly padding: Sizes;
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;
  readonly divisorOverride: number | null;

  constructor(...args: AvgArguments) {
    super();
    const given = named<AvgPoolOptions>(new.target.name, args, AVG_NAMES);
    this.kernelSize = given.kernelSize ?? [];
    this.stride = given.stride ?? this.kernelSize;
    this.padding = given.padding ?? 0;
    this.ceilMode = given.ceilMode ?? false;
    this.countIncludePad = given.countIncludePad ?? true;
    this.divisorOverride = given.divisorOverride ?? null;
  }

  /** @internal */
  protected get settings(): AvgPoolOptions {
    const { kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride } = this;
    return { kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride };
  }

  override extraRepr(): string {
    const [kernelSize, stride, padding] = [this.kernelSize, this.stride, this.padding].map(pythonValue);
    return `kernel_size=${kernelSize}, stride=${stride}, padding=${padding}`;
  }
}

/** See nn.functional.avgPool1d. @example new nn.AvgPool1d(2)(tensor([[1, 3, 5, 7]])).tolist() // [[2, 6]] */
export class AvgPool1d extends AvgPool {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  override forward(input: Tensor): Tensor {
    return avgPool1d(input, this.settings);
  }

  override extraRepr(): string {
    const [kernelSize, stride, padding] = [this.kernelSize, this.stride, this.padding].map((size) =>
      pythonTuple(perDimension(size, 1, "size")),
    );
    return `kernel_size=${kernelSize}, stride=${stride}, padding=${padding}`;
  }
}

/** See nn.functional.avgPool2d. @example new nn.AvgPool2d(2)(randn(1, 3, 28, 28)).shape // [1, 3, 14, 14] */
export class AvgPool2d extends AvgPool {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  override forward(input: Tensor): Tensor {
    return avgPool2d(input, this.settings);
  }
}

/** See nn.functional.avgPool3d. @example new nn.AvgPool3d(2)(ones(1, 2, 4, 4, 4)).shape // [1, 2, 2, 2, 2] */
export class AvgPool3d extends AvgPool {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  override forward(input: Tensor): Tensor {
    return avgPool3d(input, this.settings);
  }
}

interface LpOptions {
  normType?: number;
  kernelSize?: Sizes;
  stride?: Sizes | null;
  ceilMode?: boolean;
}

type LpArguments = [
  normType: number | LpOptions,
  kernelSize?: Sizes | LpOptions,
  stride?: Sizes | null | LpOptions,
  ceilMode?: boolean | LpOptions,
];

abstract class LPPool extends Module {
  readonly normType: number;
  readonly kernelSize: Sizes;
  readonly stride: Sizes | null;
  readonly ceilMode: boolean;

  constructor(...args: LpArguments) {
    super();
    const given = named<LpOptions>(new.target.name, args, ["normType", "kernelSize", "stride", "ceilMode"]);
    this.normType = given.normType ?? Number.NaN;
    this.kernelSize = given.kernelSize ?? [];
    this.stride = given.stride ?? null;
    this.ceilMode = given.ceilMode ?? false;
  }

  /** @internal */
  protected get settings(): LpOptions {
    const { normType, kernelSize, stride, ceilMode } = this;
    return { normType, kernelSize, stride, ceilMode };
  }

  override extraRepr(): string {
    const { normType, kernelSize, stride, ceilMode } = this;
    return `norm_type=${normType}, kernel_size=${pythonValue(kernelSize)}, stride=${pythonValue(stride)}, ceil_mode=${pythonValue(ceilMode)}`;
  }
}

/** See nn.functional.lpPool1d. @example new nn.LPPool1d(2, 2)(tensor([[[3, 4]]])).item() // 5 */
export class LPPool1d extends LPPool {
  override forward(input: Tensor): Tensor {
    return lpPool1d(input, this.settings);
  }
}

/** See nn.functional.lpPool2d. @example new nn.LPPool2d(2, 2)(ones(1, 1, 4, 4)).shape // [1, 1, 2, 2] */
export class LPPool2d extends LPPool {
  override forward(input: Tensor): Tensor {
    return lpPool2d(input, this.settings);
  }
}
