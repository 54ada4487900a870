/** Norms of vectors, and what is scaled by them. */
import { Op } from "../../assembly/abi/op.ts";
import { defineRule } from "../autograd/rules.ts";
import { named, normalDim } from "../core/args.ts";
import type { DType } from "../core/dtype.ts";
import { DTypeError, ShapeError, TensorError } from "../core/errors.ts";
import { nameCode, savingInputs } from "../core/names.ts";
import { setName, setScalars } from "../core/wasm.ts";
import { matrixNorm } from "../linalg/norm.ts";
import type { Tensor } from "../tensor.ts";
import { add, div, mul, sub } from "./binary.ts";
import { clampMin } from "./clamp.ts";
import { eq, gt, ne } from "./compare.ts";
import { zerosLike } from "./creation.ts";
import { isnan } from "./logic.ts";
import { pow } from "./power.ts";
import { cast } from "./promote.ts";
import { type Dims, reduce, reducedDims, sum, unreduced } from "./reduce.ts";
import { abs, sign } from "./unary.ts";
import { savedWhole } from "./view.ts";
import { where } from "./where.ts";

export interface NormOptions {
  dim?: Dims | null;
  keepdim?: boolean;
  /** The dtype to compute in. */
  dtype?: DType;
}

const NORM: number = /* @__PURE__ */ nameCode("NormBackward1");
const DIST: number = /* @__PURE__ */ nameCode("DistBackward0");
const RENORM: number = /* @__PURE__ */ nameCode("RenormBackward0");

/** @internal The norm as one node, printed under a name of which the code is given. */
export function normOf(
  input: Tensor,
  p: number,
  dim: Dims | null | undefined,
  keepdim: boolean,
  name: string,
  printed: number,
): Tensor {
  // Order 0 counts what is not 0, NaNs included; no gradient comes from that, but it has a place in the graph.
  const terms = p === 0 ? where(ne(input, 0), 1, mul(input, 0)) : input;
  setScalars(p === 0 ? 1 : p, 0);
  return reduce(Op.VectorNorm, terms, dim, keepdim, name, printed);
}

function readOrder(value: unknown, name: string): number {
  if (typeof value === "number") return value;
  throw new TypeError(`${name}(): argument 'ord' must be Number, not ${typeof value}`);
}

/**
 * The p-norm (Σ |x|ᵖ)^(1/p) of all elements, or along `dim`. p = ±Infinity gives the largest and the smallest |x|, p = 0
 * counts what is not 0. At a vector of zeros the gradient is 0; for p = ±Infinity equal elements share it.
 * @throws {DTypeError} integers
 * @throws {ShapeError} no elements, where p is negative or infinite
 * @example linalg.vectorNorm(tensor([3, 4])).item() // 5
 */
export function vectorNorm(
  input: Tensor,
  ord?: number | null | (NormOptions & { ord?: number }),
  dim?: Dims | null | NormOptions,
  keepdim?: boolean | NormOptions,
): Tensor {
  const given = named<NormOptions & { ord: number }>("vectorNorm", [ord, dim, keepdim], ["ord", "dim", "keepdim"]);
  const p = readOrder(given.ord ?? 2, "vectorNorm");
  const x = cast(input, given.dtype ?? input.dtype);
  if (x.dtype !== "float32") {
    throw new DTypeError(
      `linalg.vector_norm: Expected a floating point or complex tensor as input. Got ${x.scalarName()}`,
    );
  }
  if ((p < 0 || p === Infinity) && isEmptyAlong(x, given.dim)) {
    const dim = typeof given.dim === "number" ? given.dim : given.dim?.find((d) => x.size(d) === 0);
    const what =
      dim === undefined ? "an empty tensor because" : `the dimension ${dim} because this dimension is empty and`;
    throw new ShapeError(
      `linalg.vector_norm cannot compute the ${p === Infinity ? "inf" : p} norm on ${what} the operation does not have an identity`,
    );
  }
  return normOf(x, p, given.dim, given.keepdim ?? false, "vectorNorm", 0);
}

/** Whether a result would be the norm of nothing. */
function isEmptyAlong(x: Tensor, dim: Dims | null | undefined): boolean {
  if (x.numel() !== 0) return false;
  const dims = dim === null || dim === undefined ? [] : typeof dim === "number" ? [dim] : dim;
  return dims.length === 0 || dims.some((d) => x.size(d) === 0);
}

