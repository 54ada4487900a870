/** Normalisation together with the statistics that it was made with: what PyTorch's norms are made of. */
import { noGrad } from "../../autograd/mode.ts";
import { ShapeError } from "../../core/errors.ts";
import { zeros } from "../../ops/creation.ts";
import { varMean } from "../../ops/statistics.ts";
import type { Tensor } from "../../tensor.ts";
import { batchNorm, checkLike, layerNorm } from "./normalization.ts";
import { listed } from "./window.ts";

/** Mean and 1/√(biased variance + eps) over some dimensions. */
function statistics(input: Tensor, dim: number[], keepdim: boolean, eps: number): [Tensor, Tensor] {
  const [variance, mean] = varMean(input, { dim, unbiased: false, keepdim });
  return [mean, variance.add(eps).rsqrt()];
}

/**
 * [layerNorm, mean, 1/√(var + eps)], the statistics with sizes 1 in place of `normalizedShape`.
 * @see nn.functional.layerNorm
 * @example nativeLayerNorm(tensor([[1, 3]]), [2], null, null, 0)[1].tolist() // [[2]]
 */
export function nativeLayerNorm(
  input: Tensor,
  normalizedShape: readonly number[],
  weight: Tensor | null,
  bias: Tensor | null,
  eps: number,
): [Tensor, Tensor, Tensor] {
  const result = layerNorm(input, normalizedShape, weight, bias, eps);
  const dims = normalizedShape.map((_, i) => input.ndim - 1 - i);
  return [result, ...statistics(input, dims, true, eps)];
}

/**
 * [batchNorm, mean, 1/√(var + eps)], the statistics [C] in training and empty otherwise; they carry no gradient.
 * @see nn.functional.batchNorm
 * @example nativeBatchNorm(tensor([[1], [3]]), null, null, null, null, true, 0.1, 0)[1].tolist() // [2]
 */
export function nativeBatchNorm(
  input: Tensor,
  weight: Tensor | null,
  bias: Tensor | null,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  training: boolean,
  momentum: number,
  eps: number,
): [Tensor, Tensor, Tensor] {
  const result = batchNorm(input, { runningMean, runningVar, weight, bias, training, momentum, eps });
  if (!training) return [result, zeros(0), zeros(0)];
  const dims = input.shape.map((_, dim) => dim).filter((dim) => dim !== 1);
  return [result, ...noGrad(() => statistics(input, dims, false, eps))];
}

/**
 * x / √(mean(x²) + eps) · weight, the mean over the last dimensions, which are `normalizedShape`.
 *
 * Zhang and Sennrich, Root Mean Square Layer Normalization, arXiv:1910.07467.
 * @param eps default: the smallest step from 1, 2⁻²³
 * @throws {ShapeError} an input or a weight that does not end in `normalizedShape`
 * @example nn.functional.rmsNorm(tensor([[3, -3]]), [2]).tolist() // [[1, -1]]
 */
export function rmsNorm(
  input: Tensor,
  normalizedShape: readonly number[],
  weight?: Tensor | null,
  eps?: number | null,
): Tensor {
  const first = input.ndim - normalizedShape.length;
  if (first < 0 || listed(input.shape.slice(first)) !== listed(normalizedShape)) {
    throw new ShapeError(
      `Given normalized_shape=${listed(normalizedShape)}, expected input with shape [*, ${normalizedShape.join(", ")}], but got ` +
        `input of size${listed(input.shape)}`,
    );
  }
  checkLike(weight, normalizedShape, "weight");
  const dims = normalizedShape.map((_, i) => first + i);
  const scaled = input.mul(
    input
      .square()
      .mean(dims, true)
      .add(eps ?? 2 ** -23)
      .rsqrt(),
  );
  return weight ? scaled.mul(weight) : scaled;
}
