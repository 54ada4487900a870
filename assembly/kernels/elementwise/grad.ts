/**
 * Backward kernels: the gradient g of the output times the derivative, from the input x or the output y, as PyTorch
 * reads them (tools/autograd/derivatives.yaml), so that kinks, ties and NaN fall as they do there. o may be any of the
 * operands.
 */
import { madd, pmin } from "../../simd/f32x4";
import { Mul } from "./binary";
import { binary, binaryS, binaryST, ternary } from "./entries";
import { Exp } from "./exp";
import { Log } from "./log";
import { Chain2, Guarded, Map1, Map2, Map2S, Map2ST, Map3 } from "./loops";
import { Pow, PowScalar } from "./pow";
import { fill32 } from "./rows";
import { BLOCK, tempA } from "./scratch";
import { Cos, Sin } from "./trig";
import { Sign } from "./unary";

const ONE: usize = memory.data<f32>([1, 1, 1, 1], 16);
const HALF: usize = memory.data<f32>([0.5, 0.5, 0.5, 0.5], 16);
const TWO_OVER_SQRT_PI: usize = memory.data<f32>([1.1283792, 1.1283792, 1.1283792, 1.1283792], 16);
/** exp(-x²) is 0 from here on. */
const GAUSS_MAX: usize = memory.data<f32>([11, 11, 11, 11], 16);
const TOP_BITS: usize = memory.data<u32>([0xfffff000, 0xfffff000, 0xfffff000, 0xfffff000], 16);

@final @unmanaged class NegMul {
  @inline v(g: v128, d: v128): v128 {
    return f32x4.neg(f32x4.mul(g, d));
  }
}

/** g (1 - y²), as a product, which is accurate where y is close to ±1. */
@final @unmanaged class TanhGrad {
  @inline v(g: v128, y: v128): v128 {
    let one = v128.load(ONE);
    return f32x4.mul(g, f32x4.mul(f32x4.sub(one, y), f32x4.add(one, y)));
  }
}

/** g (1 - y) y */
@final @unmanaged class SigmoidGrad {
  @inline v(g: v128, y: v128): v128 {
    return f32x4.mul(f32x4.mul(g, f32x4.sub(v128.load(ONE), y)), y);
  }
}

/** g / 2y */
@final @unmanaged class SqrtGrad {
  @inline v(g: v128, y: v128): v128 {
    return f32x4.div(g, f32x4.add(y, y));
  }
}

/** -g y³ / 2 */
@final @unmanaged class RsqrtGrad {
  @inline v(g: v128, y: v128): v128 {
    return f32x4.mul(f32x4.mul(f32x4.neg(v128.load(HALF)), g), f32x4.mul(f32x4.mul(y, y), y));
  }
}

/** -g y² */
@final @unmanaged class ReciprocalGrad {
  @inline v(g: v128, y: v128): v128 {
    return f32x4.mul(f32x4.neg(g), f32x4.mul(y, y));
  }
}

@final @unmanaged class SquareGrad {
  @inline v(g: v128, x: v128): v128 {
    return f32x4.mul(g, f32x4.add(x, x));
  }
}

/** g / (1 + x²) */
@final @unmanaged class AtanGrad {
  @inline v(g: v128, x: v128): v128 {
    return f32x4.div(g, madd(v128.load(ONE), x, x));
  }
}

@final @unmanaged class AbsGrad {
  @inline v(g: v128, x: v128): v128 {
    return f32x4.mul(g, changetype<Sign>(0).v(x));
  }
}

/** 0 where y <= 0, hence g at a NaN. */
@final @unmanaged class ReluGrad {
  @inline v(g: v128, y: v128): v128 {
    return v128.andnot(g, f32x4.le(y, f32x4.splat(0)));
  }
}

/** g where low <= x <= high. */
@final @unmanaged class ClampGrad {
  @inline v(g: v128, x: v128, low: v128, high: v128): v128 {
    return v128.and(g, v128.and(f32x4.ge(x, low), f32x4.le(x, high)));
  }
}

/** g, g / 2 or 0, as x is greater than, equal to or less than the other operand. */
@final @unmanaged class MaximumGrad {
  @inline v(g: v128, x: v128, other: v128): v128 {
    let shared = v128.bitselect(f32x4.mul(g, v128.load(HALF)), g, f32x4.eq(x, other));
    return v128.andnot(shared, f32x4.lt(x, other));
  }
}

@final @unmanaged class MinimumGrad {
  @inline v(g: v128, x: v128, other: v128): v128 {
    let shared = v128.bitselect(f32x4.mul(g, v128.load(HALF)), g, f32x4.eq(x, other));
    return v128.andnot(shared, f32x4.gt(x, other));
  }
}

