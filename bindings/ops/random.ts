/** Random numbers, the same as PyTorch's on a CPU for the same seed (normals to a few units in the last place). */
import { checkSizes, expectTensor, isOptions, named, shapeOf } from "../core/args.ts";
import { ShapeError } from "../core/errors.ts";
import { defaultGenerator, type Generator } from "../core/generator.ts";
import { core } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { drawn, drawnLike, expectFloat, finish, gaussian, integers, type RandomOptions, uniform } from "./draw.ts";
import { cast } from "./promote.ts";

/**
 * Starts the shared generator anew: the same seed gives the same numbers, those of PyTorch's CPU generator.
 * @param seed an integer, of which the low 32 bits count
 * @example
 * manualSeed(0);
 * rand(2); // tensor([0.4963, 0.7682])
 */
export function manualSeed(seed: number | bigint): Generator {
  return defaultGenerator.manualSeed(seed);
}

/**
 * Starts the shared generator anew from a seed that nobody can foresee, and returns that.
 * @example
 * const chosen = seed();
 * initialSeed() === chosen; // true
 */
export function seed(): number {
  return defaultGenerator.seed();
}

/**
 * The seed that the shared generator started from.
 * @example
 * manualSeed(7);
 * initialSeed(); // 7
 */
export function initialSeed(): number | bigint {
  return defaultGenerator.initialSeed();
}

/**
 * All that decides on the numbers to come from the shared generator, as bytes.
 * @example
 * const state = getRngState();
 * const first = rand(1).item();
 * setRngState(state);
 * rand(1).item() === first; // true
 */
export function getRngState(): Uint8Array {
  return defaultGenerator.getState();
}

/**
 * Goes on from where `getRngState` was called.
 * @example
 * manualSeed(0);
 * const state = getRngState();
 * rand(100);
 * setRngState(state);
 * rand(2); // tensor([0.4963, 0.7682])
 */
export function setRngState(state: Uint8Array): void {
  defaultGenerator.setState(state);
}

/**
 * Runs `fn`, whatever it draws; afterwards the shared generator goes on as if it had not been.
 * @see PyTorch torch.random.fork_rng
 * @example
 * manualSeed(0);
 * forkRng(() => rand(100));
 * rand(2); // tensor([0.4963, 0.7682])
 */
export function forkRng<T>(fn: () => T): T {
  const state = getRngState();
  try {
    return fn();
  } finally {
    setRngState(state);
  }
}

type SizeArguments = (number | readonly number[] | (RandomOptions & { size?: readonly number[] }))[];

/** Sizes given spread or as an array, with options behind. */
function sizes(args: SizeArguments, caller: string): [number[], RandomOptions] {
  const last = args[args.length - 1];
  const options = isOptions(last) ? (last as RandomOptions & { size?: readonly number[] }) : {};
  const spread = isOptions(last) ? args.slice(0, -1) : args;
  const shape = shapeOf(options.size ? [options.size] : (spread as (number | number[])[]), caller);
  checkSizes(shape, caller);
  return [shape, options];
}

/**
 * Numbers from [0, 1), evenly spread, of a shape given spread or as an array.
 * @example
 * manualSeed(0);
 * rand(2, 3).shape; // [2, 3]
 */
export function rand(...args: SizeArguments): Tensor {
  const [shape, options] = sizes(args, "rand");
  expectFloat(options.dtype, "check_uniform_bounds");
  return finish(drawn(shape, "float32", uniform(0, 1), options), options);
}

/** Numbers from the normal distribution of mean 0 and variance 1. @example randn(2, 3).shape // [2, 3] */
export function randn(...args: SizeArguments): Tensor {
  const [shape, options] = sizes(args, "randn");
  expectFloat(options.dtype, "normal_kernel_cpu");
  return finish(drawn(shape, "float32", gaussian(0, 1), options), options);
}

/** `rand` with the shape of `input`. @example randLike(zeros(2, 3)).shape // [2, 3] */
export function randLike(input: Tensor, options: RandomOptions = {}): Tensor {
  expectTensor(input, "randLike", "input");
  expectFloat(options.dtype ?? input.dtype, "check_uniform_bounds");
  return finish(drawnLike(input, "float32", uniform(0, 1), options), options);
}

/** `randn` with the shape of `input`. @example randnLike(zeros(2, 3)).shape // [2, 3] */
export function randnLike(input: Tensor, options: RandomOptions = {}): Tensor {
  expectTensor(input, "randnLike", "input");
  expectFloat(options.dtype ?? input.dtype, "normal_kernel_cpu");
  return finish(drawnLike(input, "float32", gaussian(0, 1), options), options);
}

interface IntegerOptions extends RandomOptions {
  low?: number;
  high?: number;
  size?: readonly number[];
}

/**
 * Integers from low (0 if left out) to high − 1, of the shape `size`: `randint(high, size)`, `randint(low, high, size)`.
 * @throws {TensorError} low >= high
 * @example randint(10, [2, 3]).dtype // "int32"
 */
export function randint(...args: (number | readonly number[] | IntegerOptions)[]): Tensor {
  const withLow = typeof args[1] === "number";
  const options = named<IntegerOptions>("randint", args, withLow ? ["low", "high", "size"] : ["high", "size"]);
  const { low = 0, high, size, dtype = "int32" } = options;
  if (high === undefined || size === undefined)
    throw new TypeError("randint: expected (high, size) or (low, high, size)");
  const shape = shapeOf([size], "randint");
  checkSizes(shape, "randint");
  return finish(cast(drawn(shape, "int32", integers(low, high), options), dtype), options);
}

/**
 * `randint` with the shape and dtype of `input`: `randintLike(input, high)`, `randintLike(input, low, high)`.
 * @example randintLike(zeros(2, 3), 10).shape // [2, 3]
 */
export function randintLike(input: Tensor, ...args: (number | IntegerOptions)[]): Tensor {
  expectTensor(input, "randintLike", "input");
  const withLow = typeof args[1] === "number";
  const options = named<IntegerOptions>("randintLike", args, withLow ? ["low", "high"] : ["high"]);
  const { low = 0, high, dtype = input.dtype } = options;
  if (high === undefined) throw new TypeError("randintLike: expected (input, high) or (input, low, high)");
  return finish(cast(drawnLike(input, "int32", integers(low, high), options), dtype), options);
}

/**
 * 0 … n − 1 in random order.
 * @example
 * manualSeed(0);
 * randperm(4); // tensor([0, 1, 3, 2], dtype=torch.int32)
 */
export function randperm(n: number, options: RandomOptions = {}): Tensor {
  if (!Number.isInteger(n) || n < 0) throw new ShapeError(`n must be non-negative, got ${String(n)}`);
  checkSizes([n], "randperm");
  const order = drawn([n], "int32", (state, p) => core.randomOrder(state, p), options);
  return finish(cast(order, options.dtype ?? "int32"), options);
}
