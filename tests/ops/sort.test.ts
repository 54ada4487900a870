import { describe, expect, it } from "vitest";
import {
  argsort,
  DTypeError,
  IndexError,
  kthvalue,
  manualSeed,
  median,
  mode,
  nanmedian,
  randn,
  ShapeError,
  sort,
  tensor,
  topk,
  zeros,
} from "../../bindings/index.ts";
import { EXACT, expectTensor } from "../support/expect.ts";
import { testAsPyTorch } from "../support/reductions.ts";

testAsPyTorch(["max", "min", "median", "nanmedian", "kthvalue", "topk", "sort", "argsort", "msort", "mode"]);

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

describe("order", () => {
  it("of equal elements is kept, in both directions", () => {
    const x = tensor([2, 1, 2, 1, 3]);
    expectTensor(argsort(x), [1, 3, 0, 2, 4], EXACT);
    expectTensor(argsort(x, { descending: true }), [4, 0, 2, 1, 3], EXACT);
    expectTensor(topk(x, 3).indices, [4, 0, 2], EXACT);
    expectTensor(topk(x, 3, { largest: false }).indices, [1, 3, 0], EXACT);
    expectTensor(kthvalue(x, 4).indices, 2, EXACT);
  });

  it("has NaN as largest, and 0 equal to -0", () => {
    const x = tensor([nan, 1, inf, -inf, -0, 0]);
    expectTensor(sort(x).indices, [3, 4, 5, 1, 2, 0], EXACT);
    expectTensor(sort(x, { descending: true }).indices, [0, 2, 1, 4, 5, 3], EXACT);
    expect(Object.is(sort(x).values.tolist()[1 as never], -0)).toBe(true);
    expectTensor(topk(x, 2).values, [nan, inf]);
    expectTensor(kthvalue(x, 6).values, nan);
  });

  it("is that of Array.sort on many elements, selected or all", () => {
    manualSeed(3);
    for (const shape of [[3000], [40, 70], [5, 300, 2]]) {
      const x = randn(shape);
      const rows = x.movedim(1 - 2, -1);
      const data = rows.reshape([-1, rows.size(-1)]).tolist() as number[][];
      const expected = data.flatMap((row) => Array.from(Float32Array.from(row).sort()));
      expect(Array.from(sort(x).values.data())).toEqual(expected);
      const k = 17;
      const best = shape.at(-1) as number;
      if (best < k) continue;
      const largest = data.flatMap((row) => Array.from(Float32Array.from(row).sort().reverse().slice(0, k)));
      expect(Array.from(topk(x, k).values.data())).toEqual(largest);
      const middle = data.map((row) => Float32Array.from(row).sort()[(row.length - 1) >> 1]);
      expect(Array.from(median(x, -1).values.data())).toEqual(middle);
    }
  });

  it("keeps bools and integers what they are", () => {
    const bools = sort(tensor([true, false, true]));
    expect([bools.values.dtype, bools.indices.dtype]).toEqual(["bool", "int32"]);
    expectTensor(bools.indices, [1, 0, 2], EXACT);
    const ints = sort(tensor([3, -(2 ** 31), 2 ** 31 - 1, 0], { dtype: "int32" }));
    expectTensor(ints.values, [-(2 ** 31), 0, 3, 2 ** 31 - 1], EXACT);
    expect(mode(tensor([true, false])).values.item()).toBe(false);
    for (const fn of [() => topk(tensor([true]), 1), () => median(tensor([true])), () => kthvalue(tensor([true]), 1)]) {
      expect(fn).toThrow(DTypeError);
    }
  });
});

