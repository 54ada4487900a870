/** Hooks where PyTorch's rules are finer than "it is called with the gradient". */
import { describe, expect, it } from "vitest";
import { autograd, enableGrad, isGradEnabled, ones, type Tensor, tensor } from "../../bindings/index.ts";
import { expectTensor, thrownBy } from "../support/expect.ts";

const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });
const WALKS = [
  ["plain", {}],
  ["createGraph", { createGraph: true }],
] as const;

function accumulator(x: Tensor): autograd.graph.AccumulateGrad {
  return x.view(-1).gradFn?.nextFunctions[0][0] as autograd.graph.AccumulateGrad;
}

describe.each(WALKS)("hooks, %s", (_, options) => {
  it("of a tensor with several consumers see the sum, before whatever lies behind it", () => {
    const x = leaf(1, 2);
    const y = x.mul(2);
    const order: string[] = [];
    const seen: unknown[] = [];
    y.registerHook((g) => {
      order.push("y");
      seen.push(g.tolist());
    });
    x.registerHook((g) => {
      order.push("x");
      seen.push(g.tolist());
      return g.neg();
    });
    y.add(y.mul(3)).add(x).sum().backward(options);
    expect(order).toEqual(["y", "x"]);
    expect(seen).toEqual([
      [4, 4],
      [9, 9],
    ]);
    expectTensor(x.grad, [-9, -9]);
  });

  it("see the grad mode that PyTorch shows them", () => {
    const x = leaf(1);
    const modes: boolean[] = [];
    const y = x.mul(2);
    y.registerHook(() => void modes.push(isGradEnabled()));
    x.registerHook(() => void modes.push(isGradEnabled()));
    y.gradFn?.registerPrehook(() => void modes.push(isGradEnabled()));
    y.gradFn?.registerHook(() => void modes.push(isGradEnabled()));
    y.backward(options);
    expect(modes).toEqual(new Array(4).fill("createGraph" in options));
  });

  it("of nodes get and may replace all of their gradients", () => {
    const x = leaf(1, 2);
    const y = leaf(3, 4);
    const z = x.mul(y);
    z.gradFn?.registerPrehook(([g]) => (g as Tensor).mul(2));
    z.gradFn?.registerPrehook(([g]) => [(g as Tensor).mul(5)]);
    z.gradFn?.registerHook(([gx, gy], [g]) => {
      expectTensor(g, [10, 10]);
      return [gx, (gy as Tensor).mul(0)];
    });
    z.sum().backward(options);
    expectTensor(x.grad, [30, 40]);
    expectTensor(y.grad, [0, 0]);
  });

  it("of nodes must return as many gradients, of the same shapes", () => {
    const x = leaf(1, 2);
    const few = x.mul(x);
    few.gradFn?.registerHook(([g]) => [g]);
    expect(() => few.sum().backward(options)).toThrow(/incorrect number of values \(got 1, but expected 2\)/);
    const large = x.mul(2);
    large.gradFn?.registerPrehook(() => [ones([3])]);
    expect(() => large.sum().backward(options)).toThrow(/has changed the size of value/);
    expect(x.grad).toBeNull();
  });

  it("of an accumulator run around the accumulation", () => {
    const x = leaf(1, 2);
    const order: string[] = [];
    x.registerPostAccumulateGradHook(() => void order.push("post-accumulate"));
    const end = accumulator(x);
    expect(accumulator(x) === end).toBe(true);
    expect(end.variable === x).toBe(true);
    end.registerPrehook(([g]) => {
      order.push("pre");
      expect(x.grad).toBeNull();
      return (g as Tensor).mul(3);
    });
    const handle = end.registerHook((inputs, [g]) => {
      order.push("post");
      expect(inputs).toEqual([]);
      expectTensor(g, [6, 6]);
      expectTensor(x.grad, [6, 6]);
    });
    x.registerHook(() => void order.push("tensor"));
    x.mul(2).sum().backward(options);
    expect(order).toEqual(["tensor", "pre", "post-accumulate", "post"]);
    handle.remove();
    autograd.grad(x.sum(), [x], options);
    expect(order).toEqual(["tensor", "pre", "post-accumulate", "post", "tensor"]);
  });

  it("of a wanted tensor run, those of its node only if it is walked through", () => {
    const x = leaf(1);
    const y = x.mul(2);
    const order: string[] = [];
    y.registerHook((g) => {
      order.push("tensor");
      return g.mul(10);
    });
    y.gradFn?.registerPrehook(() => void order.push("pre"));
    y.gradFn?.registerHook(() => void order.push("post"));
    const z = y.mul(3);
    expectTensor(autograd.grad(z, [y], { ...options, retainGraph: true })[0], [30]);
    expect(order).toEqual(["tensor"]);
    const [gy, gx] = autograd.grad(z, [y, x], { ...options, retainGraph: true });
    expectTensor(gy, [30]);
    expectTensor(gx, [60]);
    expect(order).toEqual(["tensor", "tensor", "pre", "post"]);
  });

  it("of what leads nowhere wanted do not run", () => {
    const a = leaf(1);
    const b = leaf(2);
    let ran = 0;
    const side = b.mul(2);
    side.registerHook(() => void ran++);
    side.gradFn?.registerHook(() => void ran++);
    accumulator(b).registerHook(() => void ran++);
    a.mul(3)
      .add(side)
      .backward({ ...options, inputs: a });
    expect(ran).toBe(0);
    expect(b.grad).toBeNull();
    expectTensor(a.grad, [3]);
  });

  it("registered or removed while the walk runs count from then on", () => {
    const x = leaf(1);
    const y = x.mul(2);
    const order: string[] = [];
    const late = y.mul(1);
    const handle = y.registerHook(() => void order.push("removed"));
    late.registerHook(() => {
      handle.remove();
      y.registerHook(() => void order.push("added"));
    });
    late.backward(options);
    expect(order).toEqual(["added"]);
  });

  it("retained gradients follow the tensor through in-place operations and views of it", () => {
    const x = leaf(1, 2);
    const y = x.mul(2);
    y.retainGrad();
    const old = y.mul(7).sum();
    y.mul_(3);
    y.select(0, 0).mul_(5);
    const z = y.mul(2).sum();
    z.backward({ ...options, retainGraph: true });
    expectTensor(y.grad, [2, 2]);
    old.backward({ ...options, retainGraph: true });
    expectTensor(y.grad, [2, 2]);
    z.backward(options);
    expectTensor(y.grad, [4, 4]);
    expectTensor(x.grad, [134, 38]);
  });

  it("inputs that are no leaves keep their gradient once", () => {
    const x = leaf(1, 2);
    const y = x.mul(2);
    y.retainGrad();
    y.mul(3)
      .sum()
      .backward({ ...options, inputs: [y, x] });
    expectTensor(y.grad, [3, 3]);
    expectTensor(x.grad, [6, 6]);
    const z = x.mul(4);
    z.mul(5)
      .sum()
      .backward({ ...options, inputs: [z] });
    expect(z.retainsGrad).toBe(true);
    expectTensor(z.grad, [5, 5]);
    expectTensor(x.grad, [6, 6]);
  });
});

