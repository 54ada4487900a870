/** Reading at positions. */
import { Op } from "../../assembly/abi/op.ts";
import { defineRule } from "../autograd/rules.ts";
import { isOptions, named, normalDim } from "../core/args.ts";
import { TensorBase } from "../core/base.ts";
import { call2 } from "../core/dispatch.ts";
import { DTypeError, IndexError, ShapeError } from "../core/errors.ts";
import { nameCode, renamed, savingInputs } from "../core/names.ts";
import { setInt, setName } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { clone } from "./copy.ts";
import { zeros } from "./creation.ts";
import { expand } from "./expand.ts";
import { broadcastShapes, shapeText } from "./geometry.ts";
import { indexAdd, indexAdd_, indexCopy, indexCopy_ } from "./index-write.ts";
import { wrapped } from "./positions.ts";
import { scatterAdd } from "./scatter.ts";
import { fromVector, reshape, toVector } from "./view.ts";

const TAKE: number = /* @__PURE__ */ nameCode("TakeBackward0");

/** @internal */
export function checkIndex(index: Tensor, caller: string): void {
  if (!(index instanceof TensorBase)) {
    throw new TypeError(`${caller}(): argument 'index' must be Tensor, not ${index === null ? "null" : typeof index}`);
  }
  if (index.dtype !== "int32") throw new DTypeError(`${caller}(): Expected dtype int32 for index, got ${index.dtype}`);
}

/**
 * out[i][j] = input[index[i][j]][j] for dim 0, likewise for others: the result has the shape of `index`.
 * @throws {IndexError} a position out of range
 * @example gather(tensor([[1, 2], [3, 4]]), 1, tensor([[1], [0]], { dtype: "int32" })).tolist() // [[2], [3]]
 */
export function gather(input: Tensor, dim: number, index: Tensor): Tensor {
  checkIndex(index, "gather");
  const d = normalDim(dim, input.ndim);
  const [from, positions] = [toVector(input), toVector(index)];
  const [sizes, wanted] = [from.shape, positions.shape];
  if (wanted.length !== sizes.length) {
    if (positions.numel() === 0) return zeros(wanted, { dtype: input.dtype });
    throw new ShapeError(
      "Index tensor must have the same number of dimensions as input tensor: got " +
        `index ${shapeText(index.shape)} and input ${shapeText(input.shape)}`,
    );
  }
  wanted.forEach((size, i) => {
    if (i === d || size <= sizes[i]) return;
    throw new ShapeError(
      `Size does not match at dimension ${i} expected index ${shapeText(wanted)} to be smaller than self ${shapeText(sizes)} ` +
        `apart from dimension ${d}`,
    );
  });
  setInt(d);
  return fromVector(call2(Op.Gather, from, positions, `gather (dim ${d})`), index);
}

/**
 * The slices at the positions of a 1-d index, along a dimension.
 * @throws {IndexError} a position out of range
 * @example indexSelect(eye(3), 0, tensor([2, 0], { dtype: "int32" })).tolist() // [[0, 0, 1], [1, 0, 0]]
 */
export function indexSelect(input: Tensor, dim: number, index: Tensor): Tensor {
  return selectAt(input, dim, index, 0);
}

/** @internal indexSelect under another node's name. */
export function selectAt(input: Tensor, dim: number, index: Tensor, node: number): Tensor {
  checkIndex(index, "indexSelect");
  if (index.ndim > 1) throw new IndexError("index_select(): Index is supposed to be a vector");
  const d = normalDim(dim, input.ndim);
  if (input.ndim === 0 && index.numel() !== 1)
    throw new IndexError("index_select(): Index to scalar can have only 1 value");
  setInt(d);
  if (node !== 0) setName(node);
  return call2(Op.IndexSelect, input, index, `indexSelect (dim ${d})`);
}

/** Positions in the flattened input. */
function flatPositions(input: Tensor, index: Tensor, caller: string): Tensor {
  checkIndex(index, caller);
  const numel = input.numel();
  try {
    return wrapped(index, numel, 0);
  } catch (error) {
    const bad = error instanceof IndexError ? /^index (-?\d+)/.exec(error.message) : null;
    if (!bad) throw error;
    throw new IndexError(`out of range: tried to access index ${bad[1]} on a tensor of ${numel} elements.`);
  }
}

/**
 * The elements at these positions of the flattened input; the result has the shape of `index`.
 * @throws {IndexError} a position out of range
 * @example take(tensor([[1, 2], [3, 4]]), tensor([3, -4], { dtype: "int32" })).tolist() // [4, 1]
 */
