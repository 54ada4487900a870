/** Differences, derivatives and integrals of samples. */
import { named, normalDim, normalDims } from "../core/args.ts";
import { TensorBase } from "../core/base.ts";
import { DTypeError, IndexError, ShapeError, TensorError } from "../core/errors.ts";
import { renamed } from "../core/names.ts";
import type { Tensor } from "../tensor.ts";
import { add, div, mul, sub } from "./binary.ts";
import { cat } from "./cat.ts";
import { ne } from "./compare.ts";
import { zeros } from "./creation.ts";
import { type Dims, sum } from "./reduce.ts";
import { cumsum } from "./scan.ts";
import { narrow, select } from "./slice.ts";

interface DiffOptions {
  n?: number;
  dim?: number;
  prepend?: Tensor | null;
  append?: Tensor | null;
}

function checkJoined(input: Tensor, other: Tensor, dim: number): void {
  const [own, shape] = [input.shape, other.shape];
  if (shape.length !== own.length) {
    throw new ShapeError("diff expects prepend or append to be the same dimension as input");
  }
  own.forEach((size, i) => {
    if (i === dim || size === shape[i]) return;
    throw new ShapeError(
      "diff expects the shape of tensor to prepend or append to match that of input except along the differencing " +
        `dimension; input.size(${i}) = ${size}, but got tensor.size(${i}) = ${shape[i]}`,
    );
  });
}

/**
 * The n-th differences of neighbours along `dim`; of bools, whether they differ.
 * @param n 1 by default   @param dim the last one by default
 * @param prepend put before the elements, and `append` behind them, before differences are taken
 * @throws {ShapeError} a number, or a tensor that does not fit to be put before or behind
 * @example diff(tensor([1, 4, 9])).tolist() // [3, 5]
 */
export function diff(
  input: Tensor,
  n?: number | DiffOptions,
  dim?: number | DiffOptions,
  prepend?: Tensor | null | DiffOptions,
  append?: Tensor | null | DiffOptions,
): Tensor {
  const given = named<DiffOptions>("diff", [n, dim, prepend, append], ["n", "dim", "prepend", "append"]);
  const { n: order = 1, prepend: before, append: behind } = given;
  if (input.ndim === 0) throw new ShapeError("diff expects input to be at least one-dimensional");
  if (!Number.isInteger(order) || order < 0) throw new TensorError(`order must be non-negative but got ${order}`);
  const d = normalDim(given.dim ?? -1, input.ndim);
  const parts = [before, input, behind].filter((t) => t !== undefined && t !== null);
  for (const t of parts) checkJoined(input, t, d);
  let x = order > 0 && parts.length > 1 ? cat(parts, d) : input;
  for (let i = Math.min(order, x.size(d)); i > 0; i--) x = differences(x, d);
  return order === 0 ? renamed(input.clone(), "CopyBackwards") : x;
}

function differences(x: Tensor, dim: number): Tensor {
  const count = Math.max(x.size(dim) - 1, 0);
  const [low, high] = [narrow(x, dim, 0, count), narrow(x, dim, x.size(dim) - count, count)];
  return x.dtype === "bool" ? ne(high, low) : sub(high, low);
}

type Spacing = number | readonly number[] | readonly Tensor[];

interface GradientOptions {
  /** Distance of neighbours: one for all dimensions, one for each, or the coordinates along each. */
  spacing?: Spacing;
  dim?: Dims | null;
  edgeOrder?: 1 | 2;
}

/**
 * The derivative of sampled values by each dimension: central differences, exact to second order also where samples are
 * unevenly spaced, and one-sided ones at the edges.
 * @throws {ShapeError} a dimension with no more than `edgeOrder` elements, or spacings that do not fit
 * @see Fornberg 1988, doi:10.1090/S0025-5718-1988-0935077-0
 * @example gradient(tensor([1, 4, 9]))[0].tolist() // [3, 4, 5]
 */
