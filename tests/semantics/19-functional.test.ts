import { describe, expect, it } from "vitest";
import { autograd, noGrad, ones, type Tensor, tensor, zeros } from "../../bindings/index.ts";
import { expectShape, expectTensor } from "../support/expect.ts";

const { hessian, hvp, jacobian, jvp, vhp, vjp } = autograd.functional;

const square = (x: Tensor): Tensor => x.mul(x);
const cubes = (x: Tensor): Tensor => x.pow(3).sum();

describe("autograd.functional", () => {
  it("201 jacobian has the output's shape, then the input's", () => {
    expectTensor(jacobian(square, tensor([1, 2])), [
      [2, 0],
      [0, 4],
    ]);
    expectShape(jacobian((x: Tensor) => x.sum(0), ones([3, 2])) as Tensor, [2, 3, 2]);
    expectTensor(
      jacobian((x: Tensor) => x.sum(), ones([2])),
      [1, 1],
    );
    expectTensor(jacobian(square, tensor(3)), 6);
  });

  it("201 arrays for several inputs, and for several outputs", () => {
    const x = tensor([1, 2]);
    const y = tensor([3, 4]);
    const byInput = jacobian((a: Tensor, b: Tensor) => a.mul(b), [x, y]) as Tensor[];
    expectTensor(byInput[0], [
      [3, 0],
      [0, 4],
    ]);
    expectTensor(byInput[1], [
      [1, 0],
      [0, 2],
    ]);
    const both = jacobian((a: Tensor, b: Tensor) => [a.mul(2), a.mul(b).sum()], [x, y]) as Tensor[][];
    expectTensor(both[0][0], [
      [2, 0],
      [0, 2],
    ]);
    expectTensor(both[0][1], [
      [0, 0],
      [0, 0],
    ]);
    expectTensor(both[1][0], [3, 4]);
    expectTensor(both[1][1], [1, 2]);
  });

  it("202 inputs need not require grad and are not changed; no graph unless createGraph", () => {
    const x = tensor([1, 2]);
    const j = jacobian(square, x) as Tensor;
    expect(x.requiresGrad).toBe(false);
    expect(j.requiresGrad).toBe(false);
    const w = tensor([1, 2], { requiresGrad: true });
    const connected = jacobian(square, w, { createGraph: true }) as Tensor;
    expect(connected.requiresGrad).toBe(true);
    connected.sum().backward();
    expectTensor(w.grad, [2, 2]);
  });

  it("203 an output that does not depend on an input gives zeros, or raises when strict", () => {
    const x = tensor([1, 2]);
    const y = tensor([3, 4]);
    const [, zero] = jacobian((a: Tensor, _b: Tensor) => a.mul(2), [x, y]) as Tensor[];
    expectTensor(zero, [
      [0, 0],
      [0, 0],
    ]);
    expectTensor(
      jacobian((a: Tensor) => a.detach(), x),
      [
        [0, 0],
        [0, 0],
      ],
    );
    expect(() => jacobian((a: Tensor, _b: Tensor) => a.mul(2), [x, y], { strict: true })).toThrow(
      /Output 0 of the user-provided function is independent of input 1\./,
    );
    expect(() => jacobian((a: Tensor) => a.detach(), x, { strict: true })).toThrow(
      /Output 0 of the user-provided function does not require gradients\./,
    );
  });

  it("204 hessian of a function of one element", () => {
    expectTensor(hessian(cubes, tensor([1, 2])), [
      [6, 0],
      [0, 12],
    ]);
    const blocks = hessian(
      (a: Tensor, b: Tensor) => a.mul(a).mul(b).sum(),
      [tensor([1, 2]), tensor([3, 4])],
    ) as Tensor[][];
    expectTensor(blocks[0][0], [
      [6, 0],
      [0, 8],
    ]);
    expectTensor(blocks[0][1], [
      [2, 0],
      [0, 4],
    ]);
    expectTensor(blocks[1][0], [
      [2, 0],
      [0, 4],
    ]);
    expectTensor(blocks[1][1], [
      [0, 0],
      [0, 0],
    ]);
    expectShape(hessian((a: Tensor) => a.sum(), ones([2, 3])) as Tensor, [2, 3, 2, 3]);
  });

  it("204 of nothing else", () => {
    expect(() => hessian(square, tensor([1, 2]))).toThrow(
      /The Tensor returned by the function given to hessian should contain a single element/,
    );
  });

  it("205 vjp gives the output and the gradient", () => {
    const [y, g] = vjp(square, tensor([1, 2]), tensor([10, 100]));
    expectTensor(y as Tensor, [1, 4]);
    expectTensor(g as Tensor, [20, 400]);
    const [, single] = vjp(cubes, tensor([1, 2]));
    expectTensor(single as Tensor, [3, 12]);
    const [, several] = vjp((a: Tensor, b: Tensor) => a.mul(b), [tensor([1, 2]), tensor([3, 4])], ones([2]));
    expectTensor((several as Tensor[])[0], [3, 4]);
    expectTensor((several as Tensor[])[1], [1, 2]);
  });

  it("205 v may be left out for one element only, and must have the right size", () => {
    expect(() => vjp(square, tensor([1, 2]))).toThrow(
      /The vector v can only be (None|null) if the user-provided function returns a single Tensor with a single element\./,
    );
    expect(() => vjp(square, tensor([1, 2]), ones([3]))).toThrow(/v has invalid size: should be/);
  });

  it("206 jvp gives the output and the tangent", () => {
    const [y, t] = jvp(square, tensor([1, 2]), tensor([10, 100]));
    expectTensor(y as Tensor, [1, 4]);
    expectTensor(t as Tensor, [20, 400]);
    const [, s] = jvp((x: Tensor) => x.mul(tensor([1, 2, 3])), tensor(5));
    expectTensor(s as Tensor, [1, 2, 3]);
    const [, mixed] = jvp(
      (a: Tensor, b: Tensor) => a.mul(b).sum(),
      [tensor([1, 2]), tensor([3, 4])],
      [ones([2]), tensor([0, 1])],
    );
    expectTensor(mixed as Tensor, 9);
  });

  it("206 v may be left out for a one-element input only", () => {
    expect(() => jvp(square, tensor([1, 2]))).toThrow(
      /The vector v can only be (None|null) if the input to the user-provided function is a single Tensor with a single element\./,
    );
  });

  it("207 vhp and hvp", () => {
    const x = tensor([1, 2]);
    const v = tensor([10, 100]);
    for (const product of [vhp, hvp]) {
      const [y, p] = product((t: Tensor) => t.select(0, 0).mul(t.select(0, 1)).mul(t.select(0, 1)), x, v);
      expectTensor(y as Tensor, 4);
      expectTensor(p as Tensor, [400, 240]);
    }
    expect(() => hvp(square, x, v)).toThrow(/should contain a single element/);
    expect(() => vhp(cubes, x, ones([3]))).toThrow(/v has invalid size/);
  });

  it("208 all work in noGrad", () => {
    noGrad(() => {
      expectTensor(jacobian(square, tensor([1, 2])), [
        [2, 0],
        [0, 4],
      ]);
      expectTensor(hessian(cubes, tensor([1, 2])), [
        [6, 0],
        [0, 12],
      ]);
      expectTensor(vjp(cubes, tensor([1, 2]))[1] as Tensor, [3, 12]);
      expectTensor(jvp(square, tensor([1, 2]), ones([2]))[1] as Tensor, [2, 4]);
      expectTensor(vhp(cubes, tensor([1, 2]), ones([2]))[1] as Tensor, [6, 12]);
      expectTensor(hvp(cubes, tensor([1, 2]), ones([2]))[1] as Tensor, [6, 12]);
    });
  });

  it("208 results have no graph unless createGraph", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const [y, g] = vjp(cubes, x) as [Tensor, Tensor];
    expect(y.requiresGrad).toBe(false);
    expect(g.requiresGrad).toBe(false);
    expect((hessian(cubes, x) as Tensor).requiresGrad).toBe(false);
    const [, connected] = vjp(cubes, x, null, { createGraph: true }) as [Tensor, Tensor];
    connected.sum().backward();
    expectTensor(x.grad, [6, 12]);
  });

  it("209 wrong kinds of input or output raise", () => {
    const wrongInput = /The inputs given to vjp must be either a Tensor or (a tuple|an array) of Tensors/;
    expect(() => vjp(square, [tensor([1]), 3] as unknown as Tensor[])).toThrow(wrongInput);
    const wrongOutput =
      /The outputs of the user-provided function given to jacobian must be either a Tensor or (a tuple|an array) of Tensors/;
    expect(() => jacobian((x: Tensor) => [x, 3] as unknown as Tensor[], zeros([1]))).toThrow(wrongOutput);
  });
});
