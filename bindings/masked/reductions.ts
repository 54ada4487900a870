/** Reductions. A mask that leaves nothing gives what the reduction makes of nothing. */
import { named } from "../core/args.ts";
import { DTypeError, TensorError } from "../core/errors.ts";
import { renamed } from "../core/names.ts";
import { div, mul, sub } from "../ops/binary.ts";
import { clampMin } from "../ops/clamp.ts";
import { onesLike } from "../ops/creation.ts";
import { logaddexp as logaddexpOf } from "../ops/exponential.ts";
import { isnan } from "../ops/logic.ts";
import { vectorNorm } from "../ops/norms.ts";
import { nanmedian } from "../ops/pick.ts";
import { cast, toFloat } from "../ops/promote.ts";
import * as reduce from "../ops/reduce.ts";
import { any, type Dims, type ReduceOptions, sum as sumOf } from "../ops/reduce.ts";
import { cumprod as cumprodOf, cumsum as cumsumOf } from "../ops/scan.ts";
import { sqrt } from "../ops/unary.ts";
import type { Tensor } from "../tensor.ts";
import { filled, type MaskedReduceOptions, type MaskOptions, maskOf } from "./mask.ts";

type DimArgument = Dims | null | MaskedReduceOptions;

function read(
  name: string,
  dim: DimArgument | undefined,
  options: MaskedReduceOptions | undefined,
): MaskedReduceOptions {
  return named<MaskedReduceOptions>(name, [dim, options], ["dim"]);
}

function dims({ dim, keepdim }: MaskedReduceOptions): ReduceOptions {
  return { dim, keepdim };
}

/** The sum; 0 of nothing. @example masked.sum(tensor([1, 2]), { mask: tensor([true, false]) }).item() // 1 */
export function sum(input: Tensor, dim?: DimArgument, options?: MaskedReduceOptions): Tensor {
  const given = read("masked.sum", dim, options);
  return renamed(sumOf(filled(input, given, 0), dims(given)), "SumBackward1");
}

/**
 * The product; 1 of nothing. With several dimensions, along one after the other.
 * @example masked.prod(tensor([2, 3, 4]), { mask: tensor([true, true, false]) }).item() // 6
 */
export function prod(input: Tensor, dim?: DimArgument, options?: MaskedReduceOptions): Tensor {
  const given = read("masked.prod", dim, options);
  const x = filled(input, given, 1);
  if (!Array.isArray(given.dim)) return reduce.prod(x, dims(given));
  const along =
    given.dim.length === 0 ? x.shape.map((_, i) => i) : given.dim.map((d: number) => (d < 0 ? d + x.ndim : d));
  const multiplied = along.reduce((t: Tensor, d: number) => reduce.prod(t, d, true), x);
  return given.keepdim || along.length === 0 ? multiplied : multiplied.squeeze(along);
}

/** What is smaller, or larger, than all else. */
function lowest(input: Tensor): number {
  return input.dtype === "int32" ? -(2 ** 31) : -Infinity;
}

function highest(input: Tensor): number {
  return input.dtype === "int32" ? 2 ** 31 - 1 : Infinity;
}

/**
 * The largest element; -inf of nothing. Equal ones share the gradient.
 * @example masked.amax(tensor([1, 2, 9]), { mask: tensor([true, true, false]) }).item() // 2
 */
export function amax(input: Tensor, dim?: DimArgument, options?: MaskedReduceOptions): Tensor {
  const given = read("masked.amax", dim, options);
  return reduce.amax(filled(input, given, lowest(input)), dims(given));
}

/**
 * The smallest element; inf of nothing. Equal ones share the gradient.
 * @example masked.amin(tensor([1, 2, -9]), { mask: tensor([true, true, false]) }).item() // 1
 */
export function amin(input: Tensor, dim?: DimArgument, options?: MaskedReduceOptions): Tensor {
  const given = read("masked.amin", dim, options);
  return reduce.amin(filled(input, given, highest(input)), dims(given));
}

type OneDimArgument = number | null | MaskedReduceOptions;

/**
 * The position of the largest element, of all or along one dimension: in the dtype of the input, as in PyTorch.
 * @example masked.argmax(tensor([1, 2, 9]), { mask: tensor([true, true, false]) }).item() // 1
 */
export function argmax(input: Tensor, dim?: OneDimArgument, options?: MaskedReduceOptions): Tensor {
  const given = read("masked.argmax", dim, options);
  return cast(reduce.argmax(filled(input, given, lowest(input)), dims(given)), given.dtype ?? input.dtype);
}

/**
 * The position of the smallest element; otherwise as `argmax`.
 * @example masked.argmin(tensor([1, 2, -9]), { mask: tensor([true, true, false]) }).item() // 0
 */
export function argmin(input: Tensor, dim?: OneDimArgument, options?: MaskedReduceOptions): Tensor {
  const given = read("masked.argmin", dim, options);
  return cast(reduce.argmin(filled(input, given, highest(input)), dims(given)), given.dtype ?? input.dtype);
}

/** How many elements count. */
function count(input: Tensor, given: MaskedReduceOptions, keepdim: boolean | undefined): Tensor {
  const counted = given.mask ? maskOf(input, given.mask) : onesLike(input, { dtype: "bool" });
  return sumOf(counted, { dim: given.dim, keepdim });
}

