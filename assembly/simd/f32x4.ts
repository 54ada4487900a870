/**
 * The f32x4 words that differ between the two builds, and the few that every kernel needs. This file is the only reader
 * of ASC_FEATURE_RELAXED_SIMD: kernels are written once, against these names.
 */

/** acc + a * b; one rounding in the relaxed build (where the engine fuses), two in the plain one. */
// @ts-ignore: decorator
@inline export function madd(acc: v128, a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, acc);
  return f32x4.add(acc, f32x4.mul(a, b));
}

/** acc - a * b. */
// @ts-ignore: decorator
@inline export function nmadd(acc: v128, a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(a, b, acc);
  return f32x4.sub(acc, f32x4.mul(a, b));
}

/** acc + a * b on two doubles. */
// @ts-ignore: decorator
@inline export function madd64(acc: v128, a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_madd(a, b, acc);
  return f64x2.add(acc, f64x2.mul(a, b));
}

/** Whether this build fuses; kernels choose tile sizes by it, never semantics. */
// @ts-ignore: decorator
@inline export const FUSED: bool = ASC_FEATURE_RELAXED_SIMD;

/** b where a < b, else a: keeps a NaN of `a`, as PyTorch's relu and clamp do (f32x4.max is four times slower in V8). */
// @ts-ignore: decorator
@inline export function pmax(a: v128, b: v128): v128 {
  return f32x4.pmax(a, b);
}

/** b where b < a, else a: keeps a NaN of `a`. */
// @ts-ignore: decorator
@inline export function pmin(a: v128, b: v128): v128 {
  return f32x4.pmin(a, b);
}

/** Sum of the four lanes, pairwise. */
// @ts-ignore: decorator
@inline export function hsum(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 2) + (f32x4.extract_lane(v, 1) + f32x4.extract_lane(v, 3))
  );
}
