/** Tensors that come back from an image by themselves. */
import { StorageField, StorageFlag, TensorField, TensorFlag } from "../../assembly/abi/layout.ts";
import { noteReturn } from "./aside.ts";
import { capturing, type Generation, HEAP, home, type Placed, touch, whileDeriving } from "./generation.ts";
import { chunkOf, copyIn, type Image, movedAddress, type Place, storageData } from "./image.ts";
import { outOfMemory } from "./out-of-memory.ts";
import { originOf } from "./part.ts";
import { hide, recompute } from "./recompute.ts";
import { recorder } from "./recording.ts";
import { restoreSlot, Token } from "./token.ts";
import { core, i32, pin, setList, u8 } from "./wasm.ts";

/** Follows a place to where it is now. */
export function settle(place: Place): Place {
  if (place.generation.aside) return bringBack(place.generation, place.address, place);
  const holder: Placed = { _p: place.address, _g: place.generation, _token: place.token };
  // Whoever asks has been found to be usable; what it shows may have come back inside of a scope that has ended since.
  whileDeriving(() => touch(holder));
  place.address = holder._p;
  place.generation = holder._g;
  place.token = holder._token;
  return place;
}

export function need(pointer: number): number {
  if (pointer === 0) throw outOfMemory(0);
  return pointer;
}

/** Brings one tensor back from an image without a live graph. `apart`: its place so far, if the image is that of nothing else. */
export function bringBack(generation: Generation, old: number, apart?: Place): Place {
  const image = generation.image as Image;
  const moved = image.moved.get(old);
  if (moved) {
    moved.used = true;
    return settle(moved);
  }
  const chunk = chunkOf(image, old);
  if (!chunk) return { address: old, generation: HEAP, token: null, used: false };
  const known = apart ?? image.returned.get(old);
  const { words } = chunk;
  const at = ((old >>> 0) - chunk.start) >>> 2;
  const meta = words[at + TensorField.DType / 4];
  const dtype = meta & 0xff;
  const ndim = (meta >>> 8) & 0xff;
  const flags = meta >>> 16;
  const storage = words[at + TensorField.Storage / 4];
  const base = words[at + TensorField.Base / 4];
  const grad = words[at + TensorField.Grad / 4];
  pin(1);
  try {
    const origin = originOf(image, words[at + TensorField.Node / 4]);
    const basePlace = base ? bringBack(generation, base) : null;
    const gradPlace = grad ? bringBack(generation, grad) : null;
    const home_ = home(generation);
    const storagePlace = bringBackStorage(generation, storage, home_);
    const dims = words.subarray(at + TensorField.Dims / 4, at + TensorField.Dims / 4 + 2 * ndim);
    setList(dims);
    const offset = words[at + TensorField.Data / 4] - storageData(image, storage);
    // What a program refers to must stay where it is. Nothing else moves there: what is written to in place with gradients gets
    // a node, which lies in the nursery and moves with it.
    const lasting = capturing !== null;
    const t = need(core.createOn(storagePlace.address, dtype, ndim, offset, lasting ? 1 : 0));
    const view = i32();
    const to = t >>> 2;
    const kept = flags & ~(TensorFlag.Contiguous | TensorFlag.Queued | TensorFlag.Wanted | TensorFlag.Heap);
    const freed = words[at + TensorField.Node / 4] !== 0 && origin === 0 ? TensorFlag.GraphFreed : 0;
    view[to + TensorField.DType / 4] |= (kept | freed) << 16;
    view[to + TensorField.Node / 4] = origin;
    if (kept & TensorFlag.RetainsGrad && origin !== 0) {
      const retained = words[at + TensorField.Pending / 4];
      view[to + TensorField.Pending / 4] = retained;
      if (image.slots.has(retained)) restoreSlot(retained, image.slots.get(retained));
    }
    view[to + TensorField.Base / 4] = basePlace ? basePlace.address : 0;
    view[to + TensorField.Grad / 4] = gradPlace ? gradPlace.address : 0;
    view[to + TensorField.Rewrites / 4] = words[at + TensorField.Rewrites / 4];
    const slot = words[at + TensorField.Slot / 4];
    view[to + TensorField.Slot / 4] = slot;
    if (image.slots.has(slot)) restoreSlot(slot, image.slots.get(slot), lasting);
    const place = arrive(known, {
      address: t,
      generation: lasting ? HEAP : home_,
      token: lasting ? new Token(t, false, basePlace?.token ?? null) : (storagePlace.token ?? known?.token ?? null),
      used: true,
    });
    // The leaf counts its gradient, apart from whoever else shows it.
    if (lasting && gradPlace) view[(gradPlace.address + TensorField.Refs) >>> 2]++;
    if (!apart) image.moved.set(old, place);
    return place;
  } finally {
    pin(-1);
  }
}

