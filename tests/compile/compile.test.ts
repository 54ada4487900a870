/** What a compiled function takes and returns, its derivatives and its random numbers. */
import { afterAll, describe, expect, test } from "vitest";
import {
  autograd,
  compile,
  GradError,
  manualSeed,
  memory,
  nn,
  noGrad,
  ones,
  rand,
  type Tensor,
  tensor,
  zeros,
} from "../../bindings/index.ts";

// Graphs that were left behind do not wait for their turn in what comes next.
afterAll(() => memory.collect());

function clear(leaf: Tensor): void {
  leaf.grad = null;
}

describe("arguments and results", () => {
  test("keep their form: arrays, objects, arguments and outer tensors handed through, anything else as it was", () => {
    const outer = tensor([7]);
    const f = compile((x: Tensor, options: { y: Tensor[]; scale: number }) => ({
      sum: [x.add(options.y[0]).mul(options.scale), null],
      x,
      outer,
      name: "result",
    }));
    for (let i = 0; i < 3; i++) {
      const x = tensor([i, 1]);
      const result = f(x, { y: [tensor([10, 20])], scale: 2 });
      expect((result.sum[0] as Tensor).tolist()).toEqual([2 * (i + 10), 42]);
      expect(result.x).toBe(x);
      expect(result.outer).toBe(outer);
      expect(result.sum[1]).toBeNull();
      expect(result.name).toBe("result");
    }
    expect(f.programs).toBe(1);
  });

  test("results are fresh tensors, which later calls leave alone", () => {
    const f = compile((x: Tensor) => x.mul(2));
    const results = [1, 2, 3].map((v) => f(tensor([v])));
    expect(results.map((t) => t.tolist())).toEqual([[2], [4], [6]]);
    results[0].add_(1);
    expect(f(tensor([5])).tolist()).toEqual([10]);
  });

  test("every kind of call has a program, found again", () => {
    const f = compile((x: Tensor, scale: number) => x.mul(scale).sum());
    const calls: [() => Tensor, number][] = [
      [() => ones(2), 1],
      [() => ones(2), 2],
      [() => ones(3), 1],
      [() => ones(2, 2), 1],
      [() => ones(2).to("int32"), 1],
      [() => ones(2, { requiresGrad: true }), 1],
    ];
    for (let round = 0; round < 2; round++) {
      for (const [x, scale] of calls) expect(f(x(), scale).item()).toBe(x().numel() * scale);
    }
    expect(f.programs).toBe(calls.length);
    expect(noGrad(() => f(ones(2), 1)).item()).toBe(2);
    expect(f.programs).toBe(calls.length + 1);
  });

  test("holds no more than 16 programs", () => {
    const f = compile((x: Tensor, scale: number) => x.mul(scale));
    for (let i = 0; i < 40; i++) expect(f(ones(1), i).item()).toBe(i);
    expect(f.programs).toBe(16);
  });

  test("takes arguments of any layout", () => {
    const f = compile((x: Tensor) => x.matmul(x.t()));
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const expected = x.t().matmul(x).tolist();
    f(zeros(3, 2));
    expect(f(x.t()).tolist()).toEqual(expected);
    expect(f(x.t().contiguous()).tolist()).toEqual(expected);
    expect(f.programs).toBe(1);
  });

  test("arguments that are written in place", () => {
    const f = compile((x: Tensor) => x.mul(2).add(x.add_(1)));
    for (let i = 0; i < 3; i++) {
      const x = tensor([i, 1]);
      expect([f(x).tolist(), x.tolist()]).toEqual([
        [3 * i + 1, 4],
        [i + 1, 2],
      ]);
      expect(x.version).toBe(1);
    }
    expect(() => compile((x: Tensor) => x.mul_(2))(tensor([1], { requiresGrad: true }).mul(1))).toThrow(GradError);
  });

  test("reads tensors from outside anew each time", () => {
    const bias = tensor([1, 2]);
    const view = bias.narrow(0, 1, 1);
    const f = compile((x: Tensor) => x.add(bias).add(view));
    expect(f(zeros(2)).tolist()).toEqual([3, 4]);
    bias.fill_(5);
    expect(f(zeros(2)).tolist()).toEqual([10, 10]);
    view.fill_(6);
    expect(f(zeros(2)).tolist()).toEqual([11, 12]);
  });

  test("writes to tensors from outside, and their version says so", () => {
    const count = zeros(1);
    const f = compile(() => void count.add_(1));
    const x = tensor([2], { requiresGrad: true });
    f();
    const y = x.mul(count);
    f();
    f();
    expect(count.item()).toBe(3);
    expect(() => y.backward()).toThrow(/modified by an inplace operation/);
  });
});

