/**
 * Random sequences of operations, with views and writes in place, beside a reference in plain JavaScript. A step works on the
 * registers that earlier steps made, and on the leaves.
 */
import fc from "fast-check";
import { expect } from "vitest";
import { autograd, cat, memory, type Tensor, tensor, where } from "../../bindings/index.ts";
import { toTensor } from "./arbitraries.ts";
import { broadcastShape, broadcastTo, count, type Naive, permute, select, slice } from "./naive.ts";
import * as s from "./scalars.ts";
import { STRESS } from "./stress.ts";

/** The numbers choose registers, dims and positions, modulo what there is. */
export interface Step {
  op: string;
  a: number;
  b: number;
  c: number;
}

/** A tensor and what it should be. */
export interface Register {
  t: Tensor;
  cells: s.Cells;
  /** Not the memory of a leaf. */
  writable: boolean;
}

const UNARY = { sin: s.sin, exp: s.exp, tanh: s.tanh, sigmoid: s.sigmoid, neg: s.neg } as const;
const BINARY = { add: s.add, sub: s.sub, mul: s.mul } as const;
export const OPS = [
  ...["sin", "exp", "tanh", "sigmoid", "neg", "relu", "add", "sub", "mul", "div", "maximum", "where"],
  ...["sum", "mean", "amax", "total", "cumsum", "matmul", "indexSelect", "cat", "clone"],
  ...["transpose", "select", "narrow", "slice", "expand", "unsqueeze", "flatten"],
  ...["add_", "mul_", "copy_", "tanh_", "zero_"],
] as const;

/** Results stay small, so that float32 can be held against float64. */
const LARGEST = 50;
/** No comparison may hang on rounding. */
const APART = 1e-3;

export const isClear = (a: number, b: number): boolean => Math.abs(a - b) > APART;

export class Program {
  readonly registers: Register[];
  readonly leaves: Register[];

  constructor(leaves: readonly Naive[]) {
    this.leaves = leaves.map((leaf) => ({
      t: toTensor(leaf, true),
      cells: s.fresh(leaf.shape, leaf.data.map(s.variable)),
      writable: false,
    }));
    this.registers = [...this.leaves];
  }

  /** All values are what they should be. */
  check(): void {
    this.registers.forEach(({ t, cells }, i) => {
      expect(t.shape, `register ${i}`).toEqual(cells.view.shape);
      expectClose(t, s.elements(cells), 1e-4, `register ${i}`);
    });
  }

  /** Leaves a step out that the shapes do not allow, or that would not be comparable. */
  step({ op, a, b, c }: Step): void {
    const { registers } = this;
    const x = registers[registers.length - 1 - (a % Math.min(registers.length, 5))];
    const y = registers[b % registers.length];
    const made = this.make(op, x, y, b, c);
    if (made) registers.push(made);
  }

  /** The register that a step adds, if it does. */
  protected make(op: string, x: Register, y: Register, b: number, c: number): Register | null {
    return this.view(op, x, b, c) ?? this.compute(op, x, y, c) ?? this.write(op, x, y);
  }

  protected view(op: string, { t, cells, writable }: Register, b: number, c: number): Register | null {
    const { view } = cells;
    const rank = view.shape.length;
    const show = (next: Tensor, shown: Naive): Register => ({
      t: next,
      cells: { cells: cells.cells, view: shown },
      writable,
    });
    if (op === "unsqueeze" && rank < 4) {
      const at = b % (rank + 1);
      return show(t.unsqueeze(at), {
        shape: [...view.shape.slice(0, at), 1, ...view.shape.slice(at)],
        data: view.data,
      });
    }
    if (op === "flatten") {
      const isView = view.data.every((p, i, all) => i < 2 || p - all[i - 1] === all[1] - all[0]);
      const flat = { shape: [view.data.length], data: view.data };
      return isView ? show(t.reshape([-1]), flat) : null;
    }
    if (op === "expand" && rank < 4 && count(view.shape) < 20) {
      const shape = [1 + (b % 2), ...view.shape.map((size) => (size === 1 ? 1 + (c % 3) : size))];
      return show(t.expand(shape), broadcastTo(view, shape));
    }
    if (rank === 0) return null;
    const dim = b % rank;
    const size = view.shape[dim];
    if (op === "transpose") {
      const other = c % rank;
      const order = view.shape.map((_, i) => (i === dim ? other : i === other ? dim : i));
      return show(t.transpose(dim, other), permute(view, order));
    }
    if (op === "select" && size > 0) return show(t.select(dim, c % size), select(view, dim, c % size));
    if (op === "narrow") {
      const length = size - (c % (size + 1));
      return show(t.narrow(dim, size - length, length), slice(view, dim, size - length, size));
    }
    if (op === "slice") {
      const places = [...Array.from({ length: dim }, () => ":"), "::2"];
      return show(t.index(...places), slice(view, dim, 0, size, 2));
    }
    return null;
  }

