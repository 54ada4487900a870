/**
 * Large results are not set aside when they can be computed again. That may never be seen: whatever happens to what they were
 * made from, they are bit for bit what they were.
 */
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import {
  autograd,
  compile,
  full,
  linspace,
  logSoftmax,
  manualSeed,
  memory,
  nn,
  noGrad,
  ones,
  optim,
  rand,
  randn,
  scope,
  softmax,
  type Tensor,
  where,
  zeros,
} from "../../bindings/index.ts";
import { unstressed } from "../support/stress.ts";

/** Large enough for a chunk of its own, as bools too. */
const SHAPE = [96, 128];
const N = SHAPE[0] * SHAPE[1];

/** How many of the results that went with the generation of `t` were left out. */
function leftOut(t: Tensor): number {
  return t._g.image?.chunks.filter(({ recipe }) => recipe !== 0).length ?? 0;
}

type Elements = ReturnType<Tensor["data"]>;

/** The same bits. A whole array is slow to compare for a library that would show where it differs. */
function expectSame(found: Elements, expected: Elements, name?: string): void {
  const [a, b] = [found, expected].map((data) => new Uint8Array(data.buffer));
  expect(a.length, name).toBe(b.length);
  expect(
    a.findIndex((byte, i) => byte !== b[i]),
    name,
  ).toBe(-1);
}

/** A tensor that has been used so often that it lives in the heap. */
function steady(make: () => Tensor): Tensor {
  const t = make();
  for (let i = 0; i < 12; i++) {
    memory.collect();
    t.add(1);
  }
  return t;
}

/** The elements of `make()` now, and after the nursery has been turned over and `between` has run. */
function twice(
  make: () => Tensor,
  between: () => void = () => {},
): { before: Elements; after: Elements; count: number } {
  return unstressed(() => {
    memory.collect();
    const t = make();
    const before = t.data();
    memory.collect();
    const count = leftOut(t);
    between();
    return { before, after: t.data(), count };
  });
}

afterEach(() => memory.setLimit(2 ** 32));

