/**
 * What came back from older images, when its generation is turned over in its turn. It is kept apart from the image of that
 * generation: an old image refers to all that came back from it, and must not keep everything else that was made since.
 */
import { Kind, StorageField, TensorField } from "../../assembly/abi/layout.ts";
import { Generation, NOWHERE } from "./generation.ts";
import {
  type Chunk,
  chunkOf,
  chunkOfBytes,
  copyOut,
  type Image,
  isStorage,
  movedAddress,
  type Place,
  wordOf,
} from "./image.ts";
import type { Lease } from "./lease.ts";

// Those that have none share these; nothing is ever added to what belongs to a single place.
const NO_PLACES: Map<number, Place> = /* @__PURE__ */ new Map();
const NO_LEASES: Map<number, Lease> = /* @__PURE__ */ new Map();
const NO_SLOTS: Map<number, unknown> = /* @__PURE__ */ new Map();
const NO_REFERENCES: Int32Array = /* @__PURE__ */ new Int32Array(0);

/** Places in the current nursery of what came back by itself. */
let returned: Place[] = [];

/** What has come back since the last turnover, and was asked for. */
export function returnedInUse(): Place[] {
  return returned.filter((place) => place.used);
}

/** Something has come back to the nursery. */
export function noteReturn(place: Place): void {
  returned.push(place);
}

/** To be called with the image of the nursery that is turned over. */
export function setReturnedAside(image: Image): void {
  const places = returned;
  if (places.length === 0) return;
  returned = [];
  // A live graph brings it back again when it comes back, so there it stays in the image.
  if (image.live) {
    for (const place of places) {
      if (isHeld(place.generation) && chunkOf(image, place.address)) image.returned.set(place.address, place);
    }
    return;
  }
  const storages = new Map<number, Place>();
  const tensors = new Map<number, Place>();
  for (const place of places) {
    // Memory that a scope has given back holds something else by now.
    if (!isHeld(place.generation) || !chunkOf(image, place.address)) continue;
    if (kindOf(image, place.address) === Kind.Node) {
      place.generation = NOWHERE;
      continue;
    }
    const known = isStorage(image, place.address) ? storages : tensors;
    if (!known.has(place.address)) known.set(place.address, place);
  }
  for (const [address, { generation }] of tensors) {
    asideTensor(image, address, levelOf(generation), tensors, storages);
  }
}

/** The whole of an image has come back, and with it what older images look for. */
export function followReturned(image: Image): void {
  for (const [old, place] of image.returned) {
    if (image.moved.has(old)) continue;
    place.address = movedAddress(image, old);
    place.generation = image.homes[Math.min(levelOf(place.generation), image.homes.length - 1)];
    noteReturn(place);
  }
}

function kindOf(image: Image, address: number): Kind {
  return wordOf(image, address, 0) & 15;
}

function isHeld(generation: Generation): boolean {
  return !generation.scope?.closed || (generation.heir !== null && isHeld(generation.heir));
}

function levelOf(generation: Generation): number {
  return generation.heir ? levelOf(generation.heir) : generation.level;
}

/** A place of its own for a tensor, its storage, its base and its gradient. All that shows the same finds the same place. */
function asideTensor(
  image: Image,
  address: number,
  level: number,
  tensors: Map<number, Place>,
  storages: Map<number, Place>,
): void {
  if (image.moved.has(address)) return;
  const chunk = chunkOf(image, address);
  if (!chunk) return;
  const ndim = (wordOf(image, address, TensorField.DType) >>> 8) & 0xff;
  const storage = wordOf(image, address, TensorField.Storage);
  const chunks = [pieceOf(chunk, address, TensorField.Dims + 8 * ndim)];
  const entries: [number, Place][] = [];
  for (const field of [TensorField.Base, TensorField.Grad]) {
    const other = wordOf(image, address, field);
    if (other === 0) continue;
    asideTensor(image, other, level, tensors, storages);
    const place = image.moved.get(other);
    if (place) entries.push([other, place]);
  }
  const storageChunk = chunkOf(image, storage);
  if (storageChunk) {
    chunks.push(pieceOf(storageChunk, storage, StorageField.SIZE));
    entries.push([storage, asideStorage(image, storage, level, storages.get(storage))]);
  }
  const moved = entries.length ? new Map(entries) : NO_PLACES;
  const slot = wordOf(image, address, TensorField.Slot);
  const slots = image.slots.has(slot) ? new Map([[slot, image.slots.get(slot)]]) : NO_SLOTS;
  putAside(image, address, tensors.get(address), level, chunks, moved, slots);
}

function asideStorage(image: Image, storage: number, level: number, known: Place | undefined): Place {
  const before = image.moved.get(storage);
  if (before) return before;
  const data = wordOf(image, storage, StorageField.Data);
  const record = pieceOf(chunkOf(image, storage) as Chunk, storage, StorageField.SIZE);
  const dataChunk = chunkOf(image, data);
  const chunks = [record];
  // A recipe is of use in its own image only. The nursery still has the data.
  if (dataChunk?.recipe) chunks.push(copyOut(dataChunk.start, dataChunk.end, true));
  else if (dataChunk?.raw) chunks.push({ ...dataChunk });
  else if (dataChunk) chunks.push(pieceOf(dataChunk, data, wordOf(image, storage, StorageField.Bytes)));
  return putAside(image, storage, known, level, chunks, NO_PLACES, NO_SLOTS);
}

/** A copy of part of a chunk, to the next multiple of 16 bytes as everything is allocated. */
function pieceOf(chunk: Chunk, address: number, size: number): Chunk {
  const start = address >>> 0;
  const from = start - chunk.start;
  return chunkOfBytes(start, chunk.pieces[0].slice(from, from + ((Math.max(size, 1) + 15) & ~15)));
}

function putAside(
  image: Image,
  address: number,
  known: Place | undefined,
  level: number,
  chunks: Chunk[],
  moved: Map<number, Place>,
  slots: Map<number, unknown>,
): Place {
  const generation = new Generation(known ? levelOf(known.generation) : level, null);
  generation.active = false;
  generation.aside = true;
  if (chunks.length > 1) chunks.sort((a, b) => a.start - b.start);
  generation.image = {
    chunks,
    // Asked of what comes back as a whole only.
    totalBytes: 0,
    live: false,
    pending: 0,
    rewalkable: 0,
    intervals: [],
    references: NO_REFERENCES,
    slots,
    moved,
    returned: NO_PLACES,
    nodes: null,
    ages: null,
    leases: NO_LEASES,
    merged: false,
    homes: [],
  };
  const place = known ?? { address, generation, token: null, used: false };
  place.generation = generation;
  image.moved.set(address, place);
  return place;
}
