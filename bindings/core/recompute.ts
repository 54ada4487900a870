/**
 * Large results that a turnover does not set aside, since they can be computed again should anybody ask. That is rare: most
 * of what a loop makes is never looked at after the turnover, and copying it out takes longer than computing it did.
 *
 * A recipe is the node of the operation, as it lies in the image (assembly/tape/recipe.ts). Its inputs are in the image as
 * well, whatever has happened to the tensors since, or are leased from the heap.
 */
import { Content, InputField, NodeField, StorageField, StorageFlag, TensorField } from "../../assembly/abi/layout.ts";
import { type Chunk, chunkOf, copyIn, type Image, isLeftBehind, wordOf } from "./image.ts";
import { canLease, type Lease, lease } from "./lease.ts";
import { need, newStorage } from "./restore.ts";
import { attributes, core, i32, pin, setList, u8 } from "./wasm.ts";

/**
 * The node by which the data of a chunk of the nursery can be computed again, 0 if it must be copied. What that needs of the
 * heap is leased.
 */
export function recipeOf(chunk: number, leases: Map<number, Lease>): number {
  const node = canLease() ? core.recipeOf(chunk) : 0;
  if (node === 0) return 0;
  const view = i32();
  const word = (address: number, field: number): number => view[(address + field) >>> 2];
  const head = word(node, NodeField.Op);
  for (let i = 0; i < ((head >>> 16) & 0xff); i++) {
    const t = word(node, NodeField.Inputs + i * InputField.SIZE + InputField.Tensor);
    const storage = word(t, TensorField.Storage);
    if (word(storage, StorageField.Flags) & StorageFlag.Heap && !leases.has(storage))
      leases.set(storage, lease(storage));
  }
  return node;
}

/** Computes a result again: a tensor of the nursery, dense, that nothing else shows. To be called with records pinned. */
export function recompute(image: Image, recipe: number): number {
  // An operation that is about to run may have its attributes laid out already.
  const before = attributes().slice();
  try {
    return make(image, recipe, new Map());
  } finally {
    attributes().set(before);
  }
}

/**
 * Where the elements of chunks that have been left out are again, until the next operation, but for those that came back by
 * themselves.
 */
export function recomputeAll(image: Image, leftOut: readonly Chunk[]): Map<Chunk, number> {
  const data = new Map<Chunk, number>();
  const before = attributes().slice();
  const made = new Map<number, number>();
  pin(1);
  try {
    for (const chunk of leftOut) {
      const old = wordOf(image, wordOf(image, chunk.recipe, NodeField.Out), TensorField.Storage);
      if (image.moved.has(old)) continue;
      const storage = made.get(old) ?? storageAgain(image, old, made);
      data.set(chunk, i32()[(storage + StorageField.Data) >>> 2] >>> 0);
    }
  } finally {
    pin(-1);
    attributes().set(before);
  }
  return data;
}

/** `made`: storages that have been made again on the way, by their old address. */
function make(image: Image, node: number, made: Map<number, number>): number {
  const head = wordOf(image, node, NodeField.Op);
  const op = head & 0xffff;
  const count = (head >>> 16) & 0xff;
  const list: number[] = [];
  for (let i = 0; i < count; i++) {
    const t = wordOf(image, node, NodeField.Inputs + i * InputField.SIZE + InputField.Tensor);
    list.push(inputAgain(image, t, made));
  }
  const end = wordOf(image, node, NodeField.Head) & ~15;
  for (let at = NodeField.Inputs + count * InputField.SIZE; at < end; at += 4) list.push(wordOf(image, node, at));
  attributes().set([0, 4, 8, 12].map((at) => wordOf(image, node, NodeField.Attr + at)));
  setList(list);
  return need(core.recompute(op, count, list.length - count));
}

/** A record that shows what the input at an old address has shown; 0 for what the operation makes along with its result. */
function inputAgain(image: Image, old: number, made: Map<number, number>): number {
  if (isLeftBehind(image, old)) return 0;
  const oldStorage = wordOf(image, old, TensorField.Storage);
  const inHeap = chunkOf(image, oldStorage) === null;
  const data = inHeap
    ? (image.leases.get(oldStorage) as Lease).elements.data
    : wordOf(image, oldStorage, StorageField.Data);
  const storage = made.get(oldStorage) ?? storageAgain(image, oldStorage, made);
  const meta = wordOf(image, old, TensorField.DType);
  const ndim = (meta >>> 8) & 0xff;
  setList(Array.from({ length: 2 * ndim }, (_, i) => wordOf(image, old, TensorField.Dims + 4 * i)));
  return need(core.createOn(storage, meta & 0xff, ndim, wordOf(image, old, TensorField.Data) - data, 0));
}

function storageAgain(image: Image, old: number, made: Map<number, number>): number {
  const chunk = chunkOf(image, old);
  const bytes = chunk ? null : (image.leases.get(old) as Lease).elements.bytes;
  if (!chunk && !bytes) return old;
  const owner = chunk ? setAside(image, old, made) : newStorage((bytes as Uint8Array).length, false);
  const view = i32();
  if (bytes) u8().set(bytes, view[(owner + TensorField.Data) >>> 2] >>> 0);
  const storage = view[(owner + TensorField.Storage) >>> 2];
  hide(storage);
  made.set(old, storage);
  return storage;
}

/** What has been set aside of a storage, or left out in its turn, in the nursery again. */
function setAside(image: Image, old: number, made: Map<number, number>): number {
  const data = wordOf(image, old, StorageField.Data);
  const chunk = chunkOf(image, data) as Chunk;
  if (chunk.recipe !== 0) return make(image, chunk.recipe, made);
  const size = wordOf(image, old, StorageField.Bytes);
  const owner = newStorage(size, false);
  copyIn(chunk, data, size, i32()[(owner + TensorField.Data) >>> 2]);
  return owner;
}

/** Nobody will ask for the elements of a storage of the nursery once the next operation has run. */
export function hide(storage: number): void {
  const view = i32();
  const word = (field: number): number => view[(storage + field) >>> 2];
  // In a chunk of their own, whose header of 16 bytes ends with what it holds.
  if (word(StorageField.Flags) === 0) view[(word(StorageField.Data) - 4) >>> 2] = Content.Hidden;
}
