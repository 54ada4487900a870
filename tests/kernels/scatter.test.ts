import { beforeAll, describe, expect, it } from "vitest";
import { Combine } from "../../assembly/abi/combine.ts";
import { Arena, randomNumbers } from "./arena.ts";
import { compileKernels, targets } from "./compile.ts";

// biome-ignore format: as in the kernel
type Scatter = (
  mode: number, source: number, idx: number, each: number, outer: number, count: number, inner: number, size: number, o: number,
) => void;

interface Kernels {
  memory: WebAssembly.Memory;
  f32_scatter: Scatter;
  i32_scatter: Scatter;
  u8_scatter: Scatter;
}

/** [outer, count, inner, size] */
const SHAPES = [
  [1, 0, 1, 3],
  [1, 5, 1, 3],
  [2, 4, 3, 2],
  [3, 1, 7, 5],
  [2, 3, 0, 2],
] as const;

const COMBINE: Record<Combine, (old: number, value: number) => number> = {
  [Combine.Replace]: (_, value) => value,
  [Combine.Add]: (old, value) => old + value,
  [Combine.Multiply]: (old, value) => old * value,
  [Combine.Max]: Math.max,
  [Combine.Min]: Math.min,
};

const CASES = SHAPES.flatMap((shape) =>
  [Combine.Replace, Combine.Add, Combine.Multiply, Combine.Max, Combine.Min].flatMap((mode) =>
    [true, false].map((each) => ({ shape, mode, each })),
  ),
);

describe.each(targets)("scatter, %s build", (target) => {
  let kernels: Kernels;
  let arena: Arena;

  beforeAll(async () => {
    kernels = await compileKernels<Kernels>("scatter.entry.ts", target);
    arena = new Arena(kernels.memory);
  }, 120_000);

  const integers = (n: number, below: number, seed: number): number[] => {
    const random = randomNumbers(seed);
    return Array.from({ length: n }, () => Math.floor(random() * below));
  };

  it.each(CASES)("$shape, mode $mode, an index for each element: $each", ({ shape, mode, each }) => {
    const [outer, count, inner, size] = shape;
    const combine = COMBINE[mode];
    const idx = integers(each ? outer * count * inner : count, size, 1);
    const source = integers(outer * count * inner, 9, 2).map((v) => v - 4);
    const before = integers(outer * size * inner, 9, 3).map((v) => v - 4);
    const run = (old: readonly number[], values: readonly number[], of: typeof combine): number[] => {
      const result = [...old];
      values.forEach((value, i) => {
        const [block, j, l] = [Math.floor(i / (count * inner)), Math.floor(i / inner) % count, i % inner];
        const at = (block * size + idx[each ? i : j]) * inner + l;
        result[at] = of(result[at], value);
      });
      return result;
    };
    const expected = run(before, source, combine);
    const [flags, marks] = [before.map((v) => v & 1), source.map((v) => v & 1)];
    // Sums of booleans say whether any is true, products whether all are.
    const logical = mode === Combine.Add ? Math.max : mode === Combine.Multiply ? Math.min : combine;
    arena.reset();
    const index = arena.i32(idx, 4);
    const [f, i, b] = [arena.f32(before, 4), arena.i32(before, 4), arena.u8(flags, 3)];
    kernels.f32_scatter(mode, arena.f32(source, 4), index, +each, outer, count, inner, size, f);
    kernels.i32_scatter(mode, arena.i32(source, 4), index, +each, outer, count, inner, size, i);
    kernels.u8_scatter(mode, arena.u8(marks, 5), index, +each, outer, count, inner, size, b);
    arena.checkGuards();
    expect([...arena.readF32(f, before.length)]).toEqual(expected);
    expect([...arena.readI32(i, before.length)]).toEqual(expected.map((v) => v | 0));
    expect([...arena.readU8(b, before.length)]).toEqual(run(flags, marks, logical));
  });

  it("lets NaN win", () => {
    arena.reset();
    const idx = arena.i32([0, 0, 1], 4);
    for (const mode of [Combine.Max, Combine.Min]) {
      const o = arena.f32([0, NaN], 4);
      kernels.f32_scatter(mode, arena.f32([NaN, 1, 2], 4), idx, 1, 1, 3, 1, 2, o);
      expect([...arena.readF32(o, 2)]).toEqual([NaN, NaN]);
    }
  });
});
