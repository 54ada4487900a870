import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Arena, lanes, randomNumbers, SHAPES, type Shape3 } from "./arena.ts";
import { compileKernels, targets } from "./compile.ts";

type Reduction = (a: number, outer: number, k: number, inner: number, o: number) => void;
type Extreme = (a: number, outer: number, k: number, inner: number, o: number, idx: number) => void;

type Named<Name extends string, Kernel> = { [name in Name]: Kernel };

type Kernels = { memory: WebAssembly.Memory } & Named<
  "f32_sum" | "f32_sumsq" | "f32_prod" | "f32_amax" | "f32_amin" | "f32_argmax" | "f32_argmin",
  Reduction
> &
  Named<"i32_sum" | "i32_prod" | "i32_amax" | "i32_amin" | "i32_argmax" | "i32_argmin", Reduction> &
  Named<"f32_cumsum" | "f32_cumprod" | "i32_cumsum" | "i32_cumprod" | "u8_any" | "u8_all", Reduction> &
  Named<"f32_max_dim" | "f32_min_dim" | "i32_max_dim" | "i32_min_dim", Extreme> &
  Named<"f32_var", (a: number, outer: number, k: number, inner: number, correction: number, o: number) => void>;

const sum = (xs: number[]): number => xs.reduce((s, x) => s + x, 0);
const sumAbs = (xs: number[]): number => xs.reduce((s, x) => s + Math.abs(x), 0);

/** The first of the best; a NaN is better than any number. */
function best(xs: number[], better: (x: number, y: number) => boolean): number {
  let at = 0;
  xs.forEach((x, i) => {
    if (!Number.isNaN(xs[at]) && (Number.isNaN(x) || better(x, xs[at]))) at = i;
  });
  return at;
}
const greater = (x: number, y: number): boolean => x > y;
const less = (x: number, y: number): boolean => x < y;

const size = ([outer, k, inner]: Shape3): number => outer * k * inner;
const results = ([outer, , inner]: Shape3): number => outer * inner;

