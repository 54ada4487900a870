/** How many elements lie between edges. Nothing here has a gradient. */
import { DTypeError, ShapeError, TensorError } from "../core/errors.ts";
import type { Tensor } from "../tensor.ts";
import { tensor } from "./creation.ts";

function checkBins(bins: number, dim: number): void {
  if (Number.isInteger(bins) && bins > 0) return;
  throw new TensorError(`torch.histogram(): bins must be > 0, but got ${bins} for dimension ${dim}`);
}

/** The smallest and the largest of every stride-th element; NaN if there is one, 0 and 1 if there are no elements. */
function extent(values: ArrayLike<number>, stride: number, offset: number): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = offset; i < values.length; i += stride) {
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  return values.length === 0 ? [0, 1] : [low, high];
}

function checkFinite(low: number, high: number, what: string): void {
  if (Number.isFinite(low) && Number.isFinite(high)) return;
  throw new TensorError(`${what} range of [${low}, ${high}] is not finite`.replaceAll("Infinity", "inf"));
}

/** Evenly spaced edges, from both ends towards the middle, so that the last is exact. */
function evenEdges(low: number, high: number, bins: number): Float64Array {
  const step = (high - low) / bins;
  return Float64Array.from({ length: bins + 1 }, (_, i) =>
    Math.fround(i < (bins + 1) / 2 ? low + i * step : high - (bins - i) * step),
  );
}

interface HistogramOptions {
  /** Lowest and highest edge, of each dimension one after the other. */
  range?: readonly number[] | null;
  /** How much each element counts. */
  weight?: Tensor | null;
  /** Whether the result is divided by its sum and the width of the bins. */
  density?: boolean;
}

export interface Histogram {
  hist: Tensor;
  binEdges: Tensor;
}

/**
 * How many elements lie in each bin; the last bin includes its upper edge.
 * @param bins how many equal ones, or a tensor of ascending edges
 * @throws {TensorError} no bins, a range that is not finite or upside down
 * @example histogram(tensor([1, 2, 1]), 4, { range: [0, 3] }).hist.tolist() // [0, 2, 1, 0]
 */
export function histogram(input: Tensor, bins: number | Tensor, options: HistogramOptions = {}): Histogram {
  const { hist, binEdges } = histogramdd(input.reshape([-1, 1]), [bins] as number[] | Tensor[], {
    ...options,
    weight: options.weight?.reshape([-1]),
  });
  return { hist, binEdges: binEdges[0] };
}

/**
 * The histogram of points [..., D] in D dimensions.
 * @param bins how many, of all or of each dimension, or the edges of each
 * @throws {ShapeError} weights that are not as many as the points
 * @example histogramdd(tensor([[0, 0], [1, 1]]), [2, 2]).hist.tolist() // [[1, 0], [0, 1]]
 */
export function histogramdd(
  input: Tensor,
  bins: number | readonly number[] | readonly Tensor[],
  options: HistogramOptions = {},
): { hist: Tensor; binEdges: Tensor[] } {
  if (input.dtype !== "float32") throw new DTypeError(`"histogramdd" not implemented for '${input.scalarName()}'`);
  if (input.ndim < 2) throw new ShapeError("torch.histogramdd: input tensor should have at least 2 dimensions");
  const rank = input.size(-1);
  const list = typeof bins === "number" ? Array.from({ length: rank }, () => bins) : bins;
  if (list.length !== rank) {
    throw new ShapeError(
      `torch.histogramdd: the size of bins should equal the number of dimensions (${rank}), but got ${list.length}`,
    );
  }
  const values = input.data();
  const edges = list.map((bin, dim) => {
    if (typeof bin !== "number") return Float64Array.from(bin.data());
    checkBins(bin, dim);
    const given = options.range ? options.range.slice(2 * dim, 2 * dim + 2) : null;
    if (given && given[0] > given[1]) {
      throw new TensorError(
        `torch.histogramdd: min should not exceed max, but got min ${given[0]} max ${given[1]} for dimension ${dim}`,
      );
    }
    let [low, high] = given ?? extent(values, rank, dim);
    if (low === high) [low, high] = [low - 0.5, high + 0.5];
    checkFinite(low, high, `torch.histogram: dimension ${dim}'s`);
    return evenEdges(low, high, bin);
  });
  const sizes = edges.map((e) => e.length - 1);
  const weights = weightsOf(options.weight, rank === 0 ? 0 : values.length / rank);
  const counts = counted(values, edges, sizes, weights);
  if (options.density) spread(counts, edges, sizes);
  return {
    hist: tensor(Float32Array.from(counts), { shape: sizes }),
    binEdges: edges.map((e) => tensor(Float32Array.from(e))),
  };
}

function weightsOf(weight: Tensor | null | undefined, points: number): ArrayLike<number> | null {
  if (!weight) return null;
  if (weight.numel() !== points) {
    throw new ShapeError(
      `torch.histogramdd: if weight tensor is provided it should have one element for each of the ${points} points, but got ${weight.numel()}`,
    );
  }
  return weight.data();
}

/** The bin that a value lies in, or -1: the last edge that is not above it (Knuth 1998, vol. 3, section 6.2.1). */
function binOf(value: number, edges: Float64Array): number {
  const last = edges.length - 1;
  if (!(value >= edges[0] && value <= edges[last])) return -1;
  let [low, high] = [0, last];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (edges[middle] <= value) low = middle;
    else high = middle;
  }
  return low;
}

function counted(
  values: ArrayLike<number>,
  edges: readonly Float64Array[],
  sizes: readonly number[],
  weights: ArrayLike<number> | null,
): Float64Array {
  const rank = edges.length;
  const counts = new Float64Array(sizes.reduce((n, size) => n * size, 1));
  for (let point = 0; point * rank < values.length; point++) {
    let at = 0;
    for (let dim = 0; dim < rank && at >= 0; dim++) {
      const bin = binOf(values[point * rank + dim], edges[dim]);
      at = bin < 0 ? -1 : at * sizes[dim] + bin;
    }
    if (at >= 0) counts[at] += weights ? weights[point] : 1;
  }
  return counts;
}

/** Divides by the sum and the volume of each bin. */
function spread(counts: Float64Array, edges: readonly Float64Array[], sizes: readonly number[]): void {
  const total = counts.reduce((a, b) => a + b, 0);
  counts.forEach((count, flat) => {
    let rest = flat;
    let volume = 1;
    for (let dim = sizes.length - 1; dim >= 0; dim--) {
      const bin = rest % sizes[dim];
      rest = Math.floor(rest / sizes[dim]);
      volume *= edges[dim][bin + 1] - edges[dim][bin];
    }
    counts[flat] = count / (total * volume);
  });
}
