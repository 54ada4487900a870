/** Checkpointing beyond the gradients: memory, nesting, what is closed over, what cannot be forgotten. */
import { describe, expect, it } from "vitest";
import { autograd, memory, noGrad, ones, scope, type Tensor, tensor, utils } from "../../bindings/index.ts";
import { EXACT, expectTensor } from "../support/expect.ts";
import { unstressed } from "../support/stress.ts";

const { checkpoint, checkpointSequential } = utils;
const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });

/** A chain of segments, each of which makes several large intermediates. */
function chain(x: Tensor, segments: number, run: (segment: (h: Tensor) => Tensor, h: Tensor) => Tensor): Tensor {
  let h = x;
  for (let i = 0; i < segments; i++) h = run((t) => t.sin().cos().tanh().exp().mul(0.5), h);
  return h.sum();
}

describe("checkpoint", () => {
  it("holds less memory than the plain graph, forward and backward", () => {
    const x = ones([256, 256], { requiresGrad: true });
    const bytesOf = (run: (segment: (h: Tensor) => Tensor, h: Tensor) => Tensor): number => {
      memory.collect();
      const before = memory.stats().nurseryBytes;
      const loss = chain(x, 12, run);
      const held = memory.stats().nurseryBytes - before;
      loss.backward();
      return held;
    };
    unstressed(() => {
      const plain = bytesOf((segment, h) => segment(h));
      expect(bytesOf((segment, h) => checkpoint(segment, h))).toBeLessThan(plain / 3);
    });
  });

  it("gives the same gradients as the plain graph", () => {
    const gradient = (run: (segment: (h: Tensor) => Tensor, h: Tensor) => Tensor): Tensor => {
      const x = tensor([0.1, -0.4, 2], { requiresGrad: true });
      return autograd.grad(chain(x, 12, run), [x])[0];
    };
    const plain = gradient((segment, h) => segment(h));
    expectTensor(
      gradient((segment, h) => checkpoint(segment, h)),
      plain.tolist(),
      EXACT,
    );
  });

  it("gives the memory of the second run back as it goes", () => {
    const x = ones([256, 256], { requiresGrad: true });
    const step = (): void => {
      chain(x, 20, (segment, h) => checkpoint(segment, h)).backward();
      x.grad = null;
    };
    unstressed(() => {
      step();
      const before = memory.stats().wasmBytes;
      for (let i = 0; i < 3; i++) step();
      expect(memory.stats().wasmBytes - before).toBeLessThan(4 << 20);
    });
  });

  it.each([
    ["plain", {}],
    ["createGraph", { createGraph: true }],
  ])("reaches arguments, leaves and intermediates that are closed over: %s", (_, options) => {
    const x = leaf(0.5, 1);
    const w = leaf(2, 3);
    const inner = w.mul(w);
    const y = checkpoint((h) => h.mul(inner).sin().mul(w), x.mul(2)) as Tensor;
    y.sum().backward(options);
    const at = [
      [0.5, 2],
      [1, 3],
    ];
    expectTensor(
      x.grad,
      at.map(([a, b]) => Math.cos(2 * a * b * b) * 2 * b * b * b),
      { rtol: 1e-4 },
    );
    expectTensor(
      w.grad,
      at.map(([a, b]) => Math.sin(2 * a * b * b) + Math.cos(2 * a * b * b) * 4 * a * b * b),
      { rtol: 1e-4 },
    );
  });

  it("stops at the tensors it began from, so that their hooks run once", () => {
    const x = leaf(1);
    const first = x.mul(2);
    const second = first.mul(3);
    const seen: number[] = [];
    first.registerHook((g) => void seen.push(g.item()));
    second.registerHook((g) => void seen.push(g.item()));
    const y = checkpoint((a, b) => a.mul(b).exp().log(), first, second) as Tensor;
    y.backward();
    expect(seen).toEqual([2, 12]);
    expectTensor(x.grad, [24]);
  });

  it("is differentiated twice", () => {
    const x = leaf(0.3);
    const y = checkpoint((h) => h.sin().exp(), x) as Tensor;
    const [g] = autograd.grad(y, [x], { createGraph: true });
    const [h] = autograd.grad(g, [x]);
    const [s, c] = [Math.sin(0.3), Math.cos(0.3)];
    expectTensor(h, [(c * c - s) * Math.exp(s)]);
  });

  it("leaves views and inputs among its results usable", () => {
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    const [t, same, row] = checkpoint((h) => [h.exp().t(), h, h.mul(2).select(0, 1)], x) as Tensor[];
    expect(same).toBe(x);
    expectTensor(row, [6, 8]);
    t.log().sum().add(row.sum()).backward();
    expectTensor(x.grad, [
      [1, 1],
      [3, 3],
    ]);
  });

  it("keeps the plain graph where the function writes to tensors from outside", () => {
    const x = leaf(1, 2);
    const outer = x.mul(1);
    const y = checkpoint((h) => {
      outer.mul_(3);
      return h.mul(outer);
    }, x) as Tensor;
    y.sum().backward();
    expectTensor(x.grad, [6, 12]);
  });

  it("counts writes to constants from outside once in each run", () => {
    const running = tensor([0]);
    const x = leaf(2);
    const y = checkpoint((h) => {
      noGrad(() => running.add_(1));
      return h.mul(h);
    }, x) as Tensor;
    y.backward();
    expectTensor(running, [2]);
    expectTensor(x.grad, [4]);
  });

  it("raises if what it used has changed meanwhile", () => {
    const x = leaf(1);
    const w = leaf(2);
    const y = checkpoint((h) => h.mul(w), x) as Tensor;
    noGrad(() => w.add_(1));
    expect(() => y.backward()).toThrow(/modified by an inplace operation.*CheckpointBackward/);
  });

  it("is freed like any other node", () => {
    const x = leaf(1);
    let runs = 0;
    const y = checkpoint((h) => {
      runs++;
      return h.exp();
    }, x) as Tensor;
    y.backward({ retainGraph: true });
    y.backward();
    expect(runs).toBe(3);
    expect(() => y.backward()).toThrow(/a second time/);
  });

  it("an error in either run leaves everything as it was", () => {
    const x = leaf(1);
    let runs = 0;
    const fn = (h: Tensor): Tensor => {
      if (++runs === 2) throw new RangeError("second run");
      return h.exp().sin();
    };
    const y = checkpoint(fn, x) as Tensor;
    expect(() => y.backward()).toThrow(new RangeError("second run"));
    expect(x.grad).toBeNull();
    expect(() =>
      checkpoint((_: Tensor) => {
        throw new RangeError("first run");
      }, x),
    ).toThrow(new RangeError("first run"));
    x.mul(2).backward();
    expectTensor(x.grad, [2]);
  });

  it("works in a scope and across turnovers", () => {
    const x = leaf(0.5, 1);
    const loss = scope(() => (checkpoint((h) => h.mul(2).sin(), x.mul(1)) as Tensor).sum());
    memory.collect();
    loss.backward();
    expectTensor(
      x.grad,
      [0.5, 1].map((v) => 2 * Math.cos(2 * v)),
    );
  });

  it("depends on any number of tensors", () => {
    const parts = Array.from({ length: 300 }, (_, i) => leaf(i));
    const y = checkpoint(() => parts.reduce((a, b) => a.add(b.mul(2)), tensor([0]))) as Tensor;
    y.backward();
    expectTensor(parts[0].grad, [2]);
    expectTensor(parts[299].grad, [2]);
  });

  it("records nothing in noGrad, or when nothing requires grad", () => {
    expect(noGrad(() => checkpoint((h: Tensor) => h.exp(), leaf(1))).requiresGrad).toBe(false);
    expect((checkpoint((h: Tensor) => h.exp(), tensor([1])) as Tensor).requiresGrad).toBe(false);
  });
});

describe("checkpointSequential", () => {
  it("equals the plain sequence, for every number of segments", () => {
    const steps = [(h: Tensor) => h.sin(), (h: Tensor) => h.exp(), (h: Tensor) => h.mul(2), (h: Tensor) => h.tanh()];
    const plain = leaf(0.3, 0.6);
    steps
      .reduce((h, fn) => fn(h), plain)
      .sum()
      .backward();
    for (const segments of [1, 2, 3, 4, 9]) {
      const x = leaf(0.3, 0.6);
      checkpointSequential(steps, segments, x).sum().backward();
      expectTensor(x.grad, plain.grad?.tolist() as number[]);
    }
    expect(() => checkpointSequential(steps, 0, plain)).toThrow(RangeError);
  });
});
