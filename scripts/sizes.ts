/**
 * Prints what each kind of user loads, beside the goal, and fails above the ceiling; then what programs weigh once a
 * bundler has dropped what they do not use, and what each part of the library adds. Ceilings are what the library weighs
 * today; they are lowered as it gets lighter. docs/size.md explains the figures.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build as bundle, type Metafile } from "esbuild";
import { PARTS } from "./parts.ts";
import { build, root } from "./paths.ts";
import { codeByFile } from "./sizes-wasm.ts";
import { run } from "./wasm.ts";

interface Load {
  readonly user: string;
  readonly files: readonly string[];
  /** In kB (1000 bytes) after gzip. */
  readonly goal: number;
  readonly ceiling: number;
}

const LOADS: readonly Load[] = [
  {
    user: "Node",
    files: ["node/index.js", "node/require.cjs", "node/library.cjs", "core.relaxed.wasm"],
    goal: 150,
    ceiling: 149.1,
  },
  { user: "Deno, Bun, browsers", files: ["index.js"], goal: 150, ceiling: 271.8 },
  { user: "the same, deterministic", files: ["deterministic.js"], goal: 150, ceiling: 258.6 },
  { user: "Cloudflare's workers", files: ["workerd.js", "core.relaxed.wasm"], goal: 110, ceiling: 251.3 },
  { user: "the same, deterministic", files: ["deterministic.workerd.js", "core.simd.wasm"], goal: 110, ceiling: 250.3 },
  { user: "Vercel's edge runtime", files: ["edge-light.js", "core.simd.wasm"], goal: 110, ceiling: 250.3 },
  { user: "by hand", files: ["manual.js", "core.relaxed.wasm"], goal: 110, ceiling: 263.7 },
];

/** What a worker holds after bundling, as wrangler does it. */
const PROGRAMS: Readonly<Record<string, { readonly text: string; readonly ceiling: number }>> = {
  "tensor, mul, backward": {
    text: `import { mul, tensor } from "tapegrad";
      const x = tensor([1], { requiresGrad: true });
      mul(x, x).backward();
      console.log(x.grad);`,
    ceiling: 162.3,
  },
  "tensor, mul, backward, slim": {
    text: `import { mul, tensor } from "tapegrad/slim";
      const x = tensor([1], { requiresGrad: true });
      mul(x, x).backward();
      console.log(x.grad);`,
    ceiling: 127.0,
  },
  "a trained network, slim": {
    text: `import { softmax, tensor } from "tapegrad/slim";
      import { Linear, ReLU, Sequential } from "tapegrad/slim/nn";
      const model = new Sequential(new Linear(784, 128), new ReLU(), new Linear(128, 10));
      model.loadStateDict(globalThis.weights);
      console.log(softmax(model(tensor(globalThis.input)), 1).tolist());`,
    ceiling: 133.8,
  },
  "a training step, slim": {
    text: `import { tensor } from "tapegrad/slim";
      import { Linear, ReLU, Sequential } from "tapegrad/slim/nn";
      import { crossEntropy } from "tapegrad/slim/nn/functional";
      import { Adam } from "tapegrad/slim/optim";
      const model = new Sequential(new Linear(784, 128), new ReLU(), new Linear(128, 10));
      const optimizer = new Adam(model.parameters());
      const loss = crossEntropy(model(tensor(globalThis.input)), tensor(globalThis.labels));
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();`,
    ceiling: 137.4,
  },
  "the same step": {
    text: `import { nn, optim, tensor } from "tapegrad";
      const model = new nn.Sequential(new nn.Linear(784, 128), new nn.ReLU(), new nn.Linear(128, 10));
      const optimizer = new optim.Adam(model.parameters());
      const loss = nn.functional.crossEntropy(model(tensor(globalThis.input)), tensor(globalThis.labels));
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();`,
    ceiling: 217.8,
  },
  everything: { text: `import * as all from "tapegrad"; globalThis.all = { ...all };`, ceiling: 254.3 },
};

interface Sizes {
  readonly raw: number;
  readonly gzip: number;
  readonly brotli: number;
}

function sizes(contents: readonly Uint8Array[]): Sizes {
  const sum = (size: (content: Uint8Array) => number): number =>
    contents.reduce((all, each) => all + size(each), 0) / 1000;
  return {
    raw: sum((content) => content.length),
    gzip: sum((content) => gzipSync(content, { level: 9 }).length),
    brotli: sum((content) => brotliCompressSync(content).length),
  };
}

