/** The norm of whatever it is given: vectors or matrices. */
import { named } from "../core/args.ts";
import type { DType } from "../core/dtype.ts";
import { ShapeError } from "../core/errors.ts";
import { vectorNorm } from "../ops/norms.ts";
import type { Dims } from "../ops/reduce.ts";
import type { Tensor } from "../tensor.ts";
import { type MatrixOrder, matrixNorm } from "./norm.ts";

export interface AnyNormOptions {
  ord?: MatrixOrder | null;
  dim?: Dims | null;
  keepdim?: boolean;
  dtype?: DType;
}

/**
 * The norm of vectors along one dimension, or of matrices in two. Without `dim` a vector or a matrix as a whole; without
 * `ord` as well the 2-norm of all elements, whatever the shape.
 * @throws {ShapeError} an `ord` but neither `dim` nor one or two dimensions
 * @example linalg.norm(tensor([[3, 0], [0, 4]])).item() // 5
 */
export function norm(
  A: Tensor,
  ord?: MatrixOrder | null | AnyNormOptions,
  dim?: Dims | null | AnyNormOptions,
  keepdim?: boolean | AnyNormOptions,
): Tensor {
  const given = named<AnyNormOptions>("linalg.norm", [ord, dim, keepdim], ["ord", "dim", "keepdim"]);
  const { ord: order, keepdim: keep = false, dtype } = given;
  const dims = typeof given.dim === "number" ? [given.dim] : given.dim;
  if (dims && (dims.length < 1 || dims.length > 2)) {
    throw new ShapeError(`linalg.norm: If dim is specified, it must be of length 1 or 2. Got [${dims.join(", ")}]`);
  }
  if (order === undefined || order === null) return vectorNorm(A, 2, { dim: dims, keepdim: keep, dtype });
  const rank = dims?.length ?? A.ndim;
  if (rank !== 1 && rank !== 2) {
    throw new ShapeError(`linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got ${rank}D.`);
  }
  if (rank === 1 && typeof order === "number") return vectorNorm(A, order, { dim: dims, keepdim: keep, dtype });
  return matrixNorm(A, order, dims ?? [0, 1], { keepdim: keep, dtype });
}
