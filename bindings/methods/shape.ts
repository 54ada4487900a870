/** Shapes: views, parts and joints, as methods. Each is the function of its name in ops/. */

import type { Operand } from "../ops/binary.ts";
import * as copy from "../ops/copy.ts";
import * as diagonal from "../ops/diagonal.ts";
import * as expand from "../ops/expand.ts";
import { copy_, fill_ } from "../ops/inplace.ts";
import * as permute from "../ops/permute.ts";
import * as rearrange from "../ops/rearrange.ts";
import * as slice from "../ops/slice.ts";
import * as split from "../ops/split.ts";
import * as strided from "../ops/strided.ts";
import * as triangle from "../ops/triangle.ts";
import * as view from "../ops/view.ts";
import type { Tensor } from "../tensor.ts";
import { ReductionMethods } from "./reduction.ts";

type Sizes = view.Sizes;
type SliceArgument = number | null | slice.SliceOptions;
type DiagonalArgument = number | diagonal.DiagonalOptions;
type DimArgument = number | split.DimOption;

export abstract class ShapeMethods extends ReductionMethods {
  /** The same elements in another shape, without copying. @see {@link view.view} */
  view(this: Tensor, ...sizes: Sizes): Tensor {
    return view.view(this, ...sizes);
  }

  /** A view with the shape of `other`. @see {@link view.viewAs} */
  viewAs(this: Tensor, other: Tensor): Tensor {
    return view.viewAs(this, other);
  }

  /** The same elements in another shape. @see {@link view.reshape} */
  reshape(this: Tensor, ...sizes: Sizes): Tensor {
    return view.reshape(this, ...sizes);
  }

  /** reshape to the shape of `other`. @see {@link view.reshapeAs} */
  reshapeAs(this: Tensor, other: Tensor): Tensor {
    return view.reshapeAs(this, other);
  }

  /** Dimensions startDim to endDim (all by default) as one. @see {@link view.flatten} */
  flatten(this: Tensor, startDim?: number | view.FlattenOptions, endDim?: number | view.FlattenOptions): Tensor {
    return view.flatten(this, startDim, endDim);
  }

  /** One dimension as several, of which one size may be -1. @see {@link view.unflatten} */
  unflatten(this: Tensor, dim: number, sizes: readonly number[]): Tensor {
    return view.unflatten(this, dim, sizes);
  }

  /** All elements in one dimension. @see {@link view.ravel} */
  ravel(this: Tensor): Tensor {
    return view.ravel(this);
  }

  /** Without dimensions of size 1. @see {@link view.squeeze} */
  squeeze(this: Tensor, dim?: number | readonly number[] | null | view.SqueezeOptions): Tensor {
    return view.squeeze(this, dim);
  }

  /** A new dimension of size 1 before `dim`. @see {@link view.unsqueeze} */
  unsqueeze(this: Tensor, dim: number | { dim: number }): Tensor {
    return view.unsqueeze(this, dim);
  }

  /** Dimensions in another order. @see {@link permute.permute} */
  permute(this: Tensor, ...dims: Sizes): Tensor {
    return permute.permute(this, ...dims);
  }

  /** Two dimensions exchanged. @see {@link permute.transpose} */
  transpose(this: Tensor, dim0: number, dim1: number): Tensor {
    return permute.transpose(this, dim0, dim1);
  }

  /** `transpose` under the name that NumPy has for it. @see {@link permute.swapaxes} */
  swapaxes(this: Tensor, axis0: number, axis1: number): Tensor {
    return permute.swapaxes(this, axis0, axis1);
  }

  /** `transpose` under another name. @see {@link permute.swapdims} */
  swapdims(this: Tensor, dim0: number, dim1: number): Tensor {
    return permute.swapdims(this, dim0, dim1);
  }

  /** Dimensions moved to other places. @see {@link permute.movedim} */
  movedim(this: Tensor, source: number | readonly number[], destination: number | readonly number[]): Tensor {
    return permute.movedim(this, source, destination);
  }

  /** `movedim` under the name that NumPy has for it. @see {@link permute.moveaxis} */
  moveaxis(this: Tensor, source: number | readonly number[], destination: number | readonly number[]): Tensor {
    return permute.moveaxis(this, source, destination);
  }

