import type { Tensor } from "../tensor.ts";
import { stateLike } from "./gradient.ts";
import { atLeastZero, type ParamGroup, type ParamState, type Params } from "./optimizer.ts";
import { StepwiseOptimizer } from "./stepwise.ts";

export interface RMSpropOptions {
  /** Learning rate, at least 0. Default 0.01. */
  lr?: number;
  /** How much of the running means is kept. Default 0.99. */
  alpha?: number;
  /** Added to the denominator. Default 1e-8. */
  eps?: number;
  /** Strength of the pull towards 0. Default 0. */
  weightDecay?: number;
  /** Share of the last step that is kept. Default 0. */
  momentum?: number;
  /** Divide by the deviation of the gradient rather than by the root of its mean square. */
  centered?: boolean;
  /** Climb instead of descending. */
  maximize?: boolean;
}

interface State extends ParamState {
  step: number;
  square_avg: Tensor;
  grad_avg?: Tensor;
  momentum_buffer?: Tensor;
}

/**
 * RMSprop: v = α v + (1 − α) g²; p −= lr · g / (√v + eps). Centered, v − a² stands under the root, a = α a + (1 − α) g; with
 * momentum, buf = momentum · buf + g / d and p −= lr · buf. State: `step`, `square_avg`, `grad_avg`, `momentum_buffer`.
 * @throws {TensorError} settings out of range
 * @see PyTorch torch.optim.RMSprop; Tieleman & Hinton 2012, lecture 6.5; centered: Graves 2013, arXiv:1308.0850
 * @example new optim.RMSprop(new nn.Linear(2, 1).parameters(), { lr: 0.01 })
 */
export class RMSprop extends StepwiseOptimizer {
  constructor(params: Params, options: RMSpropOptions = {}) {
    super(params, {
      lr: 0.01,
      alpha: 0.99,
      eps: 1e-8,
      weightDecay: 0,
      momentum: 0,
      centered: false,
      maximize: false,
      ...options,
    });
  }

  protected override check(group: ParamGroup): void {
    super.check(group);
    const { alpha, eps, momentum } = group as unknown as Required<RMSpropOptions>;
    atLeastZero("epsilon value", eps);
    atLeastZero("momentum value", momentum);
    atLeastZero("alpha value", alpha);
  }

  protected start(p: Tensor, { momentum, centered }: ParamGroup): ParamState {
    const state: State = { step: 0, square_avg: stateLike(p) };
    if (momentum) state.momentum_buffer = stateLike(p);
    if (centered) state.grad_avg = stateLike(p);
    return state;
  }

  protected move(p: Tensor, g: Tensor, state: ParamState, group: ParamGroup): void {
    const { lr, alpha, eps, momentum } = group as unknown as Required<RMSpropOptions>;
    const { square_avg: v, grad_avg: a, momentum_buffer: buffer } = state as State;
    (state as State).step++;
    v.mul_(alpha).addcmul_(g, g, { value: 1 - alpha });
    a?.mul_(alpha).add_(g, { alpha: 1 - alpha });
    const scale = (a ? v.addcmul(a, a, { value: -1 }) : v).sqrt().add_(eps);
    if (buffer && momentum) p.add_(buffer.mul_(momentum).addcdiv_(g, scale), { alpha: -lr });
    else p.addcdiv_(g, scale, { value: -lr });
  }
}
