/** The layers of encoder and decoder of Vaswani et al., Attention Is All You Need, arXiv:1706.03762. */
import { named } from "../../core/args.ts";
import { TensorError } from "../../core/errors.ts";
import { gelu } from "../../ops/activation.ts";
import type { Tensor } from "../../tensor.ts";
import { relu } from "../functional/activations.ts";
import { withIntermediates } from "../intermediate.ts";
import { Module } from "../module.ts";
import { Dropout } from "./dropout.ts";
import { Linear } from "./linear.ts";
import { MultiheadAttention } from "./multihead.ts";
import { LayerNorm } from "./normalization.ts";

export type Activation = "relu" | "gelu" | ((x: Tensor) => Tensor);

export interface TransformerLayerOptions {
  /** Width between the two linear layers. Default 2048. */
  dimFeedforward?: number;
  /** Default 0.1. */
  dropout?: number;
  /** Between the two linear layers. Default "relu". */
  activation?: Activation;
  /** Default 1e-5. */
  layerNormEps?: number;
  /** Sequences are [batch, steps, features] rather than [steps, batch, features]. */
  batchFirst?: boolean;
  /** Normalise before each part rather than behind it (Xiong et al. 2020, arXiv:2002.04745). */
  normFirst?: boolean;
  /** Biases of linear layers and norms. Default true. */
  bias?: boolean;
}

type LayerSettings = [
  dimFeedforward?: number | TransformerLayerOptions,
  dropout?: number | TransformerLayerOptions,
  activation?: Activation | TransformerLayerOptions,
  layerNormEps?: number | TransformerLayerOptions,
  batchFirst?: boolean | TransformerLayerOptions,
  normFirst?: boolean | TransformerLayerOptions,
  bias?: boolean | TransformerLayerOptions,
];

const LAYER = ["dimFeedforward", "dropout", "activation", "layerNormEps", "batchFirst", "normFirst", "bias"] as const;

/** @internal */
export interface Complete {
  dropout: number;
  eps: number;
  bias: boolean;
  attention: { dropout: number; batchFirst: boolean; bias: boolean };
}

/** @internal */
export function completed({
  dropout = 0.1,
  layerNormEps = 1e-5,
  batchFirst = false,
  bias = true,
}: TransformerLayerOptions): Complete {
  return { dropout, eps: layerNormEps, bias, attention: { dropout, batchFirst, bias } };
}

const RELU = (x: Tensor): Tensor => relu(x);
const GELU = (x: Tensor): Tensor => gelu(x);

function activationOf(given: Activation = "relu"): (x: Tensor) => Tensor {
  if (typeof given === "function") return given;
  if (given === "relu") return RELU;
  if (given === "gelu") return GELU;
  throw new TensorError(`activation should be relu/gelu, not ${String(given)}`);
}

/** What both layers have in common: attention to oneself, a network for each position, norms around them. */
abstract class TransformerLayer extends Module {
  declare self_attn: MultiheadAttention;
  declare linear1: Linear;
  declare dropout: Dropout;
  declare linear2: Linear;
  declare norm1: LayerNorm;
  declare norm2: LayerNorm;
  declare dropout1: Dropout;
  declare dropout2: Dropout;
  declare activation: (x: Tensor) => Tensor;
  declare normFirst: boolean;

  /** The part between attention and norms. */
  protected addFeedforward(width: number, options: TransformerLayerOptions): void {
    const { dropout, bias } = completed(options);
    const inner = options.dimFeedforward ?? 2048;
    this.linear1 = new Linear(width, inner, bias);
    this.dropout = new Dropout(dropout);
    this.linear2 = new Linear(inner, width, bias);
  }

  protected selfAttention(x: Tensor, attnMask: Tensor | null, keyPaddingMask: Tensor | null): Tensor {
    return this.dropout1(this.self_attn(x, x, x, { attnMask, keyPaddingMask, needWeights: false })[0]);
  }

  protected feedforward(x: Tensor): Tensor {
    return this.linear2(this.dropout(this.activation(this.linear1(x))));
  }

  /** x + part(norm(x)), or norm(x + part(x)). */
  protected residual(x: Tensor, norm: LayerNorm, part: (x: Tensor) => Tensor): Tensor {
    return this.normFirst ? x.add(part(norm(x))) : norm(x.add(part(x)));
  }
}

/** One given by the user might keep what it sees. */
function hasOwnActivation({ activation }: TransformerLayer): boolean {
  return activation === RELU || activation === GELU;
}

export interface EncoderMasks {
  /** [L, L]; see MultiheadAttention. */
  srcMask?: Tensor | null;
  /** [N, L] */
  srcKeyPaddingMask?: Tensor | null;
  /** Says that `srcMask` is causal. */
  isCausal?: boolean;
}

/**
 * Attention of a sequence to itself, then a network of two layers at each position, each with a residual connection and a norm.
 * @see PyTorch torch.nn.TransformerEncoderLayer
 * @example new nn.TransformerEncoderLayer(8, 2, { dimFeedforward: 16 })(randn(5, 3, 8)).shape // [5, 3, 8]
 */
