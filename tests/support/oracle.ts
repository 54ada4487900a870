/** Runs the cases under tests/data/nn: what PyTorch computed, and the formula that its inputs came from. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { autograd, nn, type Tensor, tensor } from "../../bindings/index.ts";

interface TensorSpec {
  shape: number[];
  phase: number;
  scale: number;
  offset: number;
  requires_grad: boolean;
}

type Argument =
  | { tensor: TensorSpec }
  | { ints: { shape: number[]; data: number[] } }
  | number
  | string
  | boolean
  | null;
type Written = (number | string)[];

interface Case {
  name: string;
  function: string;
  args: (Argument | Argument[])[];
  options: Record<string, Argument>;
  outputs: { shape: number[]; data: Written }[];
  grads: (Written | null)[];
  seconds: (Written | null)[] | null;
}

function casesOf(family: string): Case[] {
  return JSON.parse(readFileSync(new URL(`../data/nn/${family}.json`, import.meta.url), "utf8"));
}

/** The formula of tests/data/nn/cases.py. */
export function numbers(shape: readonly number[], phase: number, scale = 1, offset = 0): Float32Array {
  const count = shape.reduce((a, b) => a * b, 1);
  return Float32Array.from(
    { length: count },
    (_, i) => (((7919 * i + 104729 * phase) % 2003) / 1001.5 - 1) * scale + offset,
  );
}

type Layout = (data: Float32Array, shape: readonly number[], requiresGrad: boolean) => Tensor;

const dense: Layout = (data, shape, requiresGrad) => tensor(data, { shape, requiresGrad });

/** The same elements with the first dimension last in memory. */
const strided: Layout = (data, shape, requiresGrad) => {
  if (shape.length < 2) return dense(data, shape, requiresGrad);
  const order = [...shape.keys()].slice(1).concat(0);
  const moved = tensor(data, { shape }).permute(order).contiguous();
  const back = moved.permute([shape.length - 1, ...[...shape.keys()].slice(0, -1)]);
  return back.detach().requiresGrad_(requiresGrad);
};

class Run {
  readonly inputs: Tensor[] = [];
  readonly outputs: Tensor[];
  readonly #layout: Layout;

  constructor(given: Case, layout: Layout) {
    this.#layout = layout;
    const args = given.args.map((a) => this.#read(a));
    const options = Object.fromEntries(Object.entries(given.options).map(([k, v]) => [k, this.#read(v)]));
    const fn = (nn.functional as unknown as Record<string, (...all: unknown[]) => Tensor | Tensor[]>)[given.function];
    const result = fn(...args, ...(Object.keys(options).length ? [options] : []));
    this.outputs = Array.isArray(result) ? result : [result];
  }

  #read(argument: Argument | Argument[]): unknown {
    if (typeof argument !== "object" || argument === null) return argument;
    if (Array.isArray(argument)) return argument.map((a) => this.#read(a));
    if ("ints" in argument) return tensor(Int32Array.from(argument.ints.data), { shape: argument.ints.shape });
    const { shape, phase, scale, offset, requires_grad: requiresGrad } = argument.tensor;
    const made = this.#layout(numbers(shape, phase, scale, offset), shape, requiresGrad);
    if (requiresGrad) this.inputs.push(made);
    return made;
  }
}

/** Within a share of the largest element: sums of many terms lose the digits of those that cancel. */
function expectClose(actual: ArrayLike<number>, written: Written, share: number, what: string): void {
  const expected = written.map(Number);
  expect(actual.length, what).toBe(expected.length);
  const largest = expected.reduce((top, v) => (Number.isFinite(v) ? Math.max(top, Math.abs(v)) : top), 1);
  expected.forEach((wanted, i) => {
    const same = Number.isFinite(wanted)
      ? Math.abs(actual[i] - wanted) <= share * largest
      : Object.is(actual[i], wanted);
    if (!same) throw new Error(`${what}: element ${i} is ${actual[i]}, expected ${wanted}`);
  });
}

function expectGradients(actual: (Tensor | null)[], expected: (Written | null)[], share: number, what: string): void {
  expected.forEach((wanted, i) => {
    const found = actual[i];
    const zeros = wanted ? wanted.map(() => 0) : (found?.tolist() as number[] | undefined);
    expectClose(
      found ? found.data() : (zeros ?? []),
      wanted ?? (found ? Array.from(found.data(), () => 0) : []),
      share,
      `${what} ${i}`,
    );
  });
}

function check(given: Case, layout: Layout): void {
  const { inputs, outputs } = new Run(given, layout);
  expect(outputs.length).toBe(given.outputs.length);
  given.outputs.forEach(({ shape, data }, i) => {
    expect(outputs[i].shape).toEqual(shape);
    expectClose(outputs[i].data(), data, 2e-6, `output ${i}`);
  });
  const roots = outputs.filter((t) => t.requiresGrad);
  const cotangents = roots.map((t, i) => dense(numbers(t.shape, 80 + i), t.shape, true));
  const walked = autograd.grad(roots, inputs, { gradOutputs: cotangents, retainGraph: true, allowUnused: true });
  expectGradients(walked, given.grads, 5e-6, "gradient");
  const grads = autograd.grad(roots, inputs, { gradOutputs: cotangents, createGraph: true, allowUnused: true });
  expectGradients(grads, given.grads, 5e-6, "gradient with a graph");
  if (!given.seconds) return;
  const used = grads.flatMap((g, i) => (g?.requiresGrad ? [i] : []));
  if (used.length === 0) return;
  const weights = used.map((i) => dense(numbers(inputs[i].shape, 50 + i), inputs[i].shape, false));
  const targets = [...inputs, ...cotangents];
  const seconds = autograd.grad(
    used.map((i) => grads[i] as Tensor),
    targets,
    { gradOutputs: weights, allowUnused: true },
  );
  expectGradients(seconds, given.seconds, 2e-5, "second gradient");
}

/** A test for every case of a family. */
export function testFamily(family: string): void {
  describe("as PyTorch computes it: values, gradients, second gradients", () => {
    it.each(casesOf(family).map((given) => [given.function, given.name, given] as const))("%s: %s", (_f, _n, given) => {
      check(given, dense);
      check(given, strided);
    });
  });
}
