/** A softmax over very many classes, most of them rare. */
import { named } from "../../core/args.ts";
import { IndexError, ShapeError, TensorError } from "../../core/errors.ts";
import { cat } from "../../ops/cat.ts";
import { tensor, zeros } from "../../ops/creation.ts";
import { indexAdd } from "../../ops/index-write.ts";
import { gather, indexSelect } from "../../ops/indexing.ts";
import { argmax } from "../../ops/reduce.ts";
import { logSoftmax } from "../../ops/softmax.ts";
import type { Tensor } from "../../tensor.ts";
import { Module } from "../module.ts";
import { Linear } from "./linear.ts";
import { ModuleList } from "./lists.ts";
import { Sequential } from "./sequential.ts";

/** What AdaptiveLogSoftmaxWithLoss returns. */
export interface AdaptiveLoss {
  /** The log-probability of each target. */
  output: Tensor;
  /** The mean of −output. */
  loss: Tensor;
}

interface AdaptiveSoftmaxOptions {
  /** Each cluster sees so many times fewer features than the one before. Default 4. */
  divValue?: number;
  /** Add a learnable bias to the head. Default false. */
  headBias?: boolean;
}

type AdaptiveArguments = [divValue?: number | AdaptiveSoftmaxOptions, headBias?: boolean | AdaptiveSoftmaxOptions];

/**
 * Log-probabilities of classes that are sorted by frequency: the most frequent ones and clusters of the others compete in the
 * head; within a cluster, a projection to fewer features suffices. Called with inputs [N, inFeatures] and targets int32 [N].
 *
 * Grave et al., Efficient softmax approximation for GPUs, arXiv:1609.04309.
 * @param cutoffs where clusters begin, in increasing order
 * @throws {TensorError} cutoffs that are none
 * @see PyTorch torch.nn.AdaptiveLogSoftmaxWithLoss
 * @example
 * const model = new nn.AdaptiveLogSoftmaxWithLoss(16, 1000, [10, 100]);
 * const { output, loss } = model(randn(4, 16), tensor([0, 5, 50, 500], { dtype: "int32" }));
 * output.shape; // [4]
 */
export class AdaptiveLogSoftmaxWithLoss extends Module {
  readonly inFeatures: number;
  readonly nClasses: number;
  /** Ends of the shortlist and of the clusters. */
  readonly cutoffs: readonly number[];
  readonly divValue: number;
  readonly headBias: boolean;
  readonly head: Linear;
  readonly tail: ModuleList;

  constructor(inFeatures: number, nClasses: number, cutoffs: readonly number[], ...args: AdaptiveArguments) {
    super();
    const options = named<AdaptiveSoftmaxOptions>("AdaptiveLogSoftmaxWithLoss", args, ["divValue", "headBias"]);
    if (cutoffs.length === 0) throw new TensorError("cutoffs should be a sequence of length larger than 0");
    const isWrong = (c: number, i: number): boolean =>
      !Number.isInteger(c) || c <= (i === 0 ? 0 : cutoffs[i - 1]) || c > nClasses - 1;
    if (cutoffs.some(isWrong)) {
      throw new TensorError(
        "cutoffs should be a sequence of unique, positive integers sorted in an increasing order, where each value is between 1 " +
          "and n_classes-1",
      );
    }
    this.inFeatures = inFeatures;
    this.nClasses = nClasses;
    this.cutoffs = [...cutoffs, nClasses];
    this.divValue = options.divValue ?? 4;
    this.headBias = options.headBias ?? false;
    this.head = new Linear(inFeatures, cutoffs[0] + cutoffs.length, this.headBias);
    const clusters = cutoffs.map((start, i) => {
      const features = Math.floor(inFeatures / this.divValue ** (i + 1));
      return new Sequential(
        new Linear(inFeatures, features, false),
        new Linear(features, this.cutoffs[i + 1] - start, false),
      );
    });
    this.tail = new ModuleList(clusters);
  }

  /** Draws the initial weights anew. */
  resetParameters(): void {
    for (const module of this.modules()) if (module instanceof Linear) module.resetParameters();
  }

  /**
   * The log-probability of each target, and the loss.
   * @throws {ShapeError} shapes that do not fit @throws {IndexError} a target that is no class
   */
  override forward(input: Tensor, target: Tensor): AdaptiveLoss {
    if (target.ndim > 1) throw new ShapeError("0D or 1D target tensor expected, multi-target not supported");
    if (target.ndim === 1 && input.size(0) !== target.size(0)) {
      throw new ShapeError("Input and target should have the same size in the batch dimension.");
    }
    if (input.ndim !== target.ndim + 1) {
      throw new ShapeError(
        `${target.ndim}D target tensor expects ${target.ndim + 1}D input tensors, but found inputs with size [${input.shape.join(", ")}]`,
      );
    }
    if (target.ndim === 1) return this.losses(input, Array.from(target.data()));
    const { output, loss } = this.losses(input.unsqueeze(0), [target.item<number>()]);
    return { output: output.squeeze(0), loss };
  }

  private losses(input: Tensor, classes: readonly number[]): AdaptiveLoss {
    const { cutoffs } = this;
    const clusters = classes.map((c) => cutoffs.findIndex((end) => c < end) - 1);
    if (classes.some((c, i) => c < 0 || clusters[i] < -1)) {
      throw new IndexError(
        `Target values should be in [0, ${this.nClasses - 1}], but values in range [${Math.min(...classes)}, ` +
          `${Math.max(...classes)}] were found. `,
      );
    }
    let within = zeros(classes.length);
    this.clusters().forEach((cluster, k) => {
      const rows = classes.map((_, i) => i).filter((i) => clusters[i] === k);
      if (rows.length === 0) return;
      const places = tensor(Int32Array.from(rows));
      const wanted = tensor(Int32Array.from(rows, (i) => classes[i] - cutoffs[k]));
      const logs = logSoftmax(cluster(indexSelect(input, 0, places)), 1);
      within = indexAdd(within, 0, places, gather(logs, 1, wanted.unsqueeze(1)).squeeze(1));
    });
    const wanted = Int32Array.from(classes, (c, i) => (clusters[i] < 0 ? c : cutoffs[0] + clusters[i]));
    const logs = logSoftmax(this.head(input), 1);
    const output = within.add(gather(logs, 1, tensor(wanted).unsqueeze(1)).squeeze(1));
    return { output, loss: output.neg().mean() };
  }

  private clusters(): Sequential[] {
    return [...this.tail] as Sequential[];
  }

  /** Log-probabilities of all classes: [N, nClasses]. */
  logProb(input: Tensor): Tensor {
    const logs = logSoftmax(this.head(input), 1);
    const [first] = this.cutoffs;
    const clusters = this.clusters().map((cluster, k) =>
      logSoftmax(cluster(input), 1).add(logs.narrow(1, first + k, 1)),
    );
    return cat([logs.narrow(1, 0, first), ...clusters], 1);
  }

  /** The most probable class of each input: int32 [N]. */
  predict(input: Tensor): Tensor {
    return argmax(this.logProb(input), 1);
  }
}
