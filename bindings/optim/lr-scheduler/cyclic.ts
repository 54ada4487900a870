import { named } from "../../core/args.ts";
import { TensorError } from "../../core/errors.ts";
import type { Optimizer } from "../optimizer.ts";
import { type LastEpochOption, LRScheduler, MomentumOf, perGroup } from "./scheduler.ts";

type PerGroup = number | readonly number[];
type Mode = "triangular" | "triangular2" | "exp_range";

export interface CyclicOptions extends LastEpochOption {
  /** Lower bound, by group or for all. */
  baseLr?: PerGroup;
  /** Upper bound of the first cycle. */
  maxLr?: PerGroup;
  /** Steps of the rising half. Default 2000. */
  stepSizeUp?: number;
  /** Steps of the falling half. Default stepSizeUp. */
  stepSizeDown?: number;
  /** triangular: all cycles alike; triangular2: each half as high; exp_range: height · gammaᵉ. */
  mode?: Mode;
  gamma?: number;
  /** Height of cycle x, or at step x, in place of `mode`. */
  scaleFn?: (x: number) => number;
  /** What scaleFn is given: the number of the cycle (default), or of the step. */
  scaleMode?: "cycle" | "iterations";
  /** Momentum, or Adam's β₁, falls while the rate rises. Default true. */
  cycleMomentum?: boolean;
  baseMomentum?: PerGroup;
  maxMomentum?: PerGroup;
}

/**
 * The learning rate rises and falls between two bounds.
 * @param args baseLr, maxLr, stepSizeUp, stepSizeDown, mode, gamma, or an object
 * @throws {TensorError} an optimizer without momentum, unless cycleMomentum is false
 * @see PyTorch CyclicLR; Smith 2017, arXiv:1506.01186
 * @example
 * const optimizer = new optim.SGD([ones(1)], { lr: 0.1, momentum: 0.9 });
 * new optim.lrScheduler.CyclicLR(optimizer, { baseLr: 0.01, maxLr: 0.1, stepSizeUp: 100 });
 */
export class CyclicLR extends LRScheduler {
  maxLrs: number[];
  totalSize: number;
  stepRatio: number;
  mode: Mode;
  gamma: number;
  scaleMode: "cycle" | "iterations";
  cycleMomentum: boolean;
  baseMomentums: number[];
  maxMomentums: number[];
  readonly #scale: (x: number) => number;
  readonly #momentum: MomentumOf | null;

  constructor(optimizer: Optimizer, ...args: (PerGroup | string | CyclicOptions)[]) {
    const given = named<CyclicOptions>("CyclicLR", args, [
      "baseLr",
      "maxLr",
      "stepSizeUp",
      "stepSizeDown",
      "mode",
      "gamma",
    ]);
    const {
      baseLr,
      maxLr,
      stepSizeUp = 2000,
      mode = "triangular",
      gamma = 1,
      cycleMomentum = true,
      lastEpoch = -1,
    } = given;
    if (baseLr === undefined || maxLr === undefined) throw new TypeError("CyclicLR: 'baseLr' and 'maxLr' are needed");
    if (!given.scaleFn && !["triangular", "triangular2", "exp_range"].includes(mode)) {
      throw new TensorError("mode is invalid and scaleFn is not given");
    }
    const baseLrs = perGroup(optimizer, "baseLr", baseLr);
    const momentum = cycleMomentum ? new MomentumOf(optimizer) : null;
    if (lastEpoch === -1) {
      optimizer.paramGroups.forEach((group, i) => {
        group.lr = baseLrs[i];
      });
    }
    super(optimizer, lastEpoch);
    this.baseLrs = baseLrs;
    this.maxLrs = perGroup(optimizer, "maxLr", maxLr);
    this.totalSize = stepSizeUp + (given.stepSizeDown ?? stepSizeUp);
    this.stepRatio = stepSizeUp / this.totalSize;
    this.mode = mode;
    this.gamma = gamma;
    this.scaleMode = given.scaleFn ? (given.scaleMode ?? "cycle") : mode === "exp_range" ? "iterations" : "cycle";
    this.#scale = given.scaleFn ?? ((x) => this.height(x));
    this.cycleMomentum = cycleMomentum;
    this.baseMomentums = perGroup(optimizer, "baseMomentum", given.baseMomentum ?? 0.8);
    this.maxMomentums = perGroup(optimizer, "maxMomentum", given.maxMomentum ?? 0.9);
    this.#momentum = momentum;
    this.begin();
  }

  private height(x: number): number {
    if (this.mode === "triangular2") return 0.5 ** (x - 1);
    return this.mode === "exp_range" ? this.gamma ** x : 1;
  }

  protected rate(_lr: number, base: number, index: number): number {
    const { lastEpoch, totalSize, stepRatio } = this;
    const cycle = Math.floor(1 + lastEpoch / totalSize);
    const x = 1 + lastEpoch / totalSize - cycle;
    const rise = x <= stepRatio ? x / stepRatio : (x - 1) / (stepRatio - 1);
    const share = rise * this.#scale(this.scaleMode === "cycle" ? cycle : lastEpoch);
    if (this.#momentum) {
      const [low, high] = [this.baseMomentums[index], this.maxMomentums[index]];
      this.#momentum.set(this.optimizer.paramGroups[index], high - (high - low) * share);
    }
    return base + (this.maxLrs[index] - base) * share;
  }
}
