/** Single steps of recurrent networks as modules. */
import { named } from "../../core/args.ts";
import { ShapeError, TensorError } from "../../core/errors.ts";
import { zeros } from "../../ops/creation.ts";
import type { Tensor } from "../../tensor.ts";
import { type CellWeights, expectPair, gruCell, lstmCell, rnnCell } from "../functional/recurrent.ts";
import { uniform_ } from "../init.ts";
import { Module } from "../module.ts";
import { emptyParameter, type Parameter } from "../parameter.ts";

interface CellOptions {
  /** Default true. */
  bias?: boolean;
}

abstract class CellModule extends Module {
  weight_ih: Parameter;
  weight_hh: Parameter;
  bias_ih: Parameter | null;
  bias_hh: Parameter | null;
  readonly inputSize: number;
  readonly hiddenSize: number;

  constructor(inputSize: number, hiddenSize: number, gates: number, bias: boolean) {
    super();
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.weight_ih = emptyParameter(gates * hiddenSize, inputSize);
    this.weight_hh = emptyParameter(gates * hiddenSize, hiddenSize);
    this.bias_ih = bias ? emptyParameter(gates * hiddenSize) : null;
    this.bias_hh = bias ? emptyParameter(gates * hiddenSize) : null;
    this.resetParameters();
  }

  /** Draws all parameters from ±1/√hiddenSize. */
  resetParameters(): void {
    const bound = this.hiddenSize > 0 ? 1 / Math.sqrt(this.hiddenSize) : 0;
    for (const parameter of this.parameters()) uniform_(parameter, -bound, bound);
  }

  /** @internal */
  protected get weights(): CellWeights {
    const { weight_ih: inputWeight, weight_hh: stateWeight, bias_ih: inputBias, bias_hh: stateBias } = this;
    return { inputWeight, stateWeight, inputBias, stateBias };
  }

  /** Calls `step` with a batch: input and states, zeros where none are given. */
  protected batched<T>(
    input: Tensor,
    states: readonly (Tensor | null | undefined)[],
    step: (input: Tensor, states: Tensor[]) => T[],
  ): T[] {
    if (input.ndim !== 1 && input.ndim !== 2) {
      throw new ShapeError(
        `${this.constructor.name}: Expected input to be 1-D or 2-D but received ${input.ndim}-D tensor`,
      );
    }
    const isSingle = input.ndim === 1;
    const whole = isSingle ? input.unsqueeze(0) : input;
    if (whole.size(1) !== this.inputSize) {
      throw new ShapeError(`input has inconsistent input_size: got ${whole.size(1)} expected ${this.inputSize}`);
    }
    const given = states.map((state, i) => {
      if (!state) return zeros(whole.size(0), this.hiddenSize);
      const laid = isSingle ? state.unsqueeze(0) : state;
      if (laid.size(0) !== whole.size(0)) {
        throw new ShapeError(`Input batch size ${whole.size(0)} doesn't match hidden${i} batch size ${laid.size(0)}`);
      }
      if (laid.size(-1) !== this.hiddenSize) {
        throw new ShapeError(
          `hidden${i} has inconsistent hidden_size: got ${laid.size(-1)}, expected ${this.hiddenSize}`,
        );
      }
      return laid;
    });
    const results = step(whole, given);
    return isSingle ? results.map((t) => (t as Tensor).squeeze(0) as T) : results;
  }

  override extraRepr(): string {
    const bias = this.bias_ih === null ? ", bias=False" : "";
    return `${this.inputSize}, ${this.hiddenSize}${bias}`;
  }
}

interface RnnCellOptions extends CellOptions {
  /** Default "tanh". */
  nonlinearity?: "tanh" | "relu";
}

/**
 * One step of an RNN: tanh(W x + b + V h + c).
 * @see PyTorch torch.nn.RNNCell
 * @example new nn.RNNCell(3, 4)(randn(2, 3)).shape // [2, 4]
 */
export class RNNCell extends CellModule {
  readonly nonlinearity: "tanh" | "relu";

  constructor(
    inputSize: number,
    hiddenSize: number,
    ...args: [bias?: boolean | RnnCellOptions, nonlinearity?: "tanh" | "relu" | RnnCellOptions]
  ) {
    const { bias = true, nonlinearity = "tanh" } = named<RnnCellOptions>("RNNCell", args, ["bias", "nonlinearity"]);
    if (nonlinearity !== "tanh" && nonlinearity !== "relu")
      throw new TensorError(`Unknown nonlinearity: ${String(nonlinearity)}`);
    super(inputSize, hiddenSize, 1, bias);
    this.nonlinearity = nonlinearity;
  }

  override forward(input: Tensor, hx?: Tensor | null): Tensor {
    return this.batched(input, [hx], (x, [h]) => [rnnCell(this.nonlinearity, x, h, this.weights)])[0];
  }

  override extraRepr(): string {
    return this.nonlinearity === "tanh" ? super.extraRepr() : `${super.extraRepr()}, nonlinearity=${this.nonlinearity}`;
  }
}

/**
 * One step of an LSTM: returns [h, c].
 * @see PyTorch torch.nn.LSTMCell
 * @example new nn.LSTMCell(3, 4)(randn(2, 3)).map((t) => t.shape) // [[2, 4], [2, 4]]
 */
export class LSTMCell extends CellModule {
  constructor(inputSize: number, hiddenSize: number, bias: boolean | CellOptions = true) {
    super(inputSize, hiddenSize, 4, named<CellOptions>("LSTMCell", [bias], ["bias"]).bias ?? true);
  }

  override forward(input: Tensor, hx?: readonly [Tensor, Tensor] | null): [Tensor, Tensor] {
    expectPair(hx, "lstmCell");
    const [h, c] = this.batched(input, [hx?.[0], hx?.[1]], (x, states) =>
      lstmCell(x, states[0], states[1], this.weights),
    );
    return [h, c];
  }
}

/** One step of a GRU. @see PyTorch torch.nn.GRUCell @example new nn.GRUCell(3, 4)(randn(2, 3)).shape // [2, 4] */
export class GRUCell extends CellModule {
  constructor(inputSize: number, hiddenSize: number, bias: boolean | CellOptions = true) {
    super(inputSize, hiddenSize, 3, named<CellOptions>("GRUCell", [bias], ["bias"]).bias ?? true);
  }

  override forward(input: Tensor, hx?: Tensor | null): Tensor {
    return this.batched(input, [hx], (x, [h]) => [gruCell(x, h, this.weights)])[0];
  }
}
