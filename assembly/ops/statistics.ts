/** Reductions that are more than a fold: variance, norms, logsumexp, the median of everything. */
import { DType } from "../abi/dtype";
import { Op } from "../abi/op";
import { Status } from "../abi/status";
import { Order, order } from "../kernels/order";
import { f32_amax, f32_amin, f32_sumsq, f32_var } from "../kernels/reduce";
import { f32_logsumexp } from "../kernels/softmax";
import { fail } from "../memory/args";
import { alloc, free } from "../memory/heap";
import { reduce, sum } from "../parallel/reduce";
import { Node } from "../tape/node";
import { release, Tensor } from "../tensor/record";
import { heapMap, map } from "./pointwise";

/** The reduction of `a`, dense and seen as [outer, k, inner], into the node's result. False if memory is short. */
export function statistic(n: Node, a: Tensor, outer: i32, k: i32, inner: i32): bool {
  const out = n.output();
  switch (<i32>n.op) {
    case Op.LogSumExp: reduce(f32_logsumexp, a.data, outer, k, inner, out.data); return true;
    case Op.VectorNorm: return vectorNorm(a, n.s0, outer, k, inner, out);
    case Op.MedianAll: return medianOfAll(a, n.int(0) != 0, out);
  }
  f32_var(a.data, outer, k, inner, <f32>n.s0, out.data);
  if (<i32>n.op == Op.Std) map(Op.Sqrt, out, out, 0, 0);
  return true;
}

/** (Σ |x|^p)^(1/p), p not 0, and its limits: the largest and the smallest |x|. */
function vectorNorm(a: Tensor, p: f64, outer: i32, k: i32, inner: i32, out: Tensor): bool {
  if (p == 2) {
    reduce(f32_sumsq, a.data, outer, k, inner, out.data);
    map(Op.Sqrt, out, out, 0, 0);
    return true;
  }
  const terms = heapMap(Op.Abs, a);
  if (!changetype<usize>(terms)) return false;
  if (p == Infinity) {
    reduce(f32_amax, terms.data, outer, k, inner, out.data);
  } else if (p == -Infinity) {
    reduce(f32_amin, terms.data, outer, k, inner, out.data);
  } else {
    if (p != 1) map(Op.PowScalar, terms, terms, p, 0);
    sum(terms.data, outer, k, inner, out.data);
    if (p != 1) map(Op.PowScalar, out, out, 1 / p, 0);
  }
  release(terms);
  return true;
}

/** Bytes that `order` needs for rows of k elements, and 16 more; alloc refuses what is more than memory can hold. */
export function orderScratch(k: i32): u32 {
  return <u32>min<u64>((<u64>k << 4) + 16, u32.MAX_VALUE);
}

function medianOfAll(a: Tensor, skipsNan: bool, out: Tensor): bool {
  const count = a.numel;
  if (count == 0) {
    // NaN, and what it becomes as an integer.
    if (a.dtype == DType.Float32) store<f32>(out.data, NaN);
    else store<i32>(out.data, i32.MIN_VALUE);
    return true;
  }
  const bytes = orderScratch(count);
  const scratch = alloc(bytes);
  if (!scratch) {
    fail(Status.OutOfMemory, bytes);
    return false;
  }
  const place = scratch + bytes - 16;
  order(
    skipsNan ? Order.NanMedian : Order.Median, a.data, 1, count, 1, a.dtype == DType.Float32, false, 1, out.data, place,
    scratch,
  );
  free(scratch, bytes);
  return true;
}
