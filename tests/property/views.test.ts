import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Tensor, tensor } from "../../bindings/index.ts";
import { arrays, expectNaive, RUNS, shapes, toTensor } from "../support/arbitraries.ts";
import { EXACT } from "../support/expect.ts";
import { accumulate, broadcastTo, count, type Naive, permute, positions, select, slice } from "../support/naive.ts";

/** One step of a chain of views; the numbers are taken modulo what the shape at hand allows. */
interface Step {
  kind: "permute" | "transpose" | "select" | "narrow" | "slice" | "expand" | "unsqueeze" | "reshape";
  dim: number;
  a: number;
  b: number;
}

interface Viewed {
  tensor: Tensor;
  /** For each element of the view its position in the base. */
  source: Naive;
}

const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom("permute", "transpose", "select", "narrow", "slice", "expand", "unsqueeze", "reshape"),
    dim: fc.nat(7),
    a: fc.nat(7),
    b: fc.nat(7),
  }),
  { maxLength: 6 },
);

function rotation(rank: number, by: number): number[] {
  return Array.from({ length: rank }, (_, i) => (i + by) % rank);
}

/** Applies one step to both sides; a step that the shape does not allow is left out. */
function apply({ tensor: t, source }: Viewed, step: Step): Viewed {
  const rank = source.shape.length;
  if (step.kind === "unsqueeze") {
    if (rank > 4) return { tensor: t, source };
    const shape = [...source.shape];
    shape.splice(step.dim % (rank + 1), 0, 1);
    return { tensor: t.reshape(shape), source: { shape, data: source.data } };
  }
  if (rank === 0) return { tensor: t, source };
  const dim = step.dim % rank;
  const size = source.shape[dim];
  const signed = step.b % 2 === 1 ? dim - rank : dim;
  switch (step.kind) {
    case "permute": {
      const order = rotation(rank, step.a % rank);
      return { tensor: t.permute(order), source: permute(source, order) };
    }
    case "transpose": {
      const other = step.a % rank;
      const order = rotation(rank, 0);
      [order[dim], order[other]] = [order[other], order[dim]];
      return { tensor: t.transpose(signed, other), source: permute(source, order) };
    }
    case "select": {
      if (size === 0) return { tensor: t, source };
      const index = step.a % size;
      return { tensor: t.select(signed, step.b % 3 === 0 ? index - size : index), source: select(source, dim, index) };
    }
    case "narrow": {
      const start = step.a % (size + 1);
      const length = step.b % (size - start + 1);
      return { tensor: t.narrow(dim, start, length), source: slice(source, dim, start, start + length) };
    }
    case "slice": {
      const start = step.a % (size + 1);
      const by = 1 + (step.b % 3);
      const indices = [...Array.from({ length: dim }, () => ":"), `${start}::${by}`];
      return { tensor: t.index(...indices), source: slice(source, dim, start, size, by) };
    }
    case "expand": {
      if (rank > 4 || count(source.shape) > 100) return { tensor: t, source };
      const shape = [1 + (step.a % 3), ...source.shape.map((s) => (s === 1 ? 1 + (step.b % 3) : s))];
      return { tensor: t.expand(shape), source: broadcastTo(source, shape) };
    }
    default: {
      const shape = step.a % 2 === 0 ? [count(source.shape)] : [...source.shape, 1];
      return { tensor: t.reshape(shape), source: { shape, data: source.data } };
    }
  }
}

function applyAll(base: Tensor, shape: readonly number[], chain: Step[]): Viewed {
  return chain.reduce(apply, { tensor: base, source: positions(shape) });
}

const cases = shapes({ maxRank: 3 }).chain((shape) => fc.tuple(arrays(shape), steps));

describe("views, against a naive reference", () => {
  it("chains of views show the right elements", () => {
    fc.assert(
      fc.property(cases, ([a, chain]) => {
        const { tensor: view, source } = applyAll(toTensor(a), a.shape, chain);
        const expected = { shape: source.shape, data: source.data.map((position) => a.data[position]) };
        expectNaive(view, expected, EXACT);
        expect(Array.from(view.data())).toEqual(expected.data.map((x) => x + 0));
        expectNaive(view.contiguous(), expected, EXACT);
        expectNaive(view.clone(), expected, EXACT);
      }),
      RUNS,
    );
  });

  it("their gradients add up where elements were shown more than once", () => {
    const weighted = cases.chain(([a, chain]) => {
      const { source } = applyAll(toTensor(a), a.shape, chain);
      return fc.tuple(fc.constant(a), fc.constant(chain), arrays(source.shape));
    });
    fc.assert(
      fc.property(weighted, ([a, chain, g]) => {
        const base = toTensor(a, true);
        const { tensor: view, source } = applyAll(base, a.shape, chain);
        view.backward(toTensor(g));
        expectNaive(base.grad, accumulate(source, g.data, a.shape), EXACT);
      }),
      RUNS,
    );
  });

  it("writing through a view changes exactly its elements of the base, and their gradients", () => {
    const chains = steps.map((chain) => chain.filter(({ kind }) => kind !== "expand" && kind !== "reshape"));
    fc.assert(
      fc.property(
        shapes({ maxRank: 3 }).chain((shape) => fc.tuple(arrays(shape), chains)),
        ([a, chain]) => {
          const leaf = toTensor(a, true);
          const base = leaf.mul(1);
          const { tensor: view, source } = applyAll(base, a.shape, chain);
          view.mul_(3);
          const times = a.data.map((_, position) => (source.data.includes(position) ? 3 : 1));
          expectNaive(base, { shape: a.shape, data: a.data.map((x, i) => x * times[i]) }, EXACT);
          base.sum().backward();
          expectNaive(leaf.grad, { shape: a.shape, data: times }, EXACT);
        },
      ),
      RUNS,
    );
  });

  it("assigning to a slice changes exactly that slice", () => {
    const slices = fc.record({
      size: fc.integer({ min: 1, max: 9 }),
      start: fc.nat(9),
      stop: fc.nat(9),
      step: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(slices, ({ size, start, stop, step }) => {
        const x = tensor(Float32Array.from({ length: size }, (_, i) => i));
        x.setIndex([`${start}:${stop}:${step}`], -1);
        const expected = Array.from({ length: size }, (_, i) =>
          i >= start && i < stop && (i - start) % step === 0 ? -1 : i,
        );
        expect(x.tolist()).toEqual(expected);
      }),
      RUNS,
    );
  });
});
