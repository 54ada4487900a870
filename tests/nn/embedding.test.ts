import { describe, expect, it } from "vitest";
import { manualSeed, nn, noGrad, ones, randn, scope, type Tensor, tensor, zeros } from "../../bindings/index.ts";
import { EXACT, expectShape, expectTensor, thrownBy } from "../support/expect.ts";
import { testFamily } from "../support/oracle.ts";

const F = nn.functional;

testFamily("embedding");

const integers = (values: number[] | number[][]): Tensor => tensor(values, { dtype: "int32" });

describe("tables", () => {
  it("rows above maxNorm are scaled down in the table itself", () => {
    const table = tensor([
      [3, 4],
      [0.3, 0.4],
      [6, 8],
    ]);
    expectTensor(F.embedding(integers([0, 1]), table, { maxNorm: 1 }), [
      [0.6, 0.8],
      [0.3, 0.4],
    ]);
    expectTensor(table, [
      [0.6, 0.8],
      [0.3, 0.4],
      [6, 8],
    ]);
  });

  it("no positions, and rows without elements", () => {
    const table = ones([3, 2], { requiresGrad: true });
    const y = F.embedding(zeros([0, 4], { dtype: "int32" }), table);
    expectShape(y, [0, 4, 2]);
    y.sum().backward();
    expectTensor(table.grad, zeros([3, 2]).tolist(), EXACT);
    expectShape(F.embedding(integers([1]), zeros([3, 0])), [1, 0]);
    expectTensor(F.embeddingBag(zeros([0], { dtype: "int32" }), ones([3, 2]), [0, 0]), zeros([2, 2]).tolist(), EXACT);
  });

  it("notices positions that were written to", () => {
    const index = integers([0, 1]);
    const y = F.embedding(index, ones([3, 2], { requiresGrad: true }));
    index.add_(1);
    expect(() => y.sum().backward()).toThrow(/modified by an inplace operation/);
  });

  it("train row by row, the padding row never", () => {
    manualSeed(2);
    const layer = new nn.Embedding(4, 2, { paddingIdx: 2 });
    const before = layer.weight.tolist() as number[][];
    expect(before[2]).toEqual([0, 0]);
    scope(() =>
      layer(integers([1, 2, 1]))
        .sum()
        .backward(),
    );
    expectTensor(
      layer.weight.grad,
      [
        [0, 0],
        [2, 2],
        [0, 0],
        [0, 0],
      ],
      EXACT,
    );
  });

  it("take pretrained rows, frozen or not", () => {
    const rows = tensor([
      [1, 2],
      [3, 4],
    ]);
    const frozen = nn.Embedding.fromPretrained(rows);
    expect(frozen.weight.requiresGrad).toBe(false);
    expectTensor(frozen(integers([1])), [[3, 4]], EXACT);
    const free = nn.EmbeddingBag.fromPretrained(rows, { freeze: false, mode: "sum" });
    expectTensor(free(integers([[0, 1]])), [[4, 6]], EXACT);
    expect(free.weight.requiresGrad).toBe(true);
    noGrad(() => free.weight.zero_());
    expectTensor(
      rows,
      [
        [1, 2],
        [3, 4],
      ],
      EXACT,
    );
  });

  it("print as PyTorch's", () => {
    expect(String(new nn.Embedding(3, 4, -1))).toBe("Embedding(3, 4, padding_idx=2)");
    expect(String(new nn.Embedding(3, 4, { maxNorm: 1, scaleGradByFreq: true }))).toBe(
      "Embedding(3, 4, max_norm=1.0, scale_grad_by_freq=True)",
    );
    expect(String(new nn.EmbeddingBag(3, 4, { paddingIdx: 1, maxNorm: 2 }))).toBe(
      "EmbeddingBag(3, 4, max_norm=2.0, mode=mean, padding_idx=1)",
    );
    expect(String(new nn.Bilinear(2, 3, 4, false))).toBe(
      "Bilinear(in1_features=2, in2_features=3, out_features=4, bias=False)",
    );
  });
});

