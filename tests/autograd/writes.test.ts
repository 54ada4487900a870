/**
 * Writing to what an operation has read or returned: backward refuses, or it had no need of what was there. That it gives
 * another gradient without a word is what version counters are for.
 */
import { describe, expect, it } from "vitest";
import * as tapegrad from "../../bindings/index.ts";
import { eye, linalg, manualSeed, nn, noGrad, rand, type Tensor, tensor } from "../../bindings/index.ts";

const F = nn.functional;
const MODIFIED = /one of the variables needed for gradient computation has been modified by an inplace operation/;

const positive = (...shape: number[]): Tensor => rand(...shape).add(0.1);
const ints = (data: tapegrad.TensorData): Tensor => tensor(data, { dtype: "int32" });
const bools = (data: number[]): Tensor => tensor(data, { dtype: "bool" });

type Case = [name: string, f: (...args: Tensor[]) => Tensor, inputs: () => Tensor[]];

const CASES: Case[] = [
  ["nllLoss", (x, t, w) => F.nllLoss(x, t, w), () => [positive(3, 4), ints([0, 1, 2]), positive(4)]],
  ["crossEntropy", (x, t, w) => F.crossEntropy(x, t, w), () => [positive(3, 4), ints([0, 1, 2]), positive(4)]],
  [
    "crossEntropySmooth",
    (x, t, w) => F.crossEntropy(x, t, { weight: w, labelSmoothing: 0.1 }),
    () => [positive(3, 4), ints([0, 1, 2]), positive(4)],
  ],
  ["crossEntropyProb", (x, t) => F.crossEntropy(x, t), () => [positive(3, 4), positive(3, 4)]],
  ["maskedSelect", (x, m) => x.maskedSelect(m), () => [positive(3), bools([1, 0, 1])]],
  ["maskedFill", (x, m) => x.maskedFill(m, 2), () => [positive(3), bools([1, 0, 1])]],
  ["maskedScatter", (x, m, s) => x.maskedScatter(m, s), () => [positive(3), bools([1, 0, 1]), positive(3)]],
  ["where", (m, x, y) => tapegrad.where(m, x, y), () => [bools([1, 0, 1]), positive(3), positive(3)]],
  ["gather", (x, i) => x.gather(0, i), () => [positive(3), ints([0, 2])]],
  ["indexSelect", (x, i) => x.indexSelect(0, i), () => [positive(3), ints([0, 2])]],
  ["take", (x, i) => x.take(i), () => [positive(3), ints([0, 2])]],
  ["indexAdd", (x, i, s) => x.indexAdd(0, i, s), () => [positive(3), ints([0, 2]), positive(2)]],
  ["indexCopy", (x, i, s) => x.indexCopy(0, i, s), () => [positive(3), ints([0, 2]), positive(2)]],
  ["indexFill", (x, i) => x.indexFill(0, i, 1), () => [positive(3), ints([0, 2])]],
  ["scatter", (x, i, s) => x.scatter(0, i, s), () => [positive(3), ints([0, 2]), positive(2)]],
  ["scatterAdd", (x, i, s) => x.scatterAdd(0, i, s), () => [positive(3), ints([0, 2]), positive(2)]],
  ["scatterReduce", (x, i, s) => x.scatterReduce(0, i, s, "prod"), () => [positive(3), ints([0, 2]), positive(2)]],
  ["embedding", (i, w) => F.embedding(i, w), () => [ints([0, 2]), positive(3, 2)]],
  ["embeddingBag", (i, w, o) => F.embeddingBag(i, w, o), () => [ints([0, 2, 1]), positive(3, 2), ints([0, 2])]],
  ["index", (x, i) => x.index(i), () => [positive(3), ints([0, 2])]],
  ["indexMask", (x, m) => x.index(m), () => [positive(3), bools([1, 0, 1])]],
  [
    "batchNormEval",
    (x, m, v, w, b) => F.batchNorm(x, m, v, w, b, false),
    () => [positive(3, 4), positive(4), positive(4), positive(4), positive(4)],
  ],
  [
    "batchNormTrain",
    (x, m, v, w, b) => F.batchNorm(x, m, v, w, b, true),
    () => [positive(3, 4), positive(4), positive(4), positive(4), positive(4)],
  ],
  [
    "instanceNorm",
    (x, m, v, w, b) => F.instanceNorm(x, m, v, w, b, true),
    () => [positive(3, 4, 5), positive(4), positive(4), positive(4), positive(4)],
  ],
  ["layerNorm", (x, w, b) => F.layerNorm(x, [4], w, b), () => [positive(3, 4), positive(4), positive(4)]],
  ["groupNorm", (x, w, b) => F.groupNorm(x, 2, w, b), () => [positive(3, 4), positive(4), positive(4)]],
  ["bce", (x, t, w) => F.binaryCrossEntropy(x.mul(0.5), t, w), () => [positive(3), positive(3).mul(0.5), positive(3)]],
  [
    "bceLogits",
    (x, t, w, p) => F.binaryCrossEntropyWithLogits(x, t, { weight: w, posWeight: p }),
    () => [positive(3), positive(3), positive(3), positive(3)],
  ],
  ["mse", (x, t) => F.mseLoss(x, t), () => [positive(3), positive(3)]],
  ["l1", (x, t) => F.l1Loss(x, t), () => [positive(3), positive(3)]],
  ["smoothL1", (x, t) => F.smoothL1Loss(x, t), () => [positive(3), positive(3)]],
  ["huber", (x, t) => F.huberLoss(x, t), () => [positive(3), positive(3)]],
  ["klDiv", (x, t) => F.klDiv(x, t, { reduction: "batchmean" }), () => [positive(3), positive(3)]],
  ["poisson", (x, t) => F.poissonNllLoss(x, t), () => [positive(3), positive(3)]],
  ["gaussian", (x, t, v) => F.gaussianNllLoss(x, t, v), () => [positive(3), positive(3), positive(3)]],
  ["hingeEmbedding", (x, t) => F.hingeEmbeddingLoss(x, t), () => [positive(3), tensor([1, -1, 1])]],
  ["marginRanking", (x, y, t) => F.marginRankingLoss(x, y, t), () => [positive(3), positive(3), tensor([1, -1, 1])]],
  ["softMargin", (x, t) => F.softMarginLoss(x, t), () => [positive(3), tensor([1, -1, 1])]],
  [
    "multiMargin",
    (x, t, w) => F.multiMarginLoss(x, t, { weight: w }),
    () => [positive(3, 4), ints([0, 1, 2]), positive(4)],
  ],
  [
    "multilabelMargin",
    (x, t) => F.multilabelMarginLoss(x, t),
    () => [
      positive(2, 3),
      ints([
        [0, -1, 1],
        [1, 2, -1],
      ]),
    ],
  ],
  [
    "cosineEmbedding",
    (x, y, t) => F.cosineEmbeddingLoss(x, y, t),
    () => [positive(3, 4), positive(3, 4), tensor([1, -1, 1])],
  ],
  ["triplet", (a, b, c) => F.tripletMarginLoss(a, b, c), () => [positive(3, 4), positive(3, 4), positive(3, 4)]],
  ["ctc", (x, t) => F.ctcLoss(x.logSoftmax(2), t, [4], [2]), () => [positive(4, 1, 3), ints([[1, 2]])]],
  ["prelu", (x, w) => F.prelu(x.sub(0.5), w), () => [positive(3, 4), positive(4)]],
  ["linear", (x, w, b) => F.linear(x, w, b), () => [positive(3, 4), positive(2, 4), positive(2)]],
  [
    "bilinear",
    (x, y, w, b) => F.bilinear(x, y, w, b),
    () => [positive(3, 4), positive(3, 2), positive(5, 4, 2), positive(5)],
  ],
  ["conv1d", (x, w, b) => F.conv1d(x, w, b), () => [positive(1, 2, 5), positive(3, 2, 2), positive(3)]],
  [
    "convTranspose1d",
    (x, w, b) => F.convTranspose1d(x, w, b),
    () => [positive(1, 2, 5), positive(2, 3, 2), positive(3)],
  ],
  [
    "gridSample",
    (x, g) => F.gridSample(x, g.mul(2).sub(1), { alignCorners: false }),
    () => [positive(1, 1, 3, 3), positive(1, 2, 2, 2)],
  ],
  ["lerp", (x, y, w) => tapegrad.lerp(x, y, w), () => [positive(3), positive(3), positive(3)]],
  ["addcmul", (x, y, w) => tapegrad.addcmul(x, y, w), () => [positive(3), positive(3), positive(3)]],
  ["addcdiv", (x, y, w) => tapegrad.addcdiv(x, y, w), () => [positive(3), positive(3), positive(3)]],
  ["addmm", (x, y, w) => tapegrad.addmm(x, y, w), () => [positive(2, 2), positive(2, 2), positive(2, 2)]],
  ["baddbmm", (x, y, w) => tapegrad.baddbmm(x, y, w), () => [positive(1, 2, 2), positive(1, 2, 2), positive(1, 2, 2)]],
  ["clampT", (x, y, w) => x.clamp(y, w), () => [positive(3), positive(3).mul(0.1), positive(3).add(1)]],
  ["xlogy", (x, y) => tapegrad.xlogy(x, y), () => [positive(3), positive(3)]],
  ["atan2", (x, y) => tapegrad.atan2(x, y), () => [positive(3), positive(3)]],
  ["fmod", (x, y) => tapegrad.fmod(x, y), () => [positive(3), positive(3)]],
  ["remainder", (x, y) => tapegrad.remainder(x, y), () => [positive(3), positive(3)]],
  ["hypot", (x, y) => tapegrad.hypot(x, y), () => [positive(3), positive(3)]],
  ["maximum", (x, y) => tapegrad.maximum(x, y), () => [positive(3), positive(3)]],
  ["fmax", (x, y) => tapegrad.fmax(x, y), () => [positive(3), positive(3)]],
  ["logaddexp", (x, y) => tapegrad.logaddexp(x, y), () => [positive(3), positive(3)]],
  ["logaddexp2", (x, y) => tapegrad.logaddexp2(x, y), () => [positive(3), positive(3)]],
  ["copysign", (x, y) => tapegrad.copysign(x, y), () => [positive(3), positive(3)]],
  ["cross", (x, y) => tapegrad.cross(x, y, 0), () => [positive(3), positive(3)]],
  ["cdist", (x, y) => tapegrad.cdist(x, y), () => [positive(3, 2), positive(3, 2)]],
  ["dist", (x, y) => tapegrad.dist(x, y), () => [positive(3), positive(3)]],
  ["cosineSimilarity", (x, y) => F.cosineSimilarity(x, y, 0), () => [positive(3), positive(3)]],
  ["kron", (x, y) => tapegrad.kron(x, y), () => [positive(2, 2), positive(2, 2)]],
  ["einsum", (x, y) => tapegrad.einsum("ij,jk->ik", x, y), () => [positive(2, 2), positive(2, 2)]],
  ["tensordot", (x, y) => tapegrad.tensordot(x, y, 1), () => [positive(2, 2), positive(2, 2)]],
  ["dot", (x, y) => tapegrad.dot(x, y), () => [positive(3), positive(3)]],
  ["mv", (x, y) => tapegrad.mv(x, y), () => [positive(2, 2), positive(2)]],
  ["outer", (x, y) => tapegrad.outer(x, y), () => [positive(2), positive(2)]],
  ["takeAlongDim", (x, i) => tapegrad.takeAlongDim(x, i, 0), () => [positive(3), ints([0, 2])]],
  ["indexPut", (x, i, v) => x.indexPut([i], v), () => [positive(3), ints([0, 2]), positive(2)]],
  ["put", (x, i, v) => x.put(i, v), () => [positive(3), ints([0, 2]), positive(2)]],
  ["maxUnpool", (x, i) => F.maxUnpool1d(x, i, 2), () => [positive(1, 1, 2), ints([[[0, 3]]])]],
  ["repeatInterleave", (x, i) => x.repeatInterleave(i), () => [positive(3), ints([0, 2, 1])]],
  ["solve", (a, b) => linalg.solve(a, b), () => [eye(2).add(positive(2, 2)), positive(2, 2)]],
  [
    "triangularSolve",
    (a, b) => linalg.solveTriangular(a, b, { upper: true }),
    () => [eye(2).add(positive(2, 2)), positive(2, 2)],
  ],
  ["choleskySolve", (b, a) => tapegrad.choleskySolve(b, a), () => [positive(2, 2), eye(2).add(0.1)]],
  [
    "sdpa",
    (q, k, v) => F.scaledDotProductAttention(q, k, v),
    () => [positive(1, 2, 3), positive(1, 2, 3), positive(1, 2, 3)],
  ],
  ["ldexp", (x, y) => tapegrad.ldexp(x, y), () => [positive(3), ints([0, 2, 1])]],
  ["polygamma", (x) => tapegrad.polygamma(1, x), () => [positive(3)]],
  ["igamma", (a, x) => tapegrad.igamma(a.detach(), x), () => [positive(3), positive(3)]],
  ["floatPower", (a, x) => tapegrad.floatPower(a, x), () => [positive(3), positive(3)]],
  ["pow", (a, x) => tapegrad.pow(a, x), () => [positive(3), positive(3)]],
  ["div", (a, x) => tapegrad.div(a, x), () => [positive(3), positive(3)]],
  ["dropout", (a) => F.dropout(a), () => [positive(3)]],
  ["segmentReduce", (a, l) => tapegrad.segmentReduce(a, "max", { lengths: l }), () => [positive(3), ints([1, 2])]],
  ["unfold", (a) => F.unfold(a, 2), () => [positive(1, 1, 3, 3)]],
  ["nanToNum", (a) => tapegrad.nanToNum(a), () => [positive(3)]],
  ["quantile", (a, q) => tapegrad.quantile(a, q), () => [positive(5), positive(2).mul(0.5)]],
  ["gelu", (a) => F.gelu(a), () => [positive(5)]],
  ["logcumsumexp", (a) => tapegrad.logcumsumexp(a, 0), () => [positive(5)]],
  ["cumprod", (a) => tapegrad.cumprod(a, 0), () => [positive(5)]],
  ["prod", (a) => tapegrad.prod(a), () => [positive(5)]],
  ["normalize", (a) => F.normalize(a, { dim: 0 }), () => [positive(5)]],
  ["renorm", (a) => tapegrad.renorm(a, 2, 0, 1), () => [positive(2, 5)]],
  ["var", (a) => tapegrad.var(a), () => [positive(5)]],
  ["std", (a) => tapegrad.std(a), () => [positive(5)]],
  ["logsumexp", (a) => tapegrad.logsumexp(a, 0), () => [positive(5)]],
];

