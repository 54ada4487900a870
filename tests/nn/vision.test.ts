import { describe, expect, it } from "vitest";
import { arange, nn, ones, randn, type Tensor, tensor } from "../../bindings/index.ts";
import { EXACT, expectShape, expectTensor, thrownBy } from "../support/expect.ts";
import { testFamily } from "../support/oracle.ts";

const F = nn.functional;

testFamily("vision");

describe("fold and unfold", () => {
  it("unfold keeps infinities where they are", () => {
    const x = tensor([
      [
        [Number.NEGATIVE_INFINITY, 1],
        [2, 3],
      ],
    ]);
    expectTensor(F.unfold(x, 1), [[Number.NEGATIVE_INFINITY, 1, 2, 3]], EXACT);
  });

  it("fold after unfold counts how many patches see an element", () => {
    const x = ones([1, 1, 3, 3]);
    expectTensor(
      F.fold(F.unfold(x, 2), [3, 3], 2),
      [
        [
          [
            [1, 2, 1],
            [2, 4, 2],
            [1, 2, 1],
          ],
        ],
      ],
      EXACT,
    );
  });

  it("a convolution is a product with patches", () => {
    const [x, w] = [randn([2, 3, 6, 5]), randn([4, 3, 3, 2])];
    const product = w.reshape([4, -1]).matmul(F.unfold(x, [3, 2], { padding: 1 }));
    expectTensor(product.reshape([2, 4, 6, 6]), F.conv2d(x, w, { padding: 1 }).tolist() as number[][], { atol: 1e-5 });
  });
});

describe("grids", () => {
  it("the identity map reads the image itself", () => {
    const x = arange(12).to("float32").view(1, 1, 3, 4);
    const theta = tensor([
      [
        [1, 0, 0],
        [0, 1, 0],
      ],
    ]);
    for (const alignCorners of [true, false]) {
      const grid = F.affineGrid(theta, [1, 1, 3, 4], { alignCorners });
      expectTensor(F.gridSample(x, grid, { alignCorners }), x.tolist() as number[][], { atol: 1e-5 });
    }
  });

  it("places far outside are 0, or the border's", () => {
    const x = ones([1, 1, 2, 2]);
    const grid = tensor([[[[1e30, -1e30]]]]);
    expectTensor(F.gridSample(x, grid), [[[[0]]]], EXACT);
    expectTensor(F.gridSample(x, grid, { paddingMode: "border" }), [[[[1]]]], EXACT);
  });
});

describe("arguments", () => {
  it.each<[string, () => unknown, RegExp]>([
    [
      "mode",
      () => F.interpolate(ones([1, 1, 2]), { size: 3, mode: "bilinear" }),
      /only 3D, 4D and 5D input Tensors supported \(got 3D\)/i,
    ],
    ["sizes", () => F.interpolate(ones([1, 1, 2]), {}), /either size or scale_factor should be defined/],
    ["both sizes", () => F.interpolate(ones([1, 1, 2]), 3, 2), /only one of size or scale_factor should be defined/],
    ["size", () => F.interpolate(ones([1, 1, 2]), { size: 0 }), /sizes should be greater than 0/],
    ["number of sizes", () => F.interpolate(ones([1, 1, 2]), { size: [3, 3] }), /same number of spatial dimensions/],
    [
      "corners",
      () => F.interpolate(ones([1, 1, 2]), { size: 3, alignCorners: true }),
      /align_corners option can only be set/,
    ],
    [
      "smoothing",
      () => F.interpolate(ones([1, 1, 2]), { size: 3, antialias: true }),
      /only supported for bilinear and bicubic/,
    ],
    ["patch", () => F.unfold(ones([1, 2, 2]), 3), /components must be at least one/],
    ["patch rank", () => F.unfold(ones([2, 2]), 3), /Expected 3D or 4D \(batch mode\) tensor/],
    ["rows", () => F.fold(ones([1, 5, 4]), [3, 3], 2), /divisible by the product of kernel_size/],
    [
      "patches",
      () => F.fold(ones([1, 4, 5]), [3, 3], 2),
      /calculated number of sliding blocks \[2, 2\] = 4, but got input\.size\(2\)=5/,
    ],
    ["grid", () => F.gridSample(ones([1, 1, 2, 2]), ones([1, 2, 2, 3])), /grid to have size 2 in last dimension/],
    [
      "grid mode",
      () => F.gridSample(ones([1, 1, 2, 2]), ones([1, 2, 2, 2]), "cubic" as "bicubic"),
      /expected mode to be 'bilinear', 'nearest' or 'bicubic'/,
    ],
    [
      "volume mode",
      () => F.gridSample(ones([1, 1, 2, 2, 2]), ones([1, 2, 2, 2, 3]), "bicubic"),
      /bicubic interpolation only supports 4D/,
    ],
    ["map", () => F.affineGrid(ones([1, 2, 2]), [1, 1, 2, 2]), /affine matrices of shape Nx2x3/],
  ])("refuses a wrong %s", (_, call, message) => {
    expect(thrownBy(call).message).toMatch(message);
  });
});

