/** Recording a call: it runs as ever, once, and the core notes what it does (assembly/program/). */
import { NodeField, NodeFlag, StorageField, TensorField, TensorFlag } from "../../assembly/abi/layout.ts";
import { walk } from "../autograd/engine.ts";
import { isGradEnabled, refusePromise } from "../autograd/mode.ts";
import { type Gradients, shapeOfRecord } from "../autograd/node.ts";
import { TensorBase } from "../core/base.ts";
import { createTensor, isPinned, whilePinned, wrap } from "../core/dispatch.ts";
import { GradError } from "../core/errors.ts";
import {
  address,
  closeLevel,
  current,
  HEAP,
  openLevel,
  type Placed,
  resumeLevel,
  setCapture,
  suspendLevel,
  turnover,
} from "../core/generation.ts";
import { outOfMemory } from "../core/out-of-memory.ts";
import { type Recorder, setRecorder } from "../core/recording.ts";
import { inForm, leavesOf } from "../core/tree.ts";
import { core, i32, pin, u8 } from "../core/wasm.ts";
import { heapTensor } from "../ops/creation.ts";
import type { Tensor } from "../tensor.ts";

/** A tensor from outside that the function uses: a parameter, a buffer, a constant. */
export interface Captured {
  t: Placed;
  readonly p: number;
  readonly requiresGrad: boolean;
  /** The gradient that it had when the function came across it, and how often that had been written. */
  readonly grad: number;
  readonly version: number;
  /** The function did something with its gradient; the first thing was to clear it. */
  usesGrad: boolean;
  clearsGrad: boolean;
}

/** What comes out of a call: copies of the program's tensors, tensors from outside, and anything else as it is. */
export interface Result {
  readonly value: unknown;
  /** For each tensor in `value`: which output, argument or tensor from outside it is. */
  readonly places: readonly { kind: "output" | "input" | "outside"; at: number }[];
  readonly outside: readonly Tensor[];
}

/** The derivative of what the function returned, which follows the function in the program. */
export interface Derivative {
  /** Outputs that have one, and the tensors in which their gradients are expected. */
  readonly outputs: readonly number[];
  readonly seeds: readonly number[];
  /** Arguments and tensors from outside that get a gradient, and the tensors in which it is. */
  readonly inputs: readonly number[];
  readonly leaves: readonly Tensor[];
  readonly gradients: readonly number[];
}

export interface Recorded {
  readonly pointer: number;
  readonly captured: readonly Captured[];
  readonly settings: readonly (() => readonly number[])[];
  readonly guards: readonly (() => boolean)[];
  readonly callouts: readonly (() => void)[];
  readonly effects: readonly (() => void)[];
  readonly kept: readonly unknown[];
  readonly outputCount: number;
  readonly result: Result;
  readonly derivative: Derivative | null;
  /** Arguments that the function writes to, and the program's own tensors for them. */
  readonly written: readonly { at: number; own: number }[];
  /** Arguments into which a backward() of the function itself leads, and the tensors in which those gradients are. */
  readonly inputGrads: readonly { at: number; gradient: number }[];
}

function word(p: number, field: number): number {
  return i32()[(p + field) >>> 2];
}

function versionOf(t: number): number {
  return t === 0 ? 0 : word(word(t, TensorField.Storage), StorageField.Version);
}

function requires(p: number): boolean {
  return ((word(p, TensorField.DType) >>> 16) & TensorFlag.RequiresGrad) !== 0;
}

class Recording implements Recorder {
  readonly #captured: Map<number, Captured> = new Map();
  readonly settingsList: (() => readonly number[])[] = [];
  readonly guards: (() => boolean)[] = [];
  readonly callouts: (() => void)[] = [];
  readonly effects: (() => void)[] = [];
  readonly kept: unknown[] = [];

