/** Half waves of a cosine. */
import { named } from "../../core/args.ts";
import { TensorError } from "../../core/errors.ts";
import type { Optimizer } from "../optimizer.ts";
import { type LastEpochOption, LRScheduler, refuseStep } from "./scheduler.ts";

interface AnnealingOptions extends LastEpochOption {
  TMax?: number;
  etaMin?: number;
}

/**
 * etaMin + (base − etaMin) (1 + cos(π e / TMax)) / 2; after TMax it goes up again.
 * @param args TMax, etaMin (0), lastEpoch
 * @see Loshchilov & Hutter 2017, arXiv:1608.03983
 * @example
 * const optimizer = new optim.SGD([ones(1)], { lr: 1 });
 * const scheduler = new optim.lrScheduler.CosineAnnealingLR(optimizer, { TMax: 2 });
 * optimizer.step();
 * scheduler.step();
 * scheduler.getLastLr(); // [0.5]
 */
export class CosineAnnealingLR extends LRScheduler {
  TMax: number;
  etaMin: number;

  constructor(optimizer: Optimizer, ...args: (number | AnnealingOptions)[]) {
    const given = named<AnnealingOptions>("CosineAnnealingLR", args, ["TMax", "etaMin", "lastEpoch"]);
    if (given.TMax === undefined) throw new TypeError("CosineAnnealingLR: argument 'TMax' is missing");
    super(optimizer, given.lastEpoch);
    this.TMax = given.TMax;
    this.etaMin = given.etaMin ?? 0;
    this.begin();
  }

  protected rate(lr: number, base: number): number {
    const { lastEpoch, TMax, etaMin } = this;
    if (lastEpoch === 0) return lr;
    if (this.stepCount === 1) return this.closedForm(base);
    // At the bottom the quotient below would be 0 / 0.
    if ((lastEpoch - 1 - TMax) % (2 * TMax) === 0) return lr + ((base - etaMin) * (1 - Math.cos(Math.PI / TMax))) / 2;
    const height = (epoch: number): number => 1 + Math.cos((Math.PI * epoch) / TMax);
    return (height(lastEpoch) / height(lastEpoch - 1)) * (lr - etaMin) + etaMin;
  }

  protected override closedForm(base: number): number {
    return this.etaMin + ((base - this.etaMin) * (1 + Math.cos((Math.PI * this.lastEpoch) / this.TMax))) / 2;
  }
}

interface RestartOptions extends LastEpochOption {
  T0?: number;
  TMult?: number;
  etaMin?: number;
}

/**
 * Cosine annealing that begins again after T0 epochs, then after T0 · TMult more, and so on.
 * @param args T0, TMult (1), etaMin (0), lastEpoch
 * @throws {TensorError} T0 or TMult no positive integer
 * @see Loshchilov & Hutter 2017, arXiv:1608.03983
 * @example
 * const optimizer = new optim.SGD([ones(1)], { lr: 1 });
 * const scheduler = new optim.lrScheduler.CosineAnnealingWarmRestarts(optimizer, { T0: 2 });
 * optimizer.step();
 * scheduler.step();
 * scheduler.getLastLr(); // [0.5]
 */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  T0: number;
  /** Length of the present wave. */
  TI: number;
  TMult: number;
  etaMin: number;
  /** Epochs since the last restart. */
  TCur: number;

  constructor(optimizer: Optimizer, ...args: (number | RestartOptions)[]) {
    const given = named<RestartOptions>("CosineAnnealingWarmRestarts", args, ["T0", "TMult", "etaMin", "lastEpoch"]);
    const { T0 = 0, TMult = 1, etaMin = 0, lastEpoch = -1 } = given;
    if (!(Number.isInteger(T0) && T0 > 0)) throw new TensorError(`Expected positive integer T_0, but got ${T0}`);
    if (!(Number.isInteger(TMult) && TMult >= 1))
      throw new TensorError(`Expected integer T_mult >= 1, but got ${TMult}`);
    super(optimizer, lastEpoch);
    this.T0 = T0;
    this.TI = T0;
    this.TMult = TMult;
    this.etaMin = etaMin;
    this.TCur = lastEpoch;
    this.begin();
  }

  protected rate(_lr: number, base: number): number {
    return this.etaMin + ((base - this.etaMin) * (1 + Math.cos((Math.PI * this.TCur) / this.TI))) / 2;
  }

  /** The rates of the next epoch, or of this one. @param epoch may be a fraction, for rates that change within an epoch */
  override step(epoch?: number): void {
    refuseStep();
    if (epoch === undefined && this.lastEpoch >= 0) {
      if (++this.TCur >= this.TI) {
        this.TCur -= this.TI;
        this.TI *= this.TMult;
      }
      super.step();
      return;
    }
    const at = epoch ?? 0;
    if (!(at >= 0)) throw new TensorError(`Expected non-negative epoch, but got ${at}`);
    this.locate(at);
    super.step(Math.floor(at));
  }

  /** Which wave an epoch lies in: the first n of them take T0 (TMultⁿ − 1) / (TMult − 1) epochs. */
  private locate(epoch: number): void {
    const { T0, TMult } = this;
    let start = 0;
    let length = T0;
    if (TMult === 1) {
      start = Math.floor(epoch / T0) * T0;
    } else {
      for (; epoch >= start + length; length *= TMult) start += length;
    }
    this.TI = length;
    this.TCur = epoch - start;
  }
}
