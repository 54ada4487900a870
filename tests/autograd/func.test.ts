/** func: functions from functions. */
import { describe, expect, it } from "vitest";
import { autograd, func, nn, noGrad, ones, type Tensor, tensor } from "../../bindings/index.ts";
import { expectTensor } from "../support/expect.ts";

const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });

describe("func.grad", () => {
  it("differentiates by the first argument, or those asked for", () => {
    const f = (x: Tensor, y: Tensor): Tensor => x.mul(y).mul(y).sum();
    expectTensor(func.grad(f)(tensor([1, 2]), tensor([3, 4])), [9, 16]);
    expectTensor(func.grad(f, { argnums: 1 })(tensor([1, 2]), tensor([3, 4])), [6, 16]);
    const [gx, gy] = func.grad(f, { argnums: [0, -1] })(tensor([1, 2]), tensor([3, 4]));
    expectTensor(gx, [9, 16]);
    expectTensor(gy, [6, 16]);
    expect(() => func.grad(f, { argnums: 2 })(tensor([1]), tensor([1]))).toThrow(RangeError);
  });

  it("gives gradients in the form of the argument, zeros for what was not used", () => {
    const f = (p: { w: Tensor; list: Tensor[] }): Tensor => p.w.mul(p.list[0]).sum();
    const g = func.grad(f)({ w: tensor([1, 2]), list: [tensor([3, 4]), tensor(5)] });
    expectTensor(g.w, [3, 4]);
    expectTensor(g.list[0], [1, 2]);
    expectTensor(g.list[1], 0);
  });

  it("leaves its arguments alone, and its result without a graph", () => {
    const x = tensor([1, 2]);
    const g = func.grad((t: Tensor) => t.pow(3).sum())(x);
    expect(g.requiresGrad).toBe(false);
    expect(x.requiresGrad).toBe(false);
    expect(x.grad).toBeNull();
  });

  it("nests", () => {
    const third = func.grad(func.grad(func.grad((x: Tensor) => x.pow(4))));
    expectTensor(third(tensor(2)), 48);
    const mixed = func.grad((x: Tensor) => func.grad((y: Tensor) => x.mul(y).mul(y))(tensor(3)));
    expectTensor(mixed(tensor(5)), 6);
  });

  it("is differentiated through, by arguments and by what is closed over", () => {
    const x = leaf(2);
    const w = leaf(3);
    const g = func.grad((t: Tensor) => t.pow(3).mul(w).sum())(x);
    expectTensor(g, [36]);
    g.backward();
    expectTensor(x.grad, [36]);
    expectTensor(w.grad, [12]);
  });

  it("works in noGrad, with a result that is no part of a graph", () => {
    const x = leaf(2);
    const g = noGrad(() => func.grad((t: Tensor) => t.pow(2).sum())(x));
    expectTensor(g, [4]);
    expect(g.requiresGrad).toBe(false);
  });

  it("hands on the value and what else the function returns", () => {
    const f = (x: Tensor): [Tensor, { twice: Tensor }] => [x.pow(2).sum(), { twice: x.mul(2) }];
    const [g, aux] = func.grad(f, { hasAux: true })(tensor([1, 3]));
    expectTensor(g, [2, 6]);
    expectTensor(aux.twice, [2, 6]);
    const [g2, [value, aux2]] = func.gradAndValue(f, { hasAux: true })(tensor([1, 3]));
    expectTensor(g2, [2, 6]);
    expectTensor(value, 10);
    expect(aux2.twice.requiresGrad).toBe(false);
    expectTensor(func.gradAndValue((x: Tensor) => x.sum())(tensor([1, 2]))[1], 3);
  });

  it("refuses functions of more than one element", () => {
    expect(() => func.grad((x: Tensor) => x.mul(2))(tensor([1, 2]))).toThrow(
      /expected the function to return a scalar tensor, got a tensor of shape \[2\]/,
    );
  });
});

describe("func.vjp and func.jvp", () => {
  it("vjp gives the output and a function of its gradients", () => {
    const [y, pullback] = func.vjp((a: Tensor, b: Tensor) => [a.mul(b), a.sum()], tensor([1, 2]), tensor([3, 4]));
    expectTensor(y[0], [3, 8]);
    for (let i = 0; i < 2; i++) {
      const [ga, gb] = pullback(tensor([1, 10]), tensor(100));
      expectTensor(ga, [103, 140]);
      expectTensor(gb, [1, 20]);
    }
    expect(() => pullback(ones([3]), tensor(1))).toThrow(/expected a tensor of shape \[2\], got \[3\]/);
  });

  it("jvp pushes a tangent forward", () => {
    const [y, t] = func.jvp(
      (a: Tensor, b: Tensor) => a.mul(b),
      [tensor([1, 2]), tensor([3, 4])],
      [ones([2]), tensor([0, 10])],
    );
    expectTensor(y, [3, 8]);
    expectTensor(t, [3, 24]);
  });

  it("both compose with grad", () => {
    const along = func.grad((x: Tensor) => func.jvp((t: Tensor) => t.sin().sum(), [x], [tensor([2, 0])])[1]);
    expectTensor(along(tensor([0.5, 1])), [-2 * Math.sin(0.5), 0]);
  });
});