  /** A matrix transposed. @see {@link permute.t} */
  t(this: Tensor): Tensor {
    return permute.t(this);
  }

  /** The last two dimensions exchanged. @see {@link permute.adjoint} */
  adjoint(this: Tensor): Tensor {
    return permute.adjoint(this);
  }

  /** Dimensions in reverse order. */
  get T(): Tensor {
    return permute.reversed(this as unknown as Tensor);
  }

  /** A matrix transposed (its adjoint, as numbers are real). */
  get H(): Tensor {
    const self = this as unknown as Tensor;
    return permute.adjointMatrix(self);
  }

  /** The last two dimensions exchanged. */
  get mT(): Tensor {
    return permute.matrixTranspose(this as unknown as Tensor, "tensor.mT");
  }

  /** The last two dimensions exchanged (the adjoint matrices, as numbers are real). */
  get mH(): Tensor {
    return permute.matrixTranspose(this as unknown as Tensor, "tensor.mH");
  }

  /** Sizes of 1 stretched to others, without copying. @see {@link expand.expand} */
  expand(this: Tensor, ...size: Sizes): Tensor {
    return expand.expand(this, ...size);
  }

  /** expand to the shape of `other`. @see {@link expand.expandAs} */
  expandAs(this: Tensor, other: Tensor): Tensor {
    return expand.expandAs(this, other);
  }

  /** The tensor stretched to shape `size`. @see {@link expand.broadcastTo} */
  broadcastTo(this: Tensor, size: readonly number[]): Tensor {
    return expand.broadcastTo(this, size);
  }

  /** The slice at one position along a dimension, which goes away. @see {@link slice.select} */
  select(this: Tensor, dim: number, index: number): Tensor {
    return slice.select(this, dim, index);
  }

  /** `length` slices from `start` along a dimension. @see {@link slice.narrow} */
  narrow(this: Tensor, dim: number, start: number | Tensor, length: number): Tensor {
    return slice.narrow(this, dim, start, length);
  }

  /** `narrow`, but a copy. @see {@link slice.narrowCopy} */
  narrowCopy(this: Tensor, dim: number, start: number, length: number): Tensor {
    return slice.narrowCopy(this, dim, start, length);
  }

  /** Slices start, start + step, ... @see {@link slice.slice} */
  slice(this: Tensor, dim?: SliceArgument, start?: SliceArgument, end?: SliceArgument, step?: SliceArgument): Tensor {
    return slice.slice(this, dim, start, end, step);
  }

  /** A copy of `input` in which the slice at one position is `src`. @see {@link slice.selectScatter} */
  selectScatter(this: Tensor, src: Tensor, dim: number, index: number): Tensor {
    return slice.selectScatter(this, src, dim, index);
  }

  /** A copy of `input` in which the slices start, start + step, ... @see {@link slice.sliceScatter} */
  sliceScatter(
    this: Tensor,
    src: Tensor,
    dim?: SliceArgument,
    start?: SliceArgument,
    end?: SliceArgument,
    step?: SliceArgument,
  ): Tensor {
    return slice.sliceScatter(this, src, dim, start, end, step);
  }

  /**
   * A view with any sizes and strides, from `storageOffset` elements into the storage (by default from where the tensor
   * starts).
   * @see {@link strided.asStrided}
   */
  asStrided(
    this: Tensor,
    size: readonly number[],
    stride: readonly number[],
    storageOffset?: number | null | { storageOffset?: number | null },
  ): Tensor {
    return strided.asStrided(this, size, stride, storageOffset);
  }

  /**
   * A row-major copy of `input` in which the elements that sizes, strides and offset pick out are those of `src`.
   * @see {@link strided.asStridedScatter}
   */
  asStridedScatter(
    this: Tensor,
    src: Tensor,
    size: readonly number[],
    stride: readonly number[],
    storageOffset?: number | null | { storageOffset?: number | null },
  ): Tensor {
    return strided.asStridedScatter(this, src, size, stride, storageOffset);
  }

