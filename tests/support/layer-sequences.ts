/**
 * Steps for sequences of operations (sequences.ts): norms and softmax, besides the layers of window-sequences.ts, and tensors of
 * integers and booleans, which choose, index, mask and are converted both ways.
 */
import { expect } from "vitest";
import { nn, type Tensor, tensor, where } from "../../bindings/index.ts";
import { broadcastShape, count } from "./naive.ts";
import * as s from "./scalars.ts";
import { isClear, isSmall, type Register, result } from "./sequences.ts";
import { largest, MOST, mean, WindowProgram, winner } from "./window-sequences.ts";

const F = nn.functional;

export const LAYER_OPS = [
  ...["conv1d", "conv2d", "convTranspose2d", "maxPool2d", "avgPool2d", "adaptiveAvgPool1d"],
  ...["softmax", "logSoftmax", "logsumexp", "layerNorm", "batchNorm", "linear"],
  ...["compare", "toInt", "argmax", "intAdd", "intMul", "and", "intView", "intAdd_", "intSum"],
  ...["toFloat", "mixed", "maskedFill", "choose", "gather", "embedding", "index"],
] as const;

const VIEWS = ["transpose", "select", "narrow", "unsqueeze", "expand", "slice"];

const shift = (v: s.Scalar, by: number): s.Scalar => s.add(v, s.constant(by));

/** Less the mean, over the root of the variance; null if that is too small for float32 to say much. */
function normalised(row: readonly s.Scalar[], eps: number): s.Scalar[] | null {
  const centre = mean(row);
  const apart = row.map((v) => s.sub(v, centre));
  const variance = mean(apart.map((v) => s.mul(v, v)));
  if (variance.value < 0.1) return null;
  const scale = s.rsqrt(shift(variance, eps));
  return apart.map((v) => s.mul(v, scale));
}

/** e^(x − the largest), and the logarithm of their sum with that added again. */
function exponentials(row: readonly s.Scalar[]): { powers: s.Scalar[]; total: s.Scalar; log: s.Scalar } {
  const top = largest(row);
  const powers = row.map((v) => s.exp(shift(v, -top)));
  const total = s.sum(powers);
  return { powers, total, log: shift(s.log(total), top) };
}

type Discrete = Register & { dtype: "int32" | "bool" };

export class LayerProgram extends WindowProgram {
  /** Integers and booleans; their cells have no derivatives. */
  readonly discrete: Discrete[] = [
    this.whole("int32", [2, 3], [0, -1, 2, 1, 0, 5], (data) => tensor(Int32Array.from(data), { shape: [2, 3] })),
    this.whole("bool", [3], [1, 0, 1], (data) => tensor(data.map(Boolean))),
  ];

  override check(): void {
    super.check();
    this.discrete.forEach(({ t, cells, dtype }, i) => {
      expect([t.dtype, t.shape, Array.from(t.data())], `${dtype} register ${i}`).toEqual([
        dtype,
        cells.view.shape,
        s.elements(cells).map((v) => v.value),
      ]);
    });
  }

  protected override make(op: string, x: Register, y: Register, b: number, c: number): Register | null {
    const { discrete } = this;
    const [i, j] = [discrete[discrete.length - 1 - (b % Math.min(discrete.length, 5))], discrete[c % discrete.length]];
    const made = this.decide(op, x, b) ?? this.arithmetic(op, i, j, b, c);
    if (made) discrete.push(made);
    if (!(LAYER_OPS as readonly string[]).includes(op)) return super.make(op, x, y, b, c);
    return this.slide(op, x, y, b, c) ?? this.byRows(op, x, y, b) ?? this.pick(op, x, y, i, b);
  }

  private whole(
    dtype: "int32" | "bool",
    shape: readonly number[],
    data: readonly number[],
    run: (data: readonly number[]) => Tensor,
  ): Discrete {
    return { t: run(data), cells: s.fresh(shape, data.map(s.constant)), writable: true, dtype };
  }

