/**
 * pow(x, y) = 2^(y log2 abs(x)) in f64, hence correctly rounded but for rare cases (0.501 ULP); then signs and the
 * special values of IEEE 754, section 9.2.1.
 */
import { pmax, pmin } from "../../simd/f32x4";
import { binary, unaryS } from "./entries";
import { Map1, Map1S, Map2 } from "./loops";
import { copy32, fill32 } from "./rows";
import { Reciprocal, Rsqrt, Sqrt, Square } from "./unary";
import { exp2Wide, log2Wide, narrow, upper } from "./wide";

const INFINITE: usize = memory.data<f32>([Infinity, Infinity, Infinity, Infinity], 16);
const LARGEST: usize = memory.data<f32>([3.4028235e+38, 3.4028235e+38, 3.4028235e+38, 3.4028235e+38], 16);
const ONE: usize = memory.data<f32>([1, 1, 1, 1], 16);
const HALF: usize = memory.data<f32>([0.5, 0.5, 0.5, 0.5], 16);
const SIGN: usize = memory.data<u32>([0x80000000, 0x80000000, 0x80000000, 0x80000000], 16);

// @ts-ignore: decorator
@inline function pow2(x: v128, y: v128): v128 {
  return exp2Wide(f64x2.mul(f64x2.promote_low_f32x4(y), log2Wide(f64x2.promote_low_f32x4(x))));
}

/** The results for zero, infinite, negative and NaN bases, and NaN exponents; r is abs(x)^y where that is finite. */
function special(x: v128, y: v128, r: v128): v128 {
  let zero = f32x4.splat(0), one = v128.load(ONE), infinite = v128.load(INFINITE), u = f32x4.abs(x);
  let isZero = f32x4.eq(u, zero), isInfinite = f32x4.eq(u, infinite);
  let grows = v128.or(v128.and(isZero, f32x4.lt(y, zero)), v128.and(isInfinite, f32x4.gt(y, zero)));
  r = v128.bitselect(v128.and(infinite, grows), r, v128.or(isZero, isInfinite));
  let half = f32x4.mul(y, v128.load(HALF)), whole = f32x4.eq(f32x4.trunc(y), y);
  let odd = v128.and(whole, f32x4.ne(f32x4.trunc(half), half));
  r = v128.xor(r, v128.and(v128.and(x, odd), v128.load(SIGN)));
  let root = v128.andnot(f32x4.lt(x, zero), v128.or(whole, isInfinite));
  r = v128.or(r, v128.or(root, v128.or(f32x4.ne(x, x), f32x4.ne(y, y))));
  return v128.bitselect(one, r, v128.or(f32x4.eq(y, zero), f32x4.eq(x, one)));
}

@final @unmanaged export class Pow {
  v(x: v128, y: v128): v128 {
    let largest = v128.load(LARGEST), u = f32x4.abs(x);
    let e = pmax(pmin(y, largest), f32x4.neg(largest)); // 1^(±inf) is 1: no infinity times log 1
    let r = narrow(pow2(u, e), pow2(upper(u), upper(e)));
    let plain = v128.and(v128.and(f32x4.gt(x, f32x4.splat(0)), f32x4.le(x, largest)), f32x4.eq(y, y));
    return i32x4.all_true(plain) ? r : special(x, y, r);
  }
}

@final @unmanaged class Cube {
  @inline v(x: v128): v128 {
    return f32x4.mul(f32x4.mul(x, x), x);
  }
}

@final @unmanaged class ReciprocalSquare {
  @inline v(x: v128): v128 {
    return f32x4.div(v128.load(ONE), f32x4.mul(x, x));
  }
}

@final @unmanaged class PowBy {
  @inline v(x: v128, s: v128): v128 {
    return changetype<Pow>(0).v(x, s);
  }
}

@final @unmanaged class PowOf {
  @inline v(x: v128, s: v128): v128 {
    return changetype<Pow>(0).v(s, x);
  }
}

/** a^s with PyTorch's shortcuts: 0.5 and -0.5 are square roots, so -0 and -inf give what sqrt gives. */
@final @unmanaged export class PowScalar {
  run(a: usize, o: usize, n: i32, s: f32): void {
    if (s == 2) changetype<Map1<Square>>(0).run(a, o, n);
    else if (s == 3) changetype<Map1<Cube>>(0).run(a, o, n);
    else if (s == 0.5) changetype<Map1<Sqrt>>(0).run(a, o, n);
    else if (s == -0.5) changetype<Map1<Rsqrt>>(0).run(a, o, n);
    else if (s == -1) changetype<Map1<Reciprocal>>(0).run(a, o, n);
    else if (s == -2) changetype<Map1<ReciprocalSquare>>(0).run(a, o, n);
    else if (s == 1) copy32(a, 1, o, 1, n);
    else if (s == 0) fill32(o, 1, n, 0x3f800000);
    else changetype<Map1S<PowBy>>(0).run(a, o, n, s);
  }
}

export function f32_pow(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Map2<Pow>>(f32_pow, a, as, b, bs, o, os, n);
}
/** o = a^s. */
export function f32_pow_scalar(a: usize, as: i32, o: usize, os: i32, n: i32, s: f32): void {
  unaryS<PowScalar>(f32_pow_scalar, a, as, o, os, n, s);
}
/** o = s^a. */
export function f32_rpow_scalar(a: usize, as: i32, o: usize, os: i32, n: i32, s: f32): void {
  unaryS<Map1S<PowOf>>(f32_rpow_scalar, a, as, o, os, n, s);
}
