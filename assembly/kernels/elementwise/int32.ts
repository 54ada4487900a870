/**
 * int32 arithmetic, wrapping as two's complement. No kernel traps: division by zero gives 0, and the smallest integer
 * over -1 itself. (PyTorch raises on the former: callers ask `i32_any_zero` first.)
 */
import { binary, unary, unaryST } from "./entries";
import { Map1, Map1ST, Map2 } from "./loops";

@final @unmanaged class Add {
  @inline v(a: v128, b: v128): v128 {
    return i32x4.add(a, b);
  }
}

@final @unmanaged class Sub {
  @inline v(a: v128, b: v128): v128 {
    return i32x4.sub(a, b);
  }
}

@final @unmanaged class Mul {
  @inline v(a: v128, b: v128): v128 {
    return i32x4.mul(a, b);
  }
}

@final @unmanaged class Maximum {
  @inline v(a: v128, b: v128): v128 {
    return i32x4.max_s(a, b);
  }
}

@final @unmanaged class Minimum {
  @inline v(a: v128, b: v128): v128 {
    return i32x4.min_s(a, b);
  }
}

@final @unmanaged class And {
  @inline v(a: v128, b: v128): v128 {
    return v128.and(a, b);
  }
}

@final @unmanaged class Or {
  @inline v(a: v128, b: v128): v128 {
    return v128.or(a, b);
  }
}

@final @unmanaged class Xor {
  @inline v(a: v128, b: v128): v128 {
    return v128.xor(a, b);
  }
}

@final @unmanaged class Neg {
  @inline v(a: v128): v128 {
    return i32x4.neg(a);
  }
}

@final @unmanaged class Abs {
  @inline v(a: v128): v128 {
    return i32x4.abs(a);
  }
}

@final @unmanaged class Not {
  @inline v(a: v128): v128 {
    return v128.not(a);
  }
}

@final @unmanaged class Sign {
  @inline v(a: v128): v128 {
    return i32x4.sub(i32x4.lt_s(a, i32x4.splat(0)), i32x4.gt_s(a, i32x4.splat(0)));
  }
}

/** With low > high the result is high. */
@final @unmanaged class Clamp {
  @inline v(a: v128, low: v128, high: v128): v128 {
    return i32x4.min_s(i32x4.max_s(a, low), high);
  }
}

/** Ops without vector instructions: one element at a time, at any stride. */
// @ts-ignore: decorator
@inline function each<OP>(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  let op = changetype<OP>(0), sa = <isize>as << 2, sb = <isize>bs << 2, so = <isize>os << 2;
  for (; n > 0; --n) {
    store<i32>(o, op.one(load<i32>(a), load<i32>(b)));
    a += sa;
    b += sb;
    o += so;
  }
}

@final @unmanaged class DivTrunc {
  @inline one(a: i32, b: i32): i32 {
    if (b == 0) return 0;
    return b == -1 ? -a : a / b;
  }
}

@final @unmanaged class DivFloor {
  @inline one(a: i32, b: i32): i32 {
    if (b == 0) return 0;
    if (b == -1) return -a;
    let q = a / b;
    return q - i32((a ^ b) < 0 && q * b != a);
  }
}

/** The sign of the dividend. */
@final @unmanaged class Fmod {
  @inline one(a: i32, b: i32): i32 {
    return b == 0 ? 0 : a % b;
  }
}

/** The sign of the divisor. */
@final @unmanaged class Remainder {
  @inline one(a: i32, b: i32): i32 {
    if (b == 0) return 0;
    let r = a % b;
    return r != 0 && (r ^ b) < 0 ? r + b : r;
  }
}

/** By 32 and more, or by a negative number: nothing is left but the sign, as in PyTorch 2. */
@final @unmanaged class ShiftLeft {
  @inline one(a: i32, b: i32): i32 {
    return <u32>b < 32 ? a << b : 0;
  }
}

@final @unmanaged class ShiftRight {
  @inline one(a: i32, b: i32): i32 {
    return a >> (<u32>b < 32 ? b : 31);
  }
}

/** By squaring. Negative exponents give the integer part: ±1 for ±1, else 0. */
@final @unmanaged class Pow {
  @inline one(a: i32, b: i32): i32 {
    if (b < 0) return a == 1 ? 1 : a == -1 ? 1 - ((b & 1) << 1) : 0;
    let y = 1;
    for (; b; b >>= 1) {
      if (b & 1) y *= a;
      a *= a;
    }
    return y;
  }
}

export function i32_add(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Map2<Add>>(i32_add, a, as, b, bs, o, os, n);
}
export function i32_sub(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Map2<Sub>>(i32_sub, a, as, b, bs, o, os, n);
}
export function i32_mul(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Map2<Mul>>(i32_mul, a, as, b, bs, o, os, n);
}
export function i32_maximum(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Map2<Maximum>>(i32_maximum, a, as, b, bs, o, os, n);
}
export function i32_minimum(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Map2<Minimum>>(i32_minimum, a, as, b, bs, o, os, n);
}
export function i32_bitwise_and(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Map2<And>>(i32_bitwise_and, a, as, b, bs, o, os, n);
}
export function i32_bitwise_or(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Map2<Or>>(i32_bitwise_or, a, as, b, bs, o, os, n);
}
export function i32_bitwise_xor(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Map2<Xor>>(i32_bitwise_xor, a, as, b, bs, o, os, n);
}
export function i32_div_trunc(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  each<DivTrunc>(a, as, b, bs, o, os, n);
}
export function i32_div_floor(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  each<DivFloor>(a, as, b, bs, o, os, n);
}
export function i32_fmod(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  each<Fmod>(a, as, b, bs, o, os, n);
}
export function i32_remainder(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  each<Remainder>(a, as, b, bs, o, os, n);
}
export function i32_shift_left(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  each<ShiftLeft>(a, as, b, bs, o, os, n);
}
export function i32_shift_right(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  each<ShiftRight>(a, as, b, bs, o, os, n);
}
export function i32_pow(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  each<Pow>(a, as, b, bs, o, os, n);
}
export function i32_neg(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Map1<Neg>>(i32_neg, a, as, o, os, n);
}
export function i32_abs(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Map1<Abs>>(i32_abs, a, as, o, os, n);
}
export function i32_bitwise_not(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Map1<Not>>(i32_bitwise_not, a, as, o, os, n);
}
export function i32_sign(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Map1<Sign>>(i32_sign, a, as, o, os, n);
}
/** The bounds as bits of floats, as loops take scalar attributes. */
function clampBits(a: usize, as: i32, o: usize, os: i32, n: i32, low: f32, high: f32): void {
  unaryST<Map1ST<Clamp>>(clampBits, a, as, o, os, n, low, high);
}
/** o = min(max(a, low), high). */
export function i32_clamp(a: usize, as: i32, o: usize, os: i32, n: i32, low: i32, high: i32): void {
  clampBits(a, as, o, os, n, reinterpret<f32>(low), reinterpret<f32>(high));
}

/** Whether a 0 is among the elements: what a divisor is asked before a division. */
export function i32_any_zero(a: usize, as: i32, n: i32): bool {
  for (let sa = <isize>as << 2; n > 0; --n) {
    if (!load<i32>(a)) return true;
    a += sa;
  }
  return false;
}
