/**
 * Part of a graph that has been set aside comes back without the rest: what leads to one tensor. A large image does not come
 * back as a whole, since most of it may be what nobody will ever walk, and would come along from generation to generation.
 */
import { Edge, InputField, Kind, NodeField, NodeFlag, StorageField, TensorField } from "../../assembly/abi/layout.ts";
import { Generation, home, NOWHERE } from "./generation.ts";
import { chunkOf, copyIn, type Image, type Interval, movedAddress, type Place, wordOf } from "./image.ts";
import { merge, weave } from "./merge.ts";
import { outOfMemory } from "./out-of-memory.ts";
import { arrive, bringBack, need } from "./restore.ts";
import { restoreSlot } from "./token.ts";
import { core, i32, pin } from "./wasm.ts";

/** Up to that much comes back as a whole without a question. */
const WHOLE_BYTES = 24 << 20;
/** Stress mode takes every other image apart, if it has no more nodes than that: it would do so at each operation. */
const STRESS_NODES = 10_000;

let asked = 0;

/** The graph of an image comes back, or at least what leads to the tensor or node at an old address. Returns how many bytes. */
export function bringGraphBack(image: Image, old: number): number {
  const used = core.nurseryUsed() >>> 0;
  if (image.nodes === null && comesWhole(image, used, old)) merge(image);
  else bringPartBack(image, old);
  return (core.nurseryUsed() >>> 0) - used;
}

/** One by one takes longer for each node, and pays if most of what is there would come along for nothing. */
function comesWhole(image: Image, used: number, old: number): boolean {
  if (core.isStressed()) return image.pending > STRESS_NODES || asked++ % 2 === 0;
  return used + image.totalBytes <= WHOLE_BYTES || 2 * behind(image, new Map(), old).bytes > image.totalBytes;
}

/** Where a node is that came back without its whole generation; Edge.Freed if its graph has been given up since. */
export function settleNode(place: Place): number {
  const { generation } = place;
  if (generation === NOWHERE) return Edge.Freed;
  if (generation.active) return place.address;
  const image = generation.image as Image;
  if (!image.live) return Edge.Freed;
  const old = place.address;
  if (!image.merged && !image.nodes?.has(old)) bringGraphBack(image, old);
  // Its image may have known it, and taken it along.
  if (place.generation.active) return place.address;
  const next: Place | undefined = image.merged
    ? { address: movedAddress(image, old), generation: image.homes[0], token: null, used: false }
    : image.nodes?.get(old);
  if (!next) return Edge.Freed;
  const address = settleNode(next);
  place.address = next.address;
  place.generation = next.generation;
  return address;
}

/** The node a tensor of an image came from, if that is back; else 0. */
export function originOf(image: Image, node: number): number {
  const place = node === 0 ? undefined : image.nodes?.get(node);
  const address = place ? settleNode(place) : Edge.Freed;
  return address === Edge.Freed ? 0 : address;
}

/** The node of an image, which comes back if it is not there yet; 0 if it has been given up. */
export function originBack(image: Image, node: number): number {
  if (!image.nodes?.has(node)) bringPartBack(image, node);
  return originOf(image, node);
}

/** By age: what came first in the order of the tape. */
function agesOf(image: Image): Map<number, number> {
  if (image.ages) return image.ages;
  const ages = new Map<number, number>();
  for (const { id, order, newest, oldest } of image.intervals) {
    const nodes: number[] = [];
    for (let p = newest; ; p = wordOf(image, p, NodeField.Prev)) {
      nodes.push(p);
      if (p === oldest) break;
    }
    nodes.reverse().forEach((p, i) => {
      ages.set(p, id * 2 ** 32 + order + i);
    });
  }
  image.ages = ages;
  return ages;
}

function flagsOf(image: Image, node: number): number {
  return wordOf(image, node, NodeField.Op) >>> 24;
}

function inputCount(image: Image, node: number): number {
  return (wordOf(image, node, NodeField.Op) >>> 16) & 0xff;
}

/** The nodes that lead to a tensor or node and are not back yet, and what they take with their tensors. */
function behind(image: Image, known: Map<number, Place>, start: number): { nodes: Set<number>; bytes: number } {
  const nodes = new Set<number>();
  const seen = new Set<number>();
  const waiting: number[] = [];
  let bytes = 0;
  const meetNode = (node: number): void => {
    if (nodes.has(node) || known.has(node) || !chunkOf(image, node)) return;
    // Freed, or left behind by an operation that failed.
    if (flagsOf(image, node) & NodeFlag.Freed && node !== start) return;
    nodes.add(node);
    waiting.push(node);
    bytes += sizeAt(image, node);
  };
  const meetStorage = (storage: number): void => {
    if (seen.has(storage) || image.moved.has(storage) || !chunkOf(image, storage)) return;
    seen.add(storage);
    bytes += sizeAt(image, storage) + wordOf(image, storage, StorageField.Bytes);
  };
  const meetTensor = (tensor: number): void => {
    for (let t = tensor; t !== 0 && !seen.has(t) && !image.moved.has(t); t = wordOf(image, t, TensorField.Base)) {
      if (!chunkOf(image, t)) return;
      seen.add(t);
      bytes += sizeAt(image, t);
      meetStorage(wordOf(image, t, TensorField.Storage));
      meetNode(wordOf(image, t, TensorField.Node));
      meetTensor(wordOf(image, t, TensorField.Grad));
    }
  };
  if ((wordOf(image, start, 0) & 15) === Kind.Node) meetNode(start);
  else meetTensor(start);
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    meetTensor(wordOf(image, node, NodeField.Out));
    for (let i = 0; i < inputCount(image, node); i++) {
      const at = NodeField.Inputs + i * InputField.SIZE;
      const edge = wordOf(image, node, at + InputField.Edge);
      meetTensor(wordOf(image, node, at + InputField.Tensor));
      if (edge & 1) meetTensor(edge & ~1);
      else if (edge !== 0) meetNode(edge);
    }
  }
  return { nodes, bytes };
}

