import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matmul, type Tensor } from "../../bindings/index.ts";
import { arrays, expectNaive, quarters, RUNS, shapes, toTensor } from "../support/arbitraries.ts";
import { EXACT } from "../support/expect.ts";
import { build, count, type Naive, matmul as naiveMatmul, permute, reduce, zip } from "../support/naive.ts";

const add = (elements: number[]): number => elements.reduce((a, b) => a + b, 0);

interface Case {
  a: Naive;
  dims: number[];
  keepdim: boolean;
}

/** An array, some of its dims, and whether to keep them. */
function cases(minSize = 0): fc.Arbitrary<Case> {
  return shapes({ minRank: 1, minSize, maxSize: 5 }).chain((shape) =>
    fc.record({
      a: arrays(shape),
      dims: fc.subarray(
        shape.map((_, dim) => dim),
        { minLength: 1 },
      ),
      keepdim: fc.boolean(),
    }),
  );
}

/** The gradient that a reduction spreads over its input, by a rule for the elements reduced together. */
function spread({ a, dims }: Case, rule: (elements: number[], i: number) => number): Naive {
  return build(a.shape, (c) => {
    const line: Naive[] = [];
    reduce((elements) => line.push({ shape: [], data: elements }), a, dims, true);
    const outer = a.shape.map((size, dim) => (dims.includes(dim) ? 1 : size));
    const which = c.reduce((offset, place, dim) => offset * outer[dim] + (dims.includes(dim) ? 0 : place), 0);
    const within = c.reduce((offset, place, dim) => (dims.includes(dim) ? offset * a.shape[dim] + place : offset), 0);
    return rule([...line[which].data], within);
  });
}

function gradient(a: Naive, fn: (x: Tensor) => Tensor): Tensor {
  const x = toTensor(a, true);
  fn(x).sum().backward();
  return x.grad!;
}

