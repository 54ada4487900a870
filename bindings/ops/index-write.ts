/** Writing slice by slice at positions along a dimension. */
import { Op } from "../../assembly/abi/op.ts";
import { defineRule } from "../autograd/rules.ts";
import { isOptions, normalDim } from "../core/args.ts";
import { TensorBase } from "../core/base.ts";
import { callN } from "../core/dispatch.ts";
import { DTypeError, IndexError, ShapeError } from "../core/errors.ts";
import { nameCode, savingInputs } from "../core/names.ts";
import { setInt, setName } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { tensor } from "./creation.ts";
import { expand } from "./expand.ts";
import { shapeText } from "./geometry.ts";
import { checkIndex, indexSelect } from "./indexing.ts";
import { inPlace } from "./inplace.ts";
import { wrapped } from "./positions.ts";
import { cast } from "./promote.ts";
import { fromVector, toVector } from "./view.ts";

const FILL: number = /* @__PURE__ */ nameCode("IndexFillBackward0");

/** Checked operands; all have at least one dimension. */
interface Call {
  target: Tensor;
  dim: number;
  index: Tensor;
  source: Tensor;
  caller: string;
}

function prepare(target: Tensor, dim: number, index: Tensor, source: Tensor, caller: string): Call {
  checkIndex(index, caller);
  const d = normalDim(dim, target.ndim);
  if (index.ndim > 1) {
    throw new IndexError(
      `${caller}(): Index is supposed to be a vector, but got dim: ${index.ndim} and size: ${shapeText(index.shape)}`,
    );
  }
  if (source.dtype !== target.dtype) {
    throw new DTypeError(
      `${caller}(): self (${target.scalarName()}) and source (${source.scalarName()}) must have the same scalar type`,
    );
  }
  const [self, values] = [toVector(target), toVector(source)];
  const [own, given] = [self.shape, values.shape];
  if (index.numel() !== (given[d] ?? 1)) {
    throw new IndexError(
      `${caller}(): Number of indices (${index.numel()}) should be equal to source.size(dim): (${given[d] ?? 1}), for dim: ${d}`,
    );
  }
  if (own.length !== given.length || own.some((size, i) => i !== d && size !== given[i])) {
    throw new ShapeError(
      `${caller}(): Source/destination tensor must have same slice shapes, but for dimension ${d}: got source of shape ` +
        `${shapeText(given)} for a tensor of shape ${shapeText(own)}`,
    );
  }
  return { target: self, dim: d, index: toVector(index), source: values, caller };
}

function run(op: Op, call: Call, node = 0): Tensor {
  setInt(call.dim);
  if (node !== 0) setName(node);
  return callN(op, [call.target, call.index, call.source], [], `${call.caller} (dim ${call.dim})`);
}

function runInPlace(op: Op, target: Tensor, call: Call, node = 0): Tensor {
  setInt(call.dim);
  if (node !== 0) setName(node);
  const again = (self: Tensor): Tensor => run(op, { ...call, target: self }, node);
  inPlace(op, call.target, [call.index, call.source], `${call.caller} (dim ${call.dim})`, again);
  return target;
}

/** @internal indexAdd or indexCopy under other names, of operands that fit. */
export function writeSlices(
  input: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  adds: boolean,
  node: number,
): Tensor {
  return run(adds ? Op.IndexAdd : Op.IndexCopy, prepare(input, dim, index, source, "indexPut"), node);
}

/** @internal The same, into the tensor itself. */
export function writeSlices_(
  input: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  adds: boolean,
  node: number,
): Tensor {
  return runInPlace(adds ? Op.IndexAdd : Op.IndexCopy, input, prepare(input, dim, index, source, "indexPut_"), node);
}

export interface IndexAddOptions {
  /** Factor of the source, 1 by default. */
  alpha?: number;
}

function scaled(source: Tensor, options: IndexAddOptions): Tensor {
  return options.alpha === undefined || options.alpha === 1
    ? source
    : cast(savingInputs(source.mul(options.alpha)), source.dtype);
}

