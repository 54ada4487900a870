/** Runs the cases of tests/data/reductions.json, which say how inputs, cotangents and weights are made. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as lib from "../../bindings/index.ts";
import { autograd, type DType, type Tensor, tensor } from "../../bindings/index.ts";
import { thrownBy } from "./expect.ts";

type Written = (number | string)[];

interface Data {
  shape: number[];
  dtype: DType;
  data: Written;
}

interface Case {
  function: string;
  input: string;
  args: unknown[];
  options: Record<string, unknown>;
  error?: string;
  outputs?: Data[];
  grad?: Written | null;
  /** What float32 loses in PyTorch, as a share of the largest element. */
  lost?: number;
  /** By the input, and by the cotangents; null stands for numbers that are left open. */
  second?: ((number | string | null)[] | null)[] | null;
}

const { inputs, cases }: { inputs: Record<string, Data>; cases: Case[] } = JSON.parse(
  readFileSync(new URL("../data/reductions.json", import.meta.url), "utf8"),
);

type Layout = (data: Data) => Tensor;

function dense({ shape, dtype, data }: Data): Tensor {
  return tensor(Float64Array.from(data, Number), { shape, dtype });
}

/** The same elements, the first dimension last in memory and every other place unused. */
function strided(given: Data): Tensor {
  const t = dense(given);
  if (t.ndim === 0) return t;
  const moved = lib.movedim(t, 0, -1);
  return lib.movedim(lib.stack([moved, moved], -1).select(-1, 1), -1, 0).detach();
}

function camel(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

type Operation = (input: Tensor, ...args: unknown[]) => Tensor | Record<string, Tensor> | Tensor[];

function operation(name: string): Operation {
  return name
    .split(".")
    .reduce<unknown>((room, part) => (room as Record<string, unknown>)[camel(part)], lib) as Operation;
}

function call(given: Case, x: Tensor): Tensor[] {
  const args = given.args.map((a) => (a === "Infinity" || a === "-Infinity" ? Number(a) : a));
  const options = Object.fromEntries(Object.entries(given.options).map(([k, v]) => [camel(k), v]));
  const found = operation(given.function)(x, ...args, ...(Object.keys(options).length ? [options] : []));
  return found instanceof lib.Tensor ? [found] : Object.values(found);
}

function numbers(like: Tensor, of: (i: number) => number, requiresGrad = false): Tensor {
  return tensor(
    Float32Array.from({ length: like.numel() }, (_, i) => of(i)),
    { shape: like.shape, requiresGrad },
  );
}

/** Within a share of the largest element: sums of many terms lose the digits of those that cancel. */
function expectClose(
  actual: Tensor | null | undefined,
  written: readonly (number | string | null)[] | null,
  share: number,
  what: string,
): void {
  const found = actual ? Array.from(actual.data()) : (written ?? []).map(() => 0);
  const expected = written ? written.map((v, i) => (v === null ? found[i] : Number(v))) : found.map(() => 0);
  expect(found.length, what).toBe(expected.length);
  const largest = expected.reduce((top, v) => (Number.isFinite(v) ? Math.max(top, Math.abs(v)) : top), 1);
  expected.forEach((wanted, i) => {
    const same = Number.isFinite(wanted) ? Math.abs(found[i] - wanted) <= share * largest : Object.is(found[i], wanted);
    if (!same) throw new Error(`${what}: element ${i} is ${found[i]}, expected ${wanted}: [${found}], [${expected}]`);
  });
}

function check(given: Case, layout: Layout): void {
  const source = inputs[given.input];
  const x = layout(source);
  if (source.dtype === "float32") x.requiresGrad_();
  if (given.error !== undefined) {
    // What PyTorch says, its function names aside.
    const words = given.error.replace(/^\S+?\(\)?:? /, "").replace(/ but got.*| dim -?\d.*| on the dimension.*/, "");
    expect(thrownBy(() => call(given, x)).message).toContain(words);
    return;
  }
  const outputs = call(given, x);
  expect(outputs.map((t) => [t.shape, t.dtype])).toEqual(given.outputs?.map((o) => [o.shape, o.dtype]));
  for (const [i, { data }] of (given.outputs ?? []).entries()) expectClose(outputs[i], data, 3e-6, `output ${i}`);
  if (given.grad === undefined) return;
  const roots = outputs.filter((t) => t.requiresGrad);
  const gradOutputs = roots.map((t, k) => numbers(t, (i) => 1 + (i % 5) / 4 + k / 8, true));
  const [walked] = autograd.grad(roots, [x], { gradOutputs, retainGraph: true, allowUnused: true });
  const lost = 4 * (given.lost ?? 0);
  expectClose(walked, given.grad, 5e-6 + lost, "gradient");
  const [grad] = autograd.grad(roots, [x], { gradOutputs, createGraph: true, allowUnused: true });
  expectClose(grad, given.grad, 5e-6 + lost, "gradient with a graph");
  if (!given.second || !grad?.requiresGrad) return;
  const weight = numbers(grad, (i) => 1 - (i % 3) / 4);
  const second = autograd.grad([grad], [x, ...gradOutputs], { gradOutputs: [weight], allowUnused: true });
  for (const [i, wanted] of given.second.entries()) {
    expectClose(second[i], wanted, 2e-5 + lost, `second gradient ${i}`);
  }
}

/** A test for every case of some functions. */
export function testAsPyTorch(names: readonly string[]): void {
  describe.each(names)("%s as PyTorch computes it", (name) => {
    const own = cases.filter((given) => given.function === name);
    const titled = own.map((given) => [given.input, JSON.stringify([...given.args, given.options]), given] as const);
    it.each(titled)("of %s: %s", (_input, _args, given) => {
      check(given, dense);
      check(given, strided);
    });
  });
}
