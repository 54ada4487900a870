/** Batches of examples, in the order and of the size that training wants. */
import { named } from "../core/args.ts";
import { TensorBase } from "../core/base.ts";
import { TensorError } from "../core/errors.ts";
import type { Generator } from "../core/generator.ts";
import { stack } from "../ops/cat.ts";
import { tensor } from "../ops/creation.ts";
import { indexSelect } from "../ops/indexing.ts";
import type { Tensor } from "../tensor.ts";
import { type Examples, TensorDataset } from "./dataset.ts";
import { BatchSampler, drawSeed, inBatches, RandomSampler, type Sampler, SequentialSampler } from "./sampler.ts";

/** What becomes of a list of examples by defaultCollate. */
export type Collated<Item> = Item extends Tensor | number | boolean
  ? Tensor
  : Item extends string
    ? string[]
    : Item extends readonly unknown[]
      ? { -readonly [K in keyof Item]: Collated<Item[K]> }
      : Item extends object
        ? { [K in keyof Item]: Collated<Item[K]> }
        : unknown;

function collate(batch: readonly unknown[]): unknown {
  const [first] = batch;
  if (first instanceof TensorBase) return stack(batch as Tensor[]);
  if (typeof first === "number" || typeof first === "boolean") return tensor(batch as number[]);
  if (typeof first === "string") return [...batch];
  if (Array.isArray(first)) {
    const lists = batch as unknown[][];
    if (lists.some((list) => list.length !== first.length)) {
      throw new TensorError("each element in list of batch should be of equal size");
    }
    return first.map((_, i) => collate(lists.map((list) => list[i])));
  }
  if (typeof first === "object" && first !== null) {
    const pick = (key: string): unknown => collate((batch as Record<string, unknown>[]).map((item) => item[key]));
    return Object.fromEntries(Object.keys(first).map((key) => [key, pick(key)]));
  }
  throw new TypeError(
    `defaultCollate: batch must contain tensors, numbers, booleans, strings, arrays or objects; found ${typeof first}`,
  );
}

/**
 * A batch of a list of examples: tensors are stacked, numbers and booleans become a tensor, strings an array; what is an array
 * or an object of these is batched part by part.
 * @throws {TensorError} arrays of different lengths @throws {ShapeError} tensors of different shapes
 * @example utils.data.defaultCollate([[ones(2), 1], [zeros(2), 0]]) // [tensor([[1., 1.], [0., 0.]]), tensor([1., 0.])]
 */
export function defaultCollate<Item>(batch: readonly Item[]): Collated<Item> {
  return collate(batch) as Collated<Item>;
}

export interface DataLoaderOptions<Item, Batch> {
  /** Examples in a batch. Default 1; null gives single examples. */
  batchSize?: number | null;
  /** Visit the examples at random, in another order each time. */
  shuffle?: boolean;
  /** Which examples, in which order. */
  sampler?: Sampler;
  /** Which batches of examples; instead of the above. */
  batchSampler?: Sampler<number[]>;
  /** Makes a batch of a list of examples. Default defaultCollate. */
  collateFn?: (batch: Item[]) => Batch;
  /** Leave out the last batch if it is smaller than the others. */
  dropLast?: boolean;
  /** Where the order comes from. */
  generator?: Generator;
}

type LoaderArguments<Item, Batch> = [
  batchSize?: number | null | DataLoaderOptions<Item, Batch>,
  shuffle?: boolean | DataLoaderOptions<Item, Batch>,
];

/** Examples by number, or one after the other. */
type Source<Item> = Examples<Item> | readonly Item[] | Iterable<Item>;

/**
 * Goes through a collection in batches, again and again. It is iterated by `for ... of`; with the same seed the order is that
 * of PyTorch. The collection is a Dataset, an array, or anything else that can be iterated.
 * @throws {TensorError} options that exclude each other
 * @see PyTorch torch.utils.data.DataLoader, without worker processes
 * @example
 * const examples = new utils.data.TensorDataset(arange(6).view(3, 2), arange(3));
 * for (const [x, y] of new utils.data.DataLoader(examples, { batchSize: 2 })) {
 *   console.log(x.shape, y.shape); // [2, 2] [2], then [1, 2] [1]
 * }
 */
