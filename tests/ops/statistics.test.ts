import { describe, expect, it } from "vitest";
import * as lib from "../../bindings/index.ts";
import {
  corrcoef,
  cov,
  DTypeError,
  nanquantile,
  quantile,
  ShapeError,
  std,
  stdMean,
  TensorError,
  tensor,
  varMean,
  zeros,
} from "../../bindings/index.ts";
import { EXACT, expectTensor } from "../support/expect.ts";
import { testAsPyTorch } from "../support/reductions.ts";
import { warningsOf } from "../support/warnings.ts";

testAsPyTorch(["var", "std", "var_mean", "std_mean", "quantile", "nanquantile", "cov", "corrcoef"]);

const { NaN: nan } = Number;

describe("variance", () => {
  it("takes its arguments as PyTorch does", () => {
    const x = tensor([
      [1, 2],
      [3, 8],
    ]);
    expectTensor(lib.var(x), 9.6666667);
    for (const y of [lib.var(x, false), x.var({ unbiased: false }), x.var({ correction: 0 })]) expectTensor(y, 7.25);
    for (const y of [lib.var(x, 1), x.var(1, true), x.var({ dim: [1], correction: 1 })]) expectTensor(y, [0.5, 12.5]);
    expectTensor(x.var(0, false, true), [[1, 9]]);
    expectTensor(x.std({ dim: 0, correction: 0, keepdim: true }), [[1, 3]]);
    const [s, m] = stdMean(x, 0);
    expectTensor(s, [Math.SQRT2, 3 * Math.SQRT2]);
    expectTensor(m, [2, 5], EXACT);
    expect(() => lib.var(tensor([1], { dtype: "int32" }))).toThrow(
      /std and var only support floating point and complex dtypes/,
    );
  });

  it("171 of one element is NaN, of constants 0 with gradient 0", () => {
    expectTensor(tensor([[5], [6]]).std(1), [nan, nan]);
    expectTensor(tensor(5).var(), nan);
    const x = tensor([1e6 + 1, 1e6 + 1, 1e6 + 1], { requiresGrad: true });
    const y = std(x);
    y.backward();
    expect(y.item()).toBe(0);
    expectTensor(x.grad, [0, 0, 0], EXACT);
    const one = tensor([5], { requiresGrad: true });
    one.var().backward();
    expectTensor(one.grad, [nan]);
  });

  it("does not cancel", () => {
    const x = tensor(Float32Array.from({ length: 1000 }, (_, i) => 1e4 + (i % 2)));
    expect(x.var(false).item()).toBe(0.25);
  });

  it("has PyTorch's names, those of both results among them", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const names = [x.var(), x.std(0), ...varMean(x), ...stdMean(x, 0)].map((t) => t.gradFn?.name());
    const both = ["VarMeanBackward0", "VarMeanBackward0", "StdMeanBackward0", "StdMeanBackward0"];
    expect(names).toEqual(["VarBackward0", "StdBackward0", ...both]);
  });
});

