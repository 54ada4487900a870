/**
 * Builds what the package ships into build/: the wasm core, the bundles around it, the declarations. What is younger than
 * its sources stays.
 *
 *     tsx scripts/build.ts            everything
 *     tsx scripts/build.ts --debug    and the debug build of the core, for TAPEGRAD_BUILD=debug
 */
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { bundle, bundles, slimEntries } from "./bundle.ts";
import { writeInline } from "./inline.ts";
import { build, isFresh, root } from "./paths.ts";
import { compile, run, wasm } from "./wasm.ts";

const release = ["simd", "relaxed"] as const;
await Promise.all(release.map(compile));
if (process.argv.includes("--debug")) await compile("debug");

/** The declarations of each entry; `[Symbol.dispose]` is newer than what many projects tell the compiler to know. */
const declarations: Record<string, string> = {
  "index.d.ts": "bindings/index.ts",
  "manual.d.ts": "bindings/entries/manual.ts",
  ...Object.fromEntries(
    Object.entries(slimEntries).map(([entry, path]) => [`slim/${entry}.d.ts`, `slim/bindings/${path}.ts`]),
  ),
};
const declarationOf = (name: string): string => join(build, "types", name);

const outputs = [...bundles, ...Object.keys(declarations).map(declarationOf)];
const sources = [
  ...["bindings", "assembly/abi", "scripts", "package.json"],
  ...["tsconfig.json", "tsconfig.types.json", "tsconfig.slim.json"],
];
if (!isFresh(outputs, [...sources.map((path) => join(root, path)), ...release.map(wasm)])) {
  writeInline();
  for (const folder of ["types", "slim", "node"]) rmSync(join(build, folder), { recursive: true, force: true });
  const tsc = (...args: string[]): Promise<void> => run("typescript/bin/tsc", ["--project", ...args]);
  // Whether the library calls methods that slim tensors lack is a question for `npm run typecheck`.
  await Promise.all([bundle(), tsc("tsconfig.types.json"), tsc("tsconfig.slim.json", "--noCheck")]);
  // Within them, `./tensor.ts` is the tensor of these entries: users' compilers know no suffixes.
  renameSync(declarationOf("slim/bindings/tensor.slim.d.ts"), declarationOf("slim/bindings/tensor.d.ts"));
  for (const [name, source] of Object.entries(declarations)) {
    const target = posix.relative(posix.dirname(name), source);
    const text = `/// <reference lib="esnext.disposable" />\nexport * from "${target.startsWith(".") ? target : `./${target}`}";\n`;
    mkdirSync(dirname(declarationOf(name)), { recursive: true });
    writeFileSync(declarationOf(name), text);
  }
}
