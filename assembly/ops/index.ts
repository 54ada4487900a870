/**
 * Reading at integer positions along a dimension (integer attribute 0). Operands are made dense; the bindings have checked
 * ranks and shapes; the core checks dtype and range of the indices.
 */
import { Combine } from "../abi/combine";
import { DType } from "../abi/dtype";
import { Op } from "../abi/op";
import { Status } from "../abi/status";
import { gather32, gather8, i32_in_range, index_select32, index_select8 } from "../kernels/index/index";
import { fail } from "../memory/args";
import { give } from "../tape/gradient";
import { Node } from "../tape/node";
import { heapContiguous, heapFill } from "../tensor/convert";
import {
  copySizes, itemBytes, newHeapView, newLike, newTensor, release, setContiguousStrides, Tensor, updateContiguous,
} from "../tensor/record";
import { combineAt } from "./scatter";

/** A tensor seen along a dimension: [outer, size, inner]. */
export let outer: i32 = 1;
export let size: i32 = 1;
export let inner: i32 = 1;

export function measure(t: Tensor, dim: i32): void {
  outer = size = inner = 1;
  for (let i = 0; i < <i32>t.ndim; i++) {
    if (i < dim) outer *= t.size(i);
    else if (i == dim) size = t.size(i);
    else inner *= t.size(i);
  }
}

// @ts-ignore: decorator
@inline export function sizeAt(t: Tensor, dim: i32): i32 {
  return t.ndim ? t.size(dim) : 1;
}

/** Sets the status and returns false unless the index is int32 and counts along dimension `dim` of `t`. */
export function isIndexOf(index: Tensor, t: Tensor, dim: i32): bool {
  if (index.dtype != DType.Int32) {
    fail(Status.DTypes, index.dtype, DType.Int32);
    return false;
  }
  const dense = heapContiguous(index);
  if (!changetype<usize>(dense)) return false;
  const limit = sizeAt(t, dim);
  const bad = i32_in_range(dense.data, dense.numel, 0, limit);
  if (bad >= 0) fail(Status.IndexRange, load<i32>(dense.data + (<usize>bad << 2)), bad, limit);
  release(dense);
  return bad < 0;
}

/** gather(input, dim, index); index_select(input, dim, index). */
export function gatherInfer(n: Node): Tensor {
  const a = n.input(0);
  const index = n.input(1);
  const dim = n.int(0);
  if (!isIndexOf(index, a, dim)) return changetype<Tensor>(0);
  if (<i32>n.op == Op.Gather) return newLike(index, a.dtype);
  let numel: i64 = index.numel;
  for (let d = 0; d < <i32>a.ndim; d++) if (d != dim) numel *= a.size(d);
  if (numel > i32.MAX_VALUE / 4) return changetype<Tensor>(fail(Status.OutOfMemory, i32.MAX_VALUE));
  const out = newTensor(a.dtype, a.ndim, <i32>numel);
  if (!changetype<usize>(out)) return out;
  copySizes(a, out);
  if (a.ndim) out.setSize(dim, index.numel);
  setContiguousStrides(out);
  return out;
}

/** A counted view of the part of `t` that an index reaches: its sizes, but for one dimension, if any. */
export function reached(t: Tensor, index: Tensor, dim: i32): Tensor {
  let numel = 1;
  for (let d = 0; d < <i32>t.ndim; d++) numel *= d == dim ? t.size(d) : index.size(d);
  const view = newHeapView(t, t.ndim, numel, t.data);
  if (!changetype<usize>(view)) return view;
  for (let d = 0; d < <i32>t.ndim; d++) {
    view.setSize(d, d == dim ? t.size(d) : index.size(d));
    view.setStride(d, t.stride(d));
  }
  updateContiguous(view);
  return view;
}

/** The same, dense. */
export function denseReached(t: Tensor, index: Tensor, dim: i32): Tensor {
  const view = reached(t, index, dim);
  if (!changetype<usize>(view)) return view;
  const dense = heapContiguous(view);
  release(view);
  return dense;
}

/** out = a at the index; false if there is no memory for dense operands. */
export function readAt(a: Tensor, index: Tensor, dim: i32, each: bool, out: Tensor): bool {
  const from = each ? denseReached(a, index, dim) : heapContiguous(a);
  const idx = heapContiguous(index);
  const ok = changetype<usize>(from) != 0 && changetype<usize>(idx) != 0;
  if (ok) {
    measure(from, dim);
    const wide = itemBytes(from.dtype) == 4;
    if (each) {
      const count = sizeAt(idx, dim);
      if (wide) gather32(from.data, outer, size, inner, idx.data, count, out.data);
      else gather8(from.data, outer, size, inner, idx.data, count, out.data);
    } else if (wide) {
      index_select32(from.data, outer, size, inner, idx.data, idx.numel, out.data);
    } else {
      index_select8(from.data, outer, size, inner, idx.data, idx.numel, out.data);
    }
  }
  if (changetype<usize>(from)) release(from);
  if (changetype<usize>(idx)) release(idx);
  return ok;
}

export function gatherForward(n: Node): bool {
  return readAt(n.input(0), n.input(1), n.int(0), <i32>n.op == Op.Gather, n.output());
}

export function gatherBackward(n: Node, g: Tensor): void {
  const out = heapFill(n.input(0), 0);
  if (changetype<usize>(out) && !combineAt(out, n.input(1), g, n.int(0), <i32>n.op == Op.Gather, Combine.Add)) {
    release(out);
    give(n, 0, changetype<Tensor>(0));
    return;
  }
  give(n, 0, out);
}
