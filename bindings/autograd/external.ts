/**
 * Nodes whose derivative is given in TypeScript: custom functions, and operations of the library whose gradient has a closed
 * form that the chain of their steps would not find, or would find at a price (a factorisation, a recursion).
 */
import { TensorField, TensorFlag } from "../../assembly/abi/layout.ts";
import { whilePinned, withMemory } from "../core/dispatch.ts";
import { GradError, TensorError } from "../core/errors.ts";
import { address } from "../core/generation.ts";
import { nameCode } from "../core/names.ts";
import { core, i32, LIST_CAPACITY, setInt, setList, setName } from "../core/wasm.ts";
import { zeros } from "../ops/creation.ts";
import { sumToSize } from "../ops/reduce.ts";
import type { Tensor } from "../tensor.ts";
import { FREED } from "./faults.ts";
import { type GraphNode, graphNode } from "./graph-node.ts";
import { isGradEnabled } from "./mode.ts";
import { type External, type Gradients, nodeExtras } from "./node.ts";
import { SavedTensor } from "./saved.ts";

/** What the node does when a walk reaches it, and when its graph is freed. */
export interface Derivative {
  /** Gradients of the inputs, of their shapes. */
  backward(gradOutputs: Gradients): Gradients;
  free?(): void;
}

/** A node counts its inputs in one byte. */
const MOST_INPUTS = 255;

/**
 * Puts a node on the tape from which `outputs` come: float tensors that have been computed already, of which those that are
 * among the inputs were written in place. Returns its address.
 * @param saves it cannot be walked again once its graph is freed
 */
export function recordExternal(
  name: string,
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  saves: boolean,
  derivative: Derivative,
): number {
  if (inputs.length > MOST_INPUTS) return recordInGroups(name, inputs, outputs, saves, derivative);
  const count = inputs.length + outputs.length;
  if (count > LIST_CAPACITY)
    throw new TensorError(`${name}: too many inputs and outputs: ${count} (at most ${LIST_CAPACITY})`);
  for (const t of inputs) t.fresh();
  const code = nameCode(name);
  const node = withMemory(() => {
    const list = [...inputs, ...outputs].map((t) => address(t));
    setInt(saves ? 1 : 0);
    setName(code);
    setList(list);
    return core.external(inputs.length, outputs.length);
  });
  nodeExtras(node).external = kept(outputs, derivative);
  return node;
}

/** A function of its own: closures share what they close over, and these live as long as the node. */
function kept(outputs: readonly Tensor[], derivative: Derivative): External {
  return {
    outputs,
    backward: (gradOutputs) => derivative.backward(gradOutputs),
    free: () => derivative.free?.(),
  };
}

/** More inputs than a node can have: nodes of their own pass the gradients of a group on, when the main node has them. */
function recordInGroups(
  name: string,
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  saves: boolean,
  derivative: Derivative,
): number {
  if (outputs.some((t) => inputs.includes(t))) {
    throw new GradError(`${name}: a function of more than ${MOST_INPUTS} tensors cannot write to them in place`);
  }
  const groups: { start: number; end: number; gradients: Gradients }[] = [];
  for (let start = 0; start < inputs.length; start += MOST_INPUTS) {
    groups.push({ start, end: Math.min(start + MOST_INPUTS, inputs.length), gradients: [] });
  }
  const signals = groups.map((group) => {
    const signal = zeros([]);
    const members = inputs.slice(group.start, group.end);
    if (members.some((t) => t.requiresGrad)) {
      recordExternal(name, members, [signal], false, { backward: () => group.gradients.splice(0) });
    }
    return signal;
  });
  return recordExternal(name, signals, outputs, saves, {
    backward(gradOutputs) {
      const gradients = derivative.backward(gradOutputs);
      return groups.map((group) => {
        group.gradients = gradients.slice(group.start, group.end);
        return group.gradients.some((g) => g !== null) ? zeros([]) : null;
      });
    },
    free: derivative.free,
  });
}

/**
 * The gradients of an operation's inputs, null where there is none or none is needed. Written with the library's operations
 * on the tensors that were given as inputs and outputs, it can be differentiated in turn.
 */
