/**
 * Nodes: one for each recorded operation, in the order in which they ran.
 *
 *   | head | op  inputs flags | prev | out | grad | slot | attributes 16 B | name | out version | input 0 ... | list ... |
 *   input:  | edge | tensor | version | edge's output |
 *
 * An operation that needs no record (nothing requires grad, or grad mode is off) runs from a node in static memory.
 */
import { Edge, InputField, Kind, NodeField, NodeFlag, StorageFlag, TensorFlag, Args } from "../abi/layout";
import { Status } from "../abi/status";
import { ARGS, fail } from "../memory/args";
import { alloc, free } from "../memory/heap";
import { addPending, nurseryAlloc } from "../memory/nursery";
import { Arena, arenaMode } from "../program/arena";
import { forgetFreed, Storage, Tensor } from "../tensor/record";

@final @unmanaged export class Node {
  head: u32;
  op: u16;
  inputCount: u8;
  flags: u8;
  prev: usize;
  out: usize;
  grad: usize;
  slot: u32;
  s0: f64;
  s1: f64;
  name: u16;
  /** What the derivative reads: savedMask (ops/table.ts), as it was when the node was recorded. */
  saved: u8;
  outVersion: u32;

  // @ts-ignore: decorator
  @inline input(i: i32): Tensor {
    return changetype<Tensor>(load<usize>(this.inputAt(i), InputField.Tensor));
  }

  // @ts-ignore: decorator
  @inline edge(i: i32): usize {
    return load<usize>(this.inputAt(i), InputField.Edge);
  }

  /** Which output of the edge's node input `i` is. */
  // @ts-ignore: decorator
  @inline edgeOutput(i: i32): u32 {
    return load<u32>(this.inputAt(i), InputField.EdgeOut);
  }

  // @ts-ignore: decorator
  @inline inputAt(i: i32): usize {
    return changetype<usize>(this) + NodeField.Inputs + <usize>i * InputField.SIZE;
  }

  /** The op's list of i32 attributes. */
  // @ts-ignore: decorator
  @inline list(i: i32): i32 {
    return load<i32>(this.inputAt(this.inputCount) + (<usize>i << 2));
  }

  /** Integer attribute 0 to 3. */
  // @ts-ignore: decorator
  @inline int(i: i32): i32 {
    return load<i32>(changetype<usize>(this) + (<usize>i << 2), NodeField.Attr);
  }

  // @ts-ignore: decorator
  @inline has(flag: i32): bool {
    return (this.flags & flag) != 0;
  }

  // @ts-ignore: decorator
  @inline set(flag: i32): void {
    this.flags |= <u8>flag;
  }

  // @ts-ignore: decorator
  @inline output(): Tensor {
    return changetype<Tensor>(this.out);
  }
}

if (offsetof<Node>("s0") != NodeField.Attr) ERROR("NodeField.Attr");
if (offsetof<Node>("prev") != NodeField.Prev) ERROR("NodeField.Prev");
if (offsetof<Node>("name") != NodeField.Name) ERROR("NodeField.Name");
if (offsetof<Node>("outVersion") != NodeField.OutVersion) ERROR("NodeField.OutVersion");
if (offsetof<Node>() != NodeField.Inputs) ERROR("NodeField.Inputs");

export const EDGE_FREED: usize = Edge.Freed;

/** The node of an operation that is not recorded. */
const TRANSIENT: usize = memory.data(8192, 16);
const TRANSIENT_BYTES: u32 = 8192;

/** The newest node of the current generation. */
export let tapeTop: usize = 0;
let gradMode: bool = true;
/** Which generation heap storages are stamped with when a node first refers to them. */
let generation: u32 = 1;

export function setGradMode(on: bool): bool {
  const before = gradMode;
  gradMode = on;
  return before;
}

// @ts-ignore: decorator
@inline export function gradModeOn(): bool {
  return gradMode;
}

export function setTapeTop(p: usize): void {
  tapeTop = p;
}

/** The first node that this generation recorded itself, 0 if it has not yet. */
let ownOldest: usize = 0;

export function getOwnOldest(): usize {
  return ownOldest;
}

