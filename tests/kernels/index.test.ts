import { beforeAll, describe, expect, it } from "vitest";
import { Arena, randomNumbers, SIZES } from "./arena.ts";
import { compileKernels, targets } from "./compile.ts";

type Pick = (a: number, outer: number, kIn: number, inner: number, idx: number, count: number, o: number) => void;

interface Kernels {
  memory: WebAssembly.Memory;
  i32_in_range(idx: number, n: number, low: number, high: number): number;
  gather32: Pick;
  gather8: Pick;
  index_select32: Pick;
  index_select8: Pick;
  // biome-ignore format: as in the kernel
  scatter_add_f32(
    g: number, idx: number, outer: number, kOut: number, inner: number, kIn: number, o: number,
  ): void;
  index_add_f32(g: number, outer: number, n: number, inner: number, idx: number, kIn: number, o: number): void;
}

/** [outer, kIn, inner, kOut] with each size at each place. */
const CASES = [
  ...SIZES.flatMap((n) => [
    [1, Math.max(n, 1), 1, 6],
    [3, 7, n, 2],
    [n, 4, 1, 3],
    [2, 5, 3, n],
    [1, 3, 1, n],
  ]),
  [2, 50, 300, 20],
  [1, 9, 50, 4],
] as [outer: number, kIn: number, inner: number, kOut: number][];

const FROM = 1 << 30;

describe.each(targets)("indexing, %s build", (target) => {
  let kernels: Kernels;
  let arena: Arena;

  beforeAll(async () => {
    kernels = await compileKernels<Kernels>("index.entry.ts", target);
    arena = new Arena(kernels.memory);
  }, 120_000);

  const integers = (n: number, below: number, seed = 1): number[] => {
    const random = randomNumbers(seed + n);
    return Array.from({ length: n }, () => Math.floor(random() * below));
  };
  const floats = (n: number, seed: number): Float32Array => {
    const random = randomNumbers(seed + n);
    return Float32Array.from({ length: n }, () => random() - 0.5);
  };

  it.each(CASES)("gather from [%i, %i, %i], %i each", (outer, kIn, inner, kOut) => {
    arena.reset();
    const count = outer * kOut * inner;
    const idx = integers(count, kIn);
    const at = (i: number): number => {
      const [block, column] = [Math.floor(i / (kOut * inner)), i % inner];
      return (block * kIn + idx[i]) * inner + column;
    };
    const words = integers(outer * kIn * inner, FROM);
    const bytes = words.map((x) => x & 0xff);
    const [index, o32, o8] = [arena.i32(idx, 4), arena.reserve(count * 4, 4), arena.reserve(count, 3)];
    kernels.gather32(arena.i32(words, 4), outer, kIn, inner, index, kOut, o32);
    kernels.gather8(arena.u8(bytes, 5), outer, kIn, inner, index, kOut, o8);
    arena.checkGuards();
    expect([...arena.readI32(o32, count)]).toEqual(idx.map((_, i) => words[at(i)]));
    expect([...arena.readU8(o8, count)]).toEqual(idx.map((_, i) => bytes[at(i)]));
  });

  it.each(CASES)("index_select from [%i, %i, %i], %i of them", (outer, kIn, inner, n) => {
    arena.reset();
    const count = outer * n * inner;
    const idx = integers(n, kIn);
    const words = integers(outer * kIn * inner, FROM);
    const bytes = words.map((x) => x & 0xff);
    const [index, o32, o8] = [arena.i32(idx, 4), arena.reserve(count * 4, 4), arena.reserve(count, 3)];
    kernels.index_select32(arena.i32(words, 4), outer, kIn, inner, index, n, o32);
    kernels.index_select8(arena.u8(bytes, 5), outer, kIn, inner, index, n, o8);
    arena.checkGuards();
    const at = Array.from({ length: count }, (_, i) => {
      const row = Math.floor(i / inner);
      return (Math.floor(row / n) * kIn + idx[row % n]) * inner + (i % inner);
    });
    expect([...arena.readI32(o32, count)]).toEqual(at.map((i) => words[i]));
    expect([...arena.readU8(o8, count)]).toEqual(at.map((i) => bytes[i]));
  });

  it.each(CASES)("scatter_add into [%i, %i, %i], %i each", (outer, kIn, inner, kOut) => {
    arena.reset();
    const idx = integers(outer * kOut * inner, kIn);
    const g = floats(idx.length, 2);
    const expected = floats(outer * kIn * inner, 3);
    const o = arena.f32(expected, 4);
    kernels.scatter_add_f32(arena.f32(g, 8), arena.i32(idx, 4), outer, kOut, inner, kIn, o);
    arena.checkGuards();
    idx.forEach((to, i) => {
      expected[(Math.floor(i / (kOut * inner)) * kIn + to) * inner + (i % inner)] += g[i];
    });
    expect(arena.readF32(o, expected.length)).toEqual(expected);
  });

  it.each(CASES)("index_add into [%i, %i, %i], %i of them", (outer, kIn, inner, n) => {
    arena.reset();
    const idx = integers(n, kIn);
    const g = floats(outer * n * inner, 2);
    const expected = floats(outer * kIn * inner, 3);
    const o = arena.f32(expected, 4);
    kernels.index_add_f32(arena.f32(g, 8), outer, n, inner, arena.i32(idx, 4), kIn, o);
    arena.checkGuards();
    g.forEach((x, i) => {
      const row = Math.floor(i / inner);
      expected[(Math.floor(row / n) * kIn + idx[row % n]) * inner + (i % inner)] += x;
    });
    expect(arena.readF32(o, expected.length)).toEqual(expected);
  });

  describe("i32_in_range", () => {
    function firstBad(idx: number[], low: number, high: number): number {
      arena.reset();
      return kernels.i32_in_range(arena.i32(idx, 4), idx.length, low, high);
    }

    it.each(SIZES)("finds the first of %i that is out of it", (n) => {
      const idx = integers(n, 10);
      expect(firstBad(idx, 0, 10)).toBe(-1);
      for (const bad of [0, 1, n >> 1, n - 2, n - 1].filter((i) => i >= 0 && i < n)) {
        for (const value of [-1, 10, 2 ** 31 - 1, -(2 ** 31)]) {
          const spoilt = idx.map((x, i) => (i === bad || i === n - 1 ? value : x));
          expect(firstBad(spoilt, 0, 10)).toBe(bad);
        }
      }
    });

    it("takes any bounds", () => {
      expect(firstBad([-3, 2, -4], -3, 3)).toBe(2);
      expect(firstBad([0], 0, 0)).toBe(0);
      expect(firstBad([5, 6, 7, 8, 9], 9, 5)).toBe(0);
      expect(firstBad([2 ** 31 - 2, -(2 ** 31), 0, 1], -(2 ** 31), 2 ** 31 - 1)).toBe(-1);
      expect(firstBad([0, 0, 0, 2 ** 31 - 1], -(2 ** 31), 2 ** 31 - 1)).toBe(3);
    });
  });
});
