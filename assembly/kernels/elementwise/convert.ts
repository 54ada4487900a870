/** Casts, copies, fills and selection: what moves elements without arithmetic. */
import { ternary, unary } from "./entries";
import { Map1 } from "./loops";
import { Masks1, Select, SelectBytes, Widen } from "./masks";
import { BYTES_A, BYTES_B, BYTES_C, BYTES_O } from "./rows";

export { copy32, copy8, fill32, fill8 } from "./rows";

/** Toward zero; beyond the range of int32 its ends; NaN gives 0. */
@final @unmanaged class ToInt {
  @inline v(x: v128): v128 {
    return i32x4.trunc_sat_f32x4_s(x);
  }
}

@final @unmanaged class ToFloat {
  @inline v(x: v128): v128 {
    return f32x4.convert_i32x4_s(x);
  }
}

@final @unmanaged class Same {
  @inline v(x: v128): v128 {
    return x;
  }
}

/** A NaN is true. */
@final @unmanaged class FloatIsTrue {
  @inline v(x: v128): v128 {
    return f32x4.ne(x, f32x4.splat(0));
  }
}

@final @unmanaged class IntIsTrue {
  @inline v(x: v128): v128 {
    return i32x4.ne(x, i32x4.splat(0));
  }
}

export function f32_to_i32(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Map1<ToInt>>(f32_to_i32, a, as, o, os, n);
}
export function i32_to_f32(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Map1<ToFloat>>(i32_to_f32, a, as, o, os, n);
}
export function f32_to_u8(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Masks1<FloatIsTrue>>(f32_to_u8, a, as, o, os, n, BYTES_O);
}
export function i32_to_u8(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Masks1<IntIsTrue>>(i32_to_u8, a, as, o, os, n, BYTES_O);
}
export function u8_to_f32(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Widen<ToFloat>>(u8_to_f32, a, as, o, os, n, BYTES_A);
}
export function u8_to_i32(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Widen<Same>>(u8_to_i32, a, as, o, os, n, BYTES_A);
}

/** o = c ? a : b with c u8; copies bits, so it serves i32 as well. */
export function f32_where(
  c: usize, cs: i32, a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32,
): void {
  ternary<Select>(f32_where, c, cs, a, as, b, bs, o, os, n, BYTES_A);
}
export function u8_where(
  c: usize, cs: i32, a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32,
): void {
  ternary<SelectBytes>(u8_where, c, cs, a, as, b, bs, o, os, n, BYTES_A | BYTES_B | BYTES_C | BYTES_O);
}
