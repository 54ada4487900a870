/** Custom functions where several of their features meet. */
import { describe, expect, it } from "vitest";
import { autograd, enableGrad, memory, ones, type Tensor, tensor } from "../../bindings/index.ts";
import { expectTensor } from "../support/expect.ts";
import { isCollected, several } from "../support/garbage.ts";

type Ctx = autograd.FunctionCtx;
const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });
const WALKS = [
  ["plain", {}],
  ["createGraph", { createGraph: true }],
] as const;

/** x * y and x + y from one node. */
class Both extends autograd.Function {
  static forward(ctx: Ctx, x: Tensor, y: Tensor): Tensor[] {
    ctx.saveForBackward(x, y);
    return [x.mul(y), x.add(y)];
  }
  static backward(ctx: Ctx, p: Tensor, s: Tensor): Tensor[] {
    const [x, y] = ctx.savedTensors as Tensor[];
    return [p.mul(y).add(s), p.mul(x).add(s)];
  }
}

describe.each(WALKS)("outputs, %s", (_, options) => {
  it("each have their gradient, hooks, and place among wanted tensors", () => {
    const [x, y] = [leaf(2), leaf(5)];
    const [p, s] = Both.apply(x, y);
    const seen: [string, number][] = [];
    p.registerHook((g) => void seen.push(["p", g.item()]));
    s.registerHook((g) => {
      seen.push(["s", g.item()]);
      return g.mul(2);
    });
    s.retainGrad();
    const loss = p.mul(3).add(s.mul(s));
    expectTensor(autograd.grad(loss, [s], { ...options, retainGraph: true })[0], [28]);
    loss.backward(options);
    // Where one output is wanted, the hooks of all run.
    expect(seen).toEqual([
      ["p", 3],
      ["s", 14],
      ["p", 3],
      ["s", 14],
    ]);
    expectTensor(s.grad, [56]);
    expectTensor(x.grad, [43]);
    expectTensor(y.grad, [34]);
  });

  it("may be modified in place, one by one", () => {
    const [x, y] = [leaf(2), leaf(5)];
    const [p, s] = Both.apply(x, y);
    s.mul_(10);
    expect(s.gradFn?.name()).toBe("MulBackward0");
    expect(s.gradFn?.nextFunctions[0]).toEqual([p.gradFn, 1]);
    s.add(p).backward(options);
    expectTensor(x.grad, [15]);
  });

  it("prehooks of the node get a list of all, with null for what got none", () => {
    const [p, s] = Both.apply(leaf(2), leaf(5));
    const lists: unknown[] = [];
    p.gradFn?.registerPrehook((list) => {
      lists.push(list.map((g) => g?.item() ?? null));
    });
    s.backward(options);
    expect(lists).toEqual([[null, 1]]);
  });
});

