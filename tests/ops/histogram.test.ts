import { describe, expect, it } from "vitest";
import { DTypeError, histogram, histogramdd, ShapeError, TensorError, tensor, zeros } from "../../bindings/index.ts";
import { EXACT, expectTensor } from "../support/expect.ts";

describe("histogram", () => {
  it("counts what lies in equal bins, the last edge included", () => {
    const { hist, binEdges } = histogram(tensor([1, 2, 1, 3, 0]), 3);
    expectTensor(hist, [1, 2, 2], EXACT);
    expectTensor(binEdges, [0, 1, 2, 3], EXACT);
    expectTensor(tensor([1, 2, 1, 3, 0]).histogram(3).hist, [1, 2, 2], EXACT);
    expectTensor(tensor([1, 2, 1, 3, 0]).histc({ bins: 3 }), [1, 2, 2], EXACT);
    expectTensor(histogram(tensor([1, 2, 1]), 4, { range: [0, 3] }).hist, [0, 2, 1, 0], EXACT);
    expectTensor(histogram(tensor([2, 2]), 2).binEdges, [1.5, 2, 2.5], EXACT);
    expectTensor(histogram(zeros([0]), 2).binEdges, [0, 0.5, 1], EXACT);
  });

  it("takes edges, weights and densities; NaN lies nowhere", () => {
    const edges = tensor([0, 1, 10]);
    expectTensor(histogram(tensor([0.5, 5, -1, 11, Number.NaN]), edges).hist, [1, 1], EXACT);
    const weight = tensor([1, 2, 4]);
    expectTensor(histogram(tensor([0.5, 5, 10]), edges, { weight }).hist, [1, 6], EXACT);
    expectTensor(histogram(tensor([0.5, 5, 10]), edges, { weight, density: true }).hist, [1 / 7, 6 / 63]);
  });

  it("in several dimensions", () => {
    const points = tensor([
      [0, 0],
      [1, 1],
      [1, 0],
      [0.4, 0.9],
    ]);
    const { hist, binEdges } = histogramdd(points, [2, 1]);
    expectTensor(hist, [[2], [2]], EXACT);
    expect(binEdges.map((e) => e.shape)).toEqual([[3], [2]]);
    expectTensor(
      histogramdd(points, 2, { range: [0, 1, 0, 1] }).hist,
      [
        [1, 1],
        [1, 1],
      ],
      EXACT,
    );
    expectTensor(histogramdd(points, [tensor([0, 1]), tensor([0, 0.5, 1])]).hist, [[2, 2]], EXACT);
  });

  it("refuses what does not fit", () => {
    const x = tensor([1, 2]);
    expect(() => histogram(x, 0)).toThrow(/bins must be > 0, but got 0 for dimension 0/);
    expect(() => histogram(x, 3, { range: [1, 0] })).toThrow(/min should not exceed max, but got min 1 max 0/);
    expect(() => histogram(tensor([1, Number.POSITIVE_INFINITY]), 2)).toThrow(/is not finite/);
    expect(() => histogram(tensor([1, Number.NaN]), 2)).toThrow(TensorError);
    expect(() => histogram(tensor([1], { dtype: "int32" }), 2)).toThrow(DTypeError);
    expect(() => histogram(x, 2, { weight: tensor([1]) })).toThrow(ShapeError);
    expect(() => histogramdd(zeros([3, 2]), [1])).toThrow(/size of bins should equal the number of dimensions/);
    expect(() => histogramdd(x, 2)).toThrow(/at least 2 dimensions/);
  });
});
