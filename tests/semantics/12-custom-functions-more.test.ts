import { describe, expect, it } from "vitest";
import { autograd, enableGrad, noGrad, ones, type Tensor, tensor } from "../../bindings/index.ts";
import { expectTensor } from "../support/expect.ts";
import type { Ctx } from "../support/function.ts";
import { warningsOf } from "../support/warnings.ts";

const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });

class DoubleInPlace extends autograd.Function {
  static forward(ctx: Ctx, x: Tensor): Tensor {
    x.mul_(2);
    ctx.markDirty(x);
    return x;
  }
  static backward(_ctx: Ctx, g: Tensor): Tensor {
    return g.mul(2);
  }
}

describe("custom functions in place", () => {
  it("141 markDirty: the input itself is returned, with the function's gradFn", () => {
    const x = leaf(1, 2);
    const h = x.mul(3);
    expect(DoubleInPlace.apply(h)).toBe(h);
    expectTensor(h, [6, 12]);
    expect(h.gradFn!.name()).toBe("DoubleInPlaceBackward");
    expect(h.version).toBeGreaterThan(0);
    h.sum().backward();
    expectTensor(x.grad, [6, 6]);
  });

  it("141 what is marked dirty must be returned", () => {
    class Forgetful extends autograd.Function {
      static forward(ctx: Ctx, x: Tensor): Tensor {
        x.mul_(2);
        ctx.markDirty(x);
        return x.mul(1);
      }
      static backward(_ctx: Ctx, g: Tensor): Tensor {
        return g.mul(2);
      }
    }
    expect(() => Forgetful.apply(leaf(1).mul(1))).toThrow(
      /Some elements marked as dirty during the forward method were not returned as output/,
    );
  });

  it("141 a leaf that requires grad raises", () => {
    expect(() => DoubleInPlace.apply(leaf(1))).toThrow(
      /a leaf Variable that requires grad (has been|is being) used in an in-place operation/,
    );
    const view = ones([2, 2], { requiresGrad: true }).select(0, 0);
    expect(() => DoubleInPlace.apply(view)).toThrow(
      /a view of a leaf Variable that requires grad (has been|is being) used in an in-place operation/,
    );
  });

  it("141 marking what is no input warns", () => {
    class Misguided extends autograd.Function {
      static forward(ctx: Ctx, x: Tensor): Tensor {
        const y = x.mul(2);
        ctx.markDirty(y);
        return y;
      }
      static backward(_ctx: Ctx, g: Tensor): Tensor {
        return g.mul(2);
      }
    }
    const texts = warningsOf(() => {
      Misguided.apply(leaf(1));
    });
    expect(texts.length).toBe(1);
    expect(texts[0]).toMatch(/marked as dirty|mark_dirty|markDirty/);
  });

  it("142 a view that a custom function returned must not be modified in place", () => {
    class Row extends autograd.Function {
      static forward(_ctx: Ctx, x: Tensor): Tensor {
        return x.narrow(0, 0, 1);
      }
      static backward(_ctx: Ctx, g: Tensor): Tensor {
        return g.expand(2, 2);
      }
    }
    const base = ones([2, 2], { requiresGrad: true }).mul(1);
    const view = Row.apply(base);
    expect(() => view.mul_(2)).toThrow(/created inside a custom Function \(or because an input was returned as-is\)/);
    expectTensor(base, [
      [1, 1],
      [1, 1],
    ]);
  });

  it("142 nor an input returned as it was", () => {
    class Pass extends autograd.Function {
      static forward(_ctx: Ctx, x: Tensor): Tensor {
        return x;
      }
      static backward(_ctx: Ctx, g: Tensor): Tensor {
        return g;
      }
    }
    const y = Pass.apply(leaf(1).mul(1));
    expect(() => y.mul_(2)).toThrow(/created inside a custom Function \(or because an input was returned as-is\)/);
  });
});

