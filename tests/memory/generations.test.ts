/** Tensors keep their values, their identity and their graphs while generations come and go. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { autograd, memory, nn, noGrad, ones, type Tensor, tensor, zeros } from "../../bindings/index.ts";
import { expectTensor } from "../support/expect.ts";
import { isCollected, several } from "../support/garbage.ts";

/** Fills the nursery until it has been turned over `times` times. */
function churn(times = 1): void {
  for (let i = 0; i < times; i++) memory.collect();
}

describe("values", () => {
  it("survive any number of turnovers", () => {
    const x = tensor([1, 2, 3]);
    const flags = tensor([true, false]);
    const counts = tensor([4, 5], { dtype: "int32" });
    for (let i = 0; i < 6; i++) {
      churn();
      expectTensor(x.add(0), [1, 2, 3]);
      expect(flags.tolist()).toEqual([true, false]);
      expect(counts.add(1).tolist()).toEqual([5, 6]);
    }
  });

  it("are read without bringing the graph behind them back", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const losses: Tensor[] = [];
    for (let i = 0; i < 50; i++) {
      losses.push(x.mul(ones(100_000).mul(i).index("0:2")).sum());
      churn();
    }
    const before = memory.stats().usedBytes;
    expect(losses.map((l) => l.item())).toEqual(losses.map((_, i) => 3 * i));
    expect(String(losses[7])).toBe("tensor(21., grad_fn=<SumBackward0>)");
    expect(memory.stats().usedBytes - before).toBeLessThan(4 << 20);
  });

  it("of 64 KiB and more move with their chunk", () => {
    const big = ones(100_000);
    const part = big.narrow(0, 99_990, 10);
    churn(2);
    big.mul_(2);
    churn();
    expectTensor(part, Array(10).fill(2));
  });

  it("move to the heap when they live long, and leave it by dispose", () => {
    const x = ones(50_000);
    for (let i = 0; i < 10; i++) {
      churn();
      x.sum();
    }
    const held = memory.stats().heapBytes;
    churn();
    x.sum();
    expect(memory.stats().heapBytes).toBe(held);
    x.dispose();
    expect(memory.stats().heapBytes).toBeLessThan(held - 150_000);
  });
});

describe("what has lived long", () => {
  it("takes part in a graph when it is written to in place", () => {
    const total = tensor([0]);
    for (let i = 0; i < 12; i++) {
      churn();
      total.sum();
    }
    const weight = tensor([2], { requiresGrad: true });
    total.add_(weight.mul(3));
    churn();
    expect(total.gradFn?.name()).toBe("AddBackward0");
    total.sum().backward();
    expectTensor(weight.grad, [3]);
  });

  it("does so when views of it have come back more often than itself", () => {
    const added = tensor([0.5, 0.25, 0.125], { requiresGrad: true });
    const base = tensor([1, 0, 1]);
    const views = [base.view([3])];
    for (let i = 0; i < 4; i++) views.push(views[i].view([3]));
    for (let i = 0; i < 12; i++) {
      churn();
      for (const view of views) view.sum();
    }
    base.add_(added);
    churn();
    base.sum().backward();
    expectTensor(added.grad, [1, 1, 1]);
  });
});

