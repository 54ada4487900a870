import { describe, expect, it } from "vitest";
import {
  autograd,
  manualSeed,
  nn,
  noGrad,
  ones,
  randn,
  softmax,
  type Tensor,
  tensor,
  zeros,
} from "../../bindings/index.ts";
import { EXACT, expectShape, expectTensor } from "../support/expect.ts";
import { warningsOf } from "../support/warnings.ts";

const F = nn.functional;
const scores = (): Tensor =>
  tensor(
    [
      [1, 2, 3],
      [0.5, -1, 2],
      [3, 0, 1],
    ],
    { requiresGrad: true },
  );
const classes = (...list: number[]): Tensor => tensor(list, { dtype: "int32" });
const weight = tensor([1, 2, 0.5]);

/** Probabilities of the classes. */
const TARGETS = softmax(scores().detach(), 0);

type Case = [title: string, loss: (x: Tensor) => Tensor, value: number | number[], gradient: number[][], name: string];

/** What PyTorch 1.13 gives. */
const CASES: Case[] = [
  [
    "mean over classes",
    (x) => F.crossEntropy(x, classes(2, 0, 1)),
    1.7729212,
    [
      [0.03001019, 0.08157617, -0.11158633],
      [-0.27490321, 0.01303752, 0.26186568],
      [0.2812649, -0.31932998, 0.03806507],
    ],
    "NllLossBackward0",
  ],
  [
    "without reduction",
    (x) => F.crossEntropy(x, classes(2, 0, 1), { reduction: "none" }),
    [0.40760595, 1.7413113, 3.169846],
    [
      [0.09003058, 0.24472849, -0.334759],
      [-0.82470959, 0.03911257, 0.78559703],
      [0.8437947, -0.95798993, 0.1141952],
    ],
    "NllLossBackward0",
  ],
  [
    "weights",
    (x) => F.crossEntropy(x, classes(2, 0, 1), weight),
    2.3670876,
    [
      [0.01286151, 0.03496122, -0.04782272],
      [-0.23563133, 0.01117502, 0.22445631],
      [0.48216844, -0.54742283, 0.06525441],
    ],
    "NllLossBackward0",
  ],
  [
    "an ignored class",
    (x) => F.crossEntropy(x, classes(2, -100, 1)),
    1.788726,
    [
      [0.04501529, 0.12236425, -0.1673795],
      [0, 0, 0],
      [0.42189735, -0.47899497, 0.0570976],
    ],
    "NllLossBackward0",
  ],
  [
    "weights and label smoothing",
    (x) => F.crossEntropy(x, classes(2, 0, 1), { weight, labelSmoothing: 0.2 }),
    2.3006353,
    [
      [-0.00275637, 0.00618896, -0.00343258],
      [-0.19586664, -0.02654772, 0.22241437],
      [0.42294011, -0.47323284, 0.05029273],
    ],
    "AddBackward0",
  ],
  [
    "probabilities",
    (x) => F.crossEntropy(x, TARGETS, { weight }),
    1.3863686,
    [
      [0.02690779, -0.38866037, 0.36175266],
      [-0.00647638, -0.02443691, 0.03091329],
      [0.03412995, -0.06079906, 0.0266691],
    ],
    "DivBackward1",
  ],
  [
    "places after the classes",
    (x) => F.crossEntropy(x.view(1, 3, 3), classes(2, 0, 1).view(1, 3), { ignoreIndex: 0 }),
    0.80217004,
    [
      [0.05558281, 0, 0.33262047],
      [0.03371268, 0, -0.37763575],
      [-0.08929551, 0, 0.04501529],
    ],
    "NllLoss2DBackward0",
  ],
  [
    "log-probabilities",
    (x) => F.nllLoss(x, classes(2, 0, 1), weight, { reduction: "sum" }),
    -2,
    [
      [0, 0, -0.5],
      [-1, 0, 0],
      [0, -2, 0],
    ],
    "NllLossBackward0",
  ],
];

