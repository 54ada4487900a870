import { describe, expect, it } from "vitest";
import { nn, ones, type Tensor, tensor, zeros } from "../../bindings/index.ts";
import { EXACT, expectShape, expectTensor, thrownBy } from "../support/expect.ts";
import { testFamily } from "../support/oracle.ts";

const F = nn.functional;

testFamily("normalization");

describe("running statistics", () => {
  const batch = (i: number): Tensor =>
    tensor([
      [1, 2],
      [3, 5],
      [i, 7 * i],
    ]);

  it("with momentum null every batch counts alike", () => {
    const norm = new nn.BatchNorm1d(2, { momentum: null });
    for (let i = 0; i < 3; i++) norm(batch(i));
    expectTensor(norm.running_mean, [5 / 3, 14 / 3]);
    expectTensor(norm.running_var, [1.5555556, 17.222223]);
    expectTensor(norm.num_batches_tracked, 3, EXACT);
  });

  it("are left alone in eval, and without them the batch is used", () => {
    const norm = new nn.BatchNorm1d(2).eval();
    norm(batch(1));
    expectTensor(norm.running_mean, [0, 0], EXACT);
    const plain = new nn.BatchNorm1d(2, { trackRunningStats: false }).eval();
    expect(Object.keys(plain.stateDict())).toEqual(["weight", "bias"]);
    expect((plain(batch(1)).mean(0).tolist() as number[]).every((m) => Math.abs(m) < 1e-6)).toBe(true);
  });

  it("of images are the mean of those of each", () => {
    const norm = new nn.InstanceNorm1d(2, { trackRunningStats: true });
    const x = tensor([
      [
        [1, 2, 5],
        [3, 5, 9],
      ],
      [
        [0, 1, 1],
        [-3, 2, 2],
      ],
    ]);
    norm(x);
    expectTensor(norm.running_mean, [1 / 6, 0.3]);
    expectTensor(norm.running_var, [1.1333333, 1.7833333]);
    norm.eval();
    expectTensor(
      norm(x).select(1, 1),
      [
        [2.0217938, 3.519419, 6.5146695],
        [-2.4711282, 1.2729355, 1.2729355],
      ],
      { atol: 1e-4 },
    );
  });

  it("do not take part in the graph", () => {
    const norm = new nn.BatchNorm1d(2);
    norm(batch(1).requiresGrad_()).sum().backward();
    expect(norm.running_mean?.requiresGrad).toBe(false);
    expect(norm.weight?.grad).not.toBeNull();
  });
});

describe("edges", () => {
  it("nothing to normalise", () => {
    expectShape(F.layerNorm(ones([0, 4]), [4], ones([4])), [0, 4]);
    expectShape(F.layerNorm(ones([3, 0]), [0]), [3, 0]);
    const w = ones([3], { requiresGrad: true });
    F.batchNorm(zeros([0, 3]), null, null, w, { training: true })
      .sum()
      .backward();
    expectTensor(w.grad, [0, 0, 0], EXACT);
  });

  it("equal numbers become the bias exactly", () => {
    expectTensor(F.layerNorm(ones([1, 3]).mul(1234.5678), [3], null, tensor([1, 2, 3])), [[1, 2, 3]], EXACT);
    expectTensor(F.batchNorm(ones([2, 1]).mul(1e6), null, null, { training: true }), [[0], [0]], EXACT);
  });

  it("an unbatched image", () => {
    expectTensor(new nn.InstanceNorm1d(1)(tensor([[1, 3]])), [[-1, 1]], { atol: 1e-5 });
  });
});

describe("arguments", () => {
  it.each<[string, () => unknown, RegExp]>([
    [
      "shape",
      () => F.layerNorm(ones([2, 3, 4]), [3]),
      /expected input with shape \[\*, 3\], but got input of size\[2, 3, 4\]/,
    ],
    ["empty shape", () => F.layerNorm(ones([2]), []), /normalized_shape to be at least 1-dimensional/],
    [
      "weight",
      () => F.layerNorm(ones([2, 4]), [4], ones([3])),
      /Expected weight to be of same shape as normalized_shape/,
    ],
    ["dtype", () => F.layerNorm(ones([2, 4], { dtype: "int32" }), [4]), /not implemented for dtype int32/],
    [
      "single value",
      () => F.batchNorm(ones([1, 3]), null, null, { training: true }),
      /Expected more than 1 value per channel/,
    ],
    [
      "statistics",
      () => F.batchNorm(ones([2, 3]), zeros([4]), ones([4])),
      /running_mean should contain 3 elements not 4/,
    ],
    ["no statistics", () => F.batchNorm(ones([2, 3]), null, null), /running_mean must be defined in evaluation mode/],
    [
      "groups",
      () => F.groupNorm(ones([2, 3, 4]), 2),
      /to be divisible by num_groups, but got input of shape \[2, 3, 4\]/,
    ],
    ["group weight", () => F.groupNorm(ones([2, 4, 4]), 2, ones([3])), /Expected weight to be a vector of size equal/],
    ["spatial", () => F.instanceNorm(ones([2, 3, 1])), /Expected more than 1 spatial element when training/],
    ["module's rank", () => new nn.BatchNorm2d(3)(ones([2, 3, 4])), /expected 4D input \(got 3D input\)/],
    ["module's groups", () => new nn.GroupNorm(2, 3), /num_channels must be divisible by num_groups/],
  ])("refuses a wrong %s", (_, call, message) => {
    expect(thrownBy(call).message).toMatch(message);
    expectTensor(F.layerNorm(tensor([[1, 3]]), [2], { eps: 0 }), [[-1, 1]]);
  });

  it("modules print as PyTorch's", () => {
    expect(String(new nn.BatchNorm2d(3))).toBe(
      "BatchNorm2d(3, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)",
    );
    expect(String(new nn.LayerNorm([3, 4]))).toBe("LayerNorm((3, 4), eps=1e-05, elementwise_affine=True)");
    expect(String(new nn.GroupNorm(1, 4))).toBe("GroupNorm(1, 4, eps=1e-05, affine=True)");
    expect(String(new nn.LocalResponseNorm(3))).toBe("LocalResponseNorm(3, alpha=0.0001, beta=0.75, k=1.0)");
  });
});
