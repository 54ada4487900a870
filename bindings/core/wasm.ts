/**
 * The core instance and views of its memory. Hot calls go through the raw exports; views are made anew when memory has
 * grown.
 */
import { Args } from "../../assembly/abi/layout.ts";
import type { CoreExports } from "./exports.ts";
import { core as platformCore } from "./platform.ts";

export let core: CoreExports = platformCore as unknown as CoreExports;

export let op1: CoreExports["op1"] = core.op1;
export let op2: CoreExports["op2"] = core.op2;
export let opN: CoreExports["opN"] = core.opN;
export let pin: CoreExports["pin"] = core.pin;

/** Goes on with another instance, which has the state of the present one (threads.ts). */
export function replaceCore(next: CoreExports): void {
  core = next;
  ({ op1, op2, opN, pin } = next);
  refresh();
}

const ARGS: number = core.argsAddress();
const GROWN: number = (ARGS + Args.Grown) >>> 2;

/** How often the memory had grown when the views were made. Views on shared memory are not detached by that. */
let grown = 0;

let ints: Int32Array = new Int32Array(core.memory.buffer);
let floats: Float32Array = new Float32Array(core.memory.buffer);
let doubles: Float64Array = new Float64Array(core.memory.buffer);
let bytes: Uint8Array = new Uint8Array(core.memory.buffer);

function refresh(): void {
  const { buffer } = core.memory;
  ints = new Int32Array(buffer);
  grown = ints[GROWN];
  floats = new Float32Array(buffer);
  doubles = new Float64Array(buffer);
  bytes = new Uint8Array(buffer);
}

/** Memory as i32; do not keep it across a call into the core. */
export function i32(): Int32Array {
  if (ints[GROWN] !== grown) refresh();
  return ints;
}

export function f32(): Float32Array {
  if (ints[GROWN] !== grown) refresh();
  return floats;
}

export function u8(): Uint8Array {
  if (ints[GROWN] !== grown) refresh();
  return bytes;
}

/** The two numbers that the next operation takes along. */
export function setScalars(s0: number, s1: number): void {
  if (ints[GROWN] !== grown) refresh();
  doubles[(ARGS + Args.Attr) >>> 3] = s0;
  doubles[(ARGS + Args.Attr + 8) >>> 3] = s1;
}

/** All that the next operation takes along so far, as words. */
export function attributes(): Int32Array {
  const at = (ARGS + Args.Attr) >>> 2;
  return i32().subarray(at, at + 4);
}

/** Integer attribute 0 of the next operation. */
export function setInt(value: number): void {
  i32()[(ARGS + Args.Attr) >>> 2] = value;
}

/** The name under which the next recorded node is printed (core/names.ts). */
export function setName(code: number): void {
  i32()[(ARGS + Args.Name) >>> 2] = code;
}

/** Writes the list that the next call reads. */
export function setList(values: ArrayLike<number>): void {
  const at = (ARGS + Args.List) >>> 2;
  const view = i32();
  for (let i = 0; i < values.length; i++) view[at + i] = values[i];
}

/** Writes numbers as doubles where the list is. */
export function setDoubles(values: ArrayLike<number>): void {
  if (ints[GROWN] !== grown) refresh();
  doubles.set(values, (ARGS + Args.List) >>> 3);
}

/** Writes numbers as doubles anywhere. */
export function setDoublesAt(pointer: number, values: ArrayLike<number>): void {
  if (ints[GROWN] !== grown) refresh();
  doubles.set(values, pointer >>> 3);
}

/** How many values the list can hold. */
export const LIST_CAPACITY: number = (Args.BYTES - Args.List) >> 2;

export function status(): number {
  return i32()[(ARGS + Args.Status) >>> 2];
}

export function statusDetail(index: number): number {
  return i32()[((ARGS + Args.Detail) >>> 2) + index];
}

/** A double anywhere in memory. */
export function f64At(pointer: number): number {
  if (ints[GROWN] !== grown) refresh();
  return doubles[pointer >>> 3];
}