/** Size of a record. */
function sizeAt(image: Image, old: number): number {
  return wordOf(image, old, 0) & ~15;
}

function bringPartBack(image: Image, start: number): void {
  image.nodes ??= new Map();
  const known = image.nodes;
  const ages = agesOf(image);
  const age = (node: number): number => ages.get(node) as number;
  const { nodes: found, bytes } = behind(image, known, start);
  const nodes = [...found].filter((node) => ages.has(node)).sort((a, b) => age(a) - age(b));
  if (nodes.length === 0) return;
  if ((core.getUsed() >>> 0) + bytes > core.getLimit() >>> 0) throw outOfMemory(bytes);
  const before = new Set(image.moved.keys());
  pin(1);
  let finished = false;
  try {
    // Whoever asks may be inside of a scope, and what comes along outside of it.
    const outside = new Generation(0, null);
    outside.image = image;
    for (const node of nodes) {
      const now = { address: copyNode(image, node), generation: home(outside), token: null, used: false };
      known.set(node, arrive(image.returned.get(node), now));
    }
    for (const node of nodes) connect(image, outside, node, (known.get(node) as Place).address);
    finished = true;
  } finally {
    pin(-1);
    if (!finished) {
      // Nothing has come of it: they are looked for again by whoever asks next.
      for (const node of nodes) known.delete(node);
      for (const old of image.moved.keys()) if (!before.has(old) && isGraphTensor(image, old)) image.moved.delete(old);
    }
  }
  const places = nodes.map((node) => known.get(node) as Place);
  hold(places);
  weave(
    nodes.map((node, i): Interval => {
      const { address } = places[i];
      return { id: Math.floor(age(node) / 2 ** 32), order: age(node) % 2 ** 32, newest: address, oldest: address };
    }),
  );
}

function isGraphTensor(image: Image, old: number): boolean {
  return (wordOf(image, old, 0) & 15) === Kind.Tensor && wordOf(image, old, TensorField.Node) !== 0;
}

function copyNode(image: Image, node: number): number {
  const bytes = sizeAt(image, node);
  const to = need(core.restoreRecord(bytes));
  const chunk = chunkOf(image, node);
  if (chunk) copyIn(chunk, node, bytes, to);
  const slot = wordOf(image, node, NodeField.Slot);
  if (image.slots.has(slot)) restoreSlot(slot, image.slots.get(slot));
  return to;
}

/** Lets a node that came back refer to where its tensors, and the nodes of its edges, are now. */
function connect(image: Image, generation: Generation, node: number, to: number): void {
  const tensor = (old: number): number => (chunkOf(image, old) ? bringBack(generation, old).address : old);
  const set = (field: number, value: number): void => {
    i32()[(to + field) >>> 2] = value;
  };
  set(NodeField.Prev, 0);
  set(NodeField.Out, tensor(wordOf(image, node, NodeField.Out)));
  for (let i = 0; i < inputCount(image, node); i++) {
    const at = NodeField.Inputs + i * InputField.SIZE;
    const edge = wordOf(image, node, at + InputField.Edge);
    set(at + InputField.Tensor, tensor(wordOf(image, node, at + InputField.Tensor)));
    if (edge & 1) set(at + InputField.Edge, tensor(edge & ~1) | 1);
    else if (edge !== 0) set(at + InputField.Edge, originOf(image, edge) || Edge.Freed);
  }
}

/** The tape of this generation counts them, and keeps the heap storages that they refer to. */
function hold(places: readonly Place[]): void {
  const storages = new Set<number>();
  let pending = 0;
  let rewalkable = 0;
  const view = i32();
  const note = (tensor: number): void => {
    if (core.isHeapStorage(tensor)) storages.add(view[(tensor + TensorField.Storage) >>> 2]);
  };
  for (const { address } of places) {
    const word = view[(address + NodeField.Op) >>> 2];
    const flags = word >>> 24;
    if (flags & NodeFlag.Pending) pending++;
    else if (!(flags & NodeFlag.Freed)) rewalkable++;
    note(view[(address + NodeField.Out) >>> 2]);
    for (let i = 0; i < ((word >>> 16) & 0xff); i++) {
      note(view[(address + NodeField.Inputs + i * InputField.SIZE + InputField.Tensor) >>> 2]);
    }
  }
  core.addPending(pending);
  core.addRewalkable(rewalkable);
  for (const storage of storages) {
    core.retainStorage(storage);
    core.adoptReference(storage);
  }
}
