/** Images of another size: each new element is a weighted sum of a few old ones, along one dimension after the other. */
import { named } from "../../core/args.ts";
import { ShapeError, TensorError } from "../../core/errors.ts";
import { renamed } from "../../core/names.ts";
import { tensor } from "../../ops/creation.ts";
import { indexSelect } from "../../ops/indexing.ts";
import type { Tensor } from "../../tensor.ts";
import { adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d } from "./adaptive.ts";
import { listed, type Sizes } from "./window.ts";

export type InterpolationMode = "nearest" | "nearest-exact" | "linear" | "bilinear" | "bicubic" | "trilinear" | "area";

export interface InterpolateOptions {
  /** Spatial size of the result; instead of `scaleFactor`. */
  size?: Sizes | null;
  /** How many times larger each spatial dimension is to be. */
  scaleFactor?: Sizes | null;
  /** Default "nearest". */
  mode?: InterpolationMode;
  /** Whether the centres of the corner elements stay where they are, rather than the corners of the image. */
  alignCorners?: boolean | null;
  /** Take the scale from the two sizes rather than `scaleFactor` as it is. */
  recomputeScaleFactor?: boolean | null;
  /** Average over what a smaller image leaves out. With "bilinear" and "bicubic" only. */
  antialias?: boolean;
}

type InterpolateArguments = [
  size?: Sizes | null | InterpolateOptions,
  scaleFactor?: Sizes | null | InterpolateOptions,
  mode?: InterpolationMode | InterpolateOptions,
  alignCorners?: boolean | null | InterpolateOptions,
  recomputeScaleFactor?: boolean | null | InterpolateOptions,
  antialias?: boolean | InterpolateOptions,
];

const NAMES = ["size", "scaleFactor", "mode", "alignCorners", "recomputeScaleFactor", "antialias"] as const;

/** For how many spatial dimensions a mode is made. */
const RANKS: Record<InterpolationMode, readonly number[]> = {
  nearest: [1, 2, 3],
  "nearest-exact": [1, 2, 3],
  linear: [1],
  bilinear: [2],
  bicubic: [2],
  trilinear: [3],
  area: [1, 2, 3],
};

/** One dimension: its size, that of the result, and how far apart neighbours of the result lie in the input. */
interface Axis {
  size: number;
  count: number;
  scale: number;
}

/** What an element of the result is made of. */
interface Tap {
  position: number;
  weight: number;
}

/** Cubic convolution with a = −3/4 (Keys 1981, doi:10.1109/TASSP.1981.1163711), or −1/2. */
export function cubic(x: number, a: number): number {
  const t = Math.abs(x);
  if (t <= 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  return t < 2 ? (((t - 5) * t + 8) * t - 4) * a : 0;
}

function clamped(position: number, size: number): number {
  return Math.min(Math.max(position, 0), size - 1);
}

function nearestTaps({ size, count, scale }: Axis, exact: boolean): Tap[][] {
  const shift = exact ? 0.5 : 0;
  return Array.from({ length: count }, (_, i) => [
    { position: Math.min(Math.floor((i + shift) * scale), size - 1), weight: 1 },
  ]);
}

function linearTaps({ size, count, scale }: Axis, aligned: boolean): Tap[][] {
  return Array.from({ length: count }, (_, i) => {
    const at = aligned ? i * scale : Math.max((i + 0.5) * scale - 0.5, 0);
    const low = Math.min(Math.floor(at), size - 1);
    const share = Math.min(at - low, 1);
    return [
      { position: low, weight: 1 - share },
      { position: Math.min(low + 1, size - 1), weight: share },
    ];
  });
}

function cubicTaps({ size, count, scale }: Axis, aligned: boolean): Tap[][] {
  return Array.from({ length: count }, (_, i) => {
    const at = aligned ? i * scale : (i + 0.5) * scale - 0.5;
    const low = Math.floor(at);
    return [-1, 0, 1, 2].map((k) => ({ position: clamped(low + k, size), weight: cubic(at - low - k, -0.75) }));
  });
}

/** The filter is widened by the scale where that is above 1, so that it sees every element. */
function smoothTaps({ size, count, scale }: Axis, reach: number, filter: (x: number) => number): Tap[][] {
  const width = Math.max(scale, 1);
  return Array.from({ length: count }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(Math.trunc(centre - reach * width + 0.5), 0);
    const end = Math.min(Math.trunc(centre + reach * width + 0.5), size);
    const taps = Array.from({ length: Math.max(end - first, 0) }, (_, k) => ({
      position: first + k,
      weight: filter((first + k - centre + 0.5) / width),
    }));
    const total = taps.reduce((sum, { weight }) => sum + weight, 0);
    return taps.map(({ position, weight }) => ({ position, weight: total === 0 ? weight : weight / total }));
  });
}

