/**
 * The records of a tensor and of its storage.
 *
 *   tensor:   | head | data | storage | numel | dtype ndim flags | node | grad | base |
 *             | pending | refs | slot | rewrites | sizes[ndim] | strides[ndim] | pad to 16
 *   storage:  | head | data | bytes | version | refs | stamp | owner | flags | small data
 *
 * A tensor that owns its memory has its storage record right behind its own. Sizes and strides are i32, strides count
 * elements.
 */
import { DType } from "../abi/dtype";
import { Content, Kind, StorageField, StorageFlag, TensorField, TensorFlag } from "../abi/layout";
import { Status } from "../abi/status";
import { fail } from "../memory/args";
import { alloc, free } from "../memory/heap";
import { isRawSize, nurseryAlloc, rawAlloc, rawBecomes } from "../memory/nursery";
import { Arena, arenaMode, arenaTensor, arenaView } from "../program/arena";

@final @unmanaged export class Tensor {
  head: u32;
  data: usize;
  storage: Storage;
  numel: i32;
  dtype: u8;
  ndim: u8;
  flags: u16;
  node: usize;
  grad: usize;
  base: usize;
  pending: usize;
  refs: i32;
  slot: u32;
  rewrites: u32;

  // @ts-ignore: decorator
  @inline size(dim: i32): i32 {
    return load<i32>(changetype<usize>(this) + (<usize>dim << 2), TensorField.Dims);
  }

  // @ts-ignore: decorator
  @inline stride(dim: i32): i32 {
    return load<i32>(changetype<usize>(this) + ((<usize>dim + this.ndim) << 2), TensorField.Dims);
  }

  // @ts-ignore: decorator
  @inline setSize(dim: i32, value: i32): void {
    store<i32>(changetype<usize>(this) + (<usize>dim << 2), value, TensorField.Dims);
  }

  // @ts-ignore: decorator
  @inline setStride(dim: i32, value: i32): void {
    store<i32>(changetype<usize>(this) + ((<usize>dim + this.ndim) << 2), value, TensorField.Dims);
  }

  // @ts-ignore: decorator
  @inline has(flag: i32): bool {
    return (this.flags & flag) != 0;
  }

  // @ts-ignore: decorator
  @inline set(flag: i32): void {
    this.flags |= <u16>flag;
  }

  // @ts-ignore: decorator
  @inline clear(flag: i32): void {
    this.flags &= <u16>~flag;
  }
}

@final @unmanaged export class Storage {
  head: u32;
  data: usize;
  bytes: u32;
  version: u32;
  refs: i32;
  /** Generation that has already counted its use (tape/node.ts). */
  stamp: u32;
  /** The tensor record this storage lies behind (heap). */
  owner: usize;
  flags: u32;
}

/** Small data lies behind its storage record. */
const INLINE_BYTES: u32 = 512;
export const STORAGE_BYTES: u32 = StorageField.SIZE;

// The numbers of abi/layout.ts are what the compiler made of the classes.
if (offsetof<Tensor>("flags") != TensorField.Flags) ERROR("TensorField.Flags");
if (offsetof<Tensor>("dtype") != TensorField.DType) ERROR("TensorField.DType");
if (offsetof<Tensor>("pending") != TensorField.Pending) ERROR("TensorField.Pending");
if (offsetof<Tensor>("slot") != TensorField.Slot) ERROR("TensorField.Slot");
if (offsetof<Tensor>() != TensorField.Dims) ERROR("TensorField.Dims");
if (offsetof<Storage>("refs") != StorageField.Refs) ERROR("StorageField.Refs");
if (offsetof<Storage>("owner") != StorageField.Owner) ERROR("StorageField.Owner");
if (offsetof<Storage>() != StorageField.SIZE) ERROR("StorageField.SIZE");

// @ts-ignore: decorator
@inline export function tensorAt(p: usize): Tensor {
  return changetype<Tensor>(p);
}

