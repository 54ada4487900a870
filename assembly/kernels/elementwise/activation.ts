/**
 * Activation functions and, through their slopes, their backward kernels: a slope is computed into scratch memory, then
 * multiplied by the gradient. Arguments are held where results no longer change, so that nothing overflows.
 */
import { madd, nmadd, pmax, pmin } from "../../simd/f32x4";
import { Mul } from "./binary";
import { binary, binaryS, binaryST, unary, unaryS, unaryST } from "./entries";
import { Exp, expm1Near, expNear, halfExp2Near } from "./exp";
import { Chain2, Guarded, Long1, Map1, Map1S, Map1ST, Map2, Map2S, Map2ST, Pairs } from "./loops";

const ONE: usize = memory.data<f32>([1, 1, 1, 1], 16);
const HALF: usize = memory.data<f32>([0.5, 0.5, 0.5, 0.5], 16);

// gelu

/** From here on the tail, and all the more exp(-x²/2) x, are 0 for every purpose. */
const TAIL_END: usize = memory.data<f32>([6.22, 6.22, 6.22, 6.22], 16);
const GAUSS_END: usize = memory.data<f32>([13, 13, 13, 13], 16);
const INV_SQRT_TAU: usize = memory.data<f32>([0.3989423, 0.3989423, 0.3989423, 0.3989423], 16);
// log2(2 Q(u)) = u (T0 + T1 u + … + T7 u⁷), Q the upper tail of the normal distribution; a minimax fit, to 1.3e-8 in
// u Q(u)
const T0: usize = memory.data<f32>([-1.1511073, -1.1511073, -1.1511073, -1.1511073], 16);
const T1: usize = memory.data<f32>([-0.45918703, -0.45918703, -0.45918703, -0.45918703], 16);
const T2: usize = memory.data<f32>([-0.052566495, -0.052566495, -0.052566495, -0.052566495], 16);
const T3: usize = memory.data<f32>([0.007171518, 0.007171518, 0.007171518, 0.007171518], 16);
const T4: usize = memory.data<f32>([-0.00022354828, -0.00022354828, -0.00022354828, -0.00022354828], 16);
const T5: usize = memory.data<f32>([-0.00014903578, -0.00014903578, -0.00014903578, -0.00014903578], 16);
const T6: usize = memory.data<f32>([0.00003133668, 0.00003133668, 0.00003133668, 0.00003133668], 16);
const T7: usize = memory.data<f32>([-0.0000021479516, -0.0000021479516, -0.0000021479516, -0.0000021479516], 16);

/** The upper tail of the normal distribution from 0 to TAIL_END, as accurate as its products with u have to be. */
// @ts-ignore: decorator
@inline function tail(u: v128): v128 {
  let u2 = f32x4.mul(u, u);
  let low = madd(madd(v128.load(T0), u, v128.load(T1)), u2, madd(v128.load(T2), u, v128.load(T3)));
  let high = madd(madd(v128.load(T4), u, v128.load(T5)), u2, madd(v128.load(T6), u, v128.load(T7)));
  return halfExp2Near(f32x4.mul(u, madd(low, f32x4.mul(u2, u2), high)));
}

/**
 * x times the normal distribution function at x: x Q(-x) from below, x - x Q(x) from above, Q the upper tail. Within
 * 3 ULP, or 6e-8 where x is negative.
 */
// @ts-ignore: decorator
@inline function geluRule(x: v128): v128 {
  let u = f32x4.abs(x), v = v128.and(u, i32x4.lt_s(u, v128.load(TAIL_END)));
  return nmadd(pmax(x, f32x4.splat(0)), v, tail(v));
}

@final @unmanaged class Gelu {
  @inline fast(x: v128): v128 {
    return geluRule(x);
  }
  whole(x: v128): v128 {
    return geluRule(x);
  }
}

/** The distribution function plus x times the density. */
@final @unmanaged class GeluSlope {
  @inline v(x: v128): v128 {
    let u = f32x4.abs(x), inside = f32x4.lt(u, v128.load(TAIL_END)), e = v128.and(tail(v128.and(u, inside)), inside);
    let negative = f32x4.lt(x, f32x4.splat(0)), end = v128.load(GAUSS_END);
    let held = pmax(pmin(x, end), f32x4.neg(end));
    let density = expNear(f32x4.mul(f32x4.mul(held, held), f32x4.neg(v128.load(HALF))));
    density = f32x4.mul(density, v128.load(INV_SQRT_TAU));
    return madd(v128.bitselect(e, f32x4.sub(v128.load(ONE), e), negative), held, density);
  }
}

// gelu by tanh: x sigmoid(2 k (x + c x³)) with k = sqrt(2/pi), c = 0.044715 (Hendrycks and Gimpel, arXiv:1606.08415)

