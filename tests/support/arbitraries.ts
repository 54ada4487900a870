import fc from "fast-check";
import { type Tensor, tensor } from "../../bindings/index.ts";
import { close, type Tolerance } from "./expect.ts";
import { count, type Naive } from "./naive.ts";
import { flatten, type Nested } from "./nested.ts";

/** Every property runs the same cases every time. */
export const RUNS: fc.Parameters<unknown> = { seed: 20_250_101, numRuns: 150 };

export interface ShapeLimits {
  minRank?: number;
  maxRank?: number;
  minSize?: number;
  maxSize?: number;
}

export function shapes({
  minRank = 0,
  maxRank = 4,
  minSize = 0,
  maxSize = 4,
}: ShapeLimits = {}): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: minSize, max: maxSize }), { minLength: minRank, maxLength: maxRank });
}

/** Quarters between -8 and 8: sums and products of a few of them are exact in float32. */
export const quarters: fc.Arbitrary<number> = fc.integer({ min: -32, max: 32 }).map((n) => n / 4);

/** An array of the given shape. */
export function arrays(shape: readonly number[], elements: fc.Arbitrary<number> = quarters): fc.Arbitrary<Naive> {
  const n = count(shape);
  return fc.array(elements, { minLength: n, maxLength: n }).map((data) => ({ shape, data }));
}

/** Two arrays whose shapes broadcast. */
export function broadcastable(elements: fc.Arbitrary<number> = quarters): fc.Arbitrary<[Naive, Naive]> {
  const operand = (shape: number[]): fc.Arbitrary<Naive> =>
    fc
      .record({
        skip: fc.nat(shape.length),
        ones: fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
      })
      .chain(({ skip, ones }) => arrays(shape.map((size, dim) => (ones[dim] ? 1 : size)).slice(skip), elements));
  return shapes().chain((shape) => fc.tuple(operand(shape), operand(shape)));
}

export function toTensor(a: Naive, requiresGrad = false): Tensor {
  return tensor(Float32Array.from(a.data), { shape: [...a.shape], requiresGrad });
}

/** Fails unless the tensor has the shape and the elements of the reference. */
export function expectNaive(t: Tensor | null, expected: Naive, tolerance: Tolerance = {}): void {
  if (!t) throw new Error(`expected a tensor of shape [${expected.shape}], got ${t}`);
  if (`${t.shape}` !== `${expected.shape}`) throw new Error(`shape [${t.shape}], expected [${expected.shape}]`);
  const actual = flatten(t.tolist() as Nested);
  const bad = expected.data.findIndex((value, i) => !close(actual[i], value, tolerance));
  if (actual.length !== expected.data.length || bad >= 0) {
    throw new Error(`element ${bad} of [${t.shape}]\n  actual:   [${actual}]\n  expected: [${expected.data}]`);
  }
}
