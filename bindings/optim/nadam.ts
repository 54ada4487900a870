import type { Tensor } from "../tensor.ts";
import { stateLike } from "./gradient.ts";
import { atLeastZero, checkBetas, type ParamGroup, type ParamState, type Params } from "./optimizer.ts";
import { StepwiseOptimizer } from "./stepwise.ts";

export interface NAdamOptions {
  /** Learning rate, at least 0. Default 2e-3. */
  lr?: number;
  /** How much of the running means of gradient and squared gradient is kept. Default [0.9, 0.999]. */
  betas?: readonly [number, number];
  /** Added to the denominator. Default 1e-8. */
  eps?: number;
  /** Strength of the pull towards 0. Default 0. */
  weightDecay?: number;
  /** How fast the momentum grows towards β₁. Default 4e-3. */
  momentumDecay?: number;
  /** Climb instead of descending. */
  maximize?: boolean;
}

interface State extends ParamState {
  step: number;
  mu_product: number;
  exp_avg: Tensor;
  exp_avg_sq: Tensor;
}

/**
 * Adam with Nesterov's momentum: μₜ = β₁ (1 − ½ · 0.96^(t · momentumDecay)), Mₜ = Π μ; d = √(v / (1 − β₂ᵗ)) + eps;
 * p −= lr (1 − μₜ) / (1 − Mₜ) · g / d + lr μₜ₊₁ / (1 − Mₜ μₜ₊₁) · m / d, m and v as in Adam. State: `step`, `mu_product`,
 * `exp_avg`, `exp_avg_sq`.
 * @throws {TensorError} settings out of range
 * @see PyTorch torch.optim.NAdam; Dozat 2016, "Incorporating Nesterov momentum into Adam"
 * @example new optim.NAdam(new nn.Linear(2, 1).parameters())
 */
export class NAdam extends StepwiseOptimizer {
  constructor(params: Params, options: NAdamOptions = {}) {
    super(params, {
      lr: 2e-3,
      betas: [0.9, 0.999],
      eps: 1e-8,
      weightDecay: 0,
      momentumDecay: 4e-3,
      maximize: false,
      ...options,
    });
  }

  protected override check(group: ParamGroup): void {
    super.check(group);
    const { betas, eps, momentumDecay } = group as unknown as Required<NAdamOptions>;
    atLeastZero("epsilon value", eps);
    checkBetas(betas);
    atLeastZero("momentum_decay value", momentumDecay);
  }

  protected start(p: Tensor): ParamState {
    return { step: 0, mu_product: 1, exp_avg: stateLike(p), exp_avg_sq: stateLike(p) } satisfies State;
  }

  protected move(p: Tensor, g: Tensor, state: ParamState, group: ParamGroup): void {
    const { lr, betas, eps, momentumDecay } = group as unknown as Required<NAdamOptions>;
    const [beta1, beta2] = betas;
    const own = state as State;
    const { exp_avg: m, exp_avg_sq: v } = own;
    const momentum = (step: number): number => beta1 * (1 - 0.5 * 0.96 ** (step * momentumDecay));
    const mu = momentum(++own.step);
    const next = momentum(own.step + 1);
    own.mu_product *= mu;
    m.mul_(beta1).add_(g, { alpha: 1 - beta1 });
    v.mul_(beta2).addcmul_(g, g, { value: 1 - beta2 });
    const scale = v
      .div(1 - beta2 ** own.step)
      .sqrt()
      .add_(eps);
    p.addcdiv_(g, scale, { value: (-lr * (1 - mu)) / (1 - own.mu_product) });
    p.addcdiv_(m, scale, { value: (-lr * next) / (1 - own.mu_product * next) });
  }
}
