import { describe, expect, it } from "vitest";
import { optim, type Tensor, tensor, zeros } from "../../bindings/index.ts";

const S = optim.lrScheduler;
const parameter = (): Tensor => zeros([1], { requiresGrad: true });
const sgd = (lr = 0.5): optim.SGD => new optim.SGD([parameter()], { lr, momentum: 0.9 });

type Make = (optimizer: optim.SGD) => optim.lrScheduler.Scheduler;

const MAKERS: Record<string, Make> = {
  StepLR: (o) => new S.StepLR(o, 2, 0.5),
  MultiStepLR: (o) => new S.MultiStepLR(o, [2, 4]),
  ExponentialLR: (o) => new S.ExponentialLR(o, 0.9),
  ConstantLR: (o) => new S.ConstantLR(o),
  LinearLR: (o) => new S.LinearLR(o),
  PolynomialLR: (o) => new S.PolynomialLR(o, 9, 2),
  LambdaLR: (o) => new S.LambdaLR(o, (e) => 1 / (1 + e)),
  MultiplicativeLR: (o) => new S.MultiplicativeLR(o, (e) => 1 - 0.05 * e),
  CosineAnnealingLR: (o) => new S.CosineAnnealingLR(o, 4),
  CosineAnnealingWarmRestarts: (o) => new S.CosineAnnealingWarmRestarts(o, 2, 2),
  CyclicLR: (o) => new S.CyclicLR(o, { baseLr: 0.1, maxLr: 0.5, stepSizeUp: 3 }),
  OneCycleLR: (o) => new S.OneCycleLR(o, { maxLr: 0.5, totalSteps: 12 }),
  SequentialLR: (o) =>
    new S.SequentialLR(o, { schedulers: [new S.ConstantLR(o), new S.ExponentialLR(o, 0.9)], milestones: [3] }),
  ChainedScheduler: (o) => new S.ChainedScheduler([new S.StepLR(o, 2, 0.5), new S.ExponentialLR(o, 0.9)]),
};

function rates(optimizer: optim.SGD, scheduler: optim.lrScheduler.Scheduler, epochs: number): number[] {
  return Array.from({ length: epochs }, () => {
    optimizer.step();
    scheduler.step();
    return optimizer.paramGroups[0].lr;
  });
}

function expectNumbers(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(actual[i], `number ${i}`).toBeCloseTo(value, 7);
  });
}

describe.each(Object.keys(MAKERS))("%s", (name) => {
  it("goes on from its state and the optimizer's, through JSON", () => {
    const first = sgd();
    const original = MAKERS[name](first);
    rates(first, original, 4);
    const second = sgd();
    const resumed = MAKERS[name](second);
    second.loadStateDict(first.stateDict());
    resumed.loadStateDict(JSON.parse(JSON.stringify(original.stateDict())));
    expectNumbers(resumed.getLastLr(), original.getLastLr());
    expectNumbers(rates(second, resumed, 6), rates(first, original, 6));
  });
});

