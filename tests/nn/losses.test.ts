import { describe, expect, it } from "vitest";
import { autograd, nn, ones, randn, type Tensor, tensor, zeros } from "../../bindings/index.ts";
import { EXACT, expectTensor, thrownBy } from "../support/expect.ts";
import { testFamily } from "../support/oracle.ts";

const F = nn.functional;
const INF = Number.POSITIVE_INFINITY;

testFamily("losses");

const integers = (values: number[] | number[][]): Tensor => tensor(values, { dtype: "int32" });

describe("kinks and extremes", () => {
  it.each<[string, (x: Tensor) => Tensor, number[], number[]]>([
    ["huber", (x) => F.huberLoss(x, zeros([4]), { delta: 2, reduction: "sum" }), [-2, 0, 2, INF], [-2, 0, 2, 2]],
    ["smooth l1", (x) => F.smoothL1Loss(x, zeros([3]), { beta: 2, reduction: "sum" }), [-2, 0, 2], [-1, 0, 1]],
    ["hinge", (x) => F.hingeEmbeddingLoss(x, ones([3]).neg(), { reduction: "sum" }), [0, 1, 2], [-1, -1, 0]],
    ["soft margin", (x) => F.softMarginLoss(x, ones([2]), { reduction: "sum" }), [-200, 200], [-1, 0]],
  ])("%s", (_, loss, points, gradients) => {
    const x = tensor(points, { requiresGrad: true });
    loss(x).backward();
    expectTensor(x.grad, gradients);
  });

  it("klDiv gives nothing for a probability of 0", () => {
    expectTensor(F.klDiv(tensor([-1, -2]), tensor([0, 1]), { reduction: "none" }), [0, 2]);
  });
});

describe("ctcLoss", () => {
  const logits = (): Tensor => randn([6, 2, 4], { requiresGrad: true });

  it("sums over all alignments of a text", () => {
    // Two steps of three classes: "1" is spelled by (1, 1), (1, blank) and (blank, 1).
    const p = tensor([
      [0.5, 0.25, 0.25],
      [0.125, 0.375, 0.5],
    ]);
    const expected = -Math.log(0.25 * 0.375 + 0.25 * 0.125 + 0.5 * 0.375);
    expectTensor(F.ctcLoss(p.log(), integers([1]), [2], [1], { reduction: "sum" }), expected);
    expectTensor(F.ctcLoss(p.log(), integers([1]), [2], [1], 0, "none"), expected);
  });

  it("costs infinity for a text without room, or nothing if that is wished", () => {
    const x = logits();
    const run = (zeroInfinity: boolean): Tensor =>
      F.ctcLoss(x.logSoftmax(2), integers([[1], [1]]), [0, 6], integers([1, 1]), { reduction: "none", zeroInfinity });
    expect((run(false).tolist() as number[])[0]).toBe(INF);
    run(true).sum().backward();
    expect((x.grad as Tensor).select(1, 0).abs().sum().item()).toBe(0);
    expect((x.grad as Tensor).select(1, 1).abs().sum().item()).toBeGreaterThan(0);
  });

  it("has one derivative only", () => {
    const x = logits();
    const loss = F.ctcLoss(x.logSoftmax(2), integers([[1], [2]]), [6, 6], [1, 1]);
    const [g] = autograd.grad(loss, [x], { createGraph: true });
    expect(() => autograd.grad((g as Tensor).sum(), [x])).toThrow(/derivative for ctcLoss backward is not implemented/);
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      "length of the input",
      () => F.ctcLoss(logits(), integers([[1], [1]]), [7, 6], [1, 1]),
      /Expected input_lengths to have value at most 6, but got value 7/,
    ],
    [
      "number of lengths",
      () => F.ctcLoss(logits(), integers([[1], [1]]), [6], [1, 1]),
      /input_lengths must be of size batch_size/,
    ],
    [
      "length of a text",
      () => F.ctcLoss(logits(), integers([[1], [1]]), [6, 6], [2, 1]),
      /at least 2 at dimension 1, but got size 1/,
    ],
    [
      "length of all texts",
      () => F.ctcLoss(logits(), integers([1, 1, 1]), [6, 6], [1, 1]),
      /size 2 at dimension 0, but got size 3/,
    ],
    ["blank", () => F.ctcLoss(logits(), integers([[1], [1]]), [6, 6], [1, 1], 4), /blank must be in label range/],
    ["label", () => F.ctcLoss(logits(), integers([[1], [9]]), [6, 6], [1, 1]), /a label is out of range/],
  ])("refuses a wrong %s", (_, call, message) => {
    expect(thrownBy(call).message).toMatch(message);
  });
});

