/**
 * Threads: workers that run the core on the same memory. A core begins on a memory of its own, since most programs want no
 * threads and not every runtime has shared memory. When threads are wanted, its state moves to another instance: all of
 * its memory, and the globals that the build exports for this purpose (scripts/export-state.js). Addresses stay what they
 * were, so no tensor notices.
 */
import type { CoreExports } from "./exports.ts";
import { instantiate } from "./load.ts";
import { outOfMemory } from "./out-of-memory.ts";
import { source } from "./platform.ts";
import { MOST_PAGES, shareable } from "./shareable.ts";
import { warnOnce } from "./warn.ts";
import { core, replaceCore } from "./wasm.ts";
import { type Launch, launcher, type State } from "./worker.ts";

/** More would only wait for each other; the core counts the parts of a job in 16 bits. */
const MOST_THREADS = 256;

const PAGE_BYTES = 65536;

interface Shared {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly launch: Launch;
}

let shared: Shared | null = null;
let workers = 0;
let wanted = 1;

/** How many threads operations use. @example getNumThreads(); // 1 */
export function getNumThreads(): number {
  return wanted;
}

/**
 * How many threads large operations use from now on: matrix products, convolutions, pooling, and what goes over many
 * elements. At first it is one. May be called at any time, as often as wanted; tensors stay as they are. The other threads
 * are workers that sleep when there is nothing to do, and do not keep a program from ending.
 *
 * Node, Deno and Bun have threads, and browsers where the page is isolated from other origins. Elsewhere this gives a
 * warning, and everything goes on with one thread.
 *
 * @example setNumThreads(2);
 * @throws {TypeError} `n` is not an integer
 * @throws {RangeError} `n` is less than 1 or more than 256
 */
export function setNumThreads(n: number): void {
  if (!Number.isInteger(n)) throw new TypeError(`set_num_threads expects an int, but got ${describe(n)}`);
  if (n < 1) throw new RangeError("set_num_threads expects a positive integer");
  if (n > MOST_THREADS) throw new RangeError(`setNumThreads: at most ${MOST_THREADS} threads, got ${n}`);
  if (n > 1) {
    const ready = shared ?? share();
    if (typeof ready === "string") {
      warnOnce("threads", `setNumThreads(${n}): ${ready}. Everything goes on with one thread.`);
      return;
    }
    shared = ready;
    while (workers < n - 1 && addWorker(ready, workers + 1)) workers++;
  }
  wanted = Math.min(n, workers + 1);
  core.setThreads(wanted);
}

function describe(value: unknown): string {
  return typeof value === "number" ? String(value) : typeof value;
}

/** False if the runtime refuses. */
function addWorker({ module, memory, launch }: Shared, number: number): boolean {
  const scratch = core.newThread();
  if (!scratch) throw outOfMemory(0);
  const refused = (error: unknown): void => {
    warnOnce(
      "worker",
      `setNumThreads: a worker could not be started (${error}); its work is done by the other threads.`,
    );
  };
  try {
    launch({ module, memory, state: stateOf(core), number, scratch }, refused);
    return true;
  } catch (error) {
    refused(error);
    return false;
  }
}

/** Moves the core to shared memory; why not, if it cannot. */
function share(): Shared | string {
  const launch = launcher();
  if (typeof launch === "string") return launch;
  const bytes = source();
  if (!(bytes instanceof Uint8Array)) return "the core was compiled elsewhere, and its bytes are not at hand";
  const before = core.memory.buffer;
  const memory = newMemory(before.byteLength / PAGE_BYTES);
  if (!memory) return "the runtime refuses to make a shared memory of this size";
  const module = compiled(shareable(bytes));
  if (!module) return "the runtime does not let programs compile WebAssembly";
  const next = instantiate<CoreExports>(module, { memory });
  new Uint8Array(memory.buffer).set(new Uint8Array(before));
  const state = stateOf(core);
  const globals = next as unknown as Record<string, WebAssembly.Global>;
  for (const name of Object.keys(state)) globals[name].value = state[name];
  replaceCore(next);
  return { module, memory, launch };
}

function compiled(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module | null {
  try {
    return new WebAssembly.Module(bytes);
  } catch {
    return null;
  }
}

/** The globals that change, by name. */
function stateOf(instance: CoreExports): State {
  const globals = Object.entries(instance).filter(([name]) => name.startsWith("$"));
  return Object.fromEntries(globals.map(([name, global]) => [name, (global as WebAssembly.Global).value]));
}

/** A shared memory must say how far it may grow, and some systems set that much aside. */
function newMemory(pages: number): WebAssembly.Memory | null {
  for (let maximum = MOST_PAGES; maximum >= pages; maximum /= 2) {
    try {
      return new WebAssembly.Memory({ initial: pages, maximum, shared: true });
    } catch {
      // Then less.
    }
  }
  return null;
}
