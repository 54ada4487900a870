import { describe, expect, it } from "vitest";
import {
  autograd,
  cdist,
  DTypeError,
  manualSeed,
  memory,
  pdist,
  randn,
  ShapeError,
  type Tensor,
  TensorError,
  tensor,
  zeros,
} from "../../bindings/index.ts";
import { expectTensor } from "../support/expect.ts";

const inf = Number.POSITIVE_INFINITY;
const orders = [0, 0.5, 1, 1.5, 2, 3, inf];

/** All differences at once. */
function reference(a: Tensor, b: Tensor, p: number): Tensor {
  const d = a.unsqueeze(-2).sub(b.unsqueeze(-3)).abs();
  if (p === 0) return d.ne(0).sum(-1).float();
  return p === inf
    ? d.amax(-1)
    : d
        .pow(p)
        .sum(-1)
        .pow(1 / p);
}

describe("cdist", () => {
  it.each(orders)("of order %d is what the differences say, with gradients of two orders", (p) => {
    manualSeed(1);
    const a = randn([2, 4, 3]).requiresGrad_();
    const b = randn([5, 3]).requiresGrad_();
    const [y, z] = [cdist(a, b, p), reference(a, b, p)];
    expectTensor(y, z.tolist() as number[], { rtol: 1e-5 });
    if (p === 0) return;
    const weight = randn([2, 4, 5]);
    const grads = (t: Tensor): Tensor[] =>
      autograd.grad(t, [a, b], { gradOutputs: [weight], createGraph: true }) as Tensor[];
    const [of, expected] = [grads(y), grads(z)];
    of.forEach((g, i) => {
      expectTensor(g, expected[i].tolist() as number[], { rtol: 1e-4, atol: 1e-5 });
    });
    if (p === 1 || p === inf) return;
    const second = (list: Tensor[]): Tensor[] =>
      autograd.grad(
        list.map((g) => g.square().sum()).reduce((s, t) => s.add(t)),
        [a, b],
      ) as Tensor[];
    const wanted = second(expected);
    second(of).forEach((g, i) => {
      expectTensor(g, wanted[i].tolist() as number[], { rtol: 1e-3, atol: 1e-3 });
    });
  });

  it("of many points comes from a product, or does not, as asked", () => {
    manualSeed(2);
    const [a, b] = [randn([30, 4]).requiresGrad_(), randn([40, 4])];
    const weight = randn([30, 40]);
    const both = (["use_mm_for_euclid_dist", "donot_use_mm_for_euclid_dist"] as const).map((computeMode) => {
      const y = cdist(a, b, { computeMode });
      return [y, ...(autograd.grad(y, [a], { gradOutputs: [weight] }) as Tensor[])];
    });
    both[0].forEach((t, i) => {
      expectTensor(t, both[1][i].tolist() as number[], { rtol: 1e-4, atol: 1e-4 });
    });
  });

  it.each(["use_mm_for_euclid_dist", "donot_use_mm_for_euclid_dist"] as const)(
    "has gradient 0 where points coincide, %s",
    (computeMode) => {
      const x = tensor(
        [
          [1, 2],
          [4, 6],
        ],
        { requiresGrad: true },
      );
      const y = cdist(x, x.detach(), 2, computeMode);
      expectTensor(y, [
        [0, 5],
        [5, 0],
      ]);
      y.sum().backward();
      expectTensor(x.grad, [
        [-0.6, -0.8],
        [0.6, 0.8],
      ]);
    },
  );

  it("never holds all differences at once", () => {
    const [a, b] = [zeros([300, 64]).requiresGrad_(), zeros([300, 64])];
    const { usedBytes, limitBytes } = memory.stats();
    // All differences would take 300 · 300 · 64 · 4 bytes = 23 MB.
    memory.setLimit(usedBytes + 16e6);
    try {
      cdist(a, b, 1).sum().backward();
    } finally {
      memory.setLimit(limitBytes);
    }
    expectTensor(a.grad?.sum(), 0);
  });

  it("of nothing, and of points without coordinates", () => {
    expect(cdist(zeros([0, 3]), zeros([2, 3])).shape).toEqual([0, 2]);
    expectTensor(cdist(zeros([1, 0]), zeros([2, 0]), 1), [[0, 0]]);
  });

  it("refuses what does not fit", () => {
    expect(() => cdist(zeros([2, 3]), zeros([2, 2]))).toThrow(/same number of columns. X1: 3 X2: 2/);
    expect(() => cdist(zeros([3]), zeros([2, 3]))).toThrow(/at least 2D tensors, X1 got: 1D/);
    expect(() => cdist(zeros([2, 3]), zeros([2, 3]), -1)).toThrow(/only supports non-negative p values/);
    expect(() => cdist(zeros([2, 3]), tensor([[1]], { dtype: "int32" }))).toThrow(DTypeError);
    expect(() => cdist(zeros([2, 3]), zeros([2, 3]), 2, "mm" as never)).toThrow(TensorError);
  });
});

describe("pdist", () => {
  it.each(orders)("of order %d is the upper triangle of cdist", (p) => {
    manualSeed(4);
    const x = randn([5, 2]).requiresGrad_();
    const y = pdist(x, p);
    const all = cdist(x, x, p, "donot_use_mm_for_euclid_dist").tolist() as number[][];
    expectTensor(
      y,
      all.flatMap((row, i) => row.slice(i + 1)),
    );
    expect(y.gradFn?.name()).toBe("PdistBackward0");
    y.sum().backward();
    // Each pair pulls at both of its points alike.
    expectTensor(x.grad?.sum(0), [0, 0], { atol: 1e-5 });
  });

  it("of one row, or of none, is empty", () => {
    expect(pdist(zeros([1, 3])).shape).toEqual([0]);
    expect(pdist(zeros([0, 3])).shape).toEqual([0]);
    expect(() => pdist(zeros([3]))).toThrow(ShapeError);
    expect(() => pdist(zeros([2, 3]), -1)).toThrow(/pdist only supports non-negative p values/);
  });
});
