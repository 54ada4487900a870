/**
 * How gradients travel during a walk. A gradient is a counted heap tensor (or a tensor of the user's, which is never
 * counted down nor written to). Each edge leads to a node, whose `grad` collects what arrives, or to a leaf, whose
 * `pending` does.
 */
import { Args, NodeField, NodeFlag, StorageFlag, TensorFlag } from "../abi/layout";
import { Op } from "../abi/op";
import { ARGS } from "../memory/args";
import { alloc, free } from "../memory/heap";
import { zip } from "../ops/pointwise";
import { Arena, arenaMode, setInside } from "../program/arena";
import { logging, logMeeting, setLogging } from "../program/log";
import { sumTo } from "../tensor/convert";
import { newHeapLike, release, Tensor } from "../tensor/record";
import { EDGE_FREED, Node, nodeAt } from "./node";

/** Nodes that hold a gradient and have not run yet. The walk ends when there are none. */
export let waiting: i32 = 0;
/** Set when an allocation failed, or a freed graph was met, in the middle of a backward function. */
export let outOfMemory: bool = false;
export let metFreed: bool = false;
/** Only some inputs are wanted: edges to nodes and leaves that are not needed carry nothing. */
let selective: bool = false;
/** What becomes of what a node sends: a walk delivers it; a single node runs for the bindings, and it is put aside (see
 * collect); or a program runs it again, which knows already. */
const enum Sent {
  Delivered,
  Collected,
  Known,
}
let sent: i32 = Sent.Delivered;
/** By input: whether it wanted a gradient when the program was recorded. */
let wantedBits: u64 = 0;

/** Leaves with a pending gradient, in order of arrival. */
let leaves: usize = 0;
let leafCount: i32 = 0;
let leafCapacity: i32 = 0;

export function gradientsStart(onlyNeeded: bool): void {
  waiting = 0;
  leafCount = 0;
  outOfMemory = false;
  metFreed = false;
  selective = onlyNeeded;
}

/** Nothing waits any more: the walk has failed. */
export function gradientsEnd(): void {
  waiting = 0;
}

export function leafTotal(): i32 {
  return leafCount;
}

// @ts-ignore: decorator
@inline export function leafAt(i: i32): Tensor {
  return changetype<Tensor>(load<usize>(leaves + (<usize>i << 2)));
}

/** Whether anybody waits for what an edge leads to. */
export function edgeWanted(edge: usize): bool {
  if (!edge) return false;
  if (!selective || sent != Sent.Delivered) return true;
  if (edge & 1) return changetype<Tensor>(edge & ~1).has(TensorFlag.Wanted);
  return edge == EDGE_FREED || nodeAt(edge).has(NodeFlag.Needed);
}

// @ts-ignore: decorator
@inline export function wants(n: Node, i: i32): bool {
  if (sent == Sent.Known) return ((wantedBits >> i) & 1) != 0;
  return edgeWanted(n.edge(i));
}

/** What `wants` says for each input. */
export function wantedInputs(n: Node): u64 {
  let bits: u64 = 0;
  for (let i = 0; i < min<i32>(n.inputCount, 64); i++) if (wants(n, i)) bits |= (1 as u64) << i;
  return bits;
}

/** Until replayEnd the gradients of inputs that `bits` does not name are not wanted, and those that are sent are known. */
export function replayStart(bits: u64): void {
  sent = Sent.Known;
  wantedBits = bits;
  outOfMemory = false;
}

/** False if memory ran out. */
export function replayEnd(): bool {
  sent = Sent.Delivered;
  return !outOfMemory;
}

function queueLeaf(leaf: Tensor): void {
  if (leafCount == leafCapacity) {
    const capacity = max(leafCapacity * 2, 64);
    const grown = alloc(capacity * 4);
    if (!grown) {
      outOfMemory = true;
      return;
    }
    if (leaves) {
      memory.copy(grown, leaves, <usize>leafCapacity << 2);
      free(leaves, leafCapacity * 4);
    }
    leaves = grown;
    leafCapacity = capacity;
  }
  store<usize>(leaves + (<usize>leafCount << 2), changetype<usize>(leaf));
  leafCount++;
}

/** Nobody else sees these elements, so they may be written to. */
// @ts-ignore: decorator
@inline function owned(t: Tensor): bool {
  const s = t.storage;
  return (
    t.refs == 1 && (t.flags & (TensorFlag.Heap | TensorFlag.Contiguous)) == (TensorFlag.Heap | TensorFlag.Contiguous) &&
    (s.flags & StorageFlag.Heap) != 0 && s.refs == 1 && s.owner == changetype<usize>(t)
  );
}

function meet(a: Tensor, b: Tensor, out: Tensor): void {
  const noted = logging;
  if (arenaMode == Arena.Recording) logMeeting(a, b, out);
  setLogging(false);
  zip(Op.Add, a, b, out, 0, 0);
  setLogging(noted);
}

