/** Tables of vectors as modules. */
import { noGrad } from "../../autograd/mode.ts";
import { named } from "../../core/args.ts";
import { ShapeError, TensorError } from "../../core/errors.ts";
import type { Tensor } from "../../tensor.ts";
import { embedding, embeddingBag } from "../functional/embedding.ts";
import { normal_ } from "../init.ts";
import { Module } from "../module.ts";
import { emptyParameter, Parameter } from "../parameter.ts";
import { pythonFloat } from "../print.ts";

interface TableOptions {
  /** A row that stays 0: its gradient is 0, and it starts as zeros. */
  paddingIdx?: number | null;
  /** Rows with a greater norm are scaled down to it when they are read. */
  maxNorm?: number | null;
  /** Default 2. */
  normType?: number;
  /** Divide the gradient of a row by how often it occurs. */
  scaleGradByFreq?: boolean;
}

export type EmbeddingModuleOptions = TableOptions;

export interface EmbeddingBagModuleOptions extends TableOptions {
  /** Default "mean". */
  mode?: "sum" | "mean" | "max";
  /** Has no effect: gradients are dense. */
  sparse?: boolean;
  includeLastOffset?: boolean;
}

abstract class Table extends Module {
  weight: Parameter;
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  readonly paddingIdx: number | null;
  readonly maxNorm: number | null;
  readonly normType: number;
  readonly scaleGradByFreq: boolean;

  constructor(numEmbeddings: number, embeddingDim: number, options: TableOptions) {
    super();
    const { paddingIdx = null, maxNorm = null, normType = 2, scaleGradByFreq = false } = options;
    if (paddingIdx !== null && (paddingIdx < -numEmbeddings || paddingIdx >= numEmbeddings)) {
      throw new TensorError("Padding_idx must be within num_embeddings");
    }
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.paddingIdx = paddingIdx !== null && paddingIdx < 0 ? paddingIdx + numEmbeddings : paddingIdx;
    this.maxNorm = maxNorm;
    this.normType = normType;
    this.scaleGradByFreq = scaleGradByFreq;
    this.weight = emptyParameter(numEmbeddings, embeddingDim);
    this.resetParameters();
  }

  /** Normal numbers, and zeros in the padding row. */
  resetParameters(): void {
    normal_(this.weight);
    const { paddingIdx, weight } = this;
    if (paddingIdx !== null) noGrad(() => weight.select(0, paddingIdx).fill_(0));
  }

  /** @internal */
  protected printed(before: readonly string[], behind: readonly string[]): string {
    const parts = [`${this.numEmbeddings}, ${this.embeddingDim}`, ...before];
    if (this.maxNorm !== null) parts.push(`max_norm=${pythonFloat(this.maxNorm)}`);
    if (this.normType !== 2) parts.push(`norm_type=${pythonFloat(this.normType)}`);
    if (this.scaleGradByFreq) parts.push("scale_grad_by_freq=True");
    return [...parts, ...behind].join(", ");
  }

  /** @internal */
  protected get paddingText(): string[] {
    return this.paddingIdx === null ? [] : [`padding_idx=${this.paddingIdx}`];
  }
}

/** A parameter of another module's elements, which go on training or not. */
function adopted(weight: Tensor, freeze: boolean): Parameter {
  if (weight.ndim !== 2) throw new ShapeError("Embeddings parameter is expected to be 2-dimensional");
  return new Parameter(weight.detach(), { requiresGrad: !freeze });
}

type EmbeddingArguments = [
  paddingIdx?: number | null | EmbeddingModuleOptions,
  maxNorm?: number | null | EmbeddingModuleOptions,
  normType?: number | EmbeddingModuleOptions,
  scaleGradByFreq?: boolean | EmbeddingModuleOptions,
];

