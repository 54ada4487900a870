import { TensorError } from "../core/errors.ts";
import { where } from "../ops/where.ts";
import type { Tensor } from "../tensor.ts";
import { stateLike } from "./gradient.ts";
import type { ParamGroup, ParamState, Params } from "./optimizer.ts";
import { StepwiseOptimizer } from "./stepwise.ts";

export interface RpropOptions {
  /** The first step, at least 0. Default 0.01. */
  lr?: number;
  /** Factors of the step where the gradient's sign changes and where it stays. Default [0.5, 1.2]. */
  etas?: readonly [number, number];
  /** The smallest and the largest step. Default [1e-6, 50]. */
  stepSizes?: readonly [number, number];
  /** Climb instead of descending. */
  maximize?: boolean;
}

interface State extends ParamState {
  step: number;
  prev: Tensor;
  step_size: Tensor;
}

/**
 * Resilient backpropagation: of the gradient only the sign counts. Where it is that of the step before, the step grows by
 * etas[1]; where it changes, the step shrinks by etas[0] and is left out. State: `step`, `prev`, `step_size`.
 * @throws {TensorError} settings out of range
 * @see PyTorch torch.optim.Rprop; Riedmiller & Braun 1993, "A direct adaptive method for faster backpropagation learning"
 * @example new optim.Rprop(new nn.Linear(2, 1).parameters())
 */
export class Rprop extends StepwiseOptimizer {
  constructor(params: Params, options: RpropOptions = {}) {
    super(params, { lr: 0.01, etas: [0.5, 1.2], stepSizes: [1e-6, 50], maximize: false, ...options });
  }

  protected override check(group: ParamGroup): void {
    super.check(group);
    const [less, more] = (group as unknown as Required<RpropOptions>).etas;
    if (!(less > 0 && less < 1 && more > 1)) throw new TensorError(`Invalid eta values: ${less}, ${more}`);
  }

  protected start(p: Tensor, { lr }: ParamGroup): ParamState {
    return { step: 0, prev: stateLike(p), step_size: stateLike(p, lr) } satisfies State;
  }

  protected move(p: Tensor, g: Tensor, state: ParamState, group: ParamGroup): void {
    const { etas, stepSizes } = group as unknown as Required<RpropOptions>;
    const { prev, step_size: size } = state as State;
    (state as State).step++;
    const agreement = g.mul(prev);
    const turned = agreement.lt(0);
    const factors = where(turned, etas[0], where(agreement.gt(0), etas[1], 1));
    size.copy_(size.mul(factors).clamp(stepSizes[0], stepSizes[1]));
    const counted = where(turned, 0, g);
    p.addcmul_(counted.sign(), size, { value: -1 });
    prev.copy_(counted);
  }
}
