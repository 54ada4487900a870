/**
 * One file for each entry of the package, but for Node's (parts.ts). The entries are the same library on another platform:
 * a plugin puts the entry's platform file in place of bindings/core/platform.ts. Rolldown, because its namespace objects
 * (`nn`, `optim`) are marked as free of side effects, so that a bundler downstream can drop those that a program does not
 * use.
 */
import { readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type InputOptions, type OutputChunk, type Plugin, type RolldownBuild, rolldown } from "rolldown";
import { manualEntry } from "./manual.ts";
import { inParts, PARTS, partEntry, partOf } from "./parts.ts";
import { build, root } from "./paths.ts";

const LIBRARY = join(root, "bindings/index.ts");

/** The files in build/ and the platform file behind each. */
const PLATFORMS = {
  "index.js": "inline",
  "deterministic.js": "inline.deterministic",
  "workerd.js": "workerd",
  "deterministic.workerd.js": "workerd.deterministic",
  "edge-light.js": "edge",
} as const;

/** The entries `tapegrad/slim/…`, and the folders that hold them for each platform: see bindings/tensor.slim.ts. */
export const slimEntries: Readonly<Record<string, string>> = {
  index: "index",
  autograd: "autograd/index",
  func: "func/index",
  linalg: "linalg/index",
  masked: "masked/index",
  memory: "core/memory",
  nn: "nn/index",
  "nn/functional": "nn/functional/index",
  "nn/init": "nn/init",
  "nn/utils": "nn/utils/index",
  optim: "optim/index",
  "optim/lrScheduler": "optim/lr-scheduler/index",
  special: "special/index",
  utils: "utils/index",
};
const SLIM_PLATFORMS = { default: "inline", workerd: "workerd", "edge-light": "edge" } as const;

/**
 * Edge functions are always bundled, so there the library stays in its modules: bundlers take what a program reaches. In one
 * file all derivatives would stay that register themselves in it, with the operations that they use: 4 to 10 kB after gzip.
 * Elsewhere somebody may import it as it is, for which 300 files take too long.
 */
const IN_MODULES: readonly string[] = ["workerd", "edge-light"];

/** What bundle() writes. */
export const bundles: readonly string[] = [
  "node/index.js",
  ...["require", "library", ...Object.keys(PARTS)].map((name) => `node/${name}.cjs`),
  ...Object.keys(PLATFORMS),
  "manual.js",
  ...Object.keys(SLIM_PLATFORMS).flatMap((folder) =>
    Object.keys(slimEntries).map((entry) => `slim/${folder}/${entry}.js`),
  ),
].map((file) => join(build, file));

const BANNER = "/*! tapegrad, MIT. Contains @assemblyscript/loader, Apache-2.0: see THIRD_PARTY_NOTICES.md. */";

export async function bundle(): Promise<void> {
  const chunks = await Promise.all(
    Object.entries(PLATFORMS).map(([file, platform]) => write(file, LIBRARY, [usePlatform(platform)])),
  );
  await writeInParts(chunks[0].exports);
  await write("manual.js", MANUAL, [serveManual(chunks[0].exports), usePlatform("manual")]);
  await Promise.all(Object.entries(SLIM_PLATFORMS).map(([folder, platform]) => writeSlim(folder, platform)));
}

/** Everything counts: a worker's start is its download. People read the sources, which the package does not hide. */
const OUTPUT = {
  format: "esm",
  banner: BANNER,
  minify: { compress: true, mangle: { toplevel: true, keepNames: { class: true, function: false } }, codegen: true },
  comments: { annotation: true, legal: true, jsdoc: false },
} as const;

function open(
  name: string,
  input: InputOptions["input"],
  plugins: Plugin[],
  options: InputOptions = {},
): Promise<RolldownBuild> {
  return rolldown({
    input,
    plugins,
    platform: "neutral",
    transform: { target: "es2022" },
    // package.json promises users that nothing happens on import; within the library, derivatives register themselves.
    treeshake: { moduleSideEffects: true },
    // A busy machine is no reason to refuse.
    checks: { bundlerTimings: false },
    onwarn: (warning) => {
      throw new Error(`${name}: ${warning.message}`);
    },
    ...options,
  });
}

