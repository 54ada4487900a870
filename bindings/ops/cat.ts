/** Tensors joined. */
import { Op } from "../../assembly/abi/op.ts";
import { defineRule } from "../autograd/rules.ts";
import { normalDim } from "../core/args.ts";
import { TensorBase } from "../core/base.ts";
import { callN } from "../core/dispatch.ts";
import { ShapeError } from "../core/errors.ts";
import { nameCode, renamed } from "../core/names.ts";
import { setInt, setName } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { zerosLike } from "./creation.ts";
import { product, rowMajor, sameShape, shapeText } from "./geometry.ts";
import { cast, resultType } from "./promote.ts";
import { partView } from "./slice.ts";
import { embed } from "./strided.ts";
import { reshape, toVector, unsqueeze } from "./view.ts";

const STACK: number = /* @__PURE__ */ nameCode("StackBackward0");

/** The core counts inputs in one byte. */
const MOST = 255;

type DimArgument = number | { dim?: number };

function dimOf(dim: DimArgument): number {
  return typeof dim === "number" ? dim : (dim.dim ?? 0);
}

function checkList(tensors: readonly Tensor[], caller: string): void {
  if (!Array.isArray(tensors)) {
    throw new TypeError(
      `${caller}(): argument 'tensors' must be an array of Tensors, not ${tensors === null ? "null" : typeof tensors}`,
    );
  }
  if (tensors.length === 0) throw new ShapeError(`${caller}: expected a non-empty list of Tensors`);
  tensors.forEach((t, i) => {
    if (!(t instanceof TensorBase)) {
      throw new TypeError(`${caller}: expected Tensor as element ${i} in argument 0, but got ${typeof t}`);
    }
  });
}

/** Tensors of one dtype, in groups that the core can take. */
function join(tensors: readonly Tensor[], dim: number, node: number): Tensor {
  let list = tensors;
  while (list.length > MOST) {
    const groups: Tensor[] = [];
    for (let i = 0; i < list.length; i += MOST) groups.push(joinAll(list.slice(i, i + MOST), dim, node));
    list = groups;
  }
  return joinAll(list, dim, node);
}

function joinAll(tensors: readonly Tensor[], dim: number, node: number): Tensor {
  setInt(dim);
  if (node !== 0) setName(node);
  return callN(Op.Cat, tensors, [], `cat (dim ${dim})`);
}

function promoted(tensors: readonly Tensor[]): Tensor[] {
  const widest = tensors.reduce((a, b) => (resultType(a, b) === a.dtype ? a : b));
  return tensors.map((t) => cast(t, widest.dtype));
}

/**
 * Tensors joined along a dimension; all other sizes must agree. Tensors of shape [0] are passed over.
 * @throws {ShapeError} no tensors, one without dimensions, or sizes that do not agree
 * @example cat([tensor([1]), tensor([2, 3])]).tolist() // [1, 2, 3]
 */
export function cat(tensors: readonly Tensor[], dim: DimArgument = 0): Tensor {
  checkList(tensors, "cat");
  const scalar = tensors.findIndex((t) => t.ndim === 0);
  if (scalar !== -1) throw new ShapeError(`zero-dimensional tensor (at position ${scalar}) cannot be concatenated`);
  const first = tensors.find((t) => t.ndim !== 1 || t.numel() !== 0) ?? tensors[0];
  return join(promoted(tensors), normalDim(dimOf(dim), first.ndim), 0);
}

/** `cat` under another name. @example concat([tensor([1]), tensor([2, 3])]).tolist() // [1, 2, 3] */
export function concat(tensors: readonly Tensor[], dim: DimArgument = 0): Tensor {
  return cat(tensors, dim);
}

/** `cat` under another name. @example concatenate([tensor([1]), tensor([2, 3])]).tolist() // [1, 2, 3] */
export function concatenate(tensors: readonly Tensor[], dim: DimArgument = 0): Tensor {
  return cat(tensors, dim);
}

/**
 * Tensors of equal shape laid side by side along a new dimension.
 * @throws {ShapeError} no tensors, or shapes that differ
 * @example stack([tensor(1), tensor(2)]).tolist() // [1, 2]
 */
export function stack(tensors: readonly Tensor[], dim: DimArgument = 0): Tensor {
  checkList(tensors, "stack");
  const { shape } = tensors[0];
  tensors.forEach((t, i) => {
    if (sameShape(t.shape, shape)) return;
    throw new ShapeError(
      `stack expects each tensor to be equal size, but got ${shapeText(shape)} at entry 0 and ${shapeText(t.shape)} at entry ${i}`,
    );
  });
  const d = normalDim(dimOf(dim), shape.length + 1);
  return join(
    promoted(tensors).map((t) => unsqueeze(t, d)),
    d,
    STACK,
  );
}

/** Tensors, or an array of them, given to a function as PyTorch takes them. */
function listOf(tensors: readonly (Tensor | readonly Tensor[])[]): Tensor[] {
  return tensors.flat() as Tensor[];
}

