import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Index, type Tensor, tensor } from "../../bindings/index.ts";
import { arrays, expectNaive, RUNS, shapes, toTensor } from "../support/arbitraries.ts";
import { EXACT } from "../support/expect.ts";
import { coordinates, count, type Naive } from "../support/naive.ts";

/**
 * What one index does to one dimension, the slow and obvious way: a position, the positions of a slice, or a list of
 * positions in the shape that it has in common with other lists.
 */
type Pick =
  | { kind: "position"; at: number }
  | { kind: "slice"; start: number; end: number; step: number }
  | { kind: "list"; positions: number[]; signed: boolean };

interface Case {
  base: Naive;
  picks: Pick[];
  /** Length of all lists of positions. */
  length: number;
  strided: boolean;
}

function picks(shape: readonly number[], length: number): fc.Arbitrary<Pick[]> {
  const forSize = (size: number): fc.Arbitrary<Pick> => {
    const slice = fc.record<Pick & { kind: "slice" }>({
      kind: fc.constant("slice"),
      start: fc.integer({ min: -6, max: 6 }),
      end: fc.integer({ min: -6, max: 6 }),
      step: fc.integer({ min: 1, max: 3 }),
    });
    if (size === 0) return slice;
    const position = fc.nat(size - 1).map((at): Pick => ({ kind: "position", at }));
    const list = fc.record<Pick & { kind: "list" }>({
      kind: fc.constant("list"),
      positions: fc.array(fc.nat(size - 1), { minLength: length, maxLength: length }),
      signed: fc.boolean(),
    });
    return fc.oneof(slice, position, list);
  };
  return fc.nat(shape.length).chain((used) => fc.tuple(...shape.slice(0, used).map(forSize)));
}

const cases: fc.Arbitrary<Case> = fc
  .tuple(shapes({ minRank: 1 }), fc.integer({ min: 0, max: 3 }))
  .chain(([shape, length]) =>
    fc.record({
      base: arrays(shape),
      picks: picks(shape, length),
      length: fc.constant(length),
      strided: fc.boolean(),
    }),
  );

function bounded(value: number, size: number): number {
  return Math.min(Math.max(value < 0 ? value + size : value, 0), size);
}

/** For each element of the result its position in the base; the shape as PyTorch has it. */
function reference({ base, picks: given, length }: Case): Naive {
  const { shape } = base;
  const isList = (d: number): boolean => given[d]?.kind === "list";
  const lists = shape.map((_, d) => d).filter(isList);
  // Dimensions that positions are taken from go away before the others are looked at.
  const kept = shape.map((_, d) => d).filter((d) => given[d]?.kind !== "position");
  const places = lists.map((d) => kept.indexOf(d));
  const together = places.every((place, i) => i === 0 || place === places[i - 1] + 1);
  const ranges = shape.map((size, d): number[] => {
    const pick = given[d];
    if (pick?.kind !== "slice") return Array.from({ length: size }, (_, i) => i);
    const [start, end] = [bounded(pick.start, size), bounded(pick.end, size)];
    return Array.from({ length: size }, (_, i) => i).filter(
      (i) => i >= start && i < end && (i - start) % pick.step === 0,
    );
  });
  /** The result's dimensions: a dimension of the base, or "lists". */
  const order: (number | "lists")[] = kept.filter((d) => !isList(d));
  if (lists.length > 0) order.splice(together ? places[0] : 0, 0, "lists");
  const result = order.map((d) => (d === "lists" ? length : ranges[d].length));
  const data = coordinates(result).map((coordinate) => {
    const at = shape.map((_, d) => {
      const pick = given[d];
      if (pick?.kind === "position") return pick.at;
      if (pick?.kind === "list") return pick.positions[coordinate[order.indexOf("lists")]];
      return ranges[d][coordinate[order.indexOf(d)]];
    });
    return at.reduce((offset, i, d) => offset * shape[d] + i, 0);
  });
  return { shape: result, data };
}

