/** Special functions, under the names of torch.special. */
export { exp2, expm1, log1p, logit, sigmoid as expit, xlogy } from "../ops/exponential.ts";
export { logsumexp } from "../ops/reduce.ts";
export { round } from "../ops/rounding.ts";
export { logSoftmax, softmax } from "../ops/softmax.ts";
export { airyAi } from "../ops/special/airy.ts";
export {
  besselJ0,
  besselJ1,
  besselY0,
  besselY1,
  i0,
  i0e,
  i1,
  i1e,
  modifiedBesselI0,
  modifiedBesselI1,
  modifiedBesselK0,
  modifiedBesselK1,
  scaledModifiedBesselK0,
  scaledModifiedBesselK1,
  sphericalBesselJ0,
} from "../ops/special/bessel.ts";
export { entr, xlog1py } from "../ops/special/entropy.ts";
export { erf, erfc, erfcx, erfinv, logNdtr, ndtr, ndtri } from "../ops/special/error.ts";
export {
  digamma,
  digamma as psi,
  igamma as gammainc,
  igammac as gammaincc,
  lgamma as gammaln,
  mvlgamma as multigammaln,
  polygamma,
  zeta,
} from "../ops/special/gamma.ts";
export {
  chebyshevPolynomialT,
  chebyshevPolynomialU,
  chebyshevPolynomialV,
  chebyshevPolynomialW,
  hermitePolynomialH,
  hermitePolynomialHe,
  laguerrePolynomialL,
  legendrePolynomialP,
  shiftedChebyshevPolynomialT,
  shiftedChebyshevPolynomialU,
  shiftedChebyshevPolynomialV,
  shiftedChebyshevPolynomialW,
} from "../ops/special/polynomial.ts";
export { sinc } from "../ops/trigonometry.ts";
