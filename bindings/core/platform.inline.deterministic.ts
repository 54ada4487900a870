/** As platform.inline.ts, with the plain build alone: the same bits on every engine. */
import { simd } from "../../build/core.inline.js";
import type { CoreExports } from "./exports.ts";
import { instantiate, type Source } from "./load.ts";

export const core: CoreExports = /* @__PURE__ */ instantiate(/* @__PURE__ */ simd());

export const source = (): Source => simd();
