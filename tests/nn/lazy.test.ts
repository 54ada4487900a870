import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { arange, manualSeed, nn, ones, optim, randn, scope, tensor } from "../../bindings/index.ts";
import { expectShape, expectTensor, thrownBy } from "../support/expect.ts";

/** Values are those of PyTorch 1.13 from the same seed. */
describe("lazy modules", () => {
  it("become what they stand in for with the first input", () => {
    manualSeed(0);
    const model = new nn.Sequential(
      new nn.LazyConv2d(2, 2),
      new nn.LazyBatchNorm2d(),
      new nn.Flatten(),
      new nn.LazyLinear(2),
    );
    const y = model(arange(9).to("float32").view(1, 1, 3, 3).div(9));
    expectTensor(y, [[1.1826354265213013, -1.2445108890533447]]);
    expect(String(model)).toBe(
      "Sequential(\n" +
        "  (0): Conv2d(1, 2, kernel_size=(2, 2), stride=(1, 1))\n" +
        "  (1): BatchNorm2d(2, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)\n" +
        "  (2): Flatten(start_dim=1, end_dim=-1)\n" +
        "  (3): Linear(in_features=8, out_features=2, bias=True)\n" +
        ")",
    );
    const [conv, , , linear] = model.children() as [nn.Conv2d, nn.Module, nn.Module, nn.Linear];
    expect(conv).toBeInstanceOf(nn.Conv2d);
    expect(conv).not.toBeInstanceOf(nn.LazyConv2d);
    expectTensor(conv.weight.flatten().narrow(0, 0, 2), [-0.003743410110473633, 0.26822179555892944]);
    expectTensor(linear.bias!, [0.3201341927051544, -0.32798099517822266]);
    expect(Object.keys(model.stateDict())).toEqual([
      ...["0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "1.num_batches_tracked"],
      ...["3.weight", "3.bias"],
    ]);
    y.sum().backward();
    expectShape(conv.weight.grad!, [2, 1, 2, 2]);
    expectShape(model(ones(3, 1, 3, 3)), [3, 2]);
  });

  it("LazyConvTranspose2d draws what PyTorch draws", () => {
    manualSeed(0);
    const y = new nn.LazyConvTranspose2d(2, 2)(arange(4).to("float32").view(1, 1, 2, 2));
    expectTensor(
      y.flatten().narrow(0, 0, 4),
      [-0.03137575834989548, -0.034022748470306396, 0.15828567743301392, -0.036669738590717316],
    );
  });

  it.each<[nn.Module, string, string]>([
    [
      new nn.LazyLinear(8),
      "LazyLinear(in_features=0, out_features=8, bias=True)",
      "Linear(in_features=2, out_features=8, bias=True)",
    ],
    [
      new nn.LazyConv1d(8, 3, { padding: 1, bias: false }),
      "LazyConv1d(0, 8, kernel_size=(3,), stride=(1,), padding=(1,), bias=False)",
      "Conv1d(4, 8, kernel_size=(3,), stride=(1,), padding=(1,), bias=False)",
    ],
    [
      new nn.LazyConvTranspose1d(8, 3, { groups: 2 }),
      "LazyConvTranspose1d(0, 8, kernel_size=(3,), stride=(1,), groups=2)",
      "ConvTranspose1d(4, 8, kernel_size=(3,), stride=(1,), groups=2)",
    ],
    [
      new nn.LazyBatchNorm1d({ momentum: null }),
      "LazyBatchNorm1d(0, eps=1e-05, momentum=None, affine=True, track_running_stats=True)",
      "BatchNorm1d(4, eps=1e-05, momentum=None, affine=True, track_running_stats=True)",
    ],
    [
      new nn.LazyInstanceNorm1d(),
      "LazyInstanceNorm1d(0, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)",
      "InstanceNorm1d(4, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)",
    ],
    [
      new nn.LazyInstanceNorm1d(1e-3, 0.2, { affine: false }),
      "LazyInstanceNorm1d(0, eps=0.001, momentum=0.2, affine=False, track_running_stats=True)",
      "InstanceNorm1d(4, eps=0.001, momentum=0.2, affine=False, track_running_stats=True)",
    ],
    [
      new nn.LazyInstanceNorm1d({ affine: false, trackRunningStats: false }),
      "LazyInstanceNorm1d(0, eps=1e-05, momentum=0.1, affine=False, track_running_stats=False)",
      "InstanceNorm1d(0, eps=1e-05, momentum=0.1, affine=False, track_running_stats=False)",
    ],
  ])("print themselves as PyTorch's: %s", (module, before, after) => {
    expect(String(module)).toBe(before);
    module(randn(3, 4, 2));
    expect(String(module)).toBe(after);
    expectShape(
      module(randn(3, 4, 2))
        .select(0, 0)
        .select(1, 0),
      module instanceof nn.Linear ? [4] : [module instanceof nn.Conv1d || module instanceof nn.ConvTranspose1d ? 8 : 4],
    );
  });

  it("take inputs without a batch", () => {
    expectShape(new nn.LazyConv2d(8, 3)(ones(3, 4, 4)), [8, 2, 2]);
    expectShape(new nn.LazyConvTranspose3d(2, 2)(ones(3, 2, 2, 2)), [2, 3, 3, 3]);
  });

  it("keep their parameters: what an optimizer holds is what is trained", () => {
    const layer = new nn.LazyLinear(1, { bias: false });
    const [weight] = layer.parameters();
    const optimizer = new optim.SGD(layer.parameters(), { lr: 1 });
    layer(ones(1, 2)).sum().backward();
    expect(layer.weight).toBe(weight);
    expect(weight.constructor).toBe(nn.Parameter);
    const before = weight.tolist() as number[][];
    optimizer.step();
    expectTensor(weight, [[before[0][0] - 1, before[0][1] - 1]]);
  });

  it("may be frozen, set to eval, cleared and given to scopes before", () => {
    const layer = new nn.LazyLinear(2).requiresGrad_(false).eval();
    layer.zeroGrad();
    layer.resetParameters();
    expect(layer.weight.requiresGrad).toBe(false);
    const y = scope(() => layer(ones(1, 3)));
    expect(y.requiresGrad).toBe(false);
    expectShape(layer.weight, [2, 3]);
    expect(layer.hasUninitializedParams).toBeUndefined();
  });

  it("are initialized by hand too", () => {
    const layer = new nn.LazyLinear(2);
    expect(layer.hasUninitializedParams()).toBe(true);
    layer.initializeParameters(ones(1, 3));
    expect(layer.hasUninitializedParams()).toBe(false);
    expect(String(layer)).toBe("LazyLinear(in_features=3, out_features=2, bias=True)");
    const before = layer.weight.tolist() as number[][];
    layer(ones(4, 3));
    expectTensor(layer.weight, before);
  });

  it("load checkpoints, whose shapes they take", () => {
    const source = new nn.Linear(3, 2);
    const layer = new nn.LazyLinear(2);
    layer.loadStateDict(source.stateDict());
    expect(layer.hasUninitializedParams()).toBe(false);
    const x = randn(4, 3);
    expectTensor(layer(x), source(x).tolist() as number[][]);
    expect(String(layer)).toBe(String(source));
    new nn.LazyLinear(2).loadStateDict(new nn.LazyLinear(2).stateDict());
    expect(() => source.loadStateDict(new nn.LazyLinear(2).stateDict())).toThrow(/Can't access the shape/);
    expect(() => new nn.LazyLinear(2).loadStateDict({})).toThrow(
      /loading state_dict for LazyLinear:\n\tMissing key\(s\) in state_dict: "weight", "bias"\. /,
    );
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      "rank",
      () => new nn.LazyConv2d(8, 3)(ones(2, 3)),
      /Expected 3D \(unbatched\) or 4D \(batched\) input to LazyConv2d, but got input of size: torch\.Size\(\[2, 3\]\)/,
    ],
    [
      "groups",
      () => new nn.LazyConv2d(8, 3, { groups: 2 })(ones(1, 3, 4, 4)),
      /in_channels must be divisible by groups/,
    ],
    ["input without channels", () => new nn.LazyBatchNorm1d()(ones(4)), /out of range/],
  ])("refuse a wrong %s", (_, run, message) => {
    expect(thrownBy(run).message).toMatch(message);
  });
});

describe("uninitialized parameters", () => {
  it("print themselves, and nothing else can be done with them", () => {
    const weight = new nn.UninitializedParameter();
    expect([String(weight), inspect(weight)]).toEqual(["<UninitializedParameter>", "<UninitializedParameter>"]);
    expect([weight.requiresGrad, weight.isLeaf, weight.grad, weight.dtype]).toEqual([true, true, null, "float32"]);
    expect(() => weight.shape).toThrow(/Can't access the shape of an uninitialized parameter or buffer/);
    for (const use of [() => weight.add(1), () => weight.numel(), () => tensor(1).mul(weight), () => weight.tolist()])
      expect(use).toThrow(/Attempted to use an uninitialized parameter/);
    weight.materialize([2, 3]);
    expectShape(weight, [2, 3]);
    expect(inspect(weight)).toMatch(/^Parameter containing:/);
    expect(tensor(1).mul(weight).requiresGrad).toBe(true);
  });

  it("so do buffers", () => {
    const buffer = new nn.UninitializedBuffer();
    expect(String(buffer)).toBe("<UninitializedBuffer>");
    expect(() => buffer.add(1)).toThrow(/torch\.nn\.parameter\.UninitializedBuffer/);
    buffer.materialize([2]);
    expect([buffer.shape, buffer.requiresGrad, buffer instanceof nn.Parameter]).toEqual([[2], false, false]);
  });
});
