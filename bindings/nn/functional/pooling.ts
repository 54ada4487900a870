/** Pooling: one number for each window that slides over the spatial dimensions, those that come last. */
import { Op } from "../../../assembly/abi/op.ts";
import type { SavedNode } from "../../autograd/node.ts";
import { defineRule } from "../../autograd/rules.ts";
import { expectTensor, named } from "../../core/args.ts";
import { call1L, callN, wrap } from "../../core/dispatch.ts";
import { ShapeError } from "../../core/errors.ts";
import { nameCode } from "../../core/names.ts";
import { core, setName } from "../../core/wasm.ts";
import { zeros } from "../../ops/creation.ts";
import { scatterAdd } from "../../ops/scatter.ts";
import type { Tensor } from "../../tensor.ts";
import { listed, padded, type Sizes } from "./window.ts";

export interface MaxPoolOptions {
  kernelSize?: Sizes;
  /** Distance between neighbouring windows: the kernel's size by default. */
  stride?: Sizes | null;
  /** Added at both ends; never the maximum. At most half of the kernel's size. */
  padding?: Sizes;
  dilation?: Sizes;
  /** Windows may reach beyond the end, if they begin before it. */
  ceilMode?: boolean;
  /** Returns [maxima, their positions in the flattened spatial dimensions]. */
  returnIndices?: boolean;
}

export interface AvgPoolOptions {
  kernelSize?: Sizes;
  stride?: Sizes | null;
  /** Zeros at both ends. */
  padding?: Sizes;
  ceilMode?: boolean;
  /** Whether the padding counts in the mean. */
  countIncludePad?: boolean;
  /** Divides the sums by this instead of by the number of elements. */
  divisorOverride?: number | null;
}

const MAX_ARGUMENTS = ["kernelSize", "stride", "padding", "dilation", "ceilMode", "returnIndices"] as const;
const AVG_ARGUMENTS = ["kernelSize", "stride", "padding", "ceilMode", "countIncludePad", "divisorOverride"] as const;
const WORDS = ["zero", "one", "two", "three"];
const MAX3D: number = /* @__PURE__ */ nameCode("MaxPool3DWithIndicesBackward0");
const SQUEEZE: number = /* @__PURE__ */ nameCode("SqueezeBackward1");
const AVG3D: number = /* @__PURE__ */ nameCode("AvgPool3DBackward0");

interface Window {
  kernel: number[];
  stride: number[];
  padding: number[];
  dilation: number[];
  pooled: number[];
}

/** One number for each spatial dimension. */
export function poolSizes(value: Sizes, dims: number, caller: string, name: string): number[] {
  const list = typeof value === "number" ? [value] : [...value];
  if ((list.length !== 1 && list.length !== dims) || !list.every(Number.isInteger)) {
    throw new ShapeError(
      `${caller}: ${name} must either be a single int, or ${dims === 1 ? "a list of one int" : `a tuple of ${WORDS[dims]} ints`}, got ${listed(list)}`,
    );
  }
  return list.length === dims ? list : new Array<number>(dims).fill(list[0]);
}

/** Refuses what has not one or two dimensions besides the spatial ones, or no elements in other than the batch. */
export function checkPooled(input: Tensor, dims: number, caller: string): void {
  expectTensor(input, caller, "input");
  const { shape } = input;
  const inner = shape.length === dims + 2 ? shape.slice(1) : shape;
  if ((shape.length !== dims + 1 && shape.length !== dims + 2) || inner.includes(0)) {
    throw new ShapeError(
      `${caller}: Expected ${dims + 1}D or ${dims + 2}D (batch mode) tensor with optional 0 dim batch size for input, but got: ${listed(shape)}`,
    );
  }
}

