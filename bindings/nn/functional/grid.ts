/**
 * Images read at arbitrary places: nn.functional.gridSample, and the places of an affine map.
 *
 * Jaderberg, Simonyan, Zisserman and Kavukcuoglu, Spatial Transformer Networks, arXiv:1506.02025.
 */

import { expectTensor, named } from "../../core/args.ts";
import { ShapeError, TensorError } from "../../core/errors.ts";
import { renamed } from "../../core/names.ts";
import { stack } from "../../ops/cat.ts";
import { tensor } from "../../ops/creation.ts";
import { gather } from "../../ops/indexing.ts";
import { cast } from "../../ops/promote.ts";
import { savedWhole } from "../../ops/view.ts";
import { where } from "../../ops/where.ts";
import type { Tensor } from "../../tensor.ts";
import { listed } from "./window.ts";

export interface GridSampleOptions {
  /** Default "bilinear", which for volumes is trilinear. "bicubic" is for images only. */
  mode?: "bilinear" | "nearest" | "bicubic";
  /** What lies outside of the image. Default "zeros". */
  paddingMode?: "zeros" | "border" | "reflection";
  /** Whether −1 and 1 are the centres of the outermost elements, rather than their outer edges. Default false. */
  alignCorners?: boolean | null;
}

type GridArguments = [
  mode?: "bilinear" | "nearest" | "bicubic" | GridSampleOptions,
  paddingMode?: "zeros" | "border" | "reflection" | GridSampleOptions,
  alignCorners?: boolean | null | GridSampleOptions,
];

interface Settings {
  padding: "zeros" | "border" | "reflection";
  aligned: boolean;
}

/** From −1 ... 1 to positions of elements. */
function unnormalised(x: Tensor, size: number, aligned: boolean): Tensor {
  return aligned ? x.add(1).mul((size - 1) / 2) : x.add(1).mul(size).sub(1).div(2);
}

/** Mirrored at the outermost elements, or at their outer edges, until it lies inside. */
function reflected(x: Tensor, size: number, aligned: boolean): Tensor {
  const [low, span] = aligned ? [0, size - 1] : [-0.5, size];
  if (span === 0) return x.mul(0);
  const distance = x.sub(low).abs();
  const turns = distance.detach().div(span).floor();
  const rest = distance.sub(turns.mul(span));
  const isEven = turns.div(2).floor().mul(2).eq(turns);
  return where(isEven, rest, rest.neg().add(span)).add(low);
}

/** Positions as the padding moves them. */
function moved(x: Tensor, size: number, { padding, aligned }: Settings): Tensor {
  if (padding === "zeros") return x;
  const inside = padding === "reflection" ? reflected(x, size, aligned) : x;
  return inside.clamp(0, size - 1);
}

/** The elements at whole positions [N, points], one tensor for each spatial dimension; 0 outside. Result [N, C, points]. */
function elementsAt(flat: Tensor, sizes: readonly number[], positions: readonly Tensor[]): Tensor {
  // Counted in integers: floats end at 2²⁴.
  const whole = positions.map((x, d) => cast(x.clamp(0, sizes[d] - 1), "int32"));
  const index = whole.reduce((flatIndex, x, d) => flatIndex.mul(sizes[d]).add(x));
  const inside = positions.map((x, d) => x.ge(0).logicalAnd(x.le(sizes[d] - 1)));
  const isInside = inside.reduce((all, one) => all.logicalAnd(one));
  const [batch, channels] = flat.shape;
  const points = index.size(1);
  const columns = index.unsqueeze(1).expand([batch, channels, points]);
  return where(isInside.unsqueeze(1), gather(flat, 2, columns), 0);
}

/** A position as the whole one below and the rest; one that is far outside counts as less far, where there is nothing either. */
function split(x: Tensor): { low: Tensor; rest: Tensor } {
  const held = x.clamp(-1e6, 1e6);
  const low = held.detach().floor();
  return { low, rest: held.sub(low) };
}

