import { describe, expect, it } from "vitest";
import { special, tensor } from "../../bindings/index.ts";
import { expectTensor } from "../support/expect.ts";

describe("backward(): further operators", () => {
  it("37 unused outputs of chunk, split and unbind count as zeros", () => {
    const x = tensor([1, 2, 3, 4], { requiresGrad: true });
    x.chunk(2)[1].mul(3).sum().backward();
    expectTensor(x.grad, [0, 0, 3, 3]);
    x.grad = null;
    x.split(3)[0].mul(3).sum().backward();
    expectTensor(x.grad, [3, 3, 3, 0]);
    x.grad = null;
    x.unbind(0)[2].mul(3).backward();
    expectTensor(x.grad, [0, 0, 3, 0]);
  });

  it("38 a missing derivative raises only when backward reaches it", () => {
    const a = tensor([1.5], { requiresGrad: true });
    const x = tensor([2], { requiresGrad: true });
    const y = special.gammainc(a, x);
    expect(y.requiresGrad).toBe(true);
    expect(() => y.sum().backward()).toThrow(/the derivative for '.*' is not implemented/);
    special.gammainc(a.detach(), x).sum().backward();
    expectTensor(x.grad, [0.2159638661], { rtol: 1e-4 });
  });
});
