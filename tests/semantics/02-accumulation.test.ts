import { describe, expect, it } from "vitest";
import { ones, tensor, zeros } from "../../bindings/index.ts";
import { EXACT, expectShape, expectTensor } from "../support/expect.ts";
import { warningsOf } from "../support/warnings.ts";

describe("accumulation into .grad", () => {
  it("16 backward() adds into .grad of leaves", () => {
    const x = tensor([1, 2, 3], { requiresGrad: true });
    x.mul(2).sum().backward();
    expectTensor(x.grad, [2, 2, 2]);
    x.mul(x).sum().backward();
    expectTensor(x.grad, [4, 6, 8]);
  });

  it("17 .grad has the leaf's shape and dtype, and the strides of a dense leaf", () => {
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ])
      .t()
      .requiresGrad_();
    expect(x.stride()).toEqual([1, 3]);
    x.mul(x).sum().backward();
    expectTensor(x.grad, [
      [2, 8],
      [4, 10],
      [6, 12],
    ]);
    expect(x.grad!.dtype).toBe("float32");
    expect(x.grad!.stride()).toEqual([1, 3]);
  });

  it("17 .grad of a leaf that is not dense is row-major", () => {
    const x = ones([4, 4]).narrow(1, 0, 2).requiresGrad_();
    expect(x.stride()).toEqual([4, 1]);
    x.mul(3).sum().backward();
    expectShape(x.grad!, [4, 2]);
    expect(x.grad!.stride()).toEqual([2, 1]);
  });

  it("18 without createGraph later gradients are added in place", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    x.mul(3).sum().backward();
    const held = x.grad!;
    x.mul(3).sum().backward();
    expect(x.grad).toBe(held);
    expectTensor(held, [6, 6]);
  });

  it("18 with createGraph they are added out of place", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    x.mul(x).sum().backward({ createGraph: true });
    const held = x.grad!;
    x.mul(x).sum().backward({ createGraph: true });
    expect(x.grad === held).toBe(false);
    expectTensor(held, [2, 4]);
    expectTensor(x.grad, [4, 8]);
    x.grad = null;
  });

  it("19 .grad shares memory neither with another .grad nor with the gradient passed", () => {
    const a = tensor([1, 2], { requiresGrad: true });
    const b = tensor([3, 4], { requiresGrad: true });
    const g = tensor([5, 6]);
    a.add(b).backward(g);
    a.grad!.add_(1);
    expectTensor(a.grad, [6, 7]);
    expectTensor(b.grad, [5, 6]);
    expectTensor(g, [5, 6]);
  });

  it("19 nor does a second walk write into the gradient passed to the first", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const g = tensor([5, 6]);
    x.backward(g);
    x.backward(tensor([1, 1]));
    expectTensor(x.grad, [6, 7]);
    expectTensor(g, [5, 6]);
  });

  it("20 an expanded gradient is made dense before it becomes .grad", () => {
    const x = ones([3, 2], { requiresGrad: true });
    x.sum().backward();
    expect(x.grad!.stride()).toEqual([2, 1]);
    x.grad!.select(0, 0).add_(1);
    expectTensor(x.grad, [
      [2, 2],
      [1, 1],
      [1, 1],
    ]);
  });

  it("21 gradients that meet are summed without changing a buffer that others hold", () => {
    const p = tensor([1], { requiresGrad: true });
    const q = tensor([1], { requiresGrad: true });
    const r = tensor([1], { requiresGrad: true });
    const s = p.add(q);
    const t = s.add(r);
    const u = s.add(t);
    s.add(u).backward();
    expectTensor(p.grad, [3]);
    expectTensor(q.grad, [3]);
    expectTensor(r.grad, [1]);
  });

  it("22 the same tensor used twice gets both contributions", () => {
    const x = tensor([1, 2, 3], { requiresGrad: true });
    x.mul(x).sum().backward();
    expectTensor(x.grad, [2, 4, 6]);
    x.grad = null;
    x.add(x).sum().backward();
    expectTensor(x.grad, [2, 2, 2]);
    x.grad = null;
    x.sub(x).sum().backward();
    expectTensor(x.grad, [0, 0, 0]);
  });

  it("23 a diamond is walked once per node, with the total of all consumers", () => {
    const x = tensor([2], { requiresGrad: true });
    const top = x.mul(3);
    const seen: number[] = [];
    top.registerHook((g) => {
      seen.push(g.item());
    });
    const left = top.mul(top);
    const right = top.add(1);
    left.add(right).backward();
    expect(seen).toEqual([13]);
    expectTensor(x.grad, [39]);
  });

  it("24 .grad of a non-leaf is null and reading it warns", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.mul(2);
    y.sum().backward();
    const texts = warningsOf(() => {
      expect(y.grad).toBeNull();
    });
    expect(texts.length).toBe(1);
    expect(texts[0]).toMatch(/The \.grad attribute of a Tensor that is not a leaf Tensor is being accessed\./);
  });

  it("24 no warning for a leaf, for a tensor without grad, nor after retainGrad()", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.mul(2);
    y.retainGrad();
    y.sum().backward();
    const texts = warningsOf(() => {
      expectTensor(x.grad, [2, 2]);
      expectTensor(y.grad, [1, 1]);
      expect(x.detach().grad).toBeNull();
    });
    expect(texts).toEqual([]);
  });

  it("25 .grad can be cleared and set", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    x.grad = tensor([10, 20]);
    x.mul(3).sum().backward();
    expectTensor(x.grad, [13, 23]);
    x.grad = null;
    expect(x.grad).toBeNull();
    x.mul(3).sum().backward();
    expectTensor(x.grad, [3, 3]);
  });

  it("25 .grad refuses what cannot be a gradient", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const assign = (value: unknown) => () => {
      (x as { grad: unknown }).grad = value;
    };
    expect(assign(tensor([1, 2, 3]))).toThrow(/assigned grad has data of a different size/);
    expect(assign(tensor([1, 2], { dtype: "int32" }))).toThrow(/assigned grad has data of a different type/);
    expect(assign(x)).toThrow(/can't assign Variable as its own grad/);
    expect(assign(3)).toThrow(TypeError);
    expect(x.grad).toBeNull();
  });

  it("26 a leaf that no gradient reached keeps null", () => {
    const x = tensor([1], { requiresGrad: true });
    const y = tensor([2], { requiresGrad: true });
    const unused = y.mul(x);
    x.mul(2).backward();
    expectTensor(x.grad, [2]);
    expect(y.grad).toBeNull();
    expectTensor(unused, [2]);
  });

  it("27 zero-size tensors get zero-size gradients", () => {
    const x = zeros([2, 0], { requiresGrad: true });
    x.mul(2).sum().backward();
    expectShape(x.grad!, [2, 0]);
  });

  it("27 broadcasting against a zero-size tensor gives zeros", () => {
    const x = ones([4, 1], { requiresGrad: true });
    const y = zeros([4, 0], { requiresGrad: true });
    const z = x.add(y);
    expectShape(z, [4, 0]);
    z.sum().backward();
    expectTensor(x.grad, [[0], [0], [0], [0]]);
    expectShape(y.grad!, [4, 0]);
    x.mul(2)
      .add(y)
      .backward(zeros([4, 0]));
    expectTensor(x.grad, [[0], [0], [0], [0]]);
  });

  it("28 an incoming gradient of another dtype is cast to the leaf's", () => {
    const x = tensor([2], { requiresGrad: true });
    const y = x.mul(3);
    y.backward(tensor([1], { dtype: "int32" }));
    expect(x.grad!.dtype).toBe("float32");
    expectTensor(x.grad, [3], EXACT);
  });

  it("29 after an error in backward leaves keep what they got, others are untouched", () => {
    const early = tensor([1], { requiresGrad: true });
    const late = tensor([1], { requiresGrad: true });
    const h = early.mul(2);
    h.registerHook(() => {
      throw new Error("no further");
    });
    expect(() => h.add(late).backward()).toThrow("no further");
    expectTensor(late.grad, [1]);
    expect(early.grad).toBeNull();
    early.mul(late).backward();
    expectTensor(early.grad, [1]);
    expectTensor(late.grad, [2]);
  });
});
