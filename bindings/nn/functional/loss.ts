/** Losses between two tensors of one shape. */
import { external } from "../../autograd/external.ts";
import { noGrad } from "../../autograd/mode.ts";
import { expectTensor, named } from "../../core/args.ts";
import { ShapeError, TensorError } from "../../core/errors.ts";
import { nameCode, savingInputs } from "../../core/names.ts";
import { warnOnce } from "../../core/warn.ts";
import { setName } from "../../core/wasm.ts";
import { softplus } from "../../ops/activation.ts";
import type { Tensor } from "../../tensor.ts";
import { checkReduction, type Reduction, type ReductionOption, reduced } from "./reduction.ts";

const MSE: number = /* @__PURE__ */ nameCode("MseLossBackward0");
const BCE: number = /* @__PURE__ */ nameCode("BinaryCrossEntropyBackward0");
const BCE_LOGITS: number = /* @__PURE__ */ nameCode("BinaryCrossEntropyWithLogitsBackward0");

const size = (t: Tensor): string => `torch.Size([${t.shape.join(", ")}])`;

/** @internal */
export function differs(a: Tensor, b: Tensor): boolean {
  const [x, y] = [a.shape, b.shape];
  return x.length !== y.length || x.some((s, i) => s !== y[i]);
}

function warnOfBroadcast(input: Tensor, target: Tensor): void {
  if (!differs(input, target)) return;
  warnOnce(
    "loss sizes",
    `Using a target size (${size(target)}) that is different to the input size (${size(input)}). This will likely lead to ` +
      "incorrect results due to broadcasting. Please ensure they have the same size.",
  );
}

/**
 * The mean of (input − target)².
 * @throws {ShapeError} shapes that do not broadcast
 * @example nn.functional.mseLoss(tensor([1, 2]), tensor([1, 4])).item() // 2
 */
export function mseLoss(input: Tensor, target: Tensor, options: ReductionOption = {}): Tensor {
  expectTensor(target, "mseLoss", "target");
  warnOfBroadcast(input, target);
  const { reduction = "mean" } = options;
  const difference = savingInputs(input.sub(target));
  if (reduction === "none") setName(MSE);
  return reduced(difference.square(), reduction, MSE);
}

/**
 * The mean of |input − target|.
 * @throws {ShapeError} shapes that do not broadcast
 * @example nn.functional.l1Loss(tensor([1, 2]), tensor([2, 4])).item() // 1.5
 */
export function l1Loss(input: Tensor, target: Tensor, options: ReductionOption = {}): Tensor {
  expectTensor(target, "l1Loss", "target");
  warnOfBroadcast(input, target);
  return reduced(input.sub(target).abs(), options.reduction ?? "mean");
}

interface WeightedOptions extends ReductionOption {
  /** Factor of the losses of single elements; broadcasts to them. */
  weight?: Tensor;
}

/**
 * The mean of −(y log x + (1 − y) log(1 − x)) for probabilities x (`input`) and y (`target`). Logarithms count as −100 at
 * least, so that the loss is finite; so is its gradient, (x − y) / max(x (1 − x), 1e-12).
 * @throws {ShapeError} shapes that differ @throws {TensorError} an input outside [0, 1]
 * @see PyTorch binary_cross_entropy
 * @example nn.functional.binaryCrossEntropy(tensor([0.5]), tensor([1])).item() // 0.6931472
 */
export function binaryCrossEntropy(
  input: Tensor,
  target: Tensor,
  ...args: (Tensor | WeightedOptions | null)[]
): Tensor {
  expectTensor(target, "binaryCrossEntropy", "target");
  const { weight, reduction = "mean" } = named<WeightedOptions>("binaryCrossEntropy", args, ["weight"]);
  checkReduction(reduction);
  if (differs(input, target)) {
    throw new ShapeError(
      `Using a target size (${size(target)}) that is different to the input size (${size(input)}) is deprecated. Please ` +
        "ensure they have the same size.",
    );
  }
  const losses = elementwiseEntropy(input, target);
  if (reduction === "none" && weight) setName(BCE);
  return reduced(weight ? losses.mul(weight) : losses, reduction, BCE);
}

/** In one node, as the chain of its steps would find NaN where the input is exactly 0 or 1. */
function elementwiseEntropy(x: Tensor, y: Tensor): Tensor {
  const losses = noGrad(() => {
    if (!x.ge(0).logicalAnd(x.le(1)).all().item<boolean>()) {
      throw new TensorError("all elements of input should be between 0 and 1");
    }
    const otherwise = x.neg().add(1).log().clampMin(-100);
    return y
      .sub(1)
      .mul(otherwise)
      .sub(y.mul(x.log().clampMin(-100)));
  });
  return external(
    "BinaryCrossEntropyBackward0",
    [x, y],
    [losses],
    ([g], [needsX, needsY]) => {
      const rest = x.neg().add(1);
      return [
        g && needsX ? g.mul(x.sub(y)).div(rest.mul(x).clampMin(1e-12)) : null,
        g && needsY ? g.mul(rest.log().sub(x.log())) : null,
      ];
    },
    [x, y],
  )[0];
}

interface LogitsOptions extends WeightedOptions {
  /** Factor of y: above 1 it makes up for few positive examples. Broadcasts. */
  posWeight?: Tensor;
}

/**
 * The mean of −(w y log σ(x) + (1 − y) log(1 − σ(x))) for logits x (`input`), probabilities y (`target`) and w (`posWeight`,
 * 1), computed so that nothing overflows: (1 − y) x + (1 + (w − 1) y) log(1 + e⁻ˣ).
 * @throws {ShapeError} shapes that differ
 * @see PyTorch binary_cross_entropy_with_logits
 * @example nn.functional.binaryCrossEntropyWithLogits(tensor([0]), tensor([1])).item() // 0.6931472
 */
export function binaryCrossEntropyWithLogits(
  input: Tensor,
  target: Tensor,
  ...args: (Tensor | LogitsOptions | null)[]
): Tensor {
  expectTensor(target, "binaryCrossEntropyWithLogits", "target");
  const {
    weight,
    posWeight,
    reduction = "mean",
  } = named<LogitsOptions>("binaryCrossEntropyWithLogits", args, ["weight"]);
  checkReduction(reduction);
  if (differs(input, target)) {
    throw new ShapeError(`Target size (${size(target)}) must be the same as input size (${size(input)})`);
  }
  const negative = savingInputs(target.neg()).add(1).mul(input);
  const softly = softplus(savingInputs(input.neg()));
  const scaled = posWeight ? softly.mul(posWeight.sub(1).mul(target).add(1)) : softly;
  if (reduction === "none" && !weight) setName(BCE_LOGITS);
  const losses = negative.add(scaled);
  if (reduction === "none" && weight) setName(BCE_LOGITS);
  return reduced(weight ? losses.mul(weight) : losses, reduction, BCE_LOGITS);
}

export type { Reduction, ReductionOption };
