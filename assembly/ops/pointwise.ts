/** Runs a pointwise kernel over whole tensors: at once where they are dense, else in blocks; large ones on all threads. */
import { DType } from "../abi/dtype";
import { TensorFlag } from "../abi/layout";
import { Op } from "../abi/op";
import { Step } from "../abi/program";
import { Task } from "../parallel/pool";
import { log, logging } from "../program/log";
import { newHeapLike, Tensor } from "../tensor/record";
import { blockAt, blockLength, blocksNext, blocksStart, blockStride } from "../tensor/blocks";
import { rowsAdd, rowsReady, rowsStart, rowsTake } from "../tensor/rows";
import { isWalkShared, shareWalk, WALK, WALK_MORE } from "../tensor/walk";
import { mapRow, zip3Row, zipRow } from "./dispatch";

/** What the threads need to know of an operation besides where its operands are. */
@final @unmanaged class Job {
  code: i32;
  dtype: i32;
  s0: f64;
  s1: f64;
}

function shareJob(task: Task, code: i32, dtype: i32, s0: f64, s1: f64): void {
  const job = changetype<Job>(WALK_MORE);
  job.code = code;
  job.dtype = dtype;
  job.s0 = s0;
  job.s1 = s1;
  shareWalk(task);
}

function mapRows(code: i32, dtype: i32, s0: f64, s1: f64): void {
  blocksStart(2);
  do mapRow(code, dtype, blockAt(1), blockStride(1), blockAt(0), blockStride(0), blockLength(), s0, s1);
  while (blocksNext());
}

function mapPart(args: usize, from: i32, to: i32): void {
  const job = changetype<Job>(args);
  rowsTake(WALK, from, to);
  mapRows(job.code, job.dtype, job.s0, job.s1);
}

/** out = code(a); `out` has the shape of a and may be a. */
export function map(code: i32, a: Tensor, out: Tensor, s0: f64, s1: f64): void {
  if (logging) log(Step.Map, code, changetype<usize>(a), 0, 0, changetype<usize>(out), 0, s0, s1);
  const n = out.numel;
  const shared = isWalkShared(n);
  if (n == 1) {
    mapRow(code, a.dtype, a.data, 0, out.data, 0, 1, s0, s1);
  } else if (!shared && a.flags & out.flags & TensorFlag.Contiguous) {
    mapRow(code, a.dtype, a.data, 1, out.data, 1, n, s0, s1);
  } else {
    rowsStart(out);
    rowsAdd(1, a);
    if (!rowsReady()) return;
    if (shared) shareJob(mapPart, code, a.dtype, s0, s1);
    else mapRows(code, a.dtype, s0, s1);
  }
}

// @ts-ignore: decorator
@inline function dense(a: Tensor, b: Tensor, out: Tensor): bool {
  return (a.flags & b.flags & out.flags & TensorFlag.Contiguous) != 0 && a.numel == out.numel && b.numel == out.numel;
}

function zipRows(code: i32, dtype: i32, s0: f64, s1: f64): void {
  blocksStart(3);
  do {
    zipRow(
      code, dtype, blockAt(1), blockStride(1), blockAt(2), blockStride(2), blockAt(0), blockStride(0), blockLength(), s0,
      s1,
    );
  } while (blocksNext());
}

function zipPart(args: usize, from: i32, to: i32): void {
  const job = changetype<Job>(args);
  rowsTake(WALK, from, to);
  zipRows(job.code, job.dtype, job.s0, job.s1);
}

/** The arithmetic of numbers, where entering a kernel costs more than it does. False: not one of these. */
// @ts-ignore: decorator
@inline function zipOne(code: i32, a: usize, b: usize, o: usize): bool {
  const x = load<f32>(a);
  const y = load<f32>(b);
  if (code == Op.Add) store<f32>(o, x + y);
  else if (code == Op.Mul) store<f32>(o, x * y);
  else if (code == Op.Sub) store<f32>(o, x - y);
  else return false;
  return true;
}

/** out = code(a, b), which broadcast to the shape of `out`. */
export function zip(code: i32, a: Tensor, b: Tensor, out: Tensor, s0: f64, s1: f64): void {
  if (logging) log(Step.Zip, code, changetype<usize>(a), changetype<usize>(b), 0, changetype<usize>(out), 0, s0, s1);
  const n = out.numel;
  const shared = isWalkShared(n);
  if (n == 1) {
    if (a.dtype == DType.Float32 && zipOne(code, a.data, b.data, out.data)) return;
    zipRow(code, a.dtype, a.data, 0, b.data, 0, out.data, 0, 1, s0, s1);
  } else if (!shared && dense(a, b, out)) {
    zipRow(code, a.dtype, a.data, 1, b.data, 1, out.data, 1, n, s0, s1);
  } else {
    rowsStart(out);
    rowsAdd(1, a);
    rowsAdd(2, b);
    if (!rowsReady()) return;
    if (shared) shareJob(zipPart, code, a.dtype, s0, s1);
    else zipRows(code, a.dtype, s0, s1);
  }
}

function zip3Rows(code: i32, s0: f64): void {
  blocksStart(4);
  do {
    zip3Row(
      code, blockAt(1), blockStride(1), blockAt(2), blockStride(2), blockAt(3), blockStride(3), blockAt(0), blockStride(0),
      blockLength(), s0,
    );
  } while (blocksNext());
}

function zip3Part(args: usize, from: i32, to: i32): void {
  const job = changetype<Job>(args);
  rowsTake(WALK, from, to);
  zip3Rows(job.code, job.s0);
}

/** out = code(a, b, c), all float32, which broadcast to the shape of `out`. */
export function zip3(code: i32, a: Tensor, b: Tensor, c: Tensor, out: Tensor, s0: f64): void {
  if (logging) {
    log(Step.Zip3, code, changetype<usize>(a), changetype<usize>(b), changetype<usize>(c), changetype<usize>(out), 0, s0);
  }
  const n = out.numel;
  if (n == 1) {
    zip3Row(code, a.data, 0, b.data, 0, c.data, 0, out.data, 0, 1, s0);
    return;
  }
  rowsStart(out);
  rowsAdd(1, a);
  rowsAdd(2, b);
  rowsAdd(3, c);
  if (!rowsReady()) return;
  if (isWalkShared(n)) shareJob(zip3Part, code, 0, s0, 0);
  else zip3Rows(code, s0);
}

/** A fresh heap tensor with code(a), in the shape of a; null if there is no memory. */
export function heapMap(code: i32, a: Tensor, s0: f64 = 0, s1: f64 = 0): Tensor {
  const out = newHeapLike(a);
  if (changetype<usize>(out)) map(code, a, out, s0, s1);
  return out;
}

/** A fresh heap tensor with code(g, b), in the shape of g; null if there is no memory. */
export function heapZip(code: i32, g: Tensor, b: Tensor, s0: f64 = 0, s1: f64 = 0): Tensor {
  const out = newHeapLike(g);
  if (changetype<usize>(out)) zip(code, g, b, out, s0, s1);
  return out;
}

export function heapZip3(code: i32, g: Tensor, b: Tensor, c: Tensor): Tensor {
  const out = newHeapLike(g);
  if (changetype<usize>(out)) zip3(code, g, b, c, out, 0);
  return out;
}
