/** Several schedules on one optimizer, one after the other or all at once. */
import { named } from "../../core/args.ts";
import { TensorError } from "../../core/errors.ts";
import type { Optimizer } from "../optimizer.ts";
import {
  type LastEpochOption,
  type LRScheduler,
  refuseStep,
  type Scheduler,
  type SchedulerStateDict,
} from "./scheduler.ts";

function checkOptimizers(schedulers: readonly Scheduler[], optimizer: Optimizer, name: string): void {
  const other = schedulers.findIndex((s) => s.optimizer !== optimizer);
  if (other === -1) return;
  throw new TensorError(
    `${name} expects all schedulers to belong to the same optimizer, but got the scheduler at index ${other} with another`,
  );
}

const ratesOf = (optimizer: Optimizer): number[] => optimizer.paramGroups.map((group) => group.lr);

interface SequentialOptions extends LastEpochOption {
  schedulers?: readonly LRScheduler[];
  milestones?: readonly number[];
}

/**
 * One schedule after the other; at each milestone the next one begins at its epoch 0.
 * @param args schedulers, milestones (one less), lastEpoch
 * @throws {TensorError} schedulers of another optimizer, a wrong number of milestones
 * @example
 * const optimizer = new optim.SGD([ones(1)], { lr: 0.1 });
 * const warmup = new optim.lrScheduler.LinearLR(optimizer, { totalIters: 5 });
 * const decay = new optim.lrScheduler.ExponentialLR(optimizer, { gamma: 0.9 });
 * new optim.lrScheduler.SequentialLR(optimizer, { schedulers: [warmup, decay], milestones: [5] });
 */
export class SequentialLR implements Scheduler {
  readonly optimizer: Optimizer;
  lastEpoch: number;
  private readonly schedulers: readonly LRScheduler[];
  private milestones: number[];
  private lastLr: number[];

  constructor(
    optimizer: Optimizer,
    ...args: (number | readonly LRScheduler[] | readonly number[] | SequentialOptions)[]
  ) {
    const given = named<SequentialOptions>("SequentialLR", args, ["schedulers", "milestones", "lastEpoch"]);
    const { schedulers = [], milestones = [], lastEpoch = -1 } = given;
    if (schedulers.length < 1) throw new TensorError("SequentialLR expects at least one scheduler, but got none");
    checkOptimizers(schedulers, optimizer, "SequentialLR");
    if (milestones.length !== schedulers.length - 1) {
      throw new TensorError(
        "Sequential Schedulers expects number of schedulers provided to be one more than the number of milestone points, but " +
          `got number of schedulers ${schedulers.length} and the number of milestones to be equal to ${milestones.length}`,
      );
    }
    this.optimizer = optimizer;
    this.schedulers = [...schedulers];
    this.milestones = [...milestones];
    this.lastEpoch = lastEpoch + 1;
    // Each scheduler has made its first step when it was made; only that of the first one is to count.
    for (const group of optimizer.paramGroups) group.lr = group.initial_lr as number;
    for (const scheduler of schedulers) scheduler.lastEpoch--;
    schedulers[0].begin();
    this.lastLr = schedulers[0].getLastLr();
  }

  /** Sets the learning rates of the next epoch. */
  step(): void {
    refuseStep();
    this.lastEpoch++;
    const passed = this.milestones.filter((m) => m <= this.lastEpoch).length;
    const scheduler = this.schedulers[passed];
    if (passed > 0 && this.milestones[passed - 1] === this.lastEpoch) scheduler.step(0);
    else scheduler.step();
    this.lastLr = scheduler.getLastLr();
  }

  /** The learning rates that have been set last, by group. */
  getLastLr(): number[] {
    return [...this.lastLr];
  }

  /** That of all schedulers, and the place in their sequence, under PyTorch's keys. */
  stateDict(): SchedulerStateDict {
    return {
      last_epoch: this.lastEpoch,
      _milestones: [...this.milestones],
      _last_lr: [...this.lastLr],
      _schedulers: this.schedulers.map((s) => s.stateDict()),
    };
  }

  /** Goes on where another scheduler stopped. The optimizer's state must be loaded as well. */
  loadStateDict(dict: Readonly<SchedulerStateDict>): void {
    this.lastEpoch = dict.last_epoch as number;
    this.milestones = [...(dict._milestones as number[])];
    this.lastLr = [...(dict._last_lr as number[])];
    (dict._schedulers as SchedulerStateDict[]).forEach((state, i) => {
      this.schedulers[i].loadStateDict(state);
    });
  }
}

/**
 * All schedules at once: their factors multiply.
 * @throws {TensorError} no schedulers, or of different optimizers
 * @example
 * const optimizer = new optim.SGD([ones(1)], { lr: 1 });
 * const { ConstantLR, ExponentialLR, ChainedScheduler } = optim.lrScheduler;
 * const parts = [new ConstantLR(optimizer, { factor: 0.5 }), new ExponentialLR(optimizer, { gamma: 0.5 })];
 * const scheduler = new ChainedScheduler(parts);
 * optimizer.step();
 * scheduler.step();
 * scheduler.getLastLr(); // [0.25]
 */
export class ChainedScheduler implements Scheduler {
  readonly optimizer: Optimizer;
  private readonly schedulers: readonly Scheduler[];
  private lastLr: number[];

  constructor(schedulers: readonly Scheduler[]) {
    if (schedulers.length < 1) throw new TensorError("ChainedScheduler expects at least one scheduler, but got none");
    this.optimizer = schedulers[0].optimizer;
    checkOptimizers(schedulers, this.optimizer, "ChainedScheduler");
    this.schedulers = [...schedulers];
    this.lastLr = ratesOf(this.optimizer);
  }

  /** The epoch of the first one. */
  get lastEpoch(): number {
    return this.schedulers[0].lastEpoch;
  }

  /** Sets the learning rates of the next epoch. */
  step(): void {
    refuseStep();
    for (const scheduler of this.schedulers) scheduler.step();
    this.lastLr = ratesOf(this.optimizer);
  }

  /** The learning rates that have been set last, by group. */
  getLastLr(): number[] {
    return [...this.lastLr];
  }

  /** That of all schedulers, under PyTorch's keys. */
  stateDict(): SchedulerStateDict {
    return { _last_lr: [...this.lastLr], _schedulers: this.schedulers.map((s) => s.stateDict()) };
  }

  /** Goes on where another scheduler stopped. The optimizer's state must be loaded as well. */
  loadStateDict(dict: Readonly<SchedulerStateDict>): void {
    this.lastLr = [...(dict._last_lr as number[])];
    (dict._schedulers as SchedulerStateDict[]).forEach((state, i) => {
      this.schedulers[i].loadStateDict(state);
    });
  }
}
