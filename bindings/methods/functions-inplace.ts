/** Functions of one tensor whose result replaces it: methods with a trailing underscore. */
import { Op } from "../../assembly/abi/op.ts";
import * as clamps from "../ops/clamp.ts";
import * as exponential from "../ops/exponential.ts";
import { replaceBy, scalarInPlace, unaryInPlace } from "../ops/inplace.ts";
import type { Operand } from "../ops/pointwise.ts";
import * as rounding from "../ops/rounding.ts";
import * as bessel from "../ops/special/bessel.ts";
import * as error from "../ops/special/error.ts";
import * as gamma from "../ops/special/gamma.ts";
import * as trigonometry from "../ops/trigonometry.ts";
import * as signs from "../ops/unary.ts";
import type { Tensor } from "../tensor.ts";
import type { ClampArguments, NanToNumArguments } from "./functions.ts";
import { IndexingMethods } from "./indexing.ts";

export abstract class FunctionInPlaceMethods extends IndexingMethods {
  /** `abs`, written into this tensor: |x|. */
  abs_(this: Tensor): Tensor {
    return unaryInPlace(Op.Abs, this, "abs_", signs.abs);
  }

  /** `absolute`, written into this tensor: |x|. */
  absolute_(this: Tensor): Tensor {
    return unaryInPlace(Op.Abs, this, "absolute_", signs.abs);
  }

  /** `neg`, written into this tensor: -x. */
  neg_(this: Tensor): Tensor {
    return unaryInPlace(Op.Neg, this, "neg_", signs.neg);
  }

  /** `negative`, written into this tensor: -x. */
  negative_(this: Tensor): Tensor {
    return unaryInPlace(Op.Neg, this, "negative_", signs.neg);
  }

  /** `relu`, written into this tensor: x where it is positive, else 0. */
  relu_(this: Tensor): Tensor {
    return unaryInPlace(Op.Relu, this, "relu_", signs.relu);
  }

  /** `sqrt`, written into this tensor: square root. */
  sqrt_(this: Tensor): Tensor {
    return unaryInPlace(Op.Sqrt, this, "sqrt_", signs.sqrt);
  }

  /** `rsqrt`, written into this tensor: 1 / √x. */
  rsqrt_(this: Tensor): Tensor {
    return unaryInPlace(Op.Rsqrt, this, "rsqrt_", signs.rsqrt);
  }

  /** `reciprocal`, written into this tensor: 1 / x. */
  reciprocal_(this: Tensor): Tensor {
    return unaryInPlace(Op.Reciprocal, this, "reciprocal_", signs.reciprocal);
  }

  /** `square`, written into this tensor: x². */
  square_(this: Tensor): Tensor {
    return unaryInPlace(Op.Square, this, "square_", signs.square);
  }

  /** `sign`, written into this tensor: -1, 0 or 1. */
  sign_(this: Tensor): Tensor {
    return unaryInPlace(Op.Sign, this, "sign_", signs.sign);
  }

  /** `sgn`, written into this tensor: sign, under the name that it shares with complex numbers. */
  sgn_(this: Tensor): Tensor {
    return replaceBy(this, signs.sgn, "sgn_");
  }

  /** `conjPhysical`, written into this tensor: x itself. */
  conjPhysical_(this: Tensor): Tensor {
    return this;
  }

  /** `nanToNum`, written into this tensor: naN and infinities replaced by numbers. */
  nanToNum_(this: Tensor, ...args: NanToNumArguments): Tensor {
    return replaceBy(this, (self) => signs.nanToNum(self, ...args), "nanToNum_");
  }

  /** `exp`, written into this tensor: e to the power of x. */
  exp_(this: Tensor): Tensor {
    return unaryInPlace(Op.Exp, this, "exp_", exponential.exp);
  }

  /** `exp2`, written into this tensor: 2 to the power of x. */
  exp2_(this: Tensor): Tensor {
    return unaryInPlace(Op.Exp2, this, "exp2_", exponential.exp2);
  }

  /** `expm1`, written into this tensor: e^x - 1, accurate also where x is small. */
  expm1_(this: Tensor): Tensor {
    return unaryInPlace(Op.Expm1, this, "expm1_", exponential.expm1);
  }

  /** `log`, written into this tensor: natural logarithm. */
  log_(this: Tensor): Tensor {
    return unaryInPlace(Op.Log, this, "log_", exponential.log);
  }

  /** `log2`, written into this tensor: logarithm to base 2. */
  log2_(this: Tensor): Tensor {
    return unaryInPlace(Op.Log2, this, "log2_", exponential.log2);
  }

  /** `log10`, written into this tensor: logarithm to base 10. */
  log10_(this: Tensor): Tensor {
    return unaryInPlace(Op.Log10, this, "log10_", exponential.log10);
  }

  /** `log1p`, written into this tensor: log(1 + x), accurate also where x is small. */
  log1p_(this: Tensor): Tensor {
    return unaryInPlace(Op.Log1p, this, "log1p_", exponential.log1p);
  }

