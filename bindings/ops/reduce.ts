/** Reductions over all elements, or over some dimensions. */
import { Op } from "../../assembly/abi/op.ts";
import type { SavedNode } from "../autograd/node.ts";
import { defineRule, type Rule } from "../autograd/rules.ts";
import { named, normalDim, normalDims } from "../core/args.ts";
import { call1L } from "../core/dispatch.ts";
import type { DType } from "../core/dtype.ts";
import { DTypeError, IndexError, ShapeError } from "../core/errors.ts";
import { nameCode, savingInputs } from "../core/names.ts";
import { setName } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { div, mul, sub } from "./binary.ts";
import { eq } from "./compare.ts";
import { exp } from "./exponential.ts";
import { isnan } from "./logic.ts";
import { cast, toFloat } from "./promote.ts";
import { productOfOthers } from "./scan.ts";
import { where } from "./where.ts";

/** One dimension or several, negative ones counted from the end. */
export type Dims = number | readonly number[];

export interface ReduceOptions {
  dim?: Dims | null;
  keepdim?: boolean;
  dtype?: DType;
}

/** A dimension, several, or all options at once; null stands for all dimensions. */
export type DimArgument = Dims | null | ReduceOptions;
/** Whether reduced dimensions stay as size 1, or the remaining options. */
export type KeepArgument = boolean | ReduceOptions;

const SUM: number = /* @__PURE__ */ nameCode("SumBackward1");
const MEAN: number = /* @__PURE__ */ nameCode("MeanBackward1");
const PROD: number = /* @__PURE__ */ nameCode("ProdBackward1");
const NANSUM: number = /* @__PURE__ */ nameCode("NansumBackward0");

const ALL: readonly number[] = [];

/** @internal The list that the core wants: [keepdim, count, dims ascending]. */
export function attributes(dims: readonly number[], keepdim: boolean): number[] {
  return [keepdim ? 1 : 0, dims.length, ...dims];
}

const overall: number[][] = [];

/** The list for all dimensions of a tensor. */
function allAttributes(ndim: number, keepdim: boolean): number[] {
  const key = 2 * ndim + (keepdim ? 1 : 0);
  overall[key] ??= attributes([...Array(ndim).keys()], keepdim);
  return overall[key];
}

function isAll(dim: Dims | null | undefined): boolean {
  return dim === null || dim === undefined || (typeof dim === "object" && dim.length === 0);
}

/** @internal Runs a reduction; `printed` is the code of its node's name, 0 for the op's own. */
export function reduce(
  op: Op,
  input: Tensor,
  dim: Dims | null | undefined,
  keepdim: boolean,
  name: string,
  printed: number = 0,
): Tensor {
  const { ndim } = input;
  const list = isAll(dim) ? allAttributes(ndim, keepdim) : attributes(normalDims(dim, ndim, name), keepdim);
  if (printed !== 0) setName(printed);
  return call1L(op, input, list, name);
}

function options(
  name: string,
  dim: DimArgument | undefined,
  keepdim: KeepArgument | undefined,
): Partial<ReduceOptions> {
  return named<ReduceOptions>(name, [dim, keepdim], ["dim", "keepdim"]);
}

/** @internal A number, where PyTorch takes one dimension only. */
export function oneDim(dim: unknown, ndim: number, name: string): number {
  if (typeof dim !== "number") throw new TypeError(`${name}(): argument 'dim' must be int, not ${describe(dim)}`);
  return normalDim(dim, ndim);
}

function describe(value: unknown): string {
  return value === null ? "None" : Array.isArray(value) ? "array" : typeof value;
}

function isInteger(dtype: DType): boolean {
  return dtype !== "float32";
}

/** Sums and products of bools count them. */
function accumulated(input: Tensor, dtype: DType | undefined): Tensor {
  return cast(input, dtype ?? (input.dtype === "bool" ? "int32" : input.dtype));
}

