/**
 * Elements picked out of dense memory by sizes, strides and an offset, and laid there: list [ndim, offset, sizes ...,
 * strides ..., more ...] as in ops/view.ts. AsStrided shows them, Embed lays them into a tensor of one number, and
 * AsStridedScatter into another tensor; each is what the others' derivatives are made of.
 */
import { DType } from "../abi/dtype";
import { TensorFlag } from "../abi/layout";
import { Status } from "../abi/status";
import { fail } from "../memory/args";
import { give, wants } from "../tape/gradient";
import { Node } from "../tape/node";
import { copyInto, fillInto, heapClone, heapContiguous, heapFill } from "../tensor/convert";
import {
  itemBytes, newHeapTensor, newHeapView, newLike, newTensor, release, setContiguousStrides, Tensor, updateContiguous,
} from "../tensor/record";
import { extra } from "./view";

/** A counted view of the picked elements of `t`. */
function windowOf(n: Node, t: Tensor): Tensor {
  const ndim = n.list(0);
  let numel = 1;
  for (let dim = 0; dim < ndim; dim++) numel *= n.list(2 + dim);
  const view = newHeapView(t, ndim, numel, t.data + n.list(1) * <i32>itemBytes(t.dtype));
  if (!changetype<usize>(view)) return view;
  for (let dim = 0; dim < ndim; dim++) {
    view.setSize(dim, n.list(2 + dim));
    view.setStride(dim, n.list(2 + ndim + dim));
  }
  updateContiguous(view);
  return view;
}

/** Copies `a` to its place in `out`; false if there is no memory for the view. */
function lay(n: Node, a: Tensor, out: Tensor): bool {
  const view = windowOf(n, out);
  if (!changetype<usize>(view)) return false;
  copyInto(a, view);
  release(view);
  return true;
}

/** Zeros like input 0 with `g` in its place, given to it. */
function giveLaid(n: Node, g: Tensor): void {
  let whole = heapFill(n.input(0), 0);
  if (changetype<usize>(whole) && !lay(n, g, whole)) {
    release(whole);
    whole = changetype<Tensor>(0);
  }
  give(n, 0, whole);
}

/** Bit pattern of a number as an element. */
export function bitsOf(value: f64, dtype: i32): i32 {
  if (dtype == DType.Float32) return reinterpret<i32>(<f32>value);
  return dtype == DType.Int32 ? <i32>value : i32(value != 0);
}

/**
 * Whether every picked element lies in 0 ... numel - 1 and none is picked twice. Enough for the latter: each stride
 * reaches beyond all that the smaller ones span.
 */
function isInjective(n: Node, numel: i32): bool {
  const ndim = n.list(0);
  let last: i64 = n.list(1);
  if (last < 0) return false;
  for (let dim = 0; dim < ndim; dim++) {
    const size = n.list(2 + dim);
    if (size < 2) continue;
    const stride = n.list(2 + ndim + dim);
    let span: i64 = 0;
    for (let other = 0; other < ndim; other++) {
      const s = n.list(2 + ndim + other);
      if (other != dim && n.list(2 + other) > 1 && s <= stride) span += <i64>s * (n.list(2 + other) - 1);
    }
    if (<i64>stride <= span) return false;
    last += <i64>stride * (size - 1);
  }
  return last < numel;
}

/** Elements that are shown twice, or lie elsewhere in the storage, are left to the bindings: false. */
export function asStridedBackward(n: Node, g: Tensor): bool {
  const a = n.input(0);
  if (!a.has(TensorFlag.Contiguous) || !isInjective(n, a.numel)) return false;
  giveLaid(n, g);
  return true;
}

/** The sizes of the result are extra attributes: their number, then they. The rest is filled with s0. */
export function embedInfer(n: Node): Tensor {
  const ndim = extra(n, 0);
  let numel: i64 = 1;
  for (let dim = 0; dim < ndim; dim++) numel *= extra(n, 1 + dim);
  if (numel > i32.MAX_VALUE / 4) return changetype<Tensor>(fail(Status.OutOfMemory, i32.MAX_VALUE));
  const out = newTensor(n.input(0).dtype, ndim, <i32>numel);
  if (!changetype<usize>(out)) return out;
  for (let dim = 0; dim < ndim; dim++) out.setSize(dim, extra(n, 1 + dim));
  setContiguousStrides(out);
  return out;
}

export function embedForward(n: Node): bool {
  const out = n.output();
  fillInto(out, bitsOf(n.s0, out.dtype));
  return lay(n, n.input(0), out);
}

export function embedBackward(n: Node, g: Tensor): void {
  const dense = heapContiguous(g);
  const view = changetype<usize>(dense) ? windowOf(n, dense) : dense;
  if (changetype<usize>(dense)) release(dense);
  give(n, 0, view);
}

/** Input 1 takes the place of the picked elements of input 0. In place, this is how a view is written. */
export function scatterViewInfer(n: Node): Tensor {
  const a = n.input(0);
  if (a.dtype != n.input(1).dtype) return changetype<Tensor>(fail(Status.DTypes, a.dtype, n.input(1).dtype));
  return newLike(a, a.dtype);
}

export function scatterViewForward(n: Node): bool {
  const out = n.output();
  if (n.input(0).data != out.data) copyInto(n.input(0), out);
  return lay(n, n.input(1), out);
}

/** The strides are those of the result, so the gradient is laid out like it before it is cut up. */
export function scatterViewBackward(n: Node, g: Tensor): void {
  const whole = likeOutput(g, n.output());
  const view = changetype<usize>(whole) ? windowOf(n, whole) : whole;
  if (!changetype<usize>(view)) {
    if (changetype<usize>(whole)) release(whole);
    give(n, 0, view);
    return;
  }
  if (wants(n, 1)) give(n, 1, heapClone(view));
  if (wants(n, 0)) {
    fillInto(view, 0);
    whole.refs++;
    give(n, 0, whole);
  }
  release(view);
  release(whole);
}

/** A copy of `g` with the strides of `out`, which has gaps if it came from a view by detach. */
function likeOutput(g: Tensor, out: Tensor): Tensor {
  if (out.has(TensorFlag.Contiguous)) return heapClone(g);
  let span = 1;
  for (let dim = 0; dim < <i32>out.ndim; dim++) span += (out.size(dim) - 1) * out.stride(dim);
  const room = newHeapTensor(DType.Float32, 1, span);
  if (!changetype<usize>(room)) return room;
  const copy = newHeapView(room, out.ndim, out.numel, room.data);
  release(room);
  if (!changetype<usize>(copy)) return copy;
  for (let dim = 0; dim < <i32>out.ndim; dim++) {
    copy.setSize(dim, out.size(dim));
    copy.setStride(dim, out.stride(dim));
  }
  copyInto(g, copy);
  return copy;
}
