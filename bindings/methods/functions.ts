/** Functions of one tensor as methods. Each is the function of its name in ops/. */
import * as clamps from "../ops/clamp.ts";
import * as exponential from "../ops/exponential.ts";
import type { Operand } from "../ops/pointwise.ts";
import * as rounding from "../ops/rounding.ts";
import * as error from "../ops/special/error.ts";
import * as trigonometry from "../ops/trigonometry.ts";
import * as signs from "../ops/unary.ts";
import type { Tensor } from "../tensor.ts";
import { ArithmeticMethods } from "./arithmetic.ts";

/** Bounds, by position or by name. */
export type ClampArguments = [min?: Operand | null | clamps.ClampOptions, max?: Operand | null];
export type NanToNumArguments = [
  nan?: number | null | signs.NanToNumOptions,
  posinf?: number | null,
  neginf?: number | null,
];

export abstract class FunctionMethods extends ArithmeticMethods {
  /** |x|. @see {@link signs.abs} */
  abs(this: Tensor): Tensor {
    return signs.abs(this);
  }

  /** |x|. @see {@link signs.abs} */
  absolute(this: Tensor): Tensor {
    return signs.abs(this);
  }

  /** -x. @see {@link signs.neg} */
  neg(this: Tensor): Tensor {
    return signs.neg(this);
  }

  /** -x. @see {@link signs.neg} */
  negative(this: Tensor): Tensor {
    return signs.neg(this);
  }

  /** x itself. @see {@link signs.positive} */
  positive(this: Tensor): Tensor {
    return signs.positive(this);
  }

  /** x where it is positive, else 0. @see {@link signs.relu} */
  relu(this: Tensor): Tensor {
    return signs.relu(this);
  }

  /** Square root. @see {@link signs.sqrt} */
  sqrt(this: Tensor): Tensor {
    return signs.sqrt(this);
  }

  /** 1 / √x. @see {@link signs.rsqrt} */
  rsqrt(this: Tensor): Tensor {
    return signs.rsqrt(this);
  }

  /** 1 / x. @see {@link signs.reciprocal} */
  reciprocal(this: Tensor): Tensor {
    return signs.reciprocal(this);
  }

  /** x². @see {@link signs.square} */
  square(this: Tensor): Tensor {
    return signs.square(this);
  }

  /** -1, 0 or 1. @see {@link signs.sign} */
  sign(this: Tensor): Tensor {
    return signs.sign(this);
  }

  /** sign, under the name that it shares with complex numbers. @see {@link signs.sgn} */
  sgn(this: Tensor): Tensor {
    return signs.sgn(this);
  }

  /** The angle of a number in the plane of complex numbers. @see {@link signs.angle} */
  angle(this: Tensor): Tensor {
    return signs.angle(this);
  }

  /** x itself. @see {@link signs.conj} */
  conj(this: Tensor): Tensor {
    return signs.conj(this);
  }

  /** x itself. @see {@link signs.conjPhysical} */
  conjPhysical(this: Tensor): Tensor {
    return signs.conjPhysical(this);
  }

  /** The tensor itself: all are real. */
  get real(): Tensor {
    return this as unknown as Tensor;
  }

  /** NaN and infinities replaced by numbers. @see {@link signs.nanToNum} */
  nanToNum(this: Tensor, ...args: NanToNumArguments): Tensor {
    return signs.nanToNum(this, ...args);
  }

  /** e to the power of x. @see {@link exponential.exp} */
  exp(this: Tensor): Tensor {
    return exponential.exp(this);
  }

  /** 2 to the power of x. @see {@link exponential.exp2} */
  exp2(this: Tensor): Tensor {
    return exponential.exp2(this);
  }

  /** e^x - 1, accurate also where x is small. @see {@link exponential.expm1} */
  expm1(this: Tensor): Tensor {
    return exponential.expm1(this);
  }

  /** Natural logarithm. @see {@link exponential.log} */
  log(this: Tensor): Tensor {
    return exponential.log(this);
  }

