import { describe, expect, it } from "vitest";
import { add, autograd, cat, noGrad, ones, tensor, zeros } from "../../bindings/index.ts";
import { expectTensor } from "../support/expect.ts";

const NO_GRAD = /element 0 of tensors does not require grad and does not have a grad_fn/;

describe("backward(): arguments and errors", () => {
  it("30 the implicit gradient is for one element only, of any rank", () => {
    const x = tensor([[2]], { requiresGrad: true });
    x.mul(3).backward();
    expectTensor(x.grad, [[3]]);
    const v = tensor([1, 2], { requiresGrad: true });
    expect(() => v.mul(2).backward()).toThrow(/grad can be implicitly created only for scalar outputs/);
    expect(v.grad).toBeNull();
  });

  it("31 backward(g) weights the outputs", () => {
    const x = tensor([1, 2, 3], { requiresGrad: true });
    x.mul(x).backward(tensor([1, 10, 100]));
    expectTensor(x.grad, [2, 40, 600]);
  });

  it("31 g must have the shape of the tensor", () => {
    const x = tensor([1, 2, 3], { requiresGrad: true });
    const y = x.mul(2);
    expect(() => y.backward(tensor([1, 1]))).toThrow(
      /Mismatch in shape: grad_output\[0\] has a shape of torch\.Size\(\[2\]\) and output\[0\] has a shape of torch\.Size\(\[3\]\)\./,
    );
    expect(() => y.backward(tensor(1))).toThrow(/Mismatch in shape/);
    expect(x.grad).toBeNull();
    y.backward(ones([3]));
    expectTensor(x.grad, [2, 2, 2]);
  });

  it("32 a tensor without grad refuses backward", () => {
    expect(() => tensor(1).backward()).toThrow(NO_GRAD);
    expect(() => tensor(1, { requiresGrad: true }).detach().backward()).toThrow(NO_GRAD);
    expect(() => noGrad(() => tensor(1, { requiresGrad: true }).mul(2)).backward()).toThrow(NO_GRAD);
  });

  it("33 autograd.backward takes several roots in one walk", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = tensor([3, 4], { requiresGrad: true });
    const z = x.mul(y);
    const c = x.add(y);
    autograd.backward([z, c], [tensor([1, 1]), tensor([10, 100])]);
    expectTensor(x.grad, [13, 104]);
    expectTensor(y.grad, [11, 102]);
  });

  it("33 a root given twice counts twice", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.mul(3);
    autograd.backward([y, y], [tensor([1, 1]), tensor([1, 10])]);
    expectTensor(x.grad, [6, 33]);
  });

  it("33 a root may depend on another", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.mul(3);
    const z = y.mul(y);
    autograd.backward([y, z], [tensor([1, 1]), tensor([1, 1])]);
    expectTensor(x.grad, [21, 39]);
  });

  it("33 scalar roots need no gradients", () => {
    const x = tensor(2, { requiresGrad: true });
    autograd.backward([x.mul(3), x.mul(x)]);
    expectTensor(x.grad, 7);
    autograd.backward(x.mul(3));
    expectTensor(x.grad, 10);
  });

  it("33 a root without grad raises before anything is accumulated", () => {
    const x = tensor(2, { requiresGrad: true });
    expect(() => autograd.backward([x.mul(3), tensor(1)])).toThrow(
      /element 1 of tensors does not require grad and does not have a grad_fn/,
    );
    expect(() => autograd.backward([tensor(1), x.mul(3)])).toThrow(NO_GRAD);
    expect(x.grad).toBeNull();
  });

  it("34 leaf.backward(g) puts g into leaf.grad", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    x.backward(tensor([3, 4]));
    expectTensor(x.grad, [3, 4]);
    const s = tensor(5, { requiresGrad: true });
    s.backward();
    expectTensor(s.grad, 1);
  });

  it("35 inputs: accumulates there and nowhere else, non-leaves included", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = tensor([3, 4], { requiresGrad: true });
    const h = x.mul(2);
    const out = h.mul(y).sum();
    out.backward({ inputs: [h], retainGraph: true });
    expectTensor(h.grad, [3, 4]);
    expect(x.grad).toBeNull();
    expect(y.grad).toBeNull();
    out.backward({ inputs: y });
    expectTensor(y.grad, [2, 4]);
    expect(x.grad).toBeNull();
    expectTensor(h.grad, [3, 4]);
  });

  it("35 unreachable inputs keep null; an empty list raises", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const other = tensor([1, 2], { requiresGrad: true });
    const out = x.mul(x).sum();
    expect(() => out.backward({ inputs: [] })).toThrow(/'inputs' argument to backward\(\)'? cannot be empty/);
    out.backward({ inputs: [x, other] });
    expectTensor(x.grad, [2, 4]);
    expect(other.grad).toBeNull();
  });

  it("36 nodes that lead to none of the inputs are not executed, nor their hooks", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = tensor([3, 4], { requiresGrad: true });
    const ran: string[] = [];
    const left = x.mul(2);
    const right = y.mul(2);
    left.registerHook(() => {
      ran.push("left");
    });
    right.registerHook(() => {
      ran.push("right");
    });
    y.registerHook(() => {
      ran.push("y");
    });
    left
      .add(right)
      .sum()
      .backward({ inputs: [x] });
    expect(ran).toEqual(["left"]);
    expectTensor(x.grad, [2, 2]);
    expect(y.grad).toBeNull();
  });

  it("37 an unused output of a node with several counts as zeros", () => {
    const x = tensor(
      [
        [1, 5],
        [7, 2],
      ],
      { requiresGrad: true },
    );
    const { values } = x.max(1);
    values.select(0, 0).mul(3).backward();
    expectTensor(x.grad, [
      [0, 3],
      [0, 0],
    ]);
  });

  it("39 out: takes no tensors that require grad, except in noGrad", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const c = tensor([3, 4]);
    const out = zeros([2]);
    const message =
      /functions with out=\.\.\. arguments don't support automatic differentiation, but one of the arguments requires grad/;
    expect(() => add(x, c, { out })).toThrow(message);
    expect(() => add(c, c, { out: x })).toThrow(message);
    expectTensor(out, [0, 0]);
    noGrad(() => add(x, c, { out }));
    expectTensor(out, [4, 6]);
    expect(out.requiresGrad).toBe(false);
  });

  it("39 out: is what comes back", () => {
    const out = zeros([2]);
    expect(add(tensor([1, 2]), tensor([3, 4]), { out })).toBe(out);
    expectTensor(cat([out, out]), [4, 6, 4, 6]);
  });
});
