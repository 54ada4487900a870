import { describe, expect, it } from "vitest";
import { autograd, manualSeed, nn, rand, type Tensor, tensor, utils } from "../../bindings/index.ts";
import { expectTensor } from "../support/expect.ts";

const { checkpoint } = utils;

describe("checkpointing", () => {
  it("213 gradients equal those without, for inputs and for what fn closes over", () => {
    const run = (checkpointed: boolean): [Tensor, Tensor, Tensor] => {
      const x = tensor(
        [
          [1, -2],
          [0.5, 3],
        ],
        { requiresGrad: true },
      );
      const w = tensor(
        [
          [0.1, 0.2],
          [0.3, 0.4],
        ],
        { requiresGrad: true },
      );
      const block = (h: Tensor): Tensor => h.matmul(w).tanh().mul(w).exp();
      const y = checkpointed ? (checkpoint(block, x) as Tensor) : block(x);
      y.sum().backward();
      return [y, x.grad!, w.grad!];
    };
    const kept = run(false);
    run(true).forEach((t, i) => {
      expectTensor(t, kept[i].tolist());
    });
  });

  it("213 its intermediates are not kept", () => {
    let calls = 0;
    const x = tensor([1, 2], { requiresGrad: true });
    const saved: number[] = [];
    const y = autograd.graph.savedTensorsHooks(
      (t: Tensor) => {
        saved.push(t.numel());
        return t;
      },
      (t: Tensor) => t,
      () =>
        checkpoint((h: Tensor) => {
          calls++;
          return h.exp().sin().exp();
        }, x) as Tensor,
    );
    expect(saved.length).toBeLessThan(3);
    expect(calls).toBe(1);
    y.sum().backward();
    expect(calls).toBe(2);
  });

  it("214 autograd.grad works, and inputs need not require grad", () => {
    const w = tensor([2], { requiresGrad: true });
    const y = checkpoint((x: Tensor) => x.mul(w).mul(w), tensor([3])) as Tensor;
    expect(y.requiresGrad).toBe(true);
    expectTensor(autograd.grad(y, [w])[0], [12]);
    expect(w.grad).toBeNull();
  });

  it("214 any structure of inputs and outputs", () => {
    const x = tensor([2], { requiresGrad: true });
    const result = checkpoint(
      (pair: { a: Tensor; factor: number }, label: string) => ({
        out: pair.a.exp().mul(pair.factor),
        label,
        none: null,
      }),
      { a: x, factor: 3 },
      "name",
    ) as { out: Tensor; label: string; none: null };
    expect(result.label).toBe("name");
    expect(result.none).toBeNull();
    result.out.backward();
    expectTensor(x.grad, [3 * Math.exp(2)]);
  });

  it("214 nesting", () => {
    const x = tensor([0.5], { requiresGrad: true });
    const inner = (h: Tensor): Tensor => h.sin().exp();
    const outer = (h: Tensor): Tensor => (checkpoint(inner, h.mul(2)) as Tensor).tanh();
    (checkpoint(outer, x) as Tensor).backward();
    const e = Math.exp(Math.sin(1));
    expectTensor(x.grad, [(1 - Math.tanh(e) ** 2) * e * Math.cos(1) * 2]);
  });

  it("215 fn runs exactly twice for one backward", () => {
    let calls = 0;
    const x = tensor([1], { requiresGrad: true });
    const y = checkpoint((h: Tensor) => {
      calls++;
      return h.exp().mul(h).sin();
    }, x) as Tensor;
    expect(calls).toBe(1);
    y.backward();
    expect(calls).toBe(2);
  });

  it("215 random state is restored for the second run", () => {
    manualSeed(0);
    const x = tensor(new Float32Array(64).fill(1), { requiresGrad: true });
    const y = checkpoint((h: Tensor) => nn.functional.dropout(h.exp(), 0.5).exp(), x) as Tensor;
    const after = rand([4]).tolist();
    y.sum().backward();
    const mask = (y.tolist() as number[]).map((v) => (v === 1 ? 0 : 1));
    expectTensor(
      x.grad,
      mask.map((m) => m * 2 * Math.E * Math.exp(2 * Math.E)),
      { rtol: 1e-4 },
    );
    manualSeed(0);
    checkpoint((h: Tensor) => nn.functional.dropout(h.exp(), 0.5).exp(), x);
    expect(rand([4]).tolist()).toEqual(after);
  });

  it("216 a second run that saves other tensors raises", () => {
    let calls = 0;
    const x = tensor([1, 2], { requiresGrad: true });
    const fewer = checkpoint((h: Tensor) => (calls++ === 0 ? h.exp().sin().exp() : h.mul(1).add(0)), x) as Tensor;
    expect(() => fewer.sum().backward()).toThrow(/[Aa] different number of tensors was saved/);
    calls = 0;
    const other = checkpoint((h: Tensor) => (calls++ === 0 ? h : h.view(1, 2).expand(3, 2)).exp().sum(), x) as Tensor;
    expect(() => other.backward()).toThrow(/different metadata/);
  });

  it("217 a hook on a parameter used inside and outside runs once", () => {
    const w = tensor([2], { requiresGrad: true });
    let ran = 0;
    w.registerHook(() => {
      ran++;
    });
    const x = tensor([3], { requiresGrad: true });
    const y = checkpoint((h: Tensor) => h.mul(w).exp().log(), x) as Tensor;
    y.mul(w).backward();
    expect(ran).toBe(1);
    expectTensor(w.grad, [12]);
  });
});