export function gradient(input: Tensor, options: GradientOptions = {}): Tensor[] {
  const { spacing = 1, dim, edgeOrder = 1 } = options;
  if (edgeOrder !== 1 && edgeOrder !== 2) {
    throw new TensorError("torch.gradient only supports edge_order=1 and edge_order=2.");
  }
  const dims = gradientDims(input, dim);
  const spacings = spacingList(spacing, dims);
  return dims.map((d, i) => {
    const size = input.size(d);
    if (size <= edgeOrder)
      throw new ShapeError("torch.gradient expected each dimension size to be at least edge_order+1");
    return derivative(input, d, stepsOf(spacings[i], size, d), edgeOrder);
  });
}

/** In the order given. */
function gradientDims(input: Tensor, dim: Dims | null | undefined): number[] {
  const rank = input.ndim;
  if (dim === null || dim === undefined) return Array.from({ length: rank }, (_, i) => i);
  normalDims(dim, rank, "gradient");
  return (typeof dim === "number" ? [dim] : dim).map((d) => normalDim(d, rank));
}

function spacingList(spacing: Spacing, dims: readonly number[]): (number | Tensor)[] {
  if (typeof spacing === "number") return dims.map(() => spacing);
  if (spacing.length !== dims.length) {
    throw new ShapeError(
      `torch.gradient expected spacing to be unspecified, a scalar or a list of length ${dims.length} but got a list of length ${spacing.length}`,
    );
  }
  return [...spacing];
}

/** Distances from each sample to the next. */
function stepsOf(spacing: number | Tensor, size: number, dim: number): Float64Array {
  if (!(spacing instanceof TensorBase)) return new Float64Array(size - 1).fill(spacing as number);
  const t = spacing as Tensor;
  if (t.ndim !== 1 || t.numel() !== size) {
    throw new ShapeError(
      `torch.gradient expected each tensor in spacing to be one-dimensional with as many elements as dimension ${dim}, ${size}, but got shape [${t.shape.join(", ")}]`,
    );
  }
  const at = t.data();
  return Float64Array.from({ length: size - 1 }, (_, i) => at[i + 1] - at[i]);
}

/** Σ weights[i] · (elements from start[i] on). */
function combination(
  x: Tensor,
  dim: number,
  count: number,
  terms: readonly [start: number, weights: Tensor | number][],
): Tensor {
  return terms.map(([start, weights]) => mul(narrow(x, dim, start, count), weights)).reduce((a, b) => add(a, b));
}

/**
 * Inside, with steps a before and b behind an element, the slope of the parabola through it and its neighbours:
 * (f₊ a/b + f (b/a − a/b) − f₋ b/a) / (a + b). At an edge the slope to the neighbour, or that of the parabola.
 */
function derivative(x: Tensor, dim: number, steps: Float64Array, edgeOrder: 1 | 2): Tensor {
  const size = steps.length + 1;
  const shape = x.shape.map((_, i) => (i === dim ? size - 2 : 1));
  const weights = (of: (a: number, b: number) => number): Tensor =>
    x
      .newTensor(
        Array.from({ length: size - 2 }, (_, i) => of(steps[i], steps[i + 1])),
        { dtype: "float32" },
      )
      .reshape(shape);
  const inside = combination(x, dim, size - 2, [
    [0, weights((a, b) => -b / (a * (a + b)))],
    [1, weights((a, b) => (b - a) / (a * b))],
    [2, weights((a, b) => a / (b * (a + b)))],
  ]);
  const last = steps.length - 1;
  if (edgeOrder === 1) {
    const first = div(differences(narrow(x, dim, 0, 2), dim), steps[0]);
    const end = div(differences(narrow(x, dim, size - 2, 2), dim), steps[last]);
    return cat([first, inside, end], dim);
  }
  const edge = (start: number, a: number, b: number, order: readonly number[]): Tensor => {
    const factors = [-(2 * a + b) / (a * (a + b)), (a + b) / (a * b), -a / (b * (a + b))];
    return combination(
      x,
      dim,
      1,
      order.map((place, i) => [start + place, factors[i]]),
    );
  };
  const first = edge(0, steps[0], steps[1], [0, 1, 2]);
  const end = edge(size - 3, -steps[last], -steps[last - 1], [2, 1, 0]);
  return cat([first, inside, end], dim);
}

