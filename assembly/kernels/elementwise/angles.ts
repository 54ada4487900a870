/** tan; the inverse trigonometric functions, all by one atan2 in f64 and within 0.51 ULP; hypot. */
import { Div } from "./binary";
import { binary, unary } from "./entries";
import { Guarded, Map2 } from "./loops";
import { BLOCK, tempA, tempB } from "./scratch";
import { Cos, Sin } from "./trig";
import { Wide, Wide1, Wide2 } from "./wide";

/** atan t = t P(t²), 0 <= t <= 1, to 2^-31. */
const ATAN: usize = memory.data<f64>([
  0.99999999962826286, -0.33333323934760131, 0.19999604622296298, -0.14279159490400246, 0.11054500511875626,
  -0.087987702018189354, 0.067161049119704747, -0.044357477628457183, 0.022274353456923036, -0.0071993886108370355,
  0.0010911126517536436,
], 16);

const PI: f64 = 3.141592653589793;

// @ts-ignore: decorator
@inline function signBit(x: v128): v128 {
  return v128.and(x, i64x2.splat(0x8000000000000000));
}

@final @unmanaged class Atan2 {
  /** Infinities are taken as 1e300, far beyond all floats: their ratio is 1, and 0 or infinite with anything else. */
  static of(y: v128, x: v128): v128 {
    let most = f64x2.splat(1e300), v = f64x2.pmin(f64x2.abs(y), most), u = f64x2.pmin(f64x2.abs(x), most);
    let larger = f64x2.pmax(f64x2.pmax(v, u), f64x2.splat(1e-300));
    let t = f64x2.div(f64x2.pmin(v, u), larger);
    let angle = f64x2.mul(t, Wide.polynomial(ATAN, 11, f64x2.mul(t, t)));
    angle = v128.bitselect(f64x2.sub(f64x2.splat(PI / 2), angle), angle, f64x2.gt(v, u));
    angle = v128.bitselect(f64x2.sub(f64x2.splat(PI), angle), angle, i64x2.lt_s(x, i64x2.splat(0)));
    angle = v128.or(angle, v128.or(f64x2.ne(x, x), f64x2.ne(y, y)));
    return v128.or(angle, signBit(y));
  }
  @inline w(y: v128, x: v128): v128 {
    return Atan2.of(y, x);
  }
}

/** sqrt(1 - x²), NaN beyond ±1. */
// @ts-ignore: decorator
@inline function leg(x: v128): v128 {
  let one = f64x2.splat(1);
  return f64x2.sqrt(f64x2.mul(f64x2.sub(one, x), f64x2.add(one, x)));
}

@final @unmanaged class Atan {
  @inline w(x: v128): v128 {
    return Atan2.of(x, f64x2.splat(1));
  }
}

@final @unmanaged class Asin {
  @inline w(x: v128): v128 {
    return Atan2.of(x, leg(x));
  }
}

@final @unmanaged class Acos {
  @inline w(x: v128): v128 {
    return Atan2.of(leg(x), x);
  }
}

/** Infinite if either is, even beside a NaN. */
@final @unmanaged class Hypot {
  @inline w(a: v128, b: v128): v128 {
    let infinite = f64x2.splat(Infinity), u = f64x2.abs(a), v = f64x2.abs(b);
    let y = f64x2.sqrt(f64x2.add(f64x2.mul(u, u), f64x2.mul(v, v)));
    return v128.bitselect(infinite, y, v128.or(f64x2.eq(u, infinite), f64x2.eq(v, infinite)));
  }
}

/** sin x / cos x, within 3.6 ULP. */
@final @unmanaged class Tan {
  run(a: usize, o: usize, n: i32): void {
    for (; n > 0; n -= BLOCK) {
      let count = min(n, BLOCK);
      changetype<Guarded<Sin>>(0).run(a, tempA(), count);
      changetype<Guarded<Cos>>(0).run(a, tempB(), count);
      changetype<Map2<Div>>(0).run(tempA(), tempB(), o, count);
      a += BLOCK << 2;
      o += BLOCK << 2;
    }
  }
}

export function f32_tan(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Tan>(f32_tan, a, as, o, os, n);
}
export function f32_asin(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Wide1<Asin>>(f32_asin, a, as, o, os, n);
}
export function f32_acos(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Wide1<Acos>>(f32_acos, a, as, o, os, n);
}
export function f32_atan(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Wide1<Atan>>(f32_atan, a, as, o, os, n);
}
/** The angle of the point (b, a): a is y and b is x. */
export function f32_atan2(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Wide2<Atan2>>(f32_atan2, a, as, b, bs, o, os, n);
}
export function f32_hypot(a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  binary<Wide2<Hypot>>(f32_hypot, a, as, b, bs, o, os, n);
}
