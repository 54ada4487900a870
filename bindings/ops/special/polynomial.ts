/**
 * Orthogonal polynomials by their recurrences (DLMF 18.9.1, table 18.9.1). The degree is cut to an integer, below 0 the value
 * is 0; either operand may be a number. No derivatives, as in PyTorch.
 */
import type { Tensor } from "../../tensor.ts";
import { zipElements } from "../evaluated.ts";
import { bothTensors, floatInput, type Operand } from "../pointwise.ts";

/** The value of degree k + 1 from those of degrees k and k - 1. */
type Recurrence = (x: number, k: number, value: number, before: number) => number;

/** `start` is the value of degree 1. */
function recur(x: number, degree: number, start: number, next: Recurrence): number {
  const n = Math.trunc(degree);
  if (n < 0) return 0;
  if (n === 0) return 1;
  let [before, value] = [1, start];
  for (let k = 1; k < n && !Number.isNaN(value); k++) [before, value] = [value, next(x, k, value, before)];
  return value;
}

function polynomial(name: string, input: Operand, n: Operand, f: (x: number, n: number) => number): Tensor {
  const [x, degree] = bothTensors(name, input, n).map((t) => floatInput(t, name));
  return zipElements(x, degree, f);
}

const doubled: Recurrence = (x, _, value, before) => 2 * x * value - before;

/** Above this degree, between -1 and 1, cosines take no longer and are as exact. */
const COSINES_FROM = 6;

/** The four kinds differ in degree 1, and in what sine or cosine they are of. */
function chebyshev(x: number, degree: number, start: number, closed: (n: number, angle: number) => number): number {
  const n = Math.trunc(degree);
  if (n > COSINES_FROM && Math.abs(x) < 1) return closed(n, Math.acos(x));
  return recur(x, n, start, doubled);
}

const first = (x: number, n: number): number => chebyshev(x, n, x, (k, a) => Math.cos(k * a));
const second = (x: number, n: number): number => chebyshev(x, n, 2 * x, (k, a) => Math.sin((k + 1) * a) / Math.sin(a));
const third = (x: number, n: number): number =>
  chebyshev(x, n, 2 * x - 1, (k, a) => Math.cos((k + 0.5) * a) / Math.cos(a / 2));
const fourth = (x: number, n: number): number =>
  chebyshev(x, n, 2 * x + 1, (k, a) => Math.sin((k + 0.5) * a) / Math.sin(a / 2));

/** Chebyshev polynomial of the first kind Tₙ: cos(n arccos x). @example special.chebyshevPolynomialT(tensor(2), 3).item() // 26 */
export function chebyshevPolynomialT(input: Operand, n: Operand): Tensor {
  return polynomial("chebyshevPolynomialT", input, n, first);
}

/**
 * Chebyshev polynomial of the second kind Uₙ.
 * @example special.chebyshevPolynomialU(tensor([0.5]), 2).tolist() // [0]
 */
export function chebyshevPolynomialU(input: Operand, n: Operand): Tensor {
  return polynomial("chebyshevPolynomialU", input, n, second);
}

/**
 * Chebyshev polynomial of the third kind Vₙ.
 * @example special.chebyshevPolynomialV(tensor([0.5]), 2).tolist() // [-1]
 */
export function chebyshevPolynomialV(input: Operand, n: Operand): Tensor {
  return polynomial("chebyshevPolynomialV", input, n, third);
}

/**
 * Chebyshev polynomial of the fourth kind Wₙ.
 * @example special.chebyshevPolynomialW(tensor([0.5]), 2).tolist() // [1]
 */
export function chebyshevPolynomialW(input: Operand, n: Operand): Tensor {
  return polynomial("chebyshevPolynomialW", input, n, fourth);
}

/**
 * Tₙ(2x - 1), orthogonal between 0 and 1.
 * @example special.shiftedChebyshevPolynomialT(tensor([1]), 2).tolist() // [1]
 */
export function shiftedChebyshevPolynomialT(input: Operand, n: Operand): Tensor {
  return polynomial("shiftedChebyshevPolynomialT", input, n, (x, k) => first(2 * x - 1, k));
}

/** Uₙ(2x - 1). @example special.shiftedChebyshevPolynomialU(tensor([1]), 2).tolist() // [3] */
export function shiftedChebyshevPolynomialU(input: Operand, n: Operand): Tensor {
  return polynomial("shiftedChebyshevPolynomialU", input, n, (x, k) => second(2 * x - 1, k));
}

/** Vₙ(2x - 1). @example special.shiftedChebyshevPolynomialV(tensor([1]), 2).tolist() // [1] */
export function shiftedChebyshevPolynomialV(input: Operand, n: Operand): Tensor {
  return polynomial("shiftedChebyshevPolynomialV", input, n, (x, k) => third(2 * x - 1, k));
}

/** Wₙ(2x - 1). @example special.shiftedChebyshevPolynomialW(tensor([0]), 2).tolist() // [1] */
export function shiftedChebyshevPolynomialW(input: Operand, n: Operand): Tensor {
  return polynomial("shiftedChebyshevPolynomialW", input, n, (x, k) => fourth(2 * x - 1, k));
}

/** Hermite polynomial of physicists Hₙ. @example special.hermitePolynomialH(tensor([2]), 2).tolist() // [14] */
export function hermitePolynomialH(input: Operand, n: Operand): Tensor {
  const next: Recurrence = (x, k, value, before) => 2 * (x * value - k * before);
  return polynomial("hermitePolynomialH", input, n, (x, k) => recur(x, k, 2 * x, next));
}

/** Hermite polynomial of statisticians Heₙ. @example special.hermitePolynomialHe(tensor([2]), 2).tolist() // [3] */
export function hermitePolynomialHe(input: Operand, n: Operand): Tensor {
  const next: Recurrence = (x, k, value, before) => x * value - k * before;
  return polynomial("hermitePolynomialHe", input, n, (x, k) => recur(x, k, x, next));
}

/** Laguerre polynomial Lₙ. @example special.laguerrePolynomialL(tensor([2]), 2).tolist() // [-1] */
export function laguerrePolynomialL(input: Operand, n: Operand): Tensor {
  const next: Recurrence = (x, k, value, before) => ((2 * k + 1 - x) * value - k * before) / (k + 1);
  return polynomial("laguerrePolynomialL", input, n, (x, k) => recur(x, k, 1 - x, next));
}

/** Legendre polynomial Pₙ. @example special.legendrePolynomialP(tensor([2]), 2).tolist() // [5.5] */
export function legendrePolynomialP(input: Operand, n: Operand): Tensor {
  const next: Recurrence = (x, k, value, before) => ((2 * k + 1) * x * value - k * before) / (k + 1);
  return polynomial("legendrePolynomialP", input, n, (x, k) => recur(x, k, x, next));
}
