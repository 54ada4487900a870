/**
 * Where the tensors of a program lie. While one is recorded, everything that would be born in the nursery or, for a moment, in
 * the heap is born here instead: records and nodes in chunks that the program keeps, elements in blocks that go when the
 * planner has found better places for them (plan.ts). Nothing is counted and nothing is freed.
 *
 * What a primitive makes while it runs comes in the same order each time. When it is replayed, it gets the tensors that it
 * made when it was recorded.
 */
import { StorageFlag, TensorFlag } from "../abi/layout";
import { Status } from "../abi/status";
import { fail } from "../memory/args";
import { alloc, free } from "../memory/heap";
import { nurseryAlloc } from "../memory/nursery";
import { inferenceOn, initStorage, initTensor, dataBytes, recordBytes, STORAGE_BYTES, Tensor } from "../tensor/record";

export const enum Arena {
  Off,
  Recording,
  Replaying,
}

export let arenaMode: i32 = Arena.Off;

export function setArenaMode(mode: i32): void {
  arenaMode = mode;
}

/** Words in a block that grows by doubling. */
@final @unmanaged export class Words {
  at: usize;
  count: u32;
  capacity: u32;

  get(i: u32): usize {
    return load<usize>(this.at + (<usize>i << 2));
  }

  /** False if there is no memory. */
  push(word: usize): bool {
    if (this.count == this.capacity) {
      const capacity = max(this.capacity * 2, 64);
      const grown = alloc(capacity * 4);
      if (!grown) return false;
      if (this.at) {
        memory.copy(grown, this.at, <usize>this.count << 2);
        free(this.at, this.capacity * 4);
      }
      this.at = grown;
      this.capacity = capacity;
    }
    store<usize>(this.at + (<usize>this.count << 2), word);
    this.count++;
    return true;
  }

  clear(): void {
    if (this.at) free(this.at, this.capacity * 4);
    this.at = 0;
    this.count = this.capacity = 0;
  }
}

/** The tensors made so far, in order. */
export const made: Words = changetype<Words>(memory.data(sizeof<usize>() * 3, 16));
/** Those among them that primitives made which are noted as a whole. */
export const inside: Words = changetype<Words>(memory.data(sizeof<usize>() * 3, 16));
let isInside: bool = false;

/** What is made from now on belongs to such a primitive, or not; says what was the case before. */
export function setInside(on: bool): bool {
  const before = isInside;
  isInside = on;
  return before;
}

/** False if there is no memory. */
function note(p: usize): bool {
  return made.push(p) && (!isInside || inside.push(p));
}

/** Where the primitive that is replayed takes its tensors from. */
let next: usize = 0;

export function replayFrom(list: usize): void {
  next = list;
}

const BLOCK_BYTES: u32 = 1 << 18;
const BLOCK_HEADER: u32 = 16;
let firstBlock: usize = 0;
let cursor: usize = 0;
let blockEnd: usize = 0;

function elements(bytes: u32): usize {
  if (!cursor || cursor + bytes > blockEnd) {
    const size = max(bytes + BLOCK_HEADER, BLOCK_BYTES);
    const block = alloc(size);
    if (!block) return 0;
    store<usize>(block, firstBlock);
    store<u32>(block, size, 4);
    firstBlock = block;
    cursor = block + BLOCK_HEADER;
    blockEnd = block + size;
  }
  const p = cursor;
  cursor += bytes;
  return p;
}

/** Gives the elements back. */
export function freeElements(): void {
  while (firstBlock) {
    const rest = load<usize>(firstBlock);
    free(firstBlock, load<u32>(firstBlock, 4));
    firstBlock = rest;
  }
  cursor = blockEnd = 0;
}

/** What newTensor and newHeapTensor do for a program; null if there is no memory. */
export function arenaTensor(dtype: i32, ndim: i32, numel: i32): Tensor {
  if (arenaMode == Arena.Replaying) {
    const again = changetype<Tensor>(load<usize>(next));
    next += 4;
    again.data = again.storage.data;
    again.flags = <u16>TensorFlag.Contiguous;
    return again;
  }
  const record = recordBytes(ndim);
  const bytes = dataBytes(numel, dtype);
  const p = nurseryAlloc(record + STORAGE_BYTES);
  const data = elements(bytes);
  if (!p || !data || !note(p)) return changetype<Tensor>(fail(Status.OutOfMemory, bytes));
  const t = initTensor(p, record, dtype, ndim, numel, TensorFlag.Contiguous | (inferenceOn() ? TensorFlag.Inference : 0));
  t.storage = initStorage(p + record, STORAGE_BYTES, data, bytes, p, StorageFlag.Program);
  t.data = data;
  return t;
}

/** What newHeapView does for a program. */
export function arenaView(source: Tensor, ndim: i32, numel: i32, data: usize): Tensor {
  if (arenaMode == Arena.Replaying) {
    const again = changetype<Tensor>(load<usize>(next));
    next += 4;
    again.data = data;
    again.flags = 0;
    return again;
  }
  const record = recordBytes(ndim);
  const p = nurseryAlloc(record);
  if (!p || !note(p)) return changetype<Tensor>(fail(Status.OutOfMemory, record));
  const t = initTensor(p, record, source.dtype, ndim, numel, 0);
  t.data = data;
  t.storage = source.storage;
  return t;
}
