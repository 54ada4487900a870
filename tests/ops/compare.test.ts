import { describe, expect, it } from "vitest";
import {
  allclose,
  arange,
  bitwiseAnd,
  eq,
  equal,
  ge,
  gt,
  isclose,
  isfinite,
  isin,
  isnan,
  isreal,
  le,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  lt,
  ne,
  signbit,
  type Tensor,
  tensor,
  where,
} from "../../bindings/index.ts";

const int = (data: number[]): Tensor => tensor(data, { dtype: "int32" });
const bool = (data: boolean[]): Tensor => tensor(data);

describe("comparisons", () => {
  it("with a number are those with a tensor of it", () => {
    const x = tensor([-1, 0, 0.5, NaN]);
    for (const f of [eq, ne, lt, le, gt, ge]) {
      expect(f(x, 0.5).tolist()).toEqual(f(x, tensor(0.5)).tolist());
      expect(f(x, 0.5).dtype).toBe("bool");
    }
  });

  it("of many elements, dense, strided and broadcast, agree with JavaScript's", () => {
    const x = arange(600).remainder(7).reshape(20, 30);
    const y = arange(30);
    const flat = x.tolist() as number[][];
    expect(lt(x, y).tolist()).toEqual(flat.map((row) => row.map((v, j) => v < j)));
    expect(lt(x, 3).tolist()).toEqual(flat.map((row) => row.map((v) => v < 3)));
    expect(gt(x.t(), 3).tolist()).toEqual(flat[0].map((_, j) => flat.map((row) => row[j] > 3)));
  });

  it("of integers are exact, where floats could not tell them apart", () => {
    expect(eq(int([16777217]), int([16777216])).item()).toBe(false);
    expect(gt(int([16777217]), 16777216).item()).toBe(true);
    expect(lt(int([7, -7, 0]), 0.5).tolist()).toEqual([false, true, true]);
    expect(lt(int([2147483647]), 4294967296).item()).toBe(true);
  });

  it("of bools", () => {
    const [a, b] = [bool([true, true, false, false]), bool([true, false, true, false])];
    expect(eq(a, b).tolist()).toEqual([true, false, false, true]);
    expect(ne(a, b).tolist()).toEqual([false, true, true, false]);
    expect(lt(a, b).tolist()).toEqual([false, false, true, false]);
    expect(eq(a, true).tolist()).toEqual([true, true, false, false]);
    expect(gt(a, 0.5).tolist()).toEqual([true, true, false, false]);
  });

  it("carry no gradient", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    expect(gt(x, 1).requiresGrad).toBe(false);
    expect(gt(x, x).gradFn).toBe(null);
  });

  it("refuse what is neither a tensor nor a number", () => {
    expect(() => gt(tensor([1]), "2" as never)).toThrow(TypeError);
    expect(() => gt(1 as never, 2)).toThrow(/argument 'input' must be Tensor, not number/);
    expect(() => lt(tensor([1, 2]), tensor([1, 2, 3]))).toThrow(/must match the size of tensor b \(3\)/);
  });

  it("of nothing are nothing", () => {
    expect(gt(tensor([]), 1).tolist()).toEqual([]);
    expect(eq(tensor([[]]), tensor([[]])).shape).toEqual([1, 0]);
  });
});

describe("logic", () => {
  it("takes every dtype", () => {
    const [a, b] = [tensor([0, 1, NaN, 0]), int([2, 0, 3, 0])];
    expect(logicalAnd(a, b).tolist()).toEqual([false, false, true, false]);
    expect(logicalOr(a, b).tolist()).toEqual([true, true, true, false]);
    expect(logicalXor(a, b).tolist()).toEqual([true, true, false, false]);
    expect(logicalNot(a).tolist()).toEqual([true, false, false, true]);
  });

  it("works on views and long tensors", () => {
    const a = arange(100).reshape(10, 10).gt(30);
    const b = a.t();
    const expected = (f: (p: boolean, q: boolean) => boolean): boolean[][] =>
      Array.from({ length: 10 }, (_, i) => Array.from({ length: 10 }, (__, j) => f(i * 10 + j > 30, j * 10 + i > 30)));
    expect(logicalAnd(a, b).tolist()).toEqual(expected((p, q) => p && q));
    expect(logicalOr(a, b).tolist()).toEqual(expected((p, q) => p || q));
    expect(logicalNot(b).tolist()).toEqual(expected((_, q) => !q));
  });

  it("questions of integers have fixed answers", () => {
    expect(isnan(int([0, 1])).tolist()).toEqual([false, false]);
    expect(isfinite(int([0, 1])).tolist()).toEqual([true, true]);
    expect(isreal(tensor([NaN])).tolist()).toEqual([true]);
  });

  it("signbit sees zeros and NaN", () => {
    expect(signbit(tensor([-0, 0, -1, Infinity, -Infinity])).tolist()).toEqual([true, false, true, false, true]);
    expect(signbit(int([-1, 0, 1])).tolist()).toEqual([true, false, false]);
    expect(signbit(bool([true])).tolist()).toEqual([false]);
  });
});

