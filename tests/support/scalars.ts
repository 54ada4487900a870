/**
 * A reference with derivatives of every order: each element is a number in float64 that knows what it came from. An array is
 * a list of cells; views show the cells of their base, and writing in place puts other numbers into them, so that history
 * needs no thought.
 */
import { accumulate, broadcastTo, count, type Naive, permute, positions, reduce } from "./naive.ts";

let created = 0;

export class Scalar {
  readonly id: number = created++;
  readonly value: number;
  /** What it was computed from, and the derivative by each, made when asked for. */
  readonly parents: readonly (readonly [Scalar, () => Scalar])[];
  /** Whether its derivative leads anywhere. */
  readonly varies: boolean;

  constructor(value: number, parents: readonly (readonly [Scalar, () => Scalar])[] = [], varies = false) {
    this.value = value;
    this.parents = parents.filter(([parent]) => parent.varies);
    this.varies = varies || this.parents.length > 0;
  }
}

export const constant = (value: number): Scalar => new Scalar(value);
export const variable = (value: number): Scalar => new Scalar(value, [], true);
const ONE = constant(1);

export const add = (a: Scalar, b: Scalar): Scalar =>
  new Scalar(a.value + b.value, [
    [a, () => ONE],
    [b, () => ONE],
  ]);
export const mul = (a: Scalar, b: Scalar): Scalar =>
  new Scalar(a.value * b.value, [
    [a, () => b],
    [b, () => a],
  ]);
export const neg = (a: Scalar): Scalar => mul(a, constant(-1));
export const sub = (a: Scalar, b: Scalar): Scalar => add(a, neg(b));
export const sum = (all: readonly Scalar[]): Scalar => all.reduce(add, constant(0));

function unary(value: number, a: Scalar, derivative: (y: Scalar) => Scalar): Scalar {
  const y: Scalar = new Scalar(value, [[a, () => derivative(y)]]);
  return y;
}

export const sin = (a: Scalar): Scalar => unary(Math.sin(a.value), a, () => cos(a));
export const cos = (a: Scalar): Scalar => unary(Math.cos(a.value), a, () => neg(sin(a)));
export const exp = (a: Scalar): Scalar => unary(Math.exp(a.value), a, (y) => y);
export const tanh = (a: Scalar): Scalar => unary(Math.tanh(a.value), a, (y) => sub(ONE, mul(y, y)));
export const sigmoid = (a: Scalar): Scalar => unary(1 / (1 + Math.exp(-a.value)), a, (y) => mul(y, sub(ONE, y)));
export const log = (a: Scalar): Scalar => unary(Math.log(a.value), a, () => reciprocal(a));
export const rsqrt = (a: Scalar): Scalar =>
  unary(1 / Math.sqrt(a.value), a, (y) => mul(constant(-0.5), mul(y, mul(y, y))));
export const reciprocal = (a: Scalar): Scalar => unary(1 / a.value, a, (y) => neg(mul(y, y)));

/** Derivatives of one number by others, which can be differentiated in turn. */
export function derivatives(root: Scalar, by: readonly Scalar[]): Scalar[] {
  const reached = new Set<Scalar>([root]);
  for (const scalar of reached) for (const [parent] of scalar.parents) reached.add(parent);
  const gradients = new Map<Scalar, Scalar>([[root, ONE]]);
  for (const scalar of [...reached].sort((a, b) => b.id - a.id)) {
    const g = gradients.get(scalar) as Scalar;
    for (const [parent, derivative] of scalar.parents) {
      const share = mul(g, derivative());
      const known = gradients.get(parent);
      gradients.set(parent, known ? add(known, share) : share);
    }
  }
  return by.map((scalar) => gradients.get(scalar) ?? constant(0));
}

/** An array, or a view of one: for each element the cell that holds it. */
export interface Cells {
  readonly cells: Scalar[];
  readonly view: Naive;
}

export const fresh = (shape: readonly number[], cells: Scalar[]): Cells => ({ cells, view: positions(shape) });
export const elements = ({ cells, view }: Cells): Scalar[] => view.data.map((position) => cells[position]);

/** The elements of `a` where it is stretched to a shape. */
export function stretched(a: Cells, shape: readonly number[]): Scalar[] {
  return broadcastTo(a.view, shape).data.map((position) => a.cells[position]);
}

/** The elements of each row along a dim. */
export function rows(a: Cells, dim: number): Scalar[][] {
  const found: Scalar[][] = [];
  const collect = (row: number[]): number => found.push(row.map((position) => a.cells[position]));
  reduce(collect, a.view, [dim], true);
  return found;
}

/** Rows along a dim as the elements of an array: the way back from `rows`. */
export function fromRows(all: readonly (readonly Scalar[])[], shape: readonly number[], dim: number): Scalar[] {
  const order = shape.map((_, i) => i).filter((i) => i !== dim);
  const rowwise = positions([...order.map((i) => shape[i]), shape[dim]]);
  // The dims before `dim` stay, those behind it were one further to the front.
  const back = shape.map((_, i) => (i === dim ? shape.length - 1 : i < dim ? i : i - 1));
  const flat = all.flat();
  return count(shape) === 0 ? [] : permute(rowwise, back).data.map((i) => flat[i]);
}

/** Whether elements share cells, so that nothing can be written there. */
export function overlaps({ view, cells }: Cells): boolean {
  const ones = view.data.map(() => 1);
  return accumulate(view, ones, [cells.length]).data.some((times) => times > 1);
}
