/** Spread, quantiles and correlation. */
import { Op } from "../../assembly/abi/op.ts";
import { defineRule } from "../autograd/rules.ts";
import { named } from "../core/args.ts";
import { TensorBase } from "../core/base.ts";
import { DTypeError, ShapeError, TensorError } from "../core/errors.ts";
import { nameCode, renamed } from "../core/names.ts";
import { warnOnce } from "../core/warn.ts";
import { setScalars } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { div, mul, sub } from "./binary.ts";
import { clamp } from "./clamp.ts";
import { eq } from "./compare.ts";
import { tensor } from "./creation.ts";
import { gather } from "./indexing.ts";
import { isnan } from "./logic.ts";
import { matmul } from "./matmul.ts";
import { lerp } from "./mixed.ts";
import { sort } from "./pick.ts";
import { cast } from "./promote.ts";
import { type Dims, mean, oneDim, reduce, reducedCount, reducedDims, sum, unreduced } from "./reduce.ts";
import { ceil, floor, round } from "./rounding.ts";
import { sqrt } from "./unary.ts";
import { squeeze } from "./view.ts";
import { where } from "./where.ts";

export interface SpreadOptions {
  dim?: Dims | null;
  /** True is a correction of 1, false of 0. */
  unbiased?: boolean;
  /** Σ(x − mean)² is divided by the count less this, 1 by default (Bessel's correction). */
  correction?: number;
  keepdim?: boolean;
}

type SpreadArguments = [
  dim?: boolean | Dims | null | SpreadOptions,
  unbiased?: boolean | SpreadOptions,
  keepdim?: boolean | SpreadOptions,
];

const VAR_MEAN: number = /* @__PURE__ */ nameCode("VarMeanBackward0");
const STD_MEAN: number = /* @__PURE__ */ nameCode("StdMeanBackward0");

/** PyTorch takes (dim, unbiased, keepdim) or (unbiased). */
function spreadOptions(name: string, args: SpreadArguments): SpreadOptions {
  const order = typeof args[0] === "boolean" ? ["unbiased"] : ["dim", "unbiased", "keepdim"];
  return named<SpreadOptions>(name, args, order as (keyof SpreadOptions)[]);
}

function spread(op: Op, input: Tensor, given: SpreadOptions, name: string, printed: number = 0): Tensor {
  if (input.dtype !== "float32") throw new DTypeError("std and var only support floating point and complex dtypes");
  setScalars(given.correction ?? (given.unbiased === false ? 0 : 1), 0);
  return reduce(op, input, given.dim, given.keepdim ?? false, name, printed);
}

/**
 * The variance of all elements, or along `dim`: Σ(x − mean)² / (N − correction), in double precision. NaN of one element,
 * unless the correction is 0. Its name is `var`, which the language keeps from being called by itself: `x.var()`.
 * @throws {DTypeError} integers
 * @see Chan, Golub and LeVeque 1983, doi:10.1080/00031305.1983.10483115
 * @example tensor([1, 2, 3, 4]).var().item() // 1.6667
 */
export function variance(input: Tensor, ...args: SpreadArguments): Tensor {
  return spread(Op.Var, input, spreadOptions("var", args), "var");
}

/**
 * The standard deviation, √var; its gradient is 0 where it is 0. Otherwise as `var`.
 * @example std(tensor([1, 2, 3, 4])).item() // 1.2910
 */
export function std(input: Tensor, ...args: SpreadArguments): Tensor {
  return spread(Op.Std, input, spreadOptions("std", args), "std");
}

/** [var, mean]. @example varMean(tensor([1, 3])) // [tensor(2.), tensor(2.)] */
export function varMean(input: Tensor, ...args: SpreadArguments): [Tensor, Tensor] {
  const given = spreadOptions("varMean", args);
  return withMean(spread(Op.Var, input, given, "varMean", VAR_MEAN), input, given, VAR_MEAN);
}

