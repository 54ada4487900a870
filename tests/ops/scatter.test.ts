import { describe, expect, it } from "vitest";
import {
  DTypeError,
  indexAdd,
  indexCopy,
  indexFill,
  indexReduce,
  noGrad,
  ones,
  scatter,
  scatterAdd,
  scatterReduce,
  segmentReduce,
  type Tensor,
  tensor,
  zeros,
} from "../../bindings/index.ts";
import { expectShape, expectTensor } from "../support/expect.ts";

const ints = (values: number | number[] | number[][]): Tensor => tensor(values, { dtype: "int32" });
const bools = (values: boolean[]): Tensor => tensor(values);

describe("scatter", () => {
  it("overwrites, adds or multiplies, the last of equal positions counting", () => {
    const index = ints([
      [0, 2, 0],
      [1, 1, 1],
    ]);
    const src = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expectTensor(scatter(zeros(2, 3), 1, index, src), [
      [3, 0, 2],
      [0, 6, 0],
    ]);
    expectTensor(scatter(ones(2, 3), 1, index, src, { reduce: "add" }), [
      [5, 1, 3],
      [1, 16, 1],
    ]);
    expectTensor(scatter(ones(2, 3), 1, index, src, { reduce: "multiply" }), [
      [3, 1, 2],
      [1, 120, 1],
    ]);
    expectTensor(scatter(zeros(2, 3), 1, ints([[0], [2]]), 7), [
      [7, 0, 0],
      [0, 0, 7],
    ]);
    expectTensor(scatter(zeros(2), 0, ints([1]), { value: 3 }), [0, 3]);
    expectTensor(scatter(tensor(1), 0, ints([0]), tensor([5])), 5);
    expectTensor(scatter(tensor([1, 2]), 0, ints([]), zeros(0)), [1, 2]);
  });

  it("reaches a part of larger targets and takes a part of larger sources", () => {
    const x = zeros(3, 3).requiresGrad_();
    const src = tensor(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      { requiresGrad: true },
    );
    const y = scatter(x, 0, ints([[2, 0]]), src);
    expectTensor(y, [
      [0, 2, 0],
      [0, 0, 0],
      [1, 0, 0],
    ]);
    y.mul(
      tensor([
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
      ]),
    )
      .sum()
      .backward();
    expectTensor(x.grad, [
      [1, 0, 3],
      [4, 5, 6],
      [0, 8, 9],
    ]);
    expectTensor(src.grad, [
      [7, 2, 0],
      [0, 0, 0],
    ]);
  });

  it("works for integers and booleans", () => {
    expectTensor(scatterAdd(ints([1, 2]), 0, ints([0, 0, 1]), ints([10, 20, 30])), [31, 32]);
    const flags = bools([false, true]);
    expect(scatter(flags, 0, ints([1, 0]), bools([false, true])).tolist()).toEqual([true, false]);
    expect(scatterAdd(flags, 0, ints([0, 0]), bools([true, true])).tolist()).toEqual([true, true]);
    expectTensor(scatterReduce(ints([5]), 0, ints([0, 0]), ints([2, 9]), "amin"), [2]);
    expectTensor(scatterReduce(ints([5]), 0, ints([0, 0]), ints([2, -9]), "mean"), [-1]);
  });

  it("writes in place on any layout, and only there", () => {
    const x = zeros(3, 2);
    const columns = x.t();
    expect(columns.scatterAdd_(1, ints([[0, 0, 2]]), ones(1, 3))).toBe(columns);
    expectTensor(x, [
      [2, 0],
      [0, 0],
      [1, 0],
    ]);
    x.select(1, 1).scatter_(0, ints([1]), 9);
    expectTensor(x.select(1, 1), [0, 9, 0]);
    expect(x.version).toBe(2);
    const scalar = tensor(1);
    scalar.scatterAdd_(0, ints([0, 0]), tensor([2, 3]));
    expectTensor(scalar, 6);
  });

  it("in place rewrites history", () => {
    const x = tensor([1, 2, 3], { requiresGrad: true });
    const src = tensor([10, 20], { requiresGrad: true });
    const y = x.mul(2);
    y.scatter_(0, ints([0, 2]), src);
    expect(y.gradFn?.name()).toBe("ScatterBackward0");
    y.scatter_(0, ints([1]), 5, { reduce: "multiply" });
    y.mul(tensor([1, 2, 3]))
      .sum()
      .backward();
    expectTensor(x.grad, [0, 20, 0]);
    expectTensor(src.grad, [1, 3]);
    const whole = x.mul(1);
    whole.narrow(0, 1, 2).scatterAdd_(0, ints([0, 0]), src.mul(src));
    expectTensor(whole, [1, 502, 3]);
    src.grad = null;
    whole.sum().backward();
    expectTensor(src.grad, [20, 40]);
    expect(() => x.scatter_(0, ints([0]), 1)).toThrow(/a leaf Variable that requires grad/);
    noGrad(() => x.scatter_(0, ints([0]), 7));
    expectTensor(x, [7, 2, 3]);
    expect(() =>
      zeros(1)
        .expand(3)
        .scatter_(0, ints([0]), 1),
    ).toThrow(/more than one element of the written-to tensor/);
  });

  it("refuses what does not fit, and changes nothing", () => {
    const x = zeros(3, 2);
    expect(() => scatter(x, 0, ints([[0, 0]]), ones(1, 1))).toThrow(
      /Expected index \[1, 2\] to be smaller than self \[3, 2\] apart from dimension 0 and to be smaller size than src \[1, 1\]/,
    );
    expect(() => scatter(x, 0, ints([0]), 1)).toThrow(/same number of dimensions as self tensor/);
    expect(() => scatter(x, 0, ints([[0]]), ones(1))).toThrow(/same number of dimensions as src tensor/);
    expect(() => scatter(x, 0, ints([[0]]), ints([[1]]))).toThrow(/Expected self.dtype to be equal to src.dtype/);
    expect(() => scatter(x, 0, zeros(1, 1), 1)).toThrow(DTypeError);
    expect(() => scatter(x, 0, ints([[0]]), 1, { reduce: "max" as "add" })).toThrow(/must be either add or multiply/);
    expect(() => scatter(x, 0, ints([[0]]), {})).toThrow(/missing argument 'src' or 'value'/);
    expect(() => x.scatter_(0, ints([[0, 3]]), 1)).toThrow(/index 3 is out of bounds for dimension 0 with size 3/);
    expect(() => x.scatterAdd_(0, ints([[0, -1]]), ones(1, 2))).toThrow(/index -1 is out of bounds/);
    expectTensor(x.sum(), 0);
    expect(x.version).toBe(0);
  });
});

