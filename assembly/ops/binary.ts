/** Pointwise operations on two tensors that broadcast together. */
import { DType } from "../abi/dtype";
import { Op } from "../abi/op";
import { Status } from "../abi/status";
import { i32_any_zero } from "../kernels/elementwise/int32";
import { fail } from "../memory/args";
import { give, giveShared, wants } from "../tape/gradient";
import { Node } from "../tape/node";
import {
  applySizes, broadcastIs, broadcastNumel, broadcastRank, broadcastStart, broadcastWith,
} from "../tensor/broadcast";
import { newHeapLike, newLike, newTensor, release, sameShape, setContiguousStrides, Tensor } from "../tensor/record";
import { rowLength, rowPtr, rowsNext, rowsReady, rowsStart, rowStride } from "../tensor/rows";
import { heapMap, heapZip, heapZip3, map, zip } from "./pointwise";
import { Rule } from "./rule";

/** A fresh tensor of the shape worked on last (tensor/broadcast.ts). */
export function broadcastTensor(dtype: i32): Tensor {
  const out = newTensor(dtype, broadcastRank, broadcastNumel);
  if (changetype<usize>(out)) {
    applySizes(out);
    setContiguousStrides(out);
  }
  return out;
}

/** A fresh tensor with the shape to which the operands broadcast, or null with the status set. */
function broadcastResult(a: Tensor, b: Tensor, dtype: i32): Tensor {
  if (sameShape(a, b)) return newLike(a, dtype);
  broadcastStart(a);
  if (!broadcastWith(b)) return changetype<Tensor>(0);
  return broadcastIs(a) ? newLike(a, dtype) : broadcastTensor(dtype);
}

/** Whether `b` may be combined into `a` in place; sets the status if not. */
export function fitsInPlace(a: Tensor, b: Tensor): bool {
  if (b.ndim == 0) return true;
  broadcastStart(a);
  if (!broadcastWith(b)) return false;
  if (broadcastIs(a)) return true;
  fail(Status.InPlaceShape);
  return false;
}

// @ts-ignore: decorator
@inline function supported(n: Node): bool {
  const a = n.input(0).dtype;
  const b = n.input(1).dtype;
  const op = <i32>n.op;
  const logic = op >= Op.And && op <= Op.Xor;
  if (a == b) {
    if (a == DType.Float32 && (op < Op.And || op > Op.ShiftRight)) return true;
    if (a == DType.Int32 && op <= Op.ShiftRight) return !dividesIntegers(op) || noZero(n.input(1));
    if (a == DType.Bool && logic) return true;
  }
  fail(Status.DTypes, a, b);
  return false;
}

// @ts-ignore: decorator
@inline function dividesIntegers(op: i32): bool {
  return op >= Op.FloorDivide && op <= Op.Fmod;
}

/** Integers have no infinity to divide by 0 into. */
function noZero(divisor: Tensor): bool {
  rowsStart(divisor);
  if (!rowsReady()) return true;
  do {
    if (!i32_any_zero(rowPtr(0), rowStride(0), rowLength())) continue;
    fail(Status.ZeroDivision);
    return false;
  } while (rowsNext());
  return true;
}

/** supported, for elements that may have changed. */
export function divisorFits(n: Node): bool {
  return noZero(n.input(1));
}

// @ts-ignore: decorator
@inline export function binaryInfer(n: Node): Tensor {
  if (!supported(n)) return changetype<Tensor>(0);
  return broadcastResult(n.input(0), n.input(1), n.input(0).dtype);
}

export function binaryInferInPlace(n: Node): bool {
  return supported(n) && fitsInPlace(n.input(0), n.input(1));
}

// @ts-ignore: decorator
@inline export function binaryForward(n: Node): void {
  zip(n.op, n.input(0), n.input(1), n.output(), n.s0, n.s1);
}

/** One input is compared with a number. */
export function compareInfer(n: Node): Tensor {
  const a = n.input(0);
  if (n.inputCount == 1 && a.dtype != DType.Bool) return newLike(a, DType.Bool);
  const b = n.input(n.inputCount - 1);
  if (a.dtype != b.dtype || a.dtype == DType.Bool) return changetype<Tensor>(fail(Status.DTypes, a.dtype, b.dtype));
  return broadcastResult(a, b, DType.Bool);
}

export function compareForward(n: Node): void {
  if (n.inputCount == 1) map(n.op, n.input(0), n.output(), n.s0, 0);
  else zip(n.op, n.input(0), n.input(1), n.output(), 0, 0);
}

// @ts-ignore: decorator
@inline export function addBackward(n: Node, g: Tensor): void {
  if (wants(n, 0)) giveShared(n, 0, g);
  if (wants(n, 1)) giveShared(n, 1, g);
}

export function subBackward(n: Node, g: Tensor): void {
  if (wants(n, 0)) giveShared(n, 0, g);
  if (wants(n, 1)) give(n, 1, heapMap(Op.Neg, g));
}

// @ts-ignore: decorator
@inline export function mulBackward(n: Node, g: Tensor): void {
  if (wants(n, 0)) give(n, 0, heapZip(Op.Mul, g, n.input(1)));
  if (wants(n, 1)) give(n, 1, heapZip(Op.Mul, g, n.input(0)));
}

/** d(a/b)/db = -(a/b)/b; the quotient is computed again, as only the operands count as saved. */
export function divBackward(n: Node, g: Tensor): void {
  const b = n.input(1);
  if (wants(n, 0)) give(n, 0, heapZip(Op.Div, g, b));
  if (!wants(n, 1)) return;
  const quotient = newHeapLike(g);
  if (!changetype<usize>(quotient)) {
    give(n, 1, quotient);
    return;
  }
  zip(Op.Div, n.input(0), b, quotient, 0, 0);
  const gradient = heapZip3(Rule.DivGradB, g, b, quotient);
  release(quotient);
  give(n, 1, gradient);
}

export function powBackward(n: Node, g: Tensor): void {
  if (wants(n, 0)) give(n, 0, heapZip3(Rule.PowGradBase, g, n.input(0), n.input(1)));
  if (wants(n, 1)) give(n, 1, heapZip3(Rule.PowGradExponent, g, n.input(0), n.output()));
}

/** Ties share the gradient equally. */
export function extremumBackward(n: Node, g: Tensor): void {
  const isMaximum = <i32>n.op == Op.Maximum;
  const a = n.input(0);
  const b = n.input(1);
  if (wants(n, 0)) give(n, 0, heapZip3(isMaximum ? Rule.MaximumGradA : Rule.MinimumGradA, g, a, b));
  if (wants(n, 1)) give(n, 1, heapZip3(isMaximum ? Rule.MaximumGradB : Rule.MinimumGradB, g, a, b));
}
