/** Cloudflare's runtime by itself. Tools for it resolve with the condition `workerd` and upload .wasm files as they are. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildOptions } from "esbuild";
import { bundleSuite, bundleText } from "../bundle.ts";
import { type Check, counted, execute, type Finished, succeeded } from "../execute.ts";
import { tools } from "../paths.ts";
import { consumer, suite } from "../workspace.ts";

const WORKERD = join(tools, "workerd/bin/workerd");
const OPTIONS: BuildOptions = { conditions: ["workerd"], loader: { ".wasm": "copy" }, assetNames: "[name]" };

/** Runs the `test` handler of a folder's bundle.mjs, with the .wasm files beside it. */
function test(folder: string, compatibilityDate: string): Promise<Finished> {
  const wasm = readdirSync(folder).filter((name) => name.endsWith(".wasm"));
  const modules = [
    '(name = "bundle.mjs", esModule = embed "bundle.mjs")',
    ...wasm.map((name) => `(name = "./${name}", wasm = embed "${name}")`),
  ];
  writeFileSync(
    join(folder, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = (
  compatibilityDate = "${compatibilityDate}", modules = [${modules.join(", ")}]))], v8Flags = ["--expose-gc"]);
`,
  );
  return execute(WORKERD, ["test", "config.capnp"], { cwd: folder });
}

function newFolder(parent: string, name: string): string {
  const folder = join(parent, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** A program of consumer/ that runs while the worker starts. */
function program(file: string, compatibilityDate: string): Check {
  return {
    name: `workerd of ${compatibilityDate}, ${file}`,
    run: async () => {
      const folder = newFolder(consumer, `workerd-${file}-${compatibilityDate}`);
      const text = `import "./${file}"; export default { test() {} };`;
      await bundleText(consumer, text, join(folder, "bundle.mjs"), OPTIONS);
      return succeeded(await test(folder, compatibilityDate));
    },
  };
}

export const checks: readonly Check[] = [
  {
    name: "workerd, suite",
    run: async () => {
      const folder = newFolder(suite, "workerd");
      const start = `export default {
  async test() {
    if ((await runAll()) > 0) throw new Error("tests failed");
  },
};`;
      await bundleSuite(suite, start, join(folder, "bundle.mjs"), OPTIONS);
      return counted(await test(folder, "2026-08-04"));
    },
  },
  ...["import.js", "deterministic.js", "slim.js", "manual.workerd.js", "threads.js"].flatMap((file) => [
    program(file, "2022-01-01"),
    program(file, "2026-08-04"),
  ]),
];
