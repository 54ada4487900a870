/**
 * Elements picked out of memory by sizes, strides and an offset. AsStrided shows them, Embed lays a tensor there in a new
 * one that is otherwise filled with a number, AsStridedScatter in a copy of another tensor.
 */
import { StorageField, TensorField, TensorFlag } from "../../assembly/abi/layout.ts";
import { Op } from "../../assembly/abi/op.ts";
import { type SavedNode, wrapRecord } from "../autograd/node.ts";
import { defineRule } from "../autograd/rules.ts";
import { checkSizes, normalDim } from "../core/args.ts";
import { call1L, callN } from "../core/dispatch.ts";
import { ShapeError } from "../core/errors.ts";
import { nameCode } from "../core/names.ts";
import { i32, setName, setScalars } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { contiguous } from "./copy.ts";
import { ones, tensor, zeros } from "./creation.ts";
import { integer, isInjective, product, sameShape, shapeText, spanOf } from "./geometry.ts";
import { indexAdd } from "./index-write.ts";
import { cast } from "./promote.ts";
import { makeView, reshape } from "./view.ts";

/** Places of elements: `offset` is where the first one lies. */
export interface Geometry {
  shape: readonly number[];
  strides: readonly number[];
  offset: number;
}

const UNFOLD: number = /* @__PURE__ */ nameCode("UnfoldBackward0");

/** @internal A view; the offset counts from the input's first element. */
export function stridedView(input: Tensor, at: Geometry, name: string, node = 0): Tensor {
  return makeView(Op.AsStrided, input, at.shape, at.strides, at.offset, [], name, node);
}

/** @internal A tensor of shape `shape`, full of `value`, in which `input` lies at the places given. */
export function embed(
  input: Tensor,
  shape: readonly number[],
  at: Geometry,
  value: number,
  name: string,
  node = 0,
): Tensor {
  checkSizes(shape, name);
  setScalars(value, 0);
  if (node !== 0) setName(node);
  const { length } = at.shape;
  return call1L(Op.Embed, input, [length, at.offset, ...at.shape, ...at.strides, shape.length, ...shape], name);
}

/** @internal A copy of `input`, row-major, in which `source` lies at the places given. */
export function lay(input: Tensor, source: Tensor, at: Geometry, name: string, node = 0): Tensor {
  const values = cast(source, input.dtype);
  if (node !== 0) setName(node);
  return callN(Op.AsStridedScatter, [input, values], [at.shape.length, at.offset, ...at.shape, ...at.strides], name);
}

function geometryOf(n: SavedNode): Geometry {
  const ndim = n.list(0);
  return {
    shape: Array.from({ length: ndim }, (_, i) => n.list(2 + i)),
    strides: Array.from({ length: ndim }, (_, i) => n.list(2 + ndim + i)),
    offset: n.list(1),
  };
}

interface StridedOptions {
  storageOffset?: number | null;
}

/** @internal Refuses places that are none, or lie beyond `capacity` elements of `itemBytes`. */
export function checkStrided(
  size: readonly number[],
  stride: readonly number[],
  offset: number,
  capacity: number,
  itemBytes: number,
  caller: string,
): void {
  if (size.length !== stride.length) throw new ShapeError(`${caller}: mismatch in length of strides and shape`);
  if ([...size, ...stride, offset].some((v) => !Number.isInteger(v) || v < 0)) {
    throw new ShapeError(
      `${caller}: Negative strides, sizes or offsets, and such that are no integers, are not supported: got sizes ` +
        `${shapeText(size)}, strides ${shapeText(stride)}, storage offset ${offset}`,
    );
  }
  checkSizes(size, caller);
  const needed = product(size) === 0 ? 0 : offset + spanOf(size, stride);
  if (needed > capacity) {
    throw new ShapeError(
      `setStorage: sizes ${shapeText(size)}, strides ${shapeText(stride)}, storage offset ${offset}, and itemsize ` +
        `${itemBytes} requiring a storage size of ${needed * itemBytes} are out of bounds for storage of size ${capacity * itemBytes}`,
    );
  }
}

/** Storages are padded to so many bytes. */
const PADDING = 16;

/** @internal How many elements the storage holds, without the padding behind them. */
export function capacityOf(input: Tensor): number {
  const p = input.fresh();
  const isView = input.flag(TensorFlag.View);
  const whole = isView ? wrapRecord(i32()[(p + TensorField.Base) >>> 2]) : input;
  const end = whole.storageOffset() + spanOf(whole.shape, whole.stride());
  const storage = i32()[(input.fresh() + TensorField.Storage) >>> 2];
  const bytes = i32()[(storage + StorageField.Bytes) >>> 2];
  const [room, padding] = input.dtype === "bool" ? [bytes, PADDING] : [bytes >> 2, PADDING >> 2];
  // A detached view does not know what it was cut from.
  return isView || room - end <= padding ? end : room;
}

function itemBytes(input: Tensor): number {
  return input.dtype === "bool" ? 1 : 4;
}

function offsetOf(given: number | null | undefined | StridedOptions): number | undefined {
  return (typeof given === "object" ? given?.storageOffset : given) ?? undefined;
}

/**
 * A view with any sizes and strides, from `storageOffset` elements into the storage (by default from where the tensor
 * starts). The gradient of elements that are shown more than once adds up.
 * @throws {ShapeError} a view that would leave the storage
 * @example asStrided(arange(4), [3, 2], [1, 1]).tolist() // [[0, 1], [1, 2], [2, 3]]
 */
