/** Views with the dimensions in another order. */
import { Op } from "../../assembly/abi/op.ts";
import { defineRule } from "../autograd/rules.ts";
import { normalDim, shapeOf } from "../core/args.ts";
import { ShapeError } from "../core/errors.ts";
import { nameCode } from "../core/names.ts";
import type { Tensor } from "../tensor.ts";
import { makeView, type Sizes } from "./view.ts";

const NAMES = {
  t: /* @__PURE__ */ nameCode("TBackward0"),
  transpose: /* @__PURE__ */ nameCode("TransposeBackward0"),
};

/** `order` is a permutation of the dimensions. */
function ordered(input: Tensor, order: readonly number[], node: number): Tensor {
  const { shape } = input;
  const strides = input.stride();
  const [sizes, steps] = [order.map((d) => shape[d]), order.map((d) => strides[d])];
  return makeView(Op.Permute, input, sizes, steps, 0, order, "permute", node);
}

/**
 * Dimensions in another order.
 * @throws {ShapeError} a dimension left out or named twice
 * @example zeros(2, 3, 4).permute(2, 0, 1).shape // [4, 2, 3]
 */
export function permute(input: Tensor, ...dims: Sizes): Tensor {
  const { ndim } = input;
  const given = shapeOf(dims, "permute");
  if (given.length !== ndim) {
    throw new ShapeError(
      "permute: number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. " +
        `input.dim() = ${ndim} is not equal to len(dims) = ${given.length}`,
    );
  }
  const order = given.map((d) => normalDim(d, ndim));
  if (new Set(order).size !== ndim) throw new ShapeError("permute(): duplicate dims are not allowed.");
  return ordered(input, order, 0);
}

/** Two dimensions exchanged. @example transpose(zeros(2, 3), 0, 1).shape // [3, 2] */
export function transpose(input: Tensor, dim0: number, dim1: number): Tensor {
  const { ndim } = input;
  const [a, b] = [normalDim(dim0, ndim), normalDim(dim1, ndim)];
  return ordered(input, swapped(ndim, a, b), NAMES.transpose);
}

function swapped(ndim: number, a: number, b: number): number[] {
  return Array.from({ length: ndim }, (_, i) => (i === a ? b : i === b ? a : i));
}

/** `transpose` under the name that NumPy has for it. @example swapaxes(zeros(2, 3), 0, 1).shape // [3, 2] */
export function swapaxes(input: Tensor, axis0: number, axis1: number): Tensor {
  return transpose(input, axis0, axis1);
}

/** `transpose` under another name. @example swapdims(zeros(2, 3), 0, 1).shape // [3, 2] */
export function swapdims(input: Tensor, dim0: number, dim1: number): Tensor {
  return transpose(input, dim0, dim1);
}

/**
 * A matrix transposed; vectors and scalars stay.
 * @throws {ShapeError} more than two dimensions
 * @example t(tensor([[1, 2], [3, 4]])).tolist() // [[1, 3], [2, 4]]
 */
export function t(input: Tensor): Tensor {
  const { ndim } = input;
  if (ndim > 2) throw new ShapeError(`t() expects a tensor with <= 2 dimensions, but self is ${ndim}D`);
  return ordered(input, ndim === 2 ? [1, 0] : ndim === 1 ? [0] : [], NAMES.t);
}

/** @internal Dimensions in reverse order: the property T. */
export function reversed(input: Tensor): Tensor {
  const { ndim } = input;
  return ordered(
    input,
    Array.from({ length: ndim }, (_, i) => ndim - 1 - i),
    0,
  );
}

/** @internal The property H. */
export function adjointMatrix(input: Tensor): Tensor {
  const { ndim } = input;
  if (ndim !== 2 && ndim !== 0) {
    throw new ShapeError(
      `tensor.H is only supported on matrices (2-D tensors). Got ${ndim}-D tensor. For batches of matrices, consider using tensor.mH`,
    );
  }
  return ndim === 0 ? input : transpose(input, 0, 1);
}

/**
 * The last two dimensions exchanged; for real numbers the adjoint matrices.
 * @throws {ShapeError} fewer than two dimensions
 * @example adjoint(tensor([[1, 2], [3, 4]])).tolist() // [[1, 3], [2, 4]]
 */
export function adjoint(input: Tensor): Tensor {
  return matrixTranspose(input, "adjoint()");
}

/** @internal What the properties mT and mH and `adjoint` are. */
export function matrixTranspose(input: Tensor, caller: string): Tensor {
  const { ndim } = input;
  if (ndim < 2) {
    throw new ShapeError(`${caller} is only supported on matrices or batches of matrices. Got ${ndim}-D tensor.`);
  }
  return transpose(input, -2, -1);
}

/**
 * Dimensions moved to other places; those not named keep their order.
 * @throws {ShapeError} lists of unequal lengths, or a dimension named twice
 * @example movedim(zeros(2, 3, 4), 0, 2).shape // [3, 4, 2]
 */
export function movedim(
  input: Tensor,
  source: number | readonly number[],
  destination: number | readonly number[],
): Tensor {
  const { ndim } = input;
  const [given, wanted] = [[source].flat() as number[], [destination].flat() as number[]];
  if (given.length !== wanted.length) {
    throw new ShapeError(
      "movedim: Invalid source or destination dims: source (" +
        `[${given.join(", ")}] dims) should contain the same number of dims as destination ([${wanted.join(", ")}] dims)`,
    );
  }
  const from = given.map((d) => normalDim(d, ndim));
  const to = wanted.map((d) => normalDim(d, ndim));
  if (new Set(from).size !== from.length) throw repeated("source", given);
  if (new Set(to).size !== to.length) throw repeated("destination", wanted);
  const order = new Array<number>(ndim).fill(-1);
  to.forEach((d, i) => {
    order[d] = from[i];
  });
  const others = Array.from({ length: ndim }, (_, i) => i).filter((d) => !from.includes(d));
  let next = 0;
  return ordered(
    input,
    order.map((d) => (d === -1 ? others[next++] : d)),
    0,
  );
}

function repeated(which: string, dims: readonly number[]): ShapeError {
  return new ShapeError(`movedim: repeated dim in \`${which}\` ([${dims.join(", ")}])`);
}

/** `movedim` under the name that NumPy has for it. @example moveaxis(zeros(2, 3, 4), 0, 2).shape // [3, 4, 2] */
export function moveaxis(
  input: Tensor,
  source: number | readonly number[],
  destination: number | readonly number[],
): Tensor {
  return movedim(input, source, destination);
}

defineRule(Op.Permute, (g, n) => {
  const ndim = n.list(0);
  const inverse = new Array<number>(ndim);
  for (let i = 0; i < ndim; i++) inverse[n.list(2 + 2 * ndim + i)] = i;
  return [ordered(g, inverse, 0)];
});
