/**
 * Leases: elements in the heap as they are at one time, for results that are to be computed from them again
 * (recompute.ts). While nobody writes to the storage it is only kept alive; before somebody does, or gives it back, its elements
 * are copied out, once for all who need them.
 *
 * Nothing here is ever looked for from within an image's lifetime, so the images of a loop go with the garbage collector:
 * `entries` knows a lease by its key only, which a WeakRef keeps until the end of the job, and not by its elements.
 */
import { StorageField, StorageFlag } from "../../assembly/abi/layout.ts";
import { setBeforeWrite } from "./load.ts";
import { core, i32, u8 } from "./wasm.ts";

interface Elements {
  /** The address of the storage's record; it may be somebody else's once there are bytes. */
  readonly storage: number;
  /** Where its elements were. */
  readonly data: number;
  /** null while the storage still has them. */
  bytes: Uint8Array | null;
}

export interface Lease {
  /** Nothing but a thing whose end can be seen. */
  readonly key: object;
  readonly elements: Elements;
}

interface Entry {
  readonly key: WeakRef<object>;
  readonly elements: Elements;
}

/** Of the storages that are leased, by address. */
const entries: Map<number, Entry> = /* @__PURE__ */ new Map();

/** Old compatibility dates of workerd have neither: nothing is leased there. */
const registry: FinalizationRegistry<Entry> | null =
  typeof FinalizationRegistry === "undefined" || typeof WeakRef === "undefined"
    ? null
    : /* @__PURE__ */ new FinalizationRegistry<Entry>(expire);

/** Whether leases can be had. */
export function canLease(): boolean {
  return registry !== null;
}

/** The elements of a heap storage as they are now. Only where leases can be had. */
export function lease(storage: number): Lease {
  const known = entries.get(storage);
  const key = known?.key.deref();
  if (known && key) return { key, elements: known.elements };
  if (!known) setBeforeWrite(endLease);
  const elements: Elements = { storage, data: i32()[(storage + StorageField.Data) >>> 2], bytes: null };
  const fresh = {};
  const entry = { key: new WeakRef(fresh), elements };
  (registry as FinalizationRegistry<Entry>).register(fresh, entry, elements);
  entries.set(storage, entry);
  core.retainStorage(storage);
  i32()[(storage + StorageField.Flags) >>> 2] |= StorageFlag.Leased;
  return { key: fresh, elements };
}

/** Nobody needs the elements any more. */
function expire(entry: Entry): void {
  const { storage } = entry.elements;
  if (entries.get(storage) === entry) {
    entries.delete(storage);
    i32()[(storage + StorageField.Flags) >>> 2] &= ~StorageFlag.Leased;
  }
  core.dropStorage(storage);
}

/** The storage is about to be written to, or to be given back: whoever holds a lease of it gets a copy. */
export function endLease(storage: number): void {
  const entry = entries.get(storage);
  if (!entry) return;
  entries.delete(storage);
  i32()[(storage + StorageField.Flags) >>> 2] &= ~StorageFlag.Leased;
  const { elements } = entry;
  // Without a key, `expire` is about to be told.
  if (!entry.key.deref()) return;
  registry?.unregister(elements);
  const start = elements.data >>> 0;
  elements.bytes = u8().slice(start, start + i32()[(storage + StorageField.Bytes) >>> 2]);
  core.dropStorage(storage);
}
