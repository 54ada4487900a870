/** Vectors that stand for numbered things: rows of a table, one by one or a bag of them together. */

import { Op } from "../../../assembly/abi/op.ts";
import { noGrad } from "../../autograd/mode.ts";
import { defineRule } from "../../autograd/rules.ts";
import { expectTensor, named } from "../../core/args.ts";
import { TensorBase } from "../../core/base.ts";
import { callN } from "../../core/dispatch.ts";
import { DTypeError, IndexError, ShapeError, TensorError } from "../../core/errors.ts";
import { nameCode, renamed } from "../../core/names.ts";
import { recorder } from "../../core/recording.ts";
import { tensor, zeros } from "../../ops/creation.ts";
import { indexAdd, indexCopy_ } from "../../ops/index-write.ts";
import { indexSelect } from "../../ops/indexing.ts";
import { norm } from "../../ops/norms.ts";
import { max } from "../../ops/pick.ts";
import { where } from "../../ops/where.ts";
import type { Tensor } from "../../tensor.ts";
import { listed } from "./window.ts";

const BAG: number = /* @__PURE__ */ nameCode("EmbeddingBagBackward0");

interface TableOptions {
  /** Rows with a greater norm are first scaled down to it, in the table itself. */
  maxNorm?: number | null;
  /** Which norm that is. Default 2. */
  normType?: number;
  /** Divide the gradient of a row by how often it occurs. */
  scaleGradByFreq?: boolean;
  /** Has no effect: gradients are dense. */
  sparse?: boolean;
}

export interface EmbeddingOptions extends TableOptions {
  /** A row whose gradient is 0; counted from the end if negative. */
  paddingIdx?: number | null;
}

type EmbeddingArguments = [
  paddingIdx?: number | null | EmbeddingOptions,
  maxNorm?: number | null | EmbeddingOptions,
  normType?: number | EmbeddingOptions,
  scaleGradByFreq?: boolean | EmbeddingOptions,
  sparse?: boolean | EmbeddingOptions,
];

const EMBEDDING_NAMES = ["paddingIdx", "maxNorm", "normType", "scaleGradByFreq", "sparse"] as const;

function checkTable(indices: Tensor, weight: Tensor, caller: string): void {
  expectTensor(indices, caller, "input");
  expectTensor(weight, caller, "weight");
  if (weight.ndim !== 2) throw new ShapeError(`'weight' must be 2-D: ${caller} got ${listed(weight.shape)}`);
  if (indices.dtype !== "int32") {
    throw new DTypeError(
      `Expected tensor for argument #1 'indices' to have scalar type Int; but got ${indices.scalarName()} instead`,
    );
  }
}

/** The padding row counted from the start, or −1. */
function paddingRow(paddingIdx: number | null | undefined, rows: number): number {
  if (paddingIdx === null || paddingIdx === undefined) return -1;
  if (paddingIdx < -rows || paddingIdx >= rows) throw new TensorError("Padding_idx must be within num_embeddings");
  return paddingIdx < 0 ? paddingIdx + rows : paddingIdx;
}

/** Scales the rows that are about to be read; a margin of 1e-7 keeps the result at or below the norm, as in PyTorch. */
function renormalise(weight: Tensor, indices: Tensor, { maxNorm, normType = 2 }: TableOptions): void {
  if (maxNorm === null || maxNorm === undefined) return;
  noGrad(() => {
    const rows = tensor(Int32Array.from(new Set(indices.data() as Int32Array)));
    const values = indexSelect(weight, 0, rows);
    const norms = norm(values, normType, 1, true);
    const factors = where(norms.gt(maxNorm), norms.add(1e-7).reciprocal().mul(maxNorm), 1);
    indexCopy_(weight, 0, rows, values.mul(factors));
  });
}

function lookUp(indices: Tensor, weight: Tensor, padding: number, options: TableOptions, caller: string): Tensor {
  return callN(Op.Embedding, [weight, indices], [padding, options.scaleGradByFreq ? 1 : 0], caller);
}

/**
 * The rows of a table at the positions `input`.
 * @param input int32, any shape @param weight float32 [rows, width] @returns [...shape of input, width]
 * @throws {IndexError} a position out of range @throws {DTypeError} positions that are not int32
 * @example nn.functional.embedding(tensor([1, 0], { dtype: "int32" }), tensor([[1, 2], [3, 4]])).tolist() // [[3, 4], [1, 2]]
 */
export function embedding(input: Tensor, weight: Tensor, ...args: EmbeddingArguments): Tensor {
  checkTable(input, weight, "embedding");
  const options = named<EmbeddingOptions>("embedding", args, EMBEDDING_NAMES);
  const padding = paddingRow(options.paddingIdx, weight.size(0));
  renormalise(weight, input, options);
  return lookUp(input, weight, padding, options, "embedding");
}

