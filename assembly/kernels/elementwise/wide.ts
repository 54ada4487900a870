/**
 * log2 and 2^t on two doubles, to 2^-39 and better: the base of pow, and of functions whose f32 results shall be
 * correctly rounded but for rare cases without a polynomial of their own. log2 m = s L(s²) with s = (m - 1) / (m + 1)
 * and m in [sqrt(1/2), sqrt(2)). Both polynomials are minimax fits of the relative error.
 */
import { madd64 } from "../../simd/f32x4";

/** The bits of sqrt(1/2), and of 1 less those: adding these carries into the exponent exactly from sqrt(1/2) on. */
const SQRT_HALF: usize = memory.data<u64>([0x3fe6a09e667f3bcd, 0x3fe6a09e667f3bcd], 16);
const TO_ONE: usize = memory.data<u64>([0x00095f619980c433, 0x00095f619980c433], 16);
const MANTISSA: usize = memory.data<u64>([0x000fffffffffffff, 0x000fffffffffffff], 16);
/** The bits of 2^52: a small integer put into them becomes a float once 2^52 is subtracted (here: and the bias). */
const TWO_52: usize = memory.data<u64>([0x4330000000000000, 0x4330000000000000], 16);
const TWO_52_BIAS: usize = memory.data<f64>([4503599627371519, 4503599627371519], 16);
const ONE: usize = memory.data<f64>([1, 1], 16);
const L0: usize = memory.data<f64>([2.88539008177785, 2.88539008177785], 16);
const L1: usize = memory.data<f64>([0.96179669411330522, 0.96179669411330522], 16);
const L2: usize = memory.data<f64>([0.57707794237703016, 0.57707794237703016], 16);
const L3: usize = memory.data<f64>([0.41220925104196578, 0.41220925104196578], 16);
const L4: usize = memory.data<f64>([0.31990575525048206, 0.31990575525048206], 16);
const L5: usize = memory.data<f64>([0.28289928270370531, 0.28289928270370531], 16);

/** 1.5 * 2^52 */
const ROUND: usize = memory.data<f64>([6755399441055744, 6755399441055744], 16);
const MOST: usize = memory.data<f64>([1000, 1000], 16);
const E0: usize = memory.data<f64>([0.69314718054123295, 0.69314718054123295], 16);
const E1: usize = memory.data<f64>([0.24022650694742637, 0.24022650694742637], 16);
const E2: usize = memory.data<f64>([0.055504109592278685, 0.055504109592278685], 16);
const E3: usize = memory.data<f64>([0.0096181295588242565, 0.0096181295588242565], 16);
const E4: usize = memory.data<f64>([0.0013333434158362822, 0.0013333434158362822], 16);
const E5: usize = memory.data<f64>([0.00015403098297991158, 0.00015403098297991158], 16);
const E6: usize = memory.data<f64>([0.000015314209034272398, 0.000015314209034272398], 16);
const E7: usize = memory.data<f64>([0.0000013344180899884819, 0.0000013344180899884819], 16);

/** log2 of positive normal doubles, which all positive floats are. Zero gives -1023, infinity 1024. */
// @ts-ignore: decorator
@inline export function log2Wide(x: v128): v128 {
  let k = i64x2.add(x, v128.load(TO_ONE));
  let e = f64x2.sub(v128.or(i64x2.shr_u(k, 52), v128.load(TWO_52)), v128.load(TWO_52_BIAS));
  let m = i64x2.add(v128.and(k, v128.load(MANTISSA)), v128.load(SQRT_HALF));
  let one = v128.load(ONE), s = f64x2.div(f64x2.sub(m, one), f64x2.add(m, one));
  let z = f64x2.mul(s, s), z2 = f64x2.mul(z, z);
  let low = madd64(v128.load(L0), v128.load(L1), z);
  let high = madd64(madd64(v128.load(L2), v128.load(L3), z), madd64(v128.load(L4), v128.load(L5), z), z2);
  return madd64(e, s, madd64(low, high, z2));
}

