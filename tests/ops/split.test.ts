import { describe, expect, it } from "vitest";
import {
  arange,
  autograd,
  chunk,
  dsplit,
  hsplit,
  noGrad,
  ones,
  ShapeError,
  split,
  splitWithSizes,
  type Tensor,
  tensor,
  tensorSplit,
  unbind,
  vsplit,
  zeros,
} from "../../bindings/index.ts";
import { expectShape, expectTensor } from "../support/expect.ts";

const lists = (parts: readonly Tensor[]): unknown[] => parts.map((t) => t.tolist());
const shapes = (parts: readonly Tensor[]): number[][] => parts.map((t) => t.shape);

describe("cutting", () => {
  const x = arange(5);

  it("into parts of a size, or of sizes", () => {
    expect(lists(split(x, 2))).toEqual([[0, 1], [2, 3], [4]]);
    expect(lists(split(x, 9))).toEqual([[0, 1, 2, 3, 4]]);
    expect(lists(splitWithSizes(x, [0, 5]))).toEqual([[], [0, 1, 2, 3, 4]]);
    expect(shapes(split(ones(2, 5), [2, 3], { dim: -1 }))).toEqual([
      [2, 2],
      [2, 3],
    ]);
    expect(shapes(split(zeros(0, 2), 0))).toEqual([[0, 2]]);
    expect(shapes(split(zeros(0, 2), 3))).toEqual([[0, 2]]);
  });

  it("into a number of parts", () => {
    expect(lists(chunk(x, 2))).toEqual([
      [0, 1, 2],
      [3, 4],
    ]);
    expect(chunk(x, 4).length).toBe(3);
    expect(shapes(chunk(zeros(0, 2), 2))).toEqual([
      [0, 2],
      [0, 2],
    ]);
    expect(lists(tensorSplit(x, 3))).toEqual([[0, 1], [2, 3], [4]]);
    expect(tensorSplit(x, 7).map((t) => t.numel())).toEqual([1, 1, 1, 1, 1, 0, 0]);
  });

  it("between positions, which slices would take", () => {
    expect(lists(tensorSplit(x, [1, 3]))).toEqual([[0], [1, 2], [3, 4]]);
    expect(lists(tensorSplit(x, [3, 1, 9]))).toEqual([[0, 1, 2], [], [1, 2, 3, 4], []]);
    expect(lists(tensorSplit(x, [-1]))).toEqual([[0, 1, 2, 3], [4]]);
    expect(lists(tensorSplit(x, tensor([2], { dtype: "int32" })))).toEqual([
      [0, 1],
      [2, 3, 4],
    ]);
    expect(tensorSplit(x, tensor(2, { dtype: "int32" })).length).toBe(2);
    expect(() => tensorSplit(x, tensor([1.5]))).toThrow(/tensor of integers/);
  });

  it("along the dimensions that have names", () => {
    expect(shapes(hsplit(ones(4), 2))).toEqual([[2], [2]]);
    expect(shapes(hsplit(ones(2, 4), [1]))).toEqual([
      [2, 1],
      [2, 3],
    ]);
    expect(shapes(vsplit(ones(4, 2), 2))).toEqual([
      [2, 2],
      [2, 2],
    ]);
    expect(shapes(dsplit(ones(1, 2, 4), 4))[0]).toEqual([1, 2, 1]);
    expect(() => hsplit(ones(5), 2)).toThrow(/size of the dimension 5 is not divisible by the split_size 2/);
    expect(() => vsplit(ones(5), 1)).toThrow(/requires a tensor with at least 2 dimension/);
    expect(() => dsplit(ones(1, 2, 4), 0)).toThrow(ShapeError);
  });

  it("refuses what does not fit", () => {
    expect(() => split(x, -1)).toThrow(/split_size be non-negative, but got split_size=-1/);
    expect(() => split(x, 0)).toThrow(/split_size can only be 0 if dimension size is 0/);
    expect(() => split(x, 1.5)).toThrow(/must be int, not 1.5/);
    expect(() => split(x, [2, 2])).toThrow(/sum exactly to 5 .*split_sizes=\[2, 2\]/);
    expect(() => split(x, [6, -1])).toThrow(/only non-negative entries/);
    expect(() => split(x, 1, 1)).toThrow(/Dimension out of range/);
    expect(() => split(tensor(1), 1)).toThrow(/at least a 1-dimensional tensor/);
    expect(() => chunk(x, 0)).toThrow(/greater than 0, got: 0/);
    expect(() => tensorSplit(x, 0)).toThrow(/number of sections must be larger than 0, got 0/);
    expect(() => unbind(tensor(1))).toThrow(/Dimension specified as 0 but tensor has no dimensions/);
    expect(unbind(zeros(0, 2))).toEqual([]);
  });
});

