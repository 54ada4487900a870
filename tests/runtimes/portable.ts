/** Which test files run everywhere: those that import, directly or not, only the library's entry and pure packages. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { build, type Metafile, type Plugin } from "esbuild";
import { root } from "./paths.ts";

/** Folders of tests/ that stay with the sources, because they look inside the library or need Node. */
const STAY = ["core/", "docs/", "examples/", "kernels/", "node/", "packaging/", "runtimes/", "structure/"];

const LIBRARY = "tapegrad";
const PACKAGES = [LIBRARY, "vitest", "fast-check"];

/** Part of the library's inside: it lets once-only warnings appear again. */
const WARNINGS = "bindings/core/warn.ts";

const nameLibrary: Plugin = {
  name: "library",
  setup({ onResolve }) {
    onResolve({ filter: /\/bindings\/index\.ts$/ }, () => ({ path: LIBRARY, external: true }));
    onResolve({ filter: /\/bindings\/core\/warn\.ts$/ }, () => ({ path: WARNINGS, external: true }));
  },
};

/** Paths in the repository of all portable tests, and of what they import in tests/. */
export async function portableFiles(): Promise<string[]> {
  const tests = readdirSync(join(root, "tests"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts") && !STAY.some((folder) => name.startsWith(folder)))
    .map((name) => `tests/${name}`);
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: tests,
    plugins: [nameLibrary],
    packages: "external",
    bundle: true,
    format: "esm",
    write: false,
    outdir: "build",
    metafile: true,
  });
  const reached = new Map(tests.map((test) => [test, reach(metafile.inputs, test)]));
  const isPortable = (path: string): boolean =>
    PACKAGES.includes(path) || (path.startsWith("tests/") && path !== WARNINGS);
  const portable = [...reached.values()].filter((paths) => [...paths].every(isPortable));
  console.log(`${portable.length} test files run everywhere, ${tests.length - portable.length} stay with the sources`);
  return [...new Set(portable.flatMap((paths) => [...paths]))].filter((path) => path.startsWith("tests/")).sort();
}

/** A file and everything that it imports, directly or not. */
function reach(inputs: Metafile["inputs"], file: string, seen: Set<string> = new Set()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const { path } of inputs[file]?.imports ?? []) reach(inputs, path, seen);
  return seen;
}
