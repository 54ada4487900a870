/** The plain walk: it runs in the core (assembly/tape/walk.ts) and comes back for hooks and for what is not there. */
import { TensorField } from "../../assembly/abi/layout.ts";
import { WalkEvent } from "../../assembly/abi/status.ts";
import { withMemory, wrap } from "../core/dispatch.ts";
import { address } from "../core/generation.ts";
import { outOfMemory } from "../core/out-of-memory.ts";
import { scope } from "../core/scope.ts";
import { core, i32 } from "../core/wasm.ts";
import { watcher } from "../core/watch.ts";
import type { Tensor } from "../tensor.ts";
import type { WalkOptions } from "./engine.ts";
import { fault } from "./faults.ts";
import { beforeNode } from "./hooks.ts";
import { type Arrival, arrive } from "./leaf.ts";
import { extrasAt, type Gradients, nameAt, SavedNode } from "./node.ts";
import { outputCount, runNode } from "./run.ts";
import { Wanted } from "./wanted.ts";

/** Must run while records stay where they are, and with grad mode off. */
export function coreWalk(roots: readonly Tensor[], seeds: Gradients, options: WalkOptions): Gradients {
  const wanted = new Wanted(options.inputs, options.capture);
  for (const t of roots) t.fresh();
  core.walkBegin(options.retainGraph ? 1 : 0, options.inputs ? 1 : 0);
  for (const t of roots) core.walkRoot(address(t));
  finish(wanted, options.retainGraph, () => {
    wanted.mark(roots);
    roots.forEach((t, i) => {
      const seed = seeds[i];
      if (!core.walkSeed(address(t), seed ? address(seed) : 0)) throw outOfMemory(0);
    });
    return advance();
  });
  return wanted.captured;
}

/** Whether `walkFrom` may do the walk. */
export function isPlain(): boolean {
  return watcher === null;
}

/** Goes on with a walk that has come to its first event. Must run while records stay where they are, and with grad mode off. */
export function finishWalk(first: WalkEvent, retainGraph: boolean): void {
  finish(new Wanted(null, false), retainGraph, () => first);
}

function finish(wanted: Wanted, retainGraph: boolean, start: () => WalkEvent): void {
  let finished = false;
  try {
    for (let event = start(); event !== WalkEvent.Done; event = advance()) {
      if (event === WalkEvent.Passed) continue;
      if (event === WalkEvent.Hook) hookEvent(wanted);
      else if (event === WalkEvent.Rule) nodeEvent(retainGraph);
      else if (event === WalkEvent.Leaf) arrive(new CoreArrival(), wanted);
      else throw fault();
    }
    finished = true;
  } finally {
    if (!finished) giveUp(wanted);
    wanted.unmark();
  }
}

/** Goes on with the walk: to its next event or, if somebody watches, by one node. */
function advance(): WalkEvent {
  if (watcher === null) return core.walkRun();
  watcher.begin();
  const event = core.walkStep();
  const node = core.walkPassed();
  watcher.end(event !== WalkEvent.Passed ? null : node ? nameAt(node) : "torch::autograd::AccumulateGrad");
  return event;
}

/** Leaves whose gradient was complete when the walk failed still get it; what fails there is not reported any more. */
function giveUp(wanted: Wanted): void {
  const failedAtLeaf = core.walkAbort();
  try {
    while (!failedAtLeaf && core.walkRun() === WalkEvent.Leaf) arrive(new CoreArrival(), wanted);
  } catch {
    // The first error is on its way to the caller.
  } finally {
    core.walkDrop();
  }
}

/** A copy of a gradient in the nursery, which may be handed to users. */
function copyOf(gradient: number): Tensor {
  return wrap(withMemory(() => core.toNursery(gradient)));
}

function gradientsAt(node: SavedNode): Gradients {
  return Array.from({ length: outputCount(node) }, (_, k) => {
    const g = core.walkGradient(node.pointer, k);
    return g ? copyOf(g) : null;
  });
}

function hookEvent(wanted: Wanted): void {
  const node = new SavedNode(core.walkPosition());
  const arrived = gradientsAt(node);
  const gradients = beforeNode(node.pointer, arrived, wanted, core.walkRuns() !== 0);
  gradients.forEach((g, k) => {
    if (g && g !== arrived[k] && !core.walkReplace(k, address(g))) throw outOfMemory(0);
  });
  core.walkHooked();
}

function nodeEvent(retainGraph: boolean): void {
  const node = new SavedNode(core.walkPosition());
  const extras = extrasAt(node.pointer);
  // Nobody outside sees the temporaries of the library's own derivatives, unless users take part in this node.
  if (extras) runAndSend(node);
  else scope(() => runAndSend(node));
  if (!retainGraph) extras?.external?.free();
  core.walkNext();
}

function runAndSend(node: SavedNode): void {
  runNode(node, gradientsAt(node)).forEach((g, i) => {
    if (g && !core.walkSend(i, address(g))) throw fault();
  });
}

/** The gradient at the front of the core's queue of leaves. */
class CoreArrival implements Arrival {
  readonly leaf: number = core.walkLeaf();
  private copy: Tensor | null = null;

  gradient(): Tensor {
    this.copy ??= copyOf(i32()[(this.leaf + TensorField.Pending) >>> 2]);
    return this.copy;
  }

  replace(gradient: Tensor): void {
    this.copy = gradient;
    if (!core.walkLeafReplace(address(gradient))) throw outOfMemory(0);
  }

  accumulate(): void {
    if (!core.walkLeafDone(1)) throw outOfMemory(0);
  }

  drop(): void {
    core.walkLeafDone(0);
  }
}
