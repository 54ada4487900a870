/**
 * Node loads the package from a folder, so the core can stay in its own file beside the bundle: a CommonJS one, for which see
 * scripts/parts.ts.
 */
import type { CoreExports } from "./exports.ts";
import { best, instantiate, type Source } from "./load.ts";

const { readFileSync: read } = require("node:fs") as { readFileSync(path: string): Uint8Array };

// Tools that gather the files of a deployment look for these very expressions.
export const source = (): Source =>
  best({
    simd: () => read(`${__dirname}/../core.simd.wasm`),
    relaxed: () => read(`${__dirname}/../core.relaxed.wasm`),
  });

export const core: CoreExports = /* @__PURE__ */ instantiate(source());
