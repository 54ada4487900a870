import { describe, expect, it } from "vitest";
import { autograd, enableGrad, memory, ones, type Tensor, tensor } from "../../bindings/index.ts";
import { expectTensor, thrownBy } from "../support/expect.ts";
import { isCollected, several } from "../support/garbage.ts";

describe("hooks of tensors", () => {
  it("112 a hook gets the total gradient, once per walk", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.mul(2);
    const seen: unknown[] = [];
    y.registerHook((g) => {
      seen.push(g.tolist());
    });
    const z = y.mul(3).add(y.mul(4)).sum();
    z.backward({ retainGraph: true });
    z.backward();
    expect(seen).toEqual([
      [7, 7],
      [7, 7],
    ]);
    expectTensor(x.grad, [28, 28]);
  });

  it("112 what it returns replaces the gradient, nothing leaves it", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.mul(2);
    y.registerHook((g) => g.mul(10));
    y.registerHook(() => undefined);
    y.registerHook(() => null);
    y.sum().backward();
    expectTensor(x.grad, [20, 20]);
  });

  it("113 hooks run in order of registration, each seeing what the one before returned", () => {
    const x = tensor([1], { requiresGrad: true });
    const seen: number[] = [];
    for (const factor of [2, 3, 5]) {
      x.registerHook((g) => {
        seen.push(g.item());
        return g.mul(factor);
      });
    }
    x.mul(1).backward();
    expect(seen).toEqual([1, 2, 6]);
    expectTensor(x.grad, [30]);
  });

  it("114 remove() ends it, and may be called twice", () => {
    const x = tensor([1], { requiresGrad: true });
    const handle = x.registerHook((g) => g.mul(2));
    x.mul(1).backward();
    handle.remove();
    handle.remove();
    x.mul(1).backward();
    expectTensor(x.grad, [3]);
  });

  it("114 also while a backward runs", () => {
    const x = tensor([1], { requiresGrad: true });
    let ran = 0;
    const handle = x.registerHook(() => {
      ran++;
      handle.remove();
    });
    x.mul(1).backward();
    x.mul(1).backward();
    expect(ran).toBe(1);
    expectTensor(x.grad, [2]);
  });

  it("115 a tensor without grad takes none", () => {
    expect(() => tensor([1]).registerHook(() => undefined)).toThrow(
      /cannot register a hook on a tensor that doesn't require gradient/,
    );
  });

  it("115 a replacement must keep the shape", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    x.registerHook(() => ones([3]));
    expect(() => x.mul(2).sum().backward()).toThrow(/has changed the size of value/);
    expect(x.grad).toBeNull();
  });

  it("116 on a leaf it sees this walk's gradient only, before accumulation", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const seen: unknown[] = [];
    x.registerHook((g) => {
      seen.push(g.tolist(), x.grad === null ? null : x.grad.tolist());
    });
    x.mul(3).sum().backward();
    x.mul(5).sum().backward();
    expect(seen).toEqual([[3, 3], null, [5, 5], [3, 3]]);
    expectTensor(x.grad, [8, 8]);
  });

  it("117 a hook that throws ends the walk with that error", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.mul(2);
    const error = new Error("mine");
    y.registerHook(() => {
      throw error;
    });
    expect(thrownBy(() => y.sum().backward())).toBe(error);
    expect(x.grad).toBeNull();
    x.mul(3).sum().backward();
    expectTensor(x.grad, [3, 3]);
  });

  it("118 a hook may walk a graph of its own", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const inner = tensor([3], { requiresGrad: true });
    const y = x.mul(2);
    y.registerHook((g) => {
      enableGrad(() => inner.mul(inner).mul(g.detach().sum()).backward());
      return g.mul(inner.grad!);
    });
    y.mul(5).sum().backward();
    expectTensor(inner.grad, [60]);
    expectTensor(x.grad, [600, 600]);
  });

  it("118 also on a leaf, and through autograd.grad", () => {
    const x = tensor([2], { requiresGrad: true });
    x.registerHook((g) => {
      const [second] = enableGrad(() => {
        const z = tensor([3], { requiresGrad: true });
        return autograd.grad(z.mul(z), [z]);
      });
      return g.add(second);
    });
    x.mul(x).backward();
    expectTensor(x.grad, [10]);
  });

  it("119 a hook stays with the version it was registered on", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.mul(2);
    const seen: [string, unknown][] = [];
    y.registerHook((g) => {
      seen.push(["old", g.tolist()]);
    });
    y.mul_(3);
    y.registerHook((g) => {
      seen.push(["new", g.tolist()]);
    });
    y.sum().backward();
    expect(seen).toEqual([
      ["new", [1, 1]],
      ["old", [3, 3]],
    ]);
    expectTensor(x.grad, [6, 6]);
  });

  it("126 hooks of later tensors run before those of what they were made from", () => {
    const x = tensor([1], { requiresGrad: true });
    const order: string[] = [];
    const named = (name: string, t: Tensor): Tensor => {
      t.registerHook(() => {
        order.push(name);
      });
      return t;
    };
    const a = named("a", x.mul(2));
    const b = named("b", a.exp());
    const c = named("c", a.add(b));
    c.backward();
    expect(order).toEqual(["c", "b", "a"]);
  });
});

