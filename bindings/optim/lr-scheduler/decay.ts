/** Schedules that end: at 0, at a constant, or never quite. e is the epoch, counted from 0. */
import { named } from "../../core/args.ts";
import type { Optimizer } from "../optimizer.ts";
import { type LastEpochOption, LRScheduler } from "./scheduler.ts";

type Arguments<T> = (number | readonly number[] | T)[];

interface StepOptions extends LastEpochOption {
  stepSize?: number;
  gamma?: number;
}

/**
 * base · gamma^⌊e / stepSize⌋.
 * @param args stepSize, gamma (0.1), lastEpoch
 * @example new optim.lrScheduler.StepLR(new optim.SGD([ones(1)], { lr: 0.1 }), { stepSize: 30, gamma: 0.1 })
 */
export class StepLR extends LRScheduler {
  stepSize: number;
  gamma: number;

  constructor(optimizer: Optimizer, ...args: Arguments<StepOptions>) {
    const given = named<StepOptions>("StepLR", args, ["stepSize", "gamma", "lastEpoch"]);
    if (given.stepSize === undefined) throw new TypeError("StepLR: argument 'stepSize' is missing");
    super(optimizer, given.lastEpoch);
    this.stepSize = given.stepSize;
    this.gamma = given.gamma ?? 0.1;
    this.begin();
  }

  protected rate(lr: number): number {
    return this.lastEpoch === 0 || this.lastEpoch % this.stepSize !== 0 ? lr : lr * this.gamma;
  }

  protected override closedForm(base: number): number {
    return base * this.gamma ** Math.floor(this.lastEpoch / this.stepSize);
  }
}

interface MultiStepOptions extends LastEpochOption {
  milestones?: readonly number[];
  gamma?: number;
}

/**
 * base · gamma^(how many milestones have been reached). @param args milestones, gamma (0.1), lastEpoch
 * @example
 * const optimizer = new optim.SGD([ones(1)], { lr: 1 });
 * const scheduler = new optim.lrScheduler.MultiStepLR(optimizer, { milestones: [1, 3], gamma: 0.5 });
 * optimizer.step();
 * scheduler.step();
 * scheduler.getLastLr(); // [0.5]
 */
export class MultiStepLR extends LRScheduler {
  milestones: number[];
  gamma: number;

  constructor(optimizer: Optimizer, ...args: Arguments<MultiStepOptions>) {
    const given = named<MultiStepOptions>("MultiStepLR", args, ["milestones", "gamma", "lastEpoch"]);
    if (given.milestones === undefined) throw new TypeError("MultiStepLR: argument 'milestones' is missing");
    super(optimizer, given.lastEpoch);
    this.milestones = [...given.milestones];
    this.gamma = given.gamma ?? 0.1;
    this.begin();
  }

  protected rate(lr: number): number {
    return lr * this.gamma ** this.milestones.filter((m) => m === this.lastEpoch).length;
  }

  protected override closedForm(base: number): number {
    return base * this.gamma ** this.milestones.filter((m) => m <= this.lastEpoch).length;
  }
}

interface ExponentialOptions extends LastEpochOption {
  gamma?: number;
}

/**
 * base · gamma^e. @param args gamma, lastEpoch
 * @example
 * const optimizer = new optim.SGD([ones(1)], { lr: 1 });
 * const scheduler = new optim.lrScheduler.ExponentialLR(optimizer, { gamma: 0.5 });
 * optimizer.step();
 * scheduler.step();
 * scheduler.getLastLr(); // [0.5]
 */
export class ExponentialLR extends LRScheduler {
  gamma: number;

  constructor(optimizer: Optimizer, ...args: Arguments<ExponentialOptions>) {
    const given = named<ExponentialOptions>("ExponentialLR", args, ["gamma", "lastEpoch"]);
    if (given.gamma === undefined) throw new TypeError("ExponentialLR: argument 'gamma' is missing");
    super(optimizer, given.lastEpoch);
    this.gamma = given.gamma;
    this.begin();
  }

  protected rate(lr: number): number {
    return this.lastEpoch === 0 ? lr : lr * this.gamma;
  }

  protected override closedForm(base: number): number {
    return base * this.gamma ** this.lastEpoch;
  }
}

interface ConstantOptions extends LastEpochOption {
  factor?: number;
  totalIters?: number;
}

/**
 * base · factor while e < totalIters, then base. @param args factor (1/3), totalIters (5), lastEpoch
 * @example
 * const optimizer = new optim.SGD([ones(1)], { lr: 1 });
 * const scheduler = new optim.lrScheduler.ConstantLR(optimizer, { factor: 0.5, totalIters: 4 });
 * scheduler.getLastLr(); // [0.5]
 */
