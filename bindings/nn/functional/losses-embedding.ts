/** Losses between vectors that stand for things: how near they are to each other. */
import { expectTensor, named } from "../../core/args.ts";
import { ShapeError } from "../../core/errors.ts";
import { pairwiseDistance } from "../../ops/norms.ts";
import { where } from "../../ops/where.ts";
import type { Tensor } from "../../tensor.ts";
import type { MarginOptions } from "./losses-margin.ts";
import { checkReduction, type ReductionOption, reduced } from "./reduction.ts";
import { listed } from "./window.ts";

/** Keeps the cosine of a zero vector finite. */
const EPSILON = 1e-12;

/**
 * The mean of 1 − cos(x₁, x₂) where the target is 1, max(0, cos(x₁, x₂) − margin) where it is −1. `margin` is 0 by default.
 * @param input1 [N, D] or [D] @param target [N] or []
 * @throws {ShapeError} sizes that do not fit
 * @example nn.functional.cosineEmbeddingLoss(tensor([[1, 0]]), tensor([[0, 1]]), tensor([1])).item() // 1
 */
export function cosineEmbeddingLoss(
  input1: Tensor,
  input2: Tensor,
  target: Tensor,
  options: MarginOptions = {},
): Tensor {
  expectTensor(input2, "cosineEmbeddingLoss", "input2");
  expectTensor(target, "cosineEmbeddingLoss", "target");
  const { margin = 0, reduction = "mean" } = options;
  checkReduction(reduction);
  if (target.ndim > 1) throw new ShapeError("0D or 1D target tensor expected, multi-target not supported");
  const rank = target.ndim + 1;
  if (input1.ndim !== rank || input2.ndim !== rank) {
    throw new ShapeError(
      `${target.ndim}D target tensor expects ${rank}D input tensors, but found inputs with sizes ${listed(input1.shape)} and ${listed(input2.shape)}.`,
    );
  }
  const squares = (x: Tensor): Tensor => x.square().sum(-1).add(EPSILON);
  const cosine = input1
    .mul(input2)
    .sum(-1)
    .div(squares(input1).mul(squares(input2)).sqrt());
  const near = where(target.eq(1), cosine.neg().add(1), 0);
  return reduced(near.add(where(target.eq(-1), cosine.sub(margin).clampMin(0), 0)), reduction);
}

export interface TripletOptions extends ReductionOption {
  /** Default 1. */
  margin?: number;
  /** Take the negative's distance from the positive if that is smaller (Balntas et al. 2016). */
  swap?: boolean;
}

export interface TripletMarginLossOptions extends TripletOptions {
  /** Which norm measures distances. Default 2. */
  p?: number;
  /** Added to differences, so that no distance is 0. Default 1e-6. */
  eps?: number;
}

export interface TripletWithDistanceOptions extends TripletOptions {
  /** From two batches of vectors to one number for each pair. Default pairwiseDistance. */
  distanceFunction?: ((a: Tensor, b: Tensor) => Tensor) | null;
}

function checkRanks(anchor: Tensor, positive: Tensor, negative: Tensor, caller: string): void {
  expectTensor(anchor, caller, "anchor");
  expectTensor(positive, caller, "positive");
  expectTensor(negative, caller, "negative");
  if (anchor.ndim === positive.ndim && anchor.ndim === negative.ndim) return;
  throw new ShapeError(
    `All inputs should have same dimension but got ${anchor.ndim}D, ${positive.ndim}D and ${negative.ndim}D inputs.`,
  );
}

type TripletArguments = [
  margin?: number | TripletMarginLossOptions,
  p?: number | TripletMarginLossOptions,
  eps?: number | TripletMarginLossOptions,
  swap?: boolean | TripletMarginLossOptions,
];

/**
 * The mean of max(0, d(a, p) − d(a, n) + margin): an anchor a is to be nearer to the positive p than to the negative n.
 *
 * Balntas et al., Learning local feature descriptors with triplets and shallow convolutional neural networks, BMVC 2016.
 * @param anchor [N, D] or [D], as `positive` and `negative`
 * @throws {ShapeError} different numbers of dimensions
 * @example nn.functional.tripletMarginLoss(tensor([[0]]), tensor([[1]]), tensor([[1]])).item() // 1
 */
export function tripletMarginLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  ...args: TripletArguments
): Tensor {
  const names = ["margin", "p", "eps", "swap"] as const;
  const { p = 2, eps = 1e-6, ...options } = named<TripletMarginLossOptions>("tripletMarginLoss", args, names);
  checkRanks(anchor, positive, negative, "tripletMarginLoss");
  return tripletMarginWithDistanceLoss(anchor, positive, negative, {
    ...options,
    distanceFunction: (a, b) => pairwiseDistance(a, b, p, eps),
  });
}

/**
 * tripletMarginLoss with any measure of distance.
 * @example nn.functional.tripletMarginWithDistanceLoss(tensor([[0]]), tensor([[1]]), tensor([[1]])).item() // 1
 */
export function tripletMarginWithDistanceLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletWithDistanceOptions = {},
): Tensor {
  checkRanks(anchor, positive, negative, "tripletMarginWithDistanceLoss");
  const { distanceFunction, margin = 1, swap = false, reduction = "mean" } = options;
  checkReduction(reduction);
  const distance = distanceFunction ?? ((a: Tensor, b: Tensor): Tensor => pairwiseDistance(a, b));
  const near = distance(anchor, positive);
  let far = distance(anchor, negative);
  if (swap) far = far.minimum(distance(positive, negative));
  return reduced(near.sub(far).add(margin).clampMin(0), reduction);
}
