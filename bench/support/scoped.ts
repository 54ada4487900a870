import type { Task, Variant } from "../harness/case.ts";
import type { Tapegrad } from "../peers/tapegrad.ts";

/** The same task inside `scope`, whose end gives the memory back at once: what is left to memory management shows. */
export function scoped<V extends Variant>(
  side: (tg: Tapegrad, variant: V) => Task,
): (tg: Tapegrad, variant: V) => Task {
  return (tg, variant) => {
    const { run, check } = side(tg, variant);
    const inScope = (): void => {
      run();
    };
    return { run: () => tg.scope(inScope), check };
  };
}
