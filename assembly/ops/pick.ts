/**
 * Operations along one dimension that find elements: values, and as input 1, which has no gradient, where they were.
 * Attributes: [keepdim, 1, dim, count, descending], without the dim for a tensor that has none. The gradient goes to
 * where the values came from.
 */
import { DType } from "../abi/dtype";
import { Op } from "../abi/op";
import { Status } from "../abi/status";
import { scatter_add_f32 } from "../kernels/index/index";
import { Order, order } from "../kernels/order";
import {
  f32_cummax, f32_cummin, f32_max_dim, f32_min_dim, i32_cummax, i32_cummin, i32_max_dim, i32_min_dim,
} from "../kernels/reduce";
import { fail } from "../memory/args";
import { alloc, free } from "../memory/heap";
import { give } from "../tape/gradient";
import { Node } from "../tape/node";
import { heapContiguous, heapFill } from "../tensor/convert";
import { copySizes, newLike, newTensor, release, setContiguousStrides, Tensor } from "../tensor/record";
import { setAuxiliary } from "./auxiliary";
import { inner, measure, outer, size } from "./index";
import { emptyDim, outputShape, reducedCount } from "./reduce";
import { orderScratch } from "./statistics";

// @ts-ignore: decorator
@inline function dimOf(n: Node): i32 {
  return n.list(2);
}

/** Attribute i of those behind the dimensions. */
// @ts-ignore: decorator
@inline function extra(n: Node, i: i32): i32 {
  return n.list(2 + n.list(1) + i);
}

export function pickInfer(n: Node): Tensor {
  const a = n.input(0);
  if (a.dtype == DType.Bool) return changetype<Tensor>(fail(Status.DTypes, a.dtype, a.dtype));
  if (<i32>n.op < Op.Sort && reducedCount(n) == 0) return changetype<Tensor>(fail(Status.EmptyReduction, emptyDim(n)));
  const places = placesShape(n);
  if (!changetype<usize>(places)) return places;
  setAuxiliary(n, 1, places);
  return newLike(places, a.dtype);
}

function placesShape(n: Node): Tensor {
  const a = n.input(0);
  switch (<i32>n.op) {
    case Op.Cummax:
    case Op.Cummin: return newLike(a, DType.Int32);
    case Op.Sort: return sortedShape(n);
    default: return outputShape(n, DType.Int32);
  }
}

/** As the operand, but `count` long in the dimension. */
function sortedShape(n: Node): Tensor {
  const a = n.input(0);
  if (!a.ndim) return newLike(a, DType.Int32);
  const count = extra(n, 0);
  let numel = count;
  for (let d = 0; d < <i32>a.ndim; d++) if (d != dimOf(n)) numel *= a.size(d);
  const out = newTensor(DType.Int32, a.ndim, numel);
  if (!changetype<usize>(out)) return out;
  copySizes(a, out);
  out.setSize(dimOf(n), count);
  setContiguousStrides(out);
  return out;
}

export function pickForward(n: Node): bool {
  const a = heapContiguous(n.input(0));
  if (!changetype<usize>(a)) return false;
  measure(a, dimOf(n));
  const isFloat = a.dtype == DType.Float32;
  const p = a.data;
  const o = n.output().data;
  const idx = n.input(1).data;
  let done = true;
  switch (<i32>n.op) {
    case Op.MaxDim:
      if (isFloat) f32_max_dim(p, outer, size, inner, o, idx);
      else i32_max_dim(p, outer, size, inner, o, idx);
      break;
    case Op.MinDim:
      if (isFloat) f32_min_dim(p, outer, size, inner, o, idx);
      else i32_min_dim(p, outer, size, inner, o, idx);
      break;
    case Op.Cummax:
      if (isFloat) f32_cummax(p, outer, size, inner, o, idx);
      else i32_cummax(p, outer, size, inner, o, idx);
      break;
    case Op.Cummin:
      if (isFloat) f32_cummin(p, outer, size, inner, o, idx);
      else i32_cummin(p, outer, size, inner, o, idx);
      break;
    default: done = a.numel == 0 || ordered(n, p, isFloat, o, idx);
  }
  release(a);
  return done;
}

function kindOf(op: i32): Order {
  switch (op) {
    case Op.Kth: return Order.Rank;
    case Op.Median: return Order.Median;
    case Op.NanMedian: return Order.NanMedian;
    case Op.Mode: return Order.Mode;
    default: return Order.First;
  }
}

function ordered(n: Node, p: usize, isFloat: bool, o: usize, idx: usize): bool {
  const bytes = orderScratch(size);
  const scratch = alloc(bytes);
  if (!scratch) {
    fail(Status.OutOfMemory, bytes);
    return false;
  }
  const kind = kindOf(<i32>n.op);
  const descending = kind == Order.First && extra(n, 1) != 0;
  const count = kind == Order.First || kind == Order.Rank ? extra(n, 0) : 1;
  order(kind, p, outer, size, inner, isFloat, descending, count, o, idx, scratch);
  free(scratch, bytes);
  return true;
}

export function pickBackward(n: Node, g: Tensor): void {
  const a = n.input(0);
  const dense = heapContiguous(g);
  const out = changetype<usize>(dense) ? heapFill(a, 0) : dense;
  if (changetype<usize>(out)) {
    measure(a, dimOf(n));
    const picked = outer * inner;
    const count = picked ? dense.numel / picked : 0;
    scatter_add_f32(dense.data, n.input(1).data, outer, count, inner, size, out.data);
  }
  if (changetype<usize>(dense)) release(dense);
  give(n, 0, out);
}
