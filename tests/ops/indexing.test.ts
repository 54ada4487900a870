import { describe, expect, it } from "vitest";
import {
  DTypeError,
  gather,
  indexPut,
  indexSelect,
  ones,
  put,
  ShapeError,
  type Tensor,
  take,
  takeAlongDim,
  tensor,
  zeros,
} from "../../bindings/index.ts";
import { expectShape, expectTensor } from "../support/expect.ts";

const ints = (values: number | number[] | number[][]): Tensor => tensor(values, { dtype: "int32" });
const matrix = (): Tensor =>
  tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);

describe("reading at positions", () => {
  it("element by element", () => {
    expectTensor(
      gather(
        matrix(),
        1,
        ints([
          [2, 0],
          [1, 1],
        ]),
      ),
      [
        [3, 1],
        [5, 5],
      ],
    );
    // The index may be smaller in other dimensions.
    expectTensor(gather(matrix().t(), -2, ints([[2]])), [[3]]);
    expect(gather(tensor([true, false]), 0, ints([1, 0])).tolist()).toEqual([false, true]);
    expectTensor(gather(tensor(3), 0, ints([0, 0])), [3, 3]);
    expectShape(gather(tensor([3]), 0, ints(0)), []);
    expectShape(gather(matrix(), 0, ints([]).view(0, 3)), [0, 3]);
    expectShape(gather(zeros(0, 3), 0, ints([]).view(0, 3)), [0, 3]);
    const x = matrix().requiresGrad_();
    gather(
      x,
      1,
      ints([
        [0, 0, 2],
        [1, 1, 1],
      ]),
    )
      .sum()
      .backward();
    expectTensor(x.grad, [
      [2, 0, 1],
      [0, 3, 0],
    ]);
  });

  it("refuses shapes and positions that do not fit", () => {
    const x = matrix();
    expect(() => gather(x, 0, ints([0]))).toThrow(/same number of dimensions as input tensor/);
    expect(() => gather(x, 0, ints([[0, 0, 0, 0]]))).toThrow(
      /Size does not match at dimension 1 expected index \[1, 4\] to be smaller than self \[2, 3\] apart from dimension 0/,
    );
    expect(() => gather(x, 0, zeros(1, 1))).toThrow(/Expected dtype int32 for index/);
    expect(() => gather(x, 0, ints([[2]]))).toThrow(/index 2 is out of bounds for dimension 0 with size 2/);
    expect(() => gather(x, 1, ints([[-1]]))).toThrow(/index -1 is out of bounds for dimension 1 with size 3/);
    expect(() => gather(x, 0, [0] as unknown as Tensor)).toThrow(TypeError);
    expect(() => gather(zeros(0, 3), 0, ints([[0]]))).toThrow(/out of bounds/);
  });

  it("slice by slice", () => {
    expectTensor(indexSelect(matrix(), 1, ints([2, 2])), [
      [3, 3],
      [6, 6],
    ]);
    expectTensor(indexSelect(matrix(), 0, ints(1)), [[4, 5, 6]]);
    expectShape(indexSelect(matrix(), 0, ints([])), [0, 3]);
    expectShape(indexSelect(tensor(5), 0, ints([0])), []);
    expect(() => indexSelect(matrix(), 0, ints([[0]]))).toThrow(/Index is supposed to be a vector/);
    expect(() => indexSelect(matrix(), 0, ints([2]))).toThrow(/index out of range in self/);
    expect(() => indexSelect(tensor(5), 0, ints([0, 0]))).toThrow(/Index to scalar can have only 1 value/);
    expect(() =>
      indexSelect(
        ones(1).expand(2 ** 20),
        0,
        zeros(1)
          .expand(2 ** 20)
          .int(),
      ),
    ).not.toThrow();
    expect(() =>
      indexSelect(
        zeros(1).expand(1, 2 ** 14),
        0,
        zeros(1)
          .expand(2 ** 17)
          .int(),
      ),
    ).toThrow(/memory|elements/i);
  });

  it("of the flattened tensor", () => {
    expectTensor(take(matrix().t(), ints([[1, -1]])), [[4, 6]]);
    expectShape(take(matrix(), ints([])), [0]);
    expectTensor(take(tensor(7), ints(0)), 7);
    expect(() => take(matrix(), ints([6]))).toThrow(/out of range: tried to access index 6 on a tensor of 6 elements/);
    expect(() => take(matrix(), tensor([0]))).toThrow(DTypeError);
  });

  it("along a dimension, broadcast", () => {
    expectTensor(takeAlongDim(matrix(), ints([[2]]), 1), [[3], [6]]);
    expectTensor(takeAlongDim(matrix(), ints([5, 0])), [6, 1]);
    expectTensor(
      takeAlongDim(
        tensor([[1, 2]]),
        ints([
          [0, 1],
          [1, 0],
        ]),
        { dim: 1 },
      ),
      [
        [1, 2],
        [2, 1],
      ],
    );
    expect(() => takeAlongDim(matrix(), ints([0]), 0)).toThrow(/same number of dimensions/);
    expect(() => takeAlongDim(matrix(), zeros(1, 1), 0)).toThrow(/dtype of indices should be/);
  });
});

