/** What cannot be compiled, what compiled functions do beside other things, and the memory of their programs. */
import { afterAll, describe, expect, test } from "vitest";
import {
  compile,
  DisposedError,
  GradError,
  IndexError,
  manualSeed,
  memory,
  nn,
  noGrad,
  ones,
  optim,
  scope,
  type Tensor,
  TensorError,
  tensor,
  utils,
  zeros,
} from "../../bindings/index.ts";
import { comesTrue, isCollected, several } from "../support/garbage.ts";

// Graphs that were left behind do not wait for their turn in what comes next.
afterAll(() => memory.collect());

describe("what cannot be replayed is refused, and all goes on", () => {
  const x = tensor([1, 2]);
  const refused: [string, () => unknown, RegExp][] = [
    ["item()", () => x.sum().item(), /elements of a tensor were read while/],
    ["data()", () => x.mul(2).data(), /elements of a tensor were read while/],
    ["printing", () => String(x), /elements of a tensor were read while/],
    ["a shape that depends on elements", () => x.nonzero(), /elements of a tensor were read while/],
    ["a promise", () => Promise.resolve(x), /async function/],
  ];
  test.each(refused)("%s", (_, fn, message) => {
    const before = memory.stats();
    const f = compile(fn);
    expect(f).toThrow(message);
    expect(f).toThrow(TensorError);
    expect(f.programs).toBe(0);
    expect(memory.stats().programBytes).toBe(before.programBytes);
    expect(x.add(1).tolist()).toEqual([2, 3]);
  });

  test("the step of a scheduler", () => {
    const optimizer = new optim.SGD([tensor([1], { requiresGrad: true })], { lr: 1 });
    const scheduler = new optim.lrScheduler.StepLR(optimizer, 1);
    expect(() => compile(() => scheduler.step())()).toThrow(/learning rates may change at any time/);
  });

  test("a tensor of a graph from outside", () => {
    const w = tensor([2], { requiresGrad: true });
    const h = w.mul(3);
    expect(() => compile(() => h.mul(2))()).toThrow(GradError);
    const f = compile((t: Tensor) => t.mul(2));
    f(h).backward();
    expect(w.grad?.tolist()).toEqual([6]);
  });

  test("a tensor from inside that is used later", () => {
    let kept: Tensor | null = null;
    compile(() => {
      kept = ones(2).mul(2);
      return kept.sum();
    })();
    expect(() => (kept as unknown as Tensor).add(1)).toThrow(DisposedError);
  });

  test("an index out of range, in a replay as in the first call", () => {
    const table = new nn.Embedding(3, 2);
    const f = compile((index: Tensor) => noGrad(() => table(index)));
    const index = (i: number): Tensor => tensor([i], { dtype: "int32" });
    f(index(1));
    expect(() => f(index(3))).toThrow(IndexError);
    expect(f(index(2)).shape).toEqual([1, 2]);
    const loss = compile((t: Tensor) => nn.functional.crossEntropy(zeros(1, 3), t));
    loss(index(1));
    expect(() => loss(index(3))).toThrow(IndexError);
  });

  test("no function, and an async one", () => {
    expect(() => compile(3 as never)).toThrow(TypeError);
    expect(() => compile(async () => 3)).toThrow(TensorError);
  });

  test("an error in the function leaves it as it was", () => {
    let fails = true;
    const w = tensor([1, 2], { requiresGrad: true });
    const f = compile((t: Tensor) => {
      const y = w.mul(t).sum();
      if (fails) throw new RangeError("no");
      y.backward();
      return y.detach();
    });
    expect(() => f(x)).toThrow(RangeError);
    fails = false;
    expect([f(x).item(), f(x).item()]).toEqual([5, 5]);
    expect(w.grad?.tolist()).toEqual([2, 4]);
  });
});

