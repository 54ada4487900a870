/**
 * Writing at integer positions along a dimension (integer attribute 0): element by element (scatter, scatter_add and
 * scatter_reduce) or slice by slice (index_copy, index_add). The list of Scatter says what becomes of what is there.
 * Inputs: target, index, source.
 */
import { Combine } from "../abi/combine";
import { DType } from "../abi/dtype";
import { TensorFlag } from "../abi/layout";
import { Op } from "../abi/op";
import { Status } from "../abi/status";
import { index_add_f32, scatter_add_f32 } from "../kernels/index/index";
import { f32_scatter, i32_scatter, u8_scatter } from "../kernels/index/scatter";
import { fail } from "../memory/args";
import { give, giveShared, send, wants } from "../tape/gradient";
import { Node } from "../tape/node";
import { copyInto, heapClone, heapContiguous, heapFill } from "../tensor/convert";
import { newHeapLike, newLike, release, Tensor } from "../tensor/record";
import { denseReached, inner, isIndexOf, measure, outer, reached, readAt, size, sizeAt } from "./index";

// @ts-ignore: decorator
@inline function isElementwise(n: Node): bool {
  return <i32>n.op == Op.Scatter || <i32>n.op == Op.ScatterAdd;
}

function modeOf(n: Node): i32 {
  if (<i32>n.op == Op.Scatter) return n.list(0);
  return <i32>n.op == Op.IndexCopy ? Combine.Replace : Combine.Add;
}

export function scatterInferInPlace(n: Node): bool {
  const a = n.input(0);
  const source = n.input(2);
  if (a.dtype != source.dtype) {
    fail(Status.DTypes, a.dtype, source.dtype);
    return false;
  }
  return isIndexOf(n.input(1), a, n.int(0));
}

export function scatterInfer(n: Node): Tensor {
  return scatterInferInPlace(n) ? newLike(n.input(0), n.input(0).dtype) : changetype<Tensor>(0);
}

/** In place the target may lie strided: then a dense copy is written to and put back. */
export function scatterForward(n: Node): bool {
  const out = n.output();
  const dense = out.has(TensorFlag.Contiguous) ? out : heapClone(out);
  if (!changetype<usize>(dense)) return false;
  if (n.input(0).data != out.data) copyInto(n.input(0), dense);
  const ok = combineAt(dense, n.input(1), n.input(2), n.int(0), isElementwise(n), modeOf(n));
  if (changetype<usize>(dense) != changetype<usize>(out)) {
    if (ok) copyInto(dense, out);
    release(dense);
  }
  return ok;
}

/** Combines `source` into the dense `target`; false if there is no memory for dense operands (nothing was written). */
export function combineAt(target: Tensor, indexTensor: Tensor, source: Tensor, dim: i32, each: bool, mode: i32): bool {
  const index = heapContiguous(indexTensor);
  const from = each ? denseReached(source, indexTensor, -1) : heapContiguous(source);
  let ok = changetype<usize>(index) != 0 && changetype<usize>(from) != 0;
  if (ok) ok = each ? scatterPart(target, index, from, dim, mode) : run(target, index, from, dim, false, mode);
  if (changetype<usize>(index)) release(index);
  if (changetype<usize>(from)) release(from);
  return ok;
}

/** Where the index is smaller than the target, it is done in a cut-out that is put back. */
function scatterPart(target: Tensor, index: Tensor, source: Tensor, dim: i32, mode: i32): bool {
  const part = reached(target, index, dim);
  if (!changetype<usize>(part)) return false;
  const whole = part.numel == target.numel;
  const dense = whole ? target : heapClone(part);
  const ok = changetype<usize>(dense) != 0;
  if (ok) {
    run(dense, index, source, dim, true, mode);
    if (!whole) {
      copyInto(dense, part);
      release(dense);
    }
  }
  release(part);
  return ok;
}

function run(target: Tensor, index: Tensor, source: Tensor, dim: i32, each: bool, mode: i32): bool {
  measure(target, dim);
  const count = each ? sizeAt(index, dim) : index.numel;
  if (target.dtype == DType.Float32) {
    if (mode != Combine.Add) {
      f32_scatter(mode, source.data, index.data, each, outer, count, inner, size, target.data);
    } else if (each) {
      scatter_add_f32(source.data, index.data, outer, count, inner, size, target.data);
    } else {
      index_add_f32(source.data, outer, count, inner, index.data, size, target.data);
    }
  } else if (target.dtype == DType.Int32) {
    i32_scatter(mode, source.data, index.data, each, outer, count, inner, size, target.data);
  } else {
    u8_scatter(mode, source.data, index.data, each, outer, count, inner, size, target.data);
  }
  return true;
}

/** Of sums: the input gets everything, the source what lies at its positions. */
export function scatterAddBackward(n: Node, g: Tensor): void {
  if (wants(n, 0)) giveShared(n, 0, g);
  if (!wants(n, 2)) return;
  const each = isElementwise(n);
  const out = each ? newFloat(n.input(1)) : newHeapLike(n.input(2));
  if (!changetype<usize>(out)) {
    give(n, 2, out);
    return;
  }
  if (readAt(g, n.input(1), n.int(0), each, out)) {
    giveSource(n, out);
    return;
  }
  release(out);
  give(n, 2, changetype<Tensor>(0));
}

function newFloat(like: Tensor): Tensor {
  const out = newHeapLike(like);
  if (changetype<usize>(out)) out.dtype = <u8>DType.Float32;
  return out;
}

/** The source of scatter_add may be larger than the index, also where both are empty: the rest gets zeros. */
function giveSource(n: Node, g: Tensor): void {
  const source = n.input(2);
  if (!isElementwise(n) || (g.numel == source.numel && g.numel)) {
    send(n, 2, g);
    return;
  }
  let whole = heapFill(source, 0);
  if (changetype<usize>(whole)) {
    const part = reached(whole, n.input(1), -1);
    if (changetype<usize>(part)) {
      copyInto(g, part);
      release(part);
    } else {
      release(whole);
      whole = part;
    }
  }
  release(g);
  give(n, 2, whole);
}