export type ExternalBackward = (
  gradOutputs: Gradients,
  needs: readonly boolean[],
) => readonly (Tensor | null | undefined)[];

/**
 * Gives an operation of the library a derivative of its own. Its result must have been computed with nothing recorded; if an
 * input requires grad, and operations are being recorded, the float tensors among `outputs` then come from one new node.
 *
 *     const inverse = noGrad(() => invert(a));
 *     return external("LinalgInvExBackward0", [a], [inverse], ([g]) => {
 *       const t = inverse.transpose(-2, -1);
 *       return [g && t.matmul(g).matmul(t).neg()];
 *     }, [inverse])[0];
 *
 * @param name under which the node is printed
 * @param inputs tensors that gradients may go to
 * @param backward gets one gradient per output, null where none came; returns one per input, or null; a gradient that
 *   broadcasts to more than its input is summed. It may run several times, and with grad mode on.
 * @param saved those of the inputs and outputs, or others, that `backward` reads elements of: written to in place before, or
 *   read after the graph was freed, they make it fail as it should. Default: all inputs and outputs.
 * @returns `outputs`
 */
export function external<T extends readonly Tensor[]>(
  name: string,
  inputs: readonly Tensor[],
  outputs: T,
  backward: ExternalBackward,
  saved: readonly Tensor[] = [...inputs, ...outputs],
): T {
  if (!isGradEnabled() || !inputs.some((t) => t.requiresGrad)) return outputs;
  const positions = outputs.map((_, k) => k).filter((k) => outputs[k].isFloatingPoint());
  const derivative = new GivenDerivative(name, inputs, outputs.length, positions, backward);
  whilePinned(() => {
    const made = positions.map((k) => disown(outputs[k]));
    derivative.save(recordExternal(name, inputs, made, saved.length > 0, derivative), saved);
  });
  return outputs;
}

/** Holds what `backward` reads until the graph is freed, and nothing else that would have to live as long as the node. */
class GivenDerivative implements Derivative {
  private readonly name: string;
  private readonly needs: readonly boolean[];
  private readonly shapes: readonly number[][];
  private readonly outputCount: number;
  private readonly positions: readonly number[];
  private run: ExternalBackward | null;
  private node: GraphNode | null = null;
  private kept: SavedTensor[] = [];

  /** @param positions of the outputs that come from the node */
  constructor(
    name: string,
    inputs: readonly Tensor[],
    outputCount: number,
    positions: readonly number[],
    backward: ExternalBackward,
  ) {
    this.name = name;
    this.needs = inputs.map((t) => t.requiresGrad);
    this.shapes = inputs.map((t) => t.shape);
    this.outputCount = outputCount;
    this.positions = positions;
    this.run = backward;
  }

  save(pointer: number, saved: readonly Tensor[]): void {
    this.node = graphNode(pointer);
    this.kept = saved.map((t) => new SavedTensor(t, pointer));
  }

  backward(gradOutputs: Gradients): Gradients {
    const { needs, shapes, run } = this;
    if (!run) throw new GradError(FREED);
    for (const [i, t] of this.kept.entries()) t.take(this.node as GraphNode, `${this.name} needs saved tensor ${i}`);
    const all: Gradients = Array.from({ length: this.outputCount }, () => null);
    this.positions.forEach((k, i) => {
      all[k] = gradOutputs[i];
    });
    return run(all, needs).map((g, i) => (g && needs[i] ? sumToSize(g, shapes[i]) : null));
  }

  free(): void {
    if (this.kept.length === 0) return;
    this.run = null;
    this.kept = [];
  }
}

/** A view of a temporary that nobody else knows is a tensor like any other. */
function disown(t: Tensor): Tensor {
  if (!t.flag(TensorFlag.View)) return t;
  t.setFlag(TensorFlag.View | TensorFlag.NoGradView | TensorFlag.MultiView | TensorFlag.CustomView, false);
  i32()[(address(t) + TensorField.Base) >>> 2] = 0;
  return t;
}
