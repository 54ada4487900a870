/** Arithmetic of two and three tensors that PyTorch has as one function. */
import { madd } from "../../simd/f32x4";
import { binary, binaryS, ternary, ternaryS } from "./entries";
import { Log } from "./log";
import { Map2, Map2S, Map3, Map3S } from "./loops";

/** The magnitude of a, the sign of b. */
@final @unmanaged class Copysign {
  @inline v(a: v128, b: v128): v128 {
    return v128.bitselect(b, a, i32x4.splat(0x80000000));
  }
}

/** a log b; 0 where a is 0, unless b is NaN. */
@final @unmanaged class Xlogy {
  v(a: v128, b: v128): v128 {
    let y = f32x4.mul(a, changetype<Log>(0).whole(b));
    return v128.andnot(y, v128.and(f32x4.eq(a, f32x4.splat(0)), f32x4.eq(b, b)));
  }
}

/** a + w (b - a), from the nearer end, so that w = 1 gives b exactly. */
@final @unmanaged class Lerp {
  @inline v(a: v128, b: v128, w: v128): v128 {
    let d = f32x4.sub(b, a), half = f32x4.splat(0.5);
    let far = f32x4.sub(b, f32x4.mul(d, f32x4.sub(f32x4.splat(1), w)));
    return v128.bitselect(f32x4.add(a, f32x4.mul(w, d)), far, f32x4.lt(w, half));
  }
}

/** c + s a b */
@final @unmanaged class Addcmul {
  @inline v(c: v128, a: v128, b: v128, s: v128): v128 {
    return madd(c, f32x4.mul(s, a), b);
  }
}

/** c + s a / b */
@final @unmanaged class Addcdiv {
  @inline v(c: v128, a: v128, b: v128, s: v128): v128 {
    return f32x4.add(c, f32x4.div(f32x4.mul(s, a), b));
  }
}

export function f32_copysign(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Map2<Copysign>>(f32_copysign, a, as, b, bs, o, os, n);
}
export function f32_xlogy(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Map2<Xlogy>>(f32_xlogy, a, as, b, bs, o, os, n);
}
/** o = a + w (b - a). */
export function f32_lerp(a: usize, as: i32, b: usize, bs: i32, w: usize, ws: i32, o: usize, os: i32, n: i32): void {
  ternary<Map3<Lerp>>(f32_lerp, a, as, b, bs, w, ws, o, os, n);
}
export function f32_lerp_scalar(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32, w: f32): void {
  binaryS<Map2S<Lerp>>(f32_lerp_scalar, a, as, b, bs, o, os, n, w);
}
/** o = c + s a b. */
export function f32_addcmul(
  c: usize, cs: i32, a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32, s: f32,
): void {
  ternaryS<Map3S<Addcmul>>(f32_addcmul, c, cs, a, as, b, bs, o, os, n, s);
}
/** o = c + s a / b. */
export function f32_addcdiv(
  c: usize, cs: i32, a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32, s: f32,
): void {
  ternaryS<Map3S<Addcdiv>>(f32_addcdiv, c, cs, a, as, b, bs, o, os, n, s);
}
