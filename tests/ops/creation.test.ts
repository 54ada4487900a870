import { describe, expect, it } from "vitest";
import {
  arange,
  emptyStrided,
  eye,
  fill,
  full,
  fullLike,
  linspace,
  logspace,
  ones,
  ShapeError,
  tensor,
  zeros,
  zerosLike,
} from "../../bindings/index.ts";
import { expectShape, expectTensor } from "../support/expect.ts";

describe("ranges", () => {
  it("count with integers or numbers", () => {
    expect([arange(3).dtype, arange(3).tolist()]).toEqual(["int32", [0, 1, 2]]);
    expect(arange(5, 1, -2).tolist()).toEqual([5, 3]);
    expect(arange({ start: 1, end: 3 }).tolist()).toEqual([1, 2]);
    expect(arange(1, { end: 3 }).tolist()).toEqual([1, 2]);
    expect([arange(2.5).dtype, arange(2.5).tolist()]).toEqual(["float32", [0, 1, 2]]);
    expectShape(arange(0, 1, 0.1), [10]);
    expect(arange(3.9, { dtype: "int32" }).tolist()).toEqual([0, 1, 2]);
    expect(arange(2, { requiresGrad: true, dtype: "float32" }).requiresGrad).toBe(true);
    expectShape(arange(0), [0]);
    expect(() => arange(0, 5, 0)).toThrow(/step must be nonzero/);
    expect(() => arange(5, 0)).toThrow(/inconsistent with step sign/);
    expect(() => arange(Infinity)).toThrow(/unsupported range: 0 -> Infinity/);
    expect(() => arange({})).toThrow(/missing argument 'end'/);
    expect(() => arange(1e12)).toThrow(ShapeError);
  });

  it("space numbers evenly, ends included", () => {
    expectTensor(linspace(0, 1, 5), [0, 0.25, 0.5, 0.75, 1]);
    expect(linspace(0.1, 0.7, 13).at(12)).toBe(Math.fround(0.7));
    expect(linspace(0, 5, 3, { dtype: "int32" }).tolist()).toEqual([0, 2, 5]);
    expectTensor(linspace(3, 9, 1), [3]);
    expectShape(linspace(0, 1, 0), [0]);
    expectTensor(logspace(0, 3, 4), [1, 10, 100, 1000]);
    expectTensor(logspace(3, 0, 4, 2), [8, 4, 2, 1]);
    expectTensor(logspace(0, 2, 3, { base: 3 }), [1, 3, 9]);
    expect(() => linspace(0, 1, -1)).toThrow(/number of steps must be non-negative/);
    expect(() => linspace(0, 1, 2.5)).toThrow(/must be int/);
  });
});

describe("filled tensors", () => {
  it("take the dtype of what they are made after", () => {
    const n = tensor([1, 2], { dtype: "int32" });
    expect(n.newFull([2], 1.5).tolist()).toEqual([1, 1]);
    expect(n.newZeros(1, 2).dtype).toBe("int32");
    expect(n.newOnes([2], { dtype: "float32" }).dtype).toBe("float32");
    expectShape(n.newEmpty({ size: [3] }), [3]);
    expect(zerosLike(tensor([true])).tolist()).toEqual([false]);
    expect(fullLike(n, { fillValue: 4 }).tolist()).toEqual([4, 4]);
    expect(full([], 3).item()).toBe(3);
    expect(n.newTensor([2.5]).tolist()).toEqual([2]);
    expect(tensor([1.9, -1.9, NaN], { dtype: "int32" }).tolist()).toEqual([1, -1, 0]);
    expect(tensor([0, NaN, 2], { dtype: "bool" }).tolist()).toEqual([false, true, true]);
  });

  it("may have ones along the diagonal", () => {
    expectTensor(eye(2, 3), [
      [1, 0, 0],
      [0, 1, 0],
    ]);
    expect(eye(3, 2, { dtype: "bool" }).select(0, 1).tolist()).toEqual([false, true]);
    expect(eye(2, { dtype: "int32", requiresGrad: false }).dtype).toBe("int32");
    expectShape(eye(0), [0, 0]);
    expect(() => eye(-1)).toThrow(ShapeError);
    expect(() => eye(2 ** 15)).toThrow(ShapeError);
  });

  it("may lie with any strides", () => {
    const t = emptyStrided([2, 3], [1, 2], { dtype: "int32" });
    expect([t.stride(), t.dtype]).toEqual([[1, 2], "int32"]);
    expect(ones(1).newEmptyStrided([2, 2], [0, 1]).stride()).toEqual([0, 1]);
    expect(emptyStrided([2], [3], { requiresGrad: true }).isLeaf).toBe(true);
    expect(() => emptyStrided([2], [-1])).toThrow(/Negative strides/);
  });

  it("pass gradients to what they are filled with", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const v = tensor(3, { requiresGrad: true });
    const y = fill(x, v);
    expectTensor(y, [3, 3]);
    y.sum().backward();
    expectTensor(x.grad, [0, 0]);
    expectTensor(v.grad, 2);
    expectTensor(fill(x, true), [1, 1]);
    expect(() => fill(x, ones(2))).toThrow(/only supports 0-dimension value tensor but got tensor with 1 dimensions/);
  });

  it("cannot be larger than memory", () => {
    expect(() => zeros(2 ** 20, 2 ** 20)).toThrow(ShapeError);
    expect(() => zeros(-1)).toThrow(/negative dimension/);
    expect(() => zeros(1.5)).toThrow(ShapeError);
  });
});

describe("resize_", () => {
  it("keeps elements in order, within the storage or beyond it", () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    const alias = x.view(4);
    expect(x.resize_(3)).toBe(x);
    expectTensor(x, [1, 2, 3]);
    alias.select(0, 0).fill_(9);
    expectTensor(x, [9, 2, 3]);
    expectTensor(x.resize_([2, 3]).view(-1).narrow(0, 0, 3), [9, 2, 3]);
    expectShape(x.resizeAs_(zeros(0, 2)), [0, 2]);
    expect(() => x.resize_(-1, 2)).toThrow(ShapeError);
    expect(() => zeros(2).requiresGrad_().resize_(1)).toThrow(/cannot resize variables that require grad/);
  });
});
