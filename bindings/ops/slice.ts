/** Views of a part along one dimension, and such parts replaced. */
import { Op } from "../../assembly/abi/op.ts";
import { defineRule } from "../autograd/rules.ts";
import { named, normalDim } from "../core/args.ts";
import { TensorBase } from "../core/base.ts";
import { IndexError, ShapeError, TensorError } from "../core/errors.ts";
import { nameCode } from "../core/names.ts";
import type { Tensor } from "../tensor.ts";
import { clone } from "./copy.ts";
import { integer, rowMajor, shapeText } from "./geometry.ts";
import { checkSource, embed, type Geometry, lay } from "./strided.ts";
import { makeView } from "./view.ts";

const NAMES = {
  select: /* @__PURE__ */ nameCode("SelectBackward0"),
  selectScatter: /* @__PURE__ */ nameCode("SelectScatterBackward0"),
  sliceScatter: /* @__PURE__ */ nameCode("SliceScatterBackward0"),
};

/** Every `step`-th of `length` slices from `start` along a dimension. */
export interface Part {
  dim: number;
  start: number;
  length: number;
  step: number;
  /** The dimension, of which one slice is taken, goes away. */
  removed: boolean;
}

/** Sizes, strides and offset of a part. */
function geometry(shape: readonly number[], strides: readonly number[], part: Part): Geometry {
  const { dim, start, length, step, removed } = part;
  const [sizes, steps] = [[...shape], [...strides]];
  if (removed) {
    sizes.splice(dim, 1);
    steps.splice(dim, 1);
  } else {
    sizes[dim] = length;
    steps[dim] *= step;
  }
  return { shape: sizes, strides: steps, offset: start * strides[dim] };
}

/** @internal A view of a part. */
export function partView(input: Tensor, part: Part, name: string, node = 0): Tensor {
  const at = geometry(input.shape, input.stride(), part);
  const extra = [part.dim, part.start, part.step, part.removed ? 1 : 0];
  return makeView(Op.Slice, input, at.shape, at.strides, at.offset, extra, name, node);
}

/** A position along a dimension, counted from the end if negative. */
function position(shape: readonly number[], dim: number, index: number, caller: string): number {
  const size = shape[dim];
  integer(index, caller, "index");
  if (index < -size || index >= size) {
    throw new IndexError(
      `${caller}(): index ${index} out of range for tensor of size ${shapeText(shape)} at dimension ${dim} ` +
        `(index ${index} is out of bounds for dimension ${dim} with size ${size})`,
    );
  }
  return index < 0 ? index + size : index;
}

function selected(shape: readonly number[], dim: number, index: number, caller: string): Part {
  if (shape.length === 0) throw new IndexError(`${caller}() cannot be applied to a 0-dim tensor.`);
  const d = normalDim(dim, shape.length);
  return { dim: d, start: position(shape, d, index, caller), length: 1, step: 1, removed: true };
}

/**
 * The slice at one position along a dimension, which goes away.
 * @throws {IndexError} a position out of range
 * @example select(eye(2), 0, 1).tolist() // [0, 1]
 */
export function select(input: Tensor, dim: number, index: number): Tensor {
  return partView(input, selected(input.shape, dim, index, "select"), "select", NAMES.select);
}

/**
 * `length` slices from `start` along a dimension.
 * @throws {ShapeError} a range beyond the dimension
 * @example narrow(arange(5), 0, 1, 3).tolist() // [1, 2, 3]
 */
export function narrow(input: Tensor, dim: number, start: number | Tensor, length: number): Tensor {
  const { shape } = input;
  if (shape.length === 0) throw new ShapeError("narrow() cannot be applied to a 0-dim tensor.");
  const d = normalDim(dim, shape.length);
  if (start instanceof TensorBase && (start.ndim !== 0 || start.dtype !== "int32")) {
    throw new ShapeError("start must be an 0-dim integral Tensor.");
  }
  const given = integer(start instanceof TensorBase ? start.item() : start, "narrow", "start");
  integer(length, "narrow", "length");
  if (length < 0) throw new ShapeError("narrow(): length must be non-negative.");
  if (given < -shape[d] || given > shape[d]) {
    throw new IndexError(
      `Dimension out of range (expected to be in range of [${-shape[d]}, ${shape[d]}], but got ${given})`,
    );
  }
  const from = given < 0 ? given + shape[d] : given;
  if (from + length > shape[d])
    throw new ShapeError(`start (${given}) + length (${length}) exceeds dimension size (${shape[d]}).`);
  return partView(input, { dim: d, start: from, length, step: 1, removed: false }, "narrow");
}

