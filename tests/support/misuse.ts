/** Runs the cases of tests/data/misuse.json: bad and extreme input, and what PyTorch makes of it. */
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import * as lib from "../../bindings/index.ts";
import { autograd, type DType, isGradEnabled, matmul, Tensor, TensorError, tensor } from "../../bindings/index.ts";
import { expectTensor } from "./expect.ts";

type Written = number | string;

interface Output {
  shape: number[];
  dtype: DType;
  /** null: too many. */
  data: Written[] | null;
}

export interface Case {
  group: string;
  /** PyTorch's name in torch, or in torch.nn.functional after "F.". */
  function: string;
  args: unknown[];
  options: Record<string, unknown>;
  error?: string;
  outputs?: Output[];
}

const cases: Case[] = JSON.parse(readFileSync(new URL("../data/misuse.json", import.meta.url), "utf8"));

const NUMBERS: Record<string, number> = { NaN: Number.NaN, Infinity: Infinity, "-Infinity": -Infinity, "-0": -0 };

function read(value: unknown): unknown {
  if (typeof value === "string") return NUMBERS[value] ?? value;
  if (Array.isArray(value)) return value.map(read);
  if (typeof value !== "object" || value === null) return value;
  const [shape, dtype, fill] = (value as { tensor: [number[], DType, unknown] }).tensor;
  const count = shape.reduce((a, b) => a * b, 1);
  const unit = dtype === "float32" ? 3 : 1;
  const first = unit === 1 ? 0 : -1;
  const data = Float64Array.from({ length: count }, (_, i) => {
    if (fill === "ramp") return first + i / unit;
    return Number(read(Array.isArray(fill) ? fill[i] : fill));
  });
  return tensor(data, { shape, dtype });
}

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

type Operation = (...args: unknown[]) => unknown;

/** A free function, or a method of the first argument. */
function operation(name: string): Operation {
  const path = name.replace(/^F\./, "nn.functional.").split(".").map(camel);
  const found = path.reduce<unknown>((room, part) => (room as Record<string, unknown> | undefined)?.[part], lib);
  if (typeof found === "function") return found as Operation;
  return (x, ...rest) => (x as Record<string, Operation>)[path[path.length - 1]](...rest);
}

function run(given: Case): unknown {
  const options = Object.entries(given.options).map(([key, value]) => [camel(key), read(value)]);
  const args = given.args.map(read);
  return operation(given.function)(...args, ...(options.length > 0 ? [Object.fromEntries(options)] : []));
}

function tensorsIn(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value];
  return Object.values(value as Record<string, unknown>).flatMap(tensorsIn);
}

/** Not meant for users: an accident inside. */
const ACCIDENT =
  /undefined|not a function|not iterable|unreachable|out of bounds memory|Cannot (read|set|mix)|maximum call/i;

function expectClear(error: unknown, what: string): void {
  const meant = error instanceof TensorError || error instanceof TypeError || error instanceof RangeError;
  if (!meant || ACCIDENT.test(error.message) || error.message.length < 10) {
    throw new Error(`${what}: not a clear error: ${(error as Error).stack}`);
  }
}

const same = (a: number, b: number): boolean =>
  Object.is(a, b) || (Math.abs(a - b) <= 1e-5 * Math.max(1, Math.abs(b)) && Number.isFinite(b)) || (a === 0 && b === 0);

function differences(found: Tensor[], outputs: Output[]): string | null {
  const got = found.map((t) => `${t.dtype}[${t.shape}]`).join(", ");
  const wanted = outputs.map((o) => `${o.dtype}[${o.shape}]`).join(", ");
  if (got !== wanted) return `got ${got}, expected ${wanted}`;
  for (const [k, { data }] of outputs.entries()) {
    const values = data === null ? [] : Array.from(found[k].data());
    const i = values.findIndex((v, at) => !same(v, Number(data?.[at])));
    if (i >= 0) return `element ${i} of output ${k} is ${values[i]}, expected ${data?.[i]}: [${values}], [${data}]`;
  }
  return null;
}

/** What is wrong with the answer to a case, or null. */
export function complaint(given: Case): string | null {
  const what = `${given.function}(${JSON.stringify(given.args)}, ${JSON.stringify(given.options)})`;
  let found: Tensor[];
  try {
    found = tensorsIn(run(given));
  } catch (error) {
    expectClear(error, what);
    return given.error === undefined ? `${what}: ${(error as Error).message}` : null;
  }
  if (given.error !== undefined) return `${what}: no error, but ${found.map(String)}; PyTorch: ${given.error}`;
  const different = differences(found, given.outputs ?? []);
  return different && `${what}: ${different}`;
}

/** What a mistake could have damaged: a fresh graph, its gradients, and the grad mode. */
function expectLibraryWorks(): void {
  expect(isGradEnabled()).toBe(true);
  const x = tensor([0.5, 2], { requiresGrad: true });
  const y = matmul(x, x).sin();
  const [g] = autograd.grad(y, [x], { createGraph: true });
  g.sum().backward();
  const [cos, sin] = [Math.cos(4.25), Math.sin(4.25)];
  expectTensor(y, sin);
  // d/dx_i of 2 cos(x·x) (x_0 + x_1)
  expectTensor(
    x.grad,
    [0.5, 2].map((v) => 2 * cos - 4 * sin * v * 2.5),
  );
}

/** A test for every function of a group. */
export function testMisuse(group: string): void {
  const own = cases.filter((given) => given.group === group);
  const functions = [...new Set(own.map((given) => given.function))];
  describe("bad and extreme input: PyTorch's result or a clear error, after which the library works", () => {
    afterEach(expectLibraryWorks);
    it.each(functions)("%s", (name) => {
      const complaints = own.filter((given) => given.function === name).map(complaint);
      expect(complaints.filter((text) => text !== null)).toEqual([]);
    });
  });
}