export interface EmbeddingBagOptions extends TableOptions {
  /** Where each bag begins in a 1-d input. */
  offsets?: Tensor | readonly number[] | null;
  /** What becomes of the rows of a bag. Default "mean". */
  mode?: "sum" | "mean" | "max";
  /** Factors of the rows, shape of the input; with mode "sum" only. */
  perSampleWeights?: Tensor | null;
  /** The last offset is the end of the last bag. */
  includeLastOffset?: boolean;
  /** Positions that do not count. */
  paddingIdx?: number | null;
}

type BagArguments = [
  offsets?: Tensor | readonly number[] | null | EmbeddingBagOptions,
  maxNorm?: number | null | EmbeddingBagOptions,
  normType?: number | EmbeddingBagOptions,
  scaleGradByFreq?: boolean | EmbeddingBagOptions,
  mode?: "sum" | "mean" | "max" | EmbeddingBagOptions,
  sparse?: boolean | EmbeddingBagOptions,
  perSampleWeights?: Tensor | null | EmbeddingBagOptions,
  includeLastOffset?: boolean | EmbeddingBagOptions,
  paddingIdx?: number | null | EmbeddingBagOptions,
];

const BAG_NAMES = [
  "offsets",
  "maxNorm",
  "normType",
  "scaleGradByFreq",
  "mode",
  "sparse",
  "perSampleWeights",
  "includeLastOffset",
  "paddingIdx",
] as const;

/** Where the bags begin, and the end of the last one. */
function boundaries(input: Tensor, { offsets, includeLastOffset }: EmbeddingBagOptions): number[] {
  if (input.ndim === 2) {
    if (offsets)
      throw new TensorError(
        "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length sequences.",
      );
    const [bags, width] = input.shape;
    return Array.from({ length: bags + 1 }, (_, i) => i * width);
  }
  if (input.ndim !== 1)
    throw new ShapeError(`input has to be 1D or 2D Tensor, but got Tensor of dimension ${input.ndim}`);
  if (!offsets) throw new TensorError("offsets has to be a 1D Tensor but got null");
  const starts =
    offsets instanceof TensorBase
      ? Array.from((offsets as Tensor).data(), Number)
      : [...(offsets as readonly number[])];
  const total = input.numel();
  if ((starts[0] ?? 0) !== 0) {
    throw new ShapeError(
      `offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, got ${starts[0]}`,
    );
  }
  if (starts.some((start) => start > total)) {
    throw new ShapeError(`offsets[-1] can not be greater than input's length of ${total}: got ${listed(starts)}`);
  }
  return includeLastOffset ? starts : [...starts, total];
}

interface Bags {
  count: number;
  /** Positions that count, in the flattened input, bag after bag. */
  positions: number[];
  /** The bag of each. */
  bagOf: number[];
  sizes: number[];
}

function readBags(input: Tensor, options: EmbeddingBagOptions, padding: number): Bags {
  const ends = boundaries(input, options);
  const data = input.data();
  const bags: Bags = { count: Math.max(ends.length - 1, 0), positions: [], bagOf: [], sizes: [] };
  for (let bag = 0; bag < bags.count; bag++) {
    const before = bags.positions.length;
    for (let i = ends[bag]; i < ends[bag + 1]; i++) {
      if (data[i] === padding) continue;
      bags.positions.push(i);
      bags.bagOf.push(bag);
    }
    bags.sizes.push(bags.positions.length - before);
  }
  return bags;
}

/** The largest of each column, of bags of unequal size: the first row of a bag fills up what is missing. */
function largest(rows: Tensor, { count, sizes }: Bags): Tensor {
  const longest = Math.max(...sizes, 1);
  let start = 0;
  const table = sizes.flatMap((size) => {
    const own = Array.from({ length: longest }, (_, k) => (k < size ? start + k : size === 0 ? 0 : start));
    start += size;
    return own;
  });
  const width = rows.size(1);
  if (start === 0) return zeros(count, width);
  const picked = indexSelect(rows, 0, tensor(table, { dtype: "int32" })).reshape([count, longest, width]);
  const best = max(picked, 1).values;
  return where(tensor(sizes.map((size) => size === 0)).unsqueeze(1), 0, best);
}

