/** All parameters as one vector, and back. */
import { noGrad } from "../../autograd/mode.ts";
import { ShapeError } from "../../core/errors.ts";
import { cat } from "../../ops/cat.ts";
import type { Tensor } from "../../tensor.ts";

/** The elements of all parameters, one after the other; gradients pass. @example nn.utils.parametersToVector([ones(2), ones(1)]).shape // [3] */
export function parametersToVector(parameters: Iterable<Tensor>): Tensor {
  return cat([...parameters].map((p) => p.reshape([-1])));
}

/**
 * Copies the elements of a vector into the parameters, in their order.
 * @throws {ShapeError} their number differs
 * @example
 * const layer = new nn.Linear(2, 1);
 * nn.utils.vectorToParameters(tensor([1, 2, 3]), layer.parameters());
 * layer.weight.tolist(); // [[1, 2]]
 */
export function vectorToParameters(vector: Tensor, parameters: Iterable<Tensor>): void {
  const all = [...parameters];
  const count = all.reduce((sum, p) => sum + p.numel(), 0);
  if (vector.ndim !== 1 || vector.numel() !== count) {
    throw new ShapeError(
      `vectorToParameters: expected a vector of ${count} elements, got shape [${vector.shape.join(", ")}]`,
    );
  }
  noGrad(() => {
    let start = 0;
    for (const p of all) {
      const length = p.numel();
      p.copy_(vector.narrow(0, start, length).reshape(p.shape));
      start += length;
    }
  });
}