describe("what forward may return", () => {
  it("views of inputs and of temporaries", () => {
    class Views extends autograd.Function {
      static forward(_: Ctx, x: Tensor): Tensor[] {
        return [x.t(), x.mul(2).select(0, 1)];
      }
      static backward(_: Ctx, a: Tensor, b: Tensor): Tensor {
        return a.t().add(b.mul(2));
      }
    }
    const x = ones([2, 2], { requiresGrad: true });
    const [t, row] = Views.apply(x.mul(1));
    t.sum().add(row.mul(10).sum()).backward();
    expectTensor(x.grad, [
      [21, 21],
      [21, 21],
    ]);
    expect(() => t.mul_(2)).toThrow(/function that returns multiple views/);
  });

  it("something that was there before", () => {
    const constant = tensor([7]);
    class Constant extends autograd.Function {
      static forward(_: Ctx, _x: Tensor): Tensor {
        return constant;
      }
      static backward(_: Ctx, g: Tensor): Tensor {
        return g.mul(3);
      }
    }
    const x = leaf(1);
    Constant.apply(x).backward();
    expectTensor(x.grad, [3]);
  });

  it("what a graph inside made, of which nothing is left outside", () => {
    class Inner extends autograd.Function {
      static forward(ctx: Ctx, x: Tensor): Tensor {
        return enableGrad(() => {
          ctx.x = x.detach().requiresGrad_();
          ctx.y = ctx.x.exp();
          return ctx.y;
        });
      }
      static backward(_: Ctx, g: Tensor): Tensor {
        return g.mul(2);
      }
    }
    const x = leaf(0);
    const y = Inner.apply(x);
    expect(y.gradFn?.name()).toBe("InnerBackward");
    y.backward();
    expectTensor(x.grad, [2]);
  });

  it("integers and what is marked, whose gradients arrive as zeros", () => {
    const shapes: unknown[] = [];
    class Sorted extends autograd.Function {
      static forward(ctx: Ctx, x: Tensor): Tensor[] {
        const rest = x.mul(0);
        ctx.markNonDifferentiable(rest);
        return [x.mul(2), tensor([1, 0, 2], { dtype: "int32" }), rest];
      }
      static backward(_: Ctx, g: Tensor, order: Tensor, rest: Tensor): Tensor {
        shapes.push(order.shape, order.tolist(), rest.shape);
        return g.mul(2);
      }
    }
    const x = leaf(1, 2, 3);
    const [a, order, rest] = Sorted.apply(x);
    expect([a.requiresGrad, order.requiresGrad, rest.requiresGrad]).toEqual([true, false, false]);
    a.sum().backward();
    expect(shapes).toEqual([[3], [0, 0, 0], [3]]);
  });
});

describe("in place", () => {
  class Scale extends autograd.Function {
    static forward(ctx: Ctx, x: Tensor, factor: number): Tensor {
      ctx.markDirty(x);
      return x.mul_(factor);
    }
    static backward(_: Ctx, g: Tensor): (Tensor | null)[] {
      return [g.mul(3), null];
    }
  }

  it.each(WALKS)("on a view it becomes part of the base: %s", (_, options) => {
    const x = ones([2, 2], { requiresGrad: true });
    const base = x.mul(1);
    const row = base.select(0, 1);
    const other = base.t();
    expect(Scale.apply(row, 3)).toBe(row);
    expect(base.gradFn?.name()).toBe("CopySlices");
    expect(row.gradFn?.name()).toBe("AsStridedBackward0");
    expectTensor(other, [
      [1, 3],
      [1, 3],
    ]);
    other.sum().backward(options);
    expectTensor(x.grad, [
      [1, 1],
      [3, 3],
    ]);
  });

  it("makes a plain tensor part of the graph of another input", () => {
    class AddInto extends autograd.Function {
      static forward(ctx: Ctx, target: Tensor, x: Tensor): Tensor {
        ctx.markDirty(target);
        return target.add_(x);
      }
      static backward(_: Ctx, g: Tensor): Tensor[] {
        return [g, g];
      }
    }
    const target = tensor([1, 2]);
    const view = target.select(0, 0);
    const x = leaf(10, 20);
    expect(AddInto.apply(target, x)).toBe(target);
    expect(target.requiresGrad).toBe(true);
    expect(view.requiresGrad).toBe(true);
    view.mul(5).backward();
    expectTensor(x.grad, [5, 0]);
  });

  it("on a view with several outputs is refused", () => {
    class Two extends autograd.Function {
      static forward(ctx: Ctx, x: Tensor): Tensor[] {
        ctx.markDirty(x);
        return [x.mul_(2), x.mul(3)];
      }
      static backward(_: Ctx, a: Tensor, b: Tensor): Tensor {
        return a.add(b);
      }
    }
    const base = ones([2, 2], { requiresGrad: true }).mul(1);
    expect(() => Two.apply(base.select(0, 0))).toThrow(/cannot return more than one Tensor/);
  });
});

