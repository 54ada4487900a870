/** Convolutions that take the number of their input channels from the first input: see lazy.ts. */
import { ShapeError } from "../../core/errors.ts";
import { listed, type Sizes } from "../functional/window.ts";
import { UninitializedParameter } from "../uninitialized.ts";
import {
  Conv1d,
  Conv2d,
  Conv3d,
  type ConvArguments,
  type ConvBase,
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type TransposeArguments,
} from "./conv.ts";
import { type Base, type Lazy, makeLazy, materialize, open } from "./lazy.ts";

function delay(module: ConvBase & Lazy, type: Base, outChannels: number, isTransposed: boolean): void {
  const own = open(module);
  const { groups, kernelSize } = own;
  own.outChannels = outChannels;
  own.weight = new UninitializedParameter();
  own.bias = own.bias && new UninitializedParameter();
  makeLazy(module, type, (input) => {
    const [dims, { ndim }] = [kernelSize.length, input];
    if (ndim !== dims + 1 && ndim !== dims + 2) {
      throw new ShapeError(
        `Expected ${dims + 1}D (unbatched) or ${dims + 2}D (batched) input to ${module.constructor.name}, but got input of size: ` +
          `torch.Size(${listed(input.shape)})`,
      );
    }
    const inChannels = input.size(ndim - dims - 1);
    if (inChannels % groups !== 0) throw new ShapeError("in_channels must be divisible by groups");
    own.inChannels = inChannels;
    const [first, second] = isTransposed ? [inChannels, outChannels] : [outChannels, inChannels];
    materialize(own.weight, first, second / groups, ...kernelSize);
    materialize(own.bias, outChannels);
  });
}

/** Conv1d that takes `inChannels` from the first input. @example new nn.LazyConv1d(3, 3)(randn(1, 2, 9)).shape // [1, 3, 7] */
export class LazyConv1d extends Conv1d implements Lazy {
  declare initializeParameters: Lazy["initializeParameters"];
  declare hasUninitializedParams: Lazy["hasUninitializedParams"];

  constructor(outChannels: number, kernelSize: Sizes, ...options: ConvArguments) {
    super(0, 0, kernelSize, ...options);
    delay(this, Conv1d, outChannels, false);
  }
}

/** Conv2d that takes `inChannels` from the first input. @example new nn.LazyConv2d(3, 3)(randn(1, 2, 9, 9)).shape // [1, 3, 7, 7] */
export class LazyConv2d extends Conv2d implements Lazy {
  declare initializeParameters: Lazy["initializeParameters"];
  declare hasUninitializedParams: Lazy["hasUninitializedParams"];

  constructor(outChannels: number, kernelSize: Sizes, ...options: ConvArguments) {
    super(0, 0, kernelSize, ...options);
    delay(this, Conv2d, outChannels, false);
  }
}

/** Conv3d that takes `inChannels` from the first input. @example new nn.LazyConv3d(3, 3)(randn(1, 2, 5, 5, 5)).shape // [1, 3, 3, 3, 3] */
export class LazyConv3d extends Conv3d implements Lazy {
  declare initializeParameters: Lazy["initializeParameters"];
  declare hasUninitializedParams: Lazy["hasUninitializedParams"];

  constructor(outChannels: number, kernelSize: Sizes, ...options: ConvArguments) {
    super(0, 0, kernelSize, ...options);
    delay(this, Conv3d, outChannels, false);
  }
}

/** ConvTranspose1d that takes `inChannels` from the first input. @example new nn.LazyConvTranspose1d(3, 3)(randn(1, 2, 9)).shape // [1, 3, 11] */
export class LazyConvTranspose1d extends ConvTranspose1d implements Lazy {
  declare initializeParameters: Lazy["initializeParameters"];
  declare hasUninitializedParams: Lazy["hasUninitializedParams"];

  constructor(outChannels: number, kernelSize: Sizes, ...options: TransposeArguments) {
    super(0, 0, kernelSize, ...options);
    delay(this, ConvTranspose1d, outChannels, true);
  }
}

/** ConvTranspose2d that takes `inChannels` from the first input. @example new nn.LazyConvTranspose2d(3, 3)(randn(1, 2, 9, 9)).shape // [1, 3, 11, 11] */
export class LazyConvTranspose2d extends ConvTranspose2d implements Lazy {
  declare initializeParameters: Lazy["initializeParameters"];
  declare hasUninitializedParams: Lazy["hasUninitializedParams"];

  constructor(outChannels: number, kernelSize: Sizes, ...options: TransposeArguments) {
    super(0, 0, kernelSize, ...options);
    delay(this, ConvTranspose2d, outChannels, true);
  }
}

/** ConvTranspose3d that takes `inChannels` from the first input. @example new nn.LazyConvTranspose3d(3, 3)(randn(1, 2, 5, 5, 5)).shape // [1, 3, 7, 7, 7] */
export class LazyConvTranspose3d extends ConvTranspose3d implements Lazy {
  declare initializeParameters: Lazy["initializeParameters"];
  declare hasUninitializedParams: Lazy["hasUninitializedParams"];

  constructor(outChannels: number, kernelSize: Sizes, ...options: TransposeArguments) {
    super(0, 0, kernelSize, ...options);
    delay(this, ConvTranspose3d, outChannels, true);
  }
}
