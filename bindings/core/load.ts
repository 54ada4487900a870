/**
 * From a compiled or inlined core to its raw exports. The only file that knows `@assemblyscript/loader`: it instantiates,
 * and in debug builds it makes aborts readable. Its own `exports` are rest-argument wrappers that cost three to five
 * times a plain call, so what leaves this file are the instance's exports themselves.
 */
import { instantiateSync } from "@assemblyscript/loader";

/** WebAssembly.Module, in words that also compile where a project's types know of no WebAssembly. */
type Module = typeof globalThis extends { WebAssembly: { Module: { prototype: infer M } } } ? M : object;

/** A core that is compiled already (edge platforms allow nothing else), or its bytes. */
export type Source = Module | Uint8Array;

/** The builds that an entry of the package has to offer; asked for only when chosen, since decoding costs time. */
export interface Builds {
  readonly simd: () => Source;
  readonly relaxed: () => Source;
}

/** `unreachable; f32x4.abs; drop`: after `unreachable` the validator asks for no operands. */
const SIMD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 0, 253, 224, 1, 26, 11];
/** `unreachable; f32x4.relaxed_madd; drop`. */
const RELAXED_SIMD = [...SIMD.slice(0, 25), 133, 2, 26, 11];

function supports(probe: readonly number[]): boolean {
  return WebAssembly.validate(new Uint8Array(probe));
}

/** The fastest build that this runtime takes. */
export function best(builds: Builds): Source {
  if (typeof WebAssembly !== "object") throw unsupported("it has no WebAssembly at all");
  return supports(RELAXED_SIMD) ? builds.relaxed() : builds.simd();
}

/** Instantiates the fastest build that this runtime takes. */
export function load<T>(builds: Builds): T {
  return instantiate<T>(best(builds));
}

/** What the core calls before it writes to a storage that is marked as leased (lease.ts). */
let beforeWrite: (storage: number) => void = () => {};

export function setBeforeWrite(handler: (storage: number) => void): void {
  beforeWrite = handler;
}

/** Instantiates this very build, for entries that have no choice or want none. */
export function instantiate<T>(source: Source, imports: Record<string, unknown> = {}): T {
  if (typeof WebAssembly !== "object") throw unsupported("it has no WebAssembly at all");
  const env: Record<string, unknown> = { ...imports, beforeWrite: (storage: number) => beforeWrite(storage) };
  const all: Record<string, Record<string, unknown>> = { env };
  try {
    return instantiateSync(ofThisRealm(source), all).instance.exports as T;
  } catch (error) {
    if (supports(SIMD)) throw error;
    throw unsupported("it refuses the instruction f32x4.abs", error);
  }
}

/**
 * A module compiled outside of this realm (in the sandbox of an edge runtime) is a WebAssembly.Module that `instanceof`
 * does not recognise, and the loader would take it for bytes.
 */
function ofThisRealm(source: Source): Source {
  const isModule = Object.prototype.toString.call(source) === "[object WebAssembly.Module]";
  if (isModule && !(source instanceof WebAssembly.Module)) Object.setPrototypeOf(source, WebAssembly.Module.prototype);
  return source;
}

function unsupported(reason: string, cause?: unknown): Error {
  return new Error(`tapegrad needs WebAssembly SIMD, which this runtime does not support (${reason}).`, { cause });
}
