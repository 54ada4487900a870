import { beforeAll, describe, expect, it } from "vitest";
import { Arena, lanes, randomNumbers, SHAPES, type Shape3 } from "./arena.ts";
import { compileKernels, targets } from "./compile.ts";

type Forward = (a: number, outer: number, k: number, inner: number, o: number) => void;
type Backward = (g: number, y: number, outer: number, k: number, inner: number, o: number) => void;

interface Kernels {
  memory: WebAssembly.Memory;
  f32_softmax: Forward;
  f32_log_softmax: Forward;
  f32_logsumexp: Forward;
  f32_softmax_grad: Backward;
  f32_log_softmax_grad: Backward;
}

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

const sum = (xs: number[]): number => xs.reduce((s, x) => s + x, 0);

function logSumExp(xs: number[]): number {
  const m = xs.reduce((x, y) => Math.max(x, y), -inf);
  return m + Math.log(sum(xs.map((x) => Math.exp(x - m))));
}

const softmax = (xs: number[]): number[] => xs.map((x) => Math.exp(x - logSumExp(xs)));
const logSoftmax = (xs: number[]): number[] => xs.map((x) => x - logSumExp(xs));

const size = ([outer, k, inner]: Shape3): number => outer * k * inner;

describe.each(targets)("softmax, %s build", (target) => {
  let kernels: Kernels;
  let arena: Arena;

  beforeAll(async () => {
    kernels = await compileKernels<Kernels>("softmax.entry.ts", target);
    arena = new Arena(kernels.memory);
  }, 120_000);

  function floats(shape: Shape3, seed: number, scale = 8): Float32Array {
    const random = randomNumbers(size(shape) + seed);
    return Float32Array.from({ length: size(shape) }, () => (random() - 0.5) * scale);
  }

  function forward(kernel: Forward, a: ArrayLike<number>, shape: Shape3, count = size(shape)): Float32Array {
    arena.reset();
    const input = arena.f32(a, 4);
    const o = arena.reserve(count * 4);
    kernel(input, ...shape, o);
    arena.checkGuards();
    return arena.readF32(o, count);
  }

  function backward(kernel: Backward, g: Float32Array, y: Float32Array, shape: Shape3): Float32Array {
    arena.reset();
    const [gradient, result] = [arena.f32(g, 4), arena.f32(y, 8)];
    const o = arena.reserve(size(shape) * 4);
    kernel(gradient, result, ...shape, o);
    arena.checkGuards();
    return arena.readF32(o, size(shape));
  }

  /** Compares lane by lane; `tolerance` is that of element i of a lane with k elements. */
  function expectLanes(
    actual: Float32Array,
    expected: number[][],
    shape: Shape3,
    tolerance: (expected: number, lane: number) => number,
  ): void {
    let lane = 0;
    for (const xs of lanes(actual, shape)) {
      xs.forEach((x, i) => {
        const y = expected[lane][i];
        const error = Math.abs(x - y);
        if (!(error <= tolerance(y, lane)))
          throw new Error(`[${lane}][${i}]: got ${x}, expected ${y}, off by ${error}`);
      });
      lane++;
    }
    expect(lane).toBe(shape[0] * shape[2]);
  }

  describe.each(SHAPES)("[%i, %i, %i]", (...shape) => {
    const inputs = floats(shape, 1);
    const groups = [...lanes(inputs, shape)];
    const g = floats(shape, 2);
    const gradients = [...lanes(g, shape)];
    /** Sums down columns are added up in f32, with an error that grows like a random walk. */
    const rounding = 2 ** -24 * (6 + Math.sqrt(shape[1]));

    it("softmax", () => {
      const y = forward(kernels.f32_softmax, inputs, shape);
      expectLanes(y, groups.map(softmax), shape, (x) => rounding * x);
    });

    it("log-softmax", () => {
      const y = forward(kernels.f32_log_softmax, inputs, shape);
      expectLanes(y, groups.map(logSoftmax), shape, (x) => rounding * (1 + Math.abs(x)));
    });

    it("logsumexp", () => {
      const count = shape[0] * shape[2];
      const y = forward(kernels.f32_logsumexp, inputs, shape, count);
      const expected = groups.map((xs) => (xs.length ? logSumExp(xs) : -inf));
      expect([...y].filter((x, i) => !(x === expected[i] || Math.abs(x - expected[i]) <= 1e-6))).toEqual([]);
    });

    it("gradient of softmax", () => {
      const y = forward(kernels.f32_softmax, inputs, shape);
      const results = [...lanes(y, shape)];
      const expected = gradients.map((gs, i) => {
        const dot = sum(gs.map((x, j) => x * results[i][j]));
        return gs.map((x, j) => results[i][j] * (x - dot));
      });
      // The dot product is at most 4, and so are the differences.
      const largest = results.map((ys) => Math.max(...ys));
      expectLanes(
        backward(kernels.f32_softmax_grad, g, y, shape),
        expected,
        shape,
        (_, i) => rounding * 8 * largest[i],
      );
    });

    it("gradient of log-softmax", () => {
      const y = forward(kernels.f32_log_softmax, inputs, shape);
      const results = [...lanes(y, shape)];
      const expected = gradients.map((gs, i) => gs.map((x, j) => x - Math.exp(results[i][j]) * sum(gs)));
      const sizes = gradients.map((gs) => sum(gs.map(Math.abs)));
      expectLanes(backward(kernels.f32_log_softmax_grad, g, y, shape), expected, shape, (_, i) => {
        return rounding * (4 + sizes[i] * Math.exp(Math.max(...results[i])));
      });
    });
  });

  /** The lane, alone and as one of several columns of which the others are ordinary. */
  function placements(lane: number[]): [string, Float32Array, Shape3, number][] {
    return [1, 2, 3, 5, 8].map((inner) => {
      const column = inner - 1;
      const a = Float32Array.from({ length: lane.length * inner }, (_, i) =>
        i % inner === column ? lane[Math.floor(i / inner)] : Math.sin(i),
      );
      return [`inner = ${inner}`, a, [1, lane.length, inner], column];
    });
  }

  const at = (values: Float32Array, [, k, inner]: Shape3, column: number): number[] =>
    Array.from({ length: k }, (_, i) => values[i * inner + column]);

  it.each([
    ["a NaN", [1, nan, 2]],
    ["a NaN with a payload", [1, new Float32Array(Uint32Array.of(0x7fc00001).buffer)[0], 2]],
    ["+inf", [1, inf, -inf]],
    ["nothing but -inf", [-inf, -inf, -inf, -inf, -inf]],
  ])("is NaN all along a row with %s", (_, lane) => {
    for (const [name, a, shape, column] of placements(lane)) {
      const nans = lane.map(() => nan);
      expect(at(forward(kernels.f32_softmax, a, shape), shape, column), name).toEqual(nans);
      expect(at(forward(kernels.f32_log_softmax, a, shape), shape, column), name).toEqual(nans);
      if (column) expect(at(forward(kernels.f32_softmax, a, shape), shape, 0).every((x) => x > 0)).toBe(true);
    }
  });

  it("gives -inf, and what is too small, nothing", () => {
    for (const [name, a, shape, column] of placements([0, -inf, -1000, -90, 0])) {
      expect(at(forward(kernels.f32_softmax, a, shape), shape, column), name).toEqual([0.5, 0, 0, 0, 0.5]);
      const logs = at(forward(kernels.f32_log_softmax, a, shape), shape, column);
      const ln2 = Math.fround(Math.log(2));
      expect(logs, name).toEqual([-ln2, -inf, -1000 - ln2, -90 - ln2, -ln2].map(Math.fround));
    }
  });

  it("does not overflow", () => {
    for (const [name, a, shape, column] of placements([1000, 1000])) {
      expect(at(forward(kernels.f32_softmax, a, shape), shape, column), name).toEqual([0.5, 0.5]);
      expect(forward(kernels.f32_logsumexp, a, shape, shape[2])[column]).toBeCloseTo(1000 + Math.log(2), 3);
    }
  });

  it.each([
    [[-inf, -inf, -inf], -inf],
    [[1, inf, -inf], inf],
    [[inf, inf], inf],
    [[inf, nan], nan],
    [[nan, -inf], nan],
    [[-inf, 3], 3],
  ])("logsumexp of %j is %d", (lane, expected) => {
    for (const [name, a, shape, column] of placements(lane)) {
      expect(forward(kernels.f32_logsumexp, a, shape, shape[2])[column], name).toBe(expected);
    }
  });

  it("is 1 for a single element, NaN if that is not finite", () => {
    const a = [5, -1e30, nan, inf, -inf];
    for (const shape of [
      [5, 1, 1],
      [1, 1, 5],
    ] as Shape3[]) {
      expect([...forward(kernels.f32_softmax, a, shape)]).toEqual([1, 1, nan, nan, nan]);
      expect([...forward(kernels.f32_log_softmax, a, shape)]).toEqual([0, 0, nan, nan, nan]);
    }
  });

  it("lets NaN through its gradients", () => {
    for (const [name, g, shape, column] of placements([0, 0, 0, 0, 0])) {
      const y = Float32Array.from(g, (_, i) => (i % shape[2] === column ? nan : 0.2));
      for (const kernel of [kernels.f32_softmax_grad, kernels.f32_log_softmax_grad]) {
        expect(at(backward(kernel, g, y, shape), shape, column), name).toEqual([nan, nan, nan, nan, nan]);
      }
    }
  });

  it("covers panels of columns that end within a vector", () => {
    const shape: Shape3 = [2, 40, 3 * 1024 + 7];
    const a = floats(shape, 5);
    const expected = [...lanes(a, shape)];
    const y = forward(kernels.f32_softmax, a, shape);
    expectLanes(y, expected.map(softmax), shape, (x) => 1e-6 * x);
    const logs = forward(kernels.f32_log_softmax, a, shape);
    expectLanes(logs, expected.map(logSoftmax), shape, (x) => 1e-6 * (1 + Math.abs(x)));
  });
});
