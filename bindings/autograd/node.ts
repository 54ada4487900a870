/** Nodes in memory: what the bindings keep of them, and how a derivative reads them. */
import { InputField, NodeField, type NodeFlag, TensorField, TensorFlag } from "../../assembly/abi/layout.ts";
import type { Op } from "../../assembly/abi/op.ts";
import { wrap } from "../core/dispatch.ts";
import { HEAP } from "../core/generation.ts";
import { nodeName } from "../core/names.ts";
import { addSlot, slotValue } from "../core/token.ts";
import { f64At, i32, u8 } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import type { GraphNode } from "./graph-node.ts";
import { isGradEnabled } from "./mode.ts";

/** Gradients of the inputs or outputs of a node, in order; null where there is none. */
export type Gradients = (Tensor | null)[];

/** What a hook may return: a function without a return statement is welcome. */
export type Replacement<T> = T | null | undefined | void;
export type TensorHook = (grad: Tensor) => Replacement<Tensor>;
export type PreHook = (gradOutputs: Gradients) => Replacement<Gradients | Tensor>;
export type PostHook = (gradInputs: Gradients, gradOutputs: Gradients) => Replacement<Gradients | Tensor>;

/** Hooks by number, in order of registration. */
export type Hooks<F> = Map<number, F>;

/** Takes away what was registered; may be called more than once. */
export interface RemovableHandle {
  remove(): void;
}

let nextHook = 1;

export function register<F>(hooks: Hooks<F>, hook: F): RemovableHandle {
  if (typeof hook !== "function")
    throw new TypeError(`expected a hook function, got ${hook === null ? "null" : typeof hook}`);
  const id = nextHook++;
  hooks.set(id, hook);
  return { remove: () => void hooks.delete(id) };
}

/** A saved tensor in the keeping of somebody's pack and unpack (saved.ts). */
export interface Packed {
  unpack(): Tensor;
}

/** Position of the output among the packed tensors of a node; before it come inputs 0, 1 and 2. */
export const PACKED_OUTPUT = 3;

/** What the bindings keep of a node. */
export interface NodeExtras {
  /** The one object under which users know the node. */
  node: GraphNode | null;
  /** Hooks of the tensors that the node made, by output. */
  readonly tensorHooks: Map<number, Hooks<TensorHook>>;
  readonly preHooks: Hooks<PreHook>;
  readonly postHooks: Hooks<PostHook>;
  external: External | null;
  packed: (Packed | undefined)[] | null;
  /** The stack of the call that recorded the node, and the node whose derivative it was part of (anomaly.ts). */
  trace: Trace | null;
  /** It has been shown to whoever observes what is recorded (observe.ts). */
  seen: boolean;
}

export interface Trace {
  readonly stack: string;
  readonly name: string;
  readonly parent: Trace | null;
}

/** A derivative given in TypeScript. */
export interface External {
  /** The tensors that came out of the node, by output. */
  outputs: readonly Tensor[];
  /** Gradients of the node's inputs, of their shapes. */
  backward(gradOutputs: Gradients): Gradients;
  /** The graph has been freed: what was saved is given up. */
  free(): void;
}

/** A wrapper for a record that is in memory: of the nursery or of the heap. */
export function wrapRecord(p: number): Tensor {
  const t = wrap(p);
  if ((i32()[(p + TensorField.DType) >>> 2] >>> 16) & TensorFlag.Heap) t._g = HEAP;
  return t;
}

export function shapeOfRecord(p: number): number[] {
  const view = i32();
  const ndim = (view[(p + TensorField.DType) >>> 2] >>> 8) & 0xff;
  const first = (p + TensorField.Dims) >>> 2;
  return Array.from(view.subarray(first, first + ndim));
}

export function nameAt(node: number): string {
  const view = i32();
  return nodeName(view[(node + NodeField.Op) >>> 2] & 0xffff, view[(node + NodeField.Name) >>> 2]);
}

export function hasFlag(node: number, flag: NodeFlag): boolean {
  return (u8()[(node + NodeField.Flags) >>> 0] & flag) !== 0;
}

