import { describe, expect, it } from "vitest";
import { nn, noGrad, ones, optim, randn, stack, tensor } from "../../bindings/index.ts";
import { EXACT, expectTensor } from "../support/expect.ts";

const { AveragedModel, getEmaAvgFn, SWALR, updateBn } = optim.swaUtils;

function filled(value: number): nn.Linear {
  const layer = new nn.Linear(2, 1);
  noGrad(() => {
    for (const p of layer.parameters()) p.fill_(value);
  });
  return layer;
}

describe("AveragedModel", () => {
  it("holds the mean of the weights at each update", () => {
    const model = filled(7);
    const averaged = new AveragedModel(model);
    for (const value of [2, 4, 9]) {
      model.loadStateDict(filled(value).stateDict());
      averaged.updateParameters(model);
    }
    expectTensor(averaged.module.weight, [[5, 5]]);
    expectTensor(averaged(ones(1, 2)), [[15]]);
    expect(Object.keys(averaged.stateDict())).toEqual(["n_averaged", "module.weight", "module.bias"]);
    expect(averaged.n_averaged.item()).toBe(3);
    expectTensor(model.weight, [[9, 9]], EXACT);
  });

  it("or an exponential moving average, of buffers too if wished", () => {
    const model = new nn.BatchNorm1d(1);
    const averaged = new AveragedModel(model, { avgFn: getEmaAvgFn(0.75), useBuffers: true });
    for (const value of [0, 4, 8]) {
      model.running_mean?.fill_(value);
      averaged.updateParameters(model);
    }
    expectTensor(averaged.module.running_mean, [0.75 * 1 + 0.25 * 8]);
  });
});

describe("updateBn", () => {
  it("gives every batch the same weight, and leaves mode and momentum as they were", () => {
    const model = new nn.Sequential(new nn.BatchNorm1d(2)).eval();
    const batches = [randn(4, 2), randn(4, 2).add(3), randn(4, 2)];
    updateBn(
      batches.map((x) => [x]),
      model,
    );
    const norm = model[0] as nn.BatchNorm1d;
    expectTensor(
      norm.running_mean,
      stack(batches.map((x) => x.mean(0)))
        .mean(0)
        .tolist() as number[],
    );
    expectTensor(
      norm.running_var,
      stack(batches.map((x) => x.var(0)))
        .mean(0)
        .tolist() as number[],
    );
    expect([model.training, norm.momentum, norm.num_batches_tracked?.item()]).toEqual([false, 0.1, 3]);
    updateBn(batches, new nn.Linear(2, 1));
  });
});

describe("SWALR", () => {
  const optimizer = (): optim.SGD => new optim.SGD([ones([1], { requiresGrad: true })], { lr: 0.2 });

  it.each<[string, Omit<optim.swaUtils.SwaLrOptions, "swaLr">, number[]]>([
    ["cosine", { annealEpochs: 4 }, [0.2, 0.17803301, 0.125, 0.07196699, 0.05, 0.05]],
    ["linear", { annealEpochs: 3, annealStrategy: "linear" }, [0.2, 0.15, 0.1, 0.05, 0.05, 0.05]],
    ["at once", { annealEpochs: 0 }, [0.05, 0.05, 0.05]],
  ])("%s, as in PyTorch", (_, options, expected) => {
    const sgd = optimizer();
    const scheduler = new SWALR(sgd, { swaLr: 0.05, ...options });
    const seen = expected.map(() => {
      const { lr } = sgd.paramGroups[0];
      sgd.step();
      scheduler.step();
      return lr;
    });
    expectTensor(tensor(seen), expected);
  });

  it("refuses other strategies and numbers", () => {
    expect(() => new SWALR(optimizer(), { swaLr: 0.1, annealStrategy: "none" as "cos" })).toThrow(/must by one of/);
    expect(() => new SWALR(optimizer(), { swaLr: 0.1, annealEpochs: -1 })).toThrow(/equal or greater than 0, got -1/);
    expect(() => new SWALR(optimizer(), { swaLr: [0.1, 0.2] })).toThrow(/expected 1 values for swa_lr, got 2/);
  });
});
