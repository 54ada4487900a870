/** Functions of one tensor. All take (a, stride, o, stride, n); o may be a. */
import { pmax } from "../../simd/f32x4";
import { unary } from "./entries";
import { Erf } from "./erf";
import { Exp, Sigmoid, Tanh } from "./exp";
import { Log } from "./log";
import { Guarded, Long1, Map1, Map1x4, Pairs } from "./loops";
import { Cos, Sin } from "./trig";

@final @unmanaged export class Neg {
  @inline v(x: v128): v128 {
    return f32x4.neg(x);
  }
}

@final @unmanaged export class Abs {
  @inline v(x: v128): v128 {
    return f32x4.abs(x);
  }
}

/** A NaN and -0 pass. */
@final @unmanaged export class Relu {
  @inline v(x: v128): v128 {
    return pmax(x, f32x4.splat(0));
  }
}

@final @unmanaged export class Sqrt {
  @inline v(x: v128): v128 {
    return f32x4.sqrt(x);
  }
}

@final @unmanaged export class Rsqrt {
  @inline v(x: v128): v128 {
    return f32x4.div(f32x4.splat(1), f32x4.sqrt(x));
  }
}

@final @unmanaged export class Reciprocal {
  @inline v(x: v128): v128 {
    return f32x4.div(f32x4.splat(1), x);
  }
}

@final @unmanaged export class Square {
  @inline v(x: v128): v128 {
    return f32x4.mul(x, x);
  }
}

/** 0 at ±0 and, as in PyTorch, at NaN. */
@final @unmanaged export class Sign {
  @inline v(x: v128): v128 {
    let zero = f32x4.splat(0);
    let nonzero = v128.or(f32x4.lt(x, zero), f32x4.gt(x, zero));
    let signed = v128.or(v128.and(x, i32x4.splat(0x80000000)), f32x4.splat(1));
    return v128.and(signed, nonzero);
  }
}

@final @unmanaged export class Floor {
  @inline v(x: v128): v128 {
    return f32x4.floor(x);
  }
}

@final @unmanaged export class Ceil {
  @inline v(x: v128): v128 {
    return f32x4.ceil(x);
  }
}

@final @unmanaged export class Trunc {
  @inline v(x: v128): v128 {
    return f32x4.trunc(x);
  }
}

/** Halves go to the even neighbour. */
@final @unmanaged export class Round {
  @inline v(x: v128): v128 {
    return f32x4.nearest(x);
  }
}

@final @unmanaged class Frac {
  @inline v(x: v128): v128 {
    return f32x4.sub(x, f32x4.trunc(x));
  }
}

export function f32_neg(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Map1x4<Neg>>(f32_neg, a, as, o, os, n);
}
export function f32_relu(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Map1x4<Relu>>(f32_relu, a, as, o, os, n);
}
export function f32_abs(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Map1<Abs>>(f32_abs, a, as, o, os, n);
}
export function f32_sqrt(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Map1<Sqrt>>(f32_sqrt, a, as, o, os, n);
}
export function f32_rsqrt(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Map1<Rsqrt>>(f32_rsqrt, a, as, o, os, n);
}
export function f32_reciprocal(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Map1<Reciprocal>>(f32_reciprocal, a, as, o, os, n);
}
export function f32_square(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Map1<Square>>(f32_square, a, as, o, os, n);
}
export function f32_sign(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Map1<Sign>>(f32_sign, a, as, o, os, n);
}
export function f32_floor(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Map1<Floor>>(f32_floor, a, as, o, os, n);
}
export function f32_ceil(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Map1<Ceil>>(f32_ceil, a, as, o, os, n);
}
export function f32_trunc(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Map1<Trunc>>(f32_trunc, a, as, o, os, n);
}
export function f32_round(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Map1<Round>>(f32_round, a, as, o, os, n);
}
export function f32_frac(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Map1<Frac>>(f32_frac, a, as, o, os, n);
}
export function f32_exp(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Guarded<Exp>>(f32_exp, a, as, o, os, n);
}
export function f32_log(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Guarded<Log>>(f32_log, a, as, o, os, n);
}
export function f32_sin(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Guarded<Sin>>(f32_sin, a, as, o, os, n);
}
export function f32_cos(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Guarded<Cos>>(f32_cos, a, as, o, os, n);
}
export function f32_tanh(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Pairs<Tanh>>(f32_tanh, a, as, o, os, n);
}
export function f32_sigmoid(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Guarded<Sigmoid>>(f32_sigmoid, a, as, o, os, n);
}
export function f32_erf(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  unary<Long1<Erf>>(f32_erf, a, as, o, os, n);
}
