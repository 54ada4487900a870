/** Activation functions that are put together from others; those that are one step of the core are in ops/activation.ts. */
import { Op } from "../../../assembly/abi/op.ts";
import { expectTensor, named, normalDim } from "../../core/args.ts";
import { ShapeError, TensorError } from "../../core/errors.ts";
import { nameCode, renamed, savingInputs } from "../../core/names.ts";
import { setName } from "../../core/wasm.ts";
import * as ops from "../../ops/activation.ts";
import { emptyLike, onesLike, zerosLike } from "../../ops/creation.ts";
import { unaryInPlace } from "../../ops/inplace.ts";
import { exponential_, uniform_ } from "../../ops/sampling.ts";
import { scatter } from "../../ops/scatter.ts";
import { softmax } from "../../ops/softmax.ts";
import { relu as reluOf } from "../../ops/unary.ts";
import { where } from "../../ops/where.ts";
import type { Tensor } from "../../tensor.ts";
import { listed } from "./window.ts";

const GLU: number = /* @__PURE__ */ nameCode("GluBackward0");
const PRELU: number = /* @__PURE__ */ nameCode("PreluBackward0");
const HARDSHRINK: number = /* @__PURE__ */ nameCode("HardshrinkBackward0");
const SOFTSHRINK: number = /* @__PURE__ */ nameCode("SoftshrinkBackward0");
const RRELU = "RreluWithNoiseBackward0";
const THRESHOLD: number = /* @__PURE__ */ nameCode("ThresholdBackward0");

/** @internal The result in a new tensor, or in the input. */
function settled(input: Tensor, result: Tensor, inplace: boolean | undefined): Tensor {
  return inplace ? input.copy_(result) : result;
}

export interface ReluOptions {
  /** Write the result into the input. */
  inplace?: boolean;
}

/** max(0, x), with gradient 0 at 0. @example nn.functional.relu(tensor([-1, 2])).tolist() // [0, 2] */
export function relu(input: Tensor, inplace?: boolean | ReluOptions): Tensor {
  const options = named<ReluOptions>("relu", [inplace], ["inplace"]);
  return options.inplace ? relu_(input) : input.relu();
}

/** x / (1 + |x|). @example nn.functional.softsign(tensor(1)).item() // 0.5 */
export function softsign(input: Tensor): Tensor {
  return input.div(input.abs().add(1));
}

interface LambdOptions {
  lambd?: number;
}

/** x outside of −λ ... λ (`lambd`, 0.5), else 0. @example nn.functional.hardshrink(tensor([0.5, 2])).tolist() // [0, 2] */
export function hardshrink(input: Tensor, lambd?: number | LambdOptions): Tensor {
  const { lambd: limit = 0.5 } = named<LambdOptions>("hardshrink", [lambd], ["lambd"]);
  return savingInputs(renamed(where(input.abs().le(limit), 0, input), HARDSHRINK));
}

/**
 * x moved towards 0 by λ (`lambd`, 0.5), but not beyond it.
 * @throws {TensorError} λ below 0
 * @example nn.functional.softshrink(tensor([0.5, 2])).tolist() // [0, 1.5]
 */
export function softshrink(input: Tensor, lambd?: number | LambdOptions): Tensor {
  const { lambd: limit = 0.5 } = named<LambdOptions>("softshrink", [lambd], ["lambd"]);
  if (limit < 0) throw new TensorError(`lambda must be greater or equal to 0, but found to be ${limit}.`);
  return renamed(input.sub(input.clamp(-limit, limit)), SOFTSHRINK);
}

/** x − tanh x. @example nn.functional.tanhshrink(tensor([0, 1])).tolist() // [0, 0.2384] */
export function tanhshrink(input: Tensor): Tensor {
  return input.sub(input.tanh());
}

export interface ThresholdOptions extends ReluOptions {
  threshold?: number;
  value?: number;
}

type ThresholdArguments = [
  threshold: number | ThresholdOptions,
  value?: number | ThresholdOptions,
  inplace?: boolean | ThresholdOptions,
];

/** x where it is above `threshold`, else `value`. @example nn.functional.threshold(tensor([1, 3]), 2, 9).tolist() // [9, 3] */
export function threshold(input: Tensor, ...args: ThresholdArguments): Tensor {
  const options = named<ThresholdOptions>("threshold", args, ["threshold", "value", "inplace"]);
  const { threshold: limit = Number.NaN, value = Number.NaN, inplace } = options;
  const result = renamed(where(input.le(limit), value, input), THRESHOLD);
  return inplace ? input.copy_(result) : savingInputs(result);
}

/**
 * x where it is positive, else w x, with a learnable w: one for all, or one for each channel (dimension 1).
 *
 * He et al., Delving deep into rectifiers, arXiv:1502.01852.
 * @param weight one element, or as many as there are channels @throws {ShapeError} another number of elements
 * @example nn.functional.prelu(tensor([-2, 3]), tensor([0.5])).tolist() // [-1, 3]
 */
export function prelu(input: Tensor, weight: Tensor | { weight: Tensor }): Tensor {
  const { weight: given } = named<{ weight: Tensor }>("prelu", [weight], ["weight"]);
  expectTensor(given, "prelu", "weight");
  const w = given as Tensor;
  const channels = input.ndim > 1 ? input.size(1) : 1;
  if (w.numel() !== 1 && w.numel() !== channels) {
    throw new ShapeError(
      `Mismatch of parameter numbers and input channel size. Found parameter numbers = ${w.numel()} and channel size = ${channels}.`,
    );
  }
  if (w.ndim > 1)
    throw new ShapeError(`prelu: Expected \`weight\` to be a scalar or 1D tensor, but got ndim = ${w.ndim}`);
  const shape = w.numel() === 1 ? [] : [channels, ...new Array<number>(input.ndim - 2).fill(1)];
  const slope = listed(w.shape) === listed(shape) ? w : w.reshape(shape);
  const isPositive = input.gt(0);
  const bent = savingInputs(input.mul(slope));
  setName(PRELU);
  return where(isPositive, input, bent);
}

