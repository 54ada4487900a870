import { describe, it } from "vitest";
import {
  atan2,
  hypot,
  kthvalue,
  logsumexp,
  median,
  nn,
  norm,
  ones,
  prod,
  reciprocal,
  rsqrt,
  sort,
  special,
  std,
  type Tensor,
  tensor,
  topk,
  var as var_,
  zeros,
} from "../../bindings/index.ts";
import { EXACT, expectTensor } from "../support/expect.ts";
import type { Nested } from "../support/nested.ts";

const F = nn.functional;

/** The gradient of the sum of `fn`'s output. */
function gradient(fn: (x: Tensor) => Tensor, at: Nested): Tensor {
  const x = tensor(at, { requiresGrad: true });
  fn(x).sum().backward();
  return x.grad!;
}

describe("values at kinks, ties and edges: further operators", () => {
  it("160 sign, floor, round and trunc have gradient 0", () => {
    for (const name of ["sign", "floor", "round", "trunc"] as const) {
      expectTensor(
        gradient((x) => x[name](), [-0.5, 0, 1, 1.5]),
        [0, 0, 0, 0],
        EXACT,
      );
    }
    expectTensor(tensor([-0.5, 0.5, 1.5, 2.5]).round(), [-0, 0, 2, 2], EXACT);
  });

  it("160 activations at their kinks", () => {
    expectTensor(
      gradient((x) => F.leakyRelu(x, 0.1), [-1, 0, 1]),
      [0.1, 0.1, 1],
    );
    expectTensor(
      gradient((x) => F.elu(x), [0]),
      [1],
    );
    expectTensor(
      gradient((x) => F.relu6(x), [0, 3, 6]),
      [0, 1, 0],
      EXACT,
    );
    expectTensor(
      gradient((x) => F.hardtanh(x), [-1, 0, 1]),
      [0, 1, 0],
      EXACT,
    );
    expectTensor(
      gradient((x) => F.hardsigmoid(x), [-3, 0, 3]),
      [0, 1 / 6, 0],
    );
  });

  it("162 softplus is linear beyond the threshold 20", () => {
    expectTensor(F.softplus(tensor([20.5, 100])), [20.5, 100], EXACT);
    expectTensor(
      gradient((x) => F.softplus(x), [20.5, 100]),
      [1, 1],
      EXACT,
    );
    expectTensor(F.softplus(tensor([0])), [Math.LN2]);
    expectTensor(F.softplus(tensor([11]), 2), [11], EXACT);
  });

  it("163 rsqrt and reciprocal at 0", () => {
    expectTensor(rsqrt(tensor([0])), [Infinity]);
    expectTensor(gradient(rsqrt, [0]), [-Infinity]);
    expectTensor(reciprocal(tensor([0])), [Infinity]);
    expectTensor(gradient(reciprocal, [0]), [-Infinity]);
  });

  it("164 norm at the zero vector has gradient 0", () => {
    expectTensor(
      gradient((x) => norm(x), [0, 0]),
      [0, 0],
      EXACT,
    );
    expectTensor(
      gradient((x) => norm(x, 1), [0, -2]),
      [0, -1],
      EXACT,
    );
    expectTensor(
      gradient((x) => norm(x), [3, 4]),
      [0.6, 0.8],
    );
  });

  it("164 the infinity norm shares among ties, with sign", () => {
    expectTensor(
      gradient((x) => norm(x, Infinity), [2, -2, 1]),
      [0.5, -0.5, 0],
    );
  });

  it("167 amax, amin and median over everything share among ties", () => {
    expectTensor(
      gradient((x) => median(x), [1, 2, 2, 2, 3]),
      [0, 1 / 3, 1 / 3, 1 / 3, 0],
    );
    expectTensor(
      gradient((x) => median(x), [NaN, 1, NaN]),
      [0.5, 0, 0.5],
    );
    expectTensor(
      gradient(
        (x) => x.amax([0, 1]),
        [
          [1, 1],
          [0, 1],
        ],
      ),
      [
        [1 / 3, 1 / 3],
        [0, 1 / 3],
      ],
    );
  });

  it("168 the gradient of topk, sort and kthvalue follows the index", () => {
    const w = tensor([1, 10, 100]);
    expectTensor(
      gradient((x) => sort(x).values.mul(w), [3, 1, 2]),
      [100, 1, 10],
      EXACT,
    );
    expectTensor(
      gradient((x) => topk(x, 2).values.mul(tensor([1, 10])), [3, 1, 2]),
      [1, 0, 10],
      EXACT,
    );
    expectTensor(
      gradient((x) => kthvalue(x, 2).values, [3, 1, 2]),
      [0, 0, 1],
      EXACT,
    );
  });

  it("168 stable sort keeps the order of equals, median takes the lower of two", () => {
    const x = tensor([2, 1, 2, 1, 2, 1]);
    expectTensor(sort(x, { stable: true }).indices, [1, 3, 5, 0, 2, 4], EXACT);
    expectTensor(sort(x, { stable: true, descending: true }).indices, [0, 2, 4, 1, 3, 5], EXACT);
    expectTensor(median(tensor([4, 1, 3, 2])), 2, EXACT);
    expectTensor(sort(tensor([2, NaN, 1])).values, [1, 2, NaN]);
  });

  it("170 prod with zeros", () => {
    expectTensor(
      gradient((x) => prod(x), [2, 0, 3]),
      [0, 6, 0],
      EXACT,
    );
    expectTensor(
      gradient((x) => prod(x), [0, 0, 3]),
      [0, 0, 0],
      EXACT,
    );
    expectTensor(
      gradient((x) => prod(x), [2, 3, 4]),
      [12, 8, 6],
    );
    expectTensor(
      gradient(
        (x) => prod(x, 1),
        [
          [2, 0],
          [5, 7],
        ],
      ),
      [
        [0, 2],
        [7, 5],
      ],
    );
  });

  it("170 cumprod with zeros", () => {
    expectTensor(
      gradient((x) => x.cumprod(0), [2, 0, 3]),
      [1, 8, 0],
    );
    expectTensor(
      gradient((x) => x.cumprod(0), [0, 0, 3]),
      [1, 0, 0],
    );
  });

  it("171 std and var of one element are NaN, std of constants has gradient 0", () => {
    expectTensor(std(tensor([5])), NaN);
    expectTensor(var_(tensor([[5], [6]]), 1), [NaN, NaN]);
    expectTensor(
      gradient((x) => std(x), [2, 2, 2]),
      [0, 0, 0],
      EXACT,
    );
  });

  it("172 atan2 and hypot at the origin", () => {
    for (const fn of [atan2, hypot]) {
      const a = tensor([0], { requiresGrad: true });
      const b = tensor([0], { requiresGrad: true });
      const y = fn(a, b);
      expectTensor(y, [0]);
      y.backward();
      expectTensor(a.grad, [NaN]);
      expectTensor(b.grad, [NaN]);
    }
  });

  it("172 on the axes they are finite", () => {
    const y = tensor([0, 2], { requiresGrad: true });
    const x = tensor([2, 0], { requiresGrad: true });
    atan2(y, x).sum().backward();
    expectTensor(y.grad, [0.5, 0]);
    expectTensor(x.grad, [0, -0.5]);
    y.grad = null;
    hypot(y, x).sum().backward();
    expectTensor(y.grad, [0, 1]);
  });

  it("173 losses where prediction and target are equal, or a bound apart", () => {
    const against = (loss: (x: Tensor, y: Tensor) => Tensor, at: number[]) =>
      gradient((x) => loss(x, zeros([at.length])), at);
    expectTensor(
      against((x, y) => F.l1Loss(x, y, { reduction: "sum" }), [-1, 0, 1]),
      [-1, 0, 1],
      EXACT,
    );
    expectTensor(
      against((x, y) => F.smoothL1Loss(x, y, { reduction: "sum" }), [-1, 0, 1]),
      [-1, 0, 1],
      EXACT,
    );
    expectTensor(
      against((x, y) => F.huberLoss(x, y, { reduction: "sum", delta: 2 }), [-2, 0, 2]),
      [-2, 0, 2],
      EXACT,
    );
  });

  it("174 binaryCrossEntropyWithLogits is stable at 100", () => {
    expectTensor(
      F.binaryCrossEntropyWithLogits(tensor([100, -100]), tensor([0, 1]), { reduction: "none" }),
      [100, 100],
    );
    expectTensor(
      gradient((x) => F.binaryCrossEntropyWithLogits(x, tensor([0, 1]), { reduction: "sum" }), [100, -100]),
      [1, -1],
    );
    expectTensor(F.binaryCrossEntropyWithLogits(tensor([100]), tensor([1])), 0);
  });

  it("175 logsumexp is shifted by the maximum", () => {
    expectTensor(logsumexp(tensor([1000, 1000]), 0), 1000 + Math.LN2);
    expectTensor(
      gradient((x) => logsumexp(x, 0), [0, -Infinity, 0]),
      [0.5, 0, 0.5],
    );
    expectTensor(logsumexp(tensor([-Infinity, -Infinity]), 0), -Infinity);
    expectTensor(
      gradient((x) => logsumexp(x, 0), [-Infinity, -Infinity]),
      [NaN, NaN],
    );
  });

  it("176 xlogy(0, y) is 0, also at y = 0", () => {
    const x = tensor([0, 0, 2], { requiresGrad: true });
    const y = tensor([0, 3, 4], { requiresGrad: true });
    const z = special.xlogy(x, y);
    expectTensor(z, [0, 0, 2 * Math.log(4)]);
    z.sum().backward();
    expectTensor(y.grad, [NaN, 0, 0.5]);
  });

  it("177 maxPool takes the first of equals; padding never wins, NaN does", () => {
    const pool = (x: Tensor) => F.maxPool2d(x.view(1, 1, 2, 2), 2);
    expectTensor(
      gradient(pool, [
        [1, 1],
        [1, 1],
      ]),
      [
        [1, 0],
        [0, 0],
      ],
      EXACT,
    );
    expectTensor(F.maxPool1d(tensor([[-5, -6]]), 2, { stride: 2, padding: 1 }), [[-5, -6]], EXACT);
    expectTensor(
      pool(
        tensor([
          [1, NaN],
          [3, 2],
        ]),
      ),
      [[[[NaN]]]],
    );
    expectTensor(
      gradient(pool, [
        [1, NaN],
        [3, 2],
      ]),
      [
        [0, 1],
        [0, 0],
      ],
      EXACT,
    );
  });

  it("178 the empty product is 1", () => {
    expectTensor(prod(zeros([0])), 1, EXACT);
    expectTensor(prod(zeros([2, 0]), 1), [1, 1], EXACT);
  });

  it("180 embedding: the gradient of the padding row is 0", () => {
    const weight = ones([3, 2], { requiresGrad: true });
    const y = F.embedding(tensor([0, 2, 0], { dtype: "int32" }), weight, { paddingIdx: 0 });
    expectTensor(y, [
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    y.sum().backward();
    expectTensor(weight.grad, [
      [0, 0],
      [0, 0],
      [1, 1],
    ]);
  });
});