describe("retainGrad", () => {
  it("120 keeps .grad of a non-leaf, accumulated over walks", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.mul(2);
    y.retainGrad();
    y.retainGrad();
    expect(y.retainsGrad).toBe(true);
    const z = y.mul(y).sum();
    z.backward({ retainGraph: true });
    expectTensor(y.grad, [4, 8]);
    z.backward();
    expectTensor(y.grad, [8, 16]);
    expectTensor(x.grad, [16, 32]);
  });

  it("120 does nothing on a leaf, and needs grad", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    x.retainGrad();
    expect(x.retainsGrad).toBe(false);
    x.mul(2).sum().backward();
    expectTensor(x.grad, [2, 2]);
    expect(() => tensor([1]).retainGrad()).toThrow(/can't retain_grad on Tensor that has requires_grad=False/);
  });

  it("121 sees the gradient after all hooks, whenever those were registered", () => {
    const x = tensor([1], { requiresGrad: true });
    const y = x.mul(2);
    y.registerHook((g) => g.mul(2));
    y.retainGrad();
    y.registerHook((g) => g.mul(3));
    y.backward();
    expectTensor(y.grad, [6]);
    expectTensor(x.grad, [12]);
  });

  it("122 is about the newest version after an in-place op", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.mul(2);
    y.retainGrad();
    y.mul_(3);
    y.mul(5).sum().backward();
    expectTensor(y.grad, [5, 5]);
    expectTensor(x.grad, [30, 30]);
  });

  it("122 also when the op went through a view", () => {
    const x = ones([2, 2], { requiresGrad: true });
    const y = x.mul(1);
    y.retainGrad();
    y.select(0, 0).mul_(3);
    y.mul(5).sum().backward();
    expectTensor(y.grad, [
      [5, 5],
      [5, 5],
    ]);
    expectTensor(x.grad, [
      [15, 15],
      [5, 5],
    ]);
  });

  it("123 does not keep the tensor alive by itself", async () => {
    const x = ones([1000], { requiresGrad: true });
    const retained = (): WeakRef<Tensor> => {
      const y = x.mul(2);
      y.retainGrad();
      y.sum().backward();
      return new WeakRef(y);
    };
    const refs = several(retained);
    memory.collect();
    expect(await isCollected(refs)).toBe(true);
  });

  it("123 nor its memory", () => {
    const x = ones([7000], { requiresGrad: true });
    const step = (): void => {
      const y = x.mul(2);
      y.retainGrad();
      y.sum().backward();
    };
    for (let i = 0; i < 50; i++) step();
    const before = memory.stats().wasmBytes;
    for (let i = 0; i < 300; i++) step();
    expect(memory.stats().wasmBytes - before).toBeLessThan(4 << 20);
  });
});

describe("hooks of nodes", () => {
  it("124 a prehook may replace the output gradients, after the tensor's own hooks", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.mul(2);
    const order: string[] = [];
    y.gradFn!.registerPrehook((grads) => {
      order.push("prehook");
      return [grads[0]!.mul(10)];
    });
    y.registerHook((g) => {
      order.push("hook");
      return g.add(1);
    });
    y.sum().backward();
    expect(order).toEqual(["hook", "prehook"]);
    expectTensor(x.grad, [40, 40]);
  });

  it("124 a hook sees input and output gradients after the node, and may replace the former", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.mul(2);
    const seen: unknown[] = [];
    const handle = y.gradFn!.registerHook((gradInputs, gradOutputs) => {
      seen.push(gradInputs[0]!.tolist(), gradOutputs[0]!.tolist());
      return [gradInputs[0]!.mul(100), ...gradInputs.slice(1)];
    });
    y.mul(3).sum().backward({ retainGraph: true });
    expect(seen).toEqual([
      [6, 6],
      [3, 3],
    ]);
    expectTensor(x.grad, [600, 600]);
    handle.remove();
    y.sum().backward();
    expectTensor(x.grad, [602, 602]);
    expect(seen.length).toBe(2);
  });

  it("124 the order of all of them", () => {
    const x = tensor([1], { requiresGrad: true });
    const y = x.mul(2);
    const order: string[] = [];
    y.gradFn!.registerHook(() => {
      order.push("node");
    });
    y.gradFn!.registerPrehook(() => {
      order.push("pre-node");
    });
    y.registerHook(() => {
      order.push("tensor");
    });
    x.registerHook(() => {
      order.push("leaf");
    });
    x.registerPostAccumulateGradHook(() => {
      order.push("post-accumulate");
    });
    y.backward();
    expect(order).toEqual(["tensor", "pre-node", "node", "leaf", "post-accumulate"]);
  });
});

describe("post-accumulate hooks", () => {
  it("125 run with the leaf once its .grad is updated", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const seen: unknown[] = [];
    const handle = x.registerPostAccumulateGradHook((leaf) => {
      expect(leaf).toBe(x);
      seen.push(leaf.grad!.tolist());
    });
    x.mul(2).sum().backward();
    x.mul(3).sum().backward();
    expect(seen).toEqual([
      [2, 2],
      [5, 5],
    ]);
    handle.remove();
    x.mul(1).sum().backward();
    expect(seen.length).toBe(2);
  });

  it("125 an optimizer inside backward", () => {
    const w = tensor([4], { requiresGrad: true });
    w.registerPostAccumulateGradHook((leaf) => {
      leaf.detach().sub_(leaf.grad!.mul(0.25));
      leaf.grad = null;
    });
    for (let i = 0; i < 3; i++) w.mul(w).backward();
    expectTensor(w, [0.5]);
    expect(w.grad).toBeNull();
  });

  it("125 must return nothing, and want a leaf", () => {
    const x = tensor([1], { requiresGrad: true });
    expect(() => x.mul(2).registerPostAccumulateGradHook(() => undefined)).toThrow(
      /post accumulate grad hooks cannot be registered on non-leaf tensors/,
    );
    x.registerPostAccumulateGradHook(() => 5 as never);
    expect(() => x.mul(2).backward()).toThrow(/hooks should return None/);
  });
});
