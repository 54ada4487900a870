/** Cutting an operation up changes no bit of its result, but for the gradient of a convolution's weights. */
import { describe, expect, it } from "vitest";
import { core } from "../../bindings/core/wasm.ts";
import {
  add,
  addcmul,
  eq,
  getNumThreads,
  manualSeed,
  matmul,
  nn,
  optim,
  randint,
  randn,
  setNumThreads,
  type Tensor,
  tensor,
} from "../../bindings/index.ts";
import { bits, withThreads } from "./support.ts";

const F = nn.functional;

/** A function of fresh random operands, and the gradients of those that require one. */
function outcome(fn: () => Tensor | Tensor[], ...leaves: Tensor[]): number[][] {
  for (const leaf of leaves) leaf.grad = null;
  const results = [fn()].flat();
  for (const result of results) {
    if (result.requiresGrad) result.backward(result.detach().cos());
  }
  return [...results, ...leaves.map((leaf) => leaf.grad as Tensor)].map(bits);
}

function expectSame(fn: () => Tensor | Tensor[], ...leaves: Tensor[]): void {
  const alone = withThreads(1, () => outcome(fn, ...leaves));
  for (const count of [2, 3]) {
    expect(withThreads(count, () => outcome(fn, ...leaves))).toEqual(alone);
  }
}

const leaf = (...shape: number[]): Tensor => randn(...shape).requiresGrad_();

describe("with several threads, bit for bit as with one:", () => {
  it.each([
    [50, 70, 90],
    [49, 16, 33],
    [16, 130, 7],
    [1, 300, 257],
    [3, 200, 64],
    [300, 1, 64],
    [300, 4, 64],
    [64, 64, 1],
    [25, 97, 500],
  ])("a product of %i x %i with inner length %i, and its gradients", (m, n, k) => {
    manualSeed(1);
    const [a, b, bt, at] = [leaf(m, k), leaf(k, n), leaf(n, k), leaf(k, m)];
    expectSame(() => matmul(a, b), a, b);
    expectSame(() => matmul(a, bt.t()), a, bt);
    expectSame(() => matmul(at.t(), b), at, b);
  });

  it("batches of products, few and many, stretched", () => {
    manualSeed(2);
    const [few, many, one, each] = [leaf(2, 60, 40), leaf(3, 11, 20, 30), leaf(1, 40, 50), leaf(11, 30, 10)];
    expectSame(() => matmul(few, one), few, one);
    expectSame(() => matmul(many, each), many, each);
  });

  it("linear layers", () => {
    manualSeed(3);
    const [x, w, b] = [leaf(100, 30), leaf(50, 30), leaf(50)];
    expectSame(() => F.linear(x, w, b), x, w, b);
  });

  it("pointwise operations on dense, stretched, strided and integer operands", () => {
    manualSeed(4);
    const [a, b, row, column] = [leaf(90, 110), leaf(90, 110), leaf(110), leaf(90, 1)];
    const far = randn(90, 110).mul(1e7);
    expectSame(() => [a.exp(), a.sin(), far.sin(), a.tanh(), a.pow(3), a.abs().pow(b), F.gelu(a), F.mish(a)], a, b);
    expectSame(() => [a.mul(row), a.div(column.exp()), row.maximum(column), addcmul(a, row, column)], a, row, column);
    expectSame(() => [a.t().atan2(b.t()), a.index("::2", "1::3").mul(2), eq(a, b), a.gt(0)], a, b);
    const [m, n] = [randint(-50, 50, [130, 90]), randint(1, 9, [90])];
    expectSame(() => [add(m, n), m.mul(3), m.floorDivide(n), m.remainder(n), m.eq(0)]);
  });

  it("operations in place", () => {
    manualSeed(5);
    const start = randn(70, 200);
    const other = randn(200);
    expectSame(() => start.clone().add_(other).mul_(start).clamp_(-1, 1));
  });

  it("reductions", () => {
    manualSeed(6);
    const [a, cube] = [leaf(61, 333), leaf(20, 30, 40)];
    expectSame(() => [a.sum(1), a.mean(1), a.amax(1), a.logsumexp(1), a.norm(2, 1), a.prod(1)], a);
    expectSame(() => [cube.sum(1), cube.sum([1, 2]), cube.amin(1), cube.sum([0, 2])], cube);
    expectSame(() => [a.argmax(1), cube.argmin(1), a.gt(0).any(1), a.gt(0).all(1)]);
  });

  it.each([1024, 1025, 5000, 123_457])("the sum of %i elements", (n) => {
    manualSeed(7);
    const a = randn(n);
    expectSame(() => [a.sum(), a.mean()]);
  });

  it("softmax, layer normalisation and losses", () => {
    manualSeed(8);
    const [a, w, b, cube] = [leaf(70, 50), leaf(50), leaf(50), leaf(9, 12, 25)];
    const classes = randint(0, 50, [70]);
    expectSame(() => [F.softmax(a, 1), F.logSoftmax(a, 1), F.softmax(cube, 1)], a, cube);
    expectSame(() => F.layerNorm(a, [50], w, b), a, w, b);
    expectSame(() => F.crossEntropy(a, classes), a);
  });

  it("convolutions and their gradients with respect to input and bias; pooling", () => {
    manualSeed(9);
    const [x, b] = [leaf(7, 4, 13, 11), leaf(6)];
    const [w, back] = [randn(6, 2, 3, 3), randn(4, 3, 3, 3)];
    expectSame(() => F.conv2d(x, w, b, { stride: 2, padding: 1, groups: 2 }), x, b);
    expectSame(() => F.convTranspose2d(x, back, null, { stride: 2 }), x);
    expectSame(() => [F.maxPool2d(x, 2), F.avgPool2d(x, 3, { stride: 2, padding: 1 })], x);
  });

  it("steps of optimizers", () => {
    manualSeed(10);
    const start = randn(77, 61);
    const gradients = [randn(77, 61), randn(77, 61)];
    for (const make of [
      (p: Tensor) => new optim.Adam([p], { lr: 0.1, amsgrad: true, weightDecay: 0.01 }),
      (p: Tensor) => new optim.SGD([p], { lr: 0.1, momentum: 0.9 }),
    ]) {
      expectSame(() => {
        const p = new nn.Parameter(start.clone());
        const optimizer = make(p);
        for (const g of gradients) {
          p.grad = g;
          optimizer.step();
        }
        return p.detach();
      });
    }
  });
});

