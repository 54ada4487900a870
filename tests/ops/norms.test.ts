import { describe, expect, it } from "vitest";
import {
  cosineSimilarity,
  DTypeError,
  dist,
  linalg,
  nn,
  noGrad,
  norm,
  pairwiseDistance,
  renorm,
  ShapeError,
  TensorError,
  tensor,
  zeros,
} from "../../bindings/index.ts";
import { EXACT, expectTensor } from "../support/expect.ts";
import { testAsPyTorch } from "../support/reductions.ts";

testAsPyTorch(["norm", "linalg.vector_norm", "linalg.norm", "renorm", "nn.functional.normalize"]);

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const { vectorNorm } = linalg;

function gradientOf(p: number | string, data: number[]): unknown {
  const x = tensor(data, { requiresGrad: true });
  norm(x, p).backward();
  return x.grad?.tolist();
}

describe("norms", () => {
  it("164 have gradient 0 at the zero vector; infinite ones share it with sign among ties", () => {
    for (const p of ["fro", 2, 1, 0, 3, 1.5, 0.5, inf, -inf, -1]) expect(gradientOf(p, [0, 0])).toEqual([0, 0]);
    expect(gradientOf(inf, [-3, 3, 1])).toEqual([-0.5, 0.5, 0]);
    expect(gradientOf(-inf, [-1, 3, 1])).toEqual([-0.5, 0, 0.5]);
    expect(gradientOf(1, [-3, 0, 2])).toEqual([-1, 0, 1]);
  });

  it("neither overflow nor vanish in their gradients", () => {
    expectTensor(tensor(gradientOf(4, [1e-9, 1e-9]) as number[]), [0.59460356, 0.59460356]);
    expectTensor(tensor(gradientOf(2, [1e-18, 0]) as number[]), [1, 0]);
  });

  it("of no elements are 0, where that makes sense", () => {
    expectTensor(vectorNorm(zeros([0])), 0, EXACT);
    expectTensor(vectorNorm(zeros([0]), 0), 0, EXACT);
    expectTensor(zeros([0]).norm(inf), 0, EXACT);
    expect(() => vectorNorm(zeros([0]), inf)).toThrow(/cannot compute the inf norm on an empty tensor/);
    expect(() => vectorNorm(zeros([2, 0]), -1, 1)).toThrow(
      /-1 norm on the dimension 1 because this dimension is empty/,
    );
    expect(vectorNorm(zeros([0, 2]), inf, 1).shape).toEqual([0]);
  });

  it("of order 0 count what is not 0, NaN included", () => {
    const x = tensor([nan, 0, 2, inf], { requiresGrad: true });
    const y = x.norm(0);
    y.backward();
    expect(y.item()).toBe(3);
    expectTensor(x.grad, [0, 0, 0, 0], EXACT);
  });

  it("refuse integers and orders that there are not", () => {
    const ints = tensor([1], { dtype: "int32" });
    expect(() => ints.norm()).toThrow(
      /norm\(\): input dtype should be either floating point or complex. Got Int instead/,
    );
    expect(() => vectorNorm(ints)).toThrow(DTypeError);
    expect(vectorNorm(ints, { dtype: "float32" }).item()).toBe(1);
    expect(() => norm(tensor([1]), "max")).toThrow(/only valid string values are 'fro' and 'nuc', found max/);
    expect(() => norm(zeros([2, 2]), "nuc", 0)).toThrow(/nuclear norm requires a 'dim' argument of size 2/);
    expect(() => vectorNorm(tensor([1]), "fro" as never)).toThrow(/argument 'ord' must be Number, not string/);
  });

  it("have PyTorch's names", () => {
    const x = tensor([[1, 2]], { requiresGrad: true });
    const made = [x.norm(), vectorNorm(x), linalg.norm(x), dist(x, x.mul(2)), renorm(x, 2, 0, 1)];
    expect(made.map((t) => t.gradFn?.name())).toEqual([
      "NormBackward1",
      "LinalgVectorNormBackward0",
      "LinalgVectorNormBackward0",
      "DistBackward0",
      "RenormBackward0",
    ]);
  });

  it("of matrices are taken where there are two dimensions and an order", () => {
    const x = tensor([
      [1, -2],
      [3, 4],
    ]);
    expectTensor(linalg.norm(x, 1), 6);
    expectTensor(linalg.norm(x, inf), 7);
    expectTensor(linalg.norm(x, "nuc"), 7.0710678);
    expectTensor(norm(x, "nuc"), 7.0710678);
    expectTensor(linalg.norm(x, 1, 0), [4, 6]);
    expect(() => linalg.norm(zeros([1, 1, 1]), 2)).toThrow(/the input must be 1D or 2D. Got 3D/);
    expect(() => linalg.norm(zeros([1, 1, 1]), null, [0, 1, 2])).toThrow(
      /it must be of length 1 or 2. Got \[0, 1, 2\]/,
    );
  });
});