describe("a kept tensor", () => {
  it.each([
    ["a tensor used in every one", false],
    ["a state that each hands to the next", true],
  ])("does not keep later generations by way of %s", async (_, handsOver) => {
    const x = tensor([1, 2, 3]);
    const view = x.narrow(0, 1, 2);
    const kept = x.mul(2);
    let state = tensor([0]);
    // A hook is held by the generation of its leaf.
    const born: WeakRef<object>[] = [];
    const step = (): void => {
      churn();
      const leaf = tensor([1], { requiresGrad: true });
      const hook = (g: Tensor): Tensor => g;
      leaf.registerHook(hook);
      born.push(new WeakRef(hook));
      x.add_(1);
      if (handsOver) state = state.add(1);
    };
    const steps = several(step).length;
    // The last ones are still in use.
    expect(await isCollected(born.slice(0, -2))).toBe(true);
    expectTensor(view, [2 + steps, 3 + steps]);
    expectTensor(kept, [2, 4, 6]);
    expectTensor(state, [handsOver ? steps : 0]);
  });

  it("shows what was written to its memory by way of a later generation", () => {
    const base = zeros(4);
    const early = base.narrow(0, 1, 2);
    for (let i = 0; i < 3; i++) {
      churn();
      base.add_(1);
    }
    churn();
    // Made in another generation than `early`, which has not come back yet.
    const late = base.narrow(0, 2, 2);
    churn();
    late.mul_(2);
    churn();
    expectTensor(early, [3, 6]);
    early.add_(1);
    churn();
    expectTensor(late, [7, 6]);
    expectTensor(base, [3, 4, 7, 6]);
  });

  it("shares a leaf, its gradient and its hooks with a graph that comes back later", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    const seen: number[][] = [];
    w.registerHook((g) => {
      seen.push(g.tolist() as number[]);
      return g;
    });
    const early = w.detach();
    w.mul(3).sum().backward();
    churn();
    noGrad(() => w.add_(1));
    const loss = w.pow(2).sum();
    churn();
    expectTensor(early.mul(1), [2, 3]);
    (w.grad as Tensor).mul_(2);
    churn();
    loss.backward({ retainGraph: true });
    expect(seen).toEqual([
      [3, 3],
      [4, 6],
    ]);
    expectTensor(w.grad as Tensor, [10, 12]);
    expectTensor(early, [2, 3]);
  });
});

describe("shared memory", () => {
  it("stays shared between a base, its views and detached aliases", () => {
    const base = zeros(2, 3);
    const row = base.select(0, 1);
    const alias = base.detach();
    for (let i = 1; i <= 5; i++) {
      churn();
      (i % 2 ? row : alias.select(0, 1)).add_(1);
      churn();
      expectTensor(base, [
        [0, 0, 0],
        [i, i, i],
      ]);
      expect(base.version).toBe(i);
    }
  });

  it("lets a view outlive its base", () => {
    const view = tensor([1, 2, 3, 4]).view(2, 2).t();
    churn(4);
    expectTensor(view.add(0), [
      [1, 3],
      [2, 4],
    ]);
  });
});

describe("graphs", () => {
  it("come back whole when a tensor of theirs is used", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    let y = x.mul(3);
    churn();
    y = y.exp();
    churn(3);
    const z = y.log().sum();
    churn();
    z.backward();
    expectTensor(x.grad, [3, 3]);
  });

  it("of several generations are walked in order", () => {
    const w = tensor([2], { requiresGrad: true });
    const parts: Tensor[] = [];
    for (let i = 1; i <= 5; i++) {
      parts.push(w.mul(i).pow(2));
      churn();
    }
    let total = parts[4];
    for (const i of [1, 3, 0, 2]) {
      total = total.add(parts[i]);
      churn();
    }
    total.sum().backward();
    // d/dw Σ (i w)² = 2 w Σ i² = 4 · 55
    expectTensor(w.grad, [220]);
  });

  it("find a leaf that was used, and written to, in the meantime", () => {
    const w = tensor([1, 1], { requiresGrad: true });
    const kept = w.mul(tensor([2, 3])).sum();
    churn();
    w.add(1).sum().backward();
    expectTensor(w.grad, [1, 1]);
    churn(2);
    w.exp();
    churn();
    kept.backward();
    expectTensor(w.grad, [3, 4]);
    const stale = w.mul(w).sum();
    churn();
    noGrad(() => w.add_(1));
    churn();
    expect(() => stale.backward()).toThrow(/modified by an inplace operation/);
  });

  it("keep gradients, hooks and retained gradients of nursery leaves", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const seen: number[] = [];
    x.registerHook((g) => {
      seen.push(g.sum().item());
    });
    const y = x.mul(2);
    y.retainGrad();
    churn();
    const loss = y.sum();
    churn();
    loss.backward();
    churn();
    expectTensor(y.grad, [1, 1]);
    const grad = x.grad;
    churn();
    x.mul(5).sum().backward();
    expect(x.grad).toBe(grad);
    expectTensor(x.grad, [7, 7]);
    expect(seen).toEqual([4, 10]);
  });

  it("that were freed stay freed", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.exp().sum();
    y.backward();
    churn(2);
    expect(() => y.backward()).toThrow(/second time/);
    expect(y.isLeaf).toBe(false);
    expect(() => y.mul(2).backward()).toThrow(/second time/);
  });

  it("of second order survive as well", () => {
    const x = tensor([0.5], { requiresGrad: true });
    const [g] = autograd.grad(x.tanh(), [x], { createGraph: true });
    churn(2);
    const [gg] = autograd.grad(g, [x]);
    const t = Math.tanh(0.5);
    expectTensor(gg, [-2 * t * (1 - t * t)], { rtol: 1e-5 });
  });
});