describe("modules", () => {
  it("print as PyTorch's", () => {
    expect(
      [
        new nn.Upsample({ scaleFactor: 2 }),
        new nn.Upsample([3, 4], null, "bilinear", true),
        new nn.UpsamplingNearest2d({ scaleFactor: 2 }),
        new nn.UpsamplingBilinear2d(3),
        new nn.Fold([4, 5], 2),
        new nn.Unfold(2, { padding: 1 }),
        new nn.PixelShuffle(2),
        new nn.PixelUnshuffle(2),
        new nn.ConstantPad1d(2, 3.5),
        new nn.ZeroPad2d([1, 2, 3, 4]),
        new nn.ReflectionPad2d(1),
      ].map(String),
    ).toEqual([
      "Upsample(scale_factor=2.0, mode=nearest)",
      "Upsample(size=(3, 4), mode=bilinear)",
      "UpsamplingNearest2d(scale_factor=2.0, mode=nearest)",
      "UpsamplingBilinear2d(size=3, mode=bilinear)",
      "Fold(output_size=(4, 5), kernel_size=2, dilation=1, padding=0, stride=1)",
      "Unfold(kernel_size=2, dilation=1, padding=1, stride=1)",
      "PixelShuffle(upscale_factor=2)",
      "PixelUnshuffle(downscale_factor=2)",
      "ConstantPad1d(padding=(2, 2), value=3.5)",
      "ZeroPad2d((1, 2, 3, 4))",
      "ReflectionPad2d((1, 1, 1, 1))",
    ]);
  });

  it("do what the functions do", () => {
    const x = randn([1, 4, 4, 6]);
    const same = (module: nn.Module, expected: Tensor): void =>
      expectTensor(module(x) as Tensor, expected.tolist() as number[][], EXACT);
    same(new nn.Upsample({ size: [3, 3], mode: "bicubic" }), F.interpolate(x, { size: [3, 3], mode: "bicubic" }));
    same(new nn.UpsamplingBilinear2d({ scaleFactor: 1.5 }), F.upsampleBilinear(x, { scaleFactor: 1.5 }));
    same(new nn.Unfold(2), F.unfold(x, 2));
    same(new nn.PixelShuffle(2), F.pixelShuffle(x, 2));
    same(new nn.CircularPad2d(1), F.pad(x, [1, 1, 1, 1], { mode: "circular" }));
    same(new nn.ReplicationPad2d([1, 0, 2, 1]), F.pad(x, [1, 0, 2, 1], { mode: "replicate" }));
    same(new nn.ConstantPad2d(1, 7), F.pad(x, [1, 1, 1, 1], { value: 7 }));
    expectShape(new nn.Fold([4, 6], 2)(F.unfold(x, 2)), [1, 4, 4, 6]);
    expect(() => new nn.ReflectionPad1d([1, 2, 3])).toThrow(/expected padding of 2 numbers, got 3/);
  });
});
