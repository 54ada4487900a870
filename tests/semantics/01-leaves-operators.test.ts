import { describe, expect, it } from "vitest";
import { bucketize, countNonzero, isnan, searchsorted, sort, tensor, topk, unique } from "../../bindings/index.ts";
import { expectTensor } from "../support/expect.ts";

describe("leaves, requiresGrad, gradFn: further operators", () => {
  it("7 integer and boolean results never require grad", () => {
    const x = tensor([3, 1, 2], { requiresGrad: true });
    const edges = tensor([0, 2, 4], { requiresGrad: true });
    const results = [
      x.argmin(),
      x.argsort(),
      sort(x).indices,
      topk(x, 2).indices,
      isnan(x),
      countNonzero(x),
      searchsorted(edges, x),
      bucketize(x, edges),
    ];
    for (const r of [...results, x.median(0).indices, x.kthvalue(2).indices]) {
      expect(r.requiresGrad).toBe(false);
      expect(r.gradFn).toBeNull();
    }
    const [, inverse, counts] = unique(x.detach(), { returnInverse: true, returnCounts: true });
    expect(inverse.requiresGrad).toBe(false);
    expect(counts.requiresGrad).toBe(false);
    expect(sort(x).values.requiresGrad).toBe(true);
  });

  it.each(["sign", "floor", "ceil", "round", "trunc"] as const)("8 %s requires grad and has gradient zero", (name) => {
    const x = tensor([-1.5, 0.25, 2], { requiresGrad: true });
    const y = x[name]();
    expect(y.requiresGrad).toBe(true);
    y.sum().backward();
    expectTensor(x.grad, [0, 0, 0]);
  });

  it("11 inputNr says which output of the node it was", () => {
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    const [first, second] = x.unbind(0);
    expect(first.mul(2).gradFn!.nextFunctions[0][1]).toBe(0);
    expect(second.mul(2).gradFn!.nextFunctions[0][1]).toBe(1);
    expect(first.gradFn).toBe(second.gradFn);
  });
});
