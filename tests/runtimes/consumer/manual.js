import { readFileSync } from "node:fs";
import { init, manualSeed, nn, optim, tensor } from "tapegrad/manual";
import { exercise } from "./exercise.js";

let refusal = "";
try {
  tensor([1]);
} catch (error) {
  refusal = error.message;
}
if (!refusal.includes("init(module)")) throw new Error(`before init: ${refusal}`);

const core = new WebAssembly.Module(readFileSync(new URL(import.meta.resolve("tapegrad/core.simd.wasm"))));
init(core);
init(core);
exercise({ manualSeed, nn, optim, tensor });
