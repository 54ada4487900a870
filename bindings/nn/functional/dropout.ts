import { named } from "../../core/args.ts";
import { TensorError } from "../../core/errors.ts";
import { dropoutMask } from "../../ops/sampling.ts";
import type { Tensor } from "../../tensor.ts";

/** @internal */
export function checkDropout(p: number): void {
  if (!(p >= 0 && p <= 1)) throw new TensorError(`dropout probability has to be between 0 and 1, but got ${p}`);
}

interface DropoutOptions {
  p?: number;
  training?: boolean;
  inplace?: boolean;
}

/**
 * Every element becomes 0 with probability `p` (0.5), and the others are scaled by 1/(1 − p); the identity if `training`
 * (true) is false.
 * @throws {TensorError} p outside [0, 1]
 * @example nn.functional.dropout(ones(3), { training: false }).tolist() // [1, 1, 1]
 */
export function dropout(input: Tensor, ...args: (number | boolean | DropoutOptions)[]): Tensor {
  const {
    p = 0.5,
    training = true,
    inplace = false,
  } = named<DropoutOptions>("dropout", args, ["p", "training", "inplace"]);
  checkDropout(p);
  if (!training || p === 0 || input.numel() === 0) return input;
  // With p = 1 the scale would be infinite, and PyTorch draws nothing.
  const mask = p === 1 ? 0 : dropoutMask(input, p);
  return inplace ? input.mul_(mask) : input.mul(mask);
}
