import { Adam, type AdamOptions } from "./adam.ts";
import type { Params } from "./optimizer.ts";

/**
 * Adam with weight decay apart from the gradient: p *= 1 − lr · weightDecay, then Adam with the plain gradient.
 * @throws {TensorError} settings out of range
 * @see PyTorch torch.optim.AdamW; Loshchilov & Hutter 2019, arXiv:1711.05101v3
 * @example new optim.AdamW(new nn.Linear(2, 1).parameters(), { lr: 0.01, weightDecay: 0.1 })
 */
export class AdamW extends Adam {
  protected override readonly decoupled: boolean = true;

  constructor(params: Params, options: AdamOptions = {}) {
    super(params, { weightDecay: 0.01, ...options });
  }
}
