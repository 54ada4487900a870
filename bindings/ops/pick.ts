/** Operations along one dimension that find elements: values, and where they were. The gradient goes to those places. */
import { Op } from "../../assembly/abi/op.ts";
import { defineRule } from "../autograd/rules.ts";
import { named, normalDim } from "../core/args.ts";
import { TensorBase } from "../core/base.ts";
import { callN, wrap } from "../core/dispatch.ts";
import { DTypeError, IndexError, ShapeError } from "../core/errors.ts";
import { nameCode } from "../core/names.ts";
import { core, setInt, setName } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { zerosLike } from "./creation.ts";
import { cast } from "./promote.ts";
import {
  attributes,
  expectSome,
  extreme,
  type KeepArgument,
  oneDim,
  type ReduceOptions,
  reduce,
  sharedRule,
} from "./reduce.ts";
import { scatterAdd } from "./scatter.ts";

/** Values and where they were found. */
export interface ValuesAndIndices {
  values: Tensor;
  /** int32. */
  indices: Tensor;
}

const MAX: number = /* @__PURE__ */ nameCode("MaxBackward1");
const MIN: number = /* @__PURE__ */ nameCode("MinBackward1");
const NANMEDIAN: number = /* @__PURE__ */ nameCode("NanmedianBackward0");
const STABLE: number = /* @__PURE__ */ nameCode("SortBackward1");
const TOPK: number = /* @__PURE__ */ nameCode("TopkBackward0");

/** Runs a primitive that finds elements along a normalised dimension. */
function pick(
  op: Op,
  input: Tensor,
  dim: number,
  keepdim: boolean,
  name: string,
  more: readonly number[] = [],
  printed: number = 0,
): ValuesAndIndices {
  const x = input.dtype === "bool" ? cast(input, "int32") : input;
  if (printed !== 0) setName(printed);
  const values = callN(op, [x, null], [...attributes(input.ndim === 0 ? [] : [dim], keepdim), ...more], name);
  const indices = wrap(core.lastAuxiliary());
  return { values: cast(values, input.dtype), indices };
}

/** Along a dimension that must have elements. */
function pickOne(
  op: Op,
  input: Tensor,
  dim: unknown,
  keepdim: boolean | undefined,
  name: string,
  more: readonly number[] = [],
): ValuesAndIndices {
  const d = oneDim(dim, input.ndim, name);
  if (input.numel() === 0) expectSome(input, d, name);
  return pick(op, input, d, keepdim ?? false, name, more);
}

function sizeAlong(input: Tensor, dim: number): number {
  return input.ndim === 0 ? 1 : input.size(dim);
}

function refuseBool(input: Tensor, name: string): void {
  if (input.dtype === "bool") throw new DTypeError(`"${name}_cpu" not implemented for 'Bool'`);
}

/**
 * The largest element; with `dim` the largest ones along it and their positions (the first of equal ones, which takes
 * the gradient); with a tensor, `maximum`. NaN counts as largest. Over everything, equal ones share the gradient.
 * @throws {IndexError} a dimension without elements
 * @example max(tensor([3, 9, 1]), 0) // { values: tensor(9.), indices: tensor(1, dtype=torch.int32) }
 */
export function max(input: Tensor): Tensor;
export function max(input: Tensor, other: Tensor): Tensor;
export function max(input: Tensor, dim: number | ReduceOptions, keepdim?: KeepArgument): ValuesAndIndices;
export function max(
  input: Tensor,
  dim?: number | Tensor | ReduceOptions,
  keepdim?: KeepArgument,
): Tensor | ValuesAndIndices {
  if (dim instanceof TensorBase) return input.maximum(dim);
  const given = named<ReduceOptions>("max", [dim, keepdim], ["dim", "keepdim"]);
  if (given.dim === undefined) return extreme(Op.Amax, input, {}, "max", MAX);
  return pickOne(Op.MaxDim, input, given.dim, given.keepdim, "max");
}