describe("arguments", () => {
  const table = (): Tensor => ones([3, 2]);

  it.each<[string, () => unknown, RegExp]>([
    ["position", () => F.embedding(integers([3]), table()), /index out of range in self/],
    ["negative position", () => F.embedding(integers([-1]), table()), /index out of range in self/],
    ["type", () => F.embedding(ones([2]), table()), /scalar type Int; but got Float instead/],
    ["table", () => F.embedding(integers([0]), ones([3])), /'weight' must be 2-D/],
    ["padding", () => F.embedding(integers([0]), table(), 3), /Padding_idx must be within num_embeddings/],
    [
      "mode",
      () => F.embeddingBag(integers([[0]]), table(), { mode: "min" as "max" }),
      /mode has to be one of sum, mean or max/,
    ],
    ["start", () => F.embeddingBag(integers([0, 1]), table(), [1]), /offsets\[0\] has to be 0/],
    ["end", () => F.embeddingBag(integers([0, 1]), table(), [0, 3]), /can not be greater than input's length of 2/],
    ["offsets", () => F.embeddingBag(integers([[0]]), table(), [0]), /if input is 2D, then offsets has to be None/],
    [
      "weights",
      () => F.embeddingBag(integers([[0]]), table(), { perSampleWeights: ones([1, 1]) }),
      /only supported for mode='sum'/,
    ],
    ["bag position", () => F.embeddingBag(integers([[5]]), table()), /index out of range in self/],
    ["products", () => F.bilinear(ones([2, 3]), ones([2, 3]), ones([1, 3, 4])), /input sizes do not match weight size/],
  ])("refuses a wrong %s", (_, call, message) => {
    expect(thrownBy(call).message).toMatch(message);
  });
});

describe("attention", () => {
  it("averages the values of all places alike when no key stands out", () => {
    const value = tensor([
      [1, 2],
      [3, 6],
    ]);
    expectTensor(F.scaledDotProductAttention(zeros([1, 4]), zeros([2, 4]), value), [[2, 4]]);
  });

  it("masks: bool ones say who is seen, numbers are added, causal is a triangle", () => {
    const [q, k, v] = [randn([2, 3, 4]), randn([2, 3, 4]), randn([2, 3, 5])];
    const seen = tensor([
      [true, false, false],
      [true, true, false],
      [true, true, true],
    ]);
    const causal = F.scaledDotProductAttention(q, k, v, { isCausal: true });
    expectTensor(F.scaledDotProductAttention(q, k, v, seen), causal.tolist() as number[][], EXACT);
    const low = Number.NEGATIVE_INFINITY;
    const added = tensor([
      [0, low, low],
      [0, 0, low],
      [0, 0, 0],
    ]);
    expectTensor(F.scaledDotProductAttention(q, k, v, { attnMask: added }), causal.tolist() as number[][]);
    expectTensor(causal.select(1, 0), v.select(1, 0).tolist() as number[][]);
    expect(() => F.scaledDotProductAttention(q, k, v, seen, 0, true)).toThrow(
      /attn_mask should not be set when is_causal/,
    );
  });
});

describe("relatives of dropout", () => {
  it("drop whole channels", () => {
    manualSeed(4);
    const x = ones([8, 6, 2, 3]);
    const rows = (F.dropout2d(x, 0.5).reshape([48, 6]).tolist() as number[][]).map((row) => new Set(row));
    expect(rows.every((row) => row.size === 1 && (row.has(0) || row.has(2)))).toBe(true);
    expect(rows.some((row) => row.has(0)) && rows.some((row) => row.has(2))).toBe(true);
    expectTensor(F.dropout1d(ones([3, 2]), 1), zeros([3, 2]).tolist(), EXACT);
    expectTensor(new nn.Dropout3d(0.5).eval()(ones([1, 2, 1, 1, 1])), ones([1, 2, 1, 1, 1]).tolist(), EXACT);
  });

  it("alpha dropout keeps mean and variance", () => {
    manualSeed(6);
    const x = randn([40_000]);
    const y = F.alphaDropout(x, 0.3, true);
    expect(Math.abs(y.mean().item())).toBeLessThan(0.03);
    expect(Math.abs(y.std().item() - 1)).toBeLessThan(0.03);
    const shift = new Set(
      (F.featureAlphaDropout(zeros([4, 5, 3]), 0.5, true).tolist() as number[][][]).flat().map(String),
    );
    expect(shift.size).toBe(2);
    expectTensor(new nn.AlphaDropout(0.5).eval()(ones([3])), [1, 1, 1], EXACT);
  });
});
