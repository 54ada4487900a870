/**
 * Pooling to a size that is asked for: output i of n sees the elements ⌊i L / n⌋ to ⌈(i + 1) L / n⌉ − 1 of L, so that all are
 * covered and neighbours overlap by at most one. Where n divides L these are ordinary windows.
 */

import { expectTensor, named } from "../../core/args.ts";
import { ShapeError } from "../../core/errors.ts";
import { renamed } from "../../core/names.ts";
import { tensor, zeros } from "../../ops/creation.ts";
import { gather } from "../../ops/indexing.ts";
import { max } from "../../ops/pick.ts";
import { rand } from "../../ops/random.ts";
import { savedWhole } from "../../ops/view.ts";
import type { Tensor } from "../../tensor.ts";
import { avgPool, checkPooled, maxPool, poolSizes } from "./pooling.ts";
import { listed, type Sizes } from "./window.ts";

/** null keeps the size of the input. */
export type AdaptiveSizes = number | null | readonly (number | null)[];

export interface AdaptiveOptions {
  outputSize?: AdaptiveSizes;
}

export interface AdaptiveMaxOptions extends AdaptiveOptions {
  returnIndices?: boolean;
}

interface Interval {
  start: number;
  end: number;
}

function intervals(size: number, count: number): Interval[] {
  return Array.from({ length: count }, (_, i) => ({
    start: Math.floor((i * size) / count),
    end: Math.ceil(((i + 1) * size) / count),
  }));
}

/** The sizes asked for, one for each spatial dimension of `image`. */
function targets(outputSize: AdaptiveSizes, image: readonly number[], caller: string): number[] {
  const list = Array.isArray(outputSize)
    ? (outputSize as (number | null)[])
    : image.map(() => outputSize as number | null);
  if (list.length !== image.length) throw new ShapeError(`${caller}: output_size must be ${image.length}`);
  const sizes = list.map((size, i) => size ?? image[i]);
  if (sizes.some((size) => !Number.isInteger(size) || size < 0)) {
    throw new ShapeError(
      `${caller}: elements of output_size must be greater than or equal to 0 but received {${sizes.join(", ")}}`,
    );
  }
  return sizes;
}

function isRegular(image: readonly number[], sizes: readonly number[]): boolean {
  return sizes.every((size, i) => size > 0 && image[i] % size === 0);
}

/** The matrix whose columns take the means of the intervals. */
function averages(size: number, count: number): Tensor {
  const data = new Float32Array(size * count);
  intervals(size, count).forEach(({ start, end }, column) => {
    for (let i = start; i < end; i++) data[i * count + column] = 1 / (end - start);
  });
  return tensor(data, { shape: [size, count] });
}

/** A mean over a box is the mean of means along one dimension after the other: each is a product by a matrix. */
function adaptiveAvgPool(
  dims: number,
  caller: string,
  input: Tensor,
  argument: AdaptiveSizes | AdaptiveOptions,
): Tensor {
  const { outputSize = null } = named<AdaptiveOptions>(caller, [argument], ["outputSize"]);
  checkPooled(input, dims, caller);
  const { shape } = input;
  const image = shape.slice(-dims);
  const sizes = targets(outputSize, image, caller);
  if (isRegular(image, sizes))
    return avgPool(input, dims, caller, { kernelSize: image.map((size, i) => size / sizes[i]) });
  const leading = shape.slice(0, -dims);
  let result = savedWhole(input);
  for (let i = dims - 1; i >= 0; i--) {
    const [before, after] = [[...leading, ...image.slice(0, i)], sizes.slice(i + 1)];
    const matrix = averages(image[i], sizes[i]);
    if (after.length === 0) {
      result = result.matmul(matrix);
    } else {
      const rest = after.reduce((a, b) => a * b, 1);
      result = matrix.transpose(0, 1).matmul(result.reshape([...before, image[i], rest]));
    }
    result = result.reshape([...before, sizes[i], ...after]);
  }
  return result;
}

/** Under the name that PyTorch gives it: to a single element it takes an ordinary mean. */
function averaged(result: Tensor, dims: number): Tensor {
  const isMean = result.shape.slice(-dims).every((size) => size === 1);
  return renamed(result, isMean ? "MeanBackward1" : `AdaptiveAvgPool${dims}DBackward0`);
}

