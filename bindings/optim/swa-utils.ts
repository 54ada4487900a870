/** Averages of weights over training: PyTorch's torch.optim.swa_utils. */
import { noGrad } from "../autograd/mode.ts";
import { TensorError } from "../core/errors.ts";
import { deepcopy } from "../nn/copy.ts";
import { Module } from "../nn/module.ts";
import { isBatchNorm } from "../nn/modules/normalization.ts";
import { tensor } from "../ops/creation.ts";
import type { Tensor } from "../tensor.ts";
import { LRScheduler, perGroup } from "./lr-scheduler/scheduler.ts";
import type { Optimizer } from "./optimizer.ts";

/** The average so far, a new value, and how many went into the average. */
export type AveragingFunction = (averaged: Tensor, value: Tensor, count: number) => Tensor;

export interface AveragedModelOptions {
  /** Default: the plain mean. */
  avgFn?: AveragingFunction;
  /** Average buffers as well, instead of copying those of the first model. */
  useBuffers?: boolean;
}

/** a + (v − a) / (n + 1) */
const mean: AveragingFunction = (averaged, value, count) => averaged.add(value.sub(averaged).div(count + 1));

/** decay · a + (1 − decay) v: an exponential moving average. @example optim.swaUtils.getEmaAvgFn(0.99)(ones(1), zeros(1), 1).item() // 0.99 */
export function getEmaAvgFn(decay = 0.999): AveragingFunction {
  return (averaged, value) => averaged.mul(decay).add(value, { alpha: 1 - decay });
}

/**
 * A copy of a model that holds the average of the weights which the model has had at each `updateParameters`.
 * @see PyTorch torch.optim.swa_utils.AveragedModel; Izmailov et al. 2018, arXiv:1803.05407
 * @example
 * const model = new nn.Linear(2, 1);
 * const ema = new optim.swaUtils.AveragedModel(model, { avgFn: optim.swaUtils.getEmaAvgFn(0.99) });
 * ema.updateParameters(model);
 * ema(ones(1, 2)).shape; // [1, 1]
 */
export class AveragedModel<M extends Module> extends Module {
  module: M;
  declare n_averaged: Tensor;
  readonly avgFn: AveragingFunction;
  readonly useBuffers: boolean;

  constructor(model: M, options: AveragedModelOptions = {}) {
    super();
    this.module = deepcopy(model);
    this.registerBuffer("n_averaged", tensor(0, { dtype: "int32" }));
    this.avgFn = options.avgFn ?? mean;
    this.useBuffers = options.useBuffers ?? false;
  }

  override forward(...inputs: Parameters<M["forward"]>): ReturnType<M["forward"]> {
    return (this.module as Module)(...inputs) as ReturnType<M["forward"]>;
  }

  /** Takes the present weights into the average; the first ones are copied. */
  updateParameters(model: M): void {
    const all = (m: Module): Tensor[] => [...m.parameters(), ...(this.useBuffers ? m.buffers() : [])];
    const values = all(model);
    const count = this.n_averaged.item();
    noGrad(() => {
      for (const [i, averaged] of all(this.module).entries()) {
        const value = values[i].detach();
        averaged.copy_(count === 0 ? value : this.avgFn(averaged.detach(), value, count));
      }
      this.n_averaged.add_(1);
    });
  }
}

/**
 * Makes the running statistics of all BatchNorm layers anew, from one pass over the data: those of averaged weights are not the
 * average of those of the weights.
 * @param loader batches; of what is an array the first part is the input
 * @example
 * const model = new nn.Sequential(new nn.BatchNorm1d(1));
 * optim.swaUtils.updateBn([tensor([[1], [3]])], model);
 * model[0].running_mean.tolist(); // [2]
 */
export function updateBn(loader: Iterable<Tensor | readonly Tensor[]>, model: Module): void {
  const norms = model.modules().filter(isBatchNorm);
  if (norms.length === 0) return;
  const { training } = model;
  const momenta = norms.map((norm) => norm.momentum);
  for (const norm of norms) {
    norm.resetRunningStats();
    // Each batch counts as much as every other.
    norm.momentum = null;
  }
  model.train();
  noGrad(() => {
    for (const batch of loader) model(Array.isArray(batch) ? batch[0] : batch);
  });
  norms.forEach((norm, i) => {
    norm.momentum = momenta[i];
  });
  model.train(training);
}

export interface SwaLrOptions {
  /** Where the learning rates go: one for all groups, or one for each. */
  swaLr: number | readonly number[];
  /** How many epochs that takes. Default 10. */
  annealEpochs?: number;
  /** Default "cos". */
  annealStrategy?: "cos" | "linear";
  lastEpoch?: number;
}

/**
 * Brings the learning rates to constant ones, under which the weights are averaged.
 * @throws {TensorError} an unknown strategy, a negative number of epochs
 * @see PyTorch torch.optim.swa_utils.SWALR
 * @example
 * const optimizer = new optim.SGD([ones(1)], { lr: 1 });
 * const scheduler = new optim.swaUtils.SWALR(optimizer, { swaLr: 0.5, annealEpochs: 1 });
 * optimizer.step();
 * scheduler.step();
 * scheduler.getLastLr(); // [0.5]
 */
export class SWALR extends LRScheduler {
  readonly annealEpochs: number;
  readonly annealStrategy: "cos" | "linear";

  constructor(optimizer: Optimizer, options: SwaLrOptions) {
    super(optimizer, options.lastEpoch);
    const { annealEpochs = 10, annealStrategy = "cos", swaLr } = options;
    if (annealStrategy !== "cos" && annealStrategy !== "linear") {
      throw new TensorError(`anneal_strategy must by one of 'cos' or 'linear', instead got ${String(annealStrategy)}`);
    }
    if (!Number.isInteger(annealEpochs) || annealEpochs < 0) {
      throw new TensorError(`anneal_epochs must be equal or greater than 0, got ${annealEpochs}`);
    }
    this.annealEpochs = annealEpochs;
    this.annealStrategy = annealStrategy;
    perGroup(optimizer, "swa_lr", swaLr).forEach((rate, i) => {
      optimizer.paramGroups[i].swa_lr = rate;
    });
    this.begin();
  }

  /** How far the way to the last rate has been gone after so many steps. */
  #share(steps: number): number {
    const t = Math.max(0, Math.min(1, steps / Math.max(1, this.annealEpochs)));
    return this.annealStrategy === "linear" ? t : (1 - Math.cos(Math.PI * t)) / 2;
  }

  protected override rate(lr: number, _base: number, index: number): number {
    const goal = this.optimizer.paramGroups[index].swa_lr as number;
    const step = this.annealEpochs === 0 ? Math.max(1, this.stepCount - 1) : this.stepCount - 1;
    const [before, now] = [this.#share(step - 1), this.#share(step)];
    const start = before === 1 ? goal : (lr - before * goal) / (1 - before);
    return goal * now + start * (1 - now);
  }
}
