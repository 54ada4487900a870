/**
 * Checkpointing: trading time for memory. A function runs without keeping what its derivative needs, and once more when
 * backward reaches it.
 *
 * The first run is recorded only to learn which tensors from outside it depends on, whether they are arguments or not, and
 * what it would have saved; then its nodes are forgotten and its memory is given back. In their place stands one node that
 * leads to those tensors. Its derivative runs the function again and walks the new graph as far as those tensors.
 */
import { InputField, NodeField, NodeFlag, StorageField, TensorField } from "../../assembly/abi/layout.ts";
import { whilePinned } from "../core/dispatch.ts";
import { GradError } from "../core/errors.ts";
import { address, current, type Scope } from "../core/generation.ts";
import { defaultGenerator } from "../core/generator.ts";
import { recorder } from "../core/recording.ts";
import { scope } from "../core/scope.ts";
import { mapTensors, tensorsIn } from "../core/tree.ts";
import { core, i32 } from "../core/wasm.ts";
import { zeros } from "../ops/creation.ts";
import type { Tensor } from "../tensor.ts";
import { recordExternal } from "./external.ts";
import { FREED } from "./faults.ts";
import { graphNode } from "./graph-node.ts";
import { gradientsAtBoundary } from "./graph-walk.ts";
import { isGradEnabled, refuseAsync, withMode } from "./mode.ts";
import { type Gradients, hasFlag, SavedNode, wrapRecord } from "./node.ts";
import { SavedTensor, withoutSavedTensorHooks } from "./saved.ts";

/** The tape as it was at the start of a scope, to be forgotten down to. */
class TapeMark {
  private readonly top: number = core.getTapeTop();
  private readonly oldest: number = core.getOwnOldest();
  private readonly escapes: number = core.getEscapes();
  private readonly chunk: number = core.scopeChunk();
  private readonly cursor: number = core.getCursor();
  private readonly last: number = core.getLastChunk();
  private readonly scope: Scope | null = current.scope;

  /** The nodes recorded since, newest first. Older generations that have come back meanwhile lie below them. */
  nodes(): SavedNode[] {
    const list: SavedNode[] = [];
    const last = core.getOwnOldest();
    if (last === 0) return list;
    for (let p = core.getTapeTop(); p !== this.top; p = i32()[(p + NodeField.Prev) >>> 2]) {
      list.push(new SavedNode(p));
      if (p === last) break;
    }
    return list;
  }

  /** Nothing older refers to what was made since: no outer tensor was written to through the graph. */
  isClean(): boolean {
    return core.getEscapes() === this.escapes;
  }

  /** Forgets `nodes`, the ones recorded since. */
  rewind(nodes: readonly SavedNode[]): void {
    if (nodes.length === 0) return;
    const below = i32()[(nodes[nodes.length - 1].pointer + NodeField.Prev) >>> 2];
    core.rewindTape(below, this.oldest);
    const pending = nodes.filter((node) => hasFlag(node.pointer, NodeFlag.Pending)).length;
    const freed = nodes.filter((node) => hasFlag(node.pointer, NodeFlag.Freed)).length;
    core.addPending(-pending);
    core.addRewalkable(pending + freed - nodes.length);
  }

  /**
   * Whether a record lies in memory of the nursery that goes when the scope ends. None does if something older had to be
   * brought back meanwhile: then all of it stays.
   */
  isInside(): (record: number) => boolean {
    if (this.scope?.keep) return () => false;
    const view = i32();
    // The header of a chunk: address of the next one, its size.
    const ranges: [number, number][] = [[this.cursor >>> 0, (this.chunk >>> 0) + view[(this.chunk >>> 2) + 1]]];
    for (let chunk = view[this.last >>> 2]; chunk !== 0; chunk = view[chunk >>> 2]) {
      ranges.push([chunk >>> 0, (chunk >>> 0) + view[(chunk >>> 2) + 1]]);
    }
    return (record) => ranges.some(([start, end]) => record >>> 0 >= start && record >>> 0 < end);
  }
}

/** Shape and dtype of a saved tensor, in words. */
function metadata(t: Tensor): string {
  return `{shape: [${t.shape.join(", ")}], dtype: ${t.dtype}}`;
}