describe("scaling by norms", () => {
  it("renorm bounds the norm of slices, with its gradient", () => {
    const x = tensor(
      [
        [3, 4],
        [0.3, 0.4],
      ],
      { requiresGrad: true },
    );
    const y = renorm(x, 2, 0, 1);
    expectTensor(y, [
      [0.6, 0.8],
      [0.3, 0.4],
    ]);
    y.select(0, 0).select(0, 0).backward();
    // d (x / |x|) / dx = (1 - u uᵀ) / |x|
    expectTensor(x.grad, [
      [0.128, -0.096],
      [0, 0],
    ]);
    const own = tensor([
      [3, 4],
      [0.3, 0.4],
    ]);
    noGrad(() => own.renorm_(2, 0, 1));
    expectTensor(own, [
      [0.6, 0.8],
      [0.3, 0.4],
    ]);
    expect(renorm(zeros([2, 0]), inf, 0, 1).shape).toEqual([2, 0]);
  });

  it("renorm refuses what PyTorch refuses", () => {
    const x = zeros([2, 2]);
    expect(() => renorm(x, 0, 0, 1)).toThrow(/renorm: non-positive-norm not supported/);
    expect(() => renorm(x, 2, 0, -1)).toThrow(/expected maxnorm to be >= 0 but got -1/);
    expect(() => renorm(zeros([2]), 2, 0, 1)).toThrow(ShapeError);
    expect(() => renorm(x, 2, 0, nan)).toThrow(TensorError);
  });

  it("normalize leaves zeros alone", () => {
    const x = tensor(
      [
        [0, 0],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    const y = nn.functional.normalize(x);
    expectTensor(y, [
      [0, 0],
      [0.6, 0.8],
    ]);
    y.sum().backward();
    expectTensor(x.grad?.select(0, 1), [0.032, -0.024]);
  });

  it("cosineSimilarity broadcasts, and takes a zero vector for 0", () => {
    const x = tensor(
      [
        [1, 0],
        [1, 1],
        [0, 0],
      ],
      { requiresGrad: true },
    );
    const y = cosineSimilarity(x, tensor([1, 0]));
    expectTensor(y, [1, Math.SQRT1_2, 0]);
    y.sum().backward();
    expectTensor(x.grad?.narrow(0, 0, 2), [
      [0, 0],
      [0.35355339, -0.35355339],
    ]);
    // One of them stretched along the dimension that is summed over.
    expectTensor(cosineSimilarity(tensor([[1], [2]]), tensor([[1, 1]])), [1, 1]);
  });

  it("pairwiseDistance keeps its gradient finite", () => {
    const x = tensor([[1, 2]], { requiresGrad: true });
    const y = pairwiseDistance(x, tensor([[1, 2]]), { keepdim: true });
    y.backward();
    expect(y.shape).toEqual([1, 1]);
    expectTensor(x.grad, [[Math.SQRT1_2, Math.SQRT1_2]], { rtol: 1e-3 });
    expectTensor(pairwiseDistance(tensor([1, 2]), tensor([4, 6]), 1, 0), 7);
    expectTensor(dist(tensor([1, 2]), tensor([[4, 6]]), 1), 7);
  });
});
