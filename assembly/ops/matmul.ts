/**
 * Matrix products. `matmul` follows PyTorch: vectors get a dimension for the occasion, batch dimensions broadcast.
 * `linear` is x Wᵀ + b in one node. All of them come down to one GEMM on strided matrices, so no operand is copied to be
 * transposed.
 */
import { DType } from "../abi/dtype";
import { TensorFlag } from "../abi/layout";
import { Status } from "../abi/status";
import { fail } from "../memory/args";
import { gemm, gemmReady } from "../parallel/gemm";
import { isShared, share, threadCount } from "../parallel/pool";
import { sum } from "../parallel/reduce";
import { give, wants } from "../tape/gradient";
import { Node } from "../tape/node";
import { heapContiguous } from "../tensor/convert";
import { newHeapLike, newHeapTensor, newTensor, release, setContiguousStrides, Tensor } from "../tensor/record";

/** An operand as a stack of matrices: strides in elements. */
@final @unmanaged class Stack {
  data: usize;
  rows: i32;
  cols: i32;
  rowStride: i32;
  colStride: i32;
}

const A: usize = memory.data(32, 16);
const B: usize = memory.data(32, 16);

/** A 1-d tensor is a row on the left, a column on the right (`asColumn`). */
function stackOf(at: usize, t: Tensor, asColumn: bool): Stack {
  const s = changetype<Stack>(at);
  s.data = t.data;
  const r = <i32>t.ndim;
  if (r == 1) {
    s.rows = asColumn ? t.size(0) : 1;
    s.cols = asColumn ? 1 : t.size(0);
    s.rowStride = asColumn ? t.stride(0) : 0;
    s.colStride = asColumn ? 0 : t.stride(0);
  } else {
    s.rows = t.size(r - 2);
    s.cols = t.size(r - 1);
    s.rowStride = t.stride(r - 2);
    s.colStride = t.stride(r - 1);
  }
  return s;
}

function transpose(s: Stack): void {
  const rows = s.rows;
  s.rows = s.cols;
  s.cols = rows;
  const stride = s.rowStride;
  s.rowStride = s.colStride;
  s.colStride = stride;
}

// @ts-ignore: decorator
@inline function batchRank(t: Tensor): i32 {
  return max(<i32>t.ndim - 2, 0);
}

/** Size of batch dimension `position`, counted from the right. */
function batchSize(t: Tensor, position: i32): i32 {
  const dim = <i32>t.ndim - 3 - position;
  return dim >= 0 ? t.size(dim) : 1;
}

/** Elements between two matrices along a batch dimension; 0 where the operand is stretched. */
function batchStride(t: Tensor, position: i32): i32 {
  const dim = <i32>t.ndim - 3 - position;
  return dim >= 0 && t.size(dim) != 1 ? t.stride(dim) : 0;
}

export function matmulInfer(n: Node): Tensor {
  const a = n.input(0);
  const b = n.input(1);
  if (a.dtype != DType.Float32 || b.dtype != DType.Float32) {
    return changetype<Tensor>(fail(Status.DTypes, a.dtype, b.dtype));
  }
  if (a.ndim == 0 || b.ndim == 0) return changetype<Tensor>(fail(Status.MatmulSizes));
  const sa = stackOf(A, a, false);
  const sb = stackOf(B, b, true);
  if (sa.cols != sb.rows) return changetype<Tensor>(fail(Status.MatmulSizes));
  const batch = max(batchRank(a), batchRank(b));
  let numel: i64 = <i64>sa.rows * sb.cols;
  for (let p = 0; p < batch; p++) {
    const x = batchSize(a, p);
    const y = batchSize(b, p);
    if (x != y && x != 1 && y != 1) return changetype<Tensor>(fail(Status.Broadcast, x, y, batch - 1 - p));
    numel *= x == 1 ? y : x;
  }
  if (numel > i32.MAX_VALUE / 4) return changetype<Tensor>(fail(Status.OutOfMemory, i32.MAX_VALUE));
  const hasRows = a.ndim > 1;
  const hasCols = b.ndim > 1;
  const out = newTensor(DType.Float32, batch + (hasRows ? 1 : 0) + (hasCols ? 1 : 0), <i32>numel);
  if (!changetype<usize>(out)) return out;
  for (let p = 0; p < batch; p++) {
    const x = batchSize(a, p);
    out.setSize(batch - 1 - p, x == 1 ? batchSize(b, p) : x);
  }
  let dim = batch;
  if (hasRows) out.setSize(dim++, sa.rows);
  if (hasCols) out.setSize(dim, sb.cols);
  setContiguousStrides(out);
  return out;
}

