import { describe, expect, it } from "vitest";
import { arange, manualSeed, nn, noGrad, ones, type Tensor, tensor, zeros } from "../../bindings/index.ts";
import { EXACT, expectShape, expectTensor, thrownBy } from "../support/expect.ts";
import { numbers, testFamily } from "../support/oracle.ts";

const F = nn.functional;

testFamily("conv");

const filled = (shape: number[], phase = 1): Tensor => tensor(numbers(shape, phase), { shape });

describe("arguments", () => {
  it("come in PyTorch's order or by name", () => {
    const [x, w, b] = [filled([1, 4, 6, 6]), filled([4, 2, 3, 3], 2), filled([4], 3)];
    const inOrder = F.conv2d(x, w, b, 2, [1, 0], 1, 2);
    expectTensor(F.conv2d(x, w, { bias: b, stride: 2, padding: [1, 0], groups: 2 }), inOrder.tolist(), EXACT);
    expectTensor(F.conv2d(x, w, b, { stride: [2], padding: [1, 0], groups: 2 }), inOrder.tolist(), EXACT);
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      "rank",
      () => F.conv2d(ones([3, 8]), ones([6, 3, 3, 3])),
      /Expected 3D \(unbatched\) or 4D \(batched\) input to conv2d/,
    ],
    [
      "channels",
      () => F.conv2d(ones([1, 4, 8, 8]), ones([6, 3, 3, 3])),
      /to have 3 channels, but got 4 channels instead/,
    ],
    [
      "bias",
      () => F.conv2d(ones([1, 3, 8, 8]), ones([6, 3, 3, 3]), ones([5])),
      /expected bias to be 1-dimensional with 6 elements/,
    ],
    ["stride", () => F.conv2d(ones([1, 3, 8, 8]), ones([6, 3, 3, 3]), null, 0), /non-positive stride is not supported/],
    [
      "padding",
      () => F.conv2d(ones([1, 3, 8, 8]), ones([6, 3, 3, 3]), { padding: -1 }),
      /negative padding is not supported/,
    ],
    [
      "counts",
      () => F.conv2d(ones([1, 3, 8, 8]), ones([6, 3, 3, 3]), { stride: [1, 2, 3] }),
      /list of 2 values to match the convolution/,
    ],
    ["groups", () => F.conv2d(ones([1, 4, 8, 8]), ones([6, 1, 3, 3]), { groups: 4 }), /divisible by 4 at dimension 0/],
    [
      "kernel",
      () => F.conv2d(ones([1, 3, 8, 8]), ones([6, 3, 9, 9])),
      /Kernel size can't be greater than actual input size/,
    ],
    ["empty kernel", () => F.conv2d(ones([1, 3, 8, 8]), ones([6, 3, 0, 3])), /kernel size should be greater than zero/],
    [
      "same",
      () => F.conv1d(ones([1, 3, 8]), ones([6, 3, 3]), { padding: "same", stride: 2 }),
      /not supported for strided/,
    ],
    [
      "word",
      () => F.conv1d(ones([1, 3, 8]), ones([6, 3, 3]), { padding: "full" as "same" }),
      /Invalid padding string: 'full'/,
    ],
    [
      "dtype",
      () => F.conv1d(ones([1, 3, 8], { dtype: "int32" }), ones([6, 3, 3])),
      /conv1d: not implemented for dtype int32/,
    ],
    ["size", () => F.conv2d(ones([1, 1, 2, 2]), ones([1, 1, 1, 1]), { padding: 1e5, stride: 1e5 }), /too large/],
    [
      "output padding",
      () => F.convTranspose1d(ones([1, 1, 3]), ones([1, 1, 2]), { outputPadding: 1 }),
      /output padding must be smaller/,
    ],
    ["result", () => F.convTranspose1d(ones([1, 1, 3]), ones([1, 1, 2]), { padding: 9 }), /Output size is too small/],
    ["no tensor", () => F.conv1d([1, 2] as unknown as Tensor, ones([1, 1, 2])), /argument 'input' must be Tensor/],
  ])("refuses a wrong %s", (_, call, message) => {
    expect(thrownBy(call).message).toMatch(message);
    expectTensor(F.conv1d(ones([1, 1, 3]), ones([1, 1, 2])), [[[2, 2]]], EXACT);
  });
});

