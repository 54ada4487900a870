/** Convolutions as modules. */
import { named } from "../../core/args.ts";
import { ShapeError } from "../../core/errors.ts";
import { pad } from "../../ops/pad.ts";
import type { Tensor } from "../../tensor.ts";
import { conv1d, conv2d, conv3d, convTranspose1d, convTranspose2d, convTranspose3d } from "../functional/conv.ts";
import { listed, perDimension, type Sizes } from "../functional/window.ts";
import { Module } from "../module.ts";
import { emptyParameter, type Parameter } from "../parameter.ts";
import { pythonTuple } from "./repr.ts";
import { likeLinear_ } from "./start.ts";

/** What lies outside of the image: zeros, its mirror image, its border repeated, or its other end. */
export type PaddingMode = "zeros" | "reflect" | "replicate" | "circular";

interface SharedOptions {
  stride?: Sizes;
  dilation?: Sizes;
  groups?: number;
  /** Add a learnable bias. Default true. */
  bias?: boolean;
  /** Default "zeros". */
  paddingMode?: PaddingMode;
}

export interface ConvModuleOptions extends SharedOptions {
  padding?: Sizes | "same" | "valid";
}

export interface ConvTransposeModuleOptions extends SharedOptions {
  padding?: Sizes;
  outputPadding?: Sizes;
}

export type ConvArguments = [
  stride?: Sizes | ConvModuleOptions,
  padding?: Sizes | "same" | "valid" | ConvModuleOptions,
  dilation?: Sizes | ConvModuleOptions,
  groups?: number | ConvModuleOptions,
  bias?: boolean | ConvModuleOptions,
  paddingMode?: PaddingMode | ConvModuleOptions,
];

export type TransposeArguments = [
  stride?: Sizes | ConvTransposeModuleOptions,
  padding?: Sizes | ConvTransposeModuleOptions,
  outputPadding?: Sizes | ConvTransposeModuleOptions,
  groups?: number | ConvTransposeModuleOptions,
  bias?: boolean | ConvTransposeModuleOptions,
  dilation?: Sizes | ConvTransposeModuleOptions,
  paddingMode?: PaddingMode | ConvTransposeModuleOptions,
];

const CONV_NAMES = ["stride", "padding", "dilation", "groups", "bias", "paddingMode"] as const;
const TRANSPOSE_NAMES = ["stride", "padding", "outputPadding", "groups", "bias", "dilation", "paddingMode"] as const;
const MODES: readonly string[] = ["circular", "replicate", "reflect", "zeros"];

/** What all six have in common. */
export abstract class ConvBase extends Module {
  weight: Parameter;
  bias: Parameter | null;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[] | "same" | "valid";
  readonly dilation: readonly number[];
  readonly groups: number;
  readonly paddingMode: PaddingMode;

  constructor(
    dims: number,
    isTransposed: boolean,
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    options: ConvModuleOptions,
  ) {
    super();
    const { stride = 1, padding = 0, dilation = 1, groups = 1, bias = true, paddingMode = "zeros" } = options;
    if (!Number.isInteger(groups) || groups < 1) throw new ShapeError("groups must be a positive integer");
    if (inChannels % groups !== 0) throw new ShapeError("in_channels must be divisible by groups");
    if (outChannels % groups !== 0) throw new ShapeError("out_channels must be divisible by groups");
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = perDimension(kernelSize, dims, "kernel_size");
    this.stride = perDimension(stride, dims, "stride");
    this.padding = typeof padding === "string" ? padding : perDimension(padding, dims, "padding");
    this.dilation = perDimension(dilation, dims, "dilation");
    this.groups = groups;
    this.paddingMode = paddingMode;
    this.checkPadding();
    const [first, second] = isTransposed ? [inChannels, outChannels] : [outChannels, inChannels];
    this.weight = emptyParameter(first, second / groups, ...this.kernelSize);
    this.bias = bias ? emptyParameter(outChannels) : null;
    this.resetParameters();
  }

  private checkPadding(): void {
    const { padding, paddingMode } = this;
    if (!MODES.includes(paddingMode)) {
      throw new ShapeError(
        `padding_mode must be one of {'circular', 'replicate', 'reflect', 'zeros'}, but got padding_mode='${paddingMode}'`,
      );
    }
    if (typeof padding !== "string") return;
    if (padding !== "same" && padding !== "valid") {
      throw new ShapeError(`Invalid padding string '${String(padding)}', should be one of {'valid', 'same'}`);
    }
    if (padding === "same" && this.stride.some((s) => s !== 1)) {
      throw new ShapeError("padding='same' is not supported for strided convolutions");
    }
  }

