import { describe, expect, it } from "vitest";
import { eye, linalg, matmul, svd, type Tensor, tensor, tril, triu } from "../../bindings/index.ts";

/** Numbers between -1 and 1 that look random and are the same every time. */
function matrix(m: number, n: number, seed = 1): Tensor {
  let state = seed;
  const data = Float32Array.from({ length: m * n }, () => {
    state = (state * 48271) % 2147483647;
    return (2 * state) / 2147483647 - 1;
  });
  return tensor(data, { shape: [m, n] });
}

function largest(t: Tensor): number {
  return t.numel() === 0 ? 0 : t.abs().max().item();
}

/** The difference relative to the larger of 1 and the largest element, in units of float32's precision. */
function error(actual: Tensor, expected: Tensor): number {
  expect(actual.shape).toEqual(expected.shape);
  return largest(actual.sub(expected)) / Math.max(1, largest(expected)) / 2 ** -24;
}

/** The product of the factors is rounded once for each of k terms, and what they are made of where products are float32. */
const bound = (k: number): number => 4 * Math.sqrt(k) + 8;

/** What is left of A X − B, relative to the norms of A and X, in units of float32's precision (Higham 2002, §7.1). */
function backwardError(A: Tensor, X: Tensor, B: Tensor): number {
  if (B.numel() === 0) return 0;
  const norms = linalg.matrixNorm(A, Infinity).item() * largest(X);
  return largest(matmul(A, X).sub(B)) / norms / 2 ** -24;
}

/** Around the sizes at which algorithms split, and at which products go through the core. */
const SIZES = [0, 1, 2, 5, 23, 24, 25, 48, 49, 97, 150];

describe("factors multiply to the matrix", () => {
  it.each(SIZES)("LU of %i", (n) => {
    for (const A of [matrix(n, n), matrix(n + 7, n), matrix(n, n + 7)]) {
      const { P, L, U } = linalg.lu(A);
      expect(error(matmul(P, matmul(L, U)), A)).toBeLessThan(bound(n));
      expect(largest(L)).toBeLessThanOrEqual(1);
      expect(largest(triu(L, 1))).toBe(0);
      expect(largest(tril(U, -1))).toBe(0);
    }
  });

  it.each(SIZES)("Cholesky of %i", (n) => {
    const root = matrix(n, n);
    const A = matmul(root, root.mT).add(eye(n));
    const L = linalg.cholesky(A);
    expect(error(matmul(L, L.mT), A)).toBeLessThan(bound(n));
    expect(error(linalg.cholesky(A, { upper: true }), L.mT)).toBe(0);
  });

  it.each(SIZES)("QR of %i", (n) => {
    for (const A of [matrix(n, n), matrix(n + 30, n), matrix(n, n + 30)]) {
      for (const mode of ["reduced", "complete"] as const) {
        const { Q, R } = linalg.qr(A, { mode });
        expect(error(matmul(Q, R), A)).toBeLessThan(bound(n));
        expect(error(matmul(Q.mT, Q), eye(Q.size(1)))).toBeLessThan(bound(n));
        expect(largest(tril(R, -1))).toBe(0);
      }
    }
  });

  it.each(SIZES)("eigenvectors of %i", (n) => {
    const A = matrix(n, n).add(matrix(n, n).mT);
    const { eigenvalues, eigenvectors: V } = linalg.eigh(A);
    expect(error(matmul(V.mul(eigenvalues), V.mT), A)).toBeLessThan(bound(n));
    expect(error(matmul(V.mT, V), eye(n))).toBeLessThan(bound(n));
    expect(error(linalg.eigvalsh(A), eigenvalues)).toBe(0);
    expect([...eigenvalues.data()]).toEqual([...eigenvalues.data()].sort((a, b) => a - b));
  });

  it.each(SIZES)("singular vectors of %i", (n) => {
    for (const A of [matrix(n, n), matrix(n + 30, n), matrix(n, n + 30)]) {
      const { U, S, Vh } = linalg.svd(A);
      const k = S.size(0);
      expect(error(matmul(U.narrow(1, 0, k).mul(S), Vh.narrow(0, 0, k)), A)).toBeLessThan(bound(n));
      expect(error(matmul(U.mT, U), eye(U.size(0)))).toBeLessThan(bound(n));
      expect(error(matmul(Vh, Vh.mT), eye(Vh.size(0)))).toBeLessThan(bound(n));
      expect(error(linalg.svdvals(A), S)).toBe(0);
      const thin = svd(A);
      expect(error(matmul(thin.U.mul(thin.S), thin.V.mT), A)).toBeLessThan(bound(n));
    }
  });

  it.each(SIZES)("LDLᵀ of %i", (n) => {
    const A = matrix(n, n).add(matrix(n, n).mT);
    const B = matrix(n, 3, 5);
    const { LD, pivots } = linalg.ldlFactor(A);
    const X = linalg.ldlSolve(LD, pivots, B);
    expect(backwardError(A, X, B)).toBeLessThan(8);
  });
});

