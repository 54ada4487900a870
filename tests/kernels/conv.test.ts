import { beforeAll, describe, expect, it } from "vitest";
import { compileKernels, targets } from "./compile.ts";

interface Kernels {
  memory: WebAssembly.Memory;
  conv2dScratchBytes(...geometry: number[]): number;
  conv3dScratchBytes(...geometry: number[]): number;
  f32_conv2d(x: number, w: number, bias: number, y: number, ...geometryAndScratch: number[]): void;
  f32_conv3d(x: number, w: number, bias: number, y: number, ...geometryAndScratch: number[]): void;
  f32_conv2d_grad_input(gy: number, w: number, gx: number, ...geometryAndScratch: number[]): void;
  f32_conv3d_grad_input(gy: number, w: number, gx: number, ...geometryAndScratch: number[]): void;
  f32_conv2d_grad_weight(x: number, gy: number, gw: number, ...geometryAndScratch: number[]): void;
  f32_conv3d_grad_weight(x: number, gy: number, gw: number, ...geometryAndScratch: number[]): void;
}

type Triple = [number, number, number];

/** One convolution; spatial triples are depth, height, width. */
interface Case {
  batch: number;
  groups: number;
  channels: number;
  filters: number;
  size: Triple;
  kernel: Triple;
  stride: Triple;
  pad: Triple;
  dilation: Triple;
}

const SENTINEL = 12345.678;
const REGION = 1 << 20;
const X = REGION;
const W = 2 * REGION;
const BIAS = W + REGION / 2;
const Y = 3 * REGION;
const SCRATCH = 4 * REGION;
const GUARD = 1024;

function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return Math.floor(((state >>> 8) / 2 ** 24) * below);
  };
}

function outputSize(c: Case): Triple {
  return c.size.map((n, i) =>
    Math.floor((n + 2 * c.pad[i] - c.dilation[i] * (c.kernel[i] - 1) - 1) / c.stride[i] + 1),
  ) as Triple;
}

function volume(size: Triple): number {
  return size[0] * size[1] * size[2];
}

/** The definition, one product at a time: calls `visit(x index, w index, y index)` for each. */
function forEachProduct(c: Case, visit: (x: number, w: number, y: number) => void): void {
  const out = outputSize(c);
  const perGroup = { channels: c.channels / c.groups, filters: c.filters / c.groups };
  const positions: Triple[] = [];
  for (let z = 0; z < c.kernel[0]; z++) {
    for (let y = 0; y < c.kernel[1]; y++) for (let x = 0; x < c.kernel[2]; x++) positions.push([z, y, x]);
  }
  for (let n = 0; n < c.batch; n++) {
    for (let f = 0; f < c.filters; f++) {
      const firstChannel = Math.floor(f / perGroup.filters) * perGroup.channels;
      for (let pixel = 0; pixel < volume(out); pixel++) {
        const at = [Math.floor(pixel / (out[1] * out[2])), Math.floor(pixel / out[2]) % out[1], pixel % out[2]];
        positions.forEach((position, t) => {
          const [z, y, x] = position.map((k, i) => at[i] * c.stride[i] - c.pad[i] + k * c.dilation[i]);
          if (z < 0 || z >= c.size[0] || y < 0 || y >= c.size[1] || x < 0 || x >= c.size[2]) return;
          for (let channel = 0; channel < perGroup.channels; channel++) {
            const plane = (n * c.channels + firstChannel + channel) * c.size[0];
            visit(
              ((plane + z) * c.size[1] + y) * c.size[2] + x,
              (f * perGroup.channels + channel) * positions.length + t,
              (n * c.filters + f) * volume(out) + pixel,
            );
          }
        });
      }
    }
  }
}

