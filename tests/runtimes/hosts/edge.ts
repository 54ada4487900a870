/**
 * The sandbox of Vercel's edge runtime, in a process of its own. The framework compiles imported .wasm files outside of the
 * sandbox and hands the modules in; so does this.
 */
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { BuildOptions, Plugin } from "esbuild";
import { bundleSuite, bundleText } from "../bundle.ts";
import { type Check, counted, execute, succeeded } from "../execute.ts";
import { here } from "../paths.ts";
import { consumer, suite } from "../workspace.ts";

/** `import core from "./core.simd.wasm?module"` reads what hosts/edge-vm.js has put into the sandbox. */
const handIn: Plugin = {
  name: "hand-in",
  setup(build) {
    build.onResolve({ filter: /\.wasm\?module$/ }, ({ path, importer }) => {
      const file = join(dirname(importer), path.replace("?module", ""));
      writeFileSync(`${build.initialOptions.outfile}.core`, file);
      return { path: file, namespace: "hand-in" };
    });
    build.onLoad({ filter: /.*/, namespace: "hand-in" }, () => ({ contents: "export default __core;" }));
  },
};

const OPTIONS: BuildOptions = { format: "iife", conditions: ["edge-light"], plugins: [handIn], globalName: "bundle" };
const VM = join(here, "hosts/edge-vm.js");

export const checks: readonly Check[] = [
  {
    name: "edge VM, suite",
    run: async () => {
      const bundle = join(suite, "edge.js");
      await bundleSuite(suite, "export const done = runAll();", bundle, OPTIONS);
      return counted(await execute(process.execPath, ["--expose-gc", VM, bundle], { cwd: suite }));
    },
  },
  ...["import.js", "deterministic.js", "slim.js", "threads.js"].map((file) => ({
    name: `edge VM, ${file}`,
    run: async () => {
      const bundle = join(consumer, `edge.${file}`);
      await bundleText(consumer, `import "./${file}"; export const done = 0;`, bundle, OPTIONS);
      return succeeded(await execute(process.execPath, [VM, bundle], { cwd: consumer }));
    },
  })),
];
