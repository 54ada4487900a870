/** Tensors of the heap that became part of a graph when they were written to: they stay where they are, and their nodes move. */
import { NodeField, NodeFlag, StorageField, TensorField, TensorFlag } from "../../assembly/abi/layout.ts";
import { chunkOf, type Image, wordOf } from "./image.ts";
import { originBack } from "./part.ts";
import { restoreSlot } from "./token.ts";
import { core, i32 } from "./wasm.ts";

/** A heap tensor, and the node that it came from in the image. */
type Tie = readonly [tensor: number, node: number];

/** To be called when an image has been made. Until it is known where the nodes go, the tensors come from nowhere. */
export function untie(image: Image): Tie[] {
  const first = core.tieList() >>> 2;
  const view = i32();
  const tied: Tie[] = [];
  for (const tensor of view.slice(first, first + core.tieTotal())) {
    // Of one that is in the list twice it is 0 the second time.
    const node = view[(tensor + TensorField.Node) >>> 2];
    if (node !== 0) {
      view[(tensor + TensorField.Node) >>> 2] = 0;
      view[(tensor + TensorField.DType) >>> 2] |= TensorFlag.GraphFreed << 16;
    }
    if (node !== 0 && isWanted(image, tensor, node)) tied.push([tensor, node]);
    else core.release(tensor);
  }
  return tied;
}

/** Its graph can be walked, and somebody may want to. */
function isWanted(image: Image, tensor: number, node: number): boolean {
  if (!image.live || !chunkOf(image, node) || (wordOf(image, node, NodeField.Op) >>> 24) & NodeFlag.Freed) return false;
  const view = i32();
  const storage = view[(tensor + TensorField.Storage) >>> 2];
  // A view's own record goes with its last count, and nodes refer to it.
  return view[(tensor + TensorField.Refs) >>> 2] > 1 || view[(storage + StorageField.Owner) >>> 2] !== tensor;
}

/** To be called in the generation that follows: what leads to them comes along. */
export function tie(image: Image, tied: readonly Tie[]): void {
  for (const [tensor, old] of tied) {
    const node = originBack(image, old);
    const view = i32();
    const at = (tensor + TensorField.DType) >>> 2;
    if (node !== 0) {
      view[(tensor + TensorField.Node) >>> 2] = node;
      view[at] &= ~(TensorFlag.GraphFreed << 16);
      const slot = view[(tensor + TensorField.Pending) >>> 2];
      if ((view[at] >>> 16) & TensorFlag.RetainsGrad) restoreSlot(slot, image.slots.get(slot));
      core.tieAgain(tensor);
    }
    core.release(tensor);
  }
}