describe("solutions", () => {
  it.each(SIZES)("of systems of %i", (n) => {
    const A = matrix(n, n).add(eye(n).mul(3));
    const B = matrix(n, n + 2, 3);
    const X = linalg.solve(A, B);
    expect(backwardError(A, X, B)).toBeLessThan(8);
    const Y = linalg.solve(A, B.mT, { left: false });
    expect(backwardError(A.mT, Y.mT, B)).toBeLessThan(8);
    expect(backwardError(A, linalg.inv(A), eye(n))).toBeLessThan(8);
    const T = tril(A);
    const Z = linalg.solveTriangular(T, B, { upper: false });
    expect(backwardError(T, Z, B)).toBeLessThan(8);
  });

  it("of least squares are orthogonal to what is left", () => {
    const A = matrix(40, 30);
    const B = matrix(40, 3, 7);
    const { solution } = linalg.lstsq(A, B);
    expect(largest(matmul(A.mT, matmul(A, solution).sub(B)))).toBeLessThan(1e-4);
  });
});

describe("matrices that are hard", () => {
  it("singular values of a graded matrix keep their size", () => {
    const values = [1e4, 1, 1e-4];
    const { Q } = linalg.qr(matrix(3, 3));
    const S = linalg.svdvals(Q.mul(tensor(values)));
    for (const [i, s] of S.data().entries()) expect(s / values[i]).toBeCloseTo(1, 5);
  });

  it("repeated eigenvalues have orthonormal vectors", () => {
    const { Q } = linalg.qr(matrix(6, 6));
    const A = matmul(Q.mul(tensor([1, 1, 1, 2, 2, 3])), Q.mT);
    const { eigenvalues, eigenvectors: V } = linalg.eigh(A);
    expect(error(eigenvalues, tensor([1, 1, 1, 2, 2, 3]))).toBeLessThan(16);
    expect(error(matmul(V.mT, V), eye(6))).toBeLessThan(16);
  });

  it("singular vectors of matrices without full rank are orthonormal", () => {
    for (const A of [
      matmul(matrix(40, 3), matrix(3, 30)),
      matrix(5, 5).mul(0),
      tensor([
        [0, 1],
        [0, 0],
      ]),
    ]) {
      const { U, S, Vh } = linalg.svd(A);
      const k = S.size(0);
      expect(error(matmul(U.mT, U), eye(U.size(0)))).toBeLessThan(16);
      expect(error(matmul(Vh, Vh.mT), eye(Vh.size(0)))).toBeLessThan(16);
      expect(error(matmul(U.narrow(1, 0, k).mul(S), Vh.narrow(0, 0, k)), A)).toBeLessThan(16);
    }
  });

  it("elements near the ends of float32's range do not overflow", () => {
    const A = tensor([
      [3e38, 1e38],
      [-1e38, 2e38],
    ]);
    const { U, S, Vh } = linalg.svd(A.mul(0.5));
    expect(error(matmul(U.mul(S.div(1e38)), Vh), A.div(2e38))).toBeLessThan(8);
    expect(linalg.inv(A.mul(0.1)).isfinite().all().item()).toBe(true);
    expect(
      linalg
        .matrixNorm(
          tensor([
            [1e-30, 0],
            [0, 1e-30],
          ]),
          2,
        )
        .item(),
    ).toBeCloseTo(1e-30, 36);
  });

  it("the exponential of a rotation's generator is the rotation, after many turns too", () => {
    for (const angle of [0.5, 3, 50]) {
      const R = linalg.matrixExp(
        tensor([
          [0, -angle],
          [angle, 0],
        ]),
      );
      const expected = tensor([
        [Math.cos(angle), -Math.sin(angle)],
        [Math.sin(angle), Math.cos(angle)],
      ]);
      expect(error(R, expected)).toBeLessThan(4);
    }
  });

  it("the gradient of the determinant of a singular matrix is that of its cofactors", () => {
    const A = tensor(
      [
        [1, 2, 3],
        [2, 4, 6],
        [1, 1, 1],
      ],
      { requiresGrad: true },
    );
    linalg.det(A).backward();
    const cofactors = tensor([
      [-2, 4, -2],
      [1, -2, 1],
      [0, 0, 0],
    ]);
    expect(error(A.grad as Tensor, cofactors)).toBeLessThan(8);
  });
});
