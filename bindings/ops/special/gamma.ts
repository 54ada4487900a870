/** The gamma function, its derivatives and its incomplete forms; Hurwitz's zeta function. */
import { TensorError } from "../../core/errors.ts";
import type { Tensor } from "../../tensor.ts";
import { mul } from "../binary.ts";
import { Evaluated, noDerivative } from "../evaluated.ts";
import { exp, log } from "../exponential.ts";
import { bothTensors, checkTensor, floatInput, type Operand, overload } from "../pointwise.ts";
import { erfcxOf } from "./error.ts";

/** Lanczos' approximation, SIAM J. Numer. Anal. B 1 (1964), with g = 7 and nine terms: 1e-15. Godfrey, 2001. */
const LANCZOS: readonly number[] = [
  0.9999999999998099, 676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
];

/** sin(πx), reduced first so that large x keep their digits. */
function sinPi(x: number): number {
  return Math.sin(Math.PI * (x % 2));
}

/** log |Γ(x)|. */
export function lgammaOf(x: number): number {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? x : Infinity;
  if (x <= 0 && Number.isInteger(x)) return Infinity;
  if (x < 0.5) return Math.log(Math.PI / Math.abs(sinPi(x))) - lgammaOf(1 - x);
  let sum = LANCZOS[0];
  for (let k = 1; k < LANCZOS.length; k++) sum += LANCZOS[k] / (x - 1 + k);
  const t = x + 6.5;
  return (x - 0.5) * Math.log(t) - t + Math.log(sum * Math.sqrt(2 * Math.PI));
}

/** Bernoulli numbers B₂, B₄, ... */
const BERNOULLI: readonly number[] = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510];

/** ψ(x): recurrence to x ≥ 10, then the asymptotic series (DLMF 5.11.2); reflection below 0. */
function digammaOf(x: number): number {
  if (x === 0) return Object.is(x, -0) ? Infinity : -Infinity;
  if (x < 0) {
    if (Number.isInteger(x) || x === -Infinity) return Number.NaN;
    return digammaOf(1 - x) - Math.PI / Math.tan(Math.PI * (x % 1));
  }
  if (x === Infinity) return x;
  let y = x;
  let sum = 0;
  while (y < 10) sum -= 1 / y++;
  sum += Math.log(y) - 0.5 / y;
  let power = 1;
  for (let k = 0; k < BERNOULLI.length; k++) {
    power /= y * y;
    sum -= (BERNOULLI[k] / (2 * k + 2)) * power;
  }
  return sum;
}

/**
 * ζ(s, q) = Σ 1/(q + k)^s by Euler and Maclaurin's formula from q + N ≥ 10 on (DLMF 25.11.5). Below 0 as in Cephes: the terms
 * of real numbers to integer powers are summed as they are.
 */
export function zetaOf(s: number, q: number): number {
  if (s === 1) return Infinity;
  if (!(s > 1)) return Number.NaN;
  if (q === Infinity) return 0;
  if (q <= 0) {
    if (Number.isInteger(q) || q === -Infinity) return Infinity;
    if (!Number.isInteger(s) && s !== Infinity) return Number.NaN;
  }
  if (s === Infinity) return q < 1 ? Infinity : Number(q === 1);
  let a = q;
  let sum = 0;
  for (let k = 0; k < 10 || a < 10; k++) sum += (a++) ** -s;
  const head = a ** -s;
  sum += (head * a) / (s - 1) + head / 2;
  let factor = (s * head) / a;
  for (let k = 0; k < BERNOULLI.length; k++) {
    const j = 2 * k + 2;
    sum += (BERNOULLI[k] / FACTORIALS[j]) * factor;
    factor *= ((s + j - 1) * (s + j)) / (a * a);
  }
  return sum;
}

const FACTORIALS: readonly number[] = /* @__PURE__ */ [...Array(21).keys()].map((n) => {
  let product = 1;
  for (let k = 2; k <= n; k++) product *= k;
  return product;
});

/** From here on the terms that are left out below, of order a^-2, are 1e-10 of the result, and series would be long. */
const UNIFORM_FROM = 1e4;

