/** Derivatives given in TypeScript, for the library's own operations. */
import { describe, expect, it } from "vitest";
import { external } from "../../bindings/autograd/external.ts";
import { autograd, memory, noGrad, ones, scope, type Tensor, tensor, zeros } from "../../bindings/index.ts";
import { EXACT, expectTensor } from "../support/expect.ts";
import { isCollected, several } from "../support/garbage.ts";

const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });

/** Sine and cosine from one node. */
function sincos(x: Tensor): [Tensor, Tensor] {
  const [s, c] = noGrad(() => [x.sin(), x.cos()]);
  return external(
    "SincosBackward0",
    [x],
    [s, c] as [Tensor, Tensor],
    ([gs, gc]) => [(gs ? gs.mul(c) : zeros([])).sub(gc ? gc.mul(s) : 0)],
    [s, c],
  );
}

describe("external", () => {
  it("gives several outputs one node, with their numbers", () => {
    const x = leaf(0.5, 1);
    const [s, c] = sincos(x);
    expect(s.gradFn).toBe(c.gradFn);
    expect(c.gradFn?.name()).toBe("SincosBackward0");
    expect(s.add(1).gradFn?.nextFunctions[0][1]).toBe(0);
    expect(c.add(1).gradFn?.nextFunctions[0][1]).toBe(1);
    expect(x.isLeaf).toBe(true);
  });

  it.each([
    ["plain", {}],
    ["createGraph", { createGraph: true }],
  ])("gathers a gradient for each output: %s", (_, options) => {
    const x = leaf(0.5, 1);
    const [s, c] = sincos(x);
    s.mul(2).add(s).add(c.mul(5)).sum().backward(options);
    expectTensor(
      x.grad,
      [0.5, 1].map((v) => 3 * Math.cos(v) - 5 * Math.sin(v)),
    );
  });

  it.each([
    ["plain", {}],
    ["createGraph", { createGraph: true }],
  ])("an output that nobody used gets none: %s", (_, options) => {
    const x = leaf(0.5);
    sincos(x)[1].backward(options);
    expectTensor(x.grad, [-Math.sin(0.5)]);
  });

  it("is differentiated as often as one likes", () => {
    const x = leaf(0.7);
    let y = sincos(x)[0];
    const signs = [Math.cos(0.7), -Math.sin(0.7), -Math.cos(0.7), Math.sin(0.7)];
    for (const expected of signs) {
      [y] = autograd.grad(y, [x], { createGraph: true });
      expectTensor(y, [expected]);
    }
  });

  it("hooks and captures know the outputs apart", () => {
    const x = leaf(0.5);
    const [s, c] = sincos(x);
    const seen: [string, number][] = [];
    s.registerHook((g) => {
      seen.push(["s", g.item()]);
    });
    c.registerHook((g) => {
      seen.push(["c", g.item()]);
      return g.mul(10);
    });
    c.retainGrad();
    const loss = s.mul(2).add(c.mul(3)).sum();
    const [gs, gc] = autograd.grad(loss, [s, c], { retainGraph: true });
    expectTensor(gs, [2]);
    expectTensor(gc, [30]);
    expectTensor(c.grad, [30]);
    loss.backward();
    expect(seen).toEqual([
      ["s", 2],
      ["c", 3],
      ["s", 2],
      ["c", 3],
    ]);
    expectTensor(c.grad, [60]);
    expectTensor(x.grad, [2 * Math.cos(0.5) - 30 * Math.sin(0.5)]);
  });

  it("records nothing where nothing is to be recorded", () => {
    const c = tensor([1]);
    const outputs = external("NothingBackward0", [c], [c.mul(2)], () => [null]);
    expect(outputs[0].requiresGrad).toBe(false);
    const x = leaf(1);
    expect(noGrad(() => sincos(x))[0].requiresGrad).toBe(false);
  });

  it("leaves integer outputs alone", () => {
    const x = leaf(3, 1);
    const [values, order] = noGrad(() => [x.mul(2), tensor([1, 0], { dtype: "int32" })]);
    external("SortBackward0", [x], [values, order], ([g]) => [g?.mul(2)]);
    expect(order.requiresGrad).toBe(false);
    values.sum().backward();
    expectTensor(x.grad, [2, 2]);
  });

  it("tells which inputs need a gradient, and sums what broadcasts", () => {
    const x = leaf(1, 2);
    const bias = tensor(5);
    let asked: readonly boolean[] = [];
    const y = noGrad(() => x.add(bias));
    external("AddBackward9", [x, bias], [y], ([g], needs) => {
      asked = needs;
      return [ones([3, 2]).mul(g as Tensor), null];
    });
    y.sum().backward();
    expect(asked).toEqual([true, false]);
    expectTensor(x.grad, [3, 3]);
  });

  it("what was saved must stay as it was", () => {
    const x = leaf(0.5, 1);
    const [s, c] = sincos(x);
    c.add_(1);
    expect(() => s.sum().backward()).toThrow(
      /modified by an inplace operation: \[torch\.FloatTensor \[2\]\], which is output 0 of AddBackward0, is at version 1; expected version 0 instead.*SincosBackward0/,
    );
    expect(x.grad).toBeNull();
  });

  it("is freed with what it saved, and otherwise walked again", () => {
    const x = leaf(0.5);
    const [s] = sincos(x);
    s.backward({ retainGraph: true });
    s.backward();
    expectTensor(x.grad, [2 * Math.cos(0.5)]);
    expect(() => s.backward()).toThrow(/backward through the graph a second time/);
    const y = noGrad(() => x.mul(3));
    external("ThriceBackward0", [x], [y], ([g]) => [g?.mul(3)], []);
    x.grad = null;
    y.backward();
    y.backward();
    expectTensor(x.grad, [6]);
  });

  it("outputs may be written to in place when backward does not read them", () => {
    const x = leaf(1, 2);
    const y = noGrad(() => x.mul(3));
    external("ThriceBackward0", [x], [y], ([g]) => [g?.mul(3)], []);
    y.mul_(2);
    y.select(0, 0).mul_(5);
    expect(y.gradFn?.name()).toBe("CopySlices");
    y.sum().backward();
    expectTensor(x.grad, [30, 6]);
  });

  it("a view of a temporary becomes a tensor like any other", () => {
    const x = tensor(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      { requiresGrad: true },
    );
    const y = noGrad(() => x.mul(2).t());
    external("TwiceTBackward0", [x], [y], ([g]) => [g?.t().mul(2)], []);
    y.mul_(10);
    expect(y.shape).toEqual([3, 2]);
    y.sum().backward();
    expectTensor(x.grad, [
      [20, 20, 20],
      [20, 20, 20],
    ]);
  });

  it("has room for any number of inputs", () => {
    const xs = Array.from({ length: 600 }, (_, i) => (i % 3 === 0 ? tensor([i]) : leaf(i)));
    const sum = noGrad(() => xs.reduce((a, b) => a.add(b)));
    const [y] = external("SumBackward9", xs, [sum], ([g]) => xs.map((_, i) => g?.mul(i)), []);
    y.mul(2).backward({ retainGraph: true });
    for (const i of [1, 254, 256, 509, 511, 599]) expectTensor(xs[i].grad, [2 * i], EXACT);
    expect(xs[3].grad).toBeNull();
    const [g] = autograd.grad(y, [xs[400]], { createGraph: true });
    expectTensor(g, [400]);
  });

  it("an error in it ends the walk, whatever walk it is", () => {
    const error = new RangeError("mine");
    for (const options of [{}, { createGraph: true }]) {
      const x = leaf(1);
      const y = noGrad(() => x.mul(1));
      external("FailingBackward0", [x], [y], () => {
        throw error;
      });
      expect(() => y.backward(options)).toThrow(error);
      expect(x.grad).toBeNull();
    }
  });

  it("keeps what it saved for as long as its graph, and no longer", async () => {
    const x = leaf(0.5);
    const build = (): [Tensor, WeakRef<Tensor>] => {
      const [y, factor] = noGrad(() => [x.mul(x), x.mul(2)]);
      external("SquareBackward0", [x], [y], ([g]) => [g?.mul(factor)], [factor]);
      return [y.sum(), new WeakRef(factor)];
    };
    const built = several(build);
    const saved = built.map(([, ref]) => ref);
    expect(await isCollected(saved)).toBe(false);
    for (const [y] of built) y.backward();
    expect(await isCollected(saved)).toBe(true);
    expectTensor(x.grad, [built.length]);
  });

  it("gives up what it saved with a graph that nobody walks", async () => {
    const abandoned = several((): WeakRef<Tensor> => {
      const x = leaf(0.5);
      const [y, factor] = noGrad(() => [x.mul(x), x.mul(2)]);
      external("SquareBackward0", [x], [y], ([g]) => [g?.mul(factor)], [factor]);
      return new WeakRef(factor);
    });
    memory.collect();
    expect(await isCollected(abandoned)).toBe(true);
  });

  it("leaves nothing behind in memory", () => {
    const x = ones([256, 256], { requiresGrad: true });
    const step = (): void => {
      sincos(x)[0].mul(2).sum().backward();
      x.grad = null;
    };
    for (let i = 0; i < 10; i++) step();
    const before = memory.stats().wasmBytes;
    for (let i = 0; i < 40; i++) scope(step);
    for (let i = 0; i < 40; i++) step();
    expect(memory.stats().wasmBytes - before).toBeLessThan(4 << 20);
  });
});
