import type { Tensor } from "../tensor.ts";
import { stateLike } from "./gradient.ts";
import { atLeastZero, type ParamGroup, type ParamState, type Params } from "./optimizer.ts";
import { StepwiseOptimizer } from "./stepwise.ts";

export interface AdagradOptions {
  /** Learning rate, at least 0. Default 0.01. */
  lr?: number;
  /** How fast the learning rate shrinks. Default 0. */
  lrDecay?: number;
  /** Strength of the pull towards 0. Default 0. */
  weightDecay?: number;
  /** What the sum of squares starts from. Default 0. */
  initialAccumulatorValue?: number;
  /** Added to the denominator. Default 1e-10. */
  eps?: number;
  /** Climb instead of descending. */
  maximize?: boolean;
}

interface State extends ParamState {
  step: number;
  sum: Tensor;
}

/**
 * Adagrad: s += g²; p −= lr / (1 + (t − 1) · lrDecay) · g / (√s + eps). State: `step`, `sum`.
 * @throws {TensorError} settings out of range
 * @see PyTorch torch.optim.Adagrad; Duchi, Hazan & Singer 2011, "Adaptive subgradient methods for online learning"
 * @example new optim.Adagrad(new nn.Linear(2, 1).parameters(), { lr: 0.1 })
 */
export class Adagrad extends StepwiseOptimizer {
  constructor(params: Params, options: AdagradOptions = {}) {
    super(params, {
      lr: 0.01,
      lrDecay: 0,
      weightDecay: 0,
      initialAccumulatorValue: 0,
      eps: 1e-10,
      maximize: false,
      ...options,
    });
  }

  protected override check(group: ParamGroup): void {
    super.check(group);
    const { lrDecay, initialAccumulatorValue, eps } = group as unknown as Required<AdagradOptions>;
    atLeastZero("lr_decay value", lrDecay);
    atLeastZero("initial_accumulator_value value", initialAccumulatorValue);
    atLeastZero("epsilon value", eps);
  }

  protected start(p: Tensor, { initialAccumulatorValue }: ParamGroup): ParamState {
    return { step: 0, sum: stateLike(p, initialAccumulatorValue as number) } satisfies State;
  }

  protected move(p: Tensor, g: Tensor, state: ParamState, group: ParamGroup): void {
    const { lr, lrDecay, eps } = group as unknown as Required<AdagradOptions>;
    const { sum } = state as State;
    const rate = lr / (1 + (state as State).step++ * lrDecay);
    sum.addcmul_(g, g);
    p.addcdiv_(g, sum.sqrt().add_(eps), { value: -rate });
  }
}