  /** Logarithm to base 2. @see {@link exponential.log2} */
  log2(this: Tensor): Tensor {
    return exponential.log2(this);
  }

  /** Logarithm to base 10. @see {@link exponential.log10} */
  log10(this: Tensor): Tensor {
    return exponential.log10(this);
  }

  /** log(1 + x), accurate also where x is small. @see {@link exponential.log1p} */
  log1p(this: Tensor): Tensor {
    return exponential.log1p(this);
  }

  /** 1 / (1 + e^-x). @see {@link exponential.sigmoid} */
  sigmoid(this: Tensor): Tensor {
    return exponential.sigmoid(this);
  }

  /** log(x / (1 - x)), the inverse of sigmoid. @see {@link exponential.logit} */
  logit(this: Tensor, eps?: number | null | { eps?: number }): Tensor {
    return exponential.logit(this, eps);
  }

  /** log(e^a + e^b), without overflow. @see {@link exponential.logaddexp} */
  logaddexp(this: Tensor, other: Tensor): Tensor {
    return exponential.logaddexp(this, other);
  }

  /** log2(2^a + 2^b), without overflow. @see {@link exponential.logaddexp2} */
  logaddexp2(this: Tensor, other: Tensor): Tensor {
    return exponential.logaddexp2(this, other);
  }

  /** input · log(other). @see {@link exponential.xlogy} */
  xlogy(this: Tensor, other: Operand): Tensor {
    return exponential.xlogy(this, other);
  }

  /** Sine of an angle. @see {@link trigonometry.sin} */
  sin(this: Tensor): Tensor {
    return trigonometry.sin(this);
  }

  /** Cosine of an angle. @see {@link trigonometry.cos} */
  cos(this: Tensor): Tensor {
    return trigonometry.cos(this);
  }

  /** Tangent of an angle. @see {@link trigonometry.tan} */
  tan(this: Tensor): Tensor {
    return trigonometry.tan(this);
  }

  /** The angle between -π/2 and π/2 with this sine. @see {@link trigonometry.asin} */
  asin(this: Tensor): Tensor {
    return trigonometry.asin(this);
  }

  /** The angle between -π/2 and π/2 with this sine. @see {@link trigonometry.asin} */
  arcsin(this: Tensor): Tensor {
    return trigonometry.asin(this);
  }

  /** The angle between 0 and π with this cosine. @see {@link trigonometry.acos} */
  acos(this: Tensor): Tensor {
    return trigonometry.acos(this);
  }

  /** The angle between 0 and π with this cosine. @see {@link trigonometry.acos} */
  arccos(this: Tensor): Tensor {
    return trigonometry.acos(this);
  }

  /** The angle between -π/2 and π/2 with this tangent. @see {@link trigonometry.atan} */
  atan(this: Tensor): Tensor {
    return trigonometry.atan(this);
  }

  /** The angle between -π/2 and π/2 with this tangent. @see {@link trigonometry.atan} */
  arctan(this: Tensor): Tensor {
    return trigonometry.atan(this);
  }

  /** Hyperbolic sine. @see {@link trigonometry.sinh} */
  sinh(this: Tensor): Tensor {
    return trigonometry.sinh(this);
  }

  /** Hyperbolic cosine. @see {@link trigonometry.cosh} */
  cosh(this: Tensor): Tensor {
    return trigonometry.cosh(this);
  }

  /** Hyperbolic tangent. @see {@link trigonometry.tanh} */
  tanh(this: Tensor): Tensor {
    return trigonometry.tanh(this);
  }

  /** The inverse of sinh. @see {@link trigonometry.asinh} */
  asinh(this: Tensor): Tensor {
    return trigonometry.asinh(this);
  }

  /** The inverse of sinh. @see {@link trigonometry.asinh} */
  arcsinh(this: Tensor): Tensor {
    return trigonometry.asinh(this);
  }