/** Dense rows that follow one another with one stride through all batches: the stack is one tall matrix. */
function isTall(t: Tensor): bool {
  return t.ndim > 2 && t.has(TensorFlag.Contiguous);
}

/** Products of stacks described by A and B: what they need besides. */
@final @unmanaged class Job {
  left: Tensor;
  right: Tensor;
  shape: Tensor;
  batch: i32;
  to: usize;
  /** One operand is the gradient, whose batch strides are those of the output: -1 left, 1 right, 0 none. */
  gradient: i32;
}

const JOB: usize = memory.data(32, 16);

/** Matrices `from` to `to` of a stack. */
function multiplySome(args: usize, from: i32, to: i32): void {
  const job = changetype<Job>(args);
  const sa = changetype<Stack>(A);
  const sb = changetype<Stack>(B);
  const shape = job.shape;
  const batch = job.batch;
  const step = <usize>(sa.rows * sb.cols) << 2;
  for (let i = from; i < to; i++) {
    let rest = i;
    let atA = job.gradient < 0 ? i * sa.rows * sa.cols : 0;
    let atB = job.gradient > 0 ? i * sb.rows * sb.cols : 0;
    for (let p = 0; p < batch; p++) {
      const size = shape.size(batch - 1 - p);
      const index = rest % size;
      rest /= size;
      if (job.gradient >= 0) atA += index * batchStride(job.left, p);
      if (job.gradient <= 0) atB += index * batchStride(job.right, p);
    }
    gemm(
      sa.rows, sb.cols, sa.cols, sa.data + (atA << 2), sa.rowStride, sa.colStride, sb.data + (atB << 2), sb.rowStride,
      sb.colStride, job.to + <usize>i * step, sb.cols, 0, 0,
    );
  }
}

/**
 * to = left right for stacks described by A and B; `batch` dimensions of `shape` are walked, in which operands may be
 * stretched. `to` is dense. Many matrices are shared out among the threads, a few are cut up.
 */
function multiply(left: Tensor, right: Tensor, shape: Tensor, batch: i32, to: usize, gradient: i32 = 0): void {
  const sa = changetype<Stack>(A);
  let matrices = 1;
  for (let dim = 0; dim < batch; dim++) matrices *= shape.size(dim);
  const job = changetype<Job>(JOB);
  job.left = left;
  job.right = right;
  job.shape = shape;
  job.batch = batch;
  job.to = to;
  job.gradient = gradient;
  const work = <i64>matrices * sa.rows * sa.cols * changetype<Stack>(B).cols;
  if (matrices >= 2 * threadCount() && isShared(work)) share(multiplySome, JOB, matrices, 1);
  else multiplySome(JOB, 0, matrices);
}

export function matmulForward(n: Node): bool {
  if (!gemmReady()) return false;
  const a = n.input(0);
  const b = n.input(1);
  const out = n.output();
  const sa = stackOf(A, a, false);
  const sb = stackOf(B, b, true);
  const batch = max(batchRank(a), batchRank(b));
  if (b.ndim <= 2 && isTall(a)) {
    const rows = sa.cols ? a.numel / sa.cols : out.numel / max(sb.cols, 1);
    gemm(rows, sb.cols, sa.cols, a.data, sa.cols, 1, sb.data, sb.rowStride, sb.colStride, out.data, sb.cols, 0, 0);
  } else {
    multiply(a, b, out, batch, out.data);
  }
  return true;
}

