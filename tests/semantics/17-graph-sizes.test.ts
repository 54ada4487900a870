import { describe, expect, it } from "vitest";
import { autograd, cat, enableGrad, memory, ones, type Tensor, tensor } from "../../bindings/index.ts";
import { EXACT, expectTensor } from "../support/expect.ts";

/** `fn` a given number of times, with the wasm memory it has taken since the warm-up. */
function growthOver(times: number, fn: () => void): number {
  for (let i = 0; i < times; i++) fn();
  const before = memory.stats().wasmBytes;
  for (let i = 0; i < times; i++) fn();
  return memory.stats().wasmBytes - before;
}

describe("graphs of every size", () => {
  it("186 a chain of 150000 nodes is recorded, walked and freed", () => {
    const x = tensor([1], { requiresGrad: true });
    let y = x;
    for (let i = 0; i < 150_000; i++) y = y.add(1);
    expectTensor(y, [150_001], EXACT);
    y.backward();
    expectTensor(x.grad, [1], EXACT);
  });

  it("186 also one that is never walked, and one with values to save", () => {
    const x = tensor([1], { requiresGrad: true });
    let y = x;
    for (let i = 0; i < 150_000; i++) y = y.mul(x);
    expectTensor(y, [1], EXACT);
    y = x;
    for (let i = 0; i < 150_000; i++) y = y.mul(-1);
    y.backward();
    expectTensor(x.grad, [1], EXACT);
  });

  it("187 so with custom functions", () => {
    class Next extends autograd.Function {
      static forward(_ctx: unknown, x: Tensor): Tensor {
        return x.add(1);
      }
      static backward(_ctx: unknown, g: Tensor): Tensor {
        return g.mul(1);
      }
    }
    const x = tensor([1], { requiresGrad: true });
    let y = x;
    for (let i = 0; i < 20_000; i++) y = Next.apply(y);
    y.backward();
    expectTensor(x.grad, [1], EXACT);
  });

  it("188 a tensor with 100000 consumers", () => {
    const x = tensor([1], { requiresGrad: true });
    const h = x.mul(1);
    let total = h.mul(0);
    for (let i = 1; i < 100_000; i++) total = total.add(h);
    total.backward();
    expectTensor(x.grad, [99_999], EXACT);
  });

  it("188 cat of 10000 tensors", () => {
    const parts = Array.from({ length: 10_000 }, (_, i) => tensor([i], { requiresGrad: true }));
    const y = cat(parts);
    y.mul(y).sum().backward();
    expectTensor(y.index(-1), 9_999);
    expectTensor(parts[0].grad, [0]);
    expectTensor(parts[9_999].grad, [2 * 9_999]);
  });

  it("189 60 doublings take 60 steps", () => {
    const x = tensor([1], { requiresGrad: true });
    let y = x.mul(1);
    let walked = 0;
    y.registerHook(() => {
      walked++;
    });
    for (let i = 0; i < 60; i++) y = y.add(y);
    y.backward();
    expectTensor(x.grad, [2 ** 60]);
    expect(walked).toBe(1);
  });

  it("190 evaluation without noGrad, whose graphs are never walked, takes constant memory", () => {
    const w = ones([64, 64], { requiresGrad: true });
    const x = ones([64, 64]);
    expect(growthOver(3000, () => x.matmul(w).relu().sum().item())).toBeLessThan(8 << 20);
  });

  it("190 so does a loop that walks its graphs", () => {
    const w = ones([64, 64], { requiresGrad: true });
    const x = ones([64, 64]);
    const step = (): void => {
      w.grad = null;
      x.matmul(w).relu().sum().backward();
    };
    expect(growthOver(3000, step)).toBeLessThan(8 << 20);
  });

  it("191 a graph walked in pieces equals one backward", () => {
    const run = (pieces: boolean): Tensor => {
      const x = tensor(
        [
          [1, 2],
          [3, 4],
        ],
        { requiresGrad: true },
      );
      const a = x.mul(2).sin();
      const b = x.exp();
      const loss = a.mul(b).sum();
      if (pieces) {
        const grads = autograd.grad(loss, [a, b]);
        autograd.backward([a, b], grads);
      } else {
        loss.backward();
      }
      return x.grad!;
    };
    expectTensor(run(true), run(false).tolist());
    expectTensor(
      run(true),
      [
        [2 * Math.cos(2) * Math.E + Math.sin(2) * Math.E, (2 * Math.cos(4) + Math.sin(4)) * Math.E ** 2],
        [(2 * Math.cos(6) + Math.sin(6)) * Math.E ** 3, (2 * Math.cos(8) + Math.sin(8)) * Math.E ** 4],
      ],
      { rtol: 1e-4 },
    );
  });

  it("192 backward inside backward, in a custom function and in a hook", () => {
    const hooked = tensor([3], { requiresGrad: true });
    class Reentrant extends autograd.Function {
      static forward(_ctx: unknown, x: Tensor): Tensor {
        return x.mul(2);
      }
      static backward(_ctx: unknown, g: Tensor): Tensor {
        const y = tensor([5], { requiresGrad: true });
        enableGrad(() => y.mul(y).backward());
        return g.mul(y.grad!);
      }
    }
    const x = tensor([1], { requiresGrad: true });
    x.registerHook((g) => {
      enableGrad(() => hooked.mul(g.detach()).backward());
    });
    Reentrant.apply(x).mul(4).backward();
    expectTensor(x.grad, [40]);
    expectTensor(hooked.grad, [40]);
  });
});
