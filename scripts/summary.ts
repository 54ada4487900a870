import type { Reporter, TestModule } from "vitest/node";

/** Ends a run with the line that .ci/run adds up: `N passed, M failed`. What fails outside of a test counts as well. */
export const summary: Reporter = {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length;
    const broken = modules.filter((module) => module.errors().length > 0).length;
    console.log(`${count("passed")} passed, ${count("failed") + broken + errors.length} failed`);
  },
};
