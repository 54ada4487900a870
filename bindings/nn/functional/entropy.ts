/** Losses of classifiers: a score for each class, and the class, or a probability for each. */
import { Op } from "../../../assembly/abi/op.ts";
import { Reduction as Mode } from "../../../assembly/abi/reduction.ts";
import { Status } from "../../../assembly/abi/status.ts";
import { defineRule } from "../../autograd/rules.ts";
import { expectTensor, named } from "../../core/args.ts";
import { failure, tryN, wrap } from "../../core/dispatch.ts";
import { DTypeError, IndexError, ShapeError, TensorError } from "../../core/errors.ts";
import { nameCode, renamed, savingInputs } from "../../core/names.ts";
import { recorder } from "../../core/recording.ts";
import { setName, status, statusDetail } from "../../core/wasm.ts";
import { ones, tensor, zeros } from "../../ops/creation.ts";
import { gather } from "../../ops/indexing.ts";
import { scatterAdd } from "../../ops/scatter.ts";
import { logSoftmax, softmax } from "../../ops/softmax.ts";
import { savedWhole } from "../../ops/view.ts";
import { where } from "../../ops/where.ts";
import type { Tensor } from "../../tensor.ts";
import { differs } from "./loss.ts";
import { checkReduction, type Reduction, type ReductionOption, reduced } from "./reduction.ts";

const NLL: number = /* @__PURE__ */ nameCode("NllLossBackward0");
const NLL_2D: number = /* @__PURE__ */ nameCode("NllLoss2DBackward0");

export interface NllLossOptions extends ReductionOption {
  /** Factor for each class. */
  weight?: Tensor;
  /** A class that costs nothing and does not count in the mean. Default −100. */
  ignoreIndex?: number;
}

export interface CrossEntropyOptions extends NllLossOptions {
  /** Share, 0 to 1, of the target that is spread over all classes. Default 0. */
  labelSmoothing?: number;
}

/** The classes of single positions, row by row. */
interface Rows {
  /** [positions, classes] */
  scores: Tensor;
  /** int32 [positions], 0 where ignored */
  classes: Tensor;
  /** bool [positions]; null if nothing is */
  ignored: Tensor | null;
  /** How many positions count. */
  count: number | Tensor;
}

/** Along which dimension the classes lie. */
function classDim(input: Tensor): number {
  return input.ndim === 1 ? 0 : 1;
}

/** Scores with the classes last, as a matrix. */
function asRows(input: Tensor): Tensor {
  if (input.ndim === 1) return input.unsqueeze(0);
  if (input.ndim === 2) return input;
  const order = [0, ...Array.from({ length: input.ndim - 2 }, (_, i) => i + 2), 1];
  return input.permute(order).reshape([-1, input.size(1)]);
}

/** Refuses targets that are no classes for the input. */
function checkTarget(input: Tensor, target: Tensor, weight: Tensor | undefined): void {
  if (input.ndim === 0) throw new ShapeError("Expected 1 or more dimensions (got 0)");
  const sizes = input.shape;
  const expected = input.ndim === 1 ? [] : [sizes[0], ...sizes.slice(2)];
  const got = target.shape;
  if (input.ndim > 1 && got.length > 0 && got[0] !== sizes[0]) {
    throw new ShapeError(`Expected input batch_size (${sizes[0]}) to match target batch_size (${got[0]}).`);
  }
  if (got.length !== expected.length || got.some((s, i) => s !== expected[i])) {
    throw new ShapeError(
      input.ndim <= 2
        ? `0D or 1D target tensor expected, multi-target not supported: got target of shape [${got.join(", ")}] for input of shape [${sizes.join(", ")}]`
        : `Expected target size [${expected.join(", ")}], got [${got.join(", ")}]`,
    );
  }
  if (target.dtype !== "int32") {
    throw new DTypeError(`expected scalar type Int but found ${target.scalarName()}: classes are int32`);
  }
  const classes = sizes[classDim(input)];
  if (weight && (weight.ndim !== 1 || weight.size(0) !== classes)) {
    throw new ShapeError(
      `weight tensor should be defined either for all ${classes} classes or no classes but got weight tensor of shape: ` +
        `[${weight.shape.join(", ")}]`,
    );
  }
}

