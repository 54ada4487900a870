/**
 * The walk in which the bindings hold the gradients: for createGraph, where derivatives are the rules of the bindings and
 * gradients get a graph of their own; for a walk inside another one, whose gradients in the core must not be touched; and for
 * anomaly mode, which looks at every gradient.
 */
import { Edge, NodeField, TensorField, TensorFlag } from "../../assembly/abi/layout.ts";
import { whilePinned } from "../core/dispatch.ts";
import { GradError } from "../core/errors.ts";
import { address } from "../core/generation.ts";
import { core, i32 } from "../core/wasm.ts";
import { onesLike } from "../ops/creation.ts";
import type { Tensor } from "../tensor.ts";
import { anomaly } from "./anomaly.ts";
import type { WalkOptions } from "./engine.ts";
import { FREED } from "./faults.ts";
import { beforeNode } from "./hooks.ts";
import { type Arrival, accumulateAtLeaf, arrive } from "./leaf.ts";
import { withMode } from "./mode.ts";
import { extrasAt, type Gradients, SavedNode } from "./node.ts";
import { outputCount, runNode } from "./run.ts";
import { Wanted } from "./wanted.ts";

/** Where the gradient of a tensor goes, as in the core: a node, a leaf with bit 0 set, or a graph that is gone. */
function edgeOf(t: Tensor): number {
  const p = t.fresh();
  return i32()[(p + TensorField.Node) >>> 2] || (t.flag(TensorFlag.GraphFreed) ? Edge.Freed : p | 1);
}

function isNode(edge: number): boolean {
  return edge !== 0 && edge !== Edge.Freed && !(edge & 1);
}

/** Must run while records stay where they are. */
export class GraphWalk {
  private readonly options: WalkOptions;
  protected readonly wanted: Wanted;
  /** Gradients under way, by node. */
  private readonly waiting: Map<number, Gradients> = new Map();
  /** Gradients that have arrived, by leaf. */
  private readonly leaves: Map<number, Tensor> = new Map();
  /** With only some inputs wanted: the nodes that lead to one. */
  private needed: Set<number> | null = null;

  constructor(options: WalkOptions) {
    this.options = options;
    this.wanted = new Wanted(options.inputs, options.capture);
  }

  run(roots: readonly Tensor[], seeds: Gradients): Gradients {
    const edges = roots.map(edgeOf);
    // With several roots nobody knows which is newest: start from the top of the tape.
    const top = roots.length > 1 ? core.getTapeTop() : isNode(edges[0]) ? edges[0] : 0;
    if (this.wanted.places) this.needed = this.nodesBetween(top, edges);
    roots.forEach((t, i) => {
      const output = isNode(edges[i]) ? i32()[(address(t) + TensorField.Slot) >>> 2] : 0;
      this.send(edges[i], output, seeds[i] ?? onesLike(t));
    });
    let at = top;
    try {
      for (; at !== 0 && this.waiting.size > 0; at = i32()[(at + NodeField.Prev) >>> 2]) {
        const gradients = this.waiting.get(at);
        if (gradients) this.visit(at, gradients);
        this.waiting.delete(at);
      }
    } catch (error) {
      this.dropIncomplete(at);
      this.finishLeaves(true);
      throw error;
    }
    this.finishLeaves(false);
    return this.wanted.captured;
  }

  /** Nodes from which a gradient reaches something wanted. */
  private nodesBetween(top: number, roots: readonly number[]): Set<number> {
    const wanted = new Set(this.wanted.places?.map((place) => place.node));
    const order = reachable(top, roots.filter(isNode));
    const needed = new Set<number>();
    this.needed = needed;
    for (const node of order.reverse()) {
      if (wanted.has(node.pointer) || this.leadsOn(node)) needed.add(node.pointer);
    }
    return needed;
  }

  private edgeWanted(edge: number): boolean {
    if (edge === 0) return false;
    if (!this.needed || edge === Edge.Freed) return true;
    if (isNode(edge)) return this.needed.has(edge);
    return this.wanted.places?.some((place) => place.node === 0 && (place.record | 1) === edge) ?? true;
  }

  protected leadsOn(node: SavedNode): boolean {
    for (let i = 0; i < node.inputCount; i++) if (this.edgeWanted(node.edge(i))) return true;
    return false;
  }