/** Where the exponential is 1e-38. */
const SPAN: usize = memory.data<f32>([10, 10, 10, 10], 16);
const TWO_K: usize = memory.data<f32>([1.5957692, 1.5957692, 1.5957692, 1.5957692], 16);
const TWO_K_C: usize = memory.data<f32>([0.071354814, 0.071354814, 0.071354814, 0.071354814], 16);
const SIX_K_C: usize = memory.data<f32>([0.21406445, 0.21406445, 0.21406445, 0.21406445], 16);

@final @unmanaged class GeluTanh {
  @inline v(x: v128): v128 {
    let span = v128.load(SPAN), held = pmax(pmin(x, span), f32x4.neg(span)), one = v128.load(ONE);
    let z = f32x4.mul(held, madd(v128.load(TWO_K), f32x4.mul(held, held), v128.load(TWO_K_C)));
    let e = expNear(f32x4.neg(f32x4.abs(z)));
    let top = v128.bitselect(f32x4.mul(held, e), x, f32x4.lt(x, f32x4.splat(0)));
    return f32x4.div(top, f32x4.add(one, e));
  }
}

/** s + s' x (1 - s), s the sigmoid, s' the derivative of its argument. */
// @ts-ignore: decorator
@inline function gate(x: v128, z: v128, slope: v128): v128 {
  let one = v128.load(ONE), e = expNear(f32x4.neg(f32x4.abs(z))), d = f32x4.div(one, f32x4.add(one, e));
  let ed = f32x4.mul(e, d), negative = f32x4.lt(z, f32x4.splat(0));
  let s = v128.bitselect(ed, d, negative), rest = v128.bitselect(d, ed, negative);
  return madd(s, f32x4.mul(s, rest), f32x4.mul(x, slope));
}

@final @unmanaged class GeluTanhSlope {
  @inline v(x: v128): v128 {
    let span = v128.load(SPAN), held = pmax(pmin(x, span), f32x4.neg(span)), square = f32x4.mul(held, held);
    let z = f32x4.mul(held, madd(v128.load(TWO_K), square, v128.load(TWO_K_C)));
    return gate(held, z, madd(v128.load(TWO_K), square, v128.load(SIX_K_C)));
  }
}

// silu

/** exp(-87) is the last normal power of e, exp(-104) is 0. */
const NEAR_END: usize = memory.data<f32>([87, 87, 87, 87], 16);
const EXP_END: usize = memory.data<f32>([-104, -104, -104, -104], 16);

/** x / (1 + exp(-x)), as sigmoid does it. At most 3 ULP. */
@final @unmanaged class Silu {
  @inline fast(x: v128): v128 {
    return f32x4.div(x, f32x4.add(v128.load(ONE), expNear(f32x4.neg(x))));
  }
  whole(x: v128): v128 {
    let far = f32x4.lt(x, f32x4.neg(v128.load(NEAR_END)));
    let z = changetype<Exp>(0).whole(v128.bitselect(x, f32x4.neg(x), far));
    let y = f32x4.div(x, f32x4.add(v128.load(ONE), z));
    return v128.bitselect(f32x4.mul(pmax(x, v128.load(EXP_END)), z), y, far);
  }
  @inline key(x: v128): v128 {
    return changetype<Exp>(0).key(x);
  }
  @inline limit(): i32 {
    return changetype<Exp>(0).limit();
  }
}

@final @unmanaged class SiluSlope {
  @inline v(x: v128): v128 {
    let end = v128.load(NEAR_END), held = pmax(pmin(x, end), f32x4.neg(end));
    return gate(held, held, v128.load(ONE));
  }
}

// Piecewise functions.

/** x, or alpha (exp(scale x) - 1) where x <= 0; elu has scale 1, celu 1 / alpha. */
@final @unmanaged class Elu {
  v(x: v128, alpha: v128, scale: v128): v128 {
    let end = f32x4.neg(v128.load(NEAR_END)), zero = f32x4.splat(0);
    let z = pmax(pmin(f32x4.mul(x, scale), zero), end);
    return v128.bitselect(x, f32x4.mul(alpha, expm1Near(z)), f32x4.gt(x, zero));
  }
}

@final @unmanaged class EluGrad {
  v(g: v128, x: v128, alpha: v128, scale: v128): v128 {
    let slope = f32x4.mul(f32x4.mul(alpha, scale), changetype<Exp>(0).whole(f32x4.mul(x, scale)));
    return v128.bitselect(f32x4.mul(g, slope), g, f32x4.le(x, f32x4.splat(0)));
  }
}

@final @unmanaged class LeakyRelu {
  @inline v(x: v128, slope: v128): v128 {
    return v128.bitselect(x, f32x4.mul(x, slope), f32x4.gt(x, f32x4.splat(0)));
  }
}

@final @unmanaged class LeakyReluGrad {
  @inline v(g: v128, x: v128, slope: v128): v128 {
    return v128.bitselect(g, f32x4.mul(g, slope), f32x4.gt(x, f32x4.splat(0)));
  }
}

