import { beforeAll, describe, expect, it } from "vitest";
import { Arena, randomNumbers } from "./arena.ts";
import { compileKernels, targets } from "./compile.ts";

interface Kernels {
  memory: WebAssembly.Memory;
  f32_distances(
    a: number,
    b: number,
    batch: number,
    rows: number,
    columns: number,
    m: number,
    p: number,
    o: number,
    scratch: number,
  ): void;
  f32_distances_grad(
    w: number,
    y: number,
    a: number,
    b: number,
    batch: number,
    rows: number,
    columns: number,
    m: number,
    p: number,
    da: number,
    db: number,
    scratch: number,
  ): void;
}

const ORDERS = [0, 0.5, 1, 2, 3.5, Number.POSITIVE_INFINITY];
/** Coordinates: nothing, parts of a vector, vectors, and both. */
const COORDINATES = [0, 1, 2, 3, 4, 5, 8, 11, 64, 101];
const [batch, rows, columns] = [2, 3, 4];

describe.each(targets)("distances, %s build", (target) => {
  let kernels: Kernels;
  let arena: Arena;

  beforeAll(async () => {
    kernels = await compileKernels<Kernels>("distance.entry.ts", target);
    arena = new Arena(kernels.memory);
  }, 120_000);

  function numbers(n: number, seed: number): Float32Array {
    const random = randomNumbers(seed);
    // Some coordinates agree.
    return Float32Array.from({ length: n }, () => Math.round(random() * 8 - 4) / 2);
  }

  /** Within a share of the largest: sums may cancel. */
  function expectClose(actual: Float32Array, expected: Float64Array): void {
    const allowed = 3e-6 * expected.reduce((top, x) => Math.max(top, Math.abs(x)), 1);
    expect(actual.length).toBe(expected.length);
    expected.forEach((x, i) => {
      if (!(Math.abs(actual[i] - x) <= allowed)) throw new Error(`${i}: ${actual[i]}, expected ${x}`);
    });
  }

  /** Calls `visit` for each pair with its place among the distances and where the rows begin. */
  function pairs(m: number, visit: (at: number, a: number, b: number) => void): void {
    for (let k = 0; k < batch; k++) {
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++)
          visit((k * rows + i) * columns + j, (k * rows + i) * m, (k * columns + j) * m);
      }
    }
  }

  const cases = ORDERS.flatMap((p) => COORDINATES.map((m) => [p, m] as const));

  it.each(cases)("of order %d over %i coordinates, and their gradients", (p, m) => {
    const [a, b] = [numbers(batch * rows * m, m + 1), numbers(batch * columns * m, m + 2)];
    const sums = new Float64Array(batch * rows * columns);
    const differences = (ia: number, ib: number): number[] =>
      Array.from({ length: m }, (_, c) => a[ia + c] - b[ib + c]);
    pairs(m, (at, ia, ib) => {
      const sizes = differences(ia, ib).map(Math.abs);
      if (p === Number.POSITIVE_INFINITY) sums[at] = Math.max(0, ...sizes);
      else sums[at] = sizes.reduce((s, d) => s + (p === 0 ? Number(d > 0) : d ** p), 0);
    });
    arena.reset();
    const [pa, pb] = [arena.f32(a, 4), arena.f32(b, 8)];
    const [o, scratch] = [arena.reserve(sums.length * 4), arena.reserve(m * 4)];
    kernels.f32_distances(pa, pb, batch, rows, columns, m, p, o, scratch);
    arena.checkGuards();
    expectClose(arena.readF32(o, sums.length), sums);
    if (p === 0) return;

    const g = numbers(sums.length, 9);
    const y = sums.map((s) => Math.fround(Number.isFinite(p) ? s ** (1 / p) : s));
    const isPlain = p === 1 || !Number.isFinite(p);
    const w = y.map((d, i) => (isPlain ? g[i] : g[i] * d ** (1 - p)));
    const [da, db] = [new Float64Array(a.length), new Float64Array(b.length)];
    pairs(m, (at, ia, ib) => {
      if (y[at] === 0) return;
      differences(ia, ib).forEach((d, c) => {
        const size = Number.isFinite(p) ? (Math.abs(d) / y[at]) ** (p - 1) : Number(Math.abs(d) === y[at]);
        const t = d === 0 ? 0 : g[at] * Math.sign(d) * size;
        da[ia + c] += t;
        db[ib + c] -= t;
      });
    });
    const [pw, py] = [arena.f32(w), arena.f32(y)];
    const [pda, pdb] = [arena.f32(new Float32Array(a.length), 4), arena.f32(new Float32Array(b.length), 8)];
    kernels.f32_distances_grad(pw, py, pa, pb, batch, rows, columns, m, p, pda, pdb, scratch);
    arena.checkGuards();
    expectClose(arena.readF32(pda, a.length), da);
    expectClose(arena.readF32(pdb, b.length), db);
  });
});