/** The smallest element; otherwise as `max`. @example min(tensor([3, 1, 2])).item() // 1 */
export function min(input: Tensor): Tensor;
export function min(input: Tensor, other: Tensor): Tensor;
export function min(input: Tensor, dim: number | ReduceOptions, keepdim?: KeepArgument): ValuesAndIndices;
export function min(
  input: Tensor,
  dim?: number | Tensor | ReduceOptions,
  keepdim?: KeepArgument,
): Tensor | ValuesAndIndices {
  if (dim instanceof TensorBase) return input.minimum(dim);
  const given = named<ReduceOptions>("min", [dim, keepdim], ["dim", "keepdim"]);
  if (given.dim === undefined) return extreme(Op.Amin, input, {}, "min", MIN);
  return pickOne(Op.MinDim, input, given.dim, given.keepdim, "min");
}

/** The median of all elements if there is no `dim`, else along it. */
function medianBy(
  all: number,
  along: Op,
  input: Tensor,
  given: Partial<ReduceOptions>,
  name: string,
): Tensor | ValuesAndIndices {
  refuseBool(input, "median");
  if (given.dim !== undefined) return pickOne(along, input, given.dim, given.keepdim, name);
  setInt(all);
  return reduce(Op.MedianAll, input, null, false, name, all === 1 ? NANMEDIAN : 0);
}

/**
 * The median, the lower one of two: of all elements (equal ones share the gradient), or with `dim` along it, and where
 * it was. NaN if there is a NaN.
 * @throws {IndexError} a dimension without elements
 * @example median(tensor([4, 1, 3, 2])).item() // 2
 */
export function median(input: Tensor): Tensor;
export function median(input: Tensor, dim: number | ReduceOptions, keepdim?: KeepArgument): ValuesAndIndices;
export function median(input: Tensor, dim?: number | ReduceOptions, keepdim?: KeepArgument): Tensor | ValuesAndIndices {
  const given = named<ReduceOptions>("median", [dim, keepdim], ["dim", "keepdim"]);
  return medianBy(0, Op.Median, input, given, "median");
}

/** The median of what is not NaN; otherwise as `median`. @example nanmedian(tensor([1, NaN, 3])).item() // 1 */
export function nanmedian(input: Tensor): Tensor;
export function nanmedian(input: Tensor, dim: number | ReduceOptions, keepdim?: KeepArgument): ValuesAndIndices;
export function nanmedian(
  input: Tensor,
  dim?: number | ReduceOptions,
  keepdim?: KeepArgument,
): Tensor | ValuesAndIndices {
  const given = named<ReduceOptions>("nanmedian", [dim, keepdim], ["dim", "keepdim"]);
  return medianBy(1, Op.NanMedian, input, given, "nanmedian");
}

/**
 * The most frequent elements along `dim`, the smallest of equally frequent ones, and where they were last.
 * @example mode(tensor([3, 1, 1, 3, 2])) // { values: tensor(1.), indices: tensor(2, dtype=torch.int32) }
 */
export function mode(input: Tensor, dim?: number | ReduceOptions, keepdim?: KeepArgument): ValuesAndIndices {
  const given = named<ReduceOptions>("mode", [dim, keepdim], ["dim", "keepdim"]);
  return pickOne(Op.Mode, input, given.dim ?? -1, given.keepdim, "mode");
}

/**
 * The k-th smallest elements along `dim`, k counted from 1, and where they were.
 * @throws {ShapeError} k out of range
 * @example kthvalue(tensor([30, 10, 20]), 2) // { values: tensor(20.), indices: tensor(2, dtype=torch.int32) }
 */
export function kthvalue(
  input: Tensor,
  k: number,
  dim?: number | ReduceOptions,
  keepdim?: KeepArgument,
): ValuesAndIndices {
  refuseBool(input, "kthvalue");
  const given = named<ReduceOptions>("kthvalue", [dim, keepdim], ["dim", "keepdim"]);
  const d = oneDim(given.dim ?? -1, input.ndim, "kthvalue");
  expectSome(input, d, "kthvalue");
  if (!Number.isInteger(k) || k < 1 || k > sizeAlong(input, d)) {
    throw new ShapeError(`kthvalue(): selected number k out of range for dimension ${d}`);
  }
  return pick(Op.Kth, input, d, given.keepdim ?? false, "kthvalue", [k - 1]);
}

