import { beforeAll, describe, expect, it } from "vitest";
import { Arena, randomNumbers, SIZES } from "./arena.ts";
import { compileKernels, targets } from "./compile.ts";

interface Kernels {
  memory: WebAssembly.Memory;
  // biome-ignore format: as in the kernel
  f32_layer_norm(
    x: number, rows: number, cols: number, weight: number, bias: number, eps: number, y: number, mean: number,
    rstd: number,
  ): void;
  // biome-ignore format: as in the kernel
  f32_layer_norm_grad(
    g: number, x: number, rows: number, cols: number, weight: number, mean: number, rstd: number, o: number,
  ): void;
  // biome-ignore format: as in the kernel
  f32_layer_norm_grad_affine(
    g: number, x: number, rows: number, cols: number, mean: number, rstd: number, gw: number, gb: number,
  ): void;
}

const SHAPES: [rows: number, cols: number][] = [
  ...SIZES.filter((n) => n > 0).flatMap((n): [number, number][] => [
    [1, n],
    [5, n],
    [n, 6],
  ]),
  [3, 2500],
  [0, 4],
];

const mean = (xs: number[]): number => xs.reduce((s, x) => s + x, 0) / xs.length;

/** In float64: the normalised row, its mean and 1/√(var + eps). */
function standard(xs: number[], eps: number): { hat: number[]; m: number; r: number } {
  const m = mean(xs);
  const r = 1 / Math.sqrt(mean(xs.map((x) => (x - m) ** 2)) + eps);
  return { hat: xs.map((x) => (x - m) * r), m, r };
}

