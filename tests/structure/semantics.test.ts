/** Every rule of PyTorch's behaviour has a test: tests/semantics/ names them by number at the start of its titles. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const FOLDER = fileURLToPath(new URL("../semantics", import.meta.url));
const RULES = 275;

/** Titles, given to `it` or in a table; and rows of tables of optimizers, whose first column comes first in a title. */
const TITLE = /[([]\s*["`](\d+) [^"`]/g;
const ROW = /^\s*\[(\d+), "[A-Z]\w+", \{/gm;

function numbersIn(text: string): number[] {
  return [TITLE, ROW].flatMap((pattern) => [...text.matchAll(pattern)].map((match) => Number(match[1])));
}

it("each rule has a test that names it", () => {
  const texts = readdirSync(FOLDER).map((name) => readFileSync(`${FOLDER}/${name}`, "utf8"));
  const named = new Set(texts.flatMap(numbersIn));
  const rules = Array.from({ length: RULES }, (_, i) => i + 1);
  expect(rules.filter((rule) => !named.has(rule))).toEqual([]);
  expect([...named].filter((rule) => !rules.includes(rule))).toEqual([]);
});
