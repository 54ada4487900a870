import { describe, expect, it } from "vitest";
import { nn, optim, type Tensor, tensor, zeros } from "../../bindings/index.ts";
import { EXACT, expectTensor } from "../support/expect.ts";
import { trained, trainingStep } from "../support/training.ts";
import { warningsOf } from "../support/warnings.ts";

type Case = [item: number, name: "SGD" | "Adam", options: object, parameters: number[]];

/** What PyTorch 1.13 gives in double precision. */
const CASES: Case[] = [
  [233, "SGD", { lr: 0.1 }, [-0.24834176, -0.27939328, -0.16622976]],
  [233, "SGD", { lr: 0.1, momentum: 0.9 }, [-1.2842235, -1.1111313, 0.21939252]],
  [233, "SGD", { lr: 0.1, momentum: 0.9, dampening: 0.5 }, [-1.506195, 0.38481866, 0.09614816]],
  [233, "SGD", { lr: 0.1, momentum: 0.9, nesterov: true }, [-0.76707008, -0.42896419, -0.16779996]],
  [233, "SGD", { lr: 0.1, weightDecay: 0.2 }, [-0.25525609, -0.26065873, -0.16100281]],
  [233, "SGD", { lr: 0.001, maximize: true }, [1.0241687, -2.0567903, 0.53268012]],
  [234, "Adam", {}, [0.99200113, -1.992001, 0.49200256]],
  [234, "Adam", { lr: 0.1 }, [0.21870055, -1.2148949, -0.22135369]],
  [234, "Adam", { lr: 0.1, betas: [0.5, 0.8], eps: 0.001 }, [0.24750019, -1.2387182, -0.13689718]],
  [234, "Adam", { lr: 0.5, amsgrad: true }, [-1.2027469, 0.58535754, 0.061642718]],
  [234, "Adam", { lr: 0.1, weightDecay: 0.2 }, [0.21959744, -1.2147503, -0.22004157]],
  [234, "Adam", { lr: 0.1, maximize: true }, [1.8069321, -2.8063626, 1.3085894]],
];

const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });

