/** The rooms of the source tree and what each may import: docs/architecture.md draws the same arrows. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { partOf } from "../../scripts/parts.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Which rooms a room may import values from, besides itself. */
const ASSEMBLY: Record<string, readonly string[]> = {
  abi: [],
  simd: [],
  kernels: ["simd", "abi"],
  memory: ["abi"],
  parallel: ["abi", "memory", "kernels"],
  // What is recorded is noted where it happens, so program/ is known to the rooms that it lies above.
  tensor: ["abi", "memory", "kernels", "parallel", "program"],
  // tape/node.ts lies below the operations; the walk lies above them and reaches them through ops/table.ts.
  tape: ["abi", "memory", "tensor", "ops", "program"],
  ops: ["abi", "memory", "parallel", "tensor", "tape", "kernels", "program"],
  program: ["abi", "memory", "parallel", "tensor", "tape", "ops", "kernels"],
};

interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
}

function files(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => posix.join(folder, name.replaceAll("\\", "/")));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  const pattern = /^(?:import|export)\s+(type\s)?[^;"]*?from\s+"(\.[^"]+)"/gm;
  return [...text.matchAll(pattern)].map((match) => ({
    from: file,
    to: posix.join(dirname(file), match[2]),
    typeOnly: match[1] !== undefined,
  }));
}

function room(path: string): string {
  return path.split("/")[1] ?? "";
}

describe("assembly/", () => {
  const all = files("assembly").filter((file) => file !== "assembly/index.ts");

  it.each(Object.keys(ASSEMBLY))("%s imports only what lies below it", (name) => {
    const allowed = [name, ...ASSEMBLY[name]];
    const wrong = all
      .filter((file) => room(file) === name)
      .flatMap(importsOf)
      .filter(({ to }) => !allowed.includes(room(to)))
      .map(({ from, to }) => `${from} -> ${to}`);
    expect(wrong).toEqual([]);
  });

  it("reaches operations from the tape through their table and pointwise kernels only", () => {
    const wrong = all
      .filter((file) => room(file) === "tape")
      .flatMap(importsOf)
      .filter(({ to }) => room(to) === "ops" && !/\/(table|pointwise)$/.test(to))
      .map(({ from, to }) => `${from} -> ${to}`);
    expect(wrong).toEqual([]);
  });

  it("asks for relaxed SIMD in one file only", () => {
    const asking = all.filter((file) =>
      readFileSync(join(ROOT, file), "utf8").includes("if (ASC_FEATURE_RELAXED_SIMD"),
    );
    expect(asking).toEqual(["assembly/simd/f32x4.ts"]);
  });
});

describe("bindings/", () => {
  const all = files("bindings");

  it("reads nothing of assembly/ but its codes and offsets", () => {
    const wrong = all.flatMap(importsOf).filter(({ to }) => to.startsWith("assembly/") && room(to) !== "abi");
    expect(wrong).toEqual([]);
  });

  it("knows modules and optimizers only in their own folders and the index", () => {
    const wrong = all
      .flatMap(importsOf)
      .filter(({ typeOnly }) => !typeOnly)
      .filter(({ from, to }) => {
        if (from === "bindings/index.ts") return false;
        const [source, target] = [room(from), room(to)];
        if (target === "optim") return source !== "optim";
        return target === "nn" && source !== "nn" && source !== "optim";
      })
      .map(({ from, to }) => `${from} -> ${to}`);
    expect(wrong).toEqual([]);
  });

  const part = (file: string): string | undefined => partOf(join(ROOT, file));

  it.each<[string, (link: Import) => boolean]>([
    ["modules, as bundlers take them one by one", () => true],
    [
      "parts, as Node loads them when they are called",
      ({ from, to }) => part(to) === undefined || part(to) === part(from),
    ],
  ])("has the derivative of an operation within reach of whatever runs it, in %s", (_, follows) => {
    const texts = new Map(all.map((file) => [file, readFileSync(join(ROOT, file), "utf8")]));
    const graph = new Map(all.map((file) => [file, importsOf(file).filter(({ typeOnly }) => !typeOnly)]));
    const reach = (file: string, seen: Set<string> = new Set()): Set<string> => {
      if (!graph.has(file) || seen.has(file)) return seen;
      seen.add(file);
      for (const link of graph.get(file) as Import[]) if (follows(link)) reach(link.to, seen);
      return seen;
    };
    const names = (text: string): string[] => [...text.matchAll(/\bOp\.(\w+)/g)].map((match) => match[1]);
    const rules = new Map<string, string>();
    for (const [file, text] of texts) {
      for (const [, ops] of text.matchAll(/\bdefineRule\(\s*(\[[^\]]*\]|Op\.\w+)/g)) {
        for (const op of names(ops)) rules.set(op, file);
      }
    }
    // A comparison of codes runs nothing, and signbit() looks at constants only.
    const harmless = [
      "bindings/ops/inplace.ts Div",
      "bindings/ops/inplace.ts LerpScalar",
      "bindings/ops/logic.ts Copysign",
    ];
    const missing = all
      .filter((file) => !file.endsWith("/names.ts"))
      .flatMap((file) => {
        const reached = reach(file);
        const used = [...new Set(names(texts.get(file) as string))];
        return used.filter((op) => rules.has(op) && !reached.has(rules.get(op) as string)).map((op) => `${file} ${op}`);
      });
    expect(rules.size).toBeGreaterThan(100);
    expect(missing.filter((line) => !harmless.includes(line))).toEqual([]);
  });

  it("loads the core through one file", () => {
    const users = all.filter((file) =>
      readFileSync(join(ROOT, file), "utf8").includes('from "@assemblyscript/loader"'),
    );
    expect(users).toEqual(["bindings/core/load.ts"]);
  });
});

describe("files", () => {
  it("stay small enough to be held in mind", () => {
    const large = ["assembly", "bindings", "examples", "scripts"]
      .flatMap(files)
      .map((file) => [file, readFileSync(join(ROOT, file), "utf8").split("\n").length] as const)
      .filter(([, lines]) => lines > 450);
    expect(large).toEqual([]);
  });
});