  protected compute(op: string, { t, cells }: Register, other: Register, c: number): Register | null {
    const { shape } = cells.view;
    const own = s.elements(cells);
    const rank = shape.length;
    if (op in UNARY) return result(shape, own.map(UNARY[op as keyof typeof UNARY]), () => call(t, op));
    if (op === "clone") return result(shape, own, () => t.clone());
    if (op === "relu" && own.every((v) => isClear(v.value, 0))) {
      return result(
        shape,
        own.map((v) => (v.value > 0 ? v : s.constant(0))),
        () => t.relu(),
      );
    }
    if (op === "total") return result([], [s.sum(own)], () => t.sum());
    const common = broadcastShape(shape, other.cells.view.shape);
    if (common && count(common) <= 64) {
      const [l, r] = [s.stretched(cells, common), s.stretched(other.cells, common)];
      const both = (fn: (a: s.Scalar, b: s.Scalar) => s.Scalar): s.Scalar[] => l.map((v, i) => fn(v, r[i]));
      if (op in BINARY) return result(common, both(BINARY[op as keyof typeof BINARY]), () => call(t, op, other.t));
      if (op === "div") {
        const quotients = both((a, b) => s.mul(a, s.reciprocal(s.add(s.mul(b, b), s.constant(1)))));
        return result(common, quotients, () => t.div(other.t.mul(other.t).add(1)));
      }
      if (op === "maximum" && l.every((v, i) => isClear(v.value, r[i].value))) {
        return result(
          common,
          both((a, b) => (a.value > b.value ? a : b)),
          () => t.maximum(other.t),
        );
      }
      if (op === "where" && l.every((v) => isClear(v.value, 0.1))) {
        return result(
          common,
          both((a, b) => (a.value > 0.1 ? a : b)),
          () => where(t.gt(0.1), t, other.t),
        );
      }
    }
    if (rank === 0) return null;
    return this.along(op, t, cells, c % rank) ?? this.join(op, t, cells, other, c % rank);
  }

  /** Along one dim. */
  private along(op: string, t: Tensor, cells: s.Cells, dim: number): Register | null {
    const { shape } = cells.view;
    const size = shape[dim];
    const rows = s.rows(cells, dim);
    const less = shape.filter((_, i) => i !== dim);
    const one = shape.map((n, i) => (i === dim ? 1 : n));
    if (op === "sum") return result(less, rows.map(s.sum), () => t.sum(dim));
    if (op === "mean" && size > 0) {
      const means = rows.map((row) => s.mul(s.sum(row), s.constant(1 / size)));
      return result(one, means, () => t.mean(dim, true));
    }
    if (op === "amax" && size > 0) {
      const sorted = rows.map((row) => [...row].sort((a, b) => b.value - a.value));
      if (!sorted.every((row) => row.length === 1 || isClear(row[0].value, row[1].value))) return null;
      return result(
        less,
        sorted.map((row) => row[0]),
        () => t.amax(dim),
      );
    }
    if (op === "cumsum") {
      const sums = rows.map((row) => row.map((_, i) => s.sum(row.slice(0, i + 1))));
      return result(shape, s.fromRows(sums, shape, dim), () => t.cumsum(dim));
    }
    if (op === "indexSelect" && size > 0) {
      const picks = [size - 1, 0, size - 1];
      const parts = picks.map((i) => slice(cells.view, dim, i, i + 1));
      return result(...joined(parts, dim, cells.cells), () => t.indexSelect(dim, tensor(picks, { dtype: "int32" })));
    }
    return null;
  }

