import { describe, expect, it } from "vitest";
import {
  arange,
  diag,
  diagEmbed,
  diagflat,
  diagonal,
  diagonalScatter,
  ones,
  type Tensor,
  tensor,
  trace,
  tril,
  trilIndices,
  triu,
  triuIndices,
  zeros,
} from "../../bindings/index.ts";
import { expectShape, expectTensor } from "../support/expect.ts";

const counted = (...shape: number[]): Tensor =>
  arange(
    shape.reduce((a, b) => a * b, 1),
    { dtype: "float32" },
  ).view(shape);

describe("diagonals", () => {
  it("are views of the matrices in two dimensions", () => {
    const x = counted(3, 4);
    expectTensor(diagonal(x), [0, 5, 10]);
    expectTensor(diagonal(x, 2), [2, 7]);
    expectTensor(diagonal(x, { offset: -1 }), [4, 9]);
    expectShape(diagonal(x, 4), [0]);
    expectShape(diagonal(x, -9), [0]);
    expectTensor(diagonal(counted(2, 2, 3), 1, 0, -1), [
      [1, 8],
      [4, 11],
    ]);
    expectShape(diagonal(zeros(0, 3)), [0]);
    diagonal(x.t(), -1).fill_(-1);
    expectTensor(x.select(0, 0), [0, -1, 2, 3]);
    expect(() => diagonal(x, 0, 0, -2)).toThrow(/diagonal dimensions cannot be identical 0, -2/);
    expect(() => diagonal(ones(3))).toThrow(/Dimension out of range/);
    expect(() => diagonal(x, 0.5)).toThrow(/must be int/);
  });

  it("pass gradients, from any layout", () => {
    const x = counted(2, 3).requiresGrad_();
    diagonal(x.t(), -1)
      .mul(tensor([1, 10]))
      .sum()
      .backward();
    expectTensor(x.grad, [
      [0, 1, 0],
      [0, 0, 10],
    ]);
    const y = x.mul(1);
    diagonal(y).mul_(tensor([5, 7]));
    x.grad = null;
    y.sum().backward();
    expectTensor(x.grad, [
      [5, 1, 1],
      [1, 7, 1],
    ]);
  });

  it("make matrices", () => {
    const v = tensor([1, 2], { requiresGrad: true });
    const m = diagEmbed(v, -1);
    expectTensor(m, [
      [0, 0, 0],
      [1, 0, 0],
      [0, 2, 0],
    ]);
    m.mul(counted(3, 3)).sum().backward();
    expectTensor(v.grad, [3, 7]);
    expectTensor(diagEmbed(counted(2, 2), 0, 0, 2).select(1, 1), [
      [2, 0],
      [0, 3],
    ]);
    expectTensor(diag(v.detach(), 1), [
      [0, 1, 0],
      [0, 0, 2],
      [0, 0, 0],
    ]);
    const x = counted(2, 2);
    diag(x).zero_();
    expectTensor(diag(x, { diagonal: 1 }), [1]);
    expectTensor(x.select(0, 1), [2, 3]);
    expectTensor(diagflat(counted(1, 2), { offset: 0 }), [
      [0, 0],
      [0, 1],
    ]);
    expectTensor(diagflat(tensor(5)), [[5]]);
    expect(diagEmbed(tensor([true])).tolist()).toEqual([[true]]);
    expect(() => diag(ones(1, 1, 1))).toThrow(/Supports 1D or 2D tensors. Got 3D/);
    expect(() => diagEmbed(ones(2), 0, 1, 1)).toThrow(/diagonal dimensions cannot be identical 1, 1/);
    expect(() => diagEmbed(tensor(1))).toThrow(/Dimension out of range/);
  });

  it("are replaced in a copy", () => {
    const src = tensor([7, 8], { requiresGrad: true });
    const y = diagonalScatter(counted(2, 3), src, 1);
    expectTensor(y, [
      [0, 7, 2],
      [3, 4, 8],
    ]);
    y.mul(counted(2, 3)).sum().backward();
    expectTensor(src.grad, [1, 5]);
    expect(() => diagonalScatter(ones(2, 2), ones(3))).toThrow(/src size = \[3\], slice size = \[2\]/);
  });

  it("are summed", () => {
    expect(trace(counted(3, 4)).item()).toBe(15);
    expect(trace(tensor([[1]], { dtype: "int32" })).dtype).toBe("int32");
    expect(trace(zeros(0, 3)).item()).toBe(0);
    expect(() => trace(ones(3))).toThrow(/expected a matrix, but got tensor with dim 1/);
  });
});

describe("triangles", () => {
  it("keep one side of each matrix", () => {
    const x = counted(2, 3).requiresGrad_();
    const y = tril(x);
    expectTensor(y, [
      [0, 0, 0],
      [3, 4, 0],
    ]);
    expect(y.gradFn?.name()).toBe("TrilBackward0");
    y.sum().backward();
    expectTensor(x.grad, [
      [1, 0, 0],
      [1, 1, 0],
    ]);
    expectTensor(triu(x.detach(), 1), [
      [0, 1, 2],
      [0, 0, 5],
    ]);
    expectTensor(tril(ones(2, 2), { diagonal: -1 }), [
      [0, 0],
      [1, 0],
    ]);
    expect(
      triu(
        tensor(
          [
            [1, 2],
            [3, 4],
          ],
          { dtype: "int32" },
        ),
      ).tolist(),
    ).toEqual([
      [1, 2],
      [0, 4],
    ]);
    expect(tril(tensor([[NaN, NaN]])).tolist()).toEqual([[NaN, 0]]);
    expect(tril(tensor([[true, true]])).tolist()).toEqual([[true, false]]);
    expectShape(tril(zeros(0, 2, 2)), [0, 2, 2]);
    expect(() => tril(ones(3))).toThrow(/tril: input tensor must have at least 2 dimensions/);
  });

  it("in place as well", () => {
    const x = ones(2, 2).requiresGrad_();
    const y = x.mul(3);
    expect(y.triu_(1)).toBe(y);
    expect(y.gradFn?.name()).toBe("TriuBackward0");
    y.sum().backward();
    expectTensor(x.grad, [
      [0, 3],
      [0, 0],
    ]);
    const batch = ones(2, 2, 2);
    batch.select(0, 1).tril_();
    expectTensor(batch.view(-1), [1, 1, 1, 1, 1, 0, 1, 1]);
  });

  it("have positions", () => {
    expect(trilIndices(2, 3).tolist()).toEqual([
      [0, 1, 1],
      [0, 0, 1],
    ]);
    expect(triuIndices(2, 3, { offset: 1 }).tolist()).toEqual([
      [0, 0, 1],
      [1, 2, 2],
    ]);
    expect(trilIndices(3, 1, -2).tolist()).toEqual([[2], [0]]);
    expectShape(triuIndices(0, 3), [2, 0]);
    expect(() => trilIndices(-1, 2)).toThrow(/row must be non-negative/);
  });
});
