import { describe, expect, it } from "vitest";
import { autograd, maximum, type Tensor, tensor } from "../../bindings/index.ts";
import { EXACT, expectTensor } from "../support/expect.ts";

/** First and second derivative of a scalar function, both by the tape. */
function twice(fn: (x: Tensor) => Tensor, at: number): [number, number] {
  const x = tensor(at, { requiresGrad: true });
  const [first] = autograd.grad(fn(x), [x], { createGraph: true });
  const [second] = autograd.grad(first, [x]);
  return [first.item(), second.item()];
}

describe("a branch that does not reach the loss", () => {
  it("contributes nothing, and leaves its own leaf untouched", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = tensor([3, 4], { requiresGrad: true });
    const h = x.exp();
    const dead = h.mul(y).log().sin();
    h.sum().backward();
    expectTensor(x.grad, [Math.E, Math.E ** 2]);
    expect(y.grad).toBeNull();
    expect(dead.requiresGrad).toBe(true);
  });

  it("recorded after the loss, does not disturb the walk", () => {
    const x = tensor([2], { requiresGrad: true });
    const loss = x.mul(x);
    const later = loss.mul(100).add(x);
    loss.backward();
    expectTensor(x.grad, [4]);
    expectTensor(later, [402]);
  });

  it("made of the same intermediate many times over, leaves the count right", () => {
    const x = tensor([3], { requiresGrad: true });
    const h = x.mul(2);
    for (let i = 0; i < 50; i++) h.mul(h).add(i);
    h.mul(5).backward();
    expectTensor(x.grad, [10], EXACT);
  });
});

describe("diamonds", () => {
  it("1000 in a row cost 1000 steps, and come out exact", () => {
    const x = tensor([1], { requiresGrad: true });
    let y = x;
    for (let i = 0; i < 1000; i++) y = y.mul(0.5).add(y.mul(0.5));
    y.backward();
    expectTensor(y, [1], EXACT);
    expectTensor(x.grad, [1], EXACT);
  });

  it("with arms of different lengths wait for the longer one", () => {
    const x = tensor([1], { requiresGrad: true });
    const top = x.mul(3);
    let long = top;
    for (let i = 0; i < 1000; i++) long = long.add(1);
    const seen: number[] = [];
    top.registerHook((g) => {
      seen.push(g.item());
    });
    top.mul(2).add(long).backward();
    expect(seen).toEqual([3]);
    expectTensor(x.grad, [9], EXACT);
  });
});

describe("second derivatives", () => {
  it.each([-2, -0.5, 0, 0.7, 3])("tanh at %s", (at) => {
    const t = Math.tanh(at);
    const [first, second] = twice((x) => x.tanh(), at);
    expect(first).toBeCloseTo(1 - t * t, 5);
    expect(second).toBeCloseTo(-2 * t * (1 - t * t), 5);
  });

  it.each([-2, -0.5, 0, 0.7, 3])("sigmoid at %s", (at) => {
    const s = 1 / (1 + Math.exp(-at));
    const [first, second] = twice((x) => x.sigmoid(), at);
    expect(first).toBeCloseTo(s * (1 - s), 5);
    expect(second).toBeCloseTo(s * (1 - s) * (1 - 2 * s), 5);
  });

  it.each([-2, -0.5, 0, 0.7, 3])("exp at %s", (at) => {
    const [first, second] = twice((x) => x.exp(), at);
    expect(first / Math.exp(at)).toBeCloseTo(1, 5);
    expect(second / Math.exp(at)).toBeCloseTo(1, 5);
  });

  it("of a composition, by the chain rule", () => {
    const at = 0.3;
    const t = Math.tanh(Math.exp(at));
    const d = 1 - t * t;
    const e = Math.exp(at);
    const [first, second] = twice((x) => x.exp().tanh(), at);
    expect(first).toBeCloseTo(d * e, 5);
    expect(second).toBeCloseTo(d * e - 2 * t * d * e * e, 5);
  });

  it("the Hessian of a softmax cross-entropy is symmetric", () => {
    const x = tensor([0.2, -0.4, 1], { requiresGrad: true });
    const loss = x.logSoftmax(0).index(1).neg();
    const [g] = autograd.grad(loss, [x], { createGraph: true });
    const rows = [0, 1, 2].map((i) => autograd.grad(g.index(i), [x], { retainGraph: true })[0].tolist() as number[]);
    const p = x.softmax(0).tolist() as number[];
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) expect(rows[i][j]).toBeCloseTo((i === j ? p[i] : 0) - p[i] * p[j], 5);
    }
  });
});