describe("schedulers", () => {
  it("keep their state under PyTorch's names", () => {
    expect(new S.StepLR(sgd(), 2, 0.5).stateDict()).toEqual({
      step_size: 2,
      gamma: 0.5,
      base_lrs: [0.5],
      last_epoch: 0,
      _step_count: 1,
      _last_lr: [0.5],
    });
    const restarts = new S.CosineAnnealingWarmRestarts(sgd(), 3).stateDict();
    expect(restarts).toMatchObject({ T_0: 3, T_i: 3, T_mult: 1, eta_min: 0, T_cur: 0 });
    expect(new S.ReduceLROnPlateau(sgd()).stateDict()).toMatchObject({
      min_lrs: [0],
      threshold_mode: "rel",
      num_bad_epochs: 0,
    });
    const rules = new S.LambdaLR(sgd(), () => 1).stateDict();
    expect(Object.keys(rules).some((key) => key.includes("lambda"))).toBe(false);
  });

  it("restart within an epoch", () => {
    const optimizer = sgd();
    const scheduler = new S.CosineAnnealingWarmRestarts(optimizer, { T0: 2, TMult: 2 });
    const found = [0, 0.5, 1, 1.5, 2, 3.25, 7, 14.5].map((epoch) => {
      scheduler.step(epoch);
      return optimizer.paramGroups[0].lr;
    });
    expectNumbers(found, [0.5, 0.4267767, 0.25, 0.0732233, 0.5, 0.38889256, 0.48096988, 0.49879618]);
    expect([scheduler.TI, scheduler.TCur]).toEqual([16, 0.5]);
    expect(() => scheduler.step(-1)).toThrow(/Expected non-negative epoch, but got -1/);
  });

  it("one cycle in three phases", () => {
    const optimizer = sgd();
    const scheduler = new S.OneCycleLR(optimizer, {
      maxLr: 0.5,
      epochs: 2,
      stepsPerEpoch: 5,
      threePhase: true,
      pctStart: 0.4,
    });
    const found = [optimizer.paramGroups[0].lr, ...rates(optimizer, scheduler, 9)];
    expectNumbers(found, [0.02, 0.14, 0.38, 0.5, 0.38, 0.14, 0.02, 0.0150005, 0.0050015, 0.000002]);
  });

  it("cycles of heights of one's own", () => {
    const optimizer = sgd();
    const options = { baseLr: 0.1, maxLr: 0.5, stepSizeUp: 2, scaleFn: (cycle: number) => 1 / cycle };
    const found = rates(optimizer, new S.CyclicLR(optimizer, options), 8);
    expectNumbers(found, [0.3, 0.5, 0.3, 0.1, 0.2, 0.3, 0.2, 0.1]);
  });

  it("go to an epoch by the closed form", () => {
    const optimizer = sgd();
    const scheduler = new S.StepLR(optimizer, 3);
    const found = [4, 7, 2].map((epoch) => {
      scheduler.step(epoch);
      return optimizer.paramGroups[0].lr;
    });
    expectNumbers(found, [0.05, 0.005, 0.5]);
  });

  it("go on from an epoch", () => {
    const optimizer = sgd();
    expect(() => new S.ExponentialLR(optimizer, { gamma: 0.9, lastEpoch: 3 })).toThrow(
      /'initial_lr' is not specified in param_groups\[0\] when resuming an optimizer/,
    );
    optimizer.paramGroups[0].initial_lr = 0.5;
    const scheduler = new S.ExponentialLR(optimizer, { gamma: 0.9, lastEpoch: 3 });
    expect(scheduler.lastEpoch).toBe(4);
    expectNumbers(scheduler.getLastLr(), [0.45]);
  });

  it("take one value for each group", () => {
    const optimizer = new optim.SGD([{ params: parameter() }, { params: parameter() }], { lr: 1, momentum: 0.9 });
    new S.CyclicLR(optimizer, { baseLr: [0.1, 0.2], maxLr: 1 });
    expect(optimizer.paramGroups.map((group) => group.lr)).toEqual([0.1, 0.2]);
    expect(() => new S.CyclicLR(optimizer, { baseLr: [0.1], maxLr: 1 })).toThrow(/expected 2 values for baseLr, got 1/);
    const rules = new S.LambdaLR(optimizer, [() => 1, () => 0.5]);
    expectNumbers(rules.getLastLr(), [0.1, 0.1]);
    expect(() => new S.LambdaLR(optimizer, [() => 1])).toThrow(/Expected 2 lr_lambdas, but got 1/);
  });

  it("take a metric as a tensor", () => {
    const optimizer = sgd();
    const scheduler = new S.ReduceLROnPlateau(optimizer, {
      patience: 0,
      mode: "max",
      thresholdMode: "abs",
      threshold: 0.5,
    });
    for (const metric of [1, 1.4, 2]) scheduler.step(tensor(metric));
    expectNumbers(scheduler.getLastLr(), [0.05]);
    expect(scheduler.best).toBe(2);
  });

  it("refuse what makes no schedule", () => {
    const [o, plain] = [sgd(), new optim.Adagrad([parameter()])];
    expect(() => new S.ReduceLROnPlateau(o, { factor: 1 })).toThrow("Factor should be < 1.0.");
    expect(() => new S.ReduceLROnPlateau(o, { mode: "best" as "min" })).toThrow("mode best is unknown!");
    expect(() => new S.CosineAnnealingWarmRestarts(o, 0)).toThrow("Expected positive integer T_0, but got 0");
    expect(() => new S.CyclicLR(plain, 0.1, 1)).toThrow(/must support momentum/);
    expect(() => new S.CyclicLR(plain, { baseLr: 0.1, maxLr: 1, cycleMomentum: false })).not.toThrow();
    expect(() => new S.OneCycleLR(o, { maxLr: 1 })).toThrow(/either totalSteps OR \(epochs AND stepsPerEpoch\)/);
    expect(() => new S.OneCycleLR(o, { maxLr: 1, totalSteps: 5, pctStart: 2 })).toThrow(/between 0 and 1 pct_start/);
    expect(() => new S.SequentialLR(o, [new S.ConstantLR(o)], [3])).toThrow(/one more than the number of milestone/);
    expect(() => new S.SequentialLR(o, [new S.ConstantLR(sgd())], [])).toThrow(/belong to the same optimizer/);
    expect(() => new S.ChainedScheduler([])).toThrow(/at least one scheduler/);
    expect(() => new S.LinearLR(o, { startFactor: 0 })).toThrow(/Starting multiplicative factor/);
    expect(() => new S.StepLR(o)).toThrow(/'stepSize' is missing/);
  });
});
