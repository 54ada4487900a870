import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

export type Tfjs = typeof import("@tensorflow/tfjs-core");

type Bundle = Tfjs & Pick<typeof import("@tensorflow/tfjs-backend-wasm"), "setThreadsCount" | "setWasmPaths">;

/** From bench/build/peers/. */
const WASM = new URL("../../node_modules/@tensorflow/tfjs-backend-wasm/dist/", import.meta.url);

/** tfjs on its WebAssembly backend: its SIMD build, one thread. */
export async function loadTfjs(): Promise<Tfjs> {
  const tf = createRequire(import.meta.url)("../tfjs.cjs") as Bundle;
  tf.setWasmPaths(fileURLToPath(WASM));
  tf.setThreadsCount(1);
  if (!(await tf.setBackend("wasm"))) throw new Error("tfjs: no wasm backend");
  if (!(await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT"))) throw new Error("tfjs: no SIMD");
  return tf;
}
