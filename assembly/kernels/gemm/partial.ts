/** Vectors of which only the first one to four lanes are in memory: nothing beyond them is read or written. */

/** The first `lanes` (1 to 4) of a vector; zeros in the others. */
// @ts-ignore: decorator
@inline export function loadLanes(p: usize, lanes: i32): v128 {
  if (lanes >= 4) return v128.load(p);
  if (lanes == 1) return v128.load32_zero(p);
  let v = v128.load64_zero(p);
  return lanes == 2 ? v : v128.load_lane<f32>(p, v, 2, 8);
}

/** Stores the first `lanes` (1 to 4). */
// @ts-ignore: decorator
@inline export function storeLanes(p: usize, v: v128, lanes: i32): void {
  if (lanes >= 4) {
    v128.store(p, v);
  } else if (lanes == 1) {
    v128.store_lane<f32>(p, v, 0);
  } else {
    v128.store_lane<f64>(p, v, 0);
    if (lanes == 3) v128.store_lane<f32>(p, v, 2, 8);
  }
}
