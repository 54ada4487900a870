/** How often values occur. */
import { named } from "../core/args.ts";
import { DTypeError, ShapeError, TensorError } from "../core/errors.ts";
import type { Tensor } from "../tensor.ts";
import { tensor } from "./creation.ts";
import { integer } from "./geometry.ts";

export interface BincountOptions {
  /** Added up instead of ones. */
  weights?: Tensor | null;
  /** The least number of bins. */
  minlength?: number;
}

/**
 * How often each of 0, 1, 2, ... occurs among non-negative integers, or the sum of their weights.
 * @throws {ShapeError} not a vector
 * @throws {DTypeError} numbers that are no integers
 * @example bincount(tensor([0, 2, 2], { dtype: "int32" })).tolist() // [1, 0, 2]
 */
export function bincount(
  input: Tensor,
  weights?: Tensor | null | BincountOptions,
  minlength?: number | BincountOptions,
): Tensor {
  const options = named<BincountOptions>("bincount", [weights, minlength], ["weights", "minlength"]);
  const least = integer(options.minlength ?? 0, "bincount", "minlength");
  if (input.dtype === "float32") throw new DTypeError(`"bincount" not implemented for '${input.scalarName()}'`);
  const values = input.data() as Int32Array;
  if (input.ndim !== 1 || values.some((value) => value < 0)) {
    throw new ShapeError("bincount only supports 1-d non-negative integral inputs.");
  }
  if (least < 0) throw new ShapeError("minlength should be >= 0");
  const given = options.weights ?? null;
  if (given && (given.ndim !== 1 || given.numel() !== values.length)) {
    throw new ShapeError("weights should be 1-d and have the same length as input");
  }
  const length = values.reduce((largest, value) => Math.max(largest, value + 1), least);
  const sums = new Float64Array(length);
  const amounts = given?.data();
  values.forEach((value, i) => {
    sums[value] += amounts ? amounts[i] : 1;
  });
  return tensor(sums, { dtype: given ? "float32" : "int32" });
}

export interface HistcOptions {
  bins?: number;
  min?: number;
  max?: number;
}

/**
 * How many elements fall into each of equally wide bins between min and max; both 0: between the smallest and the largest.
 * Elements beyond are not counted.
 * @throws {TensorError} no bins, or max below min
 * @example histc(tensor([1, 2, 1]), 4, 0, 3).tolist() // [0, 2, 1, 0]
 */
export function histc(
  input: Tensor,
  bins?: number | HistcOptions,
  min?: number | HistcOptions,
  max?: number | HistcOptions,
): Tensor {
  const options = named<HistcOptions>("histc", [bins, min, max], ["bins", "min", "max"]);
  if (input.dtype !== "float32") throw new DTypeError(`"histogram_cpu" not implemented for '${input.scalarName()}'`);
  const count = integer(options.bins ?? 100, "histc", "bins");
  if (count <= 0) throw new TensorError(`torch.histogram(): bins must be > 0, but got ${count} for dimension 0`);
  const values = input.data();
  let [low, high] = [options.min ?? 0, options.max ?? 0];
  if (low === high && values.length > 0) [low, high] = extremes(values);
  if (low === high) [low, high] = [low - 1, high + 1];
  if (!Number.isFinite(low) || !Number.isFinite(high))
    throw new TensorError(`torch.histc: range of [${low}, ${high}] is not finite`);
  if (low > high) throw new TensorError("torch.histc: max must be larger than min");
  const sums = new Float32Array(count);
  for (const value of values) {
    if (!(value >= low && value <= high)) continue;
    sums[Math.min(Math.floor(((value - low) / (high - low)) * count), count - 1)]++;
  }
  return tensor(sums);
}

function extremes(values: ArrayLike<number>): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  return [low, high];
}

/**
 * For each integer a row (in a new last dimension) with 1 at its position and 0 elsewhere.
 * @param numClasses the length of the rows; the largest integer plus 1 by default
 * @throws {TensorError} negative integers, or such as have no place in the row
 * @example nn.functional.oneHot(tensor([0, 2], { dtype: "int32" })).tolist() // [[1, 0, 0], [0, 0, 1]]
 */
export function oneHot(input: Tensor, numClasses?: number | { numClasses?: number }): Tensor {
  const options = named<{ numClasses?: number }>("oneHot", [numClasses], ["numClasses"]);
  const given = integer(options.numClasses ?? -1, "oneHot", "numClasses");
  if (input.dtype !== "int32") throw new DTypeError("one_hot is only applicable to index tensor.");
  const classes = input.data() as Int32Array;
  if (classes.length === 0 && given <= 0)
    throw new TensorError("Can not infer total number of classes from empty tensor.");
  if (classes.some((c) => c < 0)) throw new TensorError("Class values must be non-negative.");
  const needed = classes.reduce((largest, c) => Math.max(largest, c + 1), 0);
  const length = given === -1 ? needed : given;
  if (length < 1) throw new TensorError("num_classes should be positive");
  if (needed > length) throw new TensorError("Class values must be smaller than num_classes.");
  const rows = new Int32Array(classes.length * length);
  classes.forEach((c, i) => {
    rows[i * length + c] = 1;
  });
  return tensor(rows, { shape: [...input.shape, length] });
}
