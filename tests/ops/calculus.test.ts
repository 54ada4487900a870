import { describe, expect, it } from "vitest";
import {
  cumulativeTrapezoid,
  DTypeError,
  diff,
  gradient,
  IndexError,
  ShapeError,
  TensorError,
  tensor,
  trapezoid,
  trapz,
  zeros,
} from "../../bindings/index.ts";
import { EXACT, expectTensor } from "../support/expect.ts";
import { testAsPyTorch } from "../support/reductions.ts";

testAsPyTorch(["diff", "trapezoid", "cumulative_trapezoid"]);

describe("diff", () => {
  it("puts what it is given before and behind", () => {
    const x = tensor([
      [1, 4],
      [9, 16],
    ]);
    expectTensor(
      diff(x, { prepend: zeros([2, 1]) }),
      [
        [1, 3],
        [9, 7],
      ],
      EXACT,
    );
    expectTensor(
      diff(x, 1, 0, null, x),
      [
        [8, 12],
        [-8, -12],
        [8, 12],
      ],
      EXACT,
    );
    expectTensor(diff(tensor([true, false, false])), [true, false], EXACT);
    expect(diff(x, 5).shape).toEqual([2, 0]);
    const same = diff(x, 0);
    expectTensor(
      same,
      [
        [1, 4],
        [9, 16],
      ],
      EXACT,
    );
    expect(same === x).toBe(false);
  });

  it("refuses what does not fit", () => {
    expect(() => diff(tensor(1))).toThrow(/at least one-dimensional/);
    expect(() => diff(tensor([1]), -1)).toThrow(/order must be non-negative but got -1/);
    expect(() => diff(zeros([2, 3]), { append: zeros([3]) })).toThrow(/same dimension as input/);
    expect(() => diff(zeros([2, 3]), { append: zeros([3, 1]) })).toThrow(
      /input.size\(0\) = 2, but got tensor.size\(0\) = 3/,
    );
  });
});

describe("gradient", () => {
  const squares = tensor([0, 1, 4, 9, 16]);

  it("is exact for parabolas inside, and at the edges if asked", () => {
    expectTensor(gradient(squares)[0], [1, 2, 4, 6, 7], EXACT);
    expectTensor(gradient(squares, { edgeOrder: 2 })[0], [0, 2, 4, 6, 8], EXACT);
    const x = tensor([0, 1, 3, 4.5]);
    expectTensor(gradient(x.square(), { spacing: [x], edgeOrder: 2 })[0], [0, 2, 6, 9]);
    expectTensor(gradient(squares, { spacing: 0.5 })[0], [2, 4, 8, 12, 14], EXACT);
  });

  it("goes along the dimensions asked for, in that order", () => {
    const x = tensor([
      [1, 2, 4],
      [3, 6, 12],
    ]);
    const [columns, rows] = gradient(x, { dim: [-1, 0], spacing: [1, 2] });
    expectTensor(
      columns,
      [
        [1, 1.5, 2],
        [3, 4.5, 6],
      ],
      EXACT,
    );
    expectTensor(
      rows,
      [
        [1, 2, 4],
        [1, 2, 4],
      ],
      EXACT,
    );
    expect(gradient(x).length).toBe(2);
    expectTensor(gradient(tensor([1, 2, 4], { dtype: "int32" }))[0], [1, 1.5, 2], EXACT);
  });

  it("refuses what does not fit", () => {
    expect(() => gradient(tensor([1]))).toThrow(/each dimension size to be at least edge_order\+1/);
    expect(() => gradient(squares, { edgeOrder: 3 as never })).toThrow(/only supports edge_order=1 and edge_order=2/);
    expect(() => gradient(zeros([2, 2]), { dim: [0, 0] })).toThrow(/dim 0 appears multiple times/);
    expect(() => gradient(squares, { spacing: [1, 2] })).toThrow(/a list of length 1 but got a list of length 2/);
    expect(() => gradient(squares, { spacing: [zeros([3])] })).toThrow(ShapeError);
    expect(() => gradient(squares, { edgeOrder: 0 as never })).toThrow(TensorError);
  });
});

describe("trapezoid", () => {
  it("takes points along the dimension, or for all samples", () => {
    const y = tensor([
      [1, 2, 3],
      [4, 6, 8],
    ]);
    const x = tensor([0, 1, 3], { requiresGrad: true });
    const z = trapezoid(y, x);
    expectTensor(z, [6.5, 19], EXACT);
    z.sum().backward();
    // Moving a point by h changes the area by h/2 times what lies before it less what lies behind it.
    expectTensor(x.grad, [-6.5, -3, 9.5], EXACT);
    expectTensor(
      trapezoid(
        y,
        tensor([
          [0, 1, 3],
          [0, 2, 3],
        ]),
      ),
      [6.5, 17],
      EXACT,
    );
    expectTensor(trapezoid(y, tensor([0, 2]), { dim: 0 }), [5, 8, 11], EXACT);
    expectTensor(
      cumulativeTrapezoid(y, x),
      [
        [1.5, 6.5],
        [5, 19],
      ],
      EXACT,
    );
    expectTensor(trapz(y, { dx: 2 }), [8, 24], EXACT);
  });

  it("of nothing is 0", () => {
    expectTensor(trapezoid(zeros([0])), 0, EXACT);
    expectTensor(trapezoid(zeros([2, 0])), [0, 0], EXACT);
    expect(cumulativeTrapezoid(zeros([1])).shape).toEqual([0]);
    expect(cumulativeTrapezoid(zeros([0])).shape).toEqual([0]);
  });

  it("refuses what does not fit", () => {
    expect(() => trapezoid(tensor(1))).toThrow(IndexError);
    expect(() => trapezoid(tensor([true]))).toThrow(DTypeError);
    expect(() => trapezoid(tensor([1, 2]), tensor([true, false]))).toThrow(/received a bool input for `x`/);
    expect(() => trapezoid(zeros([2, 3]), tensor([1, 2]))).toThrow(/must be one `x` value for each sample point/);
  });
});