describe("putting", () => {
  it("at positions of the flattened tensor", () => {
    expectTensor(put(matrix(), ints([[0, -1]]), tensor([[8, 9]])), [
      [8, 2, 3],
      [4, 5, 9],
    ]);
    expectTensor(put(zeros(2), ints([1, 1]), tensor([3, 4]), true), [0, 7]);
    expectTensor(put(zeros(2), ints([]), zeros(0)), [0, 0]);
    const x = zeros(2, 3);
    const v = tensor([1], { requiresGrad: true });
    expect(x.t().put_(ints([1]), v).gradFn).not.toBeNull();
    expectTensor(x, [
      [0, 0, 0],
      [1, 0, 0],
    ]);
    x.put_(ints([1]), tensor([5]), { accumulate: true })
      .sum()
      .backward();
    expectTensor(x.index(0), [0, 5, 0]);
    expectTensor(v.grad, [1]);
    expect(() => put(x, ints([0]), zeros(2))).toThrow(/source.numel\(\) = 2, index.numel\(\) = 1/);
    expect(() => put(x, ints([0]), ints([1]))).toThrow(/expected to have the same dtype/);
    expect(() => put(x, ints([6]), zeros(1))).toThrow(/tried to access index 6/);
  });

  it("with index tensors for each dimension", () => {
    const x = matrix().requiresGrad_();
    const v = tensor([10, 20], { requiresGrad: true });
    const y = indexPut(x, [ints([0, 1]), ints([-1, 0])], v);
    expectTensor(y, [
      [1, 2, 10],
      [20, 5, 6],
    ]);
    expect(y.gradFn?.name()).toBe("IndexPutBackward0");
    y.mul(matrix()).sum().backward();
    expectTensor(x.grad, [
      [1, 2, 0],
      [0, 5, 6],
    ]);
    expectTensor(v.grad, [3, 4]);
    expectTensor(indexPut(zeros(2, 2), [null, ints([1, 1])], ones(2, 2), true), [
      [0, 2],
      [0, 2],
    ]);
    expectTensor(indexPut(zeros(3), [tensor([true, false, true])], tensor([5])), [5, 0, 5]);
    const z = zeros(2, 2, 2);
    z.indexPut_(
      [ints([0, 1]), null, ints([1, 0])],
      tensor([
        [1, 2],
        [3, 4],
      ]),
      { accumulate: true },
    );
    expectTensor(z.view(-1), [0, 1, 0, 2, 3, 0, 4, 0]);
  });

  it("refuses what does not fit", () => {
    const x = matrix();
    expect(() => indexPut(x, [ints([0]), ints([0]), ints([0])], ones(1))).toThrow(/too many indices .*\(got 3\)/);
    expect(() => indexPut(x, [ints([0])], ints([1]))).toThrow(/dtypes match, got Float for the destination and Int/);
    expect(() => indexPut(x, [ints([0, 1])], zeros(3, 3))).toThrow(ShapeError);
    expect(() => indexPut(x, [tensor([0])], ones(1))).toThrow(/must be long, byte or bool/);
    expect(() => indexPut(x, [null], ones(1))).toThrow(/at least one index tensor/);
    expect(() => x.indexPut_([ints([2])], ones(3))).toThrow(/index 2 is out of bounds for dimension 0 with size 2/);
    expectTensor(x, matrix().tolist() as number[][]);
  });
});
