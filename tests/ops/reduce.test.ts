import { describe, expect, it } from "vitest";
import {
  all,
  amax,
  aminmax,
  any,
  argmax,
  DTypeError,
  IndexError,
  logsumexp,
  mean,
  nansum,
  prod,
  ShapeError,
  softmax,
  sum,
  tensor,
  zeros,
} from "../../bindings/index.ts";
import { EXACT, expectTensor, thrownBy } from "../support/expect.ts";
import { testAsPyTorch } from "../support/reductions.ts";

testAsPyTorch([
  "sum",
  "mean",
  "prod",
  "amax",
  "amin",
  "argmax",
  "argmin",
  "any",
  "all",
  "count_nonzero",
  "nansum",
  "nanmean",
  "logsumexp",
  "softmax",
  "log_softmax",
  "nn.functional.softmin",
]);

const matrix = [
  [1, 5, 2],
  [4, 3, 6],
];

describe("arguments of reductions", () => {
  it("come in order, by name, or both", () => {
    const x = tensor(matrix);
    for (const y of [
      x.sum(1, true),
      x.sum(1, { keepdim: true }),
      x.sum({ dim: 1, keepdim: true }),
      sum(x, [1], true),
    ]) {
      expectTensor(y, [[8], [13]], EXACT);
    }
    expectTensor(x.sum([]), 21, EXACT);
    expectTensor(x.sum(null, true), [[21]], EXACT);
    expectTensor(x.amax([-1, 0]), 6, EXACT);
    expect(sum(tensor([1.9, 2.9]), { dtype: "int32" }).item()).toBe(3);
    expect(mean(tensor([1, 2], { dtype: "int32" }), { dtype: "float32" }).item()).toBe(1.5);
    expect(softmax(tensor([0, 0], { dtype: "int32" }), 0).dtype).toBe("float32");
  });

  it("that do not fit are refused, and nothing is left behind", () => {
    const x = tensor(matrix, { requiresGrad: true });
    expect(() => x.sum(2)).toThrow(IndexError);
    expect(() => x.sum([0, -2])).toThrow(/dim 0 appears multiple times in the list of dims/);
    expect(() => x.prod([0, 1] as never)).toThrow(/argument 'dim' must be int, not array/);
    expect(() => x.max([0, 1] as never)).toThrow(TypeError);
    expect(() => argmax(x, "0" as never)).toThrow(TypeError);
    expect(() => x.sum(0, { dim: 1 })).toThrow(/multiple values for argument "dim"/);
    expect(() => logsumexp(x, null as never)).toThrow(/missing 1 required positional arguments: "dim"/);
    expect(() => mean(tensor([1], { dtype: "int32" }))).toThrow(DTypeError);
    // A name set for a call that failed must not be given to the next.
    expect(String(x.neg().gradFn)).toBe("<NegBackward0>");
  });

  it("of sumToSize must broadcast to the shape", () => {
    const x = tensor(matrix);
    expectTensor(x.sumToSize(2, 1), [[8], [13]], EXACT);
    expectTensor(x.sumToSize([3]), [5, 8, 8], EXACT);
    expectTensor(x.sumToSize(1), [21], EXACT);
    expect(x.sumToSize(2, 3)).toBe(x);
    expect(() => x.sumToSize(3, 3)).toThrow(/size \{\[3, 3\]\} is not expandable to size \{\[2, 3\]\}/);
    expect(() => x.sumToSize(1, 2, 3)).toThrow(ShapeError);
  });
});

describe("reductions of nothing", () => {
  it("178 have a neutral element, or are refused by the name of the function", () => {
    expectTensor(prod(zeros([0])), 1, EXACT);
    expectTensor(prod(zeros([2, 0]), 1), [1, 1], EXACT);
    expectTensor(logsumexp(zeros([0]), 0), Number.NEGATIVE_INFINITY);
    expect([any(zeros([0])).item(), all(zeros([0])).item()]).toEqual([false, true]);
    expect(thrownBy(() => amax(zeros([0]))).message).toBe(
      "amax(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.",
    );
    expect(thrownBy(() => amax(zeros([0, 3]), 0))).toBeInstanceOf(IndexError);
    expect(thrownBy(() => aminmax(zeros([0]))).message).toContain("as the operation has no identity");
    expect(amax(zeros([0, 3]), 1).shape).toEqual([0]);
  });
});

describe("what reductions are exact about", () => {
  it("170 the gradient of a product with zeros", () => {
    const gradient = (data: number[]): unknown => {
      const x = tensor(data, { requiresGrad: true });
      x.prod().backward();
      return x.grad?.tolist();
    };
    expect(gradient([2, 3, 4])).toEqual([12, 8, 6]);
    expect(gradient([0, 3, 4])).toEqual([12, 0, 0]);
    expect(gradient([0, 3, 0])).toEqual([0, 0, 0]);
    // No quotient of the product: it is below the smallest float.
    expect(gradient([1e-30, 1e-30, 1])).toEqual([Math.fround(1e-30), Math.fround(1e-30), 0]);
  });

  it("aminmax shares among ties, and so do NaNs", () => {
    const x = tensor([1, 3, 1, 3], { requiresGrad: true });
    const { min, max } = aminmax(x);
    min.add(max.mul(2)).backward();
    expectTensor(x.grad, [0.5, 1, 0.5, 1], EXACT);
    const y = tensor([1, Number.NaN, Number.NaN], { requiresGrad: true });
    y.amax(0).backward();
    expectTensor(y.grad, [0, 0.5, 0.5], EXACT);
  });

  it("NaN is true, and taken as 0 by nansum without a gradient", () => {
    expect(any(tensor([0, Number.NaN])).item()).toBe(true);
    const x = tensor([1, Number.NaN, 3], { requiresGrad: true });
    nansum(x.mul(2)).backward();
    expectTensor(x.grad, [2, 0, 2], EXACT);
    expectTensor(nansum(tensor([1, 2], { dtype: "int32" })), 3, EXACT);
    expect(String(nansum(x).gradFn)).toBe("<NansumBackward0>");
  });

  it("long sums, and dimensions that are no neighbours", () => {
    const n = 100_000;
    const x = tensor(new Float32Array(n).fill(0.1));
    expectTensor(x.sum(), n * Math.fround(0.1), { rtol: 5e-7 });
    const cube = tensor(Float32Array.from({ length: 24 }, (_, i) => i)).view(2, 3, 4);
    expectTensor(cube.sum([0, 2]), [60, 92, 124], EXACT);
    expectTensor(cube.permute(2, 0, 1).amax([0, 2]), [11, 23], EXACT);
    expectTensor(cube.logsumexp([0, 2]).sub(tensor([15, 19, 23])), [0.440196, 0.440196, 0.440196], { atol: 1e-5 });
  });
});
