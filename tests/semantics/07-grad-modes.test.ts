import { afterEach, describe, expect, it } from "vitest";
import {
  autograd,
  enableGrad,
  isGradEnabled,
  noGrad,
  ones,
  setGradEnabled,
  type Tensor,
  tensor,
} from "../../bindings/index.ts";
import { expectTensor, thrownBy } from "../support/expect.ts";

const MODIFIED = /one of the variables needed for gradient computation has been modified by an inplace operation/;

describe("noGrad, enableGrad, setGradEnabled", () => {
  afterEach(() => {
    setGradEnabled(true);
  });

  it("64 inside noGrad nothing is recorded, and the function's value comes back", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = noGrad(() => {
      expect(isGradEnabled()).toBe(false);
      return x.mul(2);
    });
    expect(y.requiresGrad).toBe(false);
    expect(y.gradFn).toBeNull();
    expect(y.isLeaf).toBe(true);
    expectTensor(y, [2, 4]);
    expect(isGradEnabled()).toBe(true);
  });

  it("64 modes nest, each restoring what it found", () => {
    const seen: boolean[] = [];
    noGrad(() => {
      enableGrad(() => {
        noGrad(() => {
          seen.push(isGradEnabled());
        });
        seen.push(isGradEnabled());
      });
      seen.push(isGradEnabled());
    });
    seen.push(isGradEnabled());
    expect(seen).toEqual([false, true, false, true]);
  });

  it("64 enableGrad inside noGrad records", () => {
    const x = tensor([3], { requiresGrad: true });
    const y = noGrad(() => enableGrad(() => x.mul(x)));
    y.backward();
    expectTensor(x.grad, [6]);
  });

  it("65 an exception restores the mode and passes through unchanged", () => {
    const error = new Error("mine");
    const thrown = thrownBy(() =>
      noGrad(() => {
        enableGrad(() => {
          throw error;
        });
      }),
    );
    expect(thrown).toBe(error);
    expect(isGradEnabled()).toBe(true);
  });

  it("66 setGradEnabled holds until it is set again", () => {
    const x = tensor([1], { requiresGrad: true });
    setGradEnabled(false);
    expect(isGradEnabled()).toBe(false);
    expect(x.mul(2).requiresGrad).toBe(false);
    setGradEnabled(true);
    expect(x.mul(2).requiresGrad).toBe(true);
  });

  it("66 setGradEnabled with a function is a scope", () => {
    const x = tensor([1], { requiresGrad: true });
    expect(setGradEnabled(false, () => x.mul(2)).requiresGrad).toBe(false);
    expect(isGradEnabled()).toBe(true);
    noGrad(() => {
      expect(setGradEnabled(true, () => x.mul(2)).requiresGrad).toBe(true);
      expect(isGradEnabled()).toBe(false);
    });
  });

  it("67 the mode is restored when the function returns, whatever it returns", () => {
    expect(isGradEnabled()).toBe(true);
    expect(noGrad(() => 7)).toBe(7);
    expect(noGrad(() => null)).toBeNull();
    expect(isGradEnabled()).toBe(true);
  });

  it("67 a function that returns a promise leaves the mode restored too", () => {
    thrownBy(() => noGrad((async () => 1) as () => never));
    expect(isGradEnabled()).toBe(true);
    noGrad(() => {
      thrownBy(() => enableGrad((async () => 1) as () => never));
      expect(isGradEnabled()).toBe(false);
    });
    expect(isGradEnabled()).toBe(true);
  });

  it("68 a leaf made inside noGrad with requiresGrad keeps it", () => {
    const x = noGrad(() => tensor([2], { requiresGrad: true }));
    expect(x.requiresGrad).toBe(true);
    x.mul(x).backward();
    expectTensor(x.grad, [4]);
  });

  it("69 in noGrad a leaf that requires grad may be modified, and stays one", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const version = x.version;
    noGrad(() => x.sub_(0.5));
    expectTensor(x, [0.5, 1.5]);
    expect(x.isLeaf).toBe(true);
    expect(x.requiresGrad).toBe(true);
    expect(x.version).toBe(version + 1);
  });

  it("64 views made inside have requiresGrad false, and so have views of them", () => {
    const x = ones(2, 2, { requiresGrad: true });
    for (const view of [(t: Tensor) => t.view(4), (t: Tensor) => t.select(0, 1), (t: Tensor) => t.t()]) {
      const made = noGrad(() => view(x.mul(1)));
      expect([made.requiresGrad, made.isLeaf, made.gradFn]).toEqual([false, true, null]);
      expect(made.unsqueeze(0).requiresGrad).toBe(false);
      expect(noGrad(() => view(x)).mul(2).requiresGrad).toBe(false);
    }
  });

  it("71 a view of a leaf made inside must not be modified outside either", () => {
    const x = ones(2, 2, { requiresGrad: true });
    const view = noGrad(() => x.view(4));
    expect(() => view.mul_(2)).toThrow(/A view was created in no_grad mode and is being modified inplace/);
    noGrad(() => view.mul_(2));
    expectTensor(x, [
      [2, 2],
      [2, 2],
    ]);
  });

  it("71 nor may a view made inside be used once its base has been modified outside", () => {
    const CHANGED =
      /A view was created in no_grad mode and its base or another view of its base has been modified inplace/;
    const base = ones(2, 2, { requiresGrad: true }).mul(1);
    const plain = ones(2, 2);
    const views = noGrad(() => [base.view(4), plain.view(4)]);
    base.mul_(2);
    plain.mul_(tensor(2, { requiresGrad: true }));
    for (const view of views) {
      expect(view.requiresGrad).toBe(false);
      expect(() => view.sum()).toThrow(CHANGED);
      expectTensor(
        noGrad(() => view.sum()),
        8,
      );
      expectTensor(view.detach().sum(), 8);
    }
    expect(base.sum().add(plain.sum()).item()).toBe(16);
  });

  it("69 a graph that saved it raises afterwards", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.mul(x).sum();
    noGrad(() => x.mul_(2));
    expect(() => y.backward()).toThrow(MODIFIED);
    const z = x.mul(3).sum();
    noGrad(() => x.zero_());
    z.backward();
    expectTensor(x.grad, [3, 3]);
  });

  it("70 custom functions called in noGrad record nothing", () => {
    class Twice extends autograd.Function {
      static forward(_ctx: unknown, x: ReturnType<typeof tensor>) {
        return x.mul(2);
      }
      static backward(_ctx: unknown, g: ReturnType<typeof tensor>) {
        return g.mul(2);
      }
    }
    const x = tensor([1, 2], { requiresGrad: true });
    const y = noGrad(() => Twice.apply(x));
    expect(y.requiresGrad).toBe(false);
    expect(y.gradFn).toBeNull();
    expect(Twice.apply(x).requiresGrad).toBe(true);
  });

  it("71 a view made in noGrad must not be modified in place in grad mode", () => {
    const base = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    ).mul(1);
    const view = noGrad(() => base.select(0, 0));
    expect(() => view.mul_(2)).toThrow(
      /A view was created in no_?[gG]rad mode and is being modified inplace with grad mode enabled/,
    );
    expectTensor(base, [
      [1, 2],
      [3, 4],
    ]);
  });

  it("71 both inside noGrad is fine", () => {
    const base = ones([2, 2], { requiresGrad: true });
    noGrad(() => base.select(0, 0).mul_(2));
    expectTensor(base, [
      [2, 2],
      [1, 1],
    ]);
  });
});
