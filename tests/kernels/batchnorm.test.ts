import { beforeAll, describe, expect, it } from "vitest";
import { Arena, randomNumbers } from "./arena.ts";
import { compileKernels, targets } from "./compile.ts";

interface Kernels {
  memory: WebAssembly.Memory;
  // biome-ignore format: as in the kernel
  f32_batch_norm(
    x: number, batch: number, channels: number, size: number, weight: number, bias: number, eps: number, y: number,
    stats: number,
  ): void;
  // biome-ignore format: as in the kernel
  f32_batch_norm_grad(
    g: number, x: number, batch: number, channels: number, size: number, weight: number, stats: number, gx: number,
    gw: number, gb: number,
  ): void;
}

type Shape = [batch: number, channels: number, size: number];

const SHAPES: Shape[] = [
  ...[1, 2, 3, 4, 5, 8, 9, 17].flatMap((n): Shape[] => [
    [n + 1, 3, 1],
    [4, n, 1],
    [n, 2, 3],
    [2, n, 5],
    [3, 2, n],
  ]),
  [2, 3, 49],
  [2, 1, 2500],
  [1200, 5, 1],
];

const mean = (xs: number[]): number => xs.reduce((s, x) => s + x, 0) / xs.length;

describe.each(targets)("batch normalisation, %s build", (target) => {
  let kernels: Kernels;
  let arena: Arena;

  beforeAll(async () => {
    kernels = await compileKernels<Kernels>("batchnorm.entry.ts", target);
    arena = new Arena(kernels.memory);
  }, 120_000);

  const floats = (n: number, seed: number, offset = 0): Float32Array => {
    const random = randomNumbers(seed + n);
    return Float32Array.from({ length: n }, () => (random() - 0.5) * 4 + offset);
  };

  /** Positions of the elements of a channel. */
  const places = ([batch, channels, size]: Shape, c: number): number[] =>
    Array.from({ length: batch * size }, (_, i) => (Math.floor(i / size) * channels + c) * size + (i % size));

  interface Result {
    y: Float32Array;
    stats: Float32Array;
    gx: Float32Array;
    gw: Float32Array;
    gb: Float32Array;
  }

  function run(shape: Shape, x: Float32Array, g: Float32Array, w: Float32Array | null, b: Float32Array | null): Result {
    const [batch, channels, size] = shape;
    arena.reset();
    const [px, pg] = [arena.f32(x, 4), arena.f32(g, 8)];
    const [pw, pb] = [w, b].map((p) => (p ? arena.f32(p, 12) : 0));
    const [y, gx] = [0, 0].map(() => arena.reserve(x.length * 4, 4));
    const stats = arena.reserve(channels * 12, 8);
    const [gw, gb] = [0, 0].map(() => arena.reserve(channels * 4, 8));
    kernels.f32_batch_norm(px, batch, channels, size, pw, pb, 1e-5, y, stats);
    kernels.f32_batch_norm_grad(pg, px, batch, channels, size, pw, stats, gx, gw, gb);
    arena.checkGuards();
    return {
      y: arena.readF32(y, x.length),
      stats: arena.readF32(stats, channels * 3),
      gx: arena.readF32(gx, x.length),
      gw: arena.readF32(gw, channels),
      gb: arena.readF32(gb, channels),
    };
  }

  function expectClose(actual: number, expected: number, tolerance: number, what: string): void {
    if (!(Math.abs(actual - expected) <= tolerance * (1 + Math.abs(expected)))) {
      throw new Error(`${what} is ${actual}, expected ${expected}`);
    }
  }

  it.each(SHAPES)("[%i, %i, %i], forward and backward", (...shape) => {
    const [batch, channels, size] = shape;
    const n = batch * channels * size;
    const [x, g] = [floats(n, 1, 3), floats(n, 2)];
    const [w, b] = [floats(channels, 3), floats(channels, 4)];
    for (const [weight, bias] of [
      [w, b],
      [w, null],
      [null, b],
      [null, null],
    ]) {
      const out = run(shape, x, g, weight, bias);
      for (let c = 0; c < channels; c++) {
        const at = places(shape, c);
        const xs = at.map((i) => x[i]);
        const gs = at.map((i) => g[i]);
        const m = mean(xs);
        const variance = mean(xs.map((v) => (v - m) ** 2));
        const r = 1 / Math.sqrt(variance + 1e-5);
        const hat = xs.map((v) => (v - m) * r);
        const [factor, shift] = [weight?.[c] ?? 1, bias?.[c] ?? 0];
        expectClose(out.stats[c], m, 2e-7, "mean");
        expectClose(out.stats[channels + c] / r, 1, 1e-6, "rstd");
        expectClose(out.stats[2 * channels + c], variance, 1e-6, "var");
        const [centre, slope] = [mean(gs), mean(gs.map((v, i) => v * hat[i]))];
        at.forEach((place, i) => {
          expectClose(out.y[place], hat[i] * factor + shift, 2e-6 * Math.max(1, r / 10), "y");
          expectClose(out.gx[place], factor * r * (gs[i] - centre - hat[i] * slope), 4e-6 * Math.max(1, r), "gx");
        });
        const tolerance = 1e-7 * (4 + xs.length);
        expectClose(out.gw[c], slope * xs.length, tolerance, "gw");
        expectClose(out.gb[c], centre * xs.length, tolerance, "gb");
      }
    }
  });

  it.each([
    [7, 3, 1],
    [4, 2, 300],
  ] as Shape[])("[%i, %i, %i]: equal numbers become the bias exactly, however large they are", (...shape) => {
    const [batch, channels, size] = shape;
    const x = new Float32Array(batch * channels * size).fill(12345.678);
    const out = run(shape, x, x, new Float32Array(channels).fill(2), new Float32Array(channels).fill(0.5));
    expect([...out.y]).toEqual(new Array(x.length).fill(0.5));
    expect([...out.stats.subarray(2 * channels)]).toEqual(new Array(channels).fill(0));
  });

  it.each([
    [4, 6, 1],
    [2, 6, 9],
  ] as Shape[])("[%i, %i, %i]: a NaN stays in its channel", (...shape) => {
    const [batch, channels, size] = shape;
    const x = floats(batch * channels * size, 5);
    x[size] = Number.NaN;
    const out = run(shape, x, x, null, null);
    const finite = Array.from({ length: channels }, (_, c) => places(shape, c).every((i) => Number.isFinite(out.y[i])));
    expect(finite).toEqual([true, false, true, true, true, true]);
  });

  it("leaves out the gradients that are not asked for", () => {
    arena.reset();
    const x = arena.f32(floats(24, 6));
    const [stats, y, gx, gw, gb] = [9, 24, 24, 3, 3].map((n) => arena.reserve(n * 4));
    kernels.f32_batch_norm(x, 2, 3, 4, 0, 0, 1e-5, y, stats);
    const before = [gx, gw, gb].map((p) => arena.readU8(p, 12));
    kernels.f32_batch_norm_grad(x, x, 2, 3, 4, 0, stats, 0, 0, 0);
    expect([gx, gw, gb].map((p) => arena.readU8(p, 12))).toEqual(before);
    kernels.f32_batch_norm_grad(x, x, 2, 3, 4, 0, stats, 0, gw, 0);
    expect(arena.readU8(gw, 12)).not.toEqual(before[1]);
    expect(arena.readU8(gb, 12)).toEqual(before[2]);
    arena.checkGuards();
  });
});
