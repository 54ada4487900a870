/** Graphs that come back: a whole generation, and the order of the tape. */
import { Content, NodeField } from "../../assembly/abi/layout.ts";
import { followReturned } from "./aside.ts";
import { forgetReferences, openGenerations } from "./generation.ts";
import { type Chunk, copyIn, type Image, type Interval, isStorage, movedAddress, relocations } from "./image.ts";
import { outOfMemory } from "./out-of-memory.ts";
import { recomputeAll } from "./recompute.ts";
import { need, settle, settleStorage } from "./restore.ts";
import { restoreSlot } from "./token.ts";
import { core, i32, u8 } from "./wasm.ts";

/** Runs of older nodes on the tape, oldest first; those of the current generation come after them. */
let woven: Interval[] = [];

/** The runs go with the generation that is turned over; the next one begins with none. */
export function takeRuns(): Interval[] {
  const runs = woven;
  woven = [];
  return runs;
}

/** Room for the chunks in the nursery. */
function restoreChunks(chunks: readonly Chunk[]): void {
  for (const [i, chunk] of chunks.entries()) {
    chunk.to = core.restoreChunk(chunk.end - chunk.start, chunk.raw ? 1 : 0) >>> 0;
    if (chunk.to !== 0) continue;
    // The engine refuses to grow. Those that are there hold nothing yet: as raw chunks nobody looks into them.
    for (const made of chunks.slice(0, i)) i32()[(made.to + 12) >>> 2] = Content.Kept;
    throw outOfMemory(chunk.end - chunk.start);
  }
}

/** Brings a whole generation back, its graph included. */
export function merge(image: Image): void {
  const { chunks } = image;
  for (const [old, place] of image.moved) {
    if (isStorage(image, old)) settleStorage(place);
    else settle(place);
  }
  // Room for the chunks, each cut into pieces by what has been brought back alone.
  const tableBytes = (chunks.length + 4 * image.moved.size) * 12;
  const leftOut = chunks.filter(({ recipe }) => recipe !== 0);
  const bytes = leftOut.reduce((sum, { start, end }) => sum + end - start, image.totalBytes);
  if ((core.getUsed() >>> 0) + bytes + tableBytes > core.getLimit() >>> 0) throw outOfMemory(bytes);
  const again = recomputeAll(image, leftOut);
  const table = need(core.alloc(tableBytes));
  restoreChunks(chunks);
  const view = i32();
  const entries = relocations(image);
  for (const [i, entry] of entries.entries()) view.set(entry, (table >>> 2) + 3 * i);
  for (const chunk of chunks) {
    // The header of 16 bytes is that of the new chunk.
    copyIn(chunk, chunk.start + 16, chunk.end - chunk.start - 16, chunk.to + 16);
  }
  for (const [{ start, end, to }, data] of again) u8().copyWithin(to + 16, data, data + end - start - 16);
  core.relocateStart(table, entries.length);
  for (const chunk of chunks) if (!chunk.raw) core.relocateChunk(chunk.to, chunk.end - chunk.start);
  core.free(table, tableBytes);
  core.addPending(image.pending);
  core.addRewalkable(image.rewalkable);
  for (const storage of image.references) core.adoptReference(storage);
  forgetReferences(image);
  for (const [id, value] of image.slots) restoreSlot(id, value);
  image.merged = true;
  image.homes = [...openGenerations()];
  for (const run of image.intervals) {
    run.newest = movedAddress(image, run.newest);
    run.oldest = movedAddress(image, run.oldest);
  }
  weave(image.intervals);
  followReturned(image);
}

/** Puts nodes that have come back into the tape where they belong by age. */
export function weave(runs: readonly Interval[]): void {
  woven = [...woven, ...runs].sort((a, b) => a.id - b.id || a.order - b.order);
  const view = i32();
  let below = 0;
  for (const run of woven) {
    view[(run.oldest + NodeField.Prev) >>> 2] = below;
    below = run.newest;
  }
  const own = core.getOwnOldest();
  if (own) view[(own + NodeField.Prev) >>> 2] = below;
  else core.setTapeTop(below);
}
