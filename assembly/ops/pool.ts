/**
 * Max and average pooling over one, two or three spatial dimensions, those that come last; all before them are planes.
 * AvgPool and AvgPoolGrad are linear and transposes of each other, so each is the other's derivative.
 *
 * Attributes: [number of spatial dimensions, kernel, stride, padding, dilation, size of the pooled image, size of the
 * image (each of depth, height, width; missing dimensions come first with size 1 and no padding), count_include_pad,
 * divisor or 0]. The bindings have checked them.
 */
import { DType } from "../abi/dtype";
import { Op } from "../abi/op";
import { Status } from "../abi/status";
import {
  f32_avg_pool3d, f32_avg_pool3d_backward, f32_max_pool3d, f32_max_pool_backward, pool3dScratchBytes,
} from "../kernels/pool";
import { fail } from "../memory/args";
import { alloc, free } from "../memory/heap";
import { isShared, share, thread, threadCount } from "../parallel/pool";
import { give } from "../tape/gradient";
import { Node } from "../tape/node";
import { heapContiguous } from "../tensor/convert";
import { newHeapLike, newLike, newTensor, release, setContiguousStrides, Tensor } from "../tensor/record";
import { setAuxiliary } from "./auxiliary";

/** Where the groups of three begin in the list. */
const enum At {
  Kernel = 1,
  Stride = 4,
  Padding = 7,
  Dilation = 10,
  Pooled = 13,
  Image = 16,
  CountPadding = 19,
  Divisor = 20,
}

// @ts-ignore: decorator
@inline function volume(n: Node, at: i32): i32 {
  return n.list(at) * n.list(at + 1) * n.list(at + 2);
}

function planes(n: Node): i32 {
  const a = n.input(0);
  let count = 1;
  for (let dim = 0; dim < <i32>a.ndim - n.list(0); dim++) count *= a.size(dim);
  return count;
}

/** A result with the leading dimensions of the input, and the spatial ones of the list from `at` on. */
function shaped(n: Node, at: i32): Tensor {
  const a = n.input(0);
  const first = <i32>a.ndim - n.list(0);
  let numel: i64 = 1;
  for (let dim = 0; dim < <i32>a.ndim; dim++) numel *= dim < first ? a.size(dim) : n.list(at + dim - <i32>a.ndim + 3);
  if (numel > i32.MAX_VALUE / 4) return changetype<Tensor>(fail(Status.OutOfMemory, i32.MAX_VALUE));
  const out = newTensor(DType.Float32, a.ndim, <i32>numel);
  if (!changetype<usize>(out)) return out;
  for (let dim = 0; dim < <i32>a.ndim; dim++) out.setSize(dim, dim < first ? a.size(dim) : n.list(at + dim - <i32>a.ndim + 3));
  setContiguousStrides(out);
  return out;
}

/** The positions of the maxima in their planes are input 1. */
export function poolInfer(n: Node): Tensor {
  const a = n.input(0);
  if (a.dtype != DType.Float32) return changetype<Tensor>(fail(Status.DTypes, a.dtype, a.dtype));
  const out = shaped(n, <i32>n.op == Op.AvgPoolGrad ? At.Image : At.Pooled);
  if (changetype<usize>(out) && <i32>n.op == Op.MaxPool) {
    const indices = newLike(out, DType.Int32);
    if (!changetype<usize>(indices)) return indices;
    setAuxiliary(n, 1, indices);
  }
  return out;
}

function scratchBytes(n: Node): u32 {
  return <u32>pool3dScratchBytes(
    n.list(At.Image), n.list(At.Image + 1), n.list(At.Image + 2),
    n.list(At.Kernel), n.list(At.Kernel + 1), n.list(At.Kernel + 2),
    n.list(At.Stride), n.list(At.Stride + 1), n.list(At.Stride + 2),
    n.list(At.Dilation), n.list(At.Dilation + 1), n.list(At.Dilation + 2),
    n.list(At.Pooled), n.list(At.Pooled + 1), n.list(At.Pooled + 2),
  );
}

/** What is done to the planes: maxima with their positions, or averages, or what a gradient needs of either. */
const enum Kind {
  Maxima,
  MaximaBack,
  Average,
  AverageBack,
}

@final @unmanaged class Job {
  kind: Kind;
  n: Node;
  from: usize;
  to: usize;
  indices: usize;
  /** Of a thread. */
  scratch: usize;
  scratchBytes: usize;
}

const JOB: usize = memory.data(32, 16);

