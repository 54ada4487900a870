import { noGrad, type Tensor } from "../../bindings/index.ts";

/** Which of an op's tensors its node keeps for backward, found by changing each in place and walking back. */
export interface Saved {
  input: boolean;
  result: boolean;
}

const MODIFIED = /one of the variables needed for gradient computation has been modified by an inplace operation/;

/** Runs `op` on copies of `leaf` and tells which in-place changes its backward objects to. */
export function savedBy(leaf: Tensor, op: (input: Tensor) => Tensor): Saved {
  const objects = (change: (input: Tensor, result: Tensor) => Tensor): boolean => {
    const input = leaf.clone();
    const result = op(input);
    const root = result.sum();
    noGrad(() => change(input, result));
    try {
      root.backward();
    } catch (error) {
      if (MODIFIED.test((error as Error).message)) return true;
      throw error;
    }
    return false;
  };
  return { input: objects((input) => input.add_(1)), result: objects((_, result) => result.add_(1)) };
}
