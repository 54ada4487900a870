/** Bessel functions of order 0 and 1. Those without an I in their name have no derivative, as in PyTorch. */
import type { Tensor } from "../../tensor.ts";
import { mul } from "../binary.ts";
import { gt } from "../compare.ts";
import { Evaluated, mapElements } from "../evaluated.ts";
import { floatInput } from "../pointwise.ts";
import { abs, reciprocal, sign } from "../unary.ts";
import { where } from "../where.ts";

type Order = 0 | 1;

const EULER = 0.5772156649015329;

/** Σ (±x²/4)^k / (k! (k + ν)!) · (x/2)^ν (DLMF 10.2.2, 10.25.2). */
function powerSeries(order: Order, x: number, sign: 1 | -1): number {
  const z = (sign * x * x) / 4;
  let term = order === 0 ? 1 : x / 2;
  let sum = term;
  for (let k = 1; Math.abs(term) > Math.abs(sum) * 1e-17 && k < 500; k++) {
    term *= z / (k * (k + order));
    sum += term;
  }
  return sum;
}

/** Terms a_k(ν) / x^k of the expansions for large x (DLMF 10.17.1), up to the smallest. */
function expansion(order: Order, x: number): number[] {
  const terms = [1];
  for (let k = 1; k < 60; k++) {
    const next = (terms[k - 1] * (4 * order * order - (2 * k - 1) ** 2)) / (8 * k * x);
    if (Math.abs(next) >= Math.abs(terms[k - 1]) || Math.abs(next) < 1e-18) break;
    terms.push(next);
  }
  return terms;
}

/** Below, power series: at most 5 digits of 16 cancel. Above, Hankel's expansions: the smallest term is e^-2x. */
const HANKEL_FROM = 12;

/** J (or Y) by Hankel's expansions, DLMF 10.17.3 and 10.17.4. */
function hankel(order: Order, x: number, second: boolean): number {
  const terms = expansion(order, x);
  let [p, q] = [0, 0];
  for (let k = 0; k < terms.length; k++) {
    const signed = k % 4 < 2 ? terms[k] : -terms[k];
    if (k % 2 === 0) p += signed;
    else q += signed;
  }
  const angle = x - (order / 2 + 0.25) * Math.PI;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return Math.sqrt(2 / (Math.PI * x)) * (second ? p * s + q * c : p * c - q * s);
}

function besselJ(order: Order, x: number): number {
  const u = Math.abs(x);
  if (u === Infinity) return 0;
  const value = u < HANKEL_FROM ? powerSeries(order, u, -1) : hankel(order, u, false);
  return order === 1 && x < 0 ? -value : value;
}

/** DLMF 10.8.1 and 10.8.2 for small x. */
function besselY(order: Order, x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : Number.NaN;
  if (x === Infinity) return 0;
  if (x >= HANKEL_FROM) return hankel(order, x, true);
  const z = (-x * x) / 4;
  let term = order === 0 ? 1 : x / 2;
  let harmonic = 0;
  let sum = order * term;
  for (let k = 1; Math.abs(term) > 1e-18 && k < 100; k++) {
    term *= z / (k * (k + order));
    harmonic += 1 / k;
    sum += term * (order === 0 ? harmonic : 2 * harmonic + 1 / (k + 1));
  }
  const regular = (2 / Math.PI) * (Math.log(x / 2) + EULER) * powerSeries(order, x, -1);
  return order === 0 ? regular - (2 / Math.PI) * sum : regular - sum / Math.PI - 2 / (Math.PI * x);
}

/** e^-|x| I(x): all terms of the series are positive, and above 30 DLMF 10.40.1 has 16 digits. */
function scaledI(order: Order, x: number): number {
  const u = Math.abs(x);
  let value: number;
  if (u === Infinity) return 0;
  if (u < 30) {
    value = powerSeries(order, u, 1) * Math.exp(-u);
  } else {
    value =
      expansion(order, u).reduce((sum, term, k) => sum + (k % 2 === 0 ? term : -term), 0) / Math.sqrt(2 * Math.PI * u);
  }
  return order === 1 && x < 0 ? -value : value;
}

/**
 * e^x K_ν(x) = ∫ exp(-x (cosh t - 1)) cosh νt dt over t > 0 (DLMF 10.32.9) by the trapezoidal rule, which converges
 * geometrically here (Trefethen and Weideman, SIAM Review 56, 2014): the step is 0.35 of the width of the integrand.
 */
export function scaledK(order: number, x: number): number {
  if (!(x > 0)) return x === 0 ? Infinity : Number.NaN;
  if (x === Infinity) return 0;
  const h = 0.35 * Math.min(0.5, 1 / Math.sqrt(x));
  let sum = 0.5;
  for (let t = h; ; t += h) {
    const exponent = 2 * x * Math.sinh(t / 2) ** 2;
    if (exponent > 740) break;
    const term = Math.exp(-exponent) * Math.cosh(order * t);
    sum += term;
    if (term < sum * 1e-18) break;
  }
  return sum * h;
}

function plain(name: string, input: Tensor, f: (x: number) => number): Tensor {
  return mapElements(floatInput(input, name), f);
}

/** The Bessel function of the first kind J₀. @example special.besselJ0(tensor([0, 1])).tolist() // [1, 0.7652] */
export function besselJ0(input: Tensor): Tensor {
  return plain("besselJ0", input, (x) => besselJ(0, x));
}

/** The Bessel function of the first kind J₁. @example special.besselJ1(tensor([0, 1])).tolist() // [0, 0.4401] */
export function besselJ1(input: Tensor): Tensor {
  return plain("besselJ1", input, (x) => besselJ(1, x));
}