function indices({ base, picks: given }: Case): Index[] {
  return given.map((pick, d) => {
    if (pick.kind === "position") return pick.at % 2 ? pick.at - base.shape[d] : pick.at;
    if (pick.kind === "slice") return `${pick.start}:${pick.end}:${pick.step}`;
    const positions = pick.positions.map((at) => (pick.signed ? at - base.shape[d] : at));
    return tensor(Int32Array.from(positions));
  });
}

/** The same elements; if asked for, as a view whose dimensions lie in reverse order in memory. */
function laidOut(t: Tensor, strided: boolean): Tensor {
  if (!strided) return t.mul(1);
  const order = t.shape.map((_, d) => t.ndim - 1 - d);
  return t.permute(order).mul(1).permute(order);
}

describe("any mixture of indices", () => {
  it("reads what it names, and sends gradients back there", () => {
    fc.assert(
      fc.property(cases, (given) => {
        const x = toTensor(given.base, true);
        const source = reference(given);
        const y = laidOut(x, given.strided).index(...indices(given));
        expectNaive(y, { shape: source.shape, data: source.data.map((at) => given.base.data[at]) }, EXACT);
        const weights = source.data.map((_, i) => i + 1);
        y.mul(toTensor({ shape: source.shape, data: weights }))
          .sum()
          .backward();
        const gradient = new Array<number>(count(given.base.shape)).fill(0);
        source.data.forEach((at, i) => {
          gradient[at] += weights[i];
        });
        expectNaive(x.grad, { shape: given.base.shape, data: gradient }, EXACT);
      }),
      RUNS,
    );
  });

  it("writes there and nowhere else, the last of equal positions counting", () => {
    fc.assert(
      fc.property(cases, (given) => {
        const x = toTensor(given.base, true);
        const source = reference(given);
        const values = source.data.map((_, i) => 100 + i);
        const v = toTensor({ shape: source.shape, data: values }, true);
        const target = laidOut(x, given.strided);
        target.setIndex(indices(given), v);
        const expected = [...given.base.data];
        const kept = expected.map(() => 1);
        source.data.forEach((at, i) => {
          expected[at] = values[i];
          kept[at] = 0;
        });
        expectNaive(target, { shape: given.base.shape, data: expected }, EXACT);
        target.sum().backward();
        expectNaive(x.grad, { shape: given.base.shape, data: kept }, EXACT);
        // As in PyTorch, every value gets the gradient of its place, also one that was overwritten at once.
        if (values.length > 0) expectNaive(v.grad, { shape: source.shape, data: values.map(() => 1) }, EXACT);
      }),
      RUNS,
    );
  });

  it("agrees with a mask that holds at the same places", () => {
    const masked = shapes({ minRank: 1, minSize: 1 }).chain((shape) =>
      fc.record({
        base: arrays(shape),
        holds: fc.array(fc.boolean(), { minLength: count(shape), maxLength: count(shape) }),
      }),
    );
    fc.assert(
      fc.property(masked, ({ base, holds }) => {
        const mask = tensor(Uint8Array.from(holds, Number), { shape: [...base.shape], dtype: "bool" });
        const x = toTensor(base);
        const picked = base.data.filter((_, i) => holds[i]);
        const expected = { shape: [picked.length], data: picked };
        expectNaive(x.index(mask), expected, EXACT);
        expectNaive(x.maskedSelect(mask), expected, EXACT);
        expectNaive(x.index(...mask.nonzero({ asTuple: true })), expected, EXACT);
        const filled = { shape: base.shape, data: base.data.map((value, i) => (holds[i] ? 7 : value)) };
        expectNaive(x.maskedFill(mask, 7), filled, EXACT);
        expectNaive(x.setIndex([mask], 7), filled, EXACT);
        expect(x.version).toBe(1);
      }),
      RUNS,
    );
  });
});