export interface RreluOptions extends ReluOptions {
  lower?: number;
  upper?: number;
  training?: boolean;
}

type RreluArguments = [
  lower?: number | RreluOptions,
  upper?: number | RreluOptions,
  training?: boolean | RreluOptions,
  inplace?: boolean | RreluOptions,
];

/**
 * x where it is positive, else a x, with a drawn for each element from [`lower`, `upper`) (1/8, 1/3) in training, and their
 * mean otherwise.
 * @difference A draw takes one word of the generator, in PyTorch two: the same seed gives other numbers.
 * @see Xu et al., Empirical Evaluation of Rectified Activations in Convolutional Network, arXiv:1505.00853
 * @example nn.functional.rrelu(tensor([-2, 3]), { lower: 0.25, upper: 0.75 }).tolist() // [-1, 3]
 */
export function rrelu(input: Tensor, ...args: RreluArguments): Tensor {
  const options = named<RreluOptions>("rrelu", args, ["lower", "upper", "training", "inplace"]);
  const { lower = 1 / 8, upper = 1 / 3, training = false, inplace = false } = options;
  const mean = (lower + upper) / 2;
  if (!training) return inplace ? ops.leakyRelu_(input, mean) : renamed(ops.leakyRelu(input, mean), RRELU);
  const slopes = where(input.detach().le(0), uniform_(emptyLike(input), lower, upper, {}), onesLike(input));
  return settled(input, renamed(input.mul(slopes), RRELU), inplace);
}

interface DimOptions {
  dim?: number;
}

/**
 * a σ(b), where a and b are the halves of the input along `dim` (−1).
 *
 * Dauphin et al., Language Modeling with Gated Convolutional Networks, arXiv:1612.08083.
 * @throws {ShapeError} an odd size
 * @example nn.functional.glu(tensor([4, 0])).tolist() // [2]
 */
export function glu(input: Tensor, dim?: number | DimOptions): Tensor {
  const { dim: given = -1 } = named<DimOptions>("glu", [dim], ["dim"]);
  if (input.ndim === 0) throw new ShapeError("glu does not support 0-dimensional tensors");
  const d = normalDim(given, input.ndim);
  const size = input.size(d);
  if (size % 2 !== 0) throw new ShapeError(`Halving dimension must be even, but dimension ${d} is size ${size}`);
  const [value, gate] = [input.narrow(d, 0, size / 2), input.narrow(d, size / 2, size / 2).sigmoid()];
  setName(GLU);
  return value.mul(gate);
}

export interface GumbelSoftmaxOptions extends DimOptions {
  /** Temperature, above 0. Default 1. */
  tau?: number;
  /** Round to a one-hot vector, with the gradient of the soft one. */
  hard?: boolean;
  eps?: number;
}

type GumbelArguments = [
  tau?: number | GumbelSoftmaxOptions,
  hard?: boolean | GumbelSoftmaxOptions,
  eps?: number | GumbelSoftmaxOptions,
  dim?: number | GumbelSoftmaxOptions,
];

/**
 * A draw from the Gumbel-softmax distribution with these logits: softmax((logits + Gumbel noise) / τ) along `dim` (−1).
 *
 * Jang, Gu and Poole, arXiv:1611.01144; Maddison, Mnih and Teh, arXiv:1611.00712.
 * @param options `eps` has no effect, as in PyTorch
 * @example nn.functional.gumbelSoftmax(tensor([[1, 2, 3]]), { hard: true }).sum().item() // 1
 */
export function gumbelSoftmax(logits: Tensor, ...args: GumbelArguments): Tensor {
  const options = named<GumbelSoftmaxOptions>("gumbelSoftmax", args, ["tau", "hard", "eps", "dim"]);
  const { tau = 1, hard = false, dim = -1 } = options;
  const noise = exponential_(emptyLike(logits), 1, {}).log().neg();
  const soft = softmax(logits.add(noise).div(tau), dim);
  if (!hard) return soft;
  const best = soft.argmax(dim, true);
  return scatter(zerosLike(logits), dim, best, 1).sub(soft.detach()).add(soft);
}

/** relu, written into the input. @example nn.functional.relu_(tensor([-1, 2])).tolist() // [0, 2] */
export function relu_(input: Tensor): Tensor {
  return unaryInPlace(Op.Relu, input, "relu_", reluOf);
}

/** threshold, written into the input. @example nn.functional.threshold_(tensor([0, 2]), 1, 9).tolist() // [9, 2] */
export function threshold_(input: Tensor, ...args: ThresholdArguments): Tensor {
  const options = named<ThresholdOptions>("threshold_", args, ["threshold", "value"]);
  return threshold(input, { ...options, inplace: true });
}

/**
 * rrelu, written into the input.
 * @example nn.functional.rrelu_(tensor([-2, 3]), { lower: 0.25, upper: 0.75 }).tolist() // [-1, 3]
 */
export function rrelu_(input: Tensor, ...args: RreluArguments): Tensor {
  const options = named<RreluOptions>("rrelu_", args, ["lower", "upper", "training"]);
  return rrelu(input, { ...options, inplace: true });
}