  /** Of two. */
  private join(op: string, t: Tensor, cells: s.Cells, other: Register, dim: number): Register | null {
    const { shape } = cells.view;
    const right = other.cells.view.shape;
    if (op === "cat" && right.length === shape.length && shape.every((n, i) => i === dim || n === right[i])) {
      const all = [...cells.cells, ...other.cells.cells];
      const moved = { shape: right, data: other.cells.view.data.map((p) => p + cells.cells.length) };
      return result(...joined([cells.view, moved], dim, all), () => cat([t, other.t], dim));
    }
    if (op === "matmul" && shape.length === 2) {
      const fits = right.length === 2 && right[0] === shape[1];
      const [b, second] = fits
        ? [other.cells, other.t]
        : [{ cells: cells.cells, view: permute(cells.view, [1, 0]) }, t.t()];
      const columns = b.view.shape[1];
      const [l, r] = [s.elements(cells), s.elements(b)];
      const products = Array.from({ length: shape[0] * columns }, (_, k) => {
        const [i, j] = [Math.floor(k / columns), k % columns];
        return s.sum(Array.from({ length: shape[1] }, (_, m) => s.mul(l[i * shape[1] + m], r[m * columns + j])));
      });
      return result([shape[0], columns], products, () => t.matmul(second));
    }
    return null;
  }

  /** In place; the result is the target again. */
  protected write(op: string, x: Register, y: Register): Register | null {
    const { shape, data } = x.cells.view;
    const common = broadcastShape(shape, y.cells.view.shape);
    if (!op.endsWith("_") || !x.writable || s.overlaps(x.cells)) return null;
    // Elements that are read while others are written over them are nobody's promise.
    if (x.cells.cells === y.cells.cells && x.t !== y.t && y.cells.view.data.some((p) => data.includes(p))) return null;
    const own = s.elements(x.cells);
    const fits = common !== null && `${common}` === `${shape}`;
    if ((op === "add_" || op === "copy_") && !fits) return null;
    const given = fits ? s.stretched(y.cells, shape) : [];
    const next = own.map((v, i) => {
      if (op === "add_") return s.add(v, given[i]);
      if (op === "copy_") return given[i];
      if (op === "tanh_") return s.tanh(v);
      return op === "mul_" ? s.mul(v, s.constant(0.5)) : s.constant(0);
    });
    if (!isSmall(next)) return null;
    if (op === "add_" || op === "copy_") call(x.t, op, y.t);
    else if (op === "mul_") x.t.mul_(0.5);
    else call(x.t, op);
    data.forEach((position, i) => {
      x.cells.cells[position] = next[i];
    });
    return { ...x };
  }
}

export const call = (t: Tensor, method: string, ...args: Tensor[]): Tensor =>
  (t as unknown as Record<string, (...args: Tensor[]) => Tensor>)[method](...args);

export const isSmall = (values: readonly s.Scalar[]): boolean => values.every((v) => Math.abs(v.value) < LARGEST);

export function result(shape: readonly number[], values: s.Scalar[], run: () => Tensor): Register | null {
  return isSmall(values) ? { t: run(), cells: s.fresh(shape, values), writable: true } : null;
}

/** Pieces one behind the other along a dim, as the shape and the elements of the whole. */
function joined(parts: readonly Naive[], dim: number, cells: readonly s.Scalar[]): [number[], s.Scalar[]] {
  const shape = [...parts[0].shape];
  shape[dim] = parts.reduce((total, part) => total + part.shape[dim], 0);
  const places = parts.flatMap((part, k) => Array.from({ length: part.shape[dim] }, (_, i) => [k, i]));
  const inner = count(shape.slice(dim + 1));
  const whole = Array.from({ length: count(shape) }, (_, at) => {
    const [k, i] = places[Math.floor(at / inner) % shape[dim]];
    const outer = Math.floor(at / (inner * shape[dim]));
    return cells[parts[k].data[(outer * parts[k].shape[dim] + i) * inner + (at % inner)]];
  });
  return [shape, whole];
}

/** What float32 loses in a dozen steps, as a share of the largest number. */
function expectClose(t: Tensor | null, expected: readonly s.Scalar[], share: number, what: string): void {
  const actual = t ? Array.from(t.data()) : expected.map(() => 0);
  const largest = expected.reduce((top, v) => Math.max(top, Math.abs(v.value)), 1);
  const bad = expected.findIndex((v, i) => !(Math.abs(actual[i] - v.value) <= share * largest));
  if (actual.length === expected.length && bad < 0) return;
  throw new Error(`${what}: element ${bad} of [${actual}], expected [${expected.map((v) => v.value)}]`);
}