describe("scatterReduce", () => {
  const index = ints([0, 0, 2]);
  const src = (): Tensor => tensor([4, -1, 4], { requiresGrad: true });

  it.each([
    ["sum", [5, 2, 7], [3, 2, 4]],
    ["prod", [-8, 2, 12], [-4, 2, 4]],
    ["mean", [5 / 3, 2, 3.5], [1.5, 2, 4]],
    ["amax", [4, 2, 4], [4, 2, 4]],
    ["amin", [-1, 2, 3], [-1, 2, 4]],
  ] as const)("%s", (reduce, included, excluded) => {
    const x = tensor([2, 2, 3]);
    expectTensor(scatterReduce(x, 0, index, src(), reduce), [...included]);
    expectTensor(scatterReduce(x, 0, index, src(), reduce, { includeSelf: false }), [...excluded]);
    expectTensor(x.scatterReduce_(0, index, src().detach(), reduce), [...included]);
  });

  it("shares the gradient among the largest, and multiplies by all other factors", () => {
    const x = tensor([4, 2, 3], { requiresGrad: true });
    const s = src();
    scatterReduce(x, 0, index, s, "amax")
      .mul(tensor([6, 1, 1]))
      .sum()
      .backward();
    expectTensor(x.grad, [3, 1, 0]);
    expectTensor(s.grad, [3, 0, 1]);
    const factors = tensor([0, 5, 0, 2], { requiresGrad: true });
    const start = tensor([3, 0], { requiresGrad: true });
    scatterReduce(start, 0, ints([0, 0, 1, 1]), factors, "prod")
      .sum()
      .backward();
    expectTensor(start.grad, [0, 0]);
    expectTensor(factors.grad, [15, 0, 0, 0]);
    expect(() => scatterReduce(x, 0, index, s, "max" as "amax")).toThrow(/either sum, prod, mean, amax or amin/);
  });

  it("lets NaN win", () => {
    expectTensor(scatterReduce(zeros(2), 0, ints([0, 0]), tensor([NaN, 1]), "amax"), [NaN, 0]);
    expectTensor(scatterReduce(tensor([NaN, 1]), 0, ints([0, 1]), tensor([1, 2]), "amin"), [NaN, 1]);
  });
});

