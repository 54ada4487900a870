/**
 * The sources run as they are, in Node, Deno and Bun: the core is read from where the compiler put it. TAPEGRAD_BUILD
 * chooses a build by name; no shipped entry has anything like it.
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import type { CoreExports } from "./exports.ts";
import { best, instantiate, type Source } from "./load.ts";

const read = (build: string): Uint8Array => readFileSync(new URL(`../../build/core.${build}.wasm`, import.meta.url));

const wanted = process.env.TAPEGRAD_BUILD;

export const source = (): Source =>
  wanted ? read(wanted) : best({ simd: () => read("simd"), relaxed: () => read("relaxed") });

export const core: CoreExports = instantiate(source());
