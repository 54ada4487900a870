/** Attention of several heads as a module. */
import { expectTensor, named } from "../../core/args.ts";
import { ShapeError, TensorError } from "../../core/errors.ts";
import type { Tensor } from "../../tensor.ts";
import { attendHeads, type MultiheadOptions } from "../functional/multihead.ts";
import { xavierNormal_, xavierUniform_, zeros_ } from "../init.ts";
import { withIntermediates } from "../intermediate.ts";
import { Module } from "../module.ts";
import { emptyParameter, type Parameter } from "../parameter.ts";
import { Linear } from "./linear.ts";

export interface MultiheadModuleOptions {
  /** Drops weights, in training, with this probability. Default 0. */
  dropout?: number;
  /** Biases of the projections. Default true. */
  bias?: boolean;
  /** One more key and value, learned. */
  addBiasKv?: boolean;
  /** One more key and value, of zeros. */
  addZeroAttn?: boolean;
  /** Width of keys. Default embedDim. */
  kdim?: number | null;
  /** Width of values. Default embedDim. */
  vdim?: number | null;
  /** Sequences are [batch, steps, features] rather than [steps, batch, features]. */
  batchFirst?: boolean;
}

type Settings = [
  dropout?: number | MultiheadModuleOptions,
  bias?: boolean | MultiheadModuleOptions,
  addBiasKv?: boolean | MultiheadModuleOptions,
  addZeroAttn?: boolean | MultiheadModuleOptions,
  kdim?: number | null | MultiheadModuleOptions,
  vdim?: number | null | MultiheadModuleOptions,
  batchFirst?: boolean | MultiheadModuleOptions,
];

const SETTINGS = ["dropout", "bias", "addBiasKv", "addZeroAttn", "kdim", "vdim", "batchFirst"] as const;

type CallArguments = [
  keyPaddingMask?: Tensor | null | MultiheadCallOptions,
  needWeights?: boolean | MultiheadCallOptions,
  attnMask?: Tensor | null | MultiheadCallOptions,
  averageAttnWeights?: boolean | MultiheadCallOptions,
  isCausal?: boolean | MultiheadCallOptions,
];

export interface MultiheadCallOptions extends MultiheadOptions {
  /** Says that `attnMask` is causal; the mask itself must be given too. */
  isCausal?: boolean;
}

const CALL = ["keyPaddingMask", "needWeights", "attnMask", "averageAttnWeights", "isCausal"] as const;

/** Linear, as PyTorch prints the projection at the end. */
class NonDynamicallyQuantizableLinear extends Linear {}

/** What it returns depends on `needWeights`. */
export interface MultiheadAttention {
  (query: Tensor, key: Tensor, value: Tensor, options: MultiheadCallOptions & { needWeights: false }): [Tensor, null];
  (query: Tensor, key: Tensor, value: Tensor, ...args: CallArguments): [Tensor, Tensor];
}

