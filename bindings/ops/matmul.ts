/** Matrix products. */
import { Op } from "../../assembly/abi/op.ts";
import { Status } from "../../assembly/abi/status.ts";
import { defineRule } from "../autograd/rules.ts";
import { expectTensor } from "../core/args.ts";
import { call2, callN } from "../core/dispatch.ts";
import { ShapeError } from "../core/errors.ts";
import { describe } from "../core/messages.ts";
import { nameCode, renamed } from "../core/names.ts";
import { setName } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { tensor } from "./creation.ts";
import { broadcastShapes, product } from "./geometry.ts";

const DOT: number = /* @__PURE__ */ nameCode("DotBackward0");
const MV: number = /* @__PURE__ */ nameCode("MvBackward0");
const BATCHED: number = /* @__PURE__ */ nameCode("UnsafeViewBackward0");
const BMM: number = /* @__PURE__ */ nameCode("BmmBackward0");
const VIEW: number = /* @__PURE__ */ nameCode("ViewBackward0");
const SQUEEZED: number = /* @__PURE__ */ nameCode("SqueezeBackward3");
const MM: number = /* @__PURE__ */ nameCode("MmBackward0");

/**
 * The matrix product. Vectors count as a row on the left, as a column on the right; further dimensions are batches, which
 * broadcast.
 * @throws {ShapeError} inner sizes that differ
 * @example matmul(tensor([[1, 2]]), tensor([[3], [4]])).tolist() // [[11]]
 */
export function matmul(input: Tensor, other: Tensor): Tensor {
  expectTensor(other, "matmul", "other");
  const [m, n] = [input.ndim, other.ndim];
  if (input.dtype !== "float32" && other.dtype !== "float32") return integerProduct(input, other);
  if (m > 2 || n > 2) setName(BATCHED);
  else if (m === 1) setName(n === 1 ? DOT : SQUEEZED);
  else if (n === 1) setName(MV);
  return call2(Op.Matmul, input, other, "matmul");
}

/** Integers are multiplied and summed as integers: float32 would round above 2²⁴. */
function integerProduct(input: Tensor, other: Tensor): Tensor {
  const [m, n] = [input.ndim, other.ndim];
  if (m === 0 || n === 0 || input.size(-1) !== other.size(n === 1 ? 0 : -2)) {
    throw describe("matmul", [input, other], Status.MatmulSizes, []);
  }
  const bool = [input, other].find((t) => t.dtype === "bool");
  if (bool) throw describe("matmul", [bool], Status.DTypes, []);
  const left = m === 1 ? input.unsqueeze(0) : input;
  const right = n === 1 ? other.unsqueeze(1) : other;
  const [rows, inner, columns] = [left.size(-2), left.size(-1), right.size(-1)];
  const batch = broadcastShapes(left.shape.slice(0, -2), right.shape.slice(0, -2));
  const a = left.expand([...batch, rows, inner]).data();
  const b = right.expand([...batch, inner, columns]).data();
  const result = new Int32Array(product(batch) * rows * columns);
  for (let row = 0; row * columns < result.length; row++) {
    const first = Math.floor(row / rows) * inner * columns;
    for (let k = 0; k < inner; k++) {
      const factor = a[row * inner + k];
      for (let j = 0; j < columns; j++) result[row * columns + j] += Math.imul(factor, b[first + k * columns + j]);
    }
  }
  return tensor(result, { shape: [...batch, ...(m === 1 ? [] : [rows]), ...(n === 1 ? [] : [columns])] });
}

/** Refuses other than tensors with so many dimensions; `text` is PyTorch's. */
function ranked(
  input: Tensor,
  other: Tensor,
  m: number,
  n: number,
  name: string,
  argument: string,
  text: () => string,
): void {
  expectTensor(input, name, "input");
  expectTensor(other, name, argument);
  if (input.ndim === m && other.ndim === n) return;
  throw new ShapeError(
    `${text()}. ${name}: expected tensors with ${m} and ${n} dimensions, got ${input.ndim} and ${other.ndim}; use matmul`,
  );
}

/**
 * The product of two matrices.
 * @throws {ShapeError} other than matrices, or inner sizes that differ
 * @example mm(tensor([[1, 2]]), tensor([[3], [4]])).tolist() // [[11]]
 */
export function mm(input: Tensor, mat2: Tensor): Tensor {
  ranked(input, mat2, 2, 2, "mm", "mat2", () => `${input.ndim === 2 ? "mat2" : "self"} must be a matrix`);
  return matmul(input, mat2);
}

/**
 * The products of two batches of matrices of equal number.
 * @throws {ShapeError} other than three dimensions, or sizes that do not fit
 * @example bmm(ones(5, 1, 2), ones(5, 2, 3)).shape // [5, 1, 3]
 */
