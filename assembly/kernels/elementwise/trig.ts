/**
 * sin and cos: x = n pi + r for sin, x = (n + 1/2) pi + r for cos, abs(r) <= pi/2, then sin r. Below 128 the reduction
 * runs in f32 with pi in three parts (Cody and Waite 1980), below 2^20 in f64 with two, all but the last so short that n
 * times them is exact; above it is Payne and Hanek's (1983, doi:10.1145/1057600.1057602): abs(x) times 2/pi modulo 4 in
 * integers. At most 1.7 ULP everywhere. One polynomial on a half turn is faster than two on a quarter: 0.64 ms for sin of
 * a million elements instead of 0.82.
 */
import { madd, madd64, nmadd } from "../../simd/f32x4";
import { lanesA, lanesB } from "./scratch";

const ONE_OVER_PI: usize = memory.data<f32>([0.31830987, 0.31830987, 0.31830987, 0.31830987], 16);
/** 1.5 * 2^23: adding it rounds to an integer, which is then in the low bits of the sum. */
const ROUND: usize = memory.data<f32>([12582912, 12582912, 12582912, 12582912], 16);
const PI_A: usize = memory.data<f32>([3.1416016, 3.1416016, 3.1416016, 3.1416016], 16);
const PI_B: usize = memory.data<f32>([-8.908915e-6, -8.908915e-6, -8.908915e-6, -8.908915e-6], 16);
const PI_C: usize = memory.data<f32>([5.126688e-12, 5.126688e-12, 5.126688e-12, 5.126688e-12], 16);
/** 128: from here on the reduction needs f64. */
const NEAR_BITS: i32 = 0x43000000;
const PI_HI: usize = memory.data<f64>([-3.1415926534682512, -3.1415926534682512], 16);
const PI_LO: usize = memory.data<f64>([-1.2154201013012384e-10, -1.2154201013012384e-10], 16);
const SIGN: usize = memory.data<u32>([0x80000000, 0x80000000, 0x80000000, 0x80000000], 16);
const HALF: usize = memory.data<f32>([0.5, 0.5, 0.5, 0.5], 16);
/** 2^20: from here on n is too far from x / pi, and the reduction needs integers. */
const LARGE_BITS: i32 = 0x49800000;
const PI_2_AT_62: f64 = 3.4061215800865545e-19;

// sin r = r + r³ (-1/8 + S(r²)), abs(r) <= 1.68; a minimax fit, to 2^-32
const MINUS_EIGHTH: usize = memory.data<f32>([-0.125, -0.125, -0.125, -0.125], 16);
const S0: usize = memory.data<f32>([-0.041666664, -0.041666664, -0.041666664, -0.041666664], 16);
const S1: usize = memory.data<f32>([0.0083333235, 0.0083333235, 0.0083333235, 0.0083333235], 16);
const S2: usize = memory.data<f32>([-0.00019840017, -0.00019840017, -0.00019840017, -0.00019840017], 16);
const S3: usize = memory.data<f32>([2.7487854e-6, 2.7487854e-6, 2.7487854e-6, 2.7487854e-6], 16);
const S4: usize = memory.data<f32>([-2.3318227e-8, -2.3318227e-8, -2.3318227e-8, -2.3318227e-8], 16);

/** The binary digits of 2/pi after the point, behind 32 zeros. */
const DIGITS: usize = memory.data<u32>(
  [0, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab], 16,
);

/**
 * x - m pi where 0 <= x < 128. Where x is a small argument of cos, x - m PI_A is not exact: what it loses is given back
 * before the result is rounded again.
 */
// @ts-ignore: decorator
@inline function restNear(x: v128, m: v128, isCos: bool): v128 {
  let r: v128;
  if (isCos) {
    let far = f32x4.mul(m, v128.load(PI_A));
    r = f32x4.sub(x, far);
    r = f32x4.add(r, nmadd(f32x4.sub(x, f32x4.add(r, far)), m, v128.load(PI_B)));
  } else {
    r = nmadd(nmadd(x, m, v128.load(PI_A)), m, v128.load(PI_B));
  }
  return nmadd(r, m, v128.load(PI_C));
}

/** x - m pi for two lanes. */
// @ts-ignore: decorator
@inline function restOf2(x: v128, m: v128): v128 {
  let n = f64x2.promote_low_f32x4(m);
  let r = madd64(f64x2.promote_low_f32x4(x), n, v128.load(PI_HI));
  return f32x4.demote_f64x2_zero(madd64(r, n, v128.load(PI_LO)));
}

// @ts-ignore: decorator
@inline function restOf(x: v128, m: v128): v128 {
  let high = restOf2(v128.shuffle<i64>(x, x, 1, 1), v128.shuffle<i64>(m, m, 1, 1));
  return v128.shuffle<i64>(restOf2(x, m), high, 0, 2);
}

