/** Record a node, then run it: the one way in which primitives are executed. */
import { DType } from "../abi/dtype";
import { Args, Content, InputField, NodeFlag, TensorFlag } from "../abi/layout";
import { Op, OpMode } from "../abi/op";
import { Status } from "../abi/status";
import { ARGS, fail, listAt } from "../memory/args";
import { isCalm, noteEscape, turnoverWanted } from "../memory/nursery";
import { execute } from "../program/record";
import {
  attachOutput, beginNode, captureInputs, commitNode, gradModeOn, Node, replaceInput, requiresGrad, setInput,
} from "../tape/node";
import { copyInto } from "../tensor/convert";
import { isRaw, keepRecipe } from "../tape/recipe";
import { beforeWrite, dataBecomes, inferenceOn, newLike, Tensor, tensorAt } from "../tensor/record";
import {
  carriesGradient, forward, forwardPointwise, infer, inferInPlace, inferPointwise, isPointwise, Saved, savedMask,
} from "./table";

/** Clears what one call leaves for the next. */
// @ts-ignore: decorator
@inline function done(result: usize): usize {
  store<u32>(ARGS, 0, Args.Name);
  return result;
}

/** Part of a graph that waits to be walked. */
// @ts-ignore: decorator
@inline function inFlight(t: Tensor): bool {
  return t.node != 0 && changetype<Node>(t.node).has(NodeFlag.Pending);
}

function turnoverWanted2(a: Tensor, b: Tensor): bool {
  return turnoverWanted(inFlight(a) || inFlight(b), isRaw(a.storage) || isRaw(b.storage));
}

/** A cast whose result, an integer or bool, carries no gradient. */
// @ts-ignore: decorator
@inline function toInteger(code: i32): bool {
  return code == Op.Cast && load<i32>(ARGS, Args.Attr) != DType.Float32;
}

/** One input; `listLength` attributes in the argument block's list. */
export function op1(code: i32, a: usize, listLength: i32): usize {
  if (!isCalm() && turnoverWanted(inFlight(tensorAt(a)), isRaw(tensorAt(a).storage))) return fail(Status.Turnover);
  const recorded = gradModeOn() && requiresGrad(tensorAt(a)) && carriesGradient(code & OpMode.Mask) && !toInteger(code);
  const n = beginNode(code & OpMode.Mask, 1, listLength, recorded);
  if (!changetype<usize>(n)) return 0;
  setInput(n, 0, a);
  if (isPointwise(code)) return done(runPointwise(n, recorded));
  return done(code & OpMode.InPlace ? runInPlace(n, recorded) : run(n, recorded));
}

export function op2(code: i32, a: usize, b: usize, listLength: i32): usize {
  if (!isCalm() && turnoverWanted2(tensorAt(a), tensorAt(b))) return fail(Status.Turnover);
  const any = requiresGrad(tensorAt(a)) || requiresGrad(tensorAt(b));
  const recorded = any && gradModeOn() && carriesGradient(code & OpMode.Mask);
  const n = beginNode(code & OpMode.Mask, 2, listLength, recorded);
  if (!changetype<usize>(n)) return 0;
  setInput(n, 0, a);
  setInput(n, 1, b);
  if (isPointwise(code)) return done(runPointwise(n, recorded));
  return done(code & OpMode.InPlace ? runInPlace(n, recorded) : run(n, recorded));
}

/** Inputs and attributes are in the list. */
// @ts-ignore: decorator
@inline function beginListed(code: i32, count: i32, listLength: i32, recorded: bool): Node {
  const n = beginNode(code, count, listLength, recorded);
  if (!changetype<usize>(n)) return n;
  for (let i = 0; i < count; i++) setInput(n, i, <usize>listAt(i));
  const attributes = n.inputAt(count);
  for (let i = 0; i < listLength; i++) store<i32>(attributes + (<usize>i << 2), listAt(count + i));
  return n;
}