interface TrapezoidOptions {
  x?: Tensor;
  /** Distance of neighbours, where no `x` says where they lie. */
  dx?: number;
  dim?: number;
}

type TrapezoidArguments = [x?: Tensor | null | TrapezoidOptions, options?: TrapezoidOptions];

/** The dimension, once the arguments have been checked. */
function along(y: Tensor, { x, dim = -1 }: TrapezoidOptions, name: string): number {
  for (const [argument, t] of Object.entries({ y, x })) {
    if (t?.dtype !== "bool") continue;
    throw new DTypeError(`${name}: received a bool input for \`${argument}\`, but bool is not supported`);
  }
  if (y.ndim === 0) throw new IndexError(`Dimension specified as ${dim} but tensor has no dimensions`);
  return normalDim(dim, y.ndim);
}

/** f(x₀) + f(x₁), f(x₁) + f(x₂), ... */
function neighbourSums(y: Tensor, dim: number): Tensor {
  const count = Math.max(y.size(dim) - 1, 0);
  return add(narrow(y, dim, 0, count), narrow(y, dim, y.size(dim) - count, count));
}

/** Distances of the sample points along the dimension, of a shape that broadcasts with the samples. */
function widths(x: Tensor, y: Tensor, dim: number, name: string): Tensor {
  if (x.ndim === 0 && y.size(dim) <= 1) return zeros([]);
  // A vector of points goes along `dim`; other points broadcast from the right.
  const points = x.ndim === 1 ? x.reshape(y.shape.map((_, i) => (i === dim ? x.numel() : 1))) : x;
  const along = points.ndim - y.ndim + dim;
  if (along < 0 || points.size(along) !== y.size(dim)) {
    throw new ShapeError(`${name}: There must be one \`x\` value for each sample point`);
  }
  return differences(points, along);
}

/**
 * The integral along `dim` by the trapezoidal rule, samples `dx` apart (1 by default) or at the points `x`.
 * @throws {ShapeError} points that are not as many as the samples
 * @throws {DTypeError} bools
 * @example trapezoid(tensor([1, 5, 10])).item() // 10.5
 */
export function trapezoid(y: Tensor, ...args: TrapezoidArguments): Tensor {
  const given = named<TrapezoidOptions>("trapezoid", args, ["x"]);
  const { x, dx = 1 } = given;
  const dim = along(y, given, "trapezoid");
  const size = y.size(dim);
  if (size === 0) return sum(y, dim);
  if (x) {
    const areas = sum(mul(widths(x, y, dim, "trapezoid"), neighbourSums(y, dim)), dim);
    return renamed(mul(areas, 0.5), "DivBackward1");
  }
  const ends = add(select(y, dim, 0), select(y, dim, size - 1));
  return renamed(mul(sub(sum(y, dim), mul(ends, 0.5)), dx), "MulBackward1");
}

/**
 * The integral up to each sample but the first; otherwise as `trapezoid`.
 * @example cumulativeTrapezoid(tensor([1, 2, 4])).tolist() // [1.5, 4.5]
 */
export function cumulativeTrapezoid(y: Tensor, ...args: TrapezoidArguments): Tensor {
  const given = named<TrapezoidOptions>("cumulativeTrapezoid", args, ["x"]);
  const { x, dx = 1 } = given;
  const dim = along(y, given, "cumulative_trapezoid");
  const sums = neighbourSums(y, dim);
  const areas = x ? mul(mul(widths(x, y, dim, "cumulative_trapezoid"), sums), 0.5) : mul(sums, dx / 2);
  return renamed(cumsum(areas, dim), x ? "DivBackward1" : 0);
}