export function setFlag(node: number, flag: NodeFlag): void {
  u8()[(node + NodeField.Flags) >>> 0] |= flag;
}

/** What is kept of a node, if anything is. */
export function extrasAt(node: number): NodeExtras | null {
  const slot = i32()[(node + NodeField.Slot) >>> 2];
  return slot ? ((slotValue(slot) as NodeExtras | undefined) ?? null) : null;
}

/** The extras of a node, made if it has none. */
export function nodeExtras(node: number): NodeExtras {
  const known = extrasAt(node);
  if (known) return known;
  const extras: NodeExtras = {
    node: null,
    tensorHooks: new Map(),
    preHooks: new Map(),
    postHooks: new Map(),
    external: null,
    packed: null,
    trace: null,
    seen: false,
  };
  i32()[(node + NodeField.Slot) >>> 2] = addSlot(extras, false);
  return extras;
}

/** Makes a fresh record stand for an output of a node. */
export function attach(t: Tensor, node: number, output: number): Tensor {
  const view = i32();
  view[(t._p + TensorField.Node) >>> 2] = node;
  view[(t._p + TensorField.Slot) >>> 2] = output;
  t.setFlag(TensorFlag.RequiresGrad, true);
  return t;
}

/** A node as a derivative sees it, while the walk is at it. */
export class SavedNode {
  readonly pointer: number;
  readonly op: Op;
  private readonly unpacked: Tensor[] = [];

  constructor(pointer: number) {
    this.pointer = pointer;
    this.op = i32()[(pointer + NodeField.Op) >>> 2] & 0xffff;
  }

  get inputCount(): number {
    return u8()[(this.pointer + NodeField.InputCount) >>> 0];
  }

  private inputWord(i: number, field: number): number {
    return i32()[(this.pointer + NodeField.Inputs + i * InputField.SIZE + field) >>> 2];
  }

  private fromPack(i: number): Tensor | null {
    const packed = extrasAt(this.pointer)?.packed?.[i];
    if (!packed) return null;
    this.unpacked[i] ??= packed.unpack();
    return this.unpacked[i];
  }

  /** Input i, connected to the graph it came from. */
  input(i: number): Tensor {
    return this.fromPack(i) ?? wrapRecord(this.inputWord(i, InputField.Tensor));
  }

  /** The shape of input i, which need not have been saved. */
  inputShape(i: number): number[] {
    return shapeOfRecord(this.inputWord(i, InputField.Tensor));
  }

  edge(i: number): number {
    return this.inputWord(i, InputField.Edge);
  }

  edgeOutput(i: number): number {
    return this.inputWord(i, InputField.EdgeOut);
  }

  savedVersion(i: number): number {
    return this.inputWord(i, InputField.Version);
  }

  /** Whether the gradient of input i leads anywhere. */
  needs(i: number): boolean {
    return this.edge(i) !== 0;
  }

  /** The result, as what this node made even if it has been cut out of its graph since. */
  output(): Tensor {
    const packed = this.fromPack(PACKED_OUTPUT);
    if (packed) return packed;
    const record = i32()[(this.pointer + NodeField.Out) >>> 2];
    const t = wrapRecord(record);
    if (!isGradEnabled() || i32()[(record + TensorField.Node) >>> 2] === this.pointer) return t;
    return attach(t.detach(), this.pointer, 0);
  }

  get outVersion(): number {
    return i32()[(this.pointer + NodeField.OutVersion) >>> 2];
  }

  /** Number attributes. */
  get s0(): number {
    return f64At(this.pointer + NodeField.Attr);
  }

  get s1(): number {
    return f64At(this.pointer + NodeField.Attr + 8);
  }

  /** Integer attribute. */
  int(i: number): number {
    return i32()[((this.pointer + NodeField.Attr) >>> 2) + i];
  }

  /** Attribute i of the list. */
  list(i: number): number {
    return i32()[((this.pointer + NodeField.Inputs + this.inputCount * InputField.SIZE) >>> 2) + i];
  }
}
