/** Distances between the rows of [..., P, M] and those of [..., R, M], batches alike. The number is the order. */
import { DType } from "../abi/dtype";
import { Op } from "../abi/op";
import { Status } from "../abi/status";
import { f32_distances, f32_distances_grad } from "../kernels/distance";
import { fail } from "../memory/args";
import { alloc, free } from "../memory/heap";
import { give, wants } from "../tape/gradient";
import { Node } from "../tape/node";
import { heapContiguous, heapFill } from "../tensor/convert";
import { copySizes, newTensor, release, setContiguousStrides, Tensor } from "../tensor/record";
import { heapMap, heapZip, map } from "./pointwise";

let batch: i32 = 1;
let rows: i32 = 1;
let columns: i32 = 1;
let coordinates: i32 = 1;

function measure(n: Node): void {
  const a = n.input(0);
  const last = <i32>a.ndim - 1;
  rows = a.size(last - 1);
  columns = n.input(1).size(last - 1);
  coordinates = a.size(last);
  batch = 1;
  for (let dim = 0; dim < last - 1; dim++) batch *= a.size(dim);
}

export function distanceInfer(n: Node): Tensor {
  const a = n.input(0);
  const b = n.input(1);
  if (a.dtype != DType.Float32 || b.dtype != DType.Float32) {
    return changetype<Tensor>(fail(Status.DTypes, a.dtype, b.dtype));
  }
  measure(n);
  const numel = <i64>batch * rows * columns;
  if (numel > i32.MAX_VALUE / 4) return changetype<Tensor>(fail(Status.OutOfMemory, i32.MAX_VALUE));
  const out = newTensor(DType.Float32, a.ndim, <i32>numel);
  if (!changetype<usize>(out)) return out;
  copySizes(a, out);
  out.setSize(<i32>a.ndim - 1, columns);
  setContiguousStrides(out);
  return out;
}

// @ts-ignore: decorator
@inline function scratchBytes(): u32 {
  return ((<u32>coordinates << 2) + 15) & ~15;
}

export function distanceForward(n: Node): bool {
  const a = heapContiguous(n.input(0));
  const b = heapContiguous(n.input(1));
  measure(n);
  const bytes = scratchBytes();
  const scratch = alloc(bytes);
  const done = scratch != 0 && changetype<usize>(a) != 0 && changetype<usize>(b) != 0;
  if (done) {
    const out = n.output();
    const p = n.s0;
    f32_distances(a.data, b.data, batch, rows, columns, coordinates, <f32>p, out.data, scratch);
    if (p == 2) map(Op.Sqrt, out, out, 0, 0);
    else if (p != 0 && p != 1 && p != Infinity) map(Op.PowScalar, out, out, 1 / p, 0);
  }
  if (scratch) free(scratch, bytes);
  if (changetype<usize>(b)) release(b);
  if (changetype<usize>(a)) release(a);
  return done;
}

/** The gradient times y^(1-p), dense; or the gradient, for orders that need no more. Counted, or null. */
function weighted(g: Tensor, y: Tensor, p: f64): Tensor {
  if (p == 1 || p == Infinity) return heapContiguous(g);
  const factor = heapMap(Op.PowScalar, y, 1 - p);
  if (!changetype<usize>(factor)) return factor;
  const weights = heapZip(Op.Mul, g, factor);
  release(factor);
  return weights;
}

export function distanceBackward(n: Node, g: Tensor): void {
  const p = n.s0;
  const y = n.output();
  const da = heapFill(n.input(0), 0);
  const db = heapFill(n.input(1), 0);
  const a = heapContiguous(n.input(0));
  const b = heapContiguous(n.input(1));
  const w = weighted(g, y, p);
  measure(n);
  const bytes = scratchBytes();
  const scratch = alloc(bytes);
  const isThere = changetype<usize>(da) != 0 && changetype<usize>(db) != 0 && changetype<usize>(a) != 0 &&
    changetype<usize>(b) != 0 && changetype<usize>(w) != 0 && scratch != 0;
  if (isThere && p != 0) {
    f32_distances_grad(
      w.data, y.data, a.data, b.data, batch, rows, columns, coordinates, <f32>p, da.data, db.data, scratch,
    );
  }
  if (scratch) free(scratch, bytes);
  if (changetype<usize>(w)) release(w);
  if (changetype<usize>(b)) release(b);
  if (changetype<usize>(a)) release(a);
  pass(n, 0, da, isThere);
  pass(n, 1, db, isThere);
}

/** Gives a gradient where it is wanted; if memory was short, says so instead. */
function pass(n: Node, i: i32, d: Tensor, isThere: bool): void {
  if (isThere && wants(n, i)) {
    give(n, i, d);
    return;
  }
  if (changetype<usize>(d)) release(d);
  if (!isThere) give(n, i, changetype<Tensor>(0));
}