function readRows(scores: Tensor, target: Tensor, ignoreIndex: number): Rows {
  const limit = scores.size(1);
  const flat = target.ndim === 1 ? target : target.reshape([-1]);
  if (recorder) {
    // A program meets other classes at each replay; the core looks whether they are in range.
    const ignored = flat.eq(ignoreIndex);
    return { scores, classes: where(ignored, 0, flat), ignored, count: ignored.logicalNot().sum() };
  }
  const given = target.data();
  let count = 0;
  for (const c of given) {
    if (c === ignoreIndex) continue;
    if (c < 0 || c >= limit) throw new IndexError(`Target ${c} is out of bounds.`);
    count++;
  }
  if (count === given.length) return { scores, classes: flat, ignored: null, count };
  const classes = tensor((given as Int32Array).map((c) => (c === ignoreIndex ? 0 : c)));
  return { scores, classes, ignored: flat.eq(ignoreIndex), count };
}

/** 0 where ignored, which also keeps the gradient 0 there, whatever the scores. */
function withoutIgnored(values: Tensor, ignored: Tensor | null): Tensor {
  return ignored ? where(ignored, 0, values) : values;
}

/** −weight[c] · scores[c] of each position, and the sum of the weights. */
function negativeLogLikelihood(
  { scores, classes, ignored, count }: Rows,
  weight: Tensor | undefined,
): [Tensor, Tensor | number] {
  const picked = savingInputs(gather(scores, 1, classes.unsqueeze(1)))
    .squeeze(1)
    .neg();
  if (!weight) return [withoutIgnored(picked, ignored), count];
  const factors = withoutIgnored(gather(weight, 0, classes), ignored);
  const total = factors.sum();
  return [withoutIgnored(picked.mul(factors), ignored), total];
}

function reduceRows(
  losses: Tensor,
  total: Tensor | number,
  reduction: Reduction,
  shape: readonly number[],
  name: number,
): Tensor {
  if (reduction === "none") {
    const same = shape.length === 1;
    return renamed(same ? losses : losses.reshape(shape), shape.length > 3 ? 0 : name);
  }
  if (reduction === "sum") return reduced(losses, "sum", name);
  const sum = losses.sum();
  setName(name);
  return sum.div(total);
}

/**
 * The mean of −weight[c] · input[c], where c is the class (`target`) of a position; in the mean the weights count as the
 * number of positions.
 * @param input log-probabilities [N, C], [C] or [N, C, d₁, …]
 * @param target int32 [N], [] or [N, d₁, …]
 * @throws {ShapeError} shapes that do not fit @throws {IndexError} no such class @throws {DTypeError} no int32
 * @see PyTorch nll_loss
 * @example nn.functional.nllLoss(tensor([[-1, -2]]), tensor([1], { dtype: "int32" })).item() // 2
 */
export function nllLoss(input: Tensor, target: Tensor, ...args: (Tensor | NllLossOptions | null)[]): Tensor {
  expectTensor(target, "nllLoss", "target");
  const { weight, ignoreIndex = -100, reduction = "mean" } = named<NllLossOptions>("nllLoss", args, ["weight"]);
  checkReduction(reduction);
  checkTarget(input, target, weight);
  if (!input.isFloatingPoint()) {
    throw new DTypeError(`nllLoss: logarithms of probabilities must be float32, but found ${input.scalarName()}`);
  }
  const rows = readRows(asRows(savedWhole(input)), target, ignoreIndex);
  const [losses, total] = negativeLogLikelihood(rows, weight);
  return reduceRows(losses, total, reduction, target.shape, input.ndim > 2 ? NLL_2D : NLL);
}

/**
 * Cross entropy between a softmax of scores and the right class, or a probability for each class: the mean of
 * −weight[c] · log softmax(input)[c].
 * @param input scores, of any size: [N, C], [C] or [N, C, d₁, …]
 * @param target classes, int32 [N], [] or [N, d₁, …]; or probabilities, float32 of the input's shape
 * @throws {ShapeError} shapes that do not fit @throws {IndexError} no such class @throws {DTypeError} neither of the two
 * @see PyTorch cross_entropy; for labelSmoothing Szegedy et al. 2016, arXiv:1512.00567
 * @example nn.functional.crossEntropy(tensor([[0, 0]]), tensor([1], { dtype: "int32" })).item() // 0.6931472
 */
