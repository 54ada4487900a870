/** The class that users see: a chain of method families (methods/), one file each. tensor.slim.ts has fewer of them. */
import { resultClass, setTensorClass } from "./core/dispatch.ts";
import { LinalgMethods } from "./methods/linalg.ts";

/**
 * A multi-dimensional array whose operations are recorded, so that gradients can be taken. Made by `tensor`, `zeros`,
 * `randn` and the like; printed as PyTorch prints it.
 * @example
 * const x = tensor([1, 2, 3], { requiresGrad: true });
 * x.pow(2).mean().backward();
 * String(x.grad); // "tensor([0.6667, 1.3333, 2.0000])"
 */
export class Tensor extends LinalgMethods {}

setTensorClass(resultClass(Tensor));
