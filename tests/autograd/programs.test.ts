/** Random small programs with views and in-place operations do what PyTorch does: values, graph, errors and gradients. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { autograd, noGrad, type Tensor, tensor } from "../../bindings/index.ts";
import { close } from "../support/expect.ts";

type Step = [string, ...(string | number)[]];

interface Program {
  steps: Step[];
  /** How the last step was refused. */
  refused?: string;
  registers?: { sum: number; requiresGrad: boolean; isLeaf: boolean; version: number; name: string | null }[];
  roots?: number[];
  /** How backward() failed. */
  failed?: string;
  /** Of the leaves a and b. */
  grads?: (number[] | null)[];
}

const programs: Program[] = JSON.parse(readFileSync(new URL("../data/programs.json", import.meta.url), "utf8"));

function leaf(name: string, shape: number[]): Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  const values = Array.from({ length: count }, (_, i) => ((name.charCodeAt(0) * 7 + 13 * i) % 17) / 8 - 1);
  return tensor(values)
    .view(shape)
    .clone()
    .requiresGrad_(name !== "c");
}

function execute([op, r, ...rest]: Step, registers: Tensor[]): Tensor {
  const x = registers[r as number];
  if (/^(add|mul|sub|copy)_?$/.test(op)) return call(x, op, registers[rest[0] as number]);
  if (op === "mulScalar" || op === "mulScalar_") return call(x, op.replace("Scalar", ""), ...rest);
  if (op === "addScalar_") return x.add_(rest[0] as number);
  if (op === "flatten") return x.view(-1);
  if (op === "expand") return x.expand(2, ...x.shape);
  return call(x, op, ...rest);
}

function call(x: Tensor, method: string, ...args: unknown[]): Tensor {
  return (x as unknown as Record<string, (...args: unknown[]) => Tensor>)[method](...args);
}

function sumOf(t: Tensor): number {
  return Array.from(t.data()).reduce((sum, v, i) => sum + v * (i + 1), 0);
}

/** Runs the steps; the last one must be refused if PyTorch refused it. */
function run({ steps, refused }: Program): { leaves: Tensor[]; registers: Tensor[] } {
  const leaves = [leaf("a", [2, 3]), leaf("b", [3]), leaf("c", [2, 3])];
  const registers = [...leaves];
  steps.forEach((step, i) => {
    const plain = (step[0] === "noGrad" ? step.slice(1) : step) as Step;
    const go = (): Tensor => execute(plain, registers);
    const both = (): Tensor => (plain === step ? go() : noGrad(go));
    if (refused !== undefined && i === steps.length - 1) {
      expect(both).toThrow(refused);
      return;
    }
    const result = both();
    if (!plain[0].endsWith("_")) registers.push(result);
  });
  return { leaves, registers };
}

function lossOf(program: Program, registers: Tensor[]): Tensor {
  const parts = (program.roots as number[]).map((r, k) => registers[r].mul(k + 1).sum());
  return parts.reduce((sum, part) => sum.add(part));
}

function expectGradients(actual: (Tensor | null)[], expected: (number[] | null)[]): void {
  expected.forEach((values, i) => {
    const g = actual[i];
    if (values === null) {
      expect(g).toBeNull();
      return;
    }
    const found = Array.from((g as Tensor).data());
    const wrong = values.findIndex((v, k) => !close(found[k], v, { rtol: 1e-3, atol: 1e-3 }));
    if (wrong >= 0) throw new Error(`gradient of leaf ${i} is [${found}], expected [${values}]`);
  });
}

const label = ({ steps }: Program): string => steps.map((step) => step.join(" ")).join("; ");

describe.each(programs.map((program) => [label(program), program] as const))("%s", (_, program) => {
  it("computes what PyTorch computes", () => {
    const { registers } = run(program);
    program.registers?.forEach((expected, i) => {
      const t = registers[i];
      expect({ i, requiresGrad: t.requiresGrad, isLeaf: t.isLeaf, version: t.version }).toEqual({
        i,
        requiresGrad: expected.requiresGrad,
        isLeaf: expected.isLeaf,
        version: expected.version,
      });
      const name = t.gradFn?.name() ?? null;
      if (expected.name === "a view")
        expect(name).toMatch(/^(AsStrided|Select|Slice|T|View|Unsqueeze|Expand)Backward0$/);
      else expect(name).toBe(expected.name);
      const sum = sumOf(t);
      if (!close(sum, expected.sum, { rtol: 1e-4, atol: 1e-3 }))
        throw new Error(`register ${i}: ${sum}, expected ${expected.sum}`);
    });
  });

  if (!program.roots) return;

  it.each([
    ["plain", { createGraph: false }],
    ["with a graph", { createGraph: true }],
  ])("differentiates as PyTorch does, %s", (_name, options) => {
    const { leaves, registers } = run(program);
    const loss = lossOf(program, registers);
    if (program.failed !== undefined) {
      expect(() => loss.backward(options)).toThrow(program.failed);
      return;
    }
    loss.backward(options);
    expectGradients([leaves[0].grad, leaves[1].grad], program.grads as (number[] | null)[]);
  });

  it("differentiates the same in a walk inside a walk, and in anomaly mode", () => {
    if (program.failed !== undefined) return;
    const { leaves, registers } = run(program);
    const loss = lossOf(program, registers);
    let inner: (Tensor | null)[] = [];
    const trigger = tensor(1, { requiresGrad: true });
    trigger.registerHook(() => {
      inner = autograd.grad(loss, leaves.slice(0, 2), { allowUnused: true, retainGraph: true });
    });
    trigger.mul(2).backward();
    expectGradients(inner, program.grads as (number[] | null)[]);
    autograd.detectAnomaly(() => loss.backward());
    expectGradients([leaves[0].grad, leaves[1].grad], program.grads as (number[] | null)[]);
  });
});