describe.each(targets)("convolution, %s build", (target) => {
  let kernels: Kernels;
  let f32: Float32Array;

  beforeAll(async () => {
    kernels = await compileKernels<Kernels>("conv.entry.ts", target);
    kernels.memory.grow((8 * REGION * 4) / 65536);
    f32 = new Float32Array(kernels.memory.buffer);
  }, 120_000);

  function counts(c: Case): { x: number; w: number; y: number } {
    return {
      x: c.batch * c.channels * volume(c.size),
      w: (c.filters * c.channels * volume(c.kernel)) / c.groups,
      y: c.batch * c.filters * volume(outputSize(c)),
    };
  }

  /** Runs one of the three functions with NaN in its scratch, and checks that it stays inside of that. */
  function run(op: "" | "_grad_input" | "_grad_weight", c: Case, pointers: number[]): void {
    const { batch: n, channels, filters } = c;
    const flat = volume(c.size) === c.size[1] * c.size[2] && c.kernel[0] === 1 && c.pad[0] === 0;
    const spatial = (values: Triple): number[] => (flat ? values.slice(1) : values);
    // biome-ignore format: groups of parameters
    const geometry = [
      n, channels, ...spatial(c.size), filters, ...spatial(c.kernel),
      ...spatial(c.stride), ...spatial(c.pad), ...spatial(c.dilation), c.groups,
    ];
    const bytes = flat ? kernels.conv2dScratchBytes(...geometry) : kernels.conv3dScratchBytes(...geometry);
    const end = SCRATCH + bytes / 4;
    f32.fill(Number.NaN, SCRATCH, end);
    f32.fill(SENTINEL, end, end + GUARD);
    const kernel = kernels[`f32_conv${flat ? 2 : 3}d${op}`] as (...args: number[]) => void;
    kernel(...pointers.map((at) => at * 4), ...geometry, SCRATCH * 4);
    const touched = f32.subarray(end, end + GUARD).findIndex((value) => value !== f32[end]);
    if (touched >= 0 || f32[end] !== Math.fround(SENTINEL)) expect.fail(`scratch overrun${op}: ${JSON.stringify(c)}`);
  }

  function compare(what: string, c: Case, at: number, want: Float64Array): void {
    const wrong = want.findIndex((value, i) => value !== f32[at + i]);
    if (wrong >= 0) {
      expect.fail(`${what} of ${JSON.stringify(c)}: got ${f32[at + wrong]} at ${wrong}, expected ${want[wrong]}`);
    }
    if (f32[at + want.length] !== Math.fround(SENTINEL))
      expect.fail(`${what} written beyond its end: ${JSON.stringify(c)}`);
  }

  /** All three functions on small integers, on which every sum is exact. */
  function check(c: Case, seed: number, withBias: boolean): void {
    const count = counts(c);
    const next = random(seed);
    const fill = (length: number): Float64Array => Float64Array.from({ length }, () => next(9) - 4);
    const [x, w, bias, gy] = [fill(count.x), fill(count.w), fill(c.filters), fill(count.y)];
    const pixels = volume(outputSize(c));
    const y = Float64Array.from({ length: count.y }, (_, i) =>
      withBias ? bias[Math.floor(i / pixels) % c.filters] : 0,
    );
    const gx = new Float64Array(count.x);
    const gw = new Float64Array(count.w);
    forEachProduct(c, (i, j, o) => {
      y[o] += x[i] * w[j];
      gx[i] += gy[o] * w[j];
      gw[j] += gy[o] * x[i];
    });
    f32.set(x, X);
    f32.set(w, W);
    f32.set(bias, BIAS);
    f32.fill(SENTINEL, Y, Y + count.y + 16);
    run("", c, [X, W, withBias ? BIAS : 0, Y]);
    compare("output", c, Y, y);
    f32.set(gy, Y);
    f32.fill(SENTINEL, X, X + count.x + 16);
    run("_grad_input", c, [Y, W, X]);
    compare("gradient of the input", c, X, gx);
    f32.set(x, X);
    f32.fill(SENTINEL, W, W + count.w + 16);
    run("_grad_weight", c, [X, Y, W]);
    compare("gradient of the weights", c, W, gw);
  }

  const plain: Case = {
    batch: 2,
    groups: 1,
    channels: 3,
    filters: 8,
    size: [1, 10, 12],
    kernel: [1, 3, 3],
    stride: [1, 1, 1],
    pad: [0, 1, 1],
    dilation: [1, 1, 1],
  };

  const named: [string, Partial<Case>][] = [
    ["a 3x3 kernel", {}],
    ["no padding, input read in place", { pad: [0, 0, 0] }],
    ["one filter", { filters: 1 }],
    ["two filters", { filters: 2 }],
    ["seven filters", { filters: 7 }],
    ["many filters", { filters: 40 }],
    ["many channels, patches in several blocks", { channels: 70, filters: 20, size: [1, 13, 40], batch: 1 }],
    ["rows shorter than a vector", { size: [1, 9, 3] }],
    ["a single row: one spatial dimension", { size: [1, 1, 50], kernel: [1, 1, 5], pad: [0, 0, 2] }],
    ["pointwise", { kernel: [1, 1, 1], pad: [0, 0, 0], filters: 21 }],
    ["pointwise with stride", { kernel: [1, 1, 1], pad: [0, 0, 0], stride: [1, 2, 2] }],
    ["pointwise with padding", { kernel: [1, 1, 1] }],
    ["stride 2", { stride: [1, 2, 2], size: [1, 15, 15] }],
    ["stride 2 over rows only", { stride: [1, 2, 1], pad: [0, 0, 0] }],
    ["stride 3, columns that no tap sees", { stride: [1, 3, 3], kernel: [1, 2, 2], pad: [0, 0, 0], size: [1, 12, 12] }],
    ["dilation 2", { dilation: [1, 2, 2], pad: [0, 2, 2] }],
    ["dilation 3, stride 2", { dilation: [1, 3, 3], stride: [1, 2, 2], pad: [0, 3, 3], size: [1, 17, 19] }],
    ["padding beyond the kernel's extent", { pad: [0, 4, 5] }],
    ["an even kernel", { kernel: [1, 4, 2], pad: [0, 2, 1] }],
    ["a kernel as large as the image", { kernel: [1, 10, 12], pad: [0, 0, 0] }],
    ["a large kernel without padding", { kernel: [1, 5, 5], pad: [0, 0, 0], filters: 6 }],
    ["groups", { groups: 3, channels: 6, filters: 9 }],
    ["many groups of many filters", { groups: 2, channels: 4, filters: 40 }],
    ["depthwise", { groups: 8, channels: 8 }],
    ["depthwise with a multiplier and stride 2", { groups: 4, channels: 4, stride: [1, 2, 2] }],
    ["an empty batch", { batch: 0 }],
    ["three dimensions", { size: [5, 6, 7], kernel: [3, 3, 3], pad: [1, 1, 1] }],
    ["three dimensions, stride 2", { size: [5, 6, 7], kernel: [2, 3, 3], stride: [2, 2, 2], pad: [1, 1, 1] }],
    [
      "three dimensions, dilation",
      { size: [6, 6, 9], kernel: [2, 2, 3], dilation: [3, 2, 2], pad: [2, 0, 2], filters: 18 },
    ],
  ];

  it.each(named)("%s", (_, changes) => {
    check({ ...plain, ...changes }, 1, true);
    check({ ...plain, ...changes }, 2, false);
  });

  it("agrees with the definition on random geometries", () => {
    const next = random(3);
    const triple = (three: boolean, low: number, range: number, flat: number): Triple => [
      three ? low + next(Math.min(range, 3)) : flat,
      low + next(range),
      low + next(range),
    ];
    let checked = 0;
    for (let i = 0; checked < 250; i++) {
      const three = i % 4 === 0;
      const groups = 1 + next(3);
      const c: Case = {
        batch: 1 + next(2),
        groups,
        channels: groups * (1 + next(4)),
        filters: groups * [1, 2, 3, 4, 5, 8, 17, 20][next(8)],
        size: triple(three, 1, 18, 1),
        kernel: triple(three, 1, 4, 1),
        stride: i % 3 === 0 ? [1, 1, 1] : triple(three, 1, 3, 1),
        pad: triple(three, 0, 3, 0),
        dilation: triple(three, 1, 2, 1),
      };
      if (Math.min(...outputSize(c)) < 1) continue;
      check(c, i, i % 2 === 0);
      checked++;
    }
  }, 60_000);

  it("reads no element beyond its operands, even at the end of memory", () => {
    // An access beyond the memory traps; what lies before the operand is NaN, which would show.
    const next = random(4);
    for (const [, changes] of named) {
      const c = { ...plain, ...changes };
      const count = counts(c);
      if (count.x + count.w + count.y > 100_000) continue;
      for (const operand of ["x", "w", "y", "bias"] as const) {
        const length = operand === "bias" ? c.filters : count[operand];
        const start = f32.length - length;
        f32.fill(Number.NaN, start - 4096);
        for (let i = start; i < f32.length; i++) f32[i] = next(9);
        f32.fill(1, X, X + count.x);
        f32.fill(1, W, W + count.w);
        f32.fill(1, BIAS, BIAS + c.filters);
        f32.fill(1, Y, Y + count.y);
        const at = (name: string, usual: number): number => (name === operand ? start : usual);
        const noNaN = (what: string, from: number, many: number): void => {
          if (f32.subarray(from, from + many).some(Number.isNaN)) {
            expect.fail(`NaN in the ${what} of ${JSON.stringify(c)}, ${operand} at the end of memory`);
          }
        };
        run("", c, [at("x", X), at("w", W), at("bias", BIAS), at("y", Y)]);
        noNaN("output", at("y", Y), count.y);
        run("_grad_input", c, [at("y", Y), at("w", W), at("x", X)]);
        noNaN("gradient of the input", at("x", X), count.x);
        run("_grad_weight", c, [at("x", X), at("y", Y), at("w", W)]);
        noNaN("gradient of the weights", at("w", W), count.w);
      }
    }
  });

  it("rounds no worse than the bound of its longest sum", () => {
    const c = { ...plain, channels: 64, filters: 64, size: [1, 14, 14] as Triple };
    const count = counts(c);
    const next = random(5);
    const fill = (at: number, length: number): void => {
      for (let i = 0; i < length; i++) f32[at + i] = next(1 << 20) / (1 << 20);
    };
    fill(X, count.x);
    fill(W, count.w);
    const y = new Float64Array(count.y);
    forEachProduct(c, (i, j, o) => {
      y[o] += f32[X + i] * f32[W + j];
    });
    run("", c, [X, W, 0, Y]);
    for (let i = 0; i < count.y; i++) expect(Math.abs(f32[Y + i] / y[i] - 1)).toBeLessThan((192 + 5) * 2 ** -24);
  });
});
