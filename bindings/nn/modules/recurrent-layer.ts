/** What the recurrent layers have in common: layers upon layers, both directions, parameters under PyTorch's names. */
import { TensorBase } from "../../core/base.ts";
import { ShapeError, TensorError } from "../../core/errors.ts";
import { renamed } from "../../core/names.ts";
import { warnOnce } from "../../core/warn.ts";
import { cat, stack } from "../../ops/cat.ts";
import { zeros } from "../../ops/creation.ts";
import { indexSelect } from "../../ops/indexing.ts";
import { linear } from "../../ops/matmul.ts";
import type { Tensor } from "../../tensor.ts";
import { dropout } from "../functional/dropout.ts";
import {
  type CellKind,
  type CellWeights,
  GATES,
  type LayerResult,
  lstmCell,
  recurrentLayer,
} from "../functional/recurrent.ts";
import { listed } from "../functional/window.ts";
import { uniform_ } from "../init.ts";
import { withIntermediates } from "../intermediate.ts";
import { Module } from "../module.ts";
import { emptyParameter, type Parameter } from "../parameter.ts";
import { pythonBool } from "../print.ts";
import type { Lanes, PackedSequence } from "../utils/packed.ts";

export interface RecurrentOptions {
  /** Layers, each on the states of the one below. Default 1. */
  numLayers?: number;
  /** Default true. */
  bias?: boolean;
  /** Sequences are [batch, steps, features] rather than [steps, batch, features]. */
  batchFirst?: boolean;
  /** Drops states between layers, in training, with this probability. Default 0. */
  dropout?: number;
  /** A second set of layers goes through the sequence backwards. */
  bidirectional?: boolean;
}

export interface RnnOptions extends RecurrentOptions {
  /** Default "tanh". */
  nonlinearity?: "tanh" | "relu";
}

export interface LstmOptions extends RecurrentOptions {
  /** Size to which states are projected. Default 0: not at all (Sak, Senior and Beaufays 2014, arXiv:1402.1128). */
  projSize?: number;
}

type LayerWeights = CellWeights & { projection: Tensor | null };