export function bmm(input: Tensor, mat2: Tensor): Tensor {
  ranked(input, mat2, 3, 3, "bmm", "mat2", () => `batch${input.ndim === 3 ? 2 : 1} must be a 3D tensor`);
  const [count, , inner] = input.shape;
  const [otherCount, rows] = mat2.shape;
  if (count !== otherCount || inner !== rows) {
    throw new ShapeError(
      `Expected size for first two dimensions of batch2 tensor to be: [${count}, ${inner}] but got: [${otherCount}, ${rows}].`,
    );
  }
  if (input.dtype !== "float32" && mat2.dtype !== "float32") return integerProduct(input, mat2);
  setName(BMM);
  return call2(Op.Matmul, input, mat2, "bmm");
}

/**
 * Matrix times vector.
 * @throws {ShapeError} other than a matrix and a vector, or sizes that do not fit
 * @example mv(tensor([[1, 2], [3, 4]]), tensor([1, 1])).tolist() // [3, 7]
 */
export function mv(input: Tensor, vec: Tensor): Tensor {
  ranked(input, vec, 2, 1, "mv", "vec", () => `vector + matrix @ vector expected, got 1, ${input.ndim}, ${vec.ndim}`);
  const [m, n] = input.shape;
  if (vec.numel() !== n) throw new ShapeError(`size mismatch, got ${m}, ${m}x${n},${vec.numel()}`);
  return matmul(input, vec);
}

/**
 * The sum of products of two vectors.
 * @throws {ShapeError} other than vectors, or of different lengths
 * @example dot(tensor([1, 2]), tensor([3, 4])).item() // 11
 */
export function dot(input: Tensor, tensor: Tensor): Tensor {
  ranked(
    input,
    tensor,
    1,
    1,
    "dot",
    "tensor",
    () => `1D tensors expected, but got ${input.ndim}D and ${tensor.ndim}D tensors`,
  );
  const [m, n] = [input.numel(), tensor.numel()];
  if (m !== n) {
    throw new ShapeError(
      `inconsistent tensor size, expected tensor [${m}] and src [${n}] to have the same number of elements, but got ${m} and ${n} ` +
        "elements respectively",
    );
  }
  return matmul(input, tensor);
}

/**
 * x Wᵀ + b.
 * @param input float32 [..., in] @param weight [out, in] @param bias [out]
 * @returns [..., out]
 * @example nn.functional.linear(tensor([[1, 2]]), tensor([[3, 4]]), tensor([5])).tolist() // [[16]]
 */
export function linear(input: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  if (weight.ndim === 1) {
    const y = matmul(input, weight);
    return bias ? y.add(bias) : y;
  }
  if (input.ndim === 1) {
    return renamed(linear(input.unsqueeze(0), weight, bias).squeeze(0), bias ? "AddBackward0" : SQUEEZED);
  }
  if (input.ndim > 2) setName(bias ? VIEW : BATCHED);
  else if (!bias) setName(MM);
  return callN(Op.Linear, bias ? [input, weight, bias] : [input, weight], [], "linear");
}

/** Gradients of a b: g bᵀ and aᵀ g; vectors get the dimension that matmul gave them. */
defineRule(Op.Matmul, (g, n) => {
  const [a, b] = [n.input(0), n.input(1)];
  const [vectorA, vectorB] = [a.ndim === 1, b.ndim === 1];
  const left = vectorA ? a.unsqueeze(0) : a;
  const right = vectorB ? b.unsqueeze(1) : b;
  let grad = g;
  if (vectorB) grad = grad.unsqueeze(-1);
  if (vectorA) grad = grad.unsqueeze(-2);
  const toVector = (t: Tensor, dim: number): Tensor => t.squeeze(dim);
  const gradA = n.needs(0) ? matmul(grad, right.transpose(-2, -1)) : null;
  const gradB = n.needs(1) ? matmul(left.transpose(-2, -1), grad) : null;
  return [gradA && vectorA ? toVector(gradA, -2) : gradA, gradB && vectorB ? toVector(gradB, -1) : gradB];
});

defineRule(Op.Linear, (g, n) => {
  const [x, w] = [n.input(0), n.input(1)];
  const rows = g.reshape([-1, w.size(0)]);
  const gradients = [
    n.needs(0) ? matmul(g, w) : null,
    n.needs(1) ? matmul(rows.transpose(0, 1), x.reshape([-1, w.size(1)])) : null,
  ];
  if (n.inputCount === 3) gradients.push(n.needs(2) ? rows.sum(0) : null);
  return gradients;
});
