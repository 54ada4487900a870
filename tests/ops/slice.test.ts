import { describe, expect, it } from "vitest";
import {
  arange,
  IndexError,
  narrowCopy,
  ones,
  select,
  selectScatter,
  slice,
  sliceScatter,
  type Tensor,
  tensor,
  zeros,
} from "../../bindings/index.ts";
import { expectShape, expectTensor } from "../support/expect.ts";

const counted = (...shape: number[]): Tensor =>
  arange(
    shape.reduce((a, b) => a * b, 1),
    { dtype: "float32" },
  ).view(shape);
const ints = (values: number[] | number[][]): Tensor => tensor(values, { dtype: "int32" });

describe("parts along a dimension", () => {
  it("are selected, narrowed and sliced", () => {
    const x = counted(3, 4);
    expectTensor(select(x, -1, -1), [3, 7, 11]);
    expectTensor(x.narrow(0, -2, 1), [[4, 5, 6, 7]]);
    expectTensor(x.narrow(1, ints([2]).select(0, 0), 2).select(0, 0), [2, 3]);
    expectShape(x.narrow(0, 3, 0), [0, 4]);
    expectTensor(slice(x, 1, 1, null, 2), [
      [1, 3],
      [5, 7],
      [9, 11],
    ]);
    expectTensor(slice(x, { dim: -1, start: -3, end: -1 }).select(0, 0), [1, 2]);
    expectShape(slice(x, 0, 5, 9), [0, 4]);
    expectShape(slice(x, 0, 2, 1), [0, 4]);
    const copy = narrowCopy(x, 0, 0, 1);
    x.zero_();
    expectTensor(copy, [[0, 1, 2, 3]]);
  });

  it("must lie inside", () => {
    const x = counted(3, 4);
    expect(() => select(x, 0, 3)).toThrow(/index 3 out of range for tensor of size \[3, 4\] at dimension 0/);
    expect(() => select(x, 0, -4)).toThrow(IndexError);
    expect(() => select(tensor(1), 0, 0)).toThrow(/select\(\) cannot be applied to a 0-dim tensor/);
    expect(() => x.narrow(0, 2, 2)).toThrow(/start \(2\) \+ length \(2\) exceeds dimension size \(3\)/);
    expect(() => x.narrow(0, 4, 0)).toThrow(IndexError);
    expect(() => x.narrow(0, 0, -1)).toThrow(/length must be non-negative/);
    expect(() => x.narrow(0, tensor(1.5), 1)).toThrow(/start must be an 0-dim integral Tensor/);
    expect(() => slice(x, 0, 0, 3, 0)).toThrow(/slice step must be positive/);
    expect(() => slice(x, 0, 0.5)).toThrow(/must be int, not 0.5/);
  });

  it("are replaced in a copy, and gradients part ways", () => {
    const x = counted(2, 3).requiresGrad_();
    const row = tensor([7, 8, 9], { requiresGrad: true });
    const y = selectScatter(x, row, 0, -1);
    expectTensor(y, [
      [0, 1, 2],
      [7, 8, 9],
    ]);
    expect(y.gradFn?.name()).toBe("SelectScatterBackward0");
    y.mul(counted(2, 3)).sum().backward();
    expectTensor(x.grad, [
      [0, 1, 2],
      [0, 0, 0],
    ]);
    expectTensor(row.grad, [3, 4, 5]);
    expectTensor(sliceScatter(counted(4).T, tensor([-1, -2]), 0, 0, null, 2), [-1, 1, -2, 3]);
    expectTensor(sliceScatter(counted(2, 2).t(), zeros(2, 1), { dim: 1, start: 1 }), [
      [0, 0],
      [1, 0],
    ]);
    expect(() => selectScatter(x, ones(2), 0, 0)).toThrow(/src size = \[2\], slice size = \[3\]/);
  });
});