describe("the gradient of a convolution's weights", () => {
  it("is a sum over images that is cut: the same each time, and close to that of one thread", () => {
    manualSeed(11);
    const [x, w] = [randn(9, 3, 20, 20), leaf(5, 3, 3, 3)];
    const run = (): Tensor => {
      w.grad = null;
      F.conv2d(x, w, null, { padding: 1 }).sin().sum().backward();
      return (w.grad as unknown as Tensor).clone();
    };
    const alone = withThreads(1, run);
    const once = withThreads(2, run);
    for (let i = 0; i < 20; i++) expect(bits(withThreads(2, run))).toEqual(bits(once));
    // 9 * 20 * 20 products of size one, in f32: the order in which they are added shows in the last places.
    expect(once.sub(alone).abs().amax().item()).toBeLessThan(1e-3);
    expect(alone.abs().amax().item()).toBeGreaterThan(10);
  });
});

describe("threads", () => {
  it("do take part", async () => {
    const count = getNumThreads();
    setNumThreads(2);
    expect(getNumThreads()).toBe(2);
    const a = tensor(
      Float32Array.from({ length: 90_000 }, (_, i) => Math.sin(i)),
      { shape: [300, 300] },
    );
    const before = core.getServed();
    while (core.getServed() === before) {
      matmul(a, a);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    setNumThreads(1);
    const after = core.getServed();
    matmul(a, a);
    expect(core.getServed()).toBe(after);
    setNumThreads(count);
  });
});
