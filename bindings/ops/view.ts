/** Views: other shapes on the same memory. Sizes and strides are worked out here; the core makes the record. */
import { Op } from "../../assembly/abi/op.ts";
import { isGradEnabled } from "../autograd/mode.ts";
import { defineRule } from "../autograd/rules.ts";
import { MAX_NUMEL, named, normalDim, normalDims, shapeOf } from "../core/args.ts";
import { call1L } from "../core/dispatch.ts";
import { ShapeError } from "../core/errors.ts";
import { HEAP } from "../core/generation.ts";
import { nameCode, renamed, savingInputs } from "../core/names.ts";
import { setName } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { clone } from "./copy.ts";
import { inferSizes, product, rowMajor, shapeText, viewStrides } from "./geometry.ts";

/** Sizes or dimensions, spread or as one array. */
export type Sizes = (number | readonly number[])[];

const NAMES = {
  squeezeAll: /* @__PURE__ */ nameCode("SqueezeBackward0"),
  squeeze: /* @__PURE__ */ nameCode("SqueezeBackward1"),
  unsafeView: /* @__PURE__ */ nameCode("UnsafeViewBackward0"),
  unsqueeze: /* @__PURE__ */ nameCode("UnsqueezeBackward0"),
};

/**
 * @internal A view with these sizes, strides (elements) and offset (elements from the input's first one). `node`: code of
 * the name that its node is printed with, if not the op's own.
 */
export function makeView(
  op: Op,
  input: Tensor,
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
  extra: readonly number[],
  name: string,
  node = 0,
): Tensor {
  if (product(shape) > MAX_NUMEL)
    throw new ShapeError(`${name}: a tensor of shape ${shapeText(shape)} has too many elements`);
  if (node !== 0) setName(node);
  const view = call1L(op, input, [shape.length, offset, ...shape, ...strides, ...extra], name);
  // Memory of the heap lives as long as something here holds it.
  if (input._g === HEAP || input._token) view._token = input.storageToken();
  return view;
}

/** @internal Another wrapper of the same elements, as a view. */
export function alias(input: Tensor): Tensor {
  return makeView(Op.View, input, input.shape, input.stride(), 0, [], "alias");
}

/**
 * @internal The tensor as an operand of a composite, which PyTorch does in one step and saves its operands for: a view whose node
 * finds out whether it has been written to.
 */
export function savedWhole(input: Tensor): Tensor {
  return input.requiresGrad && isGradEnabled() ? savingInputs(alias(input)) : input;
}

/**
 * The same elements in another shape, without copying. One size may be -1.
 * @throws {ShapeError} sizes that do not fit the number of elements, or strides that do not allow a view
 * @example arange(6).view(2, 3).shape // [2, 3]
 */
export function view(input: Tensor, ...sizes: Sizes): Tensor {
  const shape = inferSizes(shapeOf(sizes, "view"), input.numel());
  const strides = viewStrides(input.shape, input.stride(), shape);
  if (!strides) {
    throw new ShapeError(
      "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous " +
        "subspaces). Use .reshape(...) instead.",
    );
  }
  return makeView(Op.View, input, shape, strides, 0, [], "view");
}

/**
 * The same elements in another shape: a view if the strides allow it, else a copy. One size may be -1.
 * @throws {ShapeError} sizes that do not fit the number of elements
 * @example reshape(eye(2), [-1]).tolist() // [1, 0, 0, 1]
 */
export function reshape(input: Tensor, ...sizes: Sizes): Tensor {
  const shape = inferSizes(shapeOf(sizes, "reshape"), input.numel());
  return reshaped(input, shape, 0, NAMES.unsafeView);
}

/** @internal reshape to sizes that are known to fit; names of the node if it is a view, and if it is a copy. */
export function reshaped(input: Tensor, shape: readonly number[], asView: number, asCopy: number): Tensor {
  const strides = viewStrides(input.shape, input.stride(), shape);
  if (strides) return makeView(Op.View, input, shape, strides, 0, [], "reshape", asView);
  return makeView(Op.View, clone(input), shape, rowMajor(shape), 0, [], "reshape", asCopy);
}

/** A view with the shape of `other`. */
export function viewAs(input: Tensor, other: Tensor): Tensor {
  return view(input, other.shape);
}

/** reshape to the shape of `other`. */
export function reshapeAs(input: Tensor, other: Tensor): Tensor {
  return reshape(input, other.shape);
}

export interface FlattenOptions {
  startDim?: number;
  endDim?: number;
}

/**
 * Dimensions startDim to endDim (all by default) as one. A view if it can be, the tensor itself if nothing changes.
 * @example flatten(zeros(2, 3, 4), 1).shape // [2, 12]
 */
