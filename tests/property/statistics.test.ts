/** Order, scans, statistics and norms of any shape and layout are those of the naive reference, and so are gradients. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Tensor, tensor } from "../../bindings/index.ts";
import { arrays, expectNaive, RUNS, shapes, toTensor } from "../support/arbitraries.ts";
import { build, type Naive, permute, reduce } from "../support/naive.ts";

interface Sample {
  /** As the operation sees it. */
  a: Naive;
  /** A permutation after which the elements lie densely. */
  order: number[];
  dim: number;
  keepdim: boolean;
}

const samples: fc.Arbitrary<Sample> = shapes({ minRank: 1, minSize: 1 }).chain((shape) =>
  fc.record({
    a: arrays(shape),
    order: fc.shuffledSubarray([...shape.keys()], { minLength: shape.length }),
    dim: fc.nat(shape.length - 1),
    keepdim: fc.boolean(),
  }),
);

/** A tensor that shows `a` through a permutation, and the leaf that it shows. */
function laid({ a, order }: Sample): { x: Tensor; leaf: Tensor } {
  const leaf = toTensor(permute(a, order), true);
  return { x: leaf.permute(order.map((_, i) => order.indexOf(i))), leaf };
}

/** Each lane along the dimension, replaced by what a function makes of it. */
function along({ a, dim }: Sample, fn: (lane: number[]) => number[]): Naive {
  const { shape } = a;
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((n, s) => n * s, 1));
  const size = fn(Array.from({ length: shape[dim] }, (_, i) => i)).length;
  return build(
    shape.map((s, i) => (i === dim ? size : s)),
    (c) => {
      const start = c.reduce((at, place, i) => (i === dim ? at : at + place * strides[i]), 0);
      return fn(Array.from({ length: shape[dim] }, (_, i) => a.data[start + i * strides[dim]]))[c[dim]];
    },
  );
}

const ascending = (lane: number[]): number[] => [...lane].sort((p, q) => p - q);
const running = (lane: number[], fn: (p: number, q: number) => number): number[] => {
  const done = [...lane];
  for (let i = 1; i < done.length; i++) done[i] = fn(done[i - 1], done[i]);
  return done;
};
const sumOf = (lane: number[]): number => lane.reduce((p, q) => p + q, 0);
const spread = (lane: number[]): number => {
  const mean = sumOf(lane) / lane.length;
  return sumOf(lane.map((v) => (v - mean) ** 2)) / lane.length;
};

const lanes: Record<string, [operation: (x: Tensor, dim: number) => Tensor, naive: (lane: number[]) => number[]]> = {
  sort: [(x, dim) => x.sort(dim).values, ascending],
  "sort, descending": [(x, dim) => x.sort(dim, true).values, (lane) => ascending(lane).reverse()],
  topk: [(x, dim) => x.topk(1, dim).values, (lane) => [Math.max(...lane)]],
  cumsum: [(x, dim) => x.cumsum(dim), (lane) => running(lane, (p, q) => p + q)],
  cumprod: [(x, dim) => x.cumprod(dim), (lane) => running(lane, (p, q) => p * q)],
  cummax: [(x, dim) => x.cummax(dim).values, (lane) => running(lane, Math.max)],
  logcumsumexp: [
    (x, dim) => x.logcumsumexp(dim),
    (lane) => running(lane, (p, q) => Math.log(Math.exp(p) + Math.exp(q))),
  ],
  diff: [(x, dim) => x.diff(1, dim), (lane) => lane.slice(1).map((v, i) => v - lane[i])],
};

const wholes: Record<
  string,
  [operation: (x: Tensor, dim: number, keepdim: boolean) => Tensor, naive: (lane: number[]) => number]
> = {
  median: [(x, dim, keep) => x.median(dim, keep).values, (lane) => ascending(lane)[(lane.length - 1) >> 1]],
  kthvalue: [(x, dim, keep) => x.kthvalue(x.size(dim), dim, keep).values, (lane) => Math.max(...lane)],
  quantile: [(x, dim, keep) => x.quantile(1, dim, keep), (lane) => Math.max(...lane)],
  variance: [(x, dim, keep) => x.var(dim, false, keep), spread],
  logsumexp: [(x, dim, keep) => x.logsumexp(dim, keep), (lane) => Math.log(sumOf(lane.map(Math.exp)))],
  "norm of order 3": [
    (x, dim, keep) => x.norm(3, dim, keep),
    (lane) => sumOf(lane.map((v) => Math.abs(v) ** 3)) ** (1 / 3),
  ],
};

/** Moving all elements by h moves what moves with them by h each: the sum of the gradient is that of the weights. */
const MOVING = ["sort", "sort, descending", "topk", "cummax", "logcumsumexp"];

describe("along a dimension of any layout", () => {
  it.each(Object.keys(lanes))("%s", (name) => {
    const [operation, naive] = lanes[name];
    fc.assert(
      fc.property(samples, (sample) => {
        const { x, leaf } = laid(sample);
        const y = operation(x, sample.dim - sample.a.shape.length);
        expectNaive(y, along(sample, naive), { rtol: 1e-5, atol: 1e-5 });
        if (!MOVING.includes(name)) return;
        y.mul(
          tensor(
            Float32Array.from({ length: y.numel() }, (_, i) => i),
            { shape: y.shape },
          ),
        )
          .sum()
          .backward();
        const n = y.numel();
        expect(leaf.grad?.sum().item()).toBeCloseTo((n * (n - 1)) / 2, 2);
      }),
      RUNS,
    );
  });

  it.each(Object.keys(wholes))("%s", (name) => {
    const [operation, naive] = wholes[name];
    fc.assert(
      fc.property(samples, (sample) => {
        const y = operation(laid(sample).x, sample.dim, sample.keepdim);
        expectNaive(y, reduce(naive, sample.a, [sample.dim], sample.keepdim), { rtol: 1e-5, atol: 1e-5 });
      }),
      RUNS,
    );
  });
});
