import { describe, expect, it } from "vitest";
import {
  maximum,
  minimum,
  ones,
  relu,
  softmax,
  sqrt,
  type Tensor,
  tensor,
  where,
  zeros,
} from "../../bindings/index.ts";
import { EXACT, expectTensor } from "../support/expect.ts";

/** The gradient of the sum of `fn`'s output. */
function gradient(fn: (x: Tensor) => Tensor, at: number[]): Tensor {
  const x = tensor(at, { requiresGrad: true });
  fn(x).sum().backward();
  return x.grad!;
}

describe("NaN and infinity", () => {
  it("181 NaN passes through arithmetic, relu, clamp, maximum, max and sum", () => {
    const x = tensor([NaN, 1]);
    for (const y of [
      x.add(1),
      x.mul(0),
      x.sub(x),
      x.div(2),
      x.neg(),
      x.exp(),
      relu(x),
      x.clamp(-1, 1),
      x.abs(),
      x.tanh(),
    ]) {
      expect(y.index(0).item()).toBeNaN();
      expect(Number.isNaN(y.index(1).item())).toBe(false);
    }
    for (const y of [
      x.sum(),
      x.mean(),
      x.max(),
      x.min(),
      maximum(x, ones([2])).index(0),
      minimum(ones([2]), x).index(0),
    ]) {
      expect(y.item()).toBeNaN();
    }
  });

  it("181 comparisons with NaN are false, ne is true", () => {
    const x = tensor([NaN]);
    for (const y of [x.eq(x), x.lt(1), x.le(1), x.gt(1), x.ge(x)]) expectTensor(y, [false]);
    expectTensor(x.ne(x), [true]);
  });

  it("181 infinities follow IEEE arithmetic", () => {
    const x = tensor([Infinity, -Infinity, 0]);
    expectTensor(x.add(1), [Infinity, -Infinity, 1]);
    expectTensor(x.mul(0), [NaN, NaN, 0]);
    expectTensor(tensor([1, -1, 0]).div(0), [Infinity, -Infinity, NaN]);
    expectTensor(x.exp(), [Infinity, 0, 1]);
    expectTensor(x.tanh(), [1, -1, 0]);
    expectTensor(x.sigmoid(), [1, 0, 0.5]);
    expectTensor(tensor([-1]).log(), [NaN]);
    expectTensor(tensor([-1]).sqrt(), [NaN]);
    expectTensor(tensor([Infinity]).sin(), [NaN]);
  });

  it("182 0 times infinity in a backward is NaN", () => {
    expectTensor(
      gradient((x) => x.log().mul(x), [0]),
      [NaN],
    );
    expectTensor(
      gradient((x) => x.sqrt().mul(0), [0]),
      [NaN],
    );
  });

  it("183 where picks a branch, but both are differentiated", () => {
    const x = tensor([-1, 4], { requiresGrad: true });
    const y = where(x.gt(0), sqrt(x), 0);
    expectTensor(y, [0, 2]);
    y.sum().backward();
    expectTensor(x.grad, [NaN, 0.25]);
  });

  it("183 unless the input of sqrt is made safe by a where of its own", () => {
    const x = tensor([-1, 4], { requiresGrad: true });
    const safe = where(x.gt(0), x, 1);
    where(x.gt(0), sqrt(safe), 0).sum().backward();
    expectTensor(x.grad, [0, 0.25], EXACT);
  });

  it("184 a fully masked softmax row is NaN; without a gradient coming in its gradient is 0", () => {
    const x = tensor(
      [
        [-Infinity, -Infinity],
        [1, 1],
      ],
      { requiresGrad: true },
    );
    const y = softmax(x, 1);
    expectTensor(y, [
      [NaN, NaN],
      [0.5, 0.5],
    ]);
    y.select(0, 1)
      .mul(tensor([1, 3]))
      .sum()
      .backward();
    expectTensor(x.grad!.select(0, 1), [-0.5, 0.5]);
  });

  it("185 elsewhere 0 times NaN is NaN", () => {
    const x = tensor([NaN, 1], { requiresGrad: true });
    x.mul(x)
      .mul(zeros([2]))
      .sum()
      .backward();
    expectTensor(x.grad, [NaN, 0]);
    expectTensor(
      gradient((t) => t.mul(NaN).mul(0), [1]),
      [NaN],
    );
  });
});
