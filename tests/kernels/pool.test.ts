import { beforeAll, describe, expect, it } from "vitest";
import { compileKernels } from "./compile.ts";

interface Kernels {
  memory: WebAssembly.Memory;
  pool2dScratchBytes(...geometry: number[]): number;
  pool3dScratchBytes(...geometry: number[]): number;
  f32_max_pool2d(x: number, y: number, indices: number, planes: number, ...rest: number[]): void;
  f32_max_pool3d(x: number, y: number, indices: number, planes: number, ...rest: number[]): void;
  f32_avg_pool2d(x: number, y: number, planes: number, ...rest: number[]): void;
  f32_avg_pool3d(x: number, y: number, planes: number, ...rest: number[]): void;
  f32_avg_pool2d_backward(gy: number, gx: number, planes: number, ...rest: number[]): void;
  f32_avg_pool3d_backward(gy: number, gx: number, planes: number, ...rest: number[]): void;
  // biome-ignore format: as in the kernel
  f32_max_pool_backward(
    gy: number, indices: number, gx: number, planes: number, size: number, outSize: number,
  ): void;
}

type Triple = [number, number, number];

/** One pooling; spatial triples are depth, height, width. */
interface Case {
  planes: number;
  size: Triple;
  kernel: Triple;
  stride: Triple;
  pad: Triple;
  dilation: Triple;
  ceil: boolean;
}

const SENTINEL = 12345.678;
const REGION = 1 << 18;
const X = REGION;
const Y = 2 * REGION;
const INDICES = 3 * REGION;
const SCRATCH = 4 * REGION;
const GUARD = 256;

function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return Math.floor(((state >>> 8) / 2 ** 24) * below);
  };
}

function volume(size: number[]): number {
  return size.reduce((product, n) => product * n, 1);
}

/** PyTorch's sizes: in ceil mode a last window must still begin in the input or the padding before it. */
function outputSize(c: Case): Triple {
  return c.size.map((n, i) => {
    const span = n + 2 * c.pad[i] - c.dilation[i] * (c.kernel[i] - 1) - 1;
    const count = (c.ceil ? Math.ceil(span / c.stride[i]) : Math.floor(span / c.stride[i])) + 1;
    return c.ceil && (count - 1) * c.stride[i] >= n + c.pad[i] ? count - 1 : count;
  }) as Triple;
}

/** The flat positions of one plane that a window sees, in row-major order. */
function windowOf(c: Case, out: Triple, o: number): number[] {
  const at = [Math.floor(o / (out[1] * out[2])), Math.floor(o / out[2]) % out[1], o % out[2]];
  const along = at.map((p, i) =>
    Array.from({ length: c.kernel[i] }, (_, k) => p * c.stride[i] - c.pad[i] + k * c.dilation[i]).filter(
      (x) => x >= 0 && x < c.size[i],
    ),
  );
  return along[0].flatMap((z) => along[1].flatMap((y) => along[2].map((x) => (z * c.size[1] + y) * c.size[2] + x)));
}

const base: Case = {
  planes: 3,
  size: [1, 9, 13],
  kernel: [1, 3, 3],
  stride: [1, 2, 2],
  pad: [0, 1, 1],
  dilation: [1, 1, 1],
  ceil: false,
};

const named: [string, Partial<Case>][] = [
  ["3x3, stride 2, padding 1", {}],
  ["2x2 side by side", { kernel: [1, 2, 2], pad: [0, 0, 0], size: [1, 8, 28] }],
  ["2x2 side by side, an odd rest", { kernel: [1, 2, 2], pad: [0, 0, 0], size: [1, 9, 15] }],
  ["2x2 side by side, few outputs", { kernel: [1, 2, 2], pad: [0, 0, 0], size: [1, 6, 6] }],
  ["2x2 in ceil mode", { kernel: [1, 2, 2], pad: [0, 0, 0], size: [1, 9, 15], ceil: true }],
  ["2x2 with padding", { kernel: [1, 2, 2], size: [1, 8, 12] }],
  ["stride 1, input read in place", { stride: [1, 1, 1], pad: [0, 0, 0] }],
  ["stride 1, in ceil mode", { stride: [1, 1, 1], ceil: true }],
  [
    "stride 3 over a kernel of 2: elements that no window sees",
    { stride: [1, 3, 3], kernel: [1, 2, 2], pad: [0, 0, 0] },
  ],
  ["ceil mode beyond the padding", { stride: [1, 3, 4], kernel: [1, 4, 5], ceil: true }],
  ["the whole plane", { kernel: [1, 9, 13], pad: [0, 0, 0] }],
  ["one row", { size: [1, 1, 40], kernel: [1, 1, 4], pad: [0, 0, 2] }],
  ["narrow rows", { size: [1, 12, 3] }],
  ["narrow rows, stride 1, no padding", { size: [1, 9, 4], stride: [1, 1, 1], pad: [0, 0, 0] }],
  ["no planes", { planes: 0 }],
  ["three dimensions", { size: [5, 6, 7], kernel: [3, 2, 3], stride: [2, 1, 2], pad: [1, 1, 1] }],
  ["three dimensions, 1x2x2", { size: [4, 8, 8], kernel: [1, 2, 2], stride: [2, 2, 2], pad: [0, 0, 0] }],
  [
    "three dimensions in ceil mode",
    { size: [6, 6, 9], kernel: [2, 2, 2], stride: [2, 2, 2], pad: [0, 0, 0], ceil: true },
  ],
];

