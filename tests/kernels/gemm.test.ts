import { beforeAll, describe, expect, it } from "vitest";
import { compileKernels, targets } from "./compile.ts";

interface Kernels {
  memory: WebAssembly.Memory;
  GEMM_SCRATCH_BYTES: WebAssembly.Global;
  setGemmPackAFromColumns(columns: number): void;
  // biome-ignore format: as in the kernel
  f32_gemm(
    m: number, n: number, k: number, a: number, rsa: number, csa: number, b: number, rsb: number, csb: number,
    c: number, ldc: number, bias: number, flags: number, scratch: number,
  ): void;
  copy2d_32(a: number, rs: number, cs: number, o: number, ldo: number, rows: number, cols: number): void;
}

/** A strided matrix: where its first element lies, and how many elements apart its rows and columns are. */
interface Matrix {
  at: number;
  rows: number;
  cols: number;
  rs: number;
  cs: number;
}

const ACCUMULATE = 1;
const RELU = 2;
const SENTINEL = 12345.678;

/** Element offsets of the test buffers in one memory. */
const REGION = 1 << 20;
const A = REGION;
const B = 2 * REGION;
const C = 3 * REGION;
const BIAS = 4 * REGION;
const SCRATCH = 5 * REGION;

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) / 2 ** 24;
  };
}

const layouts = {
  "row-major": (at: number, rows: number, cols: number): Matrix => ({ at, rows, cols, rs: cols, cs: 1 }),
  transposed: (at: number, rows: number, cols: number): Matrix => ({ at, rows, cols, rs: 1, cs: rows }),
  "padded rows": (at: number, rows: number, cols: number): Matrix => ({ at, rows, cols, rs: cols + 3, cs: 1 }),
  "padded columns": (at: number, rows: number, cols: number): Matrix => ({ at, rows, cols, rs: 1, cs: rows + 3 }),
  "both strided": (at: number, rows: number, cols: number): Matrix => ({ at, rows, cols, rs: 2 * cols + 1, cs: 2 }),
  "one row, expanded": (at: number, rows: number, cols: number): Matrix => ({ at, rows, cols, rs: 0, cs: 1 }),
  "one column, expanded": (at: number, rows: number, cols: number): Matrix => ({ at, rows, cols, rs: 1, cs: 0 }),
  "one element, expanded": (at: number, rows: number, cols: number): Matrix => ({ at, rows, cols, rs: 0, cs: 0 }),
  backwards: (at: number, rows: number, cols: number): Matrix => ({
    at: at + rows * cols - 1,
    rows,
    cols,
    rs: -cols,
    cs: -1,
  }),
};

