import { describe, expect, it } from "vitest";
import { add, cat, matmul, maximum, mul, ones, sub, type Tensor, tensor, where, zeros } from "../../bindings/index.ts";
import { EXACT, expectShape, expectTensor } from "../support/expect.ts";

describe("broadcasting", () => {
  it("148 shapes align from the right and size 1 stretches", () => {
    const a = tensor([[1], [2], [3]]);
    const b = tensor([10, 20]);
    expectTensor(a.add(b), [
      [11, 21],
      [12, 22],
      [13, 23],
    ]);
    expectShape(ones([4, 1, 3]).mul(ones([2, 1])), [4, 2, 3]);
    expectTensor(tensor(2).mul(tensor([[1, 2]])), [[2, 4]]);
  });

  it("148 the gradient is summed back to the operand's shape", () => {
    const a = tensor([[1], [2], [3]], { requiresGrad: true });
    const b = tensor([10, 20], { requiresGrad: true });
    a.mul(b).sum().backward();
    expectTensor(a.grad, [[30], [30], [30]]);
    expectTensor(b.grad, [6, 6]);
  });

  it("148 also for scalar tensors and leading dims", () => {
    const s = tensor(3, { requiresGrad: true });
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    s.mul(x).sum().backward();
    expectTensor(s.grad, 10);
    expectTensor(x.grad, [
      [3, 3],
      [3, 3],
    ]);
    const row = tensor([1, 2], { requiresGrad: true });
    row
      .sub(zeros([3, 4, 2]))
      .sum()
      .backward();
    expectTensor(row.grad, [12, 12]);
  });

  it("148 and for zero-size dims", () => {
    const a = ones([1], { requiresGrad: true });
    const b = ones([3, 1], { requiresGrad: true });
    const y = a.mul(zeros([3, 0])).add(b);
    expectShape(y, [3, 0]);
    y.sum().backward();
    expectTensor(a.grad, [0]);
    expectTensor(b.grad, [[0], [0], [0]]);
  });

  it("149 a number as operand never changes the dtype category downwards", () => {
    expect(tensor([1.5]).mul(2).dtype).toBe("float32");
    expectTensor(tensor([1.5]).add(2), [3.5]);
    expectTensor(mul(tensor([1.5]), 2), [3]);
    expectTensor(sub(tensor([1.5]), 2), [-0.5]);
    expect(add(tensor([1], { dtype: "int32" }), 2).dtype).toBe("int32");
  });

  it("149 and gets no gradient", () => {
    const x = tensor([2], { requiresGrad: true });
    const y = x.mul(3);
    expect(y.gradFn!.nextFunctions.length).toBeLessThan(3);
    expect(y.gradFn!.nextFunctions.filter(([node]) => node !== null).length).toBe(1);
    y.backward();
    expectTensor(x.grad, [3]);
  });

  it("150 matmul of vectors and matrices", () => {
    const v = tensor([1, 2, 3]);
    const m = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expectTensor(matmul(v, v), 14, EXACT);
    expectTensor(matmul(m, v), [14, 32], EXACT);
    expectTensor(matmul(tensor([1, 10]), m), [41, 52, 63], EXACT);
    expectTensor(
      matmul(m, m.t()),
      [
        [14, 32],
        [32, 77],
      ],
      EXACT,
    );
  });

  it("150 their gradients", () => {
    const gradients = (a: Tensor, b: Tensor): [Tensor, Tensor] => {
      const y = matmul(a, b);
      y.backward(
        tensor(
          Float32Array.from({ length: y.numel() }, (_, i) => i + 1),
          { shape: y.shape },
        ),
      );
      return [a.grad!, b.grad!];
    };
    const v = () => tensor([1, 2], { requiresGrad: true });
    const m = () =>
      tensor(
        [
          [1, 2],
          [3, 4],
        ],
        { requiresGrad: true },
      );
    let [ga, gb] = gradients(v(), tensor([5, 7], { requiresGrad: true }));
    expectTensor(ga, [5, 7]);
    expectTensor(gb, [1, 2]);
    [ga, gb] = gradients(m(), v());
    expectTensor(ga, [
      [1, 2],
      [2, 4],
    ]);
    expectTensor(gb, [7, 10]);
    [ga, gb] = gradients(v(), m());
    expectTensor(ga, [5, 11]);
    expectTensor(gb, [
      [1, 2],
      [2, 4],
    ]);
    [ga, gb] = gradients(m(), m());
    expectTensor(ga, [
      [5, 11],
      [11, 25],
    ]);
    expectTensor(gb, [
      [10, 14],
      [14, 20],
    ]);
  });

  it("150 batches broadcast, and gradients are summed over the broadcast dims", () => {
    const a = tensor([[[1, 2]], [[3, 4]]], { requiresGrad: true });
    const b = tensor(
      [
        [1, 0],
        [0, 2],
      ],
      { requiresGrad: true },
    );
    const y = matmul(a, b);
    expectTensor(y, [[[1, 4]], [[3, 8]]]);
    y.sum().backward();
    expectTensor(a.grad, [[[1, 2]], [[1, 2]]]);
    expectTensor(b.grad, [
      [4, 4],
      [6, 6],
    ]);
    const c = ones([2, 1, 3, 4], { requiresGrad: true });
    const d = ones([5, 4, 2], { requiresGrad: true });
    const z = matmul(c, d);
    expectShape(z, [2, 5, 3, 2]);
    z.sum().backward();
    expectTensor(c.grad, ones([2, 1, 3, 4]).mul(10).tolist());
    expectTensor(d.grad, ones([5, 4, 2]).mul(6).tolist());
  });

  it("150 batches of matrices by a vector", () => {
    const a = ones([2, 3, 2], { requiresGrad: true });
    const v = tensor([1, 10], { requiresGrad: true });
    const y = matmul(a, v);
    expectTensor(y, [
      [11, 11, 11],
      [11, 11, 11],
    ]);
    y.sum().backward();
    expectTensor(v.grad, [6, 6]);
    expectTensor(matmul(tensor([1, 10, 100]), a), [
      [111, 111],
      [111, 111],
    ]);
  });

  it("150 a mismatch raises", () => {
    const message = /mat1 and mat2 shapes cannot be multiplied \(2x3 and 2x4\)/;
    expect(() => matmul(ones([2, 3]), ones([2, 4]))).toThrow(message);
    expect(() => matmul(ones([2, 3]), ones([4]))).toThrow(/size mismatch|cannot be multiplied/);
    expect(() => matmul(ones([3]), ones([4]))).toThrow();
    expect(() => matmul(ones([2, 2, 3]), ones([3, 3, 4]))).toThrow(
      /must match the size of tensor b \(3\) at non-singleton dimension 0/,
    );
    expect(() => matmul(tensor(1), ones([2]))).toThrow(
      /both arguments to matmul need to be at least 1D, but they are 0D and 1D/,
    );
  });

  it("151 elsewhere too", () => {
    const message = /The size of tensor a \(3\) must match the size of tensor b \(4\) at non-singleton dimension 1/;
    expect(() => ones([2, 3]).add(ones([2, 4]))).toThrow(message);
    expect(() => ones([2, 3]).mul(ones([4]))).toThrow(message);
    expect(() => maximum(ones([2, 3]), ones([1, 4]))).toThrow(message);
    expect(() => ones([2, 3]).eq(ones([1, 4]))).toThrow(message);
    expect(() => cat([ones([2, 3]), ones([2, 4])])).toThrow(
      /Sizes of tensors must match except in dimension 0\. Expected size 3 but got size 4 for tensor number 1 in the list/,
    );
    expect(() => cat([ones([2, 3]), ones([3])])).toThrow(/Tensors must have same number of dimensions: got 2 and 1/);
    expectTensor(cat([ones([1, 3]), zeros([2, 3])]), [
      [1, 1, 1],
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });

  it("152 where broadcasts all three", () => {
    const condition = tensor([[true], [false]]);
    const a = tensor([1, 2, 3], { requiresGrad: true });
    const b = tensor(7, { requiresGrad: true });
    const y = where(condition, a, b);
    expectTensor(y, [
      [1, 2, 3],
      [7, 7, 7],
    ]);
    y.mul(
      tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    )
      .sum()
      .backward();
    expectTensor(a.grad, [1, 2, 3]);
    expectTensor(b.grad, 15);
  });

  it("152 where takes numbers for either branch", () => {
    const x = tensor([-1, 2], { requiresGrad: true });
    expectTensor(where(x.gt(0), x, 0), [0, 2]);
    expectTensor(where(x.gt(0), 5, x), [-1, 5]);
    expectTensor(where(x.gt(0), 1.5, -1.5), [-1.5, 1.5]);
    where(x.gt(0), x, 0).sum().backward();
    expectTensor(x.grad, [0, 1]);
  });
});
