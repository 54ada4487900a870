/**
 * Generations: where tensors live, and how they move. See docs/memory.md for the idea.
 *
 * Everything is born in the nursery of the current generation. When that is turned over, its bytes are copied into an
 * `Image` that the generation's tensors hold, but for what can be computed again (recompute.ts), and the nursery starts
 * afresh. A tensor that is used again is brought back:
 * by itself if no graph of its generation can still be walked, else with its whole generation, whose pointers are moved
 * along. What has come back often goes to the heap.
 *
 * Inside `scope` a generation lies on top of those outside, in the same chunks; all of them are turned over together.
 */
import { Content, NodeField, NodeFlag, TensorField } from "../../assembly/abi/layout.ts";
import { setReturnedAside } from "./aside.ts";
import { DisposedError, GradError } from "./errors.ts";
import {
  type Chunk,
  chunkOf,
  copyOut,
  type Image,
  isLeftBehind,
  leaveOut,
  movedAddress,
  type Place,
  wordOf,
} from "./image.ts";
import type { Lease } from "./lease.ts";
import { takeRuns } from "./merge.ts";
import { bringGraphBack, settleNode } from "./part.ts";
import { recipeOf } from "./recompute.ts";
import { bringBack, settle } from "./restore.ts";
import { tie, untie } from "./ties.ts";
import { type Token, takeSlots } from "./token.ts";
import { core, i32 } from "./wasm.ts";

/** Whether the tensors of a generation that was made inside a scope may still be used. */
export interface Scope {
  closed: boolean;
  /** Something outside has come to refer to memory of the scope, so that its end must not take it back. */
  keep: boolean;
  /** It was the recording of a compiled function. */
  recorded?: boolean;
}

export class Generation {
  readonly level: number;
  readonly scope: Scope | null;
  /** In memory, below the current one: outside of the scope that is open. */
  active = true;
  image: Image | null = null;
  /** Its image holds what is at one place and nothing else (aside.ts). */
  aside = false;
  /** The generation outside of its scope, which has ended but left the memory as it is: a graph goes on from there. */
  heir: Generation | null = null;

  constructor(level: number, scope: Scope | null) {
    this.level = level;
    this.scope = scope;
  }
}

/** Storages that the tape of an image referred to are released when nobody can bring it back any more. */
const imageRegistry: FinalizationRegistry<Int32Array> | null =
  typeof FinalizationRegistry === "undefined" ? null : /* @__PURE__ */ new FinalizationRegistry<Int32Array>(dropAll);

function dropAll(storages: Int32Array): void {
  for (const storage of storages) core.dropStorage(storage);
}

/** What has a wrapper of its own kind of place. */
export interface Placed {
  /** @internal */
  _p: number;
  /** @internal */
  _g: Generation;
  /** @internal */
  _token: Token | null;
}

export const HEAP: Generation = /* @__PURE__ */ new Generation(-1, null);
export const DISPOSED: Generation = /* @__PURE__ */ new Generation(-1, null);

/** Where nodes are whose graph can no longer be walked. */
export const NOWHERE: Generation = /* @__PURE__ */ new Generation(-1, null);

let nextId = 1;
const levels: Generation[] = [/* @__PURE__ */ new Generation(0, null)];
/** The generation that results are born into. */
export let current: Generation = levels[0];

/** Went with a generation whose graph can no longer be walked. Only nodes ask: tensors come back. */
export function isGone(t: Placed): boolean {
  const { _p, _g } = t;
  const { image, active } = _g;
  if (_g === NOWHERE) return true;
  if (active || image === null || image.merged) return false;
  const place = image.nodes?.get(_p);
  return place ? isGone({ _p: place.address, _g: place.generation, _token: null }) : !image.live;
}

/** The address of a tensor, which is brought back if it has to be. */
export function address(t: Placed): number {
  return t._g === current ? t._p : touch(t);
}

/** A derivative is running. */
let deriving = false;

/**
 * Runs a derivative given in TypeScript: it may use what it holds of a scope that has ended, if the scope's graph has lived on.
 */
export function whileDeriving<T>(fn: () => T): T {
  const before = deriving;
  deriving = true;
  try {
    return fn();
  } finally {
    deriving = before;
  }
}

/** While a function is recorded: is told of every tensor from outside that it uses. All of these move to the heap. */
export let capturing: ((t: Placed) => void) | null = null;

export function setCapture(next: ((t: Placed) => void) | null): void {
  capturing = next;
}