/** -g y / b, with y = a / b */
@final @unmanaged class DivGradB {
  @inline v(g: v128, b: v128, y: v128): v128 {
    return f32x4.neg(f32x4.mul(g, f32x4.div(y, b)));
  }
}

@final @unmanaged class NegSquare {
  @inline v(x: v128): v128 {
    return f32x4.neg(f32x4.mul(x, x));
  }
}

/** g 2/sqrt(pi) e (1 - l): e = exp(-h), h = x² rounded, l = x² - h (Dekker 1971), else 50 ULP are lost at x = 9. */
@final @unmanaged class ErfProduct {
  @inline v(g: v128, x: v128, e: v128): v128 {
    let u = pmin(f32x4.abs(x), v128.load(GAUSS_MAX)), h = f32x4.mul(u, u);
    let top = v128.and(u, v128.load(TOP_BITS)), rest = f32x4.sub(u, top), cross = f32x4.mul(top, rest);
    let l = f32x4.sub(f32x4.mul(top, top), h);
    l = f32x4.add(f32x4.add(l, f32x4.add(cross, cross)), f32x4.mul(rest, rest));
    return f32x4.mul(f32x4.mul(g, v128.load(TWO_OVER_SQRT_PI)), f32x4.mul(e, f32x4.sub(v128.load(ONE), l)));
  }
}

@final @unmanaged class ErfGrad {
  run(g: usize, x: usize, o: usize, n: i32): void {
    for (; n > 0; n -= BLOCK) {
      let count = min(n, BLOCK);
      changetype<Map1<NegSquare>>(0).run(x, tempA(), count);
      changetype<Guarded<Exp>>(0).run(tempA(), tempA(), count);
      changetype<Map3<ErfProduct>>(0).run(g, x, tempA(), o, count);
      g += BLOCK << 2;
      x += BLOCK << 2;
      o += BLOCK << 2;
    }
  }
}

/** g s d, where d = x^(s - 1) */
@final @unmanaged class MulScaled {
  @inline v(g: v128, d: v128, s: v128): v128 {
    return f32x4.mul(g, f32x4.mul(d, s));
  }
}

/** 0 where s is 0, even at a NaN. */
@final @unmanaged class PowScalarGrad {
  run(g: usize, x: usize, o: usize, n: i32, s: f32): void {
    if (s == 0) {
      fill32(o, 1, n, 0);
      return;
    }
    for (; n > 0; n -= BLOCK) {
      let count = min(n, BLOCK);
      changetype<PowScalar>(0).run(x, tempA(), count, s - 1);
      changetype<Map2S<MulScaled>>(0).run(g, tempA(), o, count, s);
      g += BLOCK << 2;
      x += BLOCK << 2;
      o += BLOCK << 2;
    }
  }
}

@final @unmanaged class Decrement {
  @inline v(x: v128): v128 {
    return f32x4.sub(x, v128.load(ONE));
  }
}

/** g b d, where d = a^(b - 1); 0 where b is. */
@final @unmanaged class PowBaseProduct {
  @inline v(g: v128, b: v128, d: v128): v128 {
    return v128.andnot(f32x4.mul(g, f32x4.mul(b, d)), f32x4.eq(b, f32x4.splat(0)));
  }
}

@final @unmanaged class PowBaseGrad {
  run(g: usize, a: usize, b: usize, o: usize, n: i32): void {
    for (; n > 0; n -= BLOCK) {
      let count = min(n, BLOCK);
      changetype<Map1<Decrement>>(0).run(b, tempA(), count);
      changetype<Map2<Pow>>(0).run(a, tempA(), tempA(), count);
      changetype<Map3<PowBaseProduct>>(0).run(g, b, tempA(), o, count);
      g += BLOCK << 2;
      a += BLOCK << 2;
      b += BLOCK << 2;
      o += BLOCK << 2;
    }
  }
}

/** g y log a; 0 where a is 0 and b >= 0, which abs(y) <= 1 tells: 0^b is 0, 1 or infinite. */
@final @unmanaged class PowExponentProduct {
  @inline v(g: v128, a: v128, y: v128): v128 {
    let product = f32x4.mul(g, f32x4.mul(y, changetype<Log>(0).whole(a)));
    return v128.andnot(product, v128.and(f32x4.eq(a, f32x4.splat(0)), f32x4.le(f32x4.abs(y), v128.load(ONE))));
  }
}

