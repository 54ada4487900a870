import { describe, expect, it } from "vitest";
import { nn, noGrad, ones, randn, type Tensor, tensor } from "../../bindings/index.ts";
import { expectShape, expectTensor } from "../support/expect.ts";

/** Fills every parameter with a ramp from -0.5 to 0.5. */
function ramp<T extends nn.Module>(module: T): T {
  noGrad(() => {
    for (const p of module.parameters()) {
      const n = p.numel();
      p.copy_(
        tensor(
          Float32Array.from({ length: n }, (_, i) => i / (n - 1) - 0.5),
          { shape: [...p.shape] },
        ),
      );
    }
  });
  return module;
}

/** Three steps of a batch of two, two features each. */
function sequence(): Tensor {
  return tensor(
    Float32Array.from({ length: 12 }, (_, i) => i / 10),
    { shape: [3, 2, 2] },
  );
}

describe("recurrent layers", () => {
  it("271 RNN", () => {
    const [output, h] = ramp(new nn.RNN(2, 2))(sequence());
    expectTensor(output, [
      [
        [-0.7685053, 0.7818063],
        [-0.8177541, 0.8284998],
      ],
      [
        [-0.7736602, 0.9185215],
        [-0.8163822, 0.9388141],
      ],
      [
        [-0.86585, 0.957391],
        [-0.8919963, 0.9673957],
      ],
    ]);
    expectTensor(h, [
      [
        [-0.86585, 0.957391],
        [-0.8919963, 0.9673957],
      ],
    ]);
  });

  it("271 LSTM", () => {
    const [output, [h, c]] = ramp(new nn.LSTM(2, 2))(sequence());
    expectTensor(output, [
      [
        [0.0268307, 0.100408],
        [0.0284164, 0.1100503],
      ],
      [
        [0.0397914, 0.1668067],
        [0.0394808, 0.1725173],
      ],
      [
        [0.0415963, 0.1963594],
        [0.0392709, 0.1942631],
      ],
    ]);
    expectTensor(h, [
      [
        [0.0415963, 0.1963594],
        [0.0392709, 0.1942631],
      ],
    ]);
    expectTensor(
      c,
      [
        [
          [0.0523, 0.2298],
          [0.0481, 0.2219],
        ],
      ],
      { atol: 1e-4 },
    );
  });

  it("271 GRU", () => {
    const [output, h] = ramp(new nn.GRU(2, 2))(sequence());
    expectTensor(output, [
      [
        [0.2140842, 0.276895],
        [0.2627674, 0.3123739],
      ],
      [
        [0.4100141, 0.497314],
        [0.4723108, 0.534306],
      ],
      [
        [0.5719413, 0.6545988],
        [0.6301448, 0.6838497],
      ],
    ]);
    expectTensor(h, [
      [
        [0.5719413, 0.6545988],
        [0.6301448, 0.6838497],
      ],
    ]);
  });

  it("271 batchFirst, unbatched, bidirectional and several layers", () => {
    const [seqFirst] = ramp(new nn.GRU(2, 2))(sequence());
    const [batchFirst] = ramp(new nn.GRU(2, 2, { batchFirst: true }))(sequence().transpose(0, 1));
    expectTensor(batchFirst.transpose(0, 1), seqFirst.tolist());
    const [single, h] = ramp(new nn.GRU(2, 2))(sequence().select(1, 1));
    expectTensor(single, seqFirst.select(1, 1).tolist());
    expectShape(h, [1, 2]);
    const [wide, [hidden, cell]] = new nn.LSTM(2, 5, { numLayers: 2, bidirectional: true })(sequence());
    expectShape(wide, [3, 2, 10]);
    expectShape(hidden, [4, 2, 5]);
    expectShape(cell, [4, 2, 5]);
  });

  it("267 gradients reach the input when the parameters are frozen", () => {
    const lstm = new nn.LSTM(2, 3).requiresGrad_(false);
    const x = randn([4, 1, 2], { requiresGrad: true });
    lstm(x)[0].sum().backward();
    expectShape(x.grad!, [4, 1, 2]);
    for (const p of lstm.parameters()) expect(p.grad).toBeNull();
  });
});

describe("attention", () => {
  const query = (): Tensor =>
    tensor([
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ]);

  it("272 gives the output and the weights", () => {
    const attention = ramp(new nn.MultiheadAttention(2, 1, { batchFirst: true }));
    const [output, weights] = attention(query(), query(), query());
    expectTensor(
      output,
      [
        [
          [-2.3562503, 2.8779497],
          [-2.4577231, 3.0084147],
          [-2.5525064, 3.1302788],
        ],
      ],
      { rtol: 1e-4 },
    );
    expectTensor(
      weights,
      [
        [
          [0.2718512, 0.3292882, 0.3988606],
          [0.2177224, 0.3179527, 0.4643249],
          [0.1706323, 0.3004243, 0.5289434],
        ],
      ],
      { rtol: 1e-4 },
    );
    expect(attention(query(), query(), query(), { needWeights: false })[1]).toBeNull();
  });

  it("272 in a boolean mask true means not allowed", () => {
    const attention = ramp(new nn.MultiheadAttention(2, 1, { batchFirst: true }));
    const attnMask = tensor([
      [false, true, true],
      [false, false, true],
      [false, false, false],
    ]);
    const [output, weights] = attention(query(), query(), query(), { attnMask });
    expectTensor(
      output,
      [
        [
          [-1.4000001, 1.6484848],
          [-1.9036226, 2.2959995],
          [-2.5525064, 3.1302788],
        ],
      ],
      { rtol: 1e-4 },
    );
    expectTensor(
      weights,
      [
        [
          [1, 0, 0],
          [0.4064448, 0.5935552, 0],
          [0.1706323, 0.3004243, 0.5289434],
        ],
      ],
      { rtol: 1e-4 },
    );
    const keyPaddingMask = tensor([[false, false, true]]);
    expectTensor(attention(query(), query(), query(), { keyPaddingMask })[1].select(2, 2), [[0, 0, 0]]);
  });

  it("272 weights are averaged over heads", () => {
    const attention = new nn.MultiheadAttention(4, 2, { batchFirst: true });
    const x = randn([2, 5, 4]);
    const [output, weights] = attention(x, x, x);
    expectShape(output, [2, 5, 4]);
    expectShape(weights, [2, 5, 5]);
    expectTensor(weights.sum(-1), ones([2, 5]).tolist());
  });
});
