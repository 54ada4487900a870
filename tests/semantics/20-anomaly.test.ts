import { describe, expect, it } from "vitest";
import { autograd, type Tensor, tensor } from "../../bindings/index.ts";
import { expectTensor, thrownBy } from "../support/expect.ts";
import type { Ctx } from "../support/function.ts";
import { warningsOf } from "../support/warnings.ts";

const { detectAnomaly } = autograd;

class Poison extends autograd.Function {
  static forward(_ctx: Ctx, x: Tensor): Tensor {
    return x.mul(2);
  }
  static backward(_ctx: Ctx, g: Tensor): Tensor {
    return g.mul(Number.NaN);
  }
}

/** A line of the test's own, to be found in stacks. */
function rootOf(x: Tensor): Tensor {
  return x.sqrt();
}

/** Everything that tells the user where: the error, its causes, and what was warned before it. */
function reportOf(fn: () => void): string {
  let parts: string[] = [];
  const warned = warningsOf(() => {
    const error = thrownBy(fn);
    for (let e: unknown = error; e instanceof Error; e = e.cause) parts = [...parts, e.message, e.stack ?? ""];
  });
  return [...parts, ...warned].join("\n");
}

describe("anomaly mode", () => {
  it("210 a backward that gives NaN raises, and names the node", () => {
    const x = tensor([-1], { requiresGrad: true });
    const fn = (): void => {
      detectAnomaly(() => x.sqrt().sum().backward());
    };
    expect(fn).toThrow(/Function 'SqrtBackward0' returned nan values in its 0th output\./);
  });

  it("210 also for a custom function, named without number", () => {
    const x = tensor([1], { requiresGrad: true });
    const fn = (): void => {
      detectAnomaly(() => Poison.apply(x).sum().backward());
    };
    expect(fn).toThrow(/Function 'PoisonBackward' returned nan values in its 0th output\./);
  });

  it("210 off by default: NaN passes silently", () => {
    const x = tensor([-1], { requiresGrad: true });
    x.sqrt().sum().backward();
    expectTensor(x.grad, [Number.NaN]);
    expect(detectAnomaly(() => 5)).toBe(5);
    Poison.apply(x).sum().backward();
    expectTensor(x.grad, [Number.NaN]);
  });

  it("211 an error in backward is reported with the stack of the forward call", () => {
    const x = tensor([-1], { requiresGrad: true });
    const report = reportOf(() => detectAnomaly(() => rootOf(x).sum().backward()));
    expect(report).toContain("rootOf");
  });

  it("211 whatever the error is", () => {
    const x = tensor([4], { requiresGrad: true });
    const report = reportOf(() =>
      detectAnomaly(() => {
        const y = rootOf(x);
        const z = y.mul(2).sum();
        y.add_(1);
        z.backward();
      }),
    );
    expect(report).toContain("modified by an inplace operation");
    expect(report).toContain("rootOf");
  });

  it("212 checkNan: false keeps only the stacks", () => {
    const x = tensor([-1], { requiresGrad: true });
    detectAnomaly(() => x.sqrt().sum().backward(), { checkNan: false });
    expectTensor(x.grad, [Number.NaN]);
    const report = reportOf(() =>
      detectAnomaly(
        () => {
          const y = rootOf(tensor([4], { requiresGrad: true }));
          const z = y.mul(2).sum();
          y.add_(1);
          z.backward();
        },
        { checkNan: false },
      ),
    );
    expect(report).toContain("rootOf");
  });

  it("212 nodes recorded before the mode have no stack to show, and that is said", () => {
    const x = tensor([-1], { requiresGrad: true });
    const y = rootOf(x).sum();
    const report = reportOf(() => detectAnomaly(() => y.backward()));
    expect(report).toContain("returned nan values");
    expect(report).toMatch(/No forward pass information available/);
  });
});
