import { describe, expect, it } from "vitest";
import {
  arange,
  enableGrad,
  eye,
  full,
  noGrad,
  ones,
  onesLike,
  rand,
  randn,
  tensor,
  zeros,
  zerosLike,
} from "../../bindings/index.ts";
import { expectTensor } from "../support/expect.ts";

const FLOAT_ONLY = /only Tensors of floating point( and complex)? dtype can require gradients/i;

describe("leaves, requiresGrad, gradFn", () => {
  it("1 what the user makes is a leaf without gradFn", () => {
    for (const x of [tensor([1, 2]), tensor([1, 2], { requiresGrad: true }), zeros([2])]) {
      expect(x.isLeaf).toBe(true);
      expect(x.gradFn).toBeNull();
    }
  });

  it("1 a result that depends on requiresGrad is no leaf, a result of constants is one", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.mul(tensor([3, 4]));
    expect(y.isLeaf).toBe(false);
    expect(y.gradFn).not.toBeNull();
    const z = tensor([1, 2]).mul(tensor([3, 4]));
    expect(z.isLeaf).toBe(true);
    expect(z.gradFn).toBeNull();
  });

  it("2 requiresGrad of a result is the OR over its inputs", () => {
    const c = tensor([1]);
    const x = tensor([2], { requiresGrad: true });
    expect(c.add(c).requiresGrad).toBe(false);
    expect(c.add(x).requiresGrad).toBe(true);
    expect(x.add(c).requiresGrad).toBe(true);
    expect(c.add(c).add(x).add(c).requiresGrad).toBe(true);
  });

  it("2 nothing is recorded for constants: a later requiresGrad does not reach back", () => {
    const c = tensor([2]);
    const before = c.mul(3);
    c.requiresGrad_();
    before.mul(c).backward();
    expectTensor(c.grad, [6]);
  });

  it("3 requiresGrad_ returns the tensor itself, also when nothing changes", () => {
    const x = tensor([1, 2]);
    expect(x.requiresGrad_()).toBe(x);
    expect(x.requiresGrad).toBe(true);
    expect(x.requiresGrad_(true)).toBe(x);
    expect(x.requiresGrad_(false)).toBe(x);
    expect(x.requiresGrad).toBe(false);
    expect(x.requiresGrad_(false)).toBe(x);
  });

  it("4 requiresGrad_(false) on a non-leaf raises, requiresGrad_() on it is fine", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.mul(2);
    expect(() => y.requiresGrad_(false)).toThrow(/you can only change requires_grad flags of leaf variables/);
    expect(() => {
      y.requiresGrad = false;
    }).toThrow(/you can only change requires_grad flags of leaf variables/);
    expect(y.requiresGrad).toBe(true);
    expect(y.requiresGrad_()).toBe(y);
    expect(y.gradFn).not.toBeNull();
  });

  it("5 assigning requiresGrad is the same as the method", () => {
    const x = tensor([1, 2]);
    x.requiresGrad = true;
    x.mul(x).sum().backward();
    expectTensor(x.grad, [2, 4]);
    x.requiresGrad = false;
    expect(x.mul(2).requiresGrad).toBe(false);
  });

  it("5 it also works on a leaf that was modified in place", () => {
    const x = tensor([1, 2]);
    x.add_(1);
    x.requiresGrad = true;
    expect(x.isLeaf).toBe(true);
    x.mul(x).sum().backward();
    expectTensor(x.grad, [4, 6]);
  });

  it.each(["int32", "bool"] as const)("6 %s tensors cannot require grad", (dtype) => {
    expect(() => tensor([0, 1], { dtype, requiresGrad: true })).toThrow(FLOAT_ONLY);
    expect(() => zeros([2], { dtype, requiresGrad: true })).toThrow(FLOAT_ONLY);
    const t = tensor([0, 1], { dtype });
    expect(() => {
      t.requiresGrad = true;
    }).toThrow(FLOAT_ONLY);
    expect(() => t.requiresGrad_()).toThrow(FLOAT_ONLY);
    t.requiresGrad = false;
    expect(t.requiresGrad_(false)).toBe(t);
    expect(t.requiresGrad).toBe(false);
  });

  it("7 comparisons, argmax and the indices of max and min never require grad", () => {
    const x = tensor(
      [
        [3, 1],
        [2, 5],
      ],
      { requiresGrad: true },
    );
    const results = [x.gt(2), x.ge(2), x.lt(x), x.le(x), x.eq(1), x.ne(1), x.argmax(), x.argmax(1)];
    for (const r of [...results, x.max(1).indices, x.min(0).indices]) {
      expect(r.requiresGrad).toBe(false);
      expect(r.gradFn).toBeNull();
    }
    expect(x.max(1).values.requiresGrad).toBe(true);
  });

  it("9 a float tensor cast to int32 or bool stops requiring grad, and stays without when cast back", () => {
    const x = tensor([1.5, 0], { requiresGrad: true });
    for (const cast of [x.int(), x.bool(), x.to("int32"), x.to("bool")]) {
      expect(cast.requiresGrad).toBe(false);
      expect(cast.gradFn).toBeNull();
      expect(cast.float().requiresGrad).toBe(false);
    }
  });

  it("10 factories take requiresGrad", () => {
    const like = tensor([[1, 2]]);
    const options = { requiresGrad: true };
    const made = [
      zeros([2], options),
      ones([2], options),
      full([2], 0.5, options),
      eye(2, options),
      arange(0, 3, { ...options, dtype: "float32" }),
      rand([2], options),
      randn([2], options),
      zerosLike(like, options),
      onesLike(like, options),
    ];
    for (const x of made) {
      expect(x.requiresGrad).toBe(true);
      expect(x.isLeaf).toBe(true);
    }
    expect(onesLike(made[0]).requiresGrad).toBe(false);
  });

  it("10 they honour it inside noGrad too", () => {
    const x = noGrad(() => ones([2], { requiresGrad: true }));
    expect(x.requiresGrad).toBe(true);
    const y = noGrad(() => enableGrad(() => tensor([1], { requiresGrad: true })));
    expect(y.requiresGrad).toBe(true);
  });

  it("11 nextFunctions lists the tensor inputs in order", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const a = x.exp();
    const b = x.mul(2);
    const y = a.mul(b);
    const [left, right] = y.gradFn!.nextFunctions;
    expect(left[0]).toBe(a.gradFn);
    expect(left[1]).toBe(0);
    expect(right[0]).toBe(b.gradFn);
    expect(right[1]).toBe(0);
  });

  it("11 with AccumulateGrad for a leaf and null for an input without grad", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = tensor([3, 4]).div(x);
    const next = y.gradFn!.nextFunctions;
    expect(next.length).toBe(2);
    expect(next[0]).toEqual([null, 0]);
    expect(next[1][0]!.name()).toMatch(/AccumulateGrad$/);
    expect(x.add(1).gradFn!.nextFunctions[0][0]).toBe(next[1][0]);
  });

  it("12 gradFn has the printed name and is one object per tensor", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.mul(2);
    expect(y.gradFn!.name()).toBe("MulBackward0");
    expect(y.gradFn).toBe(y.gradFn);
    expect(x.mul(2).gradFn === y.gradFn).toBe(false);
  });

  it("13 isLeaf, gradFn and grad are properties, and gradFn cannot be assigned", () => {
    const x = tensor([1], { requiresGrad: true });
    const y = x.mul(2);
    expect(typeof y.isLeaf).toBe("boolean");
    expect(x.grad).toBeNull();
    const node = y.gradFn;
    expect(() => {
      (y as { gradFn: unknown }).gradFn = null;
    }).toThrow();
    expect(y.gradFn).toBe(node);
  });

  it("14 item() takes one element of any rank, and refuses several", () => {
    expect(tensor(2.5).item()).toBe(2.5);
    expect(tensor([[[2.5]]]).item()).toBe(2.5);
    expect(tensor([[7]], { dtype: "int32" }).item()).toBe(7);
    expect(() => tensor([1, 2]).item()).toThrow(/only one element tensors can be converted to Python scalars/);
    expect(() => tensor([]).item()).toThrow(/only one element tensors can be converted to Python scalars/);
  });

  it("14 as a number a tensor is its one element, as text it is what is printed", () => {
    expect(Number(tensor([[2.5]]))).toBe(2.5);
    expect(Number(tensor(true))).toBe(1);
    expect(Math.max(tensor(3) as unknown as number, 2)).toBe(3);
    expect(() => Number(tensor([1, 2]))).toThrow(/only one element tensors can be converted to Python scalars/);
    expect(`loss: ${tensor(2.5)}`).toBe("loss: tensor(2.5000)");
    expect("loss: ".concat(tensor(2.5) as unknown as string)).toBe("loss: tensor(2.5000)");
  });

  it("14 iterating gives the rows; a 0-d tensor is not iterable", () => {
    const rows = [
      ...tensor([
        [1, 2],
        [3, 4],
      ]),
    ];
    expect(rows.length).toBe(2);
    expectTensor(rows[1], [3, 4]);
    expect(() => [...tensor(1)]).toThrow(/iteration over a 0-d tensor/);
  });

  it("15 data(), tolist() and item() never refuse and are not connected to the tensor", () => {
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    const y = x.mul(2);
    const data = y.data();
    data[0] = 100;
    const list = y.tolist() as number[][];
    list[1][1] = 100;
    expectTensor(y, [
      [2, 4],
      [6, 8],
    ]);
    expect(Array.from(y.data())).toEqual([2, 4, 6, 8]);
    expect(y.sum().item()).toBe(20);
    y.sum().backward();
    expectTensor(x.grad, [
      [2, 2],
      [2, 2],
    ]);
  });

  it("15 tensor() copies the typed array that it is given", () => {
    const source = new Float32Array([1, 2]);
    const x = tensor(source);
    source[0] = 100;
    expectTensor(x, [1, 2]);
  });
});