/**
 * PyTorch's older norm: as `vectorNorm`, with "fro" (the default) for p = 2 over all elements or the dimensions given,
 * and "nuc" for the sum of the singular values of a matrix.
 * @throws {DTypeError} integers
 * @example norm(tensor([[3, 0], [0, 4]])).item() // 5
 */
export function norm(
  input: Tensor,
  p?: number | string | null | (NormOptions & { p?: number | string }),
  dim?: Dims | null | NormOptions,
  keepdim?: boolean | NormOptions,
  dtype?: DType | NormOptions,
): Tensor {
  const names = ["p", "dim", "keepdim", "dtype"] as const;
  const given = named<NormOptions & { p: number | string }>("norm", [p, dim, keepdim, dtype], names);
  const { p: order = "fro" } = given;
  if (typeof order === "string" && order !== "fro" && order !== "nuc") {
    throw new TensorError(`only valid string values are 'fro' and 'nuc', found ${order}`);
  }
  const x = cast(input, given.dtype ?? input.dtype);
  if (x.dtype !== "float32") {
    throw new DTypeError(
      `norm(): input dtype should be either floating point or complex. Got ${x.scalarName()} instead.`,
    );
  }
  const { dim: dims, keepdim: keep = false } = given;
  if (order === "nuc") return nuclearNorm(x, dims ?? [0, 1], keep);
  // Of no elements all norms are 0 here.
  const euclidean = order === "fro" || isEmptyAlong(x, dims);
  return normOf(x, euclidean ? 2 : order, dims, keep, "norm", NORM);
}

function nuclearNorm(x: Tensor, dims: Dims, keepdim: boolean): Tensor {
  if (typeof dims === "number" || dims.length !== 2) {
    throw new ShapeError("nuclear norm requires a 'dim' argument of size 2");
  }
  return matrixNorm(x, "nuc", dims, keepdim);
}

/**
 * The p-norm of input − other, which broadcast.
 * @example dist(tensor([1, 2]), tensor([4, 6])).item() // 5
 */
export function dist(input: Tensor, other: Tensor, p: number | { p?: number } = 2): Tensor {
  const order = typeof p === "number" ? p : (p.p ?? 2);
  const difference = savingInputs(sub(input, other));
  return normOf(difference, difference.numel() === 0 ? 2 : order, null, false, "dist", DIST);
}

/**
 * The slices of `input` along `dim`, scaled down to a p-norm of at most `maxnorm`.
 * @throws {TensorError} p not positive, or a negative bound
 * @example renorm(tensor([[3, 4], [0.3, 0.4]]), 2, 0, 1).tolist() // [[0.6, 0.8], [0.3, 0.4]]
 */
export function renorm(input: Tensor, p: number, dim: number, maxnorm: number): Tensor {
  if (!(p > 0)) throw new TensorError("renorm: non-positive-norm not supported");
  if (!(maxnorm >= 0)) throw new TensorError(`renorm: expected maxnorm to be >= 0 but got ${maxnorm}`);
  const rank = input.ndim;
  if (rank < 2) throw new ShapeError(`renorm: input needs at least 2 dimensions, got ${rank} dimensions`);
  const own = normalDim(dim, rank);
  const others = Array.from({ length: rank }, (_, i) => i).filter((i) => i !== own);
  if (isEmptyAlong(input, others)) return input.clone();
  const norms = normOf(input, p, others, true, "renorm", 0);
  const factors = where(gt(norms, maxnorm), div(maxnorm, add(norms, 1e-7)), 1);
  setName(RENORM);
  return mul(input, factors);
}

interface NormalizeOptions {
  p?: number;
  dim?: Dims;
  eps?: number;
}

/**
 * x / max(‖x‖ₚ, eps) along `dim`.
 * @param p 2 by default   @param dim 1 by default   @param eps 1e-12 by default: what zeros are divided by
 * @example nn.functional.normalize(tensor([[3, 4]])).tolist() // [[0.6000, 0.8000]]
 */
