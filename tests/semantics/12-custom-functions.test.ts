import { describe, expect, it } from "vitest";
import { autograd, isGradEnabled, type Tensor, tensor } from "../../bindings/index.ts";
import { expectTensor, thrownBy } from "../support/expect.ts";
import type { Ctx } from "../support/function.ts";

/** x * y, by hand. */
class Product extends autograd.Function {
  static forward(ctx: Ctx, x: Tensor, y: Tensor): Tensor {
    ctx.saveForBackward(x, y);
    return x.mul(y);
  }
  static backward(ctx: Ctx, g: Tensor): (Tensor | null)[] {
    const [x, y] = ctx.savedTensors;
    return [g.mul(y), g.mul(x)];
  }
}

const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });

describe("custom functions", () => {
  it("128 apply records, forward called directly does not", () => {
    const x = leaf(1, 2);
    const y = leaf(3, 4);
    const z = Product.apply(x, y);
    expectTensor(z, [3, 8]);
    expect(z.isLeaf).toBe(false);
    z.sum().backward();
    expectTensor(x.grad, [3, 4]);
    expectTensor(y.grad, [1, 2]);
    const ctx = { saveForBackward: () => undefined } as unknown as Ctx;
    expect(Product.forward(ctx, tensor([1]), tensor([2])).requiresGrad).toBe(false);
  });

  it("128 on constants it records nothing", () => {
    expect(Product.apply(tensor([1]), tensor([2])).requiresGrad).toBe(false);
  });

  it("129 forward runs with grad mode off; gradFn is named after the class", () => {
    let mode = true;
    class Named extends autograd.Function {
      static forward(_ctx: Ctx, x: Tensor): Tensor {
        mode = isGradEnabled();
        return x.mul(2);
      }
      static backward(_ctx: Ctx, g: Tensor): Tensor {
        return g.mul(2);
      }
    }
    const y = Named.apply(leaf(1));
    expect(mode).toBe(false);
    expect(isGradEnabled()).toBe(true);
    expect(y.gradFn!.name()).toBe("NamedBackward");
    expect(String(y)).toBe("tensor([2.], grad_fn=<NamedBackward>)");
  });

  it("130 savedTensors come back in order, null and outputs too", () => {
    const order: unknown[] = [];
    class Saver extends autograd.Function {
      static forward(ctx: Ctx, x: Tensor): Tensor {
        const y = x.exp();
        ctx.saveForBackward(y, null, x);
        return y;
      }
      static backward(ctx: Ctx, g: Tensor): Tensor {
        const [y, none, x] = ctx.savedTensors;
        order.push(y.tolist(), none, x.tolist());
        return g.mul(y);
      }
    }
    const x = leaf(0);
    Saver.apply(x).mul(3).backward();
    expect(order).toEqual([[1], null, [0]]);
    expectTensor(x.grad, [3]);
  });

  it("130 with version check", () => {
    const x = leaf(1, 2).mul(1);
    const z = Product.apply(x, leaf(3, 4));
    x.add_(1);
    expect(() => z.sum().backward()).toThrow(/modified by an inplace operation/);
  });

  it("130 saved inputs stay connected, so that double backward works", () => {
    const x = leaf(2);
    const y = leaf(3);
    const z = Product.apply(Product.apply(x, y), x);
    const [g] = autograd.grad(z, [x], { createGraph: true });
    expectTensor(g, [12]);
    const [gx, gy] = autograd.grad(g, [x, y]);
    expectTensor(gx, [6]);
    expectTensor(gy, [4]);
  });

  it("131 ctx carries anything else, and keeps it when the graph is freed", () => {
    let kept: (Ctx & { note?: string }) | undefined;
    class Noted extends autograd.Function {
      static forward(ctx: Ctx & { note?: string }, x: Tensor): Tensor {
        ctx.note = "here";
        ctx.saveForBackward(x);
        kept = ctx;
        return x.mul(2);
      }
      static backward(ctx: Ctx & { note?: string }, g: Tensor): Tensor {
        expect(ctx.note).toBe("here");
        return g.mul(2);
      }
    }
    const x = leaf(1);
    Noted.apply(x).backward();
    expectTensor(x.grad, [2]);
    expect(kept!.note).toBe("here");
    expect(() => kept!.savedTensors).toThrow(/Trying to backward through the graph a second time/);
  });

  it("132 needsInputGrad has one boolean per argument, false for what is no tensor", () => {
    const seen: boolean[][] = [];
    class Asking extends autograd.Function {
      static forward(_ctx: Ctx, a: Tensor, b: Tensor, factor: number): Tensor {
        return a.add(b).mul(factor);
      }
      static backward(ctx: Ctx, g: Tensor): (Tensor | null)[] {
        seen.push([...ctx.needsInputGrad]);
        return [g, g, null];
      }
    }
    Asking.apply(leaf(1), tensor([2]), 3).backward();
    Asking.apply(tensor([1]), leaf(2), 3).backward();
    expect(seen).toEqual([
      [true, false, false],
      [false, true, false],
    ]);
  });

  it("133 backward gets zeros for outputs without gradient", () => {
    class Two extends autograd.Function {
      static forward(_ctx: Ctx, x: Tensor): Tensor[] {
        return [x.mul(2), x.mul(3)];
      }
      static backward(_ctx: Ctx, a: Tensor, b: Tensor): Tensor {
        expectTensor(a, [0, 0]);
        return a.mul(2).add(b.mul(3));
      }
    }
    const x = leaf(1, 2);
    const [, second] = Two.apply(x);
    second.sum().backward();
    expectTensor(x.grad, [3, 3]);
  });

  it("133 or null after setMaterializeGrads(false)", () => {
    class Two extends autograd.Function {
      static forward(ctx: Ctx, x: Tensor): Tensor[] {
        ctx.setMaterializeGrads(false);
        return [x.mul(2), x.mul(3)];
      }
      static backward(_ctx: Ctx, a: Tensor | null, b: Tensor | null): Tensor | null {
        expect(a).toBeNull();
        return b!.mul(3);
      }
    }
    const x = leaf(1, 2);
    Two.apply(x)[1].sum().backward();
    expectTensor(x.grad, [3, 3]);
  });

  it("134 too few gradients raise, surplus nulls are dropped", () => {
    class Few extends autograd.Function {
      static forward(_ctx: Ctx, x: Tensor, y: Tensor): Tensor {
        return x.mul(y);
      }
      static backward(_ctx: Ctx, g: Tensor): Tensor {
        return g;
      }
    }
    expect(() => Few.apply(leaf(1), leaf(2)).backward()).toThrow(
      /function FewBackward returned an incorrect number of gradients \(expected 2, got 1\)/,
    );
    class Many extends autograd.Function {
      static forward(_ctx: Ctx, x: Tensor): Tensor {
        return x.mul(2);
      }
      static backward(_ctx: Ctx, g: Tensor): (Tensor | null)[] {
        return [g.mul(2), null, null];
      }
    }
    const x = leaf(1);
    Many.apply(x).backward();
    expectTensor(x.grad, [2]);
  });

  it("135 a gradient of a wrong shape raises", () => {
    class Wrong extends autograd.Function {
      static forward(_ctx: Ctx, x: Tensor): Tensor {
        return x.mul(2);
      }
      static backward(): Tensor {
        return tensor(new Float32Array(10));
      }
    }
    const x = tensor(new Float32Array(25), { shape: [5, 5], requiresGrad: true });
    expect(() => Wrong.apply(x).sum().backward()).toThrow(
      /Function WrongBackward returned an invalid gradient at index 0 - got \[10\] but expected shape compatible with \[5, 5\]/,
    );
  });

  it("135 a broadcastable one is summed down, a non-tensor raises", () => {
    class Wide extends autograd.Function {
      static forward(_ctx: Ctx, x: Tensor): Tensor {
        return x.mul(2);
      }
      static backward(): Tensor {
        return tensor([
          [1, 2],
          [3, 4],
          [5, 6],
        ]);
      }
    }
    const x = leaf(1, 1);
    Wide.apply(x).sum().backward();
    expectTensor(x.grad, [9, 12]);
    class Odd extends autograd.Function {
      static forward(_ctx: Ctx, y: Tensor): Tensor {
        return y.mul(2);
      }
      static backward(): Tensor {
        return "gradient" as unknown as Tensor;
      }
    }
    expect(() => Odd.apply(leaf(1)).backward()).toThrow(/expected (Variable|Tensor) or (None|null)/);
  });

  it("136 null means no gradient", () => {
    class Nothing extends autograd.Function {
      static forward(_ctx: Ctx, x: Tensor): Tensor {
        return x.mul(2);
      }
      static backward(): null {
        return null;
      }
    }
    const x = leaf(1);
    Nothing.apply(x).backward();
    expect(x.grad).toBeNull();
    Nothing.apply(x.mul(2)).backward();
    expect(x.grad).toBeNull();
    expect(autograd.grad(Nothing.apply(x), [x], { allowUnused: true })[0]).toBeNull();
  });

  it("137 other values pass through untouched", () => {
    class Mixed extends autograd.Function {
      static forward(_ctx: Ctx, x: Tensor, label: string): unknown[] {
        return [x.mul(2), label, 7, null];
      }
      static backward(_ctx: Ctx, g: Tensor): (Tensor | null)[] {
        return [g.mul(2), null];
      }
    }
    const x = leaf(1);
    const [y, label, number, none] = Mixed.apply(x, "name") as unknown as [Tensor, string, number, null];
    expect([label, number, none]).toEqual(["name", 7, null]);
    y.backward();
    expectTensor(x.grad, [2]);
  });

  it("137 no tensor among the arguments is fine", () => {
    class Make extends autograd.Function {
      static forward(_ctx: Ctx, value: number): Tensor {
        return tensor([value]);
      }
      static backward(): null {
        return null;
      }
    }
    const y = Make.apply(5);
    expectTensor(y, [5]);
    expect(y.requiresGrad).toBe(false);
  });

  it("138 returning an input gives a new tensor with the function's gradFn", () => {
    class Pass extends autograd.Function {
      static forward(_ctx: Ctx, x: Tensor): Tensor {
        return x;
      }
      static backward(_ctx: Ctx, g: Tensor): Tensor {
        return g.mul(3);
      }
    }
    const x = leaf(1, 2);
    const y = Pass.apply(x);
    expect(y === x).toBe(false);
    expect(y.gradFn!.name()).toBe("PassBackward");
    expect(x.isLeaf).toBe(true);
    const seen: unknown[] = [];
    y.registerHook((g) => {
      seen.push(g.tolist());
    });
    y.mul(2).add(x.mul(10)).sum().backward();
    expect(seen).toEqual([[2, 2]]);
    expectTensor(x.grad, [16, 16]);
  });

  it("139 returning one tensor twice gives the same object twice", () => {
    class Twice extends autograd.Function {
      static forward(_ctx: Ctx, x: Tensor): Tensor[] {
        const y = x.mul(2);
        return [y, y];
      }
      static backward(_ctx: Ctx, a: Tensor, b: Tensor): Tensor {
        return a.add(b).mul(2);
      }
    }
    const x = leaf(1, 2);
    const [a, b] = Twice.apply(x);
    expect(a).toBe(b);
    a.mul(3).add(b.mul(5)).sum().backward();
    expectTensor(x.grad, [16, 16]);
  });

  it("140 markNonDifferentiable", () => {
    const received: unknown[] = [];
    class Split extends autograd.Function {
      static forward(ctx: Ctx, x: Tensor): Tensor[] {
        const a = x.mul(2);
        const b = x.mul(3);
        ctx.markNonDifferentiable(b);
        return [a, b, x.gt(1)];
      }
      static backward(_ctx: Ctx, a: Tensor, b: Tensor): Tensor {
        received.push(b.tolist());
        return a.mul(2);
      }
    }
    const x = leaf(1, 2);
    const [a, b, c] = Split.apply(x);
    expect(a.requiresGrad).toBe(true);
    expect(b.requiresGrad).toBe(false);
    expect(c.requiresGrad).toBe(false);
    a.sum().backward();
    expect(received).toEqual([[0, 0]]);
    expectTensor(x.grad, [2, 2]);
  });

  it("145 an error thrown in backward reaches the caller unchanged", () => {
    const error = new Error("mine");
    class Failing extends autograd.Function {
      static forward(_ctx: Ctx, x: Tensor): Tensor {
        return x.mul(2);
      }
      static backward(): Tensor {
        throw error;
      }
    }
    expect(thrownBy(() => Failing.apply(leaf(1)).backward())).toBe(error);
    const thrown = new Error("forward");
    class FailingForward extends autograd.Function {
      static forward(): Tensor {
        throw thrown;
      }
    }
    expect(thrownBy(() => FailingForward.apply(leaf(1)))).toBe(thrown);
    expect(isGradEnabled()).toBe(true);
  });
});
