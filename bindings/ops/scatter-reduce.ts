/** Reductions into positions along a dimension. */
import { Combine } from "../../assembly/abi/combine.ts";
import { normalDim } from "../core/args.ts";
import { ShapeError, TensorError } from "../core/errors.ts";
import { nameCode, renamed, savingOutput } from "../core/names.ts";
import { setName } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { clone } from "./copy.ts";
import { onesLike, zerosLike } from "./creation.ts";
import { expand } from "./expand.ts";
import { checkIndex } from "./indexing.ts";
import { replaceBy } from "./inplace.ts";
import { type Call, combined, prepare, scatter, scatterAdd } from "./scatter.ts";
import { fromVector, reshape, savedWhole } from "./view.ts";

const REDUCE: number = /* @__PURE__ */ nameCode("ScatterReduceBackward0");

export type Reduction = "sum" | "prod" | "mean" | "amax" | "amin";

export interface ScatterReduceOptions {
  /** Whether what `input` has at a position counts among what is reduced there; true by default. */
  includeSelf?: boolean;
}

const MODES: Record<Reduction, Combine> = {
  sum: Combine.Add,
  mean: Combine.Add,
  prod: Combine.Multiply,
  amax: Combine.Max,
  amin: Combine.Min,
};

/** What a reduction begins with: it changes nothing. */
function neutral(reduce: Reduction, dtype: Tensor["dtype"]): number {
  if (reduce === "prod") return 1;
  if (reduce === "sum" || reduce === "mean") return 0;
  const [largest, smallest] =
    dtype === "float32" ? [Infinity, -Infinity] : dtype === "int32" ? [2 ** 31 - 1, -(2 ** 31)] : [1, 0];
  return reduce === "amin" ? largest : smallest;
}

/**
 * `input` with the elements of `src` reduced into the positions of `index` along a dimension: their sum, product, mean,
 * largest or smallest. Equal largest ones share the gradient.
 * @throws {IndexError} a position out of range
 * @example scatterReduce(zeros(2), 0, tensor([0, 0, 1], { dtype: "int32" }), tensor([1, 2, 3]), "amax").tolist() // [2, 3]
 */
export function scatterReduce(
  input: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor,
  reduce: Reduction,
  options: ScatterReduceOptions = {},
): Tensor {
  if (!Object.hasOwn(MODES, reduce))
    throw new TensorError("reduce argument must be either sum, prod, mean, amax or amin.");
  const call = prepare(savedWhole(input), dim, index, savedWhole(src), "scatterReduce");
  if (call === null) return clone(input);
  const included = options.includeSelf ?? true;
  const start = included ? call.target : scatter(call.target, call.dim, call.index, neutral(reduce, input.dtype));
  const begun = { ...call, target: start };
  const result = combined(begun, MODES[reduce], REDUCE);
  return fromVector(savingOutput(reduce === "mean" ? divided(result, call, included) : result), input);
}

/** The mean: divided by how many elements were added, integers rounded down. */
function divided(sum: Tensor, { target, dim, index, source }: Call, included: boolean): Tensor {
  const start = included ? onesLike(target) : zerosLike(target);
  const count = scatterAdd(start, dim, index, onesLike(source)).clampMin(1);
  if (sum.dtype === "float32") {
    setName(REDUCE);
    return sum.div(count);
  }
  return sum.div(count, { roundingMode: "floor" });
}

/** `scatterReduce` into the tensor itself. */
export function scatterReduce_(
  input: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor,
  reduce: Reduction,
  options: ScatterReduceOptions = {},
): Tensor {
  return replaceBy(input, (self) => scatterReduce(self, dim, index, src, reduce, options), "scatterReduce_");
}

/**
 * `scatterReduce` slice by slice: slice j of `source` is reduced into slice index[j] of a copy of `input`.
 * @throws {IndexError} a position out of range
 * @example indexReduce(tensor([1, 2]), 0, tensor([0, 0], { dtype: "int32" }), tensor([3, 4]), "prod").tolist() // [12, 2]
 */
export function indexReduce(
  input: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  reduce: Exclude<Reduction, "sum">,
  options: ScatterReduceOptions = {},
): Tensor {
  if (!Object.hasOwn(MODES, reduce) || (reduce as string) === "sum") {
    throw new TensorError(`index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got ${reduce}.`);
  }
  checkIndex(index, "indexReduce");
  const d = normalDim(dim, input.ndim);
  const size = source.shape[d] ?? 1;
  if (index.ndim > 1 || index.numel() !== size) {
    throw new ShapeError(
      `index_reduce_(): Number of indices (${index.numel()}) should be equal to source.size(dim): (${size}), for dim: ${d}`,
    );
  }
  const along = source.shape.map((_, i) => (i === d ? size : 1));
  const positions = expand(reshape(index, along), source.shape);
  return renamed(scatterReduce(input, d, positions, source, reduce, options), "IndexReduceBackward0");
}

/** `indexReduce` into the tensor itself. */
export function indexReduce_(
  input: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  reduce: Exclude<Reduction, "sum">,
  options: ScatterReduceOptions = {},
): Tensor {
  return replaceBy(input, (self) => indexReduce(self, dim, index, source, reduce, options), "indexReduce_");
}