describe("reductions, against a naive reference", () => {
  it("sum", () => {
    fc.assert(
      fc.property(cases(), ({ a, dims, keepdim }) => {
        expectNaive(toTensor(a).sum(dims, keepdim), reduce(add, a, dims, keepdim), EXACT);
        expectNaive(toTensor(a).sum(), { shape: [], data: [add([...a.data])] }, EXACT);
        expectNaive(
          gradient(a, (x) => x.sum(dims, keepdim)),
          { shape: a.shape, data: a.data.map(() => 1) },
          EXACT,
        );
      }),
      RUNS,
    );
  });

  it("mean", () => {
    fc.assert(
      fc.property(cases(), ({ a, dims, keepdim }) => {
        const n = count(dims.map((dim) => a.shape[dim]));
        expectNaive(
          toTensor(a).mean(dims, keepdim),
          reduce((elements) => add(elements) / elements.length, a, dims, keepdim),
        );
        expectNaive(
          gradient(a, (x) => x.mean(dims, keepdim)),
          { shape: a.shape, data: a.data.map(() => 1 / n) },
        );
      }),
      RUNS,
    );
  });

  it("amax and amin share the gradient among ties", () => {
    fc.assert(
      fc.property(cases(1), (c) => {
        const { a, dims, keepdim } = c;
        expectNaive(
          toTensor(a).amax(dims, keepdim),
          reduce((e) => Math.max(...e), a, dims, keepdim),
          EXACT,
        );
        expectNaive(
          toTensor(a).amin(dims, keepdim),
          reduce((e) => Math.min(...e), a, dims, keepdim),
          EXACT,
        );
        const share = (elements: number[], i: number): number => {
          const top = Math.max(...elements);
          return elements[i] === top ? 1 / elements.filter((e) => e === top).length : 0;
        };
        expectNaive(
          gradient(a, (x) => x.amax(dims, keepdim)),
          spread(c, share),
        );
      }),
      RUNS,
    );
  });

  it("max, min and argmax along a dim take the first", () => {
    fc.assert(
      fc.property(cases(1), ({ a, dims, keepdim }) => {
        const [dim] = dims;
        const one = { a, dims: [dim], keepdim };
        const first = (e: number[]): number => e.indexOf(Math.max(...e));
        const x = toTensor(a);
        expectNaive(
          x.max(dim, keepdim).values,
          reduce((e) => Math.max(...e), a, [dim], keepdim),
          EXACT,
        );
        expectNaive(x.max(dim, keepdim).indices, reduce(first, a, [dim], keepdim), EXACT);
        expectNaive(
          x.min(dim, keepdim).indices,
          reduce((e) => e.indexOf(Math.min(...e)), a, [dim], keepdim),
          EXACT,
        );
        expectNaive(x.argmax(dim, keepdim), reduce(first, a, [dim], keepdim), EXACT);
        expectNaive(
          gradient(a, (t) => t.max(dim, keepdim).values),
          spread(one, (e, i) => Number(i === first(e))),
          EXACT,
        );
      }),
      RUNS,
    );
  });

  it("reductions of a transposed view are the transposed reductions", () => {
    fc.assert(
      fc.property(cases(1), ({ a, dims, keepdim }) => {
        const order = a.shape.map((_, dim) => a.shape.length - 1 - dim);
        const turned = permute(a, order);
        const view = toTensor(a).permute(order);
        expectNaive(view.sum(dims, keepdim), reduce(add, turned, dims, keepdim), EXACT);
        expectNaive(
          view.amax(dims, keepdim),
          reduce((e) => Math.max(...e), turned, dims, keepdim),
          EXACT,
        );
      }),
      RUNS,
    );
  });

  it("softmax and logSoftmax along a dim", () => {
    fc.assert(
      fc.property(cases(1), ({ a, dims }) => {
        const [dim] = dims;
        const top = reduce((e) => Math.max(...e), a, [dim], true);
        const grown = zip((x, m) => Math.exp(x - m), a, top);
        const total = reduce(add, grown, [dim], true);
        const expected = zip((e, s) => e / s, grown, total);
        expectNaive(toTensor(a).softmax(dim), expected);
        expectNaive(
          toTensor(a).logSoftmax(dim),
          zip(
            (x, s) => x - s,
            zip((x, m) => x - m, a, top),
            { shape: total.shape, data: total.data.map(Math.log) },
          ),
          { atol: 1e-5 },
        );
        expectNaive(
          gradient(a, (x) => x.softmax(dim)),
          { shape: a.shape, data: a.data.map(() => 0) },
          { atol: 1e-5 },
        );
      }),
      RUNS,
    );
  });

  it("long sums stay accurate", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 1000 }), (n, scale) => {
        const a = { shape: [n], data: Array.from({ length: n }, (_, i) => Math.fround(((i * 7919) % scale) / scale)) };
        expectNaive(toTensor(a).sum(), { shape: [], data: [add(a.data)] }, { rtol: 1e-6 });
      }),
      { ...RUNS, numRuns: 50 },
    );
  });

  it("matmul in every combination of transposed operands", () => {
    const sizes = fc.tuple(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
    );
    const operands = sizes.chain(([m, k, n]) =>
      fc.tuple(arrays([m, k], quarters), arrays([k, n], quarters), fc.boolean(), fc.boolean()),
    );
    fc.assert(
      fc.property(operands, ([a, b, turnA, turnB]) => {
        const place = (x: Naive, turned: boolean): Tensor => (turned ? toTensor(permute(x, [1, 0])).t() : toTensor(x));
        const left = place(a, turnA).requiresGrad_();
        const right = place(b, turnB).requiresGrad_();
        const y = matmul(left, right);
        expectNaive(y, naiveMatmul(a, b), EXACT);
        y.sum().backward();
        const ones: Naive = { shape: [...y.shape], data: new Array(y.numel()).fill(1) };
        expectNaive(left.grad, naiveMatmul(ones, permute(b, [1, 0])), EXACT);
        expectNaive(right.grad, naiveMatmul(permute(a, [1, 0]), ones), EXACT);
        expect(left.isLeaf).toBe(true);
      }),
      RUNS,
    );
  });
});
