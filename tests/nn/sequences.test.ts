import { describe, expect, it } from "vitest";
import { nn, noGrad, ones, rand, randn, type Tensor, tensor } from "../../bindings/index.ts";
import { EXACT, expectShape, expectTensor, thrownBy } from "../support/expect.ts";
import { testModules } from "../support/modules.ts";

describe("as PyTorch computes it: values, gradients, second gradients", () => {
  testModules(["RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell"]);
  testModules(["MultiheadAttention", "TransformerEncoderLayer", "TransformerDecoderLayer", "Transformer"]);
});

describe("recurrent layers", () => {
  it("print their settings as PyTorch does", () => {
    const lstm = new nn.LSTM(3, 4, { numLayers: 2, bias: false, batchFirst: true, dropout: 0.5, bidirectional: true });
    expect(String(lstm)).toBe(
      "LSTM(3, 4, num_layers=2, bias=False, batch_first=True, dropout=0.5, bidirectional=True)",
    );
    expect(String(new nn.LSTM(3, 4, { projSize: 2 }))).toBe("LSTM(3, 4, proj_size=2)");
    expect(String(new nn.RNNCell(3, 4, { nonlinearity: "relu", bias: false }))).toBe(
      "RNNCell(3, 4, bias=False, nonlinearity=relu)",
    );
  });

  const lstm = (x: Tensor, h?: Tensor, c?: Tensor): unknown => new nn.LSTM(3, 4)(x, h && c ? [h, c] : null);

  it.each<[string, () => unknown, RegExp]>([
    ["rank of the input", () => lstm(ones(3)), /LSTM: Expected input to be 2-D or 3-D but received 1-D tensor/],
    ["width", () => lstm(ones(5, 2, 4)), /input\.size\(-1\) must be equal to input_size\. Expected 3, got 4/],
    ["no steps", () => lstm(ones(0, 2, 3)), /Expected sequence length to be larger than 0 in RNN/],
    [
      "rank of the state",
      () => lstm(ones(5, 3), ones(1, 1, 4), ones(1, 1, 4)),
      /For unbatched 2-D input, hx should also be 2-D but got 3-D tensor/,
    ],
    [
      "size of the state",
      () => new nn.GRU(3, 4)(ones(5, 2, 3), ones(1, 2, 3)),
      /Expected hidden size \(1, 2, 4\), got \[1, 2, 3\]/,
    ],
    [
      "size of the cells",
      () => lstm(ones(5, 2, 3), ones(1, 2, 4), ones(2, 2, 4)),
      /hidden\[1\] size \(1, 2, 4\), got \[2, 2, 4\]/,
    ],
    ["nonlinearity", () => new nn.RNN(3, 4, { nonlinearity: "sin" as "relu" }), /Unknown nonlinearity 'sin'/],
    ["projection", () => new nn.LSTM(3, 4, { projSize: 4 }), /proj_size has to be smaller than hidden_size/],
    ["dropout", () => new nn.GRU(3, 4, { dropout: 2 }), /dropout should be a number in range \[0, 1\]/],
    ["cell's input", () => new nn.GRUCell(3, 4)(ones(2, 2)), /input has inconsistent input_size: got 2 expected 3/],
    ["cell's state", () => new nn.GRUCell(3, 4)(ones(2, 3), ones(2, 3)), /inconsistent hidden_size: got 3, expected 4/],
    ["pair", () => new nn.LSTM(3, 4)(ones(5, 2, 3), ones(1, 2, 4) as never), /'hx' must be an array of two Tensors/],
    ["cell's rank", () => new nn.LSTMCell(3, 4)(ones(1, 2, 3)), /Expected input to be 1-D or 2-D but received 3-D/],
    [
      "cell's batch",
      () => new nn.GRUCell(3, 4)(ones(2, 3), ones(3, 4)),
      /Input batch size 2 doesn't match hidden0 batch/,
    ],
  ])("refuse a wrong %s", (_, run, message) => {
    expect(thrownBy(run).message).toMatch(message);
    expectShape(new nn.LSTM(3, 4)(ones(5, 2, 3))[0], [5, 2, 4]);
  });
});