/** [std, mean]. @example stdMean(tensor([1, 3])) // [tensor(1.4142), tensor(2.)] */
export function stdMean(input: Tensor, ...args: SpreadArguments): [Tensor, Tensor] {
  const given = spreadOptions("stdMean", args);
  return withMean(spread(Op.Std, input, given, "stdMean", STD_MEAN), input, given, STD_MEAN);
}

function withMean(spread: Tensor, input: Tensor, given: SpreadOptions, printed: number): [Tensor, Tensor] {
  return [spread, reduce(Op.Mean, input, given.dim, given.keepdim ?? false, "mean", printed)];
}

type Interpolation = "linear" | "lower" | "higher" | "midpoint" | "nearest";

export interface QuantileOptions {
  dim?: number | null;
  keepdim?: boolean;
  /** Between which of the two nearest elements. */
  interpolation?: Interpolation;
}

const INTERPOLATIONS: readonly string[] = ["linear", "lower", "higher", "midpoint", "nearest"];

/** Positions are computed in float32, which holds no larger integers. */
const MOST_RANKS: number = 2 ** 24;

function quantiles(input: Tensor, q: number | Tensor, given: QuantileOptions, skipsNan: boolean, name: string): Tensor {
  const { interpolation = "linear", keepdim = false } = given;
  if (input.dtype !== "float32") throw new DTypeError(`${name}() input tensor must be either float or double dtype`);
  if (input.numel() === 0) throw new ShapeError(`${name}() input tensor must be non-empty`);
  if (!INTERPOLATIONS.includes(interpolation)) {
    throw new TensorError(
      `${name}() interpolation must be one of linear, lower, higher, midpoint or nearest, but got ${interpolation}`,
    );
  }
  const wanted = wantedQuantiles(q, name);
  const dim = given.dim === undefined || given.dim === null ? null : oneDim(given.dim, input.ndim, name);
  const rows = dim === null || input.ndim === 0 ? input.reshape([-1]) : input.permute(lastly(dim, input.ndim));
  const size = rows.size(-1);
  if (size >= MOST_RANKS) throw new ShapeError(`${name}() input tensor is too large`);
  const sorted = sort(rows, -1).values;
  const found = between(sorted, ranksOf(sorted, wanted.reshape([-1]), size, skipsNan), interpolation);
  const front = found.permute(firstly(found.ndim));
  const shaped = keepdim ? front.reshape([front.size(0), ...keptShape(input, dim)]) : front;
  return renamed(wanted.ndim === 0 ? squeeze(shaped, 0) : shaped, "SqueezeBackward3");
}

/** The order of dimensions in which one comes last. */
function lastly(dim: number, ndim: number): number[] {
  return [...Array.from({ length: ndim }, (_, i) => i).filter((i) => i !== dim), dim];
}

/** The order of dimensions in which the last one comes first. */
function firstly(ndim: number): number[] {
  return [ndim - 1, ...Array.from({ length: ndim - 1 }, (_, i) => i)];
}

function keptShape(input: Tensor, dim: number | null): number[] {
  return input.shape.map((size, i) => (dim === null || i === dim ? 1 : size));
}

function wantedQuantiles(q: number | Tensor, name: string): Tensor {
  if (typeof q === "number") {
    if (!(q >= 0 && q <= 1)) throw new TensorError(`${name}() q must be in the range [0, 1] but got ${q}`);
    return tensor(q);
  }
  if (!(q instanceof TensorBase))
    throw new TypeError(`${name}(): argument 'q' must be Tensor or number, not ${typeof q}`);
  if (q.ndim > 1) throw new ShapeError(`${name}() q must be a scalar or 1D tensor`);
  if (q.dtype !== "float32") throw new DTypeError(`${name}() q tensor must be same dtype as the input tensor`);
  if (!q.data().every((value) => value >= 0 && value <= 1)) {
    throw new TensorError(`${name}() q values must be in the range [0, 1]`);
  }
  return q;
}

