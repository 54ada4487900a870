/** Encoder and decoder of Vaswani et al., Attention Is All You Need, arXiv:1706.03762. */
import { named } from "../../core/args.ts";
import { ShapeError } from "../../core/errors.ts";
import { full } from "../../ops/creation.ts";
import { triu } from "../../ops/triangle.ts";
import type { Tensor } from "../../tensor.ts";
import { deepcopy } from "../copy.ts";
import { xavierUniform_ } from "../init.ts";
import { withIntermediates } from "../intermediate.ts";
import { Module } from "../module.ts";
import { ModuleList } from "./lists.ts";
import { LayerNorm } from "./normalization.ts";
import {
  type Activation,
  completed,
  DECODER,
  type DecoderArguments,
  type DecoderMasks,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
} from "./transformer-layers.ts";

/** The norm behind a stack of layers, if there is one. */
type LastNorm = Module | null;

/** Copies of one layer. */
function stacked(layer: Module, count: number): ModuleList {
  return new ModuleList(Array.from({ length: count }, () => deepcopy(layer)));
}

export interface EncoderStackMasks {
  /** [L, L]; see MultiheadAttention. */
  mask?: Tensor | null;
  /** [N, L] */
  srcKeyPaddingMask?: Tensor | null;
  /** Says that `mask` is causal. */
  isCausal?: boolean;
}

/**
 * Several encoder layers, copies of the one given, and a norm behind them if wanted.
 * @see PyTorch torch.nn.TransformerEncoder
 * @example
 * const layer = new nn.TransformerEncoderLayer(8, 2, { dimFeedforward: 16 });
 * new nn.TransformerEncoder(layer, 2)(randn(5, 3, 8)).shape; // [5, 3, 8]
 */
export class TransformerEncoder extends Module {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  layers: ModuleList;
  norm: LastNorm;
  readonly numLayers: number;

  constructor(encoderLayer: Module, numLayers: number, norm: LastNorm | { norm?: LastNorm } = null) {
    super();
    this.layers = stacked(encoderLayer, numLayers);
    this.numLayers = numLayers;
    this.norm = named<{ norm: LastNorm }>("TransformerEncoder", [norm], ["norm"]).norm ?? null;
  }

  override forward(src: Tensor, ...args: (Tensor | null | boolean | EncoderStackMasks | undefined)[]): Tensor {
    const names = ["mask", "srcKeyPaddingMask", "isCausal"] as const;
    const { mask: srcMask, ...others } = named<EncoderStackMasks>("TransformerEncoder", args, names);
    return withIntermediates(this, () => {
      let x = src;
      for (const layer of this.layers) x = layer(x, { srcMask, ...others });
      return this.norm ? this.norm(x) : x;
    });
  }
}

/**
 * Several decoder layers, copies of the one given, and a norm behind them if wanted.
 * @see PyTorch torch.nn.TransformerDecoder
 * @example
 * const layer = new nn.TransformerDecoderLayer(8, 2, { dimFeedforward: 16 });
 * new nn.TransformerDecoder(layer, 2)(randn(4, 3, 8), randn(5, 3, 8)).shape; // [4, 3, 8]
 */
export class TransformerDecoder extends Module {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  layers: ModuleList;
  norm: LastNorm;
  readonly numLayers: number;

  constructor(decoderLayer: Module, numLayers: number, norm: LastNorm | { norm?: LastNorm } = null) {
    super();
    this.layers = stacked(decoderLayer, numLayers);
    this.numLayers = numLayers;
    this.norm = named<{ norm: LastNorm }>("TransformerDecoder", [norm], ["norm"]).norm ?? null;
  }

  override forward(tgt: Tensor, memory: Tensor, ...args: DecoderArguments): Tensor {
    const masks = named<DecoderMasks>("TransformerDecoder", args, DECODER);
    return withIntermediates(this, () => {
      let x = tgt;
      for (const layer of this.layers) x = layer(x, memory, masks);
      return this.norm ? this.norm(x) : x;
    });
  }
}

export interface TransformerOptions extends TransformerLayerOptions {
  /** Default 512. */
  dModel?: number;
  /** Default 8. */
  nhead?: number;
  /** Default 6. */
  numEncoderLayers?: number;
  /** Default 6. */
  numDecoderLayers?: number;
  /** In place of the encoder made here. */
  customEncoder?: Module | null;
  /** In place of the decoder made here. */
  customDecoder?: Module | null;
}

