import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Arena, randomNumbers, SHAPES, type Shape3 } from "./arena.ts";
import { compileKernels, targets } from "./compile.ts";

type Scan = (a: number, outer: number, k: number, inner: number, o: number, reverse?: number) => void;
type Extremes = (a: number, outer: number, k: number, inner: number, o: number, idx: number) => void;

interface Kernels {
  memory: WebAssembly.Memory;
  f32_cumsum: Scan;
  f32_cumprod: Scan;
  i32_cumsum: Scan;
  f32_logcumsumexp: Scan;
  f32_recurrence(x: number, c: number, outer: number, k: number, inner: number, o: number, reverse: number): void;
  f32_cummax: Extremes;
  f32_cummin: Extremes;
  i32_cummax: Extremes;
  i32_cummin: Extremes;
}

function size([outer, k, inner]: Shape3): number {
  return outer * k * inner;
}

/** Calls `step` along k for each place of a lane, in order or from the end, with the flat positions of it and the one before. */
function walk([outer, k, inner]: Shape3, reverse: boolean, step: (at: number, before: number) => void): void {
  for (let i = 0; i < outer; i++) {
    for (let j = 0; j < inner; j++) {
      const flat = (r: number): number => (i * k + r) * inner + j;
      for (let r = 0; r < k; r++) {
        const [here, before] = reverse ? [k - 1 - r, k - r] : [r, r - 1];
        step(flat(here), r === 0 ? -1 : flat(before));
      }
    }
  }
}