describe("slices at positions", () => {
  const x = (): Tensor =>
    tensor(
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      { requiresGrad: true },
    );

  it("are added, with a factor", () => {
    const source = tensor(
      [
        [1, 1],
        [2, 2],
      ],
      { requiresGrad: true },
    );
    const a = x();
    const y = indexAdd(a, 0, ints([2, 2]), source, { alpha: 10 });
    expectTensor(y, [
      [1, 2],
      [3, 4],
      [35, 36],
    ]);
    y.sum().backward();
    expectTensor(source.grad, [
      [10, 10],
      [10, 10],
    ]);
    expectTensor(indexAdd(ints([1, 2]), 0, ints([0, 0]), ints([3, 4])), [8, 2]);
    expectTensor(
      zeros(2, 2)
        .t()
        .indexAdd_(1, ints([0]), tensor([[1], [2]])),
      [
        [1, 0],
        [2, 0],
      ],
    );
    expectTensor(indexAdd(tensor(1), 0, ints([0]), tensor([2])), 3);
  });

  it("gives a source without elements a gradient of its shape", () => {
    const source = zeros(3, 0).requiresGrad_();
    indexAdd(zeros(2, 0), 0, ints([1, 0, 1]), source)
      .sum()
      .backward();
    expectShape(source.grad as Tensor, [3, 0]);
  });

  it("are replaced and filled", () => {
    const a = x();
    const source = tensor([[7], [8], [9]], { requiresGrad: true });
    const y = indexCopy(a, 1, ints([1]), source);
    expectTensor(y, [
      [1, 7],
      [3, 8],
      [5, 9],
    ]);
    y.sum().backward();
    expectTensor(a.grad, [
      [1, 0],
      [1, 0],
      [1, 0],
    ]);
    expectTensor(source.grad, [[1], [1], [1]]);
    const filled = indexFill(a, 0, ints([-1, 0]), 0);
    expectTensor(filled, [
      [0, 0],
      [3, 4],
      [0, 0],
    ]);
    expect(filled.gradFn?.name()).toBe("IndexFillBackward0");
    expectTensor(indexFill(ints([1, 2]), 0, ints(1), 3.9), [1, 3]);
    expectTensor(indexFill(zeros(2), 0, ints([1]), tensor(4)), [0, 4]);
    expect(
      bools([true, true])
        .indexFill_(0, ints([0]), false)
        .tolist(),
    ).toEqual([false, true]);
  });

  it("are written in place through views of a graph", () => {
    const a = x();
    const y = a.mul(1);
    const source = tensor([[10], [20], [30]], { requiresGrad: true });
    y.narrow(1, 1, 1).indexCopy_(0, ints([2, 1, 0]), source);
    expectTensor(y, [
      [1, 30],
      [3, 20],
      [5, 10],
    ]);
    y.mul(
      tensor([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
    )
      .sum()
      .backward();
    expectTensor(a.grad, [
      [1, 0],
      [3, 0],
      [5, 0],
    ]);
    expectTensor(source.grad, [[6], [4], [2]]);
  });

  it("are reduced", () => {
    const source = tensor([
      [1, 9],
      [8, 1],
    ]);
    expectTensor(indexReduce(zeros(2, 2), 0, ints([1, 1]), source, "amax"), [
      [0, 0],
      [8, 9],
    ]);
    expectTensor(indexReduce(ones(2, 2), 0, ints([0, 0]), source, "mean", { includeSelf: false }), [
      [4.5, 5],
      [1, 1],
    ]);
    expect(() => indexReduce(ones(2), 0, ints([0]), ones(1), "sum" as "prod")).toThrow(
      /prod, mean, amax or amin but got sum/,
    );
    expect(() => indexReduce(ones(2), 0, ints([0]), ones(2), "prod")).toThrow(/source.size\(dim\): \(2\), for dim: 0/);
  });

  it("are reduced in place", () => {
    const a = ones(3).requiresGrad_();
    const y = a.mul(1);
    const source = tensor([2, 3], { requiresGrad: true });
    expect(y.indexReduce_(0, ints([0, 0]), source, "prod")).toBe(y);
    expectTensor(y, [6, 1, 1]);
    expect(y.gradFn?.name()).toBe("IndexReduceBackward0");
    y.sum().backward();
    expectTensor(a.grad, [6, 1, 1]);
    expectTensor(source.grad, [3, 2]);
    expect(() => a.indexReduce_(0, ints([0]), ones(1), "prod")).toThrow(
      "a leaf Variable that requires grad is being used in an in-place operation.",
    );
    expectTensor(a, [1, 1, 1]);
  });

  it("must fit", () => {
    const a = x();
    expect(() => indexAdd(a, 0, ints([0]), ones(2, 2))).toThrow(
      /Number of indices \(1\) should be equal to source.size\(dim\): \(2\)/,
    );
    expect(() => indexCopy(a, 0, ints([0]), ones(1, 3))).toThrow(/same slice shapes/);
    expect(() => indexCopy(a, 0, ints([0]), ints([[1, 1]]))).toThrow(/must have the same scalar type/);
    expect(() => indexAdd(a, 0, ints([[0]]), ones(1, 2))).toThrow(/Index is supposed to be a vector/);
    expect(() => indexAdd(a, 0, ints([3]), ones(1, 2))).toThrow(/index 3 is out of bounds for dimension 0 with size 3/);
    expect(() => indexFill(a, 0, ints([3]), 1)).toThrow(/index 3 is out of bounds/);
    expect(() => indexFill(a, 0, ints([0]), ones(2))).toThrow(/only supports a 0-dimensional value tensor/);
  });
});

describe("segments", () => {
  const data = (): Tensor => tensor([1, 2, 3, 4], { requiresGrad: true });

  it("are reduced one after the other", () => {
    const lengths = ints([2, 0, 2]);
    expectTensor(segmentReduce(data(), "sum", { lengths }), [3, 0, 7]);
    expectTensor(segmentReduce(data(), "prod", { lengths, initial: 2 }), [4, 2, 24]);
    expectTensor(segmentReduce(data(), "mean", { lengths }), [1.5, NaN, 3.5]);
    expectTensor(segmentReduce(data(), "max", { lengths }), [2, -Infinity, 4]);
    const x = data();
    segmentReduce(x, "min", { offsets: ints([0, 1, 3]) })
      .sum()
      .backward();
    expectTensor(x.grad, [1, 1, 0, 0]);
    expectShape(segmentReduce(zeros(2, 3, 4), "sum", { lengths: ints([[3], [3]]), axis: 1 }), [2, 1, 4]);
  });

  it("must fit", () => {
    expect(() => segmentReduce(data(), "sum", { lengths: ints([1, 2]) })).toThrow(/sum to data.size/);
    expectTensor(segmentReduce(data(), "sum", { lengths: ints([1, 2]), unsafe: true }), [1, 5]);
    expect(() => segmentReduce(data(), "sum", { lengths: ints([5]), unsafe: true })).toThrow(/reaches from 0 to 5/);
    expect(() => segmentReduce(data(), "sum")).toThrow(/Either lengths or offsets must be defined/);
    expect(() => segmentReduce(data(), "sum", { lengths: tensor([4]) })).toThrow(DTypeError);
    expect(() => segmentReduce(data(), "sum", { lengths: ints([[4]]) })).toThrow(
      /Expected lengths or offsets of shape \[\*\]/,
    );
    expect(() => segmentReduce(data(), "median" as "sum", { lengths: ints([4]) })).toThrow(
      /sum, mean, max, min or prod/,
    );
  });
});
