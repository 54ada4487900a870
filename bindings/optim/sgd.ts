import { TensorError } from "../core/errors.ts";
import { recorder } from "../core/recording.ts";
import { core } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { FIRST_STEP, fusedStep, MAXIMIZE, NESTEROV } from "./fused.ts";
import { hasGradient, stateLike } from "./gradient.ts";
import { atLeastZero, Optimizer, type ParamGroup, type Params } from "./optimizer.ts";

export interface SGDOptions {
  /** Learning rate, at least 0. Default 1e-3. */
  lr?: number;
  /** Share of the last step that is kept, at least 0. Default 0. */
  momentum?: number;
  /** Share of the gradient that momentum leaves out. Default 0. */
  dampening?: number;
  /** Strength of the pull towards 0, at least 0. Default 0. */
  weightDecay?: number;
  nesterov?: boolean;
  /** Climb instead of descending. */
  maximize?: boolean;
}

/**
 * Stochastic gradient descent: g = ∇ + weightDecay · p; buf = momentum · buf + (1 − dampening) · g, g at the first step;
 * p −= lr · (nesterov ? g + momentum · buf : buf). State: `momentum_buffer`.
 *
 * The momentum differs from Sutskever et al. 2013, as PyTorch's does: the learning rate multiplies the buffer.
 * @throws {TensorError} settings out of range
 * @see PyTorch torch.optim.SGD; Sutskever et al. 2013, "On the importance of initialization and momentum in deep learning"
 * @example
 * const w = tensor([1], { requiresGrad: true });
 * const optimizer = new optim.SGD([w], { lr: 0.1 });
 * w.pow(2).sum().backward();
 * optimizer.step();
 * w; // tensor([0.8000], requires_grad=True)
 */
export class SGD extends Optimizer {
  constructor(params: Params, options: SGDOptions = {}) {
    super(params, {
      lr: 1e-3,
      momentum: 0,
      dampening: 0,
      weightDecay: 0,
      nesterov: false,
      maximize: false,
      ...options,
    });
  }

  protected override check(group: ParamGroup): void {
    super.check(group);
    const { momentum, dampening, nesterov } = group as SGDOptions;
    atLeastZero("momentum value", momentum as number);
    if (nesterov && (!momentum || dampening !== 0)) {
      throw new TensorError("Nesterov momentum requires a momentum and zero dampening");
    }
  }

  protected override get isFused(): boolean {
    return true;
  }

  protected update(group: ParamGroup): void {
    const own = group as unknown as Required<SGDOptions>;
    const hasMomentum = own.momentum !== 0;
    recorder?.guard(() => (own.momentum !== 0) === hasMomentum);
    for (const p of group.params) {
      if (!hasGradient(p)) continue;
      const known = this.state.get(p)?.momentum_buffer as Tensor | undefined;
      const buffer = hasMomentum ? (known ?? stateLike(p)) : undefined;
      if (buffer && !known) this.state.set(p, { momentum_buffer: buffer });
      if (buffer) recorder?.guard(() => this.state.get(p)?.momentum_buffer === buffer);
      let first = known ? 0 : FIRST_STEP;
      const settings = (): readonly number[] => {
        const { lr, momentum, dampening, weightDecay, nesterov, maximize } = own;
        const flags = first | (maximize ? MAXIMIZE : 0) | (nesterov ? NESTEROV : 0);
        first = 0;
        return [lr, momentum, dampening, weightDecay, flags];
      };
      fusedStep(p, [buffer], settings, core.sgdStep);
    }
  }
}