export function touch(t: Placed): number {
  const generation = t._g;
  if (generation === current) return t._p;
  if (generation === HEAP) {
    if (capturing) capturing(t);
    return t._p;
  }
  if (generation === DISPOSED) throw new DisposedError("this tensor was used after dispose()");
  if (generation.scope?.closed && !deriving) {
    if (generation.scope.recorded) {
      throw new DisposedError(
        "this tensor was made inside a compiled function and used after it; return it from the function, which gives a copy",
      );
    }
    throw new DisposedError(
      "this tensor was used after the end of the scope in which it was made; return it from the function given to scope()",
    );
  }
  if (generation.scope?.closed && generation.active) {
    if (!generation.heir)
      throw new DisposedError("this tensor was used after its memory has been given back at the end of a scope");
    t._g = generation.heir;
    return touch(t);
  }
  if (generation.active) return t._p;
  if (t._token?.freed) throw new DisposedError("this tensor is a view of one that was disposed of");
  const image = generation.image as Image;
  refuseLeftBehind(image, t._p);
  if (image.live && !image.merged && !isMovable(image, t._p)) {
    if (capturing) throw new GradError(OUTER_GRAPH);
    graphBack(image, t._p);
  }
  const place = image.merged ? placeIn(generation, t._p) : bringBack(generation, t._p);
  t._p = place.address;
  // Whoever was first to ask may be inside of another scope.
  const isHome = place.generation !== HEAP && place.generation.active && !generation.scope?.closed;
  t._g = isHome ? levels[Math.min(generation.level, levels.length - 1)] : place.generation;
  t._token = place.token ?? t._token;
  return touch(t);
}

function refuseLeftBehind(image: Image, old: number): void {
  if (!isLeftBehind(image, old)) return;
  throw new DisposedError("this tensor was an intermediate result of a module, which keeps none of them");
}

const OUTER_GRAPH =
  "compile: the function uses a tensor that was computed outside and is part of a graph. Pass it as an argument, or detach() it.";

/** Where something of a merged generation is now: brought back alone before, or with the whole. */
function placeIn(generation: Generation, old: number): Place {
  const image = generation.image as Image;
  const known = image.moved.get(old);
  if (known) return settle(known);
  // A scope may have ended before its graph came back.
  const level = Math.min(generation.level, image.homes.length - 1);
  return { address: movedAddress(image, old), generation: image.homes[level], token: null, used: true };
}

/** The address of a node of the graph, which comes back with what leads to it. */
export function graphAddress(node: Placed): number {
  const { image, active } = node._g;
  if (active || image === null) return address(node);
  if (image.live && !image.merged) graphBack(image, node._p);
  const place = image.nodes?.get(node._p);
  if (!place) return touch(node);
  node._p = settleNode(place);
  node._g = place.generation;
  return node._p;
}

/** What leads to a tensor or node comes back. */
function graphBack(image: Image, old: number): void {
  growFor(bringGraphBack(image, old));
  for (const level of levels) if (level.scope) level.scope.keep = true;
}

/**
 * Whether a tensor of an image with a live graph can come back without the graph: leaves and constants, and what came from
 * nodes that have been freed.
 */
function isMovable(image: Image, old: number): boolean {
  if (image.moved.has(old)) return true;
  if (!chunkOf(image, old)) return true;
  const node = wordOf(image, old, TensorField.Node);
  if (node !== 0) {
    const flags = wordOf(image, node, NodeField.Op) >>> 24;
    if (!(flags & NodeFlag.Freed)) return false;
  }
  const base = wordOf(image, old, TensorField.Base);
  return base === 0 || isMovable(image, base);
}

/**
 * An address under which a tensor can be read. One that could only come back with its whole graph is copied for the
 * occasion instead: looking at old losses must not bring their graphs back.
 */
export function readable(t: Placed): number {
  const image = awayWithGraph(t);
  if (!image) return address(t);
  refuseLeftBehind(image, t._p);
  // Storages that have come back count: they may have been written to since.
  const shadow: Image = { ...image, moved: new Map(image.moved), returned: new Map(), slots: new Map() };
  const generation = new Generation(t._g.level, null);
  generation.image = shadow;
  return bringBack(generation, t._p).address;
}

/** The image of a tensor that is part of a graph which has been set aside, else null. */
function awayWithGraph(t: Placed): Image | null {
  const { image, active, scope } = t._g;
  if (active || image === null || image.merged || !image.live || scope?.closed || isMovable(image, t._p)) return null;
  return image;
}

/** Op and name code of the node that a tensor came from, if both have been set aside with a live graph; else null. */
export function originAway(t: Placed): { op: number; name: number } | null {
  const image = awayWithGraph(t);
  if (!image) return null;
  const node = wordOf(image, t._p, TensorField.Node);
  return { op: wordOf(image, node, NodeField.Op) & 0xffff, name: wordOf(image, node, NodeField.Name) };
}

/** The generations that are open, outermost first. */
export function openGenerations(): readonly Generation[] {
  return levels;
}

/** Its storages are counted by the tape of the generation that it came back to. */
export function forgetReferences(image: Image): void {
  imageRegistry?.unregister(image);
}

/** Where the tensors of an old generation go now. */
export function home(generation: Generation): Generation {
  const level = Math.min(generation.level, levels.length - 1);
  for (let i = level + 1; i < levels.length; i++) (levels[i].scope as Scope).keep = true;
  return levels[level];
}