describe("custom functions differentiated twice", () => {
  class Cube extends autograd.Function {
    static forward(ctx: Ctx, x: Tensor): Tensor {
      ctx.saveForBackward(x);
      return x.pow(3);
    }
    static backward(ctx: Ctx, g: Tensor): Tensor {
      const [x] = ctx.savedTensors;
      return g.mul(x.mul(x)).mul(3);
    }
  }

  it("143 with createGraph the ops inside backward are recorded", () => {
    const x = leaf(2);
    const [first] = autograd.grad(Cube.apply(x), [x], { createGraph: true });
    const [second] = autograd.grad(first, [x], { createGraph: true });
    const [third] = autograd.grad(second, [x]);
    expectTensor(first, [12]);
    expectTensor(second, [12]);
    expectTensor(third, [6]);
  });

  it("143 onceDifferentiable makes a second walk raise", () => {
    class Once extends autograd.Function {
      static forward(ctx: Ctx, x: Tensor): Tensor {
        ctx.saveForBackward(x);
        return x.pow(3);
      }
      static backward = autograd.function.onceDifferentiable((ctx: Ctx, g: Tensor): Tensor => {
        const [x] = ctx.savedTensors;
        return g.mul(x.mul(x)).mul(3);
      });
    }
    const x = leaf(2);
    Once.apply(x).backward();
    expectTensor(x.grad, [12]);
    const [first] = autograd.grad(Once.apply(x).mul(x), [x], { createGraph: true });
    expectTensor(first, [32]);
    expect(() => first.backward()).toThrow(
      /trying to differentiate twice a function that was marked with @?once_?[dD]ifferentiable/,
    );
  });
});

describe("custom functions: missing parts and nesting", () => {
  it("144 a missing forward raises at once, a missing backward when reached", () => {
    class NoForward extends autograd.Function {
      static backward(_ctx: Ctx, g: Tensor): Tensor {
        return g;
      }
    }
    expect(() => NoForward.apply(leaf(1))).toThrow(
      /You must implement the forward function for custom autograd\.Function\./,
    );
    class NoBackward extends autograd.Function {
      static forward(_ctx: Ctx, x: Tensor): Tensor {
        return x.mul(2);
      }
    }
    const y = NoBackward.apply(leaf(1));
    expectTensor(y, [2]);
    expect(y.requiresGrad).toBe(true);
    expect(() => y.backward()).toThrow(
      /You must implement either the backward or vjp method for your custom autograd\.Function/,
    );
  });

  it("146 backward may call backward on graphs of its own", () => {
    class Reentrant extends autograd.Function {
      static forward(ctx: Ctx & { y?: Tensor; x?: Tensor }, x: Tensor): Tensor {
        enableGrad(() => {
          ctx.x = x.detach().requiresGrad_();
          ctx.y = ctx.x.mul(ctx.x).mul(3);
        });
        return ctx.y!.detach();
      }
      static backward(ctx: Ctx & { y?: Tensor; x?: Tensor }, g: Tensor): Tensor {
        enableGrad(() => ctx.y!.sum().backward());
        return g.mul(ctx.x!.grad!);
      }
    }
    const x = leaf(2, 5);
    Reentrant.apply(x).sum().backward();
    expectTensor(x.grad, [12, 30]);
  });

  it("146 to a depth of 100 levels", () => {
    let depth = 0;
    class Deeper extends autograd.Function {
      static forward(_ctx: Ctx, x: Tensor): Tensor {
        return x.mul(1);
      }
      static backward(_ctx: Ctx, g: Tensor): Tensor {
        depth++;
        if (depth < 100) enableGrad(() => Deeper.apply(leaf(1)).backward());
        return g;
      }
    }
    const x = leaf(1);
    Deeper.apply(x).backward();
    expect(depth).toBe(100);
    expectTensor(x.grad, [1]);
  });

  it("146 an error in an inner walk ends the outer one, and leaves the tape usable", () => {
    class Outer extends autograd.Function {
      static forward(_ctx: Ctx, x: Tensor): Tensor {
        return x.mul(1);
      }
      static backward(_ctx: Ctx, g: Tensor): Tensor {
        enableGrad(() => leaf(1, 2).mul(2).backward());
        return g;
      }
    }
    const x = leaf(1);
    expect(() => Outer.apply(x).backward()).toThrow(/grad can be implicitly created only for scalar outputs/);
    expect(x.grad).toBeNull();
    x.mul(2).backward();
    expectTensor(x.grad, [2]);
  });

  it("147 setupContext goes with a forward that has no ctx", () => {
    class Separate extends autograd.Function {
      static forward(x: Tensor, factor: number): Tensor {
        return x.mul(x).mul(factor);
      }
      static setupContext(ctx: Ctx & { factor?: number }, inputs: [Tensor, number], output: Tensor): void {
        ctx.saveForBackward(inputs[0], output);
        ctx.factor = inputs[1];
      }
      static backward(ctx: Ctx & { factor?: number }, g: Tensor): (Tensor | null)[] {
        const [x, output] = ctx.savedTensors;
        expectTensor(output, [20]);
        return [g.mul(x).mul(2 * ctx.factor!), null];
      }
    }
    const x = leaf(2);
    const y = Separate.apply(x, 5);
    expectTensor(y, [20]);
    y.backward();
    expectTensor(x.grad, [20]);
    expect(noGrad(() => Separate.apply(x, 5)).requiresGrad).toBe(false);
  });
});