/** A heap tensor for a gradient before stretched batch dimensions are summed: the batch of `out`, then rows and cols. */
function stackResult(out: Tensor, batch: i32, rows: i32, cols: i32, like: Tensor): Tensor {
  const vector = like.ndim == 1;
  let numel = rows * cols;
  for (let dim = 0; dim < batch; dim++) numel *= out.size(dim);
  const t = newHeapTensor(DType.Float32, batch + (vector ? 1 : 2), numel);
  if (!changetype<usize>(t)) return t;
  for (let dim = 0; dim < batch; dim++) t.setSize(dim, out.size(dim));
  t.setSize(batch, vector ? rows * cols : rows);
  if (!vector) t.setSize(batch + 1, cols);
  setContiguousStrides(t);
  return t;
}

/** The gradient, which has lost the dimension that a vector operand had been given, as a stack of matrices. */
function gradientStack(at: usize, n: Node, g: Tensor): Stack {
  const s = changetype<Stack>(at);
  const a = n.input(0);
  const b = n.input(1);
  s.data = g.data;
  s.rows = a.ndim > 1 ? a.size(<i32>a.ndim - 2) : 1;
  s.cols = b.ndim > 1 ? b.size(<i32>b.ndim - 1) : 1;
  s.rowStride = s.cols;
  s.colStride = 1;
  return s;
}

/** gA = g Bᵀ, gB = Aᵀ g (Giles 2008, "Collected matrix derivative results for forward and reverse mode AD", 2.2.2). */
export function matmulBackward(n: Node, gradient: Tensor): void {
  const a = n.input(0);
  const b = n.input(1);
  const g = heapContiguous(gradient);
  if (!changetype<usize>(g) || !gemmReady()) {
    give(n, 0, changetype<Tensor>(0));
    return;
  }
  const batch = max(batchRank(a), batchRank(b));
  if (wants(n, 0)) give(n, 0, leftGradient(n, g, a, b, batch));
  if (wants(n, 1)) give(n, 1, rightGradient(n, g, a, b, batch));
  release(g);
}

function leftGradient(n: Node, g: Tensor, a: Tensor, b: Tensor, batch: i32): Tensor {
  const sg = gradientStack(A, n, g);
  const sb = stackOf(B, b, true);
  transpose(sb);
  const out = stackResult(n.output(), batch, sg.rows, sb.cols, a);
  if (!changetype<usize>(out)) return out;
  if (b.ndim <= 2) {
    const rows = sg.cols ? g.numel / sg.cols : out.numel / max(sb.cols, 1);
    gemm(rows, sb.cols, sg.cols, g.data, sg.cols, 1, sb.data, sb.rowStride, sb.colStride, out.data, sb.cols, 0, 0);
  } else {
    multiply(g, b, n.output(), batch, out.data, -1);
  }
  return out;
}

function rightGradient(n: Node, g: Tensor, a: Tensor, b: Tensor, batch: i32): Tensor {
  const sa = stackOf(A, a, false);
  transpose(sa);
  const sg = gradientStack(B, n, g);
  // All batches of a dense left operand meet one matrix: their sum is a single product of tall matrices.
  if (b.ndim <= 2 && (isTall(a) || a.ndim <= 2)) {
    const out = newHeapLike(b);
    if (!changetype<usize>(out)) return out;
    const tall = a.ndim > 2;
    const rows = tall ? (sa.rows ? a.numel / sa.rows : g.numel / max(sg.cols, 1)) : sa.cols;
    const rowStride = sa.rowStride;
    const colStride = tall ? sa.rows : sa.colStride;
    gemm(sa.rows, sg.cols, rows, a.data, rowStride, colStride, g.data, sg.cols, 1, out.data, sg.cols, 0, 0);
    return out;
  }
  const out = stackResult(n.output(), batch, sa.rows, sg.cols, b);
  if (changetype<usize>(out)) multiply(a, g, n.output(), batch, out.data, 1);
  return out;
}

