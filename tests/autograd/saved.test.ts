/** Saved-tensor hooks and what saved tensors must still be when backward needs them. */
import { describe, expect, it } from "vitest";
import { autograd, inferenceMode, isGradEnabled, ones, type Tensor, tensor } from "../../bindings/index.ts";
import { expectTensor } from "../support/expect.ts";

const { savedTensorsHooks } = autograd.graph;
const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });

describe("savedTensorsHooks", () => {
  it("may keep tensors anywhere, for both kinds of walk", () => {
    for (const options of [{}, { createGraph: true }]) {
      const x = leaf(0.5, 1);
      const y = savedTensorsHooks(
        (t) => ({ shape: t.shape, data: t.data().slice() as Float32Array }),
        ({ shape, data }) => tensor(data).view(shape),
        () => x.mul(x).sin().exp(),
      );
      y.sum().backward(options);
      expectTensor(
        x.grad,
        [0.5, 1].map((v) => Math.exp(Math.sin(v * v)) * Math.cos(v * v) * 2 * v),
      );
    }
  });

  it("second derivatives pass through what unpack returns", () => {
    const x = leaf(2);
    const y = savedTensorsHooks(
      (t) => t.tolist() as number[],
      (list) => tensor(list),
      () => x.mul(x).mul(x),
    );
    const [g] = autograd.grad(y, [x], { createGraph: true });
    expectTensor(g, [12]);
    expectTensor(autograd.grad(g, [x])[0], [12]);
  });

  it("packs with grad mode off, and leaves what pack runs alone", () => {
    const x = leaf(1);
    const modes: boolean[] = [];
    savedTensorsHooks(
      (t) => {
        modes.push(isGradEnabled());
        return t.exp();
      },
      (t) => t,
      () => x.exp().sin(),
    );
    expect(modes).toEqual([false, false]);
  });

  it("refuses a pack that writes, and an unpack that returns no tensor", () => {
    const x = leaf(1);
    const unchanged = (t: Tensor): Tensor => t;
    expect(() =>
      savedTensorsHooks(
        (t) => t.mul_(2),
        unchanged,
        () => x.exp(),
      ),
    ).toThrow(/modifying its input in place/);
    const y = savedTensorsHooks(
      unchanged,
      () => 5 as unknown as Tensor,
      () => x.exp(),
    );
    expect(() => y.backward()).toThrow(/unpack_hook expected to be a Tensor but got result of type number/);
  });

  it("sees what custom functions save", () => {
    class Square extends autograd.Function {
      static forward(ctx: autograd.FunctionCtx, x: Tensor): Tensor {
        ctx.saveForBackward(x);
        return x.mul(x);
      }
      static backward(ctx: autograd.FunctionCtx, g: Tensor): Tensor {
        return g.mul(ctx.savedTensors[0] as Tensor).mul(2);
      }
    }
    const x = leaf(3);
    const y = savedTensorsHooks(
      (t) => t.mul(10),
      (t) => t,
      () => Square.apply(x),
    );
    y.backward();
    expectTensor(x.grad, [60]);
  });

  it("does not compare versions of what it has packed", () => {
    const x = leaf(2);
    const h = x.mul(1);
    const y = savedTensorsHooks(
      (t) => t.clone(),
      (t) => t,
      () => h.mul(h),
    );
    h.add_(100);
    y.backward();
    expectTensor(x.grad, [4]);
  });

  it("ends with its function, also by an error", () => {
    let packed = 0;
    const count = (t: Tensor): Tensor => {
      packed++;
      return t;
    };
    const x = leaf(1);
    expect(() =>
      savedTensorsHooks(count, count, () => {
        throw new Error("mine");
      }),
    ).toThrow("mine");
    x.exp().backward();
    expect(packed).toBe(0);
  });
});

describe("in-place operations that save what they overwrite", () => {
  it.each([
    ["sin_", (v: number) => Math.cos(v), (v: number) => -Math.sin(v)],
    ["square_", (v: number) => 2 * v, () => 2],
    ["exp_", (v: number) => Math.exp(v), (v: number) => Math.exp(v)],
    ["tanh_", (v: number) => 1 - Math.tanh(v) ** 2, (v: number) => -2 * Math.tanh(v) * (1 - Math.tanh(v) ** 2)],
  ] as const)("%s, once and twice", (name, first, second) => {
    const values = [-0.7, 0.4, 1.2];
    const x = leaf(...values);
    const y = x.mul(1);
    (y as unknown as Record<string, () => Tensor>)[name]();
    const [g] = autograd.grad(y.sum(), [x], { createGraph: true });
    expectTensor(g, values.map(first));
    expectTensor(autograd.grad(g.sum(), [x])[0], values.map(second));
  });

  it("mul_ by something that needs a gradient keeps the old factor", () => {
    const x = leaf(2, 3);
    const w = leaf(5, 7);
    x.mul(1).mul_(w).sum().backward();
    expectTensor(w.grad, [2, 3]);
    expectTensor(x.grad, [5, 7]);
  });
});

describe("inference tensors", () => {
  it("cannot be saved by custom functions either", () => {
    class Keep extends autograd.Function {
      static forward(ctx: autograd.FunctionCtx, x: Tensor, c: Tensor): Tensor {
        ctx.saveForBackward(c);
        return x.mul(c);
      }
      static backward(ctx: autograd.FunctionCtx, g: Tensor): (Tensor | null)[] {
        return [g.mul(ctx.savedTensors[0] as Tensor), null];
      }
    }
    const c = inferenceMode(() => ones([1]));
    expect(() => Keep.apply(leaf(1), c)).toThrow(/Inference tensors cannot be saved for backward/);
  });
});