export function asStrided(
  input: Tensor,
  size: readonly number[],
  stride: readonly number[],
  storageOffset?: number | null | StridedOptions,
): Tensor {
  const own = input.storageOffset();
  const offset = offsetOf(storageOffset) ?? own;
  checkStrided(size, stride, offset, capacityOf(input), itemBytes(input), "asStrided");
  return stridedView(input, { shape: size, strides: stride, offset: offset - own }, "asStrided");
}

/**
 * A row-major copy of `input` in which the elements that sizes, strides and offset pick out are those of `src`.
 * @throws {ShapeError} a `src` of another shape, or elements beyond the end
 * @example asStridedScatter(tensor([0, 0, 0, 0]), tensor([1, 1]), [2], [2]).tolist() // [1, 0, 1, 0]
 */
export function asStridedScatter(
  input: Tensor,
  src: Tensor,
  size: readonly number[],
  stride: readonly number[],
  storageOffset?: number | null | StridedOptions,
): Tensor {
  const offset = offsetOf(storageOffset) ?? 0;
  checkStrided(size, stride, offset, input.numel(), itemBytes(input), "asStridedScatter");
  checkSource(src, size);
  return lay(input, src, { shape: size, strides: stride, offset }, "asStridedScatter", SCATTER);
}

const SCATTER: number = /* @__PURE__ */ nameCode("AsStridedScatterBackward0");

/** @internal What is laid somewhere must have the shape of the place. */
export function checkSource(src: Tensor, shape: readonly number[]): void {
  if (sameShape(src.shape, shape)) return;
  throw new ShapeError(
    "expected src to have a size equal to the slice of self. " +
      `src size = ${shapeText(src.shape)}, slice size = ${shapeText(shape)}`,
  );
}

/**
 * All slices of `size` along a dimension, `step` apart, as a view: their number takes the dimension's place, and their
 * elements come last.
 * @throws {ShapeError} slices larger than the dimension
 * @example arange(4).unfold(0, 2, 1).tolist() // [[0, 1], [1, 2], [2, 3]]
 */
export function unfold(input: Tensor, dimension: number, size: number, step: number): Tensor {
  const { shape } = input;
  const strides = input.stride();
  const d = normalDim(dimension, shape.length);
  integer(size, "unfold", "size");
  integer(step, "unfold", "step");
  const length = shape[d] ?? 1;
  if (size < 0) throw new ShapeError(`size is ${size} but must be >= 0`);
  if (size > length) throw new ShapeError(`maximum size for tensor at dimension ${d} is ${length} but size is ${size}`);
  if (step <= 0) throw new ShapeError(`step is ${step} but must be > 0`);
  const stride = strides[d] ?? 1;
  shape.push(size);
  strides.push(stride);
  if (shape.length > 1) {
    shape[d] = Math.floor((length - size) / step) + 1;
    strides[d] = step * stride;
  }
  return stridedView(input, { shape, strides, offset: 0 }, "unfold", UNFOLD);
}

/** The place of each element, from `offset` on. */
function positions({ shape, strides, offset }: Geometry): Tensor {
  let places = Int32Array.of(offset);
  shape.forEach((size, i) => {
    const outer = places;
    places = new Int32Array(outer.length * size);
    for (let j = 0, at = 0; j < outer.length; j++) {
      for (let k = 0; k < size; k++) places[at++] = outer[j] + k * strides[i];
    }
  });
  return tensor(places);
}

/**
 * The gradient as it would lie in the storage, then seen as the input sees it. Elements shown more than once add up. Where
 * the input itself shows a place more than once, each gets an equal share: PyTorch's as_strided_backward in
 * torch/csrc/autograd/FunctionsManual.cpp explains why.
 */
defineRule(Op.AsStrided, (g, n) => {
  const input = n.input(0);
  const [shape, strides] = [input.shape, input.stride()];
  const out = geometryOf(n);
  const low = Math.min(out.offset, 0);
  const room = Math.max(spanOf(shape, strides), out.offset + spanOf(out.shape, out.strides)) - low;
  const place = { ...out, offset: out.offset - low };
  const isSingle = isInjective(out.shape, out.strides);
  if (isSingle && low === 0 && input.isContiguous() && room <= input.numel()) {
    return [embed(g, shape, place, 0, "asStrided")];
  }
  const own = { shape, strides, offset: -low };
  const flat = isSingle
    ? embed(g, [room], place, 0, "asStrided")
    : indexAdd(zeros(room), 0, positions(place), reshape(g, [-1]));
  const shares = isInjective(shape, strides) ? flat : flat.div(timesShown(own, room));
  return [stridedView(shares, own, "asStrided")];
});

/** How often each place is shown, 1 where it is not. */
function timesShown(own: Geometry, room: number): Tensor {
  return indexAdd(zeros(room), 0, positions(own), ones(product(own.shape))).clampMin(1);
}

defineRule(Op.Embed, (g, n) => [stridedView(contiguous(g), geometryOf(n), "asStrided")]);

/** The places are those of the result, which has gaps if it is a detached view that was written to. */
defineRule(Op.AsStridedScatter, (g, n) => {
  const out = n.output();
  const at = geometryOf(n);
  const whole = { shape: out.shape, strides: out.stride(), offset: 0 };
  const flat = out.isContiguous()
    ? reshape(contiguous(g), [g.numel()])
    : embed(g, [spanOf(whole.shape, whole.strides)], whole, 0, "asStridedScatter");
  const rest = n.needs(0) ? lay(flat, zeros(at.shape), at, "asStridedScatter") : null;
  return [
    rest && (out.isContiguous() ? reshape(rest, whole.shape) : stridedView(rest, whole, "asStridedScatter")),
    n.needs(1) ? stridedView(flat, at, "asStridedScatter") : null,
  ];
});
