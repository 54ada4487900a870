/** Reductions, products and softmax as methods. */

import type { DType } from "../core/dtype.ts";
import * as matmul from "../ops/matmul.ts";
import * as reduce from "../ops/reduce.ts";
import { logSoftmax, type SoftmaxOptions, softmax } from "../ops/softmax.ts";
import type { Tensor } from "../tensor.ts";
import { PointwiseMethods } from "./pointwise.ts";

type DimArgument = reduce.DimArgument;
type KeepArgument = reduce.KeepArgument;

export abstract class ReductionMethods extends PointwiseMethods {
  /** The sum of all elements, or along `dim`. @see {@link reduce.sum} */
  sum(this: Tensor, dim?: DimArgument, keepdim?: KeepArgument): Tensor {
    return reduce.sum(this, dim, keepdim);
  }

  /** The mean of all elements, or along `dim`. @see {@link reduce.mean} */
  mean(this: Tensor, dim?: DimArgument, keepdim?: KeepArgument): Tensor {
    return reduce.mean(this, dim, keepdim);
  }

  /** The largest elements along `dim`, of all by default. @see {@link reduce.amax} */
  amax(this: Tensor, dim?: DimArgument, keepdim?: KeepArgument): Tensor {
    return reduce.amax(this, dim, keepdim);
  }

  /** The smallest elements along `dim`, of all by default. @see {@link reduce.amin} */
  amin(this: Tensor, dim?: DimArgument, keepdim?: KeepArgument): Tensor {
    return reduce.amin(this, dim, keepdim);
  }

  /** Whether any element, of all or along `dim`, is not zero. @see {@link reduce.any} */
  any(this: Tensor, dim?: DimArgument, keepdim?: KeepArgument): Tensor {
    return reduce.any(this, dim, keepdim);
  }

  /** Whether all elements, of all or along `dim`, are not zero. @see {@link reduce.all} */
  all(this: Tensor, dim?: DimArgument, keepdim?: KeepArgument): Tensor {
    return reduce.all(this, dim, keepdim);
  }

  /** The product of all elements, or along one `dim`. @see {@link reduce.prod} */
  prod(this: Tensor, dim?: number | null | reduce.ReduceOptions, keepdim?: KeepArgument): Tensor {
    return reduce.prod(this, dim, keepdim);
  }

  /** The position of the largest element, in the flattened tensor or along `dim`. @see {@link reduce.argmax} */
  argmax(this: Tensor, dim?: number | null | reduce.ReduceOptions, keepdim?: KeepArgument): Tensor {
    return reduce.argmax(this, dim, keepdim);
  }

  /** The position of the smallest element. @see {@link reduce.argmin} */
  argmin(this: Tensor, dim?: number | null | reduce.ReduceOptions, keepdim?: KeepArgument): Tensor {
    return reduce.argmin(this, dim, keepdim);
  }

  /** The smallest and the largest elements, of all or along one `dim`. @see {@link reduce.aminmax} */
  aminmax(this: Tensor, options?: { dim?: number; keepdim?: boolean }): { min: Tensor; max: Tensor } {
    return reduce.aminmax(this, options);
  }

  /** How many elements, of all or along `dim`, are not zero. @see {@link reduce.countNonzero} */
  countNonzero(this: Tensor, dim?: DimArgument): Tensor {
    return reduce.countNonzero(this, dim);
  }

  /** The sum with NaNs taken as 0. @see {@link reduce.nansum} */
  nansum(this: Tensor, dim?: DimArgument, keepdim?: KeepArgument): Tensor {
    return reduce.nansum(this, dim, keepdim);
  }

  /** The mean of what is not NaN. @see {@link reduce.nanmean} */
  nanmean(this: Tensor, dim?: DimArgument, keepdim?: KeepArgument): Tensor {
    return reduce.nanmean(this, dim, keepdim);
  }

  /** log Σ eˣ along `dim`, shifted by the largest element so that nothing overflows. @see {@link reduce.logsumexp} */
  logsumexp(this: Tensor, dim: reduce.Dims | reduce.ReduceOptions, keepdim?: KeepArgument): Tensor {
    return reduce.logsumexp(this, dim, keepdim);
  }

  /** Sums `input` down to `size`, the inverse of broadcasting. @see {@link reduce.sumToSize} */
  sumToSize(this: Tensor, ...size: (number | readonly number[])[]): Tensor {
    return reduce.sumToSize(this, ...size);
  }

  /** The matrix product. @see {@link matmul.matmul} */
  matmul(this: Tensor, other: Tensor): Tensor {
    return matmul.matmul(this, other);
  }

  /** The product of two matrices. @see {@link matmul.mm} */
  mm(this: Tensor, mat2: Tensor): Tensor {
    return matmul.mm(this, mat2);
  }

  /** The products of two batches of matrices of equal number. @see {@link matmul.bmm} */
  bmm(this: Tensor, mat2: Tensor): Tensor {
    return matmul.bmm(this, mat2);
  }

  /** Matrix times vector. @see {@link matmul.mv} */
  mv(this: Tensor, vec: Tensor): Tensor {
    return matmul.mv(this, vec);
  }

  /** The sum of products of two vectors. @see {@link matmul.dot} */
  dot(this: Tensor, tensor: Tensor): Tensor {
    return matmul.dot(this, tensor);
  }

  /** eˣ / Σ eˣ along `dim`, shifted by the largest element so that nothing overflows. @see {@link softmax} */
  softmax(this: Tensor, dim: number | SoftmaxOptions, dtype?: DType | SoftmaxOptions): Tensor {
    return softmax(this, dim, dtype);
  }

  /** Logarithm of softmax along `dim`. @see {@link logSoftmax} */
  logSoftmax(this: Tensor, dim: number | SoftmaxOptions, dtype?: DType | SoftmaxOptions): Tensor {
    return logSoftmax(this, dim, dtype);
  }
}
