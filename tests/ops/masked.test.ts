import { describe, expect, it } from "vitest";
import { DTypeError, masked, ShapeError, type Tensor, TensorError, tensor } from "../../bindings/index.ts";
import { EXACT, expectTensor } from "../support/expect.ts";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const x = [
  [1, 2, 3],
  [4, 5, 6],
];
const mask = tensor([
  [true, false, true],
  [false, false, false],
]);

describe("masked", () => {
  it("reductions take what the mask leaves, and of nothing what changes nothing", () => {
    const of = (fn: (t: Tensor, dim: number, options: object) => Tensor): unknown =>
      fn(tensor(x), 1, { mask }).tolist();
    expect(of(masked.sum)).toEqual([4, 0]);
    expect(of(masked.prod)).toEqual([3, 1]);
    expect(of(masked.mean)).toEqual([2, nan]);
    expect(of(masked.amax)).toEqual([3, -inf]);
    expect(of(masked.amin)).toEqual([1, inf]);
    expect(of(masked.median)).toEqual([1, nan]);
    expect(of(masked.logsumexp)).toEqual([Math.fround(3.126928), -inf]);
    expect(of((t, dim, options) => masked.norm(t, 1, dim, options))).toEqual([4, 0]);
    expect(of((t, dim, options) => masked.var(t, dim, false, options))).toEqual([1, nan]);
    expect(of((t, dim, options) => masked.std(t, dim, options))).toEqual([Math.fround(Math.SQRT2), nan]);
    expect(of(masked.cumsum)).toEqual([
      [1, 1, 4],
      [0, 0, 0],
    ]);
    expect(of(masked.cumprod)).toEqual([
      [1, 1, 3],
      [1, 1, 1],
    ]);
    expect((of(masked.argmax) as number[])[0]).toBe(2);
    expect((of(masked.argmin) as number[])[0]).toBe(0);
  });

  it("over several dimensions or all, kept or not", () => {
    const t = tensor(x);
    expectTensor(masked.sum(t, { mask }), 4, EXACT);
    expectTensor(masked.prod(t, [0, 1], { mask, keepdim: true }), [[3]], EXACT);
    expectTensor(masked.prod(t, [-1]), [6, 120], EXACT);
    expectTensor(masked.mean(t, null, { mask }), 2, EXACT);
    expectTensor(masked.var(t, { keepdim: true }), [[3.5]]);
    expectTensor(masked.amax(tensor([1, 2], { dtype: "int32" }), { mask: tensor([false, false]) }), -(2 ** 31), EXACT);
  });

  it("gradients reach what the mask leaves, and nothing else", () => {
    const gradient = (fn: (t: Tensor) => Tensor): unknown => {
      const t = tensor(x, { requiresGrad: true });
      fn(t).select(0, 0).sum().backward();
      return t.grad?.tolist();
    };
    expect(gradient((t) => masked.mean(t, 1, { mask }))).toEqual([
      [0.5, 0, 0.5],
      [0, 0, 0],
    ]);
    expect(gradient((t) => masked.prod(t, 1, { mask }))).toEqual([
      [3, 0, 1],
      [0, 0, 0],
    ]);
    expect(gradient((t) => masked.median(t, 1, { mask }))).toEqual([
      [1, 0, 0],
      [0, 0, 0],
    ]);
  });

  it("normalisations leave 0 where the mask is false", () => {
    const t = tensor(x);
    expectTensor(masked.softmax(t, 1, { mask }).select(0, 0), [0.11920292, 0, 0.880797]);
    expectTensor(masked.softmin(t, 1, { mask }).select(0, 0), [0.880797, 0, 0.11920292]);
    expectTensor(masked.logSoftmax(t, 1, { mask }).select(0, 0), [-2.126928, -inf, -0.12692805]);
    expectTensor(masked.normalize(t, 1, 1, { mask }), [
      [0.25, 0, 0.75],
      [0, 0, 0],
    ]);
    const few = tensor([true, false]);
    expectTensor(masked.logaddexp(tensor([1, 1]), tensor([1, 1]), { otherMask: few }), [1.6931472, 1]);
  });

  it("masks broadcast to the input, and are bools", () => {
    expectTensor(masked.sum(tensor(x), 0, { mask: tensor([true, false, true]) }), [5, 0, 9], EXACT);
    expect(() => masked.sum(tensor(x), { mask: tensor([true, false]) })).toThrow(ShapeError);
    expect(() => masked.sum(tensor([1]), { mask: tensor([[true]]) })).toThrow(ShapeError);
    expect(() => masked.sum(tensor(x), { mask: tensor([1, 0, 1]) })).toThrow(DTypeError);
    expect(() => masked.median(tensor([nan]), 0)).toThrow(TensorError);
    expect(() => masked.median(tensor([1], { dtype: "int32" }), 0)).toThrow(DTypeError);
  });
});
