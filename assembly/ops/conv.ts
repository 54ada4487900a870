/**
 * Convolution over one, two or three spatial dimensions, y = x ∗ w (+ bias). It is linear in x and in w, and so are its
 * two gradients, which are primitives too; the derivatives of each of the three are the other two:
 *
 *     Conv             y from x and w      inputs x, w (, bias)    gradients ConvTranspose(g, w), ConvWeight(x, g)
 *     ConvTranspose    x from y and w      inputs y, w (, bias)    gradients Conv(g, w), ConvWeight(g, y)
 *     ConvWeight       w from x and y      inputs x, y             gradients ConvTranspose(y, g), Conv(x, g)
 *
 * Attributes: [groups, strides, paddings, dilations] of depth, height and width (missing dimensions come first, with
 * stride and dilation 1 and no padding); behind them the spatial sizes of x for ConvTranspose, of w for ConvWeight,
 * without the missing ones. The bindings have checked them all.
 */
import { DType } from "../abi/dtype";
import { Op } from "../abi/op";
import { Status } from "../abi/status";
import { outputSize } from "../kernels/conv/geometry";
import { fail } from "../memory/args";
import { convolution, convolve, Result } from "../parallel/conv";
import { sum } from "../parallel/reduce";
import { give, wants } from "../tape/gradient";
import { Node } from "../tape/node";
import { fillInto, heapContiguous, heapFill } from "../tensor/convert";
import {
  newHeapLike, newHeapTensor, newHeapView, newTensor, release, setContiguousStrides, Tensor,
} from "../tensor/record";
import { zip } from "./pointwise";

/** Where the sizes begin in the list. */
const SIZES: i32 = 10;

/** Size of spatial dimension 0 (depth) to 2 (width); 1 for what is missing. */
// @ts-ignore: decorator
@inline function spatial(t: Tensor, which: i32): i32 {
  const dim = <i32>t.ndim - 3 + which;
  return dim >= 2 ? t.size(dim) : 1;
}

/** A result of `first` and `second` in its two leading dimensions. */
function shaped(n: Node, first: i32, second: i32): Tensor {
  const ndim = <i32>n.input(0).ndim;
  const isConv = <i32>n.op == Op.Conv;
  const missing = 5 - ndim;
  let numel: i64 = <i64>first * second;
  for (let dim = 2; dim < ndim; dim++) numel *= isConv ? convolved(n, dim - 2 + missing) : n.list(SIZES + dim - 2);
  if (numel > i32.MAX_VALUE / 4) return changetype<Tensor>(fail(Status.OutOfMemory, i32.MAX_VALUE));
  const out = newTensor(DType.Float32, ndim, <i32>numel);
  if (!changetype<usize>(out)) return out;
  out.setSize(0, first);
  out.setSize(1, second);
  for (let dim = 2; dim < ndim; dim++) {
    out.setSize(dim, isConv ? convolved(n, dim - 2 + missing) : n.list(SIZES + dim - 2));
  }
  setContiguousStrides(out);
  return out;
}

function convolved(n: Node, which: i32): i32 {
  return outputSize(
    spatial(n.input(0), which), spatial(n.input(1), which), n.list(1 + which), n.list(4 + which), n.list(7 + which),
  );
}

export function convInfer(n: Node): Tensor {
  for (let i = 0; i < <i32>n.inputCount; i++) {
    if (n.input(i).dtype != DType.Float32) return changetype<Tensor>(fail(Status.DTypes, n.input(i).dtype, DType.Float32));
  }
  const a = n.input(0);
  const b = n.input(1);
  const groups = n.list(0);
  switch (<i32>n.op) {
    case Op.Conv: return shaped(n, a.size(0), b.size(0));
    case Op.ConvTranspose: return shaped(n, a.size(0), b.size(1) * groups);
    default: return shaped(n, b.size(1), a.size(1) / groups);
  }
}

/**
 * One of x, w and y (float32, dense) from the other two: the one that `op` makes. False if there is no memory. Without
 * elements to sum over, the result is zero.
 */
function compute(op: i32, n: Node, x: Tensor, w: Tensor, y: Tensor, bias: usize): bool {
  const result = op == Op.Conv ? y : op == Op.ConvTranspose ? x : w;
  if (!result.numel) return true;
  if (!x.numel || !w.numel || !y.numel) {
    fillInto(result, 0);
    return true;
  }
  const c = convolution();
  c.result = op == Op.Conv ? Result.Y : op == Op.ConvTranspose ? Result.X : Result.W;
  c.x = x.data; c.w = w.data; c.bias = bias; c.y = y.data;
  c.N = x.size(0); c.C = x.size(1); c.D = spatial(x, 0); c.H = spatial(x, 1); c.W = spatial(x, 2);
  c.O = w.size(0); c.kD = spatial(w, 0); c.kH = spatial(w, 1); c.kW = spatial(w, 2);
  c.groups = n.list(0);
  c.strideD = n.list(1); c.strideH = n.list(2); c.strideW = n.list(3);
  c.padD = n.list(4); c.padH = n.list(5); c.padW = n.list(6);
  c.dilD = n.list(7); c.dilH = n.list(8); c.dilW = n.list(9);
  return convolve();
}

