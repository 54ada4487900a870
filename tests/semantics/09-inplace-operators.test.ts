import { describe, expect, it } from "vitest";
import { bmm, cumsum, nn, noGrad, ones, sort, stack, type Tensor, tensor, topk, zeros } from "../../bindings/index.ts";
import { expectTensor } from "../support/expect.ts";
import { savedBy } from "../support/saved.ts";

const F = nn.functional;
const MULTI =
  /Output 0 of UnbindBackward0 is a view and is being modified inplace\. This view is the output of a function that returns multiple views\. Such functions do not allow the output views to be modified inplace\./;
const classes = tensor([1, 0], { dtype: "int32" });
const target = tensor([
  [0.2, 0.4],
  [0.6, 0.8],
]);

type Case = [name: string, op: (x: Tensor) => Tensor];

const RESULT_ONLY: Case[] = [
  ["rsqrt", (x) => x.rsqrt()],
  ["reciprocal", (x) => x.reciprocal()],
];

const INPUT_AND_RESULT: Case[] = [
  ["norm", (x) => x.norm()],
  ["std", (x) => x.std()],
  ["prod", (x) => x.prod()],
  ["cumprod", (x) => x.cumprod(0)],
  ["logsumexp", (x) => x.logsumexp(1)],
];

const INPUT_ONLY: Case[] = [
  ["conv1d", (x) => F.conv1d(x.view(1, 1, 4), ones([1, 1, 2], { requiresGrad: true }))],
  ["layerNorm", (x) => F.layerNorm(x, [2])],
  ["gelu", (x) => F.gelu(x)],
  ["silu", (x) => F.silu(x)],
  ["elu", (x) => F.elu(x)],
  ["leakyRelu", (x) => F.leakyRelu(x, 0.1)],
  ["erf", (x) => x.erf()],
  ["var", (x) => x.var()],
  ["mseLoss", (x) => F.mseLoss(x, target)],
  ["smoothL1Loss", (x) => F.smoothL1Loss(x, target)],
  ["mseLoss without a mean", (x) => F.mseLoss(x, target, { reduction: "none" })],
  ["mseLoss as a target", (x) => F.mseLoss(target, x)],
  ["huberLoss", (x) => F.huberLoss(x, target)],
  ["smoothL1Loss with beta 0", (x) => F.smoothL1Loss(x, target, { beta: 0 })],
  ["binaryCrossEntropy", (x) => F.binaryCrossEntropy(x.select(0, 0), target.select(0, 0))],
  ["nllLoss", (x) => F.nllLoss(x, classes)],
  ["softMarginLoss", (x) => F.softMarginLoss(x, target)],
  ["multiMarginLoss", (x) => F.multiMarginLoss(x, classes)],
  ["multilabelMarginLoss", (x) => F.multilabelMarginLoss(x, ones([2, 2], { dtype: "int32" }))],
  ["groupNorm", (x) => F.groupNorm(x, 1)],
  ["batchNorm in training", (x) => F.batchNorm(x, null, null, { training: true })],
  ["batchNorm with running statistics", (x) => F.batchNorm(x, zeros(2), ones(2))],
  ["instanceNorm", (x) => F.instanceNorm(x.view(1, 1, 4))],
  ["convTranspose1d", (x) => F.convTranspose1d(x.view(1, 1, 4), ones([1, 1, 2], { requiresGrad: true }))],
  ["linear", (x) => F.linear(x, ones([1, 2], { requiresGrad: true }), ones(1))],
  ["bmm", (x) => bmm(x.unsqueeze(0), ones([1, 2, 1], { requiresGrad: true }))],
  ["prelu", (x) => F.prelu(x, tensor([0.25]))],
  ["binaryCrossEntropyWithLogits", (x) => F.binaryCrossEntropyWithLogits(x, target)],
];

const NOTHING: Case[] = [
  ["l1Loss", (x) => F.l1Loss(x, target)],
  ["linear with a constant", (x) => F.linear(x, ones([1, 2]))],
  ["sort", (x) => sort(x).values],
  ["topk", (x) => topk(x, 1).values],
  ["embedding", (x) => F.embedding(tensor([1, 0], { dtype: "int32" }), x)],
  ["cumsum", (x) => cumsum(x, 0)],
  ["sign", (x) => x.sign()],
  ["stack", (x) => stack([x, x])],
  ["unsqueeze", (x) => x.unsqueeze(0)],
  ["diagonal", (x) => x.diagonal()],
];

