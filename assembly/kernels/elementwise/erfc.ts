/** erfc and erfinv in f64: within 0.6 ULP, denormal results of erfc included. */
import { unary } from "./entries";
import { Wide, Wide1 } from "./wide";

/** erfc u = exp(-u²) t P(t), t = 1 / (1 + u/4), 0 <= u <= 10.1, to 2^-30. */
const ERFC: usize = memory.data<f64>([
  0.14094332848626333, 0.14330852151993723, 0.11472794380942819, 0.25273749422140426, -0.34985604265195335,
  1.2822261248751593, -2.0114806000658117, 2.6114798131295064, -2.0100824410704525, 1.0199406649512128,
  -0.19394480637815527,
], 16);

/** erfinv x = x P(w - 3), w = -log(1 - x²) <= 6, to 2^-27; x Q(sqrt(w) - 3) beyond, to 2^-28 (the form is Giles's). */
const ERFINV_NEAR: usize = memory.data<f64>([
  1.6235420148520743, 0.24163040738430306, -0.005738193589032743, -0.00083619272743580558, 0.00019512762660121331,
  -0.000012708824623053666, -1.7758307080593128e-6, 4.4842197043456441e-7, -1.8335401293365538e-8,
  -5.4735785665915255e-9, 6.2550442443381244e-10,
], 16);
const ERFINV_FAR: usize = memory.data<f64>([
  2.8329768079983438, 1.0016752628116218, 0.0094447160947086085, -0.0076432039976697672, 0.0056961123634287106,
  -0.0035694217536513272, 0.0014364972565978989, -0.000084364938132425795, -0.00022958106978448251,
  0.000080969479500033306,
], 16);

@final @unmanaged class Erfc {
  @inline w(x: v128): v128 {
    let one = f64x2.splat(1), u = f64x2.pmin(f64x2.abs(x), f64x2.splat(11));
    let t = f64x2.div(one, f64x2.add(one, f64x2.mul(u, f64x2.splat(0.25))));
    let y = f64x2.mul(f64x2.mul(t, Wide.polynomial(ERFC, 11, t)), Wide.exp(f64x2.neg(f64x2.mul(u, u))));
    return v128.bitselect(f64x2.sub(f64x2.splat(2), y), y, f64x2.lt(x, f64x2.splat(0)));
  }
}

/** Infinite at ±1, NaN beyond. Giles 2012, "Approximating the erfinv function", with fits of our own. */
@final @unmanaged class Erfinv {
  @inline w(x: v128): v128 {
    let one = f64x2.splat(1), w = f64x2.neg(Wide.log(f64x2.mul(f64x2.sub(one, x), f64x2.add(one, x))));
    let near = Wide.polynomial(ERFINV_NEAR, 11, f64x2.sub(w, f64x2.splat(3)));
    let far = Wide.polynomial(ERFINV_FAR, 10, f64x2.sub(f64x2.sqrt(w), f64x2.splat(3)));
    let y = v128.bitselect(near, far, f64x2.le(w, f64x2.splat(6)));
    y = v128.bitselect(f64x2.splat(Infinity), y, f64x2.eq(w, f64x2.splat(Infinity)));
    return f64x2.mul(x, y);
  }
}

export function f32_erfc(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Wide1<Erfc>>(f32_erfc, a, as, o, os, n);
}
export function f32_erfinv(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Wide1<Erfinv>>(f32_erfinv, a, as, o, os, n);
}
