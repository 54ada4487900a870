import type { Tensor } from "../../tensor.ts";
import { kaimingUniform_, uniform_ } from "../init.ts";

/**
 * What Linear and the convolutions start from: kaiming uniform with a = √5, which is a bound of 1/√fanIn, for weights as for
 * biases.
 */
export function likeLinear_(weight: Tensor, bias: Tensor | null): void {
  kaimingUniform_(weight, { a: Math.sqrt(5) });
  if (!bias) return;
  const fanIn = weight.shape.slice(1).reduce((product, size) => product * size, 1);
  const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
  uniform_(bias, -bound, bound);
}
