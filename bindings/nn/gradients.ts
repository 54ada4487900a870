import type { Tensor } from "../tensor.ts";

/** @internal Makes the gradient of a leaf null, or fills it with zeros; it loses its graph either way. */
export function clearGradient(leaf: Tensor, setToNone: boolean): void {
  if (setToNone) {
    leaf.dropGrad();
    return;
  }
  const { grad } = leaf;
  if (!grad) return;
  if (grad.requiresGrad) {
    leaf.grad = grad.detach();
    leaf.grad.zero_();
  } else {
    grad.zero_();
  }
}