  readonly capture = (t: Placed): void => {
    const known = this.#captured.get(t._p);
    if (known) {
      if (!(known.t instanceof TensorBase)) known.t = t;
      else if (known.t !== t) this.kept.push(t);
      return;
    }
    const grad = word(t._p, TensorField.Grad);
    this.#captured.set(t._p, {
      t,
      p: t._p,
      requiresGrad: requires(t._p),
      grad,
      version: versionOf(grad),
      usesGrad: false,
      clearsGrad: false,
    });
  };

  get captured(): Captured[] {
    return [...this.#captured.values()];
  }

  settings(now: () => readonly number[]): void {
    this.settingsList.push(now);
  }

  guard(holds: () => boolean): void {
    this.guards.push(holds);
  }

  callout(run: () => void): void {
    core.programCallout(0);
    this.callouts.push(run);
    this.aside(run);
  }

  effect(run: () => void): void {
    this.effects.push(run);
  }

  aside(run: () => void): void {
    this.stop();
    const level = suspendLevel();
    core.programPause(1);
    try {
      run();
    } finally {
      core.programPause(0);
      resumeLevel(level);
      this.start();
    }
  }

  #leaf(leaf: Placed): Captured | undefined {
    return this.#captured.get(address(leaf));
  }

  clears(leaf: Placed): void {
    const found = this.#leaf(leaf);
    if (found && !this.isUsed(found)) found.clearsGrad = true;
    core.clearGrad(leaf._p);
  }

  readsGrad(leaf: Placed): void {
    const found = this.#leaf(leaf);
    if (found && !found.clearsGrad) found.usesGrad = true;
  }

  /** Whether the function has done something with the gradient that it found. */
  isUsed({ p, grad, version, usesGrad }: Captured): boolean {
    return usesGrad || word(p, TensorField.Grad) !== grad || versionOf(grad) !== version;
  }

  keep(thing: unknown): void {
    this.kept.push(thing);
  }

  start(): void {
    setRecorder(this);
    setCapture(this.capture);
  }

  stop(): void {
    setRecorder(null);
    setCapture(null);
  }
}

/** A tensor of the program that is written before each replay. */
function input(dtype: number, shape: readonly number[]): Tensor {
  const p = createTensor(dtype, shape, false);
  core.programInput(p);
  return wrap(p);
}

/** The program's own tensor for an argument, of which a copy in the heap is given. */
function argument(copy: Tensor, requiresGrad: boolean): Tensor {
  const p = copy._p;
  const own = input(word(p, TensorField.DType) & 0xff, shapeOfRecord(p));
  const [from, to] = [word(p, TensorField.Data) >>> 0, word(own._p, TensorField.Data) >>> 0];
  u8().copyWithin(to, from, from + word(word(p, TensorField.Storage), StorageField.Bytes));
  own.setFlag(TensorFlag.RequiresGrad, requiresGrad);
  return own;
}

/** Whether recording is possible now: a walk that is under way must not lose what it has. */
export function canRecord(): boolean {
  return !isPinned();
}

/** Runs a call and makes a program of it. `finish` gets what was recorded while its tensors can still be read. */
export function record<T>(
  fn: (...args: unknown[]) => unknown,
  args: readonly unknown[],
  tensors: readonly Tensor[],
  group: number,
  finish: (recorded: Omit<Recorded, "pointer">, outputs: readonly number[]) => T,
): { recorded: Recorded; finished: T } {
  // Its arguments and what it captures may lie in the nursery, which is about to be set aside.
  const needGrad = tensors.map((t) => t.requiresGrad);
  const copies = tensors.map((t) => {
    const copy = heapTensor(t.shape, t.dtype);
    core.copyElements(address(t), copy._p);
    return copy;
  });
  turnover();
  return whilePinned(() => {
    if (!core.programBegin(group)) throw outOfMemory(0);
    const recording = new Recording();
    openLevel().recorded = true;
    recording.start();
    let found: { recorded: Omit<Recorded, "pointer">; outputs: readonly number[] };
    let done = false;
    try {
      const own = copies.map((copy, i) => argument(copy, needGrad[i]));
      const value = refusePromise(fn(...(inForm(args, own) as unknown[])), "compile");
      found = conclude(recording, value, own);
      done = true;
    } finally {
      recording.stop();
      closeLevel(false);
      if (!done) core.programAbort();
      for (const copy of copies) copy.dispose();
    }
    core.programEnd();
    pin(1);
    let finished: T;
    let pointer = 0;
    try {
      finished = finish(found.recorded, found.outputs);
    } finally {
      pin(-1);
      pointer = core.programPlan();
    }
    if (pointer === 0) throw outOfMemory(0);
    return { recorded: { ...found.recorded, pointer }, finished };
  });
}

