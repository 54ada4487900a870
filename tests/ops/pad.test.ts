import { describe, expect, it } from "vitest";
import { arange, constantPadNd, nn, ones, type Tensor, tensor, zeros } from "../../bindings/index.ts";
import { expectShape, expectTensor } from "../support/expect.ts";

const { pad } = nn.functional;

const counted = (...shape: number[]): Tensor =>
  arange(
    shape.reduce((a, b) => a * b, 1),
    { dtype: "float32" },
  ).view(shape);

describe("padding with a number", () => {
  it("grows and cuts dimensions from the last on", () => {
    const x = counted(2, 3).requiresGrad_();
    const y = pad(x, [1, -1, 0, 1], { value: 9 });
    expectTensor(y, [
      [9, 0, 1],
      [9, 3, 4],
      [9, 9, 9],
    ]);
    expect(y.gradFn?.name()).toBe("ConstantPadNdBackward0");
    y.mul(counted(3, 3)).sum().backward();
    expectTensor(x.grad, [
      [1, 2, 0],
      [4, 5, 0],
    ]);
    expectTensor(constantPadNd(counted(2).detach(), [0, 1], 5), [0, 1, 5]);
    expectTensor(pad(counted(3), [-1, -1]), [1]);
    expectTensor(pad(counted(3), [-4, 3], "constant", 1), [1, 1]);
    expectTensor(pad(counted(2, 2).t(), [1, 0]), [
      [0, 0, 2],
      [0, 1, 3],
    ]);
    expectShape(pad(counted(2), []), [2]);
    expectTensor(pad(zeros(1, 0), [1, 1], { value: 4 }), [[4, 4]]);
  });

  it("keeps the dtype", () => {
    const n = pad(tensor([1], { dtype: "int32" }), [1, 1], { value: 2.5 });
    expect([n.dtype, n.tolist()]).toEqual(["int32", [2, 1, 2]]);
    expect(pad(tensor([false]), [0, 1], { value: true }).tolist()).toEqual([false, true]);
  });

  it("refuses what does not fit", () => {
    const x = counted(2, 3);
    expect(() => pad(x, [1])).toThrow(/Padding length must be divisible by 2/);
    expect(() => pad(x, [1, 1, 1, 1, 1, 1])).toThrow(/Padding length too large/);
    expect(() => pad(x, [-2, -2])).toThrow(
      /input size 3, plus negative padding -2 and -2 resulted in a negative output size/,
    );
    expect(() => pad(x, [0.5, 1])).toThrow(/must be int/);
    expect(() => pad(x, [2 ** 30, 0])).toThrow(/memory|elements/i);
  });
});

describe("padding with what is there", () => {
  const x = counted(1, 2, 3);

  it.each([
    [
      "reflect",
      [1, 2],
      [
        [1, 0, 1, 2, 1, 0],
        [4, 3, 4, 5, 4, 3],
      ],
    ],
    [
      "replicate",
      [1, 2],
      [
        [0, 0, 1, 2, 2, 2],
        [3, 3, 4, 5, 5, 5],
      ],
    ],
    [
      "circular",
      [1, 2],
      [
        [2, 0, 1, 2, 0, 1],
        [5, 3, 4, 5, 3, 4],
      ],
    ],
    [
      "reflect",
      [-1, 1],
      [
        [1, 2, 1],
        [4, 5, 4],
      ],
    ],
    [
      "replicate",
      [-1, 1],
      [
        [1, 2, 2],
        [4, 5, 5],
      ],
    ],
    [
      "circular",
      [3, -1],
      [
        [0, 1, 2, 0, 1],
        [3, 4, 5, 3, 4],
      ],
    ],
  ] as const)("%s %j", (mode, amounts, expected) => {
    expectTensor(
      pad(x, amounts, mode).select(0, 0),
      expected.map((row) => [...row]),
    );
  });

  it("in two and three dimensions, where gradients add up", () => {
    const y = counted(1, 1, 2, 2).requiresGrad_();
    const z = pad(y, [1, 0, 0, 1], { mode: "replicate" });
    expectTensor(z.view(3, 3), [
      [0, 0, 1],
      [2, 2, 3],
      [2, 2, 3],
    ]);
    expect(z.gradFn?.name()).toBe("ReplicationPad2DBackward0");
    z.sum().backward();
    expectTensor(y.grad?.view(-1) ?? null, [2, 1, 4, 2]);
    expectShape(pad(ones(1, 1, 2, 2, 2), [1, 1, 1, 1, 1, 1], "reflect"), [1, 1, 4, 4, 4]);
    expectShape(pad(zeros(0, 2, 3), [1, 1], "reflect"), [0, 2, 5]);
    const same = pad(x, [0, 0], "circular");
    expect(same === x).toBe(false);
  });

  it("refuses what the mode cannot do", () => {
    expect(() => pad(x, [3, 0], "reflect")).toThrow(
      /Padding size should be less than the corresponding input dimension, but got: padding \(3, 0\) at dimension 2 of input \[1, 2, 3\]/,
    );
    expect(() => pad(x, [4, 0], "circular")).toThrow(/wrapping around more than once/);
    expect(() => pad(x.view(6), [1, 1], "reflect")).toThrow(/Only 2D, 3D, 4D, 5D padding/);
    expect(() => pad(x, [1, 1], "mirror" as "reflect")).toThrow(/Unrecognised padding mode mirror/);
    expect(() => pad(x, [1, 1], "reflect", 3)).toThrow(/doesn't take in value argument/);
    expect(() => pad(zeros(1, 2, 0), [1, 1], "replicate")).toThrow(/non-empty dimension/);
    expect(() => pad(x, [-2, -2], "replicate")).toThrow(/negative output size/);
  });
});