/** Where the quantiles lie among the sorted elements: [..., count of q], fractions included. */
function ranksOf(sorted: Tensor, q: Tensor, size: number, skipsNan: boolean): Tensor {
  const nan = isnan(sorted);
  if (skipsNan) {
    const last = sub(sum(nan.logicalNot(), -1, true), 1);
    return clamp(mul(q, cast(last, "float32")), { min: 0 });
  }
  const hasNan = nan.narrow(-1, size - 1, 1);
  return where(hasNan, size - 1, mul(q, size - 1).expand([...sorted.shape.slice(0, -1), q.numel()]));
}

function between(sorted: Tensor, ranks: Tensor, interpolation: Interpolation): Tensor {
  const at = (positions: Tensor): Tensor => gather(sorted, -1, cast(positions, "int32"));
  if (interpolation === "lower") return at(floor(ranks));
  if (interpolation === "higher") return at(ceil(ranks));
  if (interpolation === "nearest") return at(round(ranks));
  const lower = floor(ranks).detach();
  const weight = interpolation === "midpoint" ? 0.5 : sub(ranks, lower);
  return lerp(at(lower), at(ceil(ranks)), weight);
}

type QuantileArguments = [
  dim?: number | null | QuantileOptions,
  keepdim?: boolean | QuantileOptions,
  options?: QuantileOptions,
];

/**
 * The q-quantiles of all elements, or along `dim`: the element of rank q (N − 1) among the sorted ones, interpolated
 * between the two nearest if that is no integer. NaN where there is a NaN.
 * @param q a number between 0 and 1, or a 1-d tensor of several, whose dimension becomes the first of the result
 * @throws {TensorError} q out of range
 * @throws {DTypeError} integers
 * @example quantile(tensor([1, 2, 3, 4]), 0.5).item() // 2.5
 */
export function quantile(input: Tensor, q: number | Tensor, ...args: QuantileArguments): Tensor {
  const given = named<QuantileOptions>("quantile", args, ["dim", "keepdim", "interpolation"]);
  return quantiles(input, q, given, false, "quantile");
}

/**
 * The quantiles of what is not NaN; otherwise as `quantile`.
 * @example nanquantile(tensor([1, NaN, 3]), 0.5).item() // 2
 */
export function nanquantile(input: Tensor, q: number | Tensor, ...args: QuantileArguments): Tensor {
  const given = named<QuantileOptions>("nanquantile", args, ["dim", "keepdim", "interpolation"]);
  return quantiles(input, q, given, true, "nanquantile");
}

interface CovOptions {
  correction?: number;
  /** How often each observation was made: integers. */
  fweights?: Tensor;
  /** How much each observation counts. */
  aweights?: Tensor;
}

function checkWeights(w: Tensor, observations: number, kind: "fweights" | "aweights"): void {
  const isFrequency = kind === "fweights";
  if (w.ndim > 1)
    throw new ShapeError(
      `cov(): expected ${kind} to have one or fewer dimensions but got ${kind} with ${w.ndim} dimensions`,
    );
  if (isFrequency && w.dtype === "float32") {
    throw new DTypeError(
      `cov(): expected fweights to have integral dtype but got fweights with ${w.scalarName()} dtype`,
    );
  }
  if (!isFrequency && w.dtype !== "float32") {
    throw new DTypeError(
      `cov(): expected aweights to have floating point dtype but got aweights with ${w.scalarName()} dtype`,
    );
  }
  if (w.numel() !== observations) {
    throw new ShapeError(
      `cov(): expected ${kind} to have the same numel as there are observations in the input but got ${w.numel()} != ${observations}`,
    );
  }
  if (w.data().some((value) => value < 0)) throw new TensorError(`cov(): ${kind} cannot be negative`);
}