/** `count` inputs, whose addresses come first in the list, before the attributes. An address of 0 is an output to be. */
export function opN(code: i32, count: i32, listLength: i32): usize {
  let any = false;
  let flying = false;
  let goesOn = false;
  for (let i = 0; i < count; i++) {
    const t = <usize>listAt(i);
    if (!t) continue;
    if (requiresGrad(tensorAt(t))) any = true;
    if (inFlight(tensorAt(t))) flying = true;
    if (isRaw(tensorAt(t).storage)) goesOn = true;
  }
  if (turnoverWanted(flying, goesOn)) return fail(Status.Turnover);
  const recorded = any && gradModeOn() && carriesGradient(code & OpMode.Mask);
  const n = beginListed(code & OpMode.Mask, count, listLength, recorded);
  if (!changetype<usize>(n)) return 0;
  return done(code & OpMode.InPlace ? runInPlace(n, recorded) : run(n, recorded));
}

/** Computes a result again, from the same inputs and attributes as before, given as for opN; nothing is recorded. */
export function recompute(op: i32, count: i32, listLength: i32): usize {
  const n = beginListed(op, count, listLength, false);
  if (!changetype<usize>(n)) return 0;
  const out = infer(n);
  if (!changetype<usize>(out)) return 0;
  n.out = changetype<usize>(out);
  if (!forward(n)) return fail(Status.OutOfMemory);
  dataBecomes(out, Content.Kept);
  return changetype<usize>(out);
}

/** `pointwise` is a constant: the operations that cost nearly nothing get code of their own, without a large switch. */
// @ts-ignore: decorator
@inline function runAs(n: Node, recorded: bool, pointwise: bool): usize {
  if (recorded && !refreshInputs(n)) return 0;
  const out = pointwise ? inferPointwise(n) : infer(n);
  if (!changetype<usize>(out)) return 0;
  n.out = changetype<usize>(out);
  if (recorded && !capture(n)) return fail(Status.InferenceSaved);
  if (pointwise) forwardPointwise(n);
  else if (!execute(n)) return fail(Status.OutOfMemory);
  if (recorded) commitNode(n, out);
  if (isRaw(out.storage)) keepRecipe(n, out, recorded);
  return changetype<usize>(out);
}

function run(n: Node, recorded: bool): usize {
  return runAs(n, recorded, false);
}

function runPointwise(n: Node, recorded: bool): usize {
  return runAs(n, recorded, true);
}

/**
 * The result replaces input 0. Its history is rewritten: the new node's input is what it was before. A view that takes
 * part in a graph is not written here: the bindings write it through its base (AsStridedScatter).
 */
function runInPlace(n: Node, recorded: bool): usize {
  const target = n.input(0);
  if (target.has(TensorFlag.Inference) && !inferenceOn()) return fail(Status.InferenceInPlace);
  if (gradModeOn()) {
    const base = target.has(TensorFlag.View) ? changetype<Tensor>(target.base) : target;
    if (requiresGrad(target) && !target.has(TensorFlag.View) && !target.node && !target.has(TensorFlag.GraphFreed)) {
      return fail(Status.InPlaceLeaf, 0);
    }
    const isTracked = target.has(TensorFlag.View) && !target.has(TensorFlag.NoGradView);
    if (isTracked && requiresGrad(base) && !base.node && !base.has(TensorFlag.GraphFreed)) {
      return fail(Status.InPlaceLeaf, 1);
    }
    if (target.has(TensorFlag.View) && (recorded || requiresGrad(base))) return fail(Status.InPlaceThroughView);
  }
  if (writesTwice(target)) return fail(Status.InPlaceOverlap);
  if (!inferInPlace(n)) return 0;
  if (recorded && !refreshInputs(n)) return 0;
  n.out = changetype<usize>(target);
  if (recorded) {
    if (!capture(n)) return fail(Status.InferenceSaved);
    // This is the change that would be found.
    n.saved &= <u8>~Saved.Compared0;
    if (!keepOriginal(n)) return 0;
  }
  beforeWrite(target.storage);
  if (!execute(n)) return fail(Status.OutOfMemory);
  target.storage.version++;
  if (recorded) {
    if (<i32>n.op == Op.Assign) attachOutput(changetype<Node>(n.input(1).node), target, n.input(1).slot);
    else commitNode(n, target);
    target.rewrites++;
    noteEscape();
  }
  return changetype<usize>(target);
}