describe.each(targets)("reductions, %s build", (target) => {
  let kernels: Kernels;
  let arena: Arena;

  beforeAll(async () => {
    kernels = await compileKernels<Kernels>("reduce.entry.ts", target);
    arena = new Arena(kernels.memory);
  }, 120_000);

  beforeEach(() => arena.reset());

  /** Random floats with few distinct values, so that ties occur, unless `spread`. */
  function floats(shape: Shape3, spread = true): Float32Array {
    const random = randomNumbers(size(shape) + shape[1]);
    return Float32Array.from({ length: size(shape) }, () =>
      spread ? (random() - 0.4) * 8 : Math.floor(random() * 9) - 4,
    );
  }

  /** Runs a reduction on a copy that lies as in a view, four bytes off its boundary. */
  function run(kernel: Reduction, values: Float32Array, shape: Shape3, count = results(shape)): Float32Array {
    arena.reset();
    const a = arena.f32(values, 4);
    const o = arena.reserve(count * 4);
    kernel(a, ...shape, o);
    arena.checkGuards();
    return arena.readF32(o, count);
  }

  function runInts(kernel: Reduction, values: ArrayLike<number>, shape: Shape3, count = results(shape)): Int32Array {
    arena.reset();
    const a = arena.i32(values, 4);
    const o = arena.reserve(count * 4);
    kernel(a, ...shape, o);
    arena.checkGuards();
    return arena.readI32(o, count);
  }

  function expectClose(actual: number, expected: number, tolerance: number, what: string): void {
    const error = Math.abs(actual - expected);
    if (!(error <= tolerance)) throw new Error(`${what}: got ${actual}, expected ${expected}, off by ${error}`);
  }

  describe("sums", () => {
    it.each(SHAPES)("[%i, %i, %i] are as exact as four roundings", (...shape) => {
      const a = floats(shape);
      const sums = run(kernels.f32_sum, a, shape);
      const squares = run(kernels.f32_sumsq, a, shape);
      let i = 0;
      for (const xs of lanes(a, shape)) {
        expectClose(sums[i], sum(xs), 2 ** -22 * sumAbs(xs), `sum ${i}`);
        const expected = sum(xs.map((x) => x * x));
        expectClose(squares[i], expected, 2 ** -22 * expected, `sum of squares ${i}`);
        i++;
      }
      expect(i).toBe(sums.length);
    });

    it.each<Shape3>([
      [1, 1 << 20, 1],
      [1, 100_003, 3],
      [1, 10_007, 40],
      [1, 4099, 261],
    ])("[%i, %i, %i] lose nothing to the length", (...shape) => {
      const random = randomNumbers(7);
      const a = Float32Array.from({ length: size(shape) }, () => random());
      const sums = run(kernels.f32_sum, a, shape);
      let i = 0;
      for (const xs of lanes(a, shape)) expectClose(sums[i++] / sum(xs), 1, 1e-7, `sum ${i}`);
    });

    it("of nothing, and of -0, are +0", () => {
      expect([...run(kernels.f32_sum, new Float32Array(0), [2, 0, 3])]).toEqual([0, 0, 0, 0, 0, 0]);
      expect(run(kernels.f32_sum, Float32Array.of(-0, -0), [1, 2, 1])[0]).toBe(0);
      expect([...run(kernels.f32_sum, new Float32Array(40).fill(-0), [1, 2, 20])]).toEqual(new Array(20).fill(0));
    });

    it.each([1, 2, 40])("show NaN and infinities, inner = %i", (inner) => {
      const a = new Float32Array(70 * inner).fill(1);
      const shape: Shape3 = [1, 70, inner];
      a[35 * inner] = Number.POSITIVE_INFINITY;
      expect(run(kernels.f32_sum, a, shape)[0]).toBe(Number.POSITIVE_INFINITY);
      a[36 * inner] = Number.NEGATIVE_INFINITY;
      expect(run(kernels.f32_sum, a, shape)[0]).toBeNaN();
      a[36 * inner] = 1;
      a[inner - 1] = Number.NaN;
      expect(run(kernels.f32_sum, a, shape)[inner - 1]).toBeNaN();
    });
  });

  it.each(SHAPES)("products of [%i, %i, %i]", (...shape) => {
    const random = randomNumbers(size(shape));
    const a = Float32Array.from({ length: size(shape) }, () => 0.9 + random() * 0.2);
    const products = run(kernels.f32_prod, a, shape);
    let i = 0;
    for (const xs of lanes(a, shape)) {
      const expected = xs.reduce((p, x) => p * x, 1);
      expectClose(products[i++] / expected, 1, 6e-8 * (shape[1] + 1), `product ${i}`);
    }
  });

  describe("variance", () => {
    it.each(SHAPES)("of [%i, %i, %i]", (...shape) => {
      const a = floats(shape).map((x) => x + 100);
      for (const correction of [0, 1]) {
        const kernel: Reduction = (p, outer, k, inner, o) => kernels.f32_var(p, outer, k, inner, correction, o);
        const variances = run(kernel, a, shape);
        let i = 0;
        for (const xs of lanes(a, shape)) {
          const mean = sum(xs) / xs.length;
          const expected = sum(xs.map((x) => (x - mean) ** 2)) / Math.max(0, xs.length - correction);
          if (Number.isNaN(expected)) expect(variances[i]).toBeNaN();
          else expectClose(variances[i], expected, 1e-7 * expected, `variance ${i}`);
          i++;
        }
      }
    });

    it.each([1, 3, 9])("of constants is exactly 0, inner = %i", (inner) => {
      const a = new Float32Array(1000 * inner).fill(12345.678);
      const kernel: Reduction = (p, outer, k, width, o) => kernels.f32_var(p, outer, k, width, 1, o);
      expect([...run(kernel, a, [1, 1000, inner])]).toEqual(new Array(inner).fill(0));
    });

    it("is infinite where k <= correction, NaN where there is nothing to spread", () => {
      const kernel: Reduction = (p, outer, k, inner, o) => kernels.f32_var(p, outer, k, inner, 3, o);
      expect(run(kernel, Float32Array.of(1, 3), [1, 2, 1])[0]).toBe(Number.POSITIVE_INFINITY);
      expect(run(kernel, Float32Array.of(1), [1, 1, 1])[0]).toBeNaN();
    });
  });

  describe("extremes", () => {
    it.each(SHAPES.filter(([, k]) => k > 0))("of [%i, %i, %i], the first of equals", (...shape) => {
      const a = floats(shape, false);
      // Every third result has NaNs among its elements.
      a.forEach((_, i) => {
        if (i % 3 === 0 && Math.floor(i / shape[2]) % 7 === 3) a[i] = Number.NaN;
      });
      const at = (better: (x: number, y: number) => boolean): number[] =>
        [...lanes(a, shape)].map((xs) => best(xs, better));
      const values = (places: number[]): number[] => [...lanes(a, shape)].map((xs, i) => xs[places[i]]);
      for (const [name, places] of [["max", at(greater)] as const, ["min", at(less)] as const]) {
        expect([...run(kernels[`f32_a${name}`], a, shape)]).toEqual(values(places));
        arena.reset();
        const input = arena.f32(a, 4);
        const [o, idx, arg] = [0, 0, 0].map(() => arena.reserve(results(shape) * 4));
        kernels[`f32_${name}_dim`](input, ...shape, o, idx);
        kernels[`f32_arg${name}`](input, ...shape, arg);
        arena.checkGuards();
        expect([...arena.readF32(o, results(shape))]).toEqual(values(places));
        expect([...arena.readI32(idx, results(shape))]).toEqual(places);
        expect([...arena.readI32(arg, results(shape))]).toEqual(places);
      }
    });

    it.each(SHAPES.filter(([, k]) => k > 0))("of integers [%i, %i, %i]", (...shape) => {
      const random = randomNumbers(size(shape));
      const a = Int32Array.from({ length: size(shape) }, () => Math.floor(random() * 9 - 4) * 0x1fffffff);
      const at = (better: (x: number, y: number) => boolean): number[] =>
        [...lanes(a, shape)].map((xs) => best(xs, better));
      for (const [name, places] of [["max", at(greater)] as const, ["min", at(less)] as const]) {
        const values = [...lanes(a, shape)].map((xs, i) => xs[places[i]]);
        expect([...runInts(kernels[`i32_a${name}`], a, shape)]).toEqual(values);
        expect([...runInts(kernels[`i32_arg${name}`], a, shape)]).toEqual(places);
        arena.reset();
        const input = arena.i32(a, 4);
        const [o, idx] = [0, 0].map(() => arena.reserve(results(shape) * 4));
        kernels[`i32_${name}_dim`](input, ...shape, o, idx);
        arena.checkGuards();
        expect([...arena.readI32(o, results(shape))]).toEqual(values);
        expect([...arena.readI32(idx, results(shape))]).toEqual(places);
      }
    });

    it.each([1, 5, 16])("find infinities, and the first NaN of several, inner = %i", (inner) => {
      const n = 700;
      const shape: Shape3 = [1, n, inner];
      const a = new Float32Array(n * inner).fill(Number.NEGATIVE_INFINITY);
      expect(run(kernels.f32_amax, a, shape)[0]).toBe(Number.NEGATIVE_INFINITY);
      expect(runInts(kernels.f32_argmax, new Int32Array(a.buffer), shape)[0]).toBe(0);
      a[600 * inner] = -3;
      a[601 * inner] = Number.POSITIVE_INFINITY;
      expect(run(kernels.f32_amax, a, shape)[0]).toBe(Number.POSITIVE_INFINITY);
      expect(runInts(kernels.f32_argmax, new Int32Array(a.buffer), shape)[0]).toBe(601);
      a[602 * inner] = Number.NaN;
      a[699 * inner] = Number.NaN;
      for (const kernel of [kernels.f32_argmax, kernels.f32_argmin]) {
        expect(runInts(kernel, new Int32Array(a.buffer), shape)[0]).toBe(602);
      }
      for (const kernel of [kernels.f32_amax, kernels.f32_amin]) expect(run(kernel, a, shape)[0]).toBeNaN();
    });

    it("take 0 and -0 for equal", () => {
      const places = [Float32Array.of(-0, 0, 0, 0, 0), Float32Array.of(0, -0, -0, -0, -0)].flatMap((a) =>
        [kernels.f32_argmax, kernels.f32_argmin].map((k) => runInts(k, new Int32Array(a.buffer), [1, 5, 1])[0]),
      );
      expect(places).toEqual([0, 0, 0, 0]);
    });
  });

  it.each(SHAPES)("integer sums and products of [%i, %i, %i] wrap around", (...shape) => {
    const random = randomNumbers(size(shape) + 1);
    const a = Int32Array.from({ length: size(shape) }, () => Math.floor((random() - 0.5) * 2 ** 32));
    const sums = [...lanes(a, shape)].map((xs) => xs.reduce((s, x) => (s + x) | 0, 0));
    const products = [...lanes(a, shape)].map((xs) => xs.reduce((p, x) => Math.imul(p, x | 1), 1));
    expect([...runInts(kernels.i32_sum, a, shape)]).toEqual(sums);
    const odd = a.map((x) => x | 1);
    expect([...runInts(kernels.i32_prod, odd, shape)]).toEqual(products);
  });

  it.each(SHAPES)("any and all of [%i, %i, %i]", (...shape) => {
    for (const rate of [0, 0.02, 0.98, 1]) {
      const random = randomNumbers(size(shape) + 2);
      const a = Uint8Array.from({ length: size(shape) }, () => Number(random() < rate));
      arena.reset();
      const input = arena.u8(a, 3);
      const [any, all] = [0, 0].map(() => arena.reserve(results(shape)));
      kernels.u8_any(input, ...shape, any);
      kernels.u8_all(input, ...shape, all);
      arena.checkGuards();
      const groups = [...lanes(a, shape)];
      expect([...arena.readU8(any, results(shape))]).toEqual(groups.map((xs) => Number(xs.some((x) => x === 1))));
      expect([...arena.readU8(all, results(shape))]).toEqual(groups.map((xs) => Number(xs.every((x) => x === 1))));
    }
  });

  describe("scans", () => {
    /** What a scan of each lane gives, put back where its element was. */
    function scanned(
      a: ArrayLike<number>,
      [outer, k, inner]: Shape3,
      step: (x: number, y: number) => number,
    ): number[] {
      const out = Array.from(a);
      for (let at = 0; at < outer * k * inner; at++) {
        if (Math.floor(at / inner) % k > 0) out[at] = step(out[at - inner], out[at]);
      }
      return out;
    }

    it.each(SHAPES)("[%i, %i, %i] run in float64", (...shape) => {
      const a = floats(shape);
      const sums = scanned(a, shape, (x, y) => x + y).map(Math.fround);
      expect([...run(kernels.f32_cumsum, a, shape, size(shape))]).toEqual(sums);
      const products = scanned(a, shape, (x, y) => x * y).map(Math.fround);
      expect([...run(kernels.f32_cumprod, a, shape, size(shape))]).toEqual(products);
    });

    it.each(SHAPES)("[%i, %i, %i] of integers wrap around", (...shape) => {
      const a = Int32Array.from(floats(shape), (x) => x * 1e8);
      const sums = scanned(a, shape, (x, y) => (x + y) | 0);
      expect([...runInts(kernels.i32_cumsum, a, shape, size(shape))]).toEqual(sums);
      expect([...runInts(kernels.i32_cumprod, a, shape, size(shape))]).toEqual(scanned(a, shape, Math.imul));
    });

    it("carry NaN on", () => {
      const a = Float32Array.of(1, Number.NaN, 2);
      expect([...run(kernels.f32_cumsum, a, [1, 3, 1], 3)]).toEqual([1, Number.NaN, Number.NaN]);
    });
  });
});
