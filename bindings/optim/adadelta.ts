import { TensorError } from "../core/errors.ts";
import type { Tensor } from "../tensor.ts";
import { stateLike } from "./gradient.ts";
import { atLeastZero, type ParamGroup, type ParamState, type Params } from "./optimizer.ts";
import { StepwiseOptimizer } from "./stepwise.ts";

export interface AdadeltaOptions {
  /** Factor of the step, at least 0. Default 1. */
  lr?: number;
  /** How much of the running means is kept, 0 to 1. Default 0.9. */
  rho?: number;
  /** Added under the roots. Default 1e-6. */
  eps?: number;
  /** Strength of the pull towards 0. Default 0. */
  weightDecay?: number;
  /** Climb instead of descending. */
  maximize?: boolean;
}

interface State extends ParamState {
  step: number;
  square_avg: Tensor;
  acc_delta: Tensor;
}

/**
 * Adadelta: s = ρ s + (1 − ρ) g²; δ = √(a + eps) / √(s + eps) · g; a = ρ a + (1 − ρ) δ²; p −= lr · δ. State: `step`,
 * `square_avg`, `acc_delta`.
 * @throws {TensorError} settings out of range
 * @see PyTorch torch.optim.Adadelta; Zeiler 2012, arXiv:1212.5701
 * @example new optim.Adadelta(new nn.Linear(2, 1).parameters())
 */
export class Adadelta extends StepwiseOptimizer {
  constructor(params: Params, options: AdadeltaOptions = {}) {
    super(params, { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0, maximize: false, ...options });
  }

  protected override check(group: ParamGroup): void {
    super.check(group);
    const { rho, eps } = group as unknown as Required<AdadeltaOptions>;
    if (!(rho >= 0 && rho <= 1)) throw new TensorError(`Invalid rho value: ${rho}`);
    atLeastZero("epsilon value", eps);
  }

  protected start(p: Tensor): ParamState {
    return { step: 0, square_avg: stateLike(p), acc_delta: stateLike(p) } satisfies State;
  }

  protected move(p: Tensor, g: Tensor, state: ParamState, group: ParamGroup): void {
    const { lr, rho, eps } = group as unknown as Required<AdadeltaOptions>;
    const { square_avg: s, acc_delta: a } = state as State;
    (state as State).step++;
    s.mul_(rho).addcmul_(g, g, { value: 1 - rho });
    const delta = a.add(eps).sqrt().div_(s.add(eps).sqrt()).mul_(g);
    a.mul_(rho).addcmul_(delta, delta, { value: 1 - rho });
    p.add_(delta, { alpha: -lr });
  }
}