/** 2^t; t is held within ±1000. */
// @ts-ignore: decorator
@inline export function exp2Wide(t: v128): v128 {
  let most = v128.load(MOST);
  t = f64x2.pmax(f64x2.pmin(t, most), f64x2.neg(most));
  let n = f64x2.add(t, v128.load(ROUND)), r = f64x2.sub(t, f64x2.sub(n, v128.load(ROUND)));
  let r2 = f64x2.mul(r, r), r4 = f64x2.mul(r2, r2);
  let low = madd64(madd64(v128.load(E0), v128.load(E1), r), madd64(v128.load(E2), v128.load(E3), r), r2);
  let high = madd64(madd64(v128.load(E4), v128.load(E5), r), madd64(v128.load(E6), v128.load(E7), r), r2);
  return i64x2.add(madd64(v128.load(ONE), r, madd64(low, high, r4)), i64x2.shl(n, 52));
}

/** The upper two lanes moved down. */
// @ts-ignore: decorator
@inline export function upper(x: v128): v128 {
  return v128.shuffle<i64>(x, x, 1, 1);
}

/** Two pairs of doubles to four floats. */
// @ts-ignore: decorator
@inline export function narrow(low: v128, high: v128): v128 {
  return v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
}

const INFINITE: usize = memory.data<f64>([Infinity, Infinity], 16);
const LOG2E: usize = memory.data<f64>([1.4426950408889634, 1.4426950408889634], 16);
const LN2: usize = memory.data<f64>([0.6931471805599453, 0.6931471805599453], 16);
const HALF: usize = memory.data<f64>([0.5, 0.5], 16);
/** 2^-20: below it log(1 + x) = x - x²/2 to 2^-41, above it 1 + x is exact. */
const SMALL: usize = memory.data<f64>([9.5367431640625e-7, 9.5367431640625e-7], 16);

/** The same as functions of their own, for all arguments. */
@final @unmanaged export class Wide {
  static log2(x: v128): v128 {
    let zero = f64x2.splat(0), infinite = v128.load(INFINITE), y = log2Wide(x);
    y = v128.bitselect(y, x, f64x2.lt(x, infinite));
    y = v128.bitselect(f64x2.neg(infinite), y, f64x2.eq(x, zero));
    return v128.or(y, f64x2.lt(x, zero));
  }

  static log(x: v128): v128 {
    return f64x2.mul(Wide.log2(x), v128.load(LN2));
  }

  static exp2(x: v128): v128 {
    return exp2Wide(x);
  }

  static exp(x: v128): v128 {
    return Wide.exp2(f64x2.mul(x, v128.load(LOG2E)));
  }

  static log1p(x: v128): v128 {
    let small = f64x2.lt(f64x2.abs(x), v128.load(SMALL));
    let series = f64x2.sub(x, f64x2.mul(f64x2.mul(x, x), v128.load(HALF)));
    return v128.bitselect(series, Wide.log(f64x2.add(x, v128.load(ONE))), small);
  }

  /** c[0] + c[1] z + …, from a table of doubles. */
  static polynomial(c: usize, count: i32, z: v128): v128 {
    let p = c + (<usize>count << 3) - 8, y = v128.load64_splat(p);
    while (p > c) {
      p -= 8;
      y = madd64(v128.load64_splat(p), y, z);
    }
    return y;
  }
}

/** A loop whose rule `w` is given two doubles; the count may be odd. */
@final @unmanaged export class Wide1<OP> {
  run(a: usize, o: usize, n: i32): void {
    for (; n > 0; n -= 2) {
      let x = n > 1 ? v128.load64_zero(a) : v128.load32_zero(a);
      let y = f32x4.demote_f64x2_zero(changetype<OP>(0).w(f64x2.promote_low_f32x4(x)));
      if (n > 1) v128.store64_lane(o, y, 0);
      else v128.store32_lane(o, y, 0);
      a += 8;
      o += 8;
    }
  }
}

@final @unmanaged export class Wide2<OP> {
  run(a: usize, b: usize, o: usize, n: i32): void {
    for (; n > 0; n -= 2) {
      let x = n > 1 ? v128.load64_zero(a) : v128.load32_zero(a);
      let z = n > 1 ? v128.load64_zero(b) : v128.load32_zero(b);
      let y = changetype<OP>(0).w(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(z));
      y = f32x4.demote_f64x2_zero(y);
      if (n > 1) v128.store64_lane(o, y, 0);
      else v128.store32_lane(o, y, 0);
      a += 8;
      b += 8;
      o += 8;
    }
  }
}
