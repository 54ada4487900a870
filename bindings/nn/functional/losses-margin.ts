/** Losses that ask for a distance between scores, and not for more. */
import { expectTensor, named } from "../../core/args.ts";
import { DTypeError, IndexError, ShapeError, TensorError } from "../../core/errors.ts";
import { nameCode, renamed, savingInputs } from "../../core/names.ts";
import { setName } from "../../core/wasm.ts";
import { logsigmoid, softplus } from "../../ops/activation.ts";
import { arange, tensor } from "../../ops/creation.ts";
import { gather } from "../../ops/indexing.ts";
import { where } from "../../ops/where.ts";
import type { Tensor } from "../../tensor.ts";
import { checkReduction, type ReductionOption, reduced } from "./reduction.ts";
import { listed } from "./window.ts";

const SOFT_MARGIN: number = /* @__PURE__ */ nameCode("SoftMarginLossBackward0");
const MULTI_MARGIN: number = /* @__PURE__ */ nameCode("MultiMarginLossBackward0");
const MULTILABEL_MARGIN: number = /* @__PURE__ */ nameCode("MultilabelMarginLossBackward0");

export interface MarginOptions extends ReductionOption {
  margin?: number;
}

function size(t: Tensor): string {
  return `torch.Size(${listed(t.shape)})`;
}

/**
 * The mean of x where the target is 1, max(0, margin − x) where it is −1; x is a distance. `margin` is 1 by default.
 * @example nn.functional.hingeEmbeddingLoss(tensor([0.5, 0.5]), tensor([1, -1])).item() // 0.5
 */
export function hingeEmbeddingLoss(input: Tensor, target: Tensor, options: MarginOptions = {}): Tensor {
  expectTensor(target, "hingeEmbeddingLoss", "target");
  const { margin = 1, reduction = "mean" } = options;
  const lacking = where(target.ne(1), input.neg().add(margin).clampMin(0), 0);
  return reduced(lacking.add(where(target.ne(-1), input, 0)), reduction);
}

/**
 * The mean of max(0, −y (x₁ − x₂) + margin): where y is 1 x₁ is to be above x₂ by `margin` (0), where it is −1 below.
 * @throws {ShapeError} tensors of different numbers of dimensions
 * @example nn.functional.marginRankingLoss(tensor([1]), tensor([3]), tensor([1])).item() // 2
 */
export function marginRankingLoss(input1: Tensor, input2: Tensor, target: Tensor, options: MarginOptions = {}): Tensor {
  expectTensor(input2, "marginRankingLoss", "input2");
  expectTensor(target, "marginRankingLoss", "target");
  const { margin = 0, reduction = "mean" } = options;
  if (input1.ndim !== input2.ndim || input1.ndim !== target.ndim) {
    throw new ShapeError(
      `margin_ranking_loss : All input tensors should have same dimension but got sizes: input1: ${size(input1)}, input2: ` +
        `${size(input2)}, target: ${size(target)}`,
    );
  }
  return reduced(target.neg().mul(input1.sub(input2)).add(margin).clampMin(0), reduction);
}

/**
 * The mean of log(1 + e^(−y x)), y being 1 or −1.
 * @throws {ShapeError} shapes that do not broadcast
 * @example nn.functional.softMarginLoss(tensor([0]), tensor([1])).item() // 0.6931
 */
export function softMarginLoss(input: Tensor, target: Tensor, options: ReductionOption = {}): Tensor {
  expectTensor(target, "softMarginLoss", "target");
  const { reduction = "mean" } = options;
  const exponents = savingInputs(target.mul(input)).neg();
  if (reduction === "none") setName(SOFT_MARGIN);
  return reduced(softplus(exponents), reduction, SOFT_MARGIN);
}

export interface MultiMarginLossOptions extends ReductionOption {
  /** 1 or 2. */
  p?: number;
  margin?: number;
  /** Factor of the losses of each class. */
  weight?: Tensor | null;
}

type MultiMarginArguments = [
  p?: number | MultiMarginLossOptions,
  margin?: number | MultiMarginLossOptions,
  weight?: Tensor | null | MultiMarginLossOptions,
];

function expectClasses(target: Tensor, caller: string): void {
  expectTensor(target, caller, "target");
  if (target.dtype !== "int32")
    throw new DTypeError(`${caller}: expected a target of dtype int32, got ${target.dtype}`);
}

/** Scores as rows, and the target with a batch dimension too; what has no batch dimension becomes one row. */
function asRows(input: Tensor, target: Tensor, classDims: number, caller: string): [Tensor, Tensor] {
  if (input.ndim === 2) return [input, target];
  if (input.ndim > 2) {
    throw new ShapeError(
      `${caller}: Expected non-empty vector or matrix with optional 0-dim batch size, but got: ${listed(input.shape)}`,
    );
  }
  return [input.reshape([1, -1]), target.reshape(classDims === 0 ? [-1] : [1, -1])];
}

/**
 * For each row Σᵢ max(0, margin − x[y] + x[i])^p / C over all classes i but the right one y (`target`), and the mean of the
 * rows.
 * @param input float32 [N, C] or [C] @param target int32 [N] or []
 * @throws {ShapeError} sizes that do not fit @throws {IndexError} a class out of range @throws {TensorError} p other than 1, 2
 * @example nn.functional.multiMarginLoss(tensor([[0.1, 0.2]]), tensor([1], { dtype: "int32" })).item() // 0.4500
 */