const number = (value: number): string => value.toFixed(1).padStart(8);
let checked = 0;
let failed = 0;

function report(label: string, { raw, gzip, brotli }: Sizes, goal: number, ceiling: number): void {
  checked += 1;
  if (gzip > ceiling) failed += 1;
  const verdict = gzip > ceiling ? "  too large" : "";
  console.log(
    `${label.padEnd(69)}${number(raw)}${number(gzip)}${number(brotli)}${number(goal)}${number(ceiling)}${verdict}`,
  );
}

const read = (file: string): Buffer => readFileSync(join(build, file));

function heading(text: string): void {
  console.log(`\n${text.padEnd(69)}     raw    gzip  brotli    goal ceiling`);
}

heading("what each user loads, kB");
for (const { user, files, goal, ceiling } of LOADS) {
  report(`${user.padEnd(27)}${files.join(" + ")}`, sizes(files.map(read)), goal, ceiling);
}

interface Bundled {
  readonly code: Uint8Array;
  readonly inputs: Metafile["outputs"][string]["inputs"];
}

async function bundled(text: string): Promise<Bundled> {
  const { outputFiles, metafile } = await bundle({
    stdin: { contents: text, resolveDir: root },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    external: ["*.wasm", "node:*"],
    write: false,
    metafile: true,
    // The package as it is shipped, not the sources to which the tests' settings point.
    tsconfigRaw: {},
  } as const);
  const [output] = Object.values(metafile.outputs);
  return { code: outputFiles[0].contents, inputs: output.inputs };
}

console.log("\nwhat Node loads besides, each when the first of its functions is called, kB      raw    gzip  brotli");
for (const part of Object.keys(PARTS)) {
  const { raw, gzip, brotli } = sizes([read(`node/${part}.cjs`)]);
  console.log(`${part.padEnd(73)}${number(raw)}${number(gzip)}${number(brotli)}`);
}

heading("a worker's bundle with the core: JavaScript + core.relaxed.wasm, kB");
for (const [name, { text, ceiling }] of Object.entries(PROGRAMS)) {
  const { code } = await bundled(text);
  report(name, sizes([code, read("core.relaxed.wasm")]), 110, ceiling);
}

/** Sums by folder, to a depth of two where `isSplit`. */
function byFolder(
  entries: Iterable<readonly [string, number]>,
  isSplit: (room: string) => boolean,
): [string, number][] {
  const sums = new Map<string, number>();
  for (const [path, bytes] of entries) {
    const [room, ...rest] = path.split("/").slice(0, -1);
    const folder = room === undefined ? "beside them" : isSplit(room) && rest.length > 0 ? `${room}/${rest[0]}` : room;
    sums.set(folder, (sums.get(folder) ?? 0) + bytes);
  }
  return [...sums].sort((a, b) => b[1] - a[1]);
}

/** Compression sees across parts, so each is given its share of the whole by length. */
function printShares(title: string, parts: readonly [string, number][], gzip: number): void {
  const whole = parts.reduce((all, [, bytes]) => all + bytes, 0);
  console.log(`\n${title.padEnd(40)}     raw    gzip`);
  for (const [name, bytes] of parts) {
    console.log(`${name.padEnd(40)}${number(bytes / 1000)}${number((gzip * bytes) / whole)}`);
  }
}

const sources = await bundled(`export * from "./bindings/index.ts";`);
const scripts = Object.entries(sources.inputs)
  .filter(([path]) => path.startsWith("bindings/"))
  .map(([path, { bytesInOutput }]) => [path.replace("bindings/", ""), bytesInOutput] as const);
printShares(
  "what each part of the JavaScript adds, kB",
  byFolder(scripts, () => true),
  sizes([read("workerd.js")]).gzip,
);

const named = join(build, "core.named.wasm");
await run("assemblyscript/bin/asc.js", ["assembly/index.ts", "--target", "simd", "--debug", "--outFile", named]);
const functions = codeByFile(readFileSync(named)).map(
  ([path, bytes]) => [path.replace("assembly/", ""), bytes] as const,
);
printShares(
  "what each part of the core adds, kB",
  byFolder(functions, (room) => room === "kernels"),
  sizes([read("core.simd.wasm")]).gzip,
);

console.log(`\n${checked - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
