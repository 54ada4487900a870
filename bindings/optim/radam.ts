import type { Tensor } from "../tensor.ts";
import { stateLike } from "./gradient.ts";
import { atLeastZero, checkBetas, type ParamGroup, type ParamState, type Params } from "./optimizer.ts";
import { StepwiseOptimizer } from "./stepwise.ts";

export interface RAdamOptions {
  /** Learning rate, at least 0. Default 1e-3. */
  lr?: number;
  /** How much of the running means of gradient and squared gradient is kept. Default [0.9, 0.999]. */
  betas?: readonly [number, number];
  /** Added to the root in the denominator. Default 1e-8. */
  eps?: number;
  /** Strength of the pull towards 0. Default 0. */
  weightDecay?: number;
  /** Climb instead of descending. */
  maximize?: boolean;
}

interface State extends ParamState {
  step: number;
  exp_avg: Tensor;
  exp_avg_sq: Tensor;
}

/**
 * Rectified Adam: while the variance of v is not yet known well (ρₜ ≤ 5) a step with momentum alone, p −= lr · m̂, and then
 * p −= lr · r · m̂ · √(1 − β₂ᵗ) / (√v + eps), where m̂ = m / (1 − β₁ᵗ), ρ∞ = 2 / (1 − β₂) − 1,
 * ρₜ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ) and r² = (ρₜ − 4)(ρₜ − 2) ρ∞ / ((ρ∞ − 4)(ρ∞ − 2) ρₜ). State: `step`, `exp_avg`, `exp_avg_sq`.
 * @throws {TensorError} settings out of range
 * @see PyTorch torch.optim.RAdam; Liu et al. 2020, arXiv:1908.03265
 * @example new optim.RAdam(new nn.Linear(2, 1).parameters())
 */
export class RAdam extends StepwiseOptimizer {
  constructor(params: Params, options: RAdamOptions = {}) {
    super(params, { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, maximize: false, ...options });
  }

  protected override check(group: ParamGroup): void {
    super.check(group);
    const { betas, eps } = group as unknown as Required<RAdamOptions>;
    atLeastZero("epsilon value", eps);
    checkBetas(betas);
  }

  protected start(p: Tensor): ParamState {
    return { step: 0, exp_avg: stateLike(p), exp_avg_sq: stateLike(p) } satisfies State;
  }

  protected move(p: Tensor, g: Tensor, state: ParamState, group: ParamGroup): void {
    const { lr, betas, eps } = group as unknown as Required<RAdamOptions>;
    const [beta1, beta2] = betas;
    const { exp_avg: m, exp_avg_sq: v } = state as State;
    const step = ++(state as State).step;
    m.mul_(beta1).add_(g, { alpha: 1 - beta1 });
    v.mul_(beta2).addcmul_(g, g, { value: 1 - beta2 });
    const rate = lr / (1 - beta1 ** step);
    const correction2 = 1 - beta2 ** step;
    const limit = 2 / (1 - beta2) - 1;
    const rho = limit - (2 * step * beta2 ** step) / correction2;
    if (rho > 5) {
      const r = Math.sqrt(((rho - 4) * (rho - 2) * limit) / ((limit - 4) * (limit - 2) * rho));
      p.addcdiv_(m, v.sqrt().add_(eps), { value: -rate * r * Math.sqrt(correction2) });
    } else {
      p.add_(m, { alpha: -rate });
    }
  }
}