export function normalize(
  input: Tensor,
  p?: number | NormalizeOptions,
  dim?: Dims | NormalizeOptions,
  eps?: number | NormalizeOptions,
): Tensor {
  const given = named<NormalizeOptions>("normalize", [p, dim, eps], ["p", "dim", "eps"]);
  const norms = vectorNorm(input, given.p ?? 2, given.dim ?? 1, true);
  return div(input, clampMin(norms, given.eps ?? 1e-12).expand(input.shape));
}

interface SimilarityOptions {
  dim?: number;
  eps?: number;
}

/**
 * x₁ · x₂ / (max(‖x₁‖, eps) max(‖x₂‖, eps)) along `dim`; the operands broadcast.
 * @param dim 1 by default   @param eps 1e-8 by default
 * @example cosineSimilarity(tensor([[1, 0]]), tensor([[1, 1]])).tolist() // [0.7071]
 */
export function cosineSimilarity(
  x1: Tensor,
  x2: Tensor,
  dim?: number | SimilarityOptions,
  eps?: number | SimilarityOptions,
): Tensor {
  const given = named<SimilarityOptions>("cosineSimilarity", [dim, eps], ["dim", "eps"]);
  const { dim: along = 1, eps: least = 1e-8 } = given;
  const unit = (x: Tensor): Tensor => div(x, atLeast(vectorNorm(x, 2, along, true), least));
  // Broadcast before the norm is taken: a stretched operand may lie along `dim`.
  const [a, b] = [add(savedWhole(x1), zerosLike(x2)), add(savedWhole(x2), zerosLike(x1))];
  return sum(mul(unit(a), unit(b)), along);
}

/** max(t, least), to which the gradient passes everywhere, as it does in PyTorch. */
function atLeast(t: Tensor, least: number): Tensor {
  const value = t.detach();
  return add(t, sub(clampMin(value, least), value));
}

interface PairwiseOptions {
  p?: number;
  eps?: number;
  keepdim?: boolean;
}

/**
 * The p-norm of x₁ − x₂ + eps along the last dimension.
 * @param p 2 by default   @param eps 1e-6 by default: keeps the gradient finite
 * @example pairwiseDistance(tensor([[0, 0]]), tensor([[3, 4]])).tolist() // [5.0000]
 */
export function pairwiseDistance(
  x1: Tensor,
  x2: Tensor,
  p?: number | PairwiseOptions,
  eps?: number | PairwiseOptions,
  keepdim?: boolean | PairwiseOptions,
): Tensor {
  const given = named<PairwiseOptions>("pairwiseDistance", [p, eps, keepdim], ["p", "eps", "keepdim"]);
  const difference = add(sub(x1, x2), given.eps ?? 1e-6);
  return normOf(difference, given.p ?? 2, -1, given.keepdim ?? false, "pairwiseDistance", NORM);
}

/** t, with 1 in place of 0, to divide by where the quotient will not be used. */
function nonzero(t: Tensor): Tensor {
  return where(eq(t, 0), 1, t);
}

/**
 * @internal The derivative of y = ‖x‖ₚ, which has 1 for the dimensions that it was taken over: 0 where it would be 0/0. For p
 * other than 0 and ±∞ it is sign(x) (|x| / y)^(p-1).
 */
export function normSlope(x: Tensor, y: Tensor, p: number, dims: readonly number[]): Tensor {
  if (p === 0) return zerosLike(x);
  if (p === 1) return sign(x);
  if (p === 2) return where(eq(y, 0), 0, div(x, nonzero(y)));
  if (Math.abs(p) === Infinity) {
    const chosen = cast(eq(abs(x), y).logicalOr(isnan(x)), "float32");
    return mul(sign(x), div(chosen, sum(chosen, dims, true)));
  }
  const size = abs(x);
  if (p > 2) return mul(sign(x), pow(div(size, nonzero(y)), p - 1));
  // Below 2 the second derivative by an element that is 0 is infinite; taken apart, it stays with that element.
  const ofNorm = where(eq(y, 0), 0, pow(nonzero(y), 1 - p));
  const ofElement = p > 1 ? pow(size, p - 1) : where(eq(x, 0), 0, pow(nonzero(size), p - 1));
  return mul(mul(sign(x), ofElement), ofNorm);
}

defineRule(Op.VectorNorm, (g, n) => {
  const slope = normSlope(n.input(0), unreduced(n.output(), n), n.s0, reducedDims(n));
  return [mul(unreduced(g, n), slope)];
});
