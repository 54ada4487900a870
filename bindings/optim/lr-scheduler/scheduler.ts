/** What all schedulers share: when they run, what they remember, checkpoints. */
import { TensorError } from "../../core/errors.ts";
import { refuse } from "../../core/recording.ts";
import { warnOnce } from "../../core/warn.ts";
import type { Optimizer, ParamGroup } from "../optimizer.ts";

/** A scheduler's state under PyTorch's keys. */
export type SchedulerStateDict = Record<string, unknown>;

/** Where a schedule goes on. */
export interface LastEpochOption {
  /** The epoch before the next one; −1 (the default) starts anew. */
  lastEpoch?: number;
}

const SPECIAL: Readonly<Record<string, string>> = {
  stepCount: "_step_count",
  lastLr: "_last_lr",
  lastEpoch: "last_epoch",
};

/** PyTorch's spelling: TMax is T_max. */
function pythonName(name: string): string {
  const snake = (text: string): string => text.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return SPECIAL[name] ?? (/^T[A-Z0-9]/.test(name) ? `T_${snake(name[1].toLowerCase() + name.slice(2))}` : snake(name));
}

/** @internal What a scheduler remembers: its fields, but for the optimizer and for functions. */
export function fieldsOf(scheduler: object): SchedulerStateDict {
  const kept = Object.entries(scheduler).filter(([key, value]) => key !== "optimizer" && !hasFunction(value));
  return Object.fromEntries(kept.map(([key, value]) => [pythonName(key), copied(value)]));
}

function copied(value: unknown): unknown {
  return Array.isArray(value) ? [...value] : value;
}

function hasFunction(value: unknown): boolean {
  return typeof value === "function" || (Array.isArray(value) && value.some(hasFunction));
}

/** @internal The other way round. */
export function setFields(scheduler: object, dict: Readonly<SchedulerStateDict>): void {
  for (const key of Object.keys(scheduler)) {
    const name = pythonName(key);
    if (name in dict && key !== "optimizer") (scheduler as SchedulerStateDict)[key] = copied(dict[name]);
  }
}

/** @internal One number for each group: given as a list, or once for all. */
export function perGroup(optimizer: Optimizer, name: string, value: number | readonly number[]): number[] {
  const { length } = optimizer.paramGroups;
  if (typeof value === "number") return new Array(length).fill(value);
  if (value.length !== length) throw new TensorError(`expected ${length} values for ${name}, got ${value.length}`);
  return [...value];
}

/** @internal Inside a compiled function a step would be made once. */
export function refuseStep(): void {
  refuse(
    "the step of a scheduler",
    "Call it outside of the compiled function, where learning rates may change at any time.",
  );
}

/** What can be put into a SequentialLR or a ChainedScheduler. */
export interface Scheduler {
  readonly optimizer: Optimizer;
  lastEpoch: number;
  step(): void;
  getLastLr(): number[];
  stateDict(): SchedulerStateDict;
  loadStateDict(dict: Readonly<SchedulerStateDict>): void;
}

/**
 * Base of the schedulers. One is made for an optimizer, whose learning rates it then sets with each `step()`, which is to be
 * called after the optimizer's. Most are recursive: they change the rates that they find, so that several of them multiply.
 * @see PyTorch torch.optim.lr_scheduler.LRScheduler
 * @example
 * const scheduler = new optim.lrScheduler.StepLR(new optim.SGD([ones(1)], { lr: 1 }), { stepSize: 1 });
 * scheduler instanceof optim.lrScheduler.LRScheduler; // true
 */
export abstract class LRScheduler implements Scheduler {
  readonly optimizer: Optimizer;
  /** The epoch whose learning rates are set. */
  lastEpoch: number;
  /** The learning rates that the schedule starts from, by group. */
  baseLrs: number[];
  protected lastLr: number[] = [];
  protected stepCount = 0;
  #stepsBefore: number;

  constructor(optimizer: Optimizer, lastEpoch = -1) {
    this.optimizer = optimizer;
    optimizer.paramGroups.forEach((group, i) => {
      if (lastEpoch === -1) group.initial_lr ??= group.lr;
      else if (group.initial_lr === undefined) {
        throw new TensorError(`param 'initial_lr' is not specified in param_groups[${i}] when resuming an optimizer`);
      }
    });
    this.baseLrs = optimizer.paramGroups.map((group) => group.initial_lr as number);
    this.lastEpoch = lastEpoch;
    this.#stepsBefore = optimizer.steps;
  }

  /** The rate of the present epoch, given that of the one before and the one at the start. */
  protected abstract rate(lr: number, base: number, index: number): number;

  /** The rate of the present epoch from that at the start alone; the recursive rule if there is no such formula. */
  protected closedForm(base: number, index: number): number {
    return this.rate(this.optimizer.paramGroups[index].lr, base, index);
  }

  /** @internal Sets the rates of the first epoch. */
  begin(): void {
    this.#stepsBefore = this.optimizer.steps;
    this.stepCount = 0;
    this.step();
  }

  /**
   * Sets the learning rates of the next epoch.
   * @param epoch to go to, by the closed form
   */
  step(epoch?: number): void {
    refuseStep();
    if (this.stepCount === 1 && this.optimizer.steps === this.#stepsBefore) warnOfOrder();
    this.stepCount++;
    this.lastEpoch = epoch ?? this.lastEpoch + 1;
    const { paramGroups } = this.optimizer;
    const rates = paramGroups.map((group, i) =>
      epoch === undefined ? this.rate(group.lr, this.baseLrs[i], i) : this.closedForm(this.baseLrs[i], i),
    );
    paramGroups.forEach((group, i) => {
      group.lr = rates[i];
    });
    this.lastLr = rates;
  }

  /** The learning rates that have been set last, by group. */
  getLastLr(): number[] {
    return [...this.lastLr];
  }

  /** All that the scheduler remembers, but for functions and the optimizer, under PyTorch's keys. */
  stateDict(): SchedulerStateDict {
    return fieldsOf(this);
  }

  /** Goes on where another scheduler stopped. The optimizer's state must be loaded as well. */
  loadStateDict(dict: Readonly<SchedulerStateDict>): void {
    setFields(this, dict);
  }
}

function warnOfOrder(): void {
  warnOnce(
    "scheduler before optimizer",
    "Detected call of `lr_scheduler.step()` before `optimizer.step()`. You should call them in the opposite order: " +
      "`optimizer.step()` before `lr_scheduler.step()`. Failure to do this will result in skipping the first value of the " +
      "learning rate schedule.",
  );
}

/** @internal Momentum or Adam's β₁, whichever the optimizer has. */
export class MomentumOf {
  private readonly usesBeta: boolean;

  constructor(optimizer: Optimizer) {
    this.usesBeta = "betas" in optimizer.defaults;
    if (this.usesBeta || "momentum" in optimizer.defaults) return;
    throw new TensorError("optimizer must support momentum or beta1 with `cycleMomentum` option enabled");
  }

  set(group: ParamGroup, value: number): void {
    if (this.usesBeta) group.betas = [value, ...(group.betas as number[]).slice(1)];
    else group.momentum = value;
  }
}