describe("a tensor of the heap that is written to with gradients", () => {
  const s = (): Tensor => tensor(2, { requiresGrad: true });

  it.each<[string, () => Tensor]>([
    [
      "a gradient",
      () => {
        const layer = new nn.Linear(3, 1);
        layer(ones(2, 3)).sum().backward();
        return layer.weight.grad as Tensor;
      },
    ],
    ["a frozen parameter", () => new nn.Parameter(ones(3).mul(2)).requiresGrad_(false)],
    ["what shows a parameter", () => new nn.Parameter(ones(3).mul(2)).detach()],
  ])("stays part of its graph: %s", (_, make) => {
    const [first, second] = [s(), s()];
    const t = make();
    t.mul_(first);
    t.retainGrad();
    churn(2);
    for (let i = 0; i < 50; i++) ones(300).requiresGrad_().exp();
    expect(t.gradFn?.name()).toBe("MulBackward0");
    t.mul_(second);
    churn();
    t.square().sum().backward();
    expectTensor(first.grad as Tensor, 192);
    expectTensor(second.grad as Tensor, 192);
    expectTensor((t.grad as Tensor).reshape(-1), [16, 16, 16]);
    churn();
    expect(() => t.sum().backward()).toThrow(/second time/);
  });
});

describe("a limit", () => {
  const before = memory.stats().limitBytes;
  beforeEach(() => {
    memory.collect();
  });
  afterEach(() => {
    memory.setLimit(before);
  });

  it("refuses what does not fit, says what is held, and loses nothing", () => {
    const x = tensor([1, 2, 3], { requiresGrad: true });
    const y = x.mul(2);
    memory.setLimit(memory.stats().usedBytes + (2 << 20));
    let error: Error | null = null;
    try {
      ones(4 << 20);
    } catch (caught) {
      error = caught as Error;
    }
    expect(error?.name).toBe("OutOfMemoryError");
    expect(error?.message).toMatch(/nursery \d+, heap \d+.*limit \d+/s);
    y.sum().backward();
    expectTensor(x.grad, [2, 2, 2]);
    memory.setLimit(before);
    expect(
      ones(4 << 20)
        .sum()
        .item(),
    ).toBe(4 << 20);
  });

  it("refuses results in the middle of a graph, and the graph goes on", () => {
    const x = ones([300, 1], { requiresGrad: true });
    memory.setLimit(memory.stats().usedBytes + (1 << 20));
    expect(() => x.expand(300, 3000).mul(2)).toThrow(/out of memory/);
    memory.setLimit(before);
    x.sum().backward();
    expectTensor(x.grad?.sum(), 300);
  });

  it("is checked before it is set", () => {
    for (const bytes of [0, -1, Number.NaN]) expect(() => memory.setLimit(bytes)).toThrow(RangeError);
  });
});
