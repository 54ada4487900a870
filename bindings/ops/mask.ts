/** Where a mask holds: filled, picked out, replaced. Masks are bool and broadcast. */
import { isOptions } from "../core/args.ts";
import { TensorBase } from "../core/base.ts";
import { DTypeError, ShapeError, TensorError } from "../core/errors.ts";
import { nameCode, savingInputs } from "../core/names.ts";
import { setName } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { tensor } from "./creation.ts";
import { broadcastTensors } from "./expand.ts";
import { writeSlices } from "./index-write.ts";
import { selectAt } from "./indexing.ts";
import { replaceBy } from "./inplace.ts";
import { nonzeroPositions } from "./positions.ts";
import { cast } from "./promote.ts";
import { narrow } from "./slice.ts";
import { reshape, reshaped } from "./view.ts";
import { where } from "./where.ts";

const NAMES = {
  fill: /* @__PURE__ */ nameCode("MaskedFillBackward0"),
  fillTensor: /* @__PURE__ */ nameCode("MaskedFillBackward1"),
  select: /* @__PURE__ */ nameCode("MaskedSelectBackward0"),
  scatter: /* @__PURE__ */ nameCode("MaskedScatterBackward0"),
};

function checkMask(mask: Tensor, caller: string): void {
  if (!(mask instanceof TensorBase))
    throw new TypeError(`${caller}(): argument 'mask' must be Tensor, not ${typeof mask}`);
  if (mask.dtype !== "bool") throw new DTypeError(`${caller}: expected BoolTensor for mask, got ${mask.scalarName()}`);
}

type Fill = number | boolean | Tensor | { value: number | boolean | Tensor };

/**
 * `value`, a number or a tensor without dimensions, where the mask holds; the rest of `input`.
 * @example maskedFill(tensor([1, 2]), tensor([true, false]), 0).tolist() // [0, 2]
 */
export function maskedFill(input: Tensor, mask: Tensor, value: Fill): Tensor {
  checkMask(mask, "masked_fill");
  const given = isOptions(value) ? value.value : value;
  if (given instanceof TensorBase && given.ndim !== 0) {
    throw new ShapeError(
      `masked_fill_ only supports a 0-dimensional value tensor, but got tensor with ${given.ndim} dimension(s).`,
    );
  }
  const { dtype } = input;
  const fill = given instanceof TensorBase ? cast(given as Tensor, dtype) : tensor(Number(given), { dtype });
  setName(given instanceof TensorBase ? NAMES.fillTensor : NAMES.fill);
  return where(mask, fill, input);
}

/** `maskedFill` into the tensor itself. */
export function maskedFill_(input: Tensor, mask: Tensor, value: Fill): Tensor {
  return replaceBy(input, (self) => maskedFill(self, mask, value), "maskedFill_", false);
}

/**
 * The elements where the mask holds, in one dimension.
 * @example maskedSelect(tensor([1, 2, 3]), tensor([true, false, true])).tolist() // [1, 3]
 */
export function maskedSelect(input: Tensor, mask: Tensor): Tensor {
  checkMask(mask, "masked_select");
  const [values, holds] = broadcastTensors(input, mask);
  const positions = tensor(nonzeroPositions(holds));
  return savingInputs(selectAt(reshape(values, [values.numel()]), 0, positions, NAMES.select));
}

/**
 * `input` with the elements of `source`, one after the other, where the mask holds.
 * @throws {TensorError} fewer elements than the mask asks for
 * @example maskedScatter(zeros(3), tensor([true, false, true]), tensor([5, 6])).tolist() // [5, 0, 6]
 */
export function maskedScatter(input: Tensor, mask: Tensor, source: Tensor): Tensor {
  checkMask(mask, "masked_scatter");
  if (input.dtype !== source.dtype) {
    throw new DTypeError(
      `masked_scatter: expected self and source to have same dtypes but got ${input.scalarName()} and ${source.scalarName()}`,
    );
  }
  const [values, holds] = broadcastTensors(input, mask);
  const positions = nonzeroPositions(holds);
  if (positions.length > source.numel()) throw new TensorError("Number of elements of source < number of ones in mask");
  const { shape } = values;
  const flat = reshape(values, [values.numel()]);
  const taken = narrow(reshape(source, [source.numel()]), 0, 0, positions.length);
  const changed = writeSlices(flat, 0, tensor(positions), taken, false, NAMES.scatter);
  return shape.length === 1 ? changed : reshaped(changed, shape, NAMES.scatter, NAMES.scatter);
}

/** `maskedScatter` into the tensor itself. */
export function maskedScatter_(input: Tensor, mask: Tensor, source: Tensor): Tensor {
  return replaceBy(input, (self) => maskedScatter(self, mask, source), "maskedScatter_", false);
}

interface NonzeroOptions {
  /** One tensor for each dimension, as an index takes them. */
  asTuple?: boolean;
}

/**
 * The positions of all elements that are not zero: one row for each. With `asTuple`, one tensor for each dimension.
 * @example nonzero(eye(2)).tolist() // [[0, 0], [1, 1]]
 */
export function nonzero(input: Tensor, options?: { asTuple?: false }): Tensor;
export function nonzero(input: Tensor, options: { asTuple: true }): Tensor[];
export function nonzero(input: Tensor, options: NonzeroOptions = {}): Tensor | Tensor[] {
  const { shape } = input;
  const flat = nonzeroPositions(input);
  const n = flat.length;
  if (options.asTuple) {
    if (shape.length === 0) return [tensor(flat)];
    return columnsOf(flat, shape).map((column) => tensor(column));
  }
  const rows = new Int32Array(n * shape.length);
  columnsOf(flat, shape).forEach((column, d) => {
    column.forEach((position, i) => {
      rows[i * shape.length + d] = position;
    });
  });
  return tensor(rows, { shape: [n, shape.length] });
}

/** Positions along each dimension, from those in the flattened tensor. */
function columnsOf(flat: Int32Array, shape: readonly number[]): Int32Array[] {
  let rest = flat;
  const columns: Int32Array[] = [];
  for (let d = shape.length - 1; d >= 0; d--) {
    const size = shape[d];
    columns.unshift(rest.map((position) => position % size));
    rest = rest.map((position) => Math.floor(position / size));
  }
  return columns;
}

/**
 * The positions of all elements that are not zero, one row for each.
 * @example argwhere(tensor([[0, 1], [2, 0]])).tolist() // [[0, 1], [1, 0]]
 */
export function argwhere(input: Tensor): Tensor {
  return nonzero(input);
}
