/** Runs the cases of tests/data/nn/modules.json: modules in PyTorch, with the parameters of its formula or of a seed. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { autograd, manualSeed, nn, noGrad, type Tensor, tensor } from "../../bindings/index.ts";
import { numbers } from "./oracle.ts";

type Spec =
  | { floats: number[]; phase: number; scale: number }
  | { mask: number[][] }
  | { same: number }
  | number
  | string
  | boolean;
type Gradients = (number[] | null)[];

interface Case {
  name: string;
  module: string;
  args: number[];
  options: Record<string, unknown>;
  inputs: (Spec | Spec[])[];
  call: Record<string, Spec>;
  training: boolean;
  seed: number | null;
  parameters: Record<string, number[]>;
  outputs: { shape: number[]; data: number[] }[];
  grads: Gradients;
  seconds: Gradients | null;
}

type Nest = Tensor | null | Nest[];

function flat(nest: Nest): Tensor[] {
  if (nest === null) return [];
  return Array.isArray(nest) ? nest.flatMap(flat) : [nest];
}

function build(given: Case): nn.Module {
  const Class = (nn as unknown as Record<string, new (...args: unknown[]) => nn.Module>)[given.module];
  if (given.seed !== null) manualSeed(given.seed);
  const module = new Class(...given.args, ...(Object.keys(given.options).length ? [given.options] : []));
  module.train(given.training);
  const named = module.namedParameters();
  expect(Object.fromEntries(named.map(([name, p]) => [name, [...p.shape]]))).toEqual(given.parameters);
  expect(named.map(([name]) => name)).toEqual(Object.keys(given.parameters));
  if (given.seed === null) {
    noGrad(() => {
      for (const [i, [, p]] of named.entries()) p.copy_(tensor(numbers(p.shape, 20 + i), { shape: [...p.shape] }));
    });
  }
  return module;
}

/** Within a share of the largest element, and of 1: values, and what they are summed from, are of that size. */
function expectClose(actual: Tensor | null, expected: number[] | null, share: number, what: string): void {
  const values = actual ? Array.from(actual.data() as Float32Array) : (expected ?? []).map(() => 0);
  const wanted = expected ?? values.map(() => 0);
  expect(values.length, what).toBe(wanted.length);
  const largest = wanted.reduce((top, v) => Math.max(top, Math.abs(v)), 1);
  const bad = wanted.findIndex((v, i) => !(Math.abs(values[i] - v) <= share * largest));
  if (bad >= 0) throw new Error(`${what}: element ${bad} is ${values[bad]}, expected ${wanted[bad]}`);
}

function check(given: Case): void {
  const module = build(given);
  const inputs: Tensor[] = [];
  const read = (spec: Spec | Spec[]): unknown => {
    if (Array.isArray(spec)) return spec.map(read);
    if (typeof spec !== "object") return spec;
    if ("same" in spec) return inputs[spec.same];
    if ("mask" in spec) return tensor(spec.mask.map((row) => row.map((v) => v !== 0)));
    const shape = spec.floats;
    inputs.push(tensor(numbers(shape, spec.phase, spec.scale), { shape, requiresGrad: true }));
    return inputs.at(-1);
  };
  const args = given.inputs.map(read);
  const call = Object.fromEntries(Object.entries(given.call).map(([k, v]) => [k, read(v)]));
  const outputs = flat(module(...args, ...(Object.keys(call).length ? [call] : [])));
  expect(outputs.map((t) => [...t.shape])).toEqual(given.outputs.map(({ shape }) => shape));
  given.outputs.forEach(({ data }, i) => {
    expectClose(outputs[i], data, 2e-6, `output ${i}`);
  });
  const gradOutputs = outputs.map((t, i) => tensor(numbers(t.shape, 80 + i), { shape: [...t.shape] }));
  const targets = [...inputs, ...module.parameters()];
  const names = [...inputs.map((_, i) => `input ${i}`), ...Object.keys(given.parameters)];
  const compare = (found: (Tensor | null)[], wanted: Gradients, share: number, what: string): void => {
    names.forEach((name, i) => {
      expectClose(found[i], wanted[i], share, `${what} of ${name}`);
    });
  };
  const options = { gradOutputs, allowUnused: true };
  compare(autograd.grad(outputs, targets, { ...options, retainGraph: true }), given.grads, 1e-5, "gradient");
  const graphs = autograd.grad(outputs, targets, { ...options, createGraph: true });
  compare(graphs, given.grads, 1e-5, "gradient with a graph");
  if (!given.seconds) return;
  const used = graphs.flatMap((g, i) => (g?.requiresGrad ? [i] : []));
  const weights = used.map((i) => tensor(numbers(targets[i].shape, 50 + i), { shape: [...targets[i].shape] }));
  const roots = used.map((i) => graphs[i] as Tensor);
  const seconds = autograd.grad(roots, targets, { gradOutputs: weights, allowUnused: true });
  compare(seconds, given.seconds, 3e-5, "second gradient");
}

/** A test for every case of these modules. */
export function testModules(names: readonly string[]): void {
  const all: Case[] = JSON.parse(readFileSync(new URL("../data/nn/modules.json", import.meta.url), "utf8"));
  it.each(all.filter(({ module }) => names.includes(module)).map((given) => [given.name, given] as const))(
    "%s",
    (_, given) => check(given),
  );
}