function conclude(
  recording: Recording,
  value: unknown,
  own: readonly Tensor[],
): { recorded: Omit<Recorded, "pointer">; outputs: readonly number[] } {
  const outputs: Tensor[] = [];
  const outside: Tensor[] = [];
  const indexIn = (list: Tensor[], t: Tensor): number => (list.includes(t) ? list.indexOf(t) : list.push(t) - 1);
  const places = leavesOf(value).map((t): Result["places"][number] => {
    address(t);
    if (own.includes(t)) return { kind: "input", at: own.indexOf(t) };
    if (t._g === HEAP) return { kind: "outside", at: indexIn(outside, t) };
    return { kind: "output", at: indexIn(outputs, t) };
  });
  for (const t of outputs) core.programOutput(t.fresh(), 0);
  core.programCallout(1);
  const inputGrads = own.flatMap((t, at) => {
    const gradient = word(address(t), TensorField.Grad);
    if (gradient) core.programOutput(gradient, 1);
    return gradient ? [{ at, gradient }] : [];
  });
  const written = own.flatMap((t, at) => {
    if (versionOf(address(t)) === 0) return [];
    if (t.requiresGrad) throw new GradError(WRITTEN);
    return [{ at, own: t._p }];
  });
  const derivative = isGradEnabled() ? derive(recording, outputs, own) : null;
  const { captured } = recording;
  for (const c of captured) {
    c.usesGrad = recording.isUsed(c) || c.clearsGrad;
    refuseKeptGrad(c.t);
  }
  const { settingsList: settings, guards, callouts, effects, kept } = recording;
  const result = { value, places, outside };
  return {
    recorded: {
      captured,
      settings,
      guards,
      callouts,
      effects,
      kept,
      outputCount: outputs.length,
      result,
      derivative,
      written,
      inputGrads,
    },
    outputs: outputs.map((t) => t._p),
  };
}

const WRITTEN =
  "compile: an argument that requires grad was written in place. It is a copy in the program, whose history cannot become that " +
  "of the argument; return the result instead.";

/** A gradient that the bindings keep belongs to the recording, and goes with it. */
function refuseKeptGrad(t: Placed): void {
  const extras = t instanceof TensorBase ? t.known() : null;
  if (!extras?.grad || extras.grad._g !== current) return;
  extras.grad = null;
  throw new GradError(
    "compile: a gradient with a graph of its own (createGraph), or one that was assigned, cannot stay on a leaf. Use " +
      "autograd.grad(), or write into the gradient in place.",
  );
}

/** Whether its graph has still to be walked. */
function hasGraph(t: Tensor): boolean {
  const node = word(t.fresh(), TensorField.Node);
  return node !== 0 && ((word(node, NodeField.Op) >>> 24) & NodeFlag.Pending) !== 0;
}

function derive(recording: Recording, outputs: readonly Tensor[], own: readonly Tensor[]): Derivative | null {
  const roots = outputs.filter(hasGraph);
  if (roots.length === 0) return null;
  const outer = recording.captured
    .filter((c) => c.requiresGrad && c.t instanceof TensorBase && c.t.isLeaf)
    .map((c) => c.t as Tensor);
  const wanted = [...own.filter((t) => t.requiresGrad), ...outer];
  const seeds = roots.map((t) => input(word(t._p, TensorField.DType) & 0xff, t.shape));
  if (wanted.length === 0) return null;
  const options = { retainGraph: false, createGraph: false, inputs: wanted, capture: true };
  let found: Gradients;
  try {
    found = walk(roots, seeds, options);
  } catch (error) {
    // The function has walked a part of it, and freed that.
    if (error instanceof GradError) return null;
    throw error;
  }
  const reached = wanted.filter((_, i) => found[i] !== null);
  const gradients = found.flatMap((g) => (g ? [address(g)] : []));
  for (const g of gradients) core.programOutput(g, 1);
  const inputs = reached.filter((t) => own.includes(t)).map((t) => own.indexOf(t));
  return {
    outputs: roots.map((t) => outputs.indexOf(t)),
    seeds: seeds.map((t) => t._p),
    inputs,
    leaves: reached.slice(inputs.length),
    gradients,
  };
}
