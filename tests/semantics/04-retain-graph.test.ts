import { describe, expect, it } from "vitest";
import { autograd, ones, tensor } from "../../bindings/index.ts";
import { expectTensor } from "../support/expect.ts";

const SECOND_TIME =
  /Trying to backward through the graph a second time \(or directly access saved tensors after they have already been freed\)\. Saved intermediate values of the graph are freed when you call \.backward\(\) or autograd\.grad\(\)\. Specify retain_?[gG]raph/;

describe("retainGraph and the freed graph", () => {
  it("40 a second walk through freed nodes raises", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.mul(x).sum();
    y.backward();
    expect(() => y.backward()).toThrow(SECOND_TIME);
    expectTensor(x.grad, [2, 4]);
  });

  it("40 so does a walk from elsewhere that meets them", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.mul(x);
    y.sum().backward();
    expect(() => y.mul(2).sum().backward()).toThrow(SECOND_TIME);
    expect(() => autograd.grad(y.sum(), [x])).toThrow(SECOND_TIME);
  });

  it("41 nodes that saved nothing can be walked again", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const g = tensor([3, 4]);
    const y = x.add(1);
    y.backward(g);
    y.backward(g);
    expectTensor(x.grad, [6, 8]);
  });

  it.each([
    ["neg", -2],
    ["clone", 2],
    ["sum", 2],
  ] as const)("41 so with %s", (name, expected) => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x[name]();
    const g = ones(y.shape);
    y.backward(g);
    y.backward(g);
    expectTensor(x.grad, [expected, expected]);
  });

  it("41 so with sub, view, expand and transpose in a row", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x
      .sub(tensor([5, 5]))
      .view(2, 1)
      .expand(2, 3)
      .t();
    const g = ones([3, 2]);
    y.backward(g);
    y.backward(g);
    expectTensor(x.grad, [6, 6]);
  });

  it("42 with retainGraph any number of walks works, and the last may free", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.exp().mul(x).sum();
    y.backward({ retainGraph: true });
    const once = x.grad!.clone();
    y.backward({ retainGraph: true });
    y.backward();
    expectTensor(x.grad, once.mul(3).tolist());
    expect(() => y.backward()).toThrow(SECOND_TIME);
  });

  it("43 freeing is by node: another path through a freed one raises", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const h = x.exp();
    h.mul(2).sum().backward();
    expect(() => h.mul(h).sum().backward()).toThrow(SECOND_TIME);
  });

  it("44 autograd.grad frees only what it executed", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const u = tensor([3, 4], { requiresGrad: true });
    const h = x.exp();
    const z = h.mul(u.mul(u)).sum();
    const [gu] = autograd.grad(z, [u]);
    expectTensor(gu, [6 * Math.E, 8 * Math.E ** 2]);
    h.sum().backward();
    expectTensor(x.grad, [Math.E, Math.E ** 2]);
    expect(() => z.backward()).toThrow(SECOND_TIME);
  });

  it("45 retainGraph defaults to createGraph", () => {
    const x = tensor([2], { requiresGrad: true });
    const y = x.mul(x).mul(x);
    y.backward({ createGraph: true });
    y.backward({ createGraph: true });
    expectTensor(x.grad, [24]);
    y.backward({ createGraph: true, retainGraph: false });
    expectTensor(x.grad, [36]);
    expect(() => y.backward()).toThrow(SECOND_TIME);
    x.grad = null;
  });

  it("46 freeing does not touch the values of tensors that are held", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const h = x.exp();
    const w = tensor([3, 4]);
    const y = h.mul(w);
    y.sum().backward();
    expectTensor(h, [Math.E, Math.E ** 2]);
    expectTensor(y, [3 * Math.E, 4 * Math.E ** 2]);
    expectTensor(w, [3, 4]);
    expectTensor(x, [1, 2]);
    expect(h.requiresGrad).toBe(true);
    expect(h.gradFn!.name()).toBe("ExpBackward0");
  });
});
