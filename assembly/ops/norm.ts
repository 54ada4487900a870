/**
 * Layer and batch normalisation. Inputs: x, the statistics (made here, for the derivative), then weight and bias as far
 * as there are any. Attributes: eps as the number, list [elements of a row, has weight, has bias, dimensions of a row].
 * Rows are those of layer normalisation; the channels of batch normalisation are dimension 1.
 *
 * Statistics: mean and rstd of the rows [2, rows]; mean, rstd and biased variance of the channels [3, channels].
 */
import { DType } from "../abi/dtype";
import { Op } from "../abi/op";
import { Status } from "../abi/status";
import { f32_batch_norm, f32_batch_norm_grad } from "../kernels/batchnorm";
import { f32_layer_norm, f32_layer_norm_grad, f32_layer_norm_grad_affine } from "../kernels/norm";
import { fail } from "../memory/args";
import { isShared, share } from "../parallel/pool";
import { give, wants } from "../tape/gradient";
import { Node } from "../tape/node";
import { heapContiguous, heapFill } from "../tensor/convert";
import { newHeapLike, newLike, newTensor, release, setContiguousStrides, Tensor } from "../tensor/record";
import { setAuxiliary } from "./auxiliary";

// @ts-ignore: decorator
@inline function cols(n: Node): i32 {
  return n.list(0);
}

// @ts-ignore: decorator
@inline export function hasWeight(n: Node): bool {
  return n.list(1) != 0;
}

// @ts-ignore: decorator
@inline function hasBias(n: Node): bool {
  return n.list(2) != 0;
}

/** Rows, or channels. */
function groups(n: Node): i32 {
  const x = n.input(0);
  return <i32>n.op == Op.BatchNorm ? x.size(1) : cols(n) ? x.numel / cols(n) : 0;
}

export function normInfer(n: Node): Tensor {
  for (let i = 0; i < <i32>n.inputCount; i++) {
    const t = n.input(i);
    if (i != 1 && t.dtype != DType.Float32) return changetype<Tensor>(fail(Status.DTypes, t.dtype, DType.Float32));
  }
  const count = groups(n);
  const kinds = <i32>n.op == Op.BatchNorm ? 3 : 2;
  const stats = newTensor(DType.Float32, 2, kinds * count);
  if (!changetype<usize>(stats)) return stats;
  stats.setSize(0, kinds);
  stats.setSize(1, count);
  setContiguousStrides(stats);
  setAuxiliary(n, 1, stats);
  return newLike(n.input(0), DType.Float32);
}

/** Input i dense and counted; null if there is none, or no memory. */
function denseInput(n: Node, isThere: bool, i: i32): Tensor {
  return isThere ? heapContiguous(n.input(i)) : changetype<Tensor>(0);
}

// @ts-ignore: decorator
@inline function dataOf(t: Tensor): usize {
  return changetype<usize>(t) ? t.data : 0;
}

// @ts-ignore: decorator
@inline function drop(t: Tensor): void {
  if (changetype<usize>(t)) release(t);
}

/** Elements of a channel in one image. */
function channelSize(x: Tensor): i32 {
  let size = 1;
  for (let dim = 2; dim < <i32>x.ndim; dim++) size *= x.size(dim);
  return size;
}

/** Rows of layer normalisation, forward where there is no `g`: from x to y, or from x and g to the gradient y. */
@final @unmanaged class Rows {
  g: usize;
  x: usize;
  cols: i32;
  weight: usize;
  bias: usize;
  y: usize;
  mean: usize;
  rstd: usize;
  eps: f64;
}

const ROWS: usize = memory.data(48, 16);

/** An element takes as long as some six multiply-adds of a matrix product. */
const WORK: i64 = 6;

function someRows(args: usize, from: i32, to: i32): void {
  const r = changetype<Rows>(args);
  const at = <usize>(from * r.cols) << 2;
  const mean = r.mean + (<usize>from << 2);
  const rstd = r.rstd + (<usize>from << 2);
  if (r.g) f32_layer_norm_grad(r.g + at, r.x + at, to - from, r.cols, r.weight, mean, rstd, r.y + at);
  else f32_layer_norm(r.x + at, to - from, r.cols, r.weight, r.bias, r.eps, r.y + at, mean, rstd);
}

