/**
 * What a compiled function does while it is recorded, step by step. Work on whole tensors that gradients need on their way
 * (pointwise kernels, copies, fills, sums) is noted as it happens; a primitive that does more is noted as a whole.
 *
 * The log is in single assignment but for what is written in place: gradients under way are never added into.
 */
import { StorageFlag, TensorFlag } from "../abi/layout";
import { Op } from "../abi/op";
import { Step, StepField } from "../abi/program";
import { alloc, free } from "../memory/heap";
import { lastAuxiliary } from "../ops/auxiliary";
import { Saved, savedMask } from "../ops/table";
import { Node, nodeAt } from "../tape/node";
import { itemBytes, Storage, Tensor, tensorAt } from "../tensor/record";
import { arenaTensor, inside, setInside, Words } from "./arena";

/** Steps are being noted, and none that is noted as a whole is running. */
export let logging: bool = false;
/** There was no memory to note something. */
export let logFailed: bool = false;

export function setLogging(on: bool): void {
  logging = on;
}

let steps: usize = 0;
export let stepCount: i32 = 0;
let capacity: i32 = 0;

// @ts-ignore: decorator
@inline export function stepAt(i: i32): usize {
  return steps + <usize>i * StepField.SIZE;
}

/** Storages whose elements must be put back before each replay, and tensors that hold them; in turn. */
export const snapshots: Words = changetype<Words>(memory.data(sizeof<usize>() * 3, 16));

export function clearLog(): void {
  if (steps) free(steps, <u32>capacity * StepField.SIZE);
  steps = 0;
  stepCount = capacity = 0;
  logFailed = false;
  snapshots.clear();
}

/** Marks of a program's storage while it is recorded, in `stamp`: a step has written it; it was read before that. */
export const enum Mark {
  Produced = 1,
  Constant = 2,
  BITS = 2,
}

// @ts-ignore: decorator
@inline export function isOwn(s: Storage): bool {
  return (s.flags & StorageFlag.Program) != 0;
}

/** Not a view, which may show what others have made. */
function ownsElements(t: Tensor): bool {
  return t.storage.owner == changetype<usize>(t);
}

function coversAll(t: Tensor): bool {
  const s = t.storage;
  return t.has(TensorFlag.Contiguous) && t.data == s.data && <u32>t.numel * itemBytes(t.dtype) + 15 >= s.bytes;
}

export function markProduced(t: Tensor): void {
  t.storage.stamp |= isOwn(t.storage) ? Mark.Produced : 0;
}

/** Before a step reads and writes its operands. What the bindings have put there is kept if it is going to be overwritten. */
function noteOperands(step: usize): void {
  gather(step);
  for (let i = 0; i < operandCount; i++) {
    const t = operandAt(i);
    const s = t.storage;
    if (!isOwn(s) || s.stamp & Mark.Produced) continue;
    if (!isWritten(i)) {
      s.stamp |= Mark.Constant;
      continue;
    }
    if (s.stamp & Mark.Constant || !coversAll(t)) snapshot(s);
    s.stamp |= Mark.Produced;
  }
}

function snapshot(s: Storage): void {
  const copy = arenaTensor(0, 0, <i32>s.bytes);
  if (!changetype<usize>(copy) || !snapshots.push(changetype<usize>(s)) || !snapshots.push(changetype<usize>(copy))) {
    logFailed = true;
    return;
  }
  memory.copy(copy.data, s.data, s.bytes);
  copy.storage.stamp = Mark.Constant;
}

function append(kind: i32, code: i32, a: usize, b: usize, c: usize, out: usize, n: i32, s0: f64, s1: f64): usize {
  if (stepCount == capacity) {
    const grownCapacity = max(capacity * 2, 256);
    const grown = alloc(<u32>grownCapacity * StepField.SIZE);
    if (!grown) {
      logFailed = true;
      stepCount = 0;
      if (!steps) return 0;
    } else {
      if (steps) {
        memory.copy(grown, steps, <usize>capacity * StepField.SIZE);
        free(steps, <u32>capacity * StepField.SIZE);
      }
      steps = grown;
      capacity = grownCapacity;
    }
  }
  const p = stepAt(stepCount++);
  store<u16>(p, <u16>kind, StepField.Kind);
  store<u16>(p, <u16>code, StepField.Code);
  store<usize>(p, a, StepField.A);
  store<usize>(p, b, StepField.B);
  store<usize>(p, c, StepField.C);
  store<usize>(p, out, StepField.Out);
  store<i32>(p, n, StepField.N);
  store<f64>(p, s0, StepField.S0);
  store<f64>(p, s1, StepField.S1);
  return p;
}

/** Notes a step that is about to run. */
export function log(
  kind: i32, code: i32, a: usize, b: usize, c: usize, out: usize, n: i32 = 0, s0: f64 = 0, s1: f64 = 0,
): void {
  const p = append(kind, code, a, b, c, out, n, s0, s1);
  if (p) noteOperands(p);
}