describe("losses of classifiers", () => {
  for (const [title, loss, value, gradient, name] of CASES) {
    it(title, () => {
      const x = scores();
      const y = loss(x);
      expectTensor(y, value);
      expect(y.gradFn?.name()).toBe(name);
      y.sum().backward();
      expectTensor(x.grad, gradient);
    });

    it(`${title}: second derivatives`, () => {
      const make = (): Tensor => scores().mul(0.7).detach().requiresGrad_();
      expect(autograd.gradgradcheck(loss, [make()], { eps: 1e-2, atol: 2e-2, rtol: 5e-2 })).toBe(true);
    });
  }

  it("one position alone", () => {
    const x = tensor([1, 2, 3], { requiresGrad: true });
    const y = F.crossEntropy(x, tensor(2, { dtype: "int32" }), { reduction: "none" });
    expectShape(y, []);
    expectTensor(y, 0.40760595);
    y.backward();
    expectTensor(x.grad, [0.09003058, 0.24472849, -0.334759]);
  });

  it("keeps the shape of its targets without a reduction", () => {
    const target = zeros([2, 3, 4], { dtype: "int32" });
    expectShape(F.crossEntropy(randn(2, 5, 3, 4), target, { reduction: "none" }), [2, 3, 4]);
    expectShape(F.nllLoss(randn(2, 5, 3, 4), target, { reduction: "none" }), [2, 3, 4]);
  });

  it("does not care about the layout of its operands", () => {
    const x = scores();
    const transposed = x.t().contiguous().t();
    expect(transposed.isContiguous()).toBe(false);
    const strided = classes(2, 9, 0, 9, 1, 9).view(3, 2).select(1, 0);
    expectTensor(F.crossEntropy(transposed, strided), F.crossEntropy(x, classes(2, 0, 1)).item(), EXACT);
  });

  it("NaN of nothing, 0 as a sum; what is ignored may hold anything", () => {
    expectTensor(F.crossEntropy(zeros(0, 3), zeros([0], { dtype: "int32" })), Number.NaN);
    expectTensor(F.crossEntropy(zeros(0, 3), zeros([0], { dtype: "int32" }), { reduction: "sum" }), 0);
    expectTensor(F.crossEntropy(scores(), classes(-100, -100, -100)), Number.NaN);
    const x = tensor(
      [
        [Number.NaN, 1],
        [0, 0],
      ],
      { requiresGrad: true },
    );
    F.crossEntropy(x, classes(-1, 0), { ignoreIndex: -1 }).backward();
    expectTensor(x.grad, [
      [0, 0],
      [-0.5, 0.5],
    ]);
  });

  it("does not overflow", () => {
    const x = tensor([[1000, 0, -1000]], { requiresGrad: true });
    const y = F.crossEntropy(x, classes(2));
    expectTensor(y, 2000);
    y.backward();
    expectTensor(x.grad, [[1, 0, -1]]);
  });

  it("notices targets that are changed before the walk back", () => {
    const target = classes(0, 1, 2);
    const y = F.crossEntropy(scores(), target);
    target.fill_(0);
    expect(() => y.backward()).toThrow(/modified by an inplace operation/);
  });

  it("records nothing in noGrad", () => {
    const y = noGrad(() => F.crossEntropy(scores(), classes(2, 0, 1)));
    expect(y.requiresGrad).toBe(false);
    expectTensor(y, 1.7729212);
  });

  it("says what does not fit", () => {
    const x = scores();
    expect(() => F.crossEntropy(x, classes(0, 1, 4))).toThrow("Target 4 is out of bounds.");
    expect(() => F.crossEntropy(x, classes(0, 1, -1), weight)).toThrow("Target -1 is out of bounds.");
    expect(() => F.crossEntropy(x, classes(0, 1))).toThrow(
      "Expected input batch_size (3) to match target batch_size (2).",
    );
    expect(() => F.crossEntropy(x, zeros(3))).toThrow(/expected scalar type Int but found Float/);
    expect(() => F.crossEntropy(x, zeros([3, 1], { dtype: "int32" }))).toThrow(/multi-target not supported/);
    expect(() => F.crossEntropy(x, classes(0, 1, 2), ones(2))).toThrow(/either for all 3 classes or no classes/);
    expect(() => F.crossEntropy(x, classes(0, 1, 2), { labelSmoothing: 2 })).toThrow(/between 0\.0 and 1\.0\. Got: 2/);
    expect(() => F.crossEntropy(x, classes(0, 1, 2), { reduction: "avg" as "sum" })).toThrow(
      "avg is not a valid value for reduction",
    );
    expect(() => F.crossEntropy(randn(2, 3, 4), zeros([2, 5], { dtype: "int32" }))).toThrow(
      /Expected target size \[2, 4\], got \[2, 5\]/,
    );
    expect(() => F.nllLoss(tensor(1), classes(1))).toThrow("Expected 1 or more dimensions (got 0)");
  });
});

