/** As platform.workerd.ts, with the plain build: the same bits on every engine. */
import simd from "../../build/core.simd.wasm";
import type { CoreExports } from "./exports.ts";
import { instantiate, type Source } from "./load.ts";

export const core: CoreExports = /* @__PURE__ */ instantiate(simd);

export const source = (): Source => simd;
