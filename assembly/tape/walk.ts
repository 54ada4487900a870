/**
 * backward(): one walk over the tape, from the newest root towards older nodes. Nodes were recorded after everything they
 * depend on, so the order of the tape is a topological order: when a node's turn comes, its gradient is complete. The
 * walk ends as soon as no node waits with a gradient.
 *
 * Hooks and derivatives that are not in the core interrupt it: walkRun returns an event, the bindings act and call again.
 */
import { InputField, NodeFlag, TensorFlag } from "../abi/layout";
import { Op } from "../abi/op";
import { Status, WalkEvent } from "../abi/status";
import { fail } from "../memory/args";
import { alloc, free } from "../memory/heap";
import { addPending, addRewalkable } from "../memory/nursery";
import { Saved } from "../ops/table";
import { differentiate } from "../program/record";
import { copyInto, fillInto, heapClone } from "../tensor/convert";
import { newHeapTensor, newLike, release, setContiguousStrides, Tensor, tensorAt, copySizes } from "../tensor/record";
import {
  collectEnd, collectStart, deliver, dropGradients, edgeWanted, gradientCell, gradientsEnd, gradientsStart, leafAt, leafTotal,
  metFreed, outOfMemory, send, waiting,
} from "./gradient";
import { accumulate } from "./leaf";
import { EDGE_FREED, Node, nodeAt, requiresGrad, tapeTop } from "./node";

const ONE: i32 = 0x3f800000;

let position: usize = 0;
let retainGraph: bool = false;
/** The hooks of the node at `position` have run. */
let hooksDone: bool = false;
let flushed: i32 = 0;
let rootCount: i32 = 0;
/** Nodes that were marked because only some inputs are wanted. */
let marked: usize = 0;
let markedCount: i32 = 0;
let markedCapacity: i32 = 0;

export function walkBegin(keepGraph: bool, selective: bool): void {
  retainGraph = keepGraph;
  position = 0;
  hooksDone = false;
  flushed = 0;
  rootCount = 0;
  markedCount = 0;
  gradientsStart(selective);
}

function edgeTo(t: Tensor): usize {
  if (!requiresGrad(t)) return 0;
  if (t.node) return t.node;
  return t.has(TensorFlag.GraphFreed) ? EDGE_FREED : changetype<usize>(t) | 1;
}

/** Declares a root; must precede walkMark and walkSeed. */
export function walkRoot(root: usize): void {
  const node = tensorAt(root).node;
  rootCount++;
  // With several roots nobody knows which is newest: start from the top of the tape.
  position = rootCount == 1 && node ? node : tapeTop;
}

/** Gives root `t` its gradient; 0 stands for ones. False, with the status set, on failure. */
export function walkSeed(root: usize, gradient: usize): bool {
  const t = tensorAt(root);
  let g: Tensor;
  if (gradient) {
    g = heapClone(tensorAt(gradient));
  } else {
    g = newHeapTensor(t.dtype, t.ndim, t.numel);
    if (changetype<usize>(g)) {
      copySizes(t, g);
      setContiguousStrides(g);
      fillInto(g, ONE);
    }
  }
  if (!changetype<usize>(g)) {
    fail(Status.OutOfMemory);
    return false;
  }
  const edge = edgeTo(t);
  if (edgeWanted(edge)) deliver(edge, t.node ? t.slot : 0, g);
  else release(g);
  return true;
}

function mark(node: usize): bool {
  if (markedCount == markedCapacity) {
    const capacity = max(markedCapacity * 2, 256);
    const grown = alloc(capacity * 4);
    if (!grown) return false;
    if (marked) {
      memory.copy(grown, marked, <usize>markedCapacity << 2);
      free(marked, markedCapacity * 4);
    }
    marked = grown;
    markedCapacity = capacity;
  }
  store<usize>(marked + (<usize>markedCount << 2), node);
  markedCount++;
  return true;
}

/** The gradient of what the node made is wanted. */
export function walkCapture(node: usize, on: bool): void {
  if (on) nodeAt(node).set(NodeFlag.Captured);
  else nodeAt(node).flags &= <u8>~NodeFlag.Captured;
}

