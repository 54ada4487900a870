/** Losses between numbers, and between distributions. */
import { noGrad } from "../../autograd/mode.ts";
import { expectTensor, named } from "../../core/args.ts";
import { ShapeError, TensorError } from "../../core/errors.ts";
import { nameCode, savingInputs } from "../../core/names.ts";
import { warnOnce } from "../../core/warn.ts";
import { setName } from "../../core/wasm.ts";
import { where } from "../../ops/where.ts";
import type { Tensor } from "../../tensor.ts";
import { checkReduction, type Reduction, type ReductionOption, reduced } from "./reduction.ts";
import { listed } from "./window.ts";

const HUBER: number = /* @__PURE__ */ nameCode("HuberLossBackward0");
const SMOOTH_L1: number = /* @__PURE__ */ nameCode("SmoothL1LossBackward0");

export interface HuberLossOptions extends ReductionOption {
  /** Where the loss turns from a parabola into a line, above 0. Default 1. */
  delta?: number;
}

export interface SmoothL1LossOptions extends ReductionOption {
  /** Where the loss turns from a parabola into a line. Default 1; 0 gives l1Loss. */
  beta?: number;
}

/**
 * z²/2 up to d, then d (z − d/2), for z = |input − target|: c (z − c/2) with c = min(z, d), which an infinite z leaves without
 * a NaN.
 */
function bent(input: Tensor, target: Tensor, d: number, name = 0): Tensor {
  const z = savingInputs(input.sub(target)).abs();
  const c = z.clampMax(d);
  const rest = z.sub(c.mul(0.5));
  if (name) setName(name);
  return c.mul(rest);
}

/**
 * The mean of z²/2 where z = |input − target| is at most δ (`delta`), δ (z − δ/2) elsewhere.
 *
 * Huber, Robust Estimation of a Location Parameter, 1964, doi:10.1214/aoms/1177703732.
 * @throws {TensorError} δ that is not above 0
 * @example nn.functional.huberLoss(tensor([0, 0]), tensor([1, 3])).item() // 1.5
 */
export function huberLoss(input: Tensor, target: Tensor, options: HuberLossOptions = {}): Tensor {
  expectTensor(target, "huberLoss", "target");
  const { delta = 1, reduction = "mean" } = options;
  if (!(delta > 0)) throw new TensorError("huber_loss does not support non-positive values for delta.");
  return reduced(bent(input, target, delta, reduction === "none" ? HUBER : 0), reduction, HUBER);
}

/**
 * huberLoss divided by its δ (`beta`): z²/(2β) near 0, z − β/2 elsewhere.
 *
 * Girshick, Fast R-CNN, arXiv:1504.08083, equation 3.
 * @throws {TensorError} β below 0
 * @example nn.functional.smoothL1Loss(tensor([0, 0]), tensor([1, 3])).item() // 1.5
 */
export function smoothL1Loss(input: Tensor, target: Tensor, options: SmoothL1LossOptions = {}): Tensor {
  expectTensor(target, "smoothL1Loss", "target");
  const { beta = 1, reduction = "mean" } = options;
  if (!(beta >= 0)) throw new TensorError("smooth_l1_loss does not support negative values for beta.");
  const unscaled = beta === 0 ? savingInputs(input.sub(target)).abs() : bent(input, target, beta);
  if (reduction === "none") setName(SMOOTH_L1);
  const losses = unscaled.div(beta || 1);
  return reduced(losses, reduction, SMOOTH_L1);
}

export interface KlDivOptions {
  /** "batchmean", the sum divided by the first size, is the one that agrees with the definition. Default "mean". */
  reduction?: Reduction | "batchmean";
  /** Whether the target is given by its logarithms too. */
  logTarget?: boolean;
}

/**
 * The Kullback-Leibler divergence Σ y (log y − x) of distributions y (`target`) from those whose logarithms are x (`input`),
 * or the mean of its terms.
 * @example nn.functional.klDiv(tensor([0.5]).log(), tensor([1]), { reduction: "sum" }).item() // 0.6931472
 */