describe("losses of two tensors", () => {
  it("binaryCrossEntropy is finite at 0 and 1, and so is its gradient", () => {
    const x = tensor([0, 1, 0, 1, 0.3], { requiresGrad: true });
    const y = F.binaryCrossEntropy(x, tensor([0, 1, 1, 0, 0.6]), { reduction: "none" });
    expectTensor(y, [0, 0, 100, 100, 0.8650542]);
    expect(y.gradFn?.name()).toBe("BinaryCrossEntropyBackward0");
    y.sum().backward();
    expectTensor(x.grad, [0, 0, -1e12, 1e12, -1.4285715]);
  });

  it("binaryCrossEntropyWithLogits does not overflow", () => {
    const x = tensor([0, 100, -100, 2], { requiresGrad: true });
    const target = tensor([0, 1, 1, 0.6], { requiresGrad: true });
    const y = F.binaryCrossEntropyWithLogits(x, target, { reduction: "none", posWeight: tensor([3]) });
    expectTensor(y, [Math.LN2, 0, 300, 1.0792375], { atol: 1e-4 });
    expect(y.gradFn?.name()).toBe("BinaryCrossEntropyWithLogitsBackward0");
    y.sum().backward();
    expectTensor(x.grad, [0.5, 0, -3, 0.1377636], { atol: 1e-4 });
    expectTensor(target.grad, [1.3862944, -100, 300, -1.7461441], { rtol: 1e-4 });
  });

  it("twice differentiable", () => {
    manualSeed(1);
    const [x, y] = [randn(4), randn(4).sigmoid()];
    const leaf = (t: Tensor): Tensor => t.detach().clone().requiresGrad_();
    const tolerance = { eps: 1e-2, atol: 2e-2, rtol: 5e-2 };
    const twice = (loss: (a: Tensor, b: Tensor) => Tensor, a: Tensor): boolean =>
      autograd.gradgradcheck(loss, [leaf(a), leaf(y)], tolerance);
    expect(twice(F.binaryCrossEntropy, x.sigmoid())).toBe(true);
    expect(twice(F.binaryCrossEntropyWithLogits, x)).toBe(true);
    expect(twice(F.mseLoss, x)).toBe(true);
  });

  it("reductions, weights and names", () => {
    const [x, y] = [tensor([1, 2], { requiresGrad: true }), tensor([1, 4])];
    expectTensor(F.mseLoss(x, y, { reduction: "none" }), [0, 4]);
    expectTensor(F.mseLoss(x, y, { reduction: "sum" }), 4);
    expectTensor(F.l1Loss(x, y), 1);
    expect(F.mseLoss(x, y).gradFn?.name()).toBe("MseLossBackward0");
    const p = tensor([0.5, 0.5]);
    expectTensor(F.binaryCrossEntropy(p, tensor([0, 1]), tensor([2, 4])), 3 * Math.LN2);
    expectTensor(F.binaryCrossEntropyWithLogits(zeros(2), tensor([0, 1]), tensor([2, 4])), 3 * Math.LN2);
  });

  it("warn of shapes that broadcast, or refuse them", () => {
    const texts = warningsOf(() => {
      F.mseLoss(ones(3, 4), zeros(4));
    });
    expect(texts.length).toBe(1);
    expect(texts[0]).toMatch(/Using a target size \(torch\.Size\(\[4\]\)\) that is different to the input size/);
    expect(() => F.binaryCrossEntropy(ones(3, 4), zeros(4))).toThrow(
      /is deprecated\. Please ensure they have the same/,
    );
    expect(() => F.binaryCrossEntropyWithLogits(ones(3, 4), zeros(4))).toThrow(/must be the same as input size/);
    expect(() => F.binaryCrossEntropy(tensor([2]), zeros(1))).toThrow(
      "all elements of input should be between 0 and 1",
    );
  });
});

describe("losses as modules", () => {
  it("give what the functions give", () => {
    const [x, y] = [scores(), classes(2, 0, 1)];
    expectTensor(new nn.CrossEntropyLoss()(x, y), F.crossEntropy(x, y).item());
    expectTensor(
      new nn.CrossEntropyLoss({ weight, labelSmoothing: 0.2, reduction: "sum" })(x, y),
      F.crossEntropy(x, y, { weight, labelSmoothing: 0.2, reduction: "sum" }).item(),
    );
    expectTensor(new nn.NLLLoss(weight, { ignoreIndex: 0 })(x, y), F.nllLoss(x, y, weight, { ignoreIndex: 0 }).item());
    const [p, q] = [x.sigmoid(), ones(3, 3)];
    expectTensor(new nn.MSELoss()(p, q), F.mseLoss(p, q).item());
    expectTensor(new nn.L1Loss({ reduction: "sum" })(p, q), F.l1Loss(p, q, { reduction: "sum" }).item());
    expectTensor(new nn.BCELoss(weight)(p, q), F.binaryCrossEntropy(p, q, weight).item());
    const posWeight = weight;
    expectTensor(
      new nn.BCEWithLogitsLoss({ posWeight })(x, q),
      F.binaryCrossEntropyWithLogits(x, q, { posWeight }).item(),
    );
  });

  it("keep their factors as buffers", () => {
    expect(Object.keys(new nn.CrossEntropyLoss(weight).stateDict())).toEqual(["weight"]);
    expect(Object.keys(new nn.BCEWithLogitsLoss({ posWeight: weight }).stateDict())).toEqual(["pos_weight"]);
    expect(Object.keys(new nn.CrossEntropyLoss().stateDict())).toEqual([]);
    expect(() => new nn.MSELoss({ reduction: "avg" as "sum" })).toThrow(/not a valid value for reduction/);
  });
});