/** What the derivatives of nodes read, in the order of recording. */
function savedBy(nodes: readonly SavedNode[]): string[] {
  return [...nodes].reverse().flatMap((node) => {
    const mask = core.savedMaskOf(node.pointer);
    const list = [0, 1, 2].filter((i) => mask & (1 << i)).map((i) => metadata(node.input(i)));
    return mask & 8 ? [...list, metadata(node.output())] : list;
  });
}

/** Records of the outer tensors that gradients of `nodes` lead to, each once; null if one of them is not outside. */
function sourcesOf(nodes: readonly SavedNode[], isInside: (record: number) => boolean): number[] | null {
  const own = new Set(nodes.map((node) => node.pointer));
  const sources = new Map<string, number>();
  for (const node of nodes) {
    for (let i = 0; i < node.inputCount; i++) {
      const edge = node.edge(i);
      if (edge === 0 || own.has(edge)) continue;
      const record = i32()[(node.pointer + NodeField.Inputs + i * InputField.SIZE + InputField.Tensor) >>> 2];
      // Leaves made inside are nobody's business outside.
      if (isInside(record)) {
        if (edge & 1) continue;
        return null;
      }
      sources.set(`${edge} ${node.edgeOutput(i)}`, record);
    }
  }
  return [...sources.values()];
}

/** What the first run leaves: its result, connected to nothing, and what its node must know. */
interface FirstRun<R> {
  readonly result: R;
  /** Positions of tensors in the result that had a graph, and where they came from. */
  readonly outputs: Tensor[];
  readonly sources: number[];
  readonly saved: string[];
}

/** Not a view of anything, so that it can leave the scope as it is. */
function isOwner(t: Tensor): boolean {
  const p = address(t);
  return (
    i32()[(i32()[(p + TensorField.Storage) >>> 2] + StorageField.Owner) >>> 2] === p && t.isContiguous() && !t._token
  );
}

function firstRun<R>(fn: () => R): FirstRun<R> | { result: R; outputs: null } {
  const mark = new TapeMark();
  const result = withoutSavedTensorHooks(fn);
  for (const t of tensorsIn(result)) t.fresh();
  const nodes = mark.nodes();
  const isInside = mark.isInside();
  const sources = mark.isClean() ? sourcesOf(nodes, isInside) : null;
  if (!sources) return { result, outputs: null };
  const saved = savedBy(nodes);
  const own = new Set(nodes.map((node) => node.pointer));
  const outputs: Tensor[] = [];
  const copies = new Map<Tensor, Tensor>();
  const leave = (t: Tensor): Tensor => {
    const known = copies.get(t);
    if (known) return known;
    const p = address(t);
    const origin = i32()[(p + TensorField.Node) >>> 2];
    if (!own.has(origin) && !isInside(p)) return t;
    const plain = isOwner(t) ? t : withMode(false, () => t.clone(), "checkpoint");
    if (own.has(origin)) {
      if (plain === t) t.detach_();
      outputs.push(plain);
    }
    copies.set(t, plain);
    return plain;
  };
  const left = mapTensors(result, leave) as R;
  mark.rewind(nodes);
  return { result: left, outputs, sources, saved };
}

/** Runs `fn` with the random numbers that came from `state` on; afterwards they go on as if it had not run. */
function withRandomState<T>(state: Uint8Array, fn: () => T): T {
  const before = defaultGenerator.getState();
  defaultGenerator.setState(state);
  try {
    return fn();
  } finally {
    defaultGenerator.setState(before);
  }
}

function compare(first: readonly string[], second: readonly string[]): void {
  if (first.length !== second.length) {
    throw new GradError(
      "checkpoint: A different number of tensors was saved during the original forward and recomputation.\nNumber of tensors " +
        `saved during forward: ${first.length}\nNumber of tensors saved during recomputation: ${second.length}`,
    );
  }
  const wrong = first.flatMap((metadata, i) =>
    metadata === second[i]
      ? []
      : [`tensor at position ${i}:\nsaved metadata: ${metadata}\nrecomputed metadata: ${second[i]}`],
  );
  if (wrong.length > 0) {
    throw new GradError(
      "checkpoint: Recomputed values for the following tensors have different metadata than during the forward pass.\n" +
        wrong.join("\n"),
    );
  }
}