/** What the derivative reads, for the walk of the bindings. */
export function savedMaskOf(node: usize): i32 {
  return nodeAt(node).saved & Saved.Read;
}

/** Finds the nodes that lie between the roots and what is wanted. False if there is no memory. */
export function walkMark(rootList: usize, count: i32): bool {
  let reached = 0;
  for (let i = 0; i < count; i++) {
    const node = tensorAt(load<usize>(rootList + (<usize>i << 2))).node;
    if (node && !nodeAt(node).has(NodeFlag.Reached)) {
      nodeAt(node).set(NodeFlag.Reached);
      reached++;
    }
  }
  for (let p = position; p && reached; p = nodeAt(p).prev) {
    const n = nodeAt(p);
    if (!n.has(NodeFlag.Reached)) continue;
    reached--;
    if (!mark(p)) return false;
    for (let i = 0; i < <i32>n.inputCount; i++) {
      const edge = n.edge(i);
      if (!edge || edge & 1 || edge == EDGE_FREED || nodeAt(edge).has(NodeFlag.Reached)) continue;
      nodeAt(edge).set(NodeFlag.Reached);
      reached++;
    }
  }
  for (let k = markedCount - 1; k >= 0; k--) {
    const n = nodeAt(load<usize>(marked + (<usize>k << 2)));
    if (n.has(NodeFlag.Captured) || leadsOn(n)) n.set(NodeFlag.Needed);
  }
  return true;
}

/** Whether a gradient of the node goes anywhere. */
// @ts-ignore: decorator
@inline function leadsOn(n: Node): bool {
  for (let i = 0; i < <i32>n.inputCount; i++) if (edgeWanted(n.edge(i))) return true;
  return false;
}

function unmark(): void {
  for (let k = 0; k < markedCount; k++) {
    const n = nodeAt(load<usize>(marked + (<usize>k << 2)));
    n.flags &= <u8>~(NodeFlag.Reached | NodeFlag.Needed | NodeFlag.Captured);
  }
  markedCount = 0;
}

function inputIntact(n: Node, i: i32): bool {
  const t = n.input(i);
  const saved = load<u32>(n.inputAt(i), InputField.Version);
  const found = t.storage.version;
  if (saved != found) {
    fail(Status.ModifiedInPlace, <i32>changetype<usize>(n), i, found, saved);
    return false;
  }
  const edge = n.edge(i);
  if (edge && !(edge & 1) && edge != EDGE_FREED && !(t.flags & (TensorFlag.RequiresGrad | TensorFlag.GraphFreed))) {
    fail(Status.SavedDetached, <i32>changetype<usize>(n));
    return false;
  }
  return true;
}

/** Compares what the derivative reads with what it was; sets the status if it was written to or cut out of its graph. */
// @ts-ignore: decorator
@inline function savedIntact(n: Node): bool {
  const mask = <i32>n.saved;
  if (mask & (Saved.Input0 | Saved.Compared0) && !inputIntact(n, 0)) return false;
  if (mask & (Saved.Input1 | Saved.Compared1) && n.inputCount > 1 && !inputIntact(n, 1)) return false;
  if (mask & (Saved.Input2 | Saved.Compared2) && n.inputCount > 2 && !inputIntact(n, 2)) return false;
  if (mask & Saved.ComparedRest) for (let i = 3; i < <i32>n.inputCount; i++) if (!inputIntact(n, i)) return false;
  if (mask & Saved.Output && n.output().storage.version != n.outVersion) {
    fail(Status.ModifiedInPlace, <i32>changetype<usize>(n), -1, n.output().storage.version, n.outVersion);
    return false;
  }
  return true;
}

/** savedIntact, for the walk of the bindings. */
export function savedIsIntact(node: usize): bool {
  return savedIntact(nodeAt(node));
}

