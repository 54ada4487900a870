/**
 * Reductions over some dimensions. Attributes: [keepdim, count, dim ...], dims ascending; the bindings have checked
 * them. Kernels want their operand dense and the reduced dimensions side by side: [outer, k, inner].
 */
import { DType } from "../abi/dtype";
import { Op } from "../abi/op";
import { Status } from "../abi/status";
import {
  f32_amax, f32_amin, f32_argmax, f32_argmin, f32_prod, i32_amax, i32_amin, i32_argmax, i32_argmin, i32_prod,
  i32_sum, u8_all, u8_any,
} from "../kernels/reduce";
import { fail } from "../memory/args";
import { reduce, sum } from "../parallel/reduce";
import { give } from "../tape/gradient";
import { Node } from "../tape/node";
import { copyInto, heapContiguous, heapExpand } from "../tensor/convert";
import { newHeapTensor, newHeapView, newTensor, release, setContiguousStrides, Tensor } from "../tensor/record";
import { heapMap } from "./pointwise";
import { statistic } from "./statistics";

let outer: i32 = 1;
let k: i32 = 1;
let inner: i32 = 1;

// @ts-ignore: decorator
@inline function keepdim(n: Node): bool {
  return n.list(0) != 0;
}

// @ts-ignore: decorator
@inline function dimCount(n: Node): i32 {
  return n.list(1);
}

function isReduced(n: Node, dim: i32): bool {
  for (let i = 0, count = dimCount(n); i < count; i++) if (n.list(2 + i) == dim) return true;
  return false;
}

/** Number of elements that go into one result. */
export function reducedCount(n: Node): i32 {
  const a = n.input(0);
  let product = 1;
  for (let i = 0, count = dimCount(n); i < count; i++) product *= a.size(n.list(2 + i));
  return product;
}

/** The first reduced dimension without elements. */
export function emptyDim(n: Node): i32 {
  for (let i = 0, count = dimCount(n); i < count; i++) if (n.input(0).size(n.list(2 + i)) == 0) return n.list(2 + i);
  return 0;
}

export function outputShape(n: Node, dtype: i32): Tensor {
  const a = n.input(0);
  const keep = keepdim(n);
  let numel = 1;
  for (let dim = 0; dim < <i32>a.ndim; dim++) if (!isReduced(n, dim)) numel *= a.size(dim);
  const out = newTensor(dtype, keep ? <i32>a.ndim : <i32>a.ndim - dimCount(n), numel);
  if (!changetype<usize>(out)) return out;
  let at = 0;
  for (let dim = 0; dim < <i32>a.ndim; dim++) {
    const reduced = isReduced(n, dim);
    if (!reduced) out.setSize(at++, a.size(dim));
    else if (keep) out.setSize(at++, 1);
  }
  setContiguousStrides(out);
  return out;
}

/** The dtype of the result; -1 if the operation does not take the operand's. */
function resultDType(op: i32, dtype: i32): i32 {
  switch (op) {
    case Op.Any:
    case Op.All: return dtype == DType.Bool ? dtype : -1;
    case Op.ArgMax:
    case Op.ArgMin: return dtype == DType.Bool ? -1 : <i32>DType.Int32;
    case Op.Sum:
    case Op.Prod:
    case Op.Amax:
    case Op.Amin:
    case Op.MedianAll: return dtype == DType.Bool ? -1 : dtype;
    default: return dtype == DType.Float32 ? dtype : -1;
  }
}

export function reduceInfer(n: Node): Tensor {
  const a = n.input(0);
  const op = <i32>n.op;
  const dtype = resultDType(op, a.dtype);
  if (dtype < 0) return changetype<Tensor>(fail(Status.DTypes, a.dtype, a.dtype));
  const hasNone = op >= Op.Amax && op <= Op.ArgMin;
  if (hasNone && reducedCount(n) == 0) return changetype<Tensor>(fail(Status.EmptyReduction, emptyDim(n)));
  return outputShape(n, dtype);
}

/**
 * The operand as [outer, k, inner]: itself where the reduced dimensions are neighbours, else a copy with them moved to
 * the end. Counted; null if there is no memory.
 */