describe("x[...]", () => {
  const x = counted(2, 3, 4);

  it("takes positions, slices, '...' and null as views", () => {
    expectTensor(x.index(1, -1, "::2"), [20, 22]);
    expectTensor(x.index("...", 0).select(0, 1), [12, 16, 20]);
    expectShape(x.index(null, 0, "...", null), [1, 3, 4, 1]);
    expectShape(x.index(" 1 : ", ":", "-3:-1"), [1, 3, 2]);
    expectShape(x.index(":", "...", "..."), [2, 3, 4]);
    const v = x.index();
    expect(v === x).toBe(false);
    expectShape(v, [2, 3, 4]);
    expectTensor(tensor(5).index("...", null), [5]);
    const whole = x.clone();
    whole.index(0, 0).zero_();
    expect(whole.at(3)).toBe(0);
  });

  it("takes positions in tensors and arrays, in one or several dimensions", () => {
    expectShape(x.index([0, 1, 1]), [3, 3, 4]);
    expectTensor(x.index([0, 1], [2, -1], 3), [11, 23]);
    expectTensor(x.index(":", [[0], [2]], 0).select(0, 1), [[12], [20]]);
    expectShape(x.index([[0], [1]], [0, 1, 2]), [2, 3, 4]);
    // Index dimensions come first where something stands between them.
    expectShape(x.index([0, 1, 0], ":", [0, 1, 2]), [3, 3]);
    expectTensor(x.index([0, 1, 0], ":", [0, 1, 2]).select(0, 1), [13, 17, 21]);
    expectShape(x.index(":", [0, 1], [0, 1]), [2, 2]);
    expectShape(x.index(0, ":", [0, 1]), [3, 2]);
    expectShape(x.index(null, [0], "...", [1, 2]), [2, 1, 3]);
    expectTensor(x.index(ints([1]).select(0, 0), 0), [12, 13, 14, 15]);
    expectShape(x.index([]), [0, 3, 4]);
    expectTensor(x.transpose(0, 2).index([3, 0], 1), [
      [7, 19],
      [4, 16],
    ]);
  });

  it("takes masks of one or several dimensions", () => {
    expectShape(x.index([true, false]), [1, 3, 4]);
    expectTensor(x.index(x.gt(20)), [21, 22, 23]);
    expectTensor(x.index(":", x.select(0, 0).ge(10)).select(0, 1), [22, 23]);
    expectTensor(x.index(tensor([false, true]), [0, 1, 2], 0), [12, 16, 20]);
    expectShape(x.index(true), [1, 2, 3, 4]);
    expectShape(x.index(0, false), [0, 3, 4]);
    expectTensor(tensor(5).index(tensor(true)), [5]);
  });

  it("refuses what is no index, or reaches beyond", () => {
    expect(() => x.index(2)).toThrow(/index 2 is out of bounds for dimension 0 with size 2/);
    expect(() => x.index(0, 0, -5)).toThrow(/index -5 is out of bounds for dimension 2 with size 4/);
    expect(() => x.index(":", [3])).toThrow(/index 3 is out of bounds for dimension 1 with size 3/);
    expect(() => x.index([-3])).toThrow(/index -3 is out of bounds for dimension 0 with size 2/);
    expect(() => x.index(0, 0, 0, 0)).toThrow(/too many indices for tensor of dimension 3/);
    expect(() => x.index([0, 1], [0, 1, 2])).toThrow(/could not be broadcast together with shapes \[2\], \[3\]/);
    expect(() => x.index([true])).toThrow(
      /The shape of the mask \[1\] at index 0 does not match the shape of the indexed tensor \[2, 3, 4\] at index 0/,
    );
    expect(() => x.index(tensor([0.5]))).toThrow(/tensors used as indices must be long, byte or bool tensors/);
    expect(() => x.index(0.5)).toThrow(/valid indices/);
    expect(() => x.index([0.5])).toThrow(/valid indices/);
    expect(() => x.index("a")).toThrow(/cannot read "a"/);
    expect(() => x.index("::-1")).toThrow(/step must be greater than zero/);
    expect(() => x.index("::0")).toThrow(/slice step cannot be zero/);
    expect(() => tensor(1).index(0)).toThrow(/invalid index of a 0-dim tensor/);
  });

  it("passes gradients back to where elements came from", () => {
    const y = counted(2, 3).requiresGrad_();
    y.index([0, 0, 1], [1, 1, -1])
      .mul(tensor([1, 2, 4]))
      .sum()
      .backward();
    expectTensor(y.grad, [
      [0, 3, 0],
      [0, 0, 4],
    ]);
    expect(y.index([0]).gradFn?.name()).toBe("IndexBackward0");
    expect(y.index([[0]]).gradFn?.name()).toBe("IndexBackward0");
  });
});

describe("x[...] = value", () => {
  it("writes numbers and tensors, broadcast and cast", () => {
    const x = zeros(2, 3);
    expect(x.setIndex([0, "1:"], 5)).toBe(x);
    x.setIndex(
      [
        [1, 1],
        [0, 2],
      ],
      ints([7, 8]),
    );
    expectTensor(x, [
      [0, 5, 5],
      [7, 0, 8],
    ]);
    x.setIndex([x.gt(6)], -1);
    x.setIndex(["...", null, 1], tensor([[[9]], [[4]]]).view(2, 1));
    expectTensor(x, [
      [0, 9, 5],
      [-1, 4, -1],
    ]);
    const n = ints([1, 2]);
    n.setIndex([0], 2.75);
    expectTensor(n, [2, 2]);
    x.setIndex([[], 0], zeros(0));
    expect(() => x.setIndex([[0, 1]], zeros(3, 3))).toThrow(
      /value tensor of shape \[3, 3\] cannot be broadcast to indexing result of shape \[2, 3\]/,
    );
    expect(() => x.setIndex([0], zeros(2))).toThrow(/must match/);
  });

  it("lets the last of equal positions count, on any layout", () => {
    const x = zeros(3, 2);
    x.t().setIndex([":", [0, 0, 2]], tensor([1, 2, 3]));
    expectTensor(x, [
      [2, 2],
      [0, 0],
      [3, 3],
    ]);
    const y = zeros(2, 2, 2);
    y.permute(2, 0, 1).setIndex(
      [[0, 1], ":", [1, 0]],
      tensor([
        [1, 2],
        [3, 4],
      ]),
    );
    expectTensor(y, [
      [
        [0, 3],
        [1, 0],
      ],
      [
        [0, 4],
        [2, 0],
      ],
    ]);
  });

  it("passes gradients to the value, and none to what was there", () => {
    const x = counted(2, 3).clone().requiresGrad_();
    const v = tensor([10, 20], { requiresGrad: true });
    const y = x.mul(2);
    y.setIndex([":", [0, 2]], v);
    y.mul(counted(2, 3)).sum().backward();
    expectTensor(x.grad, [
      [0, 2, 0],
      [0, 8, 0],
    ]);
    expectTensor(v.grad, [3, 7]);
    // Also where the leaf is a view itself, of something that requires no grad.
    for (const leaf of [x, counted(2, 3).requiresGrad_()]) {
      expect(() => leaf.setIndex([0], 1)).toThrow(
        /a view of a leaf Variable that requires grad is being used in an in-place/,
      );
    }
  });
});