describe("in company", () => {
  test("a compiled function inside another is part of it", () => {
    const inner = compile((t: Tensor) => t.add(1));
    const outer = compile((t: Tensor) => inner(t).mul(2));
    expect([1, 2, 3].map((v) => outer(tensor([v])).item())).toEqual([4, 6, 8]);
    expect([inner.programs, outer.programs]).toEqual([0, 1]);
  });

  test("scopes around and inside", () => {
    const f = compile((t: Tensor) => scope(() => t.exp().log()).add(scope(() => t.mul(1))));
    for (let i = 0; i < 3; i++) expect(scope(() => f(tensor([i]))).item()).toBeCloseTo(2 * i, 5);
  });

  test("called by a hook of a walk", () => {
    const f = compile((g: Tensor) => g.mul(2));
    for (let i = 0; i < 2; i++) {
      const x = tensor([1, 2], { requiresGrad: true });
      x.registerHook((g) => f(g));
      x.mul(3).sum().backward();
      expect(x.grad?.tolist()).toEqual([6, 6]);
      f(ones(2));
    }
  });

  test("checkpoints inside run as plain calls", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    const f = compile((t: Tensor) => {
      w.grad = null;
      utils
        .checkpoint((h: Tensor) => nn.functional.dropout(h.mul(w).exp(), 0.5), t)
        .sum()
        .backward();
      return (w.grad as unknown as Tensor).clone();
    });
    manualSeed(0);
    for (let i = 0; i < 3; i++) expect(f(ones(2)).shape).toEqual([2]);
  });

  test("state of an optimizer that is loaded", () => {
    const p = new nn.Parameter(tensor([1, 2]));
    const optimizer = new optim.Adam([p], { lr: 0.1 });
    const f = compile(() => {
      optimizer.zeroGrad();
      p.square().sum().backward();
      optimizer.step();
    });
    f();
    const saved = optimizer.stateDict();
    const copy = { ...saved, state: { 0: { ...saved.state[0], exp_avg: (saved.state[0].exp_avg as Tensor).clone() } } };
    const at = p.tolist();
    f();
    const after = p.tolist();
    optimizer.loadStateDict(copy);
    noGrad(() => p.copy_(tensor(at as number[])));
    f();
    expect(after).not.toEqual(at);
    expect(optimizer.steps).toBe(3);
  });
});

describe("memory", () => {
  const make = (): { step: () => Tensor; model: nn.Module } => {
    const model = new nn.Sequential(new nn.Linear(4, 64), new nn.Tanh(), new nn.Linear(64, 1));
    const optimizer = new optim.Adam(model.parameters());
    const x = ones(8, 4);
    return {
      model,
      step: () => {
        optimizer.zeroGrad();
        const loss = model(x).square().mean();
        loss.backward();
        optimizer.step();
        return loss;
      },
    };
  };

  test("stays the same over ten thousand replays", () => {
    const f = compile(make().step);
    for (let i = 0; i < 100; i++) f();
    const { wasmBytes, programBytes } = memory.stats();
    for (let i = 0; i < 10_000; i++) f();
    expect(memory.stats().wasmBytes - wasmBytes).toBeLessThanOrEqual(1 << 20);
    expect(memory.stats().programBytes).toBe(programBytes);
  });

  test("is counted, and given back by dispose() and using", () => {
    const before = memory.stats().programBytes;
    const { step, model } = make();
    {
      using f = compile(step);
      f();
      f();
      const held = memory.stats();
      expect(held.programBytes).toBeGreaterThan(before);
      expect(held.programBytes).toBeLessThanOrEqual(held.heapBytes);
    }
    expect(memory.stats().programBytes).toBe(before);
    const gradient = model.parameters()[0].grad;
    expect(gradient?.shape).toEqual([64, 4]);
    const f = compile(step);
    f.dispose();
    f.dispose();
    expect(() => f()).toThrow(DisposedError);
  });

  test("is given back when the function is garbage, also if what it compiled refers to it", async () => {
    const before = memory.stats().programBytes;
    const refs = several(() => {
      const { step, model } = make();
      const f = compile(step);
      Object.assign(model, { compiled: f });
      f();
      return new WeakRef(f);
    });
    const after = memory.stats().programBytes;
    expect(after).toBeGreaterThan(before);
    expect(await isCollected(refs)).toBe(true);
    expect(await comesTrue(() => memory.stats().programBytes < after)).toBe(true);
  });

  test("stays for as long as a graph goes through it", async () => {
    const w = tensor([2], { requiresGrad: true });
    const made = several(() => {
      const f = compile((x: Tensor) => x.mul(w).exp());
      return [new WeakRef(f), f(ones(1))] as const;
    });
    expect(await isCollected(made.map(([ref]) => ref))).toBe(false);
    for (const [, loss] of made) loss.backward();
    expect(w.grad?.item()).toBeCloseTo(made.length * Math.exp(2), 3);
  });

  test("elements are laid over one another when they are not needed together", () => {
    const f = compile((x: Tensor) =>
      noGrad(() =>
        Array.from({ length: 50 })
          .reduce<Tensor>((y) => y.sin(), x)
          .sum(),
      ),
    );
    const before = memory.stats().programBytes;
    f(ones(10_000));
    expect(memory.stats().programBytes - before).toBeLessThan(6 * 40_000);
    expect(f(zeros(10_000)).item()).toBe(0);
  });
});