  /** Draws the initial weights anew: weights and bias from ±1/√(inputs of one output), as PyTorch does. */
  resetParameters(): void {
    likeLinear_(this.weight, this.bias);
  }

  /** @internal */
  protected outputPaddingText(): string {
    return "";
  }

  override extraRepr(): string {
    const { padding, dilation, groups, paddingMode } = this;
    const differs = (sizes: readonly number[], usual: number): boolean => sizes.some((size) => size !== usual);
    const parts = [
      `${this.inChannels}, ${this.outChannels}, kernel_size=${pythonTuple(this.kernelSize)}, stride=${pythonTuple(this.stride)}`,
    ];
    if (typeof padding === "string") parts.push(`padding=${padding}`);
    else if (differs(padding, 0)) parts.push(`padding=${pythonTuple(padding)}`);
    if (differs(dilation, 1)) parts.push(`dilation=${pythonTuple(dilation)}`);
    parts.push(this.outputPaddingText());
    if (groups !== 1) parts.push(`groups=${groups}`);
    if (this.bias === null) parts.push("bias=False");
    if (paddingMode !== "zeros") parts.push(`padding_mode=${paddingMode}`);
    return parts.filter((part) => part !== "").join(", ");
  }
}

type ConvFunction = typeof conv2d;
type TransposeFunction = typeof convTranspose2d;

abstract class Conv extends ConvBase {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  /** @internal */
  protected readonly convFunction: ConvFunction;

  constructor(dims: number, conv: ConvFunction, channels: [number, number], kernelSize: Sizes, args: ConvArguments) {
    super(
      dims,
      false,
      channels[0],
      channels[1],
      kernelSize,
      named<ConvModuleOptions>(`Conv${dims}d`, args, CONV_NAMES),
    );
    this.convFunction = conv;
  }

  override forward(input: Tensor): Tensor {
    const { weight, bias, stride, padding, dilation, groups, paddingMode } = this;
    if (paddingMode === "zeros") return this.convFunction(input, weight, { bias, stride, padding, dilation, groups });
    const image = pad(input, this.border(), { mode: paddingMode });
    return this.convFunction(image, weight, { bias, stride, dilation, groups });
  }

  /** How many elements lie before and behind the image in each dimension, the last one first. */
  private border(): number[] {
    const { padding, dilation, kernelSize } = this;
    const sides = kernelSize.map((k, i) => {
      if (typeof padding !== "string") return [padding[i], padding[i]];
      const total = padding === "same" ? dilation[i] * (k - 1) : 0;
      return [Math.floor(total / 2), Math.ceil(total / 2)];
    });
    return sides.reverse().flat();
  }
}

abstract class ConvTranspose extends ConvBase {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  readonly outputPadding: readonly number[];
  /** @internal */
  protected readonly convFunction: TransposeFunction;

  constructor(
    dims: number,
    conv: TransposeFunction,
    channels: [number, number],
    kernelSize: Sizes,
    args: TransposeArguments,
  ) {
    const options = named<ConvTransposeModuleOptions>(`ConvTranspose${dims}d`, args, TRANSPOSE_NAMES);
    if ((options.paddingMode ?? "zeros") !== "zeros") {
      throw new ShapeError(`Only "zeros" padding mode is supported for ConvTranspose${dims}d`);
    }
    super(dims, true, channels[0], channels[1], kernelSize, options);
    this.outputPadding = perDimension(options.outputPadding ?? 0, dims, "output_padding");
    this.convFunction = conv;
  }

  /**
   * The transposed convolution of `input`.
   * @param outputSize the size of the result, where a stride leaves several to choose from; instead of outputPadding
   */
  override forward(input: Tensor, outputSize?: readonly number[] | null): Tensor {
    const { weight, bias, stride, padding, dilation, groups } = this;
    const outputPadding = outputSize ? this.paddingFor(input, outputSize) : this.outputPadding;
    return this.convFunction(input, weight, {
      bias,
      stride,
      padding: padding as readonly number[],
      outputPadding,
      groups,
      dilation,
    });
  }

