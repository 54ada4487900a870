import { describe, expect, it } from "vitest";
import { manualSeed, nn, ones, type Tensor, tensor, zeros } from "../../bindings/index.ts";
import { EXACT, expectTensor } from "../support/expect.ts";

const { init, utils } = nn;

/** What PyTorch draws, one after the other, from seed 0. */
const DRAWS: [title: string, draw: () => Tensor, values: number[]][] = [
  [
    "xavierUniform_",
    () => init.xavierUniform_(zeros(3, 2)),
    [-0.0082014, 0.58764452, -0.90160078, -0.80618083, -0.42191547, 0.29375169],
  ],
  [
    "xavierNormal_",
    () => init.xavierNormal_(zeros(3, 2)),
    [0.79971391, -0.43476662, 0.10143401, -0.38355342, -0.49525324, 0.67177594],
  ],
  [
    "kaimingUniform_",
    () => init.kaimingUniform_(zeros(3, 2)),
    [-1.1742284, -0.75424373, 0.62911052, 1.4382741, -0.35645634, 1.296114],
  ],
  [
    "kaimingNormal_",
    () => init.kaimingNormal_(zeros(3, 2)),
    [-0.85667461, 1.1006042, -1.0711874, 0.12270124, -0.5663175, 0.37311465],
  ],
  [
    "kaimingUniform_ of a kernel, by fan-out",
    () => init.kaimingUniform_(zeros(2, 3, 2), { a: 0.1, mode: "fan_out" }),
    [
      -0.71138507, 1.0475634, 0.54379147, 0.59065425, 0.06409159, -0.62479031, 0.20617974, -1.1378627, -0.88056743,
      -0.62825924, 0.76890302, 0.71453017,
    ],
  ],
  [
    "kaimingNormal_ of a kernel, for relu",
    () => init.kaimingNormal_(zeros(2, 3, 2), { nonlinearity: "relu" }),
    [
      0.11077587, 0.72965223, -0.74503303, -0.45674336, -0.01205477, -0.41481465, 0.29943508, -0.7577849, 0.1108484,
      0.31336918, -1.2810129, 0.14952479,
    ],
  ],
];

describe("initialisation", () => {
  it("draws PyTorch's numbers", () => {
    manualSeed(0);
    for (const [title, draw, values] of DRAWS) {
      const t = draw().reshape([-1]);
      try {
        expectTensor(t, values, { rtol: 1e-5 });
      } catch (error) {
        throw new Error(`${title}: ${(error as Error).message}`);
      }
    }
  });

  it("writes into parameters, and records nothing", () => {
    const p = new nn.Parameter(zeros(2, 3));
    expect(init.constant_(p, 2)).toBe(p);
    expectTensor(p, [
      [2, 2, 2],
      [2, 2, 2],
    ]);
    expect(p.isLeaf && p.requiresGrad).toBe(true);
    expectTensor(init.eye_(p), [
      [1, 0, 0],
      [0, 1, 0],
    ]);
    expectTensor(init.zeros_(p).sum(), 0, EXACT);
    expectTensor(init.ones_(p).sum(), 6, EXACT);
    for (const x of init.uniform_(p, { a: 3, b: 4 }).data()) expect(x >= 3 && x < 4).toBe(true);
    expect(
      Math.abs(
        init
          .normal_(new nn.Parameter(zeros(1000)), 5, 0.1)
          .mean()
          .item() - 5,
      ),
    ).toBeLessThan(0.05);
  });

  it("gains", () => {
    expect(init.calculateGain("tanh")).toBe(5 / 3);
    expect(init.calculateGain("leaky_relu", 0.2)).toBeCloseTo(1.3867505, 6);
    expect(init.calculateGain("selu")).toBe(0.75);
    expect(() => init.calculateGain("other" as "relu")).toThrow("Unsupported nonlinearity other");
    expect(() => init.xavierUniform_(zeros(3))).toThrow(/fewer than 2 dimensions/);
    expect(() => init.kaimingUniform_(zeros(3, 3), { mode: "fan" as "fan_in" })).toThrow(/Mode fan not supported/);
  });
});

describe("utils", () => {
  const withGradient = (...values: number[]): Tensor => {
    const p = zeros([values.length], { requiresGrad: true });
    p.grad = tensor(values);
    return p;
  };

  it("clipGradNorm_ with other norms", () => {
    const [a, b] = [withGradient(3, -4), withGradient(12)];
    expectTensor(utils.clipGradNorm_([a, b], 100, { normType: 1 }), 19);
    expectTensor(utils.clipGradNorm_([a, b], 6, Number.POSITIVE_INFINITY), 12);
    expectTensor(b.grad, [6], { rtol: 1e-5 });
    expectTensor(utils.clipGradNorm_(withGradient(3, 4), 10, 3), 91 ** (1 / 3));
    expectTensor(utils.clipGradNorm_([zeros(2)], 1), 0);
    expect(() => utils.clipGradNorm_(withGradient(Number.NaN), 1, { errorIfNonfinite: true })).toThrow(/is non-finite/);
  });

  it("reaches the gradients that backward has left", () => {
    const p = ones([2], { requiresGrad: true });
    p.mul(tensor([30, 40]))
      .sum()
      .backward();
    utils.clipGradNorm_([p], 5);
    expectTensor(p.grad, [3, 4], { rtol: 1e-5 });
    utils.clipGradValue_(p, 3.5);
    expectTensor(p.grad, [3, 3.5], { rtol: 1e-5 });
  });

  it("parametersToVector and back", () => {
    const model = new nn.Linear(2, 2);
    const vector = utils.parametersToVector(model.parameters());
    expect(vector.shape).toEqual([6]);
    expect(vector.requiresGrad).toBe(true);
    utils.vectorToParameters(tensor([1, 2, 3, 4, 5, 6]), model.parameters());
    expectTensor(model.weight, [
      [1, 2],
      [3, 4],
    ]);
    expectTensor(model.bias, [5, 6]);
    expect(model.weight.isLeaf).toBe(true);
    expect(() => utils.vectorToParameters(zeros(5), model.parameters())).toThrow(/vector of 6 elements/);
  });
});
