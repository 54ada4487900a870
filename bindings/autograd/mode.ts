/** Grad mode and inference mode: whether operations are recorded, and whether their results ever can be. */
import { TensorError } from "../core/errors.ts";
import { core } from "../core/wasm.ts";

let enabled = true;
let inference = false;

/** Whether operations are being recorded. @example noGrad(() => isGradEnabled()) // false */
export function isGradEnabled(): boolean {
  return enabled;
}

/** A mode that lasts until it is disposed of: `using _ = noGrad();` */
export interface ModeGuard {
  [Symbol.dispose](): void;
}

function set(on: boolean, inferring: boolean = inference): void {
  enabled = on;
  core.setGradMode(on && !inferring ? 1 : 0);
  if (inferring === inference) return;
  inference = inferring;
  core.setInference(inferring ? 1 : 0);
}

/** Refuses functions that return a promise: what they do after their first await would run outside. */
export function refuseAsync(fn: unknown, caller: string): void {
  if (typeof fn !== "function")
    throw new TypeError(`${caller}: expected a function, got ${fn === null ? "null" : typeof fn}`);
  if (fn.constructor?.name === "AsyncFunction" || fn.constructor?.name === "AsyncGeneratorFunction")
    throw asyncError(caller);
}

function asyncError(caller: string): TensorError {
  return new TensorError(
    `${caller}: got an async function; everything after its first await would run outside. Await first, and pass a function ` +
      "that does its work at once.",
  );
}

/** Runs `fn` in a mode, and restores what it found. */
export function withMode<T>(on: boolean, fn: () => T, caller: string, inferring: boolean = inference): T {
  refuseAsync(fn, caller);
  const before = enabled;
  const inferredBefore = inference;
  set(on, inferring);
  try {
    return refusePromise(fn(), caller);
  } finally {
    set(before, inferredBefore);
  }
}

/** The result of a function that had to do its work at once. */
export function refusePromise<T>(result: T, caller: string): T {
  if (typeof (result as { then?: unknown } | null)?.then === "function") throw asyncError(caller);
  return result;
}

function guard(on: boolean, inferring: boolean = inference): ModeGuard {
  const before = enabled;
  const inferredBefore = inference;
  set(on, inferring);
  return { [Symbol.dispose]: () => set(before, inferredBefore) };
}

/**
 * Runs `fn` without recording and returns what it returns; without a function, until the guard is disposed of.
 * @throws {TensorError} for an async function
 * @example
 * const x = tensor(3, { requiresGrad: true });
 * noGrad(() => x.mul(2)).requiresGrad; // false
 */
export function noGrad<T>(fn: () => T): T;
export function noGrad(): ModeGuard;
export function noGrad<T>(fn?: () => T): T | ModeGuard {
  return fn === undefined ? guard(false) : withMode(false, fn, "noGrad");
}

/**
 * Runs `fn` with recording, also inside noGrad.
 * @throws {TensorError} for an async function
 * @example noGrad(() => enableGrad(() => isGradEnabled())) // true
 */
export function enableGrad<T>(fn: () => T): T;
export function enableGrad(): ModeGuard;
export function enableGrad<T>(fn?: () => T): T | ModeGuard {
  return fn === undefined ? guard(true) : withMode(true, fn, "enableGrad");
}

/** Sets the mode for good, or for the time of `fn`. @example setGradEnabled(false, () => isGradEnabled()) // false */
export function setGradEnabled<T>(on: boolean, fn: () => T): T;
export function setGradEnabled(on: boolean): ModeGuard;
export function setGradEnabled<T>(on: boolean, fn?: () => T): T | ModeGuard {
  if (typeof on !== "boolean") throw new TypeError(`setGradEnabled: expected a boolean, got ${typeof on}`);
  return fn === undefined ? guard(on) : withMode(on, fn, "setGradEnabled");
}

/**
 * Runs `fn` without recording, as noGrad does, and makes results inference tensors: they can never become part of a graph that
 * would have to save them, nor be written in place outside. `inferenceMode(false, fn)` switches the mode off again inside.
 * @throws {TensorError} for an async function
 * @see PyTorch torch.inference_mode
 * @example
 * const y = inferenceMode(() => tensor([1, 2]).mul(2));
 * y.isInference(); // true
 */
export function inferenceMode<T>(fn: () => T): T;
export function inferenceMode<T>(mode: boolean, fn: () => T): T;
export function inferenceMode(mode?: boolean): ModeGuard;
export function inferenceMode<T>(mode: boolean | (() => T) = true, fn?: () => T): T | ModeGuard {
  if (typeof mode === "function") return withMode(false, mode, "inferenceMode", true);
  if (typeof mode !== "boolean")
    throw new TypeError(`inferenceMode: expected a boolean or a function, got ${typeof mode}`);
  return fn === undefined ? guard(!mode, mode) : withMode(!mode, fn, "inferenceMode", mode);
}

/** Whether inference mode is on. @example inferenceMode(() => isInferenceModeEnabled()) // true */
export function isInferenceModeEnabled(): boolean {
  return inference;
}
