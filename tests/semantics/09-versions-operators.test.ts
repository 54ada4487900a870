import { describe, expect, it } from "vitest";
import * as all from "../../bindings/index.ts";
import { autograd, linalg, nn, noGrad, onesLike, rand, type Tensor, tensor } from "../../bindings/index.ts";

const F = nn.functional;
const MODIFIED = /one of the variables needed for gradient computation has been modified by an inplace operation/;

type Op = (...inputs: Tensor[]) => Tensor;

/** No leaf, so that it may be written to. */
function input(...shape: number[]): Tensor {
  return rand(...shape)
    .requiresGrad_()
    .mul(1);
}

const at = (...values: number[]): Tensor => tensor(values, { dtype: "int32" });

/** Whether backward refuses each input, and the result, once it has been written to. */
function refused(op: Op, makeInputs: () => Tensor[]): string {
  const tries = Array.from({ length: makeInputs().length + 1 }, (_, k) => {
    const inputs = makeInputs();
    const result = op(...inputs);
    const changed = [...inputs, result][k];
    noGrad(() => changed.copy_(changed.clone()));
    try {
      autograd.backward(result, onesLike(result));
      return false;
    } catch (error) {
      expect((error as Error).message).toMatch(MODIFIED);
      return true;
    }
  });
  const inputs = tries.slice(0, -1).flatMap((isRefused, k) => (isRefused ? [String(k)] : []));
  return [...inputs, ...(tries.at(-1) ? ["result"] : [])].join(" ");
}

