/** Dense copies, expanded views and sums over broadcast dimensions of heap tensors: what gradients need on their way. */
import { DType } from "../abi/dtype";
import { TensorFlag } from "../abi/layout";
import { copy32, copy8, fill32, fill8 } from "../kernels/elementwise/convert";
import { copy2d_32 } from "../kernels/transpose";
import { sum } from "../parallel/reduce";
import { Step } from "../abi/program";
import { log, logging, logSum } from "../program/log";
import {
  copySizes, itemBytes, newHeapLike, newHeapTensor, newHeapView, release, sameShape, setContiguousStrides, Tensor,
  updateContiguous,
} from "./record";
import { rowLength, rowPtr, rowsAdd, rowsNext, rowsReady, rowsStart, rowStride } from "./rows";

/** out = a, element by element; both have the same dtype, `a` broadcasts to `out`. */
export function copyInto(a: Tensor, out: Tensor): void {
  const n = out.numel;
  // An empty view may begin anywhere, and memory.copy refuses addresses beyond memory even for no bytes.
  if (n == 0) return;
  if (logging) log(Step.Copy, 0, changetype<usize>(a), 0, 0, changetype<usize>(out));
  if (a.flags & out.flags & TensorFlag.Contiguous && a.numel == n) {
    memory.copy(out.data, a.data, <usize>n * itemBytes(a.dtype));
    return;
  }
  const wide = itemBytes(a.dtype) == 4;
  if (wide && isTransposed(a, out)) {
    copy2d_32(a.data, a.stride(0), a.stride(1), out.data, out.size(1), out.size(0), out.size(1));
    return;
  }
  rowsStart(out);
  rowsAdd(1, a);
  if (!rowsReady()) return;
  if (wide) {
    do copy32(rowPtr(1), rowStride(1), rowPtr(0), rowStride(0), rowLength());
    while (rowsNext());
  } else {
    do copy8(rowPtr(1), rowStride(1), rowPtr(0), rowStride(0), rowLength());
    while (rowsNext());
  }
}

/** A matrix whose columns are dense goes through 4x4 shuffles. */
function isTransposed(a: Tensor, out: Tensor): bool {
  return a.ndim == 2 && out.ndim == 2 && a.numel == out.numel && a.stride(0) == 1 && out.has(TensorFlag.Contiguous);
}

/** Fills a tensor of any layout with one bit pattern. */
export function fillInto(out: Tensor, bits: i32): void {
  if (logging) log(Step.Fill, 0, 0, 0, 0, changetype<usize>(out), bits);
  rowsStart(out);
  if (!rowsReady()) return;
  if (itemBytes(out.dtype) == 4) {
    do fill32(rowPtr(0), rowStride(0), rowLength(), bits);
    while (rowsNext());
  } else {
    do fill8(rowPtr(0), rowStride(0), rowLength(), bits);
    while (rowsNext());
  }
}

/** A row-major tensor with the elements of `a`: `a` itself, counted once more, if it is dense. */
export function heapContiguous(a: Tensor): Tensor {
  if (a.flags & TensorFlag.Contiguous) {
    a.refs++;
    return a;
  }
  return heapClone(a);
}

export function heapClone(a: Tensor): Tensor {
  const out = newHeapLike(a);
  if (changetype<usize>(out)) copyInto(a, out);
  return out;
}

export function heapFill(like: Tensor, bits: i32): Tensor {
  const out = newHeapLike(like);
  if (changetype<usize>(out)) fillInto(out, bits);
  return out;
}

/** A heap view of `g` with the shape of `like`; same elements in the same order, `g` is dense. */
export function heapReshape(g: Tensor, like: Tensor): Tensor {
  const view = newHeapView(g, like.ndim, g.numel, g.data);
  if (!changetype<usize>(view)) return view;
  copySizes(like, view);
  setContiguousStrides(view);
  view.set(TensorFlag.Contiguous);
  return view;
}

/** A heap view of `g` stretched to the shape of `like`. */
export function heapExpand(g: Tensor, like: Tensor): Tensor {
  const view = newHeapView(g, like.ndim, like.numel, g.data);
  if (!changetype<usize>(view)) return view;
  const missing = <i32>like.ndim - <i32>g.ndim;
  for (let dim = 0; dim < <i32>like.ndim; dim++) {
    const own = dim - missing;
    view.setSize(dim, like.size(dim));
    view.setStride(dim, own < 0 || g.size(own) == 1 ? 0 : g.stride(own));
  }
  updateContiguous(view);
  return view;
}

/**
 * Undoes broadcasting: the sum of `g` over the dimensions in which `like` was stretched, with the shape of `like`.
 * Takes over the reference to `g`.
 */
export function sumTo(g: Tensor, like: Tensor): Tensor {
  if (sameShape(g, like)) return g;
  let dense = heapContiguous(g);
  release(g);
  if (!changetype<usize>(dense)) return dense;
  const missing = <i32>dense.ndim - <i32>like.ndim;
  // Runs of neighbouring stretched dimensions are summed at once; the record keeps its rank until the end.
  let dim = 0;
  while (dim < <i32>dense.ndim) {
    if (!stretched(dense, like, dim, missing)) {
      dim++;
      continue;
    }
    let k = 1;
    let end = dim;
    while (end < <i32>dense.ndim && stretched(dense, like, end, missing)) k *= dense.size(end++);
    const summed = sumRun(dense, dim, end, k);
    release(dense);
    if (!changetype<usize>(summed)) return summed;
    dense = summed;
    dim = end;
  }
  const shaped = heapReshape(dense, like);
  release(dense);
  return shaped;
}

// @ts-ignore: decorator
@inline function stretched(g: Tensor, like: Tensor, dim: i32, missing: i32): bool {
  return dim < missing || like.size(dim - missing) != g.size(dim);
}

function sumRun(a: Tensor, from: i32, to: i32, k: i32): Tensor {
  let outer = 1;
  let inner = 1;
  for (let dim = 0; dim < from; dim++) outer *= a.size(dim);
  for (let dim = to; dim < <i32>a.ndim; dim++) inner *= a.size(dim);
  const out = newHeapTensor(DType.Float32, a.ndim, outer * inner);
  if (!changetype<usize>(out)) return out;
  for (let dim = 0; dim < <i32>a.ndim; dim++) out.setSize(dim, dim >= from && dim < to ? 1 : a.size(dim));
  setContiguousStrides(out);
  if (logging) logSum(a, outer, k, inner, out);
  sum(a.data, outer, k, inner, out.data);
  return out;
}

