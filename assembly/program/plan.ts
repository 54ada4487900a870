/**
 * From what was recorded to what is replayed: steps that lead nowhere are dropped, elements get places that are used again
 * when nobody reads them any more, and steps on dense tensors get addresses instead of records.
 *
 * A place, for each storage of the program:
 *
 *   | first step u32 | last step | bytes of the block | address | next free place | class | fixed | crosses |
 */
import { Kind, TensorFlag } from "../abi/layout";
import { Step, StepField } from "../abi/program";
import { alloc, free } from "../memory/heap";
import { CHUNK_HEADER, isStressed } from "../memory/nursery";
import { Node } from "../tape/node";
import { itemBytes, Storage, Tensor, tensorAt } from "../tensor/record";
import { SHARED_FROM } from "../tensor/walk";
import { made, Words } from "./arena";
import { gather, isOwn, isWritten, Mark, operandAt, operandCount, snapshots, stepAt, stepCount } from "./log";
import { Program } from "./program";

@final @unmanaged class Place {
  first: i32;
  last: i32;
  bytes: u32;
  /** Where the elements will be: an offset in the pool until that is there; outside of the pool if `isFixed`. */
  address: usize;
  next: usize;
  group: i32;
  isFixed: i32;
  /** The derivative reads what is there when the function returns. */
  crosses: i32;
}

const NEVER: i32 = i32.MAX_VALUE;
let places: usize = 0;
let placeCount: u32 = 0;

// @ts-ignore: decorator
@inline function placeAt(i: u32): Place {
  return changetype<Place>(places + <usize>i * offsetof<Place>());
}

// @ts-ignore: decorator
@inline function placeOf(s: Storage): Place {
  return placeAt(s.stamp >> Mark.BITS);
}

/** In stress mode: steps after which places are given back, and these; in turn. */
const deaths: Words = changetype<Words>(memory.data(sizeof<usize>() * 3, 16));

/** Free blocks by size: eight steps for each power of two. */
const FREE: usize = memory.data(4 * 256, 16);

// @ts-ignore: decorator
@inline function roundUp(bytes: u32): u32 {
  const step = max((1 as u32) << (28 - clz(bytes | 1)), 16);
  return (bytes + step - 1) & ~(step - 1);
}

function groupOf(bytes: u32): i32 {
  const power = 31 - clz(bytes);
  return <i32>((power << 3) | ((bytes >> (power - 3)) & 7));
}

let poolBytes: u32 = 0;

/** A block for a place: a free one of its size or not much larger, else a new one at the end. */
function takeBlock(place: Place): void {
  const bytes = roundUp(place.bytes);
  const group = groupOf(bytes);
  for (let g = group; g < min(group + 4, 256); g++) {
    const head = FREE + (<usize>g << 2);
    const given = load<usize>(head);
    if (!given) continue;
    store<usize>(head, changetype<Place>(given).next);
    place.address = changetype<Place>(given).address;
    place.group = g;
    return;
  }
  place.address = poolBytes;
  place.group = group;
  poolBytes += bytes;
}

function giveBlock(place: Place): void {
  const head = FREE + (<usize>place.group << 2);
  place.next = load<usize>(head);
  store<usize>(head, changetype<usize>(place));
}

/** A place for each storage that the program has made. False: no memory. */
function startPlaces(): bool {
  placeCount = 0;
  places = alloc(max(made.count, 1) * offsetof<Place>());
  if (!places) return false;
  for (let i: u32 = 0; i < made.count; i++) {
    const t = tensorAt(made.get(i));
    const s = t.storage;
    if (!isOwn(s) || s.owner != changetype<usize>(t)) continue;
    const place = placeAt(placeCount);
    place.first = NEVER;
    place.last = -1;
    place.bytes = s.bytes;
    place.address = 0;
    place.isFixed = 0;
    place.crosses = 0;
    s.stamp = (s.stamp & (Mark.Produced | Mark.Constant)) | (placeCount << Mark.BITS);
    placeCount++;
  }
  return true;
}

function use(t: Tensor, step: i32): void {
  if (!isOwn(t.storage)) return;
  const place = placeOf(t.storage);
  if (place.last < 0) place.last = step;
  place.first = min(place.first, step);
}

function useAll(words: Words, step: i32): void {
  for (let i: u32 = 0; i < words.count; i++) use(tensorAt(words.get(i)), step);
}

/** Steps that are done for what they do to others than the program's own tensors. */
// @ts-ignore: decorator
@inline function hasEffect(kind: i32): bool {
  return kind >= Step.Draw && kind <= Step.Return;
}

