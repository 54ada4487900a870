/**
 * Connectionist temporal classification: the probability that a sequence of distributions spells a text, whatever steps each
 * letter takes.
 *
 * Graves, Fernández, Gomez and Schmidhuber, "Connectionist temporal classification: labelling unsegmented sequence data with
 * recurrent neural networks", ICML 2006, doi:10.1145/1143844.1143891. Equations below are those of that paper.
 */
import { external } from "../../autograd/external.ts";
import { noGrad } from "../../autograd/mode.ts";
import { expectTensor, named } from "../../core/args.ts";
import { TensorBase } from "../../core/base.ts";
import { DTypeError, GradError, ShapeError } from "../../core/errors.ts";
import { tensor } from "../../ops/creation.ts";
import { where } from "../../ops/where.ts";
import type { Tensor } from "../../tensor.ts";
import { checkReduction, type Reduction, type ReductionOption, reduced } from "./reduction.ts";
import { listed } from "./window.ts";

export interface CtcLossOptions extends ReductionOption {
  /** The class that stands for no letter. Default 0. */
  blank?: number;
  /** A text that cannot be spelled in so few steps costs 0 rather than infinity, and has no gradient. */
  zeroInfinity?: boolean;
}

type Lengths = Tensor | readonly number[];
export type CtcArguments = [
  blank?: number | CtcLossOptions,
  reduction?: Reduction | CtcLossOptions,
  zeroInfinity?: boolean | CtcLossOptions,
];

const LOW = Number.NEGATIVE_INFINITY;

/** log(eᵃ + eᵇ) */
function addLogs(a: number, b: number): number {
  const top = Math.max(a, b);
  return top === LOW ? LOW : top + Math.log1p(Math.exp(-Math.abs(a - b)));
}

/** One sequence: its steps, and its text with blanks between, before and behind the letters (l′ in section 4.1). */
interface Sequence {
  steps: number;
  labels: number[];
  /** Log probability of class c at step t. */
  at(t: number, c: number): number;
}

/** Whether label s may follow label s − 2: the blank between them may be left out. */
function maySkip(labels: readonly number[], s: number, blank: number): boolean {
  return labels[s] !== blank && labels[s] !== labels[s - 2];
}

/** Logarithms of the forward variables α(t, s), equations 5 to 7, row by row. */
function forwardVariables({ steps, labels, at }: Sequence, blank: number): Float64Array {
  const width = labels.length;
  const alpha = new Float64Array(steps * width).fill(LOW);
  for (let t = 0; t < steps; t++) {
    for (let s = 0; s < width; s++) {
      const before = (t - 1) * width + s;
      let sum = t === 0 ? (s < 2 ? 0 : LOW) : alpha[before];
      if (t > 0 && s > 0) sum = addLogs(sum, alpha[before - 1]);
      if (t > 0 && s > 1 && maySkip(labels, s, blank)) sum = addLogs(sum, alpha[before - 2]);
      alpha[t * width + s] = sum + at(t, labels[s]);
    }
  }
  return alpha;
}

/** Logarithms of the backward variables β(t, s), equations 9 to 11. */
function backwardVariables({ steps, labels, at }: Sequence, blank: number): Float64Array {
  const width = labels.length;
  const beta = new Float64Array(steps * width).fill(LOW);
  for (let t = steps - 1; t >= 0; t--) {
    for (let s = width - 1; s >= 0; s--) {
      const after = (t + 1) * width + s;
      const isLast = t === steps - 1;
      let sum = isLast ? (s >= width - 2 ? 0 : LOW) : beta[after];
      if (!isLast && s < width - 1) sum = addLogs(sum, beta[after + 1]);
      if (!isLast && s < width - 2 && maySkip(labels, s + 2, blank)) sum = addLogs(sum, beta[after + 2]);
      beta[t * width + s] = sum + at(t, labels[s]);
    }
  }
  return beta;
}

