import { memory } from "../../bindings/index.ts";

/** Whether the suite runs in stress mode. Where there is no environment, there is none. */
export const STRESS: boolean = Boolean(
  (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.TAPEGRAD_STRESS,
);

/** Runs `fn` in the plain mode: for bounds on memory, of which stress mode takes more. */
export function unstressed<T>(fn: () => T): T {
  memory.setStress(false);
  try {
    return fn();
  } finally {
    memory.setStress(STRESS);
  }
}
