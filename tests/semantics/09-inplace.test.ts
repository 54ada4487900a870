import { describe, expect, it } from "vitest";
import { autograd, ones, type Tensor, tensor, zeros } from "../../bindings/index.ts";
import { expectTensor } from "../support/expect.ts";

const LEAF = /a leaf Variable that requires grad is being used in an in-place operation\./;
const VIEW_OF_LEAF = /a view of a leaf Variable that requires grad is being used in an in-place operation\./;

describe("in-place operations", () => {
  it("90 on an intermediate they rewrite its history", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.add(1);
    const old = y.gradFn;
    y.mul_(3);
    expect(y.gradFn!.name()).toBe("MulBackward0");
    expect(y.gradFn!.nextFunctions[0][0]).toBe(old);
    expectTensor(y, [6, 9]);
    y.sum().backward();
    expectTensor(x.grad, [3, 3]);
  });

  it.each([
    ["add_", (x: Tensor) => x.add_(1)],
    ["sub_", (x: Tensor) => x.sub_(1)],
    ["mul_", (x: Tensor) => x.mul_(2)],
    ["div_", (x: Tensor) => x.div_(2)],
    ["zero_", (x: Tensor) => x.zero_()],
    ["fill_", (x: Tensor) => x.fill_(1)],
    ["copy_", (x: Tensor) => x.copy_(tensor([1, 1]))],
  ] as const)("91 %s on a leaf that requires grad raises and changes nothing", (_, change) => {
    const x = tensor([5, 6], { requiresGrad: true });
    expect(() => change(x)).toThrow(LEAF);
    expectTensor(x, [5, 6]);
    expect(x.version).toBe(0);
  });

  it("91 on a view of such a leaf they raise at once", () => {
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    expect(() => x.select(0, 0).add_(1)).toThrow(VIEW_OF_LEAF);
    expect(() => x.view(4).mul_(2)).toThrow(VIEW_OF_LEAF);
    expect(() => x.t().narrow(0, 0, 1).zero_()).toThrow(VIEW_OF_LEAF);
    expectTensor(x, [
      [1, 2],
      [3, 4],
    ]);
  });

  it("92 an operand that requires grad makes a plain tensor require it", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const t = tensor([10, 20]);
    t.add_(x);
    expect(t.requiresGrad).toBe(true);
    expect(t.isLeaf).toBe(false);
    t.mul(2).sum().backward();
    expectTensor(x.grad, [2, 2]);
    const copied = zeros([2]).copy_(x);
    copied.mul(copied).sum().backward();
    expectTensor(x.grad, [4, 6]);
  });

  it("93 through a view they reach the base, and other views are regenerated", () => {
    const r = ones([2, 2], { requiresGrad: true });
    const base = r.clone();
    const first = base.narrow(0, 0, 1);
    const other = base.narrow(0, 1, 1);
    expect(first.gradFn!.name()).toBe("SliceBackward0");
    first.mul_(2);
    expect(base.gradFn!.name()).toBe("CopySlices");
    expect(first.gradFn!.name()).toBe("AsStridedBackward0");
    expect(other.gradFn!.name()).toBe("AsStridedBackward0");
    expectTensor(base, [
      [2, 2],
      [1, 1],
    ]);
  });

  it("94 the gradient of the base", () => {
    const r = ones([2, 2], { requiresGrad: true });
    const x = r.clone();
    x.narrow(0, 0, 1).mul_(2);
    x.sum().backward();
    expectTensor(r.grad, [
      [2, 2],
      [1, 1],
    ]);
  });

  it("94 back through another view", () => {
    const r = ones([2, 2], { requiresGrad: true });
    const x = r.clone();
    const early = x.narrow(0, 0, 1);
    x.narrow(0, 0, 1).mul_(2);
    early.sum().backward();
    expectTensor(r.grad, [
      [2, 2],
      [0, 0],
    ]);
  });

  it("94 back through a view of a view", () => {
    const r = ones([2, 2], { requiresGrad: true });
    const x = r.clone();
    x.narrow(0, 0, 1).narrow(1, 1, 1).mul_(2);
    x.sum().backward();
    expectTensor(r.grad, [
      [1, 2],
      [1, 1],
    ]);
  });

  it("94 several changes through different views add up", () => {
    const r = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    const x = r.mul(1);
    x.select(0, 0).mul_(3);
    x.select(1, 1).add_(x.select(1, 0).detach());
    x.t().select(0, 1).mul_(5);
    expectTensor(x, [
      [3, 45],
      [3, 35],
    ]);
    x.sum().backward();
    expectTensor(r.grad, [
      [3, 15],
      [1, 5],
    ]);
  });

  it("95 a view changed by something that requires grad makes its base require it", () => {
    const a = tensor([5, 6], { requiresGrad: true });
    const base = ones([2, 2]);
    const view = base.select(0, 1);
    view.mul_(a);
    expect(base.requiresGrad).toBe(true);
    expect(base.isLeaf).toBe(false);
    base.sum().backward();
    expectTensor(a.grad, [1, 1]);
  });

  it("95 a base so changed makes its earlier views", () => {
    const a = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    const base = ones([2, 2]);
    const view = base.select(1, 0);
    base.mul_(a);
    expect(view.requiresGrad).toBe(true);
    expectTensor(view, [1, 3]);
    view.mul(2).sum().backward();
    expectTensor(a.grad, [
      [2, 0],
      [2, 0],
    ]);
  });

  it("96 it works on bases that are not contiguous", () => {
    const r = ones([2, 3], { requiresGrad: true });
    const base = r.mul(1).t();
    base
      .narrow(0, 1, 2)
      .select(1, 0)
      .mul_(tensor([2, 5]));
    base
      .mul(
        tensor([
          [1, 10],
          [1, 10],
          [1, 10],
        ]),
      )
      .sum()
      .backward();
    expectTensor(r.grad, [
      [1, 2, 5],
      [10, 10, 10],
    ]);
  });

  it("96 it works for custom functions with markDirty", () => {
    class TripleInPlace extends autograd.Function {
      static forward(ctx: { markDirty(...t: Tensor[]): void }, x: Tensor): Tensor {
        x.mul_(3);
        ctx.markDirty(x);
        return x;
      }
      static backward(_ctx: unknown, g: Tensor): Tensor {
        return g.mul(3);
      }
    }
    const r = ones([2, 2], { requiresGrad: true });
    const base = r.mul(2);
    const view = base.narrow(0, 0, 1);
    expect(TripleInPlace.apply(view)).toBe(view);
    expectTensor(base, [
      [6, 6],
      [2, 2],
    ]);
    base.sum().backward();
    expectTensor(r.grad, [
      [6, 6],
      [2, 2],
    ]);
  });

  it("98 zero_ and fill_ pass zero to what they replaced", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.mul(2);
    y.zero_();
    y.sum().backward();
    expectTensor(x.grad, [0, 0]);
    const z = x.mul(2);
    z.select(0, 0).fill_(7);
    z.sum().backward();
    expectTensor(x.grad, [0, 2]);
  });

  it("98 copy_ passes the rest to the source, summed over broadcast dims", () => {
    const x = ones([2, 3], { requiresGrad: true });
    const source = tensor([1, 2, 3], { requiresGrad: true });
    const y = x.mul(2);
    y.copy_(source);
    expectTensor(y, [
      [1, 2, 3],
      [1, 2, 3],
    ]);
    y.mul(tensor([[1], [10]]))
      .sum()
      .backward();
    expectTensor(x.grad, [
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expectTensor(source.grad, [11, 11, 11]);
  });

  it("98 assigning to indices likewise", () => {
    const x = ones([2, 3], { requiresGrad: true });
    const source = tensor([5, 6], { requiresGrad: true });
    const y = x.mul(2);
    y.setIndex([":", "1:"], source.view(2, 1));
    y.setIndex([0, 0], 9);
    expectTensor(y, [
      [9, 5, 5],
      [2, 6, 6],
    ]);
    y.mul(
      tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    )
      .sum()
      .backward();
    expectTensor(x.grad, [
      [0, 0, 0],
      [8, 0, 0],
    ]);
    expectTensor(source.grad, [5, 11]);
  });

  it("99 grad.zero_() is an ordinary in-place op, and the next backward adds", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    x.mul(3).sum().backward();
    const g = x.grad!;
    expect(g.zero_()).toBe(g);
    expectTensor(x.grad, [0, 0]);
    x.mul(4).sum().backward();
    expect(x.grad).toBe(g);
    expectTensor(g, [4, 4]);
  });

  it("100 the result must have the tensor's own shape; nothing changes on error", () => {
    const x = tensor([1, 2, 3]);
    expect(() => x.add_(ones([2, 3]))).toThrow(/output with shape \[3\] doesn't match the broadcast shape \[2, 3\]/);
    expectTensor(x, [1, 2, 3]);
    expect(x.version).toBe(0);
    expectTensor(ones([2, 3]).add_(x), [
      [2, 3, 4],
      [2, 3, 4],
    ]);
  });

  it("100 and its dtype category", () => {
    const i = tensor([1, 2], { dtype: "int32" });
    expect(() => i.add_(1.5)).toThrow(/result type Float can't be cast to the desired output type Int/);
    expect(() => i.mul_(tensor([1, 2]))).toThrow(/result type Float can't be cast to the desired output type Int/);
    expectTensor(i, [1, 2]);
    expect(i.version).toBe(0);
    const f = tensor([1, 2]);
    f.add_(i);
    expect(f.dtype).toBe("float32");
    expectTensor(f, [2, 4]);
  });

  it("101 writing through an expanded tensor raises", () => {
    const x = tensor([[1], [2]]);
    expect(() => x.expand(2, 3).add_(1)).toThrow(
      /unsupported operation: more than one element of the written-to tensor refers to a single memory location\. Please clone\(\) the tensor before performing the operation\./,
    );
    expectTensor(x, [[1], [2]]);
    expectTensor(x.expand(2, 3).clone().add_(1), [
      [2, 2, 2],
      [3, 3, 3],
    ]);
  });
});
