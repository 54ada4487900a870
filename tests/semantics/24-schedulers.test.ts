import { describe, expect, it } from "vitest";
import { optim, type Tensor, zeros } from "../../bindings/index.ts";
import { warningsOf } from "../support/warnings.ts";

const S = optim.lrScheduler;

interface Steppable {
  step(metric?: number): void;
}

const parameter = (): Tensor => zeros([1], { requiresGrad: true });
const sgd = (): optim.SGD => new optim.SGD([parameter()], { lr: 0.5, momentum: 0.9 });

/** The learning rates that twelve epochs see. */
function schedule(make: (optimizer: optim.SGD) => Steppable | Steppable[], epochs = 12): number[] {
  const optimizer = sgd();
  const schedulers = [make(optimizer)].flat();
  return Array.from({ length: epochs }, () => {
    const { lr } = optimizer.paramGroups[0];
    optimizer.step();
    for (const scheduler of schedulers) scheduler.step();
    return lr;
  });
}

function expectNumbers(actual: number[], expected: number[]): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs(actual[i] - value)).toBeLessThan(1e-7 + 1e-6 * value);
  });
}

/** What PyTorch 1.13 gives. */
const CASES: [title: string, make: (o: optim.SGD) => Steppable | Steppable[], lrs: number[]][] = [
  [
    "252 StepLR",
    (o) => new S.StepLR(o, { stepSize: 3 }),
    [0.5, 0.5, 0.5, 0.05, 0.05, 0.05, 0.005, 0.005, 0.005, 0.0005, 0.0005, 0.0005],
  ],
  [
    "252 StepLR with gamma, by position",
    (o) => new S.StepLR(o, 4, 0.5),
    [0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.125, 0.125, 0.125, 0.125],
  ],
  [
    "252 MultiStepLR",
    (o) => new S.MultiStepLR(o, { milestones: [2, 5, 9], gamma: 0.5 }),
    [0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125, 0.125, 0.125, 0.0625, 0.0625, 0.0625],
  ],
  [
    "252 ExponentialLR",
    (o) => new S.ExponentialLR(o, { gamma: 0.9 }),
    [0.5, 0.45, 0.405, 0.3645, 0.32805, 0.295245, 0.2657205, 0.23914845, 0.21523361, 0.19371024, 0.17433922, 0.1569053],
  ],
  [
    "252 ConstantLR",
    (o) => new S.ConstantLR(o),
    [0.16666667, 0.16666667, 0.16666667, 0.16666667, 0.16666667, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
  ],
  [
    "252 ConstantLR with options",
    (o) => new S.ConstantLR(o, { factor: 0.5, totalIters: 4 }),
    [0.25, 0.25, 0.25, 0.25, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
  ],
  [
    "252 LinearLR",
    (o) => new S.LinearLR(o),
    [0.16666667, 0.23333333, 0.3, 0.36666667, 0.43333333, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
  ],
  [
    "252 LinearLR with options",
    (o) => new S.LinearLR(o, { startFactor: 0.5, endFactor: 0.1, totalIters: 8 }),
    [0.25, 0.225, 0.2, 0.175, 0.15, 0.125, 0.1, 0.075, 0.05, 0.05, 0.05, 0.05],
  ],
  [
    "252 PolynomialLR",
    (o) => new S.PolynomialLR(o, { totalIters: 8, power: 2 }),
    [0.5, 0.3828125, 0.28125, 0.1953125, 0.125, 0.0703125, 0.03125, 0.0078125, 0, 0, 0, 0],
  ],
  [
    "252 LambdaLR",
    (o) => new S.LambdaLR(o, (e: number) => 1 / (1 + e)),
    [0.5, 0.25, 0.16666667, 0.125, 0.1, 0.083333333, 0.071428571, 0.0625, 0.055555556, 0.05, 0.045454545, 0.041666667],
  ],
  [
    "252 MultiplicativeLR",
    (o) => new S.MultiplicativeLR(o, (e: number) => (e % 2 === 1 ? 0.9 : 0.8)),
    [0.5, 0.45, 0.36, 0.324, 0.2592, 0.23328, 0.186624, 0.1679616, 0.13436928, 0.12093235, 0.096745882, 0.087071293],
  ],
  [
    "253 CosineAnnealingLR goes up again after TMax",
    (o) => new S.CosineAnnealingLR(o, { TMax: 5, etaMin: 0.05 }),
    [
      0.5, 0.45702882, 0.34452882, 0.20547118, 0.092971176, 0.05, 0.092971176, 0.20547118, 0.34452882, 0.45702882, 0.5,
      0.45702882,
    ],
  ],
  [
    "253 StepLR and ExponentialLR multiply",
    (o) => [new S.StepLR(o, { stepSize: 3 }), new S.ExponentialLR(o, { gamma: 0.9 })],
    [
      0.5, 0.45, 0.405, 0.03645, 0.032805, 0.0295245, 0.002657205, 0.0023914845, 0.0021523361, 0.00019371024,
      0.00017433922, 0.0001569053,
    ],
  ],
  [
    "253 so do CosineAnnealingLR and StepLR",
    (o) => [new S.CosineAnnealingLR(o, { TMax: 5 }), new S.StepLR(o, { stepSize: 3 })],
    [
      0.5, 0.45225425, 0.32725425, 0.017274575, 0.0047745751, 0, 0.0047745751, 0.017274575, 0.032725425, 0.0045225425,
      0.005, 0.0045225425,
    ],
  ],
  [
    "255 ChainedScheduler steps all",
    (o) =>
      new S.ChainedScheduler([
        new S.ConstantLR(o, { factor: 0.1, totalIters: 2 }),
        new S.ExponentialLR(o, { gamma: 0.9 }),
      ]),
    [
      0.05, 0.045, 0.405, 0.3645, 0.32805, 0.295245, 0.2657205, 0.23914845, 0.21523361, 0.19371024, 0.17433922,
      0.1569053,
    ],
  ],
  [
    "255 SequentialLR restarts each at its milestone",
    (o) =>
      new S.SequentialLR(o, {
        schedulers: [new S.ConstantLR(o, 0.1, 2), new S.ExponentialLR(o, 0.9)],
        milestones: [4],
      }),
    [0.05, 0.05, 0.5, 0.5, 0.5, 0.45, 0.405, 0.3645, 0.32805, 0.295245, 0.2657205, 0.23914845],
  ],
  [
    "255 SequentialLR of three",
    (o) =>
      new S.SequentialLR(o, {
        schedulers: [new S.ConstantLR(o, 0.1, 5), new S.StepLR(o, 2, 0.5), new S.ExponentialLR(o, 0.9)],
        milestones: [3, 8],
      }),
    [0.05, 0.05, 0.05, 0.5, 0.5, 0.25, 0.25, 0.125, 0.5, 0.45, 0.405, 0.3645],
  ],
  [
    "256 CosineAnnealingWarmRestarts",
    (o) => new S.CosineAnnealingWarmRestarts(o, { T0: 3, TMult: 2, etaMin: 0.05 }),
    [0.5, 0.3875, 0.1625, 0.5, 0.46985572, 0.3875, 0.275, 0.1625, 0.080144284, 0.5, 0.49233331, 0.46985572],
  ],
  [
    "256 CyclicLR triangular",
    (o) => new S.CyclicLR(o, { baseLr: 0.1, maxLr: 0.5, stepSizeUp: 3 }),
    [
      0.1, 0.23333333, 0.36666667, 0.5, 0.36666667, 0.23333333, 0.1, 0.23333333, 0.36666667, 0.5, 0.36666667,
      0.23333333,
    ],
  ],
  [
    "256 CyclicLR triangular2",
    (o) => new S.CyclicLR(o, { baseLr: 0.1, maxLr: 0.5, stepSizeUp: 2, mode: "triangular2" }),
    [0.1, 0.3, 0.5, 0.3, 0.1, 0.2, 0.3, 0.2, 0.1, 0.15, 0.2, 0.15],
  ],
  [
    "256 CyclicLR exp_range",
    (o) =>
      new S.CyclicLR(o, { baseLr: 0.1, maxLr: 0.5, stepSizeUp: 2, stepSizeDown: 4, mode: "exp_range", gamma: 0.9 }),
    [0.1, 0.28, 0.424, 0.3187, 0.23122, 0.159049, 0.1, 0.19565938, 0.27218688, 0.21622615, 0.16973569, 0.13138106],
  ],
  [
    "256 OneCycleLR",
    (o) => new S.OneCycleLR(o, { maxLr: 0.5, totalSteps: 13 }),
    [
      0.02, 0.14758197, 0.3946849, 0.49985104, 0.48218913, 0.43712794, 0.36998489, 0.28868318, 0.20281679, 0.12251836,
      0.057263477, 0.014752527,
    ],
  ],
  [
    "256 OneCycleLR, linear",
    (o) =>
      new S.OneCycleLR(o, {
        maxLr: 0.5,
        totalSteps: 13,
        pctStart: 0.5,
        annealStrategy: "linear",
        divFactor: 10,
        finalDivFactor: 100,
      }),
    [
      0.05, 0.13181818, 0.21363636, 0.29545455, 0.37727273, 0.45909091, 0.46157692, 0.38473077, 0.30788462, 0.23103846,
      0.15419231, 0.077346154,
    ],
  ],
];

describe("learning-rate schedulers", () => {
  for (const [title, make, lrs] of CASES) {
    it(title, () => {
      expectNumbers(schedule(make), lrs);
    });
  }

  it("252 a scheduler sets initial_lr and the first lr when it is made", () => {
    const optimizer = sgd();
    const scheduler = new S.ConstantLR(optimizer, { factor: 0.5 });
    const group = optimizer.paramGroups[0] as unknown as Record<string, number>;
    expect(group.initial_lr ?? group.initialLr).toBe(0.5);
    expect(group.lr).toBe(0.25);
    expect(scheduler.lastEpoch).toBe(0);
    expect(scheduler.getLastLr()).toEqual([0.25]);
    optimizer.step();
    scheduler.step();
    expect(scheduler.lastEpoch).toBe(1);
  });

  it("252 one lr for each group", () => {
    const optimizer = new optim.SGD([{ params: [parameter()] }, { params: [parameter()], lr: 0.05 }], { lr: 0.5 });
    const scheduler = new S.StepLR(optimizer, { stepSize: 1 });
    optimizer.step();
    scheduler.step();
    expectNumbers(scheduler.getLastLr(), [0.05, 0.005]);
    expectNumbers(
      optimizer.paramGroups.map((group) => group.lr),
      [0.05, 0.005],
    );
  });

  /** The learning rate after each metric. */
  function plateau(metrics: number[], options: object): number[] {
    const optimizer = sgd();
    const scheduler = new S.ReduceLROnPlateau(optimizer, options);
    return metrics.map((metric) => {
      scheduler.step(metric);
      return optimizer.paramGroups[0].lr;
    });
  }

  it("254 ReduceLROnPlateau waits for patience", () => {
    const flat = new Array<number>(12).fill(1);
    expectNumbers(
      plateau(flat, { patience: 3, factor: 0.5 }),
      [0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.125, 0.125, 0.125, 0.125],
    );
  });

  it("254 with cooldown, and not below minLr", () => {
    const flat = new Array<number>(12).fill(1);
    expectNumbers(
      plateau(flat, { patience: 1, factor: 0.5, cooldown: 2 }),
      [0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.125, 0.125, 0.125, 0.125, 0.0625, 0.0625],
    );
    expectNumbers(plateau(flat, { patience: 1, factor: 0.1, minLr: 0.02 }), [
      0.5,
      0.5,
      0.05,
      0.05,
      ...new Array<number>(8).fill(0.02),
    ]);
  });

  it("254 the threshold is relative, and mode max turns it round", () => {
    expectNumbers(
      plateau([1, 0.9999, 0.99985, 0.998, 0.998, 0.998, 0.998], { patience: 1, factor: 0.1 }),
      [0.5, 0.5, 0.5, 0.5, 0.5, 0.05, 0.05],
    );
    expectNumbers(
      plateau([1, 2, 2.0001, 2.0001, 2, 1, 1, 1, 3, 3, 3, 3], { mode: "max", patience: 1, factor: 0.1 }),
      [0.5, 0.5, 0.5, 0.05, 0.05, 0.005, 0.005, 0.0005, 0.0005, 0.0005, 0.00005, 0.00005],
    );
  });

  it("256 CyclicLR cycles momentum, inversely", () => {
    const optimizer = sgd();
    const scheduler = new S.CyclicLR(optimizer, {
      baseLr: 0.1,
      maxLr: 0.5,
      stepSizeUp: 3,
      baseMomentum: 0.8,
      maxMomentum: 0.9,
    });
    const momenta = Array.from({ length: 7 }, () => {
      const momentum = optimizer.paramGroups[0].momentum as number;
      optimizer.step();
      scheduler.step();
      return momentum;
    });
    expectNumbers(momenta, [0.9, 0.86666667, 0.83333333, 0.8, 0.83333333, 0.86666667, 0.9]);
  });

  it("256 OneCycleLR cycles beta1, and ends", () => {
    const optimizer = new optim.Adam([parameter()]);
    const scheduler = new S.OneCycleLR(optimizer, { maxLr: 0.5, totalSteps: 7 });
    const seen: number[] = [];
    for (let i = 0; i < 7; i++) {
      seen.push((optimizer.paramGroups[0].betas as number[])[0]);
      optimizer.step();
      if (i < 6) scheduler.step();
    }
    expectNumbers(seen, [0.95, 0.85202533, 0.8580956, 0.88273175, 0.91422638, 0.94007068, 0.95]);
    scheduler.step();
    expect(() => scheduler.step()).toThrow(/Tried to step \d+ times\. The specified number of total steps is 7/);
  });

  it("257 step() before the optimizer's first step warns", () => {
    const early = warningsOf(() => {
      const scheduler = new S.StepLR(sgd(), { stepSize: 2 });
      scheduler.step();
    });
    expect(early.length).toBe(1);
    expect(early[0]).toMatch(/Detected call of `lr_?[sS]cheduler\.step\(\)` before `optimizer\.step\(\)`/);
    const right = warningsOf(() => {
      const optimizer = sgd();
      const scheduler = new S.StepLR(optimizer, { stepSize: 2 });
      optimizer.step();
      scheduler.step();
    });
    expect(right).toEqual([]);
  });

  it("257 stateDict and loadStateDict resume", () => {
    const optimizer = sgd();
    const scheduler = new S.ExponentialLR(optimizer, { gamma: 0.9 });
    for (let i = 0; i < 3; i++) {
      optimizer.step();
      scheduler.step();
    }
    const second = sgd();
    const resumed = new S.ExponentialLR(second, { gamma: 0.5 });
    second.loadStateDict(optimizer.stateDict());
    resumed.loadStateDict(scheduler.stateDict());
    expect(resumed.lastEpoch).toBe(3);
    expectNumbers(resumed.getLastLr(), [0.3645]);
    second.step();
    resumed.step();
    expectNumbers(
      second.paramGroups.map((group) => group.lr),
      [0.32805],
    );
  });
});
