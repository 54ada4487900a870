/**
 * exp, and what is made of it: sigmoid, tanh. Range reduction as in Cephes (Moshier, netlib.org/cephes): x = n ln 2 + r
 * with ln 2 in two parts, so that n times the first is exact. The polynomials are minimax fits of the relative error.
 * Constants lie in memory: V8 rebuilds an immediate vector at every use.
 */
import { madd, nmadd, pmax, pmin } from "../../simd/f32x4";

const LOG2E: usize = memory.data<f32>([1.44269504, 1.44269504, 1.44269504, 1.44269504], 16);
/** 1.5 * 2^23: adding it rounds to an integer, which is then in the low bits of the sum. */
const ROUND: usize = memory.data<f32>([12582912, 12582912, 12582912, 12582912], 16);
const ROUND_LESS_1: usize = memory.data<f32>([12582911, 12582911, 12582911, 12582911], 16);
const LN2_HI: usize = memory.data<f32>([0.693359375, 0.693359375, 0.693359375, 0.693359375], 16);
const LN2_LO: usize = memory.data<f32>([-0.00021219444, -0.00021219444, -0.00021219444, -0.00021219444], 16);
const ONE: usize = memory.data<f32>([1, 1, 1, 1], 16);
const TWO: usize = memory.data<f32>([2, 2, 2, 2], 16);
const EXP_MIN: usize = memory.data<f32>([-104, -104, -104, -104], 16);
const SIGMOID_MIN: usize = memory.data<f32>([-87, -87, -87, -87], 16);
const EXP_MAX: usize = memory.data<f32>([89, 89, 89, 89], 16);

// exp(r) = 1 + r + r² (E0 + E1 r + … + E4 r⁴), abs(r) <= ln(2) / 2, to 2^-28.1
const E0: usize = memory.data<f32>([0.49999994, 0.49999994, 0.49999994, 0.49999994], 16);
const E1: usize = memory.data<f32>([0.16666509, 0.16666509, 0.16666509, 0.16666509], 16);
const E2: usize = memory.data<f32>([0.04166801, 0.04166801, 0.04166801, 0.04166801], 16);
const E3: usize = memory.data<f32>([0.008369989, 0.008369989, 0.008369989, 0.008369989], 16);
const E4: usize = memory.data<f32>([0.0013847003, 0.0013847003, 0.0013847003, 0.0013847003], 16);

// 2^r = 1 + H1 r + … + H6 r⁶, abs(r) <= 1/2, to 2^-28.3
const H1: usize = memory.data<f32>([0.6931472, 0.6931472, 0.6931472, 0.6931472], 16);
const H2: usize = memory.data<f32>([0.24022648, 0.24022648, 0.24022648, 0.24022648], 16);
const H3: usize = memory.data<f32>([0.055503596, 0.055503596, 0.055503596, 0.055503596], 16);
const H4: usize = memory.data<f32>([0.009618503, 0.009618503, 0.009618503, 0.009618503], 16);
const H5: usize = memory.data<f32>([0.0013390997, 0.0013390997, 0.0013390997, 0.0013390997], 16);
const H6: usize = memory.data<f32>([0.00015327803, 0.00015327803, 0.00015327803, 0.00015327803], 16);

// exp(r) = 1 + r + r² (M0 + M1 r + … + M4 r⁴ + M5 r⁵), for exp(x) - 1
const M0: usize = memory.data<f32>([0.5, 0.5, 0.5, 0.5], 16);
const M1: usize = memory.data<f32>([0.16666666, 0.16666666, 0.16666666, 0.16666666], 16);
const M2: usize = memory.data<f32>([0.04166646, 0.04166646, 0.04166646, 0.04166646], 16);
const M3: usize = memory.data<f32>([0.008333635, 0.008333635, 0.008333635, 0.008333635], 16);
const M4: usize = memory.data<f32>([0.0013935918, 0.0013935918, 0.0013935918, 0.0013935918], 16);
const M5: usize = memory.data<f32>([0.00019675164, 0.00019675164, 0.00019675164, 0.00019675164], 16);
const TANH_MAX: usize = memory.data<f32>([9.02, 9.02, 9.02, 9.02], 16);
const SIGN: usize = memory.data<u32>([0x80000000, 0x80000000, 0x80000000, 0x80000000], 16);

/** Where n and exp(r) meet: `ROUND` + n, r given. */
// @ts-ignore: decorator
@inline function reduce(x: v128, t: v128): v128 {
  let n = f32x4.sub(t, v128.load(ROUND));
  return nmadd(nmadd(x, n, v128.load(LN2_HI)), n, v128.load(LN2_LO));
}

// @ts-ignore: decorator
@inline function expOfRest(r: v128): v128 {
  let r2 = f32x4.mul(r, r);
  let low = madd(v128.load(E0), v128.load(E1), r);
  let high = madd(madd(v128.load(E2), v128.load(E3), r), v128.load(E4), r2);
  return f32x4.add(madd(r, r2, madd(low, high, r2)), v128.load(ONE));
}