/** Two integers in the place of the first number. */
export function logSum(a: Tensor, outer: i32, k: i32, inner: i32, out: Tensor): void {
  const both = reinterpret<f64>((<u64>inner << 32) | <u64>k);
  log(Step.Sum, 0, changetype<usize>(a), 0, 0, changetype<usize>(out), outer, both);
}

/** a + b of gradients that meet, also in the middle of a step: what has arrived has been computed. */
export function logMeeting(a: Tensor, b: Tensor, out: Tensor): void {
  markProduced(a);
  markProduced(b);
  log(Step.Zip, Op.Add, changetype<usize>(a), changetype<usize>(b), 0, changetype<usize>(out));
}

/** Notes a primitive that is about to run as a whole; its number. */
export function beginWhole(kind: i32, node: Node, g: usize, wanted: u64): i32 {
  const at = stepCount;
  let code = 0;
  if (kind == Step.Forward) {
    for (let i = 0; i < <i32>node.inputCount; i++) {
      const t = node.input(i);
      if (changetype<usize>(t) == 0 || changetype<usize>(t) != lastAuxiliary()) continue;
      if (isOwn(t.storage) && !t.storage.stamp) code = i + 1;
    }
  }
  const start = inside.count;
  const p = append(kind, code, changetype<usize>(node), g, start, 0, start, reinterpret<f64>(wanted), 0);
  if (p) noteOperands(p);
  logging = false;
  setInside(true);
  return at;
}

export function endWhole(at: i32): void {
  logging = true;
  setInside(false);
  if (logFailed) return;
  const p = stepAt(at);
  store<u32>(p, inside.count, StepField.N);
  for (let i = load<u32>(p, StepField.C); i < inside.count; i++) {
    const t = tensorAt(inside.get(i));
    if (ownsElements(t)) markProduced(t);
  }
}

/** The step noted last has not happened. */
export function unlog(at: i32): void {
  stepCount = at;
}

/** Operands of the step looked at, written ones with bit 0 set. */
let operands: usize = 0;
let operandCapacity: i32 = 0;
export let operandCount: i32 = 0;

// @ts-ignore: decorator
@inline export function operandAt(i: i32): Tensor {
  return tensorAt(load<usize>(operands + (<usize>i << 2)) & ~1);
}

// @ts-ignore: decorator
@inline export function isWritten(i: i32): bool {
  return (load<usize>(operands + (<usize>i << 2)) & 1) != 0;
}

function operand(t: usize, written: bool): void {
  if (!t) return;
  if (operandCount == operandCapacity) {
    const grown = alloc(<u32>max(operandCapacity * 2, 64) << 2);
    if (!grown) {
      logFailed = true;
      return;
    }
    if (operands) {
      memory.copy(grown, operands, <usize>operandCount << 2);
      free(operands, <u32>operandCapacity << 2);
    }
    operands = grown;
    operandCapacity = max(operandCapacity * 2, 64);
  }
  store<usize>(operands + (<usize>operandCount << 2), t | usize(written));
  operandCount++;
}

/** Finds the operands of a step: tensors that it reads, then those that it writes. */
export function gather(step: usize): void {
  operandCount = 0;
  const a = load<usize>(step, StepField.A);
  const b = load<usize>(step, StepField.B);
  const c = load<usize>(step, StepField.C);
  const out = load<usize>(step, StepField.Out);
  switch (<i32>load<u16>(step)) {
    case Step.Map:
    case Step.Zip:
    case Step.Zip3:
    case Step.Copy:
    case Step.Fill:
    case Step.Sum: {
      operand(a, false);
      operand(b, false);
      operand(c, false);
      operand(out, true);
      break;
    }
    case Step.Forward:
    case Step.Backward: {
      gatherWhole(nodeAt(a), b, load<u16>(step, StepField.Code));
      for (let i = <u32>c; i < load<u32>(step, StepField.N); i++) operand(inside.get(i), ownsElements(tensorAt(inside.get(i))));
      break;
    }
    case Step.Draw: {
      operand(b, false);
      operand(out, true);
      break;
    }
    case Step.Sgd:
    case Step.Adam: {
      operand(a, false);
      operand(b, false);
      operand(a, true);
      operand(c, true);
      operand(out, true);
      operand(load<usize>(step, StepField.N), true);
      break;
    }
    case Step.FirstGrad: {
      operand(b, false);
      operand(out, true);
    }
  }
}

function gatherWhole(n: Node, g: usize, auxiliary: i32): void {
  const isBackward = g != 0;
  const mask = isBackward ? savedMask(n) : 0;
  const overwrites = <i32>n.op == Op.Copy || <i32>n.op == Op.Assign;
  operand(g, false);
  for (let i = 0; i < <i32>n.inputCount; i++) {
    if (i + 1 == auxiliary || (isBackward && i < 3 && !(mask & (1 << i))) || (!isBackward && overwrites && i == 0)) continue;
    operand(changetype<usize>(n.input(i)), false);
  }
  if (isBackward) {
    if (mask & Saved.Output) operand(n.out, false);
    return;
  }
  operand(n.out, true);
  if (auxiliary) operand(changetype<usize>(n.input(auxiliary - 1)), true);
}