describe("ties", () => {
  const gradient = (fn: (x: Tensor) => Tensor, at: number[][]): Tensor => {
    const x = tensor(at, { requiresGrad: true });
    fn(x).sum().backward();
    return x.grad!;
  };
  const tied = [
    [4, 4, 1],
    [4, 0, 4],
  ];

  it("max() over everything shares among all equals", () => {
    expectTensor(
      gradient((x) => x.max(), tied),
      [
        [0.25, 0.25, 0],
        [0.25, 0, 0.25],
      ],
      EXACT,
    );
  });

  it("max(dim) gives all to the first", () => {
    expectTensor(
      gradient((x) => x.max(1).values, tied),
      [
        [1, 0, 0],
        [1, 0, 0],
      ],
      EXACT,
    );
    expectTensor(
      gradient((x) => x.max(0).values, tied),
      [
        [1, 1, 0],
        [0, 0, 1],
      ],
      EXACT,
    );
  });

  it("amax(dim) shares within the row", () => {
    expectTensor(
      gradient((x) => x.amax(1), tied),
      [
        [0.5, 0.5, 0],
        [0.5, 0, 0.5],
      ],
      EXACT,
    );
    expectTensor(
      gradient((x) => x.amax([0, 1]), tied),
      [
        [0.25, 0.25, 0],
        [0.25, 0, 0.25],
      ],
      EXACT,
    );
  });

  it("maximum gives half to each side", () => {
    const a = tensor([2, 3], { requiresGrad: true });
    const b = tensor([2, 1], { requiresGrad: true });
    maximum(a, b).sum().backward();
    expectTensor(a.grad, [0.5, 1], EXACT);
    expectTensor(b.grad, [0.5, 0], EXACT);
  });
});

describe("backward() of several elements", () => {
  it("is refused without a gradient, and leaves no trace", () => {
    const x = tensor([1, 2, 3], { requiresGrad: true });
    const y = x.mul(x);
    expect(() => y.backward()).toThrow(/grad can be implicitly created only for scalar outputs/);
    expect(x.grad).toBeNull();
    y.backward(tensor([1, 1, 1]));
    expectTensor(x.grad, [2, 4, 6]);
  });

  it("is refused for no elements, too", () => {
    const x = tensor([], { requiresGrad: true });
    expect(() => x.mul(2).backward()).toThrow(/grad can be implicitly created only for scalar outputs/);
  });
});

describe("other well-known mistakes of tapes", () => {
  it("x - x, x / x and x * x count both uses", () => {
    const x = tensor([3], { requiresGrad: true });
    x.sub(x).add(x.div(x)).add(x.mul(x)).backward();
    expectTensor(x.grad, [6]);
  });

  it("the saved value of an in-place chain is the value of its time", () => {
    const x = tensor([2], { requiresGrad: true });
    const y = x.mul(1);
    const square = y.mul(x);
    const doubled = y.clone().mul_(2);
    square.add(doubled).backward();
    expectTensor(x.grad, [6]);
  });

  it("broadcasting a row over a batch sums its gradient over the batch", () => {
    const bias = tensor([0, 0], { requiresGrad: true });
    const batch = tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    batch.add(bias).mul(batch).sum().backward();
    expectTensor(bias.grad, [9, 12], EXACT);
  });

  it("mean divides by the number of elements reduced, not of the result", () => {
    const x = tensor(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      { requiresGrad: true },
    );
    x.mean(1).sum().backward();
    expectTensor(x.grad, [
      [1 / 3, 1 / 3, 1 / 3],
      [1 / 3, 1 / 3, 1 / 3],
    ]);
  });

  it("a leaf on both sides of a matmul gets both gradients", () => {
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    x.matmul(x).sum().backward();
    expectTensor(
      x.grad,
      [
        [7, 11],
        [9, 13],
      ],
      EXACT,
    );
  });
});
