import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as lib from "../../bindings/index.ts";
import { close } from "../support/expect.ts";

const { autograd, Tensor } = lib;
type Tensor = lib.Tensor;
type Numbers = (number | string)[];

/** A call and what PyTorch makes of it: tests/data/linalg.py says how. */
interface Case {
  call: string;
  args: Tree[];
  kwargs: Record<string, Tree>;
  outputs: (Output | null)[];
  grads?: (Numbers | null)[];
  weights?: (Numbers | null)[];
  second?: (Numbers | null)[];
}

interface Stored {
  shape: number[];
  data: Numbers;
  dtype?: "int32";
  grad?: boolean;
}

interface Output extends Stored {
  cotangent?: Numbers;
}

type Tree = number | string | boolean | null | Tree[] | Stored;

const CASES: Case[] = JSON.parse(readFileSync(new URL("../data/linalg.json", import.meta.url), "utf8"));

/** Results are rounded once; derivatives are made of float32 products, and conditioned worse. Relative to the largest element. */
const VALUE = 1e-6;
const GRADIENT = 1e-5;
const SECOND = 1e-4;

const camelCase = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The function by PyTorch's name. */
function find(call: string): (...args: unknown[]) => unknown {
  let holder: Record<string, unknown> = lib as unknown as Record<string, unknown>;
  const path = call.split(".").map(camelCase);
  for (const name of path.slice(0, -1)) holder = holder[name] as Record<string, unknown>;
  return holder[path[path.length - 1]] as (...args: unknown[]) => unknown;
}

function floats(shape: readonly number[], data: Numbers, requiresGrad = false): Tensor {
  return lib.tensor(Float32Array.from(data, Number), { shape, requiresGrad });
}

function build(tree: Tree, inputs: Tensor[]): unknown {
  if (Array.isArray(tree)) return tree.map((t) => build(t, inputs));
  if (typeof tree === "string" && /Infinity|NaN/.test(tree)) return Number(tree);
  if (typeof tree !== "object" || tree === null) return tree;
  if (tree.dtype) return lib.tensor(Int32Array.from(tree.data, Number), { shape: tree.shape });
  const t = floats(tree.shape, tree.data, tree.grad);
  if (tree.grad) inputs.push(t);
  return t;
}

function expectClose(t: Tensor | null, shape: readonly number[], data: Numbers, tolerance: number, what: string): void {
  const expected = data.map(Number);
  const actual = t ? Array.from(t.data()) : expected.map(() => 0);
  if (t) expect([...t.shape], what).toEqual([...shape]);
  const largest = Math.max(1, ...expected.filter(Number.isFinite).map(Math.abs));
  const bad = expected.findIndex((e, i) => !close(actual[i], e, { rtol: 0, atol: tolerance * largest }));
  if (bad >= 0)
    throw new Error(`${what}: element ${bad} is ${actual[bad]}\n  actual:   [${actual}]\n  expected: [${expected}]`);
}

function run({ call, args, kwargs, outputs, grads, weights, second }: Case): void {
  const inputs: Tensor[] = [];
  const given = args.map((t) => build(t, inputs));
  const options = Object.fromEntries(Object.entries(kwargs).map(([k, t]) => [camelCase(k), build(t, inputs)]));
  const result = find(call)(...given, ...(Object.keys(kwargs).length ? [options] : []));
  const results = (result instanceof Tensor ? [result] : Object.values(result as object)) as Tensor[];
  expect(results).toHaveLength(outputs.length);
  outputs.forEach((output, i) => {
    if (!output) return;
    expect(results[i].dtype).toBe(output.dtype ?? "float32");
    expectClose(results[i], output.shape, output.data, output.dtype ? 0 : VALUE, `output ${i}`);
  });
  if (!grads) return;
  const roots = results.filter((_, i) => outputs[i]?.cotangent);
  const gradOutputs = outputs.flatMap((o) => (o?.cotangent ? [floats(o.shape, o.cotangent)] : []));
  const gradients = autograd.grad(roots, inputs, { gradOutputs, createGraph: Boolean(second), allowUnused: true });
  for (const [i, g] of grads.entries()) expectClose(gradients[i], inputs[i].shape, g ?? [], GRADIENT, `gradient ${i}`);
  if (!second) return;
  const used = inputs.map((_, i) => i).filter((i) => weights?.[i] && gradients[i]?.requiresGrad);
  const others = autograd.grad(
    used.map((i) => gradients[i] as Tensor),
    inputs,
    { gradOutputs: used.map((i) => floats(inputs[i].shape, weights?.[i] as Numbers)), allowUnused: true },
  );
  for (const [i, g] of second.entries())
    expectClose(others[i], inputs[i].shape, g ?? [], SECOND, `second derivative ${i}`);
}

function title({ call, args, kwargs }: Case): string {
  const show = (t: Tree): string =>
    Array.isArray(t)
      ? `[${t.map(show).join(", ")}]`
      : typeof t === "object" && t
        ? `(${t.shape.join(" × ")})`
        : String(t);
  return `${call}(${[...args.map(show), ...Object.entries(kwargs).map(([k, t]) => `${k}=${show(t)}`)].join(", ")})`;
}

describe("values and derivatives that PyTorch computes in double precision", () => {
  for (const [i, c] of CASES.entries()) it(`${i} ${title(c)}`, () => run(c));
});
