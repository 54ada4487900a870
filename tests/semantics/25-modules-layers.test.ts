import { describe, expect, it } from "vitest";
import { manualSeed, nn, ones, type Tensor, tensor, zeros } from "../../bindings/index.ts";
import { EXACT, expectTensor } from "../support/expect.ts";

function shapesOf(module: nn.Module): [string, number[]][] {
  return Object.entries(module.stateDict()).map(([name, t]) => [name, [...t.shape]]);
}

describe("keys of stateDict", () => {
  it("263 convolutions, norms and embedding", () => {
    expect(shapesOf(new nn.Conv2d(4, 6, 3, { groups: 2 }))).toEqual([
      ["weight", [6, 2, 3, 3]],
      ["bias", [6]],
    ]);
    expect(shapesOf(new nn.ConvTranspose1d(4, 6, 3, { groups: 2 }))).toEqual([
      ["weight", [4, 3, 3]],
      ["bias", [6]],
    ]);
    expect(shapesOf(new nn.BatchNorm2d(3))).toEqual([
      ["weight", [3]],
      ["bias", [3]],
      ["running_mean", [3]],
      ["running_var", [3]],
      ["num_batches_tracked", []],
    ]);
    expect(shapesOf(new nn.LayerNorm(3))).toEqual([
      ["weight", [3]],
      ["bias", [3]],
    ]);
    expect(shapesOf(new nn.Embedding(4, 3))).toEqual([["weight", [4, 3]]]);
  });

  it("263 recurrent layers and attention", () => {
    expect(shapesOf(new nn.LSTM(3, 4, { numLayers: 2, bidirectional: true }))).toEqual([
      ["weight_ih_l0", [16, 3]],
      ["weight_hh_l0", [16, 4]],
      ["bias_ih_l0", [16]],
      ["bias_hh_l0", [16]],
      ["weight_ih_l0_reverse", [16, 3]],
      ["weight_hh_l0_reverse", [16, 4]],
      ["bias_ih_l0_reverse", [16]],
      ["bias_hh_l0_reverse", [16]],
      ["weight_ih_l1", [16, 8]],
      ["weight_hh_l1", [16, 4]],
      ["bias_ih_l1", [16]],
      ["bias_hh_l1", [16]],
      ["weight_ih_l1_reverse", [16, 8]],
      ["weight_hh_l1_reverse", [16, 4]],
      ["bias_ih_l1_reverse", [16]],
      ["bias_hh_l1_reverse", [16]],
    ]);
    expect(shapesOf(new nn.GRU(3, 4))[0]).toEqual(["weight_ih_l0", [12, 3]]);
    expect(shapesOf(new nn.RNN(3, 4))[1]).toEqual(["weight_hh_l0", [4, 4]]);
    expect(shapesOf(new nn.MultiheadAttention(4, 2))).toEqual([
      ["in_proj_weight", [12, 4]],
      ["in_proj_bias", [12]],
      ["out_proj.weight", [4, 4]],
      ["out_proj.bias", [4]],
    ]);
  });
});

describe("layers with state", () => {
  it("265 BatchNorm in training and in eval", () => {
    const norm = new nn.BatchNorm1d(2);
    const x = tensor([
      [1, 10],
      [3, 20],
      [5, 60],
    ]);
    const y = norm(x);
    expectTensor(
      y,
      [
        [-1.2247426, -0.9258201],
        [0, -0.46291],
        [1.2247426, 1.3887301],
      ],
      { atol: 1e-5 },
    );
    const state = norm.stateDict();
    expectTensor(state.running_mean, [0.3, 3]);
    expectTensor(state.running_var, [1.3, 70.9]);
    expectTensor(state.num_batches_tracked, 1, EXACT);
    norm.eval();
    expectTensor(
      norm(x),
      [
        [0.6139, 0.8313],
        [2.368, 2.019],
        [4.1222, 6.7694],
      ],
      { atol: 1e-4 },
    );
    expectTensor(norm.stateDict().num_batches_tracked, 1, EXACT);
  });

  it("265 one value per channel raises in training", () => {
    expect(() => new nn.BatchNorm1d(2)(ones([1, 2]))).toThrow(
      /Expected more than 1 value per channel when training, got input size torch\.Size\(\[1, 2\]\)/,
    );
  });

  it("266 Dropout zeroes with probability p, scales the rest, and repeats its mask backwards", () => {
    manualSeed(0);
    const layer = new nn.Dropout(0.25);
    const x = ones([10_000], { requiresGrad: true });
    const y = layer(x);
    const values = y.tolist() as number[];
    const dropped = values.filter((v) => v === 0).length;
    expect(dropped).toBeGreaterThan(2200);
    expect(dropped).toBeLessThan(2800);
    expect(values.every((v) => v === 0 || Math.abs(v - 4 / 3) < 1e-6)).toBe(true);
    y.sum().backward();
    expectTensor(x.grad, values, EXACT);
  });

  it("266 in eval and with p = 0 it is the identity; p must be a probability", () => {
    const x = ones([100]);
    expectTensor(new nn.Dropout(0.5).eval()(x), x.tolist(), EXACT);
    expectTensor(new nn.Dropout(0)(x), x.tolist(), EXACT);
    expectTensor(new nn.Dropout(1)(x), zeros([100]).tolist(), EXACT);
    expect(() => new nn.Dropout(1.5)).toThrow(/dropout probability has to be between 0 and 1, but got 1\.5/);
  });
});