/** Layers, directions, parameters under PyTorch's names. */
export abstract class Recurrent extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly bias: boolean;
  readonly batchFirst: boolean;
  readonly dropout: number;
  readonly bidirectional: boolean;
  readonly projSize: number;
  /** @internal */
  protected readonly kind: CellKind;

  constructor(kind: CellKind, inputSize: number, hiddenSize: number, options: LstmOptions) {
    super();
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = options.numLayers ?? 1;
    this.bias = options.bias ?? true;
    this.batchFirst = options.batchFirst ?? false;
    this.dropout = options.dropout ?? 0;
    this.bidirectional = options.bidirectional ?? false;
    this.projSize = options.projSize ?? 0;
    this.kind = kind;
    this.checkSettings();
    this.addParameters();
    this.resetParameters();
  }

  private checkSettings(): void {
    const { dropout: p, projSize, hiddenSize, numLayers } = this;
    if (!(p >= 0 && p <= 1)) {
      throw new TensorError(
        "dropout should be a number in range [0, 1] representing the probability of an element being zeroed",
      );
    }
    if (p > 0 && numLayers === 1) {
      warnOnce(
        "recurrent dropout",
        "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects num_layers greater than 1, " +
          `but got dropout=${p} and num_layers=${numLayers}`,
      );
    }
    if (projSize < 0) throw new TensorError("proj_size should be a positive integer or zero to disable projections");
    if (projSize >= hiddenSize) throw new TensorError("proj_size has to be smaller than hidden_size");
  }

  /** Size of the states that come out. */
  private get stateSize(): number {
    return this.projSize > 0 ? this.projSize : this.hiddenSize;
  }

  private get directions(): string[] {
    return this.bidirectional ? ["", "_reverse"] : [""];
  }

  private addParameters(): void {
    const { hiddenSize, inputSize, stateSize, directions, numLayers } = this;
    const rows = GATES[this.kind] * hiddenSize;
    for (let layer = 0; layer < numLayers; layer++) {
      const width = layer === 0 ? inputSize : stateSize * directions.length;
      for (const direction of directions) {
        const suffix = `l${layer}${direction}`;
        this.registerParameter(`weight_ih_${suffix}`, emptyParameter(rows, width));
        this.registerParameter(`weight_hh_${suffix}`, emptyParameter(rows, stateSize));
        if (this.bias) {
          this.registerParameter(`bias_ih_${suffix}`, emptyParameter(rows));
          this.registerParameter(`bias_hh_${suffix}`, emptyParameter(rows));
        }
        if (this.projSize > 0) this.registerParameter(`weight_hr_${suffix}`, emptyParameter(this.projSize, hiddenSize));
      }
    }
  }

  /** Draws all parameters from ±1/√hiddenSize. */
  resetParameters(): void {
    const bound = this.hiddenSize > 0 ? 1 / Math.sqrt(this.hiddenSize) : 0;
    for (const parameter of this.parameters()) uniform_(parameter, -bound, bound);
  }

  private weightsOf(suffix: string): LayerWeights {
    const own = this as unknown as Record<string, Parameter | undefined>;
    return {
      inputWeight: own[`weight_ih_${suffix}`] as Parameter,
      stateWeight: own[`weight_hh_${suffix}`] as Parameter,
      inputBias: own[`bias_ih_${suffix}`] ?? null,
      stateBias: own[`bias_hh_${suffix}`] ?? null,
      projection: own[`weight_hr_${suffix}`] ?? null,
    };
  }

  /** A state given by the user, or zeros, as [layers · directions, batch, size]. */
  private stateOf(
    given: Tensor | null | undefined,
    batch: number,
    size: number,
    isSingle: boolean,
    name: string,
  ): Tensor {
    const count = this.numLayers * this.directions.length;
    if (!given) return zeros(count, batch, size);
    const rank = isSingle ? 2 : 3;
    if (given.ndim !== rank) {
      const kind = isSingle ? "unbatched 2-D" : "batched 3-D";
      throw new ShapeError(`For ${kind} input, ${name} should also be ${rank}-D but got ${given.ndim}-D tensor`);
    }
    const state = isSingle ? given.unsqueeze(1) : given;
    if (listed(state.shape) !== listed([count, batch, size])) {
      const which = this.kind === "lstm" ? `hidden[${name === "hx" ? 0 : 1}]` : "hidden";
      throw new ShapeError(`Expected ${which} size (${count}, ${batch}, ${size}), got ${listed(state.shape)}`);
    }
    return state;
  }

  /** Output, last states and, of an LSTM, last cell states. */
  protected run<S extends Tensor | PackedSequence>(
    input: S,
    h0: Tensor | null | undefined,
    c0: Tensor | null | undefined,
  ): [S, Tensor, Tensor | null] {
    return withIntermediates(this, () =>
      input instanceof TensorBase ? this.runTensor(input, h0, c0) : this.runPacked(input, h0, c0),
    ) as never;
  }

  private runTensor(
    input: Tensor,
    h0: Tensor | null | undefined,
    c0: Tensor | null | undefined,
  ): [Tensor, Tensor, Tensor | null] {
    if (input.ndim !== 2 && input.ndim !== 3) {
      throw new ShapeError(
        `${this.constructor.name}: Expected input to be 2-D or 3-D but received ${input.ndim}-D tensor`,
      );
    }
    const isSingle = input.ndim === 2;
    const batched = isSingle ? input.unsqueeze(1) : this.batchFirst ? input.transpose(0, 1) : input;
    this.checkWidth(batched);
    if (batched.size(0) === 0) throw new ShapeError("Expected sequence length to be larger than 0 in RNN");
    const h = this.stateOf(h0, batched.size(1), this.stateSize, isSingle, "hx");
    const c = this.kind === "lstm" ? this.stateOf(c0, batched.size(1), this.hiddenSize, isSingle, "cx") : null;
    const [output, states, cells] = this.layers(batched, h, c);
    if (isSingle) return [output.squeeze(1), states.squeeze(1), cells?.squeeze(1) ?? null];
    if (!this.batchFirst) return [output, states, cells];
    return [
      renamed(output.transpose(0, 1), this.kind === "lstm" ? "TransposeBackward0" : "TransposeBackward1"),
      states,
      cells,
    ];
  }

  /** States are given and returned in the order in which the sequences were before they were packed. */
  private runPacked(
    input: PackedSequence,
    h0: Tensor | null | undefined,
    c0: Tensor | null | undefined,
  ): [PackedSequence, Tensor, Tensor | null] {
    const { data, sortedIndices, unsortedIndices } = input;
    if (data.ndim !== 2) throw new ShapeError(`input must have 2 dimensions, got ${data.ndim}`);
    this.checkWidth(data);
    const lanes = input._lanes();
    const ordered = (t: Tensor | null | undefined, order: Tensor | null): Tensor | null =>
      t && order && t.ndim === 3 ? indexSelect(t, 1, order) : (t ?? null);
    const h = this.stateOf(ordered(h0, sortedIndices), lanes.count, this.stateSize, false, "hx");
    const c =
      this.kind === "lstm" ? this.stateOf(ordered(c0, sortedIndices), lanes.count, this.hiddenSize, false, "cx") : null;
    const [output, states, cells] = this.layers(data, h, c, lanes);
    return [input._with(output), ordered(states, unsortedIndices) as Tensor, ordered(cells, unsortedIndices)];
  }

  private checkWidth(input: Tensor): void {
    if (input.size(-1) === this.inputSize) return;
    throw new ShapeError(
      `input.size(-1) must be equal to input_size. Expected ${this.inputSize}, got ${input.size(-1)}`,
    );
  }

  /** Over a sequence [steps, batch, features], or over packed rows. */
  private layers(input: Tensor, h: Tensor, c: Tensor | null, lanes?: Lanes): [Tensor, Tensor, Tensor | null] {
    const states: Tensor[] = [];
    const cells: Tensor[] = [];
    let sequence = input;
    for (let layer = 0; layer < this.numLayers; layer++) {
      if (layer > 0) sequence = dropout(sequence, this.dropout, this.training);
      const outputs = this.directions.map((direction, d) => {
        const place = layer * this.directions.length + d;
        const weights = this.weightsOf(`l${layer}${direction}`);
        const first = h.select(0, place);
        const cell = c?.select(0, place) ?? null;
        const run = (steps: Tensor, reverse: boolean): LayerResult =>
          weights.projection
            ? projected(steps, first, cell as Tensor, weights, weights.projection, reverse)
            : recurrentLayer(this.kind, steps, first, cell, weights, reverse);
        const made = lanes ? lanes.layer(sequence, d === 1, (steps) => run(steps, false)) : run(sequence, d === 1);
        states.push(made.h);
        if (made.c) cells.push(made.c);
        return made.output;
      });
      sequence = outputs.length === 1 ? outputs[0] : cat(outputs, -1);
    }
    return [sequence, stack(states), cells.length ? stack(cells) : null];
  }

  override extraRepr(): string {
    const parts = [`${this.inputSize}, ${this.hiddenSize}`];
    if (this.projSize !== 0) parts.push(`proj_size=${this.projSize}`);
    if (this.numLayers !== 1) parts.push(`num_layers=${this.numLayers}`);
    if (!this.bias) parts.push(`bias=${pythonBool(this.bias)}`);
    if (this.batchFirst) parts.push("batch_first=True");
    if (this.dropout !== 0) parts.push(`dropout=${this.dropout}`);
    if (this.bidirectional) parts.push("bidirectional=True");
    return parts.join(", ");
  }
}

/** An LSTM layer whose states are projected at each step, one step after the other. */
function projected(
  sequence: Tensor,
  first: Tensor,
  cell: Tensor,
  weights: CellWeights,
  projection: Tensor,
  reverse: boolean,
): LayerResult {
  const steps = sequence.size(0);
  const states: Tensor[] = [];
  const cells: Tensor[] = [];
  let [h, c] = [first, cell];
  for (let k = 0; k < steps; k++) {
    const t = reverse ? steps - 1 - k : k;
    const [state, next] = lstmCell(sequence.select(0, t), h, c, weights);
    h = linear(state, projection);
    c = next;
    states[t] = h;
    cells[t] = c;
  }
  return { output: stack(states), h, c, cells: () => stack(cells) };
}
