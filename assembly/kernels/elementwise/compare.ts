/** Comparisons, tests and logic: results are u8, 0 or 1. With a NaN all comparisons are false but `ne`. */
import { binary, unary } from "./entries";
import { Bytes1, Bytes2, Masks1, Masks2 } from "./masks";
import { BYTES_A, BYTES_B, BYTES_O } from "./rows";

// @ts-ignore: decorator
@inline const ALL: i32 = BYTES_A | BYTES_B | BYTES_O;
const INFINITE: usize = memory.data<f32>([Infinity, Infinity, Infinity, Infinity], 16);

@final @unmanaged class FEq {
  @inline v(a: v128, b: v128): v128 {
    return f32x4.eq(a, b);
  }
}

@final @unmanaged class FNe {
  @inline v(a: v128, b: v128): v128 {
    return f32x4.ne(a, b);
  }
}

@final @unmanaged class FLt {
  @inline v(a: v128, b: v128): v128 {
    return f32x4.lt(a, b);
  }
}

@final @unmanaged class FLe {
  @inline v(a: v128, b: v128): v128 {
    return f32x4.le(a, b);
  }
}

@final @unmanaged class IEq {
  @inline v(a: v128, b: v128): v128 {
    return i32x4.eq(a, b);
  }
}

@final @unmanaged class INe {
  @inline v(a: v128, b: v128): v128 {
    return i32x4.ne(a, b);
  }
}

@final @unmanaged class ILt {
  @inline v(a: v128, b: v128): v128 {
    return i32x4.lt_s(a, b);
  }
}

@final @unmanaged class ILe {
  @inline v(a: v128, b: v128): v128 {
    return i32x4.le_s(a, b);
  }
}

@final @unmanaged class NotNumber {
  @inline v(a: v128): v128 {
    return f32x4.ne(a, a);
  }
}

@final @unmanaged class Infinite {
  @inline v(a: v128): v128 {
    return f32x4.eq(f32x4.abs(a), v128.load(INFINITE));
  }
}

@final @unmanaged class Finite {
  @inline v(a: v128): v128 {
    return f32x4.lt(f32x4.abs(a), v128.load(INFINITE));
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

@final @unmanaged class Not {
  @inline v(a: v128): v128 {
    return v128.xor(a, i8x16.splat(1));
  }
}

export function f32_eq(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Masks2<FEq>>(f32_eq, a, as, b, bs, o, os, n, BYTES_O);
}
export function f32_ne(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Masks2<FNe>>(f32_ne, a, as, b, bs, o, os, n, BYTES_O);
}
export function f32_lt(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Masks2<FLt>>(f32_lt, a, as, b, bs, o, os, n, BYTES_O);
}
export function f32_le(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Masks2<FLe>>(f32_le, a, as, b, bs, o, os, n, BYTES_O);
}
export function f32_gt(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  f32_lt(b, bs, a, as, o, os, n);
}
export function f32_ge(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  f32_le(b, bs, a, as, o, os, n);
}
export function i32_eq(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Masks2<IEq>>(i32_eq, a, as, b, bs, o, os, n, BYTES_O);
}
export function i32_ne(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Masks2<INe>>(i32_ne, a, as, b, bs, o, os, n, BYTES_O);
}
export function i32_lt(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Masks2<ILt>>(i32_lt, a, as, b, bs, o, os, n, BYTES_O);
}
export function i32_le(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Masks2<ILe>>(i32_le, a, as, b, bs, o, os, n, BYTES_O);
}
export function i32_gt(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  i32_lt(b, bs, a, as, o, os, n);
}
export function i32_ge(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  i32_le(b, bs, a, as, o, os, n);
}
export function f32_isnan(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Masks1<NotNumber>>(f32_isnan, a, as, o, os, n, BYTES_O);
}
export function f32_isinf(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Masks1<Infinite>>(f32_isinf, a, as, o, os, n, BYTES_O);
}
export function f32_isfinite(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Masks1<Finite>>(f32_isfinite, a, as, o, os, n, BYTES_O);
}

// Logic of bools, which are 0 or 1; other dtypes are cast first.

export function u8_logical_and(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Bytes2<And>>(u8_logical_and, a, as, b, bs, o, os, n, ALL);
}
export function u8_logical_or(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Bytes2<Or>>(u8_logical_or, a, as, b, bs, o, os, n, ALL);
}
export function u8_logical_xor(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Bytes2<Xor>>(u8_logical_xor, a, as, b, bs, o, os, n, ALL);
}
export function u8_logical_not(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Bytes1<Not>>(u8_logical_not, a, as, o, os, n, BYTES_A | BYTES_O);
}