  /** `sigmoid`, written into this tensor: 1 / (1 + e^-x). */
  sigmoid_(this: Tensor): Tensor {
    return unaryInPlace(Op.Sigmoid, this, "sigmoid_", exponential.sigmoid);
  }

  /** `logit`, written into this tensor: log(x / (1 - x)), the inverse of sigmoid. */
  logit_(this: Tensor, eps?: number | null | { eps?: number }): Tensor {
    return replaceBy(this, (self) => exponential.logit(self, eps), "logit_");
  }

  /** `sin`, written into this tensor: sine of an angle. */
  sin_(this: Tensor): Tensor {
    return unaryInPlace(Op.Sin, this, "sin_", trigonometry.sin);
  }

  /** `cos`, written into this tensor: cosine of an angle. */
  cos_(this: Tensor): Tensor {
    return unaryInPlace(Op.Cos, this, "cos_", trigonometry.cos);
  }

  /** `tan`, written into this tensor: tangent of an angle. */
  tan_(this: Tensor): Tensor {
    return unaryInPlace(Op.Tan, this, "tan_", trigonometry.tan);
  }

  /** `asin`, written into this tensor: the angle between -π/2 and π/2 with this sine. */
  asin_(this: Tensor): Tensor {
    return unaryInPlace(Op.Asin, this, "asin_", trigonometry.asin);
  }

  /** `arcsin`, written into this tensor: the angle between -π/2 and π/2 with this sine. */
  arcsin_(this: Tensor): Tensor {
    return unaryInPlace(Op.Asin, this, "arcsin_", trigonometry.asin);
  }

  /** `acos`, written into this tensor: the angle between 0 and π with this cosine. */
  acos_(this: Tensor): Tensor {
    return unaryInPlace(Op.Acos, this, "acos_", trigonometry.acos);
  }

  /** `arccos`, written into this tensor: the angle between 0 and π with this cosine. */
  arccos_(this: Tensor): Tensor {
    return unaryInPlace(Op.Acos, this, "arccos_", trigonometry.acos);
  }

  /** `atan`, written into this tensor: the angle between -π/2 and π/2 with this tangent. */
  atan_(this: Tensor): Tensor {
    return unaryInPlace(Op.Atan, this, "atan_", trigonometry.atan);
  }

  /** `arctan`, written into this tensor: the angle between -π/2 and π/2 with this tangent. */
  arctan_(this: Tensor): Tensor {
    return unaryInPlace(Op.Atan, this, "arctan_", trigonometry.atan);
  }

  /** `sinh`, written into this tensor: hyperbolic sine. */
  sinh_(this: Tensor): Tensor {
    return unaryInPlace(Op.Sinh, this, "sinh_", trigonometry.sinh);
  }

  /** `cosh`, written into this tensor: hyperbolic cosine. */
  cosh_(this: Tensor): Tensor {
    return unaryInPlace(Op.Cosh, this, "cosh_", trigonometry.cosh);
  }

  /** `tanh`, written into this tensor: hyperbolic tangent. */
  tanh_(this: Tensor): Tensor {
    return unaryInPlace(Op.Tanh, this, "tanh_", trigonometry.tanh);
  }

  /** `asinh`, written into this tensor: the inverse of sinh. */
  asinh_(this: Tensor): Tensor {
    return unaryInPlace(Op.Asinh, this, "asinh_", trigonometry.asinh);
  }

  /** `arcsinh`, written into this tensor: the inverse of sinh. */
  arcsinh_(this: Tensor): Tensor {
    return unaryInPlace(Op.Asinh, this, "arcsinh_", trigonometry.asinh);
  }

  /** `acosh`, written into this tensor: the inverse of cosh, not negative. */
  acosh_(this: Tensor): Tensor {
    return unaryInPlace(Op.Acosh, this, "acosh_", trigonometry.acosh);
  }

  /** `arccosh`, written into this tensor: the inverse of cosh, not negative. */
  arccosh_(this: Tensor): Tensor {
    return unaryInPlace(Op.Acosh, this, "arccosh_", trigonometry.acosh);
  }

  /** `atanh`, written into this tensor: the inverse of tanh. */
  atanh_(this: Tensor): Tensor {
    return unaryInPlace(Op.Atanh, this, "atanh_", trigonometry.atanh);
  }

  /** `arctanh`, written into this tensor: the inverse of tanh. */
  arctanh_(this: Tensor): Tensor {
    return unaryInPlace(Op.Atanh, this, "arctanh_", trigonometry.atanh);
  }

  /** `sinc`, written into this tensor: sin(πx) / (πx). */
  sinc_(this: Tensor): Tensor {
    return replaceBy(this, trigonometry.sinc, "sinc_");
  }

  /** `deg2rad`, written into this tensor: degrees as radians. */
  deg2rad_(this: Tensor): Tensor {
    return replaceBy(this, trigonometry.deg2rad, "deg2rad_");
  }

