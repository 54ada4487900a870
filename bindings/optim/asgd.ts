import type { Tensor } from "../tensor.ts";
import { stateLike } from "./gradient.ts";
import type { ParamGroup, ParamState, Params } from "./optimizer.ts";
import { StepwiseOptimizer } from "./stepwise.ts";

export interface ASGDOptions {
  /** Learning rate, at least 0. Default 0.01. */
  lr?: number;
  /** How fast parameters and the learning rate decay. Default 1e-4. */
  lambd?: number;
  /** Power with which the learning rate decays. Default 0.75. */
  alpha?: number;
  /** The step at which averaging begins. Default 1e6. */
  t0?: number;
  /** Strength of the pull towards 0. Default 0. */
  weightDecay?: number;
  /** Climb instead of descending. */
  maximize?: boolean;
}

interface State extends ParamState {
  step: number;
  eta: number;
  mu: number;
  ax: Tensor;
}

/**
 * Averaged stochastic gradient descent: p *= 1 − lambd · η; p −= η · g; ax is the mean of p from step t0 on, and p before;
 * η = lr / (1 + lambd · lr · t)^alpha. State: `step`, `eta`, `mu`, `ax`.
 * @throws {TensorError} settings out of range
 * @see PyTorch torch.optim.ASGD; Polyak & Juditsky 1992, doi:10.1137/0330046
 * @example new optim.ASGD(new nn.Linear(2, 1).parameters(), { t0: 100 })
 */
export class ASGD extends StepwiseOptimizer {
  constructor(params: Params, options: ASGDOptions = {}) {
    super(params, { lr: 0.01, lambd: 1e-4, alpha: 0.75, t0: 1e6, weightDecay: 0, maximize: false, ...options });
  }

  protected start(p: Tensor, { lr }: ParamGroup): ParamState {
    return { step: 0, eta: lr, mu: 1, ax: stateLike(p) } satisfies State;
  }

  protected move(p: Tensor, g: Tensor, state: ParamState, group: ParamGroup): void {
    const { lr, lambd, alpha, t0 } = group as unknown as Required<ASGDOptions>;
    const own = state as State;
    own.step++;
    p.mul_(1 - lambd * own.eta).add_(g, { alpha: -own.eta });
    if (own.mu === 1) own.ax.copy_(p);
    else own.ax.add_(p.sub(own.ax), { alpha: own.mu });
    own.eta = lr / (1 + lambd * lr * own.step) ** alpha;
    own.mu = 1 / Math.max(1, own.step - t0);
  }
}