describe("quantiles", () => {
  it("lie where asked for, and go first if they are several", () => {
    const x = tensor([
      [4, 1, 3, 2],
      [10, 30, 20, 40],
    ]);
    expectTensor(quantile(x, 0.5, 1), [2.5, 25]);
    expectTensor(quantile(x, tensor([0, 0.5, 1]), { dim: -1 }), [
      [1, 10],
      [2.5, 25],
      [4, 40],
    ]);
    expect(quantile(x, tensor([0.1, 0.2]), 1, true).shape).toEqual([2, 2, 1]);
    expect(quantile(x, tensor([0.1]), null, true).shape).toEqual([1, 1, 1]);
    expect(quantile(x, 0.1, { keepdim: true }).shape).toEqual([1, 1]);
    for (const [interpolation, value] of [
      ["lower", 2],
      ["higher", 3],
      ["midpoint", 2.5],
      ["nearest", 2],
    ] as const) {
      expect(quantile(x.select(0, 0), 0.4, { interpolation }).item()).toBe(value);
    }
  });

  it("have gradients by the elements and by q", () => {
    const x = tensor([3, 1, 2], { requiresGrad: true });
    const q = tensor([0.25], { requiresGrad: true });
    quantile(x, q).backward();
    expectTensor(x.grad, [0, 0.5, 0.5]);
    expectTensor(q.grad, [2]);
  });

  it("are NaN beside a NaN, unless NaNs are skipped", () => {
    const x = tensor(
      [
        [1, nan, 3],
        [nan, nan, nan],
      ],
      { requiresGrad: true },
    );
    expectTensor(quantile(x, 0.5, 1), [nan, nan]);
    const y = nanquantile(x, 0.5, 1);
    expectTensor(y, [2, nan]);
    y.sum().backward();
    expectTensor(x.grad?.select(0, 0), [0.5, 0, 0.5], EXACT);
  });

  it("of what they cannot be are refused", () => {
    const x = tensor([1, 2]);
    expect(() => quantile(zeros([0]), 0.5)).toThrow(/quantile\(\) input tensor must be non-empty/);
    expect(() => quantile(x, 1.5)).toThrow(/q must be in the range \[0, 1\] but got 1.5/);
    expect(() => quantile(x, tensor([0.2, nan]))).toThrow(/q values must be in the range \[0, 1\]/);
    expect(() => quantile(x, tensor([[0.2]]))).toThrow(ShapeError);
    expect(() => quantile(x, 0.5, { interpolation: "cubic" as never })).toThrow(/interpolation must be one of linear/);
    expect(() => quantile(tensor([1], { dtype: "int32" }), 0.5)).toThrow(DTypeError);
    expect(() => quantile(x, "0.5" as never)).toThrow(TypeError);
  });
});

describe("covariance", () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, 7],
  ]);

  it("takes frequencies and weights", () => {
    const repeated = tensor([
      [1, 2, 2, 3, 3, 3],
      [4, 5, 5, 7, 7, 7],
    ]);
    const fweights = tensor([1, 2, 3], { dtype: "int32" });
    expectTensor(cov(x, { fweights }), cov(repeated).tolist() as number[][], { atol: 1e-6 });
    const aweights = tensor([0.5, 1, 1.5]);
    expectTensor(cov(x, { aweights }), [
      [0.90909091, 1.45454545],
      [1.45454545, 2.40909091],
    ]);
    expectTensor(corrcoef(x), [
      [1, 0.98198051],
      [0.98198051, 1],
    ]);
    expectTensor(corrcoef(tensor([1, 2])), 1);
  });

  it("without freedom is infinite or NaN, and says so", () => {
    const warnings = warningsOf(() =>
      expectTensor(cov(tensor([[1], [2]])), [
        [nan, nan],
        [nan, nan],
      ]),
    );
    expect(warnings.join()).toContain("degrees of freedom is <= 0");
  });

  it("of what does not fit is refused", () => {
    expect(() => cov(zeros([2, 2, 2]))).toThrow(/two or fewer dimensions but got an input with 3/);
    expect(() => cov(tensor([true]))).toThrow(DTypeError);
    expect(() => cov(x, { fweights: tensor([1, 2], { dtype: "int32" }) })).toThrow(/same numel.* 2 != 3/);
    expect(() => cov(x, { fweights: tensor([1, -1, 1], { dtype: "int32" }) })).toThrow(/fweights cannot be negative/);
    expect(() => cov(x, { fweights: tensor([1, 1, 1]) })).toThrow(/fweights to have integral dtype/);
    expect(() => cov(x, { aweights: tensor([1, 1, 1], { dtype: "int32" }) })).toThrow(
      /aweights to have floating point/,
    );
    expect(() => cov(x, { aweights: zeros([3]) })).toThrow(TensorError);
  });
});