const TRANSFORMER = [
  "dModel",
  "nhead",
  "numEncoderLayers",
  "numDecoderLayers",
  "dimFeedforward",
  "dropout",
  "activation",
  "customEncoder",
  "customDecoder",
  "layerNormEps",
  "batchFirst",
  "normFirst",
  "bias",
] as const;

type Given<T> = T | TransformerOptions;
type TransformerSettings = [
  dModel?: Given<number>,
  nhead?: Given<number>,
  numEncoderLayers?: Given<number>,
  numDecoderLayers?: Given<number>,
  dimFeedforward?: Given<number>,
  dropout?: Given<number>,
  activation?: Given<Activation>,
  customEncoder?: Given<Module | null>,
  customDecoder?: Given<Module | null>,
  layerNormEps?: Given<number>,
  batchFirst?: Given<boolean>,
  normFirst?: Given<boolean>,
  bias?: Given<boolean>,
];

export interface TransformerMasks extends Omit<DecoderMasks, "isCausal"> {
  /** [S, S] */
  srcMask?: Tensor | null;
  /** [N, S] */
  srcKeyPaddingMask?: Tensor | null;
  /** Says that `srcMask` is causal. */
  srcIsCausal?: boolean;
}

const MASKS = [
  "srcMask",
  "tgtMask",
  "memoryMask",
  "srcKeyPaddingMask",
  "tgtKeyPaddingMask",
  "memoryKeyPaddingMask",
  "srcIsCausal",
  "tgtIsCausal",
  "memoryIsCausal",
] as const;

/**
 * Encoder and decoder: what the encoder makes of `src` is looked at while `tgt` is worked on.
 * @see PyTorch torch.nn.Transformer
 * @throws {ShapeError} widths other than dModel, batches that differ
 * @example
 * const model = new nn.Transformer({ dModel: 8, nhead: 2, numEncoderLayers: 1, numDecoderLayers: 1, dimFeedforward: 16 });
 * model(randn(5, 3, 8), randn(4, 3, 8)).shape; // [4, 3, 8]
 */
export class Transformer extends Module {
  encoder: Module;
  decoder: Module;
  readonly dModel: number;
  readonly nhead: number;
  readonly batchFirst: boolean;

  constructor(...args: TransformerSettings) {
    super();
    const options = named<TransformerOptions>("Transformer", args, TRANSFORMER);
    const { dModel = 512, nhead = 8, numEncoderLayers = 6, numDecoderLayers = 6 } = options;
    const { customEncoder, customDecoder, batchFirst = false } = options;
    const { eps, bias } = completed(options);
    const norm = (): LayerNorm => new LayerNorm(dModel, { eps, bias });
    this.encoder =
      customEncoder ??
      new TransformerEncoder(new TransformerEncoderLayer(dModel, nhead, options), numEncoderLayers, norm());
    this.decoder =
      customDecoder ??
      new TransformerDecoder(new TransformerDecoderLayer(dModel, nhead, options), numDecoderLayers, norm());
    this.dModel = dModel;
    this.nhead = nhead;
    this.batchFirst = batchFirst;
    this.resetParameters();
  }

  /** Draws all weights that are matrices by xavierUniform_. */
  resetParameters(): void {
    for (const p of this.parameters()) if (p.ndim > 1) xavierUniform_(p);
  }

  /**
   * The decoder's output for `tgt`, which looks at the encoder's for `src`.
   * @param src float32 [S, N, E] @param tgt [T, N, E] @returns [T, N, E]; with batchFirst the first two the other way round
   */
  override forward(
    src: Tensor,
    tgt: Tensor,
    ...args: (Tensor | null | boolean | TransformerMasks | undefined)[]
  ): Tensor {
    const given = named<TransformerMasks>("Transformer", args, MASKS);
    const batch = this.batchFirst ? 0 : 1;
    if (src.ndim === 3 && src.size(batch) !== tgt.size(batch)) {
      throw new ShapeError("the batch number of src and tgt must be equal");
    }
    if (src.size(-1) !== this.dModel || tgt.size(-1) !== this.dModel) {
      throw new ShapeError("the feature number of src and tgt must be equal to d_model");
    }
    const { srcMask: mask, srcKeyPaddingMask, srcIsCausal: isCausal, ...others } = given;
    const memory = this.encoder(src, { mask, srcKeyPaddingMask, isCausal });
    return this.decoder(tgt, memory, others);
  }

  /** [size, size], −∞ above the diagonal and 0 elsewhere: position i sees positions up to i. */
  static generateSquareSubsequentMask(size: number): Tensor {
    return triu(full([size, size], Number.NEGATIVE_INFINITY), 1);
  }
}
