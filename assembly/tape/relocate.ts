/**
 * A generation that comes back lies at other addresses. Its chunks are parsed from the start and every pointer into one
 * of its old chunks is moved along; pointers into the heap stay.
 *
 * The table of moves is sorted by old address: | old start | old end | new start | per chunk.
 */
import { InputField, Kind } from "../abi/layout";
import { Node } from "./node";
import { Storage, Tensor } from "../tensor/record";
import { CHUNK_HEADER } from "../memory/nursery";

let table: usize = 0;
let entries: i32 = 0;
const ENTRY: usize = 12;

export function relocateStart(address: usize, count: i32): void {
  table = address;
  entries = count;
}

/** Where an old address is now. */
export function relocated(p: usize): usize {
  let low = 0;
  let high = entries;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<usize>(table + <usize>middle * ENTRY) <= p) low = middle + 1;
    else high = middle;
  }
  if (low == 0) return p;
  const entry = table + <usize>(low - 1) * ENTRY;
  return p < load<usize>(entry, 4) ? p - load<usize>(entry) + load<usize>(entry, 8) : p;
}

/** Moves the pointers of all objects in a chunk; `used` bytes, the chunk's header included. */
export function relocateChunk(chunk: usize, used: u32): void {
  const end = chunk + used;
  let p = chunk + CHUNK_HEADER;
  while (p < end) {
    const head = load<u32>(p);
    switch (head & 15) {
      case Kind.Tensor: relocateTensor(changetype<Tensor>(p)); break;
      case Kind.Storage: relocateStorage(changetype<Storage>(p)); break;
      default: relocateNode(changetype<Node>(p));
    }
    p += head & ~15;
  }
}

function relocateTensor(t: Tensor): void {
  t.data = relocated(t.data);
  t.storage = changetype<Storage>(relocated(changetype<usize>(t.storage)));
  t.node = relocated(t.node);
  t.grad = relocated(t.grad);
  t.base = relocated(t.base);
}

function relocateStorage(s: Storage): void {
  s.data = relocated(s.data);
  s.owner = relocated(s.owner);
}

function relocateNode(n: Node): void {
  n.prev = relocated(n.prev);
  n.out = relocated(n.out);
  for (let i = 0; i < <i32>n.inputCount; i++) {
    const at = n.inputAt(i);
    const edge = load<usize>(at, InputField.Edge);
    store<usize>(at, relocated(edge & ~1) | (edge & 1), InputField.Edge);
    store<usize>(at, relocated(load<usize>(at, InputField.Tensor)), InputField.Tensor);
  }
}