  /** `rad2deg`, written into this tensor: radians as degrees. */
  rad2deg_(this: Tensor): Tensor {
    return replaceBy(this, trigonometry.rad2deg, "rad2deg_");
  }

  /** `floor`, written into this tensor: the largest integer that is not above x. */
  floor_(this: Tensor): Tensor {
    return unaryInPlace(Op.Floor, this, "floor_", rounding.floor);
  }

  /** `ceil`, written into this tensor: the smallest integer that is not below x. */
  ceil_(this: Tensor): Tensor {
    return unaryInPlace(Op.Ceil, this, "ceil_", rounding.ceil);
  }

  /** `trunc`, written into this tensor: x without its fraction. */
  trunc_(this: Tensor): Tensor {
    return unaryInPlace(Op.Trunc, this, "trunc_", rounding.trunc);
  }

  /** `fix`, written into this tensor: x without its fraction. */
  fix_(this: Tensor): Tensor {
    return unaryInPlace(Op.Trunc, this, "fix_", rounding.trunc);
  }

  /** `frac`, written into this tensor: x - trunc(x). */
  frac_(this: Tensor): Tensor {
    return unaryInPlace(Op.Frac, this, "frac_", rounding.frac);
  }

  /** `round`, written into this tensor: the nearest integer, halves to the even one. */
  round_(this: Tensor, decimals?: number | { decimals?: number }): Tensor {
    if (decimals === undefined) return unaryInPlace(Op.Round, this, "round_", rounding.round);
    return replaceBy(this, (self) => rounding.round(self, decimals), "round_");
  }

  /** `erf`, written into this tensor: the error function, 2/√π ∫₀ˣ e^(-t²) dt. */
  erf_(this: Tensor): Tensor {
    return unaryInPlace(Op.Erf, this, "erf_", error.erf);
  }

  /** `erfc`, written into this tensor: 1 - erf(x), accurate also where it is small. */
  erfc_(this: Tensor): Tensor {
    return unaryInPlace(Op.Erfc, this, "erfc_", error.erfc);
  }

  /** `erfinv`, written into this tensor: the inverse of erf. */
  erfinv_(this: Tensor): Tensor {
    return unaryInPlace(Op.Erfinv, this, "erfinv_", error.erfinv);
  }

  /** `lgamma`, written into this tensor: log |Γ(x)|. */
  lgamma_(this: Tensor): Tensor {
    return replaceBy(this, gamma.lgamma, "lgamma_");
  }

  /** `digamma`, written into this tensor: the derivative of lgamma. */
  digamma_(this: Tensor): Tensor {
    return replaceBy(this, gamma.digamma, "digamma_");
  }

  /** `polygamma`, written into this tensor: the n-th derivative of digamma. */
  polygamma_(this: Tensor, n: number): Tensor {
    return replaceBy(this, (self) => gamma.polygamma(n, self), "polygamma_");
  }

  /** `mvlgamma`, written into this tensor: log of the p-dimensional gamma function. */
  mvlgamma_(this: Tensor, p: number | { p: number }): Tensor {
    return replaceBy(this, (self) => gamma.mvlgamma(self, p), "mvlgamma_");
  }

  /** `igamma`, written into this tensor: the regularised lower incomplete gamma function P(input, other). */
  igamma_(this: Tensor, other: Tensor): Tensor {
    return replaceBy(this, (self) => gamma.igamma(self, other), "igamma_");
  }

  /** `igammac`, written into this tensor: the regularised upper incomplete gamma function 1 - P(input, other). */
  igammac_(this: Tensor, other: Tensor): Tensor {
    return replaceBy(this, (self) => gamma.igammac(self, other), "igammac_");
  }

  /** `i0`, written into this tensor: the modified Bessel function I₀. */
  i0_(this: Tensor): Tensor {
    return replaceBy(this, bessel.i0, "i0_");
  }

  /** `clamp`, written into this tensor: x limited to min ... */
  clamp_(this: Tensor, ...bounds: ClampArguments): Tensor {
    const [min, max] = bounds;
    const [low, high] = [min ?? -Infinity, max ?? Infinity];
    if (typeof low === "number" && typeof high === "number" && bounds.length > 0) {
      return scalarInPlace(Op.Clamp, this, low, high, "clamp_", (self) => clamps.clamp(self, min, max));
    }
    return replaceBy(this, (self) => clamps.clamp(self, ...bounds), "clamp_");
  }

  /** `clip`, written into this tensor: x limited to min ... */
  clip_(this: Tensor, ...bounds: ClampArguments): Tensor {
    return this.clamp_(...bounds);
  }

  /** `clampMin`, written into this tensor: clamp with only a lower bound. */
  clampMin_(this: Tensor, min: Operand): Tensor {
    return replaceBy(this, (self) => clamps.clampMin(self, min), "clampMin_");
  }

  /** `clampMax`, written into this tensor: clamp with only an upper bound. */
  clampMax_(this: Tensor, max: Operand): Tensor {
    return replaceBy(this, (self) => clamps.clampMax(self, max), "clampMax_");
  }
}
