/** Where the core's part of a primitive is: read from the tables by which op codes find their functions. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import * as abi from "../../assembly/abi/op.ts";
import { found } from "../api/public.ts";
import type { Declaration, Source } from "../api/source.ts";
import { root } from "../paths.ts";

// A const enum is an object here, since every file is compiled by itself; the type checker does not know.
const codes = (abi as unknown as { Op: Record<string, number> }).Op;

type Step = "infer" | "forward" | "backward";

/** The functions of assembly/ops/table.ts, as JavaScript in which every function of a family answers with its own name. */
function table(): Record<Step, (node: unknown, gradient: unknown) => unknown> {
  const text = readFileSync(join(root, "assembly/ops/table.ts"), "utf8");
  const families = [...text.matchAll(/\b\w+(?:Infer|Forward|Backward)\b/g)].map(([name]) => name);
  const script = text
    .replace(/^import [^;]*;$/gm, "")
    .replace(/^\/\/ @ts-ignore.*$/gm, "")
    .replace(/^@inline /gm, "")
    .replace(/^export const enum/gm, "enum")
    .replace(/^export /gm, "");
  const { code } = transformSync(script, { loader: "ts" });
  const stubs = [...new Set(families)].map((name) => `const ${name} = () => { called.push("${name}"); return true; };`);
  const body = `const called = []; ${stubs.join("")} ${code}
    const first = (step) => (n, g) => { called.length = 0; step(n, g); return called[0]; };
    return { infer: first(infer), forward: first(forward), backward: first(backward) };`;
  const names = ["Op", "Combine", "Status", "fail", "changetype", "hasWeight", "readsExtra"];
  return new Function(...names, body)(codes, anything, anything, anything, (x: unknown) => x, anything, anything);
}

/** Stands for whatever the tables look at besides the op code. */
const anything: unknown = new Proxy(() => 0, { get: () => () => anything, apply: () => 0 });
const steps = table();
const families = fileOfFunction();

/** From `reduceInfer` to its file, by the imports of the table. */
function fileOfFunction(): Map<string, string> {
  const text = readFileSync(join(root, "assembly/ops/table.ts"), "utf8");
  const imports = [...text.matchAll(/^import \{([^}]*)\} from "\.\/(\w+)";$/gm)];
  return new Map(imports.flatMap(([, names, file]) => names.split(",").map((name) => [name.trim(), file] as const)));
}

/** The file in assembly/ops that has a step of a primitive; null if the core does not have it. */
function fileOf(step: Step, op: string): string | null {
  const node = { op: codes[op], inputCount: 0, input: () => anything };
  const name = steps[step](node, null);
  const file = typeof name === "string" ? families.get(name) : undefined;
  return file ? `assembly/ops/${file}.ts` : null;
}

export interface Primitive {
  readonly op: string;
  /** Files of infer, forward and the derivative, each once. */
  readonly files: readonly string[];
}

export function primitive(op: string): Primitive {
  const files = (["infer", "forward", "backward"] as const)
    .map((step) => fileOf(step, op))
    .filter((file) => file !== null);
  return { op, files: [...new Set(files)] };
}

/** Op codes that stand for nothing of their own in a binding. */
const HELPERS: ReadonlySet<string> = new Set(["Cast", "Evaluated", "External", "Clone", "None"]);

/** The primitives that a function calls, itself or through functions of its file that are not public. */
export function primitivesOf(source: Source, name: string, isPublic: (declaration: Declaration) => boolean): string[] {
  const ops = new Set<string>();
  const seen = new Set<string>();
  const visit = (local: string): void => {
    seen.add(local);
    const declaration = source.declarations.get(local);
    if (!declaration || declaration.kind === "type") return;
    const text = declaration.nodes.map(({ start, end }) => source.text.slice(start, end)).join("\n");
    for (const [, op] of text.matchAll(/\bOp\.(\w+)/g)) if (op in codes && !HELPERS.has(op)) ops.add(op);
    for (const [called] of text.matchAll(/\b[A-Za-z]\w*\b/g)) {
      const target = source.declarations.has(called) && !seen.has(called) ? found(source, called) : null;
      if (target && !isPublic(target)) visit(called);
    }
  };
  visit(name);
  return [...ops];
}
