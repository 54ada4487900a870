/** Diagonals: seen, made into matrices, replaced. */
import { named, normalDim } from "../core/args.ts";
import { ShapeError } from "../core/errors.ts";
import { nameCode, renamed } from "../core/names.ts";
import type { Tensor } from "../tensor.ts";
import { clone } from "./copy.ts";
import { integer, rowMajor } from "./geometry.ts";
import { sum } from "./reduce.ts";
import { checkSource, embed, type Geometry, lay, stridedView } from "./strided.ts";
import { reshape } from "./view.ts";

const DIAG: number = /* @__PURE__ */ nameCode("DiagBackward0");
const TRACE: number = /* @__PURE__ */ nameCode("TraceBackward0");

const NAMES = {
  diagonal: /* @__PURE__ */ nameCode("DiagonalBackward0"),
  embed: /* @__PURE__ */ nameCode("DiagEmbedBackward0"),
  scatter: /* @__PURE__ */ nameCode("DiagonalScatterBackward0"),
};

/** Which diagonal: `offset` above the main one (below it if negative) of the matrices in two dimensions. */
export interface DiagonalOptions {
  offset?: number;
  dim1?: number;
  dim2?: number;
}

type Argument = number | DiagonalOptions;

const ORDER = ["offset", "dim1", "dim2"] as const;

function twoDims(options: DiagonalOptions, ndim: number, dim1: number, dim2: number): [number, number] {
  const [a, b] = [normalDim(options.dim1 ?? dim1, ndim), normalDim(options.dim2 ?? dim2, ndim)];
  if (a === b) {
    throw new ShapeError(`diagonal dimensions cannot be identical ${options.dim1 ?? dim1}, ${options.dim2 ?? dim2}`);
  }
  return [a, b];
}

/** Places of a diagonal in a tensor; it is the last dimension. */
function geometry(
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
  a: number,
  b: number,
): Geometry {
  integer(offset, "diagonal", "offset");
  const [down, right] = [Math.max(-offset, 0), Math.max(offset, 0)];
  const length = Math.max(Math.min(shape[a] - down, shape[b] - right), 0);
  const others = shape.map((_, i) => i).filter((i) => i !== a && i !== b);
  return {
    shape: [...others.map((d) => shape[d]), length],
    strides: [...others.map((d) => strides[d]), strides[a] + strides[b]],
    offset: length === 0 ? 0 : down * strides[a] + right * strides[b],
  };
}

/**
 * A diagonal of the matrices in two dimensions (the first two by default), as a view; it is the last dimension.
 * @throws {ShapeError} the same dimension twice
 * @example diagonal(eye(3), 1).tolist() // [0, 0]
 */
export function diagonal(input: Tensor, offset?: Argument, dim1?: Argument, dim2?: Argument): Tensor {
  const options = named<DiagonalOptions>("diagonal", [offset, dim1, dim2], ORDER);
  const { shape } = input;
  const [a, b] = twoDims(options, shape.length, 0, 1);
  const at = geometry(shape, input.stride(), options.offset ?? 0, a, b);
  return stridedView(input, at, "diagonal", NAMES.diagonal);
}

/**
 * A copy of `input` in which a diagonal is `src`.
 * @throws {ShapeError} a `src` of another shape than the diagonal
 * @example diagonalScatter(zeros(2, 2), tensor([1, 2])).tolist() // [[1, 0], [0, 2]]
 */
export function diagonalScatter(
  input: Tensor,
  src: Tensor,
  offset?: Argument,
  dim1?: Argument,
  dim2?: Argument,
): Tensor {
  const options = named<DiagonalOptions>("diagonalScatter", [offset, dim1, dim2], ORDER);
  const { shape } = input;
  const [a, b] = twoDims(options, shape.length, 0, 1);
  const at = geometry(shape, rowMajor(shape), options.offset ?? 0, a, b);
  checkSource(src, at.shape);
  return lay(input, src, at, "diagonalScatter", NAMES.scatter);
}

/**
 * Matrices, in two new dimensions (the last two by default), whose diagonals are the last dimension of `input`; zero
 * elsewhere.
 * @example diagEmbed(tensor([1, 2])).tolist() // [[1, 0], [0, 2]]
 */
export function diagEmbed(input: Tensor, offset?: Argument, dim1?: Argument, dim2?: Argument): Tensor {
  const options = named<DiagonalOptions>("diagEmbed", [offset, dim1, dim2], ORDER);
  const own = input.shape;
  const [a, b] = twoDims(options, own.length + 1, -2, -1);
  const shift = integer(options.offset ?? 0, "diagEmbed", "offset");
  const size = (own.pop() ?? 1) + Math.abs(shift);
  const shape = Array.from({ length: own.length + 2 }, (_, i) => (i === a || i === b ? size : (own.shift() as number)));
  return embed(input, shape, geometry(shape, rowMajor(shape), shift, a, b), 0, "diagEmbed", NAMES.embed);
}

/**
 * Of a vector the matrix with that diagonal, of a matrix its diagonal, as a copy.
 * @throws {ShapeError} more than two dimensions, or none
 * @example diag(tensor([[1, 2], [3, 4]])).tolist() // [1, 4]
 */
export function diag(input: Tensor, diagonalOffset?: number | { diagonal?: number }): Tensor {
  const { diagonal: offset = 0 } = named<{ diagonal?: number }>("diag", [diagonalOffset], ["diagonal"]);
  const { ndim } = input;
  if (ndim === 1) return renamed(diagEmbed(input, offset), DIAG);
  if (ndim !== 2) throw new ShapeError(`diag(): Supports 1D or 2D tensors. Got ${ndim}D`);
  return renamed(clone(diagonal(input, offset)), DIAG);
}

/**
 * The matrix whose diagonal is all the elements of `input`, in order.
 * @example diagflat(tensor([1, 2])).tolist() // [[1, 0], [0, 2]]
 */
export function diagflat(input: Tensor, offset?: number | { offset?: number }): Tensor {
  const options = named<{ offset?: number }>("diagflat", [offset], ["offset"]);
  return renamed(diagEmbed(reshape(input, [-1]), options.offset ?? 0), DIAG);
}

/**
 * The sum of the diagonal of a matrix.
 * @throws {ShapeError} not a matrix
 * @example trace(eye(3)).item() // 3
 */
export function trace(input: Tensor): Tensor {
  if (input.ndim !== 2) throw new ShapeError(`trace: expected a matrix, but got tensor with dim ${input.ndim}`);
  return renamed(sum(diagonal(input)), TRACE);
}