  /** The inverse of cosh, not negative. @see {@link trigonometry.acosh} */
  acosh(this: Tensor): Tensor {
    return trigonometry.acosh(this);
  }

  /** The inverse of cosh, not negative. @see {@link trigonometry.acosh} */
  arccosh(this: Tensor): Tensor {
    return trigonometry.acosh(this);
  }

  /** The inverse of tanh. @see {@link trigonometry.atanh} */
  atanh(this: Tensor): Tensor {
    return trigonometry.atanh(this);
  }

  /** The inverse of tanh. @see {@link trigonometry.atanh} */
  arctanh(this: Tensor): Tensor {
    return trigonometry.atanh(this);
  }

  /** sin(πx) / (πx). @see {@link trigonometry.sinc} */
  sinc(this: Tensor): Tensor {
    return trigonometry.sinc(this);
  }

  /** Degrees as radians. @see {@link trigonometry.deg2rad} */
  deg2rad(this: Tensor): Tensor {
    return trigonometry.deg2rad(this);
  }

  /** Radians as degrees. @see {@link trigonometry.rad2deg} */
  rad2deg(this: Tensor): Tensor {
    return trigonometry.rad2deg(this);
  }

  /** The angle of the point (other, input), between -π and π. @see {@link trigonometry.atan2} */
  atan2(this: Tensor, other: Tensor): Tensor {
    return trigonometry.atan2(this, other);
  }

  /** The angle of the point (other, input), between -π and π. @see {@link trigonometry.atan2} */
  arctan2(this: Tensor, other: Tensor): Tensor {
    return trigonometry.atan2(this, other);
  }

  /** √(input² + other²). @see {@link trigonometry.hypot} */
  hypot(this: Tensor, other: Tensor): Tensor {
    return trigonometry.hypot(this, other);
  }

  /** The largest integer that is not above x. @see {@link rounding.floor} */
  floor(this: Tensor): Tensor {
    return rounding.floor(this);
  }

  /** The smallest integer that is not below x. @see {@link rounding.ceil} */
  ceil(this: Tensor): Tensor {
    return rounding.ceil(this);
  }

  /** x without its fraction. @see {@link rounding.trunc} */
  trunc(this: Tensor): Tensor {
    return rounding.trunc(this);
  }

  /** x without its fraction. @see {@link rounding.trunc} */
  fix(this: Tensor): Tensor {
    return rounding.trunc(this);
  }

  /** x - trunc(x). @see {@link rounding.frac} */
  frac(this: Tensor): Tensor {
    return rounding.frac(this);
  }

  /** The nearest integer, halves to the even one. @see {@link rounding.round} */
  round(this: Tensor, decimals?: number | { decimals?: number }): Tensor {
    return rounding.round(this, decimals);
  }

  /** The error function, 2/√π ∫₀ˣ e^(-t²) dt. @see {@link error.erf} */
  erf(this: Tensor): Tensor {
    return error.erf(this);
  }

  /** 1 - erf(x), accurate also where it is small. @see {@link error.erfc} */
  erfc(this: Tensor): Tensor {
    return error.erfc(this);
  }

  /** The inverse of erf. @see {@link error.erfinv} */
  erfinv(this: Tensor): Tensor {
    return error.erfinv(this);
  }

  /** x limited to min ... @see {@link clamps.clamp} */
  clamp(this: Tensor, ...bounds: ClampArguments): Tensor {
    return clamps.clamp(this, ...bounds);
  }

  /** x limited to min ... @see {@link clamps.clamp} */
  clip(this: Tensor, ...bounds: ClampArguments): Tensor {
    return clamps.clamp(this, ...bounds);
  }

  /** clamp with only a lower bound. @see {@link clamps.clampMin} */
  clampMin(this: Tensor, min: Operand): Tensor {
    return clamps.clampMin(this, min);
  }

  /** clamp with only an upper bound. @see {@link clamps.clampMax} */
  clampMax(this: Tensor, max: Operand): Tensor {
    return clamps.clampMax(this, max);
  }
}