/**
 * The sum of all elements, or along `dim`; 0 of none. Integers and bools give int32. Float sums are added up in blocks,
 * and those in double precision, so that errors do not grow with the length.
 * @throws {IndexError} `dim` out of range
 * @example sum(tensor([[1, 2], [3, 4]]), 0).tolist() // [4, 6]
 */
export function sum(input: Tensor, dim?: DimArgument, keepdim?: KeepArgument): Tensor {
  if (dim === undefined && keepdim === undefined && input.dtype === "float32") {
    return reduce(Op.Sum, input, ALL, false, "sum");
  }
  const given = options("sum", dim, keepdim);
  const printed = given.dim === undefined ? 0 : SUM;
  return reduce(Op.Sum, accumulated(input, given.dtype), given.dim, given.keepdim ?? false, "sum", printed);
}

/**
 * The mean of all elements, or along `dim`; NaN of none.
 * @throws {DTypeError} integers: cast them first, or give a float `dtype`
 * @example mean(tensor([[1, 2], [3, 4]]), { dim: 1, keepdim: true }).tolist() // [[1.5], [3.5]]
 */
export function mean(input: Tensor, dim?: DimArgument, keepdim?: KeepArgument): Tensor {
  const given = options("mean", dim, keepdim);
  const x = cast(input, given.dtype ?? input.dtype);
  if (isInteger(x.dtype)) {
    throw new DTypeError(
      "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: " +
        x.scalarName(),
    );
  }
  return reduce(Op.Mean, x, given.dim, given.keepdim ?? false, "mean", given.dim === undefined ? 0 : MEAN);
}

/**
 * The product of all elements, or along one `dim`; 1 of none. Integers and bools give int32. The gradient is exact where
 * there are zeros: the product of the other elements.
 * @example prod(tensor([2, 3, 4])).item() // 24
 */
export function prod(input: Tensor, dim?: number | null | ReduceOptions, keepdim?: KeepArgument): Tensor {
  const given = options("prod", dim, keepdim);
  const x = accumulated(input, given.dtype);
  if (given.dim === undefined) return reduce(Op.Prod, x, ALL, given.keepdim ?? false, "prod");
  const d = oneDim(given.dim, input.ndim, "prod");
  return reduce(Op.Prod, x, d, given.keepdim ?? false, "prod", PROD);
}

/**
 * @internal Refuses to look for an extreme among no elements.
 * @throws {IndexError} in a dimension of size 0
 * @throws {ShapeError} in an empty tensor
 */
export function expectSome(input: Tensor, dim: Dims | null | undefined, name: string): void {
  if (input.numel() !== 0) return;
  if (isAll(dim)) {
    throw new ShapeError(
      `${name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.`,
    );
  }
  const { shape } = input;
  const empty = normalDims(dim, shape.length, name).find((d) => shape[d] === 0);
  if (empty !== undefined) throw new IndexError(`${name}(): Expected reduction dim ${empty} to have non-zero size.`);
}

/** @internal The largest or smallest elements. Bools go through int32 and come back. */
export function extreme(
  op: Op.Amax | Op.Amin,
  input: Tensor,
  given: Partial<ReduceOptions>,
  name: string,
  printed: number = 0,
): Tensor {
  expectSome(input, given.dim, name);
  const x = input.dtype === "bool" ? cast(input, "int32") : input;
  return cast(reduce(op, x, given.dim, given.keepdim ?? false, name, printed), input.dtype);
}

/**
 * The largest elements along `dim`, of all by default. A NaN counts as largest; equal ones share the gradient.
 * @throws {IndexError} a dimension without elements
 * @example amax(tensor([[1, 5], [7, 2]]), 1).tolist() // [5, 7]
 */
export function amax(input: Tensor, dim?: DimArgument, keepdim?: KeepArgument): Tensor {
  return extreme(Op.Amax, input, options("amax", dim, keepdim), "amax");
}

/**
 * The smallest elements along `dim`, of all by default; otherwise as `amax`.
 * @example amin(tensor([[1, 5], [7, 2]]), 1).tolist() // [1, 2]
 */
