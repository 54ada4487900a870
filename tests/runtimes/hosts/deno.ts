import { join } from "node:path";
import { type Check, counted, execute, succeeded } from "../execute.ts";
import { tools } from "../paths.ts";
import { consumer, suite } from "../workspace.ts";

const DENO = join(tools, "deno/bin.cjs");
const VITEST = join(tools, "vitest/vitest.mjs");

const program = (file: string, ...permissions: string[]): Check => ({
  name: `Deno, ${[...permissions, file].join(" ")}`,
  run: async () =>
    succeeded(await execute(process.execPath, [DENO, "run", "--no-prompt", ...permissions, file], { cwd: consumer })),
});

export const checks: readonly Check[] = [
  {
    name: "Deno, suite",
    run: async () => counted(await execute(process.execPath, [DENO, "run", "-A", VITEST, "run"], { cwd: suite })),
  },
  program("import.js"),
  program("deterministic.js"),
  program("slim.js"),
  program("threads.js"),
  program("manual.js", "--allow-read"),
];