/** A product of the kernel with an element takes as long as some two multiply-adds of a matrix product. */
const WORK: i64 = 2;

function somePlanes(args: usize, first: i32, end: i32): void {
  const job = changetype<Job>(args);
  const n = job.n;
  const image = <usize>(first * volume(n, At.Image)) << 2;
  const pooled = <usize>(first * volume(n, At.Pooled)) << 2;
  const back = job.kind & 1;
  const from = job.from + (back ? pooled : image);
  const to = job.to + (back ? image : pooled);
  const indices = job.indices + pooled;
  const count = end - first;
  const scratch = job.scratch + <usize>thread() * job.scratchBytes;
  const D = n.list(At.Image), H = n.list(At.Image + 1), W = n.list(At.Image + 2);
  const kD = n.list(At.Kernel), kH = n.list(At.Kernel + 1), kW = n.list(At.Kernel + 2);
  const sD = n.list(At.Stride), sH = n.list(At.Stride + 1), sW = n.list(At.Stride + 2);
  const pD = n.list(At.Padding), pH = n.list(At.Padding + 1), pW = n.list(At.Padding + 2);
  const dD = n.list(At.Dilation), dH = n.list(At.Dilation + 1), dW = n.list(At.Dilation + 2);
  const outD = n.list(At.Pooled), outH = n.list(At.Pooled + 1), outW = n.list(At.Pooled + 2);
  const countPad = n.list(At.CountPadding), divisor = n.list(At.Divisor);
  switch (job.kind) {
    case Kind.Maxima: {
      f32_max_pool3d(
        from, to, indices, count, D, H, W, kD, kH, kW, sD, sH, sW, pD, pH, pW, dD, dH, dW, outD, outH, outW, scratch,
      );
      break;
    }
    case Kind.MaximaBack: {
      f32_max_pool_backward(from, indices, to, count, volume(n, At.Image), volume(n, At.Pooled));
      break;
    }
    case Kind.Average: {
      f32_avg_pool3d(
        from, to, count, D, H, W, kD, kH, kW, sD, sH, sW, pD, pH, pW, outD, outH, outW, countPad, divisor, scratch,
      );
      break;
    }
    default: {
      f32_avg_pool3d_backward(
        from, to, count, D, H, W, kD, kH, kW, sD, sH, sW, pD, pH, pW, outD, outH, outW, countPad, divisor, scratch,
      );
    }
  }
}

/** Goes over all planes, from dense `from` to dense `to`; false if there is no memory. */
function run(n: Node, kind: Kind, from: usize, to: usize, indices: usize): bool {
  const count = planes(n);
  const each = max(volume(n, At.Image), volume(n, At.Pooled) * volume(n, At.Kernel));
  const isCut = count > 1 && isShared(<i64>count * each * WORK);
  const job = changetype<Job>(JOB);
  job.kind = kind;
  job.n = n;
  job.from = from;
  job.to = to;
  job.indices = indices;
  job.scratchBytes = (scratchBytes(n) + 63) & ~63;
  const bytes = <u32>job.scratchBytes * (isCut ? threadCount() : 1);
  job.scratch = alloc(bytes);
  if (!job.scratch) return false;
  if (isCut) share(somePlanes, JOB, count, 1);
  else somePlanes(JOB, 0, count);
  free(job.scratch, bytes);
  return true;
}

export function poolForward(n: Node): bool {
  const a = heapContiguous(n.input(0));
  if (!changetype<usize>(a)) return false;
  let done = true;
  if (n.output().numel) {
    const to = n.output().data;
    if (<i32>n.op == Op.MaxPool) done = run(n, Kind.Maxima, a.data, to, n.input(1).data);
    else done = run(n, <i32>n.op == Op.AvgPool ? Kind.Average : Kind.AverageBack, a.data, to, 0);
  }
  release(a);
  return done;
}

export function poolBackward(n: Node, g: Tensor): void {
  const h = heapContiguous(g);
  let out = changetype<usize>(h) ? newHeapLike(n.input(0)) : h;
  if (changetype<usize>(out) && out.numel) {
    let done = true;
    if (<i32>n.op == Op.MaxPool) done = run(n, Kind.MaximaBack, h.data, out.data, n.input(1).data);
    else done = run(n, <i32>n.op == Op.AvgPool ? Kind.AverageBack : Kind.Average, h.data, out.data, 0);
    if (!done) {
      release(out);
      out = changetype<Tensor>(0);
    }
  }
  if (changetype<usize>(h)) release(h);
  give(n, 0, out);
}