// @ts-ignore: decorator
@inline export function addressOf(t: Tensor): usize {
  return changetype<usize>(t);
}

/** Bytes of one element. */
// @ts-ignore: decorator
@inline export function itemBytes(dtype: i32): u32 {
  return dtype == DType.Bool ? 1 : 4;
}

// @ts-ignore: decorator
@inline export function recordBytes(ndim: i32): u32 {
  return (TensorField.Dims + 8 * ndim + 15) & ~15;
}

/** Padded to 16 bytes, so that kernels may write whole vectors into a fresh result; never empty. */
// @ts-ignore: decorator
@inline export function dataBytes(numel: i32, dtype: i32): u32 {
  return max((<u32>numel * itemBytes(dtype) + 15) & ~15, 16);
}

// @ts-ignore: decorator
@inline export function initTensor(p: usize, bytes: u32, dtype: i32, ndim: i32, numel: i32, flags: i32): Tensor {
  const t = changetype<Tensor>(p);
  t.head = bytes | Kind.Tensor;
  t.numel = numel;
  // Whole vectors where most fields are zero: every result pays for each store.
  v128.store(p, i32x4(dtype | (ndim << 8) | (flags << 16), 0, 0, 0), TensorField.DType);
  v128.store(p, i32x4(0, 1, 0, 0), TensorField.Pending);
  return t;
}

// @ts-ignore: decorator
@inline export function initStorage(p: usize, record: u32, data: usize, bytes: u32, owner: usize, flags: i32): Storage {
  const s = changetype<Storage>(p);
  s.head = record | Kind.Storage;
  s.data = data;
  s.bytes = bytes;
  s.version = 0;
  v128.store(p, i32x4(1, 0, 0, 0), StorageField.Refs);
  s.owner = owner;
  s.flags = <u32>flags;
  return s;
}

/** What every fresh result is marked with: Inference, or nothing. */
let bornWith: i32 = 0;

/** In inference mode results are inference tensors. */
export function setInference(on: bool): void {
  bornWith = on ? TensorFlag.Inference : 0;
}

// @ts-ignore: decorator
@inline export function inferenceOn(): bool {
  return bornWith != 0;
}

/**
 * A fresh tensor in the nursery with room for its sizes and strides (not filled in) and its data; null, with the status
 * set, if there is no memory.
 */
export function newTensor(dtype: i32, ndim: i32, numel: i32): Tensor {
  if (arenaMode != Arena.Off) return arenaTensor(dtype, ndim, numel);
  const record = recordBytes(ndim);
  const bytes = dataBytes(numel, dtype);
  return newOfSize(record, bytes, isRawSize(bytes), dtype, ndim, numel);
}

/** A number: all sizes are known to the compiler. */
function newScalar(dtype: i32): Tensor {
  return newOfSize(recordBytes(0), 16, false, dtype, 0, 1);
}

// @ts-ignore: decorator
@inline function newOfSize(record: u32, bytes: u32, raw: bool, dtype: i32, ndim: i32, numel: i32): Tensor {
  const total = record + StorageField.SIZE + (raw ? 0 : bytes);
  const p = nurseryAlloc(total);
  if (!p) return changetype<Tensor>(fail(Status.OutOfMemory, total));
  let data = p + record + StorageField.SIZE;
  const t = initTensor(p, record, dtype, ndim, numel, TensorFlag.Contiguous | bornWith);
  const s = initStorage(p + record, total - record, data, bytes, p, raw ? 0 : StorageFlag.Inline);
  if (raw) {
    data = rawAlloc(bytes);
    if (!data) return changetype<Tensor>(fail(Status.OutOfMemory, bytes));
    s.data = data;
  }
  t.data = data;
  t.storage = s;
  return t;
}

/** Says what the chunk is that holds the data of a tensor of the nursery, if it has one of its own. */
export function dataBecomes(t: Tensor, content: u32): void {
  const s = t.storage;
  if (!(s.flags & (StorageFlag.Heap | StorageFlag.Inline | StorageFlag.Program))) rawBecomes(s.data, content);
}

