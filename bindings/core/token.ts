/** What keeps heap memory, and what the bindings keep for records in memory. */
import { TensorField } from "../../assembly/abi/layout.ts";
import { endLease } from "./lease.ts";
import { core, i32 } from "./wasm.ts";

/** Keeps a heap tensor, or the storage of one, for as long as wrappers refer to it. */
export class Token {
  readonly address: number;
  readonly isStorage: boolean;
  /** Ids of slots that go with the tensor. */
  slot = 0;
  /** What keeps the base of a view. */
  readonly base: Token | null;
  /** Its memory has been given back by the user. */
  freed = false;

  constructor(address: number, isStorage: boolean, base: Token | null = null) {
    this.base = base;
    this.address = address;
    this.isStorage = isStorage;
    registry?.register(this, { address, isStorage }, this);
  }

  /** Gives the memory back now. */
  free(): void {
    if (this.freed) return;
    this.freed = true;
    registry?.unregister(this);
    endLease(this.isStorage ? this.address : i32()[(this.address + TensorField.Storage) >>> 2]);
    drop(this.address, this.isStorage);
  }
}

function drop(address: number, isStorage: boolean): void {
  if (isStorage) {
    core.dropStorage(address);
    return;
  }
  heapSlots.delete(i32()[(address + TensorField.Slot) >>> 2]);
  core.release(address);
}

interface Held {
  readonly address: number;
  readonly isStorage: boolean;
}

// Old compatibility dates of workerd have no FinalizationRegistry: there heap tensors stay until dispose().
const registry: FinalizationRegistry<Held> | null =
  typeof FinalizationRegistry === "undefined"
    ? null
    : /* @__PURE__ */ new FinalizationRegistry<Held>((held) => drop(held.address, held.isStorage));

/** Things of the bindings that nodes and leaves in memory refer to by number. */
let slots: Map<number, unknown> = /* @__PURE__ */ new Map();
const heapSlots: Map<number, unknown> = /* @__PURE__ */ new Map();
let nextSlot = 1;

export function addSlot(value: unknown, inHeap: boolean): number {
  const id = nextSlot++;
  (inHeap ? heapSlots : slots).set(id, value);
  return id;
}

export function slotValue(id: number): unknown {
  return slots.get(id) ?? heapSlots.get(id);
}

/** The current generation's slots, which go with it; it starts anew with none. */
export function takeSlots(): Map<number, unknown> {
  const taken = slots;
  slots = new Map();
  return taken;
}

/** A slot that comes back with its record. */
export function restoreSlot(id: number, value: unknown, inHeap = false): void {
  (inHeap ? heapSlots : slots).set(id, value);
}