function gathered(n: Node): Tensor {
  const a = n.input(0);
  const count = dimCount(n);
  const first = count ? n.list(2) : 0;
  outer = k = inner = 1;
  if (count == 0 || n.list(1 + count) - first == count - 1) {
    for (let dim = 0; dim < <i32>a.ndim; dim++) {
      if (dim < first) outer *= a.size(dim);
      else if (dim < first + count) k *= a.size(dim);
      else inner *= a.size(dim);
    }
    return heapContiguous(a);
  }
  const view = newHeapView(a, a.ndim, a.numel, a.data);
  if (!changetype<usize>(view)) return view;
  let at = 0;
  for (let pass = 0; pass < 2; pass++) {
    for (let dim = 0; dim < <i32>a.ndim; dim++) {
      const reduced = isReduced(n, dim);
      if (reduced != (pass == 1)) continue;
      view.setSize(at, a.size(dim));
      view.setStride(at++, a.stride(dim));
      if (reduced) k *= a.size(dim);
      else outer *= a.size(dim);
    }
  }
  const dense = newHeapTensor(a.dtype, a.ndim, a.numel);
  if (changetype<usize>(dense)) {
    for (let dim = 0; dim < <i32>a.ndim; dim++) dense.setSize(dim, view.size(dim));
    setContiguousStrides(dense);
    copyInto(view, dense);
  }
  release(view);
  return dense;
}

/** False if there is no memory for a dense copy. */
export function reduceForward(n: Node): bool {
  const a = gathered(n);
  if (!changetype<usize>(a)) return false;
  let done = true;
  if (<i32>n.op >= Op.Var) done = statistic(n, a, outer, k, inner);
  else if (a.dtype == DType.Float32) reduceFloats(n, a.data);
  else if (a.dtype == DType.Int32) reduceInts(n, a.data);
  else if (<i32>n.op == Op.Any) reduce(u8_any, a.data, outer, k, inner, n.output().data, 1, 1);
  else reduce(u8_all, a.data, outer, k, inner, n.output().data, 1, 1);
  release(a);
  return done;
}

function reduceFloats(n: Node, p: usize): void {
  const o = n.output().data;
  switch (<i32>n.op) {
    case Op.Sum: sum(p, outer, k, inner, o); break;
    case Op.Mean: {
      sum(p, outer, k, inner, o);
      const count = <f32>k;
      const end = o + (<usize>n.output().numel << 2);
      for (let q = o; q < end; q += 4) store<f32>(q, load<f32>(q) / count);
      break;
    }
    case Op.Prod: reduce(f32_prod, p, outer, k, inner, o); break;
    case Op.Amax: reduce(f32_amax, p, outer, k, inner, o); break;
    case Op.Amin: reduce(f32_amin, p, outer, k, inner, o); break;
    case Op.ArgMax: reduce(f32_argmax, p, outer, k, inner, o); break;
    default: reduce(f32_argmin, p, outer, k, inner, o);
  }
}

function reduceInts(n: Node, p: usize): void {
  const o = n.output().data;
  switch (<i32>n.op) {
    case Op.Sum: reduce(i32_sum, p, outer, k, inner, o); break;
    case Op.Prod: reduce(i32_prod, p, outer, k, inner, o); break;
    case Op.Amax: reduce(i32_amax, p, outer, k, inner, o); break;
    case Op.Amin: reduce(i32_amin, p, outer, k, inner, o); break;
    case Op.ArgMax: reduce(i32_argmax, p, outer, k, inner, o); break;
    default: reduce(i32_argmin, p, outer, k, inner, o);
  }
}

/** `g` with the reduced dimensions back as size 1 (a counted view), or null. */
function unsqueezed(n: Node, g: Tensor): Tensor {
  const a = n.input(0);
  const view = newHeapView(g, a.ndim, g.numel, g.data);
  if (!changetype<usize>(view)) return view;
  const keep = keepdim(n);
  let at = 0;
  for (let dim = 0; dim < <i32>a.ndim; dim++) {
    if (isReduced(n, dim)) {
      view.setSize(dim, 1);
      view.setStride(dim, 0);
      if (keep) at++;
    } else {
      view.setSize(dim, g.size(at));
      view.setStride(dim, g.stride(at++));
    }
  }
  return view;
}

export function sumBackward(n: Node, g: Tensor): void {
  give(n, 0, expanded(n, g));
}

function expanded(n: Node, g: Tensor): Tensor {
  const view = unsqueezed(n, g);
  if (!changetype<usize>(view)) return view;
  const wide = heapExpand(view, n.input(0));
  release(view);
  return wide;
}

export function meanBackward(n: Node, g: Tensor): void {
  const scaled = heapMap(Op.DivScalar, g, <f64>reducedCount(n));
  if (!changetype<usize>(scaled)) {
    give(n, 0, scaled);
    return;
  }
  const wide = expanded(n, scaled);
  release(scaled);
  give(n, 0, wide);
}
