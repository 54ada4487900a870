import { describe, expect, it } from "vitest";
import { tensor } from "../../bindings/index.ts";
import { expectTensor } from "../support/expect.ts";

const MODIFIED = /one of the variables needed for gradient computation has been modified by an inplace operation/;

describe("detach and detach_", () => {
  it("78 detach() gives a leaf without grad that shares memory and version", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.mul(2);
    const d = y.detach();
    expect(d.requiresGrad).toBe(false);
    expect(d.isLeaf).toBe(true);
    expect(d.gradFn).toBeNull();
    expect(y.requiresGrad).toBe(true);
    d.add_(1);
    expectTensor(y, [3, 5]);
    expect(y.version).toBe(d.version);
  });

  it("78 gradients do not pass", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.mul(2);
    y.add(y.detach().mul(5)).sum().backward();
    expectTensor(x.grad, [2, 2]);
  });

  it("79 a graph that saved the tensor notices a change through the detached one", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.mul(2);
    const z = y.mul(y).sum();
    y.detach().zero_();
    expectTensor(y, [0, 0]);
    expect(() => z.backward()).toThrow(MODIFIED);
  });

  it("80 detach_() cuts the tensor out, graphs recorded before still reach its inputs", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.add(3);
    const before = y.add(1);
    expect(y.detach_()).toBe(y);
    expect(y.requiresGrad).toBe(false);
    expect(y.isLeaf).toBe(true);
    expect(y.gradFn).toBeNull();
    expect(y.mul(2).requiresGrad).toBe(false);
    before.sum().backward();
    expectTensor(x.grad, [1, 1]);
    y.requiresGrad_();
    y.mul(4).sum().backward();
    expectTensor(y.grad, [4, 4]);
    expectTensor(x.grad, [1, 1]);
  });

  it("80 on a leaf it clears requiresGrad", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    x.detach_();
    expect(x.requiresGrad).toBe(false);
    expect(x.mul(2).requiresGrad).toBe(false);
  });

  it("81 detach_() on a view raises", () => {
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    const view = x.mul(2).select(0, 0);
    expect(() => view.detach_()).toThrow(/Can't detach views in-place\. Use detach\(\) instead\./);
    expect(view.requiresGrad).toBe(true);
  });

  it("82 detaching a base leaves its views attached", () => {
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    const base = x.mul(2);
    const view = base.select(0, 0);
    base.detach_();
    expect(base.requiresGrad).toBe(false);
    expect(view.requiresGrad).toBe(true);
    expect(view.gradFn).not.toBeNull();
    view.sum().backward();
    expectTensor(x.grad, [
      [2, 2],
      [0, 0],
    ]);
  });

  it("83 an input that was saved and then detached in place raises in backward", () => {
    const a = tensor([1, 2], { requiresGrad: true }).mul(1);
    const b = a.mul(a);
    a.detach_();
    expect(() => b.sum().backward()).toThrow(/Trying to use a saved tensor that has been detached/);
  });

  it("83 a result that was saved may be detached in place", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.exp();
    const z = y.add(1).sum();
    y.detach_();
    z.backward();
    expectTensor(x.grad, [Math.E, Math.E ** 2]);
  });

  it("84 detach().clone() is independent", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const c = x.detach().clone();
    c.add_(5);
    expectTensor(x, [1, 2]);
    expect(c.requiresGrad).toBe(false);
    expect(x.version).toBe(0);
  });

  it("84 clone() keeps the graph and is not a leaf", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const c = x.clone();
    expect(c.isLeaf).toBe(false);
    expect(c.gradFn!.name()).toBe("CloneBackward0");
    c.mul(c).sum().backward();
    expectTensor(x.grad, [2, 4]);
    expect(tensor([1]).clone().isLeaf).toBe(true);
  });
});
