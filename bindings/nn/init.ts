/**
 * Initialisation of parameters, in place and without recording: PyTorch's torch.nn.init. Random ones draw from the shared
 * generator, as PyTorch does, so that the same seed gives the same network.
 */
import { noGrad } from "../autograd/mode.ts";
import { named } from "../core/args.ts";
import { ShapeError, TensorError } from "../core/errors.ts";
import { eye } from "../ops/creation.ts";
import type { GeneratorOption } from "../ops/draw.ts";
import { normal_ as fillNormal, uniform_ as fillUniform } from "../ops/sampling.ts";
import type { Tensor } from "../tensor.ts";

export { dirac_, orthogonal_, sparse_, truncNormal_ } from "./init-structured.ts";

type Nonlinearity =
  | "linear"
  | "conv1d"
  | "conv2d"
  | "conv3d"
  | "conv_transpose1d"
  | "conv_transpose2d"
  | "conv_transpose3d"
  | "sigmoid"
  | "tanh"
  | "relu"
  | "leaky_relu"
  | "selu";

/**
 * The factor by which a nonlinearity asks for larger weights: 1 for linear ones and sigmoid, 5/3 for tanh, √2 for relu,
 * √(2/(1 + param²)) for leaky_relu (param 0.01), 3/4 for selu.
 * @throws {TensorError} an unknown nonlinearity
 * @example nn.init.calculateGain("relu") // 1.4142135623730951
 */
export function calculateGain(nonlinearity: Nonlinearity, param?: number): number {
  switch (nonlinearity) {
    case "linear":
    case "conv1d":
    case "conv2d":
    case "conv3d":
    case "conv_transpose1d":
    case "conv_transpose2d":
    case "conv_transpose3d":
    case "sigmoid":
      return 1;
    case "tanh":
      return 5 / 3;
    case "relu":
      return Math.SQRT2;
    case "leaky_relu":
      return Math.sqrt(2 / (1 + (param ?? 0.01) ** 2));
    case "selu":
      return 3 / 4;
    default:
      throw new TensorError(`Unsupported nonlinearity ${String(nonlinearity)}`);
  }
}

interface Fan {
  fanIn: number;
  fanOut: number;
}

/** How many inputs an output depends on, and the other way round; a convolution counts each place of its kernel. */
function fans(tensor: Tensor): Fan {
  const { shape } = tensor;
  if (shape.length < 2) {
    throw new ShapeError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions");
  }
  const places = shape.slice(2).reduce((a, b) => a * b, 1);
  return { fanIn: shape[1] * places, fanOut: shape[0] * places };
}

interface UniformOptions extends GeneratorOption {
  a?: number;
  b?: number;
}

/** Numbers from [a, b), by default [0, 1). @example nn.init.uniform_(zeros(2, 3), -1, 1).shape // [2, 3] */
export function uniform_(tensor: Tensor, ...args: (number | UniformOptions)[]): Tensor {
  const { a = 0, b = 1, generator } = named<UniformOptions>("uniform_", args, ["a", "b"]);
  return noGrad(() => fillUniform(tensor, a, b, { generator }));
}

interface NormalOptions extends GeneratorOption {
  mean?: number;
  std?: number;
}

/**
 * Numbers from the normal distribution, by default of mean 0 and deviation 1.
 * @example nn.init.normal_(empty(2, 3), 0, 0.1).shape // [2, 3]
 */
export function normal_(tensor: Tensor, ...args: (number | NormalOptions)[]): Tensor {
  const { mean = 0, std = 1, generator } = named<NormalOptions>("normal_", args, ["mean", "std"]);
  return noGrad(() => fillNormal(tensor, mean, std, { generator }));
}

/** Every element becomes `value`. @example nn.init.constant_(empty(2), 3).tolist() // [3, 3] */
export function constant_(tensor: Tensor, value: number): Tensor {
  return noGrad(() => tensor.fill_(value));
}

/** Every element becomes 1. @example nn.init.ones_(empty(2)).tolist() // [1, 1] */
export function ones_(tensor: Tensor): Tensor {
  return constant_(tensor, 1);
}

/** Every element becomes 0. @example nn.init.zeros_(empty(2)).tolist() // [0, 0] */
export function zeros_(tensor: Tensor): Tensor {
  return constant_(tensor, 0);
}

