/** Wherever bytes may be compiled: both builds travel inside the bundle, and nothing is read, fetched or awaited. */
import { relaxed, simd } from "../../build/core.inline.js";
import type { CoreExports } from "./exports.ts";
import { best, load, type Source } from "./load.ts";

export const core: CoreExports = /* @__PURE__ */ load({ simd, relaxed });

export const source = (): Source => best({ simd, relaxed });