describe.each(targets)("layer normalisation, %s build", (target) => {
  let kernels: Kernels;
  let arena: Arena;

  beforeAll(async () => {
    kernels = await compileKernels<Kernels>("norm.entry.ts", target);
    arena = new Arena(kernels.memory);
  }, 120_000);

  const floats = (n: number, seed: number, offset = 0): Float32Array => {
    const random = randomNumbers(seed + n);
    return Float32Array.from({ length: n }, () => (random() - 0.5) * 4 + offset);
  };

  const rowsOf = (a: Float32Array, cols: number): number[][] =>
    Array.from({ length: a.length / cols }, (_, i) => Array.from(a.subarray(i * cols, (i + 1) * cols)));

  interface Result {
    y: Float32Array;
    means: Float32Array;
    rstds: Float32Array;
    gx: Float32Array;
    gw: Float32Array;
    gb: Float32Array;
  }

  function run(
    x: Float32Array,
    g: Float32Array,
    rows: number,
    cols: number,
    w: Float32Array | null,
    b: Float32Array | null,
    eps = 1e-5,
  ): Result {
    arena.reset();
    const [px, pg] = [arena.f32(x, 4), arena.f32(g, 8)];
    const [pw, pb] = [w, b].map((p) => (p ? arena.f32(p, 12) : 0));
    const [y, gx] = [0, 0].map(() => arena.reserve(rows * cols * 4, 4));
    const [m, r] = [0, 0].map(() => arena.reserve(rows * 4));
    const [gw, gb] = [0, 0].map(() => arena.reserve(cols * 4, 8));
    kernels.f32_layer_norm(px, rows, cols, pw, pb, eps, y, m, r);
    kernels.f32_layer_norm_grad(pg, px, rows, cols, pw, m, r, gx);
    kernels.f32_layer_norm_grad_affine(pg, px, rows, cols, m, r, gw, gb);
    arena.checkGuards();
    return {
      y: arena.readF32(y, rows * cols),
      means: arena.readF32(m, rows),
      rstds: arena.readF32(r, rows),
      gx: arena.readF32(gx, rows * cols),
      gw: arena.readF32(gw, cols),
      gb: arena.readF32(gb, cols),
    };
  }

  function expectClose(actual: Float32Array, expected: number[], tolerance: number, what: string): void {
    expect(actual.length).toBe(expected.length);
    actual.forEach((x, i) => {
      const error = Math.abs(x - expected[i]);
      if (!(error <= tolerance * (1 + Math.abs(expected[i])))) {
        throw new Error(`${what}[${i}] is ${x}, expected ${expected[i]}`);
      }
    });
  }

  it.each(SHAPES)("[%i, %i], forward and backward", (rows, cols) => {
    const [x, g] = [floats(rows * cols, 1, 3), floats(rows * cols, 2)];
    const [w, b] = [floats(cols, 3), floats(cols, 4)];
    for (const [weight, bias] of [
      [w, b],
      [w, null],
      [null, b],
      [null, null],
    ]) {
      const out = run(x, g, rows, cols, weight, bias);
      const normalised = rowsOf(x, cols).map((xs) => standard(xs, 1e-5));
      const y = normalised.flatMap(({ hat }) => hat.map((h, j) => h * (weight?.[j] ?? 1) + (bias?.[j] ?? 0)));
      expectClose(out.y, y, 2e-6, "y");
      expectClose(
        out.means,
        normalised.map(({ m }) => m),
        2e-7,
        "mean",
      );
      normalised.forEach(({ r }, i) => {
        expect(Math.abs(out.rstds[i] / r - 1)).toBeLessThan(1e-6);
      });
      const gx = rowsOf(g, cols).flatMap((gs, i) => {
        const { hat, r } = normalised[i];
        const h = gs.map((v, j) => v * (weight?.[j] ?? 1));
        const [centre, slope] = [mean(h), mean(h.map((v, j) => v * hat[j]))];
        return h.map((v, j) => r * (v - centre - hat[j] * slope));
      });
      const steepest = Math.max(1, ...normalised.map(({ r }) => r));
      expectClose(out.gx, gx, 2e-6 * steepest, "gx");
      const columns = Array.from({ length: cols }, (_, j) => j);
      const sums = (f: (i: number, j: number) => number): number[] =>
        columns.map((j) => normalised.reduce((s, _, i) => s + f(i, j), 0));
      const tolerance = 1e-7 * (4 + rows);
      expectClose(
        out.gw,
        sums((i, j) => g[i * cols + j] * normalised[i].hat[j]),
        tolerance,
        "gw",
      );
      expectClose(
        out.gb,
        sums((i, j) => g[i * cols + j]),
        tolerance,
        "gb",
      );
    }
  });

  it.each([1, 3, 8, 1000, 2500])("a row of %i equal numbers is 0 exactly, however large they are", (cols) => {
    const x = new Float32Array(cols).fill(12345.678);
    const w = new Float32Array(cols).fill(2);
    const out = run(x, x, 1, cols, w, new Float32Array(cols).fill(0.5));
    expect([...out.y]).toEqual(new Array(cols).fill(0.5));
    expect(out.means[0]).toBe(x[0]);
    expect(out.rstds[0]).toBe(Math.fround(1 / Math.sqrt(1e-5)));
  });

  it("keeps what little there is of a spread beside a large mean", () => {
    const xs = Array.from({ length: 1001 }, (_, i) => 1e4 + (i % 7) * 2 ** -9);
    const x = Float32Array.from(xs);
    const { hat } = standard(xs, 1e-12);
    const out = run(x, x, 1, 1001, null, null, 1e-12);
    // The mean is stored in f32: half a unit in its last place, times rstd.
    expectClose(out.y, hat, 2 ** -12 * out.rstds[0], "y");
    expect(Math.abs(out.rstds[0] / standard(xs, 1e-12).r - 1)).toBeLessThan(1e-6);
  });

  it("leaves other rows alone when one holds NaN or infinity", () => {
    const x = floats(4 * 9, 5);
    x[9] = Number.NaN;
    x[2 * 9 + 8] = Number.POSITIVE_INFINITY;
    const out = run(x, x, 4, 9, null, null);
    const finite = rowsOf(out.y, 9).map((ys) => ys.map(Number.isFinite));
    expect(finite.map((row) => row.every((ok) => ok))).toEqual([true, false, false, true]);
    expect(finite[1].some((ok) => ok)).toBe(false);
  });

  it("may be asked for one of the parameter gradients only", () => {
    arena.reset();
    const x = arena.f32(floats(12, 6));
    const [m, r, y, gw, gb] = [3, 3, 12, 4, 4].map((n) => arena.reserve(n * 4));
    kernels.f32_layer_norm(x, 3, 4, 0, 0, 1e-5, y, m, r);
    const untouched = arena.readU8(gb, 16);
    kernels.f32_layer_norm_grad_affine(x, x, 3, 4, m, r, gw, 0);
    expect(arena.readU8(gb, 16)).toEqual(untouched);
    const weights = arena.readF32(gw, 4);
    kernels.f32_layer_norm_grad_affine(x, x, 3, 4, m, r, 0, gb);
    expect(arena.readF32(gw, 4)).toEqual(weights);
    arena.checkGuards();
  });
});
