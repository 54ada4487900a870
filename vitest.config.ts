import { fileURLToPath } from "node:url";
import { defineConfig, type ViteUserConfig } from "vitest/config";
import { summary } from "./scripts/summary.ts";

const config: ViteUserConfig = defineConfig({
  resolve: {
    // Examples import the package by its name; under test that is the sources.
    alias: [{ find: /^tapegrad$/, replacement: fileURLToPath(new URL("bindings/index.ts", import.meta.url)) }],
  },
  test: {
    include: ["tests/**/*.test.ts"],
    // Timings decide no test: this only ends one that hangs.
    testTimeout: 120_000,
    // Some tests ask what the garbage collector takes.
    execArgv: ["--expose-gc"],
    // One instance for many files, as on the other runtimes: making a new one for each took nine tenths of the time.
    isolate: false,
    setupFiles: ["tests/support/stress.setup.ts", "tests/support/threads.setup.ts"],
    exclude: ["tests/runtimes/**"],
    reporters: ["default", summary],
  },
});

export default config;
