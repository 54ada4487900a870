/** The `out` option: a result is written into a tensor that is there already. */
import { isGradEnabled, noGrad } from "../autograd/mode.ts";
import { TensorBase } from "../core/base.ts";
import { GradError } from "../core/errors.ts";
import type { Tensor } from "../tensor.ts";

export interface OutOptions {
  /** Takes the result, and is what comes back. Nothing is recorded. */
  out?: Tensor;
}

/**
 * Computes into `out`.
 * @throws {GradError} an operand, or `out`, that requires grad
 */
export function into(out: Tensor, operands: readonly unknown[], compute: () => Tensor): Tensor {
  const tracked = [out, ...operands].some((t) => t instanceof TensorBase && t.requiresGrad);
  if (tracked && isGradEnabled()) {
    throw new GradError(
      "functions with out=... arguments don't support automatic differentiation, but one of the arguments requires grad.",
    );
  }
  return noGrad(() => out.copy_(compute()));
}