/** Records what the inputs are now, and what of them is saved. False if that cannot be. */
// @ts-ignore: decorator
@inline function capture(n: Node): bool {
  const flags = captureInputs(n);
  n.saved = <u8>savedMask(n);
  return !(flags & TensorFlag.Inference && savesInference(n));
}

/** Inference tensors have no history of changes, so nothing may rely on their elements. */
function savesInference(n: Node): bool {
  const mask = <i32>n.saved | (<i32>n.saved >> 4);
  for (let i = 0; i < <i32>n.inputCount; i++) {
    const isSaved = i < 3 ? mask & (1 << i) : n.saved & Saved.ComparedRest;
    if (isSaved && n.input(i).has(TensorFlag.Inference)) return true;
  }
  return false;
}

/** A derivative that reads what is about to be overwritten reads a copy of it. False if there is no memory for one. */
function keepOriginal(n: Node): bool {
  if (!(n.saved & Saved.Input0)) return true;
  const original = n.input(0);
  const copy = newLike(original, original.dtype);
  if (!changetype<usize>(copy)) return false;
  copyInto(original, copy);
  // It stands where the original stood in the graph, for derivatives of the derivative.
  if (n.edge(0)) {
    copy.node = original.node;
    copy.slot = original.slot;
    copy.set(original.flags & (TensorFlag.RequiresGrad | TensorFlag.GraphFreed));
  }
  replaceInput(n, 0, changetype<usize>(copy));
  store<u32>(n.inputAt(0), 0, InputField.Version);
  return true;
}

/** Whether two elements share one location: a stretched dimension. */
function writesTwice(t: Tensor): bool {
  if (t.numel == 0) return false;
  for (let dim = 0; dim < <i32>t.ndim; dim++) if (t.stride(dim) == 0 && t.size(dim) > 1) return true;
  return false;
}

/** Views whose base was written to through the graph get a node that shows where they come from now. */
// @ts-ignore: decorator
@inline function refreshInputs(n: Node): bool {
  const count = <i32>n.inputCount;
  // An address of 0 is that of no tensor; what is read there is 0.
  if (count == 1) return !n.input(0).has(TensorFlag.View) || refreshEach(n);
  if (count == 2 && !((n.input(0).flags | n.input(1).flags) & TensorFlag.View)) return true;
  return refreshEach(n);
}

function refreshEach(n: Node): bool {
  if (<i32>n.op == Op.AsStrided) return true;
  for (let i = 0; i < <i32>n.inputCount; i++) {
    const t = n.input(i);
    if (changetype<usize>(t) && t.has(TensorFlag.View) && !refreshView(t)) return false;
  }
  return true;
}

/** False if there is no memory for the node. */
export function refreshView(t: Tensor): bool {
  const base = changetype<Tensor>(t.base);
  if (t.rewrites == base.rewrites) return true;
  if (t.has(TensorFlag.NoGradView) && requiresGrad(base)) {
    fail(Status.NoGradViewChanged);
    return false;
  }
  t.rewrites = base.rewrites;
  if (!requiresGrad(base)) return true;
  const ndim = <i32>t.ndim;
  const list = 2 + 2 * ndim;
  // The list goes straight into the node: the argument block still holds that of the operation about to run.
  const n = beginNode(Op.AsStrided, 1, list, true);
  if (!changetype<usize>(n)) return false;
  n.name = 0;
  setInput(n, 0, changetype<usize>(base));
  const at = n.inputAt(1);
  store<i32>(at, ndim);
  store<i32>(at, <i32>((t.data - base.data) >> 2), 4);
  for (let i = 0; i < 2 * ndim; i++) {
    store<i32>(at + (<usize>(2 + i) << 2), i < ndim ? t.size(i) : t.stride(i - ndim));
  }
  captureInputs(n);
  const flags = t.flags;
  commitNode(n, t);
  noteEscape();
  t.flags = flags | <u16>TensorFlag.RequiresGrad;
  return true;
}