/** P(a, x), or Q(a, x), for large a, uniformly in x (DLMF 8.12.4 with the first two coefficients, 8.12.9 and 8.12.10). */
function uniformGamma(a: number, x: number, upper: boolean): number {
  const mu = (x - a) / a;
  const near = Math.abs(mu) < 0.01;
  const half = near ? mu * mu * (1 / 2 - mu * (1 / 3 - mu * (1 / 4 - mu * (1 / 5 - mu / 6)))) : mu - Math.log1p(mu);
  const eta = Math.sign(mu) * Math.sqrt(2 * half);
  const c0 = near ? -1 / 3 + eta * (1 / 12 - eta * (2 / 135 - eta * (1 / 864 + eta / 2835))) : 1 / mu - 1 / eta;
  const c1 = near ? -1 / 540 - eta / 288 : eta ** -3 - mu ** -3 - mu ** -2 - 1 / (12 * mu);
  const u = Math.abs(eta) * Math.sqrt(a / 2);
  const tail = (Math.exp(-u * u) * erfcxOf(u)) / 2;
  const rest = (Math.exp(-u * u) / Math.sqrt(2 * Math.PI * a)) * (c0 + c1 / a);
  return (upper === eta > 0 ? tail : 1 - tail) + (upper ? rest : -rest);
}

/** Regularised lower (or upper) incomplete gamma function: power series or continued fraction (DLMF 8.11.4, 8.9.2). */
function incompleteGamma(a: number, x: number, upper: boolean): number {
  const lower = lowerLimits(a, x);
  if (lower !== null) return upper ? 1 - lower : lower;
  if (a > UNIFORM_FROM) return uniformGamma(a, x, upper);
  const scale = Math.exp(a * Math.log(x) - x - lgammaOf(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let k = 1; Math.abs(term) > Math.abs(sum) * 1e-17; k++) {
      term *= x / (a + k);
      sum += term;
    }
    return upper ? 1 - scale * sum : scale * sum;
  }
  const value = scale * fraction(a, x);
  return upper ? value : 1 - value;
}

/** P(a, x) at the edges of its domain, NaN outside; null inside. */
function lowerLimits(a: number, x: number): number | null {
  if (!(a >= 0) || !(x >= 0)) return Number.NaN;
  if (a === 0) return x > 0 ? 1 : Number.NaN;
  if (x === 0) return 0;
  if (a === Infinity) return x === Infinity ? Number.NaN : 0;
  return x === Infinity ? 1 : null;
}

/** Γ(a, x) e^x / x^a by the modified method of Lentz (Thompson and Barnett, 1986). */
function fraction(a: number, x: number): number {
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let value = d;
  for (let k = 1, delta = 0; Math.abs(delta - 1) > 1e-16 && k < UNIFORM_FROM; k++) {
    const step = -k * (k - a);
    b += 2;
    d = 1 / (step * d + b || tiny);
    c = b + step / c || tiny;
    delta = c * d;
    value *= delta;
  }
  return value;
}

const LGAMMA: Evaluated = /* @__PURE__ */ new Evaluated("LgammaBackward0", (g, [x]) => mul(g, digamma(x)));
const DIGAMMA: Evaluated = /* @__PURE__ */ new Evaluated("DigammaBackward0", (g, [x]) => mul(g, polygamma(1, x)));
const POLYGAMMA: Evaluated = /* @__PURE__ */ new Evaluated("PolygammaBackward0", (g, [x], n) =>
  mul(g, polygamma(n + 1, x)),
);

/** log |Γ(x)|. @example lgamma(tensor(5)).item() // 3.1781 */
export function lgamma(input: Tensor): Tensor {
  return LGAMMA.map(floatInput(input, "lgamma"), lgammaOf);
}

/** The derivative of lgamma. @example digamma(tensor([1, 2])).tolist() // [-0.5772, 0.4228] */
export function digamma(input: Tensor): Tensor {
  return DIGAMMA.map(floatInput(input, "digamma"), digammaOf);
}

/**
 * The n-th derivative of digamma: (-1)^(n+1) n! ζ(n + 1, x).
 * @throws {TensorError} a negative n
 * @example polygamma(1, tensor([1, 2])).tolist() // [1.6449, 0.6449]
 */