/**
 * Runs `fn` without keeping what backward needs of it, and once more in backward. Gradients are those of the plain call, for
 * arguments and for whatever else `fn` uses. Random numbers of the default generator repeat in the second run. Memory for
 * time: of what `fn` makes, only the tensors that it returns stay; using others later is an error.
 * @param fn returns tensors, alone, in arrays or in plain objects
 * @throws {GradError} in backward(): a second run that saves other tensors than the first, or tensors from outside that have
 *   been written to meanwhile
 * @throws {TensorError} for an async function
 * @see PyTorch torch.utils.checkpoint.checkpoint with use_reentrant=False; Chen et al. 2016, arXiv:1604.06174
 * @example
 * const x = tensor([1, 2], { requiresGrad: true });
 * utils.checkpoint((h) => h.exp().sin(), x).sum().backward();
 */
export function checkpoint<A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: A): R {
  refuseAsync(fn, "checkpoint");
  // A program plans its memory itself.
  if (!isGradEnabled() || recorder) return fn(...args);
  const state = defaultGenerator.getState();
  // Between graphs the nursery may be turned over. A step made of checkpoints alone has no other operation that could ask.
  if (core.pendingNodes.value === 0) zeros([]);
  return whilePinned(() => {
    // What has to be brought back is, before the scope begins.
    for (const t of tensorsIn(args)) address(t);
    const first = scope(() => firstRun(() => fn(...args)));
    if (first.outputs === null || first.outputs.length === 0) return first.result;
    record(() => withRandomState(state, () => withoutSavedTensorHooks(() => fn(...args))), first);
    return first.result;
  });
}

/** Puts the node in the place of what was forgotten. */
function record(again: () => unknown, { outputs, sources, saved }: FirstRun<unknown>): void {
  const outer = sources.map((p) => wrapRecord(p));
  let run: (() => unknown) | null = again;
  let kept: SavedTensor[] = [];
  const pointer = recordExternal("CheckpointBackward", outer, outputs, true, {
    backward(gradOutputs) {
      if (!run) throw new GradError(FREED);
      for (const t of kept) t.take(node, "CheckpointBackward needs what the function used");
      return secondRun(run, gradOutputs, outer, outputs.length, saved);
    },
    free() {
      run = null;
      kept = [];
    },
  });
  const node = graphNode(pointer);
  kept = outer.map((t) => new SavedTensor(t, pointer));
}

function secondRun(
  run: () => unknown,
  gradOutputs: Gradients,
  outer: readonly Tensor[],
  count: number,
  saved: readonly string[],
): Gradients {
  const createGraph = isGradEnabled();
  const walk = (): Gradients => {
    const mark = new TapeMark();
    const result = withMode(true, run, "checkpoint");
    for (const t of tensorsIn(result)) t.fresh();
    const nodes = mark.nodes();
    compare(saved, savedBy(nodes));
    const own = new Set(nodes.map((node) => node.pointer));
    const outputs = tensorsIn(result).filter((t) => own.has(i32()[(address(t) + TensorField.Node) >>> 2]));
    if (outputs.length !== count) {
      throw new GradError(
        `checkpoint: the second run returned ${outputs.length} tensors with a graph, the first ${count}`,
      );
    }
    const used = outputs.map((_, i) => i).filter((i) => gradOutputs[i]);
    const gradients = gradientsAtBoundary(
      used.map((i) => outputs[i]),
      used.map((i) => gradOutputs[i]),
      outer,
      createGraph,
    );
    if (!createGraph && mark.isClean()) mark.rewind(nodes);
    return gradients;
  };
  return createGraph ? walk() : scope(walk);
}

/**
 * Runs modules or functions one after the other, in segments of which all but the last are checkpointed.
 * @param segments how many; at least 1
 * @see PyTorch torch.utils.checkpoint.checkpoint_sequential
 * @example utils.checkpointSequential([(h) => h.exp(), (h) => h.log()], 2, ones(2)).tolist() // [1, 1]
 */
export function checkpointSequential(
  functions: Iterable<(input: Tensor) => Tensor>,
  segments: number,
  input: Tensor,
): Tensor {
  const list = [...functions];
  if (!Number.isInteger(segments) || segments < 1)
    throw new RangeError(`checkpointSequential: expected a number of segments, got ${segments}`);
  const size = Math.max(Math.floor(list.length / segments), 1);
  const through =
    (part: readonly ((input: Tensor) => Tensor)[]) =>
    (x: Tensor): Tensor =>
      part.reduce((h, fn) => fn(h), x);
  let x = input;
  let start = 0;
  for (; start + size < list.length && start < size * (segments - 1); start += size) {
    x = checkpoint(through(list.slice(start, start + size)), x);
  }
  return through(list.slice(start))(x);
}