export function multiMarginLoss(input: Tensor, target: Tensor, ...args: MultiMarginArguments): Tensor {
  expectClasses(target, "multiMarginLoss");
  const options = named<MultiMarginLossOptions>("multiMarginLoss", args, ["p", "margin", "weight"]);
  const { p = 1, margin = 1, weight, reduction = "mean" } = options;
  checkReduction(reduction);
  if (p !== 1 && p !== 2) throw new TensorError("only p == 1 and p == 2 supported");
  const [rows, classes] = asRows(input, target, 0, "multiMarginLoss");
  const [count, width] = rows.shape;
  if (classes.ndim !== 1 || classes.numel() !== count) {
    throw new ShapeError(
      `inconsistent target size, got: ${listed(target.shape)} for an input of size ${listed(input.shape)}`,
    );
  }
  if (classes.data().some((c) => Number(c) < 0 || Number(c) >= width)) throw new IndexError("target out of range");
  if (weight && weight.numel() !== width)
    throw new ShapeError(`inconsistent weight size, expected ${width} but got ${listed(weight.shape)}`);
  const column = classes.unsqueeze(1);
  const lacking = savingInputs(rows.sub(gather(rows, 1, column)))
    .add(margin)
    .relu();
  const others = where(arange(width).eq(column), 0, p === 2 ? lacking.square() : lacking);
  const weighted = weight ? others.mul(gather(weight, 0, classes).unsqueeze(1)) : others;
  const sums = weighted.sum(1);
  if (reduction === "none") setName(MULTI_MARGIN);
  const losses = sums.div(width);
  return reduced(input.ndim < 2 ? losses.squeeze(0) : losses, reduction, MULTI_MARGIN);
}

/**
 * For each row Σⱼ Σᵢ max(0, 1 − (x[j] − x[i])) / C over right classes j and wrong ones i, and the mean of the rows.
 * @param input float32 [N, C] or [C]
 * @param target int32, shape of `input`: the right classes of each row, ended by a −1 if they are fewer than C
 * @throws {ShapeError} another shape @throws {IndexError} a class out of range
 * @example nn.functional.multilabelMarginLoss(tensor([[0.1, 0.2]]), tensor([[1, -1]], { dtype: "int32" })).item() // 0.4500
 */
export function multilabelMarginLoss(input: Tensor, target: Tensor, options: ReductionOption = {}): Tensor {
  expectClasses(target, "multilabelMarginLoss");
  const { reduction = "mean" } = options;
  checkReduction(reduction);
  if (listed(input.shape) !== listed(target.shape)) {
    throw new ShapeError(
      `inconsistent size ${listed(target.shape)} for argument #2 'target' and an input of size ${listed(input.shape)}`,
    );
  }
  const [rows, classes] = asRows(input, target, 1, "multilabelMarginLoss");
  const [count, width] = rows.shape;
  const { indices, isGiven, isWrong } = readLabels(classes, count, width);
  const right = gather(rows, 1, indices).unsqueeze(2);
  const lacking = savingInputs(rows.unsqueeze(1).sub(right)).add(1).relu();
  const sums = lacking.mul(isGiven.unsqueeze(2)).mul(isWrong.unsqueeze(1)).sum([1, 2]);
  if (reduction === "none") setName(MULTILABEL_MARGIN);
  const losses = sums.div(width);
  return reduced(input.ndim < 2 ? losses.squeeze(0) : losses, reduction, MULTILABEL_MARGIN);
}

interface Labels {
  /** The right classes, 0 behind the last of them. */
  indices: Tensor;
  /** 1 where there is one. */
  isGiven: Tensor;
  /** 1 for the classes that are not among them. */
  isWrong: Tensor;
}

function readLabels(classes: Tensor, count: number, width: number): Labels {
  const labels = classes.data() as Int32Array;
  const indices = new Int32Array(labels.length);
  const isGiven = new Float32Array(labels.length);
  const isWrong = new Float32Array(labels.length).fill(1);
  for (let row = 0; row < count; row++) {
    for (let i = row * width; i < (row + 1) * width && labels[i] !== -1; i++) {
      if (labels[i] < 0 || labels[i] >= width) throw new IndexError("argument #2 'target' is out of range");
      indices[i] = labels[i];
      isGiven[i] = 1;
      isWrong[row * width + labels[i]] = 0;
    }
  }
  const shape = [count, width];
  return {
    indices: tensor(indices, { shape }),
    isGiven: tensor(isGiven, { shape }),
    isWrong: tensor(isWrong, { shape }),
  };
}

export interface MultilabelSoftMarginLossOptions extends ReductionOption {
  /** Factor for each class. */
  weight?: Tensor | null;
}

/**
 * For each row the mean over the classes of −(y log σ(x) + (1 − y) log σ(−x)), and the mean of the rows.
 * @param input float32 [..., C] @param target shape of `input`, each 0 or 1
 * @example nn.functional.multilabelSoftMarginLoss(tensor([[0, 0]]), tensor([[1, 0]])).item() // 0.6931
 */
export function multilabelSoftMarginLoss(
  input: Tensor,
  target: Tensor,
  ...args: (Tensor | MultilabelSoftMarginLossOptions | null)[]
): Tensor {
  expectTensor(target, "multilabelSoftMarginLoss", "target");
  const options = named<MultilabelSoftMarginLossOptions>("multilabelSoftMarginLoss", args, ["weight"]);
  const { weight, reduction = "mean" } = options;
  checkReduction(reduction);
  const wrong = target.neg().add(1).mul(logsigmoid(input.neg()));
  const losses = target.mul(logsigmoid(input)).add(wrong).neg();
  return reduced(renamed((weight ? losses.mul(weight) : losses).mean(-1), "DivBackward0"), reduction);
}
