/** Softmax and its logarithm. */
import { Op } from "../../assembly/abi/op.ts";
import { defineRule } from "../autograd/rules.ts";
import { named, normalDim } from "../core/args.ts";
import { call1 } from "../core/dispatch.ts";
import type { DType } from "../core/dtype.ts";
import { setInt } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { mul, sub } from "./binary.ts";
import { exp } from "./exponential.ts";
import { cast, toFloat } from "./promote.ts";
import { neg } from "./unary.ts";

export interface SoftmaxOptions {
  dim?: number;
  dtype?: DType;
}

function along(
  op: Op,
  input: Tensor,
  dim: number | SoftmaxOptions,
  rest: DType | SoftmaxOptions | undefined,
  name: string,
): Tensor {
  const options = named<SoftmaxOptions>(name, [dim, rest], ["dim", "dtype"]);
  if (typeof options.dim !== "number") throw new TypeError(`${name}: argument 'dim' is missing; it must be a number`);
  const x = cast(input, options.dtype ?? "float32");
  setInt(normalDim(options.dim, x.ndim));
  return call1(op, x, name);
}

/**
 * eˣ / Σ eˣ along `dim`, shifted by the largest element so that nothing overflows.
 * @throws {IndexError} `dim` out of range
 * @example softmax(tensor([0, 0]), 0).tolist() // [0.5, 0.5]
 */
export function softmax(input: Tensor, dim: number | SoftmaxOptions, dtype?: DType | SoftmaxOptions): Tensor {
  return along(Op.Softmax, input, dim, dtype, "softmax");
}

/**
 * Logarithm of softmax along `dim`: yᵢ = xᵢ − m − log Σⱼ exp(xⱼ − m), m = maxⱼ xⱼ.
 * @see Blanchard, Higham & Higham 2021, doi:10.1093/imanum/draa038
 * @example logSoftmax(tensor([1, 2, 3]), 0) // tensor([-2.4076, -1.4076, -0.4076])
 */
export function logSoftmax(input: Tensor, dim: number | SoftmaxOptions, dtype?: DType | SoftmaxOptions): Tensor {
  return along(Op.LogSoftmax, input, dim, dtype, "logSoftmax");
}

/** Softmax of -x along `dim`. @example nn.functional.softmin(tensor([0, 0]), 0).tolist() // [0.5, 0.5] */
export function softmin(input: Tensor, dim: number | SoftmaxOptions, dtype?: DType | SoftmaxOptions): Tensor {
  return along(Op.Softmax, neg(toFloat(input)), dim, dtype, "softmin");
}

defineRule(Op.Softmax, (g, n) => {
  const y = n.output();
  const weighted = mul(g, y);
  return [sub(weighted, mul(y, y.ndim ? weighted.sum(n.int(0), true) : weighted))];
});
defineRule(Op.LogSoftmax, (g, n) => {
  const y = n.output();
  return [sub(g, mul(exp(y), y.ndim ? g.sum(n.int(0), true) : g))];
});