/** n added to `ROUND`. */
// @ts-ignore: decorator
@inline function halfTurns(u: v128, isCos: bool): v128 {
  let round = v128.load(ROUND);
  if (!isCos) return madd(round, u, v128.load(ONE_OVER_PI));
  return f32x4.add(round, f32x4.sub(f32x4.mul(u, v128.load(ONE_OVER_PI)), v128.load(HALF)));
}

/** What goes with t from halfTurns: n, or n + 1/2. */
// @ts-ignore: decorator
@inline function multiple(t: v128, isCos: bool): v128 {
  let n = f32x4.sub(t, v128.load(ROUND));
  return isCos ? f32x4.add(n, v128.load(HALF)) : n;
}

/**
 * sin r, negated by the low bit of t, and then as sin is by the sign of x, or once more for cos. Dividing r³ by 8 is
 * exact, and what remains of its coefficient loses little: with all of it in S the error is above 2 ULP near pi/2.
 */
// @ts-ignore: decorator
@inline function sinOfRest(r: v128, t: v128, x: v128, u: v128, isCos: bool): v128 {
  let r2 = f32x4.mul(r, r), r3 = f32x4.mul(r2, r), r4 = f32x4.mul(r2, r2);
  let s = madd(madd(v128.load(S2), v128.load(S3), r2), v128.load(S4), r4);
  s = madd(f32x4.mul(r3, v128.load(MINUS_EIGHTH)), r3, madd(madd(v128.load(S0), v128.load(S1), r2), s, r4));
  let y = v128.xor(f32x4.add(r, s), i32x4.shl(t, 31));
  return v128.xor(y, isCos ? v128.load(SIGN) : v128.xor(x, u));
}

// @ts-ignore: decorator
@inline function sinNear(x: v128, isCos: bool): v128 {
  let u = f32x4.abs(x), t = halfTurns(u, isCos);
  return sinOfRest(restNear(u, multiple(t, isCos), isCos), t, x, u, isCos);
}

/**
 * 2/pi times the number with these bits, modulo 4, as 2 + 62 binary digits. The mantissa is multiplied by 96 digits of
 * 2/pi, from the first on whose product is not a multiple of 4.
 */
function turns(bits: u32): u64 {
  let shift = (bits >>> 23) - 120; // digits to be skipped in DIGITS
  let word = DIGITS + <usize>((shift >>> 5) << 2), by: u64 = shift & 31;
  let high = (<u64>load<u32>(word) << 32) | load<u32>(word, 4);
  let low = (<u64>load<u32>(word, 8) << 32) | load<u32>(word, 12);
  if (by) {
    high = (high << by) | (low >>> (64 - by));
    low <<= by;
  }
  let mantissa: u64 = (bits & 0x7fffff) | 0x800000;
  return mantissa * high + ((mantissa * (low >>> 32)) >>> 32);
}

/** Redoes the reduction of the lanes from 2^20 on: r in lanesA, n in lanesB. */
function reduceLarge(u: v128, isCos: bool): void {
  let quarter: u64 = isCos ? 1 << 62 : 0;
  for (let i: usize = 0; i < 16; i += 4) {
    let bits = i32x4.extract_lane(u, 0);
    u = v128.shuffle<i32>(u, u, 1, 2, 3, 0);
    if (bits < LARGE_BITS) continue;
    if (bits >= 0x7f800000) {
      store<f32>(lanesA() + i, NaN);
      continue;
    }
    let p = turns(bits) - quarter, n = (p + (1 << 62)) >>> 63;
    store<f32>(lanesA() + i, <f32>(<f64>(<i64>(p - (n << 63))) * PI_2_AT_62));
    store<i32>(lanesB() + i, <i32>n);
  }
}

/** All arguments. */
function sinWhole(x: v128, isCos: bool): v128 {
  let u = f32x4.abs(x), t = halfTurns(u, isCos), m = multiple(t, isCos);
  let r = v128.bitselect(restNear(u, m, isCos), restOf(u, m), i32x4.lt_s(u, i32x4.splat(NEAR_BITS)));
  if (v128.any_true(i32x4.ge_s(u, i32x4.splat(LARGE_BITS)))) {
    v128.store(lanesA(), r);
    v128.store(lanesB(), t);
    reduceLarge(u, isCos);
    r = v128.load(lanesA());
    t = v128.load(lanesB());
  }
  return sinOfRest(r, t, x, u, isCos);
}

@final @unmanaged export class Sin {
  @inline fast(x: v128): v128 {
    return sinNear(x, false);
  }
  @inline whole(x: v128): v128 {
    return sinWhole(x, false);
  }
  @inline key(x: v128): v128 {
    return i32x4.shl(x, 1);
  }
  @inline limit(): i32 {
    return NEAR_BITS << 1;
  }
}

@final @unmanaged export class Cos {
  @inline fast(x: v128): v128 {
    return sinNear(x, true);
  }
  @inline whole(x: v128): v128 {
    return sinWhole(x, true);
  }
  @inline key(x: v128): v128 {
    return i32x4.shl(x, 1);
  }
  @inline limit(): i32 {
    return NEAR_BITS << 1;
  }
}
