/** Every primitive has all that belongs to it, and this names what is missing. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import * as abi from "../../assembly/abi/op.ts";
import { ruleOf } from "../../bindings/autograd/rules.ts";
import { nodeName } from "../../bindings/core/names.ts";
import "../../bindings/index.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const source = readFileSync(`${ROOT}/assembly/abi/op.ts`, "utf8");
const block = source.slice(source.indexOf("enum Op"), source.indexOf("COUNT"));
const names = [...block.matchAll(/^ {2}([A-Z]\w*)(?: = \d+)?,/gm)].map((match) => match[1]);
// A const enum is an object here, since every file is compiled by itself; the type checker does not know.
const codes = (abi as unknown as { Op: Record<string, number> }).Op;
const primitives = names.filter((name) => name !== "None" && name !== "External");

/** Not differentiated themselves: Assign hands on the node of what is assigned. */
const HANDED_ON: ReadonlySet<string> = new Set(["Assign"]);

/** What the core says of an op, read from its source: the function is one expression over op codes. */
function isDifferentiable(name: string): boolean {
  const table = readFileSync(`${ROOT}/assembly/ops/table.ts`, "utf8");
  const [, expression] = /function isDifferentiable\(op: i32\): bool \{\s*return ([^;]+);/.exec(
    table,
  ) as RegExpExecArray;
  return new Function("op", "Op", `return ${expression};`)(codes[name], codes) as boolean;
}

function sourcesUnder(folder: string): string {
  return readdirSync(`${ROOT}/${folder}`, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(`${ROOT}/${folder}/${name}`, "utf8"))
    .join("\n");
}

const bindings = sourcesUnder("bindings");
const core = sourcesUnder("assembly/ops");

describe("each primitive", () => {
  it("is listed", () => {
    expect(primitives.length).toBeGreaterThan(60);
    expect(primitives.every((name) => codes[name] > 0)).toBe(true);
  });

  it("is known to the core's tables and used by a binding", () => {
    expect(primitives.filter((name) => !bindings.includes(`Op.${name}`))).toEqual([]);
    const byRange = /Op\.(Add|Fmod|AddScalar|Clamp|Neg|Erf|View|AsStrided)\b/;
    expect(byRange.test(core)).toBe(true);
  });

  it("has a differentiable derivative, unless it has none at all", () => {
    const missing = primitives.filter((name) => isDifferentiable(name) && !HANDED_ON.has(name) && !ruleOf(codes[name]));
    expect(missing).toEqual([]);
  });

  it("has a printed name if it has a derivative", () => {
    // Evaluated stands for many composites, each with a name of its own.
    const named = primitives.filter((name) => name !== "Evaluated" && ruleOf(codes[name]));
    const missing = named.filter((name) => nodeName(codes[name], 0) === "Backward0");
    expect(missing).toEqual([]);
  });
});