/**
 * A table of vectors, looked up by number: nn.functional.embedding with a weight [numEmbeddings, embeddingDim] of its own, from
 * N(0, 1) at first.
 * @throws {TensorError} a `paddingIdx` out of range
 * @see PyTorch torch.nn.Embedding
 * @example new nn.Embedding(10, 3)(tensor([[1, 2]], { dtype: "int32" })).shape // [1, 2, 3]
 */
export class Embedding extends Table {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  constructor(numEmbeddings: number, embeddingDim: number, ...args: EmbeddingArguments) {
    const names = ["paddingIdx", "maxNorm", "normType", "scaleGradByFreq"] as const;
    super(numEmbeddings, embeddingDim, named<EmbeddingModuleOptions>("Embedding", args, names));
  }

  /** A table with these rows, which do not train unless `freeze` is false. */
  static fromPretrained(embeddings: Tensor, options: EmbeddingModuleOptions & { freeze?: boolean } = {}): Embedding {
    const weight = adopted(embeddings, options.freeze ?? true);
    const made = new Embedding(weight.size(0), weight.size(1), options);
    made.weight = weight;
    return made;
  }

  override forward(input: Tensor): Tensor {
    const { weight, paddingIdx, maxNorm, normType, scaleGradByFreq } = this;
    return embedding(input, weight, { paddingIdx, maxNorm, normType, scaleGradByFreq });
  }

  override extraRepr(): string {
    return this.printed(this.paddingText, []);
  }
}

type BagArguments = [
  maxNorm?: number | null | EmbeddingBagModuleOptions,
  normType?: number | EmbeddingBagModuleOptions,
  scaleGradByFreq?: boolean | EmbeddingBagModuleOptions,
  mode?: "sum" | "mean" | "max" | EmbeddingBagModuleOptions,
  sparse?: boolean | EmbeddingBagModuleOptions,
  includeLastOffset?: boolean | EmbeddingBagModuleOptions,
  paddingIdx?: number | null | EmbeddingBagModuleOptions,
];

/**
 * Sums, means or maxima of bags of vectors: nn.functional.embeddingBag with a weight of its own.
 * @see PyTorch torch.nn.EmbeddingBag
 * @example new nn.EmbeddingBag(10, 3)(tensor([[1, 2]], { dtype: "int32" })).shape // [1, 3]
 */
export class EmbeddingBag extends Table {
  readonly mode: "sum" | "mean" | "max";
  readonly includeLastOffset: boolean;

  constructor(numEmbeddings: number, embeddingDim: number, ...args: BagArguments) {
    const names = [
      "maxNorm",
      "normType",
      "scaleGradByFreq",
      "mode",
      "sparse",
      "includeLastOffset",
      "paddingIdx",
    ] as const;
    const options = named<EmbeddingBagModuleOptions>("EmbeddingBag", args, names);
    super(numEmbeddings, embeddingDim, options);
    this.mode = options.mode ?? "mean";
    this.includeLastOffset = options.includeLastOffset ?? false;
  }

  /** A table with these rows, which do not train unless `freeze` is false. */
  static fromPretrained(
    embeddings: Tensor,
    options: EmbeddingBagModuleOptions & { freeze?: boolean } = {},
  ): EmbeddingBag {
    const weight = adopted(embeddings, options.freeze ?? true);
    const made = new EmbeddingBag(weight.size(0), weight.size(1), options);
    made.weight = weight;
    return made;
  }

  override forward(
    input: Tensor,
    offsets?: Tensor | readonly number[] | null,
    perSampleWeights?: Tensor | null,
  ): Tensor {
    const { weight, paddingIdx, maxNorm, normType, scaleGradByFreq, mode, includeLastOffset } = this;
    const table = { paddingIdx, maxNorm, normType, scaleGradByFreq };
    return embeddingBag(input, weight, { ...table, offsets, perSampleWeights, mode, includeLastOffset });
  }

  override extraRepr(): string {
    return this.printed([], [`mode=${this.mode}`, ...this.paddingText]);
  }
}
