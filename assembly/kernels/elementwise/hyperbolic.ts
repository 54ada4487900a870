/**
 * Logarithms, exponentials and hyperbolic functions in f64 (wide.ts): within 0.51 ULP, denormal results included. Odd
 * functions have series for small arguments, where their formulas cancel; the sign is put back by bits, so -0 stays.
 */
import { madd64 } from "../../simd/f32x4";
import { unary } from "./entries";
import { Wide, Wide1 } from "./wide";

/** Sign of x, magnitude of y. */
// @ts-ignore: decorator
@inline function signed(x: v128, y: v128): v128 {
  return v128.bitselect(x, y, i64x2.splat(0x8000000000000000));
}

@final @unmanaged class Log2 {
  @inline w(x: v128): v128 {
    return Wide.log2(x);
  }
}

@final @unmanaged class Log10 {
  @inline w(x: v128): v128 {
    return f64x2.mul(Wide.log2(x), f64x2.splat(0.3010299956639812));
  }
}

@final @unmanaged class Log1p {
  @inline w(x: v128): v128 {
    return Wide.log1p(x);
  }
}

@final @unmanaged class Exp2 {
  @inline w(x: v128): v128 {
    return Wide.exp2(x);
  }
}

/** x (1 + x/2 + x²/6 + x³/24) below 2^-9. */
@final @unmanaged class Expm1 {
  @inline w(x: v128): v128 {
    let series = madd64(f64x2.splat(1 / 6.0), x, f64x2.splat(1 / 24.0));
    series = madd64(f64x2.splat(1), x, madd64(f64x2.splat(0.5), x, series));
    let y = f64x2.sub(Wide.exp(x), f64x2.splat(1));
    return v128.bitselect(f64x2.mul(x, series), y, f64x2.lt(f64x2.abs(x), f64x2.splat(1 / 512.0)));
  }
}

/** x (1 + x²/6 + x⁴/120 + x⁶/5040) below 1/8. */
@final @unmanaged class Sinh {
  @inline w(x: v128): v128 {
    let u = f64x2.abs(x), z = f64x2.mul(x, x), e = Wide.exp(u);
    let series = madd64(f64x2.splat(1 / 120.0), z, f64x2.splat(1 / 5040.0));
    series = madd64(f64x2.splat(1), z, madd64(f64x2.splat(1 / 6.0), z, series));
    let y = f64x2.mul(f64x2.sub(e, f64x2.div(f64x2.splat(1), e)), f64x2.splat(0.5));
    return signed(x, v128.bitselect(f64x2.mul(u, series), y, f64x2.lt(u, f64x2.splat(0.125))));
  }
}

@final @unmanaged class Cosh {
  @inline w(x: v128): v128 {
    let e = Wide.exp(f64x2.abs(x));
    return f64x2.mul(f64x2.add(e, f64x2.div(f64x2.splat(1), e)), f64x2.splat(0.5));
  }
}

/** log(u + sqrt(u² + 1)); u (1 - u²/6) below 2^-10. */
@final @unmanaged class Asinh {
  @inline w(x: v128): v128 {
    let u = f64x2.abs(x), z = f64x2.mul(x, x);
    let series = madd64(f64x2.splat(1), z, f64x2.splat(-1 / 6.0));
    let y = Wide.log(f64x2.add(u, f64x2.sqrt(f64x2.add(z, f64x2.splat(1)))));
    return signed(x, v128.bitselect(f64x2.mul(u, series), y, f64x2.lt(u, f64x2.splat(1 / 1024.0))));
  }
}

/** log(x + sqrt((x - 1) (x + 1))); NaN below 1, where the sum may still be 0 or more. */
@final @unmanaged class Acosh {
  @inline w(x: v128): v128 {
    let one = f64x2.splat(1), z = f64x2.mul(f64x2.sub(x, one), f64x2.add(x, one));
    return v128.or(Wide.log(f64x2.add(x, f64x2.sqrt(z))), f64x2.lt(x, one));
  }
}

/** log((1 + u) / (1 - u)) / 2; u (1 + u²/3) below 2^-10. */
@final @unmanaged class Atanh {
  @inline w(x: v128): v128 {
    let one = f64x2.splat(1), u = f64x2.abs(x);
    let series = madd64(one, f64x2.mul(x, x), f64x2.splat(1 / 3.0));
    let y = f64x2.mul(Wide.log(f64x2.div(f64x2.add(one, u), f64x2.sub(one, u))), f64x2.splat(0.5));
    return signed(x, v128.bitselect(f64x2.mul(u, series), y, f64x2.lt(u, f64x2.splat(1 / 1024.0))));
  }
}

export function f32_log2(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Wide1<Log2>>(f32_log2, a, as, o, os, n);
}
export function f32_log10(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Wide1<Log10>>(f32_log10, a, as, o, os, n);
}
export function f32_log1p(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Wide1<Log1p>>(f32_log1p, a, as, o, os, n);
}
export function f32_exp2(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Wide1<Exp2>>(f32_exp2, a, as, o, os, n);
}
export function f32_expm1(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Wide1<Expm1>>(f32_expm1, a, as, o, os, n);
}
export function f32_sinh(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Wide1<Sinh>>(f32_sinh, a, as, o, os, n);
}
export function f32_cosh(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Wide1<Cosh>>(f32_cosh, a, as, o, os, n);
}
export function f32_asinh(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Wide1<Asinh>>(f32_asinh, a, as, o, os, n);
}
export function f32_acosh(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Wide1<Acosh>>(f32_acosh, a, as, o, os, n);
}
export function f32_atanh(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Wide1<Atanh>>(f32_atanh, a, as, o, os, n);
}