/**
 * The covariance matrix of variables in rows, of which each column is an observation; a number for one variable.
 * @throws {ShapeError} more than two dimensions, or weights that do not fit
 * @example cov(tensor([[0, 1, 2], [2, 1, 0]])).tolist() // [[1, -1], [-1, 1]]
 */
export function cov(input: Tensor, options: CovOptions = {}): Tensor {
  const { correction = 1, fweights, aweights } = options;
  if (input.ndim > 2)
    throw new ShapeError(
      `cov(): expected input to have two or fewer dimensions but got an input with ${input.ndim} dimensions`,
    );
  if (input.dtype === "bool") throw new DTypeError("cov(): bool dtype is not supported for input");
  const x = cast(input.ndim < 2 ? input.reshape([1, -1]) : input, "float32");
  const observations = x.size(1);
  if (fweights) checkWeights(fweights, observations, "fweights");
  if (aweights) checkWeights(aweights, observations, "aweights");
  const weights = product(fweights?.reshape([-1]), aweights?.reshape([-1]));
  if (!weights) {
    const centred = sub(x, mean(x, 1, true));
    return covariance(centred, centred, tensor(freedom(observations - correction)));
  }
  const w = cast(weights, "float32");
  const total = sum(w);
  if (total.item() === 0) throw new TensorError("cov(): weights sum to zero, can't be normalized");
  const centred = sub(x, div(sum(mul(x, w), 1), total).unsqueeze(1));
  let divisor = total;
  if (!aweights) divisor = sub(total, correction);
  else if (correction !== 0) divisor = sub(total, mul(div(sum(mul(w, aweights.reshape([-1]))), total), correction));
  const left = freedom(divisor.item());
  return covariance(centred, mul(centred, w), left > 0 ? divisor : tensor(left));
}

function product(a: Tensor | undefined, b: Tensor | undefined): Tensor | undefined {
  return a && b ? mul(a, b) : (a ?? b);
}

function freedom(left: number): number {
  if (left <= 0)
    warnOnce(
      "cov",
      "cov(): degrees of freedom is <= 0. Correction should be strictly less than the number of observations.",
    );
  return Math.max(left, 0);
}

function covariance(x: Tensor, weighted: Tensor, divisor: Tensor): Tensor {
  return squeeze(div(matmul(x, weighted.t()), divisor));
}

/**
 * The matrix of Pearson's correlation coefficients of variables in rows; 1 for a single variable.
 * @example corrcoef(tensor([[0, 1, 2], [2, 1, 0]])).tolist() // [[1, -1], [-1, 1]]
 */
export function corrcoef(input: Tensor): Tensor {
  if (input.ndim > 2)
    throw new ShapeError(
      `corrcoef(): expected input to have two or fewer dimensions but got an input with ${input.ndim} dimensions`,
    );
  const c = cov(input);
  if (c.ndim === 0) return div(c, c);
  const count = c.size(0);
  const deviation = sqrt(c.asStrided([count], [count + 1]));
  return clamp(div(div(c, deviation.reshape([-1, 1])), deviation.reshape([1, -1])), -1, 1);
}

// With N elements, d var / dx = 2 (x − mean) / max(0, N − correction); that of the mean adds up to nothing.
function varGradient(g: Tensor, x: Tensor, dims: readonly number[], freedom: number): Tensor {
  return mul(g, mul(sub(x, mean(x, dims, true)), 2 / Math.max(freedom, 0)));
}

defineRule(Op.Var, (g, n) => [varGradient(unreduced(g, n), n.input(0), reducedDims(n), reducedCount(n) - n.s0)]);
defineRule(Op.Std, (g, n) => {
  const y = unreduced(n.output(), n);
  const constant = eq(y, 0);
  const ofVar = where(constant, 0, div(unreduced(g, n), mul(where(constant, 1, y), 2)));
  return [varGradient(ofVar, n.input(0), reducedDims(n), reducedCount(n) - n.s0)];
});
