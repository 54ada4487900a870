import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { Arena, SIZES } from "./arena.ts";
import { compileKernels, targets } from "./compile.ts";

interface Kernels {
  memory: WebAssembly.Memory;
  RANDOM_STATE_BYTES: WebAssembly.Global;
  random_seed(state: number, seed: number): void;
  f32_uniform(state: number, o: number, n: number, from: number, to: number): void;
  f32_normal(state: number, o: number, n: number, mean: number, std: number): void;
  f32_bernoulli(state: number, o: number, n: number, p: number, value: number): void;
  f32_bernoulli_each(state: number, p: number, o: number, n: number): void;
  f32_exponential(state: number, o: number, n: number, rate: number): void;
  i32_random(state: number, o: number, n: number, low: number, high: number): void;
  i32_randperm(state: number, o: number, n: number): void;
  // biome-ignore format: as in the kernel
  i32_multinomial(
    state: number, weights: number, rows: number, n: number, samples: number, scratch: number, o: number,
  ): void;
}

/** A call, and what PyTorch drew for it: all of it, or the first and the last five. */
type Draw = { n: number; values: number[] } & (
  | { op: "uniform" | "randint"; low: number; high: number }
  | { op: "normal"; mean: number; std: number }
  | { op: "randperm" }
  | { op: "bernoulli"; p: number; value: number }
  | { op: "bernoulliEach"; p: number[] }
  | { op: "exponential"; rate: number }
  | { op: "multinomial"; weights: number[] | number[][]; samples: number }
);

interface Sequence {
  name: string;
  seed: number;
  draws: Draw[];
}

const sequences: Sequence[] = JSON.parse(readFileSync(new URL("../data/random.json", import.meta.url), "utf8"));

describe.each(targets)("random numbers, %s build", (target) => {
  let kernels: Kernels;
  let arena: Arena;
  let state: number;

  beforeAll(async () => {
    kernels = await compileKernels<Kernels>("random.entry.ts", target);
    arena = new Arena(kernels.memory);
  }, 120_000);

  /** All buffers of a test come after its state. */
  function seed(value: number): void {
    arena.reset();
    state = arena.reserve(kernels.RANDOM_STATE_BYTES.value);
    kernels.random_seed(state, value);
  }

  function run(draw: Draw): ArrayLike<number> {
    const { n } = draw;
    const o = arena.reserve(n * 4, 4);
    switch (draw.op) {
      case "uniform":
        kernels.f32_uniform(state, o, n, draw.low, draw.high);
        return arena.readF32(o, n);
      case "normal":
        kernels.f32_normal(state, o, n, draw.mean, draw.std);
        return arena.readF32(o, n);
      case "exponential":
        kernels.f32_exponential(state, o, n, draw.rate);
        return arena.readF32(o, n);
      case "bernoulli":
        kernels.f32_bernoulli(state, o, n, draw.p, draw.value);
        return arena.readF32(o, n);
      case "bernoulliEach":
        kernels.f32_bernoulli_each(state, arena.f32(draw.p), o, n);
        return arena.readF32(o, n);
      case "randint":
        kernels.i32_random(state, o, n, draw.low, draw.high);
        return arena.readI32(o, n);
      case "randperm":
        kernels.i32_randperm(state, o, n);
        return arena.readI32(o, n);
      case "multinomial": {
        const weights = draw.weights.flat();
        const count = n / draw.samples;
        const scratch = arena.reserve((weights.length / count) * 4);
        // biome-ignore format: as in the kernel
        kernels.i32_multinomial(
          state, arena.f32(weights), count, weights.length / count, draw.samples, scratch, o,
        );
        return arena.readI32(o, n);
      }
    }
  }

  /** Integers and uniforms are PyTorch's to the bit; logarithms, sines and cosines are not computed as there. */
  function tolerance(draw: Draw, expected: number): number {
    if (draw.op === "normal" && draw.n >= 16) return 2 ** -22 * Math.abs(expected) + 1e-6 * draw.std;
    if (draw.op === "normal" || draw.op === "exponential") return 2 ** -23 * Math.abs(expected);
    return 0;
  }

  it.each(sequences)("$name from seed $seed, as PyTorch", ({ seed: value, draws }) => {
    seed(value);
    for (const draw of draws) {
      const drawn = Array.from(run(draw));
      const actual = draw.values.length < draw.n ? [...drawn.slice(0, 5), ...drawn.slice(-5)] : drawn;
      expect(actual.length).toBe(draw.values.length);
      actual.forEach((x, i) => {
        const y = draw.values[i];
        if (!(Math.abs(x - y) <= tolerance(draw, y))) throw new Error(`${draw.op}(${draw.n})[${i}] is ${x}, not ${y}`);
      });
    }
    arena.checkGuards();
  });

  it("does not depend on how many are drawn at a time", () => {
    const total = SIZES.reduce((s, n) => s + n, 0);
    seed(11);
    const whole = run({ op: "uniform", n: total, values: [], low: 0, high: 1 });
    seed(11);
    const parts = SIZES.flatMap((n) => Array.from(run({ op: "uniform", n, values: [], low: 0, high: 1 })));
    expect(parts).toEqual(Array.from(whole));
    seed(12);
    const flips = run({ op: "bernoulli", n: total, values: [], p: 0.3, value: 1 });
    seed(12);
    const pieces = SIZES.flatMap((n) => Array.from(run({ op: "bernoulli", n, values: [], p: 0.3, value: 1 })));
    expect(pieces).toEqual(Array.from(flips));
    arena.checkGuards();
  });

  it("goes on from a saved state, kept normal and all", () => {
    seed(13);
    run({ op: "uniform", n: 700, values: [], low: 0, high: 1 });
    run({ op: "normal", n: 3, values: [], mean: 0, std: 1 });
    const bytes = kernels.RANDOM_STATE_BYTES.value;
    const saved = arena.readU8(state, bytes);
    const then = Array.from(run({ op: "normal", n: 5, values: [], mean: 0, std: 1 }));
    new Uint8Array(kernels.memory.buffer).set(saved, state);
    expect(Array.from(run({ op: "normal", n: 5, values: [], mean: 0, std: 1 }))).toEqual(then);
  });

  it("spreads as it should", () => {
    seed(14);
    const n = 100_000;
    const normals = Array.from(run({ op: "normal", n, values: [], mean: 2, std: 3 }));
    const mean = normals.reduce((s, x) => s + x, 0) / n;
    const variance = normals.reduce((s, x) => s + (x - mean) ** 2, 0) / n;
    expect(mean).toBeCloseTo(2, 1);
    expect(variance).toBeCloseTo(9, 0);
    const order = Array.from(run({ op: "randperm", n: 5000, values: [] }));
    expect(order.sort((a, b) => a - b)).toEqual(Array.from({ length: 5000 }, (_, i) => i));
    const rare = Array.from(run({ op: "bernoulli", n, values: [], p: 0.01, value: 2 }));
    expect(rare.filter((x) => x === 2).length / n).toBeCloseTo(0.01, 2);
    expect(rare.every((x) => x === 0 || x === 2)).toBe(true);
  });
});
