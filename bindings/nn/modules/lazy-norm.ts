/** Normalisation that takes the number of channels from the first input: see lazy.ts. */
import { isOptions } from "../../core/args.ts";
import { UninitializedBuffer, UninitializedParameter } from "../uninitialized.ts";
import { type Base, type Lazy, makeLazy, materialize, open } from "./lazy.ts";
import {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  type NormArguments,
  type RunningNorm,
} from "./normalization.ts";

/** InstanceNorm has neither weights nor running statistics unless asked for; lazy it has both, as in PyTorch. */
function usual(given: NormArguments): NormArguments {
  const last = given[given.length - 1];
  const options = isOptions(last) ? last : {};
  const [eps, momentum, affine = true, trackRunningStats = true] = isOptions(last) ? given.slice(0, -1) : given;
  return [eps, momentum, { affine, trackRunningStats, ...options }] as NormArguments;
}

function delay(module: RunningNorm & Lazy, type: Base): void {
  const own = open(module);
  if (own.affine) {
    own.weight = new UninitializedParameter();
    own.bias = new UninitializedParameter();
  }
  if (own.trackRunningStats) {
    own.running_mean = new UninitializedBuffer();
    own.running_var = new UninitializedBuffer();
  }
  makeLazy(module, type, (input) => {
    if (!own.affine && !own.trackRunningStats) return;
    own.numFeatures = input.size(1);
    for (const t of [own.weight, own.bias, own.running_mean, own.running_var]) materialize(t, own.numFeatures);
  });
}

/** BatchNorm1d that takes `numFeatures` from the first input. @example new nn.LazyBatchNorm1d()(randn(4, 3, 5)).shape // [4, 3, 5] */
export class LazyBatchNorm1d extends BatchNorm1d implements Lazy {
  declare initializeParameters: Lazy["initializeParameters"];
  declare hasUninitializedParams: Lazy["hasUninitializedParams"];

  constructor(...options: NormArguments) {
    super(0, ...options);
    delay(this, BatchNorm1d);
  }
}

/** BatchNorm2d that takes `numFeatures` from the first input. @example new nn.LazyBatchNorm2d()(randn(4, 3, 5, 5)).shape // [4, 3, 5, 5] */
export class LazyBatchNorm2d extends BatchNorm2d implements Lazy {
  declare initializeParameters: Lazy["initializeParameters"];
  declare hasUninitializedParams: Lazy["hasUninitializedParams"];

  constructor(...options: NormArguments) {
    super(0, ...options);
    delay(this, BatchNorm2d);
  }
}

/** BatchNorm3d that takes `numFeatures` from the first input. @example new nn.LazyBatchNorm3d()(randn(4, 3, 2, 2, 2)).shape // [4, 3, 2, 2, 2] */
export class LazyBatchNorm3d extends BatchNorm3d implements Lazy {
  declare initializeParameters: Lazy["initializeParameters"];
  declare hasUninitializedParams: Lazy["hasUninitializedParams"];

  constructor(...options: NormArguments) {
    super(0, ...options);
    delay(this, BatchNorm3d);
  }
}

/** InstanceNorm1d that takes `numFeatures` from the first input, with weights and running statistics by default. @example new nn.LazyInstanceNorm1d()(randn(4, 3, 5)).shape // [4, 3, 5] */
export class LazyInstanceNorm1d extends InstanceNorm1d implements Lazy {
  declare initializeParameters: Lazy["initializeParameters"];
  declare hasUninitializedParams: Lazy["hasUninitializedParams"];

  constructor(...options: NormArguments) {
    super(0, ...usual(options));
    delay(this, InstanceNorm1d);
  }
}

/** InstanceNorm2d that takes `numFeatures` from the first input, with weights and running statistics by default. @example new nn.LazyInstanceNorm2d()(randn(4, 3, 5, 5)).shape // [4, 3, 5, 5] */
export class LazyInstanceNorm2d extends InstanceNorm2d implements Lazy {
  declare initializeParameters: Lazy["initializeParameters"];
  declare hasUninitializedParams: Lazy["hasUninitializedParams"];

  constructor(...options: NormArguments) {
    super(0, ...usual(options));
    delay(this, InstanceNorm2d);
  }
}

/** InstanceNorm3d that takes `numFeatures` from the first input, with weights and running statistics by default. @example new nn.LazyInstanceNorm3d()(randn(4, 3, 2, 2, 2)).shape // [4, 3, 2, 2, 2] */
export class LazyInstanceNorm3d extends InstanceNorm3d implements Lazy {
  declare initializeParameters: Lazy["initializeParameters"];
  declare hasUninitializedParams: Lazy["hasUninitializedParams"];

  constructor(...options: NormArguments) {
    super(0, ...usual(options));
    delay(this, InstanceNorm3d);
  }
}
