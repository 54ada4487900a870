import { readFile } from "node:fs/promises";

/** limits/limits.ts, compiled: loops that only the hardware limits. */
export interface Limits {
  /** `flop` floating point operations, all of them multiply-adds in registers. */
  multiplyAdd(flop: number): number;
  /** Copies `bytes`, a multiple of 64, 32 MiB at most. */
  copy(bytes: number): void;
}

/** Fused multiply-add where the engine has relaxed SIMD, as tapegrad chooses its own build. */
export async function loadLimits(): Promise<Limits> {
  const read = (build: string): Promise<Buffer<ArrayBuffer>> =>
    readFile(new URL(`../limits.${build}.wasm`, import.meta.url));
  const relaxed = await read("relaxed");
  const module = new WebAssembly.Module(WebAssembly.validate(relaxed) ? relaxed : await read("simd"));
  return new WebAssembly.Instance(module).exports as unknown as Limits;
}
