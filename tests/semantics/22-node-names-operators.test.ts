import { describe, expect, it } from "vitest";
import { arange, linalg, nn, ones, rsub, type Tensor, tensor, zeros } from "../../bindings/index.ts";

const F = nn.functional;
const grad = { requiresGrad: true };

function image(x: Tensor): Tensor {
  return x.view(1, 1, 2, 2);
}

describe("names of gradFn: further operators", () => {
  it.each([
    ["prod(dim)", (x: Tensor) => x.prod(0), "ProdBackward1"],
    ["norm", (x: Tensor) => x.norm(), "NormBackward1"],
    ["1 - x", (x: Tensor) => rsub(x, 1), "RsubBackward1"],
    ["squeeze(dim)", (x: Tensor) => x.unsqueeze(0).squeeze(0), "SqueezeBackward1"],
    ["nearest upsampling", (x: Tensor) => F.interpolate(image(x), { scaleFactor: 2 }), "UpsampleNearest2DBackward1"],
    ["relu6", (x: Tensor) => F.relu6(x), "HardtanhBackward0"],
    ["hardtanh", (x: Tensor) => F.hardtanh(x), "HardtanhBackward0"],
    ["selu", (x: Tensor) => F.selu(x), "EluBackward0"],
    ["square", (x: Tensor) => x.square(), "PowBackward0"],
    ["chunk", (x: Tensor) => x.chunk(2)[0], "SplitBackward0"],
    ["advanced indexing", (x: Tensor) => x.index(tensor([0], { dtype: "int32" })), "IndexBackward0"],
    ["linear on 3-d", (x: Tensor) => F.linear(x.view(1, 2, 2), ones([3, 2]), ones([3])), "ViewBackward0"],
    ["convolution", (x: Tensor) => F.conv2d(image(x), ones([1, 1, 1, 1])), "ConvolutionBackward0"],
    ["max pooling", (x: Tensor) => F.maxPool2d(image(x), 2), "MaxPool2DWithIndicesBackward0"],
    ["average pooling", (x: Tensor) => F.avgPool2d(image(x), 2), "AvgPool2DBackward0"],
    [
      "batch norm",
      (x: Tensor) => F.batchNorm(x, zeros([2]), ones([2]), { training: true }),
      "NativeBatchNormBackward0",
    ],
    ["layer norm", (x: Tensor) => F.layerNorm(x, [2]), "NativeLayerNormBackward0"],
    ["group norm", (x: Tensor) => F.groupNorm(x, 1), "NativeGroupNormBackward0"],
    ["dropout", (x: Tensor) => F.dropout(x, 0.5), "MulBackward0"],
    ["constant pad", (x: Tensor) => F.pad(x, [1, 1]), "ConstantPadNdBackward0"],
    ["log1p", (x: Tensor) => x.log1p(), "Log1PBackward0"],
    ["nllLoss", (x: Tensor) => F.nllLoss(x, tensor([0, 1], { dtype: "int32" })), "NllLossBackward0"],
    ["crossEntropy", (x: Tensor) => F.crossEntropy(x, tensor([0, 1], { dtype: "int32" })), "NllLossBackward0"],
    ["l1Loss", (x: Tensor) => F.l1Loss(x, zeros([2, 2])), "MeanBackward0"],
    ["mseLoss", (x: Tensor) => F.mseLoss(x, zeros([2, 2])), "MseLossBackward0"],
    ["smoothL1Loss", (x: Tensor) => F.smoothL1Loss(x, zeros([2, 2])), "SmoothL1LossBackward0"],
    [
      "binaryCrossEntropy",
      (x: Tensor) => F.binaryCrossEntropy(x.sigmoid(), zeros([2, 2])),
      "BinaryCrossEntropyBackward0",
    ],
    [
      "binaryCrossEntropyWithLogits",
      (x: Tensor) => F.binaryCrossEntropyWithLogits(x, zeros([2, 2])),
      "BinaryCrossEntropyWithLogitsBackward0",
    ],
    ["prelu", (x: Tensor) => F.prelu(x, ones([1])), "PreluBackward0"],
    ["hardshrink", (x: Tensor) => F.hardshrink(x), "HardshrinkBackward0"],
    ["softshrink", (x: Tensor) => F.softshrink(x), "SoftshrinkBackward0"],
    ["threshold", (x: Tensor) => F.threshold(x, 1, 0), "ThresholdBackward0"],
    ["unfold", (x: Tensor) => F.unfold(image(x), 2), "Im2ColBackward0"],
    ["fold", (x: Tensor) => F.fold(x.view(1, 4, 1), 2, 2), "Col2ImBackward0"],
    ["gridSample", (x: Tensor) => F.gridSample(image(x), zeros([1, 1, 1, 2])), "GridSampler2DBackward0"],
    ["embeddingBag", (x: Tensor) => F.embeddingBag(zeros([1, 1], { dtype: "int32" }), x), "EmbeddingBagBackward0"],
    ["adaptive pooling", (x: Tensor) => F.adaptiveAvgPool2d(image(x), [1, 2]), "AdaptiveAvgPool2DBackward0"],
    ["unpooling", (x: Tensor) => F.maxUnpool2d(image(x), arange(4).view(1, 1, 2, 2), 2), "MaxUnpool2DBackward0"],
    [
      "bilinear upsampling",
      (x: Tensor) => F.interpolate(image(x), { size: 4, mode: "bilinear" }),
      "UpsampleBilinear2DBackward1",
    ],
    ["roll", (x: Tensor) => x.roll(1, 0), "RollBackward0"],
    ["roll of all", (x: Tensor) => x.roll(1), "RollBackward0"],
    ["diag", (x: Tensor) => x.diag(), "DiagBackward0"],
    ["trace", (x: Tensor) => x.trace(), "TraceBackward0"],
    ["linalg.inv", (x: Tensor) => linalg.inv(x), "LinalgInvExBackward0"],
  ])("232 %s is named as PyTorch does", (_, op, name) => {
    expect(
      op(
        tensor(
          [
            [1, 2],
            [3, 5],
          ],
          grad,
        ),
      ).gradFn!.name(),
    ).toBe(name);
  });

  it("232 a view of a modified base, and in-place through a view", () => {
    const base = ones([2, 2], grad).mul(1);
    const view = base.diagonal();
    view.mul_(2);
    expect(base.gradFn!.name()).toBe("CopySlices");
    expect(view.gradFn!.name()).toBe("AsStridedBackward0");
  });
});
