/**
 * Division with remainder. fmod is exact, by long division in f64: a quotient cut to 24 bits times the divisor has 48
 * bits, so each subtraction is exact and leaves 23 bits less; the usual quotient needs one step, the largest twelve.
 */
import { binary } from "./entries";
import { Map2 } from "./loops";
import { Wide2 } from "./wide";

/** abs(a) modulo b, for b > 0. */
function modulo(a: v128, b: v128): v128 {
  let r = f64x2.abs(a);
  do {
    let q = v128.and(f64x2.trunc(f64x2.div(r, b)), i64x2.splat(0xffffffffe0000000));
    r = f64x2.sub(r, f64x2.mul(q, b));
  } while (v128.any_true(f64x2.ge(r, b)));
  return r;
}

/** With the sign of the dividend. */
// @ts-ignore: decorator
@inline function fmod(a: v128, b: v128): v128 {
  let r = modulo(a, f64x2.pmin(f64x2.abs(b), f64x2.splat(1e300))); // infinite divisors leave a as it is
  return v128.or(r, v128.and(a, i64x2.splat(0x8000000000000000)));
}

/** Where the remainder r is not 0 and its sign is not the divisor's. */
// @ts-ignore: decorator
@inline function wrongSide(r: v128, b: v128): v128 {
  let zero = f64x2.splat(0);
  return v128.and(f64x2.ne(r, zero), i64x2.lt_s(v128.xor(r, b), zero));
}

@final @unmanaged class Fmod {
  @inline w(a: v128, b: v128): v128 {
    return fmod(a, b);
  }
}

/** With the sign of the divisor. */
@final @unmanaged class Remainder {
  @inline w(a: v128, b: v128): v128 {
    let r = fmod(a, b);
    return v128.bitselect(f64x2.add(r, b), r, wrongSide(r, b));
  }
}

/**
 * (a - r) / b, an integer, less one where r is on the wrong side; as Python and PyTorch do it. Zeros have the sign of a
 * / b.
 */
@final @unmanaged class FloorDivide {
  @inline w(a: v128, b: v128): v128 {
    let r = fmod(a, b), zero = f64x2.splat(0), exact = f64x2.div(a, b);
    let q = f64x2.nearest(f64x2.div(f64x2.sub(a, r), b));
    q = f64x2.sub(q, v128.and(f64x2.splat(1), wrongSide(r, b)));
    q = v128.bitselect(v128.and(exact, i64x2.splat(0x8000000000000000)), q, f64x2.eq(q, zero));
    return v128.bitselect(exact, q, f64x2.eq(b, zero));
  }
}

@final @unmanaged class DivTrunc {
  @inline v(a: v128, b: v128): v128 {
    return f32x4.trunc(f32x4.div(a, b));
  }
}

export function f32_fmod(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Wide2<Fmod>>(f32_fmod, a, as, b, bs, o, os, n);
}
export function f32_remainder(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Wide2<Remainder>>(f32_remainder, a, as, b, bs, o, os, n);
}
export function f32_floor_divide(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Wide2<FloorDivide>>(f32_floor_divide, a, as, b, bs, o, os, n);
}
export function f32_div_trunc(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Map2<DivTrunc>>(f32_div_trunc, a, as, b, bs, o, os, n);
}
