/** Grids and combinations of vectors. */
import { named } from "../core/args.ts";
import { TensorBase } from "../core/base.ts";
import { DTypeError, ShapeError, TensorError } from "../core/errors.ts";
import { renamed, savingInputs } from "../core/names.ts";
import type { Tensor } from "../tensor.ts";
import { stack } from "./cat.ts";
import { tensor } from "./creation.ts";
import { expand } from "./expand.ts";
import { integer, product, shapeText } from "./geometry.ts";
import { indexSelect } from "./indexing.ts";
import { reshape } from "./view.ts";

interface MeshgridOptions {
  /** "ij": the first vector runs along the first dimension; "xy": along the second. */
  indexing?: "ij" | "xy";
}

type Operands = (Tensor | readonly Tensor[] | MeshgridOptions)[];

/**
 * Vectors laid out along one dimension each and stretched along the others.
 * @throws {ShapeError} more than one dimension
 * @example meshgrid(tensor([1, 2]), tensor([3, 4]))[1].tolist() // [[3, 4], [3, 4]]
 */
export function meshgrid(...args: Operands): Tensor[] {
  const last = args[args.length - 1];
  const hasOptions = !(last instanceof TensorBase) && !Array.isArray(last);
  const { indexing = "ij" } = hasOptions ? ((last as MeshgridOptions | undefined) ?? {}) : {};
  const list = (hasOptions ? args.slice(0, -1) : args).flat() as Tensor[];
  if (list.length === 0) throw new ShapeError("meshgrid expects a non-empty TensorList");
  if (indexing !== "ij" && indexing !== "xy") {
    throw new TensorError(`torch.meshgrid: indexing must be one of "xy" or "ij", but received: ${indexing}`);
  }
  for (const t of list) {
    if (t.ndim > 1)
      throw new ShapeError(
        `torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: shape ${shapeText(t.shape)}`,
      );
    if (t.dtype !== list[0].dtype) throw new DTypeError("torch.meshgrid expects all tensors to have the same dtype");
  }
  const swaps = indexing === "xy" && list.length > 1;
  const ordered = swaps ? [list[1], list[0], ...list.slice(2)] : list;
  const shape = ordered.map((t) => t.numel());
  const grids = ordered.map((t, i) =>
    expand(
      reshape(
        t,
        shape.map((size, d) => (d === i ? size : 1)),
      ),
      shape,
    ),
  );
  if (!swaps) return grids;
  const [second, first, ...rest] = grids;
  return [first, second, ...rest];
}

/**
 * All combinations of one element of each vector, a row for each.
 * @throws {ShapeError} tensors that are not vectors
 * @example cartesianProd(tensor([1, 2]), tensor([3])).tolist() // [[1, 3], [2, 3]]
 */
export function cartesianProd(...tensors: (Tensor | readonly Tensor[])[]): Tensor {
  const list = tensors.flat() as Tensor[];
  for (const t of list) {
    if (t.ndim !== 1) throw new ShapeError(`Expect a 1D vector, but got shape ${shapeText(t.shape)}`);
  }
  if (list.length === 1) return list[0];
  const n = product(list.map((t) => t.numel()));
  return stack(
    meshgrid(list).map((grid) => reshape(grid, [n])),
    1,
  );
}

export interface CombinationsOptions {
  r?: number;
  withReplacement?: boolean;
}

/**
 * All choices of `r` elements (2 by default) of a vector, in order, a row for each.
 * @throws {ShapeError} not a vector
 * @example combinations(tensor([1, 2, 3])).tolist() // [[1, 2], [1, 3], [2, 3]]
 */
export function combinations(
  input: Tensor,
  r?: number | CombinationsOptions,
  withReplacement?: boolean | CombinationsOptions,
): Tensor {
  const options = named<CombinationsOptions>("combinations", [r, withReplacement], ["r", "withReplacement"]);
  if (input.ndim !== 1) throw new ShapeError(`Expect a 1D vector, but got shape ${shapeText(input.shape)}`);
  const size = integer(options.r ?? 2, "combinations", "r");
  if (size < 0) throw new ShapeError(`Expect a non-negative number, but got ${size}`);
  if (size === 0) return tensor(new Float32Array(0), { dtype: input.dtype });
  const step = options.withReplacement ? 0 : 1;
  const n = input.numel();
  let rows: number[][] = [[]];
  for (let k = 0; k < size; k++) {
    rows = rows.flatMap((row) => {
      const first = row.length === 0 ? 0 : row[row.length - 1] + step;
      return Array.from({ length: Math.max(n - first, 0) }, (_, i) => [...row, first + i]);
    });
  }
  const positions = tensor(Int32Array.from(rows.flat()));
  const chosen = savingInputs(indexSelect(input, 0, positions));
  return renamed(reshape(chosen, [rows.length, size]), "StackBackward0");
}