  private paddingFor(input: Tensor, outputSize: readonly number[]): number[] {
    const dims = this.kernelSize.length;
    if (outputSize.length !== dims && outputSize.length !== input.ndim) {
      throw new ShapeError(
        `ConvTranspose${dims}D: for ${input.ndim}D input, output_size must have ${dims} or ${input.ndim} elements (got ${outputSize.length})`,
      );
    }
    const wanted = outputSize.slice(-dims);
    const image = input.shape.slice(-dims);
    const padding = this.padding as readonly number[];
    const least = image.map(
      (size, i) => (size - 1) * this.stride[i] - 2 * padding[i] + this.dilation[i] * (this.kernelSize[i] - 1) + 1,
    );
    const most = least.map((size, i) => size + this.stride[i] - 1);
    if (wanted.some((size, i) => size < least[i] || size > most[i])) {
      throw new ShapeError(
        `requested an output size of ${listed(wanted)}, but valid sizes range from ${listed(least)} to ${listed(most)} (for an ` +
          `input of torch.Size(${listed(image)}))`,
      );
    }
    return wanted.map((size, i) => size - least[i]);
  }

  protected override outputPaddingText(): string {
    return this.outputPadding.some((size) => size !== 0) ? `output_padding=${pythonTuple(this.outputPadding)}` : "";
  }
}

/**
 * Convolution along one dimension; weight [outChannels, inChannels / groups, k]. See Conv2d.
 * @example new nn.Conv1d(2, 3, 5)(randn(1, 2, 9)).shape // [1, 3, 5]
 */
export class Conv1d extends Conv {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, ...options: ConvArguments) {
    super(1, conv1d, [inChannels, outChannels], kernelSize, options);
  }
}

/**
 * Convolution over images [N, C, H, W]: nn.functional.conv2d with a weight [outChannels, inChannels / groups, kH, kW] and a
 * bias [outChannels] of its own, both from ±1/√(inChannels / groups · kH · kW) at first.
 * @see PyTorch torch.nn.Conv2d
 * @example new nn.Conv2d(3, 8, 3, { padding: 1 })(randn(1, 3, 28, 28)).shape // [1, 8, 28, 28]
 */
export class Conv2d extends Conv {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, ...options: ConvArguments) {
    super(2, conv2d, [inChannels, outChannels], kernelSize, options);
  }
}

/**
 * Convolution over three dimensions; weight [outChannels, inChannels / groups, kD, kH, kW]. See Conv2d.
 * @example new nn.Conv3d(2, 3, 3)(randn(1, 2, 5, 5, 5)).shape // [1, 3, 3, 3, 3]
 */
export class Conv3d extends Conv {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, ...options: ConvArguments) {
    super(3, conv3d, [inChannels, outChannels], kernelSize, options);
  }
}

/**
 * Transposed convolution along one dimension; weight [inChannels, outChannels / groups, k]. See ConvTranspose2d.
 * @example new nn.ConvTranspose1d(2, 3, 2, { stride: 2 })(randn(1, 2, 4)).shape // [1, 3, 8]
 */
export class ConvTranspose1d extends ConvTranspose {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, ...options: TransposeArguments) {
    super(1, convTranspose1d, [inChannels, outChannels], kernelSize, options);
  }
}

/**
 * Transposed convolution over images [N, C, H, W]: nn.functional.convTranspose2d with a weight [inChannels, outChannels /
 * groups, kH, kW] and a bias [outChannels] of its own.
 * @see PyTorch torch.nn.ConvTranspose2d
 * @example new nn.ConvTranspose2d(8, 3, 2, { stride: 2 })(randn(1, 8, 7, 7)).shape // [1, 3, 14, 14]
 */
export class ConvTranspose2d extends ConvTranspose {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, ...options: TransposeArguments) {
    super(2, convTranspose2d, [inChannels, outChannels], kernelSize, options);
  }
}

/**
 * Transposed convolution over three dimensions. See ConvTranspose2d.
 * @example new nn.ConvTranspose3d(2, 3, 2)(randn(1, 2, 3, 3, 3)).shape // [1, 3, 4, 4, 4]
 */
export class ConvTranspose3d extends ConvTranspose {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, ...options: TransposeArguments) {
    super(3, convTranspose3d, [inChannels, outChannels], kernelSize, options);
  }
}