/**
 * The identity matrix.
 * @throws {ShapeError} not a matrix
 * @example nn.init.eye_(empty(2, 2)).tolist() // [[1, 0], [0, 1]]
 */
export function eye_(tensor: Tensor): Tensor {
  if (tensor.ndim !== 2) throw new ShapeError("Only tensors with 2 dimensions are supported");
  return noGrad(() => tensor.copy_(eye(tensor.size(0), tensor.size(1))));
}

interface XavierOptions extends GeneratorOption {
  gain?: number;
}

/**
 * Numbers from [−a, a), a = gain √(6 / (fanIn + fanOut)).
 * @throws {ShapeError} fewer than two dimensions
 * @see Glorot & Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks"
 * @example nn.init.xavierUniform_(empty(2, 3)).abs().max().item() < 1.1 // true
 */
export function xavierUniform_(tensor: Tensor, ...args: (number | XavierOptions)[]): Tensor {
  const { gain = 1, generator } = named<XavierOptions>("xavierUniform_", args, ["gain"]);
  const { fanIn, fanOut } = fans(tensor);
  const std = gain * Math.sqrt(2 / (fanIn + fanOut));
  const bound = Math.sqrt(3) * std;
  return uniform_(tensor, -bound, bound, { generator });
}

/**
 * Normal numbers of deviation gain √(2 / (fanIn + fanOut)).
 * @throws {ShapeError} fewer than two dimensions
 * @example nn.init.xavierNormal_(empty(2, 3)).shape // [2, 3]
 */
export function xavierNormal_(tensor: Tensor, ...args: (number | XavierOptions)[]): Tensor {
  const { gain = 1, generator } = named<XavierOptions>("xavierNormal_", args, ["gain"]);
  const { fanIn, fanOut } = fans(tensor);
  return normal_(tensor, 0, gain * Math.sqrt(2 / (fanIn + fanOut)), { generator });
}

interface KaimingOptions extends GeneratorOption {
  /** Negative slope of the leaky ReLU behind. Default 0. */
  a?: number;
  /** Whether the size of activations or that of gradients is to be kept. Default "fan_in". */
  mode?: "fan_in" | "fan_out";
  /** Default "leaky_relu". */
  nonlinearity?: Nonlinearity;
}

function kaimingDeviation(tensor: Tensor, options: KaimingOptions): number {
  const { a = 0, mode = "fan_in", nonlinearity = "leaky_relu" } = options;
  if (mode !== "fan_in" && mode !== "fan_out") {
    throw new TensorError(`Mode ${String(mode)} not supported, please use one of fan_in, fan_out`);
  }
  const { fanIn, fanOut } = fans(tensor);
  return calculateGain(nonlinearity, a) / Math.sqrt(mode === "fan_in" ? fanIn : fanOut);
}

/**
 * Numbers from [−b, b), b = gain √(3 / fan), for layers before a (leaky) ReLU.
 * @throws {ShapeError} fewer than two dimensions
 * @see He et al. 2015, "Delving deep into rectifiers", arXiv:1502.01852
 * @example nn.init.kaimingUniform_(empty(2, 6), { nonlinearity: "relu" }).abs().max().item() <= 1 // true
 */
export function kaimingUniform_(tensor: Tensor, ...args: (number | string | KaimingOptions)[]): Tensor {
  const options = named<KaimingOptions>("kaimingUniform_", args, ["a", "mode", "nonlinearity"]);
  if (tensor.numel() === 0) return tensor;
  const bound = Math.sqrt(3) * kaimingDeviation(tensor, options);
  return uniform_(tensor, -bound, bound, { generator: options.generator });
}

/**
 * Normal numbers of deviation gain / √fan.
 * @throws {ShapeError} fewer than two dimensions
 * @example nn.init.kaimingNormal_(empty(2, 3), { mode: "fan_out" }).shape // [2, 3]
 */
export function kaimingNormal_(tensor: Tensor, ...args: (number | string | KaimingOptions)[]): Tensor {
  const options = named<KaimingOptions>("kaimingNormal_", args, ["a", "mode", "nonlinearity"]);
  if (tensor.numel() === 0) return tensor;
  return normal_(tensor, 0, kaimingDeviation(tensor, options), { generator: options.generator });
}
