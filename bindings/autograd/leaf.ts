/** The ends of a graph: what becomes of a gradient that has arrived at a leaf. */
import { TensorField } from "../../assembly/abi/layout.ts";
import { extrasOfSlot } from "../core/base.ts";
import { GradError } from "../core/errors.ts";
import type { Extras } from "../core/extras.ts";
import { address } from "../core/generation.ts";
import { outOfMemory } from "../core/out-of-memory.ts";
import { core, i32 } from "../core/wasm.ts";
import { weakly } from "../core/weak.ts";
import type { Tensor } from "../tensor.ts";
import { runPreHooks, runTensorHooks } from "./hooks.ts";
import { isGradEnabled } from "./mode.ts";
import { wrapRecord } from "./node.ts";
import type { Wanted } from "./wanted.ts";

export function leafExtras(leaf: number): Extras | null {
  const slot = i32()[(leaf + TensorField.Slot) >>> 2];
  return slot ? extrasOfSlot(slot) : null;
}

/** The tensor that users know as this leaf; another wrapper of it if they have none any more, or never asked for it. */
export function leafTensor(leaf: number): Tensor {
  const extras = leafExtras(leaf);
  const known = extras?.self?.deref();
  if (known) return known;
  const t = wrapRecord(leaf);
  t._token = t.storageToken();
  if (extras) extras.self = weakly(t);
  return t;
}

/** A gradient on its way into a leaf: still in the core's hands, or the bindings' own. */
export interface Arrival {
  readonly leaf: number;
  /** The gradient; a copy, if it is in the core's hands. */
  gradient(): Tensor;
  replace(gradient: Tensor): void;
  /** It goes into the leaf's grad, which the core keeps. */
  accumulate(): void;
  /** It has gone elsewhere. */
  drop(): void;
}

/** Hooks of the leaf, then capture or accumulation, then what runs after it. */
export function arrive(arrival: Arrival, wanted: Wanted): void {
  const extras = leafExtras(arrival.leaf);
  const accumulator = extras?.accumulator?.hooks;
  if (extras?.hooks?.size) {
    const g = arrival.gradient();
    const replaced = runTensorHooks(extras.hooks, g);
    if (replaced !== g) arrival.replace(replaced);
  }
  if (wanted.takesLeaf(arrival.leaf, () => arrival.gradient())) {
    arrival.drop();
    return;
  }
  if (accumulator?.pre.size) {
    const g = arrival.gradient();
    const [replaced] = runPreHooks(accumulator.pre, [g]);
    if (replaced && replaced !== g) arrival.replace(replaced);
  }
  const seen = accumulator?.post.size ? arrival.gradient() : null;
  if (extras?.grad) {
    addToKept(extras, arrival.gradient());
    arrival.drop();
  } else {
    arrival.accumulate();
  }
  if (extras?.postHooks) runPostAccumulateHooks(extras.postHooks, leafTensor(arrival.leaf));
  if (seen && accumulator) for (const hook of [...accumulator.post.values()]) hook([], [seen]);
}

function runPostAccumulateHooks(hooks: NonNullable<Extras["postHooks"]>, leaf: Tensor): void {
  for (const hook of [...hooks.values()]) {
    const result: unknown = hook(leaf);
    if (result !== undefined && result !== null) {
      throw new GradError("Tensor post accumulate grad hooks should return None.");
    }
  }
}

/**
 * Adds to a gradient that the bindings keep: out of place while gradients have graphs, so that whoever holds the old one
 * keeps its value; otherwise in place, as PyTorch does.
 */
export function addToKept(extras: { grad: Tensor | null }, g: Tensor): void {
  if (isGradEnabled()) extras.grad = extras.grad ? extras.grad.add(g) : g.clone();
  else if (extras.grad) extras.grad.add_(g);
  else extras.grad = g.detach().clone();
}

/** leaf.grad += g, for a gradient in the bindings' hands. One with a graph is kept there. */
export function accumulateAtLeaf(leaf: number, g: Tensor): void {
  if (!isGradEnabled()) {
    if (!core.accumulateGrad(leaf, address(g))) throw outOfMemory(0);
    return;
  }
  const t = leafTensor(leaf);
  if (!leafExtras(leaf)) t.leafSlot();
  const before = t.grad;
  t.extras().grad = before ? before.add(g) : g.clone();
}