/**
 * `input` with the slices of `source`, times alpha, added at the positions of a 1-d index; repeated positions add up.
 * @throws {IndexError} a position out of range
 * @example indexAdd(zeros(3), 0, tensor([2, 2], { dtype: "int32" }), tensor([1, 2])).tolist() // [0, 0, 3]
 */
export function indexAdd(
  input: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  options: IndexAddOptions = {},
): Tensor {
  return fromVector(run(Op.IndexAdd, prepare(input, dim, index, scaled(source, options), "indexAdd")), input);
}

/** `indexAdd` into the tensor itself. */
export function indexAdd_(
  input: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  options: IndexAddOptions = {},
): Tensor {
  return runInPlace(Op.IndexAdd, input, prepare(input, dim, index, scaled(source, options), "indexAdd_"));
}

/**
 * A copy of `input` in which the slices at the positions of a 1-d index are those of `source`.
 * @throws {IndexError} a position out of range
 * @example indexCopy(zeros(3), 0, tensor([2], { dtype: "int32" }), tensor([7])).tolist() // [0, 0, 7]
 */
export function indexCopy(input: Tensor, dim: number, index: Tensor, source: Tensor): Tensor {
  return fromVector(run(Op.IndexCopy, prepare(input, dim, index, source, "indexCopy")), input);
}

/** `indexCopy` into the tensor itself. */
export function indexCopy_(input: Tensor, dim: number, index: Tensor, source: Tensor): Tensor {
  return runInPlace(Op.IndexCopy, input, prepare(input, dim, index, source, "indexCopy_"));
}

/** A number, or a tensor without dimensions, for every element of the slices. */
function fillCall(input: Tensor, dim: number, index: Tensor, value: unknown, caller: string): Call {
  checkIndex(index, caller);
  const given = isOptions(value) ? value.value : value;
  if (given instanceof TensorBase && given.ndim !== 0) {
    throw new ShapeError(
      `index_fill_ only supports a 0-dimensional value tensor, but got tensor with ${given.ndim} dimension(s).`,
    );
  }
  if (index.ndim > 1) throw new IndexError("Index has to be a vector/scalar");
  const d = normalDim(dim, input.ndim);
  const { dtype } = input;
  const fill = given instanceof TensorBase ? cast(given as Tensor, dtype) : tensor(Number(given), { dtype });
  const self = toVector(input);
  const shape = self.shape.map((size, i) => (i === d ? index.numel() : size));
  const positions = wrapped(toVector(index), self.shape[d], d);
  return { target: self, dim: d, index: positions, source: expand(fill, shape), caller };
}

/**
 * A copy of `input` in which all elements of the slices at the positions of a 1-d index are `value`. Negative positions
 * count from the end.
 * @throws {IndexError} a position out of range
 * @example indexFill(zeros(3), 0, tensor([0, 2], { dtype: "int32" }), 5).tolist() // [5, 0, 5]
 */
export function indexFill(
  input: Tensor,
  dim: number,
  index: Tensor,
  value: number | boolean | Tensor | { value: number },
): Tensor {
  return fromVector(run(Op.IndexCopy, fillCall(input, dim, index, value, "indexFill"), FILL), input);
}

/** `indexFill` into the tensor itself. */
export function indexFill_(
  input: Tensor,
  dim: number,
  index: Tensor,
  value: number | boolean | Tensor | { value: number },
): Tensor {
  return runInPlace(Op.IndexCopy, input, fillCall(input, dim, index, value, "indexFill_"), FILL);
}

defineRule(Op.IndexAdd, (g, n) => [g, null, n.needs(2) ? indexSelect(g, n.int(0), n.input(1)) : null]);

/** What was overwritten gets nothing. */
defineRule(Op.IndexCopy, (g, n) => [
  n.needs(0) ? indexFill(g, n.int(0), n.input(1), 0) : null,
  null,
  n.needs(2) ? indexSelect(g, n.int(0), n.input(1)) : null,
]);