export class DataLoader<Item, Batch = Collated<Item>> implements Iterable<Batch> {
  readonly dataset: Source<Item>;
  readonly batchSize: number | null;
  readonly #options: DataLoaderOptions<Item, Batch>;
  /** Numbers of examples, or lists of them; null for what can only be iterated. */
  readonly #order: Sampler | Sampler<number[]> | null;

  constructor(dataset: Source<Item>, ...args: LoaderArguments<Item, Batch>) {
    const options = named<DataLoaderOptions<Item, Batch>>("DataLoader", args, ["batchSize", "shuffle"]);
    const isSingle = args.some((arg) => arg === null || (typeof arg === "object" && arg.batchSize === null));
    this.dataset = dataset;
    this.batchSize = isSingle || options.batchSampler ? null : (options.batchSize ?? 1);
    this.#options = options;
    this.#check(isSingle);
    this.#order = "length" in dataset ? this.#orderOf(dataset) : null;
  }

  #check(isSingle: boolean): void {
    const { shuffle, sampler, batchSampler, dropLast, batchSize } = this.#options;
    if (sampler && shuffle) throw new TensorError("sampler option is mutually exclusive with shuffle");
    if (batchSampler && (batchSize !== undefined || shuffle || sampler || dropLast)) {
      throw new TensorError(
        "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last",
      );
    }
    if (isSingle && dropLast) {
      throw new TensorError("batch_size=None option disables auto-batching and is mutually exclusive with drop_last");
    }
    if (!("length" in this.dataset) && (shuffle || sampler || batchSampler)) {
      throw new TensorError("DataLoader: what can only be iterated has an order of its own: no shuffle, no sampler");
    }
  }

  #orderOf(dataset: { readonly length: number }): Sampler | Sampler<number[]> {
    const { shuffle, sampler, batchSampler, dropLast = false, generator } = this.#options;
    if (batchSampler) return batchSampler;
    const single = sampler ?? (shuffle ? new RandomSampler(dataset, { generator }) : new SequentialSampler(dataset));
    return this.batchSize === null ? single : new BatchSampler(single, this.batchSize, dropLast);
  }

  /** How many batches there are. @throws {TypeError} a collection that can only be iterated */
  get length(): number {
    if (!this.#order) throw new TypeError("object of type 'IterableDataset' has no len()");
    return this.#order.length;
  }

  *[Symbol.iterator](): Iterator<Batch> {
    // PyTorch draws a seed for worker processes here, whether there are any or not.
    drawSeed(this.#options.generator);
    if (this.#order) {
      for (const at of this.#order) yield this.#load(at);
    } else if (this.batchSize === null) {
      for (const item of this.dataset as Iterable<Item>) yield this.#collated(item) as Batch;
    } else {
      const items = this.dataset as Iterable<Item>;
      for (const batch of inBatches(items, this.batchSize, this.#options.dropLast ?? false)) yield this.#batchOf(batch);
    }
  }

  #load(at: number | number[]): Batch {
    const { dataset } = this;
    if (Array.isArray(at) && dataset instanceof TensorDataset && !this.#options.collateFn) {
      // The same as stacking single rows, at once.
      const places = tensor(at, { dtype: "int32" });
      return dataset.tensors.map((t) => indexSelect(t, 0, places)) as Batch;
    }
    const get = (i: number): Item => ("get" in dataset ? dataset.get(i) : (dataset as readonly Item[])[i]);
    return Array.isArray(at) ? this.#batchOf(at.map(get)) : (this.#collated(get(at)) as Batch);
  }

  #batchOf(items: Item[]): Batch {
    return this.#options.collateFn ? this.#options.collateFn(items) : (collate(items) as Batch);
  }

  /** A single example: given to the user's function if there is one, else as it is. */
  #collated(item: Item): unknown {
    return this.#options.collateFn ? this.#options.collateFn(item as unknown as Item[]) : item;
  }
}