  /** Rows along a dim; the last one, where the layer says so. */
  private byRows(op: string, { t, cells }: Register, y: Register, b: number): Register | null {
    const { shape } = cells.view;
    if (shape.length === 0 || count(shape) === 0) return null;
    const [dim, last] = [b % shape.length, shape.length - 1];
    const back = (rows: s.Scalar[][], at: number): s.Scalar[] => s.fromRows(rows, shape, at);
    const rows = (): s.Scalar[][] => s.rows(cells, dim);
    if (op === "softmax") {
      const shares = rows().map((row) => {
        const { powers, total } = exponentials(row);
        return powers.map((power) => s.mul(power, s.reciprocal(total)));
      });
      return result(shape, back(shares, dim), () => t.softmax(dim));
    }
    if (op === "logSoftmax") {
      const logs = rows().map((row) => row.map((v) => s.sub(v, exponentials(row).log)));
      return result(shape, back(logs, dim), () => t.logSoftmax(dim));
    }
    if (op === "logsumexp") {
      const less = shape.filter((_, i) => i !== dim);
      return result(
        less,
        rows().map((row) => exponentials(row).log),
        () => t.logsumexp(dim),
      );
    }
    if (op === "batchNorm") {
      if (shape.length !== 2 || shape[0] < 2) return null;
      const columns = s.rows(cells, 0).map((column) => normalised(column, 1e-3));
      if (columns.includes(null)) return null;
      return result(shape, back(columns as s.Scalar[][], 0), () =>
        F.batchNorm(t, null, null, { training: true, eps: 1e-3 }),
      );
    }
    const size = shape[last];
    const given = s.elements(y.cells);
    if (op === "layerNorm" && size > 1) {
      const norms = s.rows(cells, last).map((row) => normalised(row, 1e-3));
      if (norms.includes(null)) return null;
      const isScaled = given.length >= size;
      const scaled = (norms as s.Scalar[][]).map((row) => row.map((v, i) => (isScaled ? s.mul(v, given[i]) : v)));
      return result(shape, back(scaled, last), () =>
        F.layerNorm(t, [size], isScaled ? y.t.reshape([-1]).narrow(0, 0, size) : null, null, 1e-3),
      );
    }
    if (op === "linear") {
      const outs = Math.min(Math.floor(given.length / size), 3);
      if (outs === 0) return null;
      const products = s
        .rows(cells, last)
        .map((row) =>
          Array.from({ length: outs }, (_, out) => s.sum(row.map((v, i) => s.mul(v, given[out * size + i])))),
        );
      return result([...shape.slice(0, -1), outs], products.flat(), () => {
        const weight = y.t.reshape([-1]).narrow(0, 0, outs * size);
        return F.linear(t, weight.view([outs, size]));
      });
    }
    return null;
  }

  /** From floats to integers and booleans. */
  private decide(op: string, { t, cells }: Register, b: number): Discrete | null {
    const { shape } = cells.view;
    const values = s.elements(cells).map((v) => v.value);
    if (op === "compare" && values.every((v) => isClear(v, 0.3))) {
      return this.whole(
        "bool",
        shape,
        values.map((v) => Number(v > 0.3)),
        () => t.gt(0.3),
      );
    }
    if (op === "toInt" && values.every((v) => isClear(v, Math.round(v)))) {
      return this.whole(
        "int32",
        shape,
        values.map((v) => Math.trunc(v) + 0),
        () => t.to("int32"),
      );
    }
    if (op === "argmax" && shape.length > 0 && count(shape) > 0) {
      const dim = b % shape.length;
      const places = s.rows(cells, dim).map(winner);
      if (places.includes(-1)) return null;
      const less = shape.filter((_, i) => i !== dim);
      return this.whole("int32", less, places, () => t.argmax(dim));
    }
    return null;
  }

