/** A tensor that becomes another: changes of shape in place. */
import { Op } from "../../assembly/abi/op.ts";
import { noGrad } from "../autograd/mode.ts";
import { checkSizes, shapeOf } from "../core/args.ts";
import { GradError } from "../core/errors.ts";
import { renamed } from "../core/names.ts";
import type { Tensor } from "../tensor.ts";
import { zeros } from "./creation.ts";
import { product, rowMajor } from "./geometry.ts";
import { copy_ } from "./inplace.ts";
import { narrow } from "./slice.ts";
import { capacityOf } from "./strided.ts";
import { makeView, reshape, type Sizes } from "./view.ts";

/** The wrapper shows another record from now on. */
function become(target: Tensor, other: Tensor): Tensor {
  target._p = other._p;
  target._g = other._g;
  target._token = other._token;
  return target;
}

/** @internal The tensor itself becomes a view of what it was. `name`: that of the view's node. */
export function becomeView(target: Tensor, name: string, view: (input: Tensor) => Tensor): Tensor {
  if (target.requiresGrad && target.isLeaf) {
    throw new GradError("a leaf Variable that requires grad is being used in an in-place operation.");
  }
  return become(target, renamed(view(target), name));
}

/**
 * Gives the tensor another size, in place. Elements stay in their order; those that are new are undefined (zeros here).
 * @throws {GradError} a tensor that requires grad
 * @example tensor([1, 2, 3]).resize_(2).tolist() // [1, 2]
 */
export function resize_(input: Tensor, ...sizes: Sizes): Tensor {
  if (input.requiresGrad) throw new GradError("cannot resize variables that require grad");
  const shape = shapeOf(sizes, "resize_");
  checkSizes(shape, "resize_");
  const numel = product(shape);
  if (numel <= capacityOf(input) - input.storageOffset()) {
    return become(input, makeView(Op.AsStrided, input, shape, rowMajor(shape), 0, [], "resize_"));
  }
  return noGrad(() => {
    const larger = zeros(shape, { dtype: input.dtype });
    const count = input.numel();
    copy_(narrow(reshape(larger, [numel]), 0, 0, count), reshape(input, [count]));
    return become(input, larger);
  });
}

/** `resize_` to the size of another tensor. */
export function resizeAs_(input: Tensor, theTemplate: Tensor): Tensor {
  return resize_(input, theTemplate.shape);
}
