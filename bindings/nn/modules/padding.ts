/** Padding as modules: by a number, a mirror image, the border, or the other end. */
import { ShapeError } from "../../core/errors.ts";
import { type PadMode, pad } from "../../ops/pad.ts";
import type { Tensor } from "../../tensor.ts";
import type { Sizes } from "../functional/window.ts";
import { Module } from "../module.ts";
import { pythonTuple } from "./repr.ts";

abstract class Padding extends Module {
  /** Before and behind the last dimension, then the one before it. */
  readonly padding: readonly number[];
  /** @internal */
  protected readonly padMode: PadMode;

  constructor(dims: number, mode: PadMode, padding: Sizes) {
    super();
    this.padding = typeof padding === "number" ? new Array<number>(2 * dims).fill(padding) : [...padding];
    if (this.padding.length !== 2 * dims) {
      throw new ShapeError(`${new.target.name}: expected padding of ${2 * dims} numbers, got ${this.padding.length}`);
    }
    this.padMode = mode;
  }

  override forward(input: Tensor): Tensor {
    return pad(input, this.padding, { mode: this.padMode });
  }

  override extraRepr(): string {
    return pythonTuple(this.padding);
  }
}

abstract class ConstantPad extends Padding {
  readonly value: number;

  constructor(dims: number, padding: Sizes, value: number) {
    super(dims, "constant", padding);
    this.value = value;
  }

  override forward(input: Tensor): Tensor {
    return pad(input, this.padding, { mode: "constant", value: this.value });
  }

  override extraRepr(): string {
    return `padding=${pythonTuple(this.padding)}, value=${this.value}`;
  }
}

/**
 * The last dimension padded with `value`.
 * @example new nn.ConstantPad1d(1, 9)(tensor([[1, 2]])).tolist() // [[9, 1, 2, 9]]
 */
export class ConstantPad1d extends ConstantPad {
  constructor(padding: Sizes, value: number) {
    super(1, padding, value);
  }
}

/** The last two dimensions padded with `value`. @example new nn.ConstantPad2d(1, 0)(ones(1, 2, 2)).shape // [1, 4, 4] */
export class ConstantPad2d extends ConstantPad {
  constructor(padding: Sizes, value: number) {
    super(2, padding, value);
  }
}

/**
 * The last three dimensions padded with `value`.
 * @example new nn.ConstantPad3d(1, 9)(ones(1, 2, 2, 2)).shape // [1, 4, 4, 4]
 */
export class ConstantPad3d extends ConstantPad {
  constructor(padding: Sizes, value: number) {
    super(3, padding, value);
  }
}

abstract class ZeroPad extends ConstantPad {
  constructor(dims: number, padding: Sizes) {
    super(dims, padding, 0);
  }

  override extraRepr(): string {
    return pythonTuple(this.padding);
  }
}

/** The last dimension padded with zeros. @example new nn.ZeroPad1d(1)(tensor([[1, 2]])).tolist() // [[0, 1, 2, 0]] */
export class ZeroPad1d extends ZeroPad {
  constructor(padding: Sizes) {
    super(1, padding);
  }
}

/** The last two dimensions padded with zeros. @example new nn.ZeroPad2d(1)(ones(1, 2, 2)).shape // [1, 4, 4] */
export class ZeroPad2d extends ZeroPad {
  constructor(padding: Sizes) {
    super(2, padding);
  }
}

/** The last three dimensions padded with zeros. @example new nn.ZeroPad3d(1)(ones(1, 2, 2, 2)).shape // [1, 4, 4, 4] */
export class ZeroPad3d extends ZeroPad {
  constructor(padding: Sizes) {
    super(3, padding);
  }
}

/**
 * The last dimension continued by its mirror image.
 * @example new nn.ReflectionPad1d(1)(tensor([[1, 2, 3]])).tolist() // [[2, 1, 2, 3, 2]]
 */
export class ReflectionPad1d extends Padding {
  constructor(padding: Sizes) {
    super(1, "reflect", padding);
  }
}

/**
 * The last two dimensions continued by their mirror image.
 * @example new nn.ReflectionPad2d(1)(ones(1, 2, 2)).shape // [1, 4, 4]
 */
export class ReflectionPad2d extends Padding {
  constructor(padding: Sizes) {
    super(2, "reflect", padding);
  }
}

/**
 * The last three dimensions continued by their mirror image.
 * @example new nn.ReflectionPad3d(1)(ones(1, 2, 2, 2)).shape // [1, 4, 4, 4]
 */
export class ReflectionPad3d extends Padding {
  constructor(padding: Sizes) {
    super(3, "reflect", padding);
  }
}

/**
 * The last dimension continued by its outermost elements.
 * @example new nn.ReplicationPad1d(1)(tensor([[1, 2, 3]])).tolist() // [[1, 1, 2, 3, 3]]
 */
export class ReplicationPad1d extends Padding {
  constructor(padding: Sizes) {
    super(1, "replicate", padding);
  }
}

/**
 * The last two dimensions continued by their outermost elements.
 * @example new nn.ReplicationPad2d(1)(ones(1, 2, 2)).shape // [1, 4, 4]
 */
export class ReplicationPad2d extends Padding {
  constructor(padding: Sizes) {
    super(2, "replicate", padding);
  }
}

/**
 * The last three dimensions continued by their outermost elements.
 * @example new nn.ReplicationPad3d(1)(ones(1, 2, 2, 2)).shape // [1, 4, 4, 4]
 */
export class ReplicationPad3d extends Padding {
  constructor(padding: Sizes) {
    super(3, "replicate", padding);
  }
}

/**
 * The last dimension continued from its other end.
 * @example new nn.CircularPad1d(1)(tensor([[1, 2, 3]])).tolist() // [[3, 1, 2, 3, 1]]
 */
export class CircularPad1d extends Padding {
  constructor(padding: Sizes) {
    super(1, "circular", padding);
  }
}

/**
 * The last two dimensions continued from their other ends.
 * @example new nn.CircularPad2d(1)(ones(1, 2, 2)).shape // [1, 4, 4]
 */
export class CircularPad2d extends Padding {
  constructor(padding: Sizes) {
    super(2, "circular", padding);
  }
}

/**
 * The last three dimensions continued from their other ends.
 * @example new nn.CircularPad3d(1)(ones(1, 2, 2, 2)).shape // [1, 4, 4, 4]
 */
export class CircularPad3d extends Padding {
  constructor(padding: Sizes) {
    super(3, "circular", padding);
  }
}