export function crossEntropy(input: Tensor, target: Tensor, ...args: (Tensor | CrossEntropyOptions | null)[]): Tensor {
  expectTensor(target, "crossEntropy", "target");
  const options = named<CrossEntropyOptions>("crossEntropy", args, ["weight"]);
  const { weight, ignoreIndex = -100, reduction = "mean", labelSmoothing = 0 } = options;
  checkReduction(reduction);
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new TensorError(`label_smoothing must be between 0.0 and 1.0. Got: ${labelSmoothing}`);
  }
  if (!differs(input, target)) return withProbabilities(input, target, options);
  checkTarget(input, target, weight);
  if (!weight && labelSmoothing === 0) return fused(input, target, ignoreIndex, reduction);
  const logs = logSoftmax(asRows(input), 1);
  const rows = readRows(logs, target, ignoreIndex);
  const [losses, total] = negativeLogLikelihood(rows, weight);
  const plain = reduceRows(losses, total, reduction, target.shape, input.ndim > 2 ? NLL_2D : NLL);
  if (labelSmoothing === 0) return plain;
  const spread = withoutIgnored((weight ? logs.mul(weight) : logs).sum(1).neg(), rows.ignored);
  const smooth = reduceRows(spread, total, reduction, target.shape, 0);
  return plain.mul(1 - labelSmoothing).add(smooth.mul(labelSmoothing / logs.size(1)));
}

const MODES: Readonly<Record<Reduction, Mode>> = { none: Mode.None, mean: Mode.Mean, sum: Mode.Sum };

/** The usual case, in one node. */
function fused(input: Tensor, target: Tensor, ignoreIndex: number, reduction: Reduction): Tensor {
  const classes = target.ndim === 1 ? target : target.reshape([-1]);
  const rows = asRows(input);
  const attributes = [ignoreIndex, MODES[reduction], 0];
  if (input.ndim > 2) setName(NLL_2D);
  const p = tryN(Op.CrossEntropy, [rows, classes, null], attributes);
  if (p === 0) {
    if (status() === Status.IndexRange) throw new IndexError(`Target ${statusDetail(0)} is out of bounds.`);
    throw failure("crossEntropy", [rows, classes]);
  }
  const result = wrap(p);
  if (reduction !== "none" || target.ndim === 1) return result;
  return renamed(result.reshape(target.shape), input.ndim > 2 ? NLL_2D : NLL);
}

/** (softmax − the class) times the gradient of each row's loss, 0 where ignored. */
defineRule(Op.CrossEntropy, (g, n) => {
  const [scores, classes] = [n.input(0), n.input(1)];
  const ignored = classes.eq(n.list(0));
  const places = where(ignored, 0, classes).unsqueeze(1);
  const right = scatterAdd(zeros(scores.shape), 1, places, ones(places.shape));
  const each = n.list(1) === Mode.Mean ? g.div(n.list(2)) : g;
  return [
    softmax(scores, 1)
      .sub(right)
      .mul(where(ignored, 0, each).unsqueeze(1)),
    null,
  ];
});

function withProbabilities(input: Tensor, target: Tensor, options: CrossEntropyOptions): Tensor {
  if (!target.isFloatingPoint()) {
    throw new DTypeError(
      `Expected floating point type for target with class probabilities, got ${target.scalarName()}`,
    );
  }
  const { weight, reduction = "mean", labelSmoothing = 0, ignoreIndex = -100 } = options;
  if (ignoreIndex >= 0) throw new TensorError("ignore_index is not supported for floating point target");
  const dim = classDim(input);
  const classes = input.size(dim);
  if (weight && (weight.ndim !== 1 || weight.size(0) !== classes)) {
    throw new ShapeError(
      `cross_entropy: weight tensor should be defined either for all ${classes} classes or no classes but got weight ` +
        `tensor of shape: [${weight.shape.join(", ")}]`,
    );
  }
  const smoothed = labelSmoothing > 0 ? target.mul(1 - labelSmoothing).add(labelSmoothing / classes) : target;
  let terms = logSoftmax(input, dim).mul(smoothed);
  if (weight)
    terms = terms.mul(input.ndim > 2 ? weight.reshape([classes, ...input.shape.slice(2).map(() => 1)]) : weight);
  if (reduction === "none") return terms.sum(dim).neg();
  const total = terms.sum().neg();
  return reduction === "sum" ? total : renamed(total.div(input.numel() / classes), "DivBackward1");
}
