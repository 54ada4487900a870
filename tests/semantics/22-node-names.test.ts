import { describe, expect, it } from "vitest";
import {
  cat,
  clamp,
  matmul,
  maximum,
  nn,
  ones,
  pow,
  relu,
  type Tensor,
  tensor,
  where,
  zeros,
} from "../../bindings/index.ts";

const grad = { requiresGrad: true };
const int = { dtype: "int32" } as const;

describe("names of gradFn", () => {
  it.each([
    ["sum", (x: Tensor) => x.sum(), "SumBackward0"],
    ["sum(dim)", (x: Tensor) => x.sum(0), "SumBackward1"],
    ["mean", (x: Tensor) => x.mean(), "MeanBackward0"],
    ["mean(dim)", (x: Tensor) => x.mean(0), "MeanBackward1"],
    ["max()", (x: Tensor) => x.max(), "MaxBackward1"],
    ["min()", (x: Tensor) => x.min(), "MinBackward1"],
    ["max(dim)", (x: Tensor) => x.max(0).values, "MaxBackward0"],
    ["amax", (x: Tensor) => x.amax(0), "AmaxBackward0"],
    ["pow by a number", (x: Tensor) => x.pow(2), "PowBackward0"],
    ["pow by a tensor", (x: Tensor) => x.pow(x), "PowBackward1"],
    ["number ** tensor", (x: Tensor) => pow(2, x), "PowBackward2"],
    ["clamp by numbers", (x: Tensor) => clamp(x, 0, 1), "ClampBackward1"],
    ["maximum", (x: Tensor) => maximum(x, ones([2, 2])), "MaximumBackward0"],
    ["relu", (x: Tensor) => relu(x), "ReluBackward0"],
    ["narrow", (x: Tensor) => x.narrow(0, 0, 1), "SliceBackward0"],
    ["slices", (x: Tensor) => x.index("0:1"), "SliceBackward0"],
    ["select", (x: Tensor) => x.select(0, 0), "SelectBackward0"],
    ["contiguous", (x: Tensor) => x.t().contiguous(), "CloneBackward0"],
    ["t", (x: Tensor) => x.t(), "TBackward0"],
    ["transpose", (x: Tensor) => x.transpose(0, 1), "TransposeBackward0"],
    ["permute", (x: Tensor) => x.permute(1, 0), "PermuteBackward0"],
    ["expand", (x: Tensor) => x.expand(3, 2, 2), "ExpandBackward0"],
    ["view", (x: Tensor) => x.view(4), "ViewBackward0"],
    ["reshape that is a view", (x: Tensor) => x.reshape(4), "ViewBackward0"],
    ["dot", (x: Tensor) => matmul(x.select(0, 0), x.select(0, 1)), "DotBackward0"],
    ["mv", (x: Tensor) => matmul(x, x.select(0, 0)), "MvBackward0"],
    ["mm", (x: Tensor) => matmul(x, x), "MmBackward0"],
    ["fill_", (x: Tensor) => x.mul(1).fill_(2), "FillBackward2"],
    ["zero_", (x: Tensor) => x.mul(1).zero_(), "ZeroBackward0"],
    ["copy_", (x: Tensor) => zeros([2, 2]).copy_(x), "CopyBackwards"],
    ["cat", (x: Tensor) => cat([x, x]), "CatBackward0"],
    ["where", (x: Tensor) => where(x.gt(0), x, 0), "WhereBackward0"],
    ["gather", (x: Tensor) => x.gather(0, zeros([1, 2], int)), "GatherBackward0"],
    ["indexSelect", (x: Tensor) => x.indexSelect(0, zeros([1], int)), "IndexSelectBackward0"],
    ["linear", (x: Tensor) => nn.functional.linear(x, ones([3, 2]), ones([3])), "AddmmBackward0"],
    ["softmax", (x: Tensor) => x.softmax(0), "SoftmaxBackward0"],
    ["logSoftmax", (x: Tensor) => x.logSoftmax(0), "LogSoftmaxBackward0"],
  ])("232 %s is named as PyTorch does", (_, op, name) => {
    const y = op(
      tensor(
        [
          [1, 2],
          [3, 4],
        ],
        grad,
      ),
    );
    expect(y.gradFn!.name()).toBe(name);
    expect(String(y).endsWith(`grad_fn=<${name}>)`)).toBe(true);
  });

  it("232 batched matmul", () => {
    expect(matmul(ones([2, 2, 2], grad), ones([2, 2, 2])).gradFn!.name()).toMatch(/^(Bmm|UnsafeView)Backward0$/);
  });
});
