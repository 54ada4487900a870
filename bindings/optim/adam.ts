import { recorder } from "../core/recording.ts";
import { core } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { DECOUPLED, fusedStep, MAXIMIZE } from "./fused.ts";
import { hasGradient, stateLike } from "./gradient.ts";
import { atLeastZero, checkBetas, Optimizer, type ParamGroup, type Params } from "./optimizer.ts";

export interface AdamOptions {
  /** Learning rate, at least 0. Default 1e-3. */
  lr?: number;
  /** How much of the running means of gradient and squared gradient is kept, each in [0, 1). Default [0.9, 0.999]. */
  betas?: readonly [number, number];
  /** Added to the root in the denominator. Default 1e-8. */
  eps?: number;
  /** Strength of the pull towards 0, at least 0. Default 0, 0.01 for AdamW. */
  weightDecay?: number;
  /** Divide by the largest running mean so far. */
  amsgrad?: boolean;
  /** Climb instead of descending. */
  maximize?: boolean;
}

interface AdamState {
  step: number;
  exp_avg: Tensor;
  exp_avg_sq: Tensor;
  max_exp_avg_sq?: Tensor;
}

/**
 * Adam: m = β₁ m + (1 − β₁) g; v = β₂ v + (1 − β₂) g²; p −= lr / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + eps), with
 * g = ∇ + weightDecay · p. State: `step`, `exp_avg`, `exp_avg_sq` and, with amsgrad, `max_exp_avg_sq`.
 * @throws {TensorError} settings out of range
 * @see PyTorch torch.optim.Adam; Kingma & Ba 2015, arXiv:1412.6980v9
 * @example
 * const model = new nn.Linear(2, 1);
 * const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
 */
export class Adam extends Optimizer {
  /** Weight decay acts on the parameters directly instead of by way of the gradient. */
  protected readonly decoupled: boolean = false;

  constructor(params: Params, options: AdamOptions = {}) {
    super(params, {
      lr: 1e-3,
      betas: [0.9, 0.999],
      eps: 1e-8,
      weightDecay: 0,
      amsgrad: false,
      maximize: false,
      ...options,
    });
  }

  protected override check(group: ParamGroup): void {
    super.check(group);
    const { betas, eps } = group as unknown as Required<AdamOptions>;
    atLeastZero("epsilon value", eps);
    checkBetas(betas);
  }

  protected override get isFused(): boolean {
    return true;
  }

  protected update(group: ParamGroup): void {
    const own = group as unknown as Required<AdamOptions>;
    for (const p of group.params) {
      if (!hasGradient(p)) continue;
      const entry = this.entryOf(p, own.amsgrad);
      const largest = entry.max_exp_avg_sq;
      recorder?.guard(() => (this.state.get(p) as unknown) === entry && (!own.amsgrad || largest !== undefined));
      const settings = (): readonly number[] => {
        const { lr, betas, eps, weightDecay, maximize } = own;
        const [beta1, beta2] = betas;
        const step = ++entry.step;
        const flags = (maximize ? MAXIMIZE : 0) | (this.decoupled ? DECOUPLED : 0);
        return [lr, beta1, beta2, eps, weightDecay, 1 - beta1 ** step, Math.sqrt(1 - beta2 ** step), flags];
      };
      fusedStep(p, [entry.exp_avg, entry.exp_avg_sq, largest], settings, core.adamStep);
    }
  }

  private entryOf(p: Tensor, amsgrad: boolean): AdamState {
    let entry = this.state.get(p) as unknown as AdamState | undefined;
    if (!entry) {
      entry = { step: 0, exp_avg: stateLike(p), exp_avg_sq: stateLike(p) };
      this.state.set(p, entry as unknown as Record<string, unknown>);
    }
    if (amsgrad) entry.max_exp_avg_sq ??= stateLike(p);
    return entry;
  }
}
