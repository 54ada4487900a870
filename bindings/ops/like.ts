/** Tensors made after another one, or with strides of their own. */
import { isOptions } from "../core/args.ts";
import { TensorBase } from "../core/base.ts";
import { renamed } from "../core/names.ts";
import type { Tensor } from "../tensor.ts";
import { clone } from "./copy.ts";
import { type CreationOptions, zeros } from "./creation.ts";
import { spanOf } from "./geometry.ts";
import { fill_ } from "./inplace.ts";
import { checkStrided, stridedView } from "./strided.ts";

/**
 * A tensor with the shape and dtype of `input` whose elements are all `value`: a number, or a tensor without dimensions,
 * which gets the gradient.
 * @example fill(zeros(2), 3).tolist() // [3, 3]
 */
export function fill(input: Tensor, value: number | boolean | Tensor | { value: number | boolean | Tensor }): Tensor {
  const given = (isOptions(value) ? value.value : value) as number | boolean | Tensor;
  return renamed(fill_(clone(input), given), given instanceof TensorBase ? "FillBackward1" : "FillBackward0");
}

/**
 * A tensor of undefined elements (zeros here) that lie with these strides.
 * @throws {ShapeError} sizes and strides of unequal numbers, or negative ones
 * @example emptyStrided([2, 3], [1, 2]).stride() // [1, 2]
 */
export function emptyStrided(
  size: readonly number[],
  stride: readonly number[],
  options: CreationOptions = {},
): Tensor {
  checkStrided(size, stride, 0, Infinity, 4, "emptyStrided");
  const room = zeros([spanOf(size, stride)], { dtype: options.dtype });
  const t = stridedView(room, { shape: size, strides: stride, offset: 0 }, "emptyStrided");
  return options.requiresGrad ? t.requiresGrad_() : t;
}
