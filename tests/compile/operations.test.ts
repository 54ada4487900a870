// Each primitive whose derivative is a kernel of its own, in the middle of a chain that uses its memory again.
import { afterAll, expect, test } from "vitest";
import {
  autograd,
  cat,
  compile,
  manualSeed,
  memory,
  nn,
  rand,
  randint,
  randn,
  stack,
  type Tensor,
  where,
} from "../../bindings/index.ts";

const F = nn.functional;

afterAll(() => memory.collect());

const index = (high: number, ...shape: number[]): Tensor => randint(0, high, shape);

type Case = [name: string, inputs: () => Tensor[], fn: (...t: Tensor[]) => Tensor];

const square = (): Tensor[] => [randn(4, 5), randn(4, 5)];
const one = (): Tensor[] => [randn(4, 5)];
const images = (): Tensor[] => [randn(2, 4, 7, 7)];

const cases: Case[] = [
  ["matmul", () => [randn(4, 6), randn(6, 5)], (a, b) => a.matmul(b)],
  ["matmul with vectors", () => [randn(4, 6), randn(6)], (a, b) => a.matmul(b)],
  ["matmul of transposes", () => [randn(6, 4), randn(5, 6)], (a, b) => a.t().matmul(b.t())],
  ["matmul in batches", () => [randn(3, 4, 6), randn(6, 5)], (a, b) => a.matmul(b)],
  ["matmul, broadcast batches", () => [randn(3, 1, 4, 6), randn(2, 6, 5)], (a, b) => a.matmul(b)],
  ["linear", () => [randn(3, 4, 6), randn(5, 6), randn(5)], (x, w, b) => F.linear(x, w, b)],
  ["conv2d", () => [...images(), randn(6, 4, 3, 3), randn(6)], (x, w, b) => F.conv2d(x, w, b, { padding: 1 })],
  [
    "conv2d, strides and groups",
    () => [...images(), randn(6, 2, 3, 3)],
    (x, w) => F.conv2d(x, w, { stride: 2, groups: 2 }),
  ],
  ["conv1d, dilated", () => [randn(2, 3, 12), randn(4, 3, 3)], (x, w) => F.conv1d(x, w, { dilation: 2 })],
  [
    "convTranspose2d",
    () => [...images(), randn(4, 3, 3, 3), randn(3)],
    (x, w, b) => F.convTranspose2d(x, w, b, { stride: 2 }),
  ],
  ["maxPool2d", images, (x) => F.maxPool2d(x, 2)],
  ["avgPool2d", images, (x) => F.avgPool2d(x, 3, { stride: 2, padding: 1 })],
  ["layerNorm", () => [randn(4, 6), rand(6), rand(6)], (x, w, b) => F.layerNorm(x, [6], w, b)],
  ["groupNorm", () => [...images(), rand(4), rand(4)], (x, w, b) => F.groupNorm(x, 2, w, b)],
  ["batchNorm", () => [...images(), rand(4), rand(4)], (x, w, b) => F.batchNorm(x, null, null, w, b, true)],
  ["softmax", one, (x) => x.softmax(1)],
  ["logSoftmax", one, (x) => x.logSoftmax(0)],
  ["crossEntropy", () => [randn(6, 5), index(5, 6)], (x, y) => F.crossEntropy(x, y)],
  [
    "crossEntropy, smoothed and weighted",
    () => [randn(6, 5), index(5, 6), rand(5)],
    (x, y, w) => F.crossEntropy(x, y, w, { labelSmoothing: 0.1 }),
  ],
  [
    "nllLoss, some ignored",
    () => [randn(6, 5), index(5, 6)],
    (x, y) => F.nllLoss(x.logSoftmax(1), y, { ignoreIndex: 2 }),
  ],
  ["embedding", () => [randn(7, 3), index(7, 2, 4)], (w, i) => F.embedding(i, w)],
  ["gather", () => [randn(4, 5), index(4, 3, 5)], (x, i) => x.gather(0, i)],
  ["indexSelect", () => [randn(4, 5), index(4, 6)], (x, i) => x.indexSelect(0, i)],
  ["scatterAdd", () => [randn(4, 5), index(4, 3, 5), randn(3, 5)], (x, i, s) => x.scatterAdd(0, i, s)],
  ["scatter", () => [randn(4, 5), randn(4, 1), index(5, 4, 1)], (x, s, i) => x.scatter(1, i, s)],
  ["indexAdd", () => [randn(4, 5), index(4, 3), randn(3, 5)], (x, i, s) => x.indexAdd(0, i, s)],
  ["indexing with tensors", () => [randn(4, 5), index(4, 6)], (x, i) => x.index(i).add(x.take(i.sub(4)).sum())],
  ["cdist", () => [randn(4, 3), randn(5, 3)], (a, b) => a.sub(0.5).unsqueeze(1).sub(b).square().sum(2).sqrt()],
  ["sum and mean", one, (x) => x.sum(0).add(x.mean(1, true).sum())],
  ["prod", one, (x) => x.prod(1)],
  ["amax and amin", one, (x) => x.amax(1).add(x.amin(1))],
  ["max, sort, topk", one, (x) => x.max(1).values.add(x.sort(1).values.select(1, 2)).add(x.topk(2, 1).values.sum(1))],
  ["median and kthvalue", one, (x) => x.median(1).values.mul(x.kthvalue(2, 1).values)],
  ["var, std, norm, logsumexp", one, (x) => x.var(1).add(x.std(1)).add(x.norm(2, 1)).add(x.logsumexp(1))],
  ["scans", one, (x) => x.cumsum(1).mul(x.cumprod(1)).add(x.logcumsumexp(0)).add(x.cummax(1).values)],
  ["where, clamp, maximum", square, (a, b) => where(a.gt(b), a, b.mul(2)).clamp(-1, 1).add(a.maximum(b))],
  [
    "lerp, addcmul, addcdiv",
    () => [...square(), rand(4, 5)],
    (a, b, w) => a.lerp(b, w).addcmul(a, b).addcdiv(a, b.abs().add(1)),
  ],
  ["powers and quotients", () => [rand(4, 5), rand(5)], (a, b) => a.add(1).pow(b).div(b.add(1)).add(a.pow(3)).rsqrt()],
  ["broadcasting", () => [randn(4, 1), randn(5), randn(3, 1, 1)], (a, b, c) => a.mul(b).add(c).sub(b)],
  [
    "views",
    one,
    (x) => x.t().reshape([2, 10]).narrow(1, 2, 6).unsqueeze(0).expand([3, 2, 6]).permute([2, 0, 1]).flip(0),
  ],
  ["cat, stack, split", square, (a, b) => cat([stack([a, b], 1).sum(1), b.split(2, 0)[1]])],
  [
    "slices and strides",
    one,
    (x) =>
      x
        .select(0, 1)
        .add(x.diagonal().sum())
        .add(x.unfold(1, 2, 2).sum()),
  ],
  [
    "activations",
    one,
    (x) => F.gelu(x).add(F.silu(x)).add(F.elu(x)).add(F.softplus(x)).add(F.hardswish(x)).add(F.mish(x)),
  ],
  [
    "special functions",
    () => [rand(4, 5)],
    (x) => x.erf().add(x.log1p()).add(x.atan()).add(x.tan()).add(x.asinh()).add(x.exp2()),
  ],
  ["in place", one, (x) => x.mul(2).add_(1).relu_().mul(x).sigmoid_()],
  [
    "writes to views",
    one,
    (x) => {
      const y = x.mul(2);
      y.narrow(0, 1, 2).mul_(3);
      y.select(1, 0).copy_(x.select(1, 1));
      return y;
    },
  ],
  [
    "losses",
    square,
    (a, b) =>
      F.smoothL1Loss(a, b)
        .add(F.klDiv(a.logSoftmax(1), b.softmax(1)))
        .add(F.binaryCrossEntropyWithLogits(a, b.sigmoid())),
  ],
  ["attention", () => [randn(2, 3, 4, 6), randn(2, 3, 5, 6)], (q, k) => F.scaledDotProductAttention(q, k, k)],
];

test.each(cases)("%s", (_, inputs, fn) => {
  const run = (...given: Tensor[]): Tensor[] => {
    const leaves = given.map((t) => (t.dtype === "float32" ? t.detach().requiresGrad_() : t));
    const floats = leaves.filter((t) => t.requiresGrad);
    const shifted = leaves.map((t) => (t.requiresGrad ? t.mul(1.5).add(0.25) : t));
    const y = fn(...shifted);
    const loss = y.sin().mul(y.cos()).sum();
    const gradients = autograd.grad(loss, floats);
    return [y.detach(), ...gradients];
  };
  const f = compile(run);
  manualSeed(5);
  for (let i = 0; i < 3; i++) {
    const given = inputs();
    const expected = run(...given).map((t) => [...t.data()]);
    expect(f(...given).map((t) => [...t.data()])).toEqual(expected);
  }
  expect(f.programs).toBe(1);
  f.dispose();
});