/**
 * The mean; NaN of nothing.
 * @example masked.mean(tensor([1, 2, 9]), { mask: tensor([true, true, false]) }).item() // 1.5
 */
export function mean(input: Tensor, dim?: DimArgument, options?: MaskedReduceOptions): Tensor {
  const given = read("masked.mean", dim, options);
  if (!given.mask) return reduce.mean(filled(input, given, 0), dims(given));
  return div(sumOf(filled(input, given, 0), dims(given)), count(input, given, given.keepdim));
}

/**
 * The lower of the two middle elements along `dim`, the last by default; NaN of nothing.
 * @example masked.median(tensor([1, 2, 9]), 0, { mask: tensor([true, true, false]) }).item() // 1
 */
export function median(input: Tensor, dim?: OneDimArgument, options?: MaskedReduceOptions): Tensor {
  const given = read("masked.median", dim, options);
  if (input.dtype !== "float32") throw new DTypeError("input must be a floating point tensor");
  if (any(isnan(input)).item<boolean>()) {
    throw new TensorError("masked median expects no NaN in its input: they stand for what the mask leaves out");
  }
  return nanmedian(filled(input, given, NaN), { dim: given.dim ?? -1, keepdim: given.keepdim }).values;
}

/**
 * log Σ eˣ; -inf of nothing.
 * @example masked.logsumexp(tensor([0, 0, 9]), 0, { mask: tensor([true, true, false]) }).item() // 0.6931
 */
export function logsumexp(input: Tensor, dim?: DimArgument, options?: MaskedReduceOptions): Tensor {
  const given = read("masked.logsumexp", dim, options);
  return reduce.logsumexp(filled(toFloat(input), given, -Infinity), { dim: given.dim ?? [], keepdim: given.keepdim });
}

/**
 * log(eᵃ + eᵇ), each with a mask of its own: what one leaves out counts -inf.
 * @example masked.logaddexp(tensor([0, 0]), tensor([0, 9]), { otherMask: tensor([true, false]) }).tolist() // [0.6931, 0]
 */
export function logaddexp(
  input: Tensor,
  other: Tensor,
  options: { inputMask?: Tensor | null; otherMask?: Tensor | null; dtype?: MaskOptions["dtype"] } = {},
): Tensor {
  const { inputMask, otherMask, dtype } = options;
  return logaddexpOf(
    filled(input, { mask: inputMask, dtype }, -Infinity),
    filled(other, { mask: otherMask, dtype }, -Infinity),
  );
}

/**
 * The p-norm; of nothing 0, or inf for a negative p.
 * @example masked.norm(tensor([3, 4, 9]), 2, { mask: tensor([true, true, false]) }).item() // 5
 */
export function norm(input: Tensor, ord?: number | null, dim?: DimArgument, options?: MaskedReduceOptions): Tensor {
  const given = read("masked.norm", dim, options);
  const p = ord ?? 2;
  return vectorNorm(filled(input, given, p < 0 ? Infinity : 0), p, dims(given));
}

/** PyTorch takes (dim, unbiased) in this order. */
type SpreadArguments = [dim?: DimArgument, unbiased?: boolean | SpreadOptions, options?: SpreadOptions];

interface SpreadOptions extends MaskedReduceOptions {
  /** Whether to divide by one less than the count; true by default. */
  unbiased?: boolean;
}

function spread(input: Tensor, args: SpreadArguments, name: string): Tensor {
  const given = named<SpreadOptions>(name, args, ["dim", "unbiased"]);
  const x = toFloat(filled(input, { dtype: given.dtype }, 0));
  const n = count(x, given, true);
  const centred = sub(x, div(sumOf(filled(x, { mask: given.mask }, 0), { dim: given.dim, keepdim: true }), n));
  const squares = sumOf(filled(mul(centred, centred), { mask: given.mask }, 0), dims(given));
  const counted = (given.keepdim ? n : n.reshape(squares.shape)) as Tensor;
  return div(squares, given.unbiased === false ? counted : clampMin(sub(counted, 1), 0));
}

/**
 * The variance; NaN of nothing.
 * @example masked.var(tensor([1, 3, 9]), { mask: tensor([true, true, false]) }).item() // 2
 */
function variance(input: Tensor, ...args: SpreadArguments): Tensor {
  return spread(input, args, "masked.var");
}

export { variance as var };

/**
 * The standard deviation; NaN of nothing.
 * @example masked.std(tensor([1, 3, 9]), { mask: tensor([true, true, false]) }).item() // 1.4142
 */
export function std(input: Tensor, ...args: SpreadArguments): Tensor {
  return sqrt(spread(input, args, "masked.std"));
}

/**
 * The running sum; what is left out adds nothing.
 * @example masked.cumsum(tensor([1, 9, 2]), 0, { mask: tensor([true, false, true]) }).tolist() // [1, 1, 3]
 */
export function cumsum(input: Tensor, dim: number, options: MaskOptions = {}): Tensor {
  return cumsumOf(filled(input, options, 0), dim);
}

/**
 * The running product; what is left out changes nothing.
 * @example masked.cumprod(tensor([2, 9, 3]), 0, { mask: tensor([true, false, true]) }).tolist() // [2, 2, 6]
 */
export function cumprod(input: Tensor, dim: number, options: MaskOptions = {}): Tensor {
  return cumprodOf(filled(input, options, 1), dim);
}