/** Windows along one dimension; in ceil mode the last one must begin inside of the image or its near border. */
function windowCount(
  size: number,
  k: number,
  stride: number,
  pad: number,
  dilation: number,
  ceilMode: boolean,
): number {
  const room = size + 2 * pad - dilation * (k - 1) - 1;
  const count = (ceilMode ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
  return ceilMode && (count - 1) * stride >= size + pad ? count - 1 : count;
}

function checkWindow({ kernel, stride, padding, dilation }: Window, caller: string): void {
  if (kernel.some((k) => k < 1))
    throw new ShapeError(`${caller}: kernel size should be greater than zero, but got ${listed(kernel)}`);
  if (stride.some((s) => s < 1)) throw new ShapeError(`stride should not be zero: ${caller} got ${listed(stride)}`);
  if (dilation.some((d) => d < 1))
    throw new ShapeError(`dilation should be greater than zero, but got ${listed(dilation)}`);
  kernel.forEach((k, i) => {
    if (padding[i] < 0) throw new ShapeError(`pad must be non-negative, but got pad: ${padding[i]}`);
    if (padding[i] > k / 2) {
      throw new ShapeError(`pad should be at most half of kernel size, but got pad=${padding[i]} and kernel_size=${k}`);
    }
  });
}

/** Whether a window has elements of the image between its taps only, and none under them. */
function missesImage(size: number, i: number, { kernel, stride, padding, dilation, pooled }: Window): boolean {
  if (dilation[i] === 1 || padding[i] === 0) return false;
  return Array.from({ length: pooled[i] }, (_, o) => o * stride[i] - padding[i]).some((start) => {
    const first = start >= 0 ? start : start + Math.ceil(-start / dilation[i]) * dilation[i];
    return first >= size || first > start + (kernel[i] - 1) * dilation[i];
  });
}

function windowOf(
  input: Tensor,
  dims: number,
  caller: string,
  { kernelSize = [], stride, padding = 0, dilation = 1, ceilMode = false }: MaxPoolOptions,
): Window {
  checkPooled(input, dims, caller);
  const kernel = poolSizes(kernelSize, dims, caller, "kernel_size");
  const isDefault = stride === undefined || stride === null || (typeof stride !== "number" && stride.length === 0);
  const window: Window = {
    kernel,
    stride: isDefault ? kernel : poolSizes(stride, dims, caller, "stride"),
    padding: poolSizes(padding, dims, caller, "padding"),
    dilation: poolSizes(dilation, dims, caller, "dilation"),
    pooled: [],
  };
  checkWindow(window, caller);
  const image = input.shape.slice(-dims);
  window.pooled = image.map((size, i) =>
    windowCount(size, kernel[i], window.stride[i], window.padding[i], window.dilation[i], ceilMode),
  );
  if (window.pooled.some((size) => size < 1)) {
    const channels = input.size(-dims - 1);
    throw new ShapeError(
      `Given input size: (${[channels, ...image].join("x")}). Calculated output size: (${[channels, ...window.pooled].join("x")}). ` +
        "Output size is too small",
    );
  }
  if (image.some((size, i) => missesImage(size, i, window))) {
    throw new ShapeError(
      `${caller}: with padding ${listed(window.padding)} and dilation ${listed(window.dilation)} a window sees no element`,
    );
  }
  return window;
}

/** The list that the core wants: assembly/ops/pool.ts. */
function attributes(
  input: Tensor,
  { kernel, stride, padding, dilation, pooled }: Window,
  countPad: boolean,
  divisor: number,
): number[] {
  const dims = kernel.length;
  return [
    dims,
    ...padded(kernel, 1),
    ...padded(stride, 1),
    ...padded(padding, 0),
    ...padded(dilation, 1),
    ...padded(pooled, 1),
    ...padded(input.shape.slice(-dims), 1),
    countPad ? 1 : 0,
    divisor,
  ];
}

/** Maxima of windows, and their positions. */
export function maxPool(input: Tensor, dims: number, caller: string, options: MaxPoolOptions): [Tensor, Tensor] {
  const list = attributes(input, windowOf(input, dims, caller, options), false, 0);
  if (dims !== 2) setName(dims === 3 ? MAX3D : SQUEEZE);
  const values = callN(Op.MaxPool, [input, null], list, caller);
  return [values, wrap(core.lastAuxiliary())];
}

type MaxArguments = [
  kernelSize: Sizes | MaxPoolOptions,
  stride?: Sizes | null | MaxPoolOptions,
  padding?: Sizes | null | MaxPoolOptions,
  dilation?: Sizes | null | MaxPoolOptions,
  ceilMode?: boolean | null | MaxPoolOptions,
  returnIndices?: boolean | null | MaxPoolOptions,
];
type WithIndices = [kernelSize: Sizes, options: MaxPoolOptions & { returnIndices: true }];

function maxPoolOf(dims: number, caller: string, input: Tensor, args: readonly unknown[]): Tensor | [Tensor, Tensor] {
  const options = named<MaxPoolOptions>(caller, args, MAX_ARGUMENTS);
  const pair = maxPool(input, dims, caller, options);
  return options.returnIndices ? pair : pair[0];
}

/**
 * Maxima of windows along one dimension: see `maxPool2d`. @param input [N, C, L] or [C, L]
 * @example nn.functional.maxPool1d(tensor([[1, 3, 5, 7]]), 2).tolist() // [[3, 7]]
 */
export function maxPool1d(input: Tensor, ...options: WithIndices): [Tensor, Tensor];
export function maxPool1d(input: Tensor, ...options: MaxArguments): Tensor;
export function maxPool1d(input: Tensor, ...options: unknown[]): Tensor | [Tensor, Tensor] {
  return maxPoolOf(1, "maxPool1d", input, options);
}

/**
 * The largest element of each window; of equal ones the first, in row-major order, gets the gradient. A NaN is the largest.
 * @param input [N, C, H, W] or [C, H, W], float32
 * @returns [N, C, H', W'], H' = ⌊(H + 2 padding − dilation (kH − 1) − 1) / stride⌋ + 1; with `returnIndices` also the
 *   positions in a plane, int32
 * @throws {ShapeError} padding above half of the kernel, an input smaller than the kernel
 * @example nn.functional.maxPool2d(tensor([[[1, 2], [3, 4]]]), 2).tolist() // [[[4]]]
 */
export function maxPool2d(input: Tensor, ...options: WithIndices): [Tensor, Tensor];
export function maxPool2d(input: Tensor, ...options: MaxArguments): Tensor;
export function maxPool2d(input: Tensor, ...options: unknown[]): Tensor | [Tensor, Tensor] {
  return maxPoolOf(2, "maxPool2d", input, options);
}

/**
 * Maxima of windows over three dimensions: see `maxPool2d`. @param input [N, C, D, H, W] or [C, D, H, W]
 * @example nn.functional.maxPool3d(ones(1, 1, 4, 4, 4), 2).shape // [1, 1, 2, 2, 2]
 */
export function maxPool3d(input: Tensor, ...options: WithIndices): [Tensor, Tensor];
export function maxPool3d(input: Tensor, ...options: MaxArguments): Tensor;
export function maxPool3d(input: Tensor, ...options: unknown[]): Tensor | [Tensor, Tensor] {
  return maxPoolOf(3, "maxPool3d", input, options);
}

type AvgArguments = [
  kernelSize: Sizes | AvgPoolOptions,
  stride?: Sizes | null | AvgPoolOptions,
  padding?: Sizes | null | AvgPoolOptions,
  ceilMode?: boolean | null | AvgPoolOptions,
  countIncludePad?: boolean | null | AvgPoolOptions,
  divisorOverride?: number | null | AvgPoolOptions,
];

/** Means of windows. */
export function avgPool(input: Tensor, dims: number, caller: string, options: AvgPoolOptions): Tensor {
  const { countIncludePad = true, divisorOverride } = options;
  if (divisorOverride === 0) throw new ShapeError("divisor must be not zero");
  const window = windowOf(input, dims, caller, options);
  if (dims !== 2) setName(dims === 3 ? AVG3D : SQUEEZE);
  return call1L(Op.AvgPool, input, attributes(input, window, countIncludePad, divisorOverride ?? 0), caller);
}

/**
 * Means of windows along one dimension: see `avgPool2d`. @param input [N, C, L] or [C, L]
 * @example nn.functional.avgPool1d(tensor([[1, 3, 5, 7]]), 2).tolist() // [[2, 6]]
 */
export function avgPool1d(input: Tensor, ...options: AvgArguments): Tensor {
  return avgPool(input, 1, "avgPool1d", named("avgPool1d", options, AVG_ARGUMENTS));
}

/**
 * The mean of each window.
 * @param input [N, C, H, W] or [C, H, W], float32
 * @returns [N, C, H', W'], H' = ⌊(H + 2 padding − kH) / stride⌋ + 1
 * @throws {ShapeError} padding above half of the kernel, an input smaller than the kernel
 * @example nn.functional.avgPool2d(tensor([[[1, 2], [3, 4]]]), 2).tolist() // [[[2.5]]]
 */
export function avgPool2d(input: Tensor, ...options: AvgArguments): Tensor {
  return avgPool(input, 2, "avgPool2d", named("avgPool2d", options, AVG_ARGUMENTS));
}

/**
 * Means of windows over three dimensions: see `avgPool2d`. @param input [N, C, D, H, W] or [C, D, H, W]
 * @example nn.functional.avgPool3d(ones(1, 1, 4, 4, 4), 2).shape // [1, 1, 2, 2, 2]
 */
export function avgPool3d(input: Tensor, ...options: AvgArguments): Tensor {
  return avgPool(input, 3, "avgPool3d", named("avgPool3d", options, AVG_ARGUMENTS));
}

export interface LpPoolOptions {
  normType?: number;
  kernelSize?: Sizes;
  stride?: Sizes | null;
  ceilMode?: boolean;
}

type LpArguments = [
  normType: number | LpPoolOptions,
  kernelSize?: Sizes | LpPoolOptions,
  stride?: Sizes | null | LpPoolOptions,
  ceilMode?: boolean | null | LpPoolOptions,
];

/** (Σ xᵖ)^(1/p) by way of means; negative sums of odd powers give a NaN, as in PyTorch. */
function lpPool(dims: number, caller: string, input: Tensor, args: readonly unknown[]): Tensor {
  const options = named<LpPoolOptions>(caller, args, ["normType", "kernelSize", "stride", "ceilMode"]);
  const { normType = Number.NaN, kernelSize = [], stride, ceilMode = false } = options;
  const count = poolSizes(kernelSize, dims, caller, "kernel_size").reduce((a, b) => a * b, 1);
  const means = avgPool(input.pow(normType), dims, caller, { kernelSize, stride, ceilMode });
  return means
    .sign()
    .mul(means.abs().relu())
    .mul(count)
    .pow(1 / normType);
}

/**
 * Norms of windows along one dimension: see `lpPool2d`. @param input [N, C, L] or [C, L]
 * @example nn.functional.lpPool1d(tensor([[[3, 4]]]), 2, 2).item() // 5
 */
export function lpPool1d(input: Tensor, ...options: LpArguments): Tensor {
  return lpPool(1, "lpPool1d", input, options);
}

/**
 * (Σ xᵖ)^(1/p) over each window, p = `normType`.
 * @param input [N, C, H, W] or [C, H, W], float32
 * @example nn.functional.lpPool2d(tensor([[[3, 4]]]), 2, [1, 2]).tolist() // [[[5]]]
 */
export function lpPool2d(input: Tensor, ...options: LpArguments): Tensor {
  return lpPool(2, "lpPool2d", input, options);
}

/** The list of a node, which both linear poolings share. */
function shared(n: SavedNode): number[] {
  return Array.from({ length: 21 }, (_, i) => n.list(i));
}

defineRule(Op.MaxPool, (g, n) => {
  const { shape } = n.input(0);
  const dims = n.list(0);
  const leading = shape.slice(0, -dims);
  const grad = g.reshape([...leading, -1]);
  const plane = shape.slice(-dims).reduce((a, b) => a * b, 1);
  return [scatterAdd(zeros([...leading, plane]), -1, n.input(1).reshape(grad.shape), grad).reshape(shape), null];
});
defineRule(Op.AvgPool, (g, n) => [call1L(Op.AvgPoolGrad, g, shared(n), "avgPool backward")]);
defineRule(Op.AvgPoolGrad, (g, n) => [call1L(Op.AvgPool, g, shared(n), "avgPool backward")]);
