import { describe, expect, it } from "vitest";
import { manualSeed, nn, ones, randn, type Tensor, tensor, zeros } from "../../bindings/index.ts";
import { EXACT, expectTensor, thrownBy } from "../support/expect.ts";
import { testFamily } from "../support/oracle.ts";

const F = nn.functional;

testFamily("activations");

describe("values and gradients at the kinks", () => {
  const at = (fn: (x: Tensor) => Tensor, points: number[]): [unknown, unknown] => {
    const x = tensor(points, { requiresGrad: true });
    const y = fn(x);
    y.sum().backward();
    return [y.tolist(), x.grad?.tolist()];
  };

  it.each<[string, (x: Tensor) => Tensor, number[], number[], number[]]>([
    ["hardshrink", (x) => F.hardshrink(x), [-0.5, 0.5, 0.75], [0, 0, 0.75], [0, 0, 1]],
    ["softshrink", (x) => F.softshrink(x), [-0.5, 0.5, 0.75], [0, 0, 0.25], [0, 0, 1]],
    ["threshold", (x) => F.threshold(x, 1, 9), [0.5, 1, 1.5], [9, 9, 1.5], [0, 0, 1]],
    ["prelu", (x) => F.prelu(x, tensor([0.5])), [-2, 0, 2], [-1, 0, 2], [0.5, 0.5, 1]],
    ["rrelu", (x) => F.rrelu(x, 0.25, 0.75), [-2, 0, 2], [-1, 0, 2], [0.5, 0.5, 1]],
  ])("%s", (_, fn, points, values, gradients) => {
    expect(at(fn, points)).toEqual([values, gradients]);
  });

  it("a NaN passes", () => {
    const x = tensor([Number.NaN]);
    for (const fn of [F.hardshrink, F.softshrink, F.softsign, F.tanhshrink, F.rrelu]) expect(fn(x).item()).toBeNaN();
    expect(F.threshold(x, 0, 1).item()).toBeNaN();
  });
});

describe("in place", () => {
  const start = [-2, -0.5, 0.5, 2];

  it.each<[string, (x: Tensor) => Tensor, (x: Tensor) => Tensor]>([
    ["relu", F.relu, F.relu_],
    ["elu", (x) => F.elu(x, 2), (x) => F.elu_(x, 2)],
    ["celu", (x) => F.celu(x, 2), (x) => F.celu_(x, 2)],
    ["selu", F.selu, F.selu_],
    ["leakyRelu", (x) => F.leakyRelu(x, 0.3), (x) => F.leakyRelu_(x, 0.3)],
    ["hardtanh", (x) => F.hardtanh(x, -1, 0.25), (x) => F.hardtanh_(x, -1, 0.25)],
    ["threshold", (x) => F.threshold(x, 0.1, 7), (x) => F.threshold_(x, 0.1, 7)],
    ["rrelu", (x) => F.rrelu(x, 0.1, 0.3), (x) => F.rrelu_(x, 0.1, 0.3)],
    ["silu", F.silu, (x) => F.silu(x, { inplace: true })],
    ["mish", F.mish, (x) => F.mish(x, true)],
    ["hardswish", F.hardswish, (x) => F.hardswish(x, true)],
    ["hardsigmoid", F.hardsigmoid, (x) => F.hardsigmoid(x, true)],
    ["relu6", F.relu6, (x) => F.relu6(x, true)],
  ])("%s writes what the other form returns, with its gradient", (_, plain, inPlace) => {
    const [a, b] = [tensor(start, { requiresGrad: true }), tensor(start, { requiresGrad: true })];
    const y = plain(a);
    const held = b.mul(1);
    const z = inPlace(held);
    expect(z).toBe(held);
    expectTensor(held, y.tolist() as number[], EXACT);
    y.square().sum().backward();
    z.square().sum().backward();
    expectTensor(b.grad, a.grad?.tolist() as number[]);
  });
});