  /** All slices of `size` along a dimension, `step` apart, as a view. @see {@link strided.unfold} */
  unfold(this: Tensor, dimension: number, size: number, step: number): Tensor {
    return strided.unfold(this, dimension, size, step);
  }

  /**
   * A diagonal of the matrices in two dimensions (the first two by default), as a view.
   * @see {@link diagonal.diagonal}
   */
  diagonal(this: Tensor, offset?: DiagonalArgument, dim1?: DiagonalArgument, dim2?: DiagonalArgument): Tensor {
    return diagonal.diagonal(this, offset, dim1, dim2);
  }

  /** A copy of `input` in which a diagonal is `src`. @see {@link diagonal.diagonalScatter} */
  diagonalScatter(
    this: Tensor,
    src: Tensor,
    offset?: DiagonalArgument,
    dim1?: DiagonalArgument,
    dim2?: DiagonalArgument,
  ): Tensor {
    return diagonal.diagonalScatter(this, src, offset, dim1, dim2);
  }

  /** Of a vector the matrix with that diagonal, of a matrix its diagonal, as a copy. @see {@link diagonal.diag} */
  diag(this: Tensor, diagonalOffset?: number | { diagonal?: number }): Tensor {
    return diagonal.diag(this, diagonalOffset);
  }

  /**
   * Matrices, in two new dimensions (the last two by default), whose diagonals are the last dimension of `input`.
   * @see {@link diagonal.diagEmbed}
   */
  diagEmbed(this: Tensor, offset?: DiagonalArgument, dim1?: DiagonalArgument, dim2?: DiagonalArgument): Tensor {
    return diagonal.diagEmbed(this, offset, dim1, dim2);
  }

  /** The matrix whose diagonal is all the elements of `input`, in order. @see {@link diagonal.diagflat} */
  diagflat(this: Tensor, offset?: number | { offset?: number }): Tensor {
    return diagonal.diagflat(this, offset);
  }

  /** The sum of the diagonal of a matrix. @see {@link diagonal.trace} */
  trace(this: Tensor): Tensor {
    return diagonal.trace(this);
  }

  /** The lower triangle of each matrix, up to a diagonal. @see {@link triangle.tril} */
  tril(this: Tensor, diagonalOffset?: number | triangle.TriangleOptions): Tensor {
    return triangle.tril(this, diagonalOffset);
  }

  /** `tril` into the tensor itself. Written into this tensor. @see {@link triangle.tril_} */
  tril_(this: Tensor, diagonalOffset?: number | triangle.TriangleOptions): Tensor {
    return triangle.tril_(this, diagonalOffset);
  }

  /** The upper triangle of each matrix, from a diagonal on. @see {@link triangle.triu} */
  triu(this: Tensor, diagonalOffset?: number | triangle.TriangleOptions): Tensor {
    return triangle.triu(this, diagonalOffset);
  }

  /** `triu` into the tensor itself. Written into this tensor. @see {@link triangle.triu_} */
  triu_(this: Tensor, diagonalOffset?: number | triangle.TriangleOptions): Tensor {
    return triangle.triu_(this, diagonalOffset);
  }

  /** Parts of a size, the last one smaller if need be, or of the sizes given. @see {@link split.split} */
  split(this: Tensor, splitSize: number | readonly number[], dim?: DimArgument): Tensor[] {
    return split.split(this, splitSize, dim);
  }

  /** Parts of the sizes given. @see {@link split.splitWithSizes} */
  splitWithSizes(this: Tensor, splitSizes: readonly number[], dim?: DimArgument): Tensor[] {
    return split.splitWithSizes(this, splitSizes, dim);
  }

  /** At most `chunks` parts of equal size, the last one smaller. @see {@link split.chunk} */
  chunk(this: Tensor, chunks: number, dim?: DimArgument): Tensor[] {
    return split.chunk(this, chunks, dim);
  }

  /** The slices along a dimension, which goes away. @see {@link split.unbind} */
  unbind(this: Tensor, dim?: DimArgument): Tensor[] {
    return split.unbind(this, dim);
  }

  /** So many parts whose sizes differ by at most 1, or the parts between positions. @see {@link split.tensorSplit} */
  tensorSplit(this: Tensor, indicesOrSections: number | readonly number[] | Tensor, dim?: DimArgument): Tensor[] {
    return split.tensorSplit(this, indicesOrSections, dim);
  }