export class ConstantLR extends LRScheduler {
  factor: number;
  totalIters: number;

  constructor(optimizer: Optimizer, ...args: Arguments<ConstantOptions>) {
    const given = named<ConstantOptions>("ConstantLR", args, ["factor", "totalIters", "lastEpoch"]);
    const { factor = 1 / 3, totalIters = 5 } = given;
    if (!(factor >= 0 && factor <= 1)) {
      throw new RangeError("Constant multiplicative factor expected to be between 0 and 1.");
    }
    super(optimizer, given.lastEpoch);
    this.factor = factor;
    this.totalIters = totalIters;
    this.begin();
  }

  protected rate(lr: number): number {
    if (this.lastEpoch === 0) return lr * this.factor;
    return this.lastEpoch === this.totalIters ? lr / this.factor : lr;
  }

  protected override closedForm(base: number): number {
    return this.lastEpoch < this.totalIters ? base * this.factor : base;
  }
}

interface LinearOptions extends LastEpochOption {
  startFactor?: number;
  endFactor?: number;
  totalIters?: number;
}

/**
 * base times a factor that goes evenly from startFactor to endFactor.
 * @param args startFactor (1/3), endFactor (1), totalIters (5), lastEpoch
 * @example
 * const optimizer = new optim.SGD([ones(1)], { lr: 1 });
 * const scheduler = new optim.lrScheduler.LinearLR(optimizer, { startFactor: 0.5, totalIters: 4 });
 * scheduler.getLastLr(); // [0.5]
 */
export class LinearLR extends LRScheduler {
  startFactor: number;
  endFactor: number;
  totalIters: number;

  constructor(optimizer: Optimizer, ...args: Arguments<LinearOptions>) {
    const given = named<LinearOptions>("LinearLR", args, ["startFactor", "endFactor", "totalIters", "lastEpoch"]);
    const { startFactor = 1 / 3, endFactor = 1, totalIters = 5 } = given;
    if (!(startFactor > 0 && startFactor <= 1)) {
      throw new RangeError("Starting multiplicative factor expected to be greater than 0 and less or equal to 1.");
    }
    if (!(endFactor >= 0 && endFactor <= 1)) {
      throw new RangeError("Ending multiplicative factor expected to be between 0 and 1.");
    }
    super(optimizer, given.lastEpoch);
    this.startFactor = startFactor;
    this.endFactor = endFactor;
    this.totalIters = totalIters;
    this.begin();
  }

  protected rate(lr: number): number {
    const { lastEpoch, startFactor, totalIters } = this;
    if (lastEpoch === 0) return lr * startFactor;
    if (lastEpoch > totalIters) return lr;
    const slope = this.endFactor - startFactor;
    return lr * (1 + slope / (totalIters * startFactor + (lastEpoch - 1) * slope));
  }

  protected override closedForm(base: number): number {
    const { lastEpoch, startFactor, endFactor, totalIters } = this;
    return base * (startFactor + ((endFactor - startFactor) * Math.min(totalIters, lastEpoch)) / totalIters);
  }
}

interface PolynomialOptions extends LastEpochOption {
  totalIters?: number;
  power?: number;
}

/**
 * base · (1 − e / totalIters)^power, then 0. @param args totalIters (5), power (1), lastEpoch
 * @example
 * const optimizer = new optim.SGD([ones(1)], { lr: 1 });
 * const scheduler = new optim.lrScheduler.PolynomialLR(optimizer, { totalIters: 2 });
 * optimizer.step();
 * scheduler.step();
 * scheduler.getLastLr(); // [0.5]
 */
export class PolynomialLR extends LRScheduler {
  totalIters: number;
  power: number;

  constructor(optimizer: Optimizer, ...args: Arguments<PolynomialOptions>) {
    const given = named<PolynomialOptions>("PolynomialLR", args, ["totalIters", "power", "lastEpoch"]);
    super(optimizer, given.lastEpoch);
    this.totalIters = given.totalIters ?? 5;
    this.power = given.power ?? 1;
    this.begin();
  }

  protected rate(lr: number): number {
    const { lastEpoch, totalIters, power } = this;
    if (lastEpoch === 0 || lastEpoch > totalIters) return lr;
    return lr * ((1 - lastEpoch / totalIters) / (1 - (lastEpoch - 1) / totalIters)) ** power;
  }

  protected override closedForm(base: number): number {
    return base * (1 - Math.min(this.totalIters, this.lastEpoch) / this.totalIters) ** this.power;
  }
}
