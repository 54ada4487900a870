import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { add, div, maximum, minimum, mul, ones, sub, type Tensor, tensor, where } from "../../bindings/index.ts";
import { arrays, broadcastable, expectNaive, quarters, RUNS, shapes, toTensor } from "../support/arbitraries.ts";
import { EXACT } from "../support/expect.ts";
import { broadcastShape, broadcastTo, type Naive, sumTo, zip } from "../support/naive.ts";

interface Binary {
  name: string;
  op: (a: Tensor, b: Tensor) => Tensor;
  value: (x: number, y: number) => number;
  /** The partial derivatives by both operands. */
  partial: [(x: number, y: number) => number, (x: number, y: number) => number];
}

const nonzero = quarters.map((n) => n || 1);
const half = (wins: boolean, tie: boolean): number => (tie ? 0.5 : wins ? 1 : 0);

const BINARIES: Binary[] = [
  { name: "add", op: add, value: (x, y) => x + y, partial: [() => 1, () => 1] },
  { name: "sub", op: sub, value: (x, y) => x - y, partial: [() => 1, () => -1] },
  { name: "mul", op: mul, value: (x, y) => x * y, partial: [(_, y) => y, (x) => x] },
  { name: "div", op: div, value: (x, y) => x / y, partial: [(_, y) => 1 / y, (x, y) => -x / (y * y)] },
  {
    name: "maximum",
    op: maximum,
    value: Math.max,
    partial: [(x, y) => half(x > y, x === y), (x, y) => half(y > x, x === y)],
  },
  {
    name: "minimum",
    op: minimum,
    value: Math.min,
    partial: [(x, y) => half(x < y, x === y), (x, y) => half(y < x, x === y)],
  },
];

describe("broadcasting, against a naive reference", () => {
  for (const { name, op, value, partial } of BINARIES) {
    it(`${name}: values`, () => {
      fc.assert(
        fc.property(broadcastable(nonzero), ([a, b]) => {
          expectNaive(op(toTensor(a), toTensor(b)), zip(value, a, b));
        }),
        RUNS,
      );
    });

    it(`${name}: gradients are summed to the operands' shapes`, () => {
      const cases = broadcastable(nonzero).chain(([a, b]) => {
        const shape = broadcastShape(a.shape, b.shape) as number[];
        return fc.tuple(fc.constant(a), fc.constant(b), arrays(shape));
      });
      fc.assert(
        fc.property(cases, ([a, b, g]) => {
          const x = toTensor(a, true);
          const y = toTensor(b, true);
          op(x, y).backward(toTensor(g));
          const expected = (by: 0 | 1, of: Naive): Naive =>
            sumTo(
              zip((p, w) => p * w, zip(partial[by], a, b), g),
              of.shape,
            );
          expectNaive(x.grad, expected(0, a), { atol: 1e-4 });
          expectNaive(y.grad, expected(1, b), { atol: 1e-4 });
        }),
        RUNS,
      );
    });
  }

  it("operands that are transposed or expanded views give the same as copies", () => {
    fc.assert(
      fc.property(broadcastable(), ([a, b]) => {
        const shape = broadcastShape(a.shape, b.shape) as number[];
        const dims = shape.map((_, dim) => shape.length - 1 - dim);
        const x = toTensor(a).expand(shape).permute(dims);
        const y = toTensor(b).expand(shape).permute(dims);
        const expected = zip((p, q) => p * q - q, a, b);
        expectNaive(x.mul(y).sub(y).permute(dims), expected, EXACT);
        expectNaive(x.contiguous().mul(y.contiguous()).sub(y).permute(dims), expected, EXACT);
      }),
      RUNS,
    );
  });

  it("expand is the naive stretch", () => {
    fc.assert(
      fc.property(broadcastable(), ([a, b]) => {
        const shape = broadcastShape(a.shape, b.shape) as number[];
        expectNaive(toTensor(a).expand(shape), broadcastTo(a, shape), EXACT);
      }),
      RUNS,
    );
  });

  it("where picks from broadcast branches", () => {
    fc.assert(
      fc.property(broadcastable(), ([a, b]) => {
        const chosen = where(toTensor(a).gt(toTensor(b)), toTensor(a), toTensor(b));
        expectNaive(chosen, zip(Math.max, a, b), EXACT);
      }),
      RUNS,
    );
  });

  it("comparisons", () => {
    fc.assert(
      fc.property(broadcastable(), ([a, b]) => {
        const x = toTensor(a);
        const y = toTensor(b);
        expectNaive(
          x.lt(y),
          zip((p, q) => Number(p < q), a, b),
          EXACT,
        );
        expectNaive(
          x.ge(y),
          zip((p, q) => Number(p >= q), a, b),
          EXACT,
        );
        expectNaive(
          x.eq(y),
          zip((p, q) => Number(p === q), a, b),
          EXACT,
        );
        expectNaive(
          x.ne(y),
          zip((p, q) => Number(p !== q), a, b),
          EXACT,
        );
      }),
      RUNS,
    );
  });

  it("in-place ops give what the plain ones give, or refuse", () => {
    fc.assert(
      fc.property(broadcastable(), ([a, b]) => {
        const x = toTensor(a);
        const shape = broadcastShape(a.shape, b.shape) as number[];
        if (`${shape}` === `${a.shape}`) {
          expectNaive(
            x.mul_(toTensor(b)),
            zip((p, q) => p * q, a, b),
            EXACT,
          );
        } else {
          expect(() => x.mul_(toTensor(b))).toThrow(/doesn't match the broadcast shape/);
          expectNaive(x, a, EXACT);
        }
      }),
      RUNS,
    );
  });

  it("shapes that do not broadcast are refused", () => {
    const pairs = fc.tuple(shapes(), shapes()).filter(([a, b]) => broadcastShape(a, b) === null);
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        expect(() => ones(a).add(ones(b))).toThrow(/must match the size of tensor b/);
        expect(() => where(tensor(true), ones(a), ones(b))).toThrow(/must match/);
      }),
      RUNS,
    );
  });
});