describe("what can be computed again", () => {
  const places: [string, (make: () => Tensor) => Tensor][] = [
    ["the nursery", (make) => make()],
    ["the heap", steady],
  ];
  const ops: [string, (x: Tensor, y: Tensor) => Tensor][] = [
    ["exp", (x) => x.exp()],
    ["relu", (x) => x.relu()],
    ["gelu", (x) => nn.functional.gelu(x)],
    ["number", (x) => x.mul(3)],
    ["two numbers", (x) => x.clamp(-0.5, 0.5)],
    ["two tensors", (x, y) => x.div(y)],
    ["a row", (x, y) => x.sub(y.select(0, 3))],
    ["a transposed view", (x, y) => x.t().add(y.t().narrow(1, 0, 1))],
    ["comparison", (x) => x.lt(0.5)],
    ["cast", (x) => x.mul(10).to("int32")],
    ["where", (x, y) => where(x.gt(0), x, y)],
    ["addcmul", (x, y) => x.addcmul(y, y, { value: 2 })],
    ["clone", (x) => x.t().clone()],
    ["softmax", (x) => softmax(x, 1)],
    ["logSoftmax", (x) => logSoftmax(x, 0)],
    ["layerNorm", (x) => nn.functional.layerNorm(x, [SHAPE[1]])],
    ["a chain", (x, y) => x.mul(y).exp().add(x).tanh()],
    ["a chain whose links are used twice", (x) => [1, 2, 3, 4, 5, 6, 7, 8].reduce((t) => t.mul(t).sub(t), x.mul(0.1))],
  ];
  describe.each(places)("from %s", (_, place) => {
    it.each(ops)("%s", (_, op) => {
      manualSeed(1);
      const x = place(() => randn(SHAPE));
      const y = place(() => rand(SHAPE).add(1));
      const { before, after, count } = twice(() => op(x, y));
      expectSame(after, before);
      expect(count).toBeGreaterThan(0);
    });
  });

  it("includes what a graph was made of, once it has been walked", () => {
    const x = randn(SHAPE).requiresGrad_();
    const { before, after, count } = twice(() => {
      const y = x.mul(2).exp();
      y.square().sum().backward();
      return y;
    });
    expectSame(after, before);
    expect(count).toBeGreaterThan(0);
  });

  it("does not take from a graph that is walked again", () => {
    unstressed(() => {
      memory.collect();
      const x = randn(SHAPE).requiresGrad_();
      const y = x.add(1);
      const z = y.add(y).neg();
      const loss = z.sum();
      const before = [y.data(), z.data()];
      loss.backward();
      memory.collect();
      expect(leftOut(loss)).toBe(3);
      // One of them comes back, and is written to, before the whole does.
      noGrad(() => y.detach().zero_());
      loss.backward();
      expect(x.grad?.at(7)).toBe(-4);
      expect(y.abs().sum().item()).toBe(0);
      expectSame(z.data(), before[1]);
      memory.collect();
      expectSame(z.data(), before[1]);
    });
  });

  it("takes no copy", () => {
    unstressed(() => {
      const x = steady(() => ones(1000, 1000));
      memory.collect();
      for (let i = 0; i < 40; i++) {
        const t = x.add(i);
        if (i % 8 === 0) memory.collect();
        expect(t._g.image?.totalBytes ?? 0).toBeLessThan(1e5);
      }
    });
  });

  it("comes back for each view, as the same memory", () => {
    unstressed(() => {
      memory.collect();
      const y = ones(SHAPE).mul(2);
      const row = y.select(0, 1);
      const turned = y.t();
      memory.collect();
      expect(leftOut(y)).toBeGreaterThan(0);
      row.add_(1);
      expect(turned.at(1)).toBe(3);
      expect(y.sum().item()).toBe(2 * N + SHAPE[1]);
      memory.collect();
      expect(turned.sum().item()).toBe(2 * N + SHAPE[1]);
    });
  });

  it("comes back in the first call of a compiled function and in those that follow", () => {
    unstressed(() => {
      memory.collect();
      const y = ones(SHAPE).mul(2);
      const z = y.add(1);
      memory.collect();
      expect(leftOut(z)).toBeGreaterThan(0);
      const step = compile((t: Tensor) => t.mul(z).add(y));
      for (const factor of [1, 2, 3]) expect(step(full(SHAPE, factor)).at(7)).toBe(3 * factor + 2);
    });
  });

  it("keeps attributes of the operation for whose sake it comes back", () => {
    unstressed(() => {
      memory.collect();
      const y = linspace(-1, 1, N).mul(2);
      memory.collect();
      expect(leftOut(y)).toBe(1);
      expect(y.clamp(-0.25, 0.5).sum(0, true).item()).toBeCloseTo(
        (y.data() as Float32Array).reduce((sum, v) => sum + Math.min(Math.max(v, -0.25), 0.5), 0),
        1,
      );
    });
  });

  it("asks for memory under the limit, and is not lost when there is none", () => {
    unstressed(() => {
      memory.collect();
      const y = ones(1 << 20).mul(2);
      const z = y.add(1);
      memory.collect();
      expect(leftOut(z)).toBeGreaterThan(0);
      memory.setLimit(memory.stats().usedBytes + (1 << 20));
      expect(() => z.data()).toThrow("memory");
      memory.setLimit(2 ** 32);
      expect(z.at(12)).toBe(3);
    });
  });
});

describe("results whose inputs change", () => {
  const gradient = (x: Tensor): Tensor => {
    const g = ones(SHAPE);
    autograd.backward([x.detach().requiresGrad_()], [g]);
    return g;
  };
  const changes: [string, (x: Tensor) => void][] = [
    ["add_", (x) => void x.add_(1)],
    ["zero_", (x) => void x.zero_()],
    ["copy_", (x) => void x.copy_(gradient(x))],
    ["a view is written to", (x) => void x.select(0, 3).fill_(7)],
    ["a view of a view, with a graph", (x) => void x.t().narrow(0, 0, 2).mul_(ones(2, SHAPE[0]).requiresGrad_())],
    ["random numbers", (x) => void nn.init.uniform_(x)],
    ["a bernoulli draw", (x) => void x.bernoulli_(0.5)],
    [
      "an optimizer's step",
      (x) => {
        const leaf = x.detach().requiresGrad_();
        leaf.grad = ones(SHAPE);
        new optim.Adam([leaf], { lr: 0.1 }).step();
        leaf.grad = ones(SHAPE);
        new optim.SGD([leaf], { lr: 0.1 }).step();
      },
    ],
    [
      "it is a gradient that is added to",
      (x) => {
        const leaf = ones(SHAPE).requiresGrad_();
        leaf.grad = x.detach();
        leaf.mul(3).sum().backward();
      },
    ],
    ["noGrad", (x) => noGrad(() => void x.sub_(3))],
    ["inside of a scope", (x) => scope(() => void x.mul_(2))],
    [
      "a compiled function",
      (x) => {
        const step = compile((by: Tensor) => x.add_(by).sum());
        for (let i = 0; i < 3; i++) step(ones(SHAPE));
      },
    ],
    [
      "gradcheck",
      (x) =>
        void autograd.gradcheck((t) => t.select(0, 0).sum(), [x.detach().requiresGrad_()], {
          atol: 10,
          raiseException: false,
        }),
    ],
    ["dispose", (x) => x.dispose()],
  ];
  const places: [string, (make: () => Tensor) => Tensor][] = [
    ["in the nursery", (make) => make()],
    ["in the heap", steady],
  ];
  describe.each(places)("%s", (_, place) => {
    it.each(changes)("before the turnover: %s", (_, change) => {
      unstressed(() => {
        manualSeed(2);
        const x = place(() => randn(SHAPE));
        memory.collect();
        const y = x.exp();
        const z = y.mul(x);
        const before = [y.data(), z.data()];
        change(x);
        memory.collect();
        expectSame(y.data(), before[0]);
        expectSame(z.data(), before[1]);
      });
    });

    it.each(changes)("after the turnover: %s", (_, change) => {
      unstressed(() => {
        manualSeed(3);
        const x = place(() => randn(SHAPE));
        memory.collect();
        const y = x.exp();
        const z = y.mul(x);
        const before = [y.data(), z.data()];
        memory.collect();
        expect(leftOut(z)).toBeGreaterThan(0);
        change(x);
        expectSame(z.data(), before[1]);
        memory.collect();
        expectSame(y.data(), before[0]);
        expectSame(z.data(), before[1]);
      });
    });
  });

  it("gives memory that was disposed of back at once", () => {
    unstressed(() => {
      const x = steady(() => ones(1 << 20));
      const y = x.add(1);
      memory.collect();
      expect(leftOut(y)).toBeGreaterThan(0);
      const { heapBytes } = memory.stats();
      x.dispose();
      expect(heapBytes - memory.stats().heapBytes).toBeGreaterThanOrEqual(4 << 20);
      expect(y.at(5)).toBe(2);
    });
  });
});

