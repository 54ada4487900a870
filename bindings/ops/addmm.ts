/** beta · input + alpha · product, for the products of matrices and vectors. */
import { ShapeError } from "../core/errors.ts";
import { nameCode } from "../core/names.ts";
import { setName } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { add } from "./binary.ts";
import { sameShape } from "./geometry.ts";
import { copy_ } from "./inplace.ts";
import { bmm, mm, mv } from "./matmul.ts";
import { sum } from "./reduce.ts";

export interface ScaleOptions {
  /** Factor of `input`, which is not read if this is 0. Default 1. */
  beta?: number;
  /** Factor of the product. Default 1. */
  alpha?: number;
}

const NAMES = {
  addmm: /* @__PURE__ */ nameCode("AddmmBackward0"),
  addmv: /* @__PURE__ */ nameCode("AddmvBackward0"),
  addr: /* @__PURE__ */ nameCode("AddrBackward0"),
  addbmm: /* @__PURE__ */ nameCode("AddbmmBackward0"),
  baddbmm: /* @__PURE__ */ nameCode("BaddbmmBackward0"),
};

type Name = keyof typeof NAMES;

/** Factors of integers are integers. */
function scale(x: Tensor, factor: number): Tensor {
  return factor === 1 ? x : x.mul(x.isFloatingPoint() ? factor : Math.trunc(factor));
}

function combine(name: Name, input: Tensor, product: Tensor, options: ScaleOptions): Tensor {
  const { beta = 1, alpha = 1 } = options;
  // Refuses an input that does not broadcast to the product.
  const left = sameShape(input.shape, product.shape) ? input : input.expand(product.shape);
  const right = scale(product, alpha);
  if (beta === 0) return right;
  const scaled = scale(left, beta);
  setName(NAMES[name]);
  return add(scaled, right);
}

/** The same, written over `input`. */
function combineInPlace(name: Name, input: Tensor, product: Tensor, options: ScaleOptions): Tensor {
  const { beta = 1, alpha = 1 } = options;
  const caller = `${name}_`;
  if (!sameShape(input.shape, product.shape)) {
    throw new ShapeError(
      `output with shape [${input.shape.join(", ")}] doesn't match the broadcast shape [${product.shape.join(", ")}]. ${caller} writes ` +
        "into its first operand, whose shape cannot change; use the form without underscore.",
    );
  }
  const right = scale(product, alpha);
  if (beta === 0) return copy_(input, right);
  if (beta !== 1) input.mul_(input.isFloatingPoint() ? beta : Math.trunc(beta));
  setName(NAMES[name]);
  return input.add_(right);
}

function checkMatrix(x: Tensor, argument: string): void {
  if (x.ndim !== 2) throw new ShapeError(`${argument} must be a matrix, got ${x.ndim}-D tensor`);
}

function matrixProduct(mat1: Tensor, mat2: Tensor): Tensor {
  checkMatrix(mat1, "mat1");
  checkMatrix(mat2, "mat2");
  return mm(mat1, mat2);
}

function outerProduct(vec1: Tensor, vec2: Tensor): Tensor {
  [vec1, vec2].forEach((v, i) => {
    if (v.ndim !== 1) throw new ShapeError(`addr: Expected 1-D argument vec${i + 1}, but got ${v.ndim}-D`);
  });
  return vec1.unsqueeze(1).mul(vec2);
}

function summedProducts(batch1: Tensor, batch2: Tensor): Tensor {
  return sum(bmm(batch1, batch2), 0);
}

/**
 * beta · input + alpha · mat1 mat2; `input` broadcasts to the product.
 * @throws {ShapeError} sizes that do not fit
 * @example addmm(ones(1), tensor([[2]]), tensor([[3]]), { beta: 10 }).item() // 16
 */
export function addmm(input: Tensor, mat1: Tensor, mat2: Tensor, options: ScaleOptions = {}): Tensor {
  return combine("addmm", input, matrixProduct(mat1, mat2), options);
}

/**
 * beta · input + alpha · mat vec.
 * @throws {ShapeError} sizes that do not fit
 * @example addmv(tensor([1]), tensor([[1, 2]]), tensor([3, 4])).tolist() // [12]
 */
export function addmv(input: Tensor, mat: Tensor, vec: Tensor, options: ScaleOptions = {}): Tensor {
  return combine("addmv", input, mv(mat, vec), options);
}

/**
 * beta · input + alpha · vec1 vec2ᵀ.
 * @throws {ShapeError} sizes that do not fit
 * @example addr(zeros(2, 2), tensor([1, 2]), tensor([3, 4])).tolist() // [[3, 4], [6, 8]]
 */
export function addr(input: Tensor, vec1: Tensor, vec2: Tensor, options: ScaleOptions = {}): Tensor {
  return combine("addr", input, outerProduct(vec1, vec2), options);
}

/**
 * beta · input + alpha · the sum of the products of two batches of matrices.
 * @throws {ShapeError} sizes that do not fit
 * @example addbmm(zeros(1, 1), ones(2, 1, 3), ones(2, 3, 1)).tolist() // [[6]]
 */
export function addbmm(input: Tensor, batch1: Tensor, batch2: Tensor, options: ScaleOptions = {}): Tensor {
  return combine("addbmm", input, summedProducts(batch1, batch2), options);
}

/**
 * beta · input + alpha · the products of two batches of matrices.
 * @throws {ShapeError} sizes that do not fit
 * @example baddbmm(ones(2, 1, 1), ones(2, 1, 3), ones(2, 3, 1)).tolist() // [[[4]], [[4]]]
 */
export function baddbmm(input: Tensor, batch1: Tensor, batch2: Tensor, options: ScaleOptions = {}): Tensor {
  return combine("baddbmm", input, bmm(batch1, batch2), options);
}

/** @internal `addmm` written over `input`. */
export function addmm_(input: Tensor, mat1: Tensor, mat2: Tensor, options: ScaleOptions = {}): Tensor {
  return combineInPlace("addmm", input, matrixProduct(mat1, mat2), options);
}

/** @internal */
export function addmv_(input: Tensor, mat: Tensor, vec: Tensor, options: ScaleOptions = {}): Tensor {
  return combineInPlace("addmv", input, mv(mat, vec), options);
}

/** @internal */
export function addr_(input: Tensor, vec1: Tensor, vec2: Tensor, options: ScaleOptions = {}): Tensor {
  return combineInPlace("addr", input, outerProduct(vec1, vec2), options);
}

/** @internal */
export function addbmm_(input: Tensor, batch1: Tensor, batch2: Tensor, options: ScaleOptions = {}): Tensor {
  return combineInPlace("addbmm", input, summedProducts(batch1, batch2), options);
}

/** @internal */
export function baddbmm_(input: Tensor, batch1: Tensor, batch2: Tensor, options: ScaleOptions = {}): Tensor {
  return combineInPlace("baddbmm", input, bmm(batch1, batch2), options);
}
