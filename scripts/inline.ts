/** Writes build/core.inline.js: both builds of the core as text, for the entries that carry them along. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { applyDelta } from "../bindings/core/delta.ts";
import { makeDelta } from "./delta.ts";
import { build } from "./paths.ts";
import { wasm } from "./wasm.ts";

/**
 * How bytes become text. base64 starts quickest and is the smaller text; hex is the smaller download, because gzip sees
 * whole bytes in it. Change this one word when the sizes ask for it (`npm run sizes`).
 */
const ENCODING: keyof typeof ENCODINGS = "hex";

const ENCODINGS = { base64: "fromBase64", hex: "fromHex" } as const;

export function writeInline(): void {
  const simd = readFileSync(wasm("simd"));
  const relaxed = readFileSync(wasm("relaxed"));
  const delta = Buffer.from(makeDelta(simd, relaxed));
  if (!relaxed.equals(applyDelta(simd, delta, relaxed.length)))
    throw new Error("the delta does not give the relaxed build");

  const decode = ENCODINGS[ENCODING];
  writeFileSync(
    join(build, "core.inline.js"),
    `import { ${decode} as decode } from "../bindings/core/decode.ts";
import { applyDelta } from "../bindings/core/delta.ts";

export function simd() {
  return decode("${simd.toString(ENCODING)}");
}

export function relaxed() {
  return applyDelta(simd(), decode("${delta.toString(ENCODING)}"), ${relaxed.length});
}
`,
  );
}
