/** Triangles of matrices. */
import { isOptions, named } from "../core/args.ts";
import type { DType } from "../core/dtype.ts";
import { ShapeError } from "../core/errors.ts";
import { nameCode } from "../core/names.ts";
import { setName } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { ge, le } from "./compare.ts";
import { arange, tensor } from "./creation.ts";
import { integer } from "./geometry.ts";
import { replaceBy } from "./inplace.ts";
import { cast } from "./promote.ts";
import { unsqueeze } from "./view.ts";
import { where } from "./where.ts";

export interface TriangleOptions {
  /** How far above the main diagonal the triangle ends (below it if negative). */
  diagonal?: number;
}

const NAMES = {
  tril: /* @__PURE__ */ nameCode("TrilBackward0"),
  triu: /* @__PURE__ */ nameCode("TriuBackward0"),
};

function triangle(input: Tensor, isLower: boolean, given: number | TriangleOptions | undefined): Tensor {
  const name = isLower ? "tril" : "triu";
  const { diagonal = 0 } = named<TriangleOptions>(name, [given], ["diagonal"]);
  const { shape } = input;
  if (shape.length < 2) throw new ShapeError(`${name}: input tensor must have at least 2 dimensions`);
  const [rows, columns] = shape.slice(-2);
  const edge = unsqueeze(arange(rows).add(integer(diagonal, name, "diagonal")), -1);
  const mask = (isLower ? le : ge)(arange(columns), edge);
  const zero = tensor(0, { dtype: input.dtype });
  setName(NAMES[name]);
  return where(mask, input, zero);
}

/**
 * The lower triangle of each matrix, up to a diagonal; zero elsewhere.
 * @throws {ShapeError} fewer than two dimensions
 * @example tril(ones(2, 2)).tolist() // [[1, 0], [1, 1]]
 */
export function tril(input: Tensor, diagonal?: number | TriangleOptions): Tensor {
  return triangle(input, true, diagonal);
}

/**
 * The upper triangle of each matrix, from a diagonal on; zero elsewhere.
 * @throws {ShapeError} fewer than two dimensions
 * @example triu(ones(2, 2), 1).tolist() // [[0, 1], [0, 0]]
 */
export function triu(input: Tensor, diagonal?: number | TriangleOptions): Tensor {
  return triangle(input, false, diagonal);
}

/** `tril` into the tensor itself. */
export function tril_(input: Tensor, diagonal?: number | TriangleOptions): Tensor {
  return replaceBy(input, (self) => tril(self, diagonal), "tril_", false);
}

/** `triu` into the tensor itself. */
export function triu_(input: Tensor, diagonal?: number | TriangleOptions): Tensor {
  return replaceBy(input, (self) => triu(self, diagonal), "triu_", false);
}

interface IndexOptions {
  offset?: number;
  dtype?: DType;
}

/** Positions for which `inside(row, column)`, as two rows of a matrix. */
function indices(
  row: number,
  col: number,
  offset: number | IndexOptions | undefined,
  options: IndexOptions | undefined,
  isLower: boolean,
): Tensor {
  const name = isLower ? "trilIndices" : "triuIndices";
  const rest = isOptions(offset) ? (offset as IndexOptions) : { offset: offset as number | undefined, ...options };
  const shift = integer(rest.offset ?? 0, name, "offset");
  for (const [size, which] of [
    [row, "row"],
    [col, "col"],
  ] as const) {
    if (integer(size, name, which) < 0) throw new ShapeError(`${name}: ${which} must be non-negative, got ${size}`);
  }
  const rows: number[] = [];
  const columns: number[] = [];
  for (let i = 0; i < row; i++) {
    const first = isLower ? 0 : Math.max(i + shift, 0);
    const end = isLower ? Math.min(Math.max(i + shift + 1, 0), col) : col;
    for (let j = first; j < end; j++) {
      rows.push(i);
      columns.push(j);
    }
  }
  return cast(tensor(Int32Array.from(rows.concat(columns)), { shape: [2, rows.length] }), rest.dtype ?? "int32");
}

/** Rows and columns of the elements in the lower triangle of a matrix. @example trilIndices(2, 2).tolist() // [[0, 1, 1], [0, 0, 1]] */
export function trilIndices(row: number, col: number, offset?: number | IndexOptions, options?: IndexOptions): Tensor {
  return indices(row, col, offset, options, true);
}

/** Rows and columns of the elements in the upper triangle of a matrix. @example triuIndices(2, 2).tolist() // [[0, 0, 1], [0, 1, 1]] */
export function triuIndices(row: number, col: number, offset?: number | IndexOptions, options?: IndexOptions): Tensor {
  return indices(row, col, offset, options, false);
}
