/** Where the manual entry leaves the core before it evaluates the rest of the library. */
import type { CoreExports } from "./exports.ts";
import { instantiate, type Source } from "./load.ts";

let exports: CoreExports | undefined;
let from: Source | undefined;

export function provide(source: Source): void {
  const given = instantiate<Partial<CoreExports>>(source);
  if (!given.memory) throw new Error("init: got a WebAssembly module that is not tapegrad's core.");
  exports = given as CoreExports;
  from = source;
}

export function providedSource(): Source {
  return from as Source;
}

export function provided(): CoreExports {
  if (!exports) throw new Error("tapegrad/manual: call init(module) first.");
  return exports;
}