describe("edges", () => {
  it("no images, no channels", () => {
    expectShape(F.conv2d(zeros([0, 2, 5, 5]), ones([3, 2, 2, 2])), [0, 3, 4, 4]);
    const w = ones([3, 2, 2, 2], { requiresGrad: true });
    F.conv2d(zeros([0, 2, 5, 5]), w)
      .sum()
      .backward();
    expectTensor(w.grad, zeros([3, 2, 2, 2]).tolist(), EXACT);
    expectTensor(
      F.conv1d(ones([1, 0, 3]), ones([2, 0, 2]), tensor([5, 7])),
      [
        [
          [5, 5],
          [7, 7],
        ],
      ],
      EXACT,
    );
  });

  it("a NaN reaches the windows that see it, and no other", () => {
    const x = ones([1, 1, 1, 6]);
    x.setIndex([0, 0, 0, 1], Number.NaN);
    const y = F.conv2d(x, ones([1, 1, 1, 2])).tolist() as number[][][][];
    expect(y[0][0][0].map(Number.isNaN)).toEqual([true, true, false, false, false]);
  });

  it("notices that what it saved was written to", () => {
    const x = filled([1, 2, 4]).requiresGrad_();
    const w = filled([2, 2, 2], 2).requiresGrad_();
    const y = F.conv1d(x, w);
    noGrad(() => w.add_(1));
    expect(() => y.sum().backward()).toThrow(/modified by an inplace operation/);
  });

  it("is recorded under PyTorch's name", () => {
    expect(F.conv1d(filled([2, 2, 4]), ones([2, 2, 2], { requiresGrad: true })).gradFn?.name()).toBe(
      "ConvolutionBackward0",
    );
  });
});

describe("modules", () => {
  it("start from PyTorch's weights", () => {
    manualSeed(0);
    const conv = new nn.Conv2d(2, 2, 2);
    expectTensor(
      conv.weight.select(0, 0),
      [
        [
          [-0.0026, 0.1897],
          [-0.291, -0.2602],
        ],
        [
          [-0.1362, 0.0948],
          [-0.007, 0.2803],
        ],
      ],
      { atol: 5e-5 },
    );
    expectTensor(conv.bias, [0.1398, 0.2121], { atol: 5e-5 });
  });

  it.each([
    ["reflect", [-0.1238, -0.9044, -1.0655, -1.2353, -1.4051, -0.6246, -0.4634]],
    ["replicate", [-0.4249, -0.9001, -1.0655, -1.2353, -1.4051, -1.0997, -1.1041]],
    ["circular", [0.801, -0.9174, -1.0655, -1.2353, -1.4051, 0.801, -0.9174]],
  ] as const)("pad by mode %s", (paddingMode, expected) => {
    manualSeed(0);
    const conv = new nn.Conv1d(1, 1, 3, { padding: 2, paddingMode });
    expectTensor(conv(arange(5).to("float32").view(1, 1, 5)), [[[...expected]]], { atol: 5e-5 });
  });

  it("keep what they are given, and print it", () => {
    expect(String(new nn.Conv2d(3, 6, [3, 5], { padding: "same", bias: false }))).toBe(
      "Conv2d(3, 6, kernel_size=(3, 5), stride=(1, 1), padding=same, bias=False)",
    );
    expect(String(new nn.ConvTranspose2d(3, 6, 3, 2, 1, 1))).toBe(
      "ConvTranspose2d(3, 6, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), output_padding=(1, 1))",
    );
    expect(() => new nn.Conv2d(3, 6, 3, { groups: 2 })).toThrow(/in_channels must be divisible by groups/);
    expect(() => new nn.ConvTranspose1d(3, 6, 3, { paddingMode: "reflect" })).toThrow(/Only "zeros" padding mode/);
  });

  it("transposed ones give a result of the size asked for", () => {
    const conv = new nn.ConvTranspose2d(4, 5, 3, 2);
    expectShape(conv(ones([1, 4, 3, 3])), [1, 5, 7, 7]);
    expectShape(conv(ones([1, 4, 3, 3]), [8, 7]), [1, 5, 8, 7]);
    expect(() => conv(ones([1, 4, 3, 3]), [20, 3])).toThrow(/valid sizes range from \[7, 7\] to \[8, 8\]/);
  });
});
