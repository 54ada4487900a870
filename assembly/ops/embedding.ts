/**
 * Rows of a table (input 0, [rows, width]) at positions (input 1, int32 of any shape). It is an index_select whose
 * gradient leaves one row out, or shares what a row gets among its occurrences. Attributes: [row whose gradient is 0, or
 * −1; whether gradients are divided by how often a row occurs].
 */
import { DType } from "../abi/dtype";
import { Status } from "../abi/status";
import { index_add_f32, index_select32 } from "../kernels/index/index";
import { fail } from "../memory/args";
import { alloc, free } from "../memory/heap";
import { give } from "../tape/gradient";
import { Node } from "../tape/node";
import { heapContiguous, heapFill } from "../tensor/convert";
import { copySizes, newTensor, release, setContiguousStrides, Tensor } from "../tensor/record";
import { isIndexOf } from "./index";

export function embeddingInfer(n: Node): Tensor {
  const table = n.input(0);
  const index = n.input(1);
  if (table.dtype != DType.Float32) return changetype<Tensor>(fail(Status.DTypes, table.dtype, DType.Float32));
  if (!isIndexOf(index, table, 0)) return changetype<Tensor>(0);
  const width = table.size(1);
  const numel = <i64>index.numel * width;
  if (numel > i32.MAX_VALUE / 4) return changetype<Tensor>(fail(Status.OutOfMemory, i32.MAX_VALUE));
  const out = newTensor(DType.Float32, <i32>index.ndim + 1, <i32>numel);
  if (!changetype<usize>(out)) return out;
  copySizes(index, out);
  out.setSize(index.ndim, width);
  setContiguousStrides(out);
  return out;
}

export function embeddingForward(n: Node): bool {
  const table = heapContiguous(n.input(0));
  const index = heapContiguous(n.input(1));
  const done = changetype<usize>(table) != 0 && changetype<usize>(index) != 0;
  if (done && n.output().numel) {
    index_select32(table.data, 1, table.size(0), table.size(1), index.data, index.numel, n.output().data);
  }
  if (changetype<usize>(table)) release(table);
  if (changetype<usize>(index)) release(index);
  return done;
}

/** Divides each row of `out` by how often it occurs; false if there is no memory for the counts. */
function shareRows(index: Tensor, out: Tensor): bool {
  const rows = out.size(0);
  const bytes = <u32>max(rows, 1) << 2;
  const counts = alloc(bytes);
  if (!counts) return false;
  memory.fill(counts, 0, bytes);
  for (let i = 0; i < index.numel; i++) {
    const at = counts + (<usize>load<i32>(index.data + (<usize>i << 2)) << 2);
    store<i32>(at, load<i32>(at) + 1);
  }
  const rowBytes = <usize>out.size(1) << 2;
  for (let row = 0; row < rows; row++) {
    const count = <f32>load<i32>(counts + (<usize>row << 2));
    if (count < 2) continue;
    const from = out.data + <usize>row * rowBytes;
    for (let p = from; p < from + rowBytes; p += 4) store<f32>(p, load<f32>(p) / count);
  }
  free(counts, bytes);
  return true;
}

export function embeddingBackward(n: Node, gradient: Tensor): void {
  const g = heapContiguous(gradient);
  const index = heapContiguous(n.input(1));
  let out = changetype<Tensor>(0);
  if (changetype<usize>(g) && changetype<usize>(index)) out = heapFill(n.input(0), 0);
  if (changetype<usize>(out) && g.numel) {
    const width = out.size(1);
    index_add_f32(g.data, 1, index.numel, width, index.data, out.size(0), out.data);
    if (n.list(0) >= 0) memory.fill(out.data + (<usize>(n.list(0) * width) << 2), 0, <usize>width << 2);
    if (n.list(1) && !shareRows(index, out)) {
      release(out);
      out = changetype<Tensor>(0);
    }
  }
  if (changetype<usize>(g)) release(g);
  if (changetype<usize>(index)) release(index);
  give(n, 0, out);
}