export function amin(input: Tensor, dim?: DimArgument, keepdim?: KeepArgument): Tensor {
  return extreme(Op.Amin, input, options("amin", dim, keepdim), "amin");
}

/**
 * The smallest and the largest elements, of all or along one `dim`; equal ones share the gradient.
 * @example aminmax(tensor([3, 1, 2])) // { min: tensor(1.), max: tensor(3.) }
 */
export function aminmax(input: Tensor, given: { dim?: number; keepdim?: boolean } = {}): { min: Tensor; max: Tensor } {
  if (input.numel() === 0 && given.dim === undefined) {
    throw new ShapeError("aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity.");
  }
  return { min: extreme(Op.Amin, input, given, "aminmax"), max: extreme(Op.Amax, input, given, "aminmax") };
}

/**
 * The position of the largest element, in the flattened tensor or along `dim`; the first of equal ones, or of NaNs.
 * @example argmax(tensor([3, 9, 9])).item() // 1
 */
export function argmax(input: Tensor, dim?: number | null | ReduceOptions, keepdim?: KeepArgument): Tensor {
  return position(Op.ArgMax, input, options("argmax", dim, keepdim), "argmax");
}

/** The position of the smallest element; otherwise as `argmax`. @example argmin(tensor([3, 1, 1])).item() // 1 */
export function argmin(input: Tensor, dim?: number | null | ReduceOptions, keepdim?: KeepArgument): Tensor {
  return position(Op.ArgMin, input, options("argmin", dim, keepdim), "argmin");
}

function position(op: Op, input: Tensor, given: Partial<ReduceOptions>, name: string): Tensor {
  const dim = given.dim === undefined ? undefined : oneDim(given.dim, input.ndim, name);
  if (dim === undefined && input.numel() === 0) {
    throw new IndexError(`${name}(): Expected reduction dim to be specified for input.numel() == 0.`);
  }
  expectSome(input, dim, name);
  const x = input.dtype === "bool" ? cast(input, "int32") : input;
  return reduce(op, x, dim, given.keepdim ?? false, name);
}

/**
 * Whether any element, of all or along `dim`, is not zero; false of none. NaN is not zero.
 * @example any(tensor([1, 0])).item() // true
 */
export function any(input: Tensor, dim?: DimArgument, keepdim?: KeepArgument): Tensor {
  const given = options("any", dim, keepdim);
  return reduce(Op.Any, cast(input, "bool"), given.dim, given.keepdim ?? false, "any");
}

/**
 * Whether all elements, of all or along `dim`, are not zero; true of none.
 * @example all(tensor([1, 0])).item() // false
 */
export function all(input: Tensor, dim?: DimArgument, keepdim?: KeepArgument): Tensor {
  const given = options("all", dim, keepdim);
  return reduce(Op.All, cast(input, "bool"), given.dim, given.keepdim ?? false, "all");
}

/** How many elements, of all or along `dim`, are not zero: int32. @example countNonzero(tensor([0, 2, 3])).item() // 2 */
export function countNonzero(input: Tensor, dim?: DimArgument): Tensor {
  const given = options("countNonzero", dim, undefined);
  return reduce(Op.Sum, cast(cast(input, "bool"), "int32"), given.dim, false, "countNonzero");
}

/** The sum with NaNs taken as 0; they get no gradient. @example nansum(tensor([1, NaN])).item() // 1 */
export function nansum(input: Tensor, dim?: DimArgument, keepdim?: KeepArgument): Tensor {
  const given = options("nansum", dim, keepdim);
  const x = accumulated(input, given.dtype);
  const numbers = isInteger(x.dtype) ? x : savingInputs(where(isnan(x), 0, x));
  return reduce(Op.Sum, numbers, given.dim, given.keepdim ?? false, "nansum", NANSUM);
}

/**
 * The mean of what is not NaN; NaN where there is nothing else.
 * @throws {DTypeError} integers
 * @example nanmean(tensor([1, NaN, 3])).item() // 2
 */
