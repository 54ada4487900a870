/** Relatives of dropout: whole channels at once, or such that mean and variance stay as they are. */
import { named } from "../../core/args.ts";
import { ShapeError } from "../../core/errors.ts";
import { renamed } from "../../core/names.ts";
import { empty, zerosLike } from "../../ops/creation.ts";
import { dropoutMask } from "../../ops/sampling.ts";
import type { Tensor } from "../../tensor.ts";
import { checkDropout } from "./dropout.ts";

export interface DropoutOptions {
  /** Probability. Default 0.5. */
  p?: number;
  /** Default true for dropout1d to dropout3d, false for alphaDropout and featureAlphaDropout. */
  training?: boolean;
  /** Write the result into the input. */
  inplace?: boolean;
}

type DropoutArguments = [
  p?: number | DropoutOptions,
  training?: boolean | DropoutOptions,
  inplace?: boolean | DropoutOptions,
];

const NAMES = ["p", "training", "inplace"] as const;

/** One number for each channel of each image, which broadcasts to the input. */
function perChannel(input: Tensor): Tensor {
  if (input.ndim < 2) throw new ShapeError("Feature dropout requires at least 2 dimensions in the input");
  return empty(input.shape.map((size, dim) => (dim < 2 ? size : 1)));
}

function settled(input: Tensor, result: Tensor, inplace: boolean): Tensor {
  return inplace ? input.copy_(result) : result;
}

function channels(input: Tensor, dims: number, caller: string, args: DropoutArguments): Tensor {
  const { p = 0.5, training = true, inplace = false } = named<DropoutOptions>(caller, args, NAMES);
  checkDropout(p);
  // An input without a batch gets one, but for images: PyTorch takes their first dimension for the batch.
  const isSingle = input.ndim === dims + 1 && dims !== 2;
  if (input.ndim !== dims + 1 && input.ndim !== dims + 2) {
    throw new ShapeError(`${caller}: Expected ${dims + 1}D or ${dims + 2}D input, but received a ${input.ndim}D input`);
  }
  if (!training || p === 0 || input.numel() === 0) return input;
  const whole = isSingle ? input.unsqueeze(0) : input;
  const mask = p === 1 ? zerosLike(perChannel(whole)) : dropoutMask(perChannel(whole), p);
  const result = input.mul(isSingle ? mask.squeeze(0) : mask);
  return settled(input, isSingle ? renamed(result, "SqueezeBackward1") : result, inplace);
}

/**
 * Whole channels of [N, C, L] or [C, L] become 0 with probability `p`, the others are scaled by 1/(1 − p).
 * @example nn.functional.dropout1d(ones(2, 3), 0.5, false).shape // [2, 3]
 */
export function dropout1d(input: Tensor, ...args: DropoutArguments): Tensor {
  return channels(input, 1, "dropout1d", args);
}

/**
 * Whole channels of images [N, C, H, W] become 0 with probability `p` (0.5), the others are scaled by 1/(1 − p); the identity
 * if `training` (true) is false.
 *
 * Tompson et al., Efficient Object Localization Using Convolutional Networks, arXiv:1411.4280.
 * @throws {TensorError} p outside [0, 1] @throws {ShapeError} other than three or four dimensions
 * @example nn.functional.dropout2d(ones(2, 3, 3), 0.5, false).shape // [2, 3, 3]
 */
export function dropout2d(input: Tensor, ...args: DropoutArguments): Tensor {
  return channels(input, 2, "dropout2d", args);
}

/**
 * Whole channels of [N, C, D, H, W] or [C, D, H, W] become 0 with probability `p`, the others are scaled by 1/(1 − p).
 * @example nn.functional.dropout3d(ones(2, 3, 3, 3), 0.5, false).shape // [2, 3, 3, 3]
 */
export function dropout3d(input: Tensor, ...args: DropoutArguments): Tensor {
  return channels(input, 3, "dropout3d", args);
}

/** α′ of the paper: what selu gives for very negative numbers, but for the sign. */
const ALPHA = 1.7580993408473766;

/** What is dropped becomes −α′, and all is then scaled and shifted so that mean 0 and variance 1 stay. */
function alpha(input: Tensor, noiseFor: (input: Tensor) => Tensor, caller: string, args: DropoutArguments): Tensor {
  const { p = 0.5, training = false, inplace = false } = named<DropoutOptions>(caller, args, NAMES);
  checkDropout(p);
  if (!training || p === 0 || input.numel() === 0) return input;
  const shape = noiseFor(input);
  if (p === 1) return settled(input, input.mul(zerosLike(shape)), inplace);
  const kept = dropoutMask(shape, p).ne(0).to("float32");
  const scale = 1 / Math.sqrt((ALPHA * ALPHA * p + 1) * (1 - p));
  const shift = kept
    .sub(1)
    .mul(ALPHA * scale)
    .add(ALPHA * scale * p);
  return settled(input, input.mul(kept.mul(scale)).add(shift), inplace);
}

/**
 * Dropout for networks with selu: keeps mean 0 and variance 1. Does nothing unless `training` is true.
 *
 * Klambauer et al., Self-Normalizing Neural Networks, arXiv:1706.02515.
 * @example nn.functional.alphaDropout(ones(3), 0.5, false).tolist() // [1, 1, 1]
 */
export function alphaDropout(input: Tensor, ...args: DropoutArguments): Tensor {
  return alpha(input, (x) => x, "alphaDropout", args);
}

/**
 * alphaDropout of whole channels.
 * @example nn.functional.featureAlphaDropout(ones(2, 3), 0.5, false).shape // [2, 3]
 */
export function featureAlphaDropout(input: Tensor, ...args: DropoutArguments): Tensor {
  return alpha(input, perChannel, "featureAlphaDropout", args);
}