describe.each(targets)("scans, %s build", (target) => {
  let kernels: Kernels;
  let arena: Arena;

  beforeAll(async () => {
    kernels = await compileKernels<Kernels>("reduce.entry.ts", target);
    arena = new Arena(kernels.memory);
  }, 120_000);

  beforeEach(() => arena.reset());

  function numbers(n: number): Float32Array {
    const random = randomNumbers(n + 5);
    return Float32Array.from({ length: n }, () => Math.fround(random() * 2 - 1));
  }

  it.each(SHAPES)("from the end of [%i, %i, %i]", (...shape) => {
    const n = size(shape);
    const a = numbers(n);
    const run = (kernel: Scan): Float32Array => {
      arena.reset();
      const [at, o] = [arena.f32(a, 4), arena.reserve(n * 4)];
      kernel(at, ...shape, o, 1);
      arena.checkGuards();
      return arena.readF32(o, n);
    };
    const [sums, products] = [new Float64Array(n), new Float64Array(n)];
    walk(shape, true, (at, before) => {
      sums[at] = a[at] + (before < 0 ? 0 : sums[before]);
      products[at] = a[at] * (before < 0 ? 1 : products[before]);
    });
    expect(run(kernels.f32_cumsum)).toEqual(Float32Array.from(sums));
    expect(run(kernels.f32_cumprod)).toEqual(Float32Array.from(products));
  });

  it.each(SHAPES)("recurrences over [%i, %i, %i]", (...shape) => {
    const n = size(shape);
    const [x, c] = [numbers(n), numbers(n).reverse()];
    for (const reverse of [false, true]) {
      arena.reset();
      const [at, factors, o] = [arena.f32(x, 4), arena.f32(c, 8), arena.reserve(n * 4)];
      kernels.f32_recurrence(at, factors, ...shape, o, Number(reverse));
      arena.checkGuards();
      const y = new Float64Array(n);
      walk(shape, reverse, (here, before) => {
        y[here] = x[here] + (before < 0 ? 0 : c[reverse ? before : here] * y[before]);
      });
      expect(arena.readF32(o, n)).toEqual(Float32Array.from(y));
    }
  });

  it("the factor outside of a recurrence is never read", () => {
    const c = Float32Array.of(Number.NaN, 2, 2);
    const [x, factors, o] = [arena.f32([1, 1, 1]), arena.f32(c), arena.reserve(12)];
    kernels.f32_recurrence(x, factors, 1, 3, 1, o, 0);
    expect([...arena.readF32(o, 3)]).toEqual([1, 3, 7]);
    kernels.f32_recurrence(x, factors, 1, 3, 1, o, 1);
    expect([...arena.readF32(o, 3)]).toEqual([7, 3, 1]);
  });

  function logcumsumexp(a: Float32Array, shape: Shape3): Float32Array {
    arena.reset();
    const [at, o] = [arena.f32(a, 4), arena.reserve(a.length * 4)];
    kernels.f32_logcumsumexp(at, ...shape, o);
    arena.checkGuards();
    return arena.readF32(o, a.length);
  }

  it.each(SHAPES)("logcumsumexp of [%i, %i, %i]", (...shape) => {
    const n = size(shape);
    // Up to 300 apart, so that sums are shifted again and again, and terms vanish.
    const a = numbers(n).map((x) => x * 150);
    const y = logcumsumexp(a, shape);
    const expected = new Float64Array(n);
    walk(shape, false, (at, before) => {
      const [x, sum] = [a[at], before < 0 ? Number.NEGATIVE_INFINITY : expected[before]];
      const most = Math.max(x, sum);
      expected[at] = most + Math.log(Math.exp(x - most) + Math.exp(sum - most));
      const error = Math.abs(y[at] - expected[at]);
      if (!(error <= 1e-6 + 1e-7 * Math.abs(expected[at])))
        throw new Error(`${at}: ${y[at]}, expected ${expected[at]}`);
    });
  });

  it("logcumsumexp that rises slowly loses nothing to its length", () => {
    const n = 20_000;
    const a = Float32Array.from({ length: n }, (_, i) => i / 100);
    const y = logcumsumexp(a, [1, n, 1]);
    // A geometric series: log Σ e^(i/100) = (n-1)/100 + log((1 - e^(-n/100)) / (1 - e^(-1/100))).
    const expected = (n - 1) / 100 - Math.log(1 - Math.exp(-0.01));
    expect(Math.abs(y[n - 1] - expected)).toBeLessThan(3e-5);
  });

  it.each([1, 3, 4, 7])("logcumsumexp of infinities and NaN, inner = %i", (inner) => {
    const { POSITIVE_INFINITY: inf, NEGATIVE_INFINITY: none, NaN: nan } = Number;
    const run = (...xs: number[]): number[] => {
      const a = Float32Array.from({ length: xs.length * inner }, (_, i) => xs[Math.floor(i / inner)]);
      const y = logcumsumexp(a, [1, xs.length, inner]);
      return xs.map((_, i) => y[i * inner]);
    };
    expect(run(none, none, 0, none)).toEqual([none, none, 0, 0]);
    expect(run(0, inf, 1, inf, none)).toEqual([0, inf, inf, inf, inf]);
    expect(run(none, inf, 2)).toEqual([none, inf, inf]);
    expect(run(0, nan, 1)).toEqual([0, nan, nan]);
    expect(run(nan, inf)).toEqual([nan, nan]);
    expect(run(3.4e38, -3.4e38)).toEqual([Math.fround(3.4e38), Math.fround(3.4e38)]);
  });

  function extremes(kernel: Extremes, a: Float32Array | Int32Array, shape: Shape3): [number[], number[]] {
    arena.reset();
    const n = a.length;
    const isFloat = a instanceof Float32Array;
    const at = isFloat ? arena.f32(a, 4) : arena.i32(a, 4);
    const [o, idx] = [arena.reserve(n * 4), arena.reserve(n * 4)];
    kernel(at, ...shape, o, idx);
    arena.checkGuards();
    return [[...(isFloat ? arena.readF32(o, n) : arena.readI32(o, n))], [...arena.readI32(idx, n)]];
  }

  it.each(SHAPES)("largest and smallest so far of [%i, %i, %i]", (...shape) => {
    const [, k, inner] = shape;
    const n = size(shape);
    // Few different values: the last of equal ones counts.
    const floats = numbers(n).map((x) => (x > 0.95 ? Number.NaN : Math.round(x * 4)));
    const ints = Int32Array.from(numbers(n), (x) => Math.round(x * 4));
    for (const [kernel, a, sign] of [
      [kernels.f32_cummax, floats, 1],
      [kernels.f32_cummin, floats, -1],
      [kernels.i32_cummax, ints, 1],
      [kernels.i32_cummin, ints, -1],
    ] as const) {
      const places = new Int32Array(n);
      walk(shape, false, (at, before) => {
        const best = before < 0 ? at : places[before];
        const [x, b] = [a[at], a[best]];
        places[at] = Number.isNaN(x) || (!Number.isNaN(b) && sign * x >= sign * b) ? at : best;
      });
      const along = (flat: number): number => Math.floor(flat / inner) % k;
      const expected = [[...places].map((p) => a[p]), [...places].map(along)];
      expect(extremes(kernel, a, shape)).toEqual(expected);
    }
  });
});