function tapsOf(axis: Axis, mode: InterpolationMode, aligned: boolean, antialias: boolean): Tap[][] {
  if (mode === "nearest" || mode === "nearest-exact") return nearestTaps(axis, mode === "nearest-exact");
  if (mode === "bicubic") return antialias ? smoothTaps(axis, 2, (x) => cubic(x, -0.5)) : cubicTaps(axis, aligned);
  return antialias ? smoothTaps(axis, 1, (x) => Math.max(1 - Math.abs(x), 0)) : linearTaps(axis, aligned);
}

/** Applies the taps along a dimension: as many passes as the widest element has taps. */
function resample(input: Tensor, dim: number, taps: readonly Tap[][]): Tensor {
  const widest = Math.max(...taps.map((list) => list.length), 1);
  let result: Tensor | null = null;
  for (let k = 0; k < widest; k++) {
    const positions = tensor(Int32Array.from(taps, (list) => list[k]?.position ?? 0));
    const weights = Float32Array.from(taps, (list) => list[k]?.weight ?? 0);
    const picked = indexSelect(input, dim, positions);
    if (widest === 1) return picked;
    const behind = new Array<number>(input.ndim - dim - 1).fill(1);
    const part = picked.mul(tensor(weights, { shape: [weights.length, ...behind] }));
    result = result ? result.add(part) : part;
  }
  return result as Tensor;
}

function perAxis(value: Sizes | null | undefined, dims: number, name: string): number[] | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "number") return new Array<number>(dims).fill(value);
  if (value.length !== dims) {
    throw new ShapeError(
      `Input and output must have the same number of spatial dimensions, but got ${dims} of the input and ${name} of ${listed(value)}`,
    );
  }
  return [...value];
}

function axesOf(image: readonly number[], options: InterpolateOptions, aligned: boolean): Axis[] {
  const sizes = perAxis(options.size, image.length, "output size");
  const factors = perAxis(options.scaleFactor, image.length, "scale_factor");
  if (sizes && factors) throw new TensorError("only one of size or scale_factor should be defined");
  if (!sizes && !factors) throw new TensorError("either size or scale_factor should be defined");
  return image.map((size, i) => {
    const count = sizes ? sizes[i] : Math.floor(size * (factors as number[])[i]);
    if (!Number.isInteger(count) || count < 1 || size < 1) {
      throw new ShapeError(
        `Input and output sizes should be greater than 0, but got input (${image.join(", ")}) output (${count}) `,
      );
    }
    const given = factors && !options.recomputeScaleFactor ? 1 / factors[i] : size / count;
    return { size, count, scale: aligned ? (count > 1 ? (size - 1) / (count - 1) : 0) : given };
  });
}

const AREA = [adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d];

/**
 * An image of another size.
 * @param input float32 [N, C, ...] with one to three spatial dimensions; "linear" is for one, "bilinear" and "bicubic" for two,
 *   "trilinear" for three
 * @returns [N, C, ...], of `size`, or ⌊size · scaleFactor⌋
 * @throws {TensorError} neither or both of `size` and `scaleFactor`; options that do not fit the mode
 * @example nn.functional.interpolate(tensor([[[1, 2]]]), { scaleFactor: 2 }).tolist() // [[[1, 1, 2, 2]]]
 */
