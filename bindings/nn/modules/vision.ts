/** Images of other sizes and shapes, as modules. */
import { named } from "../../core/args.ts";
import { channelShuffle, pixelShuffle, pixelUnshuffle } from "../../ops/pixel.ts";
import type { Tensor } from "../../tensor.ts";
import { type FoldOptions, fold, type UnfoldOptions, unfold } from "../functional/fold.ts";
import { type InterpolationMode, interpolate } from "../functional/resample.ts";
import type { Sizes } from "../functional/window.ts";
import { Module } from "../module.ts";
import { pythonFloat } from "../print.ts";
import { pythonValue } from "./repr.ts";

export interface UpsampleOptions {
  size?: Sizes | null;
  scaleFactor?: Sizes | null;
  /** Default "nearest". */
  mode?: InterpolationMode;
  alignCorners?: boolean | null;
  recomputeScaleFactor?: boolean | null;
}

type UpsampleArguments = [
  size?: Sizes | null | UpsampleOptions,
  scaleFactor?: Sizes | null | UpsampleOptions,
  mode?: InterpolationMode | UpsampleOptions,
  alignCorners?: boolean | null | UpsampleOptions,
  recomputeScaleFactor?: boolean | null | UpsampleOptions,
];

/**
 * See nn.functional.interpolate.
 * @example new nn.Upsample({ scaleFactor: 2 })(randn(1, 3, 4, 4)).shape // [1, 3, 8, 8]
 */
export class Upsample extends Module {
  readonly size: Sizes | null;
  readonly scaleFactor: Sizes | null;
  readonly mode: InterpolationMode;
  readonly alignCorners: boolean | null;
  readonly recomputeScaleFactor: boolean | null;

  constructor(...args: UpsampleArguments) {
    super();
    const names = ["size", "scaleFactor", "mode", "alignCorners", "recomputeScaleFactor"] as const;
    const given = named<UpsampleOptions>(new.target.name, args, names);
    this.size = given.size ?? null;
    this.scaleFactor = given.scaleFactor ?? null;
    this.mode = given.mode ?? "nearest";
    this.alignCorners = given.alignCorners ?? null;
    this.recomputeScaleFactor = given.recomputeScaleFactor ?? null;
  }

  override forward(input: Tensor): Tensor {
    const { size, scaleFactor, mode, alignCorners, recomputeScaleFactor } = this;
    return interpolate(input, { size, scaleFactor, mode, alignCorners, recomputeScaleFactor });
  }

  override extraRepr(): string {
    const { size, scaleFactor, mode } = this;
    if (scaleFactor === null) return `size=${pythonValue(size)}, mode=${mode}`;
    const factors =
      typeof scaleFactor === "number" ? pythonFloat(scaleFactor) : `(${scaleFactor.map(pythonFloat).join(", ")})`;
    return `scale_factor=${factors}, mode=${mode}`;
  }
}

type SizeArguments = [size?: Sizes | null | UpsampleOptions, scaleFactor?: Sizes | null | UpsampleOptions];

function sizesOf(args: SizeArguments, caller: string): UpsampleOptions {
  return named<UpsampleOptions>(caller, args, ["size", "scaleFactor"]);
}

/**
 * Upsample with mode "nearest".
 * @example new nn.UpsamplingNearest2d({ scaleFactor: 2 })(ones(1, 1, 2, 2)).shape // [1, 1, 4, 4]
 */
export class UpsamplingNearest2d extends Upsample {
  constructor(...args: SizeArguments) {
    super({ ...sizesOf(args, "UpsamplingNearest2d"), mode: "nearest" });
  }
}

/**
 * Upsample with mode "bilinear" and aligned corners.
 * @example new nn.UpsamplingBilinear2d({ scaleFactor: 2 })(ones(1, 1, 2, 2)).shape // [1, 1, 4, 4]
 */
export class UpsamplingBilinear2d extends Upsample {
  constructor(...args: SizeArguments) {
    super({ ...sizesOf(args, "UpsamplingBilinear2d"), mode: "bilinear", alignCorners: true });
  }
}

