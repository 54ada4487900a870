/** Programs from beginning to end: recorded, planned, freed. The bindings (bindings/compile/) drive it. */
import { Settings, Step, StepField } from "../abi/program";
import { alloc, free } from "../memory/heap";
import { nurserySwap, nurseryTake, pin } from "../memory/nursery";
import { forgetAuxiliary } from "../ops/auxiliary";
import { getOwnOldest, getTapeTop, rewindTape } from "../tape/node";
import { tensorAt } from "../tensor/record";
import { Arena, arenaMode, freeElements, inside, made, setArenaMode, setInside, Words } from "./arena";
import { clearLog, log, logFailed, logging, markProduced, setLogging } from "./log";
import { plan } from "./plan";
import { freeGradients, recordGradients } from "./record";

@final @unmanaged export class Program {
  /** Chunks of records and nodes. */
  chunks: usize;
  /** Elements, as the planner has laid them. */
  pool: usize;
  poolBytes: u32;
  steps: usize;
  stepCount: i32;
  /** Where the derivative begins. */
  returnAt: i32;
  /** Doubles for the steps of optimizers. */
  settings: usize;
  settingCount: i32;
  /** Tensors of the arguments, results, and what else must be there after a replay. */
  inputs: Words;
  outputs: Words;
  kept: Words;
  /** Storages of others that a replay writes to. */
  touched: Words;
  /** Tensors made inside primitives, in order. */
  inside: Words;
  bytes: u32;
}

const WORDS_BYTES: u32 = 12;
const PROGRAM_BYTES: u32 = offsetof<Program>() + 5 * WORDS_BYTES;

let recorded: Program = changetype<Program>(0);
let outerTop: usize = 0;
let outerOldest: usize = 0;
/** Held by all programs. */
export let programBytes: u32 = 0;

function swap(mode: i32): void {
  nurserySwap();
  const top = getTapeTop();
  const oldest = getOwnOldest();
  rewindTape(outerTop, outerOldest);
  outerTop = top;
  outerOldest = oldest;
  setArenaMode(mode);
  setLogging(mode == Arena.Recording);
}

/** A list of gradients for the programs of one function; 0: no memory. */
export function programGroup(): usize {
  const p = alloc(WORDS_BYTES);
  if (p) memory.fill(p, 0, WORDS_BYTES);
  return p;
}

export function programGroupFree(group: usize): void {
  freeGradients(changetype<Words>(group));
  free(group, WORDS_BYTES);
}

/** Begins to record, with records pinned. False: no memory. */
export function programBegin(group: usize): bool {
  const p = alloc(PROGRAM_BYTES);
  if (!p) return false;
  memory.fill(p, 0, PROGRAM_BYTES);
  recorded = changetype<Program>(p);
  let words = p + offsetof<Program>();
  recorded.inputs = changetype<Words>(words);
  recorded.outputs = changetype<Words>(words += WORDS_BYTES);
  recorded.kept = changetype<Words>(words += WORDS_BYTES);
  recorded.touched = changetype<Words>(words += WORDS_BYTES);
  recorded.inside = changetype<Words>(words += WORDS_BYTES);
  recordGradients(changetype<Words>(group));
  outerTop = outerOldest = 0;
  forgetAuxiliary();
  pin(1);
  swap(Arena.Recording);
  return true;
}

/** Recording rests while `on`: something runs that is not part of the program. */
export function programPause(on: bool): void {
  swap(on ? Arena.Off : Arena.Recording);
}

/** Something of the bindings ran here, or, if `returns`, the function returned. */
export function programCallout(returns: bool): void {
  log(returns ? Step.Return : Step.Callout, 0, 0, 0, 0, 0);
}

/** A tensor that is given anew for each replay: the first ones by `replay`, others by the bindings. */
export function programInput(t: usize): void {
  markProduced(tensorAt(t));
  recorded.inputs.push(t);
}

/** A tensor of the program that is handed out as a copy when the function returns, or `lasts` until the next replay. */
export function programOutput(t: usize, lasts: bool): void {
  if (lasts) recorded.kept.push(t);
  else recorded.outputs.push(t);
}

/** The number of the settings of the optimizer's step that is about to be noted. */
export function nextSettings(): i32 {
  return recorded.settingCount++;
}

/** Ends the recording, also in the middle of something; tensors made in it can be read until the program is planned. */
export function programEnd(): void {
  setInside(false);
  if (arenaMode == Arena.Recording) swap(Arena.Off);
  nurserySwap();
  recorded.chunks = nurseryTake();
  nurserySwap();
  pin(-1);
}

/** Makes the recorded steps a program; 0: no memory, and nothing stays. */
export function programPlan(): usize {
  const p = recorded;
  p.settings = alloc(<u32>max(p.settingCount, 1) * Settings.COUNT * 8);
  const done = !logFailed && p.settings != 0 && plan(p);
  clearLog();
  freeElements();
  made.clear();
  p.inside.at = inside.at;
  p.inside.count = inside.count;
  p.inside.capacity = inside.capacity;
  inside.at = inside.count = inside.capacity = 0;
  if (!done) {
    programFree(changetype<usize>(p));
    return 0;
  }
  let bytes = PROGRAM_BYTES + p.poolBytes + planBytes(p.stepCount) + p.inside.capacity * 4;
  for (let chunk = p.chunks; chunk; chunk = load<usize>(chunk)) bytes += load<u32>(chunk, 4);
  p.bytes = bytes;
  programBytes += bytes;
  return changetype<usize>(p);
}

/** Gives up what has been recorded. */
export function programAbort(): void {
  programEnd();
  clearLog();
  freeElements();
  made.clear();
  inside.clear();
  programFree(changetype<usize>(recorded));
}

export function programFree(program: usize): void {
  const p = changetype<Program>(program);
  programBytes -= p.bytes;
  for (let chunk = p.chunks; chunk; ) {
    const rest = load<usize>(chunk);
    free(chunk, load<u32>(chunk, 4));
    chunk = rest;
  }
  if (p.pool) free(p.pool, p.poolBytes);
  if (p.settings) free(p.settings, <u32>max(p.settingCount, 1) * Settings.COUNT * 8);
  if (p.steps) free(p.steps, planBytes(p.stepCount));
  p.inputs.clear();
  p.outputs.clear();
  p.kept.clear();
  p.touched.clear();
  p.inside.clear();
  free(program, PROGRAM_BYTES);
}

// @ts-ignore: decorator
@inline function planBytes(count: i32): u32 {
  return <u32>max(count, 1) * StepField.SIZE;
}

/** Where settings are written, and the tensor of kept number i. */
export function programSettings(program: usize): usize {
  return changetype<Program>(program).settings;
}
