import { refuseAsync, refusePromise } from "../autograd/mode.ts";
import { TensorError } from "../core/errors.ts";
import { DENO_INSPECT, INSPECT } from "../core/inspect.ts";
import { setWatcher, watcher } from "../core/watch.ts";
import { averages, type EventList } from "./table.ts";
import { type ProfilerEvent, Timeline } from "./timeline.ts";
import { chromeTrace } from "./trace.ts";

/** What ran while a function did, and how long it took. */
export class Profile<T = unknown> {
  /** What the function returned. */
  readonly result: T;
  private readonly recorded: readonly ProfilerEvent[];

  constructor(result: T, events: readonly ProfilerEvent[]) {
    this.result = result;
    this.recorded = events;
  }

  /** Every single event, in the order in which they began. */
  events(): ProfilerEvent[] {
    return [...this.recorded];
  }

  /**
   * Sums over the events of one name.
   * @example profiler.profile(() => ones(3).exp().exp()).keyAverages().find(({ key }) => key === "aten::exp")?.count // 2
   */
  keyAverages(): EventList {
    return averages(this.recorded);
  }

  /**
   * The contents of a trace file for chrome://tracing and https://ui.perfetto.dev. Writing it is up to you:
   * `writeFileSync("trace.json", profile.exportChromeTrace())`.
   */
  exportChromeTrace(): string {
    return chromeTrace(this.recorded);
  }

  /** The table of the 100 names that took the most time by themselves. */
  toString(): string {
    return this.keyAverages().table({ sortBy: "selfCpuTimeTotal" });
  }

  /** Node's, Deno's and Bun's console.log. */
  [INSPECT](): string {
    return this.toString();
  }

  [DENO_INSPECT](): string {
    return this.toString();
  }
}

/**
 * Runs `fn` and notes what it computes: every operation, every derivative inside `backward()`, the steps of optimizers and
 * what `recordFunction` names. Printed, it is PyTorch's table: `console.log(profiler.profile(fn))`. An operation takes
 * about a microsecond longer while it is watched; nothing is lost when nobody watches.
 * @throws {TypeError} `fn` is async
 * @throws {TensorError} inside another profile
 * @example profiler.profile(() => ones(3).exp()).keyAverages().map(({ key }) => key) // ["aten::empty", "aten::exp"]
 */
export function profile<T>(fn: () => T): Profile<T> {
  refuseAsync(fn, "profile");
  if (watcher !== null) throw new TensorError("Profiler is already enabled on this thread");
  const timeline = new Timeline();
  setWatcher(timeline);
  try {
    const result = refusePromise(fn(), "profile");
    return new Profile(result, timeline.events);
  } finally {
    setWatcher(null);
  }
}

/**
 * Runs `fn` as a part of the profile with a name of its own; without a profile it only runs it.
 * @example profiler.recordFunction("loss", () => ones(2).sum()).item() // 2
 */
export function recordFunction<T>(name: string, fn: () => T): T {
  refuseAsync(fn, "recordFunction");
  if (watcher === null) return fn();
  return watcher.range(name, "user_annotation", () => refusePromise(fn(), "recordFunction"));
}