/**
 * Positions in the flattened image for every window, in row-major order; windows that are smaller than the largest repeat
 * their last element, which changes no maximum.
 */
function windowTable(image: readonly number[], windows: readonly Interval[][]): { table: number[]; taps: number } {
  const widths = windows.map((list) => Math.max(...list.map(({ start, end }) => end - start)));
  const taps = widths.reduce((a, b) => a * b, 1);
  let table: number[][] = [[]];
  // Each entry grows from one position per tap so far to all taps of one more dimension.
  windows.forEach((list, dim) => {
    table = table.flatMap((positions) =>
      list.map(({ start, end }) =>
        (positions.length ? positions : [0]).flatMap((p) =>
          Array.from({ length: widths[dim] }, (_, k) => p * image[dim] + Math.min(start + k, end - 1)),
        ),
      ),
    );
  });
  return { table: table.flat(), taps };
}

/** Maxima over the windows of a table, which is the same for all planes or has a row for each; and their positions. */
function maxima(
  input: Tensor,
  dims: number,
  sizes: readonly number[],
  table: number[],
  taps: number,
  rows: number,
): [Tensor, Tensor] {
  const { shape } = input;
  const leading = shape.slice(0, -dims);
  const planes = leading.reduce((a, b) => a * b, 1);
  const flat = savedWhole(input).reshape([planes, -1]);
  const outputs = sizes.reduce((a, b) => a * b, 1);
  const positions = tensor(Int32Array.from(table), { shape: [rows, outputs * taps] }).expand([planes, outputs * taps]);
  const { values, indices } = max(gather(flat, 1, positions).reshape([planes, outputs, taps]), 2, true);
  const found = gather(positions.reshape([planes, outputs, taps]), 2, indices).reshape([...leading, ...sizes]);
  // The last step, so that the caller may give it a name.
  return [values.reshape([...leading, ...sizes]), found];
}

function adaptiveMaxPool(
  dims: number,
  caller: string,
  input: Tensor,
  args: readonly unknown[],
): Tensor | [Tensor, Tensor] {
  const { outputSize = null, returnIndices = false } = named<AdaptiveMaxOptions>(caller, args, [
    "outputSize",
    "returnIndices",
  ]);
  checkPooled(input, dims, caller);
  const image = input.shape.slice(-dims);
  const sizes = targets(outputSize, image, caller);
  let pair: [Tensor, Tensor];
  if (isRegular(image, sizes)) {
    pair = maxPool(input, dims, caller, { kernelSize: image.map((size, i) => size / sizes[i]) });
  } else if (sizes.includes(0) || input.numel() === 0) {
    const shape = [...input.shape.slice(0, -dims), ...sizes];
    pair = [zeros(shape), zeros(shape, { dtype: "int32" })];
  } else {
    const { table, taps } = windowTable(
      image,
      sizes.map((size, i) => intervals(image[i], size)),
    );
    pair = maxima(input, dims, sizes, table, taps, 1);
  }
  renamed(pair[0], dims === 1 ? "SqueezeBackward1" : `AdaptiveMaxPool${dims}DBackward0`);
  return returnIndices ? pair : pair[0];
}

type MaxArguments = [outputSize: AdaptiveSizes | AdaptiveMaxOptions, returnIndices?: boolean | AdaptiveMaxOptions];
type WithIndices = [outputSize: AdaptiveSizes, returnIndices: true | { returnIndices: true }];

/**
 * Means along one dimension, as many as asked for: see `adaptiveAvgPool2d`.
 * @example nn.functional.adaptiveAvgPool1d(tensor([[1, 2, 3, 4]]), 2).tolist() // [[1.5, 3.5]]
 */
export function adaptiveAvgPool1d(input: Tensor, outputSize: AdaptiveSizes | AdaptiveOptions): Tensor {
  return renamed(adaptiveAvgPool(1, "adaptiveAvgPool1d", input, outputSize), "SqueezeBackward1");
}

/**
 * Means over windows that are chosen so that the result has the size asked for.
 * @param input [N, C, H, W] or [C, H, W], float32 @param outputSize [H', W'], or one number for both; null keeps a size
 * @returns [N, C, H', W']
 * @example nn.functional.adaptiveAvgPool2d(tensor([[[1, 2, 6]]]), [1, 2]).tolist() // [[[1.5, 4]]]
 */
