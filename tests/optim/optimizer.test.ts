import { describe, expect, it } from "vitest";
import { memory, nn, optim, rand, type Tensor, tensor, zeros } from "../../bindings/index.ts";
import { EXACT, expectTensor } from "../support/expect.ts";

const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });

/** All optimizers that take a gradient at a time. */
const MAKERS: Record<string, (params: Tensor[]) => optim.Optimizer> = {
  SGD: (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9 }),
  Adam: (p) => new optim.Adam(p, { lr: 0.1, amsgrad: true }),
  AdamW: (p) => new optim.AdamW(p, { lr: 0.1 }),
  RMSprop: (p) => new optim.RMSprop(p, { momentum: 0.9, centered: true }),
  Adagrad: (p) => new optim.Adagrad(p, { lrDecay: 0.1 }),
  Adadelta: (p) => new optim.Adadelta(p),
  Adamax: (p) => new optim.Adamax(p),
  NAdam: (p) => new optim.NAdam(p),
  RAdam: (p) => new optim.RAdam(p, { lr: 0.1 }),
  Rprop: (p) => new optim.Rprop(p),
  ASGD: (p) => new optim.ASGD(p, { t0: 1 }),
};

/** The gradients of eight steps for a 3 by 4 parameter. */
function gradients(): Tensor[] {
  return Array.from({ length: 8 }, (_, step) =>
    tensor(
      Float32Array.from({ length: 12 }, (_, i) => Math.sin(i + 3 * step)),
      { shape: [3, 4] },
    ),
  );
}

function start(): Tensor {
  return tensor(
    Float32Array.from({ length: 12 }, (_, i) => i / 4 - 1),
    { shape: [3, 4] },
  );
}

function run(make: (params: Tensor[]) => optim.Optimizer, p: Tensor, prepare = (g: Tensor): Tensor => g): number[] {
  const optimizer = make([p]);
  for (const g of gradients()) {
    p.grad = prepare(g);
    optimizer.step();
  }
  return [...p.data()];
}

describe.each(Object.keys(MAKERS))("%s", (name) => {
  const make = MAKERS[name];
  const expected = run(make, start().requiresGrad_());

  it("does the same with a parameter in the heap", () => {
    expect(run(make, new nn.Parameter(start()))).toEqual(expected);
  });

  it("does the same with a parameter or a gradient that does not lie dense", () => {
    const transposed = start().t().contiguous().t().detach().requiresGrad_();
    expect(transposed.isContiguous()).toBe(false);
    expect(run(make, transposed)).toEqual(expected);
    expect(run(make, start().requiresGrad_(), (g) => g.t().contiguous().t())).toEqual(expected);
  });

  it("does the same with what backward leaves", () => {
    const p = start().requiresGrad_();
    const optimizer = make([p]);
    for (const g of gradients()) {
      optimizer.zeroGrad();
      p.mul(g).sum().backward();
      optimizer.step();
    }
    expect([...p.data()]).toEqual(expected);
  });

  it("goes on from its state, also from one that PyTorch has spelled", () => {
    for (const pyTorch of [false, true]) {
      const [p, q] = [start().requiresGrad_(), start().requiresGrad_()];
      const first = make([p]);
      for (const g of gradients().slice(0, 4)) {
        p.grad = g;
        first.step();
      }
      const { state, paramGroups } = first.stateDict();
      const second = make([q]);
      second.loadStateDict(
        pyTorch ? { state: asTensors(state), param_groups: paramGroups.map(spelled) } : { state, paramGroups },
      );
      q.detach().copy_(p.detach());
      for (const g of gradients().slice(4)) {
        q.grad = g;
        second.step();
      }
      expect([...q.data()]).toEqual(expected);
    }
  });

  it("leaves a scalar parameter scalar, through its state", () => {
    const p = tensor(2, { requiresGrad: true });
    const optimizer = make([p]);
    const step = (): void => {
      optimizer.zeroGrad();
      p.mul(p).backward();
      optimizer.step();
    };
    step();
    optimizer.loadStateDict(optimizer.stateDict());
    step();
    expect(p.shape).toEqual([]);
    expect(p.item()).toBeLessThan(2);
  });

  it("needs no more memory the longer it runs", () => {
    const p = new nn.Parameter(rand(50, 50));
    const optimizer = make([p]);
    const step = (): void => {
      optimizer.zeroGrad();
      p.square().sum().backward();
      optimizer.step();
    };
    // Without the nursery, whose size depends on what ran before.
    const used = (): number => {
      memory.collect();
      return memory.stats().usedBytes;
    };
    for (let i = 0; i < 20; i++) step();
    const before = used();
    for (let i = 0; i < 200; i++) step();
    // One tensor that is kept in each step would come to 2 MB.
    expect(used() - before).toBeLessThan(1_000_000);
  });
});

