/** Attention of several heads, with the projections before and behind it. */
import { expectTensor, named } from "../../core/args.ts";
import { ShapeError, TensorError } from "../../core/errors.ts";
import { renamed } from "../../core/names.ts";
import { cat } from "../../ops/cat.ts";
import { zeros } from "../../ops/creation.ts";
import { logicalNot, logicalOr } from "../../ops/logic.ts";
import { linear } from "../../ops/matmul.ts";
import { pad } from "../../ops/pad.ts";
import { where } from "../../ops/where.ts";
import type { Tensor } from "../../tensor.ts";
import { attentionWeights, scaledDotProductAttention } from "./attention.ts";
import { dropout } from "./dropout.ts";
import { listed } from "./window.ts";

export interface MultiheadOptions {
  /** [N, S], or [S] for a single sequence. bool: true where a key is not to be looked at; float32: added to its scores. */
  keyPaddingMask?: Tensor | null;
  /** Return the weights too. Default true. */
  needWeights?: boolean;
  /** [L, S], or [N · heads, L, S]. bool: true where looking is not allowed; float32: added to the scores. */
  attnMask?: Tensor | null;
  /** Weights are the mean over the heads. Default true. */
  averageAttnWeights?: boolean;
}

/** @internal The parameters of multi-head attention, and how it behaves. */
export interface Heads {
  numHeads: number;
  /** For query, key and value. */
  weights: readonly [Tensor, Tensor, Tensor] | Tensor;
  /** [3 E] */
  inBias: Tensor | null;
  outWeight: Tensor;
  outBias: Tensor | null;
  /** One more key and value, [1, 1, E], learned. */
  biasK?: Tensor | null;
  biasV?: Tensor | null;
  /** One more key and value, of zeros. */
  addZeroAttn?: boolean;
  dropoutP?: number;
  batchFirst?: boolean;
}

const LOW = Number.NEGATIVE_INFINITY;

/** Refuses numbers of dimensions that do not go together. */
function checkRanks(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  padding: Tensor | null | undefined,
  mask: Tensor | null | undefined,
): void {
  const n = query.ndim;
  if (n !== 2 && n !== 3) {
    throw new ShapeError(`query should be unbatched 2D or batched 3D tensor but received ${n}-D query tensor`);
  }
  const kind = n === 3 ? "batched (3-D)" : "unbatched (2-D)";
  if (key.ndim !== n || value.ndim !== n) {
    throw new ShapeError(
      `For ${kind} \`query\`, expected \`key\` and \`value\` to be ${n}-D but found ${key.ndim}-D and ${value.ndim}-D tensors respectively`,
    );
  }
  if (padding && padding.ndim !== n - 1) {
    throw new ShapeError(
      `For ${kind} \`query\`, expected \`key_padding_mask\` to be \`None\` or ${n - 1}-D but found ${padding.ndim}-D tensor instead`,
    );
  }
  if (mask && mask.ndim !== 2 && mask.ndim !== 3) {
    throw new ShapeError(
      `For ${kind} \`query\`, expected \`attn_mask\` to be \`None\`, 2-D or 3-D but found ${mask.ndim}-D tensor instead`,
    );
  }
  for (const [name, t] of [
    ["key_padding_mask", padding],
    ["attn_mask", mask],
  ] as const) {
    if (t?.dtype === "int32") throw new TensorError(`only bool and floating types of ${name} are supported`);
  }
}

/** Query, key and value after their projections; one product does for all that are the same tensor. */
function project(query: Tensor, key: Tensor, value: Tensor, { weights, inBias }: Heads): Tensor[] {
  const inputs = [query, key, value];
  if (Array.isArray(weights)) {
    const biases = inBias?.chunk(3) ?? [null, null, null];
    return inputs.map((input, i) => linear(input, weights[i], biases[i]));
  }
  const packed = weights as Tensor;
  const width = query.size(-1);
  const part = (input: Tensor, from: number, count: number): Tensor[] =>
    linear(
      input,
      packed.narrow(0, from * width, count * width),
      inBias?.narrow(0, from * width, count * width) ?? null,
    ).chunk(count, -1);
  if (key !== value) return inputs.flatMap((input, i) => part(input, i, 1));
  return query === key ? linear(query, packed, inBias).chunk(3, -1) : [...part(query, 0, 1), ...part(key, 1, 2)];
}

/** −∞ where a bool mask is true. */
function additive(mask: Tensor): Tensor {
  return mask.dtype === "bool" ? where(mask, LOW, 0) : mask;
}