/**
 * Attention of several heads, each on its own part of projected queries, keys and values: concat(headᵢ) Wₒ,
 * headᵢ = softmax(qᵢ kᵢᵀ / √width) vᵢ. Returns [output, weights averaged over the heads].
 *
 * Vaswani et al., Attention Is All You Need, arXiv:1706.03762. In a bool mask true means that looking is not allowed.
 * @see PyTorch torch.nn.MultiheadAttention
 * @throws {ShapeError} embedDim that is no multiple of numHeads, inputs that do not fit
 * @example
 * const x = randn(2, 5, 8); // batch, steps, features
 * const [output, weights] = new nn.MultiheadAttention(8, 2, { batchFirst: true })(x, x, x);
 * weights.shape; // [2, 5, 5]
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: adds call signatures only; see Module
export class MultiheadAttention extends Module {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  in_proj_weight: Parameter | null;
  q_proj_weight: Parameter | null;
  k_proj_weight: Parameter | null;
  v_proj_weight: Parameter | null;
  in_proj_bias: Parameter | null;
  out_proj: Linear;
  bias_k: Parameter | null;
  bias_v: Parameter | null;
  readonly embedDim: number;
  readonly numHeads: number;
  readonly kdim: number;
  readonly vdim: number;
  readonly dropout: number;
  readonly batchFirst: boolean;
  readonly addZeroAttn: boolean;

  constructor(embedDim: number, numHeads: number, ...args: Settings) {
    super();
    const given = named<MultiheadModuleOptions>("MultiheadAttention", args, SETTINGS);
    if (!(embedDim > 0 && numHeads > 0)) {
      throw new ShapeError(
        `embed_dim and num_heads must be greater than 0, got embed_dim=${embedDim} and num_heads=${numHeads} instead`,
      );
    }
    if (embedDim % numHeads !== 0) throw new ShapeError("embed_dim must be divisible by num_heads");
    this.embedDim = embedDim;
    this.numHeads = numHeads;
    this.kdim = given.kdim ?? embedDim;
    this.vdim = given.vdim ?? embedDim;
    this.dropout = given.dropout ?? 0;
    this.batchFirst = given.batchFirst ?? false;
    this.addZeroAttn = given.addZeroAttn ?? false;
    const isPacked = this.kdim === embedDim && this.vdim === embedDim;
    this.q_proj_weight = isPacked ? null : emptyParameter(embedDim, embedDim);
    this.k_proj_weight = isPacked ? null : emptyParameter(embedDim, this.kdim);
    this.v_proj_weight = isPacked ? null : emptyParameter(embedDim, this.vdim);
    this.in_proj_weight = isPacked ? emptyParameter(3 * embedDim, embedDim) : null;
    const bias = given.bias ?? true;
    this.in_proj_bias = bias ? emptyParameter(3 * embedDim) : null;
    this.out_proj = new NonDynamicallyQuantizableLinear(embedDim, embedDim, bias);
    this.bias_k = given.addBiasKv ? emptyParameter(1, 1, embedDim) : null;
    this.bias_v = given.addBiasKv ? emptyParameter(1, 1, embedDim) : null;
    this.resetParameters();
  }

  /** Weights by xavierUniform_, biases 0, the learned key and value by xavierNormal_. */
  resetParameters(): void {
    for (const w of [this.in_proj_weight, this.q_proj_weight, this.k_proj_weight, this.v_proj_weight]) {
      if (w) xavierUniform_(w);
    }
    if (this.in_proj_bias) zeros_(this.in_proj_bias);
    if (this.out_proj.bias) zeros_(this.out_proj.bias);
    if (this.bias_k) xavierNormal_(this.bias_k);
    if (this.bias_v) xavierNormal_(this.bias_v);
  }

  override forward(query: Tensor, key: Tensor, value: Tensor, ...args: CallArguments): [Tensor, Tensor | null] {
    expectTensor(query, "MultiheadAttention", "query");
    expectTensor(key, "MultiheadAttention", "key");
    expectTensor(value, "MultiheadAttention", "value");
    const options = named<MultiheadCallOptions>("MultiheadAttention", args, CALL);
    if (options.isCausal && !options.attnMask) {
      throw new TensorError("Need attn_mask if specifying the is_causal hint.");
    }
    const weights =
      this.in_proj_weight ?? ([this.q_proj_weight, this.k_proj_weight, this.v_proj_weight] as Parameter[]);
    const heads = {
      numHeads: this.numHeads,
      weights: weights as Tensor | [Tensor, Tensor, Tensor],
      inBias: this.in_proj_bias,
      outWeight: this.out_proj.weight,
      outBias: this.out_proj.bias,
      biasK: this.bias_k,
      biasV: this.bias_v,
      addZeroAttn: this.addZeroAttn,
      dropoutP: this.training ? this.dropout : 0,
      batchFirst: this.batchFirst,
    };
    return withIntermediates(this, () => attendHeads(query, key, value, heads, options));
  }
}
