import { describe, expect, it } from "vitest";
import { manualSeed, nn, noGrad, ones, randn, type Tensor, tensor } from "../../bindings/index.ts";
import { expectShape, expectTensor } from "../support/expect.ts";

const { utils } = nn;
const x = tensor([[1, 2, 3]]);

function ramp<M extends nn.Module>(module: M): M {
  noGrad(() => {
    for (const p of module.parameters()) {
      const n = p.numel();
      const values = Float32Array.from({ length: n }, (_, i) => i / n - 0.3);
      p.copy_(tensor(values, { shape: [...p.shape] }));
    }
  });
  return module;
}

const gradOf = (module: nn.Module, name: string): Tensor => module.getParameter(name).grad as Tensor;

describe("weightNorm", () => {
  it("trains length and direction, as in PyTorch", () => {
    const layer = utils.weightNorm(ramp(new nn.Linear(3, 2)));
    expect(Object.keys(layer.stateDict())).toEqual(["bias", "weight_g", "weight_v"]);
    expect(String(layer)).toBe("Linear(in_features=3, out_features=2, bias=True)");
    const y = layer(x);
    expectTensor(y, [[-0.7666668, 2.7333333]]);
    y.sum().backward();
    expectTensor(gradOf(layer, "weight_g"), [[-1.4142137], [3.7397156]]);
    expectTensor(gradOf(layer, "weight_v"), [
      [-0.2857144, 1.4285713, 3.1428571],
      [-0.1041163, -0.0242133, 0.0556899],
    ]);
    noGrad(() => layer.getParameter("weight_g").mul_(2));
    const bias = (layer.bias as Tensor).detach();
    expectTensor(layer(x).sub(bias), y.sub(bias).mul(2).tolist() as number[][]);
  });

  it("has one length for all if wished, and can be taken back", () => {
    const layer = utils.weightNorm(ramp(new nn.Conv1d(2, 2, 2)), { dim: null });
    expectShape(layer.getParameter("weight_g"), []);
    const y = layer(ones(1, 2, 3));
    expectTensor(y, [
      [
        [-0.75, -0.75],
        [1.75, 1.75],
      ],
    ]);
    y.sum().backward();
    expectTensor(gradOf(layer, "weight_g"), 2.4482255);
    utils.removeWeightNorm(layer);
    expect(Object.keys(layer.stateDict())).toEqual(["bias", "weight"]);
    expectTensor(layer(ones(1, 2, 3)), y.tolist() as number[][][]);
    expect(() => utils.removeWeightNorm(layer)).toThrow(/weight_norm of 'weight' not found/);
  });
});

describe("spectralNorm", () => {
  it("draws, iterates and differentiates as PyTorch", () => {
    manualSeed(0);
    const layer = utils.spectralNorm(new nn.Linear(3, 2));
    expectTensor(layer(x), [[-2.1526117, -0.6126712]]);
    const y = layer(x);
    expectTensor(y, [[-2.1496136, -0.6111721]]);
    expectTensor(layer.getBuffer("weight_u"), [-0.5634075, -0.8261791]);
    expectTensor(layer.getBuffer("weight_v"), [0.9040072, -0.0218249, 0.4269599]);
    y.sum().backward();
    expectTensor(
      gradOf(layer, "weight_orig"),
      [
        [-1.6712513, 5.3805742, 5.879426],
        [-3.6811976, 5.4290996, 4.9301348],
      ],
      { rtol: 2e-5 },
    );
    layer.eval();
    expectTensor(layer(x), [[-2.1496136, -0.6111721]]);
    utils.removeSpectralNorm(layer);
    expectTensor(layer.weight, [
      [-0.011404, 0.8171128, -1.2536654],
      [-1.120985, -0.5866686, 0.4084583],
    ]);
    expect(Object.keys(layer.stateDict())).toEqual(["bias", "weight"]);
    const transposed = utils.spectralNorm(new nn.ConvTranspose1d(3, 2, 2), { nPowerIterations: 3 });
    expectTensor(transposed(ones(1, 3, 2)), [
      [
        [-0.5629352, -0.1813244, 0.057521],
        [-0.0570395, 0.3254683, 0.1523414],
      ],
    ]);
    expectShape(transposed.getBuffer("weight_u"), [2]);
  });

  it("goes backward through two forward passes", () => {
    const layer = utils.spectralNorm(new nn.Linear(3, 2));
    layer(x).sum().sub(layer(x.neg()).sum()).backward();
    expect(gradOf(layer, "weight_orig").abs().sum().item()).toBeGreaterThan(0);
  });

  it("refuses what it cannot do", () => {
    expect(() => utils.spectralNorm(new nn.Linear(3, 2), { nPowerIterations: 0 })).toThrow(/to be positive/);
    expect(() => utils.weightNorm(new nn.ReLU())).toThrow(/the module has no parameter weight/);
    const twice = utils.weightNorm(new nn.Linear(3, 2));
    expect(() => utils.weightNorm(twice)).toThrow(/Cannot register two weight_norm hooks/);
  });
});

describe("padSequence", () => {
  it("fills up, and unpadSequence takes apart", () => {
    const parts = [randn(3, 2), randn(1, 2), randn(2, 2)];
    const padded = utils.rnn.padSequence(parts, { paddingValue: 7 });
    expectShape(padded, [3, 3, 2]);
    expectTensor(padded.select(1, 1).narrow(0, 1, 2), [
      [7, 7],
      [7, 7],
    ]);
    expectShape(utils.rnn.padSequence(parts, true), [3, 3, 2]);
    const back = utils.rnn.unpadSequence(padded, [3, 1, 2]);
    back.forEach((t, i) => {
      expectTensor(t, parts[i].tolist() as number[][]);
    });
    expect(() => utils.rnn.padSequence([])).toThrow(/empty list of sequences/);
  });
});

describe("small layers", () => {
  it("RMSNorm", () => {
    const input = tensor([[1, 2, -3]], { requiresGrad: true });
    const layer = new nn.RMSNorm(3, { eps: 0.1 });
    const y = layer(input);
    expectTensor(y, [[0.4580286, 0.9160572, -1.3740859]]);
    y.mul(tensor([1, 2, 3]))
      .sum()
      .backward();
    expectTensor(input.grad, [[0.5861485, 1.172297, 0.9897262]]);
    expect(String(layer)).toBe("RMSNorm((3,), eps=0.1, elementwise_affine=True)");
    expect(() => layer(ones(2))).toThrow(/Given normalized_shape=\[3\], expected input with shape \[\*, 3\]/);
  });

  it("Unflatten", () => {
    const layer = new nn.Unflatten(1, [2, 3]);
    expectShape(layer(ones(4, 6)), [4, 2, 3]);
    expect(String(layer)).toBe("Unflatten(dim=1, unflattened_size=(2, 3))");
  });

  it("LayerNorm without a bias", () => {
    expect(Object.keys(new nn.LayerNorm(3, { bias: false }).stateDict())).toEqual(["weight"]);
  });
});
