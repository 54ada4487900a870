import { named } from "../../core/args.ts";
import { flatten, unflatten } from "../../ops/view.ts";
import type { Tensor } from "../../tensor.ts";
import { Module } from "../module.ts";
import { pythonTuple } from "./repr.ts";

interface FlattenOptions {
  startDim?: number;
  endDim?: number;
}

/** The dimensions from `startDim` (1) to `endDim` (−1) as one. @example new nn.Flatten()(zeros(2, 3, 4)).shape // [2, 12] */
export class Flatten extends Module {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  readonly startDim: number;
  readonly endDim: number;

  constructor(...args: (number | FlattenOptions)[]) {
    super();
    const { startDim = 1, endDim = -1 } = named<FlattenOptions>("Flatten", args, ["startDim", "endDim"]);
    this.startDim = startDim;
    this.endDim = endDim;
  }

  override forward(input: Tensor): Tensor {
    return flatten(input, this.startDim, this.endDim);
  }

  override extraRepr(): string {
    return `start_dim=${this.startDim}, end_dim=${this.endDim}`;
  }
}

interface UnflattenOptions {
  dim?: number;
  unflattenedSize?: readonly number[];
}

/** One dimension as several. @example new nn.Unflatten(1, [2, 3])(zeros(4, 6)).shape // [4, 2, 3] */
export class Unflatten extends Module {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  readonly dim: number;
  readonly unflattenedSize: readonly number[];

  constructor(...args: (number | readonly number[] | UnflattenOptions)[]) {
    super();
    const { dim = 0, unflattenedSize = [] } = named<UnflattenOptions>("Unflatten", args, ["dim", "unflattenedSize"]);
    this.dim = dim;
    this.unflattenedSize = unflattenedSize;
  }

  override forward(input: Tensor): Tensor {
    return unflatten(input, this.dim, this.unflattenedSize);
  }

  override extraRepr(): string {
    return `dim=${this.dim}, unflattened_size=${pythonTuple(this.unflattenedSize)}`;
  }
}
