import { describe, expect, it } from "vitest";
import { manualSeed, nn, ones, type Tensor, tensor, zeros } from "../../bindings/index.ts";
import { EXACT, expectShape, expectTensor, thrownBy } from "../support/expect.ts";
import { testFamily } from "../support/oracle.ts";

const F = nn.functional;

testFamily("pooling");

describe("maxima", () => {
  it("of equal elements the first gets the gradient; each window gives its own", () => {
    const x = tensor([[[1, 1, 1, 0]]], { requiresGrad: true });
    const [y, where] = F.maxPool2d(x, [1, 2], { stride: 1, returnIndices: true });
    expectTensor(where, [[[0, 1, 2]]], EXACT);
    y.sum().backward();
    expectTensor(x.grad, [[[1, 1, 1, 0]]], EXACT);
  });

  it("a NaN wins, padding never does", () => {
    expectTensor(F.maxPool1d(tensor([[1, Number.NaN, 2, 3]]), 2), [[Number.NaN, 3]], EXACT);
    const low = Number.NEGATIVE_INFINITY;
    const [y, where] = F.maxPool1d(tensor([[low, low]]), {
      kernelSize: 2,
      stride: 1,
      padding: 1,
      returnIndices: true,
    }) as unknown as Tensor[];
    expectTensor(y, [[low, low, low]], EXACT);
    expectTensor(where, [[0, 0, 1]], EXACT);
  });

  it("no images", () => {
    expectShape(F.maxPool2d(zeros([0, 2, 4, 4]), 2), [0, 2, 2, 2]);
    expectShape(F.avgPool2d(zeros([0, 2, 4, 4]), 2), [0, 2, 2, 2]);
    expectShape(F.adaptiveMaxPool2d(zeros([0, 2, 4, 4]), 3), [0, 2, 3, 3]);
    expectShape(F.adaptiveAvgPool2d(ones([1, 2, 4, 4]), 0), [1, 2, 0, 0]);
  });
});

describe("fractional pooling", () => {
  it("takes windows that a sample shifts", () => {
    const x = tensor([[[[0, 1, 2, 3, 4, 5, 6, 7, 8]]]]);
    const at = (sample: number): Tensor =>
      F.fractionalMaxPool2d(x, [1, 2], { outputSize: [1, 4], randomSamples: tensor([[[sample, 0]]]) });
    expectTensor(at(0), [[[[1, 3, 5, 8]]]], EXACT);
    expectTensor(at(0.7), [[[[1, 3, 6, 8]]]], EXACT);
  });

  it("draws the samples if none are given", () => {
    manualSeed(1);
    const y = F.fractionalMaxPool3d(ones([2, 1, 5, 5, 5]), 2, { outputRatio: 0.6 });
    expectTensor(y, ones([2, 1, 3, 3, 3]).tolist(), EXACT);
    expect(() => F.fractionalMaxPool2d(ones([1, 4, 4]), 2)).toThrow(
      /requires specifying either an output_size or an output_ratio/,
    );
  });
});

