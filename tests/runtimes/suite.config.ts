/** Copied beside the tests: see workspace.ts. */
import { defineConfig, type ViteUserConfig } from "vitest/config";
import { summary } from "./summary.ts";

const config: ViteUserConfig = defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    testTimeout: 120_000,
    isolate: false,
    execArgv: ["--expose-gc"],
    reporters: ["default", summary],
  },
});

export default config;