/** Inputs: x [..., in], weight [out, in], and bias [out] if there are three. */
export function linearInfer(n: Node): Tensor {
  const x = n.input(0);
  const w = n.input(1);
  for (let i = 0; i < <i32>n.inputCount; i++) {
    if (n.input(i).dtype != DType.Float32) return changetype<Tensor>(fail(Status.DTypes, n.input(i).dtype, DType.Float32));
  }
  if (x.ndim == 0 || w.ndim != 2 || x.size(<i32>x.ndim - 1) != w.size(1)) {
    return changetype<Tensor>(fail(Status.MatmulSizes));
  }
  const features = w.size(0);
  if (n.inputCount == 3 && (n.input(2).ndim != 1 || n.input(2).size(0) != features)) {
    return changetype<Tensor>(fail(Status.Broadcast, features, n.input(2).numel, <i32>x.ndim - 1));
  }
  let rows = 1;
  for (let dim = 0; dim < <i32>x.ndim - 1; dim++) rows *= x.size(dim);
  const out = newTensor(DType.Float32, x.ndim, rows * features);
  if (!changetype<usize>(out)) return out;
  for (let dim = 0; dim < <i32>x.ndim - 1; dim++) out.setSize(dim, x.size(dim));
  out.setSize(<i32>x.ndim - 1, features);
  setContiguousStrides(out);
  return out;
}

/** Rows of x (all but the last dimension together), dense or with the strides of a matrix; counted. */
function rowsOf(x: Tensor): Tensor {
  if (x.ndim != 2) return heapContiguous(x);
  x.refs++;
  return x;
}

export function linearForward(n: Node): bool {
  const x = rowsOf(n.input(0));
  if (!changetype<usize>(x) || !gemmReady()) return false;
  const w = n.input(1);
  const out = n.output();
  const features = w.size(0);
  const depth = w.size(1);
  const rows = features ? out.numel / features : 0;
  const matrix = x.ndim == 2;
  let bias: usize = 0;
  let denseBias = changetype<Tensor>(0);
  if (n.inputCount == 3) {
    denseBias = heapContiguous(n.input(2));
    if (!changetype<usize>(denseBias)) return false;
    bias = denseBias.data;
  }
  gemm(
    rows, features, depth, x.data, matrix ? x.stride(0) : depth, matrix ? x.stride(1) : 1, w.data, w.stride(1), w.stride(0),
    out.data, features, bias, 0,
  );
  release(x);
  if (bias) release(denseBias);
  return true;
}

/** gX = g W, gW = gᵀ X, gb = column sums of g. */
export function linearBackward(n: Node, gradient: Tensor): void {
  const g = heapContiguous(gradient);
  const x = rowsOf(n.input(0));
  if (!changetype<usize>(g) || !changetype<usize>(x) || !gemmReady()) {
    give(n, 0, changetype<Tensor>(0));
    return;
  }
  const w = n.input(1);
  const features = w.size(0);
  const depth = w.size(1);
  const rows = features ? g.numel / features : 0;
  const matrix = x.ndim == 2;
  if (wants(n, 0)) {
    const gx = newHeapLike(n.input(0));
    if (changetype<usize>(gx)) {
      gemm(rows, depth, features, g.data, features, 1, w.data, w.stride(0), w.stride(1), gx.data, depth, 0, 0);
    }
    give(n, 0, gx);
  }
  if (wants(n, 1)) {
    const gw = newHeapLike(w);
    if (changetype<usize>(gw)) {
      gemm(
        features, depth, rows, g.data, 1, features, x.data, matrix ? x.stride(0) : depth, matrix ? x.stride(1) : 1, gw.data,
        depth, 0, 0,
      );
    }
    give(n, 1, gw);
  }
  if (n.inputCount == 3 && wants(n, 2)) {
    const gb = newHeapLike(n.input(2));
    if (changetype<usize>(gb)) sum(g.data, 1, rows, features, gb.data);
    give(n, 2, gb);
  }
  release(g);
  release(x);
}