export function getTapeTop(): usize {
  return tapeTop;
}

/** A new generation begins with an empty tape. */
export function startGeneration(id: u32): void {
  generation = id;
  tapeTop = 0;
  ownOldest = 0;
  referenceCount = 0;
  tieCount = 0;
  forgetFreed();
}

// @ts-ignore: decorator
@inline export function nodeAt(p: usize): Node {
  return changetype<Node>(p);
}

/** A view also does if its base has come to since the view was made (it is refreshed when it is used). */
// @ts-ignore: decorator
@inline export function requiresGrad(t: Tensor): bool {
  if (t.flags & TensorFlag.RequiresGrad) return true;
  return (t.flags & TensorFlag.View) != 0 && viewRequiresGrad(t);
}

// @ts-ignore: decorator
@inline function viewRequiresGrad(t: Tensor): bool {
  const base = changetype<Tensor>(t.base);
  return t.rewrites != base.rewrites && base.has(TensorFlag.RequiresGrad);
}

/**
 * A node with room for its inputs and `listLength` attributes, copied from the argument block; in the nursery if it will
 * be recorded. Null if there is no memory.
 */
export function beginNode(op: i32, inputCount: i32, listLength: i32, recorded: bool): Node {
  const bytes = <u32>(NodeField.Inputs + inputCount * InputField.SIZE + (listLength << 2) + 15) & ~15;
  let p: usize;
  if (recorded || bytes > TRANSIENT_BYTES || arenaMode != Arena.Off) {
    p = nurseryAlloc(bytes);
    if (!p) return changetype<Node>(fail(Status.OutOfMemory, bytes));
  } else {
    p = TRANSIENT;
  }
  const n = changetype<Node>(p);
  n.head = bytes | Kind.Node;
  // Not on the tape until committed: a node left behind by a failed call is walked by nobody.
  store<i32>(p, op | (inputCount << 16) | (NodeFlag.Freed << 24), NodeField.Op);
  v128.store(p, i32x4(0, 0, 0, 0), NodeField.Prev);
  v128.store(p, v128.load(ARGS, Args.Attr), NodeField.Attr);
  store<u64>(p, load<u32>(ARGS, Args.Name), NodeField.Name);
  if (listLength) memory.copy(n.inputAt(inputCount), ARGS + Args.List, <usize>listLength << 2);
  return n;
}

/** Input `i` is `t`, its edge still open. To be called for each input of a node. */
// @ts-ignore: decorator
@inline export function setInput(n: Node, i: i32, t: usize): void {
  store<u64>(n.inputAt(i), <u64>t << 32, InputField.Edge);
}

/** Another tensor in place of input `i`, whose edge remains. */
// @ts-ignore: decorator
@inline export function replaceInput(n: Node, i: i32, t: usize): void {
  store<usize>(n.inputAt(i), t, InputField.Tensor);
}

/** Where the gradient of `t` goes: its node, or itself if it is a leaf. */
// @ts-ignore: decorator
@inline function edgeOf(t: Tensor): usize {
  if (!requiresGrad(t)) return 0;
  if (t.node) return t.node;
  return t.has(TensorFlag.GraphFreed) ? EDGE_FREED : changetype<usize>(t) | 1;
}

/** Heap storages that the current generation's tape refers to: their addresses, in a block that grows by doubling. */
let references: usize = 0;
let referenceCount: u32 = 0;
let referenceCapacity: u32 = 0;

/** Counts a heap storage once per generation, so that it outlives the tape that refers to it. */
function refer(s: Storage): void {
  s.stamp = generation;
  s.refs++;
  referenceCount++;
  noteReference(changetype<usize>(s));
}

function noteReference(p: usize): void {
  if (referenceCount > referenceCapacity) {
    const capacity = max(referenceCapacity * 2, 128);
    const grown = alloc(capacity * 4);
    if (!grown) {
      // Out of memory for bookkeeping: leave the storage counted. It is never freed, and nothing dangles.
      referenceCount--;
      return;
    }
    if (references) {
      memory.copy(grown, references, <usize>referenceCapacity << 2);
      free(references, referenceCapacity * 4);
    }
    references = grown;
    referenceCapacity = capacity;
  }
  store<usize>(references + (<usize>(referenceCount - 1) << 2), p);
}