/** Both masks as scaledDotProductAttention takes them: bool with true for what is allowed, or what is added. */
function mergeMasks(mask: Tensor | null, padding: Tensor | null): Tensor | null {
  const both = mask && padding;
  if (both && (mask.dtype !== "bool" || padding.dtype !== "bool")) return additive(mask).add(additive(padding));
  const one = both ? logicalOr(mask, padding) : (mask ?? padding);
  return one?.dtype === "bool" ? logicalNot(one) : one;
}

function checkSizes(query: Tensor, key: Tensor, value: Tensor, heads: Heads, sequence: number): void {
  const batch = 1 - sequence;
  const width = heads.outWeight.size(0);
  if (query.size(-1) !== width) {
    throw new ShapeError(`was expecting embedding dimension of ${width}, but got ${query.size(-1)}`);
  }
  if (width % heads.numHeads !== 0) {
    throw new ShapeError(`embed_dim ${width} not divisible by num_heads ${heads.numHeads}`);
  }
  const isPacked = !Array.isArray(heads.weights);
  if (isPacked && listed(key.shape) !== listed(value.shape)) {
    throw new ShapeError(`key shape ${listed(key.shape)} does not match value shape ${listed(value.shape)}`);
  }
  if (key.size(0) !== value.size(0) || key.size(1) !== value.size(1)) {
    throw new ShapeError(
      `key's sequence and batch dims ${listed(key.shape.slice(0, 2))} do not match value's ${listed(value.shape.slice(0, 2))}`,
    );
  }
  if (key.size(batch) !== query.size(batch)) {
    throw new ShapeError(`the batch of key, ${key.size(batch)}, is not that of query, ${query.size(batch)}`);
  }
}

/** The mask as [N or 1, heads or 1, L, S]. */
function mask4d(mask: Tensor, batch: number, heads: number, length: number, keys: number): Tensor {
  const expected = mask.ndim === 2 ? [length, keys] : [batch * heads, length, keys];
  if (listed(mask.shape) !== listed(expected)) {
    throw new ShapeError(
      `The shape of the ${mask.ndim}D attn_mask is torch.Size(${listed(mask.shape)}), but should be ${listed(expected)}.`,
    );
  }
  return mask.ndim === 2 ? mask : mask.reshape([batch, heads, length, keys]);
}

/** @internal What nn.MultiheadAttention computes: the output and the weights. */
export function attendHeads(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  heads: Heads,
  options: MultiheadOptions,
): [Tensor, Tensor | null] {
  const { keyPaddingMask, attnMask, needWeights = true, averageAttnWeights = true } = options;
  checkRanks(query, key, value, keyPaddingMask, attnMask);
  if (query.ndim === 2) {
    // A tensor given several times stays one, so that one product does.
    const wide = new Map([query, key, value].map((t) => [t, t.unsqueeze(1)]));
    const of = (t: Tensor): Tensor => wide.get(t) as Tensor;
    const padding = keyPaddingMask?.unsqueeze(0) ?? null;
    const settings = { ...options, keyPaddingMask: padding };
    const [output, weights] = attendHeads(of(query), of(key), of(value), { ...heads, batchFirst: false }, settings);
    return [output.squeeze(1), weights?.squeeze(0) ?? null];
  }
  const { numHeads, biasK, biasV, addZeroAttn, dropoutP = 0, batchFirst = false } = heads;
  const sequence = batchFirst ? 1 : 0;
  checkSizes(query, key, value, heads, sequence);
  const [batch, length, keys] = [query.size(1 - sequence), query.size(sequence), key.size(sequence)];
  if (keyPaddingMask && listed(keyPaddingMask.shape) !== listed([batch, keys])) {
    throw new ShapeError(
      `expecting key_padding_mask shape of (${batch}, ${keys}), but got torch.Size(${listed(keyPaddingMask.shape)})`,
    );
  }
  const mask = attnMask ? mask4d(attnMask, batch, numHeads, length, keys) : null;
  let merged = mergeMasks(mask, keyPaddingMask?.reshape([batch, 1, 1, keys]) ?? null);
  let [q, k, v] = project(query, key, value, heads);
  const longer = (t: Tensor, more: Tensor | null | undefined): Tensor => {
    if (!more) return t;
    return cat([t, more.expand(batchFirst ? [batch, 1, t.size(2)] : [1, batch, t.size(2)])], sequence);
  };
  [k, v] = [longer(k, biasK), longer(v, biasV)];
  const order = batchFirst ? [0, 2, 1, 3] : [1, 2, 0, 3];
  const split = (t: Tensor): Tensor => t.unflatten(-1, [numHeads, -1]).permute(order);
  [q, k, v] = [q, k, v].map(split);
  if (addZeroAttn) [k, v] = [k, v].map((t) => cat([t, zeros(batch, numHeads, 1, t.size(3))], 2));
  const more = k.size(2) - keys;
  // What was put behind the keys may always be looked at.
  if (merged && more > 0) {
    const bool = merged.dtype === "bool";
    merged = bool ? logicalNot(pad(logicalNot(merged), [0, more])) : pad(merged, [0, more]);
  }
  let weights: Tensor | null = null;
  let mixed: Tensor;
  if (needWeights) {
    weights = dropout(attentionWeights(q, k, merged, 1 / Math.sqrt(q.size(-1))), dropoutP);
    mixed = weights.matmul(v);
  } else {
    mixed = scaledDotProductAttention(q, k, v, { attnMask: merged, dropoutP });
  }
  // [N, heads, L, width] back to the layout of the query.
  const joined = mixed.permute(batchFirst ? [0, 2, 1, 3] : [2, 0, 1, 3]).flatten(2);
  const output = linear(joined, heads.outWeight, heads.outBias);
  return [output, weights && averageAttnWeights ? renamed(weights.mean(1), "DivBackward0") : weights];
}

