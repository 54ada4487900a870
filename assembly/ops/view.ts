/**
 * Views: another shape on the same memory. The bindings work out sizes, strides and offset and pass them as the list
 * [ndim, offset, sizes ..., strides ..., more ...]; the core makes the record. What else backward needs follows in the list.
 */
import { TensorFlag } from "../abi/layout";
import { Op } from "../abi/op";
import { copyInto, heapContiguous, heapFill, heapReshape } from "../tensor/convert";
import { gradModeOn, Node } from "../tape/node";
import { give, giveShared } from "../tape/gradient";
import { inferenceOn, itemBytes, newHeapView, newView, release, Tensor, updateContiguous } from "../tensor/record";

export function viewInfer(n: Node): Tensor {
  const a = n.input(0);
  const ndim = n.list(0);
  let numel = 1;
  for (let dim = 0; dim < ndim; dim++) numel *= n.list(2 + dim);
  const data = a.data + n.list(1) * <i32>itemBytes(a.dtype);
  const view = newView(a, ndim, numel, data);
  if (!changetype<usize>(view)) return view;
  for (let dim = 0; dim < ndim; dim++) {
    view.setSize(dim, n.list(2 + dim));
    view.setStride(dim, n.list(2 + ndim + dim));
  }
  updateContiguous(view);
  if (<i32>n.op == Op.Detach) return view;
  // A leaf that requires grad is where gradients end, view or not: it must not be written behind its back.
  const isLeaf = a.has(TensorFlag.RequiresGrad) && !a.node && !a.has(TensorFlag.GraphFreed);
  const base = a.has(TensorFlag.View) && !isLeaf ? changetype<Tensor>(a.base) : a;
  view.base = changetype<usize>(base);
  view.rewrites = base.rewrites;
  view.set(TensorFlag.View | (a.flags & (TensorFlag.MultiView | TensorFlag.NoGradView | TensorFlag.CustomView)));
  if (!gradModeOn()) view.set(inferenceOn() ? TensorFlag.NoGradView | TensorFlag.CustomView : TensorFlag.NoGradView);
  return view;
}

/** Attribute after sizes and strides. */
// @ts-ignore: decorator
@inline export function extra(n: Node, i: i32): i32 {
  return n.list(2 + 2 * n.list(0) + i);
}

/** Same elements in the same order. */
export function viewBackward(n: Node, g: Tensor): void {
  const dense = heapContiguous(g);
  if (!changetype<usize>(dense)) {
    give(n, 0, dense);
    return;
  }
  const shaped = heapReshape(dense, n.input(0));
  release(dense);
  give(n, 0, shaped);
}

/** Extra attributes: the permutation; dimension i of the view is dimension extra(i) of the input. */
export function permuteBackward(n: Node, g: Tensor): void {
  const view = newHeapView(g, g.ndim, g.numel, g.data);
  if (changetype<usize>(view)) {
    for (let dim = 0; dim < <i32>g.ndim; dim++) {
      const own = extra(n, dim);
      view.setSize(own, g.size(dim));
      view.setStride(own, g.stride(dim));
    }
    updateContiguous(view);
  }
  give(n, 0, view);
}

/** `give` sums over what was stretched. */
export function expandBackward(n: Node, g: Tensor): void {
  giveShared(n, 0, g);
}

/**
 * select, narrow and slices: the gradient lies in zeros where the view lay in its input. Extra attributes: dimension,
 * start, step, and whether the dimension went away (select).
 */
export function sliceBackward(n: Node, g: Tensor): void {
  const a = n.input(0);
  const out = heapFill(a, 0);
  if (!changetype<usize>(out)) {
    give(n, 0, out);
    return;
  }
  const dim = extra(n, 0);
  const start = extra(n, 1);
  const step = extra(n, 2);
  const removed = extra(n, 3) != 0;
  const window = newHeapView(out, g.ndim, g.numel, out.data + ((start * out.stride(dim)) << 2));
  if (!changetype<usize>(window)) {
    release(out);
    give(n, 0, window);
    return;
  }
  let at = 0;
  for (let i = 0; i < <i32>a.ndim; i++) {
    if (i == dim && removed) continue;
    window.setSize(at, g.size(at));
    window.setStride(at++, i == dim ? out.stride(i) * step : out.stride(i));
  }
  updateContiguous(window);
  copyInto(g, window);
  release(window);
  give(n, 0, out);
}
