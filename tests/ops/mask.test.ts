import { describe, expect, it } from "vitest";
import {
  argwhere,
  bincount,
  bucketize,
  histc,
  maskedFill,
  maskedScatter,
  maskedSelect,
  nn,
  nonzero,
  ones,
  searchsorted,
  type Tensor,
  tensor,
  unique,
  uniqueConsecutive,
  zeros,
} from "../../bindings/index.ts";
import { expectShape, expectTensor } from "../support/expect.ts";

const ints = (values: number | number[] | number[][]): Tensor => tensor(values, { dtype: "int32" });
const matrix = (): Tensor =>
  tensor(
    [
      [1, 2],
      [3, 4],
    ],
    { requiresGrad: true },
  );

describe("masks", () => {
  it("say where to fill", () => {
    const x = matrix();
    const value = tensor(9, { requiresGrad: true });
    const y = maskedFill(x, x.gt(2), value);
    expectTensor(y, [
      [1, 2],
      [9, 9],
    ]);
    y.sum().backward();
    expectTensor(x.grad, [
      [1, 1],
      [0, 0],
    ]);
    expectTensor(value.grad, 2);
    expectTensor(maskedFill(tensor([1, 2]), tensor([[true], [false]]), { value: 0 }), [
      [0, 0],
      [1, 2],
    ]);
    expect(maskedFill(ints([1, 2]), tensor([true, false]), 7.9).tolist()).toEqual([7, 2]);
    expect(
      tensor([true, false])
        .maskedFill_(tensor([true, true]), false)
        .tolist(),
    ).toEqual([false, false]);
    expect(() => maskedFill(x, ints([1, 0]), 0)).toThrow(/expected BoolTensor for mask, got Int/);
    expect(() => maskedFill(x, x.gt(2), ones(2))).toThrow(/only supports a 0-dimensional value tensor/);
    expect(() => maskedFill(x, tensor([true, true, true]), 0)).toThrow(/must match the size/);
  });

  it("in place, without growing", () => {
    const x = matrix();
    const y = x.mul(1);
    y.maskedFill_(tensor([true, false]), 0);
    expect(y.gradFn?.name()).toBe("MaskedFillBackward0");
    y.select(0, 1).maskedFill_(tensor([false, true]), 5);
    expectTensor(y, [
      [0, 2],
      [0, 5],
    ]);
    y.sum().backward();
    expectTensor(x.grad, [
      [0, 1],
      [0, 0],
    ]);
    expect(() => tensor([1, 2]).maskedFill_(tensor([[true], [false]]), 0)).toThrow(
      /output with shape \[2\] doesn't match the broadcast shape \[2, 2\]/,
    );
    expect(() => x.maskedFill_(tensor(true), 0)).toThrow(/a leaf Variable that requires grad/);
  });

  it("say what to pick", () => {
    const x = matrix();
    const y = maskedSelect(x, tensor([true, false]));
    expectTensor(y, [1, 3]);
    y.mul(tensor([5, 7]))
      .sum()
      .backward();
    expectTensor(x.grad, [
      [5, 0],
      [7, 0],
    ]);
    expectTensor(maskedSelect(tensor([1, 2]), tensor([[true], [false]])), [1, 2]);
    expectShape(maskedSelect(x, tensor(false)), [0]);
    expectTensor(maskedSelect(tensor(4), tensor(true)), [4]);
    expect(() => maskedSelect(x, x)).toThrow(/expected BoolTensor/);
  });

  it("say where a source goes", () => {
    const x = matrix();
    const source = tensor([10, 20, 30], { requiresGrad: true });
    const y = maskedScatter(x, x.detach().gt(2), source);
    expectTensor(y, [
      [1, 2],
      [10, 20],
    ]);
    y.mul(
      tensor([
        [1, 2],
        [3, 4],
      ]),
    )
      .sum()
      .backward();
    expectTensor(x.grad, [
      [1, 2],
      [0, 0],
    ]);
    expectTensor(source.grad, [3, 4, 0]);
    expectTensor(zeros(2).maskedScatter_(tensor([false, true]), ones(1)), [0, 1]);
    expect(() => maskedScatter(x, tensor(true), ones(3))).toThrow(
      /Number of elements of source < number of ones in mask/,
    );
    expect(() => maskedScatter(x, tensor(true), ints([1]))).toThrow(/expected self and source to have same dtypes/);
  });

  it("are where something is not zero", () => {
    expect(
      nonzero(
        tensor([
          [0, NaN],
          [2, 0],
        ]),
      ).tolist(),
    ).toEqual([
      [0, 1],
      [1, 0],
    ]);
    expect(
      nonzero(
        tensor([
          [0, 1],
          [2, 0],
        ]).t(),
        { asTuple: true },
      ).map((t) => t.tolist()),
    ).toEqual([
      [0, 1],
      [1, 0],
    ]);
    expectShape(argwhere(zeros(2, 3)), [0, 2]);
    expectShape(nonzero(tensor(1)), [1, 0]);
    expect(nonzero(tensor(3), { asTuple: true })[0].tolist()).toEqual([0]);
  });
});