interface SortOptions {
  dim?: number;
  descending?: boolean;
  stable?: boolean;
}

/**
 * The elements along `dim` in order, and where they were. Equal elements always keep their order, NaNs count as largest.
 * @example sort(tensor([3, 1, 2])).indices.tolist() // [1, 2, 0]
 */
export function sort(
  input: Tensor,
  dim?: number | SortOptions,
  descending?: boolean | SortOptions,
  stable?: boolean | SortOptions,
): ValuesAndIndices {
  const given = named<SortOptions>("sort", [dim, descending, stable], ["dim", "descending", "stable"]);
  const d = oneDim(given.dim ?? -1, input.ndim, "sort");
  const printed = given.stable === undefined ? 0 : STABLE;
  return pick(Op.Sort, input, d, true, "sort", [sizeAlong(input, d), given.descending ? 1 : 0], printed);
}

/** The positions that sort `input` along `dim`. @example argsort(tensor([3, 1, 2])).tolist() // [1, 2, 0] */
export function argsort(
  input: Tensor,
  dim?: number | SortOptions,
  descending?: boolean | SortOptions,
  stable?: boolean | SortOptions,
): Tensor {
  return sort(input, dim, descending, stable).indices;
}

/** The elements in order along the first dimension. @example msort(tensor([3, 1, 2])).tolist() // [1, 2, 3] */
export function msort(input: Tensor): Tensor {
  return sort(input, 0).values;
}

interface TopkOptions {
  dim?: number;
  largest?: boolean;
  /** The result is in order whether this is asked for or not. */
  sorted?: boolean;
}

/**
 * The k largest elements along `dim` in descending order (or the smallest in ascending order, if `largest` is false), and
 * where they were; of equal ones those that come first. Takes time linear in the size of the dimension.
 * @throws {IndexError} k out of range
 * @example topk(tensor([1, 4, 2, 3]), 2).values.tolist() // [4, 3]
 */
export function topk(
  input: Tensor,
  k: number,
  dim?: number | TopkOptions,
  largest?: boolean | TopkOptions,
  sorted?: boolean | TopkOptions,
): ValuesAndIndices {
  refuseBool(input, "topk");
  const given = named<TopkOptions>("topk", [dim, largest, sorted], ["dim", "largest", "sorted"]);
  const d = oneDim(given.dim ?? -1, input.ndim, "topk");
  if (!Number.isInteger(k) || k < 0 || k > sizeAlong(input, d)) throw new IndexError("selected index k out of range");
  return pick(Op.Sort, input, d, true, "topk", [k, (given.largest ?? true) ? 1 : 0], TOPK);
}

/**
 * The largest element so far along `dim`, and where it was: the last of equal ones. A NaN stays.
 * @example cummax(tensor([1, 3, 2]), 0).values.tolist() // [1, 3, 3]
 */
export function cummax(input: Tensor, dim: number | { dim: number }): ValuesAndIndices {
  return cumulative(Op.Cummax, input, dim, "cummax");
}

/**
 * The smallest element so far along `dim`, and where it was; otherwise as `cummax`.
 * @example cummin(tensor([3, 1, 2]), 0).values.tolist() // [3, 1, 1]
 */
export function cummin(input: Tensor, dim: number | { dim: number }): ValuesAndIndices {
  return cumulative(Op.Cummin, input, dim, "cummin");
}

function cumulative(op: Op, input: Tensor, dim: number | { dim: number }, name: string): ValuesAndIndices {
  return pick(op, input, normalDim(typeof dim === "number" ? dim : dim.dim, input.ndim), true, name);
}

defineRule(Op.MedianAll, sharedRule);

defineRule([Op.MaxDim, Op.MinDim, Op.Kth, Op.Median, Op.NanMedian, Op.Mode, Op.Sort, Op.Cummax, Op.Cummin], (g, n) => {
  const x = n.input(0);
  if (x.ndim === 0) return [g, null];
  const dim = n.list(2);
  const [grad, places] = n.list(0) ? [g, n.input(1)] : [g.unsqueeze(dim), n.input(1).unsqueeze(dim)];
  return [scatterAdd(zerosLike(x), dim, places, grad), null];
});
