import { describe, expect, it } from "vitest";
import {
  asTensor,
  canCast,
  forkRng,
  isFloatingPoint,
  isNonzero,
  isTensor,
  manualSeed,
  numel,
  ones,
  promoteTypes,
  rand,
  resultType,
  tensor,
  zeros,
} from "../../bindings/index.ts";
import { EXACT, expectTensor } from "../support/expect.ts";

const int = tensor([1, 2], { dtype: "int32" });

describe("questions about tensors", () => {
  it("tell tensors from other things, and what they hold", () => {
    expect([isTensor(int), isTensor([1]), isTensor(null)]).toEqual([true, false, false]);
    expect(numel(zeros(2, 3))).toBe(6);
    expect([isFloatingPoint(int), isFloatingPoint(ones(1))]).toEqual([false, true]);
    expect([isNonzero(tensor([0])), isNonzero(tensor(-2)), isNonzero(tensor(true))]).toEqual([false, true, true]);
    expect(() => isNonzero(int)).toThrow(/Boolean value of Tensor with more than one value is ambiguous/);
    expect(() => isNonzero(zeros(0))).toThrow(/Boolean value of Tensor with no values is ambiguous/);
  });

  it("know where dtypes meet", () => {
    expect([resultType(int, 1), resultType(int, 1.5), resultType(1.5, int), resultType(2, 3)]).toEqual([
      "int32",
      "float32",
      "float32",
      "int32",
    ]);
    expect(resultType(int, ones(1))).toBe("float32");
    expect(promoteTypes("bool", "int32")).toBe("int32");
    expect([canCast("bool", "float32"), canCast("float32", "int32"), canCast("int32", "int32")]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it("asTensor leaves tensors as they are", () => {
    expect(asTensor(int)).toBe(int);
    expect(asTensor(int, { dtype: "float32" }).dtype).toBe("float32");
    expectTensor(asTensor([1, 2]), [1, 2], EXACT);
  });
});

describe("methods", () => {
  it("unique and uniqueConsecutive", () => {
    const t = tensor([3, 1, 1, 3]);
    expectTensor(t.unique(), [1, 3], EXACT);
    const [values, inverse, counts] = t.uniqueConsecutive(true, true) as [typeof t, typeof t, typeof t];
    expectTensor(values, [3, 1, 3], EXACT);
    expectTensor(inverse, [0, 1, 1, 2], EXACT);
    expectTensor(counts, [1, 2, 1], EXACT);
  });

  it("fillDiagonal_", () => {
    expectTensor(zeros(3, 4).fillDiagonal_(5), [
      [5, 0, 0, 0],
      [0, 5, 0, 0],
      [0, 0, 5, 0],
    ]);
    expectTensor(zeros(2, 2, 2).fillDiagonal_(1).reshape([-1]), [1, 0, 0, 0, 0, 0, 0, 1]);
    const x = ones([2, 2], { requiresGrad: true });
    x.mul(2).fillDiagonal_(0).sum().backward();
    expectTensor(x.grad, [
      [0, 2],
      [2, 0],
    ]);
    expect(() => zeros(2, 2, 3).fillDiagonal_(1)).toThrow(/all dimensions of input must be of equal length/);
    expect(() => zeros(2).fillDiagonal_(1)).toThrow(/dimensions must larger than 1/);
  });
});

describe("forkRng", () => {
  it("goes on as if nothing had been drawn, also after an error", () => {
    manualSeed(0);
    const expected = rand(2).tolist();
    manualSeed(0);
    expect(forkRng(() => rand(100)).numel()).toBe(100);
    expect(() =>
      forkRng(() => {
        rand(3);
        throw new Error("inside");
      }),
    ).toThrow("inside");
    expect(rand(2).tolist()).toEqual(expected);
  });
});