export function polygamma(n: number, input: Tensor): Tensor {
  if (!(Number.isInteger(n) && n >= 0)) throw new TensorError("polygamma(n, x) does not support negative n.");
  const x = floatInput(input, "polygamma");
  if (n === 0) return POLYGAMMA.map(x, digammaOf);
  const factor = (n % 2 === 0 ? -1 : 1) * Math.exp(lgammaOf(n + 1));
  return POLYGAMMA.map(x, (v) => factor * zetaOf(n + 1, v), n);
}

const MVLGAMMA: Evaluated = /* @__PURE__ */ new Evaluated("MvlgammaBackward0", (g, [x], p) => {
  let slope = digamma(x);
  for (let j = 1; j < p; j++) slope = slope.add(digamma(x.sub(j / 2)));
  return mul(g, slope);
});

/**
 * log of the p-dimensional gamma function: Σ log Γ(x - j/2) for j below p, + p (p - 1)/4 log π.
 * @example mvlgamma(tensor([2, 3]), 2).tolist() // [0.4516, 1.5502]
 */
export function mvlgamma(input: Tensor, p: number | { p: number }): Tensor {
  const order = typeof p === "object" ? p.p : p;
  if (!(Number.isInteger(order) && order >= 1)) throw new TensorError("p has to be greater than or equal to 1");
  const constant = ((order * (order - 1)) / 4) * Math.log(Math.PI);
  const value = (x: number): number => {
    let sum = constant;
    for (let j = 0; j < order; j++) sum += lgammaOf(x - j / 2);
    return sum;
  };
  return MVLGAMMA.map(floatInput(input, "mvlgamma"), value, order);
}

/** x^(a-1) e^-x / Γ(a), the density of the gamma distribution. */
function gammaDensity(a: Tensor, x: Tensor): Tensor {
  return exp(mul(a.sub(1), log(x)).sub(x).sub(lgamma(a)));
}

const IGAMMA: Evaluated = /* @__PURE__ */ new Evaluated("IgammaBackward0", noDerivative("igamma: input"), (g, [a, x]) =>
  mul(g, gammaDensity(a, x)),
);
const IGAMMAC: Evaluated = /* @__PURE__ */ new Evaluated(
  "IgammacBackward0",
  noDerivative("igammac: input"),
  (g, [a, x]) => mul(g, gammaDensity(a, x)).neg(),
);

/**
 * The regularised lower incomplete gamma function P(input, other); no derivative by input.
 * @example igamma(tensor([1]), tensor([2])).tolist() // [0.8647]
 */
export function igamma(input: Tensor, other: Tensor): Tensor {
  checkTensor("igamma", other, "other");
  return IGAMMA.zip(floatInput(input, "igamma"), floatInput(other, "igamma"), (a, x) => incompleteGamma(a, x, false));
}

/**
 * The regularised upper incomplete gamma function 1 - P(input, other); no derivative by input.
 * @example igammac(tensor([1]), tensor([2])).tolist() // [0.1353]
 */
export function igammac(input: Tensor, other: Tensor): Tensor {
  checkTensor("igammac", other, "other");
  return IGAMMAC.zip(floatInput(input, "igammac"), floatInput(other, "igammac"), (a, x) => incompleteGamma(a, x, true));
}

const ZETA: Evaluated = /* @__PURE__ */ new Evaluated("SpecialZetaBackward0", noDerivative("zeta"), (g, [s, q]) =>
  mul(g, mul(s.neg(), zeta(s.add(1), q))),
);

/**
 * Hurwitz's zeta function Σ 1/(other + k)^input over k ≥ 0; either may be a number. No derivative by input.
 * @example special.zeta(tensor([2]), tensor([1])).tolist() // [1.6449]
 */
export function zeta(input: Operand, other: Operand): Tensor {
  const [s, q] = bothTensors("zeta", input, other).map((t) => floatInput(t, "zeta"));
  return ZETA.zip(s, q, zetaOf, `SpecialZetaBackward${overload(input, other)}`);
}
