/**
 * Modules that take the size of their input from the first one they see. Until then their parameters are uninitialized; with the
 * first call they become modules of the class that they stand in for.
 */
import { TensorError } from "../../core/errors.ts";
import type { Tensor } from "../../tensor.ts";
import type { Module } from "../module.ts";
import { isUninitialized, UninitializedParameter } from "../uninitialized.ts";
import { type BiasOption, Linear } from "./linear.ts";

/** What lazy modules have in common. */
export interface Lazy {
  /** Gives the parameters their shapes, from an input, and draws them. */
  initializeParameters(input: Tensor): void;
  /** Whether there are parameters or buffers without a shape. */
  hasUninitializedParams(): boolean;
}

/** @internal A class whose modules can be lazy. */
export interface Base {
  readonly prototype: Module & { resetParameters(): void };
}

/** @internal The module, to change what is fixed otherwise. */
export function open<M extends Module>(module: M): { -readonly [K in keyof M]: M[K] } {
  return module;
}

/** @internal A parameter or buffer gets its shape, unless it has one. */
export function materialize(t: Tensor | null, ...shape: number[]): void {
  if (isUninitialized(t)) t.materialize(shape);
}

/**
 * @internal The module waits for its first input, of which `start` takes the size. Its methods stand in front of those of its
 * class until then.
 */
export function makeLazy(module: Module & Lazy, type: Base, start: (input: Tensor) => void): void {
  const isStarted = (): boolean => !Object.values(module).some(isUninitialized);
  const methods = {
    hasUninitializedParams: () => !isStarted(),
    resetParameters: () => undefined,
    initializeParameters: (input: Tensor) => {
      const isNew = !isStarted();
      start(input);
      if (isNew) type.prototype.resetParameters.call(module);
    },
    forward: (...inputs: Parameters<Module["forward"]>) => {
      const { name } = module.constructor;
      module.initializeParameters(inputs[0]);
      if (!isStarted()) throw new TensorError(`module ${name} has not been fully initialized`);
      for (const method of Object.keys(methods)) Reflect.deleteProperty(module, method);
      Object.setPrototypeOf(module, type.prototype);
      return module.forward(...inputs);
    },
  };
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(module, name, { value, configurable: true, writable: true });
  }
}

/**
 * Linear that takes `inFeatures` from the first input.
 * @see PyTorch torch.nn.LazyLinear
 * @example
 * const layer = new nn.LazyLinear(3);
 * layer(ones(4, 2)).shape; // [4, 3]
 * String(layer); // "Linear(in_features=2, out_features=3, bias=True)"
 */
export class LazyLinear extends Linear implements Lazy {
  declare initializeParameters: Lazy["initializeParameters"];
  declare hasUninitializedParams: Lazy["hasUninitializedParams"];

  constructor(outFeatures: number, bias: boolean | BiasOption = true) {
    super(0, 0, bias);
    const own = open<Linear>(this);
    own.outFeatures = outFeatures;
    own.weight = new UninitializedParameter();
    own.bias = own.bias && new UninitializedParameter();
    makeLazy(this, Linear, (input) => {
      own.inFeatures = input.size(-1);
      materialize(own.weight, outFeatures, own.inFeatures);
      materialize(own.bias, outFeatures);
    });
  }
}
