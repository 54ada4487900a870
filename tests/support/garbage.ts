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
    // What was looked at stays until the job ends, and what is told of garbage is told in a job of its own.
    await new Promise((resolve) => setTimeout(resolve));
    collectGarbage();
    if (holds()) return true;
  }
  return false;
}

/** Whether the garbage collector takes what `ref` refers to. */
export function isCollected(ref: WeakRef<object>): Promise<boolean> {
  return comesTrue(() => ref.deref() === undefined);
}