describe("where", () => {
  it("takes numbers for either branch", () => {
    const c = bool([true, false]);
    expect(where(c, 1, 2).tolist()).toEqual([1, 2]);
    expect(where(c, tensor([5, 6]), 0).tolist()).toEqual([5, 0]);
    expect(where(c, int([5, 6]), 0.5).tolist()).toEqual([5, 0.5]);
  });

  it("without branches gives the places", () => {
    expect(where(bool([true, false, true])).map((t: Tensor) => t.tolist())).toEqual([[0, 2]]);
  });

  it("wants a condition of bools", () => {
    expect(() => where(int([1]), 1, 2)).toThrow(
      /expected condition to be a boolean tensor, but got a tensor with dtype Int/,
    );
  });
});

describe("isclose", () => {
  it("compares by both tolerances, the relative one of the second operand", () => {
    expect(isclose(tensor([1, 1, 100]), tensor([1.00001, 1.001, 100.1]), { rtol: 1e-3 }).tolist()).toEqual([
      true,
      true,
      true,
    ]);
    expect(isclose(tensor([1, 0]), tensor([1.1, 0.05]), { rtol: 0, atol: 0.06 }).tolist()).toEqual([false, true]);
    expect(isclose(tensor([1]), tensor([1.05]), 0.1, 0).item()).toBe(true);
  });

  it("takes infinities as close to themselves, NaN only on demand", () => {
    const x = tensor([Infinity, -Infinity, NaN]);
    expect(isclose(x, x).tolist()).toEqual([true, true, false]);
    expect(isclose(x, x, { equalNan: true }).tolist()).toEqual([true, true, true]);
    expect(isclose(tensor([Infinity]), tensor([1])).item()).toBe(false);
    expect(allclose(tensor([1, NaN]), tensor([1, NaN]), { equalNan: true })).toBe(true);
  });

  it("compares integers and bools, of one dtype", () => {
    expect(isclose(int([7, 8]), int([7, 9])).tolist()).toEqual([true, false]);
    expect(isclose(bool([true, true]), bool([true, false])).tolist()).toEqual([true, false]);
    expect(() => isclose(int([1]), tensor([1]))).toThrow(/Int did not match Float/);
    expect(() => isclose(tensor([1]), tensor([1]), { rtol: -1 })).toThrow(/rtol must be greater than or equal to zero/);
  });
});

describe("isin", () => {
  it("finds elements, never NaN", () => {
    expect(isin(tensor([1, 2, NaN, 0]), tensor([2, NaN, -0])).tolist()).toEqual([false, true, false, true]);
    expect(isin(tensor([[1], [2]]), tensor([2]), { invert: true }).tolist()).toEqual([[true], [false]]);
    expect(isin(int([7, 8]), 7).tolist()).toEqual([true, false]);
    expect(isin(7, int([7, 8])).item()).toBe(true);
    expect(isin(tensor([0.1]), 0.1).item()).toBe(true);
  });
});

describe("equal", () => {
  it("wants the same shape and elements, in whatever dtype", () => {
    expect(equal(int([1, 2]), tensor([1, 2]))).toBe(true);
    expect(equal(tensor([1, 2]), tensor([[1, 2]]))).toBe(false);
    expect(equal(tensor([NaN]), tensor([NaN]))).toBe(false);
    expect(equal(tensor([]), tensor([]))).toBe(true);
  });
});

describe("a mask from bitwise logic", () => {
  it("stays bool", () => {
    const mask = bitwiseAnd(gt(arange(4), 0), lt(arange(4), 3));
    expect(mask.dtype).toBe("bool");
    expect(mask.tolist()).toEqual([false, true, true, false]);
  });
});
