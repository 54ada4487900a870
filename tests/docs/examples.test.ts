// Runs every TypeScript example of the README and of docs/, and compares what it prints with the comments beside it.

import { readdirSync, readFileSync } from "node:fs";
import { format } from "node:util";
import { transformSync } from "esbuild";
import { afterEach, expect, it } from "vitest";
import * as tapegrad from "../../bindings/index.ts";

const root = new URL("../../", import.meta.url);
const pages = ["README.md", ...readdirSync(new URL("docs/", root)).map((name) => `docs/${name}`)];

const AsyncFunction = (async () => {}).constructor as new (...parts: string[]) => (...args: unknown[]) => Promise<void>;

const load = (name: string): Promise<unknown> => import(name);

/** What an example prints, line by line, and what it says that it prints. */
async function run(example: string): Promise<{ printed: string[]; promised: string[] }> {
  const promised = [...example.matchAll(/^ *console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) => text);
  // `using` is newer than the oldest supported Node.
  const { code } = transformSync(example, { loader: "ts", format: "esm", target: "es2022" });
  const body = code
    .replace(/^import (\{[^}]*\}) from "tapegrad";$/gm, "const $1 = tapegrad;")
    .replace(/^import (?:\* as )?([^"]+) from ("[^"]+");$/gm, "const $1 = await load($2);")
    .replace(/await import\("tapegrad"\)/g, "tapegrad");
  const printed: string[] = [];
  const log = (...items: unknown[]): void => void printed.push(format(...items));
  await new AsyncFunction("tapegrad", "load", "console", body)(tapegrad, load, { ...console, log });
  return { printed, promised };
}

const limit = tapegrad.memory.stats().limitBytes;
afterEach(() => tapegrad.memory.setLimit(limit));

const examples = pages.flatMap((page) => {
  const text = readFileSync(new URL(page, root), "utf8");
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code], index) => [page, index + 1, code] as const);
});

it.each(examples)("%s, example %i", async (_page, _index, code) => {
  const { printed, promised } = await run(code);
  expect(printed).toEqual(promised);
});
