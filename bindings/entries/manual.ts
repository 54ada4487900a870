/**
 * `tapegrad/manual`: for hosts that neither the default entry nor the edge entries fit, because they forbid compiling
 * bytes, share one compiled module among many workers, or fetch the core by themselves. It exports all that `tapegrad`
 * does, and `init`; nothing but `init` may be used before it has been called. The two builds of the core are the package's
 * files `tapegrad/core.simd.wasm` and `tapegrad/core.relaxed.wasm`.
 *
 * scripts/manual.ts makes what these declarations promise.
 *
 * @example
 * import { readFileSync } from "node:fs";
 * import { init, tensor } from "tapegrad/manual";
 *
 * const path = new URL(import.meta.resolve("tapegrad/core.simd.wasm"));
 * init(new WebAssembly.Module(readFileSync(path)));
 * console.log(tensor([1, 2, 3]).sum().item()); // 6
 *
 * @module
 */
import type { Source } from "../core/load.ts";

export * from "../index.ts";

/**
 * Instantiates the core; synchronous. Further calls do nothing, so that a request handler may call it each time.
 *
 * @param core one of the package's two builds: a compiled module, or its bytes where the host compiles bytes
 * @throws {Error} the runtime has no WebAssembly SIMD, or `core` is another module
 * @throws {WebAssembly.CompileError} `core` is the relaxed build and the runtime has no relaxed SIMD
 */
export declare function init(core: Source): void;