test("a replay that only reads does not count as a change", () => {
  const layer = new nn.Conv2d(2, 3, 3);
  const x = rand(1, 2, 5, 5).transpose(2, 3).requiresGrad_();
  const f = compile((t: Tensor) =>
    noGrad(() =>
      layer(t)
        .flatten()
        .matmul(layer.weight.reshape([54]).narrow(0, 0, 27)),
    ),
  );
  f(x);
  const y = layer(x).sum();
  f(x);
  f(x);
  y.backward();
  expect(x.grad?.shape).toEqual([1, 2, 5, 5]);
  expect(layer.weight.version).toBe(layer.bias?.version);
});

describe("derivatives", () => {
  test("backward() goes through what a compiled function returned", () => {
    const w = tensor([2, 3], { requiresGrad: true });
    const f = compile((x: Tensor) => [x.mul(w).exp(), x.sum()] as const);
    for (let i = 0; i < 3; i++) {
      const x = tensor([i, 0.5], { requiresGrad: true });
      const twin = x.detach().requiresGrad_();
      const loss = (t: Tensor, [a, b]: readonly [Tensor, Tensor]): Tensor => a.mul(b).sum().add(t.sum());
      loss(x, f(x)).backward();
      const got = [x.grad?.tolist(), w.grad?.tolist()];
      clear(w);
      loss(twin, [twin.mul(w).exp(), twin.sum()]).backward();
      expect(got).toEqual([twin.grad?.tolist(), w.grad?.tolist()]);
      clear(w);
    }
    expect(f.programs).toBe(1);
  });

  test("but not through a call whose intermediate results are gone, nor twice", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const f = compile((t: Tensor) => t.exp().sin());
    const first = f(x).sum();
    f(x);
    expect(() => first.backward()).toThrow(/earlier call of a compiled function/);
    const [g] = autograd.grad(f(x).sum(), [x]);
    expect(g.shape).toEqual([2]);
    expect(() => autograd.grad(f(x).sum(), [x], { createGraph: true })).toThrow(/no derivative of its own/);
  });

  test("a backward() inside leads on into the graph of an argument", () => {
    const f = compile((t: Tensor) => {
      const loss = t.square().sum();
      loss.backward();
      return loss.detach();
    });
    for (let i = 0; i < 3; i++) {
      const x = tensor([1, i], { requiresGrad: true });
      f(x.mul(3));
      f(x);
      expect(x.grad?.tolist()).toEqual([18 + 2, 20 * i]);
    }
  });

  test("gradients that somebody holds keep their values", () => {
    const p = new nn.Parameter(tensor([1, 2]));
    const f = compile((x: Tensor) => {
      p.grad = null;
      p.mul(x).sum().backward();
    });
    f(tensor([1, 2]));
    const held = (p as Tensor).grad;
    f(tensor([3, 4]));
    expect(held?.tolist()).toEqual([1, 2]);
    expect(p.grad?.tolist()).toEqual([3, 4]);
  });

  test("hooks and functions of users are part of the program", () => {
    class Double extends autograd.Function {
      static forward(ctx: autograd.FunctionCtx, x: Tensor): Tensor {
        ctx.saveForBackward(x);
        return x.mul(2);
      }
      static backward(ctx: autograd.FunctionCtx, g: Tensor): Tensor {
        return g.mul(ctx.savedTensors[0] as Tensor);
      }
    }
    const p = tensor([1, 2], { requiresGrad: true });
    p.registerHook((g) => g.mul(10));
    const f = compile((x: Tensor) => {
      p.grad = null;
      Double.apply(p.mul(x)).sum().backward();
    });
    for (let i = 1; i < 4; i++) {
      f(tensor([i, 1]));
      expect(p.grad?.tolist()).toEqual([10 * i * i, 20]);
    }
    expect(f.programs).toBe(1);
  });
});

describe("random numbers", () => {
  test("are drawn anew, from the stream that eager calls would use", () => {
    const draw = (): Tensor => nn.functional.dropout(rand(8).add(1), 0.5);
    const f = compile(draw);
    manualSeed(3);
    const eager = [0, 1, 2].map(() => draw().tolist());
    manualSeed(3);
    expect([0, 1, 2].map(() => f().tolist())).toEqual(eager);
    expect(new Set(eager.map(String)).size).toBe(3);
  });

  test("a generator is not seeded inside", () => {
    expect(() => compile(() => manualSeed(1))()).toThrow(/Seed and restore generators outside/);
  });
});