export function f32_sin_grad(g: usize, gs: i32, x: usize, xs: i32, o: usize, os: i32, n: i32): void {
  binary<Chain2<Guarded<Cos>, Map2<Mul>>>(f32_sin_grad, g, gs, x, xs, o, os, n);
}
export function f32_cos_grad(g: usize, gs: i32, x: usize, xs: i32, o: usize, os: i32, n: i32): void {
  binary<Chain2<Guarded<Sin>, Map2<NegMul>>>(f32_cos_grad, g, gs, x, xs, o, os, n);
}
export function f32_erf_grad(g: usize, gs: i32, x: usize, xs: i32, o: usize, os: i32, n: i32): void {
  binary<ErfGrad>(f32_erf_grad, g, gs, x, xs, o, os, n);
}
export function f32_tanh_grad(g: usize, gs: i32, y: usize, ys: i32, o: usize, os: i32, n: i32): void {
  binary<Map2<TanhGrad>>(f32_tanh_grad, g, gs, y, ys, o, os, n);
}
export function f32_sigmoid_grad(g: usize, gs: i32, y: usize, ys: i32, o: usize, os: i32, n: i32): void {
  binary<Map2<SigmoidGrad>>(f32_sigmoid_grad, g, gs, y, ys, o, os, n);
}
export function f32_sqrt_grad(g: usize, gs: i32, y: usize, ys: i32, o: usize, os: i32, n: i32): void {
  binary<Map2<SqrtGrad>>(f32_sqrt_grad, g, gs, y, ys, o, os, n);
}
export function f32_rsqrt_grad(g: usize, gs: i32, y: usize, ys: i32, o: usize, os: i32, n: i32): void {
  binary<Map2<RsqrtGrad>>(f32_rsqrt_grad, g, gs, y, ys, o, os, n);
}
export function f32_reciprocal_grad(g: usize, gs: i32, y: usize, ys: i32, o: usize, os: i32, n: i32): void {
  binary<Map2<ReciprocalGrad>>(f32_reciprocal_grad, g, gs, y, ys, o, os, n);
}
export function f32_square_grad(g: usize, gs: i32, x: usize, xs: i32, o: usize, os: i32, n: i32): void {
  binary<Map2<SquareGrad>>(f32_square_grad, g, gs, x, xs, o, os, n);
}
export function f32_atan_grad(g: usize, gs: i32, x: usize, xs: i32, o: usize, os: i32, n: i32): void {
  binary<Map2<AtanGrad>>(f32_atan_grad, g, gs, x, xs, o, os, n);
}
export function f32_abs_grad(g: usize, gs: i32, x: usize, xs: i32, o: usize, os: i32, n: i32): void {
  binary<Map2<AbsGrad>>(f32_abs_grad, g, gs, x, xs, o, os, n);
}
export function f32_relu_grad(g: usize, gs: i32, y: usize, ys: i32, o: usize, os: i32, n: i32): void {
  binary<Map2<ReluGrad>>(f32_relu_grad, g, gs, y, ys, o, os, n);
}
export function f32_clamp_grad(
  g: usize, gs: i32, x: usize, xs: i32, o: usize, os: i32, n: i32, low: f32, high: f32,
): void {
  binaryST<Map2ST<ClampGrad>>(f32_clamp_grad, g, gs, x, xs, o, os, n, low, high);
}

/** For either operand: x is the one that gets the gradient. */
export function f32_maximum_grad(
  g: usize, gs: i32, x: usize, xs: i32, other: usize, others: i32, o: usize, os: i32, n: i32,
): void {
  ternary<Map3<MaximumGrad>>(f32_maximum_grad, g, gs, x, xs, other, others, o, os, n);
}
/** For either operand: x is the one that gets the gradient. */
export function f32_minimum_grad(
  g: usize, gs: i32, x: usize, xs: i32, other: usize, others: i32, o: usize, os: i32, n: i32,
): void {
  ternary<Map3<MinimumGrad>>(f32_minimum_grad, g, gs, x, xs, other, others, o, os, n);
}
/** For the divisor b of y = a / b. */
export function f32_div_grad_b(
  g: usize, gs: i32, b: usize, bs: i32, y: usize, ys: i32, o: usize, os: i32, n: i32,
): void {
  ternary<Map3<DivGradB>>(f32_div_grad_b, g, gs, b, bs, y, ys, o, os, n);
}

/** For the base of x^s. */
export function f32_pow_scalar_grad(
  g: usize, gs: i32, x: usize, xs: i32, o: usize, os: i32, n: i32, s: f32,
): void {
  binaryS<PowScalarGrad>(f32_pow_scalar_grad, g, gs, x, xs, o, os, n, s);
}
/** For the base a of a^b. */
export function f32_pow_base_grad(
  g: usize, gs: i32, a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32,
): void {
  ternary<PowBaseGrad>(f32_pow_base_grad, g, gs, a, as, b, bs, o, os, n);
}
/** For the exponent of y = a^b. */
export function f32_pow_exponent_grad(
  g: usize, gs: i32, a: usize, as: i32, y: usize, ys: i32, o: usize, os: i32, n: i32,
): void {
  ternary<Map3<PowExponentProduct>>(f32_pow_exponent_grad, g, gs, a, as, y, ys, o, os, n);
}
