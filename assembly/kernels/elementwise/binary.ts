/**
 * Arithmetic of two tensors, or of a tensor and a number. o may be a or b.
 *
 * An operand of stride 0 takes the same loop as a number. There is no `sub_scalar`: a - s is a + (-s), to the bit.
 */
import { madd, pmax, pmin } from "../../simd/f32x4";
import { Binary, binary, binaryS, unaryS, unaryST } from "./entries";
import { Map1S, Map1ST, Map1Sx4, Map2, Map2S, Map2x4 } from "./loops";

@final @unmanaged export class Add {
  @inline v(a: v128, b: v128): v128 {
    return f32x4.add(a, b);
  }
}

@final @unmanaged export class Sub {
  @inline v(a: v128, b: v128): v128 {
    return f32x4.sub(a, b);
  }
}

@final @unmanaged export class Mul {
  @inline v(a: v128, b: v128): v128 {
    return f32x4.mul(a, b);
  }
}

@final @unmanaged export class Div {
  @inline v(a: v128, b: v128): v128 {
    return f32x4.div(a, b);
  }
}

@final @unmanaged class AddScalar {
  @inline v(a: v128, s: v128): v128 {
    return f32x4.add(a, s);
  }
}

@final @unmanaged class RsubScalar {
  @inline v(a: v128, s: v128): v128 {
    return f32x4.sub(s, a);
  }
}

@final @unmanaged class MulScalar {
  @inline v(a: v128, s: v128): v128 {
    return f32x4.mul(a, s);
  }
}

@final @unmanaged class DivScalar {
  @inline v(a: v128, s: v128): v128 {
    return f32x4.div(a, s);
  }
}

@final @unmanaged class RdivScalar {
  @inline v(a: v128, s: v128): v128 {
    return f32x4.div(s, a);
  }
}

/** a + s b, fused where the build fuses. */
@final @unmanaged class AddAlpha {
  @inline v(a: v128, b: v128, s: v128): v128 {
    return madd(a, b, s);
  }
}

/** A NaN of either operand passes. f32x4.max would do the same, four times slower in V8. */
@final @unmanaged export class Maximum {
  @inline v(a: v128, b: v128): v128 {
    return v128.bitselect(pmax(a, b), b, f32x4.eq(b, b));
  }
}

@final @unmanaged export class Minimum {
  @inline v(a: v128, b: v128): v128 {
    return v128.bitselect(pmin(a, b), b, f32x4.eq(b, b));
  }
}

/** A NaN passes; with low > high the result is high. */
@final @unmanaged class Clamp {
  @inline v(a: v128, low: v128, high: v128): v128 {
    return pmin(pmax(a, low), high);
  }
}

/** `binary` with loops for an operand of stride 0: K2 for b, K1 for a. */
// @ts-ignore: decorator
@inline function arithmetic<K, K1, K2>(
  kernel: Binary, a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32,
): void {
  if (bs == 0 && n > 1 && !((as ^ 1) | (os ^ 1))) changetype<K2>(0).run(a, o, n, load<f32>(b));
  else if (as == 0 && n > 1 && !((bs ^ 1) | (os ^ 1))) changetype<K1>(0).run(b, o, n, load<f32>(a));
  else binary<K>(kernel, a, as, b, bs, o, os, n);
}

@final @unmanaged class SubScalar {
  @inline run(a: usize, o: usize, n: i32, s: f32): void {
    changetype<Map1Sx4<AddScalar>>(0).run(a, o, n, -s);
  }
}

export function f32_add(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  arithmetic<Map2x4<Add>, Map1Sx4<AddScalar>, Map1Sx4<AddScalar>>(f32_add, a, as, b, bs, o, os, n);
}
export function f32_sub(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  arithmetic<Map2x4<Sub>, Map1S<RsubScalar>, SubScalar>(f32_sub, a, as, b, bs, o, os, n);
}
export function f32_mul(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  arithmetic<Map2x4<Mul>, Map1Sx4<MulScalar>, Map1Sx4<MulScalar>>(f32_mul, a, as, b, bs, o, os, n);
}
export function f32_div(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  arithmetic<Map2<Div>, Map1S<RdivScalar>, Map1S<DivScalar>>(f32_div, a, as, b, bs, o, os, n);
}
export function f32_maximum(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Map2<Maximum>>(f32_maximum, a, as, b, bs, o, os, n);
}
export function f32_minimum(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Map2<Minimum>>(f32_minimum, a, as, b, bs, o, os, n);
}

/** o += a. */
export function f32_acc(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  f32_add(o, os, a, as, o, os, n);
}
/** o = a + alpha b. */
export function f32_add_alpha(
  a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32, alpha: f32,
): void {
  binaryS<Map2S<AddAlpha>>(f32_add_alpha, a, as, b, bs, o, os, n, alpha);
}

/** o = a + s. */
export function f32_add_scalar(a: usize, as: i32, o: usize, os: i32, n: i32, s: f32): void {
  unaryS<Map1Sx4<AddScalar>>(f32_add_scalar, a, as, o, os, n, s);
}
/** o = s - a. */
export function f32_rsub_scalar(a: usize, as: i32, o: usize, os: i32, n: i32, s: f32): void {
  unaryS<Map1S<RsubScalar>>(f32_rsub_scalar, a, as, o, os, n, s);
}
/** o = a s. */
export function f32_mul_scalar(a: usize, as: i32, o: usize, os: i32, n: i32, s: f32): void {
  unaryS<Map1Sx4<MulScalar>>(f32_mul_scalar, a, as, o, os, n, s);
}
/** o = a / s, divided and not multiplied by 1 / s. */
export function f32_div_scalar(a: usize, as: i32, o: usize, os: i32, n: i32, s: f32): void {
  unaryS<Map1S<DivScalar>>(f32_div_scalar, a, as, o, os, n, s);
}
/** o = s / a. */
export function f32_rdiv_scalar(a: usize, as: i32, o: usize, os: i32, n: i32, s: f32): void {
  unaryS<Map1S<RdivScalar>>(f32_rdiv_scalar, a, as, o, os, n, s);
}
/** o = min(max(a, low), high); bounds may be infinite. A bound that is NaN makes everything NaN, as in PyTorch. */
export function f32_clamp(a: usize, as: i32, o: usize, os: i32, n: i32, low: f32, high: f32): void {
  if (low != low || high != high) f32_add_scalar(a, as, o, os, n, NaN);
  else unaryST<Map1ST<Clamp>>(f32_clamp, a, as, o, os, n, low, high);
}
