/** Softmax and its logarithm along one dimension (integer attribute 0). */
import { DType } from "../abi/dtype";
import { Op } from "../abi/op";
import { Status } from "../abi/status";
import { f32_log_softmax, f32_log_softmax_grad, f32_softmax, f32_softmax_grad } from "../kernels/softmax";
import { fail } from "../memory/args";
import { isShared, share } from "../parallel/pool";
import { give } from "../tape/gradient";
import { Node } from "../tape/node";
import { heapContiguous } from "../tensor/convert";
import { newHeapLike, newLike, release, Tensor } from "../tensor/record";

let outer: i32 = 1;
let k: i32 = 1;
let inner: i32 = 1;

function measure(a: Tensor, dim: i32): void {
  outer = k = inner = 1;
  for (let i = 0; i < <i32>a.ndim; i++) {
    if (i < dim) outer *= a.size(i);
    else if (i == dim) k = a.size(i);
    else inner *= a.size(i);
  }
}

export function softmaxInfer(n: Node): Tensor {
  const a = n.input(0);
  if (a.dtype != DType.Float32) return changetype<Tensor>(fail(Status.DTypes, a.dtype, a.dtype));
  return newLike(a, a.dtype);
}

/** From `a`, and `y` for a derivative, to `o`; all are [outer, k, inner]. */
@final @unmanaged class Job {
  op: i32;
  a: usize;
  y: usize;
  o: usize;
  k: i32;
  inner: i32;
}

const JOB: usize = memory.data(32, 16);

/** An element takes as long as some ten multiply-adds of a matrix product. */
const WORK: i64 = 10;

function someRows(args: usize, from: i32, to: i32): void {
  const job = changetype<Job>(args);
  const at = <usize>(from * job.k * job.inner) << 2;
  const rows = to - from;
  if (job.op == Op.Softmax) {
    if (job.y) f32_softmax_grad(job.a + at, job.y + at, rows, job.k, job.inner, job.o + at);
    else f32_softmax(job.a + at, rows, job.k, job.inner, job.o + at);
  } else {
    if (job.y) f32_log_softmax_grad(job.a + at, job.y + at, rows, job.k, job.inner, job.o + at);
    else f32_log_softmax(job.a + at, rows, job.k, job.inner, job.o + at);
  }
}

function run(op: i32, a: usize, y: usize, o: usize): void {
  const job = changetype<Job>(JOB);
  job.op = op;
  job.a = a;
  job.y = y;
  job.o = o;
  job.k = k;
  job.inner = inner;
  if (outer > 1 && isShared(<i64>outer * k * inner * WORK)) share(someRows, JOB, outer, 1);
  else someRows(JOB, 0, outer);
}

export function softmaxForward(n: Node): bool {
  const a = n.input(0);
  const dense = heapContiguous(a);
  if (!changetype<usize>(dense)) return false;
  measure(a, n.int(0));
  if (a.numel) run(<i32>n.op, dense.data, 0, n.output().data);
  release(dense);
  return true;
}

export function softmaxBackward(n: Node, g: Tensor): void {
  const y = n.output();
  const dense = heapContiguous(g);
  const out = changetype<usize>(dense) ? newHeapLike(y) : dense;
  if (changetype<usize>(out)) {
    measure(y, n.int(0));
    if (y.numel) run(<i32>n.op, dense.data, y.data, out.data);
  }
  if (changetype<usize>(dense)) release(dense);
  give(n, 0, out);
}