describe("random ones", () => {
  it("rrelu draws a slope for each negative element, and its gradient is that slope", () => {
    manualSeed(3);
    const x = ones([1000]).neg().requiresGrad_();
    const y = F.rrelu(x, 0.2, 0.6, true);
    const slopes = y.neg().tolist() as number[];
    expect(Math.min(...slopes)).toBeGreaterThanOrEqual(0.2);
    expect(Math.max(...slopes)).toBeLessThan(0.6);
    expect(new Set(slopes).size).toBeGreaterThan(900);
    y.sum().backward();
    expectTensor(x.grad, slopes, EXACT);
    expectTensor(F.rrelu(ones([3]), 0.2, 0.6, true), [1, 1, 1], EXACT);
  });

  it("gumbelSoftmax picks a class as often as the logits say", () => {
    manualSeed(5);
    const logits = tensor([Math.log(0.2), Math.log(0.5), Math.log(0.3)]).expand([20_000, 3]);
    const shares = (F.gumbelSoftmax(logits, { hard: true }).mean(0).tolist() as number[]).map((share) =>
      Math.round(share * 100),
    );
    // Deviations of a share are below 0.004 here.
    expect(Math.abs(shares[0] - 20)).toBeLessThanOrEqual(2);
    expect(Math.abs(shares[1] - 50)).toBeLessThanOrEqual(2);
    const soft = F.gumbelSoftmax(randn([4, 5]).requiresGrad_(), 0.5);
    expectTensor(soft.sum(-1), [1, 1, 1, 1]);
    expect(soft.requiresGrad).toBe(true);
  });
});

describe("arguments", () => {
  it.each<[string, () => unknown, RegExp]>([
    ["lambda", () => F.softshrink(ones([1]), -1), /lambda must be greater or equal to 0, but found to be -1/],
    ["odd size", () => F.glu(ones([3])), /Halving dimension must be even, but dimension 0 is size 3/],
    ["scalar", () => F.glu(tensor(1)), /glu does not support 0-dimensional tensors/],
    ["slopes", () => F.prelu(ones([2, 3]), ones([2])), /Found parameter numbers = 2 and channel size = 3/],
    ["bounds", () => new nn.Hardtanh(1, -1), /expected maxVal to be above minVal/],
    ["rank", () => new nn.Softmax2d()(ones([2, 2])), /requires a 3D or 4D tensor/],
    ["dim", () => F.softmin(ones([2]), 3), /Dimension out of range/],
  ])("refuses a wrong %s", (_, call, message) => {
    expect(thrownBy(call).message).toMatch(message);
  });

  it("modules print as PyTorch's", () => {
    const printed = [
      new nn.ELU(),
      new nn.CELU(2),
      new nn.SELU(),
      new nn.GELU("tanh"),
      new nn.SiLU(true),
      new nn.Softplus(),
      new nn.Softshrink(),
      new nn.Hardtanh(-2, 2, true),
      new nn.LeakyReLU({ negativeSlope: 0.2, inplace: true }),
      new nn.PReLU(),
      new nn.RReLU({ inplace: true }),
      new nn.Threshold(0.1, 20),
      new nn.GLU(),
      new nn.Softmin(1),
    ].map(String);
    expect(printed).toEqual([
      "ELU(alpha=1.0)",
      "CELU(alpha=2.0)",
      "SELU()",
      "GELU(approximate='tanh')",
      "SiLU(inplace=True)",
      "Softplus(beta=1, threshold=20)",
      "Softshrink(0.5)",
      "Hardtanh(min_val=-2.0, max_val=2.0, inplace=True)",
      "LeakyReLU(negative_slope=0.2, inplace=True)",
      "PReLU(num_parameters=1)",
      "RReLU(lower=0.125, upper=0.3333333333333333, inplace=True)",
      "Threshold(threshold=0.1, value=20)",
      "GLU(dim=-1)",
      "Softmin(dim=1)",
    ]);
  });

  it("modules do what the functions do", () => {
    const x = randn([2, 4]);
    const pairs: [nn.Module, Tensor][] = [
      [new nn.ELU(0.5), F.elu(x, 0.5)],
      [new nn.GELU(), F.gelu(x)],
      [new nn.Mish(), F.mish(x)],
      [new nn.Softsign(), F.softsign(x)],
      [new nn.Tanhshrink(), F.tanhshrink(x)],
      [new nn.LogSigmoid(), F.logsigmoid(x)],
      [new nn.Hardshrink(0.1), F.hardshrink(x, 0.1)],
      [new nn.ReLU6(), F.relu6(x)],
      [new nn.Hardswish(), F.hardswish(x)],
      [new nn.Hardsigmoid(), F.hardsigmoid(x)],
      [new nn.PReLU(4, 0.1), F.prelu(x, zeros([4]).add(0.1))],
      [new nn.RReLU().eval(), F.rrelu(x)],
      [new nn.GLU(0), F.glu(x, 0)],
      [new nn.Softmin(0), F.softmin(x, 0)],
    ];
    for (const [module, expected] of pairs) expectTensor(module(x) as Tensor, expected.tolist() as number[][], EXACT);
  });
});