function layerNorm(n: Node, g: usize, x: usize, weight: usize, bias: usize, y: usize, stats: usize): void {
  const count = groups(n);
  const r = changetype<Rows>(ROWS);
  r.g = g;
  r.x = x;
  r.cols = cols(n);
  r.weight = weight;
  r.bias = bias;
  r.y = y;
  r.mean = stats;
  r.rstd = stats + (<usize>count << 2);
  r.eps = n.s0;
  if (count > 1 && isShared(<i64>count * cols(n) * WORK)) share(someRows, ROWS, count, 1);
  else someRows(ROWS, 0, count);
}

export function normForward(n: Node): bool {
  const out = n.output();
  if (!out.numel) return true;
  const x = heapContiguous(n.input(0));
  const w = denseInput(n, hasWeight(n), 2);
  const b = denseInput(n, hasBias(n), hasWeight(n) ? 3 : 2);
  const done = changetype<usize>(x) != 0 && (!hasWeight(n) || changetype<usize>(w) != 0) && (!hasBias(n) || changetype<usize>(b) != 0);
  if (done) {
    const stats = n.input(1).data;
    if (<i32>n.op == Op.BatchNorm) {
      f32_batch_norm(x.data, x.size(0), x.size(1), channelSize(x), dataOf(w), dataOf(b), n.s0, out.data, stats);
    } else {
      layerNorm(n, 0, x.data, dataOf(w), dataOf(b), out.data, stats);
    }
  }
  drop(x);
  drop(w);
  drop(b);
  return done;
}

/** A place for the gradient of input i; null if none is wanted, or there is no memory. */
function roomFor(n: Node, isThere: bool, i: i32): Tensor {
  return isThere && wants(n, i) ? newHeapLike(n.input(i)) : changetype<Tensor>(0);
}

export function normBackward(n: Node, gradient: Tensor): void {
  const weightAt = 2;
  const biasAt = hasWeight(n) ? 3 : 2;
  if (!n.output().numel) {
    for (let i = 0; i < <i32>n.inputCount; i++) if (i != 1 && wants(n, i)) give(n, i, heapFill(n.input(i), 0));
    return;
  }
  const g = heapContiguous(gradient);
  const x = heapContiguous(n.input(0));
  const w = denseInput(n, hasWeight(n), weightAt);
  if (!changetype<usize>(g) || !changetype<usize>(x) || (hasWeight(n) && !changetype<usize>(w))) {
    give(n, 0, changetype<Tensor>(0));
  } else {
    const gx = roomFor(n, true, 0);
    const gw = roomFor(n, hasWeight(n), weightAt);
    const gb = roomFor(n, hasBias(n), biasAt);
    const stats = n.input(1).data;
    if (<i32>n.op == Op.BatchNorm) {
      f32_batch_norm_grad(
        g.data, x.data, x.size(0), x.size(1), channelSize(x), dataOf(w), stats, dataOf(gx), dataOf(gw), dataOf(gb),
      );
    } else {
      const rows = groups(n);
      const rstd = stats + (<usize>rows << 2);
      if (changetype<usize>(gx)) layerNorm(n, g.data, x.data, dataOf(w), 0, gx.data, stats);
      if (changetype<usize>(gw) || changetype<usize>(gb)) {
        f32_layer_norm_grad_affine(g.data, x.data, rows, cols(n), stats, rstd, dataOf(gw), dataOf(gb));
      }
    }
    if (wants(n, 0)) give(n, 0, gx);
    if (hasWeight(n) && wants(n, weightAt)) give(n, weightAt, gw);
    if (hasBias(n) && wants(n, biasAt)) give(n, biasAt, gb);
  }
  drop(g);
  drop(x);
  drop(w);
}