function leaf(): Tensor {
  return tensor(
    [
      [0.5, 1],
      [1.5, 2],
    ],
    { requiresGrad: true },
  );
}

describe("in-place operations and versions: further operators", () => {
  it.each(RESULT_ONLY)("87 %s saves its result", (_, op) => {
    expect(savedBy(leaf(), op)).toEqual({ input: false, result: true });
  });

  it("87 elu_ saves its result", () => {
    const x = leaf();
    const y = F.elu_(x.mul(-1));
    const root = y.sum();
    noGrad(() => y.add_(1));
    expect(() => root.backward()).toThrow(/modified by an inplace operation/);
  });

  it.each(INPUT_AND_RESULT)("87 %s saves its input and its result", (_, op) => {
    expect(savedBy(leaf(), op)).toEqual({ input: true, result: true });
  });

  it.each(INPUT_ONLY)("87 %s saves its inputs", (_, op) => {
    expect(savedBy(leaf(), op)).toEqual({ input: true, result: false });
  });

  it.each(NOTHING)("87 %s saves neither its input nor its result", (_, op) => {
    expect(savedBy(leaf(), op)).toEqual({ input: false, result: false });
  });

  it("97 outputs of unbind must not be modified in place", () => {
    const x = ones([2, 2], { requiresGrad: true }).mul(1);
    const [first] = x.unbind(0);
    expect(() => first.mul_(2)).toThrow(MULTI);
    expectTensor(x, [
      [1, 1],
      [1, 1],
    ]);
  });

  it("97 nor those of split and chunk, nor views of them", () => {
    const x = ones([4], { requiresGrad: true }).mul(1);
    const message = /This view is the output of a function that returns multiple views/;
    expect(() => x.split(2)[0].mul_(2)).toThrow(message);
    expect(() => x.chunk(2)[1].add_(2)).toThrow(message);
    expect(() => x.split(2)[0].narrow(0, 0, 1).zero_()).toThrow(message);
    expectTensor(x, [1, 1, 1, 1]);
    const plain = ones([4]);
    plain.split(2)[0].mul_(2);
    expectTensor(plain, [2, 2, 1, 1]);
  });

  it("98 maskedFill_ passes zero to what it replaced", () => {
    const x = tensor([1, 2, 3], { requiresGrad: true });
    const y = x.mul(2);
    y.maskedFill_(tensor([true, false, true]), 9);
    expectTensor(y, [9, 4, 9]);
    y.sum().backward();
    expectTensor(x.grad, [0, 2, 0]);
  });

  it("98 indexPut_ and assigning by mask pass the rest to the source", () => {
    const x = tensor([1, 2, 3], { requiresGrad: true });
    const source = tensor([10, 20], { requiresGrad: true });
    const y = x.mul(2);
    y.indexPut_([tensor([2, 0], { dtype: "int32" })], source);
    expectTensor(y, [20, 4, 10]);
    y.mul(tensor([1, 2, 3]))
      .sum()
      .backward();
    expectTensor(x.grad, [0, 4, 0]);
    expectTensor(source.grad, [3, 1]);
    const z = x.mul(2);
    z.setIndex([tensor([false, true, true])], source);
    expectTensor(z, [2, 10, 20]);
    z.sum().backward();
    expectTensor(x.grad, [2, 4, 0]);
  });

  it.each(["relu_", "sigmoid_", "tanh_", "exp_"] as const)("102 %s gives the gradient of its plain form", (name) => {
    const plain = name.slice(0, -1) as "relu" | "sigmoid" | "tanh" | "exp";
    const a = tensor([-1, 0.5, 2], { requiresGrad: true });
    const b = tensor([-1, 0.5, 2], { requiresGrad: true });
    const w = tensor([1, 2, 3]);
    const y = a.mul(2);
    expect(y[name]()).toBe(y);
    const z = b.mul(2)[plain]();
    expectTensor(y, z.tolist());
    y.mul(w).sum().backward();
    z.mul(w).sum().backward();
    expectTensor(a.grad, b.grad!.tolist());
  });
});
