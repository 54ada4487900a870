/** What bundlers leave out of a program that uses little of the library. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bundleText } from "../bundle.ts";
import type { Check, Outcome } from "../execute.ts";
import { consumer } from "../workspace.ts";

/** The size of a program after bundling, less the core's text. */
async function size(name: string, text: string): Promise<number> {
  const file = join(consumer, `shaken-${name}.js`);
  await bundleText(consumer, text, file, { minify: true });
  return readFileSync(file, "utf8").replace(/"[\w+/=]{1000,}"/g, "").length;
}

async function shaken(): Promise<Outcome> {
  const all = await size("all", 'import * as tapegrad from "tapegrad"; globalThis.all = { ...tapegrad };');
  const none = await size("none", 'import { tensor } from "tapegrad";');
  const tensors = await size("tensor", 'import { tensor } from "tapegrad"; console.log(tensor([1]));');
  const training = await size("nn", 'import { nn } from "tapegrad"; console.log(nn);');
  console.log(`bytes without the core: all ${all}, nn ${training}, tensor ${tensors}, nothing ${none}`);
  return none === 0 && tensors < training && training < all ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

export const checks: readonly Check[] = [{ name: "esbuild drops what is not used", run: shaken }];
