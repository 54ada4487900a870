/** Where gradients end: they are added into the grad of leaves. */
import { TensorFlag } from "../abi/layout";
import { Op } from "../abi/op";
import { noteEscape } from "../memory/nursery";
import { zip } from "../ops/pointwise";
import { Arena, arenaMode } from "../program/arena";
import { firstGradient } from "../program/record";
import { copyInto, heapClone } from "../tensor/convert";
import { beforeWrite, newLike, release, Tensor, tensorAt } from "../tensor/record";

/** Adds a gradient to a leaf's grad, outside of the core's own walk. False: no memory. */
export function accumulateGrad(leaf: usize, gradient: usize): bool {
  const g = heapClone(tensorAt(gradient));
  if (!changetype<usize>(g)) return false;
  if (accumulateInto(tensorAt(leaf), g)) return true;
  release(g);
  return false;
}

/** leaf.grad += leaf.pending. */
export function accumulate(leaf: Tensor): bool {
  if (!accumulateInto(leaf, changetype<Tensor>(leaf.pending))) return false;
  leaf.pending = 0;
  return true;
}

/** leaf.grad += g; takes over the reference, unless there is no memory. The first gradient of a heap leaf is kept as it is if nobody else holds it. */
function accumulateInto(leaf: Tensor, g: Tensor): bool {
  if (leaf.grad) {
    const grad = changetype<Tensor>(leaf.grad);
    beforeWrite(grad.storage);
    zip(Op.Add, grad, g, grad, 0, 0);
    grad.storage.version++;
    release(g);
    return true;
  }
  const isHeap = leaf.has(TensorFlag.Heap);
  if (isHeap && arenaMode == Arena.Recording) return firstGradient(leaf, g);
  const dense = leaf.has(TensorFlag.Contiguous);
  if (isHeap && dense && isOwned(g)) {
    leaf.grad = changetype<usize>(g);
    return true;
  }
  if (!isHeap) noteEscape();
  const grad = isHeap ? heapClone(g) : newLike(g, g.dtype);
  if (!changetype<usize>(grad)) return false;
  if (!dense) layLike(leaf, grad);
  copyInto(g, grad);
  leaf.grad = changetype<usize>(grad);
  release(g);
  return true;
}

/** Gives a gradient the strides of its leaf, if those are dense in some order. */
export function layLike(leaf: Tensor, grad: Tensor): void {
  if (leaf.has(TensorFlag.Contiguous) || !isPermuted(leaf)) return;
  for (let dim = 0; dim < <i32>leaf.ndim; dim++) grad.setStride(dim, leaf.stride(dim));
  grad.clear(TensorFlag.Contiguous);
}

function isOwned(g: Tensor): bool {
  return g.refs == 1 && g.has(TensorFlag.Contiguous) && g.storage.refs == 1 && g.storage.owner == changetype<usize>(g);
}

/** Dense in some order of its dimensions: its gradient takes the same strides, as PyTorch's does. */
function isPermuted(t: Tensor): bool {
  let expected = 1;
  for (let placed = 0; placed < <i32>t.ndim; placed++) {
    let found = false;
    for (let dim = 0; dim < <i32>t.ndim && !found; dim++) {
      if (t.stride(dim) == expected && t.size(dim) > 1) {
        expected *= t.size(dim);
        found = true;
      }
    }
    if (!found) break;
  }
  return expected == t.numel;
}
