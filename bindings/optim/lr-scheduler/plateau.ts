import { named } from "../../core/args.ts";
import { TensorBase } from "../../core/base.ts";
import { TensorError } from "../../core/errors.ts";
import type { Tensor } from "../../tensor.ts";
import type { Optimizer } from "../optimizer.ts";
import { fieldsOf, perGroup, refuseStep, type SchedulerStateDict, setFields } from "./scheduler.ts";

export interface PlateauOptions {
  /** Whether the metric is to fall or to rise. Default "min". */
  mode?: "min" | "max";
  /** Factor of the learning rate, below 1. Default 0.1. */
  factor?: number;
  /** How many epochs without improvement are let pass. Default 10. */
  patience?: number;
  /** What counts as improvement. Default 1e-4. */
  threshold?: number;
  /** Whether the threshold is a share of the best metric or a difference. Default "rel". */
  thresholdMode?: "rel" | "abs";
  /** How many epochs after a reduction are not counted. Default 0. */
  cooldown?: number;
  /** Lower bound of the learning rate, by group or for all. Default 0. */
  minLr?: number | readonly number[];
  /** Smaller changes are not made. Default 1e-8. */
  eps?: number;
}

/**
 * Reduces the learning rate when a metric has stopped improving.
 * @param args mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps, or an object
 * @throws {TensorError} settings out of range
 * @see PyTorch ReduceLROnPlateau
 * @example
 * const scheduler = new optim.lrScheduler.ReduceLROnPlateau(new optim.SGD([ones(1)], { lr: 0.1 }), { patience: 2 });
 * scheduler.step(0.5);
 */
export class ReduceLROnPlateau {
  readonly optimizer: Optimizer;
  lastEpoch = 0;
  mode: "min" | "max";
  factor: number;
  patience: number;
  threshold: number;
  thresholdMode: "rel" | "abs";
  cooldown: number;
  cooldownCounter = 0;
  minLrs: number[];
  eps: number;
  best: number;
  numBadEpochs = 0;
  protected lastLr: number[];

  constructor(optimizer: Optimizer, ...args: (string | number | readonly number[] | PlateauOptions)[]) {
    const given = named<PlateauOptions>("ReduceLROnPlateau", args, [
      "mode",
      "factor",
      "patience",
      "threshold",
      "thresholdMode",
      "cooldown",
      "minLr",
      "eps",
    ]);
    this.optimizer = optimizer;
    this.mode = given.mode ?? "min";
    this.factor = given.factor ?? 0.1;
    this.patience = given.patience ?? 10;
    this.threshold = given.threshold ?? 1e-4;
    this.thresholdMode = given.thresholdMode ?? "rel";
    this.cooldown = given.cooldown ?? 0;
    this.minLrs = perGroup(optimizer, "minLr", given.minLr ?? 0);
    this.eps = given.eps ?? 1e-8;
    if (!(this.factor < 1)) throw new TensorError("Factor should be < 1.0.");
    if (this.mode !== "min" && this.mode !== "max") throw new TensorError(`mode ${String(this.mode)} is unknown!`);
    if (this.thresholdMode !== "rel" && this.thresholdMode !== "abs") {
      throw new TensorError(`threshold mode ${String(this.thresholdMode)} is unknown!`);
    }
    this.best = this.mode === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    this.lastLr = optimizer.paramGroups.map((group) => group.lr);
  }

  /** To be called with the metric of each epoch. */
  step(metric: number | Tensor): void {
    refuseStep();
    const current = metric instanceof TensorBase ? Number((metric as Tensor).item()) : metric;
    this.lastEpoch++;
    if (this.isBetter(current)) {
      this.best = current;
      this.numBadEpochs = 0;
    } else {
      this.numBadEpochs++;
    }
    if (this.cooldownCounter > 0) {
      this.cooldownCounter--;
      this.numBadEpochs = 0;
    }
    if (this.numBadEpochs > this.patience) {
      this.reduce();
      this.cooldownCounter = this.cooldown;
      this.numBadEpochs = 0;
    }
    this.lastLr = this.optimizer.paramGroups.map((group) => group.lr);
  }

  private isBetter(metric: number): boolean {
    const { best, threshold } = this;
    const sign = this.mode === "min" ? -1 : 1;
    const bound = this.thresholdMode === "rel" ? best * (1 + sign * threshold) : best + sign * threshold;
    return sign * metric > sign * bound;
  }

  private reduce(): void {
    this.optimizer.paramGroups.forEach((group, i) => {
      const lr = Math.max(group.lr * this.factor, this.minLrs[i]);
      if (group.lr - lr > this.eps) group.lr = lr;
    });
  }

  /** The learning rates of now, by group. */
  getLastLr(): number[] {
    return [...this.lastLr];
  }

  /** All that the scheduler remembers, under PyTorch's keys. */
  stateDict(): SchedulerStateDict {
    return fieldsOf(this);
  }

  /** Goes on where another scheduler stopped. The optimizer's state must be loaded as well. */
  loadStateDict(dict: Readonly<SchedulerStateDict>): void {
    setFields(this, dict);
  }
}