export function referenceList(): usize {
  return references;
}

export function referenceTotal(): u32 {
  return referenceCount;
}

/** Takes over a count that a generation which comes back has held. */
export function adoptReference(p: usize): void {
  referenceCount++;
  noteReference(p);
}

/** Heap tensors that nodes of this generation have become the origin of, each counted, in a block that grows by doubling. */
let ties: usize = 0;
let tieCount: u32 = 0;
let tieCapacity: u32 = 0;

/** The tensor stays where it is and refers to its node, so it must be found when the nodes move. */
function tie(t: Tensor): void {
  if (tieCount && load<usize>(ties + (<usize>(tieCount - 1) << 2)) == changetype<usize>(t)) return;
  if (tieCount == tieCapacity) {
    const capacity = max(tieCapacity * 2, 64);
    const grown = alloc(capacity * 4);
    if (!grown) {
      // Nobody could follow the node: the tensor is cut off from its graph rather than left with an address of something else.
      t.node = 0;
      t.set(TensorFlag.GraphFreed);
      return;
    }
    if (ties) {
      memory.copy(grown, ties, <usize>tieCapacity << 2);
      free(ties, tieCapacity * 4);
    }
    ties = grown;
    tieCapacity = capacity;
  }
  store<usize>(ties + (<usize>tieCount << 2), changetype<usize>(t));
  tieCount++;
  t.refs++;
}

/** The origin of a heap tensor has come back. */
export function tieAgain(t: usize): void {
  tie(changetype<Tensor>(t));
}

export function tieList(): usize {
  return ties;
}

export function tieTotal(): u32 {
  return tieCount;
}

/**
 * Records edges and versions of the inputs as they are now. Must run before an in-place operation changes them. Returns the
 * flags that any of them has.
 */
export function captureInputs(n: Node): i32 {
  // Most nodes have one or two. A loop asks in each turn whether it has been interrupted, which costs as much as its body.
  const count = <i32>n.inputCount;
  let flags = 0;
  if (count > 0) flags = captureInput(n, 0);
  if (count > 1) flags |= captureInput(n, 1);
  for (let i = 2; i < count; i++) flags |= captureInput(n, i);
  return flags;
}

// @ts-ignore: decorator
@inline function captureInput(n: Node, i: i32): i32 {
  const at = n.inputAt(i);
  const t = n.input(i);
  const s = t.storage;
  store<usize>(at, edgeOf(t), InputField.Edge);
  store<u64>(at, <u64>s.version | ((<u64>(t.node ? t.slot : 0)) << 32), InputField.Version);
  if (s.flags & StorageFlag.Heap && s.stamp != generation) refer(s);
  return t.flags;
}

/** Puts the node on the tape as the origin of `out`. */
// @ts-ignore: decorator
@inline export function commitNode(n: Node, out: Tensor): void {
  const p = changetype<usize>(n);
  n.out = changetype<usize>(out);
  n.flags = <u8>NodeFlag.Pending;
  n.prev = tapeTop;
  n.outVersion = out.storage.version;
  tapeTop = p;
  if (!ownOldest) ownOldest = p;
  addPending(1);
  attachOutput(n, out, 0);
}

/** Makes `out` output number `k` of the node. A tensor that keeps its gradient goes on doing so with its new origin. */
export function attachOutput(n: Node, out: Tensor, k: i32): void {
  if (out.has(TensorFlag.RetainsGrad)) n.set(NodeFlag.Hooked);
  out.node = changetype<usize>(n);
  out.slot = k;
  out.clear(TensorFlag.GraphFreed);
  out.set(TensorFlag.RequiresGrad);
  if (out.storage.flags & StorageFlag.Heap && out.storage.stamp != generation) refer(out.storage);
  if (out.has(TensorFlag.Heap) && arenaMode == Arena.Off) tie(out);
}

/** Forgets the nodes that were recorded since the tape had this newest node and this oldest one of its own. */
export function rewindTape(top: usize, oldest: usize): void {
  tapeTop = top;
  ownOldest = oldest;
}
