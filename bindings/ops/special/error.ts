/** The error function and the normal distribution. */
import { Op } from "../../../assembly/abi/op.ts";
import { defineRule } from "../../autograd/rules.ts";
import { renamed } from "../../core/names.ts";
import type { Tensor } from "../../tensor.ts";
import { div, mul } from "../binary.ts";
import { Evaluated } from "../evaluated.ts";
import { exp } from "../exponential.ts";
import { float, floatInput } from "../pointwise.ts";
import { square } from "../unary.ts";

/** The error function, 2/√π ∫₀ˣ e^(-t²) dt. @example erf(tensor([0, 1])).tolist() // [0, 0.8427] */
export function erf(input: Tensor): Tensor {
  return float(Op.Erf, input, "erf");
}

/** 1 - erf(x), accurate also where it is small. @example erfc(tensor([0, 1])).tolist() // [1, 0.1573] */
export function erfc(input: Tensor): Tensor {
  return float(Op.Erfc, input, "erfc");
}

/** The inverse of erf; infinite at ±1, NaN beyond. @example erfinv(tensor([0, 0.5])).tolist() // [0, 0.4769] */
export function erfinv(input: Tensor): Tensor {
  return float(Op.Erfinv, input, "erfinv");
}

/** e^(-x²) · 2/√π, the derivative of erf. */
function bell(x: Tensor): Tensor {
  return mul(exp(square(x).neg()), 2 / Math.sqrt(Math.PI));
}

defineRule(Op.Erf, (g, n) => [mul(g, bell(n.input(0)))]);
defineRule(Op.Erfc, (g, n) => [mul(g, bell(n.input(0))).neg()]);
defineRule(Op.Erfinv, (g, n) => [mul(g, mul(exp(square(n.output())), Math.sqrt(Math.PI) / 2))]);

/**
 * e^(x²) erfc(x). From 1/2 on the trapezoidal rule for x/π ∫ e^(-t²)/(x² + t²) dt, corrected for the poles (Chiarella and
 * Reichel, Math. Comp. 22, 1968); Maclaurin's series of erf below.
 */
export function erfcxOf(x: number): number {
  if (x < 0) return 2 * Math.exp(x * x) - erfcxOf(-x);
  if (x === Infinity) return 0;
  const z = x * x;
  if (x < 0.5) {
    let term = x;
    let sum = x;
    for (let k = 1; Math.abs(term) > 1e-18; k++) {
      term *= -z / k;
      sum += term / (2 * k + 1);
    }
    return Math.exp(z) * (1 - (2 / Math.sqrt(Math.PI)) * sum);
  }
  const h = 0.5;
  let sum = 0.5 / z;
  for (let k = 1; k <= 12; k++) sum += Math.exp(-((k * h) ** 2)) / (z + (k * h) ** 2);
  const poles = x < Math.PI / h ? (2 * Math.exp(z)) / Math.expm1((2 * Math.PI * x) / h) : 0;
  return ((2 * h * x) / Math.PI) * sum - poles;
}

/** log Φ(x). */
function logNdtrOf(x: number): number {
  const u = x * Math.SQRT1_2;
  if (x < 1) return Math.log(erfcxOf(-u) / 2) - u * u;
  return Math.log1p((-Math.exp(-u * u) * erfcxOf(u)) / 2);
}

/** Newton's method for log Φ(x) = log p, which is concave: from the left it approaches without overshooting. */
function ndtriOf(p: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : Number.NaN;
  if (p > 0.5) return -ndtriOf(1 - p);
  const target = Math.log(p);
  let x = -Math.sqrt(-2 * target);
  for (let i = 0; i < 50; i++) {
    const step = (target - logNdtrOf(x)) * erfcxOf(-x * Math.SQRT1_2) * Math.sqrt(Math.PI / 2);
    x += step;
    if (Math.abs(step) <= 1e-14 * Math.max(1, Math.abs(x))) break;
  }
  return x;
}

const ERFCX: Evaluated = /* @__PURE__ */ new Evaluated("SpecialErfcxBackward0", (g, [x]) =>
  mul(g, mul(mul(x, 2), erfcx(x)).sub(2 / Math.sqrt(Math.PI))),
);

/**
 * e^(x²) erfc(x), which does not vanish where erfc does.
 * @example special.erfcx(tensor([0, 10])).tolist() // [1, 0.0561]
 */
export function erfcx(input: Tensor): Tensor {
  return ERFCX.map(floatInput(input, "erfcx"), erfcxOf);
}

/** Φ(x), the distribution function of the normal distribution. @example special.ndtr(tensor(0)).item() // 0.5 */
export function ndtr(input: Tensor): Tensor {
  return renamed(mul(erfc(mul(floatInput(input, "ndtr"), -Math.SQRT1_2)), 0.5), "MulBackward1");
}

const LOG_NDTR: Evaluated = /* @__PURE__ */ new Evaluated("SpecialLogNdtrBackward0", (g, [x]) =>
  mul(div(g, erfcx(mul(x, -Math.SQRT1_2))), Math.sqrt(2 / Math.PI)),
);

/**
 * log Φ(x), accurate also far to the left.
 * @example special.logNdtr(tensor([0, -10])).tolist() // [-0.6931, -53.2313]
 */
export function logNdtr(input: Tensor): Tensor {
  return LOG_NDTR.map(floatInput(input, "logNdtr"), logNdtrOf);
}

const NDTRI: Evaluated = /* @__PURE__ */ new Evaluated("SpecialNdtriBackward0", (g, [p]) =>
  mul(g, mul(exp(mul(square(ndtri(p)), 0.5)), Math.sqrt(2 * Math.PI))),
);

/**
 * The inverse of Φ: the quantile of the normal distribution.
 * @example special.ndtri(tensor([0.025, 0.975])).tolist() // [-1.9600, 1.9600]
 */
export function ndtri(input: Tensor): Tensor {
  return NDTRI.map(floatInput(input, "ndtri"), ndtriOf);
}