/** min(max(x + 3, 0), 6) / 6 */
@final @unmanaged class Hardsigmoid {
  @inline v(x: v128): v128 {
    let six = f32x4.splat(6), y = f32x4.add(x, f32x4.splat(3));
    return f32x4.div(pmin(pmax(y, f32x4.splat(0)), six), six);
  }
}

@final @unmanaged class HardsigmoidGrad {
  @inline v(g: v128, x: v128): v128 {
    return v128.and(f32x4.div(g, f32x4.splat(6)), f32x4.lt(f32x4.abs(x), f32x4.splat(3)));
  }
}

@final @unmanaged class Hardswish {
  @inline v(x: v128): v128 {
    return f32x4.mul(x, changetype<Hardsigmoid>(0).v(x));
  }
}

/** g (x/3 + 1/2) between -3 and 3, both excluded; g above. */
@final @unmanaged class HardswishGrad {
  @inline v(g: v128, x: v128): v128 {
    let three = f32x4.splat(3), slope = f32x4.add(f32x4.div(x, three), f32x4.splat(0.5));
    let y = v128.bitselect(g, f32x4.mul(g, slope), f32x4.ge(x, three));
    return v128.andnot(y, f32x4.le(x, f32x4.neg(three)));
  }
}

/** 0 where x <= low or x >= high, hence g at a NaN: unlike clamp's the bounds are excluded. */
@final @unmanaged class HardtanhGrad {
  @inline v(g: v128, x: v128, low: v128, high: v128): v128 {
    return v128.andnot(g, v128.or(f32x4.le(x, low), f32x4.ge(x, high)));
  }
}

export function f32_gelu(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Pairs<Gelu>>(f32_gelu, a, as, o, os, n);
}
export function f32_gelu_tanh(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Long1<GeluTanh>>(f32_gelu_tanh, a, as, o, os, n);
}
export function f32_silu(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Guarded<Silu>>(f32_silu, a, as, o, os, n);
}
export function f32_hardsigmoid(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Map1<Hardsigmoid>>(f32_hardsigmoid, a, as, o, os, n);
}
export function f32_hardswish(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Map1<Hardswish>>(f32_hardswish, a, as, o, os, n);
}
export function f32_gelu_grad(g: usize, gs: i32, x: usize, xs: i32, o: usize, os: i32, n: i32): void {
  binary<Chain2<Long1<GeluSlope>, Map2<Mul>>>(f32_gelu_grad, g, gs, x, xs, o, os, n);
}
export function f32_gelu_tanh_grad(g: usize, gs: i32, x: usize, xs: i32, o: usize, os: i32, n: i32): void {
  binary<Chain2<Long1<GeluTanhSlope>, Map2<Mul>>>(f32_gelu_tanh_grad, g, gs, x, xs, o, os, n);
}
export function f32_silu_grad(g: usize, gs: i32, x: usize, xs: i32, o: usize, os: i32, n: i32): void {
  binary<Chain2<Long1<SiluSlope>, Map2<Mul>>>(f32_silu_grad, g, gs, x, xs, o, os, n);
}
export function f32_hardsigmoid_grad(g: usize, gs: i32, x: usize, xs: i32, o: usize, os: i32, n: i32): void {
  binary<Map2<HardsigmoidGrad>>(f32_hardsigmoid_grad, g, gs, x, xs, o, os, n);
}
export function f32_hardswish_grad(g: usize, gs: i32, x: usize, xs: i32, o: usize, os: i32, n: i32): void {
  binary<Map2<HardswishGrad>>(f32_hardswish_grad, g, gs, x, xs, o, os, n);
}
/** elu with scale 1; celu with scale 1 / alpha. */
export function f32_elu(a: usize, as: i32, o: usize, os: i32, n: i32, alpha: f32, scale: f32): void {
  unaryST<Map1ST<Elu>>(f32_elu, a, as, o, os, n, alpha, scale);
}
export function f32_elu_grad(
  g: usize, gs: i32, x: usize, xs: i32, o: usize, os: i32, n: i32, alpha: f32, scale: f32,
): void {
  binaryST<Map2ST<EluGrad>>(f32_elu_grad, g, gs, x, xs, o, os, n, alpha, scale);
}
export function f32_leaky_relu(a: usize, as: i32, o: usize, os: i32, n: i32, slope: f32): void {
  unaryS<Map1S<LeakyRelu>>(f32_leaky_relu, a, as, o, os, n, slope);
}
export function f32_leaky_relu_grad(g: usize, gs: i32, x: usize, xs: i32, o: usize, os: i32, n: i32, slope: f32): void {
  binaryS<Map2S<LeakyReluGrad>>(f32_leaky_relu_grad, g, gs, x, xs, o, os, n, slope);
}
/** For hardtanh and relu6, whose values are clamp's. */
export function f32_hardtanh_grad(
  g: usize, gs: i32, x: usize, xs: i32, o: usize, os: i32, n: i32, low: f32, high: f32,
): void {
  binaryST<Map2ST<HardtanhGrad>>(f32_hardtanh_grad, g, gs, x, xs, o, os, n, low, high);
}