describe("attention", () => {
  const x = (): Tensor => randn(3, 2, 4);
  const attend = (q: Tensor, k: Tensor, v: Tensor, options = {}): unknown =>
    new nn.MultiheadAttention(4, 2)(q, k, v, options);

  it.each<[string, () => unknown, RegExp]>([
    ["number of heads", () => new nn.MultiheadAttention(4, 3), /embed_dim must be divisible by num_heads/],
    ["width of zero", () => new nn.MultiheadAttention(0, 1), /embed_dim and num_heads must be greater than 0/],
    [
      "rank",
      () => attend(ones(4), ones(4), ones(4)),
      /query should be unbatched 2D or batched 3D tensor but received 1-D/,
    ],
    [
      "rank of keys",
      () => attend(x(), ones(3, 4), x()),
      /For batched \(3-D\) `query`, expected `key` and `value` to be 3-D/,
    ],
    ["width", () => attend(ones(3, 2, 6), x(), x()), /was expecting embedding dimension of 4, but got 6/],
    ["value", () => attend(x(), x(), ones(2, 2, 4)), /key shape \[3, 2, 4\] does not match value shape \[2, 2, 4\]/],
    ["batch", () => attend(x(), ones(3, 1, 4), ones(3, 1, 4)), /batch of key, 1, is not that of query, 2/],
    [
      "mask",
      () => attend(x(), x(), x(), { attnMask: ones(2, 3) }),
      /The shape of the 2D attn_mask is torch\.Size\(\[2, 3\]\), but should be \[3, 3\]/,
    ],
    [
      "mask's dtype",
      () => attend(x(), x(), x(), { attnMask: ones([3, 3], { dtype: "int32" }) }),
      /only bool and floating/,
    ],
    [
      "mask of keys",
      () => attend(x(), x(), x(), { keyPaddingMask: ones([2, 4]) }),
      /expecting key_padding_mask shape of \(2, 3\)/,
    ],
    ["hint", () => attend(x(), x(), x(), { isCausal: true }), /Need attn_mask if specifying the is_causal hint/],
    ["no tensor", () => attend(x(), x(), 3 as never), /argument 'value' must be Tensor, not number/],
  ])("refuses a wrong %s", (_, run, message) => {
    expect(thrownBy(run).message).toMatch(message);
    attend(x(), x(), x());
  });

  it("is the module and the function alike", () => {
    const module = new nn.MultiheadAttention(4, 2, { kdim: 3, dropout: 0.5 }).eval();
    const [q, k, v] = [randn(3, 2, 4), randn(5, 2, 3), randn(5, 2, 4)];
    const [output, weights] = module(q, k, v);
    const { out_proj: last, in_proj_bias: bias } = module;
    const options = {
      training: false,
      useSeparateProjWeight: true,
      qProjWeight: module.q_proj_weight,
      kProjWeight: module.k_proj_weight,
      vProjWeight: module.v_proj_weight,
    };
    const call = (o: object): [Tensor, Tensor | null] =>
      nn.functional.multiHeadAttentionForward(
        q,
        k,
        v,
        4,
        2,
        null,
        bias,
        null,
        null,
        false,
        0.5,
        last.weight,
        last.bias,
        o,
      );
    const made = call(options);
    expectTensor(made[0], output.tolist());
    expectTensor(made[1], weights.tolist());
    expect(thrownBy(() => call({})).message).toMatch(/use_separate_proj_weight is False but a weight .* is None/);
  });

  it("a sequence of which nothing may be seen gives NaN, a padding mask that is added too", () => {
    const module = new nn.MultiheadAttention(4, 2);
    const q = randn(2, 1, 4);
    const hidden = module(q, q, q, { keyPaddingMask: tensor([[true, true]]) })[0];
    expect(Number.isNaN(hidden.sum().item())).toBe(true);
    const bool = module(q, q, q, {
      keyPaddingMask: tensor([[false, true]]),
      attnMask: tensor([
        [0, 1],
        [2, 3],
      ]),
    });
    const added = tensor([[0, Number.NEGATIVE_INFINITY]]);
    const float = module(q, q, q, {
      keyPaddingMask: added,
      attnMask: tensor([
        [0, 1],
        [2, 3],
      ]),
    });
    expectTensor(float[0], bool[0].tolist());
    expectTensor(bool[1].select(-1, 1), [[0, 0]], EXACT);
  });
});

