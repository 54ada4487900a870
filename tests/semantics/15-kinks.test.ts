import { describe, expect, it } from "vitest";
import {
  abs,
  clamp,
  log,
  maximum,
  mean,
  minimum,
  nn,
  pow,
  relu,
  softmax,
  sqrt,
  type Tensor,
  tensor,
  zeros,
} from "../../bindings/index.ts";
import { EXACT, expectTensor } from "../support/expect.ts";
import type { Nested } from "../support/nested.ts";

const F = nn.functional;

/** The gradient of the sum of `fn`'s output. */
function gradient(fn: (x: Tensor) => Tensor, at: Nested): Tensor {
  const x = tensor(at, { requiresGrad: true });
  fn(x).sum().backward();
  return x.grad!;
}

describe("values at kinks, ties and edges", () => {
  it("160 abs and relu at 0 have gradient 0", () => {
    expectTensor(gradient(abs, [-2, -0, 0, 3]), [-1, 0, 0, 1], EXACT);
    expectTensor(gradient(relu, [-2, -0, 0, 3]), [0, 0, 0, 1], EXACT);
  });

  it("161 clamp passes the gradient at a bound, not outside", () => {
    expectTensor(
      gradient((x) => clamp(x, -1, 1), [-2, -1, 0, 1, 2]),
      [0, 1, 1, 1, 0],
      EXACT,
    );
    expectTensor(
      gradient((x) => clamp(x, { min: 0 }), [-1, 0, 1]),
      [0, 1, 1],
      EXACT,
    );
    expectTensor(
      gradient((x) => clamp(x, { max: 0 }), [-1, 0, 1]),
      [1, 1, 0],
      EXACT,
    );
  });

  it("161 clamp with min > max gives max", () => {
    expectTensor(clamp(tensor([-5, 0, 5]), 2, 1), [1, 1, 1], EXACT);
  });

  it("163 sqrt, log and pow at 0", () => {
    expectTensor(gradient(sqrt, [0]), [Infinity]);
    expectTensor(log(tensor([0])), [-Infinity]);
    expectTensor(gradient(log, [0]), [Infinity]);
    expectTensor(
      gradient((x) => x.pow(0.5), [0]),
      [Infinity],
    );
  });

  it("165 pow(0, 0) is 1 with gradient 0 for base and exponent", () => {
    const base = tensor([0], { requiresGrad: true });
    const exponent = tensor([0], { requiresGrad: true });
    const y = pow(base, exponent);
    expectTensor(y, [1], EXACT);
    y.backward();
    expectTensor(base.grad, [0], EXACT);
    expectTensor(exponent.grad, [0], EXACT);
  });

  it("165 x ** 0 has gradient 0 everywhere", () => {
    expectTensor(
      gradient((x) => x.pow(0), [-1, 0, 2, Infinity]),
      [0, 0, 0, 0],
      EXACT,
    );
    expectTensor(tensor([-1, 0, NaN]).pow(0), [1, 1, 1], EXACT);
  });

  it("166 the gradient of the exponent of 0 ** b", () => {
    const b = tensor([2, 0.5, 0, -1], { requiresGrad: true });
    pow(zeros([4]), b)
      .sum()
      .backward();
    expectTensor(b.grad, [0, 0, 0, -Infinity]);
  });

  it("166 and of a negative base, whose values are fine at integers", () => {
    const b = tensor([2, 3], { requiresGrad: true });
    const y = pow(tensor([-2, -2]), b);
    expectTensor(y, [4, -8], EXACT);
    y.sum().backward();
    expectTensor(b.grad, [NaN, NaN]);
    expectTensor(pow(tensor([-2]), tensor([0.5])), [NaN]);
    expectTensor(
      gradient((x) => x.pow(3), [-2]),
      [12],
    );
  });

  it("166 a number as base: number ** tensor", () => {
    const x = tensor([0, 1, 3], { requiresGrad: true });
    const y = pow(2, x);
    expectTensor(y, [1, 2, 8]);
    y.sum().backward();
    expectTensor(x.grad, [Math.LN2, 2 * Math.LN2, 8 * Math.LN2]);
  });

  it("167 max and min over everything share the gradient among ties", () => {
    expectTensor(
      gradient((x) => x.max(), [1, 3, 3, 2]),
      [0, 0.5, 0.5, 0],
    );
    expectTensor(
      gradient(
        (x) => x.min(),
        [
          [4, 1],
          [1, 1],
        ],
      ),
      [
        [0, 1 / 3],
        [1 / 3, 1 / 3],
      ],
    );
    expectTensor(
      gradient(
        (x) => x.amax(1),
        [
          [2, 2],
          [1, 5],
        ],
      ),
      [
        [0.5, 0.5],
        [0, 1],
      ],
    );
    expectTensor(
      gradient(
        (x) => x.amin(0),
        [
          [2, 2],
          [2, 5],
        ],
      ),
      [
        [0.5, 1],
        [0.5, 0],
      ],
    );
  });

  it("167 NaNs share too", () => {
    expectTensor(tensor([1, NaN, 3]).max(), NaN);
    expectTensor(
      gradient((x) => x.max(), [1, NaN, 3, NaN]),
      [0, 0.5, 0, 0.5],
    );
    expectTensor(
      gradient((x) => x.min(), [NaN, 0]),
      [1, 0],
    );
  });

  it("168 max(dim), min(dim) and argmax take the first of equals, which gets all", () => {
    const x = tensor([
      [1, 3, 3],
      [2, 2, 2],
    ]);
    expectTensor(x.max(1).indices, [1, 0], EXACT);
    expectTensor(x.min(1).indices, [0, 0], EXACT);
    expectTensor(x.argmax(1), [1, 0], EXACT);
    expect(tensor([5, 7, 7]).argmax().item()).toBe(1);
    expectTensor(
      gradient(
        (t) => t.max(1).values,
        [
          [1, 3, 3],
          [2, 2, 2],
        ],
      ),
      [
        [0, 1, 0],
        [1, 0, 0],
      ],
      EXACT,
    );
    expectTensor(
      gradient(
        (t) => t.min(0).values,
        [
          [1, 2],
          [1, 0],
        ],
      ),
      [
        [1, 0],
        [0, 1],
      ],
      EXACT,
    );
  });

  it("168 a NaN wins over numbers", () => {
    const x = tensor([
      [1, NaN, 3],
      [NaN, 2, NaN],
    ]);
    expectTensor(x.max(1).values, [NaN, NaN]);
    expectTensor(x.max(1).indices, [1, 0], EXACT);
    expectTensor(x.min(1).indices, [1, 0], EXACT);
    expectTensor(x.argmax(1), [1, 0], EXACT);
  });

  it("169 maximum and minimum give half to each of two equals", () => {
    for (const fn of [maximum, minimum]) {
      const a = tensor([1, 2, 5], { requiresGrad: true });
      const b = tensor([1, 5, 2], { requiresGrad: true });
      fn(a, b).sum().backward();
      const won = fn === maximum ? [0.5, 0, 1] : [0.5, 1, 0];
      expectTensor(a.grad, won, EXACT);
      expectTensor(
        b.grad,
        won.map((w) => 1 - w),
        EXACT,
      );
    }
  });

  it("174 binaryCrossEntropy clamps its logs at -100", () => {
    expectTensor(F.binaryCrossEntropy(tensor([0]), tensor([1])), 100);
    expectTensor(F.binaryCrossEntropy(tensor([1]), tensor([0])), 100);
    expectTensor(F.binaryCrossEntropy(tensor([1, 0]), tensor([1, 0])), 0);
  });

  it("175 softmax and logSoftmax are shifted by the maximum", () => {
    expectTensor(softmax(tensor([1000, 1000]), 0), [0.5, 0.5]);
    expectTensor(tensor([1000, 0]).logSoftmax(0), [0, -1000]);
    expectTensor(softmax(tensor([-1000, -1000]), 0), [0.5, 0.5]);
  });

  it("175 entries of -Infinity give 0 with gradient 0; a row of nothing else gives NaN", () => {
    expectTensor(softmax(tensor([0, -Infinity, 0]), 0), [0.5, 0, 0.5]);
    expectTensor(
      gradient((x) => softmax(x, 0).mul(tensor([1, 2, 3])), [0, -Infinity, 0]),
      [-0.5, 0, 0.5],
    );
    expectTensor(softmax(tensor([-Infinity, -Infinity]), 0), [NaN, NaN]);
    expectTensor(tensor([-Infinity, -Infinity]).logSoftmax(0), [NaN, NaN]);
  });

  it("178 empty reductions: sum 0, mean NaN, max, min and argmax raise", () => {
    expectTensor(zeros([0]).sum(), 0, EXACT);
    expectTensor(zeros([0, 3]).sum(0), [0, 0, 0], EXACT);
    expectTensor(mean(zeros([0])), NaN);
    expectTensor(zeros([2, 0]).mean(1), [NaN, NaN]);
    const specify =
      /Expected reduction dim to be specified for input\.numel\(\) == 0|Expected reduction dim 0 to have non-zero size/;
    expect(() => zeros([0]).max()).toThrow(specify);
    expect(() => zeros([0]).min()).toThrow(specify);
    expect(() => zeros([0]).argmax()).toThrow(specify);
    expect(() => zeros([0, 3]).max(0)).toThrow(/Expected reduction dim 0 to have non-zero size/);
    expect([...zeros([0, 3]).max(1).values.shape]).toEqual([0]);
  });

  it("179 crossEntropy: ignoreIndex rows do not count", () => {
    const logits = tensor(
      [
        [1, 2, 3],
        [0, 0, 0],
        [5, 1, 1],
      ],
      { requiresGrad: true },
    );
    const target = tensor([2, -100, 0], { dtype: "int32" });
    const loss = F.crossEntropy(logits, target);
    expectTensor(loss, 0.22179115);
    loss.backward();
    expectTensor(logits.grad, [
      [0.0450153, 0.12236424, -0.16737953],
      [0, 0, 0],
      [-0.01766837, 0.00883418, 0.00883418],
    ]);
    expectTensor(F.crossEntropy(logits, tensor([1, 1, 1], { dtype: "int32" }), { ignoreIndex: 1 }), NaN);
  });

  it("179 crossEntropy: weight normalises by the sum of weights", () => {
    const logits = tensor([
      [1, 2, 3],
      [0, 0, 0],
    ]);
    const target = tensor([2, 0], { dtype: "int32" });
    const weight = tensor([3, 1, 0.5]);
    expectTensor(F.crossEntropy(logits, target, { weight }), (0.5 * 0.4076059 + 3 * 1.0986123) / 3.5);
    expectTensor(F.crossEntropy(logits, target, { weight, reduction: "none" }), [0.5 * 0.4076059, 3 * 1.0986123]);
    expectTensor(F.crossEntropy(logits, target, { weight, reduction: "sum" }), 0.5 * 0.4076059 + 3 * 1.0986123);
  });
});
