/**
 * Who watches operations run: the profiler. While somebody does, the core reports before every operation that it wants a
 * turnover, and the bindings, on the way that they take then anyway, tell of it. So watching costs nothing while nobody does.
 */
import { core } from "./wasm.ts";

/** Where in a trace something belongs: as PyTorch's categories. */
export type Category = "cpu_op" | "user_annotation";

export interface Watcher {
  /** Runs `call`, an operation of the core that gives the address of its result, or 0 if it fails. */
  operation(op: number, call: () => number): number;
  /** Runs `body` under a name. */
  range<T>(name: string, category: Category, body: () => T): T;
  /** Starts the time of something whose name is known at its end. */
  begin(): void;
  /** Ends it; null: nothing happened that has a name. */
  end(name: string | null): void;
}

export let watcher: Watcher | null = null;

export function setWatcher(next: Watcher | null): void {
  watcher = next;
  core.setWatched(next ? 1 : 0);
}

/** Tells of an operation, which itself runs unwatched. */
export function watched(by: Watcher, op: number, call: () => number): number {
  setWatcher(null);
  try {
    return by.operation(op, call);
  } finally {
    setWatcher(by);
  }
}
