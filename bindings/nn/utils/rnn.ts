/** Sequences of different lengths in one tensor: filled up, or packed. */
import { named } from "../../core/args.ts";
import { TensorBase } from "../../core/base.ts";
import { ShapeError, TensorError } from "../../core/errors.ts";
import { renamed } from "../../core/names.ts";
import { cat, stack } from "../../ops/cat.ts";
import { full, tensor } from "../../ops/creation.ts";
import { indexSelect } from "../../ops/indexing.ts";
import { constantPadNd } from "../../ops/pad.ts";
import { transpose } from "../../ops/permute.ts";
import { reshape } from "../../ops/view.ts";
import type { Tensor } from "../../tensor.ts";
import { Lanes, PackedSequence } from "./packed.ts";

export { invertPermutation, PackedSequence } from "./packed.ts";

interface PadOptions {
  /** [batch, steps, ...] rather than [steps, batch, ...]. */
  batchFirst?: boolean;
  /** What stands behind the shorter ones. Default 0. */
  paddingValue?: number;
}

/**
 * Sequences [steps, ...] side by side, the shorter ones filled up.
 * @returns [most steps, batch, ...]
 * @throws {TensorError} no sequences @throws {ShapeError} sequences that differ in more than their length
 * @example nn.utils.rnn.padSequence([ones(2), ones(1)], { batchFirst: true }).tolist() // [[1, 1], [1, 0]]
 */
export function padSequence(sequences: readonly Tensor[], ...args: (boolean | number | PadOptions)[]): Tensor {
  const { batchFirst = false, paddingValue = 0 } = named<PadOptions>("padSequence", args, [
    "batchFirst",
    "paddingValue",
  ]);
  if (sequences.length === 0) throw new TensorError("received an empty list of sequences");
  const longest = Math.max(...sequences.map((t) => t.size(0)));
  const filled = sequences.map((t) => {
    const missing = longest - t.size(0);
    return missing ? constantPadNd(t, [...new Array(2 * t.ndim - 1).fill(0), missing], paddingValue) : t;
  });
  return stack(filled, batchFirst ? 0 : 1);
}

type Lengths = readonly number[] | Tensor;

function numbers(lengths: Lengths): number[] {
  return lengths instanceof TensorBase ? Array.from(lengths.data(), Math.trunc) : [...lengths];
}

/** The sequences again, given their lengths. @example nn.utils.rnn.unpadSequence(ones(3, 2), [3, 1]).map((t) => t.numel()) // [3, 1] */
export function unpadSequence(padded: Tensor, lengths: Lengths, batchFirst = false): Tensor[] {
  const counts = numbers(lengths);
  return padded.unbind(batchFirst ? 0 : 1).map((t, i) => t.narrow(0, 0, counts[i]));
}

interface PackOptions {
  batchFirst?: boolean;
  /** The sequences have to be in order of decreasing length; otherwise they are brought into it. Default true. */
  enforceSorted?: boolean;
}

const ORDER =
  "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass `enforce_sorted=False` to " +
  "pack_padded_sequence and/or pack_sequence to sidestep this requirement if you do not need ONNX exportability.";

/**
 * Packs padded sequences [steps, batch, ...] of these lengths.
 * @throws {TensorError} lengths that are not sorted, unless `enforceSorted` is false
 * @throws {ShapeError} not one length for each sequence, or one out of range
 * @see PyTorch torch.nn.utils.rnn.pack_padded_sequence
 * @example
 * const padded = tensor([[1, 2, 0], [3, 0, 0], [4, 5, 6]]);
 * const packed = nn.utils.rnn.packPaddedSequence(padded, [2, 1, 3], { batchFirst: true, enforceSorted: false });
 * packed.data.tolist(); // [4, 1, 3, 5, 2, 6]
 * packed.sortedIndices.tolist(); // [2, 0, 1]
 */
