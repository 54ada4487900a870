import { describe, expect, it } from "vitest";
import {
  addmm,
  autograd,
  choleskySolve,
  det,
  einsum,
  eye,
  GradError,
  geqrf,
  linalg,
  luUnpack,
  manualSeed,
  matmul,
  noGrad,
  ones,
  ormqr,
  pcaLowrank,
  qr,
  svd,
  svdLowrank,
  type Tensor,
  tensor,
  zeros,
} from "../../bindings/index.ts";
import { expectTensor } from "../support/expect.ts";

const LOOSE = { rtol: 1e-4, atol: 1e-4 };

/** A well-conditioned matrix, as a leaf. */
function leaf(m: number, n: number): Tensor {
  const data = Float32Array.from({ length: m * n }, (_, i) => Math.sin(3 * i + 1) + (i % (n + 1) === 0 ? 3 : 0));
  return tensor(data, { shape: [m, n], requiresGrad: true });
}

function weights(m: number, n: number): Tensor {
  return tensor(
    Float32Array.from({ length: m * n }, (_, i) => Math.cos(5 * i)),
    { shape: [m, n] },
  );
}

describe("factors, multiplied again, pass the gradient on as it came", () => {
  const check = (A: Tensor, product: Tensor, expected = weights(...(A.shape as [number, number]))): void => {
    product.backward(weights(...(A.shape as [number, number])));
    expectTensor(A.grad, expected.tolist() as number[][], LOOSE);
  };
  const shapes = [
    [4, 4],
    [5, 3],
    [3, 5],
    [3, 1],
    [1, 1],
  ];

  it.each(shapes)("qr of %i by %i", (m, n) => {
    const A = leaf(m, n);
    const { Q, R } = linalg.qr(A);
    check(A, matmul(Q, R));
  });

  it.each(shapes)("svd of %i by %i", (m, n) => {
    const A = leaf(m, n);
    const { U, S, Vh } = linalg.svd(A, false);
    check(A, matmul(U.mul(S), Vh));
  });

  it.each(shapes)("svd of %i by %i with all vectors", (m, n) => {
    const A = leaf(m, n);
    const { U, S, V } = svd(A, false);
    const k = Math.min(m, n);
    check(A, matmul(U.narrow(1, 0, k).mul(S), V.narrow(1, 0, k).mT));
  });

  it.each(shapes)("lu of %i by %i", (m, n) => {
    const A = leaf(m, n);
    const { P, L, U } = linalg.lu(A);
    check(A, matmul(P, matmul(L, U)));
    const B = leaf(m, n);
    const factors = linalg.luFactor(B);
    const unpacked = luUnpack(factors.LU, factors.pivots);
    check(B, matmul(unpacked.P, matmul(unpacked.L, unpacked.U)));
  });

  it("cholesky and eigh, along symmetric matrices", () => {
    const root = leaf(4, 4).detach();
    const symmetric = (t: Tensor): Tensor => t.add(t.mT).mul(0.5);
    for (const decompose of [
      (A: Tensor) => matmul(linalg.cholesky(A), linalg.cholesky(A).mT),
      (A: Tensor) => matmul(linalg.cholesky(A, { upper: true }).mT, linalg.cholesky(A, { upper: true })),
      (A: Tensor) => {
        const { eigenvalues, eigenvectors } = linalg.eigh(A, { UPLO: "U" });
        return matmul(eigenvectors.mul(eigenvalues), eigenvectors.mT);
      },
    ]) {
      const A = matmul(root, root.mT).add(eye(4)).detach().requiresGrad_();
      check(A, decompose(A), symmetric(weights(4, 4)));
    }
  });

  it("inverses of inverses", () => {
    const A = leaf(4, 4);
    check(A, linalg.inv(linalg.inv(A)));
    const B = leaf(3, 5);
    check(B, linalg.pinv(linalg.pinv(B)));
    const C = leaf(3, 3);
    check(C, linalg.solve(linalg.solve(C, eye(3)), eye(3)));
  });

  it("reflections undo themselves", () => {
    const A = leaf(4, 2);
    const { a, tau } = noGrad(() => geqrf(A));
    const other = leaf(4, 3);
    check(other, ormqr(a, tau, ormqr(a, tau, other, true, true)));
  });

  it("low-rank decompositions of low-rank matrices", () => {
    manualSeed(1);
    const [left, right] = [leaf(6, 2), leaf(2, 5)];
    const { U, S, V } = svdLowrank(matmul(left, right), 2);
    matmul(U.mul(S), V.mT).backward(weights(6, 5));
    expectTensor(left.grad, matmul(weights(6, 5), right.mT).tolist() as number[][], { rtol: 1e-3, atol: 1e-3 });
    const centred = pcaLowrank(leaf(5, 3), 3);
    const A = leaf(5, 3);
    expectTensor(matmul(centred.U.mul(centred.S), centred.V.mT), A.sub(A.mean(0)).tolist() as number[][], LOOSE);
  });
});

