/**
 * Reductions and scans. Inputs are contiguous and seen as [outer, k, inner], the work runs along k, outputs are
 * contiguous [outer, inner] (scans: [outer, k, inner]). All counts are in elements.
 */
import { extreme } from "./extreme";
import { fold } from "./fold";
import { AnyU8, FLIP_F32, FLIP_I32, FLIP_U8, MaxF32, MaxI32, NO_FLIP, ProdF32, ProdI32, SumI32 } from "./rules";

export {
  f32_cummax, f32_cummin, f32_logcumsumexp, f32_recurrence, i32_cummax, i32_cummin,
} from "./cumulative";
export { f32_cumprod, f32_cumsum, i32_cumprod, i32_cumsum } from "./scan";
export { f32_sum, f32_sumsq } from "./sum";
export { f32_var } from "./var";

export function f32_prod(a: usize, outer: i32, k: i32, inner: i32, o: usize): void {
  fold<ProdF32, f32>(a, outer, k, inner, NO_FLIP, o);
}

/** A NaN anywhere wins. k > 0. */
export function f32_amax(a: usize, outer: i32, k: i32, inner: i32, o: usize): void {
  fold<MaxF32, f32>(a, outer, k, inner, NO_FLIP, o);
}

export function f32_amin(a: usize, outer: i32, k: i32, inner: i32, o: usize): void {
  fold<MaxF32, f32>(a, outer, k, inner, FLIP_F32, o);
}

/** Values and places; the first of equals wins, a NaN wins over numbers. k > 0. */
export function f32_max_dim(a: usize, outer: i32, k: i32, inner: i32, o: usize, idx: usize): void {
  extreme<MaxF32, f32>(a, outer, k, inner, NO_FLIP, o, idx);
}

export function f32_min_dim(a: usize, outer: i32, k: i32, inner: i32, o: usize, idx: usize): void {
  extreme<MaxF32, f32>(a, outer, k, inner, FLIP_F32, o, idx);
}

export function f32_argmax(a: usize, outer: i32, k: i32, inner: i32, idx: usize): void {
  extreme<MaxF32, f32>(a, outer, k, inner, NO_FLIP, 0, idx);
}

export function f32_argmin(a: usize, outer: i32, k: i32, inner: i32, idx: usize): void {
  extreme<MaxF32, f32>(a, outer, k, inner, FLIP_F32, 0, idx);
}

export function i32_sum(a: usize, outer: i32, k: i32, inner: i32, o: usize): void {
  fold<SumI32, i32>(a, outer, k, inner, NO_FLIP, o);
}

export function i32_prod(a: usize, outer: i32, k: i32, inner: i32, o: usize): void {
  fold<ProdI32, i32>(a, outer, k, inner, NO_FLIP, o);
}

export function i32_amax(a: usize, outer: i32, k: i32, inner: i32, o: usize): void {
  fold<MaxI32, i32>(a, outer, k, inner, NO_FLIP, o);
}

export function i32_amin(a: usize, outer: i32, k: i32, inner: i32, o: usize): void {
  fold<MaxI32, i32>(a, outer, k, inner, FLIP_I32, o);
}

export function i32_max_dim(a: usize, outer: i32, k: i32, inner: i32, o: usize, idx: usize): void {
  extreme<MaxI32, i32>(a, outer, k, inner, NO_FLIP, o, idx);
}

export function i32_min_dim(a: usize, outer: i32, k: i32, inner: i32, o: usize, idx: usize): void {
  extreme<MaxI32, i32>(a, outer, k, inner, FLIP_I32, o, idx);
}

export function i32_argmax(a: usize, outer: i32, k: i32, inner: i32, idx: usize): void {
  extreme<MaxI32, i32>(a, outer, k, inner, NO_FLIP, 0, idx);
}

export function i32_argmin(a: usize, outer: i32, k: i32, inner: i32, idx: usize): void {
  extreme<MaxI32, i32>(a, outer, k, inner, FLIP_I32, 0, idx);
}

export function u8_any(a: usize, outer: i32, k: i32, inner: i32, o: usize): void {
  fold<AnyU8, u8>(a, outer, k, inner, NO_FLIP, o);
}

export function u8_all(a: usize, outer: i32, k: i32, inner: i32, o: usize): void {
  fold<AnyU8, u8>(a, outer, k, inner, FLIP_U8, o);
}
