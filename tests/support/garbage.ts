/** What a runtime that was told to show its garbage collector calls it. */
interface Runtime {
  gc?: () => void;
  Bun?: { gc(now: boolean): void };
}

/** Collects where the runtime lets us, and elsewhere makes it want to. */
function collectGarbage(): void {
  const { gc, Bun } = globalThis as Runtime;
  if (gc) gc();
  else if (Bun) Bun.gc(true);
  else for (let i = 0; i < 64; i++) new Uint8Array(1 << 20).fill(1);
}

const ROUNDS = 20;

/** Whether `holds` becomes true with the garbage collector's help: at once, or after some turns of the event loop. */
export async function comesTrue(holds: () => boolean): Promise<boolean> {
  for (let round = 0; round < ROUNDS; round++) {
    // What was looked at stays until the job ends, and what is told of garbage is told in a job of its own. The later
    // the round, the longer the wait, for collectors that work beside the program.
    await new Promise((resolve) => setTimeout(resolve, round));
    collectGarbage();
    if (holds()) return true;
  }
  return false;
}

/**
 * What `make` gives, made several times over. A collector may look for references in anything that is on the stack, as
 * JavaScriptCore's does, and so keep one object or another by chance; what the library holds on to, it holds on to each
 * time.
 */
export function several<T>(make: () => T): T[] {
  return Array.from({ length: 8 }, make);
}

/** Whether the garbage collector takes any of what `refs`, made by `several`, refer to. */
export function isCollected(refs: readonly WeakRef<object>[]): Promise<boolean> {
  return comesTrue(() => refs.some((ref) => ref.deref() === undefined));
}