/** Elements weighted differently, so that no gradient is the same everywhere. */
const weightAt = (i: number): number => 1 - (i % 5) / 4;

function weighted(t: Tensor, values: readonly s.Scalar[]): [Tensor, s.Scalar] {
  const weights = values.map((_, i) => weightAt(i));
  const loss = t.mul(tensor(Float32Array.from(weights), { shape: t.shape })).sum();
  return [loss, s.sum(values.map((v, i) => s.mul(v, s.constant(weights[i]))))];
}

const MODIFIED = /modified by an inplace operation/;

/** Values, gradients and second gradients; false where a write has made gradients impossible. */
function agrees(program: Program, steps: readonly Step[]): boolean {
  for (const step of steps) program.step(step);
  program.check();
  const last = program.registers.slice(-3).map(({ t, cells }) => weighted(t, s.elements(cells)));
  const loss = last.map(([t]) => t).reduce((a, b) => a.add(b));
  const target = s.sum(last.map(([, value]) => value));
  const inputs = program.leaves.map(({ t }) => t);
  const variables = program.leaves.map(({ cells }) => s.elements(cells));
  const expected = s.derivatives(target, variables.flat());
  const of = (k: number, all: readonly s.Scalar[]): s.Scalar[] => {
    const start = variables.slice(0, k).flat().length;
    return all.slice(start, start + variables[k].length);
  };
  if (!loss.requiresGrad) {
    expect(expected.every((g) => g.value === 0)).toBe(true);
    return true;
  }
  let grads: (Tensor | null)[];
  try {
    grads = autograd.grad(loss, inputs, { createGraph: true, allowUnused: true });
    const second = grads.flatMap((g, k) => (g?.requiresGrad ? [weighted(g, of(k, expected))] : []));
    if (second.length > 0) {
      const [sum, value] = second.reduce(([t, v], [t2, v2]) => [t.add(t2), s.add(v, v2)]);
      const found = autograd.grad(sum, inputs, { retainGraph: true, allowUnused: true });
      const wanted = s.derivatives(value, variables.flat());
      found.forEach((g, k) => {
        expectClose(g, of(k, wanted), 5e-3, `second gradient ${k}`);
      });
    }
    loss.backward();
  } catch (error) {
    if (MODIFIED.test((error as Error).message) && steps.some(({ op }) => op.endsWith("_"))) return false;
    throw error;
  }
  inputs.forEach((t, k) => {
    expectClose(grads[k], of(k, expected), 1e-3, `gradient ${k} with a graph`);
    expectClose(t.grad, of(k, expected), 1e-3, `gradient ${k}`);
  });
  return true;
}

/** Runs random sequences of `ops`, in stress mode if asked for; at least `least` of them must come to something comparable. */
export function compare(
  program: (leaves: Naive[]) => Program,
  ops: readonly string[],
  { stress, seed, runs, least }: { stress: boolean; seed: number; runs: number; least: number },
): void {
  memory.setStress(stress || STRESS);
  try {
    let compared = 0;
    fc.assert(
      fc.property(leaves, steps(ops), (given, sequence) => {
        if (agrees(program(given), sequence)) compared += 1;
      }),
      { seed, numRuns: runs },
    );
    expect(compared).toBeGreaterThan(least);
  } finally {
    memory.setStress(STRESS);
  }
}

const eighths = fc.integer({ min: -16, max: 16 }).map((n) => n / 8);
const leaf = (shape: number[]): fc.Arbitrary<Naive> =>
  fc.array(eighths, { minLength: count(shape), maxLength: count(shape) }).map((data) => ({ shape, data }));
const leaves: fc.Arbitrary<Naive[]> = fc
  .constantFrom<number[][]>(
    [[2, 3], [3]],
    [
      [2, 2, 2],
      [2, 1],
    ],
    [[3, 3], []],
    [[4], [1, 4]],
    [
      [1, 3],
      [2, 1, 1],
    ],
    [[0, 2], [2]],
  )
  .chain((shapes) => fc.tuple(...shapes.map(leaf)));
const steps = (ops: readonly string[]): fc.Arbitrary<Step[]> =>
  fc.array(fc.record<Step>({ op: fc.constantFrom(...ops), a: fc.nat(40), b: fc.nat(40), c: fc.nat(40) }), {
    minLength: 4,
    maxLength: 14,
  });
