/** Selection by a condition, and casts between dtypes. */
import { DType } from "../abi/dtype";
import { Status } from "../abi/status";
import {
  f32_to_i32, f32_to_u8, i32_to_f32, i32_to_u8, u8_to_f32, u8_to_i32, f32_where, u8_where,
} from "../kernels/elementwise/convert";
import { fail } from "../memory/args";
import { give, giveShared, wants } from "../tape/gradient";
import { Node } from "../tape/node";
import { broadcastStart, broadcastWith } from "../tensor/broadcast";
import { heapFill } from "../tensor/convert";
import { itemBytes, newHeapLike, newLike, release, Tensor } from "../tensor/record";
import { rowLength, rowPtr, rowsAdd, rowsNext, rowsReady, rowsStart, rowStride } from "../tensor/rows";
import { broadcastTensor } from "./binary";

/** Inputs: condition (bool), a, b. */
export function whereInfer(n: Node): Tensor {
  const a = n.input(1);
  const b = n.input(2);
  if (a.dtype != b.dtype) return changetype<Tensor>(fail(Status.DTypes, a.dtype, b.dtype));
  if (n.input(0).dtype != DType.Bool) return changetype<Tensor>(fail(Status.DTypes, n.input(0).dtype, DType.Bool));
  broadcastStart(n.input(0));
  if (!broadcastWith(a) || !broadcastWith(b)) return changetype<Tensor>(0);
  return broadcastTensor(a.dtype);
}

function select(condition: Tensor, a: Tensor, b: Tensor, out: Tensor): void {
  rowsStart(out);
  rowsAdd(1, condition);
  rowsAdd(2, a);
  rowsAdd(3, b);
  if (!rowsReady()) return;
  const wide = itemBytes(out.dtype) == 4;
  do {
    if (wide) {
      f32_where(rowPtr(1), rowStride(1), rowPtr(2), rowStride(2), rowPtr(3), rowStride(3), rowPtr(0), rowStride(0), rowLength());
    } else {
      u8_where(rowPtr(1), rowStride(1), rowPtr(2), rowStride(2), rowPtr(3), rowStride(3), rowPtr(0), rowStride(0), rowLength());
    }
  } while (rowsNext());
}

export function whereForward(n: Node): void {
  select(n.input(0), n.input(1), n.input(2), n.output());
}

export function whereBackward(n: Node, g: Tensor): void {
  const zero = heapFill(g, 0);
  for (let i = 1; i <= 2; i++) {
    if (!wants(n, i)) continue;
    const out = changetype<usize>(zero) ? newHeapLike(g) : zero;
    if (changetype<usize>(out)) select(n.input(0), i == 1 ? g : zero, i == 1 ? zero : g, out);
    give(n, i, out);
  }
  if (changetype<usize>(zero)) release(zero);
}

/** The dtype wanted is integer attribute 0. */
export function castInfer(n: Node): Tensor {
  return newLike(n.input(0), n.int(0));
}

/** Both are floats in a recorded cast: integers carry no gradient. */
export function castBackward(n: Node, g: Tensor): void {
  giveShared(n, 0, g);
}

export function castForward(n: Node): void {
  castInto(n.input(0), n.output());
}

export function castInto(a: Tensor, out: Tensor): void {
  rowsStart(out);
  rowsAdd(1, a);
  if (!rowsReady()) return;
  const code = <u32>a.dtype * 4 + out.dtype;
  do {
    const p = rowPtr(1);
    const ps = rowStride(1);
    const o = rowPtr(0);
    const os = rowStride(0);
    switch (code) {
      case DType.Bool * 4 + DType.Int32: u8_to_i32(p, ps, o, os, rowLength()); break;
      case DType.Bool * 4 + DType.Float32: u8_to_f32(p, ps, o, os, rowLength()); break;
      case DType.Int32 * 4 + DType.Bool: i32_to_u8(p, ps, o, os, rowLength()); break;
      case DType.Int32 * 4 + DType.Float32: i32_to_f32(p, ps, o, os, rowLength()); break;
      case DType.Float32 * 4 + DType.Bool: f32_to_u8(p, ps, o, os, rowLength()); break;
      default: f32_to_i32(p, ps, o, os, rowLength());
    }
  } while (rowsNext());
}