export function adaptiveAvgPool2d(input: Tensor, outputSize: AdaptiveSizes | AdaptiveOptions): Tensor {
  return averaged(adaptiveAvgPool(2, "adaptiveAvgPool2d", input, outputSize), 2);
}

/**
 * Means over three dimensions, as many as asked for: see `adaptiveAvgPool2d`.
 * @example nn.functional.adaptiveAvgPool3d(ones(1, 1, 4, 4, 4), 2).shape // [1, 1, 2, 2, 2]
 */
export function adaptiveAvgPool3d(input: Tensor, outputSize: AdaptiveSizes | AdaptiveOptions): Tensor {
  return averaged(adaptiveAvgPool(3, "adaptiveAvgPool3d", input, outputSize), 3);
}

/**
 * Maxima along one dimension, as many as asked for: see `adaptiveMaxPool2d`.
 * @example nn.functional.adaptiveMaxPool1d(tensor([[1, 2, 3, 4]]), 2).tolist() // [[2, 4]]
 */
export function adaptiveMaxPool1d(input: Tensor, ...options: WithIndices): [Tensor, Tensor];
export function adaptiveMaxPool1d(input: Tensor, ...options: MaxArguments): Tensor;
export function adaptiveMaxPool1d(input: Tensor, ...options: unknown[]): Tensor | [Tensor, Tensor] {
  return adaptiveMaxPool(1, "adaptiveMaxPool1d", input, options);
}

/**
 * Maxima over windows that are chosen so that the result has the size asked for.
 * @param input [N, C, H, W] or [C, H, W], float32 @param outputSize [H', W'], or one number for both; null keeps a size
 * @returns [N, C, H', W']; with `returnIndices` also the positions in a plane
 * @example nn.functional.adaptiveMaxPool2d(tensor([[[1, 2, 6]]]), [1, 2]).tolist() // [[[2, 6]]]
 */
export function adaptiveMaxPool2d(input: Tensor, ...options: WithIndices): [Tensor, Tensor];
export function adaptiveMaxPool2d(input: Tensor, ...options: MaxArguments): Tensor;
export function adaptiveMaxPool2d(input: Tensor, ...options: unknown[]): Tensor | [Tensor, Tensor] {
  return adaptiveMaxPool(2, "adaptiveMaxPool2d", input, options);
}

/**
 * Maxima over three dimensions, as many as asked for: see `adaptiveMaxPool2d`.
 * @example nn.functional.adaptiveMaxPool3d(ones(1, 1, 4, 4, 4), 2).shape // [1, 1, 2, 2, 2]
 */
export function adaptiveMaxPool3d(input: Tensor, ...options: WithIndices): [Tensor, Tensor];
export function adaptiveMaxPool3d(input: Tensor, ...options: MaxArguments): Tensor;
export function adaptiveMaxPool3d(input: Tensor, ...options: unknown[]): Tensor | [Tensor, Tensor] {
  return adaptiveMaxPool(3, "adaptiveMaxPool3d", input, options);
}

export interface FractionalMaxOptions {
  kernelSize?: Sizes;
  outputSize?: Sizes | null;
  /** Size of the result as a part of the input's, between 0 and 1; instead of `outputSize`. */
  outputRatio?: Sizes | null;
  returnIndices?: boolean;
  /** [N, C, dims] numbers in [0, 1), the widths' ones first (in 3-d the depths'); drawn if absent. */
  randomSamples?: Tensor | null;
}

/** Where windows of `kernel` elements begin: steps of two lengths, in an order that the sample shifts. */
function fractionalStarts(sample: number, size: number, count: number, kernel: number): number[] {
  const alpha = count > 1 ? Math.fround((size - kernel) / (count - 1)) : 0;
  const step = (i: number): number => Math.trunc(Math.fround(Math.fround(i + sample) * alpha));
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? size - kernel : step(i) - step(0)));
}