describe.each(targets)("GEMM, %s build", (target) => {
  let kernels: Kernels;
  let f32: Float32Array;

  beforeAll(async () => {
    kernels = await compileKernels<Kernels>("gemm.entry.ts", target);
    kernels.memory.grow((6 * REGION * 4) / 65536);
    f32 = new Float32Array(kernels.memory.buffer);
  }, 120_000);

  function gemm(a: Matrix, b: Matrix, c: Matrix, bias = 0, flags = 0): void {
    const [m, n, k] = [a.rows, b.cols, a.cols];
    // biome-ignore format: as in the kernel
    kernels.f32_gemm(
      m, n, k, a.at * 4, a.rs, a.cs, b.at * 4, b.rs, b.cs, c.at * 4, c.rs, bias * 4, flags, SCRATCH * 4,
    );
  }

  function product(a: Matrix, b: Matrix): Float64Array {
    const out = new Float64Array(a.rows * b.cols);
    for (let i = 0; i < a.rows; i++) {
      for (let p = 0; p < a.cols; p++) {
        const x = f32[a.at + i * a.rs + p * a.cs];
        for (let j = 0; j < b.cols; j++) out[i * b.cols + j] += x * f32[b.at + p * b.rs + j * b.cs];
      }
    }
    return out;
  }

  /** Small integers: every sum is exact, whatever its order and whether products are fused. */
  function fillIntegers(start: number, count: number, seed: number): void {
    const next = random(seed);
    for (let i = 0; i < count; i++) f32[start + i] = Math.floor(next() * 17) - 8;
  }

  /** Runs one case into a C with `gap` unused elements per row; the first wrong element, or "". */
  function wrong(a: Matrix, b: Matrix, expected: Float64Array, gap: number, withBias: boolean, flags: number): string {
    const [m, n] = [a.rows, b.cols];
    const ldc = n + gap;
    const margin = 16;
    const area = f32.subarray(C - margin, C + m * ldc + margin);
    area.fill(SENTINEL);
    for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) f32[C + i * ldc + j] = ((i * 5 + j * 3) % 11) - 5;
    const before = area.slice();
    gemm(a, b, { at: C, rows: m, cols: n, rs: ldc, cs: 1 }, withBias ? BIAS : 0, flags);
    for (let at = 0; at < area.length; at++) {
      const i = Math.floor((at - margin) / ldc);
      const j = at - margin - i * ldc;
      let want = before[at];
      if (i >= 0 && i < m && j < n) {
        want = expected[i * n + j] + (flags & ACCUMULATE ? want : 0) + (withBias ? f32[BIAS + j] : 0);
        if (flags & RELU) want = Math.max(want, 0);
      }
      if (area[at] !== want) {
        const shape = `${m}x${a.cols}x${n}, A by (${a.rs}, ${a.cs}), B by (${b.rs}, ${b.cs}), ldc ${ldc}`;
        return `${shape}, bias ${withBias}, flags ${flags}: got ${area[at]} at [${i}, ${j}], expected ${want}`;
      }
    }
    return "";
  }

  function check(m: number, n: number, k: number, layoutA: keyof typeof layouts, layoutB: keyof typeof layouts): void {
    const a = layouts[layoutA](A, m, k);
    const b = layouts[layoutB](B, k, n);
    const expected = product(a, b);
    for (let variant = 0; variant < 8; variant++) {
      const message = wrong(a, b, expected, variant % 3, (variant & 4) !== 0, variant & 3);
      if (message !== "") expect.fail(message);
    }
  }

  it.each(["row-major", "transposed"] as const)(
    "equals the naive product at every small size and edge, A %s",
    (layoutA) => {
      fillIntegers(A, 4096, 1);
      fillIntegers(B, 4096, 2);
      fillIntegers(BIAS, 64, 3);
      const sizes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 16, 17, 31];
      for (const m of sizes) {
        for (const n of sizes) {
          for (const k of [0, ...sizes]) {
            check(m, n, k, layoutA, "row-major");
            check(m, n, k, layoutA, "transposed");
          }
        }
      }
    },
    60_000,
  );

  it("equals the naive product around the block lengths of each dimension", () => {
    fillIntegers(A, REGION, 4);
    fillIntegers(B, REGION, 5);
    fillIntegers(BIAS, 1100, 6);
    for (const layoutA of ["row-major", "transposed"] as const) {
      for (const layoutB of ["row-major", "transposed"] as const) {
        for (const [m, n, k] of [
          ...[1, 2, 5, 64, 100].flatMap((k) => [
            [200, 513, k],
            [513, 64, k],
            [64, 200, k],
          ]),
          ...[1, 2, 3, 4, 5, 10, 31].flatMap((n) => [
            [100, n, 200],
            [64, n, 513],
            [200, n, 17],
          ]),
          ...[1, 2, 3, 4, 7, 13].flatMap((m) => [
            [m, 100, 192],
            [m, 513, 193],
            [m, 200, 513],
            [m, 1024, 64],
          ]),
          [64, 256, 64],
          [1, 2100, 9],
          [1, 1, 4099],
          [3, 3, 1100],
          [1030, 1, 1030],
        ]) {
          check(m, n, k, layoutA, layoutB);
        }
      }
    }
  }, 60_000);

  it("takes any strides", () => {
    fillIntegers(A, 8192, 7);
    fillIntegers(B, 8192, 8);
    fillIntegers(BIAS, 64, 9);
    const names = Object.keys(layouts) as (keyof typeof layouts)[];
    for (const layoutA of names) {
      for (const layoutB of names) {
        for (const m of [1, 2, 3, 7, 33]) {
          for (const n of [1, 2, 4, 11, 33]) for (const k of [1, 2, 6, 33]) check(m, n, k, layoutA, layoutB);
        }
      }
    }
  }, 60_000);

  it("does nothing without rows or columns", () => {
    const before = f32.slice(C - 16, C + 64);
    const shapes = [
      [0, 5, 3],
      [5, 0, 3],
      [0, 0, 0],
    ];
    for (const [m, n, k] of shapes)
      gemm(layouts["row-major"](A, m, k), layouts["row-major"](B, k, n), layouts["row-major"](C, m, n));
    expect(f32.slice(C - 16, C + 64)).toEqual(before);
  });

  it("reads no element beyond the operands, even at the end of memory", () => {
    // An access beyond the memory traps; everything before the operand is NaN, which would show in C.
    const end = f32.length;
    const kept = f32.slice(end - 8192);
    const next = random(10);
    for (const m of [1, 2, 5, 6, 13]) {
      for (const n of [1, 3, 5, 8, 11, 19]) {
        for (const k of [1, 3, 7, 21]) {
          for (const transposed of [false, true]) {
            const layout = layouts[transposed ? "transposed" : "row-major"];
            for (const operand of ["a", "b", "c", "bias"]) {
              f32.fill(Number.NaN, end - 8192);
              const count = { a: m * k, b: k * n, c: m * n, bias: n }[operand] as number;
              for (let i = 1; i <= count; i++) f32[end - i] = next() - 0.5;
              fillIntegers(A, m * k, 11);
              fillIntegers(B, k * n, 12);
              fillIntegers(BIAS, n, 13);
              const a = layout(operand === "a" ? end - count : A, m, k);
              const b = layout(operand === "b" ? end - count : B, k, n);
              const c = layouts["row-major"](operand === "c" ? end - count : C, m, n);
              gemm(a, b, c, operand === "bias" ? end - count : BIAS, RELU);
              const result = f32.subarray(c.at, c.at + m * n);
              if (result.some(Number.isNaN)) expect.fail(`NaN in C: ${m}x${k}x${n}, ${operand} at the end of memory`);
            }
          }
        }
      }
    }
    f32.set(kept, end - 8192);
  });

  it("gives the same bits whether operands are packed or not", () => {
    const next = random(14);
    for (const [m, n, k] of [
      [5, 5, 2],
      [13, 19, 31],
      [50, 40, 200],
      [64, 70, 513],
      [200, 210, 385],
      [7, 600, 193],
    ]) {
      for (let i = 0; i < m * k; i++) f32[A + i] = next() - 0.5;
      for (let i = 0; i < k * n; i++) f32[B + i] = next() - 0.5;
      const a = layouts["row-major"](A, m, k);
      const b = layouts["row-major"](B, k, n);
      const a2 = layouts.transposed(A + m * k, m, k);
      const b2 = layouts.transposed(B + k * n, k, n);
      for (let i = 0; i < m; i++) for (let p = 0; p < k; p++) f32[a2.at + i + p * m] = f32[A + i * k + p];
      for (let p = 0; p < k; p++) for (let j = 0; j < n; j++) f32[b2.at + p + j * k] = f32[B + p * n + j];
      for (let j = 0; j < n; j++) f32[BIAS + j] = next();
      const c = layouts["row-major"](C, m, n);
      const results: Float32Array[] = [];
      for (const columns of [1, 1 << 30, 192]) {
        kernels.setGemmPackAFromColumns(columns);
        for (const left of [a, a2]) {
          for (const right of [b, b2]) {
            gemm(left, right, c, BIAS, 0);
            results.push(f32.slice(C, C + m * n));
          }
        }
      }
      // The same rows computed in two calls, as threads would.
      const top = Math.floor(m / 2) < 4 ? 0 : Math.floor(m / 2);
      gemm({ ...a, rows: top }, b, { ...c, rows: top }, BIAS, 0);
      gemm({ ...a, at: A + top * k, rows: m - top }, b, { ...c, at: C + top * n, rows: m - top }, BIAS, 0);
      results.push(f32.slice(C, C + m * n));
      for (const result of results) expect(result).toEqual(results[0]);
    }
  });

  it("is as accurate as sums in blocks are", () => {
    const next = random(15);
    for (const [m, n, k] of [
      [8, 8, 1000],
      [1, 8, 5000],
      [3, 20, 5000],
      [20, 1, 5000],
      [1, 1, 100_000],
      [16, 16, 4000],
    ]) {
      for (let i = 0; i < m * k; i++) f32[A + i] = next();
      for (let i = 0; i < k * n; i++) f32[B + i] = next();
      for (const layoutB of ["row-major", "transposed"] as const) {
        const a = layouts["row-major"](A, m, k);
        const b = layouts[layoutB](B, k, n);
        const expected = product(a, b);
        gemm(a, b, layouts["row-major"](C, m, n));
        // All terms are positive: rounding errors of a chain of 192 and of the sum of blocks, each at most 2^-24.
        const bound = (192 + k / 192 + 2) * 2 ** -24;
        for (let i = 0; i < m * n; i++) expect(Math.abs(f32[C + i] / expected[i] - 1)).toBeLessThan(bound);
      }
    }
  });

  it("keeps NaN and infinity in their rows and columns, through relu too", () => {
    for (const [m, n, k] of [
      [1, 9, 9],
      [9, 1, 9],
      [9, 9, 9],
      [9, 9, 1],
      [40, 13, 40],
    ]) {
      for (const layout of ["row-major", "transposed"] as const) {
        f32.fill(1, A, A + m * k);
        f32.fill(0, B, B + k * n);
        const a = layouts[layout](A, m, k);
        f32[a.at + (m - 1) * a.rs] = Number.NaN;
        if (m > 1) f32[a.at] = Number.POSITIVE_INFINITY;
        gemm(a, layouts["row-major"](B, k, n), layouts["row-major"](C, m, n), 0, RELU);
        for (let i = 0; i < m; i++) {
          const want = i === m - 1 || i === 0 ? Number.NaN : 0;
          for (let j = 0; j < n; j++) expect(f32[C + i * n + j]).toBe(want);
        }
      }
    }
  });
});

