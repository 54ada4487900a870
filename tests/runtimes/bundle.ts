/** The suite as one script, with the shim in place of Vitest. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { here, tools } from "./paths.ts";

/** `start` says what happens to `runAll`. */
export async function bundleSuite(suite: string, start: string, outfile: string, options: BuildOptions): Promise<void> {
  const tests = readdirSync(join(suite, "tests"), { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".test.ts"),
  );
  const imports = tests.sort().map((name) => `import "./tests/${name}";\n`);
  await bundleText(suite, `${imports.join("")}import { runAll } from "vitest";\n${start}`, outfile, options);
}

export async function bundleText(folder: string, text: string, outfile: string, options: BuildOptions): Promise<void> {
  await build({
    stdin: { contents: text, resolveDir: folder, sourcefile: "entry.js" },
    outfile,
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    mainFields: ["module", "main"],
    nodePaths: [tools],
    alias: { vitest: join(here, "shim.ts") },
    external: ["node:*"],
    logLevel: "warning",
    ...options,
  });
}