type UnfoldArguments = [
  kernelSize: Sizes | UnfoldOptions,
  dilation?: Sizes | UnfoldOptions,
  padding?: Sizes | UnfoldOptions,
  stride?: Sizes | UnfoldOptions,
];

function patchText({ kernelSize, dilation, padding, stride }: Required<UnfoldOptions>): string {
  const values = { kernel_size: kernelSize, dilation, padding, stride };
  return Object.entries(values)
    .map(([name, value]) => `${name}=${pythonValue(value)}`)
    .join(", ");
}

/** See nn.functional.unfold. @example new nn.Unfold(2)(ones(1, 1, 3, 3)).shape // [1, 4, 4] */
export class Unfold extends Module {
  /** @internal */
  readonly settings: Required<UnfoldOptions>;

  constructor(...args: UnfoldArguments) {
    super();
    const {
      kernelSize = [],
      dilation = 1,
      padding = 0,
      stride = 1,
    } = named<UnfoldOptions>("Unfold", args, ["kernelSize", "dilation", "padding", "stride"]);
    this.settings = { kernelSize, dilation, padding, stride };
  }

  override forward(input: Tensor): Tensor {
    return unfold(input, this.settings);
  }

  override extraRepr(): string {
    return patchText(this.settings);
  }
}

type FoldArguments = [
  outputSize: Sizes | FoldOptions,
  kernelSize?: Sizes | FoldOptions,
  dilation?: Sizes | FoldOptions,
  padding?: Sizes | FoldOptions,
  stride?: Sizes | FoldOptions,
];

/** See nn.functional.fold. @example new nn.Fold([3, 3], 2)(ones(1, 4, 4)).shape // [1, 1, 3, 3] */
export class Fold extends Module {
  /** @internal */
  readonly settings: Required<FoldOptions>;

  constructor(...args: FoldArguments) {
    super();
    const names = ["outputSize", "kernelSize", "dilation", "padding", "stride"] as const;
    const given = named<FoldOptions>("Fold", args, names);
    const { outputSize = [], kernelSize = [], dilation = 1, padding = 0, stride = 1 } = given;
    this.settings = { outputSize, kernelSize, dilation, padding, stride };
  }

  override forward(input: Tensor): Tensor {
    return fold(input, this.settings);
  }

  override extraRepr(): string {
    return `output_size=${pythonValue(this.settings.outputSize)}, ${patchText(this.settings)}`;
  }
}

/** See nn.functional.pixelShuffle. @example new nn.PixelShuffle(2)(zeros(1, 8, 3, 3)).shape // [1, 2, 6, 6] */
export class PixelShuffle extends Module {
  readonly upscaleFactor: number;

  constructor(upscaleFactor: number) {
    super();
    this.upscaleFactor = upscaleFactor;
  }

  override forward(input: Tensor): Tensor {
    return pixelShuffle(input, this.upscaleFactor);
  }

  override extraRepr(): string {
    return `upscale_factor=${this.upscaleFactor}`;
  }
}

/** See nn.functional.pixelUnshuffle. @example new nn.PixelUnshuffle(2)(zeros(1, 2, 6, 6)).shape // [1, 8, 3, 3] */
export class PixelUnshuffle extends Module {
  readonly downscaleFactor: number;

  constructor(downscaleFactor: number) {
    super();
    this.downscaleFactor = downscaleFactor;
  }

  override forward(input: Tensor): Tensor {
    return pixelUnshuffle(input, this.downscaleFactor);
  }

  override extraRepr(): string {
    return `downscale_factor=${this.downscaleFactor}`;
  }
}

/**
 * See nn.functional.channelShuffle.
 * @example new nn.ChannelShuffle(2)(tensor([1, 2, 3, 4]).view(1, 4, 1, 1)).flatten().tolist() // [1, 3, 2, 4]
 */
export class ChannelShuffle extends Module {
  readonly groups: number;

  constructor(groups: number) {
    super();
    this.groups = groups;
  }

  override forward(input: Tensor): Tensor {
    return channelShuffle(input, this.groups);
  }

  override extraRepr(): string {
    return `groups=${this.groups}`;
  }
}