describe("arguments", () => {
  it.each<[string, () => unknown, RegExp]>([
    ["delta", () => F.huberLoss(ones([1]), ones([1]), { delta: 0 }), /does not support non-positive values for delta/],
    ["beta", () => F.smoothL1Loss(ones([1]), ones([1]), { beta: -1 }), /does not support negative values for beta/],
    [
      "reduction",
      () => F.softMarginLoss(ones([1]), ones([1]), { reduction: "all" as "sum" }),
      /all is not a valid value for reduction/,
    ],
    ["variance's shape", () => F.gaussianNllLoss(ones([3, 2]), ones([3, 2]), ones([4])), /var is of incorrect size/],
    ["variance", () => F.gaussianNllLoss(ones([2]), ones([2]), tensor([1, -1])), /var has negative entry\/entries/],
    [
      "ranks",
      () => F.marginRankingLoss(ones([3]), ones([3, 1]), ones([3])),
      /All input tensors should have same dimension/,
    ],
    ["class", () => F.multiMarginLoss(ones([1, 4]), integers([9])), /target out of range/],
    [
      "number of classes",
      () => F.multiMarginLoss(ones([3, 4]), integers([0, 1])),
      /inconsistent target size, got: \[2\]/,
    ],
    ["power", () => F.multiMarginLoss(ones([1, 4]), integers([0]), 3), /only p == 1 and p == 2 supported/],
    ["type", () => F.multiMarginLoss(ones([1, 4]), ones([1])), /expected a target of dtype int32, got float32/],
    ["labels", () => F.multilabelMarginLoss(ones([1, 2]), integers([[0, 7]])), /'target' is out of range/],
    ["labels' shape", () => F.multilabelMarginLoss(ones([3, 4]), integers([[0, 1]])), /inconsistent size \[1, 2\]/],
    [
      "angles' shape",
      () => F.cosineEmbeddingLoss(ones([3, 4]), ones([3, 4]), ones([3, 1])),
      /multi-target not supported/,
    ],
    [
      "vectors",
      () => F.cosineEmbeddingLoss(ones([4]), ones([4]), ones([1])),
      /1D target tensor expects 2D input tensors/,
    ],
    ["triplet", () => F.tripletMarginLoss(ones([3]), ones([3, 1]), ones([3])), /but got 1D, 2D and 1D inputs/],
  ])("refuses a wrong %s", (_, call, message) => {
    expect(thrownBy(call).message).toMatch(message);
    expectTensor(F.huberLoss(tensor([0]), tensor([1])), 0.5, EXACT);
  });

  it("modules do what the functions do", () => {
    const [x, y, z] = [randn([3, 4]), randn([3, 4]), randn([3, 4])];
    const signs = tensor([1, -1, 1]);
    const classes = integers([1, 0, 3]);
    const same = (a: Tensor, b: Tensor): void => expectTensor(a, b.tolist() as number[], EXACT);
    same(new nn.HuberLoss({ delta: 0.5 })(x, y), F.huberLoss(x, y, { delta: 0.5 }));
    same(new nn.SmoothL1Loss({ reduction: "none" })(x, y), F.smoothL1Loss(x, y, { reduction: "none" }));
    same(new nn.KLDivLoss({ reduction: "batchmean" })(x, y.exp()), F.klDiv(x, y.exp(), { reduction: "batchmean" }));
    same(new nn.PoissonNLLLoss({ full: true })(x, y.exp()), F.poissonNllLoss(x, y.exp(), true, true));
    same(new nn.GaussianNLLLoss()(x, y, z.exp()), F.gaussianNllLoss(x, y, z.exp()));
    same(new nn.HingeEmbeddingLoss(2)(x, y.sign()), F.hingeEmbeddingLoss(x, y.sign(), { margin: 2 }));
    same(new nn.MarginRankingLoss({ margin: 1 })(x, y, z.sign()), F.marginRankingLoss(x, y, z.sign(), { margin: 1 }));
    same(new nn.CosineEmbeddingLoss()(x, y, signs), F.cosineEmbeddingLoss(x, y, signs));
    same(new nn.SoftMarginLoss()(x, y.sign()), F.softMarginLoss(x, y.sign()));
    same(new nn.MultiMarginLoss(2)(x, classes), F.multiMarginLoss(x, classes, 2));
    same(
      new nn.MultiLabelMarginLoss()(
        x,
        integers([
          [1, -1, 0, 0],
          [0, 2, -1, 0],
          [3, 2, 1, 0],
        ]),
      ),
      F.multilabelMarginLoss(
        x,
        integers([
          [1, -1, 0, 0],
          [0, 2, -1, 0],
          [3, 2, 1, 0],
        ]),
      ),
    );
    same(
      new nn.MultiLabelSoftMarginLoss(ones([4]))(x, y.gt(0).to("float32")),
      F.multilabelSoftMarginLoss(x, y.gt(0).to("float32")),
    );
    same(new nn.TripletMarginLoss({ swap: true })(x, y, z), F.tripletMarginLoss(x, y, z, { swap: true }));
    const distanceFunction = (a: Tensor, b: Tensor): Tensor => a.sub(b).abs().sum(-1);
    same(
      new nn.TripletMarginWithDistanceLoss({ distanceFunction })(x, y, z),
      F.tripletMarginWithDistanceLoss(x, y, z, { distanceFunction }),
    );
    expect(Object.keys(new nn.MultiMarginLoss({ weight: ones([4]) }).stateDict())).toEqual(["weight"]);
  });
});