describe("gradients of what was found", () => {
  it("168 go to where it was", () => {
    const x = tensor([3, 1, 2], { requiresGrad: true });
    sort(x)
      .values.mul(tensor([10, 20, 30]))
      .sum()
      .backward();
    expectTensor(x.grad, [30, 10, 20], EXACT);
    const y = tensor(
      [
        [1, 5, 3],
        [4, 2, 6],
      ],
      { requiresGrad: true },
    );
    topk(y, 2)
      .values.mul(tensor([1, 10]))
      .sum()
      .backward();
    expectTensor(
      y.grad,
      [
        [0, 1, 10],
        [10, 0, 1],
      ],
      EXACT,
    );
    expect(sort(x).indices.requiresGrad).toBe(false);
  });

  it("167 are shared by equal medians, and by NaNs", () => {
    const of = (fn: typeof median, data: number[]): unknown => {
      const x = tensor(data, { requiresGrad: true });
      fn(x).backward();
      return x.grad?.tolist();
    };
    expect(of(median, [2, 1, 2, 5])).toEqual([0.5, 0, 0.5, 0]);
    expect(of(median, [nan, 1, nan])).toEqual([0.5, 0, 0.5]);
    expect(of(nanmedian, [nan, 1, 1])).toEqual([0, 0.5, 0.5]);
    expect(of(nanmedian, [nan, nan])).toEqual([0.5, 0.5]);
  });

  it("do not depend on the layout, and survive a second use", () => {
    const x = tensor(
      [
        [3, 1],
        [2, 5],
        [0, 4],
      ],
      { requiresGrad: true },
    );
    const { values } = x.t().sort(1);
    values.select(1, 0).sum().backward({ retainGraph: true });
    values.select(1, 2).sum().backward();
    expectTensor(
      x.grad,
      [
        [1, 1],
        [0, 1],
        [1, 0],
      ],
      EXACT,
    );
  });

  it("have PyTorch's names", () => {
    const x = tensor([[1, 2]], { requiresGrad: true });
    const names = [
      x.max(),
      x.max(1).values,
      x.median(),
      x.median(1).values,
      x.nanmedian(),
      x.nanmedian(1).values,
      x.mode().values,
      x.kthvalue(1).values,
      x.topk(1).values,
      x.sort().values,
      x.msort(),
    ].map((t) => t.gradFn?.name());
    expect(names).toEqual([
      "MaxBackward1",
      "MaxBackward0",
      "MedianBackward0",
      "MedianBackward1",
      "NanmedianBackward0",
      "NanmedianBackward1",
      "ModeBackward0",
      "KthvalueBackward0",
      "TopkBackward0",
      "SortBackward0",
      "SortBackward0",
    ]);
  });
});

describe("arguments", () => {
  it("that do not fit are refused", () => {
    const x = tensor([
      [1, 3, 3],
      [2, 2, 2],
    ]);
    for (const k of [0, 4, 1.5]) {
      expect(() => kthvalue(x, k)).toThrow(/kthvalue\(\): selected number k out of range for dimension 1/);
    }
    for (const k of [-1, 4, 1.5]) expect(() => topk(x, k)).toThrow(/selected index k out of range/);
    expect(() => sort(x, 2)).toThrow(IndexError);
    expect(() => zeros([0, 3]).median(0)).toThrow(/median\(\): Expected reduction dim 0 to have non-zero size/);
    expect(() => zeros([0]).max()).toThrow(ShapeError);
  });

  it("of empty tensors give empty results", () => {
    expect(sort(zeros([0, 3]), 0).values.shape).toEqual([0, 3]);
    expect(topk(zeros([2, 3]), 0).indices.shape).toEqual([2, 0]);
    expect(zeros([0, 3]).mode(1).values.shape).toEqual([0]);
    expectTensor(zeros([0]).median(), nan);
    expectTensor(zeros([0], { dtype: "int32" }).median(), -(2 ** 31), EXACT);
    expect(zeros([0, 3]).cummax(0).indices.shape).toEqual([0, 3]);
  });

  it("of numbers without dimensions are their own order", () => {
    const x = tensor(4, { requiresGrad: true });
    const { values, indices } = x.sort();
    values.backward();
    expect([values.shape, indices.item(), x.grad?.item()]).toEqual([[], 0, 1]);
    expect(x.topk(1).values.shape).toEqual([]);
    expect(x.max(0).indices.item()).toBe(0);
  });
});