describe("parts that come together", () => {
  const leaf = (): Tensor => arange(6, { dtype: "float32" }).view(3, 2).requiresGrad_();

  it("have one origin, and the number of each is kept", () => {
    const parts = split(leaf(), 1);
    expect(new Set(parts.map((t) => t.gradFn)).size).toBe(1);
    expect(parts[2].gradFn?.name()).toBe("SplitBackward0");
    expect(parts[2].mul(2).gradFn?.nextFunctions[0][1]).toBe(2);
    expect(unbind(leaf())[0].gradFn?.name()).toBe("UnbindBackward0");
    expect(splitWithSizes(leaf(), [1, 2])[0].gradFn?.name()).toBe("SplitWithSizesBackward0");
    expect(tensorSplit(leaf(), 2)[1].gradFn?.name()).toBe("SliceBackward0");
  });

  it("join their gradients, zeros where nobody asked", () => {
    const x = leaf();
    const [first, , last] = unbind(x);
    first.mul(2).add(last.mul(3)).sum().backward();
    expectTensor(x.grad, [
      [2, 2],
      [0, 0],
      [3, 3],
    ]);
    x.grad = null;
    chunk(x, 2, 1)[1].sum().backward();
    expectTensor(x.grad, [
      [0, 1],
      [0, 1],
      [0, 1],
    ]);
  });

  it("can be differentiated twice", () => {
    const x = leaf();
    const [a, b, c] = unbind(x);
    const [g] = autograd.grad(a.mul(b).mul(c).sum(), [x], { createGraph: true }) as Tensor[];
    expectTensor(g, [
      [8, 15],
      [0, 5],
      [0, 3],
    ]);
    g.select(0, 0).sum().backward();
    expectTensor(x.grad, [
      [0, 0],
      [4, 5],
      [2, 3],
    ]);
  });

  it("come from nodes of their own if they are very many", () => {
    const x = zeros(3000, 1).requiresGrad_();
    const parts = unbind(x);
    parts[2999].mul(5).add(parts[0]).sum().backward();
    expect(x.grad?.sum().item()).toBe(6);
    expect(x.grad?.at(2999)).toBe(5);
  });

  it("may be written in place only where no graph is concerned", () => {
    const y = leaf().mul(1);
    expect(() => split(y, 1)[1].mul_(2)).toThrow(/^Output 1 of SplitBackward0 is a view and is being modified inplace/);
    expect(() => unbind(y)[2].narrow(0, 0, 1).zero_()).toThrow(/a function that returns multiple views/);
    const plain = ones(4);
    chunk(plain, 2)[1].zero_();
    expectTensor(plain, [1, 1, 0, 0]);
    noGrad(() => chunk(y, 3)[0].zero_());
    expectTensor(y.select(0, 0), [0, 0]);
    tensorSplit(y, 3)[1].zero_();
    expectTensor(y.select(0, 1), [0, 0]);
  });

  it("are what a tensor gives when it is iterated over", () => {
    const rows = [...leaf()];
    expect(rows.length).toBe(3);
    expectShape(rows[0], [2]);
    expect(() => [...tensor(1)]).toThrow(/iteration over a 0-d tensor/);
  });
});
