import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Arena, lanes, randomNumbers, SHAPES, type Shape3 } from "./arena.ts";
import { compileKernels, targets } from "./compile.ts";

/** As in assembly/kernels/order.ts. */
const [FIRST, RANK, MEDIAN, NAN_MEDIAN, MODE] = [0, 1, 2, 3, 4];

interface Kernels {
  memory: WebAssembly.Memory;
  order(
    kind: number,
    a: number,
    outer: number,
    k: number,
    inner: number,
    isFloat: number,
    descending: number,
    count: number,
    o: number,
    idx: number,
    scratch: number,
  ): void;
}

type Numbers = Float32Array | Int32Array;

/** NaNs come last; equal ones, 0 and -0 among them, keep their order because Array.sort is stable. */
function sorted(xs: readonly number[], descending: boolean): number[] {
  const rank = (x: number): number => (Number.isNaN(x) ? Number.POSITIVE_INFINITY : x);
  const compare = (i: number, j: number): number => {
    const [a, b] = [xs[i], xs[j]];
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    return rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0;
  };
  return xs.map((_, i) => i).sort((i, j) => (descending ? compare(j, i) : compare(i, j)));
}

function size([outer, k, inner]: Shape3): number {
  return outer * k * inner;
}

const filled: Shape3[] = SHAPES.filter((shape) => shape[1] > 0);

describe.each(targets)("order, %s build", (target) => {
  let kernels: Kernels;
  let arena: Arena;

  beforeAll(async () => {
    kernels = await compileKernels<Kernels>("order.entry.ts", target);
    arena = new Arena(kernels.memory);
  }, 120_000);

  beforeEach(() => arena.reset());

  /** Values and places, each as [outer, inner] rows of what is found along k. */
  function run(
    kind: number,
    values: Numbers,
    shape: Shape3,
    count: number,
    descending = false,
  ): [number[][], number[][]] {
    arena.reset();
    const [outer, k, inner] = shape;
    const isFloat = values instanceof Float32Array;
    const found = kind === FIRST ? count : 1;
    const a = isFloat ? arena.f32(values, 4) : arena.i32(values, 4);
    const o = arena.reserve(outer * found * inner * 4);
    const idx = arena.reserve(outer * found * inner * 4);
    const scratch = arena.reserve(16 * k);
    kernels.order(kind, a, outer, k, inner, Number(isFloat), Number(descending), count, o, idx, scratch);
    arena.checkGuards();
    const read = isFloat ? arena.readF32(o, outer * found * inner) : arena.readI32(o, outer * found * inner);
    const places = arena.readI32(idx, outer * found * inner);
    return [[...lanes(read, [outer, found, inner])], [...lanes(places, [outer, found, inner])]];
  }

  function expectFound(found: [number[][], number[][]], rows: number[][], places: (xs: number[]) => number[]): void {
    const expected = rows.map(places);
    expect(found[1]).toEqual(expected);
    expect(found[0]).toEqual(rows.map((xs, i) => expected[i].map((place) => xs[place])));
  }

  /** Few different values, so that there are ties; NaNs, infinities and zeros of both signs among them. */
  function mixed(n: number, seed: number): Float32Array {
    const random = randomNumbers(seed);
    const special = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0];
    return Float32Array.from({ length: n }, () => {
      const which = Math.floor(random() * 30);
      return which < special.length
        ? special[which]
        : Math.fround((random() - 0.5) * 10 ** Math.floor(random() * 9 - 4));
    });
  }

  it.each(filled)("sorts [%i, %i, %i] of floats", (...shape) => {
    const a = mixed(size(shape), size(shape) + 1);
    const rows = [...lanes(a, shape)];
    for (const descending of [false, true]) {
      expectFound(run(FIRST, a, shape, shape[1], descending), rows, (xs) => sorted(xs, descending));
    }
  });

  it.each(filled)("sorts [%i, %i, %i] of integers", (...shape) => {
    const random = randomNumbers(size(shape));
    const extremes = [0, -1, 2 ** 31 - 1, -(2 ** 31)];
    const a = Int32Array.from({ length: size(shape) }, () => {
      const which = Math.floor(random() * 8);
      return extremes[which] ?? Math.floor((random() - 0.5) * 2000);
    });
    const rows = [...lanes(a, shape)];
    for (const descending of [false, true]) {
      expectFound(run(FIRST, a, shape, shape[1], descending), rows, (xs) => sorted(xs, descending));
    }
  });

  it.each(filled)("selects from [%i, %i, %i]", (...shape) => {
    const k = shape[1];
    const a = mixed(size(shape), size(shape) + 2);
    const rows = [...lanes(a, shape)];
    for (const count of new Set([0, 1, k >> 1, k - 1])) {
      expectFound(run(FIRST, a, shape, count), rows, (xs) => sorted(xs, false).slice(0, count));
      expectFound(run(FIRST, a, shape, count, true), rows, (xs) => sorted(xs, true).slice(0, count));
    }
    for (const rank of new Set([0, k >> 1, k - 1])) {
      expectFound(run(RANK, a, shape, rank), rows, (xs) => [sorted(xs, false)[rank]]);
    }
  });

  it.each(filled)("medians of [%i, %i, %i]", (...shape) => {
    const a = mixed(size(shape), size(shape) + 3);
    const rows = [...lanes(a, shape)];
    const numbers = (xs: number[]): number => xs.filter((x) => !Number.isNaN(x)).length;
    expectFound(run(MEDIAN, a, shape, 1), rows, (xs) => {
      const n = numbers(xs);
      return [sorted(xs, false)[n < xs.length ? n : (n - 1) >> 1]];
    });
    expectFound(run(NAN_MEDIAN, a, shape, 1), rows, (xs) => [sorted(xs, false)[Math.max(numbers(xs) - 1, 0) >> 1]]);
  });

  it.each(filled)("most frequent of [%i, %i, %i]", (...shape) => {
    const random = randomNumbers(size(shape));
    const a = Float32Array.from({ length: size(shape) }, () => Math.floor(random() * (shape[1] / 2 + 1)));
    expectFound(run(MODE, a, shape, 1), [...lanes(a, shape)], (xs) => {
      const count = (x: number): number => xs.filter((y) => y === x).length;
      const most = Math.max(...xs.map(count));
      return [xs.lastIndexOf(Math.min(...xs.filter((x) => count(x) === most)))];
    });
  });

  it("NaNs count as equal and largest, and so do zeros of both signs", () => {
    const mode = (...xs: number[]): number[] => {
      const [[[value]], [[place]]] = run(MODE, Float32Array.from(xs), [1, xs.length, 1], 1);
      return [value, place];
    };
    expect(mode(Number.NaN, Number.NaN, 1, 2)).toEqual([Number.NaN, 1]);
    expect(mode(3, Number.NaN, 1)).toEqual([1, 2]);
    expect(mode(Number.NaN, 2, 2, Number.NaN)).toEqual([2, 2]);
    expect(mode(0, -0, 5)).toEqual([-0, 1]);
  });

  it("sorts rows that share bytes of their keys, and such that share all", () => {
    const n = 1000;
    for (const of of [() => 7, (i: number) => i & 1, (i: number) => (i % 3) * 65536, (i: number) => n - i]) {
      const a = Int32Array.from({ length: n }, (_, i) => of(i));
      expectFound(run(FIRST, a, [1, n, 1], n), [[...a]], (xs) => sorted(xs, false));
      expectFound(run(RANK, a, [1, n, 1], 500), [[...a]], (xs) => [sorted(xs, false)[500]]);
    }
  });
});