/** `narrow`, but a copy. @example narrowCopy(tensor([1, 2, 3]), 0, 1, 2).tolist() // [2, 3] */
export function narrowCopy(input: Tensor, dim: number, start: number, length: number): Tensor {
  return clone(narrow(input, dim, start, length));
}

export interface SliceOptions {
  dim?: number;
  start?: number | null;
  end?: number | null;
  step?: number;
}

type SliceArgument = number | null | SliceOptions;

function sliced(shape: readonly number[], options: SliceOptions, caller: string): Part {
  if (shape.length === 0) throw new IndexError(`${caller}() cannot be applied to a 0-dim tensor.`);
  const dim = normalDim(options.dim ?? 0, shape.length);
  const size = shape[dim];
  const step = integer(options.step ?? 1, caller, "step");
  if (step <= 0) throw new TensorError("slice step must be positive");
  const bound = (value: number, argument: string): number => {
    integer(value, caller, argument);
    return Math.min(Math.max(value < 0 ? value + size : value, 0), size);
  };
  const start = bound(options.start ?? 0, "start");
  const end = bound(options.end ?? size, "end");
  return { dim, start, length: Math.max(Math.ceil((end - start) / step), 0), step, removed: false };
}

/**
 * Slices start, start + step, ... below end along a dimension: Python's start:end:step with a positive step.
 * @example slice(arange(5), 0, 1, null, 2).tolist() // [1, 3]
 */
export function slice(
  input: Tensor,
  dim?: SliceArgument,
  start?: SliceArgument,
  end?: SliceArgument,
  step?: SliceArgument,
): Tensor {
  const options = named<SliceOptions>("slice", [dim, start, end, step], ["dim", "start", "end", "step"]);
  return partView(input, sliced(input.shape, options, "slice"), "slice");
}

/** A copy of `input`, with `src` in the place of a part. */
function replaced(input: Tensor, src: Tensor, part: Part, name: string, node: number): Tensor {
  const { shape } = input;
  const at = geometry(shape, rowMajor(shape), part);
  checkSource(src, at.shape);
  return lay(input, src, at, name, node);
}

/**
 * A copy of `input` in which the slice at one position is `src`.
 * @throws {ShapeError} a `src` of another shape than the slice
 * @example selectScatter(zeros(2, 2), ones(2), 0, 1).tolist() // [[0, 0], [1, 1]]
 */
export function selectScatter(input: Tensor, src: Tensor, dim: number, index: number): Tensor {
  return replaced(input, src, selected(input.shape, dim, index, "selectScatter"), "selectScatter", NAMES.selectScatter);
}

/**
 * A copy of `input` in which the slices start, start + step, ... below end are those of `src`.
 * @throws {ShapeError} a `src` of another shape than the slices
 * @example sliceScatter(zeros(4), ones(2), 0, 1, 3).tolist() // [0, 1, 1, 0]
 */
export function sliceScatter(
  input: Tensor,
  src: Tensor,
  dim?: SliceArgument,
  start?: SliceArgument,
  end?: SliceArgument,
  step?: SliceArgument,
): Tensor {
  const options = named<SliceOptions>("sliceScatter", [dim, start, end, step], ["dim", "start", "end", "step"]);
  return replaced(input, src, sliced(input.shape, options, "sliceScatter"), "sliceScatter", NAMES.sliceScatter);
}

/** @internal Zeros of a shape in which `source` lies as a part. */
export function embedPart(shape: readonly number[], source: Tensor, part: Part): Tensor {
  return embed(source, shape, geometry(shape, rowMajor(shape), part), 0, "slice");
}

defineRule(Op.Slice, (g, n) => {
  const at = 2 + 2 * n.list(0);
  const [dim, start, step, removed] = [n.list(at), n.list(at + 1), n.list(at + 2), n.list(at + 3)];
  const length = removed ? 1 : g.shape[dim];
  return [embedPart(n.input(0).shape, g, { dim, start, length, step, removed: removed !== 0 })];
});