describe("a walk inside a walk", () => {
  it("over the same graph adds to the same leaves, each gradient in its own walk", () => {
    const x = leaf(3);
    const y = x.mul(x);
    let ran = false;
    const z = y.mul(2);
    z.registerHook(() => {
      if (ran) return;
      ran = true;
      y.backward({ retainGraph: true });
      expectTensor(x.grad, [6]);
    });
    z.backward();
    expectTensor(x.grad, [18]);
  });

  it("accumulates in place into the tensor that others hold", () => {
    const x = leaf(1);
    x.mul(2).backward();
    const held = x.grad as Tensor;
    const y = leaf(1);
    y.registerHook(() => {
      enableGrad(() => x.mul(5).backward());
    });
    y.mul(1).backward();
    expect(x.grad).toBe(held);
    expectTensor(held, [7]);
    expect(held.version).toBe(1);
  });

  it("may have hooks and walks of its own, and leaves the modes as they were", () => {
    const depths: number[] = [];
    const descend = (depth: number): Tensor => {
      const x = leaf(depth + 1);
      x.registerHook((g) => {
        depths.push(depth);
        return depth < 5 ? g.add(enableGrad(() => autograd.grad(descend(depth + 1), [leafOf])[0])) : g;
      });
      leafOf = x;
      return x.mul(x);
    };
    let leafOf = leaf(0);
    const root = descend(0);
    root.backward();
    expect(depths).toEqual([0, 1, 2, 3, 4, 5]);
    expect(isGradEnabled()).toBe(true);
  });

  it("that fails leaves the outer walk's gradients alone if its error is caught", () => {
    const x = leaf(2);
    const y = x.mul(3);
    y.registerHook(() => {
      const inner = leaf(1, 2);
      expect(() => enableGrad(() => inner.mul(2).backward())).toThrow(/scalar outputs/);
      const failing = enableGrad(() => inner.mul(2).sum());
      failing.registerHook(() => {
        throw new Error("inner");
      });
      expect(() => failing.backward()).toThrow("inner");
    });
    y.mul(y).backward();
    expectTensor(x.grad, [36]);
  });

  it("is refused at a depth where the stack would end, and all goes on", () => {
    let depth = 0;
    const descend = (): void => {
      const x = leaf(1);
      depth++;
      x.registerHook(() => {
        enableGrad(descend);
      });
      x.mul(1).backward();
    };
    expect(descend).toThrow(/backward\(\) was called inside backward\(\) \d+ levels deep/);
    expect(depth).toBeGreaterThan(200);
    const x = leaf(1);
    x.mul(2).backward();
    expectTensor(x.grad, [2]);
  });
});