  private send(edge: number, output: number, g: Tensor): void {
    if (!this.edgeWanted(edge)) return;
    if (edge === Edge.Freed) throw new GradError(FREED);
    if (!isNode(edge)) {
      const known = this.leaves.get(edge & ~1);
      this.leaves.set(edge & ~1, known ? known.add(g) : g);
      return;
    }
    const gradients = this.waiting.get(edge) ?? [];
    const known = gradients[output];
    gradients[output] = known ? known.add(g) : g;
    this.waiting.set(edge, gradients);
  }

  protected visit(p: number, gradients: Gradients): void {
    const node = new SavedNode(p);
    const runs = !this.needed || this.leadsOn(node);
    const arrived = Array.from({ length: outputCount(node) }, (_, k) => gradients[k] ?? null);
    const gradOutputs = beforeNode(p, arrived, this.wanted, runs);
    if (!runs) return;
    const results = anomaly.isOn ? anomaly.watch(node, () => runNode(node, gradOutputs)) : runNode(node, gradOutputs);
    results.forEach((g, i) => {
      if (g) this.send(node.edge(i), node.edgeOutput(i), g);
    });
    if (this.options.retainGraph) return;
    core.retireNode(p);
    extrasAt(p)?.external?.free();
  }

  protected arriveAt(leaf: number, g: Tensor): void {
    arrive(new OwnArrival(leaf, g), this.wanted);
  }

  private finishLeaves(failed: boolean): void {
    for (const [leaf, g] of this.leaves) {
      try {
        this.arriveAt(leaf, g);
      } catch (error) {
        // Of two errors the first is reported.
        if (!failed) throw error;
      }
    }
  }

  /** After a failure at a node: leaves that something still under way would have reached get nothing. */
  private dropIncomplete(position: number): void {
    for (const node of reachable(position, [...this.waiting.keys()])) {
      for (let i = 0; i < node.inputCount; i++) {
        const edge = node.edge(i);
        if (edge & 1) this.leaves.delete(edge & ~1);
      }
    }
  }
}

/** The nodes that gradients of `from` pass through, newest first, none of them newer than `top`. */
function reachable(top: number, from: readonly number[]): SavedNode[] {
  const found = new Set(from);
  const order: SavedNode[] = [];
  for (let p = top; p !== 0 && order.length < found.size; p = i32()[(p + NodeField.Prev) >>> 2]) {
    if (!found.has(p)) continue;
    const node = new SavedNode(p);
    order.push(node);
    for (let i = 0; i < node.inputCount; i++) if (isNode(node.edge(i))) found.add(node.edge(i));
  }
  return order;
}

class OwnArrival implements Arrival {
  readonly leaf: number;
  private g: Tensor;

  constructor(leaf: number, g: Tensor) {
    this.leaf = leaf;
    this.g = g;
  }

  gradient(): Tensor {
    return this.g;
  }

  replace(gradient: Tensor): void {
    this.g = gradient;
  }

  accumulate(): void {
    accumulateAtLeaf(this.leaf, this.g);
  }

  drop(): void {}
}

export function graphWalk(roots: readonly Tensor[], seeds: Gradients, options: WalkOptions): Gradients {
  return whilePinned(() => new GraphWalk(options).run(roots, seeds));
}

/**
 * The gradients of `outer` through the graph between them and `roots`, and no further: no hook runs, no leaf accumulates.
 * For the derivative of a node that stands for a graph of its own.
 */
export function gradientsAtBoundary(
  roots: readonly Tensor[],
  gradOutputs: Gradients,
  outer: readonly Tensor[],
  createGraph: boolean,
): Gradients {
  const options = { retainGraph: createGraph, createGraph, inputs: outer, capture: true };
  if (roots.length === 0) return outer.map(() => null);
  return withMode(createGraph, () => whilePinned(() => new BoundaryWalk(options).run(roots, gradOutputs)), "backward");
}

/** Stops at what is wanted. */
class BoundaryWalk extends GraphWalk {
  private readonly ends: Set<number>;

  constructor(options: WalkOptions) {
    super(options);
    this.ends = new Set(this.wanted.places?.map((place) => place.node));
  }

  protected override leadsOn(node: SavedNode): boolean {
    return !this.ends.has(node.pointer) && super.leadsOn(node);
  }

  protected override visit(p: number, gradients: Gradients): void {
    if (!this.ends.has(p)) {
      super.visit(p, gradients);
      return;
    }
    gradients.forEach((g, k) => {
      if (g) this.wanted.takesNode(p, k, g);
    });
  }

  protected override arriveAt(leaf: number, g: Tensor): void {
    this.wanted.takesLeaf(leaf, () => g);
  }
}
