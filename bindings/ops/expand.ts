/** Views in which sizes of 1 are stretched. */
import { Op } from "../../assembly/abi/op.ts";
import { defineRule } from "../autograd/rules.ts";
import { shapeOf } from "../core/args.ts";
import { ShapeError } from "../core/errors.ts";
import type { Tensor } from "../tensor.ts";
import { broadcastShapes, shapeText } from "./geometry.ts";
import { makeView, type Sizes } from "./view.ts";

/**
 * Sizes of 1 stretched to others, without copying; -1 keeps a size. The gradient is summed over what was stretched.
 * @throws {ShapeError} a size other than 1 that would have to change
 * @example tensor([[1], [2]]).expand(2, 3).tolist() // [[1, 1, 1], [2, 2, 2]]
 */
export function expand(input: Tensor, ...size: Sizes): Tensor {
  const wanted = shapeOf(size, "expand");
  const { shape } = input;
  const strides = input.stride();
  const missing = wanted.length - shape.length;
  if (missing < 0) {
    throw new ShapeError(
      `expand: the number of sizes provided (${wanted.length}) must be greater or equal to the number of dimensions in the ` +
        `tensor (${shape.length}); got ${shapeText(wanted)} for a tensor of shape ${shapeText(shape)}`,
    );
  }
  const sizes = wanted.map((s, i) => stretched(s, i < missing ? null : shape[i - missing], i, wanted, shape));
  const steps = sizes.map((s, i) => (i < missing || (shape[i - missing] === 1 && s !== 1) ? 0 : strides[i - missing]));
  return makeView(Op.Expand, input, sizes, steps, 0, [], "expand");
}

/** One size of the result; `own` is null where the tensor has no dimension. */
function stretched(
  size: number,
  own: number | null,
  dim: number,
  wanted: readonly number[],
  shape: readonly number[],
): number {
  if (size === -1) {
    if (own !== null) return own;
    throw new ShapeError(
      `expand: The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension ${dim}`,
    );
  }
  if (size < 0 || (size !== own && own !== 1 && own !== null)) {
    throw new ShapeError(
      `The expanded size of the tensor (${size}) must match the existing size (${own}) at non-singleton dimension ${dim}.  ` +
        `Target sizes: ${shapeText(wanted)}.  Tensor sizes: ${shapeText(shape)}`,
    );
  }
  return size;
}

/** expand to the shape of `other`. */
export function expandAs(input: Tensor, other: Tensor): Tensor {
  return expand(input, other.shape);
}

/** The tensor stretched to shape `size`. @example broadcastTo(arange(2), [3, 2]).shape // [3, 2] */
export function broadcastTo(input: Tensor, size: readonly number[]): Tensor {
  return expand(input, size);
}

/**
 * All tensors stretched to the shape that they broadcast to.
 * @throws {ShapeError} shapes that do not fit
 * @example broadcastTensors(zeros(2, 1), zeros(3)).map((t) => t.shape) // [[2, 3], [2, 3]]
 */
export function broadcastTensors(...tensors: (Tensor | readonly Tensor[])[]): Tensor[] {
  const list = tensors.flat() as Tensor[];
  const shape = broadcastShapes(...list.map((t) => t.shape));
  return list.map((t) => expand(t, shape));
}

// The walk sums over what was stretched.
defineRule(Op.Expand, (g) => [g]);
