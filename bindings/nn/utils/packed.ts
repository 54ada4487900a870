/** Sequences of different lengths, packed step by step; and how a recurrent layer goes over them. */
import type { DType } from "../../core/dtype.ts";
import { DENO_INSPECT, INSPECT } from "../../core/inspect.ts";
import { renamed } from "../../core/names.ts";
import { arange, tensor } from "../../ops/creation.ts";
import { indexSelect } from "../../ops/indexing.ts";
import { cast } from "../../ops/promote.ts";
import { scatter } from "../../ops/scatter.ts";
import { reshape } from "../../ops/view.ts";
import type { Tensor } from "../../tensor.ts";
import type { LayerResult } from "../functional/recurrent.ts";

/** What undoes a permutation. @example nn.utils.rnn.invertPermutation(tensor([2, 0, 1], { dtype: "int32" })).tolist() // [1, 2, 0] */
export function invertPermutation(permutation: Tensor): Tensor;
export function invertPermutation(permutation: Tensor | null): Tensor | null;
export function invertPermutation(permutation: Tensor | null): Tensor | null {
  if (!permutation) return null;
  const places = arange(permutation.numel(), { dtype: "int32" });
  return scatter(places, 0, permutation, places);
}

/**
 * The elements of sequences, longest first: the first of all sequences, then the second of all that have one, and so on.
 * Recurrent layers take and return it. Made by `packSequence` and `packPaddedSequence` rather than by hand.
 * @see PyTorch torch.nn.utils.rnn.PackedSequence
 * @example
 * const packed = nn.utils.rnn.packSequence([tensor([1, 2, 3]), tensor([4, 5])]);
 * packed.data.tolist(); // [1, 4, 2, 5, 3]
 * packed.batchSizes.tolist(); // [2, 2, 1]
 */
export class PackedSequence {
  /** All elements: [of all sequences together, ...]. */
  readonly data: Tensor;
  /** int32: how many sequences have each step. */
  readonly batchSizes: Tensor;
  /** int32: where each of the sequences, longest first, was among those that were packed; null if they were in that order. */
  readonly sortedIndices: Tensor | null;
  /** int32: where each of those that were packed is now. */
  readonly unsortedIndices: Tensor | null;

  constructor(
    data: Tensor,
    batchSizes: Tensor,
    sortedIndices: Tensor | null = null,
    unsortedIndices: Tensor | null = invertPermutation(sortedIndices),
  ) {
    this.data = data;
    this.batchSizes = batchSizes;
    this.sortedIndices = sortedIndices;
    this.unsortedIndices = unsortedIndices;
    // Methods of these names would keep bundlers from dropping the class.
    for (const name of [INSPECT, DENO_INSPECT]) Object.defineProperty(this, name, { value: () => this.toString() });
  }

  /** The elements in another dtype. */
  to(dtype: DType): PackedSequence {
    return this.data.dtype === dtype ? this : this._with(cast(this.data, dtype));
  }

  /** As PyTorch prints it. */
  toString(): string {
    const text = (t: Tensor | null): string => (t ? String(t) : "None");
    return (
      `PackedSequence(data=${this.data}, batch_sizes=${this.batchSizes}, sorted_indices=${text(this.sortedIndices)}, ` +
      `unsorted_indices=${text(this.unsortedIndices)})`
    );
  }

  /** @internal */
  get _isRecord(): true {
    return true;
  }

  /** @internal Other elements of the same sequences. */
  _with(data: Tensor): PackedSequence {
    return new PackedSequence(data, this.batchSizes, this.sortedIndices, this.unsortedIndices);
  }

  /** @internal Where the sequences lie. */
  _lanes(): Lanes {
    return new Lanes(Array.from(this.batchSizes.data()));
  }
}

/** The places of sequences in what is packed. Padded tensors have [steps, sequences], the longest first. */
export class Lanes {
  readonly steps: number;
  readonly count: number;
  readonly lengths: readonly number[];
  /** By step: where it begins. */
  private readonly starts: readonly number[];

  constructor(batchSizes: readonly number[]) {
    this.steps = batchSizes.length;
    this.count = batchSizes[0] ?? 0;
    this.lengths = Array.from({ length: this.count }, (_, lane) => batchSizes.filter((size) => size > lane).length);
    let start = 0;
    this.starts = batchSizes.map((size) => {
      start += size;
      return start - size;
    });
  }

  /** For each place of a padded tensor the row in what is packed; beyond the end of a sequence what `beyond` says. */
  rows(beyond: (lane: number) => number, reverse = false): Int32Array {
    const { starts, lengths, count } = this;
    return Int32Array.from({ length: this.steps * count }, (_, at) => {
      const [step, lane] = [Math.floor(at / count), at % count];
      if (step >= lengths[lane]) return beyond(lane);
      return starts[reverse ? lengths[lane] - 1 - step : step] + lane;
    });
  }

  /** For each packed row its place in a padded tensor. */
  places(reverse = false): Int32Array {
    const { starts, lengths, count, steps } = this;
    const places = new Int32Array(lengths.reduce((sum, length) => sum + length, 0));
    for (let step = 0; step < steps; step++) {
      for (let lane = 0; lane < count && step < lengths[lane]; lane++) {
        places[starts[step] + lane] = (reverse ? lengths[lane] - 1 - step : step) * count + lane;
      }
    }
    return places;
  }

  /** Runs a layer over packed rows: on sequences that are filled up with their last element, of which nothing is kept. */
  layer(packed: Tensor, reverse: boolean, run: (padded: Tensor) => LayerResult): LayerResult {
    const { lengths, count, steps, starts } = this;
    const last = (lane: number): number => starts[reverse ? 0 : lengths[lane] - 1] + lane;
    const padded = indexSelect(packed, 0, tensor(this.rows(last, reverse)));
    const made = run(reshape(padded, [steps, count, packed.size(1)]));
    const flat = (t: Tensor): Tensor => reshape(t, [steps * count, t.size(2)]);
    const ends = tensor(Int32Array.from(lengths, (length, lane) => (length - 1) * count + lane));
    const output = flat(made.output);
    return {
      output: renamed(indexSelect(output, 0, tensor(this.places(reverse))), "CatBackward0"),
      h: indexSelect(output, 0, ends),
      c: made.cells ? indexSelect(flat(made.cells()), 0, ends) : null,
      cells: null,
    };
  }
}
