/** Samples of distributions that tensors describe. Random as in ops/random.ts; no gradient passes. */
import { noGrad } from "../autograd/mode.ts";
import { checkSizes, expectTensor, named, shapeOf } from "../core/args.ts";
import { TensorBase } from "../core/base.ts";
import { DTypeError, OutOfMemoryError, ShapeError, TensorError } from "../core/errors.ts";
import { address } from "../core/generation.ts";
import { nameCode } from "../core/names.ts";
import { core, setName } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { clone } from "./copy.ts";
import { tensor } from "./creation.ts";
import {
  checkDeviation,
  coins,
  type Draw,
  drawInto,
  drawn,
  drawnLike,
  expectFloat,
  exponential,
  finish,
  type GeneratorOption,
  gaussian,
  integers,
  type RandomOptions,
  uniform,
} from "./draw.ts";
import { copy_ } from "./inplace.ts";
import { cast } from "./promote.ts";

/** 1 with the probability that stands in `p`. */
function coinsEach(p: Tensor, options: GeneratorOption): Tensor {
  const probabilities = noGrad(() => clone(p));
  if (!noGrad(() => p.ge(0).logicalAnd(p.le(1)).all().item<boolean>())) {
    throw new TensorError("Expected p_in >= 0 && p_in <= 1 to be true, but got false.");
  }
  return drawn(p.shape, "float32", (state, at) => core.randomBernoulliEach(state, address(probabilities), at), options);
}

interface BernoulliOptions extends GeneratorOption {
  p?: number;
}

/**
 * 1 or 0 for each element: 1 with the probability `p`, or, if that is left out, with the probability that stands in
 * `input`. The gradient of that would be 0, so nothing is recorded.
 * @throws {TensorError} a probability outside [0, 1]
 * @example bernoulli(tensor([0, 1])).tolist() // [0, 1]
 */
export function bernoulli(input: Tensor, ...args: (number | BernoulliOptions)[]): Tensor {
  expectTensor(input, "bernoulli", "input");
  const options = named<BernoulliOptions>("bernoulli", args, ["p"]);
  if (options.p !== undefined) return cast(drawnLike(input, "float32", coins(options.p), options), input.dtype);
  expectFloat(input.dtype, "bernoulli_tensor_cpu_p_");
  return coinsEach(input, options);
}

/** @internal What dropout multiplies by: 1/(1 − p), or with probability p 0. */
export function dropoutMask(input: Tensor, p: number): Tensor {
  return drawnLike(input, "float32", coins(1 - p, Math.fround(1 / Math.fround(1 - p))), {});
}

interface NormalOptions extends RandomOptions {
  mean?: number | Tensor;
  std?: number | Tensor;
  size?: readonly number[];
}

/**
 * Normal numbers with the given mean and standard deviation: those of a shape `size`, or one for each element where `mean`
 * or `std` is a tensor. No gradient passes.
 * @throws {TensorError} a negative standard deviation
 * @example
 * normal(5, 2, [3]).shape; // [3]
 * normal(tensor([0, 100])).shape; // [2]
 */
export function normal(...args: (number | Tensor | readonly number[] | NormalOptions)[]): Tensor {
  const options = named<NormalOptions>("normal", args, ["mean", "std", "size"]);
  const { mean = 0, std = 1, size } = options;
  if (mean instanceof TensorBase || std instanceof TensorBase) return noGrad(() => normalEach(mean, std, options));
  if (size === undefined) throw new TypeError("normal: expected tensors, or (mean, std, size) with a shape");
  const shape = shapeOf([size], "normal");
  checkSizes(shape, "normal");
  checkDeviation(std);
  expectFloat(options.dtype, "normal_kernel_cpu");
  return finish(drawn(shape, "float32", gaussian(mean, std), options), options);
}

/** Scaled and shifted as PyTorch does it, which decides on the last bit. */
function normalEach(mean: number | Tensor, std: number | Tensor, options: NormalOptions): Tensor {
  if (!(std instanceof TensorBase)) {
    checkDeviation(std);
    return drawnLike(mean as Tensor, "float32", gaussian(0, std), options).add(mean);
  }
  if (std.numel() > 0 && std.lt(0).any().item<boolean>())
    throw new TensorError("normal expects all elements of std >= 0.0");
  if (!(mean instanceof TensorBase)) return drawnLike(std, "float32", gaussian(0, 1), options).mul(std).add(mean);
  const shape = mean.add(std).shape;
  return drawn(shape, "float32", gaussian(0, 1), options).mul(std).add(mean);
}

interface MultinomialOptions extends GeneratorOption {
  numSamples?: number;
  replacement?: boolean;
}

/**
 * Places drawn by weights, which need not add up to 1: `numSamples` of each row of a matrix, or of a vector.
 * @returns int32 [rows, numSamples], or [numSamples]
 * @throws {TensorError} a weight that is negative or not finite, a row of zeros, or too few places without replacement
 * @see Efraimidis & Spirakis 2006, doi:10.1016/j.ipl.2005.11.003, for drawing without replacement
 * @example multinomial(tensor([0, 0, 5]), 1).tolist() // [2]
 */
