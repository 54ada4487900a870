/** Graphs whose tensors are set aside and come back, some of them by themselves before the rest. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { autograd, memory, noGrad, scope, type Tensor, tensor } from "../../bindings/index.ts";
import { EXACT, expectTensor } from "../support/expect.ts";
import { STRESS } from "../support/stress.ts";

describe("graphs across turnovers", () => {
  beforeEach(() => memory.setStress(true));
  afterEach(() => memory.setStress(STRESS));

  it("a view follows the storage of a leaf that has come back several times", () => {
    const b = tensor([1, 2, 3]).clone().requiresGrad_();
    const view = b.unsqueeze(0);
    const sum = b.sum(0);
    const wide = b.expand(2, 3);
    const difference = wide.sub(sum);
    for (const t of [b, view, sum, wide, difference]) {
      expect(t.isLeaf).toBe(t === b);
      expect(t.version).toBe(0);
    }
    expectTensor(view, [[1, 2, 3]], EXACT);
    view.mul(2).sum().backward();
    expectTensor(b.grad, [2, 2, 2]);
  });

  it("hooks, retained gradients and saved tensors come along", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.mul(3);
    const seen: unknown[] = [];
    y.registerHook((g) => {
      seen.push(g.tolist());
      return g.mul(2);
    });
    y.retainGrad();
    const z = y.mul(y);
    y.gradFn?.registerHook((gradInputs) => {
      seen.push(gradInputs.map((g) => g?.tolist()));
    });
    memory.collect();
    z.sum().backward();
    expect(seen).toEqual([[6, 12], [[36, 72]]]);
    expectTensor(y.grad, [12, 24]);
    expectTensor(x.grad, [36, 72]);
  });

  it("in-place operations and views keep their history", () => {
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    const y = x.clone();
    const row = y.select(0, 0);
    memory.collect();
    row.mul_(10);
    memory.collect();
    const column = y.t().select(0, 1);
    y.sin_();
    memory.collect();
    column.mul(2).sum().backward();
    expectTensor(x.grad, [
      [0, 20 * Math.cos(20)],
      [0, 2 * Math.cos(4)],
    ]);
    noGrad(() => expectTensor(row, [Math.sin(10), Math.sin(20)]));
  });

  it("custom functions find what they saved", () => {
    class Scaled extends autograd.Function {
      static forward(ctx: autograd.FunctionCtx, x: Tensor, factor: Tensor): Tensor[] {
        const y = x.exp();
        ctx.saveForBackward(y, factor);
        return [y.mul(factor), y];
      }
      static backward(ctx: autograd.FunctionCtx, a: Tensor, b: Tensor): (Tensor | null)[] {
        const [y, factor] = ctx.savedTensors as Tensor[];
        return [a.mul(factor).add(b).mul(y), a.mul(y).sum()];
      }
    }
    const x = tensor([0, 1], { requiresGrad: true });
    const factor = tensor(3, { requiresGrad: true });
    const [a, b] = Scaled.apply(x, factor);
    memory.collect();
    a.add(b.mul(2)).sum().backward();
    expectTensor(x.grad, [5, 5 * Math.E]);
    expectTensor(factor.grad, 1 + Math.E);
  });

  it("second derivatives go through all of it", () => {
    const x = tensor([0.5, 2], { requiresGrad: true });
    const y = x.mul(x).sin_();
    const [g] = autograd.grad(y.sum(), [x], { createGraph: true });
    memory.collect();
    const [h] = autograd.grad(g.sum(), [x]);
    expectTensor(
      h,
      [0.5, 2].map((v) => 2 * Math.cos(v * v) - 4 * v * v * Math.sin(v * v)),
    );
  });
});

describe("graphs that leave a scope", () => {
  class Cube extends autograd.Function {
    static forward(ctx: autograd.FunctionCtx, x: Tensor): Tensor {
      ctx.saveForBackward(x);
      return x.pow(3);
    }
    static backward(ctx: autograd.FunctionCtx, g: Tensor): Tensor {
      return g.mul((ctx.savedTensors[0] as Tensor).pow(2)).mul(3);
    }
  }

  it("custom functions go on using what they saved inside", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const loss = scope(() => Cube.apply(x.mul(2)).sum());
    loss.backward();
    expectTensor(x.grad, [24, 96]);
  });

  it("also from a scope within a scope, and after turnovers", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const loss = scope(() => {
      const y = scope(() => Cube.apply(x.mul(2)));
      memory.collect();
      return y.sum();
    });
    memory.collect();
    expect(loss.gradFn?.name()).toBe("SumBackward0");
    const [g] = autograd.grad(loss, [x], { createGraph: true });
    memory.collect();
    g.sum().backward();
    expectTensor(x.grad, [48, 96]);
  });

  it("what users kept from inside stays refused", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    let inside: Tensor | null = null;
    const loss = scope(() => {
      inside = x.mul(2);
      return inside.sum();
    });
    expect(() => (inside as unknown as Tensor).add(1)).toThrow(/end of the scope/);
    loss.backward();
    expectTensor(x.grad, [2, 2]);
  });
});