describe("Jacobians and Hessians", () => {
  const f = (x: Tensor): Tensor =>
    x
      .sin()
      .unsqueeze(1)
      .mul(tensor([1, 2, 3]));
  it("jacrev and jacfwd agree", () => {
    const x = tensor([0.3, 0.6]);
    const j = func.jacrev(f)(x);
    expect(j.shape).toEqual([2, 3, 2]);
    expectTensor(func.jacfwd(f)(x), j.tolist());
    expectTensor(j.select(0, 1), [
      [0, Math.cos(0.6)],
      [0, 2 * Math.cos(0.6)],
      [0, 3 * Math.cos(0.6)],
    ]);
  });

  it("jacrev has the forms of outputs and arguments", () => {
    const j = func.jacrev((a: Tensor, b: Tensor) => ({ sum: a.add(b), dot: a.mul(b).sum() }), [0, 1])(
      tensor([1, 2]),
      tensor([3, 4]),
    );
    expectTensor(j.sum[1], [
      [1, 0],
      [0, 1],
    ]);
    expectTensor(j.dot[0], [3, 4]);
  });

  it("take argnums by name, too", () => {
    const product = (a: Tensor, b: Tensor): Tensor => a.mul(b);
    const args = [tensor([1, 2]), tensor([3, 4])] as const;
    const diagonal = [
      [1, 0],
      [0, 2],
    ];
    expectTensor(func.jacrev(product, { argnums: 1 })(...args), diagonal);
    expectTensor(func.jacfwd(product, { argnums: 1 })(...args), diagonal);
    expectTensor(func.hessian((a: Tensor, b: Tensor) => b.pow(2).mul(a).sum(), { argnums: 1 })(...args), [
      [2, 0],
      [0, 4],
    ]);
  });

  it("hessian", () => {
    expectTensor(func.hessian((x: Tensor) => x.select(0, 0).pow(2).mul(x.select(0, 1)))(tensor([2, 3])), [
      [6, 4],
      [4, 0],
    ]);
  });
});

describe("func.vmap", () => {
  it("maps over dimensions of arguments and stacks results", () => {
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expectTensor(func.vmap((r: Tensor) => r.sum())(x), [6, 15]);
    expectTensor(func.vmap((c: Tensor) => c.mul(2), { inDims: 1, outDims: 1 })(x), x.mul(2).tolist());
    const both = func.vmap((r: Tensor, w: Tensor, k: number) => ({ dot: r.mul(w).sum().mul(k) }), {
      inDims: [0, null, null],
    });
    expectTensor(both(x, tensor([1, 0, 1]), 10).dot, [40, 100]);
  });

  it("composes: gradients for each example, Jacobians", () => {
    const perExample = func.vmap(func.grad((x: Tensor) => x.pow(3).sum()));
    expectTensor(perExample(tensor([[1], [2]])), [[3], [12]]);
    const x = leaf(1, 2);
    func
      .vmap((t: Tensor) => t.mul(t))(x)
      .sum()
      .backward();
    expectTensor(x.grad, [2, 4]);
  });

  it("refuses batches that differ, and none", () => {
    const f = (a: Tensor, b: Tensor): Tensor => a.add(b);
    expect(() => func.vmap(f)(ones([2]), ones([3]))).toThrow(/same size in the mapped dimension/);
    expect(() => func.vmap(f, { inDims: null })(ones([2]), ones([2]))).toThrow(/no tensor to map over/);
  });
});

describe("func.functionalCall", () => {
  it("runs a module with other parameters and puts its own back", () => {
    const model = new nn.Sequential(new nn.Linear(2, 2), new nn.ReLU());
    const own = model.parameters();
    const params = {
      "0.weight": tensor([
        [1, 2],
        [3, 4],
      ]),
      "0.bias": tensor([10, -100]),
    };
    expectTensor(func.functionalCall(model, params, [tensor([[1, 1]])]), [[13, 0]]);
    expect(model.parameters().every((p, i) => p === own[i])).toBe(true);
    expect(() => func.functionalCall(model, { nothing: tensor(1) }, [ones([1, 2])])).toThrow(
      /no parameter or buffer "nothing"/,
    );
  });

  it("lets func.grad differentiate by the parameters", () => {
    const model = new nn.Linear(2, 1);
    const loss = (params: Record<string, Tensor>, x: Tensor): Tensor => func.functionalCall(model, params, [x]).sum();
    const params = Object.fromEntries(model.namedParameters().map(([name, p]) => [name, p.detach()]));
    const g = func.grad(loss)(params, tensor([[3, 4]]));
    expectTensor(g.weight, [[3, 4]]);
    expectTensor(g.bias, [1]);
    expect(model.weight.grad).toBeNull();
  });

  it("agrees with autograd.grad", () => {
    const x = leaf(0.2, 0.7);
    const f = (t: Tensor): Tensor => t.exp().sin().sum();
    expectTensor(func.grad(f)(x), autograd.grad(f(x), [x])[0].tolist());
  });
});
