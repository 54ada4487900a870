/** Copies, fills, and joining tensors. */
import { Status } from "../abi/status";
import { fail } from "../memory/args";
import { give, giveShared, wants } from "../tape/gradient";
import { Node } from "../tape/node";
import { copyInto, fillInto, heapFill } from "../tensor/convert";
import {
  copySizes, itemBytes, newHeapLike, newHeapView, newLike, newTensor, release, setContiguousStrides, Tensor, updateContiguous,
} from "../tensor/record";
import { fitsInPlace } from "./binary";
import { bitsOf } from "./strided";
import { castInto } from "./where";

export function cloneInfer(n: Node): Tensor {
  return newLike(n.input(0), n.input(0).dtype);
}

export function cloneForward(n: Node): void {
  copyInto(n.input(0), n.output());
}

export function cloneBackward(n: Node, g: Tensor): void {
  giveShared(n, 0, g);
}

/** copy_: input 0 takes the elements of input 1, which may be smaller and of another dtype. */
export function copyInferInPlace(n: Node): bool {
  return fitsInPlace(n.input(0), n.input(1));
}

export function copyForward(n: Node): void {
  const source = n.input(1);
  const target = n.output();
  if (source.dtype == target.dtype) copyInto(source, target);
  else castInto(source, target);
}

/** What was overwritten gets zeros, the source gets everything. */
export function copyBackward(n: Node, g: Tensor): void {
  if (wants(n, 0)) give(n, 0, heapFill(n.input(0), 0));
  if (wants(n, 1)) giveShared(n, 1, g);
}

/** fill_ with a number (attribute s0). */
export function fillForward(n: Node): void {
  fillInto(n.output(), bitsOf(n.s0, n.output().dtype));
}

export function fillBackward(n: Node): void {
  give(n, 0, heapFill(n.input(0), 0));
}

/** The order along some dimensions reversed: list [count, dimensions ...]. A copy, as strides may not be negative. */
export function flipForward(n: Node): bool {
  return flipInto(n, n.input(0), n.output());
}

function flipInto(n: Node, a: Tensor, out: Tensor): bool {
  const view = newHeapView(a, a.ndim, a.numel, a.data);
  if (!changetype<usize>(view)) return false;
  for (let d = 0; d < <i32>a.ndim; d++) {
    view.setSize(d, a.size(d));
    view.setStride(d, a.stride(d));
  }
  for (let i = 0; i < n.list(0); i++) {
    const d = n.list(1 + i);
    view.data += (a.size(d) - 1) * a.stride(d) * <i32>itemBytes(a.dtype);
    view.setStride(d, -a.stride(d));
  }
  updateContiguous(view);
  copyInto(view, out);
  release(view);
  return true;
}

export function flipBackward(n: Node, g: Tensor): void {
  let out = newHeapLike(g);
  if (changetype<usize>(out) && !flipInto(n, g, out)) {
    release(out);
    out = changetype<Tensor>(0);
  }
  give(n, 0, out);
}

/** Joins along a dimension: integer attribute 0. Inputs of shape [0] are skipped, as PyTorch's are. */
export function catInfer(n: Node): Tensor {
  const dim = n.int(0);
  let first = changetype<Tensor>(0);
  let total: i64 = 0;
  for (let i = 0; i < catCount(n); i++) {
    const t = n.input(i);
    if (isSkipped(t)) continue;
    if (!changetype<usize>(first)) first = t;
    if (t.dtype != first.dtype) return changetype<Tensor>(fail(Status.DTypes, t.dtype, first.dtype));
    if (t.ndim != first.ndim) return changetype<Tensor>(fail(Status.Rank, t.ndim, first.ndim, i));
    for (let d = 0; d < <i32>t.ndim; d++) {
      if (d != dim && t.size(d) != first.size(d)) {
        return changetype<Tensor>(fail(Status.SizeMismatch, t.size(d), first.size(d), i, d));
      }
    }
    total += t.size(dim);
  }
  if (!changetype<usize>(first)) return newLike(n.input(0), n.input(0).dtype);
  let numel = total;
  for (let d = 0; d < <i32>first.ndim; d++) if (d != dim) numel *= first.size(d);
  if (numel > i32.MAX_VALUE) return changetype<Tensor>(fail(Status.OutOfMemory, i32.MAX_VALUE));
  const out = newTensor(first.dtype, first.ndim, <i32>numel);
  if (!changetype<usize>(out)) return out;
  copySizes(first, out);
  out.setSize(dim, <i32>total);
  setContiguousStrides(out);
  return out;
}

// @ts-ignore: decorator
@inline function catCount(n: Node): i32 {
  return <i32>n.inputCount;
}

function isSkipped(t: Tensor): bool {
  return t.ndim == 1 && t.numel == 0;
}

/** A counted view of `whole` that shows the part which input `t` fills, `start` along the dimension. */
function partOf(whole: Tensor, t: Tensor, dim: i32, start: i32): Tensor {
  const offset = start * whole.stride(dim) * <i32>itemBytes(whole.dtype);
  const view = newHeapView(whole, t.ndim, t.numel, whole.data + offset);
  if (!changetype<usize>(view)) return view;
  for (let d = 0; d < <i32>t.ndim; d++) {
    view.setSize(d, t.size(d));
    view.setStride(d, whole.stride(d));
  }
  updateContiguous(view);
  return view;
}

export function catForward(n: Node): bool {
  const dim = n.int(0);
  let start = 0;
  for (let i = 0; i < catCount(n); i++) {
    const t = n.input(i);
    if (isSkipped(t)) continue;
    const part = partOf(n.output(), t, dim, start);
    if (!changetype<usize>(part)) return false;
    copyInto(t, part);
    release(part);
    start += t.size(dim);
  }
  return true;
}

export function catBackward(n: Node, g: Tensor): void {
  const dim = n.int(0);
  let start = 0;
  for (let i = 0; i < catCount(n); i++) {
    const t = n.input(i);
    if (isSkipped(t)) {
      if (wants(n, i)) give(n, i, heapFill(t, 0));
      continue;
    }
    if (wants(n, i)) give(n, i, partOf(g, t, dim, start));
    start += t.size(dim);
  }
}
