/** Eigenvalues and eigenvectors of symmetric matrices. */
import { external } from "../autograd/external.ts";
import { isGradEnabled } from "../autograd/mode.ts";
import { named } from "../core/args.ts";
import { LinAlgError, TensorError } from "../core/errors.ts";
import { eye } from "../ops/creation.ts";
import { diagEmbed } from "../ops/diagonal.ts";
import { matmul } from "../ops/matmul.ts";
import type { Tensor } from "../tensor.ts";
import { batchElement, batchOf, checkSystem, forEachMatrix, mT } from "./batch.ts";
import { eigenSymmetric } from "./dense/eigen.ts";
import { transposed } from "./dense/product.ts";

/** Which triangle is read. */
export type UpLo = "L" | "U" | "l" | "u";

type UpLoArgument = UpLo | { UPLO?: UpLo };

export const NON_FINITE = "The algorithm failed to converge because the input matrix contained non-finite values.";

/**
 * Eigenvalues, ascending, and orthonormal eigenvectors, as columns, of symmetric matrices [..., n, n], of which one triangle is
 * read (`UPLO`). Tridiagonal form and implicit QR in double precision: O(n³).
 *
 * The gradient by the eigenvectors is finite only if the eigenvalues are distinct.
 * @throws {LinAlgError} NaN or infinity
 * @example linalg.eigh(tensor([[2, 1], [1, 2]])).eigenvalues.tolist() // [1, 3]
 */
export function eigh(A: Tensor, UPLO?: UpLoArgument): { eigenvalues: Tensor; eigenvectors: Tensor } {
  return decompose(A, UPLO, "linalg.eigh", true);
}

/** The eigenvalues alone: see `eigh`. @example linalg.eigvalsh(tensor([[2, 1], [1, 2]])).tolist() // [1, 3] */
export function eigvalsh(A: Tensor, UPLO?: UpLoArgument): Tensor {
  // The gradient by the eigenvalues needs the vectors.
  return decompose(A, UPLO, "linalg.eigvalsh", A.requiresGrad && isGradEnabled()).eigenvalues;
}

function decompose(
  A: Tensor,
  UPLO: UpLoArgument | undefined,
  caller: string,
  wanted: boolean,
): { eigenvalues: Tensor; eigenvectors: Tensor } {
  checkSystem(A, caller);
  const uplo = (named<{ UPLO?: UpLo }>(caller, [UPLO], ["UPLO"]).UPLO ?? "L").toUpperCase();
  if (uplo !== "L" && uplo !== "U") throw new TensorError(`Expected UPLO argument to be 'L' or 'U', but got ${uplo}`);
  const [batch, n] = [batchOf(A), A.size(-1)];
  const size = wanted ? n : 0;
  const [eigenvalues, eigenvectors] = forEachMatrix(batch, [A], [[[n]], [[size, size]]], ([a], [d, v], i) => {
    const rows = eigenSymmetric(uplo === "U" ? transposed(a, n, n) : a, n, d, wanted);
    if (!rows) throw new LinAlgError(`${caller}: ${batchElement(batch, i)}${NON_FINITE}`);
    v.set(transposed(rows, size, size));
  });
  external(
    "LinalgEighBackward0",
    [A],
    [eigenvalues, eigenvectors],
    ([gL, gV]) => [gradient(eigenvalues, eigenvectors, gL, gV)],
    [eigenvalues, eigenvectors],
  );
  return { eigenvalues, eigenvectors };
}

/**
 * V (diag(gL) + X / E) Vᵀ with E_ij = λ_j − λ_i off the diagonal (Giles 2008, §3.1), where X is the antisymmetric part of Vᵀ gV:
 * an orthonormal V changes by V times an antisymmetric matrix only.
 */
function gradient(L: Tensor, V: Tensor, gL: Tensor | null, gV: Tensor | null): Tensor | null {
  if (!gV) return gL && matmul(V.mul(gL.unsqueeze(-2)), mT(V));
  const gaps = L.unsqueeze(-2)
    .sub(L.unsqueeze(-1))
    .add(eye(L.size(-1)));
  const turned = matmul(mT(V), gV);
  const inner = turned.sub(mT(turned)).mul(0.5).div(gaps);
  return matmul(V, matmul(gL ? inner.add(diagEmbed(gL)) : inner, mT(V)));
}