/** All that know of a place see where it is now. */
export function arrive(known: Place | undefined, now: Place): Place {
  const place = known ? Object.assign(known, now) : now;
  if (place.generation !== HEAP) noteReturn(place);
  return place;
}

/**
 * How often a storage comes back before it moves to the heap. Heap memory is given back by finalization, which a
 * synchronous loop never reaches, so what is only used twice or thrice within a step (the input of a residual block) must
 * not get there.
 */
const PROMOTION_AGE = 8;
const BOOL = 0;

/** A tensor that is nothing but its storage. */
export function newStorage(bytes: number, inHeap: boolean): number {
  setList([bytes]);
  pin(1);
  const owner = core.create(BOOL, 1, inHeap ? 1 : 0);
  pin(-1);
  return need(owner);
}

/** What has been left out, computed again. A tensor that is nothing but its storage. */
function again(image: Image, recipe: number, size: number, inHeap: boolean): number {
  if (!inHeap) return recompute(image, recipe);
  const owner = newStorage(size, true);
  const fill = (): void => {
    const made = recompute(image, recipe);
    const view = i32();
    const [from, to] = [made, owner].map((t) => view[(t + TensorField.Data) >>> 2] >>> 0);
    u8().copyWithin(to, from, from + size);
    hide(view[(made + TensorField.Storage) >>> 2]);
  };
  // It is not what is being recorded that does this.
  if (recorder) recorder.aside(fill);
  else fill();
  return owner;
}

function bringBackStorage(generation: Generation, old: number, home_: Generation, apart?: Place): Place {
  const image = generation.image as Image;
  const chunk = chunkOf(image, old);
  if (!chunk) return { address: old, generation: HEAP, token: null, used: false };
  const moved = image.moved.get(old);
  if (moved) return settleStorage(moved);
  const { words } = chunk;
  const at = ((old >>> 0) - chunk.start) >>> 2;
  const data = words[at + StorageField.Data / 4];
  const size = words[at + StorageField.Bytes / 4];
  const known = apart ?? image.returned.get(old);
  const age = Math.floor(words[at + StorageField.Flags / 4] / StorageFlag.AgeUnit) + 1;
  const promoted = age >= PROMOTION_AGE || capturing !== null;
  const dataChunk = chunkOf(image, data);
  const owner = dataChunk?.recipe ? again(image, dataChunk.recipe, size, promoted) : newStorage(size, promoted);
  const view = i32();
  const storage = view[(owner + TensorField.Storage) >>> 2];
  // What is hidden was left behind. Nodes that show it have saved nothing of it.
  if (dataChunk && !dataChunk.recipe) copyIn(dataChunk, data, size, view[(owner + TensorField.Data) >>> 2]);
  view[(storage + StorageField.Version) >>> 2] = words[at + StorageField.Version / 4];
  const steady = promoted && capturing === null ? StorageFlag.Steady : 0;
  view[(storage + StorageField.Flags) >>> 2] |= age * StorageFlag.AgeUnit + steady;
  const place = arrive(known, {
    address: storage,
    generation: promoted ? HEAP : home_,
    token: promoted ? new Token(owner, false) : null,
    used: false,
  });
  if (!apart) image.moved.set(old, place);
  return place;
}

/** A storage that came back may have gone again since, with the generation it came back into. */
export function settleStorage(place: Place): Place {
  // A scope that ended in the meantime has left its memory to the generation outside.
  while (place.generation.heir) place.generation = place.generation.heir;
  const { generation } = place;
  if (generation === HEAP || generation.active) return place;
  const image = generation.image as Image;
  if (image.merged) {
    const known = image.moved.get(place.address);
    if (known) return Object.assign(place, settleStorage(known));
    place.address = movedAddress(image, place.address);
    place.generation = image.homes[generation.level];
    return settleStorage(place);
  }
  const next = bringBackStorage(generation, place.address, home(generation), generation.aside ? place : undefined);
  place.address = next.address;
  place.generation = next.generation;
  place.token = next.token;
  return place;
}
