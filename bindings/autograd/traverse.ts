/** Looking at the graph behind tensors, without changing it. */
import { NodeField, TensorField, TensorFlag } from "../../assembly/abi/layout.ts";
import { i32 } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { extrasAt, nameAt, SavedNode, shapeOfRecord } from "./node.ts";

/** Where an edge of the graph begins: an operation's output, or a leaf; `id` is an address, valid for the moment. */
export interface Source {
  readonly kind: "node" | "leaf" | "freed";
  readonly id: number;
  readonly output: number;
}

const FREED: Source = { kind: "freed", id: 0, output: 0 };

/** What a tensor comes from; null if nothing was recorded. Records must stay where they are until the answer is used. */
export function sourceOf(t: Tensor): Source | null {
  const p = t.fresh();
  if (!t.flag(TensorFlag.RequiresGrad)) return null;
  const node = i32()[(p + TensorField.Node) >>> 2];
  if (node !== 0) return { kind: "node", id: node, output: i32()[(p + TensorField.Slot) >>> 2] };
  return t.flag(TensorFlag.GraphFreed) ? FREED : { kind: "leaf", id: p, output: 0 };
}

/** What the inputs of a node come from, in order; null for one that needs no gradient. */
export function sourcesOfNode(pointer: number): (Source | null)[] {
  const node = new SavedNode(pointer);
  return Array.from({ length: node.inputCount }, (_, i) => {
    const edge = node.edge(i);
    if (edge === 0) return null;
    if (edge & 1) return { kind: "leaf", id: edge & ~1, output: 0 };
    return edge === 2 ? FREED : { kind: "node", id: edge, output: node.edgeOutput(i) };
  });
}

/** Nodes and leaves behind tensors, each once, those nearest to the tensors first. */
export function sourcesBehind(tensors: readonly Tensor[]): Source[] {
  const queue = tensors.map(sourceOf).filter((source) => source !== null);
  const seen = new Set<number>();
  const found: Source[] = [];
  for (let next = 0; next < queue.length; next++) {
    const source = queue[next];
    if (seen.has(source.id)) continue;
    seen.add(source.id);
    found.push(source);
    if (source.kind !== "node") continue;
    for (const input of sourcesOfNode(source.id)) if (input) queue.push(input);
  }
  return found;
}

/** Name and shapes of what came out of a node. */
export function describeNode(pointer: number): { name: string; shapes: number[][] } {
  const outputs = extrasAt(pointer)?.external?.outputs;
  const shapes = outputs ? outputs.map((t) => t.shape) : [shapeOfRecord(i32()[(pointer + NodeField.Out) >>> 2])];
  return { name: nameAt(pointer), shapes };
}
