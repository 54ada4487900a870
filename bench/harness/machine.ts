import { readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import type { Python, Runtime } from "./runtimes.ts";

const PEERS = ["@tensorflow/tfjs-backend-wasm", "@jax-js/jax", "js-pytorch"];

const versionOf = (folder: URL): string =>
  (JSON.parse(readFileSync(new URL("package.json", folder), "utf8")) as { version: string }).version;

/** Everything that the figures depend on and that can be asked for. */
export function describeSetting(runtimes: Runtime[], python: Python | undefined): Record<string, string> {
  const bench = new URL("../../", import.meta.url);
  const cores = cpus();
  return {
    machine: `${cores[0].model.trim()}, ${cores.length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}`,
    tapegrad: versionOf(new URL("../", bench)),
    Node: runtimes.map((runtime) => runtime.version).join(", "),
    PyTorch: python ? `${python.torch}, one thread (OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1)` : "not found",
    ...Object.fromEntries(PEERS.map((name) => [name, versionOf(new URL(`node_modules/${name}/`, bench))])),
  };
}
