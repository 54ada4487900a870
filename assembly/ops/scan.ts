/** Running sums and their like along one dimension. Attributes: [dim, whether from the end]. */
import { DType } from "../abi/dtype";
import { Op } from "../abi/op";
import { Status } from "../abi/status";
import {
  f32_cumprod, f32_cumsum, f32_logcumsumexp, f32_recurrence, i32_cumprod, i32_cumsum,
} from "../kernels/reduce";
import { fail } from "../memory/args";
import { Node } from "../tape/node";
import { heapContiguous } from "../tensor/convert";
import { newLike, release, Tensor } from "../tensor/record";
import { inner, measure, outer, size } from "./index";

export function scanInfer(n: Node): Tensor {
  const a = n.input(0);
  const isFloat = a.dtype == DType.Float32;
  const takesInts = <i32>n.op == Op.Cumsum || <i32>n.op == Op.Cumprod;
  if (isFloat || (takesInts && a.dtype == DType.Int32)) return newLike(a, a.dtype);
  return changetype<Tensor>(fail(Status.DTypes, a.dtype, a.dtype));
}

export function scanForward(n: Node): bool {
  const a = heapContiguous(n.input(0));
  if (!changetype<usize>(a)) return false;
  measure(a, n.list(0));
  const reverse = n.list(1) != 0;
  const isFloat = a.dtype == DType.Float32;
  const o = n.output().data;
  let done = true;
  switch (<i32>n.op) {
    case Op.Cumsum:
      if (isFloat) f32_cumsum(a.data, outer, size, inner, o, reverse);
      else i32_cumsum(a.data, outer, size, inner, o, reverse);
      break;
    case Op.Cumprod:
      if (isFloat) f32_cumprod(a.data, outer, size, inner, o, reverse);
      else i32_cumprod(a.data, outer, size, inner, o, reverse);
      break;
    case Op.LogCumSumExp: f32_logcumsumexp(a.data, outer, size, inner, o); break;
    default: {
      const factors = heapContiguous(n.input(1));
      done = changetype<usize>(factors) != 0;
      if (!done) break;
      f32_recurrence(a.data, factors.data, outer, size, inner, o, reverse);
      release(factors);
    }
  }
  release(a);
  return done;
}
