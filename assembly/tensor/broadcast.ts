/** Shapes that align from the right, where a size of 1 stretches. */
import { Status } from "../abi/status";
import { fail } from "../memory/args";
import { Tensor } from "./record";

/** Sizes of the shape worked on last: `broadcast` fills them, `applySizes` hands them to a record. */
const SIZES: usize = memory.data(4 * 64, 16);

export let broadcastRank: i32 = 0;
export let broadcastNumel: i32 = 0;

// @ts-ignore: decorator
@inline function sizeFromRight(t: Tensor, position: i32): i32 {
  const dim = <i32>t.ndim - 1 - position;
  return dim >= 0 ? t.size(dim) : 1;
}

/** Starts with the shape of `a`. */
export function broadcastStart(a: Tensor): void {
  broadcastRank = a.ndim;
  broadcastNumel = a.numel;
  for (let dim = 0; dim < <i32>a.ndim; dim++) store<i32>(SIZES + (<usize>dim << 2), a.size(dim));
}

/** Widens the shape by that of `b`; false, with the status set, if they do not fit. */
export function broadcastWith(b: Tensor): bool {
  const rank = max(broadcastRank, <i32>b.ndim);
  const shift = rank - broadcastRank;
  if (shift) {
    memory.copy(SIZES + (<usize>shift << 2), SIZES, <usize>broadcastRank << 2);
    for (let dim = 0; dim < shift; dim++) store<i32>(SIZES + (<usize>dim << 2), 1);
    broadcastRank = rank;
  }
  let numel: i64 = 1;
  for (let position = 0; position < rank; position++) {
    const dim = rank - 1 - position;
    const at = SIZES + (<usize>dim << 2);
    let size = load<i32>(at);
    const other = sizeFromRight(b, position);
    if (size != other) {
      if (size == 1) size = other;
      else if (other != 1) {
        fail(Status.Broadcast, size, other, dim);
        return false;
      }
      store<i32>(at, size);
    }
    numel *= size;
    if (numel > i32.MAX_VALUE) {
      fail(Status.OutOfMemory, i32.MAX_VALUE);
      return false;
    }
  }
  broadcastNumel = <i32>numel;
  return true;
}

/** Whether the shape worked on is that of `t`. */
export function broadcastIs(t: Tensor): bool {
  if (<i32>t.ndim != broadcastRank) return false;
  for (let dim = 0; dim < broadcastRank; dim++) {
    if (t.size(dim) != load<i32>(SIZES + (<usize>dim << 2))) return false;
  }
  return true;
}

export function applySizes(t: Tensor): void {
  for (let dim = 0; dim < broadcastRank; dim++) t.setSize(dim, load<i32>(SIZES + (<usize>dim << 2)));
}

