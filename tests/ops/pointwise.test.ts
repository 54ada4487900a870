/** Pointwise and special functions at ordinary and special elements, against PyTorch: tests/data/pointwise.py. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as lib from "../../bindings/index.ts";
import { type Tensor, tensor } from "../../bindings/index.ts";
import { expectTensor } from "../support/expect.ts";

type Numbers = readonly (number | string)[];

interface Case {
  name: string;
  inputs: readonly Numbers[];
  args: readonly number[];
  value: Numbers;
  requires_grad: boolean;
  /** By input; null if nothing requires a gradient, a string if there is no derivative. */
  grads: readonly (Numbers | string | null)[] | null;
  second?: readonly Numbers[];
}

const cases = JSON.parse(readFileSync(new URL("../data/pointwise.json", import.meta.url), "utf8")) as Case[];

const numbers = (values: Numbers): number[] => values.map(Number);

/** special.log_ndtr is lib.special.logNdtr. */
function functionOf(name: string): (...args: unknown[]) => Tensor {
  const path = name.split(".").map((part) => part.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()));
  return path.reduce<never>((holder, part) => holder[part], lib as never);
}

function call({ name, args }: Case, inputs: readonly Tensor[]): Tensor {
  const f = functionOf(name);
  return name === "polygamma" ? f(args[0], ...inputs) : f(...inputs, ...args);
}

function isMissing(gradient: Numbers | string | null): gradient is string {
  return typeof gradient === "string";
}

const inputsOf = (c: Case, requiresGrad: boolean): Tensor[] =>
  c.inputs.map((column) => tensor(numbers(column), { requiresGrad }));

const title = (c: Case): string => [c.name, ...c.args].join(" ");
const titled = (list: readonly Case[]): [string, Case][] => list.map((c) => [title(c), c]);

const differentiable = cases.filter((c) => c.grads?.some((g) => g !== null && !isMissing(g)));

describe("values", () => {
  it.each(titled(cases))("%s", (_, c) => {
    expectTensor(call(c, inputsOf(c, false)), numbers(c.value), { rtol: 4e-6, atol: 1e-12 });
  });
});

describe.each([
  ["gradients", false],
  ["gradients that have a graph", true],
])("%s", (_, createGraph) => {
  it.each(titled(differentiable))("%s", (_name, c) => {
    c.grads?.forEach((expected, i) => {
      if (expected === null || isMissing(expected)) return;
      const inputs = inputsOf(c, false);
      inputs[i].requiresGrad_();
      const [grad] = lib.autograd.grad(call(c, inputs).sum(), [inputs[i]], { createGraph });
      expectTensor(grad, numbers(expected), { rtol: 1e-4, atol: 1e-6 });
    });
  });
});

describe("second derivatives", () => {
  it.each(titled(cases.filter((c) => c.second)))("%s", (_, c) => {
    const inputs = inputsOf(c, true);
    const grads = lib.autograd.grad(call(c, inputs).sum(), inputs, { createGraph: true });
    const total = grads.map((g) => (g as Tensor).sum()).reduce((a, b) => a.add(b));
    const seconds = lib.autograd.grad(total, inputs, { allowUnused: true });
    c.second?.forEach((expected, i) => {
      expectTensor(seconds[i] ?? lib.zerosLike(inputs[i]), numbers(expected), { rtol: 2e-4, atol: 2e-5 });
    });
  });
});

describe("derivatives that do not exist", () => {
  const missing = cases.flatMap((c) =>
    (c.grads ?? []).flatMap((g, i): [string, Case, number][] => (isMissing(g) ? [[title(c), c, i]] : [])),
  );
  it.each(missing)("%s raises when backward reaches it", (_, c, i) => {
    const inputs = inputsOf(c, false);
    inputs[i].requiresGrad_();
    const y = call(c, inputs).sum();
    expect(() => y.backward()).toThrow(/the derivative for '.*' is not implemented/);
  });
});

describe("results that carry no gradient", () => {
  const plain = cases.filter((c) => !c.requires_grad);
  it.each(titled(plain))("%s", (_, c) => {
    expect(call(c, inputsOf(c, true)).requiresGrad).toBe(false);
  });
});
