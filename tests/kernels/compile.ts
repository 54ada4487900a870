/** Compiles a test entry of the wasm core in memory, with the flags of a target in asconfig.json. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The shortest module with an instruction of relaxed SIMD. */
const relaxedProbe = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0],
  ...[10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11],
);

/** The targets of asconfig.json that this engine can run. */
export const targets: string[] = WebAssembly.validate(relaxedProbe) ? ["simd", "relaxed"] : ["simd"];

/** The exports of `tests/kernels/<entry>`, freshly compiled and instantiated. */
export async function compileKernels<Exports>(entry: string, target: string): Promise<Exports> {
  let binary: Uint8Array<ArrayBuffer> | undefined;
  const argv = [`tests/kernels/${entry}`, "--target", target, "--outFile", "kernels.wasm", "--baseDir", root];
  const { error, stderr } = await asc.main(argv, {
    readFile: (name, baseDir) => readFile(join(baseDir, name), "utf8").catch(() => null),
    writeFile: (name, contents) => {
      if (name === "kernels.wasm") binary = Uint8Array.from(contents as Uint8Array);
    },
  });
  if (error || !binary) throw new Error(`${entry} does not compile:\n${stderr.toString()}`);
  return new WebAssembly.Instance(new WebAssembly.Module(binary)).exports as Exports;
}