export function nanmean(input: Tensor, dim?: DimArgument, keepdim?: KeepArgument): Tensor {
  if (isInteger(input.dtype)) {
    throw new DTypeError(`nanmean(): expected input to have floating point dtype but got ${input.scalarName()}`);
  }
  const given = options("nanmean", dim, keepdim);
  const { dtype, ...dims } = given;
  return div(nansum(input, given), sum(isnan(input).logicalNot(), dims));
}

/**
 * log Σ eˣ along `dim`, shifted by the largest element so that nothing overflows; -inf of nothing.
 * @see Blanchard, Higham and Higham 2021, doi:10.1093/imanum/draa038
 * @example logsumexp(tensor([1000, 1000]), 0).item() // 1000.693...
 */
export function logsumexp(input: Tensor, dim: Dims | ReduceOptions, keepdim?: KeepArgument): Tensor {
  const given = options("logsumexp", dim, keepdim);
  if (given.dim === undefined) throw new TypeError('logsumexp() missing 1 required positional arguments: "dim"');
  return reduce(Op.LogSumExp, toFloat(input), given.dim, given.keepdim ?? false, "logsumexp");
}

/**
 * Sums `input` down to `size`, the inverse of broadcasting.
 * @throws {ShapeError} `size` does not broadcast to the shape of `input`
 * @example sumToSize(tensor([[1, 2], [3, 4]]), 2).tolist() // [4, 6]
 */
export function sumToSize(input: Tensor, ...size: (number | readonly number[])[]): Tensor {
  const wanted = (Array.isArray(size[0]) ? size[0] : size) as number[];
  const { shape } = input;
  if (shape.length === wanted.length && shape.every((s, i) => s === wanted[i])) return input;
  const missing = shape.length - wanted.length;
  if (missing < 0 || wanted.some((s, i) => s !== 1 && s !== shape[missing + i])) {
    throw new ShapeError(`size {[${wanted.join(", ")}]} is not expandable to size {[${shape.join(", ")}]}.`);
  }
  const dims = shape.map((_, i) => i).filter((i) => i < missing || (wanted[i - missing] === 1 && shape[i] !== 1));
  const summed = dims.length ? sum(input, dims, true) : input;
  return missing > 0 ? summed.reshape(wanted) : summed;
}

/** @internal A result, or its gradient, with the reduced dimensions back as size 1. */
export function unreduced(t: Tensor, n: SavedNode): Tensor {
  if (n.list(0) !== 0) return t;
  const { shape } = n.input(0);
  for (const d of reducedDims(n)) shape[d] = 1;
  return t.reshape(shape);
}

/** @internal How many elements went into one result. */
export function reducedCount(n: SavedNode): number {
  const { shape } = n.input(0);
  return reducedDims(n).reduce((count, d) => count * shape[d], 1);
}

/** @internal */
export function reducedDims(n: SavedNode): number[] {
  return Array.from({ length: n.list(1) }, (_, i) => n.list(2 + i));
}

defineRule(Op.Sum, (g, n) => [unreduced(g, n).expand(n.input(0).shape)]);
// The mean of nothing has a gradient for nobody.
defineRule(Op.Mean, (g, n) => [div(unreduced(g, n), reducedCount(n) || 1).expand(n.input(0).shape)]);

/** @internal Equal shares for all elements that are the result, NaNs among them if it is NaN. */
export const sharedRule: Rule = (g, n) => {
  const x = n.input(0);
  const y = unreduced(n.output(), n);
  const chosen = cast(eq(x, y).logicalOr(isnan(x).logicalAnd(isnan(y))), "float32");
  return [mul(div(unreduced(g, n), sum(chosen, reducedDims(n), true)), chosen)];
};
defineRule([Op.Amax, Op.Amin], sharedRule);

defineRule(Op.Prod, (g, n) => [mul(unreduced(g, n), productOfOthers(n.input(0), reducedDims(n)))]);

// The derivative of log Σ eˣ is softmax.
defineRule(Op.LogSumExp, (g, n) => [mul(unreduced(g, n), exp(sub(n.input(0), unreduced(n.output(), n))))]);