export function take(input: Tensor, index: Tensor): Tensor {
  const positions = flatPositions(input, index, "take");
  const flat = reshape(input, [input.numel()]);
  if (index.ndim === 1) return savingInputs(selectAt(flat, 0, positions, TAKE));
  const taken = savingInputs(selectAt(flat, 0, reshape(positions, [index.numel()]), TAKE));
  return renamed(reshape(taken, index.shape), TAKE);
}

function checkPut(input: Tensor, index: Tensor, source: Tensor): void {
  if (input.dtype !== source.dtype) {
    throw new DTypeError(
      "put_(): self and source expected to have the same dtype, but got " +
        `self.dtype = ${input.scalarName()} and source.dtype = ${source.scalarName()}`,
    );
  }
  if (index.numel() !== source.numel()) {
    throw new IndexError(
      "put_(): Expected source and index to have the same number of elements, but got " +
        `source.numel() = ${source.numel()}, index.numel() = ${index.numel()}`,
    );
  }
}

interface PutOptions {
  /** Add to the elements that are there. */
  accumulate?: boolean;
}

/**
 * A copy of `input` with the elements of `source` at these positions of its flattened form.
 * @throws {IndexError} a position out of range
 * @example put(zeros(3), tensor([1], { dtype: "int32" }), tensor([5])).tolist() // [0, 5, 0]
 */
export function put(input: Tensor, index: Tensor, source: Tensor, accumulate?: boolean | PutOptions): Tensor {
  const adds = named<PutOptions>("put", [accumulate], ["accumulate"]).accumulate ?? false;
  const positions = reshape(flatPositions(input, index, "put"), [index.numel()]);
  checkPut(input, index, source);
  if (index.numel() === 0) return clone(input);
  const flat = reshape(input, [input.numel()]);
  const result = (adds ? indexAdd : indexCopy)(flat, 0, positions, reshape(source, [source.numel()]));
  return renamed(reshape(result, input.shape), "PutBackward0");
}

/** `put` into the tensor itself. */
export function put_(input: Tensor, index: Tensor, source: Tensor, accumulate?: boolean | PutOptions): Tensor {
  if (!input.isContiguous()) return input.copy_(put(input, index, source, accumulate));
  const adds = named<PutOptions>("put_", [accumulate], ["accumulate"]).accumulate ?? false;
  const positions = reshape(flatPositions(input, index, "put_"), [index.numel()]);
  checkPut(input, index, source);
  const flat = reshape(input, [input.numel()]);
  (adds ? indexAdd_ : indexCopy_)(flat, 0, positions, reshape(source, [source.numel()]));
  return input;
}

/**
 * `gather` in which input and indices broadcast to each other, but for one dimension. Without `dim`, both are flattened.
 * @throws {IndexError} a position out of range
 * @example takeAlongDim(tensor([[3, 1, 2]]), tensor([[1, 2, 0]], { dtype: "int32" }), 1).tolist() // [[1, 2, 3]]
 */
export function takeAlongDim(input: Tensor, indices: Tensor, dim?: number | null | { dim?: number | null }): Tensor {
  if (!(indices instanceof TensorBase) || indices.dtype !== "int32") {
    const got = indices instanceof TensorBase ? (indices as Tensor).scalarName() : typeof indices;
    throw new DTypeError(`torch.take_along_dim(): dtype of indices should be Int but got ${got}`);
  }
  const given = isOptions(dim) ? (dim.dim as number | null | undefined) : (dim as number | null | undefined);
  if (given === null || given === undefined) {
    return gather(reshape(input, [input.numel()]), 0, reshape(indices, [indices.numel()]));
  }
  if (input.ndim !== indices.ndim) {
    throw new ShapeError(
      "torch.take_along_dim(): input and indices should have the same number of dimensions, but got " +
        `${input.ndim} dimensions for input, and ${indices.ndim} dimensions for indices`,
    );
  }
  const d = normalDim(given, input.ndim);
  const but = (shape: readonly number[], size: number): number[] => shape.map((s, i) => (i === d ? size : s));
  const [own, wanted] = [input.shape, indices.shape];
  const common = broadcastShapes(but(own, 1), but(wanted, 1));
  return gather(expand(input, but(common, own[d])), d, expand(indices, but(common, wanted[d])));
}

defineRule(Op.Gather, (g, n) => [scatterAdd(zeros(n.input(0).shape), n.int(0), n.input(1), g), null]);
defineRule(Op.IndexSelect, (g, n) => [indexAdd(zeros(n.input(0).shape), n.int(0), toVector(n.input(1)), g), null]);