describe("derivatives where formulas divide by zero", () => {
  it("singular values that are equal: their sum has a gradient", () => {
    const A = eye(3).mul(2).requiresGrad_();
    linalg.matrixNorm(A, "nuc").backward();
    expectTensor(A.grad, [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
  });

  it("norms of zero matrices", () => {
    const A = zeros(2, 2).requiresGrad_();
    linalg.matrixNorm(A).backward();
    expectTensor(A.grad, [
      [0, 0],
      [0, 0],
    ]);
  });

  it("determinants of singular matrices, twice", () => {
    for (const values of [
      [
        [0, 0],
        [0, 0],
      ],
      [
        [1, 2],
        [2, 4],
      ],
      [
        [1, 0],
        [0, 0],
      ],
    ]) {
      const A = tensor(values, { requiresGrad: true });
      const [g] = autograd.grad(det(A), A, { createGraph: true });
      const [[a, b], [c, d]] = values;
      expectTensor(
        g,
        [
          [d, -c],
          [-b, a],
        ],
        LOOSE,
      );
      // The gradient is linear in A: [[d, -c], [-b, a]].
      g.backward(
        tensor([
          [1, 2],
          [3, 4],
        ]),
      );
      expectTensor(
        A.grad,
        [
          [4, -3],
          [-2, 1],
        ],
        LOOSE,
      );
    }
  });

  it("determinants of rank n − 2 change to second order only", () => {
    const A = tensor(
      [
        [1, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
      ],
      { requiresGrad: true },
    );
    const [g] = autograd.grad(det(A), A, { createGraph: true });
    expectTensor(g, zeros(3, 3).tolist() as number[][]);
    g.sum().backward();
    expectTensor(
      A.grad,
      [
        [0, 0, 0],
        [0, 1, -1],
        [0, -1, 1],
      ],
      LOOSE,
    );
  });
});

describe("nodes", () => {
  it("are printed under PyTorch's names", () => {
    const A = leaf(3, 3);
    const S = matmul(A, A.mT);
    const nameOf = (t: Tensor): string => t.gradFn?.name() ?? "none";
    expect(nameOf(linalg.inv(A))).toBe("LinalgInvExBackward0");
    expect(nameOf(linalg.solve(A, eye(3)))).toBe("LinalgSolveExBackward0");
    expect(nameOf(linalg.solveTriangular(A, eye(3), { upper: true }))).toBe("LinalgSolveTriangularBackward0");
    expect(nameOf(linalg.det(A))).toBe("LinalgDetBackward0");
    expect(nameOf(linalg.slogdet(A).logabsdet)).toBe("LinalgSlogdetBackward0");
    expect(nameOf(linalg.cholesky(S))).toBe("LinalgCholeskyExBackward0");
    expect(nameOf(choleskySolve(eye(3), A))).toBe("CholeskySolveBackward0");
    expect(nameOf(linalg.luFactor(A).LU)).toBe("LinalgLuFactorExBackward0");
    expect(nameOf(linalg.qr(A).R)).toBe("LinalgQrBackward0");
    expect(nameOf(linalg.eigh(S).eigenvectors)).toBe("LinalgEighBackward0");
    expect(nameOf(linalg.eigvalsh(S))).toBe("LinalgEighBackward0");
    expect(nameOf(linalg.svd(A).U)).toBe("LinalgSvdBackward0");
    expect(nameOf(linalg.svdvals(A))).toBe("LinalgSvdBackward0");
    expect(nameOf(linalg.pinv(A))).toBe("LinalgPinvBackward0");
    expect(nameOf(linalg.lstsq(A, eye(3)).solution)).toBe("LinalgLstsqBackward0");
    expect(nameOf(linalg.matrixExp(A))).toBe("LinalgMatrixExpBackward0");
    expect(nameOf(addmm(A, A, A))).toBe("AddmmBackward0");
    expect(nameOf(A.mul(1).addmm_(A, A))).toBe("AddmmBackward0");
  });

  it("record nothing without need", () => {
    const A = leaf(3, 3);
    expect(noGrad(() => linalg.inv(A)).requiresGrad).toBe(false);
    expect(linalg.inv(A.detach()).requiresGrad).toBe(false);
    const B = eye(3);
    const X = linalg.solve(B, A);
    X.sum().backward();
    expect(B.grad).toBeNull();
    expect(linalg.luFactor(A).pivots.requiresGrad).toBe(false);
    expect(linalg.invEx(A).info.requiresGrad).toBe(false);
  });

  it("cannot be walked twice, unless the graph is retained", () => {
    const A = leaf(3, 3);
    const y = linalg.inv(A).sum();
    y.backward({ retainGraph: true });
    y.backward();
    expect(() => y.backward()).toThrow("Trying to backward through the graph a second time");
  });

  it("notice that what they saved was written to", () => {
    const A = leaf(3, 3);
    const X = linalg.inv(A);
    const y = X.mul(2);
    X.mul_(3);
    expect(() => y.sum().backward()).toThrow(/modified by an inplace operation/);
    const B = A.mul(1);
    const exponential = linalg.matrixExp(B);
    B.add_(1);
    expect(() => exponential.sum().backward()).toThrow(/modified by an inplace operation/);
  });

  it("let what they did not save be written to", () => {
    const A = leaf(3, 3).mul(1);
    const y = linalg.inv(A);
    A.add_(1);
    expect(() => y.sum().backward()).not.toThrow();
  });

  it("say where PyTorch has no derivative either", () => {
    const fails = (y: Tensor): unknown => expect(() => y.sum().backward()).toThrow(GradError);
    const A = leaf(4, 2);
    expect(() => linalg.qr(A, "complete").R.sum().backward()).toThrow(
      "The QR decomposition is not differentiable when mode='complete' and nrows > ncols.",
    );
    expect(() => linalg.qr(A, "r").R.sum().backward()).toThrow("Please use linalg.qr(A, mode='reduced')");
    fails(qr(A, false).Q);
    fails(geqrf(A).a);
    fails(linalg.ldlFactor(leaf(2, 2)).LD);
  });
});

describe("in place", () => {
  const [input, mat, vec] = [
    ones(2, 2),
    tensor([
      [1, 2],
      [3, 4],
    ]),
    tensor([1, 2]),
  ];

  it("addmm_ and its relatives write over their first operand", () => {
    expectTensor(input.clone().addmm_(mat, mat, { beta: 2, alpha: 0.5 }), [
      [5.5, 7],
      [9.5, 13],
    ]);
    expectTensor(vec.clone().addmv_(mat, vec), [6, 13]);
    expectTensor(input.clone().addr_(vec, vec, { beta: 0 }), [
      [1, 2],
      [2, 4],
    ]);
    expectTensor(input.clone().addbmm_(mat.expand(3, 2, 2), mat.expand(3, 2, 2)), [
      [22, 31],
      [46, 67],
    ]);
    expectTensor(input.expand(1, 2, 2).clone().baddbmm_(mat.unsqueeze(0), mat.unsqueeze(0), { alpha: -1 }), [
      [
        [-6, -9],
        [-14, -21],
      ],
    ]);
  });

  it("passes gradients to the old elements", () => {
    const x = ones(2, 2).requiresGrad_();
    const y = x.mul(1);
    y.addmm_(mat, x, { beta: 3 }).sum().backward();
    expectTensor(x.grad, [
      [7, 7],
      [9, 9],
    ]);
  });
});

describe("einsum", () => {
  it("sums what the result does not have, in any order of operands and dimensions", () => {
    const [a, b] = [leaf(2, 3), leaf(3, 4)];
    expectTensor(einsum("ij,jk->ki", a, b), matmul(a, b).mT.tolist() as number[][]);
    expectTensor(einsum("ij , jk", [a, b]), matmul(a, b).tolist() as number[][]);
    expectTensor(einsum(a, [0, "..."], b, ["...", 1], [1, 0]), matmul(a, b).mT.tolist() as number[][]);
    expect(einsum("ij->", a).item()).toBeCloseTo(a.sum().item(), 5);
  });

  it("takes ellipses of different lengths, and drops them from results that do not have them", () => {
    const [a, b] = [ones(2, 3, 4), ones(3, 4)];
    expect(einsum("...,...->...", a, b).shape).toEqual([2, 3, 4]);
    expect(einsum("...i,...i", a, b).shape).toEqual([2, 3]);
    expect(einsum("...i->i", a).tolist()).toEqual([6, 6, 6, 6]);
  });
});
