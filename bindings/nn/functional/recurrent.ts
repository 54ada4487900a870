/**
 * Recurrent cells and layers. A layer runs in the core over a whole sequence; its derivative for createGraph is taken through
 * the cells, step by step.
 */
import { Cell } from "../../../assembly/abi/cell.ts";
import { Op } from "../../../assembly/abi/op.ts";
import { grad } from "../../autograd/backward.ts";
import { enableGrad, isGradEnabled } from "../../autograd/mode.ts";
import type { SavedNode } from "../../autograd/node.ts";
import { defineRule } from "../../autograd/rules.ts";
import { callN } from "../../core/dispatch.ts";
import { renamed } from "../../core/names.ts";
import { stack } from "../../ops/cat.ts";
import { zeros } from "../../ops/creation.ts";
import { linear } from "../../ops/matmul.ts";
import type { Tensor } from "../../tensor.ts";

export type CellKind = "tanh" | "relu" | "lstm" | "gru";

const CODES: Record<CellKind, Cell> = { tanh: Cell.Tanh, relu: Cell.Relu, lstm: Cell.Lstm, gru: Cell.Gru };
const KINDS: readonly CellKind[] = ["tanh", "relu", "lstm", "gru"];

/** How many times the size of the state its gates are. */
export const GATES: Record<CellKind, number> = { tanh: 1, relu: 1, lstm: 4, gru: 3 };

/** The parameters of a cell, in PyTorch's order. */
export interface CellWeights {
  /** [gates · size, inputs] */
  inputWeight: Tensor;
  /** [gates · size, size] */
  stateWeight: Tensor;
  inputBias?: Tensor | null;
  stateBias?: Tensor | null;
}

/** @internal Refuses anything but the two states of an LSTM. */
export function expectPair(hx: unknown, caller: string): void {
  if (hx === undefined || hx === null || Array.isArray(hx)) return;
  throw new TypeError(`${caller}(): argument 'hx' must be an array of two Tensors, [h, c]`);
}

/** The parts of the last dimension. */
function parts(gates: Tensor, count: number): Tensor[] {
  return gates.chunk(count, -1);
}

/** h′ and c′ from the sums of the gates i, f, g, o. */
function lstmStep(gates: Tensor, c: Tensor): [Tensor, Tensor] {
  const [i, f, g, o] = parts(gates, 4);
  const next = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()));
  return [o.sigmoid().mul(next.tanh()), next];
}

/** h′ = n + z (h − n), n = tanh(xₙ + r sₙ), from what the input and the state give to r, z, n. */
function gruStep(x: Tensor, s: Tensor, h: Tensor): Tensor {
  const [[xr, xz, xn], [sr, sz, sn]] = [parts(x, 3), parts(s, 3)];
  const [r, z] = [xr.add(sr).sigmoid(), xz.add(sz).sigmoid()];
  const n = xn.add(r.mul(sn)).tanh();
  return n.add(z.mul(h.sub(n)));
}

/** One step of a plain cell: act(W x + b + V h + c). */
export function rnnCell(kind: "tanh" | "relu", input: Tensor, h: Tensor, w: CellWeights): Tensor {
  const sum = linear(input, w.inputWeight, w.inputBias).add(linear(h, w.stateWeight, w.stateBias));
  return kind === "tanh" ? sum.tanh() : sum.relu();
}

/** One step of an LSTM: [h′, c′]. */
export function lstmCell(input: Tensor, h: Tensor, c: Tensor, w: CellWeights): [Tensor, Tensor] {
  return lstmStep(linear(input, w.inputWeight, w.inputBias).add(linear(h, w.stateWeight, w.stateBias)), c);
}

/** One step of a GRU. */
export function gruCell(input: Tensor, h: Tensor, w: CellWeights): Tensor {
  return gruStep(linear(input, w.inputWeight, w.inputBias), linear(h, w.stateWeight, w.stateBias), h);
}

/** What a layer gives: its states [T, B, size], the last one, and the last cell state of an LSTM. */
export interface LayerResult {
  output: Tensor;
  h: Tensor;
  c: Tensor | null;
  /** The cell states of all steps, if there are any. */
  cells: (() => Tensor) | null;
}

function addBiases(a: Tensor | null | undefined, b: Tensor | null | undefined): Tensor | null {
  return a && b ? a.add(b) : (a ?? b ?? null);
}

/**
 * A layer over a sequence [T, B, inputs], from the state h (and c) on; backwards if `reverse`, in which case the last state is
 * that of the first step.
 */
export function recurrentLayer(
  kind: CellKind,
  input: Tensor,
  h: Tensor,
  c: Tensor | null,
  w: CellWeights,
  reverse: boolean,
): LayerResult {
  const steps = input.size(0);
  const end = reverse ? 0 : steps - 1;
  const attributes = [CODES[kind], reverse ? 1 : 0];
  if (kind === "gru") {
    const x = linear(input, w.inputWeight, w.inputBias);
    const bias = w.stateBias ?? zeros(w.stateWeight.size(0));
    const output = callN(Op.RecurrentLayer, [w.stateWeight, h, bias, x, null], attributes, "gru");
    return { output, h: output.select(0, end), c: null, cells: null };
  }
  const x = linear(input, w.inputWeight, addBiases(w.inputBias, w.stateBias));
  if (kind !== "lstm") {
    const output = callN(Op.RecurrentLayer, [w.stateWeight, h, x], attributes, "rnn");
    return { output, h: output.select(0, end), c: null, cells: null };
  }
  const both = callN(Op.RecurrentLayer, [w.stateWeight, h, c, x, null], attributes, "lstm");
  const [output, cells] = [renamed(both.select(0, 0), "StackBackward0"), both.select(0, 1)];
  return { output, h: output.select(0, end), c: cells.select(0, end), cells: () => cells };
}

/** Step by step what the core does at once, with a graph. */
function bySteps(n: SavedNode): Tensor {
  const kind = KINDS[n.list(0)];
  const isPlain = kind === "tanh" || kind === "relu";
  const [w, x] = [n.input(0), n.input(isPlain ? 2 : 3)];
  const steps = x.size(0);
  const states: Tensor[] = [];
  const cells: Tensor[] = [];
  let h = n.input(1);
  let c = isPlain ? h : n.input(2);
  for (let k = 0; k < steps; k++) {
    const t = n.list(1) ? steps - 1 - k : k;
    const input = x.select(0, t);
    if (kind === "lstm") [h, c] = lstmStep(input.add(linear(h, w)), c);
    else if (kind === "gru") h = gruStep(input, linear(h, w, c), h);
    else h = kind === "tanh" ? input.add(linear(h, w)).tanh() : input.add(linear(h, w)).relu();
    states[t] = h;
    cells[t] = c;
  }
  return kind === "lstm" ? stack([stack(states), stack(cells)]) : stack(states);
}

defineRule(Op.RecurrentLayer, (g, n) => {
  const createGraph = isGradEnabled();
  const places = Array.from({ length: n.inputCount }, (_, i) => i).filter((i) => n.needs(i));
  const output = enableGrad(() => bySteps(n));
  const inputs = places.map((i) => n.input(i));
  const found = grad(output, inputs, { gradOutputs: g, createGraph, allowUnused: true });
  const gradients = new Array<Tensor | null>(n.inputCount).fill(null);
  places.forEach((place, i) => {
    gradients[place] = found[i];
  });
  return gradients;
});
