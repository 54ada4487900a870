/** Reductions of runs of slices. */
import { normalDim } from "../core/args.ts";
import { DTypeError, ShapeError, TensorError } from "../core/errors.ts";
import { renamed, savingOutput } from "../core/names.ts";
import type { Tensor } from "../tensor.ts";
import { full, tensor } from "./creation.ts";
import { expand } from "./expand.ts";
import { product, sameShape, shapeText } from "./geometry.ts";
import { type Reduction, scatterReduce } from "./scatter-reduce.ts";
import { narrow } from "./slice.ts";
import { reshape } from "./view.ts";

export type SegmentReduction = "sum" | "mean" | "max" | "min" | "prod";

export interface SegmentReduceOptions {
  /** How many slices each segment has; segments follow one another. */
  lengths?: Tensor;
  /** Where segments begin, and where the last one ends. */
  offsets?: Tensor;
  /** The dimension that is cut into segments; those before it are batches with segments of their own. */
  axis?: number;
  /** Skips the check that the lengths add up. */
  unsafe?: boolean;
  /** What each segment begins with, and what an empty one gives. */
  initial?: number;
}

const NAME = "SegmentReduceBackward0";
const MODES: Record<SegmentReduction, Reduction> = { sum: "sum", mean: "sum", max: "amax", min: "amin", prod: "prod" };
const NEUTRAL: Record<SegmentReduction, number> = { sum: 0, mean: 0, max: -Infinity, min: Infinity, prod: 1 };

/** Ends of the segments, batch by batch. */
interface Segments {
  count: number;
  starts: number[];
  ends: number[];
}

function segmentsOf(input: Tensor, axis: number, options: SegmentReduceOptions): Segments {
  const { lengths, offsets } = options;
  const given = lengths ?? offsets;
  if (!given) throw new TensorError("segment_reduce(): Either lengths or offsets must be defined.");
  if (given.dtype !== "int32")
    throw new DTypeError(`segment_reduce(): expected integers for lengths and offsets, got ${given.dtype}`);
  const batch = input.shape.slice(0, axis);
  if (given.ndim !== axis + 1 || !sameShape(given.shape.slice(0, axis), batch)) {
    throw new ShapeError(
      `segment_reduce(): Expected lengths or offsets of shape [${[...batch, "*"].join(", ")}] for axis ${axis}, got ${shapeText(given.shape)}`,
    );
  }
  const data = given.data();
  const width = given.shape[axis];
  const segments: Segments = { count: lengths ? width : Math.max(width - 1, 0), starts: [], ends: [] };
  for (let row = 0; row < product(batch); row++) {
    let end = 0;
    for (let i = 0; i < segments.count; i++) {
      const start = lengths ? end : data[row * width + i];
      end = lengths ? start + data[row * width + i] : data[row * width + i + 1];
      if (start < 0 || end < start || end > input.shape[axis]) {
        throw new ShapeError(
          `segment_reduce(): segment ${i} reaches from ${start} to ${end} in a dimension of size ${input.shape[axis]}`,
        );
      }
      segments.starts.push(start);
      segments.ends.push(end);
    }
    if (lengths && !options.unsafe && end !== input.shape[axis]) {
      throw new ShapeError(
        "segment_reduce(): Expected all rows of lengths along axis to sum to data.size(lengths.dim()-1) when !unsafe.",
      );
    }
  }
  return segments;
}

/**
 * Sum, mean, product, largest or smallest of runs of slices along an axis.
 * @throws {ShapeError} runs that do not fit the axis
 * @example segmentReduce(tensor([1, 2, 3]), "sum", { lengths: tensor([2, 1], { dtype: "int32" }) }).tolist() // [3, 3]
 */
export function segmentReduce(data: Tensor, reduce: SegmentReduction, options: SegmentReduceOptions = {}): Tensor {
  if (!Object.hasOwn(MODES, reduce)) {
    throw new TensorError(
      `segment_reduce(): Expected reduce to be one of sum, mean, max, min or prod but got ${String(reduce)}`,
    );
  }
  const axis = normalDim(options.axis ?? 0, data.ndim);
  const { shape } = data;
  const { count, starts, ends } = segmentsOf(data, axis, options);
  // What no segment covers is reduced into one more, which is cut off.
  const index = new Int32Array(product(shape.slice(0, axis + 1))).fill(count);
  starts.forEach((start, i) => {
    const row = Math.floor(i / count) * shape[axis];
    index.fill(i % count, row + start, row + ends[i]);
  });
  const inner = shape.slice(axis + 1).map(() => 1);
  const positions = expand(tensor(index, { shape: [...shape.slice(0, axis + 1), ...inner] }), shape);
  const sizes = shape.map((size, i) => (i === axis ? count + 1 : size));
  const start = full(sizes, options.initial ?? NEUTRAL[reduce]);
  const result = narrow(scatterReduce(start, axis, positions, data, MODES[reduce]), axis, 0, count);
  if (reduce !== "mean") return renamed(result, NAME);
  const lengths = Float32Array.from(ends, (end, i) => end - starts[i]);
  const divisors = reshape(tensor(lengths), [...shape.slice(0, axis), count, ...inner]);
  // An empty mean is what it begins with, or undefined.
  return savingOutput(renamed(result.div(options.initial === undefined ? divisors : divisors.clampMin(1)), NAME));
}
