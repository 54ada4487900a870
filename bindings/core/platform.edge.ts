/**
 * Vercel's edge runtime. The plain build alone, which makes this the deterministic entry as well: the framework compiles
 * each imported module with the Node that builds the site, and Node 20 refuses the relaxed one.
 */
import simd from "../../build/core.simd.wasm?module";
import type { CoreExports } from "./exports.ts";
import { instantiate, type Source } from "./load.ts";

export const core: CoreExports = /* @__PURE__ */ instantiate(simd);

export const source = (): Source => simd;