/** From the last step back: drops what nobody reads, and finds when each place is used. False: no memory. */
function measureLives(p: Program): bool {
  p.returnAt = -1;
  useAll(p.kept, stepCount);
  for (let i = stepCount - 1; i >= 0; i--) {
    const step = stepAt(i);
    const kind = <i32>load<u16>(step);
    gather(step);
    let isNeeded = hasEffect(kind);
    for (let k = 0; k < operandCount && !isNeeded; k++) {
      if (!isWritten(k)) continue;
      const s = operandAt(k).storage;
      isNeeded = !isOwn(s) || placeOf(s).last >= 0;
    }
    if (!isNeeded) {
      store<u16>(step, Step.None);
      continue;
    }
    if (kind == Step.Return) {
      p.returnAt = i;
      useAll(p.outputs, i);
    }
    for (let k = 0; k < operandCount; k++) {
      const t = operandAt(k);
      use(t, i);
      const isOthers = isWritten(k) && !isOwn(t.storage) && kind < Step.Sgd;
      if (isOthers && !noteTouched(p.touched, changetype<usize>(t.storage))) return false;
    }
  }
  for (let i: u32 = 0; i < made.count; i++) {
    const s = tensorAt(made.get(i)).storage;
    if (!isOwn(s) || placeOf(s).last < 0) continue;
    if (s.stamp & Mark.Constant) {
      placeOf(s).first = -1;
      if (!(s.stamp & Mark.Produced)) placeOf(s).last = NEVER;
    }
  }
  for (let i: u32 = 0; i < snapshots.count; i += 2) {
    const place = placeOf(changetype<Storage>(snapshots.get(i)));
    if (place.last < 0) continue;
    place.first = -1;
    const copy = placeOf(tensorAt(snapshots.get(i + 1)).storage);
    copy.first = -1;
    copy.last = NEVER;
  }
  for (let i: u32 = 0; i < p.inputs.count; i++) {
    const place = placeOf(tensorAt(p.inputs.get(i)).storage);
    // An argument that nobody reads is written all the same. Those of the derivative are written after the return.
    place.first = -1;
    place.last = NEVER;
  }
  return true;
}

function noteTouched(words: Words, storage: usize): bool {
  for (let i: u32 = 0; i < words.count; i++) if (words.get(i) == storage) return true;
  return words.push(storage);
}

/** A gradient that is copied to its leaf, and not read afterwards, is computed where the leaf has it. */
function placeGradients(): void {
  for (let i = 0; i < stepCount; i++) {
    const step = stepAt(i);
    if (load<u16>(step) != Step.FirstGrad) continue;
    const g = tensorAt(load<usize>(step, StepField.B));
    const own = tensorAt(load<usize>(step, StepField.Out));
    const s = g.storage;
    if (!isOwn(s) || s.stamp & Mark.Constant || g.data != s.data || !(g.flags & own.flags & TensorFlag.Contiguous)) continue;
    const place = placeOf(s);
    if (place.last != i || place.first < 0 || place.isFixed || place.bytes > own.storage.bytes) continue;
    if (isUsed(own.storage, place.first, i)) continue;
    place.isFixed = 1;
    place.address = own.data;
    store<usize>(step, 0, StepField.B);
  }
}

/** Whether a step from `from` on, before `to`, reads or writes a storage; what the bindings do is not known. */
function isUsed(s: Storage, from: i32, to: i32): bool {
  for (let i = from; i < to; i++) {
    const step = stepAt(i);
    const kind = load<u16>(step);
    if (kind == Step.Callout || kind == Step.Return) return true;
    gather(step);
    for (let k = 0; k < operandCount; k++) if (operandAt(k).storage == s) return true;
  }
  return false;
}

function layOut(returnAt: i32): void {
  poolBytes = 0;
  memory.fill(FREE, 0, 4 * 256);
  for (let i: u32 = 0; i < placeCount; i++) {
    const place = placeAt(i);
    if (place.last >= 0 && place.first < 0) takeBlock(place);
    place.crosses = i32(returnAt >= 0 && place.first <= returnAt && place.last > returnAt);
  }
  for (let i = 0; i < stepCount; i++) {
    const step = stepAt(i);
    const kind = load<u16>(step);
    if (kind == Step.None) continue;
    gather(step);
    for (let k = 0; k < operandCount; k++) {
      const s = operandAt(k).storage;
      if (!isOwn(s)) continue;
      const place = placeOf(s);
      if (place.isFixed || place.first != i) continue;
      takeBlock(place);
      // Taken: an operand may occur twice.
      place.first = -2;
    }
    for (let k = 0; k < operandCount; k++) {
      const s = operandAt(k).storage;
      if (!isOwn(s)) continue;
      const place = placeOf(s);
      if (place.isFixed || place.last != i) continue;
      giveBlock(place);
      place.last = NEVER - 1;
      if (isStressed() && deaths.push(i)) deaths.push(changetype<usize>(place));
    }
  }
}

