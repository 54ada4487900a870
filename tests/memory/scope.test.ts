/** scope(): only what is returned survives, and dispose() and `using`. */
import { describe, expect, it } from "vitest";
import { DisposedError, memory, ones, scope, type Tensor, tensor } from "../../bindings/index.ts";
import { expectTensor } from "../support/expect.ts";
import { unstressed } from "../support/stress.ts";

describe("scope", () => {
  it("returns tensors alone, in arrays and in objects, and other values", () => {
    const x = tensor([1, 2]);
    expectTensor(
      scope(() => x.mul(2).add(1)),
      [3, 5],
    );
    const [a, { b, n }] = scope(() => [x.add(1), { b: x.eq(1), n: 7 }] as const);
    expectTensor(a, [2, 3]);
    expect(b.tolist()).toEqual([true, false]);
    expect(n).toBe(7);
  });

  it("gives the memory of the rest back at its end", () => {
    memory.collect();
    ones(1);
    const before = memory.stats().nurseryBytes;
    const y = scope(() => {
      let t = ones(1000);
      for (let i = 0; i < 100; i++) t = t.add(1);
      return t.sum();
    });
    expect(y.item()).toBe(101_000);
    expect(memory.stats().nurseryBytes - before).toBeLessThan(5000);
  });

  it("gives it back although it uses what was made long ago", () => {
    const x = ones(1000);
    const use = (): number => scope(() => x.add(1).sum().item() as number);
    unstressed(() => {
      for (let i = 0; i < 10; i++) {
        memory.collect();
        use();
      }
      memory.collect();
      use();
      const before = memory.stats().nurseryBytes;
      for (let i = 0; i < 10; i++) use();
      expect(memory.stats().nurseryBytes).toBe(before);
    });
    expect(x.sum().item()).toBe(1000);
  });

  it("leaves what it has looked at by way of a view usable", () => {
    const base = tensor([1, 2]);
    const y = scope(() => {
      const part = base.narrow(0, 0, 1);
      memory.collect();
      part.mul_(3);
      memory.collect();
      return part.add(1);
    });
    expectTensor(base, [3, 2]);
    expectTensor(y, [4]);
  });

  it("ends between two turnovers without losing what was written inside", () => {
    const base = tensor([1, 2]);
    memory.collect();
    const y = scope(() => {
      const part = base.narrow(0, 0, 1);
      memory.collect();
      part.mul_(3);
      return part.add(1);
    });
    memory.collect();
    tensor([7, 7, 7, 7]);
    expectTensor(base, [3, 2]);
    expectTensor(y, [4]);
  });

  it("takes no memory for itself, also after large data", () => {
    unstressed(() => {
      memory.collect();
      // A graph that waits keeps the nursery from being turned over.
      const x = tensor(2, { requiresGrad: true });
      const y = x.mul(x);
      const before = memory.stats().usedBytes;
      const sums = Array.from({ length: 20 }, (_, i) => {
        const large = ones(10_000);
        return scope(() => large.mul(i).add(ones(10_000)).sum());
      });
      expect(memory.stats().usedBytes - before).toBeLessThan(20 * 41_000 + 100_000);
      expect(sums.map((t) => t.item())).toEqual(sums.map((_, i) => 1e4 * (i + 1)));
      y.backward();
      expectTensor(x.grad, 4);
    });
  });

  it("refuses what was not returned", () => {
    let leaked: Tensor | null = null;
    scope(() => {
      leaked = tensor([1]);
    });
    expect(() => (leaked as unknown as Tensor).add(1)).toThrow(DisposedError);
    expect(() => (leaked as unknown as Tensor).add(1)).toThrow(/scope/);
    expectTensor(tensor([1]).add(1), [2]);
  });

  it("leaves tensors from outside alone, also those written to inside", () => {
    const x = tensor([1, 2]);
    scope(() => {
      x.add_(1);
      scope(() => x.mul_(2));
    });
    expectTensor(x, [4, 6]);
  });

  it("keeps a graph that is returned or gathered outside", () => {
    const w = tensor([3], { requiresGrad: true });
    const loss = scope(() => w.mul(w).sum());
    scope(() => w.mul(2).sum().backward());
    expectTensor(w.grad, [2]);
    loss.backward();
    expectTensor(w.grad, [8]);
  });

  it("survives turnovers inside", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = scope(() => {
      const a = x.mul(2);
      memory.collect();
      const b = a.exp();
      memory.collect();
      return b.log();
    });
    memory.collect();
    y.sum().backward();
    expectTensor(x.grad, [2, 2]);
  });

  it("closes when the function throws", () => {
    const x = tensor([1]);
    expect(() =>
      scope(() => {
        x.add(1);
        throw new RangeError("mine");
      }),
    ).toThrow(new RangeError("mine"));
    expectTensor(
      scope(() => x.add(1)),
      [2],
    );
  });
});

describe("dispose and using", () => {
  it("make later use an error, and may be repeated", () => {
    const x = tensor([1, 2]);
    x.dispose();
    x.dispose();
    expect(() => x.add(1)).toThrow(DisposedError);
    expect(() => x.tolist()).toThrow(/dispose\(\)/);
    let kept: Tensor;
    {
      using y = tensor([3]);
      kept = y;
      expectTensor(y.add(1), [4]);
    }
    expect(() => kept.shape).toThrow(DisposedError);
  });

  it("of a base or a view leave the other one usable, or make its use an error", () => {
    for (const returns of [0, 3, 12]) {
      const base = ones(5000);
      const view = base.view([-1]);
      for (let i = 0; i < returns; i++) {
        memory.collect();
        base.sum();
        view.sum();
      }
      view.dispose();
      memory.collect();
      expect(base.sum().item()).toBe(5000);
      const other = base.view([50, 100]);
      for (let i = 0; i < returns; i++) {
        memory.collect();
        other.sum();
      }
      base.dispose();
      memory.collect();
      let total: unknown;
      try {
        total = other.sum().item();
      } catch (error) {
        expect(error).toBeInstanceOf(DisposedError);
        continue;
      }
      expect(total).toBe(5000);
    }
  });

  it("leave a graph that needs the tensor intact", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const factor = tensor([3, 4]);
    const y = x.mul(factor).sum();
    factor.dispose();
    y.backward();
    expectTensor(x.grad, [3, 4]);
  });
});
