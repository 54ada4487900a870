/** Running sums and products along a dimension. */
import { Op } from "../../assembly/abi/op.ts";
import { defineRule } from "../autograd/rules.ts";
import { named, normalDim } from "../core/args.ts";
import { call1L, failure, try2, wrap } from "../core/dispatch.ts";
import type { DType } from "../core/dtype.ts";
import { DTypeError } from "../core/errors.ts";
import type { Tensor } from "../tensor.ts";
import { mul, sub } from "./binary.ts";
import { cat } from "./cat.ts";
import { eq } from "./compare.ts";
import { onesLike, zerosLike } from "./creation.ts";
import { exp } from "./exponential.ts";
import { cast } from "./promote.ts";
import { narrow } from "./slice.ts";
import { where } from "./where.ts";

interface ScanOptions {
  dim?: number;
  dtype?: DType;
}

type ScanArgument = DType | ScanOptions;

function scan(op: Op, input: Tensor, dim: number, reverse: boolean, name: string): Tensor {
  return call1L(op, input, [dim, reverse ? 1 : 0], name);
}

/** Sums and products of bools count them. */
function along(
  op: Op,
  input: Tensor,
  dim: number | ScanOptions,
  dtype: ScanArgument | undefined,
  name: string,
): Tensor {
  const given = named<ScanOptions>(name, [dim, dtype], ["dim", "dtype"]);
  if (given.dim === undefined) throw new TypeError(`${name}() missing 1 required positional arguments: "dim"`);
  const d = normalDim(given.dim, input.ndim);
  return scan(op, cast(input, given.dtype ?? (input.dtype === "bool" ? "int32" : input.dtype)), d, false, name);
}

/**
 * The sum of all elements so far along `dim`. Integers and bools give int32. Float sums run in double precision.
 * @throws {IndexError} `dim` out of range
 * @example cumsum(tensor([1, 2, 3]), 0).tolist() // [1, 3, 6]
 */
export function cumsum(input: Tensor, dim: number | ScanOptions, dtype?: ScanArgument): Tensor {
  return along(Op.Cumsum, input, dim, dtype, "cumsum");
}

/**
 * The product of all elements so far along `dim`; the gradient is exact where there are zeros. Otherwise as `cumsum`.
 * @example cumprod(tensor([1, 2, 3]), 0).tolist() // [1, 2, 6]
 */
export function cumprod(input: Tensor, dim: number | ScanOptions, dtype?: ScanArgument): Tensor {
  return along(Op.Cumprod, input, dim, dtype, "cumprod");
}

/**
 * log Σ eˣ over all elements so far along `dim`; nothing overflows.
 * @throws {DTypeError} integers
 * @example logcumsumexp(tensor([1000, 1000]), 0).tolist() // [1000, 1000.693...]
 */
export function logcumsumexp(input: Tensor, dim: number | { dim: number }): Tensor {
  if (input.dtype !== "float32") {
    throw new DTypeError(`"logcumsumexp_out_cpu" not implemented for '${input.scalarName()}'`);
  }
  const d = normalDim(typeof dim === "number" ? dim : dim.dim, input.ndim);
  return scan(Op.LogCumSumExp, input, d, false, "logcumsumexp");
}

/**
 * The linear recurrence y[j] = x[j] + c[j] y[j-1], or in reverse y[j] = x[j] + c[j+1] y[j+1]. The derivative of one is
 * the other, so that the derivatives of running products, written with them, need no division and can be taken again.
 */
function recurrence(x: Tensor, c: Tensor, dim: number, reverse: boolean): Tensor {
  const p = try2(Op.Recurrence, x, c, [dim, reverse ? 1 : 0]);
  if (p === 0) throw failure("recurrence", [x, c]);
  return wrap(p);
}

/** What stood one place before along `dim`, or behind if `reverse`; what `outside` makes of the first element there. */
function neighbours(t: Tensor, dim: number, reverse: boolean, outside: (like: Tensor) => Tensor): Tensor {
  if (t.ndim === 0) return outside(t);
  const size = t.size(dim);
  if (size === 0) return t;
  const edge = outside(narrow(t, dim, reverse ? size - 1 : 0, 1));
  if (size === 1) return edge;
  const rest = narrow(t, dim, reverse ? 1 : 0, size - 1);
  return cat(reverse ? [rest, edge] : [edge, rest], dim);
}

/** @internal For each element the product of all others over `dims`: of those before it times those behind it. */
export function productOfOthers(x: Tensor, dims: readonly number[]): Tensor {
  if (dims.length === 0) return onesLike(x);
  // Either one dimension or all of them: those as one row.
  const [rows, dim] = dims.length === 1 ? [x, dims[0]] : [x.reshape([x.numel()]), 0];
  const before = neighbours(scan(Op.Cumprod, rows, dim, false, "prod"), dim, false, onesLike);
  const behind = neighbours(scan(Op.Cumprod, rows, dim, true, "prod"), dim, true, onesLike);
  return mul(before, behind).reshape(x.shape);
}

defineRule(Op.Cumsum, (g, n) => [scan(Op.Cumsum, g, n.list(0), n.list(1) === 0, "cumsum")]);

// dy[i]/dx[j] is the product of what comes before j times the product of what lies between j and i. (In reverse, what
// lies between includes the neighbour at i but not the one at j, which shifts the factors.)
defineRule(Op.Cumprod, (g, n) => {
  const [dim, reverse] = [n.list(0), n.list(1) !== 0];
  const factors = reverse ? neighbours(n.input(0), dim, false, onesLike) : n.input(0);
  return [mul(neighbours(n.output(), dim, reverse, onesLike), recurrence(g, factors, dim, !reverse))];
});

// dy[i]/dx[j] = exp(x[j] - y[i]) = exp(x[j] - y[j]) exp(y[j] - y[j+1]) ... exp(y[i-1] - y[i]), none of them above 1.
defineRule(Op.LogCumSumExp, (g, n) => {
  const [x, y, dim] = [n.input(0), n.output(), n.list(0)];
  const previous = neighbours(y, dim, false, (first) => first);
  const decay = where(eq(previous, y), 1, exp(sub(previous, y)));
  return [mul(exp(sub(x, y)), recurrence(g, decay, dim, true))];
});

defineRule(Op.Recurrence, (g, n) => {
  const [c, y, dim, reverse] = [n.input(1), n.output(), n.list(0), n.list(1) !== 0];
  const dx = recurrence(g, c, dim, !reverse);
  if (!n.needs(1)) return [dx, null];
  const before = neighbours(reverse ? dx : y, dim, false, zerosLike);
  return [dx, mul(reverse ? y : dx, before)];
});
