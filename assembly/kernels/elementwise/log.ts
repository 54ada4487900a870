/**
 * log. Reduction as in Cephes (Moshier, netlib.org/cephes): x = 2^e m with m in [sqrt(1/2), sqrt(2)), f = m - 1,
 * log x = e ln 2 + f - f²/2 + f³ P(f), ln 2 in two parts, added from the small terms up. P is a minimax fit.
 */
import { madd, nmadd } from "../../simd/f32x4";

const ONE: usize = memory.data<f32>([1, 1, 1, 1], 16);
const HALF: usize = memory.data<f32>([0.5, 0.5, 0.5, 0.5], 16);
const LN2_HI: usize = memory.data<f32>([0.693359375, 0.693359375, 0.693359375, 0.693359375], 16);
const LN2_LO: usize = memory.data<f32>([-0.00021219444, -0.00021219444, -0.00021219444, -0.00021219444], 16);
const P0: usize = memory.data<f32>([0.3333333, 0.3333333, 0.3333333, 0.3333333], 16);
const P1: usize = memory.data<f32>([-0.25000823, -0.25000823, -0.25000823, -0.25000823], 16);
const P2: usize = memory.data<f32>([0.20001261, 0.20001261, 0.20001261, 0.20001261], 16);
const P3: usize = memory.data<f32>([-0.16623335, -0.16623335, -0.16623335, -0.16623335], 16);
const P4: usize = memory.data<f32>([0.14200988, 0.14200988, 0.14200988, 0.14200988], 16);
const P5: usize = memory.data<f32>([-0.13159207, -0.13159207, -0.13159207, -0.13159207], 16);
const P6: usize = memory.data<f32>([0.12763804, 0.12763804, 0.12763804, 0.12763804], 16);
const P7: usize = memory.data<f32>([-0.076378144, -0.076378144, -0.076378144, -0.076378144], 16);
/** The bits of sqrt(1/2). What exceeds them has e in its exponent field. */
const SQRT_HALF: usize = memory.data<u32>([0x3f3504f3, 0x3f3504f3, 0x3f3504f3, 0x3f3504f3], 16);
const LEAST_NORMAL: usize = memory.data<u32>([0x00800000, 0x00800000, 0x00800000, 0x00800000], 16);
const INFINITE: usize = memory.data<f32>([Infinity, Infinity, Infinity, Infinity], 16);
const TWO_25: usize = memory.data<f32>([33554432, 33554432, 33554432, 33554432], 16);
const TWENTY_FIVE: usize = memory.data<f32>([25, 25, 25, 25], 16);

// @ts-ignore: decorator
@inline function exponent(x: v128): v128 {
  return i32x4.shr_s(i32x4.sub(x, v128.load(SQRT_HALF)), 23);
}

/** log x, where x = 2^e m; n is e as a float, corrected if x was scaled. */
// @ts-ignore: decorator
@inline function logFrom(x: v128, e: v128, n: v128): v128 {
  let f = f32x4.sub(i32x4.sub(x, i32x4.shl(e, 23)), v128.load(ONE));
  let f2 = f32x4.mul(f, f), f4 = f32x4.mul(f2, f2);
  let low = madd(madd(v128.load(P0), v128.load(P1), f), madd(v128.load(P2), v128.load(P3), f), f2);
  let high = madd(madd(v128.load(P4), v128.load(P5), f), madd(v128.load(P6), v128.load(P7), f), f2);
  let y = f32x4.mul(f32x4.mul(f2, f), madd(low, high, f4));
  y = nmadd(madd(y, n, v128.load(LN2_LO)), f2, v128.load(HALF));
  return madd(f32x4.add(f, y), n, v128.load(LN2_HI));
}

/** log(1 + e) for 0 <= e <= 1, the rounding of 1 + e made good. A NaN passes. */
// @ts-ignore: decorator
@inline export function log1pOfUnit(e: v128): v128 {
  let one = v128.load(ONE), x = f32x4.add(one, e), lost = f32x4.sub(e, f32x4.sub(x, one)), n = exponent(x);
  return f32x4.add(logFrom(x, n, f32x4.convert_i32x4_s(n)), f32x4.div(lost, x));
}

/** At most 0.9 ULP. */
@final @unmanaged export class Log {
  @inline fast(x: v128): v128 {
    let e = exponent(x);
    return logFrom(x, e, f32x4.convert_i32x4_s(e));
  }
  /** Denormals are scaled; then 0, negative, infinite and NaN arguments get their values. */
  whole(x: v128): v128 {
    let zero = f32x4.splat(0);
    let tiny = f32x4.lt(x, v128.load(LEAST_NORMAL));
    let scaled = v128.bitselect(f32x4.mul(x, v128.load(TWO_25)), x, tiny), e = exponent(scaled);
    let n = f32x4.sub(f32x4.convert_i32x4_s(e), v128.and(v128.load(TWENTY_FIVE), tiny));
    let y = logFrom(scaled, e, n), infinite = v128.load(INFINITE);
    y = v128.bitselect(y, x, f32x4.lt(x, infinite));
    y = v128.bitselect(f32x4.neg(infinite), y, f32x4.eq(x, zero));
    return v128.or(y, f32x4.lt(x, zero));
  }
  /** Positive, normal and finite, in one comparison. */
  @inline key(x: v128): v128 {
    return i32x4.sub(x, v128.load(LEAST_NORMAL));
  }
  @inline limit(): i32 {
    return 0x7f000000;
  }
}