describe("gradients that backward returns", () => {
  const returning = (gradients: unknown) =>
    class Returning extends autograd.Function {
      static forward(_: Ctx, x: Tensor, _rest?: unknown): Tensor {
        return x.mul(2);
      }
      static backward(): never {
        return gradients as never;
      }
    };

  it("for what was no tensor must be absent", () => {
    const g = tensor([1]);
    expect(() => returning([g, g]).apply(leaf(1), "text").backward()).toThrow(
      /returned a gradient different from None at position 2, but the corresponding forward input was not a Variable/,
    );
    const x = leaf(1);
    returning([g, undefined]).apply(x, "text").backward();
    expectTensor(x.grad, [1]);
  });

  it("for what needs none are not looked at", () => {
    const c = tensor([1]);
    class Second extends autograd.Function {
      static forward(_: Ctx, a: Tensor, b: Tensor): Tensor {
        return a.mul(b);
      }
      static backward(_: Ctx, g: Tensor): Tensor[] {
        return [ones([7, 7]), g];
      }
    }
    const x = leaf(3);
    Second.apply(c, x).backward();
    expectTensor(x.grad, [1]);
  });

  it("may be integers", () => {
    const x = leaf(1, 2);
    returning([tensor([3, 4], { dtype: "int32" })])
      .apply(x)
      .sum()
      .backward();
    expectTensor(x.grad, [3, 4]);
    expect(x.grad?.dtype).toBe("float32");
  });
});

describe("ctx", () => {
  it("refuses to save anything but tensors", () => {
    class Wrong extends autograd.Function {
      static forward(ctx: Ctx, x: Tensor): Tensor {
        ctx.saveForBackward(5 as unknown as Tensor);
        return x;
      }
    }
    expect(() => Wrong.apply(leaf(1))).toThrow(/saveForBackward can only save tensors/);
  });

  it("gives back an output that was cut out of its graph, connected", () => {
    class Exp extends autograd.Function {
      static forward(ctx: Ctx, x: Tensor): Tensor {
        const y = x.exp();
        ctx.saveForBackward(y);
        return y;
      }
      static backward(ctx: Ctx, g: Tensor): Tensor {
        return g.mul(ctx.savedTensors[0] as Tensor);
      }
    }
    const x = leaf(1);
    const y = Exp.apply(x);
    const z = y.mul(2);
    y.detach_();
    const [g] = autograd.grad(z, [x], { createGraph: true });
    expectTensor(g, [2 * Math.E]);
    expectTensor(autograd.grad(g, [x])[0], [2 * Math.E]);
  });

  it("keeps an input that was detached in place from being used", () => {
    const h = leaf(2).mul(1);
    const [p] = Both.apply(h, leaf(3));
    h.detach_();
    expect(() => p.backward()).toThrow(/detached in-place/);
  });

  it("lets go of what it saved when the graph is freed", async () => {
    const build = (): [Tensor, WeakRef<Tensor>] => {
      const x = leaf(2).mul(1);
      const [p, s] = Both.apply(x, x);
      return [p.add(s).sum(), new WeakRef(x)];
    };
    const built = several(build);
    const saved = built.map(([, ref]) => ref);
    expect(await isCollected(saved)).toBe(false);
    for (const [y] of built) y.backward();
    expect(await isCollected(saved)).toBe(true);
  });

  it("leaves nothing of it behind in memory", () => {
    const x = ones([512, 512], { requiresGrad: true });
    const step = (): void => {
      const [p, s] = Both.apply(x, x);
      p.add(s).sum().backward();
      x.grad = null;
    };
    for (let i = 0; i < 3; i++) step();
    const before = memory.stats().wasmBytes;
    for (let i = 0; i < 30; i++) step();
    expect(memory.stats().wasmBytes - before).toBeLessThan(8 << 20);
  });

  it("works with more than 255 tensors", () => {
    class Sum extends autograd.Function {
      static forward(_: Ctx, ...xs: Tensor[]): Tensor {
        return xs.reduce((a, b) => a.add(b));
      }
      static backward(ctx: Ctx, g: Tensor): Tensor[] {
        return ctx.needsInputGrad.map((_, i) => g.mul(i));
      }
    }
    const xs = Array.from({ length: 300 }, (_, i) => leaf(i));
    Sum.apply(...xs).backward();
    expectTensor(xs[299].grad, [299]);
    expectTensor(xs[7].grad, [7]);
  });
});