describe("containers", () => {
  it("268 ModuleList and ModuleDict keep order and register, but cannot be called", () => {
    const [a, b] = [new nn.Linear(1, 1), new nn.Linear(1, 1)];
    const list = new nn.ModuleList([a]);
    list.append(b);
    expect([...list].length).toBe(2);
    expect([...list][1]).toBe(b);
    expect([...list.namedParameters()].map(([name]) => name)).toEqual(["0.weight", "0.bias", "1.weight", "1.bias"]);
    expect(() => (list as unknown as (x: Tensor) => Tensor)(ones([1]))).toThrow();
    const dict = new nn.ModuleDict({ first: a, second: b });
    expect([...dict.keys()]).toEqual(["first", "second"]);
    expect([...dict.namedParameters()].map(([name]) => name)).toEqual([
      "first.weight",
      "first.bias",
      "second.weight",
      "second.bias",
    ]);
    expect(() => (dict as unknown as (x: Tensor) => Tensor)(ones([1]))).toThrow();
    expect(() => new nn.ModuleList([3 as unknown as nn.Module])).toThrow(/is not a Module subclass/);
  });

  it("268 ParameterList and ParameterDict", () => {
    const list = new nn.ParameterList([new nn.Parameter(tensor([1])), new nn.Parameter(tensor([2]))]);
    expect([...list.namedParameters()].map(([name]) => name)).toEqual(["0", "1"]);
    const dict = new nn.ParameterDict({ a: new nn.Parameter(tensor([1])) });
    expect([...dict.namedParameters()].map(([name]) => name)).toEqual(["a"]);
  });
});

describe("clipping and initialisation", () => {
  it("273 clipGradNorm_ returns the total norm, and scales only what is too large", () => {
    const a = tensor([0, 0], { requiresGrad: true });
    const b = tensor([0], { requiresGrad: true });
    a.grad = tensor([3, 0]);
    b.grad = tensor([4]);
    expectTensor(nn.utils.clipGradNorm_([a, b], 10), 5);
    expectTensor(a.grad, [3, 0], EXACT);
    expectTensor(nn.utils.clipGradNorm_([a, b], 1), 5);
    expectTensor(a.grad, [3 / 5.000001, 0]);
    expectTensor(b.grad, [4 / 5.000001]);
    b.grad = tensor([7]);
    nn.utils.clipGradValue_([a, b], 0.5);
    expectTensor(a.grad, [0.5, 0]);
    expectTensor(b.grad, [0.5], EXACT);
  });

  it("274 default initialisation", () => {
    manualSeed(0);
    const within = (t: Tensor, bound: number): void => {
      const top = t.abs().max().item();
      expect(top <= bound).toBe(true);
      expect(top).toBeGreaterThan(bound * 0.8);
    };
    const conv = new nn.Conv2d(4, 32, 3);
    within(conv.weight, 1 / 6);
    within(conv.bias!, 1 / 6);
    for (const p of new nn.GRU(8, 16).parameters()) within(p, 0.25);
    expectTensor(new nn.LayerNorm(3).weight, [1, 1, 1], EXACT);
    expectTensor(new nn.BatchNorm1d(3).bias, [0, 0, 0], EXACT);
    const embedding = new nn.Embedding(2000, 3, { paddingIdx: 1 });
    expectTensor(embedding.weight.select(0, 1), [0, 0, 0], EXACT);
    expect(Math.abs(embedding.weight.mean().item())).toBeLessThan(0.05);
    expect(Math.abs(embedding.weight.std().item() - 1)).toBeLessThan(0.05);
  });
});
