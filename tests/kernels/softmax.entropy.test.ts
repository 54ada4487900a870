import { beforeAll, describe, expect, it } from "vitest";
import { Arena, randomNumbers, SIZES } from "./arena.ts";
import { compileKernels, targets } from "./compile.ts";

interface Kernels {
  memory: WebAssembly.Memory;
  i32_classes_in_range(targets: number, n: number, classes: number, ignoreIndex: number): number;
  // biome-ignore format: as in the kernel
  f32_cross_entropy(
    logits: number, targets: number, n: number, classes: number, ignoreIndex: number, loss: number, logProbs: number,
  ): void;
  // biome-ignore format: as in the kernel
  f32_cross_entropy_grad(
    g: number, logProbs: number, targets: number, n: number, classes: number, ignoreIndex: number, o: number,
  ): void;
}

const IGNORED = -100;

describe.each(targets)("cross entropy, %s build", (target) => {
  let kernels: Kernels;
  let arena: Arena;

  beforeAll(async () => {
    kernels = await compileKernels<Kernels>("softmax.entry.ts", target);
    arena = new Arena(kernels.memory);
  }, 120_000);

  /** Losses with and without keeping log-probabilities, these, and gradients for the given ones of the losses. */
  function run(logits: ArrayLike<number>, classes: number, places: number[], g: ArrayLike<number>, ignored = IGNORED) {
    arena.reset();
    const n = places.length;
    const [a, t, gradient] = [arena.f32(logits, 4), arena.i32(places, 4), arena.f32(g, 8)];
    const [loss, alone] = [0, 0].map(() => arena.reserve(n * 4, 4));
    const [logProbs, o] = [0, 0].map(() => arena.reserve(n * classes * 4, 4));
    kernels.f32_cross_entropy(a, t, n, classes, ignored, loss, logProbs);
    kernels.f32_cross_entropy(a, t, n, classes, ignored, alone, 0);
    kernels.f32_cross_entropy_grad(gradient, logProbs, t, n, classes, ignored, o);
    arena.checkGuards();
    return {
      loss: arena.readF32(loss, n),
      alone: arena.readF32(alone, n),
      logProbs: arena.readF32(logProbs, n * classes),
      grad: arena.readF32(o, n * classes),
    };
  }

  it.each(
    SIZES.filter((n) => n > 0).flatMap((n) => [
      [3, n],
      [n, 10],
    ]),
  )("of %i rows of %i classes", (n, classes) => {
    const random = randomNumbers(n + classes);
    const logits = Float32Array.from({ length: n * classes }, () => (random() - 0.5) * 20);
    const g = Float32Array.from({ length: n }, () => random() - 0.5);
    const places = Array.from({ length: n }, (_, i) => (i % 5 === 2 ? IGNORED : Math.floor(random() * classes)));
    const { loss, alone, logProbs, grad } = run(logits, classes, places, g);
    expect(alone).toEqual(loss);
    for (let i = 0; i < n; i++) {
      const xs = Array.from(logits.subarray(i * classes, (i + 1) * classes));
      const m = Math.max(...xs);
      const lse = m + Math.log(xs.reduce((s, x) => s + Math.exp(x - m), 0));
      const ignored = places[i] === IGNORED;
      const cost = ignored ? 0 : lse - xs[places[i]];
      expect(Math.abs(loss[i] - cost)).toBeLessThanOrEqual(ignored ? 0 : 1e-6 + 3e-7 * cost);
      xs.forEach((x, j) => {
        const at = i * classes + j;
        expect(Math.abs(logProbs[at] - (x - lse))).toBeLessThan(1e-6 + 3e-7 * Math.abs(x - lse));
        const expected = ignored ? 0 : g[i] * (Math.exp(x - lse) - Number(j === places[i]));
        expect(Math.abs(grad[at] - expected)).toBeLessThanOrEqual(ignored ? 0 : 1e-6);
      });
    }
  });

  it("ignores any index it is told to, though it be a class, and its NaN", () => {
    const { NaN: nan } = Number;
    const { loss, grad } = run([1, 2, 3, nan, nan, nan, nan, 1, 1], 3, [0, 2, 1], [1, 1, 1], 2);
    expect(loss[0]).toBeCloseTo(2.4076, 4);
    expect([loss[1], loss[2]]).toEqual([0, nan]);
    expect([...grad.subarray(3)]).toEqual([0, 0, 0, nan, nan, nan]);
  });

  it("is -0 for a certain class, as in PyTorch, and infinite for an impossible one", () => {
    const { POSITIVE_INFINITY: inf } = Number;
    const { loss, grad } = run([0, -inf, 0, -inf], 2, [0, 1], [1, 1]);
    expect([...loss]).toEqual([-0, inf]);
    expect([...grad]).toEqual([0, 0, 1, -1]);
    expect(run([1000, -1000], 2, [1], [1]).loss[0]).toBe(2000);
  });

  it("says which target is no class", () => {
    const check = (places: number[], classes: number, ignored: number): number => {
      arena.reset();
      return kernels.i32_classes_in_range(arena.i32(places, 4), places.length, classes, ignored);
    };
    expect(check([], 3, IGNORED)).toBe(-1);
    expect(check([0, 2, IGNORED, 1], 3, IGNORED)).toBe(-1);
    expect(check([0, 2, IGNORED, 3, -1], 3, IGNORED)).toBe(3);
    expect(check([0, IGNORED], 3, -1)).toBe(1);
    expect(check([0, 5, -1], 3, 5)).toBe(2);
  });
});