function overwrite(target: Tensor): void {
  noGrad(() => {
    if (target.dtype === "bool") target.copy_(target.logicalNot());
    else if (target.dtype === "int32") target.copy_(target.eq(0).int());
    else target.mul_(1.7);
  });
}

/** The gradients of all float inputs, after something was written to. Inputs are no leaves: those could not be written to. */
function gradients([, f, inputs]: Case, write: (args: Tensor[], result: Tensor) => void): unknown[] {
  manualSeed(0);
  const leaves = inputs();
  for (const leaf of leaves) if (leaf.dtype === "float32") leaf.requiresGrad_();
  const args = leaves.map((leaf) => (leaf.requiresGrad ? leaf.mul(1) : leaf));
  const result = f(...args);
  write(args, result);
  result.sum().backward();
  return leaves.map((leaf) => leaf.grad?.tolist());
}

describe("a write between forward and backward is refused or changes no gradient", () => {
  it.each(CASES)("%s", (...each) => {
    const expected = gradients(each, () => undefined);
    const targets = [...expected.keys(), -1];
    for (const target of targets) {
      try {
        const found = gradients(each, (args, result) => overwrite(target < 0 ? result : args[target]));
        expect(found, `written to: ${target < 0 ? "the result" : `argument ${target}`}`).toEqual(expected);
      } catch (error) {
        if (!MODIFIED.test((error as Error).message)) throw error;
      }
    }
  });
});
