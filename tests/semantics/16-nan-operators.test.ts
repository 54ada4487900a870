import { describe, it } from "vitest";
import { nanToNum, norm, std, tensor } from "../../bindings/index.ts";
import { EXACT, expectTensor } from "../support/expect.ts";

describe("NaN and infinity: further operators", () => {
  it("181 nanToNum has gradient 0 where it replaced", () => {
    const x = tensor([NaN, 1, Infinity, -Infinity], { requiresGrad: true });
    const y = nanToNum(x, 7, 8, 9);
    expectTensor(y, [7, 1, 8, 9], EXACT);
    y.sum().backward();
    expectTensor(x.grad, [0, 1, 0, 0], EXACT);
  });

  it("185 norm and std at their kink stop NaN", () => {
    const x = tensor([0, 0], { requiresGrad: true });
    norm(x).backward();
    expectTensor(x.grad, [0, 0], EXACT);
    const y = tensor([3, 3], { requiresGrad: true });
    std(y).backward();
    expectTensor(y.grad, [0, 0], EXACT);
  });
});