/** A fresh nursery record that shows the storage of `source`. Sizes and strides are the caller's. */
export function newView(source: Tensor, ndim: i32, numel: i32, data: usize): Tensor {
  const record = recordBytes(ndim);
  const p = nurseryAlloc(record);
  if (!p) return changetype<Tensor>(fail(Status.OutOfMemory, record));
  const t = initTensor(p, record, source.dtype, ndim, numel, source.flags & TensorFlag.Inference);
  t.data = data;
  t.storage = source.storage;
  return t;
}

/** A counted tensor in the heap, for what the walk needs for a moment. */
export function newHeapTensor(dtype: i32, ndim: i32, numel: i32): Tensor {
  return arenaMode == Arena.Off ? newLastingTensor(dtype, ndim, numel) : arenaTensor(dtype, ndim, numel);
}

/** A counted tensor in the heap: parameters, their gradients, what lives long. */
export function newLastingTensor(dtype: i32, ndim: i32, numel: i32): Tensor {
  return newHeapOfSize(recordBytes(ndim), dataBytes(numel, dtype), dtype, ndim, numel);
}

function newHeapScalar(dtype: i32): Tensor {
  return newHeapOfSize(recordBytes(0), 16, dtype, 0, 1);
}

// @ts-ignore: decorator
@inline function newHeapOfSize(record: u32, bytes: u32, dtype: i32, ndim: i32, numel: i32): Tensor {
  const isInline = bytes <= INLINE_BYTES;
  const total = record + StorageField.SIZE + (isInline ? bytes : 0);
  const p = alloc(total);
  if (!p) return changetype<Tensor>(fail(Status.OutOfMemory, total));
  let data = p + record + StorageField.SIZE;
  if (!isInline) {
    data = alloc(bytes);
    if (!data) {
      free(p, total);
      return changetype<Tensor>(fail(Status.OutOfMemory, bytes));
    }
  }
  const t = initTensor(p, record, dtype, ndim, numel, TensorFlag.Contiguous | TensorFlag.Heap);
  const flags = isInline ? StorageFlag.Heap | StorageFlag.Inline : StorageFlag.Heap;
  t.storage = initStorage(p + record, total - record, data, bytes, p, flags);
  t.data = data;
  return t;
}

/** A counted heap record that shows the storage of `source`, which may lie in the heap or in the nursery. */
export function newHeapView(source: Tensor, ndim: i32, numel: i32, data: usize): Tensor {
  return arenaMode == Arena.Off ? newLastingView(source, ndim, numel, data) : arenaView(source, ndim, numel, data);
}

export function newLastingView(source: Tensor, ndim: i32, numel: i32, data: usize): Tensor {
  const record = recordBytes(ndim);
  const p = alloc(record);
  if (!p) return changetype<Tensor>(fail(Status.OutOfMemory, record));
  const t = initTensor(p, record, source.dtype, ndim, numel, TensorFlag.Heap);
  t.data = data;
  t.storage = source.storage;
  if (source.storage.flags & StorageFlag.Heap) source.storage.refs++;
  return t;
}

/** A storage that recipes may refer to has been freed in this generation. */
export let steadyFreed: bool = false;

export function forgetFreed(): void {
  steadyFreed = false;
}

function releaseStorage(s: Storage): void {
  if (--s.refs) return;
  if (s.flags & StorageFlag.Steady) steadyFreed = true;
  if (!(s.flags & StorageFlag.Inline)) free(s.data, s.bytes);
  const owner = changetype<Tensor>(s.owner);
  const record = owner.head & ~15;
  free(s.owner, record + (s.head & ~15));
}

// @ts-ignore: decorator
@external("env", "beforeWrite") declare function tellBeforeWrite(storage: usize): void;

