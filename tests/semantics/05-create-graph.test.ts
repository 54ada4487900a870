import { describe, expect, it } from "vitest";
import type { Tensor } from "../../bindings/index.ts";
import { autograd, isGradEnabled, matmul, tensor, where } from "../../bindings/index.ts";
import { expectTensor } from "../support/expect.ts";
import { warningsOf } from "../support/warnings.ts";

/** The first `order` derivatives of a scalar function at `at`, each taken of the one before. */
function derivatives(fn: (x: Tensor) => Tensor, at: number, order: number): number[] {
  const x = tensor(at, { requiresGrad: true });
  let y = fn(x);
  const found: number[] = [];
  for (let i = 0; i < order; i++) {
    [y] = autograd.grad(y, [x], { createGraph: true });
    found.push(y.item());
  }
  return found;
}

function expectNumbers(actual: number[], expected: number[], digits = 4): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(actual[i]).toBeCloseTo(expected[i], digits);
}

describe("createGraph and higher derivatives", () => {
  it("47 with createGraph .grad carries a graph that can be differentiated", () => {
    const x = tensor([1, 2, 3], { requiresGrad: true });
    x.mul(x).mul(x).sum().backward({ createGraph: true });
    const g = x.grad!;
    expect(g.requiresGrad).toBe(true);
    expect(g.gradFn).not.toBeNull();
    x.grad = null;
    g.sum().backward();
    expectTensor(x.grad, [6, 12, 18]);
  });

  it("47 a Hessian-vector product by backward over backward", () => {
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    const y = tensor(
      [
        [5, 6],
        [7, 8],
      ],
      { requiresGrad: true },
    );
    const z = x.mul(x).add(y.mul(x)).add(y.mul(y)).sum();
    z.backward({ createGraph: true });
    expectTensor(x.grad, [
      [7, 10],
      [13, 16],
    ]);
    expectTensor(y.grad, [
      [11, 14],
      [17, 20],
    ]);
    const sum = x.grad!.add(y.grad!.mul(2)).sum();
    sum.backward();
    expectTensor(x.grad, [
      [7 + 4, 14],
      [17, 20],
    ]);
    expectTensor(y.grad, [
      [11 + 5, 19],
      [22, 25],
    ]);
  });

  it("47 to any order", () => {
    expectNumbers(
      derivatives((x) => x.pow(5), 2, 6),
      [80, 160, 240, 240, 120, 0],
    );
    expectNumbers(
      derivatives((x) => x.sin(), 0.5, 4),
      [0.8775826, -0.4794255, -0.8775826, 0.4794255],
    );
    expectNumbers(
      derivatives((x) => x.exp(), 0.5, 4),
      [1.6487213, 1.6487213, 1.6487213, 1.6487213],
    );
    expectNumbers(
      derivatives((x) => x.log(), 2, 4),
      [0.5, -0.25, 0.25, -0.375],
    );
    expectNumbers(
      derivatives((x) => x.tanh(), 0.5, 3),
      [0.7864477, -0.726862, -0.5652416],
    );
    expectNumbers(
      derivatives((x) => x.sigmoid(), 0.5, 3),
      [0.2350037, -0.0575568, -0.0963557],
    );
    expectNumbers(
      derivatives((x) => x.sqrt(), 4, 3),
      [0.25, -0.03125, 0.01171875],
    );
  });

  it("48 the gradient of a linear function does not require grad, also with createGraph", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const [g] = autograd.grad(x.mul(3).sum(), [x], { createGraph: true });
    expect(g.requiresGrad).toBe(false);
    expectTensor(g, [3, 3]);
    x.add(1).sum().backward({ createGraph: true });
    expect(x.grad!.requiresGrad).toBe(false);
  });

  it("49 without createGraph gradients have no graph", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const [g] = autograd.grad(x.mul(x).sum(), [x]);
    expect(g.requiresGrad).toBe(false);
    expect(g.gradFn).toBeNull();
    x.mul(x).sum().backward();
    expect(x.grad!.requiresGrad).toBe(false);
    expect(x.grad!.gradFn).toBeNull();
  });

  it("50 backward runs with grad mode off, and on with createGraph; hooks see it", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const modes: boolean[] = [];
    const y = x.mul(x);
    y.registerHook(() => {
      modes.push(isGradEnabled());
    });
    y.sum().backward({ retainGraph: true });
    expect(isGradEnabled()).toBe(true);
    y.sum().backward({ createGraph: true });
    expect(modes).toEqual([false, true]);
    expect(isGradEnabled()).toBe(true);
    x.grad = null;
  });

  it("51 products, quotients and powers are differentiable twice", () => {
    const a = tensor([2, 3], { requiresGrad: true });
    const b = tensor([4, 5], { requiresGrad: true });
    const [ga, gb] = autograd.grad(a.div(b).sum(), [a, b], { createGraph: true });
    expectTensor(ga, [0.25, 0.2]);
    expectTensor(gb, [-0.125, -0.12]);
    const second = autograd.grad(ga.add(gb).sum(), [a, b]);
    expectTensor(second[0], [-0.0625, -0.04]);
    expectTensor(second[1], [-0.0625 + 0.0625, -0.04 + 0.048]);
  });

  it("51 so is matmul", () => {
    const a = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    const b = tensor(
      [
        [5, 6],
        [7, 8],
      ],
      { requiresGrad: true },
    );
    const y = matmul(a, b);
    const [ga] = autograd.grad(y.mul(y).sum(), [a], { createGraph: true });
    const [again] = autograd.grad(ga.sum(), [b]);
    expectTensor(ga, [
      [454, 618],
      [1030, 1402],
    ]);
    expectTensor(again, [
      [220, 256],
      [268, 312],
    ]);
  });

  it("51 so are max, where, clamp, softmax and logSoftmax", () => {
    const x = tensor([0.5, -1, 2], { requiresGrad: true });
    const twice = (y: Tensor): Tensor => {
      const [g] = autograd.grad(y.mul(y).sum(), [x], { createGraph: true });
      return autograd.grad(g.mul(tensor([1, 2, 3])).sum(), [x])[0];
    };
    expectTensor(twice(x.max()), [0, 0, 6]);
    expectTensor(twice(where(x.gt(0), x, x.mul(2))), [2, 16, 6]);
    expectTensor(twice(x.clamp(0, 1)), [2, 0, 0]);
    expectTensor(twice(x.softmax(0)), [0.0354223, -0.0024703, -0.032952], { atol: 1e-5 });
    expectTensor(twice(x.logSoftmax(0)), [-5.5278611, -1.3267866, 6.8546491], { rtol: 1e-4 });
  });

  it("52 createGraph needs no warning about cycles", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    expect(warningsOf(() => x.mul(x).sum().backward({ createGraph: true }))).toEqual([]);
    x.grad = null;
  });

  it("53 repeated grad with createGraph gives the same values each time", () => {
    const x = tensor([1, 2, 3], { requiresGrad: true });
    const y = x.mul(x).mul(x).sum();
    const [first] = autograd.grad(y, [x], { createGraph: true });
    const [second] = autograd.grad(y, [x], { createGraph: true });
    expectTensor(first, [3, 12, 27]);
    expectTensor(second, [3, 12, 27]);
    expectTensor(autograd.grad(first.sum(), [x], { retainGraph: true })[0], [6, 12, 18]);
    expectTensor(autograd.grad(first.sum(), [x], { retainGraph: true })[0], [6, 12, 18]);
    expectTensor(autograd.grad(second.sum(), [x])[0], [6, 12, 18]);
  });
});