/** Weighted by how near the corners of the cell around a position are. */
function linear(flat: Tensor, sizes: readonly number[], at: readonly Tensor[]): Tensor {
  const parts = at.map(split);
  let result: Tensor | null = null;
  for (let corner = 0; corner < 2 ** sizes.length; corner++) {
    const isUpper = sizes.map((_, d) => ((corner >> d) & 1) === 1);
    const positions = parts.map(({ low }, d) => (isUpper[d] ? low.add(1) : low));
    const weights = parts.map(({ rest }, d) => (isUpper[d] ? rest : rest.neg().add(1)));
    const weight = weights.reduce((product, w) => product.mul(w));
    const part = elementsAt(flat, sizes, positions).mul(weight.unsqueeze(1));
    result = result ? result.add(part) : part;
  }
  return result as Tensor;
}

/** The weights of the four elements around a position (Keys 1981, a = −3/4), as polynomials of the rest. */
function cubicWeights(rest: Tensor): Tensor[] {
  const a = -0.75;
  const near = (t: Tensor): Tensor =>
    t
      .mul(a + 2)
      .sub(a + 3)
      .mul(t.square())
      .add(1);
  const far = (t: Tensor): Tensor => t.sub(5).mul(t).add(8).mul(t).sub(4).mul(a);
  const other = rest.neg().add(1);
  return [far(rest.add(1)), near(rest), near(other), far(other.add(1))];
}

function cubic(flat: Tensor, sizes: readonly number[], at: readonly Tensor[], settings: Settings): Tensor {
  const [y, x] = at.map(split);
  const [weightsY, weightsX] = [cubicWeights(y.rest), cubicWeights(x.rest)];
  // Whole positions are moved by the padding, each by itself.
  const place = (low: Tensor, k: number, d: number): Tensor => moved(low.add(k - 1), sizes[d], settings).floor();
  let result: Tensor | null = null;
  for (let ky = 0; ky < 4; ky++) {
    for (let kx = 0; kx < 4; kx++) {
      const elements = elementsAt(flat, sizes, [place(y.low, ky, 0), place(x.low, kx, 1)]);
      const part = elements.mul(weightsY[ky].mul(weightsX[kx]).unsqueeze(1));
      result = result ? result.add(part) : part;
    }
  }
  return result as Tensor;
}

/** The whole position next to each; of two the even one, as PyTorch rounds. */
function nearest(flat: Tensor, sizes: readonly number[], at: readonly Tensor[]): Tensor {
  const positions = at.map((x) => x.detach().clamp(-1e6, 1e6).round());
  return elementsAt(flat, sizes, positions);
}

function checkShapes(input: Tensor, grid: Tensor): void {
  const dims = input.ndim - 2;
  if (dims !== 2 && dims !== 3) {
    throw new ShapeError(
      `grid_sampler(): expected 4D or 5D input and grid with same number of dimensions, but got input with sizes ${listed(input.shape)} ` +
        `and grid with sizes ${listed(grid.shape)}`,
    );
  }
  if (grid.ndim !== input.ndim || grid.size(0) !== input.size(0) || grid.size(-1) !== dims) {
    throw new ShapeError(
      `grid_sampler(): expected grid and input to have same batch size, and grid to have size ${dims} in last dimension, but got ` +
        `input with sizes ${listed(input.shape)} and grid with sizes ${listed(grid.shape)}`,
    );
  }
  if (input.shape.slice(2).includes(0)) {
    throw new ShapeError(
      `grid_sampler(): expected input to have non-empty spatial dimensions, but input has sizes ${listed(input.shape)}`,
    );
  }
}

/**
 * The image at the places of a grid: x and y (and z) of each lie in −1 ... 1 inside of it, x along the last dimension.
 * Differentiable by the image, and by the places unless `mode` is "nearest".
 * @param input float32 [N, C, H, W] or [N, C, D, H, W] @param grid float32 [N, H', W', 2] or [N, D', H', W', 3]
 * @returns [N, C, H', W'] or [N, C, D', H', W']
 * @throws {ShapeError} shapes that do not fit @throws {TensorError} an unknown mode
 * @example nn.functional.gridSample(tensor([[[[5]]]]), zeros(1, 1, 1, 2)).item() // 5
 */