export function flatten(input: Tensor, startDim?: number | FlattenOptions, endDim?: number | FlattenOptions): Tensor {
  const options = named<FlattenOptions>("flatten", [startDim, endDim], ["startDim", "endDim"]);
  const { shape } = input;
  const start = normalDim(options.startDim ?? 0, shape.length);
  const end = normalDim(options.endDim ?? -1, shape.length);
  if (start > end) throw new ShapeError("flatten() has invalid args: start_dim cannot come after end_dim");
  if (shape.length === 0) return reshape(input, [1]);
  if (start === end) return input;
  return reshape(input, [...shape.slice(0, start), product(shape.slice(start, end + 1)), ...shape.slice(end + 1)]);
}

/**
 * One dimension as several, of which one size may be -1.
 * @throws {ShapeError} sizes whose product is not that of the dimension
 * @example unflatten(zeros(2, 12), 1, [3, -1]).shape // [2, 3, 4]
 */
export function unflatten(input: Tensor, dim: number, sizes: readonly number[]): Tensor {
  const { shape } = input;
  const d = normalDim(dim, shape.length);
  const given = shapeOf([sizes], "unflatten");
  if (given.length === 0) throw new ShapeError("unflatten: sizes must be non-empty");
  const own = shape[d] ?? 1;
  const rest = product(given.filter((size) => size !== -1));
  const known = given.map((size) => (size === -1 && rest !== 0 ? own / rest : size));
  if (given.filter((size) => size === -1).length > 1) throw new ShapeError("only one dimension can be inferred");
  if (known.some((size) => !Number.isInteger(size) || size < 0) || product(known) !== own) {
    throw new ShapeError(
      `unflatten: Provided sizes ${shapeText(given)} don't multiply up to the size of dim ${d} (${own}) in the input tensor`,
    );
  }
  return view(input, [...shape.slice(0, d), ...known, ...shape.slice(d + 1)]);
}

/**
 * All elements in one dimension: a view if the tensor is contiguous, else a copy.
 * @example ravel(tensor([[1, 2], [3, 4]])).tolist() // [1, 2, 3, 4]
 */
export function ravel(input: Tensor): Tensor {
  return reshape(input, [input.numel()]);
}

/** A new dimension of size 1 before `dim`. @example unsqueeze(zeros(3), 0).shape // [1, 3] */
export function unsqueeze(input: Tensor, dim: number | { dim: number }): Tensor {
  const { shape } = input;
  const strides = input.stride();
  const at = normalDim(typeof dim === "number" ? dim : dim?.dim, shape.length + 1);
  const stride = at < shape.length ? shape[at] * strides[at] : 1;
  shape.splice(at, 0, 1);
  strides.splice(at, 0, stride);
  return makeView(Op.View, input, shape, strides, 0, [], "unsqueeze", NAMES.unsqueeze);
}

export interface SqueezeOptions {
  dim?: number | readonly number[];
}

/**
 * Without dimensions of size 1: all of them, or those given that have it.
 * @example squeeze(zeros(1, 3, 1), -1).shape // [1, 3]
 */
export function squeeze(input: Tensor, dim?: number | readonly number[] | null | SqueezeOptions): Tensor {
  const given = named<SqueezeOptions>("squeeze", [dim], ["dim"]).dim;
  const { shape } = input;
  const strides = input.stride();
  const dims =
    given === undefined ? null : typeof given === "number" ? [normalDim(given, shape.length)] : some(given, shape);
  const kept = shape.map((_, i) => i).filter((i) => shape[i] !== 1 || (dims !== null && !dims.includes(i)));
  const [sizes, steps] = [kept.map((i) => shape[i]), kept.map((i) => strides[i])];
  return makeView(Op.View, input, sizes, steps, 0, [], "squeeze", dims ? NAMES.squeeze : NAMES.squeezeAll);
}

/** An empty list names no dimension, not all of them. */
function some(dims: readonly number[], shape: readonly number[]): number[] {
  return dims.length === 0 ? [] : normalDims(dims, shape.length, "squeeze");
}

/** A view that the graph does not know: gradients do not pass. It shares memory and version. */
export function detach(input: Tensor): Tensor {
  return makeView(Op.Detach, input, input.shape, input.stride(), 0, [], "detach");
}

/** @internal A tensor without dimensions as a vector. */
export function toVector(input: Tensor): Tensor {
  return input.ndim === 0 ? reshape(input, [1]) : input;
}

/** @internal What was computed of `toVector(target)`, in the target's rank and under the same name. */
export function fromVector(result: Tensor, target: Tensor): Tensor {
  if (target.ndim !== 0) return result;
  const name = result.gradFnName();
  return renamed(reshape(result, []), name ?? 0);
}

export { broadcastTo, expand, expandAs } from "./expand.ts";
export { permute, t, transpose } from "./permute.ts";
export { narrow, select, slice } from "./slice.ts";
export { asStrided } from "./strided.ts";

defineRule(Op.View, (g, n) => [reshape(g, n.input(0).shape)]);