/** exp where the result is neither denormal nor infinite: abs(x) < 87. At most 1.3 ULP. */
// @ts-ignore: decorator
@inline export function expNear(x: v128): v128 {
  let t = madd(v128.load(ROUND), x, v128.load(LOG2E));
  return i32x4.add(expOfRest(reduce(x, t)), i32x4.shl(t, 23));
}

/** 2^x / 2 by n - 1 in the place of n, -125 < x < 127; exactly 1/2 at 0. */
// @ts-ignore: decorator
@inline export function halfExp2Near(x: v128): v128 {
  let t = f32x4.add(x, v128.load(ROUND_LESS_1)), r = f32x4.sub(x, f32x4.sub(t, v128.load(ROUND_LESS_1)));
  let r2 = f32x4.mul(r, r), high = madd(madd(v128.load(H4), r, v128.load(H5)), r2, v128.load(H6));
  let y = madd(madd(v128.load(ONE), r, v128.load(H1)), r2, madd(madd(v128.load(H2), r, v128.load(H3)), r2, high));
  return i32x4.add(y, i32x4.shl(t, 23));
}

/** The block test of exp and sigmoid: the bits of 2 abs(x) against those of 2 * 87. */
const NEAR: u32 = 0x42ae0000 << 1;

/** At most 1.3 ULP. */
@final @unmanaged export class Exp {
  @inline fast(x: v128): v128 {
    return expNear(x);
  }
  /** Two factors 2^(n/2), so that denormal results are rounded once. */
  whole(x: v128): v128 {
    x = pmax(pmin(x, v128.load(EXP_MAX)), v128.load(EXP_MIN));
    let t = madd(v128.load(ROUND), x, v128.load(LOG2E));
    let y = expOfRest(reduce(x, t));
    let n = i32x4.sub(t, v128.load(ROUND)), half = i32x4.shr_s(n, 1), one = v128.load(ONE);
    y = f32x4.mul(y, i32x4.add(one, i32x4.shl(half, 23)));
    return f32x4.mul(y, i32x4.add(one, i32x4.shl(i32x4.sub(n, half), 23)));
  }
  @inline key(x: v128): v128 {
    return i32x4.shl(x, 1);
  }
  @inline limit(): i32 {
    return NEAR;
  }
}

/** 1 / (1 + exp(-x)): exp does not overflow before the result is denormal, and nothing cancels. At most 2.6 ULP. */
@final @unmanaged export class Sigmoid {
  @inline fast(x: v128): v128 {
    let one = v128.load(ONE);
    return f32x4.div(one, f32x4.add(one, expNear(f32x4.neg(x))));
  }
  /** Below -87 it is exp(x). */
  whole(x: v128): v128 {
    let far = f32x4.lt(x, v128.load(SIGMOID_MIN)), one = v128.load(ONE);
    let z = changetype<Exp>(0).whole(v128.bitselect(x, f32x4.neg(x), far));
    return v128.bitselect(z, f32x4.div(one, f32x4.add(one, z)), far);
  }
  @inline key(x: v128): v128 {
    return i32x4.shl(x, 1);
  }
  @inline limit(): i32 {
    return NEAR;
  }
}

/** exp(z) - 1 for -87 <= z <= 87; it does not cancel: 2^n exp(r) - 1 is 2^n (exp(r) - 1) + (2^n - 1). */
// @ts-ignore: decorator
@inline export function expm1Near(z: v128): v128 {
  let t = madd(v128.load(ROUND), z, v128.load(LOG2E)), one = v128.load(ONE);
  let r = reduce(z, t), r2 = f32x4.mul(r, r);
  let low = madd(v128.load(M0), v128.load(M1), r);
  let mid = madd(v128.load(M2), v128.load(M3), r);
  let high = madd(v128.load(M4), v128.load(M5), r);
  let p = madd(r, r2, madd(low, madd(mid, high, r2), r2));
  let scale = i32x4.add(one, i32x4.shl(t, 23));
  return madd(f32x4.sub(scale, one), scale, p);
}

/** tanh(x) = -m / (m + 2) with m = exp(-2 abs(x)) - 1 and the sign of x; 1 from 9.02 on. At most 2.6 ULP. */
// @ts-ignore: decorator
@inline function tanhRule(x: v128): v128 {
  let u = pmin(f32x4.abs(x), v128.load(TANH_MAX)), m = expm1Near(f32x4.neg(f32x4.add(u, u)));
  let y = f32x4.div(f32x4.neg(m), f32x4.add(m, v128.load(TWO)));
  return v128.bitselect(x, y, v128.load(SIGN));
}

@final @unmanaged export class Tanh {
  @inline fast(x: v128): v128 {
    return tanhRule(x);
  }
  whole(x: v128): v128 {
    return tanhRule(x);
  }
}

