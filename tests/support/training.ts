import { type Tensor, tensor } from "../../bindings/index.ts";

/** What the tests use of an optimizer. */
export interface Trainer {
  zeroGrad(): void;
  step(): unknown;
}

/**
 * Three parameters after eight steps on sum([1, 2, 3]·p² + p), whose gradient neither vanishes nor stays in proportion to
 * them.
 */
export function trained(make: (params: Tensor[]) => Trainer, steps = 8): Tensor {
  const p = tensor([1, -2, 0.5], { requiresGrad: true });
  const optimizer = make([p]);
  for (let i = 0; i < steps; i++) trainingStep(optimizer, p);
  return p;
}

/** One of those steps. */
export function trainingStep(optimizer: Trainer, p: Tensor): void {
  optimizer.zeroGrad();
  p.mul(p)
    .mul(tensor([1, 2, 3]))
    .add(p)
    .sum()
    .backward();
  optimizer.step();
}