/** To be called before elements are changed. */
// @ts-ignore: decorator
@inline export function beforeWrite(s: Storage): void {
  if (s.flags & StorageFlag.Steady) unsettle(s);
}

function unsettle(s: Storage): void {
  if (s.flags & StorageFlag.Leased) tellBeforeWrite(changetype<usize>(s));
  s.flags &= ~(StorageFlag.Steady | StorageFlag.Leased);
}

/** The bindings are about to change elements of a storage without anybody noticing. */
export function disturb(p: usize): void {
  const s = changetype<Storage>(p);
  beforeWrite(s);
  s.flags |= StorageFlag.Disturbed;
}

/** Counts storage use from outside (a JavaScript wrapper, a generation's tape). */
export function retainStorage(p: usize): void {
  changetype<Storage>(p).refs++;
}

export function dropStorage(p: usize): void {
  releaseStorage(changetype<Storage>(p));
}

// @ts-ignore: decorator
@inline export function retain(t: Tensor): void {
  t.refs++;
}

/** Gives up one reference to a heap tensor; nursery tensors are not counted and pass. */
export function release(t: Tensor): void {
  if (!t.has(TensorFlag.Heap) || --t.refs) return;
  const s = t.storage;
  if (t.grad) release(changetype<Tensor>(t.grad));
  t.grad = 0;
  if (s.owner == changetype<usize>(t) && s.flags & StorageFlag.Heap) {
    releaseStorage(s);
    return;
  }
  free(changetype<usize>(t), t.head & ~15);
  if (s.flags & StorageFlag.Heap) releaseStorage(s);
}

/** Row-major strides for the sizes that are there. */
export function setContiguousStrides(t: Tensor): void {
  let stride = 1;
  for (let dim = <i32>t.ndim - 1; dim >= 0; dim--) {
    t.setStride(dim, stride);
    stride *= max(t.size(dim), 1);
  }
}

/** Marks t contiguous if it is: sizes of 1 may have any stride, an empty tensor is always contiguous. */
// @ts-ignore: decorator
@inline export function updateContiguous(t: Tensor): void {
  let expected = 1;
  let contiguous = true;
  if (t.numel) {
    for (let dim = <i32>t.ndim - 1; dim >= 0; dim--) {
      const size = t.size(dim);
      if (size == 1) continue;
      if (t.stride(dim) != expected) {
        contiguous = false;
        break;
      }
      expected *= size;
    }
  }
  if (contiguous) t.set(TensorFlag.Contiguous);
  else t.clear(TensorFlag.Contiguous);
}

// @ts-ignore: decorator
@inline export function copySizes(from: Tensor, to: Tensor): void {
  // A loop: entering memory.copy costs more than a few words.
  for (let dim = 0; dim < <i32>from.ndim; dim++) to.setSize(dim, from.size(dim));
}

export function sameShape(a: Tensor, b: Tensor): bool {
  if (a.ndim != b.ndim) return false;
  for (let dim = 0; dim < <i32>a.ndim; dim++) if (a.size(dim) != b.size(dim)) return false;
  return true;
}

/** Fresh contiguous tensor with the shape of `like`, in the nursery. */
export function newLike(like: Tensor, dtype: i32): Tensor {
  if (like.ndim == 0 && arenaMode == Arena.Off) return newScalar(dtype);
  const t = newTensor(dtype, like.ndim, like.numel);
  if (changetype<usize>(t)) {
    copySizes(like, t);
    setContiguousStrides(t);
  }
  return t;
}

/** Fresh contiguous heap tensor with the shape of `like`. */
export function newHeapLike(like: Tensor): Tensor {
  if (like.ndim == 0 && arenaMode == Arena.Off) return newHeapScalar(like.dtype);
  const t = newHeapTensor(like.dtype, like.ndim, like.numel);
  if (changetype<usize>(t)) {
    copySizes(like, t);
    setContiguousStrides(t);
  }
  return t;
}

