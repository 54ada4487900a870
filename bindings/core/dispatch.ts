/**
 * Calls of primitives: one JavaScript call, one wasm call inside it, one wrapper allocated. Everything that is not the
 * plain case (a turnover, an error, a dtype to promote) happens after the core has returned 0, having changed nothing.
 */
import { Op } from "../../assembly/abi/op.ts";
import { Status } from "../../assembly/abi/status.ts";
import type { Tensor } from "../tensor.ts";
import { TensorError } from "./errors.ts";
import { address, current, touch, turnover } from "./generation.ts";
import { describe } from "./messages.ts";
import { outOfMemory } from "./out-of-memory.ts";
import { recorder } from "./recording.ts";
import { core, i32, LIST_CAPACITY, op1, op2, opN, pin, setList, status, statusDetail } from "./wasm.ts";
import { watched, watcher } from "./watch.ts";

export type TensorClass = new (pointer: number) => Tensor;

let TensorClass: TensorClass;

/**
 * tensor.ts hands over its class, which may not be imported here: it is made of operations that are. Returns the one that was
 * there before.
 */
export function setTensorClass(type: TensorClass): TensorClass {
  const before = TensorClass;
  TensorClass = type;
  return before;
}

/**
 * What operations make: a tensor in all but how it is made. A constructor at the end of a chain of a dozen classes is a call
 * that engines do not inline, and was a fifth of the cost of a scalar operation.
 */
export function resultClass(type: TensorClass): TensorClass {
  function Result(this: Tensor, pointer: number): void {
    this._p = pointer;
    this._g = current;
    this._token = null;
    this._x = null;
  }
  Result.prototype = type.prototype;
  return Result as unknown as TensorClass;
}

/** A wrapper for a fresh record of the current generation. */
export function wrap(pointer: number): Tensor {
  return new TensorClass(pointer);
}

/**
 * Runs `call` again after it has failed for reasons of memory, or because somebody watches. The second time nothing may be
 * turned over, so that what `call` brings back stays where it is.
 */
function retry(call: () => number, op: number): number {
  const reason = status();
  if (watcher !== null && reason === Status.Turnover) return watched(watcher, op, () => call() || retry(call, op));
  if (reason !== Status.Turnover && reason !== Status.OutOfMemory) return 0;
  const asked = reason === Status.OutOfMemory ? statusDetail(0) >>> 0 : 0;
  if (reason === Status.OutOfMemory && (pinned > 0 || core.nurseryUsed() === 0)) throw outOfMemory(asked);
  turnover();
  pin(1);
  pinned++;
  try {
    const result = call();
    if (result === 0 && status() === Status.OutOfMemory) throw outOfMemory(statusDetail(0) >>> 0);
    return result;
  } finally {
    pinned--;
    pin(-1);
  }
}

let pinned = 0;

/** Whether records must stay where they are, so that nothing can be turned over. */
export function isPinned(): boolean {
  return pinned > 0;
}

/** Runs `body` while records stay where they are. */
export function whilePinned<T>(body: () => T): T {
  pin(1);
  pinned++;
  try {
    return body();
  } finally {
    pinned--;
    pin(-1);
  }
}

/** The address of the result, or 0: the status says why, and memory is not the reason. */
export function try1(op: number, a: Tensor, list?: readonly number[]): number {
  const call = (): number => {
    const p = address(a);
    if (list) setListChecked(list);
    return op1(op, p, list ? list.length : 0);
  };
  return call() || retry(call, op);
}

export function try2(op: number, a: Tensor, b: Tensor, list?: readonly number[]): number {
  const call = (): number => {
    // Bringing one back may turn nothing over, so the first stays valid while the second is looked up.
    const p = address(a);
    const q = address(b);
    if (list) setListChecked(list);
    return op2(op, p, q, list ? list.length : 0);
  };
  return call() || retry(call, op);
}

/** `null` among the inputs stands for an output that the core makes beside the result. */
export function tryN(op: number, inputs: readonly (Tensor | null)[], list: readonly number[] = []): number {
  const call = (): number => {
    const pointers = inputs.map((t) => (t === null ? 0 : address(t)));
    setListChecked([...pointers, ...list]);
    return opN(op, pointers.length, list.length);
  };
  return call() || retry(call, op);
}

function setListChecked(list: readonly number[]): void {
  if (list.length > LIST_CAPACITY)
    throw new TensorError(`too many operands: ${list.length} (at most ${LIST_CAPACITY})`);
  setList(list);
}

/** The plain call: what every pointwise operation comes down to. */
export function call1(op: number, a: Tensor, name: string): Tensor {
  const p = op1(op, a._g === current ? a._p : touch(a), 0);
  return p !== 0 ? new TensorClass(p) : again1(op, a, name);
}

function again1(op: number, a: Tensor, name: string): Tensor {
  const p = retry(() => op1(op, address(a), 0), op);
  if (p === 0) throw failure(name, [a]);
  return new TensorClass(p);
}

/** With a list of attributes. */
export function call1L(op: number, a: Tensor, list: readonly number[], name: string): Tensor {
  const p = try1(op, a, list);
  if (p === 0) throw failure(name, [a]);
  return new TensorClass(p);
}

export function call2(op: number, a: Tensor, b: Tensor, name: string): Tensor {
  const p = op2(op, a._g === current ? a._p : touch(a), b._g === current ? b._p : touch(b), 0);
  return p !== 0 ? new TensorClass(p) : again2(op, a, b, name);
}

function again2(op: number, a: Tensor, b: Tensor, name: string): Tensor {
  const p = retry(() => op2(op, address(a), address(b), 0), op);
  if (p === 0) throw failure(name, [a, b]);
  return new TensorClass(p);
}

export function callN(op: number, inputs: readonly (Tensor | null)[], list: readonly number[], name: string): Tensor {
  const p = tryN(op, inputs, list);
  if (p === 0)
    throw failure(
      name,
      inputs.filter((t) => t !== null),
    );
  return new TensorClass(p);
}

/** The error for the status that the core has left. */
export function failure(name: string, operands: readonly Tensor[]): Error {
  return describe(name, operands, status(), [0, 1, 2, 3].map(statusDetail));
}

/** A fresh tensor with undefined elements. */
export function createTensor(dtype: number, shape: readonly number[], inHeap: boolean): number {
  const call = (): number => {
    setList(shape);
    return core.create(dtype, shape.length, inHeap ? 1 : 0);
  };
  if (watcher !== null) return watched(watcher, Op.None, () => createTensor(dtype, shape, inHeap));
  const p = call() || retry(call, Op.None);
  if (p === 0) throw outOfMemory(0);
  return p;
}

/** The result of a call that may run into a full nursery or heap but has no other way to fail. */
export function withMemory(call: () => number): number {
  const p = call() || retry(call, Op.None);
  if (p === 0) throw outOfMemory(0);
  return p;
}

/** Gives the wrapper of a gradient a copy of its own, which is no business of a program. */
export function moveOut(view: Tensor): void {
  if (recorder) {
    recorder.aside(() => moveOut(view));
    return;
  }
  view._p = withMemory(() => core.toNursery(address(view)));
  view._g = current;
  if (view._x) view._x.owner = null;
}

/** One word of a record. */
export function word(pointer: number, offset: number): number {
  return i32()[(pointer + offset) >>> 2];
}