/** Equation 8. */
function logLikelihood({ steps, labels }: Sequence, alpha: Float64Array): number {
  const width = labels.length;
  if (steps === 0) return width === 1 ? 0 : LOW;
  const last = alpha[steps * width - 1];
  return width > 1 ? addLogs(last, alpha[steps * width - 2]) : last;
}

interface Batch {
  steps: number;
  size: number;
  classes: number;
  logProbs: Float32Array;
  sequences: Sequence[];
  blank: number;
}

function integers(values: Lengths, name: string): number[] {
  if (!(values instanceof TensorBase)) return [...(values as readonly number[])];
  const t = values as Tensor;
  if (t.dtype !== "int32") throw new DTypeError(`ctcLoss: ${name} must be integral, got ${t.dtype}`);
  return Array.from(t.data(), Number);
}

/** The texts, one by one: rows of a matrix, or one behind the other. */
function textsOf(targets: Tensor, lengths: readonly number[]): number[][] {
  const letters = integers(targets, "targets");
  if (targets.ndim === 1) {
    const total = lengths.reduce((a, b) => a + b, 0);
    if (total !== letters.length) {
      throw new ShapeError(
        `Expected tensor to have size ${total} at dimension 0, but got size ${letters.length} for argument #2 'targets'`,
      );
    }
    let start = 0;
    return lengths.map((length) => {
      start += length;
      return letters.slice(start - length, start);
    });
  }
  const width = targets.size(1);
  return lengths.map((length, n) => {
    if (length > width) {
      throw new ShapeError(
        `Expected tensor to have size at least ${length} at dimension 1, but got size ${width} for argument #2 'targets'`,
      );
    }
    return letters.slice(n * width, n * width + length);
  });
}

function readBatch(
  logProbs: Tensor,
  targets: Tensor,
  inputs: readonly number[],
  lengths: readonly number[],
  blank: number,
): Batch {
  const [steps, size, classes] = logProbs.shape;
  if (!(blank >= 0 && blank < classes)) throw new ShapeError("blank must be in label range");
  if (inputs.length !== size)
    throw new ShapeError(`input_lengths must be of size batch_size: expected ${size}, got ${inputs.length}`);
  if (lengths.length !== size)
    throw new ShapeError(`target_lengths must be of size batch_size: expected ${size}, got ${lengths.length}`);
  const tooLong = inputs.find((length) => length > steps);
  if (tooLong !== undefined)
    throw new ShapeError(`Expected input_lengths to have value at most ${steps}, but got value ${tooLong}`);
  if ([...inputs, ...lengths].some((length) => length < 0))
    throw new ShapeError("ctcLoss: lengths must not be negative");
  const data = logProbs.data() as Float32Array;
  const texts = textsOf(targets, lengths);
  if (texts.flat().some((c) => c < 0 || c >= classes)) throw new ShapeError("ctcLoss: a label is out of range");
  const sequences = texts.map((text, n) => ({
    steps: inputs[n],
    labels: [blank, ...text.flatMap((c) => [c, blank])],
    at: (t: number, c: number): number => data[(t * size + n) * classes + c],
  }));
  return { steps, size, classes, logProbs: data, sequences, blank };
}

/**
 * exp(log p) − (occupation of a class at a step), equation 16: the gradient by log probabilities p that are normalised, as of
 * a logSoftmax, before which it makes the gradient of that. PyTorch's is the same.
 */
function gradientOf(
  { steps, size, classes, logProbs, sequences, blank }: Batch,
  likelihoods: readonly number[],
): Tensor {
  const gradient = new Float32Array(steps * size * classes);
  sequences.forEach((sequence, n) => {
    const likelihood = likelihoods[n];
    const [alpha, beta] = [forwardVariables(sequence, blank), backwardVariables(sequence, blank)];
    const width = sequence.labels.length;
    for (let t = 0; t < sequence.steps; t++) {
      const row = (t * size + n) * classes;
      const occupied = new Float64Array(classes).fill(LOW);
      sequence.labels.forEach((c, s) => {
        occupied[c] = addLogs(occupied[c], alpha[t * width + s] + beta[t * width + s]);
      });
      for (let c = 0; c < classes; c++) {
        const p = logProbs[row + c];
        gradient[row + c] = Math.exp(p) - Math.exp(occupied[c] - likelihood - p);
      }
    }
  });
  return tensor(gradient, { shape: [steps, size, classes] });
}

