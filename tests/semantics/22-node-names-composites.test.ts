import { describe, expect, it } from "vitest";
import * as all from "../../bindings/index.ts";
import { einsum, linalg, nn, ones, rand, type Tensor, tensor, zeros } from "../../bindings/index.ts";

const F = nn.functional;
const int = { dtype: "int32" } as const;

function input(...shape: number[]): Tensor {
  return rand(...shape).requiresGrad_();
}

const at = (...values: number[]): Tensor => tensor(values, int);

/** Square, and well-conditioned. */
function matrix(): Tensor {
  return all.eye(3).mul(3).add(rand(3, 3)).requiresGrad_();
}

/** The names that PyTorch 1.13 prints; what computes them there is often more, or fewer, steps. */
describe("names of gradFn: composites", () => {
  it.each<[string, () => Tensor, string]>([
    ["max pooling, 1-d", () => F.maxPool1d(input(1, 2, 4), 2), "SqueezeBackward1"],
    ["average pooling, 1-d", () => F.avgPool1d(input(1, 2, 4), 2), "SqueezeBackward1"],
    ["adaptive average pooling, 1-d", () => F.adaptiveAvgPool1d(input(1, 2, 4), 3), "SqueezeBackward1"],
    ["adaptive average pooling to one element", () => F.adaptiveAvgPool2d(input(1, 2, 4, 4), 1), "MeanBackward1"],
    ["adaptive average pooling, 3-d", () => F.adaptiveAvgPool3d(input(1, 1, 3, 3, 3), 2), "AdaptiveAvgPool3DBackward0"],
    ["adaptive max pooling, 1-d", () => F.adaptiveMaxPool1d(input(1, 2, 4), 2), "SqueezeBackward1"],
    ["adaptive max pooling", () => F.adaptiveMaxPool2d(input(1, 2, 4, 4), 2), "AdaptiveMaxPool2DBackward0"],
    ["uneven adaptive max pooling", () => F.adaptiveMaxPool2d(input(1, 2, 4, 4), 3), "AdaptiveMaxPool2DBackward0"],
    ["adaptive max pooling, 3-d", () => F.adaptiveMaxPool3d(input(1, 1, 4, 4, 4), 2), "AdaptiveMaxPool3DBackward0"],
    [
      "fractional pooling",
      () => F.fractionalMaxPool2d(input(1, 1, 4, 4), 2, { outputSize: 2 }),
      "FractionalMaxPool2DBackward0",
    ],
    ["unpooling, 1-d", () => F.maxUnpool1d(input(1, 1, 1), zeros(1, 1, 1, int), 2), "SqueezeBackward1"],
    ["unfold without a batch", () => F.unfold(input(2, 3, 3), 2), "Im2ColBackward0"],
    ["fold without a batch", () => F.fold(input(8, 4), [3, 3], 2), "Col2ImBackward0"],
    ["circular padding", () => F.pad(input(1, 2, 4), [1, 1], "circular"), "CopySlices"],
    ["rrelu", () => F.rrelu(input(2, 4)), "RreluWithNoiseBackward0"],
    ["rrelu in training", () => F.rrelu(input(2, 4), { training: true }), "RreluWithNoiseBackward0"],
    ["elu in place", () => F.elu_(input(2).mul(1)), "EluBackward1"],
    ["selu in place", () => F.selu_(input(2).mul(1)), "EluBackward1"],
    ["celu in place", () => F.celu_(input(2).mul(1)), "CeluBackward1"],
    ["leakyRelu in place", () => F.leakyRelu_(input(2).mul(1)), "LeakyReluBackward1"],
    ["bilinear without a bias", () => F.bilinear(input(5, 2), input(5, 3), rand(4, 2, 3)), "ViewBackward0"],
    ["nllLoss, one by one", () => F.nllLoss(input(3, 4), at(0, 1, 2), { reduction: "none" }), "NllLossBackward0"],
    [
      "nllLoss with weights, one by one",
      () => F.nllLoss(input(3, 4), at(0, 1, 2), ones(4), { reduction: "none" }),
      "NllLossBackward0",
    ],
    [
      "crossEntropy of images, one by one",
      () => F.crossEntropy(input(1, 3, 2, 2), zeros(1, 2, 2, int), { reduction: "none" }),
      "NllLoss2DBackward0",
    ],
    ["crossEntropy with probabilities", () => F.crossEntropy(input(3, 4), rand(3, 4)), "DivBackward1"],
    [
      "ctcLoss without infinities",
      () =>
        F.ctcLoss(input(5, 2, 3).logSoftmax(2), at(1, 2).view(2, 1), at(5, 5), at(1, 1), {
          reduction: "none",
          zeroInfinity: true,
        }),
      "WhereBackward0",
    ],
    ["linear of a vector", () => F.linear(input(3), rand(4, 3), rand(4)), "AddBackward0"],
    ["linear of a vector without a bias", () => F.linear(input(3), rand(4, 3)), "SqueezeBackward3"],
    ["vector times matrix", () => all.matmul(input(3), rand(3, 4)), "SqueezeBackward3"],
    ["einsum that sums", () => einsum("ij->i", input(2, 3)), "SumBackward1"],
    ["einsum that sums a diagonal", () => einsum("ii->", input(3, 3)), "SumBackward1"],
    ["einsum that permutes", () => einsum("ij->ji", input(2, 3)), "PermuteBackward0"],
    ["einsum as a matrix product", () => einsum("ij,jk->ik", input(2, 3), rand(3, 4)), "ViewBackward0"],
    ["einsum of three", () => einsum("i,ij,j->", input(2), rand(2, 3), rand(3)), "ViewBackward0"],
    ["einsum as an outer product", () => einsum("i,j->ij", input(2), rand(3)), "MulBackward0"],
    ["einsum, element by element", () => einsum("ij,ij->ij", input(2, 3), rand(2, 3)), "MulBackward0"],
    ["quantile", () => input(3, 4).quantile(0.5), "SqueezeBackward3"],
    ["several quantiles", () => input(3, 4).quantile(tensor([0.1, 0.5]), 1), "SqueezeBackward3"],
    ["nanquantile", () => input(3, 4).nanquantile(0.5, 0, true), "SqueezeBackward3"],
    ["stable sort", () => all.sort(input(3), { stable: true }).values, "SortBackward1"],
    ["rot90", () => all.rot90(input(2, 2)), "Rot90Backward0"],
    ["rot90, not at all", () => all.rot90(input(2, 2), 4), "Rot90Backward0"],
    ["repeatInterleave", () => all.repeatInterleave(input(3), 2), "IndexSelectBackward0"],
    ["maskedFill with a tensor", () => input(2).maskedFill(tensor([true, false]), tensor(1)), "MaskedFillBackward1"],
    ["fill", () => all.fill(input(2), 1), "FillBackward0"],
    ["fill_ with a tensor", () => input(2).mul(1).fill_(tensor(1)), "FillBackward3"],
    ["put", () => all.put(input(3), at(1), rand(1)), "PutBackward0"],
    ["take of a matrix of positions", () => all.take(input(3), at(1, 0).view(2, 1)), "TakeBackward0"],
    ["indexAdd of a number", () => all.indexAdd(input(), 0, at(0), rand(1).view([])), "IndexAddBackward0"],
    ["scatterAdd of a number", () => all.scatterAdd(input(), 0, at(0).view([]), rand()), "ScatterAddBackward0"],
    ["indexReduce", () => all.indexReduce(input(2), 0, at(0), rand(1), "amax"), "IndexReduceBackward0"],
    ["segmentReduce", () => all.segmentReduce(input(3), "mean", { lengths: at(2, 1) }), "SegmentReduceBackward0"],
    ["diagflat", () => all.diagflat(input(2)), "DiagBackward0"],
    ["blockDiag", () => all.blockDiag(input(1, 1), input(1, 2)), "BlockDiagBackward0"],
    ["combinations", () => all.combinations(input(3)), "StackBackward0"],
    ["trapezoid", () => all.trapezoid(input(3), rand(3)), "DivBackward1"],
    ["trapezoid with a distance", () => all.trapezoid(input(3), { dx: 2 }), "MulBackward1"],
    ["cross", () => all.cross(input(3), rand(3)), "LinalgCrossBackward0"],
    ["multiDot", () => linalg.multiDot([input(2, 3), rand(3, 4), rand(4, 2)]), "ViewBackward0"],
    ["linalg.vecdot", () => linalg.vecdot(input(3), rand(3)), "VdotBackward0"],
    ["linalg.vander", () => linalg.vander(input(3)), "CatBackward0"],
    ["linalg.solve", () => linalg.solve(matrix(), rand(3)), "LinalgSolveExBackward0"],
    ["linalg.luSolve", () => linalg.luSolve(input(2, 2), at(1, 2), rand(2, 1)), "LinalgLuSolveBackward0"],
    [
      "linalg.luSolve from the right",
      () => linalg.luSolve(input(2, 2), at(1, 2), rand(1, 2), { left: false }),
      "LinalgLuSolveBackward0",
    ],
    [
      "linalg.solveTriangular from the right",
      () => linalg.solveTriangular(matrix(), rand(2, 3), { upper: true, left: false }),
      "LinalgSolveTriangularBackward0",
    ],
    ["triangularSolve", () => all.triangularSolve(rand(3, 1), matrix()).solution, "TriangularSolveBackward0"],
    ["linalg.lu", () => linalg.lu(matrix()).U, "LinalgLuBackward0"],
    ["luUnpack", () => all.luUnpack(input(2, 2), at(1, 2)).L, "LuUnpackBackward0"],
    ["cholesky", () => all.cholesky(all.eye(2).requiresGrad_()), "CholeskyBackward0"],
    ["linalg.cond", () => linalg.cond(matrix()), "SqueezeBackward1"],
    ["squeeze_", () => input(1, 2).mul(1).squeeze_(), "SqueezeBackward2"],
    ["squeeze_(dim)", () => input(1, 2).mul(1).squeeze_(0), "SqueezeBackward3"],
    ["unsqueeze_", () => input(2).mul(1).unsqueeze_(0), "UnsqueezeBackward1"],
    ["transpose_", () => input(2, 3).mul(1).transpose_(0, 1), "TransposeBackward1"],
    ["t_", () => input(2, 3).mul(1).t_(), "TBackward1"],
    ["bernoulli_", () => input(2).mul(1).bernoulli_(), "BernoulliBackward2"],
  ])("232 %s is named as PyTorch does", (_, op, name) => {
    expect(op().gradFn!.name()).toBe(name);
  });

  it.each<[string, () => readonly Tensor[], readonly string[]]>([
    ["RNN", () => new nn.RNN(2, 3)(input(4, 1, 2)), ["StackBackward0", "StackBackward0"]],
    ["GRU", () => new nn.GRU(2, 3)(input(4, 1, 2)), ["StackBackward0", "StackBackward0"]],
    [
      "GRU, batch first",
      () => new nn.GRU(2, 3, { batchFirst: true })(input(1, 4, 2)),
      ["TransposeBackward1", "StackBackward0"],
    ],
    ["GRU of one sequence", () => new nn.GRU(2, 3)(input(4, 2)), ["SqueezeBackward1", "SqueezeBackward1"]],
    [
      "bidirectional RNN",
      () => new nn.RNN(2, 3, { bidirectional: true })(input(4, 1, 2)),
      ["CatBackward0", "StackBackward0"],
    ],
    ["LSTM", () => new nn.LSTM(2, 3)(input(4, 1, 2)).flat(), ["StackBackward0", "StackBackward0", "StackBackward0"]],
    [
      "LSTM, batch first",
      () => new nn.LSTM(2, 3, { batchFirst: true })(input(1, 4, 2)).flat(),
      ["TransposeBackward0", "StackBackward0", "StackBackward0"],
    ],
    ["LSTMCell", () => new nn.LSTMCell(2, 3)(input(1, 2)), ["MulBackward0", "AddBackward0"]],
    [
      "attention",
      () => new nn.MultiheadAttention(4, 2)(input(3, 1, 4), input(3, 1, 4), input(3, 1, 4)) as [Tensor, Tensor],
      ["ViewBackward0", "DivBackward0"],
    ],
  ])("232 outputs of %s are named as PyTorch does", (_, run, names) => {
    expect(run().map((t) => t.gradFn!.name())).toEqual(names);
  });

  it("232 a composite that returns its input leaves the name of that alone", () => {
    const x = input(3).exp();
    F.dropout3d(x.view(1, 1, 1, 1, 3), 0.5, false);
    expect(x.sumToSize(3).gradFn!.name()).toBe("ExpBackward0");
    F.maxPool1d(x.view(1, 1, 3), 1);
    expect(x.gradFn!.name()).toBe("ExpBackward0");
  });
});