function fractionalMaxPool(
  dims: number,
  caller: string,
  input: Tensor,
  args: readonly unknown[],
): Tensor | [Tensor, Tensor] {
  const names = ["kernelSize", "outputSize", "outputRatio", "returnIndices", "randomSamples"] as const;
  const {
    kernelSize = [],
    outputSize,
    outputRatio,
    returnIndices = false,
    randomSamples,
  } = named<FractionalMaxOptions>(caller, args, names);
  checkPooled(input, dims, caller);
  const kernel = poolSizes(kernelSize, dims, caller, "kernel_size");
  const image = input.shape.slice(-dims);
  if (outputSize === undefined && outputRatio === undefined) {
    throw new ShapeError(`${caller} requires specifying either an output_size or an output_ratio`);
  }
  const ratio = typeof outputRatio === "number" ? image.map(() => outputRatio) : outputRatio;
  const sizes = poolSizes(
    outputSize ?? image.map((size, i) => Math.trunc(size * (ratio?.[i] ?? 1))),
    dims,
    caller,
    "output_size",
  );
  image.forEach((size, i) => {
    if (sizes[i] < 1 || sizes[i] + kernel[i] - 1 > size) {
      throw new ShapeError(
        `${caller}(): pool size ${kernel[i]} too large relative to input size ${size} for ${sizes[i]} outputs`,
      );
    }
  });
  const leading = input.shape.slice(0, -dims);
  const planes = leading.reduce((a, b) => a * b, 1);
  if (randomSamples) expectTensor(randomSamples, caller, "randomSamples");
  const drawn = randomSamples ?? rand(planes, dims);
  if (drawn.numel() !== planes * dims) {
    throw new ShapeError(`${caller}: expected ${planes * dims} random samples, got shape ${listed(drawn.shape)}`);
  }
  const samples = drawn.data();
  let taps = 0;
  const tables = Array.from({ length: planes }, (_, plane) => {
    const windows = sizes.map((count, i) => {
      const sample = samples[plane * dims + (dims === 2 ? 1 - i : i)];
      return fractionalStarts(sample, image[i], count, kernel[i]).map((start) => ({ start, end: start + kernel[i] }));
    });
    const made = windowTable(image, windows);
    taps = made.taps;
    return made.table;
  });
  const pair = maxima(input, dims, sizes, tables.flat(), taps, planes);
  renamed(pair[0], `FractionalMaxPool${dims}DBackward0`);
  return returnIndices ? pair : pair[0];
}

type FractionalArguments = [
  kernelSize: Sizes | FractionalMaxOptions,
  outputSize?: Sizes | null | FractionalMaxOptions,
  outputRatio?: Sizes | null | FractionalMaxOptions,
  returnIndices?: boolean | null | FractionalMaxOptions,
  randomSamples?: Tensor | null | FractionalMaxOptions,
];
type FractionalWithIndices = [kernelSize: Sizes, options: FractionalMaxOptions & { returnIndices: true }];

/**
 * Maxima over windows of `kernelSize` that lie at pseudorandom distances, so that the sizes may shrink by any ratio.
 *
 * Graham, Fractional Max-Pooling, arXiv:1412.6071.
 * @param input [N, C, H, W] or [C, H, W], float32
 * @returns [N, C, H', W'], with `returnIndices` also the positions in a plane
 * @throws {ShapeError} neither `outputSize` nor `outputRatio`, windows that do not fit
 * @example nn.functional.fractionalMaxPool2d(ones(1, 1, 8, 8), 2, { outputRatio: 0.5 }).shape // [1, 1, 4, 4]
 */
export function fractionalMaxPool2d(input: Tensor, ...options: FractionalWithIndices): [Tensor, Tensor];
export function fractionalMaxPool2d(input: Tensor, ...options: FractionalArguments): Tensor;
export function fractionalMaxPool2d(input: Tensor, ...options: unknown[]): Tensor | [Tensor, Tensor] {
  return fractionalMaxPool(2, "fractionalMaxPool2d", input, options);
}

/**
 * fractionalMaxPool2d over three dimensions.
 * @example nn.functional.fractionalMaxPool3d(ones(1, 1, 8, 8, 8), 2, { outputSize: 3 }).shape // [1, 1, 3, 3, 3]
 */
export function fractionalMaxPool3d(input: Tensor, ...options: FractionalWithIndices): [Tensor, Tensor];
export function fractionalMaxPool3d(input: Tensor, ...options: FractionalArguments): Tensor;
export function fractionalMaxPool3d(input: Tensor, ...options: unknown[]): Tensor | [Tensor, Tensor] {
  return fractionalMaxPool(3, "fractionalMaxPool3d", input, options);
}