/** The node has been walked: without retainGraph what it saved counts as freed. */
export function retireNode(node: usize): void {
  const n = nodeAt(node);
  if (!n.has(NodeFlag.Pending)) return;
  n.flags &= <u8>~NodeFlag.Pending;
  addPending(-1);
  const saves = <i32>n.op == Op.External ? n.int(0) != 0 : n.saved != 0;
  if (saves) n.set(NodeFlag.Freed);
  else addRewalkable(1);
}

/** Gives up the gradients of the node at the position and moves on. */
// @ts-ignore: decorator
@inline function leave(n: Node): void {
  dropGradients(n);
  hooksDone = false;
  position = n.prev;
}

/** The node at the position has run. */
// @ts-ignore: decorator
@inline export function walkNext(): void {
  if (!retainGraph) retireNode(position);
  leave(nodeAt(position));
}

/** Runs until something needs the bindings, or all is done. */
export function walkRun(): WalkEvent {
  return walk(false);
}

/** The whole walk from a single root that has one element, up to its first event. */
export function walkFrom(root: usize): WalkEvent {
  walkBegin(false, false);
  walkRoot(root);
  return walkSeed(root, 0) ? walk(false) : WalkEvent.Error;
}

/** What walkStep has just done: a node, or 0 for a leaf. */
let passed: usize = 0;

/** As walkRun, but comes back after each node and each leaf. */
export function walkStep(): WalkEvent {
  return walk(true);
}

export function walkPassed(): usize {
  return passed;
}

// @ts-ignore: decorator
@inline function walk(stepwise: bool): WalkEvent {
  while (waiting > 0 && position) {
    const n = nodeAt(position);
    if (!n.grad && !n.has(NodeFlag.Outputs)) {
      position = n.prev;
      continue;
    }
    if (n.flags & (NodeFlag.Hooked | NodeFlag.Captured) && !hooksDone) return WalkEvent.Hook;
    if (markedCount && !leadsOn(n)) {
      // Only its own gradient was wanted; what lies behind stays as it is.
      leave(n);
      continue;
    }
    if (n.has(NodeFlag.Freed)) {
      fail(Status.Freed, <i32>position);
      return WalkEvent.Error;
    }
    if (n.has(NodeFlag.External)) return WalkEvent.Rule;
    if (!savedIntact(n)) return WalkEvent.Error;
    if (!differentiate(n, changetype<Tensor>(n.grad))) return WalkEvent.Rule;
    if (outOfMemory) {
      fail(Status.OutOfMemory);
      return WalkEvent.Error;
    }
    if (metFreed) {
      fail(Status.Freed);
      return WalkEvent.Error;
    }
    if (stepwise) passed = position;
    walkNext();
    if (stepwise) return WalkEvent.Passed;
  }
  return flush(stepwise);
}

export function walkPosition(): usize {
  return position;
}

/** Whether the node at the position will run, rather than only be asked for its gradient. */
export function walkRuns(): bool {
  return !markedCount || leadsOn(nodeAt(position));
}

/** The gradient that has arrived at an output of a node; 0 if none has. */
export function walkGradient(node: usize, output: i32): usize {
  return load<usize>(gradientCell(nodeAt(node), output));
}

/** Puts another gradient in its place. False: no memory. */
export function walkReplace(output: i32, replacement: usize): bool {
  const cell = gradientCell(nodeAt(position), output);
  const g = heapClone(tensorAt(replacement));
  if (!changetype<usize>(g)) return false;
  release(changetype<Tensor>(load<usize>(cell)));
  store<usize>(cell, changetype<usize>(g));
  return true;
}

/** The hooks of the node at the position have run. */
export function walkHooked(): void {
  hooksDone = true;
}

/**
 * The derivative of one node, outside of the core's own walk. What it sends is in the argument block's list afterwards
 * (collectStart), counted references to be released. 0: its derivative is not in the core; -1: the status says why it failed.
 */
export function nodeBackward(node: usize, gradient: usize): i32 {
  const n = nodeAt(node);
  collectStart();
  const known = <i32>n.op != Op.External && differentiate(n, tensorAt(gradient));
  if (collectEnd()) return known ? 1 : 0;
  fail(Status.OutOfMemory);
  return -1;
}