describe("random programs", () => {
  const unary = ["exp", "tanh", "neg", "relu", "sigmoid"] as const;
  const binary = ["add", "sub", "mul", "maximum"] as const;
  type Kept = { t: Tensor; expected: Elements };

  /** Runs a program, and says what all its tensors were when they were last written to. */
  function run(steps: readonly number[], stress: boolean): void {
    memory.setStress(stress);
    memory.collect();
    manualSeed(4);
    const kept: Kept[] = [randn(SHAPE), rand(SHAPE), zeros(SHAPE)].map((t) => ({ t, expected: t.data() }));
    const put = (t: Tensor): void => void kept.push({ t, expected: t.data() });
    const written = (t: Tensor): void => {
      const storages = kept.filter((k) => k.t === t);
      for (const k of storages) k.expected = t.data();
    };
    const at = (n: number): Tensor => kept[n % kept.length].t;
    // Sums save nothing, and can be walked any number of times.
    const sums: { loss: Tensor; leaf: Tensor; walks: number }[] = [];
    const walk = (sum: (typeof sums)[number]): void => {
      sum.loss.backward();
      sum.walks++;
      expect(sum.leaf.grad?.at(5)).toBe(2 * sum.walks);
    };
    for (const step of steps) {
      const [a, b] = [step >>> 4, step >>> 12];
      switch (step % 12) {
        case 0:
        case 1:
        case 2:
          put(at(a)[unary[b % unary.length]]());
          break;
        case 3:
        case 4:
          put(at(a)[binary[b % binary.length]](at(b)).clamp(-9, 9));
          break;
        case 5:
          put(where(at(a).gt(at(b)), at(a), at(b)));
          break;
        case 6: {
          const t = at(a);
          noGrad(() => t.mul_(0.5));
          written(t);
          break;
        }
        case 7:
          memory.collect();
          break;
        case 8:
          for (let i = 0; i < 9; i++) at(a).sum().item();
          memory.collect();
          break;
        case 9: {
          const leaf = at(a).clone().requiresGrad_();
          const result = leaf.add(at(b)).add(leaf).clone();
          sums.push({ loss: result.sum(), leaf, walks: 0 });
          walk(sums[sums.length - 1]);
          put(result.detach());
          break;
        }
        case 10:
          if (sums.length > 0) walk(sums[a % sums.length]);
          break;
        default:
          put(scope(() => softmax(at(a), 1).add(at(b)).clamp(-9, 9)));
      }
    }
    memory.collect();
    for (const [i, { t, expected }] of kept.entries()) expectSame(t.data(), expected, `tensor ${i}`);
  }

  it.each([
    ["as it is", false],
    ["with memory turned over at each operation", true],
  ])("keep every value: %s", (_, stress) => {
    fc.assert(
      fc.property(fc.array(fc.nat(2 ** 24), { minLength: 5, maxLength: 40 }), (steps) => {
        unstressed(() => run(steps, stress));
      }),
      { seed: 20_261_130, numRuns: 150 },
    );
  });
});