describe("copy2d_32", () => {
  let kernels: Kernels;
  let i32: Int32Array;

  beforeAll(async () => {
    kernels = await compileKernels<Kernels>("gemm.entry.ts", "simd");
    kernels.memory.grow((4 * REGION * 4) / 65536);
    i32 = new Int32Array(kernels.memory.buffer);
  }, 120_000);

  function check(a: Matrix, ldo: number): void {
    const { rows, cols } = a;
    const margin = 16;
    const area = i32.subarray(C - margin, C + rows * ldo + margin);
    area.fill(-1);
    const want = area.slice();
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < cols; c++) want[margin + r * ldo + c] = i32[a.at + r * a.rs + c * a.cs];
    }
    kernels.copy2d_32(a.at * 4, a.rs, a.cs, C * 4, ldo, rows, cols);
    const at = want.findIndex((value, i) => value !== area[i]);
    if (at >= 0) {
      expect.fail(
        `${rows}x${cols} by (${a.rs}, ${a.cs}), ldo ${ldo}: ${area[at]} at ${at - margin}, expected ${want[at]}`,
      );
    }
  }

  it("copies from any layout and writes no other element", () => {
    for (let i = 0; i < 20_000; i++) i32[A + i] = i + 1;
    for (const layout of Object.values(layouts)) {
      for (const rows of [0, 1, 2, 3, 4, 5, 8, 15, 16, 17, 33, 64]) {
        for (const cols of [0, 1, 2, 3, 4, 5, 8, 15, 16, 17, 33, 49, 64]) {
          for (const gap of [0, 1, 5]) check(layout(A, rows, cols), cols + gap);
        }
      }
    }
  });

  it("reads nothing beyond the last element, even at the end of memory", () => {
    for (const layout of ["row-major", "transposed", "padded rows", "padded columns"] as const) {
      for (const rows of [1, 3, 4, 7, 16, 18]) {
        for (const cols of [1, 3, 4, 7, 16, 18, 50]) {
          const a = layouts[layout](0, rows, cols);
          const extent = (rows - 1) * a.rs + (cols - 1) * a.cs + 1;
          check({ ...a, at: i32.length - extent }, cols);
        }
      }
    }
  });
});