export function gridSample(input: Tensor, grid: Tensor, ...args: GridArguments): Tensor {
  expectTensor(input, "gridSample", "input");
  expectTensor(grid, "gridSample", "grid");
  const options = named<GridSampleOptions>("gridSample", args, ["mode", "paddingMode", "alignCorners"]);
  const { mode = "bilinear", paddingMode = "zeros", alignCorners } = options;
  if (mode !== "bilinear" && mode !== "nearest" && mode !== "bicubic") {
    throw new TensorError(
      `nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '${String(mode)}'`,
    );
  }
  if (paddingMode !== "zeros" && paddingMode !== "border" && paddingMode !== "reflection") {
    throw new TensorError(
      `nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', but got: '${String(paddingMode)}'`,
    );
  }
  checkShapes(input, grid);
  if (mode === "bicubic" && input.ndim === 5) {
    throw new ShapeError("grid_sampler(): bicubic interpolation only supports 4D input");
  }
  const settings: Settings = { padding: paddingMode, aligned: alignCorners === true };
  const [batch, channels, ...sizes] = input.shape;
  const result = grid.shape.slice(1, -1);
  const points = savedWhole(grid).reshape([batch, -1, sizes.length]);
  // The grid names x first, the image has it last.
  const whole = sizes.map((size, d) => unnormalised(points.select(2, sizes.length - 1 - d), size, settings.aligned));
  const at = mode === "bicubic" ? whole : whole.map((x, d) => moved(x, sizes[d], settings));
  const flat = savedWhole(input).reshape([batch, channels, -1]);
  const sampled =
    mode === "bilinear"
      ? linear(flat, sizes, at)
      : mode === "nearest"
        ? nearest(flat, sizes, at)
        : cubic(flat, sizes, at, settings);
  return renamed(sampled.reshape([batch, channels, ...result]), `GridSampler${result.length}DBackward0`);
}

/** Centres of `size` elements in −1 ... 1. */
function centres(size: number, aligned: boolean): number[] {
  if (size <= 1) return new Array<number>(size).fill(0);
  const step = 2 / (size - 1);
  const shrink = aligned ? 1 : (size - 1) / size;
  return Array.from({ length: size }, (_, i) => (i * step - 1) * shrink);
}

/**
 * The places that an affine map takes the elements of a result to, for gridSample.
 * @param theta float32 [N, 2, 3], or [N, 3, 4] for volumes @param size of the result: [N, C, H, W] or [N, C, D, H, W]
 * @returns [N, H, W, 2] or [N, D, H, W, 3]
 * @throws {ShapeError} a `theta` that does not fit the size
 * @example nn.functional.affineGrid(tensor([[[1, 0, 0], [0, 1, 0]]]), [1, 1, 2, 2]).shape // [1, 2, 2, 2]
 */
export function affineGrid(
  theta: Tensor,
  size: readonly number[],
  alignCorners?: boolean | null | { alignCorners?: boolean },
): Tensor {
  expectTensor(theta, "affineGrid", "theta");
  const { alignCorners: aligned = false } = named<{ alignCorners: boolean }>(
    "affineGrid",
    [alignCorners],
    ["alignCorners"],
  );
  const [batch, , ...image] = size;
  const dims = image.length;
  if ((dims !== 2 && dims !== 3) || listed(theta.shape) !== listed([batch, dims, dims + 1])) {
    throw new ShapeError(
      `Expected a batch of ${dims}D affine matrices of shape Nx${dims}x${dims + 1} for size ${listed(size)}. Got ${listed(theta.shape)}.`,
    );
  }
  const axes = image.map((count, d) => {
    const shape = image.map((_, other) => (other === d ? count : 1));
    return tensor(Float32Array.from(centres(count, aligned)), { shape }).expand(image);
  });
  const ones = tensor(1).expand(image);
  const base = stack([...axes.reverse(), ones], -1).reshape([-1, dims + 1]);
  return base.matmul(theta.transpose(1, 2)).reshape([batch, ...image, dims]);
}