  /** Parts along the second dimension (the only one of a vector). @see {@link split.hsplit} */
  hsplit(this: Tensor, indicesOrSections: number | readonly number[]): Tensor[] {
    return split.hsplit(this, indicesOrSections);
  }

  /** Parts along the first dimension of two or more. @see {@link split.vsplit} */
  vsplit(this: Tensor, indicesOrSections: number | readonly number[]): Tensor[] {
    return split.vsplit(this, indicesOrSections);
  }

  /** Parts along the third dimension. @see {@link split.dsplit} */
  dsplit(this: Tensor, indicesOrSections: number | readonly number[]): Tensor[] {
    return split.dsplit(this, indicesOrSections);
  }

  /** The order along some dimensions reversed. @see {@link rearrange.flip} */
  flip(this: Tensor, ...dims: (number | readonly number[] | { dims: readonly number[] })[]): Tensor {
    return rearrange.flip(this, ...dims);
  }

  /** The columns in reverse order. @see {@link rearrange.fliplr} */
  fliplr(this: Tensor): Tensor {
    return rearrange.fliplr(this);
  }

  /** The rows in reverse order. @see {@link rearrange.flipud} */
  flipud(this: Tensor): Tensor {
    return rearrange.flipud(this);
  }

  /** Elements moved along dimensions. @see {@link rearrange.roll} */
  roll(
    this: Tensor,
    shifts: number | readonly number[] | rearrange.RollOptions,
    dims?: number | readonly number[] | rearrange.RollOptions | null,
  ): Tensor {
    return rearrange.roll(this, shifts, dims);
  }

  /**
   * Turned k times by 90 degrees in the plane of two dimensions, from the first towards the second.
   * @see {@link rearrange.rot90}
   */
  rot90(this: Tensor, k?: number | rearrange.Rot90Options, dims?: readonly number[] | rearrange.Rot90Options): Tensor {
    return rearrange.rot90(this, k, dims);
  }

  /** The tensor so many times along each dimension. @see {@link rearrange.repeat} */
  repeat(this: Tensor, ...repeats: (number | readonly number[] | { repeats: readonly number[] })[]): Tensor {
    return rearrange.repeat(this, ...repeats);
  }

  /** `repeat`, where fewer numbers than dimensions count for the last ones. @see {@link rearrange.tile} */
  tile(this: Tensor, ...dims: (number | readonly number[] | { dims: readonly number[] })[]): Tensor {
    return rearrange.tile(this, ...dims);
  }

  /**
   * Each slice along a dimension repeated, so often as a number says, or the numbers of a tensor one by one.
   * @see {@link rearrange.repeatInterleave}
   */
  repeatInterleave(
    this: Tensor,
    repeats: number | Tensor | rearrange.RepeatInterleaveOptions,
    dim?: number | null | rearrange.RepeatInterleaveOptions,
    options?: rearrange.RepeatInterleaveOptions,
  ): Tensor {
    return rearrange.repeatInterleave(this, repeats, dim, options);
  }

  /** The slices along the first dimension, one after the other. */
  *[Symbol.iterator](this: Tensor): Generator<Tensor> {
    if (this.ndim === 0) throw new TypeError("iteration over a 0-d tensor");
    yield* split.unbind(this);
  }

  /** The tensor if its elements lie in row-major order, else a copy in which they do. @see {@link copy.contiguous} */
  contiguous(this: Tensor): Tensor {
    return copy.contiguous(this);
  }

  /** A row-major copy with memory of its own. @see {@link copy.clone} */
  clone(this: Tensor): Tensor {
    return copy.clone(this);
  }

  /**
   * Copies the elements of `source`, which is broadcast and cast, into the tensor. Written into this tensor.
   * @see {@link copy_}
   */
  copy_(this: Tensor, source: Operand): Tensor {
    return copy_(this, source);
  }

  /** Every element becomes `value`. Written into this tensor. @see {@link fill_} */
  fill_(this: Tensor, value: Operand | boolean): Tensor {
    return fill_(this, value);
  }
}
