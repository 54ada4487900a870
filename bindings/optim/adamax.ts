import type { Tensor } from "../tensor.ts";
import { stateLike } from "./gradient.ts";
import { atLeastZero, checkBetas, type ParamGroup, type ParamState, type Params } from "./optimizer.ts";
import { StepwiseOptimizer } from "./stepwise.ts";

export interface AdamaxOptions {
  /** Learning rate, at least 0. Default 2e-3. */
  lr?: number;
  /** How much of the running mean and of the running maximum is kept. Default [0.9, 0.999]. */
  betas?: readonly [number, number];
  /** Added to the size of the gradient. Default 1e-8. */
  eps?: number;
  /** Strength of the pull towards 0. Default 0. */
  weightDecay?: number;
  /** Climb instead of descending. */
  maximize?: boolean;
}

interface State extends ParamState {
  step: number;
  exp_avg: Tensor;
  exp_inf: Tensor;
}

/**
 * Adamax: m = β₁ m + (1 − β₁) g; u = max(β₂ u, |g| + eps); p −= lr / (1 − β₁ᵗ) · m / u. State: `step`, `exp_avg`, `exp_inf`.
 * @throws {TensorError} settings out of range
 * @see PyTorch torch.optim.Adamax; Kingma & Ba 2015, arXiv:1412.6980v9, section 7.1
 * @example new optim.Adamax(new nn.Linear(2, 1).parameters())
 */
export class Adamax extends StepwiseOptimizer {
  constructor(params: Params, options: AdamaxOptions = {}) {
    super(params, { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, maximize: false, ...options });
  }

  protected override check(group: ParamGroup): void {
    super.check(group);
    const { betas, eps } = group as unknown as Required<AdamaxOptions>;
    atLeastZero("epsilon value", eps);
    checkBetas(betas);
  }

  protected start(p: Tensor): ParamState {
    return { step: 0, exp_avg: stateLike(p), exp_inf: stateLike(p) } satisfies State;
  }

  protected move(p: Tensor, g: Tensor, state: ParamState, group: ParamGroup): void {
    const { lr, betas, eps } = group as unknown as Required<AdamaxOptions>;
    const { exp_avg: m, exp_inf: u } = state as State;
    const step = ++(state as State).step;
    m.mul_(betas[0]).add_(g, { alpha: 1 - betas[0] });
    u.copy_(u.mul(betas[1]).maximum(g.abs().add_(eps)));
    p.addcdiv_(m, u, { value: -lr / (1 - betas[0] ** step) });
  }
}