/** The losses of the sequences, with the closed-form gradient. */
function sequenceLosses(logProbs: Tensor, targets: Tensor, batch: Batch, zeroInfinity: boolean): Tensor {
  const { sequences, blank } = batch;
  const likelihoods = sequences.map((sequence) => logLikelihood(sequence, forwardVariables(sequence, blank)));
  const losses = tensor(
    Float32Array.from(likelihoods, (likelihood) => (zeroInfinity && likelihood === LOW ? 0 : -likelihood)),
  );
  const counts = tensor(likelihoods.map((likelihood) => !zeroInfinity || likelihood !== LOW));
  return external(
    zeroInfinity ? "WhereBackward0" : "CtcLossBackward0",
    [logProbs],
    [losses],
    ([g]) => {
      if (!g) return [null];
      const rows = [g, counts].map((t) => t.reshape([1, -1, 1]));
      const gradient = noGrad(() => where(rows[1], gradientOf(batch, likelihoods).mul(rows[0]), 0));
      return external("CtcLossBackwardBackward0", [logProbs, g], [gradient], () => {
        throw new GradError("derivative for ctcLoss backward is not implemented");
      });
    },
    [logProbs, targets],
  )[0];
}

/**
 * −log of the probability that a sequence spells its text: summed over all ways to give each letter some steps, with blanks
 * between. In the mean the loss of a sequence is divided by the length of its text.
 * @param logProbs float32 [T, N, C] or [T, C], logarithms of probabilities that add up to 1 at each step
 * @param targets int32 [N, S], or all texts one behind the other, without the blank
 * @param inputLengths steps of each sequence, at most T @param targetLengths letters of each text
 * @throws {ShapeError} lengths that do not fit @throws {GradError} a second derivative
 * @example
 * const logProbs = nn.functional.logSoftmax(zeros(3, 1, 2), 2);
 * nn.functional.ctcLoss(logProbs, tensor([[1]], { dtype: "int32" }), [3], [1]).item(); // 0.2877
 */
export function ctcLoss(
  logProbs: Tensor,
  targets: Tensor,
  inputLengths: Lengths,
  targetLengths: Lengths,
  ...args: CtcArguments
): Tensor {
  expectTensor(logProbs, "ctcLoss", "logProbs");
  expectTensor(targets, "ctcLoss", "targets");
  const options = named<CtcLossOptions>("ctcLoss", args, ["blank", "reduction", "zeroInfinity"]);
  const { blank = 0, reduction = "mean", zeroInfinity = false } = options;
  checkReduction(reduction);
  if (logProbs.dtype !== "float32")
    throw new DTypeError(`ctcLoss: not implemented for dtype ${logProbs.dtype}; expected float32`);
  if (logProbs.ndim !== 2 && logProbs.ndim !== 3) {
    throw new ShapeError(
      `ctcLoss: expected log probabilities [T, N, C] or [T, C], got shape ${listed(logProbs.shape)}`,
    );
  }
  const isSingle = logProbs.ndim === 2;
  const batched = isSingle ? logProbs.unsqueeze(1) : logProbs;
  const lengths = integers(targetLengths, "targetLengths");
  const batch = readBatch(batched, targets, integers(inputLengths, "inputLengths"), lengths, blank);
  const losses = sequenceLosses(batched, targets, batch, zeroInfinity);
  if (reduction === "mean") return losses.div(tensor(lengths.map((length) => Math.max(length, 1)))).mean();
  return reduced(isSingle && reduction === "none" ? losses.squeeze(0) : losses, reduction);
}
