import { join } from "node:path";
import { type Check, counted, execute, succeeded } from "../execute.ts";
import { tools } from "../paths.ts";
import { consumer, suite } from "../workspace.ts";

const BUN = join(tools, "bun/bin/bun.exe");
const VITEST = join(tools, "vitest/vitest.mjs");

const program = (file: string): Check => ({
  name: `Bun, ${file}`,
  run: async () => succeeded(await execute(BUN, [file], { cwd: consumer })),
});

export const checks: readonly Check[] = [
  {
    name: "Bun, suite",
    run: async () => counted(await execute(BUN, ["--bun", VITEST, "run"], { cwd: suite })),
  },
  ...["import.js", "deterministic.js", "slim.js", "manual.js", "require.cjs", "threads.js"].map(program),
];