export function klDiv(input: Tensor, target: Tensor, options: KlDivOptions = {}): Tensor {
  expectTensor(target, "klDiv", "target");
  const { reduction = "mean", logTarget = false } = options;
  if (reduction === "mean") {
    warnOnce(
      "klDiv mean",
      "reduction: 'mean' divides the total loss by both the batch size and the support size. 'batchmean' divides only by the " +
        "batch size, and aligns with the KL div math definition.",
    );
  }
  const terms = logTarget ? target.exp().mul(target.sub(input)) : target.xlogy(target).sub(target.mul(input));
  if (reduction !== "batchmean") return reduced(terms, reduction);
  const total = terms.sum();
  return input.ndim === 0 ? total : total.div(input.size(0));
}

export interface PoissonNllLossOptions extends ReductionOption {
  /** Whether the input is the logarithm of the rate. Default true. */
  logInput?: boolean;
  /** Adds Stirling's approximation of log target! where the target is above 1. */
  full?: boolean;
  /** Added to the rate before its logarithm is taken. Default 1e-8. */
  eps?: number;
}

type PoissonArguments = [logInput?: boolean | PoissonNllLossOptions, full?: boolean | PoissonNllLossOptions];

/**
 * The mean of rate − target · log rate: the negative log likelihood of counts (`target`) under Poisson distributions, up to
 * log target!.
 * @example nn.functional.poissonNllLoss(tensor([0]), tensor([2])).item() // 1
 */
export function poissonNllLoss(input: Tensor, target: Tensor, ...args: PoissonArguments): Tensor {
  expectTensor(target, "poissonNllLoss", "target");
  const options = named<PoissonNllLossOptions>("poissonNllLoss", args, ["logInput", "full"]);
  const { logInput = true, full = false, eps = 1e-8, reduction = "mean" } = options;
  checkReduction(reduction);
  const losses = logInput ? input.exp().sub(target.mul(input)) : input.sub(target.mul(input.add(eps).log()));
  if (!full) return reduced(losses, reduction);
  const stirling = target
    .mul(target.log())
    .sub(target)
    .add(
      target
        .mul(2 * Math.PI)
        .log()
        .mul(0.5),
    );
  return reduced(losses.add(where(target.le(1), 0, stirling)), reduction);
}

export interface GaussianNllLossOptions extends ReductionOption {
  /** Adds log(2π)/2. */
  full?: boolean;
  /** The variance counts as this at least; its gradient does not see that. Default 1e-6. */
  eps?: number;
}

/** The variances laid beside the input: one for each element, or one for each row. */
function variances(input: Tensor, given: Tensor): Tensor {
  const [shape, own] = [input.shape, given.shape];
  if (listed(own) === listed(shape)) return given;
  if (listed(own) === listed(shape.slice(0, -1))) return given.unsqueeze(-1);
  if (own.length === shape.length && own.at(-1) === 1 && listed(own.slice(0, -1)) === listed(shape.slice(0, -1)))
    return given;
  throw new ShapeError(`var is of incorrect size: got ${listed(own)} for an input of size ${listed(shape)}`);
}

/**
 * The mean of (log var + (input − target)² / var) / 2: the negative log likelihood of targets under normal distributions with
 * these means (`input`) and variances (`variance`), up to log(2π)/2.
 * @param variance shape of `input`, or with a last size of 1, or without the last dimension
 * @throws {ShapeError} variances of another shape @throws {TensorError} a variance below 0
 * @example nn.functional.gaussianNllLoss(tensor([1]), tensor([3]), tensor([1])).item() // 2
 */
export function gaussianNllLoss(
  input: Tensor,
  target: Tensor,
  variance: Tensor,
  options: GaussianNllLossOptions = {},
): Tensor {
  expectTensor(target, "gaussianNllLoss", "target");
  expectTensor(variance, "gaussianNllLoss", "var");
  const { full = false, eps = 1e-6, reduction = "mean" } = options;
  checkReduction(reduction);
  const given = variances(input, variance);
  if (noGrad(() => given.lt(0).any().item<boolean>())) throw new TensorError("var has negative entry/entries");
  const held = given.clone();
  noGrad(() => held.copy_(held.clampMin(eps)));
  const losses = held.log().add(input.sub(target).square().div(held)).mul(0.5);
  return reduced(full ? losses.add(0.5 * Math.log(2 * Math.PI)) : losses, reduction);
}
