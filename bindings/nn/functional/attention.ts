/** Attention, and products of two inputs. */
import { expectTensor, named } from "../../core/args.ts";
import { ShapeError, TensorError } from "../../core/errors.ts";
import { renamed, savingInputs } from "../../core/names.ts";
import { ones } from "../../ops/creation.ts";
import { softmax } from "../../ops/softmax.ts";
import { tril } from "../../ops/triangle.ts";
import { where } from "../../ops/where.ts";
import type { Tensor } from "../../tensor.ts";
import { dropout } from "./dropout.ts";
import { listed } from "./window.ts";

export interface AttentionOptions {
  /** bool: who may see whom; float32: added to the scores. Broadcasts to [..., L, S]. */
  attnMask?: Tensor | null;
  /** Drops weights with this probability. Default 0. */
  dropoutP?: number;
  /** Position i sees positions up to i only. */
  isCausal?: boolean;
  /** Factor of the scores. Default 1/√E. */
  scale?: number | null;
}

type AttentionArguments = [
  attnMask?: Tensor | null | AttentionOptions,
  dropoutP?: number | AttentionOptions,
  isCausal?: boolean | AttentionOptions,
  scale?: number | null | AttentionOptions,
];

const LOW = Number.NEGATIVE_INFINITY;

/** @internal Scores with a mask: added, or −∞ where a bool one is false. */
export function masked(scores: Tensor, mask: Tensor | null | undefined): Tensor {
  if (!mask) return scores;
  return mask.dtype === "bool" ? where(mask, scores, LOW) : scores.add(mask);
}

/** @internal softmax(q kᵀ · scale + mask), the weights of attention. */
export function attentionWeights(query: Tensor, key: Tensor, mask: Tensor | null | undefined, scale: number): Tensor {
  return softmax(masked(query.mul(scale).matmul(key.transpose(-2, -1)), mask), -1);
}

/**
 * softmax(q kᵀ / √E + mask) v.
 *
 * Vaswani et al., Attention Is All You Need, arXiv:1706.03762, equation 1.
 * @param query float32 [..., L, E] @param key [..., S, E] @param value [..., S, V] @returns [..., L, V]
 * @throws {ShapeError} shapes that do not fit @throws {TensorError} a mask besides `isCausal`
 * @example
 * const x = ones([1, 2, 4]);
 * nn.functional.scaledDotProductAttention(x, x, x).shape; // [1, 2, 4]
 */
export function scaledDotProductAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  ...args: AttentionArguments
): Tensor {
  const caller = "scaledDotProductAttention";
  expectTensor(query, caller, "query");
  expectTensor(key, caller, "key");
  expectTensor(value, caller, "value");
  const options = named<AttentionOptions>(caller, args, ["attnMask", "dropoutP", "isCausal", "scale"]);
  const { attnMask, dropoutP = 0, isCausal = false, scale } = options;
  if (isCausal && attnMask)
    throw new TensorError(`${caller}: Explicit attn_mask should not be set when is_causal=True`);
  if (query.ndim < 2 || key.ndim < 2 || value.ndim < 2) {
    throw new ShapeError(`${caller}: Expected query, key, and value to all be at least 2 dimensional`);
  }
  const mask = isCausal ? tril(ones([query.size(-2), key.size(-2)], { dtype: "bool" })) : attnMask;
  const weights = attentionWeights(query, key, mask, scale ?? 1 / Math.sqrt(query.size(-1)));
  return dropout(weights, dropoutP).matmul(value);
}

/**
 * x₁ᵀ Wₒ x₂ + bₒ for each feature o of the result.
 * @param input1 float32 [..., I₁] @param input2 [..., I₂] @param weight [O, I₁, I₂] @param bias [O]
 * @returns [..., O]
 * @throws {ShapeError} sizes that do not fit
 * @example nn.functional.bilinear(tensor([1, 2]), tensor([3]), ones(1, 2, 1)).tolist() // [9]
 */
export function bilinear(
  input1: Tensor,
  input2: Tensor,
  weight: Tensor,
  bias?: Tensor | null | { bias?: Tensor | null },
): Tensor {
  expectTensor(input2, "bilinear", "input2");
  expectTensor(weight, "bilinear", "weight");
  const { bias: added } = named<{ bias: Tensor }>("bilinear", [bias], ["bias"]);
  const [out, first, second] = weight.shape;
  if (listed(input1.shape.slice(0, -1)) !== listed(input2.shape.slice(0, -1))) {
    throw new ShapeError(
      `bilinear(): input batch dimensions do not match: got ${listed(input1.shape)} and ${listed(input2.shape)}`,
    );
  }
  if (weight.ndim !== 3 || input1.size(-1) !== first || input2.size(-1) !== second) {
    throw new ShapeError(
      `bilinear(): input sizes do not match weight size: got ${listed(input1.shape)} and ${listed(input2.shape)}, weight ${listed(weight.shape)}`,
    );
  }
  const matrix = savingInputs(weight.permute(1, 0, 2)).reshape([first, out * second]);
  const half = input1.matmul(matrix).reshape([...input1.shape.slice(0, -1), out, second]);
  const result = half.mul(input2.unsqueeze(-2)).sum(-1);
  return added ? result.add(added) : renamed(result, "ViewBackward0");
}
