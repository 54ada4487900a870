import { named } from "../../core/args.ts";
import { TensorError } from "../../core/errors.ts";
import type { Optimizer, ParamGroup } from "../optimizer.ts";
import { type LastEpochOption, LRScheduler, MomentumOf, perGroup } from "./scheduler.ts";

type PerGroup = number | readonly number[];

export interface OneCycleOptions extends LastEpochOption {
  /** Upper bound, by group or for all. */
  maxLr?: PerGroup;
  /** Number of steps, or `epochs` times `stepsPerEpoch`. */
  totalSteps?: number;
  epochs?: number;
  stepsPerEpoch?: number;
  /** Share of the steps in which the rate rises. Default 0.3. */
  pctStart?: number;
  annealStrategy?: "cos" | "linear";
  /** Momentum, or Adam's β₁, falls while the rate rises. Default true. */
  cycleMomentum?: boolean;
  /** Default 0.85. */
  baseMomentum?: PerGroup;
  /** Default 0.95. */
  maxMomentum?: PerGroup;
  /** maxLr over the first rate. Default 25. */
  divFactor?: number;
  /** The first rate over the last. Default 1e4. */
  finalDivFactor?: number;
  /** Fall as slowly as it rose, and go down to the last rate in a third phase. */
  threePhase?: boolean;
}

/** Up to a step, from one setting of the group to another. */
interface Phase {
  end: number;
  lr: readonly [string, string];
  momentum: readonly [string, string];
}

/**
 * One rise of the learning rate and one fall, far below where it began, stepped after every batch.
 * @param args maxLr, totalSteps, epochs, stepsPerEpoch, pctStart, annealStrategy, or an object
 * @throws {TensorError} in step(): more steps than totalSteps; an optimizer without momentum, unless cycleMomentum is false
 * @see PyTorch OneCycleLR; Smith & Topin 2018, arXiv:1708.07120
 * @example
 * const optimizer = new optim.Adam([ones(1)]);
 * new optim.lrScheduler.OneCycleLR(optimizer, { maxLr: 0.01, epochs: 10, stepsPerEpoch: 100 });
 */
export class OneCycleLR extends LRScheduler {
  totalSteps: number;
  annealStrategy: "cos" | "linear";
  cycleMomentum: boolean;
  readonly #phases: readonly Phase[];
  readonly #momentum: MomentumOf | null;

  constructor(optimizer: Optimizer, ...args: (PerGroup | string | OneCycleOptions)[]) {
    const given = named<OneCycleOptions>("OneCycleLR", args, [
      "maxLr",
      "totalSteps",
      "epochs",
      "stepsPerEpoch",
      "pctStart",
      "annealStrategy",
    ]);
    const { pctStart = 0.3, annealStrategy = "cos", cycleMomentum = true, lastEpoch = -1 } = given;
    const total = stepsOf(given);
    if (!(pctStart >= 0 && pctStart <= 1)) {
      throw new TensorError(`Expected float between 0 and 1 pct_start, but got ${pctStart}`);
    }
    if (annealStrategy !== "cos" && annealStrategy !== "linear") {
      throw new TensorError(`anneal_strategy must be one of 'cos' or 'linear', instead got ${String(annealStrategy)}`);
    }
    const momentum = cycleMomentum ? new MomentumOf(optimizer) : null;
    if (lastEpoch === -1) prepare(optimizer, given, momentum);
    super(optimizer, lastEpoch);
    this.totalSteps = total;
    this.annealStrategy = annealStrategy;
    this.cycleMomentum = cycleMomentum;
    this.#phases = phases(total, pctStart, given.threePhase ?? false);
    this.#momentum = momentum;
    this.begin();
  }

  private between(start: number, end: number, share: number): number {
    if (this.annealStrategy === "linear") return (end - start) * share + start;
    return end + ((start - end) / 2) * (Math.cos(Math.PI * share) + 1);
  }

  protected rate(_lr: number, _base: number, index: number): number {
    const step = this.lastEpoch;
    if (step > this.totalSteps) {
      throw new TensorError(`Tried to step ${step} times. The specified number of total steps is ${this.totalSteps}`);
    }
    const last = this.#phases.length - 1;
    const at = Math.max(
      this.#phases.findIndex((phase, i) => step <= phase.end || i === last),
      0,
    );
    const { end, lr, momentum } = this.#phases[at];
    const begin = at === 0 ? 0 : this.#phases[at - 1].end;
    const share = (step - begin) / (end - begin);
    const group = this.optimizer.paramGroups[index];
    const along = (settings: readonly [string, string]): number =>
      this.between(group[settings[0]] as number, group[settings[1]] as number, share);
    this.#momentum?.set(group, along(momentum));
    return along(lr);
  }
}

function stepsOf({ totalSteps, epochs, stepsPerEpoch }: OneCycleOptions): number {
  const total = totalSteps ?? (epochs ?? Number.NaN) * (stepsPerEpoch ?? Number.NaN);
  if (Number.isNaN(total)) throw new TensorError("You must define either totalSteps OR (epochs AND stepsPerEpoch)");
  if (!(Number.isInteger(total) && total > 0))
    throw new TensorError(`Expected positive integer total_steps, but got ${total}`);
  return total;
}

/** What the phases go between is kept in the groups, as PyTorch keeps it, so that it is saved with the optimizer. */
function prepare(optimizer: Optimizer, options: OneCycleOptions, momentum: MomentumOf | null): void {
  const { maxLr, divFactor = 25, finalDivFactor = 1e4 } = options;
  if (maxLr === undefined) throw new TypeError("OneCycleLR: argument 'maxLr' is missing");
  const maxLrs = perGroup(optimizer, "maxLr", maxLr);
  const low = perGroup(optimizer, "baseMomentum", options.baseMomentum ?? 0.85);
  const high = perGroup(optimizer, "maxMomentum", options.maxMomentum ?? 0.95);
  optimizer.paramGroups.forEach((group: ParamGroup, i) => {
    group.initial_lr = maxLrs[i] / divFactor;
    group.max_lr = maxLrs[i];
    group.min_lr = (group.initial_lr as number) / finalDivFactor;
    if (!momentum) return;
    group.base_momentum = low[i];
    group.max_momentum = high[i];
    momentum.set(group, high[i]);
  });
}

function phases(total: number, pctStart: number, three: boolean): Phase[] {
  const up: Phase = {
    end: pctStart * total - 1,
    lr: ["initial_lr", "max_lr"],
    momentum: ["max_momentum", "base_momentum"],
  };
  if (!three) {
    return [up, { end: total - 1, lr: ["max_lr", "min_lr"], momentum: ["base_momentum", "max_momentum"] }];
  }
  return [
    up,
    { end: 2 * pctStart * total - 2, lr: ["max_lr", "initial_lr"], momentum: ["base_momentum", "max_momentum"] },
    { end: total - 1, lr: ["initial_lr", "min_lr"], momentum: ["max_momentum", "max_momentum"] },
  ];
}
