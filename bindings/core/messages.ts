/** Texts of errors that the core reports by number: what was called, what it got, what it expects, how to mend it. */
import { Status } from "../../assembly/abi/status.ts";
import type { Tensor } from "../tensor.ts";
import { DTYPES } from "./dtype.ts";
import { DTypeError, GradError, IndexError, ShapeError, TensorError } from "./errors.ts";

function shapes(operands: readonly Tensor[]): string {
  return operands.map((t) => `[${t.shape.join(", ")}]`).join(" and ");
}

/** PyTorch's way to write the sizes of two matrices: 2x3 and 4x5; linear multiplies by its weight transposed. */
function matrices(name: string, operands: readonly Tensor[]): string {
  const [a, b] = operands.map((t) => t.shape);
  return `${a.join("x")} and ${(name === "linear" ? b.reverse() : b).join("x")}`;
}

/** Names of operations along a dimension carry it: "cat (dim 1)". */
function dimIn(name: string): string {
  return name.replace(/\D/g, "");
}

/** The shape to which operands that fit broadcast. */
function broadcast(operands: readonly Tensor[]): number[] {
  const all = operands.map((t) => t.shape);
  const rank = Math.max(...all.map((s) => s.length));
  return Array.from({ length: rank }, (_, i) => {
    const sizes = all.map((s) => s[i - rank + s.length] ?? 1);
    return sizes.find((s) => s !== 1) ?? 1;
  });
}

/** The error for a status; `details` are the numbers that came with it. */
export function describe(name: string, operands: readonly Tensor[], status: number, details: readonly number[]): Error {
  const [d0, d1, d2, d3] = details;
  const got = `${name}: got shapes ${shapes(operands)}`;
  switch (status) {
    case Status.Broadcast:
      return new ShapeError(
        `The size of tensor a (${d0}) must match the size of tensor b (${d1}) at non-singleton dimension ${d2}. ${got}; ` +
          "sizes are compared from the right, and each pair must be equal or contain a 1.",
      );
    case Status.DTypes: {
      const dtypes = operands.map((t) => t.dtype).join(" and ");
      return new DTypeError(`${name}: not implemented for dtype ${dtypes || DTYPES[d0]}. Cast with .to("float32").`);
    }
    case Status.ZeroDivision:
      return new TensorError(
        `ZeroDivisionError: integer division by zero. ${got}; floats would give infinities and NaN.`,
      );
    case Status.InPlaceShape:
      return new ShapeError(
        `output with shape [${operands[0].shape.join(", ")}] doesn't match the broadcast shape [${broadcast(operands).join(", ")}]. ` +
          `${name} writes into its first operand, whose shape cannot change; use the form without underscore.`,
      );
    case Status.MatmulSizes:
      return new ShapeError(
        operands.some((t) => t.ndim === 0)
          ? `both arguments to matmul need to be at least 1D, but they are ${operands.map((t) => `${t.ndim}D`).join(" and ")}`
          : `mat1 and mat2 shapes cannot be multiplied (${matrices(name, operands)}). ${got}; the last size of the first must equal the ` +
              "second to last of the second. Transpose or reshape one of them.",
      );
    case Status.InPlaceLeaf:
      return new GradError(
        d0 === 1
          ? "a view of a leaf Variable that requires grad is being used in an in-place operation."
          : `a leaf Variable that requires grad is being used in an in-place operation. Call ${name} inside noGrad(), or use the form without underscore.`,
      );
    case Status.NoGradViewChanged:
      return new GradError(
        "A view was created in no_grad mode and its base or another view of its base has been modified inplace with grad mode " +
          "enabled. Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both " +
          "the view and the inplace either both inside the no_grad block (if you don't want the inplace to be tracked) or both " +
          "outside (if you want the inplace to be tracked).",
      );
    case Status.InferenceSaved:
      return new GradError(
        "Inference tensors cannot be saved for backward. To work around you can make a clone to get a normal tensor and use it in autograd.",
      );
    case Status.InferenceInPlace:
      return new GradError(
        "Inplace update to inference tensor outside InferenceMode is not allowed. You can make a clone to get a normal tensor before " +
          "doing inplace update.",
      );
    case Status.InPlaceOverlap:
      return new TensorError(
        "unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please " +
          "clone() the tensor before performing the operation.",
      );
    case Status.IndexRange:
      return new IndexError(
        `index out of range in self: index ${d0} is out of bounds for dimension ${dimIn(name) || 0} with size ${d2}; ` +
          `${name} got it at position ${d1} of its index`,
      );
    case Status.EmptyReduction:
      return new ShapeError(
        `${name}(): Expected reduction dim ${d0} to have non-zero size. ${got}; there is no largest or smallest of no elements.`,
      );
    case Status.SizeMismatch:
      return new ShapeError(
        `Sizes of tensors must match except in dimension ${dimIn(name)}. Expected size ${d1} but got size ${d0} for ` +
          `tensor number ${d2} in the list. They differ in dimension ${d3}.`,
      );
    case Status.Rank:
      return new ShapeError(`Tensors must have same number of dimensions: got ${d1} and ${d0}`);
    default:
      return new GradError(`${name}: failed with status ${status}`);
  }
}
