/** Masks, as all functions here take them. */

import type { DType } from "../core/dtype.ts";
import { DTypeError, ShapeError } from "../core/errors.ts";
import { broadcastTo } from "../ops/expand.ts";
import { cast } from "../ops/promote.ts";
import type { Dims } from "../ops/reduce.ts";
import { where } from "../ops/where.ts";
import type { Tensor } from "../tensor.ts";

export interface MaskOptions {
  /** Where elements count; all if there is none. Broadcasts to the input. */
  mask?: Tensor | null;
  /** The dtype to compute in. */
  dtype?: DType;
}

export interface MaskedReduceOptions extends MaskOptions {
  dim?: Dims | null;
  keepdim?: boolean;
}

/** The mask in the shape of the input. */
export function maskOf(input: Tensor, mask: Tensor): Tensor {
  if (mask.dtype !== "bool") throw new DTypeError(`masked: expected a bool mask, got ${mask.dtype}`);
  const [own, shape] = [input.shape, mask.shape];
  const skip = own.length - shape.length;
  if (skip < 0 || shape.some((s, i) => s !== 1 && s !== own[skip + i])) {
    throw new ShapeError(
      `masked: a mask of shape [${shape.join(", ")}] does not broadcast to the input's shape [${own.join(", ")}]`,
    );
  }
  return broadcastTo(mask, own);
}

/** The input in its dtype, `fill` where the mask is false. */
export function filled(input: Tensor, { mask, dtype }: MaskOptions, fill: number): Tensor {
  const x = cast(input, dtype ?? input.dtype);
  return mask ? where(maskOf(x, mask), x, fill) : x;
}
