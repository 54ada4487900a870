import { describe, expect, it } from "vitest";
import { gather, indexSelect, ones, type Tensor, tensor, zeros } from "../../bindings/index.ts";
import { expectShape, expectTensor } from "../support/expect.ts";

function counted(...shape: number[]): Tensor {
  const n = shape.reduce((a, b) => a * b, 1);
  return tensor(
    Float32Array.from({ length: n }, (_, i) => i),
    { shape },
  );
}

describe("views and layout", () => {
  it.each([
    ["view", (x: Tensor) => x.view(6)],
    ["reshape", (x: Tensor) => x.reshape(3, 2)],
    ["t", (x: Tensor) => x.t()],
    ["transpose", (x: Tensor) => x.transpose(0, 1)],
    ["permute", (x: Tensor) => x.permute(1, 0)],
    ["narrow", (x: Tensor) => x.narrow(1, 0, 2)],
    ["select", (x: Tensor) => x.select(0, 0)],
    ["slicing", (x: Tensor) => x.index("0:1", "::2")],
    ["an integer index", (x: Tensor) => x.index(0)],
    ["a new axis", (x: Tensor) => x.index(null, "...")],
    ["expand", (x: Tensor) => x.view(1, 2, 3).expand(2, 2, 3)],
    ["detach", (x: Tensor) => x.detach()],
  ] as const)("103 %s shares memory and version", (_, view) => {
    const x = counted(2, 3);
    const v = view(x);
    x.select(0, 0).select(0, 0).fill_(100);
    expect((v.tolist() as unknown[]).flat(3)[0]).toBe(100);
    expect(v.version).toBe(1);
  });

  it("103 reshape copies when it cannot be a view", () => {
    const x = counted(2, 3);
    const r = x.t().reshape(6);
    expectTensor(r, [0, 3, 1, 4, 2, 5]);
    x.zero_();
    expectTensor(r, [0, 3, 1, 4, 2, 5]);
    expect(r.version).toBe(0);
  });

  it("103 contiguous copies only when it must", () => {
    const x = counted(2, 3);
    expect(x.contiguous()).toBe(x);
    const c = x.t().contiguous();
    expect(c.isContiguous()).toBe(true);
    expect(x.t().isContiguous()).toBe(false);
    x.zero_();
    expectTensor(c, [
      [0, 3],
      [1, 4],
      [2, 5],
    ]);
  });

  it("104 data() and tolist() of any view are row-major", () => {
    const x = counted(2, 3);
    expect(Array.from(x.t().data())).toEqual([0, 3, 1, 4, 2, 5]);
    expect(x.t().tolist()).toEqual([
      [0, 3],
      [1, 4],
      [2, 5],
    ]);
    expect(Array.from(x.index(":", "::2").data())).toEqual([0, 2, 3, 5]);
    expect(Array.from(x.select(1, 1).data())).toEqual([1, 4]);
    expect(
      Array.from(
        tensor([[1], [2]])
          .expand(2, 2)
          .data(),
      ),
    ).toEqual([1, 1, 2, 2]);
    expect(Array.from(counted(2, 3, 4).permute(2, 0, 1).select(0, 3).data())).toEqual([3, 7, 11, 15, 19, 23]);
  });

  it("105 view needs compatible strides", () => {
    const x = counted(2, 3);
    expect(() => x.t().view(6)).toThrow(
      /view size is not compatible with input tensor's size and stride \(at least one dimension spans across two contiguous subspaces\)\. Use \.reshape\(\.\.\.\) instead\./,
    );
    expectTensor(counted(2, 3, 4).transpose(0, 1).view(3, 2, 2, 2).select(0, 2).select(0, 1), [
      [20, 21],
      [22, 23],
    ]);
  });

  it("105 a wrong size raises, one -1 is inferred", () => {
    const x = counted(2, 3);
    expect(() => x.view(4, 2)).toThrow(/shape '\[4, 2\]' is invalid for input of size 6/);
    expect(() => x.reshape(4, 2)).toThrow(/shape '\[4, 2\]' is invalid for input of size 6/);
    expect(() => x.view(-1, 4)).toThrow(/shape '\[-1, 4\]' is invalid for input of size 6/);
    expect(() => x.view(-1, -1)).toThrow(/only one dimension can be inferred/);
    expectShape(x.view(-1, 2), [3, 2]);
    expectShape(x.reshape([-1]), [6]);
  });

  it("106 sizes come spread or as one array, dims may be negative", () => {
    const x = counted(2, 3);
    expectTensor(x.view(3, 2), [
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
    expectTensor(x.view([3, 2]), [
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
    expectShape(x.permute([1, 0]), [3, 2]);
    expectShape(x.expand([4, 2, 3]), [4, 2, 3]);
    expectShape(zeros(2, 3), [2, 3]);
    expectShape(zeros([2, 3]), [2, 3]);
    expectTensor(x.sum(-1), [3, 12]);
    expectTensor(x.select(-1, -1), [2, 5]);
    expectTensor(x.transpose(-1, -2), [
      [0, 3],
      [1, 4],
      [2, 5],
    ]);
    expect(x.size(-1)).toBe(3);
  });

  it("106 a dim out of range raises", () => {
    const x = counted(2, 3);
    const message = /Dimension out of range \(expected to be in range of \[-2, 1\], but got 5\)/;
    expect(() => x.sum(5)).toThrow(message);
    expect(() => x.transpose(0, 5)).toThrow(message);
    expect(() => x.softmax(5)).toThrow(message);
    expect(() => x.select(5, 0)).toThrow(message);
    expect(() => x.sum(-3)).toThrow(/Dimension out of range \(expected to be in range of \[-2, 1\], but got -3\)/);
  });

  it("107 the gradient of expand is summed over the expanded dims", () => {
    const x = tensor([[1], [2]], { requiresGrad: true });
    x.expand(3, 2, 4).mul(2).sum().backward();
    expectTensor(x.grad, [[24], [24]]);
    x.grad = null;
    x.expand(-1, 3)
      .mul(
        tensor([
          [1, 2, 3],
          [4, 5, 6],
        ]),
      )
      .sum()
      .backward();
    expectTensor(x.grad, [[6], [15]]);
  });

  it("109 the gradient handed to backward may be an expanded or transposed view", () => {
    const x = counted(2, 3).requiresGrad_();
    x.mul(2).backward(tensor([[1], [10]]).expand(2, 3));
    expectTensor(x.grad, [
      [2, 2, 2],
      [20, 20, 20],
    ]);
    x.grad = null;
    x.mul(2).backward(counted(3, 2).t());
    expectTensor(x.grad, [
      [0, 4, 8],
      [2, 6, 10],
    ]);
    x.grad = null;
    x.backward(counted(3, 2).t());
    expectTensor(x.grad, [
      [0, 2, 4],
      [1, 3, 5],
    ]);
  });

  it("109 also for matmul", () => {
    const a = counted(2, 2).requiresGrad_();
    a.matmul(tensor([1, 2])).backward(tensor([3]).expand(2));
    expectTensor(a.grad, [
      [3, 6],
      [3, 6],
    ]);
  });

  it("110 duplicates in indices accumulate", () => {
    const x = tensor([1, 2, 3], { requiresGrad: true });
    const index = tensor([0, 2, 2, 2], { dtype: "int32" });
    indexSelect(x, 0, index)
      .mul(tensor([1, 2, 3, 4]))
      .sum()
      .backward();
    expectTensor(x.grad, [1, 0, 9]);
    x.grad = null;
    gather(x, 0, index).sum().backward();
    expectTensor(x.grad, [1, 0, 3]);
  });

  it("110 slices and integers scatter back", () => {
    const x = counted(3, 4).requiresGrad_();
    x.index("1:", "::2").mul(3).sum().backward();
    expectTensor(x.grad, [
      [0, 0, 0, 0],
      [3, 0, 3, 0],
      [3, 0, 3, 0],
    ]);
    x.grad = null;
    x.index(1, -1).mul(5).backward();
    expectTensor(x.grad, [
      [0, 0, 0, 0],
      [0, 0, 0, 5],
      [0, 0, 0, 0],
    ]);
    x.grad = null;
    x.index(":").sum().backward();
    expectTensor(x.grad, ones([3, 4]).tolist());
    x.grad = null;
    x.index("...", null, 0)
      .mul(tensor([[1], [2], [3]]))
      .sum()
      .backward();
    expectTensor(x.grad, [
      [1, 0, 0, 0],
      [2, 0, 0, 0],
      [3, 0, 0, 0],
    ]);
  });

  it("111 a view whose base was dropped works, forwards and backwards", () => {
    const x = counted(4, 5).requiresGrad_();
    const view = ((): Tensor => x.mul(2).narrow(0, 1, 2).transpose(0, 1).select(0, 3))();
    for (let i = 0; i < 1000; i++) counted(4, 5).mul(i);
    expectTensor(view, [16, 26]);
    view.mul(view).sum().backward();
    const expected = zeros([4, 5]);
    expected.setIndex(["1:3", 3], tensor([64, 104]));
    expectTensor(x.grad, expected.tolist());
  });
});
