/**
 * Installs the packed tarball as a user would, and runs the tests and some small programs on every runtime.
 *
 *     npm run test:runtimes
 *     tsx tests/runtimes/run.ts Deno workerd    only the checks whose names hold one of these words
 */
import { checks as bun } from "./hosts/bun.ts";
import { checks as bundlers } from "./hosts/bundlers.ts";
import { checks as chromium } from "./hosts/chromium.ts";
import { checks as deno } from "./hosts/deno.ts";
import { checks as edge } from "./hosts/edge.ts";
import { checks as node } from "./hosts/node.ts";
import { checks as workerd } from "./hosts/workerd.ts";
import { removeWorkspace } from "./workspace.ts";

const wanted = process.argv.slice(2);
const checks = [...node, ...deno, ...bun, ...workerd, ...edge, ...chromium, ...bundlers].filter(
  ({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)),
);

let passed = 0;
let failed = 0;
for (const { name, run } of checks) {
  const start = performance.now();
  const outcome = await run().catch((error) => {
    console.log(error);
    return { passed: 0, failed: 1 };
  });
  passed += outcome.passed;
  failed += outcome.failed;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${name.padEnd(50)} ${outcome.passed} passed, ${outcome.failed} failed, ${seconds} s`);
}
removeWorkspace();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
