import { describe, expect, it } from "vitest";
import { autograd, exp, tensor, zeros } from "../../bindings/index.ts";
import { expectShape, expectTensor } from "../support/expect.ts";

const UNUSED = /One of the differentiated Tensors appears to not have been used in the graph/;

describe("autograd.grad", () => {
  it("54 gives an array in the order of inputs and touches no .grad", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = tensor([3, 4], { requiresGrad: true });
    const z = x.mul(y).add(x).sum();
    const grads = autograd.grad(z, [y, x], { retainGraph: true });
    expect(Array.isArray(grads)).toBe(true);
    expect(grads.length).toBe(2);
    expectTensor(grads[0], [1, 2]);
    expectTensor(grads[1], [4, 5]);
    const single = autograd.grad(z, x);
    expect(Array.isArray(single)).toBe(true);
    expectTensor(single[0], [4, 5]);
    expect(x.grad).toBeNull();
    expect(y.grad).toBeNull();
  });

  it("55 outputs, inputs and gradOutputs are a tensor or an array each", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const v = tensor([3, 10]);
    expectTensor(autograd.grad(x.mul(x), x, { gradOutputs: v })[0], [6, 40]);
    expectTensor(autograd.grad([x.mul(x)], [x], { gradOutputs: [v] })[0], [6, 40]);
  });

  it("55 null in gradOutputs stands for the implicit one of a scalar", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const [g] = autograd.grad([x.sum(), x.mul(x)], [x], { gradOutputs: [null, tensor([1, 1])] });
    expectTensor(g, [3, 5]);
    expect(() => autograd.grad([x.sum(), x.mul(x)], [x], { gradOutputs: [null, null] })).toThrow(
      /grad can be implicitly created only for scalar outputs/,
    );
  });

  it("56 inputs may be non-leaves", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const h = exp(x);
    const z = h.mul(h).sum();
    const [gh, gx] = autograd.grad(z, [h, x]);
    expectTensor(gh, [2 * Math.E, 2 * Math.E ** 2]);
    expectTensor(gx, [2 * Math.E ** 2, 2 * Math.E ** 4]);
  });

  it("56 the walk does not go beyond what is needed for them", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const early = x.mul(2);
    let ran = 0;
    early.registerHook(() => {
      ran++;
    });
    const h = early.exp();
    autograd.grad(h.mul(h).sum(), [h]);
    expect(ran).toBe(0);
  });

  it("57 an unused input raises; with allowUnused it is null", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const other = tensor([1, 2], { requiresGrad: true });
    const z = x.mul(x).sum();
    expect(() => autograd.grad(z, [x, other], { retainGraph: true })).toThrow(UNUSED);
    const [gx, go] = autograd.grad(z, [x, other], { allowUnused: true });
    expectTensor(gx, [2, 4]);
    expect(go).toBeNull();
  });

  it("58 inputs and outputs must require grad", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const c = tensor([1, 2]);
    expect(() => autograd.grad(x.mul(c).sum(), [c])).toThrow(/One of the differentiated Tensors does not require grad/);
    expect(() => autograd.grad(c.sum(), [x])).toThrow(
      /element 0 of tensors does not require grad and does not have a grad_fn/,
    );
  });

  it("59 empty inputs raise", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    expect(() => autograd.grad(x.sum(), [])).toThrow(/grad requires non-empty inputs\./);
  });

  it("60 materializeGrads gives zeros for unused inputs", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const other = zeros([2, 3], { requiresGrad: true });
    const [gx, go] = autograd.grad(x.mul(x).sum(), [x, other], { materializeGrads: true });
    expectTensor(gx, [2, 4]);
    expectTensor(go, [
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(go.requiresGrad).toBe(false);
  });

  it("60 materializeGrads contradicts allowUnused: false", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    expect(() => autograd.grad(x.sum(), [x], { materializeGrads: true, allowUnused: false })).toThrow(
      /allow_?[uU]nused/,
    );
  });

  it("61 grad(x, [x]) is ones", () => {
    const x = tensor(3, { requiresGrad: true });
    expectTensor(autograd.grad(x, [x])[0], 1);
    const v = tensor([3, 4], { requiresGrad: true });
    expectTensor(autograd.grad(v, [v], { gradOutputs: tensor([5, 6]) })[0], [5, 6]);
  });

  it("61 an input listed twice gets its gradient twice, several outputs are summed", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const [a, b] = autograd.grad(x.mul(x).sum(), [x, x]);
    expectTensor(a, [2, 4]);
    expectTensor(b, [2, 4]);
    const [c] = autograd.grad([x.mul(x).sum(), x.mul(3).sum()], [x]);
    expectTensor(c, [5, 7]);
  });

  it("62 an input modified in place is its newest version", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.mul(2);
    y.mul_(3);
    const z = y.mul(y).sum();
    const [gy, gx] = autograd.grad(z, [y, x]);
    expectTensor(gy, [12, 24]);
    expectTensor(gx, [72, 144]);
  });

  it("63 hooks of the inputs run, and what they return is returned", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    x.registerHook((g) => g.mul(10));
    expectTensor(autograd.grad(x.mul(x).sum(), [x])[0], [20, 40]);
    const h = x.mul(2);
    h.registerHook((g) => g.add(1));
    expectTensor(autograd.grad(h.sum(), [h])[0], [2, 2]);
  });

  it("63 post-accumulate hooks do not run", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    let ran = 0;
    x.registerPostAccumulateGradHook(() => {
      ran++;
    });
    const [g] = autograd.grad(x.mul(x).sum(), [x]);
    expectShape(g, [2]);
    expect(ran).toBe(0);
  });
});