describe.each(WALKS)("an error in the middle, %s", (_, options) => {
  const failing = (t: Tensor): Error => {
    const error = new Error("mine");
    t.registerHook(() => {
      throw error;
    });
    return error;
  };

  it("leaves keep what was complete, others stay as they were", () => {
    const early = leaf(1);
    const late = leaf(1);
    const both = leaf(1);
    const blocked = late.mul(2).add(both);
    const error = failing(blocked);
    const loss = blocked.mul(early).mul(both).add(early);
    expect(thrownBy(() => loss.backward(options))).toBe(error);
    expectTensor(early.grad, [4]);
    expect(late.grad).toBeNull();
    expect(both.grad).toBeNull();
  });

  it("complete leaves have their hooks run as ever", () => {
    const early = leaf(1);
    const late = leaf(1);
    const order: string[] = [];
    early.registerHook((g) => {
      order.push("hook");
      return g.mul(2);
    });
    early.registerPostAccumulateGradHook(() => void order.push("post"));
    const blocked = late.mul(2);
    failing(blocked);
    expect(() => blocked.add(early).backward(options)).toThrow("mine");
    expect(order).toEqual(["hook", "post"]);
    expectTensor(early.grad, [2]);
    expect(late.grad).toBeNull();
  });

  it("the first of two errors is the one that is thrown", () => {
    const early = leaf(1);
    const late = leaf(1);
    const blocked = late.mul(2);
    const error = failing(blocked);
    early.registerHook(() => {
      throw new Error("second");
    });
    expect(thrownBy(() => blocked.add(early).backward(options))).toBe(error);
  });

  it("what was walked is freed, what was not can be walked", () => {
    const x = leaf(1);
    const y = x.exp();
    const handle = y.registerHook(() => {
      throw new Error("mine");
    });
    const z = y.sin();
    expect(() => z.backward({ ...options, retainGraph: false })).toThrow("mine");
    handle.remove();
    expect(() => z.backward(options)).toThrow(/a second time/);
    y.backward(options);
    expectTensor(x.grad, [Math.E]);
  });

  it("the next walk starts with nothing left over", () => {
    const x = leaf(1, 2);
    const y = x.mul(2);
    let fail = true;
    y.registerHook(() => {
      if (fail) throw new Error("mine");
    });
    const loss = y.mul(x).sum();
    expect(() => loss.backward({ ...options, retainGraph: true })).toThrow("mine");
    expect(x.grad).toBeNull();
    fail = false;
    loss.backward(options);
    expectTensor(x.grad, [4, 8]);
  });
});
