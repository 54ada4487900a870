/** Pointwise operations on operands of every layout, whose rows are short or long, few or many: as on dense ones. */
import { describe, expect, it } from "vitest";
import { lerp, type Tensor, tensor } from "../../bindings/index.ts";

const PLANES = 2;

/** Numbers that are exact in float32, and differ from their neighbours. */
function numbers(shape: readonly number[], seed: number): Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  return tensor(
    Float32Array.from({ length: count }, (_, i) => ((i * 7 + seed * 13) % 509) - 254),
    { shape: [...shape] },
  );
}

/** Operands that broadcast to [PLANES, rows, n]. */
const layouts: Readonly<Record<string, (rows: number, n: number, seed: number) => Tensor>> = {
  dense: (rows, n, seed) => numbers([PLANES, rows, n], seed),
  row: (_, n, seed) => numbers([n], seed),
  "row of each plane": (_, n, seed) => numbers([PLANES, 1, n], seed),
  column: (rows, _, seed) => numbers([rows, 1], seed),
  number: (_rows, _n, seed) => numbers([], seed),
  "number of each plane": (_rows, _n, seed) => numbers([PLANES, 1, 1], seed),
  transposed: (rows, n, seed) => numbers([PLANES, n, rows], seed).transpose(1, 2),
  "part of rows": (rows, n, seed) => numbers([PLANES, rows, n + 5], seed).narrow(2, 3, n),
  "row turned into a column": (_, n, seed) => numbers([n, 3], seed).narrow(1, 1, 1).transpose(0, 1),
};

const sizes = [
  [2, 3],
  [16, 64],
  [100, 10],
  [5, 255],
  [17, 256],
  [4, 257],
  [700, 3],
  [70, 65],
];

/** Bit for bit; thousands of elements are compared by `toEqual` only where they differ. */
function same(actual: Tensor, expected: Tensor, what?: string): void {
  const [a, b] = [actual, expected].map((t) => t.contiguous().data().slice());
  if (!a.every((element, i) => Object.is(element, b[i]))) expect(a, what).toEqual(b);
  expect(actual.shape, what).toEqual(expected.shape);
}

describe.each(sizes)("%i rows of %i", (rows, n) => {
  const names = Object.keys(layouts);
  const dense = (t: Tensor): Tensor => t.expand([PLANES, rows, n]).clone().contiguous();

  it.each(names)("one operand: %s", (name) => {
    const x = layouts[name](rows, n, 1).expand([PLANES, rows, n]);
    same(x.neg(), dense(x).neg());
    same(x.gt(0), dense(x).gt(0));
    same(x.gt(0).logicalNot(), dense(x).gt(0).logicalNot());
  });

  it.each(names)("the second of two: %s", (name) => {
    for (const other of names) {
      const a = layouts[other](rows, n, 2).expand([PLANES, rows, n]);
      const b = layouts[name](rows, n, 3);
      same(a.sub(b), dense(a).sub(dense(b)), other);
      same(a.lt(b), dense(a).lt(dense(b)), other);
      const [p, q] = [a.gt(0), b.gt(0)];
      same(p.logicalXor(q), dense(p).logicalXor(dense(q)), other);
    }
  });

  it.each(names)("the third of three: %s", (name) => {
    for (const other of names) {
      const [a, b, c] = [other, "dense", name].map((layout, i) => layouts[layout](rows, n, i + 4));
      same(lerp(a, b, c), lerp(dense(a), b, dense(c)), other);
    }
  });

  it.each(names)("into a part of rows: %s", (name) => {
    const whole = numbers([PLANES, rows, n + 5], 8);
    const before = whole.clone();
    const b = layouts[name](rows, n, 9);
    whole.narrow(2, 3, n).mul_(b);
    same(whole.narrow(2, 3, n), before.narrow(2, 3, n).mul(dense(b)));
    same(whole.narrow(2, 0, 3), before.narrow(2, 0, 3));
    same(whole.narrow(2, n + 3, 2), before.narrow(2, n + 3, 2));
  });
});
