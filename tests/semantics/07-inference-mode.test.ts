import { describe, expect, it } from "vitest";
import { inferenceMode, isGradEnabled, isInferenceModeEnabled, ones, tensor } from "../../bindings/index.ts";
import { expectTensor } from "../support/expect.ts";

describe("inferenceMode", () => {
  it("72 is noGrad, and new tensors are inference tensors", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    expect(x.isInference()).toBe(false);
    const y = inferenceMode(() => {
      expect(isGradEnabled()).toBe(false);
      return x.mul(2);
    });
    expect(isGradEnabled()).toBe(true);
    expect(y.isInference()).toBe(true);
    expect(y.requiresGrad).toBe(false);
    expectTensor(y, [2, 4]);
  });

  it("72 also those made with requiresGrad", () => {
    const x = inferenceMode(() => ones([2], { requiresGrad: true }));
    expect(x.requiresGrad).toBe(true);
    expect(x.isInference()).toBe(true);
    expect(x.isLeaf).toBe(true);
  });

  it("73 outside they may be read, and used where nothing is saved", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const c = inferenceMode(() => ones([2]));
    expectTensor(c.add(1), [2, 2]);
    const y = x.add(c);
    y.sum().backward();
    expectTensor(x.grad, [1, 1]);
  });

  it("73 but not where they would have to be saved", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const c = inferenceMode(() => ones([2]));
    expect(() => x.mul(c)).toThrow(/Inference tensors cannot be saved for backward\./);
    expectTensor(x.mul(c.clone()), [1, 2]);
  });

  it("74 modifying one in place outside raises", () => {
    const c = inferenceMode(() => ones([2]));
    expect(() => c.add_(1)).toThrow(/Inplace update to inference tensor outside InferenceMode is not allowed\./);
    expectTensor(c, [1, 1]);
    inferenceMode(() => c.add_(1));
    expectTensor(c, [2, 2]);
  });

  it("75 a view of a normal tensor made inside stays a normal tensor", () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    const view = inferenceMode(() => x.select(0, 0));
    expect(view.isInference()).toBe(false);
    view.mul_(10);
    expectTensor(x, [
      [10, 20],
      [3, 4],
    ]);
  });

  it("75 modifying it in place outside raises when it requires grad", () => {
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    ).mul(1);
    const view = inferenceMode(() => x.select(0, 0));
    expect(view.isInference()).toBe(false);
    expect(() => view.mul_(10)).toThrow(/A view was created in inference mode and is being modified inplace/);
    expectTensor(x, [
      [1, 2],
      [3, 4],
    ]);
  });

  it("76 a normal tensor modified inside has its version counted", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const h = x.mul(2);
    const y = h.mul(h).sum();
    const version = h.version;
    inferenceMode(() => h.add_(1));
    expect(h.version).toBe(version + 1);
    expect(() => y.backward()).toThrow(/modified by an inplace operation/);
  });

  it("77 inferenceMode(false) inside switches it off again", () => {
    expect(isInferenceModeEnabled()).toBe(false);
    inferenceMode(() => {
      expect(isInferenceModeEnabled()).toBe(true);
      inferenceMode(false, () => {
        expect(isInferenceModeEnabled()).toBe(false);
        expect(isGradEnabled()).toBe(true);
        expect(ones([2]).isInference()).toBe(false);
      });
      expect(isInferenceModeEnabled()).toBe(true);
    });
    expect(isInferenceModeEnabled()).toBe(false);
  });
});
