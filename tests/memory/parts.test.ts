/** What comes back of a large graph is what leads to the tensors that are used, as if all of it had. */
import { describe, expect, it } from "vitest";
import {
  autograd,
  manualSeed,
  memory,
  nn,
  ones,
  optim,
  randn,
  scope,
  stack,
  type Tensor,
  tensor,
  zeros,
} from "../../bindings/index.ts";
import { expectTensor } from "../support/expect.ts";
import { unstressed } from "../support/stress.ts";

const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });

/** Sets what there is aside, together with a graph that nobody walks and that makes it too large to come back as a whole. */
function setAside(): void {
  for (let i = 0; i < 2; i++) ones(2_000_000).requiresGrad_().exp().square();
  memory.collect();
}

/** Runs steps, and returns the most that was in use after one of the last. */
function mostUsed(step: (i: number) => void): number {
  const steps = 800;
  let most = 0;
  unstressed(() => {
    // How much may wait is forgotten little by little, if it was more before.
    for (let i = 0; i < 60; i++) memory.collect();
    for (let i = 0; i < steps; i++) {
      step(i);
      if (i > steps / 2) most = Math.max(most, memory.stats().usedBytes);
    }
  });
  return most;
}

describe("memory stays bounded when something that has been used in a graph is used again", () => {
  const BOUND = 64 << 20;

  function training(): { step(): Tensor; evaluated(): Tensor } {
    manualSeed(0);
    const model = new nn.Sequential(new nn.Linear(100, 256), new nn.ReLU(), new nn.Linear(256, 10));
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.01 });
    const evaluated = (): Tensor => model(randn(64, 100)).pow(2).mean();
    const step = (): Tensor => {
      const loss = evaluated();
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss;
    };
    return { step, evaluated };
  }

  it("in a running sum of losses", () => {
    const { step } = training();
    let total = zeros(1);
    const numbers: number[] = [];
    const used = mostUsed(() => {
      const loss = step();
      total = total.add(loss);
      numbers.push(loss.item());
    });
    expect(used).toBeLessThan(BOUND);
    expect(Number(total.item())).toBeCloseTo(
      numbers.reduce((a, b) => a + b),
      2,
    );
  });

  it("in losses of an evaluation without noGrad", () => {
    const { evaluated } = training();
    const last: Tensor[] = [];
    const used = mostUsed((i) => {
      last.push(evaluated());
      if (last.length > 30) last.shift();
      if (i % 10 === 9) stack(last).mean();
    });
    expect(used).toBeLessThan(BOUND);
    expect(stack(last).mean().requiresGrad).toBe(true);
  });

  it("in states of a recurrent layer that are looked at later", () => {
    manualSeed(0);
    const lstm = new nn.LSTM(32, 64);
    const states: Tensor[] = [];
    const used = mostUsed(() => {
      const [output, [h, c]] = lstm(randn(20, 16, 32));
      output.pow(2).mean().backward();
      states.push(h, c);
      if (states.length > 40) states.splice(0, 2).map((t) => t.detach().mul(2));
    });
    expect(used).toBeLessThan(BOUND);
  });
});

describe("parts of a graph", () => {
  it("are walked in the order in which they were recorded, whichever came back first", () => {
    const order: string[] = [];
    const w = leaf(1, 2);
    const branches = ["a", "b", "c", "d"].map((name) => {
      const branch = w.mul(3).exp();
      branch.registerHook(() => {
        order.push(name);
      });
      return branch;
    });
    setAside();
    const late = [2, 0, 3, 1].map((i) => branches[i].mul(1));
    late
      .reduce((sum, t) => sum.add(t))
      .sum()
      .backward();
    expect(order).toEqual(["d", "c", "b", "a"]);
    expectTensor(
      w.grad,
      [1, 2].map((v) => 12 * Math.exp(3 * v)),
    );
  });

  it("share what both come from, over several generations", () => {
    const w = leaf(0.5, 1);
    const trunk = w.square();
    const left = trunk.sin();
    const right = trunk.cos();
    setAside();
    const first = left.mul(2);
    setAside();
    const second = right.mul(3);
    setAside();
    first.add(second).sum().backward();
    expectTensor(
      w.grad,
      [0.5, 1].map((v) => 2 * v * (2 * Math.cos(v * v) - 3 * Math.sin(v * v))),
    );
    expect(() => left.sum().backward()).toThrow("a second time");
  });

  it("keep views, what was written in place, hooks, retained gradients and names", () => {
    const w = leaf(1, 2, 3, 4);
    const seen: unknown[] = [];
    w.registerHook((g) => {
      seen.push(g.tolist());
    });
    const x = w.mul(2);
    x.retainGrad();
    const view = x.narrow(0, 1, 2);
    setAside();
    view.mul_(10);
    setAside();
    expect(x.gradFn?.name()).toBe("CopySlices");
    expect(String(x)).toBe("tensor([ 2., 40., 60.,  8.], grad_fn=<CopySlices>)");
    setAside();
    x.square().sum().backward();
    expectTensor(x.grad, [4, 80, 120, 16]);
    expectTensor(w.grad, [8, 1600, 2400, 32]);
    expect(seen).toEqual([[8, 1600, 2400, 32]]);
  });

  it("can be differentiated twice, and walked more than once", () => {
    const w = leaf(0.3);
    const [g] = autograd.grad(w.pow(3), [w], { createGraph: true });
    setAside();
    g.backward({ retainGraph: true });
    setAside();
    g.backward();
    expectTensor(w.grad, [2 * 6 * 0.3]);
    expect(() => g.backward()).toThrow("a second time");
  });

  it("know the nodes behind them", () => {
    const node = leaf(1).exp().mul(2).gradFn;
    setAside();
    expect(node?.nextFunctions[0][0]?.name()).toBe("ExpBackward0");
    setAside();
    expect(node?.nextFunctions[0][0]?.nextFunctions[0][0]?.name()).toBe("torch::autograd::AccumulateGrad");
  });

  it("come back inside of a scope, and are still there after it", () => {
    const w = leaf(1, 2);
    const y = w.exp();
    let inner: Tensor | null = null;
    setAside();
    const kept = scope(() => {
      inner = y.mul(2);
      return y.sum();
    });
    setAside();
    expect(() => (inner as unknown as Tensor).add(1)).toThrow("after the end of the scope");
    kept.add(y.sum()).backward();
    expectTensor(
      w.grad,
      [1, 2].map((v) => 2 * Math.exp(v)),
    );
  });

  it("that do not fit are refused, and come back when there is room", () => {
    const w = ones(1_000_000).requiresGrad_();
    const y = w.exp().square();
    setAside();
    const before = memory.stats().limitBytes;
    memory.setLimit(memory.stats().usedBytes + (2 << 20));
    expect(() => y.sum()).toThrow("out of memory");
    memory.setLimit(before);
    y.sum().backward();
    expect(w.grad?.at(999_999)).toBeCloseTo(2 * Math.exp(2), 4);
  });
});