export interface MultiHeadAttentionForwardOptions extends MultiheadOptions {
  /** Whether dropout is done. Default true. */
  training?: boolean;
  /** Take the three weights below in place of `inProjWeight`, for keys and values of other widths. */
  useSeparateProjWeight?: boolean;
  qProjWeight?: Tensor | null;
  kProjWeight?: Tensor | null;
  vProjWeight?: Tensor | null;
}

type MoreArguments = [
  training?: boolean | MultiHeadAttentionForwardOptions,
  keyPaddingMask?: Tensor | null | MultiHeadAttentionForwardOptions,
  needWeights?: boolean | MultiHeadAttentionForwardOptions,
  attnMask?: Tensor | null | MultiHeadAttentionForwardOptions,
  useSeparateProjWeight?: boolean | MultiHeadAttentionForwardOptions,
];

const NAMES = ["training", "keyPaddingMask", "needWeights", "attnMask", "useSeparateProjWeight"] as const;

/**
 * The function behind nn.MultiheadAttention: projects query, key and value, attends in each head, and projects what the heads
 * give. Returns [output, weights or null].
 * @param query float32 [L, N, E] @param key [S, N, E] @param value [S, N, E] @param inProjWeight [3 E, E] @param inProjBias [3 E]
 * @throws {ShapeError} sizes that do not fit
 * @see PyTorch torch.nn.functional.multi_head_attention_forward, without static keys and values
 * @example
 * const x = randn(5, 1, 4);
 * const [project, out] = [nn.init.eye_(empty(12, 4)), eye(4)];
 * nn.functional.multiHeadAttentionForward(x, x, x, 4, 2, project, null, null, null, false, 0, out, null)[0].shape; // [5, 1, 4]
 */
export function multiHeadAttentionForward(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  embedDimToCheck: number,
  numHeads: number,
  inProjWeight: Tensor | null,
  inProjBias: Tensor | null,
  biasK: Tensor | null,
  biasV: Tensor | null,
  addZeroAttn: boolean,
  dropoutP: number,
  outProjWeight: Tensor,
  outProjBias: Tensor | null,
  ...more: MoreArguments
): [Tensor, Tensor | null] {
  const caller = "multiHeadAttentionForward";
  const options = named<MultiHeadAttentionForwardOptions>(caller, more, NAMES);
  const { training = true, useSeparateProjWeight = false, qProjWeight, kProjWeight, vProjWeight } = options;
  for (const [name, t] of Object.entries({ query, key, value, outProjWeight })) expectTensor(t, caller, name);
  if (query.size(-1) !== embedDimToCheck) {
    throw new ShapeError(`was expecting embedding dimension of ${embedDimToCheck}, but got ${query.size(-1)}`);
  }
  const weights = useSeparateProjWeight ? ([qProjWeight, kProjWeight, vProjWeight] as const) : inProjWeight;
  if (!weights || (Array.isArray(weights) && weights.some((w) => !w))) {
    throw new TensorError(
      `use_separate_proj_weight is ${useSeparateProjWeight ? "True" : "False"} but a weight that it takes is None`,
    );
  }
  const heads: Heads = {
    numHeads,
    weights: weights as Heads["weights"],
    inBias: inProjBias,
    outWeight: outProjWeight,
    outBias: outProjBias,
    biasK,
    biasV,
    addZeroAttn,
    dropoutP: training ? dropoutP : 0,
  };
  return attendHeads(query, key, value, heads, options);
}
