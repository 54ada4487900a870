/** Recurrent layers as modules. */
import { isOptions, named } from "../../core/args.ts";
import { TensorError } from "../../core/errors.ts";
import type { Tensor } from "../../tensor.ts";
import { expectPair } from "../functional/recurrent.ts";
import type { PackedSequence } from "../utils/packed.ts";
import { type LstmOptions, Recurrent, type RecurrentOptions, type RnnOptions } from "./recurrent-layer.ts";

export type { LstmOptions, RecurrentOptions, RnnOptions } from "./recurrent-layer.ts";

type LayerArguments<Options> = [
  numLayers?: number | Options,
  bias?: boolean | Options,
  batchFirst?: boolean | Options,
  dropout?: number | Options,
  bidirectional?: boolean | Options,
];

type RnnArguments = [
  numLayers?: number | RnnOptions,
  nonlinearity?: "tanh" | "relu" | RnnOptions,
  bias?: boolean | RnnOptions,
  batchFirst?: boolean | RnnOptions,
  dropout?: number | RnnOptions,
  bidirectional?: boolean | RnnOptions,
];

function rnnOptions(args: RnnArguments): RnnOptions {
  const names = ["numLayers", "nonlinearity", "bias", "batchFirst", "dropout", "bidirectional"] as const;
  return named<RnnOptions>("RNN", args, names);
}

function plainKind({ nonlinearity = "tanh" }: RnnOptions): "tanh" | "relu" {
  if (nonlinearity !== "tanh" && nonlinearity !== "relu")
    throw new TensorError(`Unknown nonlinearity '${String(nonlinearity)}'`);
  return nonlinearity;
}

/** A module is called as a function. */
export interface RNN {
  // biome-ignore lint/style/useShorthandFunctionType: an alias could not be merged with the class
  (input: PackedSequence, hx?: Tensor | null): [PackedSequence, Tensor];
}

/**
 * A network whose state goes on from step to step: hₜ = tanh(W xₜ + b + V hₜ₋₁ + c), layer upon layer. Returns [states of the
 * last layer, last states of all layers].
 * @see PyTorch torch.nn.RNN; Elman 1990, doi:10.1207/s15516709cog1402_1
 * @example new nn.RNN(3, 4)(randn(5, 2, 3))[0].shape // [5, 2, 4]
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: what a call with packed sequences returns
export class RNN extends Recurrent {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  readonly nonlinearity: "tanh" | "relu";

  constructor(inputSize: number, hiddenSize: number, ...args: RnnArguments) {
    const options = rnnOptions(args);
    super(plainKind(options), inputSize, hiddenSize, options);
    this.nonlinearity = plainKind(options);
  }

  /**
   * The output of the last layer at every step, and the last states.
   * @param hx first states [layers · directions, batch, hidden]; zeros if absent
   */
  override forward(input: PackedSequence, hx?: Tensor | null): [PackedSequence, Tensor];
  override forward(input: Tensor, hx?: Tensor | null): [Tensor, Tensor];
  override forward(input: Tensor | PackedSequence, hx?: Tensor | null): [Tensor | PackedSequence, Tensor] {
    const [output, h] = this.run(input, hx, null);
    return [output, h];
  }
}

type LstmArguments = [...LayerArguments<LstmOptions>, projSize?: number | LstmOptions];

/** A module is called as a function. */
export interface LSTM {
  // biome-ignore lint/style/useShorthandFunctionType: an alias could not be merged with the class
  (input: PackedSequence, hx?: readonly [Tensor, Tensor] | null): [PackedSequence, [Tensor, Tensor]];
}

/**
 * Long short-term memory, layer upon layer. Returns [states of the last layer, [last states, last cell states]].
 * @see PyTorch torch.nn.LSTM; Hochreiter and Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735
 * @example new nn.LSTM(3, 4)(randn(5, 2, 3))[0].shape // [5, 2, 4]
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: what a call with packed sequences returns
export class LSTM extends Recurrent {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  constructor(inputSize: number, hiddenSize: number, ...args: LstmArguments) {
    const names = ["numLayers", "bias", "batchFirst", "dropout", "bidirectional", "projSize"] as const;
    super("lstm", inputSize, hiddenSize, named<LstmOptions>("LSTM", args, names));
  }

  /**
   * The output of the last layer at every step, and the last states and cell states.
   * @param hx first states and cell states [layers · directions, batch, hidden]; zeros if absent
   */
  override forward(input: PackedSequence, hx?: readonly [Tensor, Tensor] | null): [PackedSequence, [Tensor, Tensor]];
  override forward(input: Tensor, hx?: readonly [Tensor, Tensor] | null): [Tensor, [Tensor, Tensor]];
  override forward(
    input: Tensor | PackedSequence,
    hx?: readonly [Tensor, Tensor] | null,
  ): [Tensor | PackedSequence, [Tensor, Tensor]] {
    expectPair(hx, "lstm");
    const [output, h, c] = this.run(input, hx?.[0], hx?.[1]);
    return [output, [h, c as Tensor]];
  }
}

/** A module is called as a function. */
export interface GRU {
  // biome-ignore lint/style/useShorthandFunctionType: an alias could not be merged with the class
  (input: PackedSequence, hx?: Tensor | null): [PackedSequence, Tensor];
}

/**
 * Gated recurrent units, layer upon layer. Returns [states of the last layer, last states of all layers].
 * @see PyTorch torch.nn.GRU; Cho et al. 2014, arXiv:1406.1078
 * @example new nn.GRU(3, 4)(randn(5, 2, 3))[0].shape // [5, 2, 4]
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: what a call with packed sequences returns
export class GRU extends Recurrent {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  constructor(inputSize: number, hiddenSize: number, ...args: LayerArguments<RecurrentOptions>) {
    const names = ["numLayers", "bias", "batchFirst", "dropout", "bidirectional"] as const;
    const options = named<LstmOptions>("GRU", args, names);
    if (args.some((arg) => isOptions(arg) && "projSize" in arg))
      throw new TensorError("proj_size argument is only supported for LSTM, not RNN or GRU");
    super("gru", inputSize, hiddenSize, options);
  }

  /**
   * The output of the last layer at every step, and the last states.
   * @param hx first states [layers · directions, batch, hidden]; zeros if absent
   */
  override forward(input: PackedSequence, hx?: Tensor | null): [PackedSequence, Tensor];
  override forward(input: Tensor, hx?: Tensor | null): [Tensor, Tensor];
  override forward(input: Tensor | PackedSequence, hx?: Tensor | null): [Tensor | PackedSequence, Tensor] {
    const [output, h] = this.run(input, hx, null);
    return [output, h];
  }
}