/** a + b; takes over both references. */
function combine(a: Tensor, b: Tensor): Tensor {
  if (owned(a)) {
    zip(Op.Add, a, b, a, 0, 0);
    release(b);
    return a;
  }
  if (owned(b)) {
    zip(Op.Add, a, b, b, 0, 0);
    release(a);
    return b;
  }
  const wasInside = arenaMode != Arena.Off && setInside(false);
  const out = newHeapLike(a);
  if (changetype<usize>(out)) meet(a, b, out);
  else outOfMemory = true;
  if (wasInside) setInside(true);
  release(a);
  release(b);
  return out;
}

/** Where the gradient of an output of a node is gathered. */
// @ts-ignore: decorator
@inline export function gradientCell(n: Node, output: u32): usize {
  return output ? n.inputAt(n.inputCount) + (<usize>output << 2) : changetype<usize>(n) + NodeField.Grad;
}

/** Adds `g` to what has arrived at the end of an edge: one output of a node, or a leaf. Takes over the reference. */
export function deliver(edge: usize, output: u32, g: Tensor): void {
  if (edge & 1) {
    const leaf = changetype<Tensor>(edge & ~1);
    if (leaf.pending) {
      leaf.pending = changetype<usize>(combine(changetype<Tensor>(leaf.pending), g));
      return;
    }
    leaf.pending = changetype<usize>(g);
    queueLeaf(leaf);
    return;
  }
  if (edge == EDGE_FREED) {
    metFreed = true;
    release(g);
    return;
  }
  const n = nodeAt(edge);
  const cell = gradientCell(n, output);
  const known = load<usize>(cell);
  if (known) {
    store<usize>(cell, changetype<usize>(combine(changetype<Tensor>(known), g)));
    return;
  }
  if (!n.grad && !n.has(NodeFlag.Outputs)) waiting++;
  store<usize>(cell, changetype<usize>(g));
  if (output) n.set(NodeFlag.Outputs);
}

/** The node's gradients, of all its outputs, are given up. */
// @ts-ignore: decorator
@inline export function dropGradients(n: Node): void {
  if (n.grad) release(changetype<Tensor>(n.grad));
  n.grad = 0;
  if (n.has(NodeFlag.Outputs)) {
    for (let k = 1, count = n.list(0); k < count; k++) {
      const cell = gradientCell(n, k);
      if (load<usize>(cell)) release(changetype<Tensor>(load<usize>(cell)));
      store<usize>(cell, 0);
    }
    n.flags &= <u8>~NodeFlag.Outputs;
  }
  waiting--;
}

/** Sends `g`, of the input's shape, along input `i` of the node. Takes over the reference. */
// @ts-ignore: decorator
@inline export function send(n: Node, i: i32, g: Tensor): void {
  if (sent != Sent.Delivered) {
    if (sent == Sent.Known) return;
    const list = ARGS + Args.List;
    const count = load<i32>(list);
    store<i32>(list + (<usize>count << 3), i, 4);
    store<usize>(list + (<usize>count << 3), changetype<usize>(g), 8);
    store<i32>(list, count + 1);
    return;
  }
  deliver(n.edge(i), n.edgeOutput(i), g);
}

/** Until collectEnd, sent gradients go into the argument block's list: their number, then pairs of input and gradient. */
export function collectStart(): void {
  sent = Sent.Collected;
  outOfMemory = false;
  store<i32>(ARGS + Args.List, 0);
}

/** False if memory ran out: nothing was sent. */
export function collectEnd(): bool {
  sent = Sent.Delivered;
  if (!outOfMemory) return true;
  outOfMemory = false;
  const list = ARGS + Args.List;
  for (let k = 0, count = load<i32>(list); k < count; k++) {
    const g = load<usize>(list + (<usize>k << 3), 8);
    if (g) release(changetype<Tensor>(g));
  }
  return false;
}

/** Sends `g` to input `i` of the node, summed over what was broadcast. Takes over the reference; null: out of memory. */
export function give(n: Node, i: i32, g: Tensor): void {
  if (!changetype<usize>(g)) {
    outOfMemory = true;
    return;
  }
  const like = n.input(i);
  // One broadcasts to the other, so equal rank and count means equal shape, unless there are no elements at all.
  const fits = g.ndim == like.ndim && g.numel == like.numel && g.numel != 0;
  const fitted = fits ? g : sumTo(g, like);
  if (!changetype<usize>(fitted)) {
    outOfMemory = true;
    return;
  }
  send(n, i, fitted);
}

/** Sends the node's own gradient on, which others may hold as well. */
// @ts-ignore: decorator
@inline export function giveShared(n: Node, i: i32, g: Tensor): void {
  if (g.has(TensorFlag.Heap)) g.refs++;
  give(n, i, g);
}
