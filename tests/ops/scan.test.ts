import { describe, expect, it } from "vitest";
import { autograd, cumprod, cumsum, DTypeError, IndexError, logcumsumexp, tensor } from "../../bindings/index.ts";
import { EXACT, expectTensor } from "../support/expect.ts";
import { testAsPyTorch } from "../support/reductions.ts";

testAsPyTorch(["cumsum", "cumprod", "logcumsumexp", "cummax", "cummin"]);

const { NaN: nan, NEGATIVE_INFINITY: none } = Number;

describe("scans", () => {
  it("run along any dimension of any layout", () => {
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expectTensor(
      cumsum(x, 0),
      [
        [1, 2, 3],
        [5, 7, 9],
      ],
      EXACT,
    );
    expectTensor(
      cumsum(x.t(), -1),
      [
        [1, 5],
        [2, 7],
        [3, 9],
      ],
      EXACT,
    );
    expectTensor(
      cumprod(x, { dim: 1 }),
      [
        [1, 2, 6],
        [4, 20, 120],
      ],
      EXACT,
    );
    expectTensor(tensor(3).cumsum(0), 3, EXACT);
    expectTensor(tensor([1.7, 2.6]).cumsum(0, { dtype: "int32" }), [1, 3], EXACT);
  });

  it("155 count bools, keep integers, and refuse what they cannot", () => {
    expectTensor(cumsum(tensor([true, true, false]), 0), [1, 2, 2], EXACT);
    expect(cumprod(tensor([2, 3], { dtype: "int32" }), 0).dtype).toBe("int32");
    expect(() => logcumsumexp(tensor([1], { dtype: "int32" }), 0)).toThrow(DTypeError);
    expect(() => cumsum(tensor([1]), 1)).toThrow(IndexError);
    expect(() => cumsum(tensor([1]), undefined as never)).toThrow(/missing 1 required positional arguments: "dim"/);
  });

  it("170 products with zeros have exact gradients, of any order", () => {
    const x = tensor([2, 0, 3, 0], { requiresGrad: true });
    const y = cumprod(x, 0);
    const [g] = autograd.grad(y.sum(), x, { createGraph: true });
    expectTensor(g, [1, 8, 0, 0], EXACT);
    // Σ y = x₀ (1 + x₁ (1 + x₂ (1 + x₃))).
    const [h] = autograd.grad(g.sum(), x, { createGraph: true });
    expectTensor(h, [4, 12, 2, 6], EXACT);
    const [third] = autograd.grad(h.sum(), x);
    expectTensor(third, [8, 12, 6, 10], EXACT);
  });

  it("175 logcumsumexp of -inf gives -inf, and NaN for its gradient", () => {
    const x = tensor([none, none, 0, 1], { requiresGrad: true });
    const y = logcumsumexp(x, 0);
    expectTensor(y, [none, none, 0, 1.3132616]);
    y.select(0, 3).backward();
    expectTensor(x.grad, [nan, nan, 0.26894143, 0.7310586]);
  });

  it("cummax and cummin keep the last of equal ones, and a NaN", () => {
    expectTensor(tensor([1, 1, nan, 3, nan]).cummax(0).indices, [0, 1, 2, 2, 4], EXACT);
    expectTensor(tensor([3, 1, 1, 3]).cummin(0).indices, [0, 1, 2, 2], EXACT);
    const x = tensor([1, 3, 2, 3], { requiresGrad: true });
    x.cummax(0).values.sum().backward();
    expectTensor(x.grad, [1, 2, 0, 1], EXACT);
  });

  it("in place replace the tensor and its history", () => {
    const x = tensor([1, 2, 3], { requiresGrad: true });
    const y = x.mul(2);
    expect(y.cumsum_(0)).toBe(y);
    y.cumprod_(0);
    expectTensor(y, [2, 12, 144], EXACT);
    y.select(0, 2).backward();
    // 2a (2a + 2b) (2a + 2b + 2c), differentiated.
    expectTensor(x.grad, [216, 72, 24], EXACT);
  });

  it("are named as in PyTorch", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const names = [x.cumsum(0), x.cumprod(0), x.logcumsumexp(0), x.cummax(0).values, x.cummin(0).values];
    expect(names.map((t) => t.gradFn?.name())).toEqual([
      "CumsumBackward0",
      "CumprodBackward0",
      "LogcumsumexpBackward0",
      "CummaxBackward0",
      "CumminBackward0",
    ]);
  });
});