describe("arguments", () => {
  it.each<[string, () => unknown, RegExp]>([
    ["rank", () => F.maxPool2d(ones([4, 4]), 2), /Expected 3D or 4D \(batch mode\) tensor/],
    ["empty plane", () => F.maxPool2d(ones([2, 3, 0, 4]), 2), /with optional 0 dim batch size/],
    [
      "count",
      () => F.maxPool2d(ones([1, 4, 4]), [2, 2, 2]),
      /kernel_size must either be a single int, or a tuple of two ints/,
    ],
    ["stride", () => F.maxPool2d(ones([1, 4, 4]), 2, 0), /stride should not be zero/],
    [
      "padding",
      () => F.maxPool2d(ones([1, 4, 4]), 2, 2, 2),
      /pad should be at most half of kernel size, but got pad=2 and kernel_size=2/,
    ],
    ["negative padding", () => F.avgPool2d(ones([1, 4, 4]), 2, 2, -1), /pad must be non-negative, but got pad: -1/],
    ["dilation", () => F.maxPool2d(ones([1, 4, 4]), 2, { dilation: 0 }), /dilation should be greater than zero/],
    ["window", () => F.maxPool2d(ones([3, 4, 4]), 9), /Calculated output size: \(3x0x0\)\. Output size is too small/],
    ["gap", () => F.maxPool2d(ones([1, 1, 1]), 2, { padding: 1, dilation: 2 }), /a window sees no element/],
    ["divisor", () => F.avgPool2d(ones([1, 4, 4]), 2, { divisorOverride: 0 }), /divisor must be not zero/],
    ["dtype", () => F.maxPool2d(ones([1, 4, 4], { dtype: "int32" }), 2), /not implemented for dtype int32/],
    ["target", () => F.adaptiveAvgPool2d(ones([1, 4, 4]), [3]), /output_size must be 2/],
    [
      "negative target",
      () => F.adaptiveAvgPool2d(ones([1, 4, 4]), -1),
      /must be greater than or equal to 0 but received \{-1, -1\}/,
    ],
    [
      "position",
      () => F.maxUnpool1d(ones([1, 2]), tensor([[0, 9]], { dtype: "int32" }), 2),
      /Found an invalid max index: 9/,
    ],
    ["positions' type", () => F.maxUnpool1d(ones([1, 2]), ones([1, 2]), 2), /should be type int32 but got: float32/],
    [
      "positions' shape",
      () => F.maxUnpool1d(ones([1, 2]), zeros([1, 3], { dtype: "int32" }), 2),
      /Expected shape of indices/,
    ],
    [
      "output size",
      () => F.maxUnpool1d(ones([1, 2]), zeros([1, 2], { dtype: "int32" }), 2, { outputSize: [9] }),
      /invalid output_size "\(9\)" \(dim 0 must be between 2 and 6\)/,
    ],
  ])("refuses a wrong %s", (_, call, message) => {
    expect(thrownBy(call).message).toMatch(message);
    expectTensor(F.maxPool1d(tensor([[1, 2]]), 2), [[2]], EXACT);
  });
});

describe("modules", () => {
  it("print as PyTorch's", () => {
    expect(String(new nn.MaxPool2d([2, 3], { ceilMode: true }))).toBe(
      "MaxPool2d(kernel_size=(2, 3), stride=(2, 3), padding=0, dilation=1, ceil_mode=True)",
    );
    expect(String(new nn.AvgPool1d(2))).toBe("AvgPool1d(kernel_size=(2,), stride=(2,), padding=(0,))");
    expect(String(new nn.AdaptiveAvgPool2d([null, 3]))).toBe("AdaptiveAvgPool2d(output_size=(None, 3))");
    expect(String(new nn.MaxUnpool2d(2))).toBe("MaxUnpool2d(kernel_size=(2, 2), stride=(2, 2), padding=(0, 0))");
    expect(String(new nn.LPPool2d(2, 3))).toBe("LPPool2d(norm_type=2, kernel_size=3, stride=None, ceil_mode=False)");
  });

  it("take the settings that the functions take", () => {
    const x = tensor([[[1, 2, 3, 4, 5, 6]]]);
    expectTensor(new nn.MaxPool1d(2, { stride: 1 })(x), [[[2, 3, 4, 5, 6]]], EXACT);
    expectTensor(new nn.AvgPool1d(2)(x), [[[1.5, 3.5, 5.5]]], EXACT);
    const [y, where] = new nn.MaxPool1d(2, { returnIndices: true })(x) as unknown as [Tensor, Tensor];
    expectTensor(new nn.MaxUnpool1d(2)(y, where), [[[0, 2, 0, 4, 0, 6]]], EXACT);
    expectTensor(new nn.AdaptiveMaxPool1d(2)(x), [[[3, 6]]], EXACT);
    expect(() => new nn.FractionalMaxPool2d(2, { outputRatio: 2 })).toThrow(
      /output_ratio must be between 0 and 1 \(got 2\)/,
    );
  });
});
