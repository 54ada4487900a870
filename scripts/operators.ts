/**
 * Writes docs/operators.md: every operator with its signature, its name in PyTorch, its derivatives, how it differs and
 * where it is.
 *
 *     npm run docs                                writes the file
 *     npx tsx scripts/operators.ts --check        says whether it is what the sources say
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { collectOperators } from "./operators/collect.ts";
import { render } from "./operators/render.ts";
import { root } from "./paths.ts";

const file = join(root, "docs/operators.md");
const text = render(collectOperators());

if (!process.argv.includes("--check")) writeFileSync(file, text);
else if (!existsSync(file) || readFileSync(file, "utf8") !== text) {
  console.log("docs/operators.md is stale: npm run docs writes it anew.");
  process.exitCode = 1;
}
