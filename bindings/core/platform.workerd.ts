/**
 * Cloudflare's workers compile no bytes; they take a module by a static import. A second build to fall back on would be
 * dead weight: every imported module is compiled before the worker starts, and one that is refused stops all of it.
 */
import relaxed from "../../build/core.relaxed.wasm";
import type { CoreExports } from "./exports.ts";
import { instantiate, type Source } from "./load.ts";

export const core: CoreExports = /* @__PURE__ */ instantiate(relaxed);

export const source = (): Source => relaxed;
