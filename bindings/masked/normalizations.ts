/** Masked softmax and normalisation. */

import { div } from "../ops/binary.ts";
import { clampMin } from "../ops/clamp.ts";
import { toFloat } from "../ops/promote.ts";
import { logSoftmax as logSoftmaxOf, softmax as softmaxOf } from "../ops/softmax.ts";
import { neg } from "../ops/unary.ts";
import type { Tensor } from "../tensor.ts";
import { filled, type MaskOptions } from "./mask.ts";
import { norm } from "./reductions.ts";

/**
 * Softmax along `dim`; what is left out gets 0.
 * @example masked.softmax(tensor([1, 1, 9]), 0, { mask: tensor([true, true, false]) }).tolist() // [0.5, 0.5, 0]
 */
export function softmax(input: Tensor, dim: number, options: MaskOptions = {}): Tensor {
  return softmaxOf(filled(toFloat(input), options, -Infinity), dim);
}

/**
 * Logarithm of softmax along `dim`; what is left out gets -inf.
 * @example masked.logSoftmax(tensor([1, 1, 9]), 0, { mask: tensor([true, true, false]) }).tolist() // [-0.6931, -0.6931, -Infinity]
 */
export function logSoftmax(input: Tensor, dim: number, options: MaskOptions = {}): Tensor {
  return logSoftmaxOf(filled(toFloat(input), options, -Infinity), dim);
}

/**
 * Softmax of -x along `dim`; what is left out gets 0.
 * @example masked.softmin(tensor([1, 1, 9]), 0, { mask: tensor([true, true, false]) }).tolist() // [0.5, 0.5, 0]
 */
export function softmin(input: Tensor, dim: number, options: MaskOptions = {}): Tensor {
  return softmaxOf(neg(filled(toFloat(input), options, Infinity)), dim);
}

/**
 * x / max(‖x‖ₚ, eps) along `dim`, the norm of what the mask leaves.
 * @example masked.normalize(tensor([3, 4, 9]), 2, 0, { mask: tensor([true, true, false]) }).tolist() // [0.6000, 0.8000, 0]
 */
export function normalize(
  input: Tensor,
  ord: number,
  dim: number,
  options: MaskOptions & { eps?: number } = {},
): Tensor {
  const { eps = 1e-12, mask, dtype } = options;
  const norms = clampMin(norm(input, ord, dim, { keepdim: true, mask, dtype }), eps);
  return div(filled(input, { mask, dtype }, 0), norms);
}
