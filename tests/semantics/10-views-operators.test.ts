import { describe, expect, it } from "vitest";
import { nn, type Tensor, tensor } from "../../bindings/index.ts";
import { expectShape, expectTensor } from "../support/expect.ts";

function counted(...shape: number[]): Tensor {
  const n = shape.reduce((a, b) => a * b, 1);
  return tensor(
    Float32Array.from({ length: n }, (_, i) => i),
    { shape },
  );
}

describe("views and layout: further operators", () => {
  it.each([
    ["diagonal", (x: Tensor) => x.diagonal()],
    ["squeeze", (x: Tensor) => x.view(1, 2, 3).squeeze(0)],
    ["unsqueeze", (x: Tensor) => x.unsqueeze(1)],
    ["unfold", (x: Tensor) => x.unfold(1, 2, 1)],
    ["split", (x: Tensor) => x.split(1)[0]],
    ["chunk", (x: Tensor) => x.chunk(2)[0]],
    ["unbind", (x: Tensor) => x.unbind(0)[0]],
    ["asStrided", (x: Tensor) => x.asStrided([2, 2], [1, 1])],
    ["viewAs", (x: Tensor) => x.viewAs(counted(3, 2))],
    ["flatten", (x: Tensor) => x.flatten()],
  ] as const)("103 %s shares memory and version", (_, view) => {
    const x = counted(2, 3);
    const v = view(x);
    x.select(0, 0).select(0, 0).fill_(100);
    expect((v.tolist() as unknown[]).flat(3)[0]).toBe(100);
    expect(v.version).toBe(1);
  });

  it("107 the backward of asStrided adds up overlapping elements", () => {
    const x = tensor([1, 2, 3], { requiresGrad: true });
    const y = x.asStrided([2, 2], [1, 1]);
    expectTensor(y, [
      [1, 2],
      [2, 3],
    ]);
    y.mul(
      tensor([
        [1, 10],
        [100, 1000],
      ]),
    )
      .sum()
      .backward();
    expectTensor(x.grad, [1, 110, 1000]);
  });

  it("108 chunk may give fewer, the last smaller", () => {
    const x = counted(5);
    expect(x.chunk(3).map((t) => t.tolist())).toEqual([[0, 1], [2, 3], [4]]);
    expect(x.chunk(4).map((t) => t.tolist())).toEqual([[0, 1], [2, 3], [4]]);
    expect(counted(2).chunk(4).length).toBe(2);
  });

  it("108 split takes a size or sizes that add up", () => {
    const x = counted(5);
    expect(x.split(2).map((t) => t.tolist())).toEqual([[0, 1], [2, 3], [4]]);
    expect(x.split([1, 4]).map((t) => t.tolist())).toEqual([[0], [1, 2, 3, 4]]);
    expect(() => x.split([1, 3])).toThrow(/split_with_sizes expects split_sizes to sum exactly to 5/);
    expectShape(counted(2, 5).split([2, 3], 1)[1], [2, 3]);
  });

  it("110 advanced indices accumulate duplicates, masks scatter back", () => {
    const x = counted(3, 2).requiresGrad_();
    x.index(tensor([0, 2, 2], { dtype: "int32" }))
      .mul(tensor([[1], [2], [3]]))
      .sum()
      .backward();
    expectTensor(x.grad, [
      [1, 1],
      [0, 0],
      [5, 5],
    ]);
    x.grad = null;
    x.index(
      tensor([
        [true, false],
        [false, true],
        [true, true],
      ]),
    )
      .mul(tensor([1, 2, 3, 4]))
      .sum()
      .backward();
    expectTensor(x.grad, [
      [1, 0],
      [0, 2],
      [3, 4],
    ]);
    x.grad = null;
    x.index([0, 0, 2], 1).sum().backward();
    expectTensor(x.grad, [
      [0, 2],
      [0, 0],
      [0, 1],
    ]);
  });

  it("110 embedding accumulates duplicates", () => {
    const weight = counted(3, 2).requiresGrad_();
    nn.functional
      .embedding(
        tensor(
          [
            [1, 1],
            [0, 1],
          ],
          { dtype: "int32" },
        ),
        weight,
      )
      .sum()
      .backward();
    expectTensor(weight.grad, [
      [1, 1],
      [3, 3],
      [0, 0],
    ]);
  });
});