/**
 * The Bessel function of the second kind Y₀; -∞ at 0, NaN below.
 * @example special.besselY0(tensor([1, 2])).tolist() // [0.0883, 0.5104]
 */
export function besselY0(input: Tensor): Tensor {
  return plain("besselY0", input, (x) => besselY(0, x));
}

/**
 * The Bessel function of the second kind Y₁; -∞ at 0, NaN below.
 * @example special.besselY1(tensor([1, 2])).tolist() // [-0.7812, -0.1070]
 */
export function besselY1(input: Tensor): Tensor {
  return plain("besselY1", input, (x) => besselY(1, x));
}

/**
 * The modified Bessel function I₀, without a derivative: `i0` has one.
 * @example special.modifiedBesselI0(tensor([0, 1])).tolist() // [1, 1.2661]
 */
export function modifiedBesselI0(input: Tensor): Tensor {
  return plain("modifiedBesselI0", input, (x) => scaledI(0, x) * Math.exp(Math.abs(x)));
}

/**
 * The modified Bessel function I₁, without a derivative: `i1` has one.
 * @example special.modifiedBesselI1(tensor([0, 1])).tolist() // [0, 0.5652]
 */
export function modifiedBesselI1(input: Tensor): Tensor {
  return plain("modifiedBesselI1", input, (x) => scaledI(1, x) * Math.exp(Math.abs(x)));
}

/**
 * The modified Bessel function of the second kind K₀; ∞ at 0, NaN below.
 * @example special.modifiedBesselK0(tensor([1, 2])).tolist() // [0.4210, 0.1139]
 */
export function modifiedBesselK0(input: Tensor): Tensor {
  return plain("modifiedBesselK0", input, (x) => scaledK(0, x) * Math.exp(-x));
}

/**
 * The modified Bessel function of the second kind K₁; ∞ at 0, NaN below.
 * @example special.modifiedBesselK1(tensor([1, 2])).tolist() // [0.6019, 0.1399]
 */
export function modifiedBesselK1(input: Tensor): Tensor {
  return plain("modifiedBesselK1", input, (x) => scaledK(1, x) * Math.exp(-x));
}

/** e^x K₀(x). @example special.scaledModifiedBesselK0(tensor([1, 2])).tolist() // [1.1445, 0.8416] */
export function scaledModifiedBesselK0(input: Tensor): Tensor {
  return plain("scaledModifiedBesselK0", input, (x) => scaledK(0, x));
}

/** e^x K₁(x). @example special.scaledModifiedBesselK1(tensor([1, 2])).tolist() // [1.6362, 1.0335] */
export function scaledModifiedBesselK1(input: Tensor): Tensor {
  return plain("scaledModifiedBesselK1", input, (x) => scaledK(1, x));
}

/**
 * The spherical Bessel function j₀: sin(x) / x.
 * @example special.sphericalBesselJ0(tensor([0, 1])).tolist() // [1, 0.8415]
 */
export function sphericalBesselJ0(input: Tensor): Tensor {
  return plain("sphericalBesselJ0", input, (x) => (x === 0 ? 1 : Math.abs(x) === Infinity ? 0 : Math.sin(x) / x));
}

/** Where 1/x would be infinite, or about to be: derivatives have their limits at 0 there. */
const TINY = 1.1920929e-7;

/** `slope` away from 0, where it gets x; 1/2 at 0. */
function aroundZero(x: Tensor, slope: (x: Tensor) => Tensor): Tensor {
  const away = gt(abs(x), TINY);
  return where(away, slope(where(away, x, TINY)), 0.5);
}

const I0: Evaluated = /* @__PURE__ */ new Evaluated("I0Backward0", (g, [x]) => mul(g, i1(x)));
const I0E: Evaluated = /* @__PURE__ */ new Evaluated("SpecialI0EBackward0", (g, [x]) =>
  mul(g, i1e(x).sub(mul(sign(x), i0e(x)))),
);
const I1: Evaluated = /* @__PURE__ */ new Evaluated("SpecialI1Backward0", (g, [x]) =>
  mul(
    g,
    aroundZero(x, (u) => i0(u).sub(mul(i1(u), reciprocal(u)))),
  ),
);
const I1E: Evaluated = /* @__PURE__ */ new Evaluated("SpecialI1EBackward0", (g, [x]) =>
  mul(
    g,
    aroundZero(x, (u) => i0e(u).sub(mul(i1e(u), sign(u).add(reciprocal(u))))),
  ),
);

/** The modified Bessel function I₀. @example special.i0(tensor(0)).item() // 1 */
export function i0(input: Tensor): Tensor {
  return I0.map(floatInput(input, "i0"), (x) => scaledI(0, x) * Math.exp(Math.abs(x)));
}

/** e^-|x| I₀(x), which does not overflow. @example special.i0e(tensor([0, 1])).tolist() // [1, 0.4658] */
export function i0e(input: Tensor): Tensor {
  return I0E.map(floatInput(input, "i0e"), (x) => scaledI(0, x));
}

/** The modified Bessel function I₁. @example special.i1(tensor([0, 1])).tolist() // [0, 0.5652] */
export function i1(input: Tensor): Tensor {
  return I1.map(floatInput(input, "i1"), (x) => scaledI(1, x) * Math.exp(Math.abs(x)));
}

/** e^-|x| I₁(x), which does not overflow. @example special.i1e(tensor([0, 1])).tolist() // [0, 0.2079] */
export function i1e(input: Tensor): Tensor {
  return I1E.map(floatInput(input, "i1e"), (x) => scaledI(1, x));
}