async function write(file: string, input: string, plugins: Plugin[]): Promise<OutputChunk> {
  const bundle = await open(file, input, [...plugins, keepWasm(".")]);
  const { output } = await bundle.write({ file: join(build, file), codeSplitting: false, ...OUTPUT });
  await bundle.close();
  return output[0];
}

/** The library for Node, in parts.ts' parts: `names` are what its entry has, beside what the parts share. */
async function writeInParts(names: readonly string[]): Promise<void> {
  const folder = dirname(LIBRARY);
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
    .map((name) => join(folder, name));
  const input = Object.fromEntries([
    ["library", LIBRARY],
    ...Object.keys(PARTS).map((part) => [part, partEntry(part)]),
  ]);
  const bundle = await open("node", input, [usePlatform("node"), inParts(sources)], {
    preserveEntrySignatures: "allow-extension",
  });
  await bundle.write({
    dir: join(build, "node"),
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [{ name: (id) => partOf(id) ?? "library", test: /./ }],
    },
    ...OUTPUT,
    format: "cjs",
    entryFileNames: "[name].cjs",
    chunkFileNames: "[name].cjs",
  });
  await bundle.close();
  writeFacade(names);
}

/**
 * What is imported: the library as a module. Node reads the CommonJS that a module imports twice, the first time for its
 * names, which takes as long as running it, but not what that requires in turn: hence the file between. `var` is the only
 * name that is a word of the language.
 */
function writeFacade(names: readonly string[]): void {
  const rest = names.filter((name) => name !== "var");
  const variance = "const{var:variance}=library;\nexport{variance as var};\n";
  const text = `import{library}from"./require.cjs";\nexport const{${rest.join(",")}}=library;\n${variance}`;
  writeFileSync(join(build, "node/index.js"), text);
  writeFileSync(join(build, "node/require.cjs"), `exports.library=require("./library.cjs");\n`);
}

/** Each entry passes some of the library's names on: bundlers see through that, name by name. */
async function writeSlim(folder: string, platform: string): Promise<void> {
  const sources = Object.entries(slimEntries).map(([entry, path]) => [entry, join(root, `bindings/${path}.ts`)]);
  const inModules = IN_MODULES.includes(folder);
  // From the modules' platform file in core/ to build/.
  const plugins = [usePlatform(platform), useSlimTensor, keepWasm(inModules ? "../../.." : "../..")];
  // Derivatives lie beside their operations, and go with them. package.json says the same to bundlers.
  const moduleSideEffects = inModules ? (id: string): boolean => id.endsWith("/tensor.slim.ts") : true;
  const bundle = await open(folder, Object.fromEntries(sources), plugins, { treeshake: { moduleSideEffects } });
  await bundle.write({
    dir: join(build, "slim", folder),
    chunkFileNames: "[name].js",
    ...(inModules
      ? { preserveModules: true, preserveModulesRoot: join(root, "bindings") }
      : { codeSplitting: { groups: [{ name: "library", test: /./ }] } }),
    ...OUTPUT,
  });
  await bundle.close();
}

function usePlatform(platform: string): Plugin {
  return {
    name: "platform",
    resolveId: (id) => (/(^|\/)platform\.ts$/.test(id) ? join(root, `bindings/core/platform.${platform}.ts`) : null),
  };
}

const useSlimTensor: Plugin = {
  name: "slim",
  resolveId: (id, importer) => {
    const isTensor = importer !== undefined && /^\.+\/tensor\.ts$/.test(id);
    return isTensor && join(dirname(importer), id) === join(root, "bindings/tensor.ts")
      ? join(root, "bindings/tensor.slim.ts")
      : null;
  },
};

/** The core lies in build/, and each edge platform has its own way to load it. */
function keepWasm(folder: string): Plugin {
  return {
    name: "wasm",
    resolveId: (id) => {
      const wasm = /[^/]+\.wasm(\?module)?$/.exec(id);
      return wasm ? { id: `${folder}/${wasm[0]}`, external: true } : null;
    },
  };
}

const MANUAL = "\0manual";

function serveManual(names: readonly string[]): Plugin {
  return {
    name: "manual",
    resolveId: (id) => (id === MANUAL ? id : null),
    load: (id) => (id === MANUAL ? { code: manualEntry(names), moduleType: "js" } : null),
  };
}