/** A copy of a gradient in the nursery, for the bindings to wrap; 0 if there is no memory. */
export function toNursery(gradient: usize): usize {
  const g = tensorAt(gradient);
  const copy = newLike(g, g.dtype);
  if (changetype<usize>(copy)) copyInto(g, copy);
  return changetype<usize>(copy);
}

/** Sends a gradient that the bindings computed to input `i` of the node at the position. */
export function walkSend(i: i32, gradient: usize): bool {
  const n = nodeAt(position);
  if (!edgeWanted(n.edge(i))) return true;
  const g = heapClone(tensorAt(gradient));
  if (!changetype<usize>(g)) {
    fail(Status.OutOfMemory);
    return false;
  }
  send(n, i, g);
  if (metFreed) fail(Status.Freed);
  return !metFreed;
}

/** Puts what arrived at leaves into their grad. Leaves with hooks, or whose gradient is wanted elsewhere, are events. */
function flush(stepwise: bool): WalkEvent {
  while (flushed < leafTotal()) {
    const leaf = leafAt(flushed);
    if (!leaf.pending) {
      flushed++;
      continue;
    }
    if (leaf.slot || leaf.has(TensorFlag.Wanted)) return WalkEvent.Leaf;
    if (!accumulate(leaf)) {
      fail(Status.OutOfMemory);
      return WalkEvent.Error;
    }
    flushed++;
    if (stepwise) {
      passed = 0;
      return WalkEvent.Passed;
    }
  }
  unmark();
  return WalkEvent.Done;
}

export function walkLeaf(): usize {
  return changetype<usize>(leafAt(flushed));
}

/** The bindings have dealt with the leaf: its pending gradient goes, `addIt` says whether into its grad. */
export function walkLeafDone(addIt: bool): bool {
  const leaf = leafAt(flushed);
  if (addIt && !accumulate(leaf)) return false;
  dropPending(leaf);
  flushed++;
  return true;
}

/** Replaces the pending gradient of the leaf (a hook returned another one). */
export function walkLeafReplace(gradient: usize): bool {
  const leaf = leafAt(flushed);
  const g = heapClone(tensorAt(gradient));
  if (!changetype<usize>(g)) return false;
  release(changetype<Tensor>(leaf.pending));
  leaf.pending = changetype<usize>(g);
  return true;
}

/**
 * Ends the part of a walk that goes through nodes, after a failure. Leaves keep what reached them if nothing more would have
 * come; walkRun hands them over as usual. A leaf that lies behind what still waited gets nothing. True if the failure was
 * at a leaf: no node waited any more.
 */
export function walkAbort(): bool {
  const atLeaf = waiting <= 0;
  unmark();
  let reached = 0;
  for (let p = position; p; p = nodeAt(p).prev) {
    const n = nodeAt(p);
    const marked = n.has(NodeFlag.Reached);
    const waited = n.grad != 0 || n.has(NodeFlag.Outputs);
    if (!marked && !waited) {
      if (reached == 0 && waiting <= 0) break;
      continue;
    }
    if (marked) {
      n.flags &= <u8>~NodeFlag.Reached;
      reached--;
    }
    if (waited) dropGradients(n);
    for (let i = 0; i < <i32>n.inputCount; i++) {
      const edge = n.edge(i);
      if (edge & 1) {
        dropPending(changetype<Tensor>(edge & ~1));
      } else if (edge && edge != EDGE_FREED && !nodeAt(edge).has(NodeFlag.Reached)) {
        nodeAt(edge).set(NodeFlag.Reached);
        reached++;
      }
    }
  }
  gradientsEnd();
  return atLeaf;
}

function dropPending(leaf: Tensor): void {
  if (leaf.pending) release(changetype<Tensor>(leaf.pending));
  leaf.pending = 0;
}

/** Gives up what has arrived at the leaf at the front and all those behind it. */
export function walkDrop(): void {
  for (; flushed < leafTotal(); flushed++) dropPending(leafAt(flushed));
  unmark();
}
