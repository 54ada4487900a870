import { describe, expect, it } from "vitest";
import {
  blockDiag,
  cartesianProd,
  cat,
  columnStack,
  combinations,
  concat,
  DTypeError,
  dstack,
  hstack,
  meshgrid,
  ones,
  rowStack,
  ShapeError,
  stack,
  type Tensor,
  tensor,
  vstack,
  zeros,
} from "../../bindings/index.ts";
import { expectShape, expectTensor } from "../support/expect.ts";

describe("joining", () => {
  it("promotes dtypes and passes over tensors of shape [0]", () => {
    const joined = cat([tensor([true]), tensor([2], { dtype: "int32" }), zeros(0)]);
    expect(joined.dtype).toBe("float32");
    expectTensor(joined, [1, 2]);
    expect(cat([tensor([true]), tensor([false])]).dtype).toBe("bool");
    expectShape(concat([zeros(0), ones(2, 3)], { dim: -1 }), [2, 3]);
    expectShape(cat([zeros(0, 3), ones(2, 3)]), [2, 3]);
    expectShape(cat([zeros(0)]), [0]);
  });

  it("takes more tensors than a node has inputs, and sends each its gradient", () => {
    const parts = Array.from({ length: 600 }, (_, i) => tensor([i], { requiresGrad: true }));
    const joined = cat(parts);
    expectShape(joined, [600]);
    joined.pow(2).sum().backward();
    expect(parts.map((t) => t.grad?.item())).toEqual(parts.map((_, i) => 2 * i));
  });

  it("refuses what does not fit", () => {
    expect(() => cat([])).toThrow(/expected a non-empty list of Tensors/);
    expect(() => cat([tensor(1)])).toThrow(/zero-dimensional tensor \(at position 0\) cannot be concatenated/);
    expect(() => cat([ones(1), tensor(1)])).toThrow(/\(at position 1\)/);
    expect(() => cat([ones(2, 3), ones(2, 4)])).toThrow(
      /Sizes of tensors must match except in dimension 0. Expected size 3 but got size 4 for tensor number 1 in the list/,
    );
    expect(() => cat([ones(2, 3), ones(2)])).toThrow(/same number of dimensions/);
    expect(() => cat([ones(2)], 1)).toThrow(/Dimension out of range/);
    expect(() => cat(ones(2) as unknown as Tensor[])).toThrow(TypeError);
    expect(() => cat([1 as unknown as Tensor])).toThrow(/expected Tensor as element 0/);
    expect(() => stack([ones(2), ones(3)])).toThrow(/equal size, but got \[2\] at entry 0 and \[3\] at entry 1/);
    expect(() => stack([ones(2)], 2)).toThrow(/Dimension out of range/);
  });

  it("side by side, in rows, in columns, in depth", () => {
    const [a, b] = [tensor([1, 2]), tensor([3, 4])];
    expectTensor(stack([a, b], -1), [
      [1, 3],
      [2, 4],
    ]);
    expectTensor(hstack([a, b]), [1, 2, 3, 4]);
    expectShape(hstack([ones(2, 1), ones(2, 3)]), [2, 4]);
    expectShape(hstack([tensor(1), tensor(2)]), [2]);
    expectTensor(vstack([a, b]), [
      [1, 2],
      [3, 4],
    ]);
    expectShape(rowStack([a, ones(3, 2)]), [4, 2]);
    expectTensor(dstack([a, b]), [
      [
        [1, 3],
        [2, 4],
      ],
    ]);
    expectTensor(columnStack([a, b]), [
      [1, 3],
      [2, 4],
    ]);
    expectShape(columnStack([a, ones(2, 3)]), [2, 4]);
    expect(stack([a.requiresGrad_(), b]).gradFn?.name()).toBe("StackBackward0");
  });

  it("along a diagonal", () => {
    const x = tensor([[1, 2]], { requiresGrad: true });
    const y = blockDiag(x, tensor(5), tensor([3, 4]));
    expectTensor(y, [
      [1, 2, 0, 0, 0],
      [0, 0, 5, 0, 0],
      [0, 0, 0, 3, 4],
    ]);
    y.mul(2).sum().backward();
    expectTensor(x.grad, [[2, 2]]);
    expectShape(blockDiag(zeros(0, 2), ones(1, 1)), [1, 3]);
    expect(() => blockDiag(ones(1, 1, 1))).toThrow(/Input 0 has 3 dimensions/);
  });
});

describe("grids", () => {
  it("run along one dimension each", () => {
    const [a, b] = meshgrid(tensor([1, 2]), tensor([3, 4, 5]));
    expectTensor(a, [
      [1, 1, 1],
      [2, 2, 2],
    ]);
    expectTensor(b, [
      [3, 4, 5],
      [3, 4, 5],
    ]);
    const [x, y] = meshgrid([tensor([1, 2]), tensor([3, 4, 5])], { indexing: "xy" });
    expectTensor(x, [
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
    expectShape(y, [3, 2]);
    expectShape(meshgrid(tensor(1), ones(2))[0], [1, 2]);
    expect(() => meshgrid()).toThrow(ShapeError);
    expect(() => meshgrid(ones(2, 2))).toThrow(/Expected 0D or 1D tensor/);
    expect(() => meshgrid(ones(2), tensor([true]))).toThrow(DTypeError);
    expect(() => meshgrid(ones(2), { indexing: "yx" as "xy" })).toThrow(/must be one of "xy" or "ij"/);
  });

  it("list products and choices", () => {
    expectTensor(cartesianProd(tensor([1, 2]), tensor([3, 4])), [
      [1, 3],
      [1, 4],
      [2, 3],
      [2, 4],
    ]);
    expectShape(cartesianProd(ones(3)), [3]);
    expect(() => cartesianProd(ones(1, 1))).toThrow(/Expect a 1D vector/);
    expectTensor(combinations(tensor([1, 2, 3])), [
      [1, 2],
      [1, 3],
      [2, 3],
    ]);
    expectTensor(combinations(tensor([1, 2]), 2, true), [
      [1, 1],
      [1, 2],
      [2, 2],
    ]);
    expectShape(combinations(ones(2), { r: 3 }), [0, 3]);
    expectShape(combinations(ones(2), 0), [0]);
    expect(() => combinations(ones(2), -1)).toThrow(/non-negative/);
  });
});