export function convForward(n: Node): bool {
  const op = <i32>n.op;
  const a = heapContiguous(n.input(0));
  const b = heapContiguous(n.input(1));
  const hasBias = n.inputCount == 3;
  const bias = hasBias ? heapContiguous(n.input(2)) : changetype<Tensor>(0);
  const out = n.output();
  let done = changetype<usize>(a) != 0 && changetype<usize>(b) != 0 && (!hasBias || changetype<usize>(bias) != 0);
  if (done) {
    // Where nothing is summed up, or the kernel takes none, the bias is added afterwards.
    const inKernel = hasBias && op == Op.Conv && a.numel != 0 && b.numel != 0;
    if (op == Op.Conv) done = compute(op, n, a, b, out, inKernel ? bias.data : 0);
    else if (op == Op.ConvTranspose) done = compute(op, n, out, b, a, 0);
    else done = compute(op, n, a, out, b, 0);
    if (done && hasBias && !inKernel) done = addBias(bias, out);
  }
  drop(a);
  drop(b);
  drop(bias);
  return done;
}

// @ts-ignore: decorator
@inline function drop(t: Tensor): void {
  if (changetype<usize>(t)) release(t);
}

/** Adds one number to each channel. */
function addBias(bias: Tensor, out: Tensor): bool {
  const view = newHeapView(bias, <i32>out.ndim - 1, bias.numel, bias.data);
  if (!changetype<usize>(view)) return false;
  for (let dim = 0; dim < <i32>view.ndim; dim++) {
    view.setSize(dim, dim ? 1 : bias.numel);
    view.setStride(dim, dim ? 0 : 1);
  }
  zip(Op.Add, out, view, out, 0, 0);
  release(view);
  return true;
}

/** Sums of the channels of g [N, C, ...]. */
function biasGradient(g: Tensor, bias: Tensor): Tensor {
  const channels = g.size(1);
  if (!g.numel) return heapFill(bias, 0);
  const images = newHeapTensor(DType.Float32, 1, g.size(0) * channels);
  if (!changetype<usize>(images)) return images;
  const out = newHeapLike(bias);
  if (changetype<usize>(out)) {
    sum(g.data, images.numel, g.numel / images.numel, 1, images.data);
    sum(images.data, 1, g.size(0), channels, out.data);
  }
  release(images);
  return out;
}

/** A gradient like input `i`, computed by `op` from the other two of x, w and y; null if there is no memory. */
function gradient(op: i32, n: Node, i: i32, x: Tensor, w: Tensor, y: Tensor): Tensor {
  const out = newHeapLike(n.input(i));
  if (!changetype<usize>(out)) return out;
  const done = op == Op.Conv ? compute(op, n, x, w, out, 0)
    : op == Op.ConvTranspose ? compute(op, n, out, w, y, 0) : compute(op, n, x, out, y, 0);
  if (done) return out;
  release(out);
  return changetype<Tensor>(0);
}

export function convBackward(n: Node, g: Tensor): void {
  const h = heapContiguous(g);
  const a = heapContiguous(n.input(0));
  const b = heapContiguous(n.input(1));
  const none = changetype<Tensor>(0);
  if (!changetype<usize>(h) || !changetype<usize>(a) || !changetype<usize>(b)) {
    give(n, 0, none);
  } else {
    switch (<i32>n.op) {
      case Op.Conv: {
        if (wants(n, 0)) give(n, 0, gradient(Op.ConvTranspose, n, 0, none, b, h));
        if (wants(n, 1)) give(n, 1, gradient(Op.ConvWeight, n, 1, a, none, h));
        break;
      }
      case Op.ConvTranspose: {
        if (wants(n, 0)) give(n, 0, gradient(Op.Conv, n, 0, h, b, none));
        if (wants(n, 1)) give(n, 1, gradient(Op.ConvWeight, n, 1, h, none, a));
        break;
      }
      default: {
        if (wants(n, 0)) give(n, 0, gradient(Op.ConvTranspose, n, 0, none, h, b));
        if (wants(n, 1)) give(n, 1, gradient(Op.Conv, n, 1, a, h, none));
      }
    }
    if (n.inputCount == 3 && wants(n, 2)) give(n, 2, biasGradient(h, n.input(2)));
  }
  drop(h);
  drop(a);
  drop(b);
}