type State = optim.OptimizerStateDict["state"];

/** Counts as PyTorch keeps them: tensors without dimensions. */
function asTensors(state: State): State {
  const convert = (entry: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(entry).map(([k, v]) => [k, typeof v === "number" && k !== "eta" ? tensor(v) : v]),
    );
  return Object.fromEntries(Object.entries(state).map(([n, entry]) => [n, convert(entry)]));
}

function spelled(group: Record<string, unknown>): Record<string, unknown> {
  const snake = (key: string): string => key.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
  return Object.fromEntries(Object.entries(group).map(([key, value]) => [snake(key), value]));
}

describe("optimizers", () => {
  it("print as PyTorch prints them", () => {
    const optimizer = new optim.Adam([{ params: leaf(1) }, { params: [leaf(2)], lr: 1 }], { weightDecay: 1e-5 });
    expect(String(optimizer)).toBe(`Adam (
Parameter Group 0
    amsgrad: False
    betas: (0.9, 0.999)
    eps: 1e-08
    lr: 0.001
    maximize: False
    weight_decay: 1e-05

Parameter Group 1
    amsgrad: False
    betas: (0.9, 0.999)
    eps: 1e-08
    lr: 1
    maximize: False
    weight_decay: 1e-05
)`);
  });

  it("add what a group of their own does not say", () => {
    const optimizer = new optim.SGD([{ params: leaf(1), lr: 1 }], { momentum: 0.5 });
    optimizer.addParamGroup({ params: leaf(2), momentum: 0 });
    expect(optimizer.paramGroups.map(({ lr, momentum }) => [lr, momentum])).toEqual([
      [1, 0.5],
      [1e-3, 0],
    ]);
    expect(() => optimizer.addParamGroup({ params: [3 as unknown as Tensor] })).toThrow(/can only optimize Tensors/);
    expect(() => optimizer.addParamGroup({ params: leaf(3), lr: Number.NaN })).toThrow(/Invalid learning rate: NaN/);
    expect(optimizer.paramGroups.length).toBe(2);
  });

  it("refuse an async closure", () => {
    const optimizer = new optim.SGD([leaf(1)]);
    expect(() => optimizer.step(async () => 1)).toThrow(/async/);
  });

  it("see gradients that users hold, and let them hold on", () => {
    const p = new nn.Parameter(tensor([1, 2]));
    const optimizer = new optim.SGD([p], { lr: 1 });
    p.mul(3).sum().backward();
    const held = p.grad;
    optimizer.step();
    optimizer.zeroGrad();
    expectTensor(p, [-2, -1], EXACT);
    expectTensor(held, [3, 3], EXACT);
    expect(p.grad).toBeNull();
  });

  it("take part of a state dict with other parameters missing", () => {
    const [p, q] = [leaf(1), leaf(2)];
    const optimizer = new optim.Adam([p, q]);
    q.grad = tensor([1]);
    optimizer.step();
    const other = new optim.Adam([leaf(1), leaf(2)]);
    other.loadStateDict(optimizer.stateDict());
    expect(Object.keys(other.stateDict().state)).toEqual(["1"]);
  });

  it("LBFGS keeps its state under PyTorch's names, and goes on from it", () => {
    const closure = (optimizer: optim.Optimizer, p: Tensor) => (): Tensor => {
      optimizer.zeroGrad();
      const loss = p
        .mul(p)
        .mul(tensor([1, 2, 3]))
        .sum();
      loss.backward();
      return loss;
    };
    const p = leaf(1, -2, 0.5);
    const first = new optim.LBFGS([p], { maxIter: 3, lr: 0.3 });
    first.step(closure(first, p));
    const saved = first.stateDict();
    expect(Object.keys(saved.state[0]).sort()).toEqual(
      ["H_diag", "d", "func_evals", "n_iter", "old_dirs", "old_stps", "prev_flat_grad", "prev_loss", "ro", "t"].sort(),
    );
    const q = p.detach().clone().requiresGrad_();
    const second = new optim.LBFGS([q], { maxIter: 3, lr: 0.3 });
    second.loadStateDict(saved);
    first.step(closure(first, p));
    second.step(closure(second, q));
    expectTensor(q, p.tolist(), EXACT);
    expect(() => new optim.LBFGS([zeros([1], { requiresGrad: true })], { lr: -1 })).toThrow(
      /Invalid learning rate: -1/,
    );
  });
});