describe("searching and counting", () => {
  it("finds positions in sorted numbers", () => {
    const sorted = tensor([1, 3, 3, 5]);
    expect(searchsorted(sorted, tensor([0, 3, 9, NaN])).tolist()).toEqual([0, 1, 4, 4]);
    expect(searchsorted(sorted, 3, { right: true }).item()).toBe(3);
    expect(searchsorted(sorted, tensor([[3]]), { side: "right" }).tolist()).toEqual([[3]]);
    expect(
      searchsorted(
        tensor([
          [1, 2],
          [5, 6],
        ]),
        tensor([[2], [2]]),
      ).tolist(),
    ).toEqual([[1], [0]]);
    expect(searchsorted(tensor([5, 1]), 3, { sorter: ints([1, 0]) }).item()).toBe(1);
    expect(bucketize(ints([1, 2]), ints([1, 2])).tolist()).toEqual([0, 1]);
    expect(bucketize(2, tensor([1, 2]), { right: true }).item()).toBe(2);
    expect(() => searchsorted(ones(2, 3), ones(3, 3))).toThrow(
      /boundaries tensor \[2, 3\] and input value tensor \[3, 3\]/,
    );
    expect(() => searchsorted(ones(1, 2), 1)).toThrow(/input value can be a scalar only when/);
    expect(() => searchsorted(sorted, 3, { side: "middle" as "left" })).toThrow(/side can only be 'left' or 'right'/);
    expect(() => searchsorted(sorted, 3, { side: "left", right: true })).toThrow(/can't be set to opposites/);
    expect(() => searchsorted(sorted, 3, { sorter: ints([0]) })).toThrow(/must have the same size/);
    expect(() => bucketize(1, ones(1, 1))).toThrow(/boundaries tensor must be 1 dimension/);
  });

  it("lists each value once", () => {
    expectTensor(unique(tensor([3, NaN, 1, 3, NaN])), [1, 3, NaN, NaN]);
    const [values, inverse, counts] = unique(
      ints([
        [5, 2],
        [2, 2],
      ]),
      { returnInverse: true, returnCounts: true },
    ) as Tensor[];
    expect([values.tolist(), inverse.tolist(), counts.tolist()]).toEqual([
      [2, 5],
      [
        [1, 0],
        [0, 0],
      ],
      [3, 1],
    ]);
    expect(
      (
        unique(
          tensor([
            [1, 0, 1],
            [2, 3, 2],
          ]),
          { dim: 1 },
        ) as Tensor
      ).tolist(),
    ).toEqual([
      [0, 1],
      [3, 2],
    ]);
    expect(unique(tensor([true, false, true])).tolist()).toEqual([false, true]);
    const [runs, where, lengths] = uniqueConsecutive(tensor([1, 1, 2, 1]), true, true) as Tensor[];
    expect([runs.tolist(), where.tolist(), lengths.tolist()]).toEqual([
      [1, 2, 1],
      [0, 0, 1, 2],
      [2, 1, 1],
    ]);
    expect(uniqueConsecutive(matrix()).requiresGrad).toBe(false);
    expectShape(unique(zeros(0)), [0]);
    expect(() => unique(ones(2), { dim: 1 })).toThrow(/Dimension out of range/);
    expect(() => unique(zeros(2, 0), { dim: 0 })).toThrow(/0 sized dimensions/);
  });

  it("counts", () => {
    expect(bincount(ints([1, 3, 1]), { minlength: 6 }).tolist()).toEqual([0, 2, 0, 1, 0, 0]);
    expectTensor(bincount(ints([1, 0, 1]), tensor([0.5, 1, 2])), [1, 2.5]);
    expect(bincount(ints([])).tolist()).toEqual([]);
    expect(() => bincount(ints([-1]))).toThrow(/1-d non-negative integral inputs/);
    expect(() => bincount(tensor([1]))).toThrow(/not implemented for 'Float'/);
    expect(() => bincount(ints([1]), ones(2))).toThrow(/same length as input/);
    expect(() => bincount(ints([1]), null, -1)).toThrow(/minlength should be >= 0/);
    expectTensor(histc(tensor([1, 2, 1, 9]), 4, 0, 3), [0, 2, 1, 0]);
    expectTensor(histc(tensor([0, 1, 4]), { bins: 2 }), [2, 1]);
    expectTensor(histc(tensor([2, 2]), 2), [0, 2]);
    expect(() => histc(tensor([1]), 2, 3, 1)).toThrow(/max must be larger than min/);
    expect(() => histc(tensor([NaN]), 2)).toThrow(/is not finite/);
    expect(() => histc(tensor([1]), 0)).toThrow(/bins must be > 0/);
  });

  it("writes classes as rows", () => {
    const { oneHot } = nn.functional;
    expect(oneHot(ints([[0], [2]])).tolist()).toEqual([[[1, 0, 0]], [[0, 0, 1]]]);
    expect(oneHot(ints(1), 3).tolist()).toEqual([0, 1, 0]);
    expectShape(oneHot(ints([]), 3), [0, 3]);
    expect(() => oneHot(ints([-1]))).toThrow(/must be non-negative/);
    expect(() => oneHot(ints([3]), 2)).toThrow(/must be smaller than num_classes/);
    expect(() => oneHot(ints([]))).toThrow(/Can not infer total number of classes/);
    expect(() => oneHot(tensor([1]))).toThrow(/only applicable to index tensor/);
  });
});
