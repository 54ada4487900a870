/** Norms of matrices, and condition numbers. */
import { named, normalDim } from "../core/args.ts";
import type { DType } from "../core/dtype.ts";
import { ShapeError } from "../core/errors.ts";
import { renamed } from "../core/names.ts";
import { zeros } from "../ops/creation.ts";
import { vectorNorm } from "../ops/norms.ts";
import { movedim } from "../ops/permute.ts";
import { cast } from "../ops/promote.ts";
import { amax, amin, sum } from "../ops/reduce.ts";
import { where } from "../ops/where.ts";
import type { Tensor } from "../tensor.ts";
import { batchOf, checkFloat, checkMatrix, checkSquare } from "./batch.ts";
import { invEx } from "./solve.ts";
import { svdvals } from "./svd.ts";

/** "fro": root of the sum of squares; "nuc": sum of singular values; ±2: largest, smallest of them; ±1, ±Infinity: of the sums of columns, rows. */
export type MatrixOrder = "fro" | "nuc" | 1 | -1 | 2 | -2 | number;

export interface MatrixNormOptions {
  ord?: MatrixOrder;
  dim?: readonly number[];
  keepdim?: boolean;
  dtype?: DType;
}

/**
 * A norm of the matrices in two dimensions, the last two by default.
 * @throws {ShapeError} fewer than two dimensions, or a norm that there is not
 * @example linalg.matrixNorm(tensor([[1, 2], [3, 4]]), 1).item() // 6
 */
export function matrixNorm(
  A: Tensor,
  ord?: MatrixOrder | MatrixNormOptions,
  dim?: readonly number[] | MatrixNormOptions,
  keepdim?: boolean | MatrixNormOptions,
): Tensor {
  const caller = "linalg.matrix_norm";
  const options = named<MatrixNormOptions>(caller, [ord, dim, keepdim], ["ord", "dim", "keepdim"]);
  checkMatrix(A, caller);
  const x = cast(A, options.dtype ?? A.dtype);
  checkFloat(x, caller);
  const given = options.dim ?? [-2, -1];
  if (given.length !== 2) throw new ShapeError(`${caller}: dim must be a 2-tuple. Got ${given.join(" ")}`);
  const [rows, columns] = given.map((d) => normalDim(d, x.ndim));
  if (rows === columns) throw new ShapeError(`${caller}: dims must be different. Got (${given.join(", ")})`);
  const keep = options.keepdim ?? false;
  const which = options.ord ?? "fro";
  if (which === "fro") return vectorNorm(x, 2, [rows, columns], keep);
  const order = which === "nuc" ? which : Math.abs(which as number);
  const extreme = (which as number) < 0 ? amin : amax;
  if (order === "nuc" || order === 2) {
    const S = svdvals(movedim(x, [rows, columns], [-2, -1]));
    const value = order === 2 ? extreme(S, -1) : sum(S, -1);
    if (!keep) return value;
    const kept = [rows, columns].sort((a, b) => a - b).reduce((t, d) => t.unsqueeze(d), value);
    return renamed(kept, "PermuteBackward0");
  }
  if (order !== 1 && order !== Number.POSITIVE_INFINITY)
    throw new ShapeError(`${caller}: Order ${which} not supported.`);
  return extreme(sum(x.abs(), order === 1 ? rows : columns, true), [rows, columns], keep);
}

export type ConditionOrder = MatrixOrder | null;

/**
 * The condition number of matrices [..., m, n]: the norm times that of the inverse, infinite for singular ones. The default, and
 * ±2, take the ratio of the largest and the smallest singular value; others want square matrices.
 * @example linalg.cond(tensor([[1, 0], [0, 4]])).item() // 4
 */
export function cond(A: Tensor, p?: ConditionOrder | { p?: ConditionOrder }): Tensor {
  const { p: order = 2 } = named<{ p: MatrixOrder }>("linalg.cond", [p], ["p"]);
  if (A.ndim < 2) throw new ShapeError("linalg.cond: The input tensor must have at least 2 dimensions.");
  if (
    !["fro", "nuc"].includes(order as string) &&
    ![1, 2, Number.POSITIVE_INFINITY].includes(Math.abs(order as number))
  ) {
    throw new ShapeError(`linalg.cond got an invalid norm type: ${order}`);
  }
  if (A.numel() === 0) return zeros(batchOf(A));
  if (order === 2 || order === -2) {
    const S = svdvals(A);
    const [largest, smallest] = [S.select(-1, 0), S.select(-1, -1)];
    return renamed(order === 2 ? largest.div(smallest) : smallest.div(largest), "SqueezeBackward1");
  }
  checkSquare(A, `linalg.cond(ord=${order})`);
  const { inverse, info } = invEx(A);
  const value = matrixNorm(A, order).mul(matrixNorm(inverse, order));
  return where(info.gt(0), Number.POSITIVE_INFINITY, value);
}
