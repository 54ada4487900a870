/** In which order examples are visited. The random ones draw as PyTorch's do, so that the same seed gives the same order. */
import { TensorError } from "../core/errors.ts";
import { Generator } from "../core/generator.ts";
import { tensor } from "../ops/creation.ts";
import { randint, randperm } from "../ops/random.ts";
import { multinomial } from "../ops/sampling.ts";
import type { Tensor } from "../tensor.ts";

/** Numbers of examples, or lists of them, in some order: anew each time. */
export interface Sampler<T = number> extends Iterable<T> {
  readonly length: number;
}

interface Sized {
  readonly length: number;
}

/**
 * @internal What PyTorch seeds a generator with that was given none: a random integer of 64 bits, of which the low 32 count.
 * They are the second word. An integer may come from 2³² − 1 only, so that the largest word becomes 0.
 */
export function drawSeed(generator?: Generator): number {
  const words = randint(-(2 ** 31), 2 ** 31 - 1, [2], { generator }).tolist() as number[];
  return words[1] + 2 ** 31;
}

/** One after the other. @example [...new utils.data.SequentialSampler([7, 8, 9])] // [0, 1, 2] */
export class SequentialSampler implements Sampler {
  readonly length: number;

  constructor({ length }: Sized) {
    this.length = length;
  }

  *[Symbol.iterator](): Iterator<number> {
    for (let i = 0; i < this.length; i++) yield i;
  }
}

export interface RandomSamplerOptions {
  /** Whether an example may come more than once. */
  replacement?: boolean;
  /** Default: as many as there are. */
  numSamples?: number;
  generator?: Generator;
}

/**
 * At random.
 * @throws {TensorError} no examples
 * @example [...new utils.data.RandomSampler([5, 6, 7])].sort() // [0, 1, 2]
 */
export class RandomSampler implements Sampler {
  readonly length: number;
  readonly #count: number;
  readonly #options: RandomSamplerOptions;

  constructor({ length }: Sized, options: RandomSamplerOptions = {}) {
    this.length = options.numSamples ?? length;
    this.#count = length;
    this.#options = options;
    if (!(Number.isInteger(this.length) && this.length > 0 && length > 0)) {
      throw new TensorError(
        `num_samples should be a positive integer value, but got num_samples=${this.length} of ${length} examples`,
      );
    }
  }

  *[Symbol.iterator](): Iterator<number> {
    const generator = this.#options.generator ?? new Generator(drawSeed());
    const draw = this.#options.replacement
      ? (count: number): Tensor => randint(this.#count, [count], { generator })
      : (): Tensor => randperm(this.#count, { generator });
    const chunk = this.#options.replacement ? 32 : this.#count;
    for (let left = this.length; left >= 0; left -= chunk) {
      const count = Math.min(left, chunk);
      yield* (draw(count).tolist() as number[]).slice(0, count);
    }
  }
}

/**
 * Some examples, by their numbers, at random.
 * @example [...new utils.data.SubsetRandomSampler([4, 9])].sort() // [4, 9]
 */
export class SubsetRandomSampler implements Sampler {
  readonly length: number;
  readonly #indices: readonly number[];
  readonly #generator: Generator | undefined;

  constructor(indices: readonly number[], generator?: Generator) {
    this.#indices = indices;
    this.length = indices.length;
    this.#generator = generator;
  }

  *[Symbol.iterator](): Iterator<number> {
    const order = randperm(this.length, { generator: this.#generator }).tolist() as number[];
    for (const i of order) yield this.#indices[i];
  }
}

/**
 * Drawn by weights, which need not add up to 1.
 * @example [...new utils.data.WeightedRandomSampler([0, 1], 3)] // [1, 1, 1]
 */
export class WeightedRandomSampler implements Sampler {
  readonly length: number;
  readonly #draw: () => Tensor;

  constructor(weights: readonly number[] | Tensor, numSamples: number, replacement = true, generator?: Generator) {
    if (!(Number.isInteger(numSamples) && numSamples > 0)) {
      throw new TensorError(`num_samples should be a positive integer value, but got num_samples=${numSamples}`);
    }
    this.length = numSamples;
    const given = Array.isArray(weights) ? tensor(weights) : (weights as Tensor);
    this.#draw = () => multinomial(given, { numSamples, replacement, generator });
  }

  *[Symbol.iterator](): Iterator<number> {
    yield* this.#draw().tolist() as number[];
  }
}

/**
 * What another sampler gives, in lists of `batchSize`; the last one may be shorter, or is left out.
 * @example [...new utils.data.BatchSampler(new utils.data.SequentialSampler([5, 6, 7]), 2, false)] // [[0, 1], [2]]
 */
export class BatchSampler implements Sampler<number[]> {
  readonly #sampler: Sampler;
  readonly #batchSize: number;
  readonly #dropLast: boolean;

  constructor(sampler: Sampler, batchSize: number, dropLast: boolean) {
    if (!(Number.isInteger(batchSize) && batchSize > 0)) {
      throw new TensorError(`batch_size should be a positive integer value, but got batch_size=${batchSize}`);
    }
    this.#sampler = sampler;
    this.#batchSize = batchSize;
    this.#dropLast = dropLast;
  }

  /** How many batches there are. */
  get length(): number {
    const batches = this.#sampler.length / this.#batchSize;
    return this.#dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  [Symbol.iterator](): Iterator<number[]> {
    return inBatches(this.#sampler, this.#batchSize, this.#dropLast);
  }
}

/** @internal */
export function* inBatches<T>(items: Iterable<T>, size: number, dropLast: boolean): IterableIterator<T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0 && !dropLast) yield batch;
}