export function packPaddedSequence(
  input: Tensor,
  lengths: Lengths,
  ...args: (boolean | PackOptions)[]
): PackedSequence {
  const options = named<PackOptions>("packPaddedSequence", args, ["batchFirst", "enforceSorted"]);
  const { batchFirst = false, enforceSorted = true } = options;
  if (input.numel() === 0) throw new ShapeError("Cannot pack empty tensors.");
  const batchDim = batchFirst ? 0 : 1;
  const [batch, steps] = [input.size(batchDim), input.size(1 - batchDim)];
  const counts = numbers(lengths);
  if (counts.length !== batch) {
    throw new ShapeError(
      `Expected \`len(lengths)\` to be equal to batch_size, but got ${counts.length} (batch_size=${batch})`,
    );
  }
  if (counts.some((n) => !(n > 0))) {
    throw new ShapeError(
      "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0",
    );
  }
  if (counts.some((n) => n > steps))
    throw new ShapeError(`lengths: a sequence of ${Math.max(...counts)} steps in a tensor of ${steps}`);
  const order = counts.map((_, i) => i);
  if (!enforceSorted) order.sort((i, j) => counts[j] - counts[i]);
  const sorted = order.map((i) => counts[i]);
  if (sorted.some((n, i) => i > 0 && n > sorted[i - 1])) throw new TensorError(ORDER);
  const sizes = Array.from({ length: sorted[0] }, (_, step) => sorted.filter((n) => n > step).length);
  const rows = new Lanes(sizes).places().map((place) => {
    const [step, lane] = [Math.floor(place / batch), order[place % batch]];
    return batchFirst ? lane * steps + step : step * batch + lane;
  });
  const flat = reshape(input, [batch * steps, ...input.shape.slice(2)]);
  const data = renamed(indexSelect(flat, 0, tensor(rows)), "PackPaddedSequenceBackward0");
  return new PackedSequence(
    data,
    tensor(Int32Array.from(sizes)),
    enforceSorted ? null : tensor(Int32Array.from(order)),
  );
}

interface PadPackedOptions extends PadOptions {
  /** Steps of the result; those of the longest sequence by default. */
  totalLength?: number | null;
}

/**
 * The way back from `packPaddedSequence`: padded sequences, and their lengths (int32).
 * @throws {TensorError} a `totalLength` below that of the longest sequence
 * @see PyTorch torch.nn.utils.rnn.pad_packed_sequence
 * @example
 * const packed = nn.utils.rnn.packSequence([tensor([1, 2, 3]), tensor([4])]);
 * const [padded, lengths] = nn.utils.rnn.padPackedSequence(packed, { batchFirst: true });
 * padded.tolist(); // [[1, 2, 3], [4, 0, 0]]
 * lengths.tolist(); // [3, 1]
 */
export function padPackedSequence(
  sequence: PackedSequence,
  ...args: (boolean | number | null | PadPackedOptions)[]
): [Tensor, Tensor] {
  const names = ["batchFirst", "paddingValue", "totalLength"] as const;
  const options = named<PadPackedOptions>("padPackedSequence", args, names);
  const { batchFirst = false, paddingValue = 0 } = options;
  const { data } = sequence;
  const lanes = sequence._lanes();
  const total = options.totalLength ?? lanes.steps;
  if (total < lanes.steps) {
    throw new TensorError(
      "Expected total_length to be at least the length of the longest sequence in input, but got " +
        `total_length=${total} and max sequence length being ${lanes.steps}`,
    );
  }
  const shape = data.shape.slice(1);
  const order = sequence.unsortedIndices ? Array.from(sequence.unsortedIndices.data()) : lanes.lengths.map((_, i) => i);
  // The row behind the last one is the padding.
  const padding = data.size(0);
  const rows = lanes.rows(() => padding);
  const places = Int32Array.from({ length: total * lanes.count }, (_, at) => {
    const [step, i] = [Math.floor(at / lanes.count), at % lanes.count];
    return rows[step * lanes.count + order[i]] ?? padding;
  });
  const filled = cat([data, full([1, ...shape], paddingValue, { dtype: data.dtype })], 0);
  const padded = reshape(indexSelect(filled, 0, tensor(places)), [total, lanes.count, ...shape]);
  const lengths = tensor(Int32Array.from(order, (lane) => lanes.lengths[lane]));
  return [batchFirst ? transpose(padded, 0, 1) : padded, lengths];
}

/**
 * Packs sequences [steps, ...]: `padSequence`, then `packPaddedSequence`.
 * @throws {TensorError} sequences that are not in order of decreasing length, unless `enforceSorted` is false
 * @see PyTorch torch.nn.utils.rnn.pack_sequence
 * @example nn.utils.rnn.packSequence([tensor([1, 2, 3]), tensor([4, 5])]).data.tolist() // [1, 4, 2, 5, 3]
 */
export function packSequence(
  sequences: readonly Tensor[],
  enforceSorted?: boolean | { enforceSorted?: boolean },
): PackedSequence {
  const options = named<PackOptions>("packSequence", [enforceSorted], ["enforceSorted"]);
  const lengths = sequences.map((t) => t.size(0));
  return packPaddedSequence(padSequence(sequences), lengths, options);
}

/**
 * The sequences that were packed.
 * @see PyTorch torch.nn.utils.rnn.unpack_sequence
 * @example nn.utils.rnn.unpackSequence(nn.utils.rnn.packSequence([tensor([1, 2]), tensor([3])])).map((t) => t.tolist()) // [[1, 2], [3]]
 */
export function unpackSequence(packed: PackedSequence): Tensor[] {
  const [padded, lengths] = padPackedSequence(packed, { batchFirst: true });
  return unpadSequence(padded, lengths, true);
}
