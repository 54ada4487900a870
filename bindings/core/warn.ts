/** Warnings are given once per kind, as Python's are. */
const given: Set<string> = new Set();

export function warnOnce(kind: string, message: string): void {
  if (given.has(kind)) return;
  given.add(kind);
  console.warn(message);
}

/** Lets every warning be given once more. */
export function resetWarnings(): void {
  given.clear();
}

/** PyTorch's text. */
export const NON_LEAF_GRAD: string =
  "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute won't be populated during " +
  "autograd.backward(). If you indeed want the .grad field to be populated for a non-leaf Tensor, use .retainGrad() on the " +
  "non-leaf Tensor. If you access the non-leaf Tensor by mistake, make sure you access the leaf Tensor instead.";