export class TransformerEncoderLayer extends TransformerLayer {
  /** @internal */
  static readonly _keepsNothing: (layer: TransformerLayer) => boolean = hasOwnActivation;

  constructor(dModel: number, nhead: number, ...args: LayerSettings) {
    super();
    const options = named<TransformerLayerOptions>("TransformerEncoderLayer", args, LAYER);
    const { dropout, eps, bias, attention } = completed(options);
    const activation = activationOf(options.activation);
    this.self_attn = new MultiheadAttention(dModel, nhead, attention);
    this.addFeedforward(dModel, options);
    this.normFirst = options.normFirst ?? false;
    this.norm1 = new LayerNorm(dModel, { eps, bias });
    this.norm2 = new LayerNorm(dModel, { eps, bias });
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.activation = activation;
  }

  override forward(src: Tensor, ...args: (Tensor | null | boolean | EncoderMasks | undefined)[]): Tensor {
    const names = ["srcMask", "srcKeyPaddingMask", "isCausal"] as const;
    const { srcMask, srcKeyPaddingMask, isCausal } = named<EncoderMasks>("TransformerEncoderLayer", args, names);
    expectMask(isCausal, srcMask);
    return withIntermediates(this, () => {
      const x = this.residual(src, this.norm1, (t) =>
        this.selfAttention(t, srcMask ?? null, srcKeyPaddingMask ?? null),
      );
      return this.residual(x, this.norm2, (t) => this.dropout2(this.feedforward(t)));
    });
  }
}

/** A hint about a mask that is not there. */
function expectMask(isCausal: boolean | undefined, mask: Tensor | null | undefined): void {
  if (isCausal && !mask) throw new TensorError("Need attn_mask if specifying the is_causal hint.");
}

export interface DecoderMasks {
  /** [T, T]; see MultiheadAttention. */
  tgtMask?: Tensor | null;
  /** [T, S] */
  memoryMask?: Tensor | null;
  /** [N, T] */
  tgtKeyPaddingMask?: Tensor | null;
  /** [N, S] */
  memoryKeyPaddingMask?: Tensor | null;
  /** Says that `tgtMask` is causal. */
  tgtIsCausal?: boolean;
  /** Says that `memoryMask` is causal. */
  memoryIsCausal?: boolean;
}

/** @internal */
export const DECODER = [
  "tgtMask",
  "memoryMask",
  "tgtKeyPaddingMask",
  "memoryKeyPaddingMask",
  "tgtIsCausal",
  "memoryIsCausal",
] as const;

export type DecoderArguments = (Tensor | null | boolean | DecoderMasks | undefined)[];

/**
 * As the encoder's layer, with attention to what the encoder made in between.
 * @see PyTorch torch.nn.TransformerDecoderLayer
 * @example new nn.TransformerDecoderLayer(8, 2, { dimFeedforward: 16 })(randn(4, 3, 8), randn(5, 3, 8)).shape // [4, 3, 8]
 */
export class TransformerDecoderLayer extends TransformerLayer {
  /** @internal */
  static readonly _keepsNothing: (layer: TransformerLayer) => boolean = hasOwnActivation;

  // Declared only: fields would come first, and names are in the order of assignment.
  declare multihead_attn: MultiheadAttention;
  declare norm3: LayerNorm;
  declare dropout3: Dropout;

  constructor(dModel: number, nhead: number, ...args: LayerSettings) {
    super();
    const options = named<TransformerLayerOptions>("TransformerDecoderLayer", args, LAYER);
    const { dropout, eps, bias, attention } = completed(options);
    const activation = activationOf(options.activation);
    this.self_attn = new MultiheadAttention(dModel, nhead, attention);
    this.multihead_attn = new MultiheadAttention(dModel, nhead, attention);
    this.addFeedforward(dModel, options);
    this.normFirst = options.normFirst ?? false;
    this.norm1 = new LayerNorm(dModel, { eps, bias });
    this.norm2 = new LayerNorm(dModel, { eps, bias });
    this.norm3 = new LayerNorm(dModel, { eps, bias });
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.dropout3 = new Dropout(dropout);
    this.activation = activation;
  }

  override forward(tgt: Tensor, memory: Tensor, ...args: DecoderArguments): Tensor {
    const given = named<DecoderMasks>("TransformerDecoderLayer", args, DECODER);
    const { tgtMask, memoryMask, tgtKeyPaddingMask, memoryKeyPaddingMask: keyPaddingMask = null } = given;
    expectMask(given.tgtIsCausal, tgtMask);
    expectMask(given.memoryIsCausal, memoryMask);
    const toMemory = { attnMask: memoryMask ?? null, keyPaddingMask, needWeights: false } as const;
    return withIntermediates(this, () => {
      let x = this.residual(tgt, this.norm1, (t) => this.selfAttention(t, tgtMask ?? null, tgtKeyPaddingMask ?? null));
      x = this.residual(x, this.norm2, (t) => this.dropout2(this.multihead_attn(t, memory, memory, toMemory)[0]));
      return this.residual(x, this.norm3, (t) => this.dropout3(this.feedforward(t)));
    });
  }
}