  /** Of integers and booleans. */
  private arithmetic(op: string, i: Discrete, j: Discrete, b: number, c: number): Discrete | null {
    const { shape } = i.cells.view;
    if (op === "intView") {
      const made = this.view(VIEWS[c % VIEWS.length], i, b, c);
      return made && { ...made, dtype: i.dtype };
    }
    const own = s.elements(i.cells).map((v) => v.value);
    if (op === "intSum") {
      const sum = own.reduce((x, y) => (x + y) | 0, 0);
      return this.whole("int32", [], [sum], () => i.t.sum());
    }
    const common = broadcastShape(shape, j.cells.view.shape);
    if (!common || count(common) > MOST) return null;
    const stretched = (r: Discrete): number[] => s.stretched(r.cells, common).map((v) => v.value);
    const [l, r] = [stretched(i), stretched(j)];
    const isInt = i.dtype === "int32" || j.dtype === "int32";
    if (op === "intAdd" && isInt)
      return this.whole(
        "int32",
        common,
        l.map((v, k) => (v + r[k]) | 0),
        () => i.t.add(j.t),
      );
    if (op === "intMul" && isInt)
      return this.whole(
        "int32",
        common,
        l.map((v, k) => Math.imul(v, r[k]) + 0),
        () => i.t.mul(j.t),
      );
    if (op === "and" && i.dtype === j.dtype)
      return this.whole(
        i.dtype,
        common,
        l.map((v, k) => v & r[k]),
        () => i.t.bitwiseAnd(j.t),
      );
    if (op === "intAdd_" && i.dtype === "int32" && `${common}` === `${shape}` && i.writable && !s.overlaps(i.cells)) {
      if (i.cells.cells === j.cells.cells && i.t !== j.t) return null;
      i.t.add_(j.t);
      i.cells.view.data.forEach((position, k) => {
        i.cells.cells[position] = s.constant((l[k] + r[k]) | 0);
      });
      return { ...i };
    }
    return null;
  }

  /** Floats chosen, masked or multiplied by integers and booleans. */
  private pick(op: string, x: Register, y: Register, i: Discrete, b: number): Register | null {
    const { t, cells } = x;
    const { shape } = cells.view;
    const rank = shape.length;
    const chosen = s.elements(i.cells).map((v) => v.value);
    if (op === "toFloat") {
      const floats = chosen.map(s.constant);
      return result(i.cells.view.shape, floats, () => i.t.to("float32"));
    }
    const common = broadcastShape(shape, i.cells.view.shape);
    if (op === "mixed" && common && count(common) <= MOST) {
      const [l, r] = [s.stretched(cells, common), s.stretched(i.cells, common)];
      return result(
        common,
        l.map((v, k) => s.mul(v, r[k])),
        () => t.mul(i.t),
      );
    }
    if (op === "maskedFill" && i.dtype === "bool" && common && count(common) <= MOST) {
      const mask = s.stretched(i.cells, common);
      const filled = s.stretched(cells, common).map((v, k) => (mask[k].value ? s.constant(0.5) : v));
      return result(common, filled, () => t.maskedFill(i.t, 0.5));
    }
    const all = common && broadcastShape(common, y.cells.view.shape);
    if (op === "choose" && i.dtype === "bool" && all && count(all) <= MOST) {
      const [mask, l, r] = [s.stretched(i.cells, all), s.stretched(cells, all), s.stretched(y.cells, all)];
      return result(
        all,
        l.map((v, k) => (mask[k].value ? v : r[k])),
        () => where(i.t, t, y.t),
      );
    }
    if (i.dtype !== "int32" || rank === 0 || count(shape) === 0 || chosen.length === 0) return null;
    const places = (size: number): number[] => chosen.map((v) => ((v % size) + size) % size);
    const index = (size: number): Tensor => i.t.remainder(size);
    if (op === "gather") {
      const dim = b % rank;
      const one = shape.map((n, d) => (d === dim ? 1 : n));
      if (chosen.length < count(one)) return null;
      const at = places(shape[dim]);
      const picked = s.rows(cells, dim).map((row, k) => [row[at[k]]]);
      // The rows are in the order of the array without the dim, and so is the index.
      const positions = (): Tensor => index(shape[dim]).reshape([-1]).narrow(0, 0, count(one)).view(one);
      return result(one, picked.flat(), () => t.gather(dim, positions()));
    }
    const inner = count(shape) / shape[0];
    const wanted = i.cells.view.shape;
    // An index without dimensions selects, which makes a view.
    if ((op === "embedding" && rank === 2) || (op === "index" && wanted.length > 0)) {
      if (chosen.length * inner > MOST) return null;
      const own = s.elements(cells);
      const values = places(shape[0]).flatMap((row) => own.slice(row * inner, (row + 1) * inner));
      const run = (): Tensor => (op === "index" ? t.index(index(shape[0])) : F.embedding(index(shape[0]), t));
      return isSmall(values) ? result([...wanted, ...shape.slice(1)], values, run) : null;
    }
    return null;
  }
}
