/** Images: generations that were turned over, as bytes outside of the core's memory. */
import { Kind, StorageField, TensorField } from "../../assembly/abi/layout.ts";
import { copied, copiedInPieces } from "./block.ts";
import { type Generation, HEAP } from "./generation.ts";
import type { Lease } from "./lease.ts";
import type { Token } from "./token.ts";
import { core, i32, u8 } from "./wasm.ts";

/** A chunk of the nursery as it was. */
export interface Chunk {
  /** Where it was in the core's memory. */
  readonly start: number;
  readonly end: number;
  /** Nothing but the data of one tensor. */
  readonly raw: boolean;
  /** Its bytes in order. */
  readonly pieces: readonly Uint8Array[];
  /** The same as words, if it is not raw: then there is one piece. */
  readonly words: Int32Array;
  /** Where it came back, once its generation has. */
  to: number;
  /** The node in the image by which its data can be computed again, which then is not here; else 0. */
  readonly recipe: number;
}

/** What a generation was when it was turned over. */
export interface Image {
  /** Sorted by their old address. */
  readonly chunks: readonly Chunk[];
  readonly totalBytes: number;
  /** Its graph can still be walked, so it comes back as a whole. */
  readonly live: boolean;
  readonly pending: number;
  readonly rewalkable: number;
  readonly intervals: Interval[];
  readonly references: Int32Array;
  readonly slots: Map<number, unknown>;
  /** Tensors and storages that came back by themselves: old address to new place. */
  readonly moved: Map<number, Place>;
  /** Where older images look for what came back from them and is in this one: by its address here. */
  returned: Map<number, Place>;
  /** Nodes that came back without the whole, once some have. */
  nodes: Map<number, Place> | null;
  /** Where its nodes stand in the order of all, once somebody has asked. */
  ages: Map<number, number> | null;
  /** What its recipes need of the heap, by storage. */
  readonly leases: Map<number, Lease>;
  merged: boolean;
  /** By level: the generation that its tensors belong to since it was merged. */
  homes: Generation[];
}

/** A run of nodes recorded by one generation. */
export interface Interval {
  readonly id: number;
  /** How many nodes of that generation were older. */
  readonly order: number;
  newest: number;
  oldest: number;
}

export interface Place {
  address: number;
  generation: Generation;
  token: Token | null;
  /** Somebody has asked for the tensor since it was here last. */
  used: boolean;
}

const NO_WORDS: Int32Array = /* @__PURE__ */ new Int32Array(0);

/** A copy of the chunk of the nursery from `start` to `end`. */
export function copyOut(start: number, end: number, raw: boolean): Chunk {
  const memory = u8();
  if (!raw) return chunkOfBytes(start, copied(memory, start, end));
  return { start, end, raw, pieces: copiedInPieces(memory, start, end), words: NO_WORDS, to: 0, recipe: 0 };
}

/** Nothing of a chunk but how to compute it again. */
export function leaveOut(start: number, end: number, recipe: number): Chunk {
  return { start, end, raw: true, pieces: [], words: NO_WORDS, to: 0, recipe };
}

/** A chunk of records that was at `start`. */
export function chunkOfBytes(start: number, bytes: Uint8Array): Chunk {
  const words = new Int32Array(bytes.buffer);
  return { start, end: start + bytes.length, raw: false, pieces: [bytes], words, to: 0, recipe: 0 };
}

/** Copies `size` bytes, from an old address on, to an address in the core's memory. */
export function copyIn(chunk: Chunk, old: number, size: number, to: number): void {
  const memory = u8();
  const begin = (old >>> 0) - chunk.start;
  let from = 0;
  for (const piece of chunk.pieces) {
    const first = Math.max(begin - from, 0);
    const last = Math.min(begin + size - from, piece.length);
    if (first < last) memory.set(piece.subarray(first, last), (to >>> 0) + from + first - begin);
    from += piece.length;
  }
}

/** The chunk in which an old address lies; null if it was one of the heap. */
export function chunkOf(image: Image, old: number): Chunk | null {
  const { chunks } = image;
  const p = old >>> 0;
  let low = 0;
  let high = chunks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (chunks[middle].start <= p) low = middle + 1;
    else high = middle;
  }
  const chunk = low > 0 ? chunks[low - 1] : null;
  return chunk && p < chunk.end ? chunk : null;
}

/** A word of the record at an old address, which lies in the image. */
export function wordOf(image: Image, old: number, field: number): number {
  const chunk = chunkOf(image, old) as Chunk;
  return chunk.words[((old >>> 0) - chunk.start + field) >>> 2];
}

export function movedAddress(image: Image, p: number): number {
  const chunk = chunkOf(image, p);
  return chunk ? ((p >>> 0) - chunk.start + chunk.to) | 0 : p;
}

/** Where the elements of a storage were; it may be one of the heap, which has not moved. */
export function storageData(image: Image, storage: number): number {
  if (chunkOf(image, storage)) return wordOf(image, storage, StorageField.Data);
  return i32()[(storage + StorageField.Data) >>> 2];
}

/** Whether the elements of a tensor in the image were left behind: nobody but the library had seen it. */
export function isLeftBehind(image: Image, old: number): boolean {
  if (!chunkOf(image, old) || (wordOf(image, old, 0) & 15) !== Kind.Tensor) return false;
  const storage = wordOf(image, old, TensorField.Storage);
  return chunkOf(image, storage) !== null && chunkOf(image, wordOf(image, storage, StorageField.Data)) === null;
}

export function isStorage(image: Image, old: number): boolean {
  return (wordOf(image, old, 0) & 15) === Kind.Storage;
}

/**
 * Where every old address is now, as pieces [start, end, new start], ascending: the chunks, but for records and data that
 * came back alone and are shared with what has happened since. Storages among them that lie in the heap are counted for
 * the graph that comes back.
 */
export function relocations(image: Image): [number, number, number][] {
  const apart: [number, number, number][] = [];
  for (const [old, place] of image.moved) {
    const from = old >>> 0;
    apart.push([from, from + 4, place.address]);
    if (!isStorage(image, old)) continue;
    const data = wordOf(image, old, StorageField.Data) >>> 0;
    const size = wordOf(image, old, StorageField.Bytes);
    apart.push([data, data + size, i32()[(place.address + StorageField.Data) >>> 2]]);
    if (place.generation === HEAP) {
      core.retainStorage(place.address);
      core.adoptReference(place.address);
    }
  }
  apart.sort((a, b) => a[0] - b[0]);
  const pieces: [number, number, number][] = [];
  let next = 0;
  for (const { start, end, to } of image.chunks) {
    let from = start;
    for (; next < apart.length && apart[next][0] < end; next++) {
      const piece = apart[next];
      if (piece[0] > from) pieces.push([from, piece[0], from - start + to]);
      pieces.push(piece);
      from = piece[1];
    }
    if (from < end) pieces.push([from, end, from - start + to]);
  }
  return pieces;
}