/** Moves the records' pointers to elements to where these will be. */
function moveRecords(chunks: usize, pool: usize): void {
  for (let i: u32 = 0; i < placeCount; i++) {
    const place = placeAt(i);
    if (!place.isFixed) place.address += pool;
  }
  for (let pass = 0; pass < 2; pass++) {
    for (let chunk = chunks; chunk; chunk = load<usize>(chunk)) {
      const end = chunk + load<u32>(chunk, 8);
      for (let p = chunk + CHUNK_HEADER; p < end; p += load<u32>(p) & ~15) {
        const kind = load<u32>(p) & 15;
        if (kind == Kind.Tensor && pass == 0) moveTensor(changetype<Tensor>(p));
        if (kind == Kind.Storage && pass == 1) moveStorage(changetype<Storage>(p));
      }
    }
  }
}

function moveTensor(t: Tensor): void {
  if (isOwn(t.storage)) t.data = t.data - t.storage.data + placeOf(t.storage).address;
}

function moveStorage(s: Storage): void {
  if (!isOwn(s)) return;
  const place = placeOf(s);
  const isConstant = s.stamp & Mark.Constant && place.last >= 0 && !(s.stamp & Mark.Produced);
  // The function has been recorded by running it: its derivative may be asked for before it runs again.
  if (isConstant || place.crosses) memory.copy(place.address, s.data, s.bytes);
  s.data = place.address;
}

function writeCopy(to: usize, from: usize, target: usize, bytes: u32): void {
  store<u16>(to, Step.CopyBytes);
  store<usize>(to, from, StepField.A);
  store<usize>(to, target, StepField.Out);
  store<u32>(to, bytes, StepField.N);
}

/** Steps on dense tensors by address. */
function writeStep(step: usize, to: usize): void {
  memory.copy(to, step, StepField.SIZE);
  const kind = <i32>load<u16>(step);
  const a = tensorAt(load<usize>(step, StepField.A));
  const b = tensorAt(load<usize>(step, StepField.B));
  const out = tensorAt(load<usize>(step, StepField.Out));
  if (kind == Step.Sum) {
    store<usize>(to, a.data, StepField.A);
    store<usize>(to, out.data, StepField.Out);
    return;
  }
  if (kind != Step.Map && kind != Step.Zip && kind != Step.Copy) return;
  const n = out.numel;
  const isDense = (a.flags & out.flags & TensorFlag.Contiguous) != 0 && a.numel == n;
  if (!isDense) return;
  if (kind == Step.Copy) {
    writeCopy(to, a.data, out.data, <u32>n * itemBytes(a.dtype));
    return;
  }
  // Large ones go the long way, on which they may be cut up among threads.
  if (n >= SHARED_FROM) return;
  if (kind == Step.Zip) {
    if (!b.has(TensorFlag.Contiguous) || b.numel != n) return;
    store<usize>(to, b.data, StepField.B);
  }
  store<u16>(to, kind == Step.Map ? Step.MapDense : Step.ZipDense);
  store<usize>(to, a.data, StepField.A);
  store<usize>(to, a.dtype, StepField.C);
  store<usize>(to, out.data, StepField.Out);
  store<i32>(to, n, StepField.N);
}

function writeSteps(p: Program): bool {
  let count = 0;
  for (let i: u32 = 0; i < snapshots.count; i += 2) if (isRestored(i)) count++;
  for (let i = 0; i < stepCount; i++) if (load<u16>(stepAt(i))) count++;
  count += deaths.count >> 1;
  p.stepCount = count;
  p.steps = alloc(<u32>max(count, 1) * StepField.SIZE);
  if (!p.steps) return false;
  let to = p.steps;
  for (let i: u32 = 0; i < snapshots.count; i += 2) {
    if (!isRestored(i)) continue;
    const s = changetype<Storage>(snapshots.get(i));
    writeCopy(to, tensorAt(snapshots.get(i + 1)).data, s.data, s.bytes);
    to += StepField.SIZE;
  }
  const returnAt = p.returnAt;
  let dead: u32 = 0;
  for (let i = 0; i < stepCount; i++) {
    const step = stepAt(i);
    if (!load<u16>(step)) continue;
    writeStep(step, to);
    to += StepField.SIZE;
    for (; dead < deaths.count && <i32>deaths.get(dead) == i; dead += 2) {
      const place = changetype<Place>(deaths.get(dead + 1));
      writeCopy(to, 0, place.address, place.bytes);
      store<u16>(to, Step.Poison);
      to += StepField.SIZE;
    }
    if (i == returnAt) p.returnAt = <i32>((to - p.steps) / StepField.SIZE);
  }
  return true;
}

function isRestored(i: u32): bool {
  return placeOf(changetype<Storage>(snapshots.get(i))).last >= 0;
}

/** False: no memory. */
export function plan(p: Program): bool {
  if (!startPlaces()) return false;
  let done = measureLives(p);
  if (done) {
    placeGradients();
    layOut(p.returnAt);
    p.pool = alloc(max(poolBytes, 16));
    p.poolBytes = max(poolBytes, 16);
    done = p.pool != 0;
  }
  if (done) {
    moveRecords(p.chunks, p.pool);
    done = writeSteps(p);
  }
  deaths.clear();
  free(places, max(made.count, 1) * offsetof<Place>());
  return done;
}
