/** Special functions as methods. Each is the function of its name in ops/special/. */
import * as bessel from "../ops/special/bessel.ts";
import * as gamma from "../ops/special/gamma.ts";
import type { Tensor } from "../tensor.ts";
import { AutogradMethods } from "./autograd.ts";

export abstract class SpecialMethods extends AutogradMethods {
  /** log |Γ(x)|. @see {@link gamma.lgamma} */
  lgamma(this: Tensor): Tensor {
    return gamma.lgamma(this);
  }

  /** The derivative of lgamma. @see {@link gamma.digamma} */
  digamma(this: Tensor): Tensor {
    return gamma.digamma(this);
  }

  /** The n-th derivative of digamma. @see {@link gamma.polygamma} */
  polygamma(this: Tensor, n: number): Tensor {
    return gamma.polygamma(n, this);
  }

  /** log of the p-dimensional gamma function. @see {@link gamma.mvlgamma} */
  mvlgamma(this: Tensor, p: number | { p: number }): Tensor {
    return gamma.mvlgamma(this, p);
  }

  /** The regularised lower incomplete gamma function P(input, other). @see {@link gamma.igamma} */
  igamma(this: Tensor, other: Tensor): Tensor {
    return gamma.igamma(this, other);
  }

  /** The regularised upper incomplete gamma function 1 - P(input, other). @see {@link gamma.igammac} */
  igammac(this: Tensor, other: Tensor): Tensor {
    return gamma.igammac(this, other);
  }

  /** The modified Bessel function I₀. @see {@link bessel.i0} */
  i0(this: Tensor): Tensor {
    return bessel.i0(this);
  }
}
