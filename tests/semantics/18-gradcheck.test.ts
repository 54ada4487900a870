import { describe, expect, it } from "vitest";
import { autograd, matmul, ones, type Tensor, tensor } from "../../bindings/index.ts";
import { EXACT, expectTensor, thrownBy } from "../support/expect.ts";
import type { Ctx } from "../support/function.ts";

const { gradcheck, gradgradcheck } = autograd;
const FLOAT32 = { eps: 1e-2, atol: 1e-2, rtol: 1e-2 };
const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });

/** Doubles its input, and claims any derivative it is given. */
function claiming(gradient: (g: Tensor) => Tensor | null): (x: Tensor) => Tensor {
  class Claiming extends autograd.Function {
    static forward(_ctx: Ctx, x: Tensor): Tensor {
      return x.mul(2);
    }
    static backward(_ctx: Ctx, g: Tensor): Tensor | null {
      return gradient(g);
    }
  }
  return (x) => Claiming.apply(x);
}

describe("gradcheck", () => {
  it("193 is true for a right backward", () => {
    expect(gradcheck((x: Tensor) => x.mul(x).sin(), [leaf(0.5, -1, 2)], FLOAT32)).toBe(true);
    expect(gradcheck((x: Tensor, y: Tensor) => x.mul(y).add(x), [leaf(1, 2), leaf(3, 4)], FLOAT32)).toBe(true);
    expect(gradcheck((x: Tensor) => [x.exp(), x.mul(3)], [leaf(0.1, 0.2)], FLOAT32)).toBe(true);
    expect(
      gradcheck((x: Tensor, c: Tensor) => matmul(x.view(2, 2), c), [leaf(1, 2, 3, 4), ones([2, 2])], FLOAT32),
    ).toBe(true);
  });

  it("193 takes a single input", () => {
    expect(gradcheck((x: Tensor) => x.tanh(), leaf(0.3), FLOAT32)).toBe(true);
  });

  it("193 reports a wrong one", () => {
    const wrong = claiming((g) => g.mul(3));
    expect(() => gradcheck(wrong, [leaf(1, 2)], FLOAT32)).toThrow(
      /Jacobian mismatch for output 0 with respect to input 0/,
    );
    expect(gradcheck(wrong, [leaf(1, 2)], { ...FLOAT32, raiseException: false })).toBe(false);
  });

  it("193 names the output and the input", () => {
    const wrong = claiming((g) => g.mul(3));
    const fn = (x: Tensor, y: Tensor): Tensor[] => [x.mul(2), x.add(wrong(y))];
    expect(() => gradcheck(fn, [leaf(1), leaf(2)], FLOAT32)).toThrow(
      /Jacobian mismatch for output 1 with respect to input 1/,
    );
  });

  it("194 the defaults suit float32", () => {
    expect(gradcheck((x: Tensor) => x.mul(x), [leaf(0.5, -1, 2)])).toBe(true);
    expect(gradcheck((x: Tensor) => x.sigmoid().mul(x.exp()), [leaf(0.5, -1, 1)])).toBe(true);
    expect(() =>
      gradcheck(
        claiming((g) => g.mul(2.2)),
        [leaf(1, 2)],
      ),
    ).toThrow(/Jacobian mismatch/);
  });

  it("195 wants an input that requires grad, also without raiseException", () => {
    const message =
      /gradcheck expects at least one input tensor to require gradient, but none of the them have requires_?[gG]rad/;
    expect(() => gradcheck((x: Tensor) => x.mul(2), [tensor([1])], FLOAT32)).toThrow(message);
    expect(() => gradcheck((x: Tensor) => x.mul(2), [tensor([1])], { ...FLOAT32, raiseException: false })).toThrow(
      message,
    );
  });

  it("195 other errors of fn pass through", () => {
    const error = new Error("mine");
    const failing = (): Tensor => {
      throw error;
    };
    expect(thrownBy(() => gradcheck(failing, [leaf(1)], FLOAT32))).toBe(error);
    expect(thrownBy(() => gradcheck(failing, [leaf(1)], { ...FLOAT32, raiseException: false }))).toBe(error);
  });

  it("196 a backward that differs from run to run is found", () => {
    let calls = 0;
    const drifting = claiming((g) => g.mul(2 + 1e-3 * (calls++ % 2)));
    expect(() => gradcheck(drifting, [leaf(1)], FLOAT32)).toThrow(/Backward is not reentrant/);
    expect(gradcheck(drifting, [leaf(1)], { ...FLOAT32, nondetTol: 1e-2 })).toBe(true);
  });

  it("197 an input unrelated to the output passes", () => {
    expect(gradcheck((x: Tensor, _y: Tensor) => x.mul(2), [leaf(1), leaf(2)], FLOAT32)).toBe(true);
  });

  it("197 non-differentiable outputs must have zero numeric gradient", () => {
    expect(gradcheck((x: Tensor) => x.detach().mul(0), [leaf(1, 2)], FLOAT32)).toBe(true);
    expect(() => gradcheck((x: Tensor) => x.detach().mul(3), [leaf(1, 2)], FLOAT32)).toThrow(
      /Numerical gradient for function expected to be zero/,
    );
  });

  it("198 a backward that ignores its incoming gradient is found", () => {
    const ignoring = claiming((g) => g.mul(0).add(2));
    expect(() => gradcheck(ignoring, [leaf(1)], FLOAT32)).toThrow(/[bB]ackward not multiplied by grad_output/);
  });

  it("199 an input with stride 0 raises", () => {
    const x = tensor([1]).expand(3).requiresGrad_();
    expect(() => gradcheck((t: Tensor) => t.mul(2), [x], FLOAT32)).toThrow(
      /[Tt]he \w+ input has a dimension with stride 0/,
    );
  });

  it("199 inputs are perturbed and restored", () => {
    const x = leaf(1, 2, 3);
    gradcheck((t: Tensor) => t.mul(t), [x], FLOAT32);
    expectTensor(x, [1, 2, 3], EXACT);
    expect(x.grad).toBeNull();
  });

  it("200 gradgradcheck checks the backward itself", () => {
    expect(gradgradcheck((x: Tensor) => x.mul(x).mul(x), [leaf(0.5, 1)], FLOAT32)).toBe(true);
    expect(
      gradgradcheck((x: Tensor) => x.sin(), [leaf(0.5, 1)], {
        ...FLOAT32,
        gradOutputs: tensor([1, 2], { requiresGrad: true }),
      }),
    ).toBe(true);
    class Constant extends autograd.Function {
      static forward(ctx: Ctx, x: Tensor): Tensor {
        ctx.saveForBackward(x);
        return x.mul(x);
      }
      static backward(ctx: Ctx, g: Tensor): Tensor {
        return g.mul(ctx.savedTensors[0].detach()).mul(2);
      }
    }
    expect(gradcheck((x: Tensor) => Constant.apply(x), [leaf(1, 2)], FLOAT32)).toBe(true);
    expect(() => gradgradcheck((x: Tensor) => Constant.apply(x), [leaf(1, 2)], FLOAT32)).toThrow(/Jacobian mismatch/);
  });
});
