/** What a GEMM does besides the product; bits of its `flags`. */

/** Add to C instead of overwriting it. */
// @ts-ignore: decorator
@inline export const ACCUMULATE: i32 = 1;

/** Clamp the result at zero from below; NaN stays NaN. */
// @ts-ignore: decorator
@inline export const RELU: i32 = 2;

/** There is a bias: set by the drivers for the last block of k, never by callers. */
// @ts-ignore: decorator
@inline export const BIAS: i32 = 4;