describe("optimizers", () => {
  for (const [item, name, options, parameters] of CASES) {
    it(`${item} ${name} ${JSON.stringify(options)}`, () => {
      expectTensor(
        trained((params) => new optim[name](params, options as { lr: number })),
        parameters,
        { rtol: 1e-4, atol: 1e-5 },
      );
    });
  }

  it("233 the first momentum buffer is the gradient itself, without dampening", () => {
    const p = leaf(1);
    const optimizer = new optim.SGD([p], { lr: 1, momentum: 0.5, dampening: 0.5 });
    const step = (g: number): void => {
      p.grad = tensor([g]);
      optimizer.step();
    };
    step(4);
    expectTensor(p, [-3], EXACT);
    step(2);
    expectTensor(p, [-6], EXACT);
  });

  it("234 the first step of Adam is lr against the sign of the gradient", () => {
    const p = leaf(1, 1, 1);
    p.grad = tensor([1e-3, -50, 7]);
    new optim.Adam([p], { lr: 0.1 }).step();
    expectTensor(p, [0.9, 1.1, 0.9], { rtol: 1e-4 });
  });

  it("245 step returns what the closure returned", () => {
    const p = leaf(1);
    const optimizer = new optim.SGD([p], { lr: 0.5 });
    const loss = optimizer.step(() => {
      optimizer.zeroGrad();
      const y = p.mul(p).sum();
      y.backward();
      return y;
    }) as Tensor;
    expectTensor(loss, 1);
    expectTensor(p, [0]);
    expect(optimizer.step() ?? null).toBeNull();
  });

  it("245 parameters without gradient are skipped, and get no state", () => {
    const p = leaf(1);
    const q = leaf(2);
    const optimizer = new optim.Adam([p, q], { lr: 0.5 });
    optimizer.step();
    expect(Object.keys(optimizer.stateDict().state)).toEqual([]);
    p.mul(2).backward();
    optimizer.step();
    expectTensor(q, [2], EXACT);
    expect(q.version).toBe(0);
    expect(Object.keys(optimizer.stateDict().state)).toEqual(["0"]);
  });

  it("246 step works in place and records nothing", () => {
    const p = leaf(1, 2);
    const optimizer = new optim.SGD([p], { lr: 0.1, momentum: 0.9 });
    p.mul(p).sum().backward();
    optimizer.step();
    expect(p.isLeaf).toBe(true);
    expect(p.requiresGrad).toBe(true);
    expect(p.gradFn).toBeNull();
    expect(p.version).toBeGreaterThan(0);
    expectTensor(p, [0.8, 1.6]);
    expect(optimizer.paramGroups[0].params[0]).toBe(p);
    expectTensor(p.grad, [2, 4]);
  });

  it("246 a graph that saved a parameter notices the step", () => {
    const p = leaf(1, 2);
    const optimizer = new optim.SGD([p], { lr: 0.1 });
    const y = p.mul(p).sum();
    y.backward({ retainGraph: true });
    optimizer.step();
    expect(() => y.backward()).toThrow(/modified by an inplace operation/);
  });

  it("247 zeroGrad sets to null by default, or zeroes in place", () => {
    const p = leaf(1, 2);
    const optimizer = new optim.SGD([p], { lr: 0.1 });
    p.mul(3).sum().backward();
    const held = p.grad!;
    optimizer.zeroGrad({ setToNone: false });
    expect(p.grad).toBe(held);
    expectTensor(held, [0, 0], EXACT);
    optimizer.zeroGrad();
    expect(p.grad).toBeNull();
    p.mul(3).sum().backward();
    optimizer.zeroGrad({ setToNone: true });
    expect(p.grad).toBeNull();
  });

  it("247 a gradient with a graph is detached", () => {
    const p = leaf(1, 2);
    p.mul(p).sum().backward({ createGraph: true });
    expect(p.grad!.requiresGrad).toBe(true);
    new optim.SGD([p], { lr: 0.1 }).zeroGrad({ setToNone: false });
    expect(p.grad!.requiresGrad).toBe(false);
    expectTensor(p.grad, [0, 0], EXACT);
  });

  it("248 parameters come as an array or any iterable", () => {
    const model = new nn.Linear(2, 1);
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
    expect(optimizer.paramGroups[0].params.length).toBe(2);
    expect(new optim.SGD(new Set([leaf(1)]), { lr: 0.1 }).paramGroups[0].params.length).toBe(1);
  });

  it("248 groups have options of their own, which may be changed between steps", () => {
    const p = leaf(1);
    const q = leaf(1);
    const optimizer = new optim.SGD([{ params: [p] }, { params: [q], lr: 0.5 }], { lr: 0.1 });
    expect(optimizer.paramGroups.map((group) => group.lr)).toEqual([0.1, 0.5]);
    const step = (): void => {
      p.grad = tensor([1]);
      q.grad = tensor([1]);
      optimizer.step();
    };
    step();
    expectTensor(p, [0.9]);
    expectTensor(q, [0.5]);
    optimizer.paramGroups[0].lr = 1;
    step();
    expectTensor(p, [-0.1]);
    expectTensor(q, [0]);
  });

  it("248 addParamGroup", () => {
    const p = leaf(1);
    const q = leaf(1);
    const optimizer = new optim.SGD([p], { lr: 0.1, momentum: 0.9 });
    optimizer.addParamGroup({ params: [q], lr: 0.5 });
    expect(optimizer.paramGroups.length).toBe(2);
    expect(optimizer.paramGroups[1].momentum).toBe(0.9);
    q.grad = tensor([1]);
    optimizer.step();
    expectTensor(q, [0.5]);
  });

  it("249 errors at construction", () => {
    const p = leaf(1);
    expect(() => new optim.SGD([], { lr: 0.1 })).toThrow(/optimizer got an empty parameter list/);
    expect(() => new optim.SGD(p as unknown as Tensor[], { lr: 0.1 })).toThrow(
      /params argument given to the optimizer should be an iterable of Tensors or dicts, but got/,
    );
    expect(() => new optim.SGD([p.mul(2)], { lr: 0.1 })).toThrow(/can't optimize a non-leaf Tensor/);
    expect(() => new optim.SGD([p], { lr: -1 })).toThrow(/Invalid learning rate: -1/);
    expect(() => new optim.SGD([p], { lr: 0.1, momentum: -0.5 })).toThrow(/Invalid momentum value: -0\.5/);
    expect(() => new optim.Adam([p], { betas: [1, 0.999] })).toThrow(/Invalid beta parameter at index 0: 1/);
    expect(() => new optim.Adam([p], { weightDecay: -1 })).toThrow(/Invalid weight_?[dD]ecay value: -1/);
    expect(() => new optim.SGD([p], { lr: 0.1, nesterov: true })).toThrow(
      /Nesterov momentum requires a momentum and zero dampening/,
    );
  });

  it("249 SGD without lr uses 1e-3", () => {
    expect(new optim.SGD([leaf(1)]).paramGroups[0].lr).toBe(1e-3);
  });

  it("249 a parameter twice in a group warns, in two groups raises", () => {
    const p = leaf(1);
    const texts = warningsOf(() => {
      new optim.SGD([p, p], { lr: 0.1 });
    });
    expect(texts.length).toBe(1);
    expect(texts[0]).toMatch(/duplicate parameters/);
    expect(() => new optim.SGD([{ params: [p] }, { params: [p] }], { lr: 0.1 })).toThrow(
      /some parameters appear in more than one parameter group/,
    );
  });

  it("250 stateDict numbers the parameters in order", () => {
    const [a, b, c] = [leaf(1), leaf(2), leaf(3)];
    const optimizer = new optim.SGD([{ params: [a, b] }, { params: [c], lr: 0.5 }], { lr: 0.1, momentum: 0.9 });
    for (const p of [a, c]) p.grad = tensor([7]);
    optimizer.step();
    const { state, paramGroups } = optimizer.stateDict();
    expect(Object.keys(state)).toEqual(["0", "2"]);
    expectTensor((state[2] as { momentum_buffer: Tensor }).momentum_buffer, [7]);
    expect(paramGroups.map((group) => group.params)).toEqual([[0, 1], [2]]);
    expect(paramGroups.map((group) => group.lr)).toEqual([0.1, 0.5]);
    expect(paramGroups[0].momentum).toBe(0.9);
  });

  it("250 the state keeps PyTorch's spelling", () => {
    const keys = (make: (params: Tensor[]) => optim.Optimizer): string[] => {
      const p = zeros([2], { requiresGrad: true });
      const optimizer = make([p]);
      p.sum().backward();
      optimizer.step();
      return Object.keys(optimizer.stateDict().state[0]).sort();
    };
    expect(keys((p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9 }))).toEqual(["momentum_buffer"]);
    expect(keys((p) => new optim.Adam(p))).toEqual(["exp_avg", "exp_avg_sq", "step"]);
    expect(keys((p) => new optim.Adam(p, { amsgrad: true }))).toEqual([
      "exp_avg",
      "exp_avg_sq",
      "max_exp_avg_sq",
      "step",
    ]);
  });

  it("251 loadStateDict copies, and the run goes on bit for bit", () => {
    for (const make of [
      (p: Tensor[]) => new optim.SGD(p, { lr: 0.1, momentum: 0.9 }),
      (p: Tensor[]) => new optim.Adam(p, { lr: 0.1, amsgrad: true }),
    ]) {
      const p = leaf(1, -2, 0.5);
      const first = make([p]);
      for (let i = 0; i < 3; i++) trainingStep(first, p);
      const q = p.detach().clone().requiresGrad_();
      const second = make([q]);
      second.loadStateDict(first.stateDict());
      for (let i = 0; i < 3; i++) {
        trainingStep(first, p);
        trainingStep(second, q);
        expectTensor(q, p.tolist(), EXACT);
      }
    }
  });

  it("251 the source is neither modified nor shared", () => {
    const p = leaf(1);
    const source = new optim.SGD([p], { lr: 0.1, momentum: 0.9 });
    p.grad = tensor([1]);
    source.step();
    const saved = source.stateDict();
    const q = leaf(1);
    const target = new optim.SGD([q], { lr: 0.7 });
    target.loadStateDict(saved);
    expect(target.paramGroups[0].lr).toBe(0.1);
    expect(target.paramGroups[0].params[0]).toBe(q);
    q.grad = tensor([5]);
    target.step();
    expectTensor((saved.state[0] as { momentum_buffer: Tensor }).momentum_buffer, [1], EXACT);
    target.paramGroups[0].lr = 9;
    expect(source.paramGroups[0].lr).toBe(0.1);
  });

  it("251 wrong sizes raise", () => {
    const one = new optim.SGD([leaf(1)], { lr: 0.1 });
    const two = new optim.SGD([leaf(1), leaf(2)], { lr: 0.1 });
    expect(() => one.loadStateDict(two.stateDict())).toThrow(
      /loaded state dict contains a parameter group that doesn't match the size of optimizer's group/,
    );
    const groups = new optim.SGD([{ params: [leaf(1)] }, { params: [leaf(2)] }], { lr: 0.1 });
    expect(() => one.loadStateDict(groups.stateDict())).toThrow(
      /loaded state dict has a different number of parameter groups/,
    );
  });
});
