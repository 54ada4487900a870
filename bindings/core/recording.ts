/** What the library tells of while a compiled function is being recorded (bindings/compile/). */
import { TensorError } from "./errors.ts";
import type { Placed } from "./generation.ts";

export interface Recorder {
  /** Numbers that the step of an optimizer which comes next is given; asked for anew before each replay. */
  settings(current: () => readonly number[]): void;
  /** The program can only be replayed while this holds. */
  guard(holds: () => boolean): void;
  /** Runs something that cannot be recorded, now and in its place at each replay. */
  callout(run: () => void): void;
  /** Runs something, now and after each replay. */
  effect(run: () => void): void;
  /** Runs something now, which no replay does. */
  aside(run: () => void): void;
  /** A leaf loses its gradient, if it has one. */
  clears(leaf: Placed): void;
  /** The gradient of a leaf is looked at. */
  readsGrad(leaf: Placed): void;
  /** The program needs it. */
  keep(thing: unknown): void;
}

/** null while nothing is recorded. */
export let recorder: Recorder | null = null;

export function setRecorder(next: Recorder | null): void {
  recorder = next;
}

/** Runs what a program cannot contain: beside the program, if one is being recorded. */
export function beside(run: () => void): void {
  if (recorder) recorder.callout(run);
  else run();
}

/** Called where elements are read. */
export function refuseReading(): void {
  if (recorder === null) return;
  throw new TensorError(
    "compile: elements of a tensor were read while the function was being recorded (item(), data(), tolist(), printing, a " +
      "condition, or an operation that computes in JavaScript). A replay runs the recorded operations only, so that JavaScript " +
      "would go on with the numbers of the first call. Return the tensor and read it outside, or choose with where().",
  );
}

/** Called by what would happen in the first call only. */
export function refuse(what: string, instead: string): void {
  if (recorder) throw new TensorError(`compile: ${what} cannot be replayed. ${instead}`);
}