export function interpolate(input: Tensor, ...args: InterpolateArguments): Tensor {
  const options = named<InterpolateOptions>("interpolate", args, NAMES);
  const { mode = "nearest", alignCorners, antialias = false } = options;
  const dims = input.ndim - 2;
  const ranks = RANKS[mode];
  if (!ranks?.includes(dims)) {
    throw new ShapeError(
      `Input Error: Only 3D, 4D and 5D input Tensors supported (got ${input.ndim}D) for the modes: nearest | linear | bilinear | ` +
        `bicubic | trilinear | area | nearest-exact (got ${String(mode)})`,
    );
  }
  if (input.shape.slice(1).includes(0)) {
    throw new ShapeError(
      `Non-empty ${input.ndim}D data tensor expected but got a tensor with sizes [${input.shape.join(", ")}]`,
    );
  }
  const isLinear = mode === "linear" || mode === "bilinear" || mode === "trilinear" || mode === "bicubic";
  if (!isLinear && alignCorners !== undefined) {
    throw new TensorError(
      "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear",
    );
  }
  if (antialias && mode !== "bilinear" && mode !== "bicubic") {
    throw new TensorError("Anti-alias option is only supported for bilinear and bicubic modes");
  }
  const aligned = alignCorners === true;
  const axes = axesOf(input.shape.slice(2), options, aligned);
  if (mode === "area")
    return AREA[dims - 1](
      input,
      axes.map(({ count }) => count),
    );
  const result = axes.reduce((image, axis, i) => resample(image, i + 2, tapsOf(axis, mode, aligned, antialias)), input);
  const word = mode === "nearest-exact" ? "NearestExact" : mode[0].toUpperCase() + mode.slice(1);
  return renamed(result, `Upsample${word}${dims}D${antialias ? "Aa" : ""}Backward1`);
}

interface UpsampleOptions {
  size?: Sizes | null;
  scaleFactor?: Sizes | null;
  mode?: InterpolationMode;
  alignCorners?: boolean | null;
}

type UpsampleArguments = [
  size?: Sizes | null | UpsampleOptions,
  scaleFactor?: Sizes | null | UpsampleOptions,
  mode?: InterpolationMode | UpsampleOptions,
  alignCorners?: boolean | null | UpsampleOptions,
];

/**
 * interpolate under its old name.
 * @example nn.functional.upsample(tensor([[[1, 2]]]), { scaleFactor: 2 }).tolist() // [[[1, 1, 2, 2]]]
 */
export function upsample(input: Tensor, ...args: UpsampleArguments): Tensor {
  return interpolate(input, named<UpsampleOptions>("upsample", args, ["size", "scaleFactor", "mode", "alignCorners"]));
}

type SizeArguments = [size?: Sizes | null | UpsampleOptions, scaleFactor?: Sizes | null | UpsampleOptions];

/**
 * interpolate with mode "nearest".
 * @example nn.functional.upsampleNearest(tensor([[[1, 2]]]), { scaleFactor: 2 }).tolist() // [[[1, 1, 2, 2]]]
 */
export function upsampleNearest(input: Tensor, ...args: SizeArguments): Tensor {
  return interpolate(input, {
    ...named<UpsampleOptions>("upsampleNearest", args, ["size", "scaleFactor"]),
    mode: "nearest",
  });
}

/**
 * interpolate with mode "bilinear" and aligned corners.
 * @example nn.functional.upsampleBilinear(ones(1, 1, 2, 2), { scaleFactor: 2 }).shape // [1, 1, 4, 4]
 */
export function upsampleBilinear(input: Tensor, ...args: SizeArguments): Tensor {
  const options = named<UpsampleOptions>("upsampleBilinear", args, ["size", "scaleFactor"]);
  return interpolate(input, { ...options, mode: "bilinear", alignCorners: true });
}