function each(tensors: readonly (Tensor | readonly Tensor[])[], change: (t: Tensor) => Tensor): Tensor | Tensor[] {
  const isOne = tensors.length === 1 && !Array.isArray(tensors[0]);
  return isOne ? change(tensors[0] as Tensor) : listOf(tensors).map(change);
}

function toRank2(t: Tensor): Tensor {
  return t.ndim < 2 ? unsqueeze(toVector(t), 0) : t;
}

function toRank3(t: Tensor): Tensor {
  return t.ndim < 3 ? unsqueeze(toRank2(t), -1) : t;
}

/** Tensors (one, several, or an array) with at least one dimension. @example atleast1d(tensor(1)).shape // [1] */
export function atleast1d(tensor: Tensor): Tensor;
export function atleast1d(...tensors: (Tensor | readonly Tensor[])[]): Tensor[];
export function atleast1d(...tensors: (Tensor | readonly Tensor[])[]): Tensor | Tensor[] {
  return each(tensors, toVector);
}

/** Tensors with at least two dimensions: vectors become rows. @example atleast2d(ones(3)).shape // [1, 3] */
export function atleast2d(tensor: Tensor): Tensor;
export function atleast2d(...tensors: (Tensor | readonly Tensor[])[]): Tensor[];
export function atleast2d(...tensors: (Tensor | readonly Tensor[])[]): Tensor | Tensor[] {
  return each(tensors, toRank2);
}

/** Tensors with at least three dimensions. @example atleast3d(ones(3)).shape // [1, 3, 1] */
export function atleast3d(tensor: Tensor): Tensor;
export function atleast3d(...tensors: (Tensor | readonly Tensor[])[]): Tensor[];
export function atleast3d(...tensors: (Tensor | readonly Tensor[])[]): Tensor | Tensor[] {
  return each(tensors, toRank3);
}

/**
 * Joined along the second dimension; vectors end to end.
 * @example hstack([tensor([1]), tensor([2, 3])]).tolist() // [1, 2, 3]
 */
export function hstack(tensors: readonly Tensor[]): Tensor {
  checkList(tensors, "hstack");
  const list = tensors.map(toVector);
  return cat(list, list[0].ndim === 1 ? 0 : 1);
}

/** Joined along the first dimension, vectors as rows. @example vstack([tensor([1, 2]), tensor([3, 4])]).tolist() // [[1, 2], [3, 4]] */
export function vstack(tensors: readonly Tensor[]): Tensor {
  checkList(tensors, "vstack");
  return cat(tensors.map(toRank2), 0);
}

/** `vstack` under another name. @example rowStack([tensor([1, 2]), tensor([3, 4])]).tolist() // [[1, 2], [3, 4]] */
export function rowStack(tensors: readonly Tensor[]): Tensor {
  return vstack(tensors);
}

/**
 * Joined along the third dimension.
 * @example dstack([tensor([1, 2]), tensor([3, 4])]).tolist() // [[[1, 3], [2, 4]]]
 */
export function dstack(tensors: readonly Tensor[]): Tensor {
  checkList(tensors, "dstack");
  return cat(tensors.map(toRank3), 2);
}

/**
 * Joined along the second dimension, vectors as columns.
 * @example columnStack([tensor([1, 2]), tensor([3, 4])]).tolist() // [[1, 3], [2, 4]]
 */
export function columnStack(tensors: readonly Tensor[]): Tensor {
  checkList(tensors, "columnStack");
  return hstack(tensors.map((t) => (t.ndim < 2 ? reshape(t, [t.numel(), 1]) : t)));
}

/**
 * A matrix with these matrices along its diagonal; vectors count as rows.
 * @throws {ShapeError} more than two dimensions
 * @example blockDiag(ones(1, 1), ones(1, 2)).tolist() // [[1, 0, 0], [0, 1, 1]]
 */
export function blockDiag(...tensors: (Tensor | readonly Tensor[])[]): Tensor {
  const list = listOf(tensors);
  checkList(list, "blockDiag");
  list.forEach((t, i) => {
    if (t.ndim > 2) {
      throw new ShapeError(
        `block_diag: Input tensors must have 2 or fewer dimensions. Input ${i} has ${t.ndim} dimensions`,
      );
    }
  });
  const blocks = promoted(list).map(toRank2);
  const columns = blocks.reduce((sum, t) => sum + t.shape[1], 0);
  let offset = 0;
  const rows = blocks.map((block) => {
    const { shape } = block;
    const whole = [shape[0], columns];
    const at = { shape, strides: rowMajor(whole), offset: product(shape) === 0 ? 0 : offset };
    offset += shape[1];
    return embed(block, whole, at, 0, "blockDiag");
  });
  return renamed(cat(rows, 0), "BlockDiagBackward0");
}

defineRule(Op.Cat, (g, n) => {
  const dim = n.int(0);
  let start = 0;
  return Array.from({ length: n.inputCount }, (_, i) => {
    const own = n.input(i);
    if (own.ndim === 1 && own.numel() === 0) return n.needs(i) ? zerosLike(own) : null;
    const part = { dim, start, length: own.shape[dim], step: 1, removed: false };
    start += part.length;
    return n.needs(i) ? partView(g, part, "cat") : null;
  });
});
