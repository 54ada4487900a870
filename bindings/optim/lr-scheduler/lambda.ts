/** Schedules given as functions of the epoch. */
import { named } from "../../core/args.ts";
import { TensorError } from "../../core/errors.ts";
import type { Optimizer } from "../optimizer.ts";
import { type LastEpochOption, LRScheduler } from "./scheduler.ts";

type Rule = (epoch: number) => number;

interface LambdaOptions extends LastEpochOption {
  lrLambda?: Rule | readonly Rule[];
}

type Arguments = (number | Rule | readonly Rule[] | LambdaOptions)[];

abstract class RuleLR extends LRScheduler {
  /** By group. Functions are not part of stateDict. */
  readonly lrLambdas: readonly Rule[];

  constructor(optimizer: Optimizer, args: Arguments, name: string) {
    const given = named<LambdaOptions>(name, args, ["lrLambda", "lastEpoch"]);
    const groups = optimizer.paramGroups.length;
    const rules = typeof given.lrLambda === "function" ? new Array<Rule>(groups).fill(given.lrLambda) : given.lrLambda;
    if (rules?.length !== groups) throw new TensorError(`Expected ${groups} lr_lambdas, but got ${rules?.length ?? 0}`);
    super(optimizer, given.lastEpoch);
    this.lrLambdas = [...rules];
    this.begin();
  }
}

/**
 * base · f(e).
 * @param args f, one for all groups or an array of them; lastEpoch
 * @example new optim.lrScheduler.LambdaLR(new optim.SGD([ones(1)], { lr: 1 }), (epoch) => 0.95 ** epoch)
 */
export class LambdaLR extends RuleLR {
  constructor(optimizer: Optimizer, ...args: Arguments) {
    super(optimizer, args, "LambdaLR");
  }

  protected rate(_lr: number, base: number, index: number): number {
    return base * this.lrLambdas[index](this.lastEpoch);
  }
}

/**
 * The rate of the epoch before times f(e). @param args f, one for all groups or an array of them; lastEpoch
 * @example
 * const optimizer = new optim.SGD([ones(1)], { lr: 1 });
 * const scheduler = new optim.lrScheduler.MultiplicativeLR(optimizer, { lrLambda: () => 0.5 });
 * optimizer.step();
 * scheduler.step();
 * scheduler.getLastLr(); // [0.5]
 */
export class MultiplicativeLR extends RuleLR {
  constructor(optimizer: Optimizer, ...args: Arguments) {
    super(optimizer, args, "MultiplicativeLR");
  }

  protected rate(lr: number, _base: number, index: number): number {
    return this.lastEpoch > 0 ? lr * this.lrLambdas[index](this.lastEpoch) : lr;
  }
}