describe("transformers", () => {
  const layer = (): nn.TransformerEncoderLayer => new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 6 });

  it("print as in PyTorch", () => {
    expect(String(new nn.TransformerDecoder(new nn.TransformerDecoderLayer(4, 2, 6), 1))).toBe(
      `TransformerDecoder(
  (layers): ModuleList(
    (0): TransformerDecoderLayer(
      (self_attn): MultiheadAttention(
        (out_proj): NonDynamicallyQuantizableLinear(in_features=4, out_features=4, bias=True)
      )
      (multihead_attn): MultiheadAttention(
        (out_proj): NonDynamicallyQuantizableLinear(in_features=4, out_features=4, bias=True)
      )
      (linear1): Linear(in_features=4, out_features=6, bias=True)
      (dropout): Dropout(p=0.1, inplace=False)
      (linear2): Linear(in_features=6, out_features=4, bias=True)
      (norm1): LayerNorm((4,), eps=1e-05, elementwise_affine=True)
      (norm2): LayerNorm((4,), eps=1e-05, elementwise_affine=True)
      (norm3): LayerNorm((4,), eps=1e-05, elementwise_affine=True)
      (dropout1): Dropout(p=0.1, inplace=False)
      (dropout2): Dropout(p=0.1, inplace=False)
      (dropout3): Dropout(p=0.1, inplace=False)
    )
  )
)`,
    );
  });

  it("stack independent copies of a layer", () => {
    const one = layer();
    const encoder = new nn.TransformerEncoder(one, 2, new nn.LayerNorm(4)).eval();
    const x = randn(3, 2, 4);
    one.eval();
    expectTensor(encoder(x), encoder.norm?.(one(one(x))).tolist() as number[]);
    const first = encoder.layers[0] as nn.TransformerEncoderLayer;
    noGrad(() => first.linear1.weight.zero_());
    expect(one.linear1.weight.abs().sum().item()).toBeGreaterThan(0);
    expect(encoder.parameters().length).toBe(2 * one.parameters().length + 2);
  });

  it("take activations as words, functions and modules, and leave biases out", () => {
    const x = randn(3, 2, 4);
    const base = layer().eval();
    const same = new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 6, activation: new nn.ReLU() }).eval();
    same.loadStateDict(base.stateDict());
    expectTensor(same(x), base(x).tolist());
    expect(same.namedChildren().at(-1)?.[0]).toBe("activation");
    const bare = new nn.TransformerDecoderLayer(4, 2, { bias: false });
    expect(bare.namedParameters().filter(([name]) => name.includes("bias"))).toEqual([]);
    expect(() => new nn.TransformerEncoderLayer(4, 2, { activation: "tanh" as "relu" })).toThrow(
      /should be relu\/gelu/,
    );
  });

  it("make a mask that hides what comes later", () => {
    const low = Number.NEGATIVE_INFINITY;
    expectTensor(nn.Transformer.generateSquareSubsequentMask(3), [
      [0, low, low],
      [0, 0, low],
      [0, 0, 0],
    ]);
    const decoder = new nn.TransformerDecoderLayer(4, 2, { dimFeedforward: 6 }).eval();
    const [tgt, memory] = [randn(3, 1, 4), randn(2, 1, 4)];
    const tgtMask = nn.Transformer.generateSquareSubsequentMask(3);
    const whole = decoder(tgt, memory, { tgtMask, tgtIsCausal: true });
    const later = tgt.clone();
    later.select(0, 2).fill_(7);
    expectTensor(decoder(later, memory, { tgtMask }).narrow(0, 0, 2), whole.narrow(0, 0, 2).tolist());
  });

  it("refuse sequences that do not go together", () => {
    const model = new nn.Transformer({
      dModel: 4,
      nhead: 2,
      numEncoderLayers: 1,
      numDecoderLayers: 1,
      dimFeedforward: 6,
    });
    expect(() => model(ones(3, 2, 4), ones(3, 1, 4))).toThrow(/batch number of src and tgt must be equal/);
    expect(() => model(ones(3, 2, 4), ones(3, 2, 5))).toThrow(/feature number of src and tgt must be equal to d_model/);
    expect(() => layer()(ones(3, 2, 4), { isCausal: true })).toThrow(/Need attn_mask/);
    expectShape(model(rand(3, 2, 4), rand(5, 2, 4)), [5, 2, 4]);
  });
});

describe("deepcopy", () => {
  it("copies parameters, buffers and gradients, and what is shared once", () => {
    class Net extends nn.Module {
      norm = new nn.BatchNorm1d(2);
      first = new nn.Linear(2, 2);
      second = this.first;
      settings = { layers: [this.first], rate: 3 };
      constructor() {
        super();
        this.registerBuffer("scale", tensor([2]), { persistent: false });
      }
      override forward(x: Tensor): Tensor {
        return this.second(this.first(this.norm(x))).mul(this.getBuffer("scale"));
      }
    }
    const net = new Net();
    net.first.bias?.requiresGrad_(false);
    net(randn(4, 2)).sum().backward();
    const copy = nn.utils.deepcopy(net);
    expect(copy).toBeInstanceOf(Net);
    expect(Object.keys(copy.stateDict())).toEqual(Object.keys(net.stateDict()));
    expect(copy.first).toBe(copy.second);
    expect(copy.settings.layers[0]).toBe(copy.first);
    expect(copy.parameters().map((p) => p.requiresGrad)).toEqual(net.parameters().map((p) => p.requiresGrad));
    expectTensor(copy.first.weight.grad, net.first.weight.grad?.tolist() as number[], EXACT);
    const x = randn(4, 2);
    expectTensor(copy.eval()(x), net.eval()(x).tolist(), EXACT);
    noGrad(() => copy.first.weight.zero_());
    copy.norm.running_mean?.fill_(9);
    copy.first.weight.grad?.zero_();
    expect(net.first.weight.abs().sum().item()).toBeGreaterThan(0);
    expect(net.norm.running_mean?.sum().item()).toBeLessThan(9);
    expect(net.first.weight.grad?.abs().sum().item()).toBeGreaterThan(0);
  });

  it("copies layers that work", () => {
    const x = randn(5, 2, 3);
    const lstm = new nn.LSTM(3, 4, { bidirectional: true });
    expectTensor(nn.utils.deepcopy(lstm)(x)[0], lstm(x)[0].tolist(), EXACT);
    expect(() => nn.utils.deepcopy(3 as never)).toThrow(/must be a Module, not number/);
    class Odd extends nn.Module {
      made = ones([1], { requiresGrad: true }).mul(2);
    }
    expect(() => nn.utils.deepcopy(new Odd())).toThrow(/Only Tensors created explicitly by the user/);
  });
});