/** Copies the nursery out and starts the next generation. Must not be called while records are pinned. */
export function turnover(): void {
  const image = capture();
  setReturnedAside(image);
  const tied = untie(image);
  // Graphs that are given up rather than walked need no room to grow.
  if (returnedBytes === 0) hardBytes = Math.max(HARD_BYTES, hardBytes * (image.live ? 0.5 : 0.9));
  returnedBytes = 0;
  setThresholds();
  core.nurseryReset();
  core.startGeneration(++nextId);
  if (image.live) {
    if (image.references.length) imageRegistry?.register(image, image.references, image);
  } else {
    dropAll(image.references);
  }
  for (let level = 0; level < levels.length; level++) {
    const old = levels[level];
    old.active = false;
    old.image = image;
    const next = new Generation(level, old.scope);
    if (old.scope) old.scope.keep = true;
    levels[level] = next;
  }
  current = levels[levels.length - 1];
  if (tied.length === 0) return;
  tie(image, tied);
  growFor(core.nurseryUsed() >>> 0);
}

/** A graph that is larger than the threshold must be able to grow to its end. */
function growFor(bytes: number): void {
  returnedBytes += bytes;
  hardBytes = Math.max(HARD_BYTES, 2 * returnedBytes);
  setThresholds();
}

/**
 * Half a megabyte: the nursery stays in the second-level cache, and copies of this size go to memory that the engine has at
 * hand (measured: 14 GB/s, against 8 for 4 MiB, which the system has to map first).
 */
const SOFT_BYTES = 512 << 10;
const HARD_BYTES = 12 << 20;
/** Within a scope: its end gives everything back without a copy, which a turnover would keep it from doing. */
const SCOPE_BYTES = 64 << 20;
/** Adapts to graphs that turned out to be larger, and slowly forgets them. */
let hardBytes = HARD_BYTES;
/** What has come back of graphs since the last turnover. */
let returnedBytes = 0;

function setThresholds(): void {
  if (levels.length === 1) core.setThresholds(SOFT_BYTES, hardBytes);
  else core.setThresholds(SCOPE_BYTES, Math.max(SCOPE_BYTES, hardBytes));
}

function capture(): Image {
  const view = i32();
  const pending = core.pendingNodes.value as number;
  const rewalkable = core.rewalkableNodes.value as number;
  const live = pending + rewalkable > 0;
  const chunks: Chunk[] = [];
  const leases = new Map<number, Lease>();
  let totalBytes = 0;
  for (let chunk = core.nurseryFirst(); chunk !== 0; chunk = view[chunk >>> 2]) {
    const at = chunk >>> 2;
    const used = view[at + 2];
    const start = chunk >>> 0;
    const content: Content = view[at + 3] & Content.Mask;
    if (content === Content.Hidden && pending === 0) continue;
    // A graph that waits for its walk needs all of it.
    const recipe = pending > 0 || content !== Content.Result ? 0 : recipeOf(chunk, leases);
    if (recipe !== 0) {
      chunks.push(leaveOut(start, start + used, recipe));
      continue;
    }
    chunks.push(copyOut(start, start + used, content !== Content.Objects));
    totalBytes += used;
  }
  chunks.sort((a, b) => a.start - b.start);
  const list = core.referenceList() >>> 2;
  const runs = takeRuns();
  if (live && core.getOwnOldest())
    runs.push({ id: nextId, order: 0, newest: core.getTapeTop(), oldest: core.getOwnOldest() });
  return {
    chunks,
    totalBytes,
    live,
    pending,
    rewalkable,
    intervals: runs,
    references: view.slice(list, list + core.referenceTotal()),
    slots: takeSlots(),
    moved: new Map(),
    returned: new Map(),
    nodes: null,
    ages: null,
    leases,
    merged: false,
    homes: [],
  };
}

/** Opens a level for `scope`. */
export function openLevel(): Scope {
  const scope: Scope = { closed: false, keep: false };
  levels.push(new Generation(levels.length, scope));
  current = levels[levels.length - 1];
  setThresholds();
  return scope;
}

/** Closes it: its tensors can no longer be used, except those moved out before. `kept`: its memory stays. */
export function closeLevel(kept: boolean): void {
  const generation = levels.pop() as Generation;
  (generation.scope as Scope).closed = true;
  current = levels[levels.length - 1];
  setThresholds();
  if (kept) generation.heir = current;
}

/** Takes the innermost level away for a while. */
export function suspendLevel(): Generation {
  const generation = levels.pop() as Generation;
  current = levels[levels.length - 1];
  setThresholds();
  return generation;
}

export function resumeLevel(generation: Generation): void {
  levels.push(generation);
  current = generation;
  setThresholds();
}

export function outerGeneration(): Generation {
  return levels[levels.length - 2];
}
