/** Collections of examples by number. */
import { ShapeError, TensorError } from "../core/errors.ts";
import type { Generator } from "../core/generator.ts";
import { randperm } from "../ops/random.ts";
import type { Tensor } from "../tensor.ts";

/** What can be loaded from: it knows how many examples it has and gives each by its number. */
export interface Examples<Item> {
  readonly length: number;
  get(index: number): Item;
}

/**
 * A collection of examples of your own: extend it with `length` and `get(index)`, PyTorch's `__len__` and `__getitem__`.
 * @see PyTorch torch.utils.data.Dataset
 * @example
 * class Squares extends utils.data.Dataset<number> {
 *   override get length(): number {
 *     return 10;
 *   }
 *   override get(index: number): number {
 *     return index ** 2;
 *   }
 * }
 * new Squares().get(3); // 9
 */
export abstract class Dataset<Item> implements Examples<Item> {
  /** How many examples there are. */
  abstract get length(): number;
  /** The example with a number from 0 to `length` − 1. */
  abstract get(index: number): Item;
}

/**
 * Examples that are rows of tensors: number i is row i of each.
 * @throws {ShapeError} tensors of different first sizes
 * @example new utils.data.TensorDataset(arange(6).view(3, 2), arange(3)).get(1)[0].tolist() // [2, 3]
 */
export class TensorDataset extends Dataset<Tensor[]> {
  readonly tensors: readonly Tensor[];

  constructor(...tensors: Tensor[]) {
    super();
    if (tensors.some((t) => t.size(0) !== tensors[0].size(0))) throw new ShapeError("Size mismatch between tensors");
    this.tensors = tensors;
  }

  override get length(): number {
    return this.tensors.length === 0 ? 0 : this.tensors[0].size(0);
  }

  override get(index: number): Tensor[] {
    return this.tensors.map((t) => t.select(0, index));
  }
}

/**
 * Some examples of a collection, by their numbers.
 * @example new utils.data.Subset(new utils.data.TensorDataset(tensor([5, 6, 7])), [2, 0]).get(0)[0].item() // 7
 */
export class Subset<Item> extends Dataset<Item> {
  readonly dataset: Examples<Item>;
  readonly indices: readonly number[];

  constructor(dataset: Examples<Item>, indices: readonly number[]) {
    super();
    this.dataset = dataset;
    this.indices = indices;
  }

  override get length(): number {
    return this.indices.length;
  }

  override get(index: number): Item {
    return this.dataset.get(this.indices[index]);
  }
}

/**
 * Several collections, one behind the other.
 * @throws {TensorError} none at all
 * @example
 * const [a, b] = [new utils.data.TensorDataset(ones(2)), new utils.data.TensorDataset(ones(3))];
 * new utils.data.ConcatDataset([a, b]).length; // 5
 */
export class ConcatDataset<Item> extends Dataset<Item> {
  readonly datasets: readonly Examples<Item>[];

  constructor(datasets: Iterable<Examples<Item>>) {
    super();
    this.datasets = [...datasets];
    if (this.datasets.length === 0) throw new TensorError("datasets should not be an empty iterable");
  }

  override get length(): number {
    return this.datasets.reduce((sum, { length }) => sum + length, 0);
  }

  /** Counted from the end if negative. @throws {TensorError} out of range */
  override get(index: number): Item {
    let rest = index < 0 ? index + this.length : index;
    for (const dataset of rest < 0 ? [] : this.datasets) {
      if (rest < dataset.length) return dataset.get(rest);
      rest -= dataset.length;
    }
    throw new TensorError(`index ${index} is out of range for a dataset of ${this.length} examples`);
  }
}

/** How many examples each share of the whole gets: what is left over goes to the first ones. */
function countsOf(shares: readonly number[], length: number): number[] {
  const counts = shares.map((share) => Math.floor(length * share));
  const rest = length - counts.reduce((a, b) => a + b, 0);
  for (let i = 0; i < rest; i++) counts[i % counts.length]++;
  return counts;
}

/**
 * Parts of a collection, drawn without replacement.
 * @param lengths how many examples each part gets, or shares that add up to 1
 * @throws {TensorError} lengths that do not add up to that of the collection
 * @see PyTorch torch.utils.data.random_split
 * @example
 * const [train, test] = utils.data.randomSplit(new utils.data.TensorDataset(arange(10)), [0.8, 0.2]);
 * train.length; // 8
 */
export function randomSplit<Item>(
  dataset: Examples<Item>,
  lengths: readonly number[],
  options: Generator | { generator?: Generator } = {},
): Subset<Item>[] {
  const total = lengths.reduce((a, b) => a + b, 0);
  const isShares = Math.abs(total - 1) < 1e-9 && lengths.every((share) => share >= 0 && share <= 1);
  const counts = isShares ? countsOf(lengths, dataset.length) : lengths;
  if (counts.reduce((a, b) => a + b, 0) !== dataset.length) {
    throw new TensorError("Sum of input lengths does not equal the length of the input dataset!");
  }
  const generator = "getState" in options ? options : options.generator;
  const order = randperm(dataset.length, { generator }).tolist() as number[];
  let start = 0;
  return counts.map((count) => {
    start += count;
    return new Subset(dataset, order.slice(start - count, start));
  });
}
