import { describe, expect, it } from "vitest";
import { manualSeed, nn, ones, randn, type Tensor, tensor, zeros } from "../../bindings/index.ts";
import { expectTensor, thrownBy } from "../support/expect.ts";

const at = (...classes: number[]): Tensor => tensor(classes, { dtype: "int32" });

/** Values are those of PyTorch 1.13 from the same seed. */
describe("AdaptiveLogSoftmaxWithLoss", () => {
  const make = (): [nn.AdaptiveLogSoftmaxWithLoss, Tensor] => {
    manualSeed(0);
    const model = new nn.AdaptiveLogSoftmaxWithLoss(4, 10, [2, 5], { divValue: 2, headBias: true });
    return [model, randn(5, 4, { requiresGrad: true })];
  };

  it("log-probabilities of targets, and gradients", () => {
    const [model, x] = make();
    const { output, loss } = model(x, at(0, 3, 9, 1, 5));
    expectTensor(output, [-1.4191, -3.2321, -3.167, -1.5525, -2.6365], { atol: 1e-4 });
    expectTensor(loss, 2.4014, { atol: 1e-4 });
    loss.backward();
    expectTensor(
      x.grad!.flatten().narrow(0, 0, 4),
      [-0.03521571680903435, -0.03862166404724121, 0.048833876848220825, 0.0857812687754631],
    );
    const firsts = model.parameters().map((p) => p.grad!.flatten().at(0));
    expectTensor(
      tensor(firsts as number[]),
      [
        0.07134915888309479, 0.01325380802154541, 0.01422016229480505, -0.001542958663776517, -0.008271833881735802,
        -0.06699584424495697,
      ],
    );
    expect(output.gradFn!.name()).toBe("AddBackward0");
  });

  it("one target", () => {
    const [model, x] = make();
    const { output, loss } = model(x.select(0, 0), at(0).squeeze());
    expectTensor(output, -1.4191, { atol: 1e-4 });
    expectTensor(loss, 1.4191, { atol: 1e-4 });
  });

  it("log-probabilities of all classes, and the most probable one", () => {
    const [model, x] = make();
    const logs = model.logProb(x);
    expectTensor(logs.exp().sum(1), [1, 1, 1, 1, 1]);
    expectTensor(
      logs.select(0, 0),
      [
        -1.41908860206604, -0.8978109359741211, -2.8577017784118652, -3.400937557220459, -2.7497384548187256,
        -3.0724024772644043, -3.0496320724487305, -3.3054842948913574, -3.6402053833007812, -3.2364449501037598,
      ],
    );
    expect(model.predict(x).tolist()).toEqual([1, 1, 1, 0, 1]);
  });

  it("has PyTorch's keys, and prints as it does", () => {
    const model = new nn.AdaptiveLogSoftmaxWithLoss(8, 20, [4, 10]);
    expect(Object.keys(model.stateDict())).toEqual([
      ...["head.weight", "tail.0.0.weight", "tail.0.1.weight", "tail.1.0.weight", "tail.1.1.weight"],
    ]);
    expect(String(model)).toBe(
      "AdaptiveLogSoftmaxWithLoss(\n" +
        "  (head): Linear(in_features=8, out_features=6, bias=False)\n" +
        "  (tail): ModuleList(\n" +
        "    (0): Sequential(\n" +
        "      (0): Linear(in_features=8, out_features=2, bias=False)\n" +
        "      (1): Linear(in_features=2, out_features=6, bias=False)\n" +
        "    )\n" +
        "    (1): Sequential(\n" +
        "      (0): Linear(in_features=8, out_features=0, bias=False)\n" +
        "      (1): Linear(in_features=0, out_features=10, bias=False)\n" +
        "    )\n" +
        "  )\n" +
        ")",
    );
    expectTensor(model.logProb(ones(2, 8)).exp().sum(1), [1, 1]);
    const before = model.head.weight.tolist();
    model.resetParameters();
    expect(model.head.weight.tolist()).not.toEqual(before);
  });

  it.each([[[]], [[0, 3]], [[3, 2]], [[3, 3]], [[20]], [[2.5]]])("refuses cutoffs %j", (cutoffs) => {
    expect(() => new nn.AdaptiveLogSoftmaxWithLoss(8, 20, cutoffs)).toThrow(/cutoffs should be a sequence of/);
  });

  it.each<[string, Tensor, Tensor, RegExp]>([
    ["batch", ones(5, 4), at(0, 1), /Input and target should have the same size in the batch dimension\./],
    ["rank of the input", ones(5), at(0, 1, 2, 3, 4), /1D target tensor expects 2D input tensors/],
    ["target without dimensions", ones(5, 4), at(0).squeeze(), /0D target tensor expects 1D input tensors/],
    ["rank of the target", ones(5, 4), zeros(5, 1, { dtype: "int32" }), /multi-target not supported/],
    ["target", ones(2, 4), at(5, 14), /Target values should be in \[0, 9\], but values in range \[5, 14\] were found/],
    ["negative target", ones(2, 4), at(5, -1), /values in range \[-1, 5\] were found/],
  ])("refuses a wrong %s", (_, input, target, message) => {
    expect(thrownBy(() => make()[0](input, target)).message).toMatch(message);
  });
});
