import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { kilobytes } from "../harness/format.ts";
import type { TableResult } from "../harness/result.ts";

/** From bench/build/tables/. */
const BENCH = new URL("../../", import.meta.url);
const OURS = new URL("../build/", BENCH);
const TFJS_WASM = new URL("node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm", BENCH);

/** The sum over the parts, each compressed by itself, as it is served. */
function measured(parts: Uint8Array[]): string[] {
  const total = (size: (part: Uint8Array) => number): string =>
    kilobytes(parts.reduce((sum, part) => sum + size(part), 0));
  return [
    total((part) => part.length),
    total((part) => gzipSync(part, { level: 9 }).length),
    total((part) => brotliCompressSync(part).length),
  ];
}

/** All that a library exports, bundled and minified for a browser. */
async function bundled(...packages: string[]): Promise<Uint8Array> {
  const contents = packages.map((name, i) => `export * as library${i} from ${JSON.stringify(name)};`).join("\n");
  const result = await build({
    stdin: { contents, resolveDir: fileURLToPath(BENCH) },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    external: ["fs", "path", "node:*", "module", "worker_threads", "perf_hooks", "os"],
    logLevel: "error",
  });
  return result.outputFiles[0].contents;
}

export async function sizes(): Promise<TableResult> {
  const ours = (label: string, ...files: string[]): string[][] => {
    const urls = files.map((file) => new URL(file, OURS));
    return urls.every((url) => existsSync(url)) ? [[label, ...measured(urls.map((url) => readFileSync(url)))]] : [];
  };
  return {
    name: "sizes",
    title: "What is loaded",
    about:
      "tapegrad's files as they are published, each compressed by itself; the peers bundled and minified with everything that they export, as far as it needs no graphics card's files.",
    columns: ["", "raw", "gzip", "brotli"],
    rows: [
      ...ours(
        "tapegrad in Node, before other parts are called for",
        "node/index.js",
        "node/require.cjs",
        "node/library.cjs",
        "core.relaxed.wasm",
      ),
      ...ours("tapegrad in Deno, Bun, browsers", "index.js"),
      ...ours("tapegrad in a Worker", "workerd.js", "core.simd.wasm", "core.relaxed.wasm"),
      ...ours("tapegrad/deterministic", "deterministic.js"),
      [
        "tfjs: core, wasm backend, its SIMD build",
        ...measured([await bundled("@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-wasm"), readFileSync(TFJS_WASM)]),
      ],
      ["jax-js", ...measured([await bundled("@jax-js/jax")])],
    ],
  };
}
