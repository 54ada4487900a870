import { beforeEach, describe, expect, it } from "vitest";
import {
  autograd,
  manualSeed,
  memory,
  nn,
  noGrad,
  optim,
  rand,
  type Tensor,
  tensor,
  zeros,
} from "../../bindings/index.ts";
import { EXACT, expectTensor } from "../support/expect.ts";

/** What a loop over tiny tensors may add to what is in use at any time, with much room to spare. */
const BOUND = 32 << 20;

/** Runs a loop in tenths and looks at the memory at the end of each. */
function memoryOver(
  steps: number,
  step: (i: number) => void,
): { before: memory.MemoryStats; tenths: memory.MemoryStats[] } {
  const before = memory.stats();
  const tenths: memory.MemoryStats[] = [];
  for (let i = 1; i <= steps; i++) {
    step(i);
    if (i % (steps / 10) === 0) tenths.push(memory.stats());
  }
  return { before, tenths };
}

/** Counts what the loop has added: where one process runs all tests, those before have left their heap. */
function expectBounded({ before, tenths }: ReturnType<typeof memoryOver>): void {
  for (const { usedBytes, wasmBytes } of tenths) {
    expect(usedBytes - before.usedBytes).toBeLessThan(BOUND);
    expect(wasmBytes - before.wasmBytes).toBeLessThan(BOUND);
  }
  expect(tenths[9].wasmBytes).toBe(tenths[4].wasmBytes);
}

// Graphs that the test before has abandoned would wait for their turn in the figures of the next.
beforeEach(() => memory.collect());

describe("a long synchronous loop, without a word about memory", () => {
  it("trains a tiny net for 100000 steps in bounded memory", () => {
    manualSeed(0);
    const inputs = tensor([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]);
    const targets = tensor([[0], [1], [1], [0]]);
    const model = new nn.Sequential(new nn.Linear(2, 8), new nn.ReLU(), new nn.Linear(8, 1));
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.05, momentum: 0.9 });
    let loss = tensor(0);
    const bytes = memoryOver(100_000, () => {
      optimizer.zeroGrad();
      loss = nn.functional.mseLoss(model(inputs), targets);
      loss.backward();
      optimizer.step();
    });
    expectBounded(bytes);
    expect(loss.item()).toBeLessThan(1e-6);
    expectTensor(
      noGrad(() => model(inputs)),
      targets.tolist(),
      { atol: 1e-2 },
    );
  }, 120_000);

  it("reads values and keeps a few tensors of each step for a while", () => {
    const w = tensor([1, 2, 3], { requiresGrad: true });
    const recent: Tensor[] = [];
    let total = 0;
    const bytes = memoryOver(100_000, (i) => {
      const y = w.mul(i % 7);
      total += y.sum().item();
      recent.push(y.detach());
      if (recent.length > 20) recent.shift();
    });
    expectBounded(bytes);
    expect(total).toBe(6 * Array.from({ length: 100_000 }, (_, i) => (i + 1) % 7).reduce((a, b) => a + b, 0));
    recent.forEach((t, i) => {
      const factor = (100_000 - 19 + i) % 7;
      expectTensor(t, [factor, 2 * factor, 3 * factor], EXACT);
    });
  }, 120_000);

  it("evaluates without noGrad, its graphs never walked", () => {
    const w = rand([16, 16], { requiresGrad: true });
    const x = rand([8, 16]);
    const bytes = memoryOver(50_000, () => {
      x.matmul(w).tanh().matmul(w).sum();
    });
    expectBounded(bytes);
    x.matmul(w).sum().backward();
    expectTensor(w.grad, x.sum(0).view(16, 1).expand(16, 16).tolist());
  }, 120_000);

  it("adds to a running total outside the graph, as training logs do", () => {
    const w = tensor(1, { requiresGrad: true });
    let running = zeros([]);
    const bytes = memoryOver(50_000, () => {
      const loss = w.mul(2);
      loss.backward();
      running = running.add(loss.detach());
    });
    expectBounded(bytes);
    expectTensor(running, 100_000, EXACT);
    expectTensor(w.grad, 100_000, EXACT);
  }, 120_000);
});

describe("a deep graph", () => {
  it("1000000 chained ops are walked without overflow", () => {
    const x = tensor([1, -2], { requiresGrad: true });
    let y = x;
    for (let i = 0; i < 500_000; i++) y = y.neg().add(0);
    y.backward(tensor([1, 10]));
    expectTensor(y, [1, -2], EXACT);
    expectTensor(x.grad, [1, 10], EXACT);
  }, 120_000);

  it("1000000 chained ops that save their inputs, too", () => {
    const x = tensor(1, { requiresGrad: true });
    let y = x;
    for (let i = 0; i < 1_000_000; i++) y = y.mul(x);
    const [g] = autograd.grad(y, [x]);
    expectTensor(y, 1, EXACT);
    expectTensor(g, 1_000_001, EXACT);
  }, 120_000);

  it("what they took is given back", () => {
    const x = tensor(1, { requiresGrad: true });
    const once = (): void => {
      let y = x;
      for (let i = 0; i < 200_000; i++) y = y.mul(1);
      y.backward();
    };
    once();
    once();
    const before = memory.stats().wasmBytes;
    once();
    once();
    expect(memory.stats().wasmBytes).toBe(before);
    expectTensor(x.grad, 4, EXACT);
  }, 120_000);
});
