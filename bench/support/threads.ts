import type { Sides, Task, Variant } from "../harness/case.ts";
import type { Tapegrad } from "../peers/tapegrad.ts";

/** Threads of the side `threads`. The goals are for two cores. */
const COUNT = 2;

/** The same task on two threads. */
export function onThreads<V extends Variant>(
  side: (tg: Tapegrad, variant: V) => Task | Promise<Task>,
): (tg: Tapegrad, variant: V) => Task | Promise<Task> {
  return (tg, variant) => {
    tg.setNumThreads(COUNT);
    return side(tg, variant);
  };
}

/** Sides of tapegrad, and its plain one on two threads. */
export function withThreads<V extends Variant>(
  sides: Required<Pick<Sides<V>, "tapegrad" | "compiled" | "scoped">>,
): Required<Pick<Sides<V>, "tapegrad" | "compiled" | "scoped" | "threads">> {
  return { ...sides, threads: onThreads(sides.tapegrad) };
}
