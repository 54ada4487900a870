/**
 * Stands in for tensor.ts in the entries `tapegrad/slim`. No bundler can tell which methods of a class a program calls, so
 * a class with all of them keeps the whole library in every bundle. This one has the families that the library itself
 * calls: arithmetic, functions, comparisons, sums, shapes and autograd. All else is there as functions, which bundlers
 * drop where they are not imported. tsconfig.slim.json checks the whole library against this class.
 */
import { resultClass, setTensorClass } from "./core/dispatch.ts";
import { AutogradMethods } from "./methods/autograd.ts";

/**
 * A multi-dimensional array whose operations are recorded, so that gradients can be taken. It has the methods of
 * arithmetic, functions, comparisons, sums, shapes and autograd; what the Tensor of `tapegrad` has beyond these
 * (`x.max(1)`, `x.svd()`, `x.sqrt_()`) is a function here, if anything: `max(x, 1)`.
 * @example
 * const x = tensor([1, 2, 3], { requiresGrad: true });
 * x.pow(2).mean().backward();
 * String(x.grad); // "tensor([0.6667, 1.3333, 2.0000])"
 */
export class Tensor extends AutogradMethods {}

setTensorClass(resultClass(Tensor));