/** What PyTorch 1.13 saves, found by the same means; some of it its derivatives read for the shape only. */
describe("what operators save", () => {
  it.each<[string, Op, () => Tensor[], string]>([
    ["gather", (x, i) => x.gather(0, i), () => [input(3), at(2, 0)], "0 1"],
    ["takeAlongDim", (x, i) => all.takeAlongDim(x, i, 0), () => [input(3), at(2, 0)], "0 1"],
    ["take", (x) => all.take(x, at(2, 0)), () => [input(3)], "0"],
    ["maskedSelect", (x) => x.maskedSelect(tensor([true, false])), () => [input(2)], "0"],
    ["cummax", (x) => all.cummax(x, 0).values, () => [input(3)], "0"],
    ["cummin", (x) => all.cummin(x, 0).values, () => [input(3)], "0"],
    ["maxPool1d", (x) => F.maxPool1d(x, 2), () => [input(1, 1, 4)], "0"],
    ["maxPool2d", (x) => F.maxPool2d(x, 2), () => [input(1, 1, 4, 4)], "0"],
    ["avgPool1d", (x) => F.avgPool1d(x, 2), () => [input(1, 1, 4)], "0"],
    ["avgPool2d", (x) => F.avgPool2d(x, 2), () => [input(1, 1, 4, 4)], "0"],
    ["avgPool3d", (x) => F.avgPool3d(x, 2), () => [input(1, 1, 2, 2, 2)], "0"],
    ["adaptiveAvgPool2d", (x) => F.adaptiveAvgPool2d(x, 2), () => [input(1, 1, 4, 4)], "0"],
    ["uneven adaptiveAvgPool2d", (x) => F.adaptiveAvgPool2d(x, 3), () => [input(1, 1, 4, 4)], "0"],
    ["adaptiveMaxPool2d", (x) => F.adaptiveMaxPool2d(x, 2), () => [input(1, 1, 4, 4)], "0"],
    ["uneven adaptiveMaxPool2d", (x) => F.adaptiveMaxPool2d(x, 3), () => [input(1, 1, 4, 4)], "0"],
    ["reflection padding", (x) => F.pad(x, [1, 1], "reflect"), () => [input(1, 1, 4)], "0"],
    ["circular padding", (x) => F.pad(x, [1, 1], "circular"), () => [input(1, 1, 4)], ""],
    ["dist", (x, y) => all.dist(x, y), () => [input(3), input(3)], "0 1 result"],
    ["pdist", (x) => all.pdist(x), () => [input(3, 2)], "0 result"],
    ["cosineSimilarity", (x, y) => all.cosineSimilarity(x, y), () => [input(2, 3), input(2, 3)], "0 1"],
    ["cross", (x, y) => linalg.cross(x, y), () => [input(3), input(3)], "0 1"],
    ["bilinear", (x, y, w) => F.bilinear(x, y, w), () => [input(2, 3), input(2, 2), input(4, 3, 2)], "0 1 2"],
    ["gridSample", (x, g) => F.gridSample(x, g), () => [input(1, 1, 2, 2), input(1, 1, 1, 2)], "0 1"],
    ["hardshrink", (x) => F.hardshrink(x), () => [input(3)], "0"],
    ["threshold", (x) => F.threshold(x, 0.5, 0), () => [input(3)], "0"],
    ["nllLoss of images", (x) => F.nllLoss(x, at(0, 1).view(1, 2, 1)), () => [input(1, 2, 2, 1)], "0"],
    ["layerNorm", (x, w, b) => F.layerNorm(x, [3], w, b), () => [input(2, 3), input(3), input(3)], "0 1 2"],
    ["layerNorm with a bias only", (x, b) => F.layerNorm(x, [3], null, b), () => [input(2, 3), input(3)], "0 1"],
    ["div, rounded", (x, y) => x.div(y, { roundingMode: "floor" }), () => [input(3), input(3)], "0 1"],
    ["div by a constant, rounded", (x, y) => x.div(y, { roundingMode: "trunc" }), () => [input(3), rand(3)], "1"],
    ["copysign", (x, y) => all.copysign(x, y), () => [input(3), input(3)], "0 result"],
    ["pow of a number", (x) => all.pow(2, x), () => [input(3)], "0 result"],
    ["nansum", (x) => all.nansum(x), () => [input(3)], "0"],
    ["indexAdd", (x, s) => all.indexAdd(x, 0, at(1), s), () => [input(3), input(1)], "1"],
    ["indexAdd with alpha", (x, s) => all.indexAdd(x, 0, at(1), s, { alpha: 2 }), () => [input(3), input(1)], "1"],
    ["indexAdd of a constant", (x, s) => all.indexAdd(x, 0, at(1), s), () => [input(3), rand(1)], ""],
    ["indexCopy", (x, s) => all.indexCopy(x, 0, at(1), s), () => [input(3), input(1)], "1"],
    ["put", (x, s) => all.put(x, at(1), s), () => [input(3), input(1)], "1"],
    ["indexPut", (x, s) => all.indexPut(x, [at(1)], s), () => [input(3), input(1)], ""],
    ["scatterReduce", (x, s) => all.scatterReduce(x, 0, at(1), s, "sum"), () => [input(3), input(1)], "0 1 result"],
    [
      "scatterReduce, mean",
      (x, s) => all.scatterReduce(x, 0, at(1), s, "mean"),
      () => [input(3), input(1)],
      "0 1 result",
    ],
    ["linalg.det", (x) => linalg.det(x), () => [input(2, 2)], "0 result"],
    ["linalg.qr", (x) => linalg.qr(x).Q, () => [input(2, 2)], "result"],
    ["choleskySolve", (b, l) => all.choleskySolve(b, l), () => [input(2, 1), input(2, 2)], "0 1 result"],
    ["triangularSolve", (b, a) => all.triangularSolve(b, a).solution, () => [input(2, 1), input(2, 2)], "0 1 result"],
    [
      "linalg.solveTriangular",
      (a, b) => linalg.solveTriangular(a, b, { upper: true }),
      () => [input(2, 2), input(2, 1)],
      "0 result",
    ],
  ])("87 %s", (_, op, makeInputs, expected) => {
    expect(refused(op, makeInputs)).toBe(expected);
  });

  it("87 ctcLoss saves its targets", () => {
    const targets = at(1, 2).view(2, 1);
    const loss = F.ctcLoss(input(5, 2, 3).logSoftmax(2), targets, at(5, 5), at(1, 1));
    targets.add_(0);
    expect(() => loss.backward()).toThrow(MODIFIED);
  });

  it("87 newer versions of PyTorch do not mind a table of embeddings that has changed, or what a mean was taken of", () => {
    expect(
      refused(
        (w) => F.embedding(at(0, 1), w),
        () => [input(3, 2)],
      ),
    ).toBe("");
    expect(
      refused(
        (x) => x.mean(0),
        () => [input(3, 2)],
      ),
    ).toBe("");
  });

  it("87 in place, what is overwritten is no change of what was saved", () => {
    const x = tensor([5, 7], { requiresGrad: true });
    const y = x.mul(1);
    y.div_(tensor([2, 2]), { roundingMode: "floor" });
    y.sum().backward();
    expect(x.grad!.tolist()).toEqual([0, 0]);
  });

  it("40 what PyTorch saves cannot be walked again", () => {
    const y = F.avgPool2d(input(1, 1, 2, 2), 2).sum();
    y.backward();
    expect(() => y.backward()).toThrow(/Trying to backward through the graph a second time/);
  });

  it("73 nor may it be an inference tensor", () => {
    const index = all.inferenceMode(() => at(0));
    const frozen = all.inferenceMode(() => rand(3));
    expect(() => frozen.gather(0, index)).not.toThrow();
    expect(() => all.indexAdd(input(3), 0, at(1), frozen.narrow(0, 0, 1))).not.toThrow();
    for (const weight of [null, rand(3)]) {
      const norm = (): Tensor => F.layerNorm(input(2, 3), [3], weight, frozen);
      expect(norm).toThrow(/Inference tensors cannot be saved for backward/);
    }
  });
});
