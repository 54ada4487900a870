import { describe, expect, it } from "vitest";
import { autograd, type Tensor, tensor, zeros } from "../../bindings/index.ts";
import { expectTensor } from "../support/expect.ts";

describe("saved-tensor hooks", () => {
  const { savedTensorsHooks } = autograd.graph;

  it("127 pack when saved, unpack when needed", () => {
    const x = tensor([2, 3], { requiresGrad: true });
    const calls: string[] = [];
    const y = savedTensorsHooks(
      (t: Tensor) => {
        calls.push("pack");
        return t.mul(2);
      },
      (t: Tensor) => {
        calls.push("unpack");
        return t;
      },
      () => x.mul(x),
    );
    expect(calls).toEqual(["pack", "pack"]);
    y.sum().backward();
    expect(calls).toEqual(["pack", "pack", "unpack", "unpack"]);
    expectTensor(x.grad, [8, 12]);
    x.grad = null;
    x.mul(x).sum().backward();
    expectTensor(x.grad, [4, 6]);
  });

  it("127 inner ones win", () => {
    const x = tensor([2], { requiresGrad: true });
    const scaled = (factor: number, fn: () => Tensor): Tensor =>
      savedTensorsHooks(
        (t: Tensor) => t.mul(factor),
        (t: Tensor) => t,
        fn,
      );
    const y = scaled(3, () => scaled(5, () => x.exp()).add(x.sin()));
    y.backward();
    expectTensor(x.grad, [5 * Math.exp(2) + Math.cos(6)]);
  });

  it("127 a number as operand does not count as saved", () => {
    const x = tensor([2], { requiresGrad: true });
    let packed = 0;
    const y = savedTensorsHooks(
      (t: Tensor) => {
        packed++;
        return t;
      },
      (t: Tensor) => t,
      () => x.mul(3).add(zeros([1])),
    );
    expect(packed).toBe(0);
    y.backward();
    expectTensor(x.grad, [3]);
  });
});
