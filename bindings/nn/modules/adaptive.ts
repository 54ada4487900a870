/** Pooling to a given size, and with windows at random places, as modules. */
import { isOptions, named } from "../../core/args.ts";
import { TensorError } from "../../core/errors.ts";
import type { Tensor } from "../../tensor.ts";
import {
  type AdaptiveSizes,
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  fractionalMaxPool2d,
  fractionalMaxPool3d,
} from "../functional/adaptive.ts";
import type { Sizes } from "../functional/window.ts";
import { Module } from "../module.ts";
import { pythonValue } from "./repr.ts";

interface AdaptiveModuleOptions {
  outputSize?: AdaptiveSizes;
  returnIndices?: boolean;
}

abstract class AdaptivePool extends Module {
  readonly outputSize: AdaptiveSizes;

  constructor(outputSize: AdaptiveSizes | AdaptiveModuleOptions) {
    super();
    this.outputSize = isOptions(outputSize)
      ? ((outputSize as AdaptiveModuleOptions).outputSize ?? null)
      : (outputSize as AdaptiveSizes);
  }

  override extraRepr(): string {
    return `output_size=${pythonValue(this.outputSize)}`;
  }
}

/**
 * See nn.functional.adaptiveAvgPool1d.
 * @example new nn.AdaptiveAvgPool1d(2)(tensor([[1, 2, 3, 4]])).tolist() // [[1.5, 3.5]]
 */
export class AdaptiveAvgPool1d extends AdaptivePool {
  override forward(input: Tensor): Tensor {
    return adaptiveAvgPool1d(input, this.outputSize);
  }
}

/** See nn.functional.adaptiveAvgPool2d. @example new nn.AdaptiveAvgPool2d(1)(randn(1, 3, 7, 9)).shape // [1, 3, 1, 1] */
export class AdaptiveAvgPool2d extends AdaptivePool {
  override forward(input: Tensor): Tensor {
    return adaptiveAvgPool2d(input, this.outputSize);
  }
}

/**
 * See nn.functional.adaptiveAvgPool3d.
 * @example new nn.AdaptiveAvgPool3d(1)(ones(1, 2, 4, 4, 4)).shape // [1, 2, 1, 1, 1]
 */
export class AdaptiveAvgPool3d extends AdaptivePool {
  override forward(input: Tensor): Tensor {
    return adaptiveAvgPool3d(input, this.outputSize);
  }
}

abstract class AdaptiveMaxPool extends AdaptivePool {
  readonly returnIndices: boolean;

  constructor(
    outputSize: AdaptiveSizes | AdaptiveModuleOptions,
    returnIndices: boolean | AdaptiveModuleOptions = false,
  ) {
    super(outputSize);
    const options = [outputSize, returnIndices].find(isOptions) as AdaptiveModuleOptions | undefined;
    this.returnIndices = options?.returnIndices ?? returnIndices === true;
  }

  /** @internal */
  protected get settings(): AdaptiveModuleOptions {
    return { outputSize: this.outputSize, returnIndices: this.returnIndices };
  }
}

/**
 * See nn.functional.adaptiveMaxPool1d. With `returnIndices` it returns [maxima, positions].
 * @example new nn.AdaptiveMaxPool1d(2)(tensor([[1, 2, 3, 4]])).tolist() // [[2, 4]]
 */
export class AdaptiveMaxPool1d extends AdaptiveMaxPool {
  override forward(input: Tensor): Tensor {
    return adaptiveMaxPool1d(input, this.settings);
  }
}

/**
 * See nn.functional.adaptiveMaxPool2d. With `returnIndices` it returns [maxima, positions].
 * @example new nn.AdaptiveMaxPool2d(1)(ones(1, 2, 4, 4)).shape // [1, 2, 1, 1]
 */
export class AdaptiveMaxPool2d extends AdaptiveMaxPool {
  override forward(input: Tensor): Tensor {
    return adaptiveMaxPool2d(input, this.settings);
  }
}

/**
 * See nn.functional.adaptiveMaxPool3d. With `returnIndices` it returns [maxima, positions].
 * @example new nn.AdaptiveMaxPool3d(1)(ones(1, 2, 4, 4, 4)).shape // [1, 2, 1, 1, 1]
 */
export class AdaptiveMaxPool3d extends AdaptiveMaxPool {
  override forward(input: Tensor): Tensor {
    return adaptiveMaxPool3d(input, this.settings);
  }
}

interface FractionalOptions {
  kernelSize?: Sizes;
  outputSize?: Sizes | null;
  outputRatio?: Sizes | null;
  returnIndices?: boolean;
  randomSamples?: Tensor | null;
}

type FractionalArguments = [
  kernelSize: Sizes | FractionalOptions,
  outputSize?: Sizes | null | FractionalOptions,
  outputRatio?: Sizes | null | FractionalOptions,
  returnIndices?: boolean | FractionalOptions,
];

abstract class FractionalMaxPool extends Module {
  /** @internal */
  protected readonly settings: FractionalOptions;

  constructor(...args: FractionalArguments) {
    super();
    const names = ["kernelSize", "outputSize", "outputRatio", "returnIndices"] as const;
    const caller = new.target.name;
    const given = named<FractionalOptions>(caller, args, names);
    const { outputSize, outputRatio } = given;
    if (outputSize === undefined && outputRatio === undefined) {
      throw new TensorError(`${caller} requires specifying either an output size, or a pooling ratio`);
    }
    if (outputSize !== undefined && outputRatio !== undefined) {
      throw new TensorError("only one of output_size and output_ratio may be specified");
    }
    const ratios = typeof outputRatio === "number" ? [outputRatio] : (outputRatio ?? []);
    if (ratios.some((ratio) => !(ratio > 0 && ratio < 1))) {
      throw new TensorError(`output_ratio must be between 0 and 1 (got ${pythonValue(outputRatio)})`);
    }
    this.settings = given;
  }
}

/**
 * See nn.functional.fractionalMaxPool2d. With `returnIndices` it returns [maxima, positions].
 * @example new nn.FractionalMaxPool2d(2, { outputSize: 3 })(randn(1, 2, 8, 8)).shape // [1, 2, 3, 3]
 */
export class FractionalMaxPool2d extends FractionalMaxPool {
  override forward(input: Tensor): Tensor {
    return fractionalMaxPool2d(input, this.settings);
  }
}

/**
 * See nn.functional.fractionalMaxPool3d. With `returnIndices` it returns [maxima, positions].
 * @example new nn.FractionalMaxPool3d(2, { outputSize: 3 })(randn(1, 2, 8, 8, 8)).shape // [1, 2, 3, 3, 3]
 */
export class FractionalMaxPool3d extends FractionalMaxPool {
  override forward(input: Tensor): Tensor {
    return fractionalMaxPool3d(input, this.settings);
  }
}