export function multinomial(input: Tensor, ...args: (number | boolean | MultinomialOptions)[]): Tensor {
  expectTensor(input, "multinomial", "input");
  const options = named<MultinomialOptions>("multinomial", args, ["numSamples", "replacement"]);
  const { numSamples = 0, replacement = false } = options;
  if (input.ndim < 1 || input.ndim > 2) throw new ShapeError("prob_dist must be 1 or 2 dim");
  if (input.dtype !== "float32") throw new DTypeError("multinomial only supports floating-point dtypes for input");
  if (!(numSamples > 0)) throw new TensorError("cannot sample n_sample <= 0 samples");
  const n = input.size(-1);
  if (!replacement && numSamples > n) {
    throw new TensorError("cannot sample n_sample > prob_dist.size(-1) samples without replacement");
  }
  return noGrad(() => {
    const weights = clone(input);
    if (!weights.lt(Infinity).logicalAnd(weights.ge(0)).all().item<boolean>()) {
      throw new TensorError("probability tensor contains either `inf`, `nan` or element < 0");
    }
    if (weights.sum(-1).eq(0).any().item<boolean>()) {
      throw new TensorError("invalid multinomial distribution (sum of probabilities <= 0)");
    }
    const shape = [...input.shape.slice(0, -1), numSamples];
    if (!replacement) return smallestRatios(weights, shape, numSamples, options);
    const draw: Draw = (state, at) => {
      if (!core.randomPlaces(state, address(weights), n, at)) throw new OutOfMemoryError("multinomial: out of memory");
    };
    return drawn(shape, "int32", draw, options);
  });
}

/** The places of the largest weight / exponential number in each row. */
function smallestRatios(weights: Tensor, shape: readonly number[], samples: number, options: GeneratorOption): Tensor {
  const times = drawn(weights.shape, "float32", exponential(1), options);
  const ratios = weights.div(times);
  if (samples === 1) return ratios.argmax(-1, true);
  const n = weights.size(-1);
  const data = ratios.data();
  const places = new Int32Array(shape.reduce((a, b) => a * b, 1));
  for (let row = 0; row * n < data.length; row++) {
    const best = Int32Array.from({ length: n }, (_, i) => i).sort((a, b) => data[row * n + b] - data[row * n + a]);
    places.set(best.subarray(0, samples), row * samples);
  }
  return tensor(places, { shape });
}

const NAMES = {
  uniform: /* @__PURE__ */ nameCode("UniformBackward0"),
  normal: /* @__PURE__ */ nameCode("NormalBackward0"),
  random: /* @__PURE__ */ nameCode("RandomBackward0"),
  bernoulliEach: /* @__PURE__ */ nameCode("BernoulliBackward1"),
  bernoulli: /* @__PURE__ */ nameCode("BernoulliBackward2"),
  exponential: /* @__PURE__ */ nameCode("ExponentialBackward0"),
};

/** Every element becomes a number from [from, to). */
export function uniform_(target: Tensor, from: number, to: number, options: GeneratorOption): Tensor {
  expectFloat(target.dtype, "check_uniform_bounds");
  if (!(from <= to)) {
    throw new TensorError(`uniform_ expects to return a [from, to) range, but found from=${from} > to=${to}`);
  }
  return drawInto(target, uniform(from, to), options, "float32", NAMES.uniform);
}

/** Every element becomes a normal number. */
export function normal_(target: Tensor, mean: number, std: number, options: GeneratorOption): Tensor {
  checkDeviation(std);
  expectFloat(target.dtype, "normal_kernel_cpu");
  return drawInto(target, gaussian(mean, std), options, "float32", NAMES.normal);
}

/** Every element becomes an integer of from … to − 1; all that the dtype holds exactly if `to` is left out. */
export function random_(target: Tensor, from: number, to: number | undefined, options: GeneratorOption): Tensor {
  const end = to ?? { float32: 2 ** 24 + 1, int32: 2 ** 31, bool: 2 }[target.dtype];
  return drawInto(target, integers(from, end), options, "int32", NAMES.random);
}

/** Every element becomes 1 with probability p, else 0; p may be a tensor that broadcasts to this one. */
export function bernoulli_(target: Tensor, p: number | Tensor, options: GeneratorOption): Tensor {
  if (!(p instanceof TensorBase)) return drawInto(target, coins(p), options, "float32", NAMES.bernoulli);
  const source = noGrad(() => cast(coinsEach(p.expand(target.shape), options), target.dtype));
  setName(NAMES.bernoulliEach);
  return copy_(target, source);
}

/** Every element becomes a number of the exponential distribution: −log(1 − u) / rate. */
export function exponential_(target: Tensor, rate: number, options: GeneratorOption): Tensor {
  expectFloat(target.dtype, "exponential");
  return drawInto(target, exponential(rate), options, "float32", NAMES.exponential);
}