const dilated: [string, Partial<Case>][] = [
  ["dilation 2", { dilation: [1, 2, 2] }],
  ["dilation 3, stride 1, 2x2", { dilation: [1, 3, 3], stride: [1, 1, 1], kernel: [1, 2, 2] }],
  ["three dimensions, dilation 2", { size: [6, 7, 9], kernel: [2, 2, 3], dilation: [2, 2, 2], pad: [1, 1, 1] }],
];

describe("pooling", () => {
  let kernels: Kernels;
  let f32: Float32Array;
  let i32: Int32Array;

  beforeAll(async () => {
    kernels = await compileKernels<Kernels>("pool.entry.ts", "simd");
    kernels.memory.grow((5 * REGION * 4) / 65536);
    f32 = new Float32Array(kernels.memory.buffer);
    i32 = new Int32Array(kernels.memory.buffer);
  }, 120_000);

  /** Fills the scratch with NaN, calls, and checks that nothing behind the scratch was touched. */
  function inScratch(c: Case, call: (flat: (values: Triple) => number[], suffix: "2d" | "3d") => void): void {
    const two = c.size[0] === 1 && c.kernel[0] === 1 && c.pad[0] === 0;
    const flat = (values: Triple): number[] => (two ? values.slice(1) : values);
    const scratchBytes = two ? kernels.pool2dScratchBytes : kernels.pool3dScratchBytes;
    const bytes = scratchBytes(...[c.size, c.kernel, c.stride, c.dilation, outputSize(c)].flatMap(flat));
    const end = SCRATCH + Math.ceil(bytes / 4);
    f32.fill(Number.NaN, SCRATCH, end);
    f32.fill(SENTINEL, end, end + GUARD);
    call(flat, two ? "2d" : "3d");
    if (!f32.subarray(end, end + GUARD).every((value) => value === Math.fround(SENTINEL))) {
      expect.fail(`scratch overrun: ${JSON.stringify(c)}`);
    }
  }

  function maxPool(c: Case, x = X, y = Y, indices = INDICES): void {
    inScratch(c, (flat, suffix) => {
      const geometry = [c.size, c.kernel, c.stride, c.pad, c.dilation, outputSize(c)].flatMap(flat);
      kernels[`f32_max_pool${suffix}`](x * 4, y * 4, indices * 4, c.planes, ...geometry, SCRATCH * 4);
    });
  }

  function avgPool(c: Case, backward: "" | "_backward", countPad: boolean, divisor: number, from = X, to = Y): void {
    inScratch(c, (flat, suffix) => {
      const geometry = [c.size, c.kernel, c.stride, c.pad, outputSize(c)].flatMap(flat);
      const kernel = kernels[`f32_avg_pool${suffix}${backward}`];
      kernel(from * 4, to * 4, c.planes, ...geometry, countPad ? 1 : 0, divisor, SCRATCH * 4);
    });
  }

  function checkMax(c: Case, fill: (i: number) => number): void {
    const out = outputSize(c);
    const [size, outSize] = [volume(c.size), volume(out)];
    for (let i = 0; i < c.planes * size; i++) f32[X + i] = fill(i);
    const count = c.planes * outSize;
    for (const indices of [INDICES, 0]) {
      f32.fill(SENTINEL, Y, Y + count + 8);
      i32.fill(-7, INDICES, INDICES + count + 8);
      maxPool(c, X, Y, indices);
      for (let o = 0; o < count; o++) {
        const plane = Math.floor(o / outSize) * size;
        const seen = windowOf(c, out, o % outSize);
        let winner = seen[0];
        for (const at of seen) {
          const value = f32[X + plane + at];
          if (value > f32[X + plane + winner] || Number.isNaN(value)) winner = at;
        }
        const want = f32[X + plane + winner];
        const wrongIndex = indices !== 0 && i32[INDICES + o] !== winner;
        if (!Object.is(f32[Y + o], want) || wrongIndex) {
          const got = `${f32[Y + o]} from ${i32[INDICES + o]}`;
          expect.fail(`${JSON.stringify(c)} at ${o}: got ${got}, expected ${want} from ${winner}`);
        }
      }
      expect(f32[Y + count]).toBe(Math.fround(SENTINEL));
      expect(i32[INDICES + count]).toBe(-7);
    }
  }

  it.each([...named, ...dilated])("takes maxima and where they are: %s", (_, changes) => {
    const c = { ...base, ...changes };
    const next = random(1);
    checkMax(c, () => next(1 << 20) - (1 << 19));
    // Few different values: the first of equal maxima counts, also among -inf.
    checkMax(c, () => [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, 1, 2][next(4)]);
    checkMax(c, () => Number.NEGATIVE_INFINITY);
    checkMax(c, () => (next(6) === 0 ? Number.NaN : -next(9)));
  });

  it("agrees with PyTorch 1.13 where the definition does not say", () => {
    const nan = Number.NaN;
    const low = Number.NEGATIVE_INFINITY;
    const pool = (changes: Partial<Case>, values: number[]): number[] => {
      const c = { ...base, planes: 1, ...changes };
      f32.set(values, X);
      maxPool(c);
      return [...i32.subarray(INDICES, INDICES + volume(outputSize(c)))];
    };
    const rows = [1, nan, 3, nan, nan, 2, low, 0, ...Array<number>(8).fill(low)];
    expect(pool({ size: [1, 4, 4], kernel: [1, 2, 2], pad: [0, 0, 0] }, rows)).toEqual([4, 3, 8, 10]);
    expect(pool({ size: [1, 4, 4] }, Array<number>(16).fill(low))).toEqual([0, 1, 4, 5]);
    expect(
      pool({ size: [1, 5, 5], kernel: [1, 2, 2], stride: [1, 1, 1], dilation: [1, 3, 3] }, Array<number>(25).fill(low)),
    ).toEqual([12, 10, 11, 12, 2, 0, 1, 2, 7, 5, 6, 7, 12, 10, 11, 12]);
    f32.set(
      Array.from({ length: 25 }, (_, i) => i),
      X,
    );
    const c: Case = { ...base, planes: 1, size: [1, 5, 5], kernel: [1, 2, 2], ceil: true };
    avgPool(c, "", true, 0);
    expect([...f32.subarray(Y, Y + 9)]).toEqual([0, 0.75, 1.75, 3.75, 9, 11, 8.75, 19, 21]);
    avgPool(c, "", false, 0);
    expect([...f32.subarray(Y, Y + 9)]).toEqual([0, 1.5, 3.5, 7.5, 9, 11, 17.5, 19, 21]);
  });

  it.each([...named, ...dilated])("sends gradients of maxima to where they came from: %s", (_, changes) => {
    const c = { ...base, ...changes };
    const [size, outSize] = [volume(c.size), volume(outputSize(c))];
    const next = random(2);
    for (let i = 0; i < c.planes * size; i++) f32[X + i] = next(5);
    maxPool(c);
    const want = new Float32Array(c.planes * size);
    for (let o = 0; o < c.planes * outSize; o++) {
      f32[Y + o] = next(9) - 4;
      want[Math.floor(o / outSize) * size + i32[INDICES + o]] += f32[Y + o];
    }
    f32.fill(SENTINEL, X, X + want.length + 1);
    kernels.f32_max_pool_backward(Y * 4, INDICES * 4, X * 4, c.planes, size, outSize);
    expect(f32.slice(X, X + want.length)).toEqual(want);
    expect(f32[X + want.length]).toBe(Math.fround(SENTINEL));
  });

  /** Divisor of each output by PyTorch's rules. */
  function divisorOf(c: Case, out: Triple, o: number, countPad: boolean, divisor: number): number {
    if (divisor !== 0) return divisor;
    if (!countPad) return windowOf(c, out, o).length;
    const at = [Math.floor(o / (out[1] * out[2])), Math.floor(o / out[2]) % out[1], o % out[2]];
    return volume(
      at.map((p, i) => {
        const start = p * c.stride[i] - c.pad[i];
        return Math.min(start + c.kernel[i], c.size[i] + c.pad[i]) - start;
      }),
    );
  }

  const divisions: [boolean, number][] = [
    [true, 0],
    [false, 0],
    [true, 5],
  ];

  it.each(named)("takes means: %s", (_, changes) => {
    const c = { ...base, ...changes };
    const out = outputSize(c);
    const [size, outSize] = [volume(c.size), volume(out)];
    const next = random(3);
    for (const [countPad, divisor] of divisions) {
      // Sums of small integers are exact; the one division rounds as in JavaScript.
      for (let i = 0; i < c.planes * size; i++) f32[X + i] = next(2001) - 1000;
      const want = Float32Array.from({ length: c.planes * outSize }, (_, o) => {
        const plane = Math.floor(o / outSize) * size;
        const sum = windowOf(c, out, o % outSize).reduce((total, at) => total + f32[X + plane + at], 0);
        return sum / divisorOf(c, out, o % outSize, countPad, divisor);
      });
      f32.fill(SENTINEL, Y, Y + want.length + 1);
      avgPool(c, "", countPad, divisor);
      expect(f32.slice(Y, Y + want.length)).toEqual(want);
      expect(f32[Y + want.length]).toBe(Math.fround(SENTINEL));
    }
  });

  it.each(named)("spreads gradients of means: %s", (_, changes) => {
    const c = { ...base, ...changes };
    const out = outputSize(c);
    const [size, outSize] = [volume(c.size), volume(out)];
    const next = random(4);
    for (const [countPad, divisor] of divisions) {
      const want = new Float64Array(c.planes * size);
      for (let o = 0; o < c.planes * outSize; o++) {
        // Whatever the divisor, shares are multiples of a half: all sums are exact.
        f32[Y + o] = (next(9) - 4) * (divisor || 8 * 9 * 5 * 13);
        const count = divisorOf(c, out, o % outSize, countPad, divisor);
        const plane = Math.floor(o / outSize) * size;
        for (const at of windowOf(c, out, o % outSize)) want[plane + at] += f32[Y + o] / count;
      }
      f32.fill(SENTINEL, X, X + want.length + 1);
      avgPool(c, "_backward", countPad, divisor, Y, X);
      expect(f32.slice(X, X + want.length)).toEqual(Float32Array.from(want));
      expect(f32[X + want.length]).toBe(Math.fround(SENTINEL));
    }
  });

  it("reads nothing beyond its operands, even at the end of memory", () => {
    for (const [, changes] of [...named, ...dilated]) {
      const c = { ...base, ...changes };
      const [size, outSize] = [volume(c.size), volume(outputSize(c))];
      const withoutDilation: Case = { ...c, dilation: [1, 1, 1] };
      const outSizes = { max: outSize, avg: volume(outputSize(withoutDilation)) };
      const end = f32.length;
      const fill = (at: number, count: number): void => {
        f32.fill(Number.NaN, at - 64, at);
        f32.fill(1, at, at + count);
      };
      const finite = (at: number, count: number): void =>
        expect(f32.subarray(at, at + count).some(Number.isNaN)).toBe(false);
      fill(end - c.planes * size, c.planes * size);
      maxPool(c, end - c.planes * size);
      finite(Y, c.planes * outSizes.max);
      avgPool(withoutDilation, "", true, 0, end - c.planes * size);
      finite(Y, c.planes * outSizes.avg);
      fill(X, c.planes * size);
      maxPool(c, X, end - c.planes * outSizes.max);
      maxPool(c, X, Y, end - c.planes * outSizes.max);
      avgPool(withoutDilation, "", true, 0, X, end - c.planes * outSizes.avg);
      fill(end - c.planes * outSizes.avg, c.planes * outSizes.avg);
      avgPool(withoutDilation, "_backward", true, 0, end - c.planes * outSizes.avg, X);
      finite(X, c.planes * size);
      fill(Y, c.planes * outSizes.avg);
      avgPool(withoutDilation, "_backward", true, 0, Y, end - c.planes * size);
      finite(end - c.planes * size, c.planes * size);
    }
  });
});