/**
 * The sum, mean or largest elements of the rows of each bag: `embedding` and then a reduction, without keeping the rows of all.
 * An empty bag gives zeros.
 * @param input int32 [bags, size], or one behind the other with `offsets` @param weight float32 [rows, width]
 * @returns [bags, width]
 * @throws {IndexError} a position out of range @throws {TensorError} `perSampleWeights` in another mode than "sum"
 * @example
 * const table = tensor([[1], [2], [4]]);
 * nn.functional.embeddingBag(tensor([0, 1, 2], { dtype: "int32" }), table, [0, 1], { mode: "sum" }).tolist(); // [[1], [6]]
 */
export function embeddingBag(input: Tensor, weight: Tensor, ...args: BagArguments): Tensor {
  checkTable(input, weight, "embeddingBag");
  const options = named<EmbeddingBagOptions>("embeddingBag", args, BAG_NAMES);
  const { mode = "mean", perSampleWeights } = options;
  if (mode !== "sum" && mode !== "mean" && mode !== "max")
    throw new TensorError("mode has to be one of sum, mean or max");
  if (mode === "max" && options.scaleGradByFreq) {
    throw new TensorError("max mode does not support scaling the gradient by the frequency");
  }
  if (perSampleWeights && mode !== "sum") {
    throw new TensorError(
      `embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' (got mode='${mode}').`,
    );
  }
  if (perSampleWeights && listed(perSampleWeights.shape) !== listed(input.shape)) {
    throw new ShapeError(
      `embedding_bag: If per_sample_weights (${listed(perSampleWeights.shape)}) is not None, then it must have the same shape as ` +
        `the input (${listed(input.shape)})`,
    );
  }
  const bags = readBags(input, options, paddingRow(options.paddingIdx, weight.size(0)));
  renormalise(weight, input, options);
  const positions = tensor(bags.positions, { dtype: "int32" });
  const flat = input.reshape([-1]);
  const isWhole = bags.positions.length === flat.numel();
  checkRange(flat, weight.size(0));
  const used = isWhole ? flat : indexSelect(flat, 0, positions);
  const rows = lookUp(used, weight, -1, {}, "embeddingBag");
  if (options.scaleGradByFreq && rows.requiresGrad) {
    const counts = bagOccurrences(flat, used).unsqueeze(1);
    rows.registerHook((g) => g.div(counts));
  }
  if (mode === "max") return renamed(largest(rows, bags), BAG);
  const factors = perSampleWeights?.reshape([-1]);
  const scaled = factors ? rows.mul((isWhole ? factors : indexSelect(factors, 0, positions)).unsqueeze(1)) : rows;
  const sums = indexAdd(zeros(bags.count, weight.size(1)), 0, tensor(bags.bagOf, { dtype: "int32" }), scaled);
  const sizes = (): Tensor => tensor(bags.sizes.map((size) => Math.max(size, 1))).unsqueeze(1);
  return renamed(mode === "sum" ? sums : sums.div(sizes()), BAG);
}

/** Also what padding leaves out must be a row. */
function checkRange(indices: Tensor, rows: number): void {
  if (recorder) return;
  const bad = indices.data().find((index) => Number(index) < 0 || Number(index) >= rows);
  if (bad !== undefined)
    throw new IndexError(`index out of range in self: index ${bad} is out of bounds for ${rows} rows`);
}

defineRule(Op.Embedding, (g, n) => {
  const [weight, indices] = [n.input(0), n.input(1)];
  const [rows, width] = weight.shape;
  const flat = indices.reshape([-1]);
  let grads = g.reshape([flat.numel(), width]);
  if (n.list(1) !== 0) grads = grads.div(occurrences(flat).unsqueeze(1));
  if (n.list(0) >= 0) grads = where(flat.eq(n.list(0)).unsqueeze(1), 0, grads);
  return [indexAdd(zeros(rows, width), 0, flat, grads), null];
});

/**
 * By what the gradients of bags' rows are divided: for the k-th smallest of the rows that occur, how often the k-th smallest
 * position of all does. That is how often the row itself occurs if all occur equally often, and else it is not, but it is what
 * PyTorch divides by (EmbeddingBag.cpp, _embedding_bag_dense_backward_cpu_sum_mean).
 */
function bagOccurrences(all: Tensor, used: Tensor): Tensor {
  const sorted = Int32Array.from(all.data()).sort();
  const times = occurrences(tensor(sorted)).data();
  const counts = new Map([...new Set(sorted)].map((row, k) => [row, times[k]]));
  return tensor(Float32Array.from(used.data(), (row) => counts.get(Number(row)) as number));
}

/** How often the number at each place occurs. */
function occurrences(indices: Tensor): Tensor {
  const data = indices.data();
  const counts = new Map<number, number>();
  for (const index of data) counts.set(Number(index), (counts.get(Number(index)) ?? 0) + 1);
  return tensor(Float32Array.from(data, (index) => counts.get(Number(index)) ?? 0));
}
