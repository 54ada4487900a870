import { nmadd } from "../../simd/f32x4";
import { expNear } from "../elementwise/exp";
import { Log } from "../elementwise/log";

const LEAST: usize = memory.data<f32>([-87.3, -87.3, -87.3, -87.3], 16);

/** exp x for x <= 0, and 0 where the result would be denormal or x is NaN: what expNear makes of those is masked. */
// @ts-ignore: decorator
@inline export function expBelow(x: v128): v128 {
  return v128.and(expNear(x), f32x4.ge(x, v128.load(LEAST)));
}

/**
 * log of sums of exponentials shifted by their maximum, which are at least 1. A sum of 0 means that the maximum was NaN
 * or infinite: its logarithm is NaN.
 */
// @ts-ignore: decorator
@inline export function logOfSum(sum: v128): v128 {
  const none = f32x4.eq(sum, f32x4.splat(0));
  return v128.or(changetype<Log>(0).fast(sum), none);
}

/** g − exp(y) Σ g. A NaN in y stays one. */
// @ts-ignore: decorator
@inline export function logSoftmaxGrad(g: v128, y: v128, sum: v128): v128 {
  return v128.or(nmadd(g, expBelow(y), sum), f32x4.ne(y, y));
}
