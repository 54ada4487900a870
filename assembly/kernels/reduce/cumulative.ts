/** Scans that are more than a running sum: along k of contiguous [outer, k, inner]. */
import { expBelow, logOfSum } from "../softmax/exp";
import { readSome, writeSome } from "../softmax/lanes";
import { narrow } from "../elementwise/wide";
import { high } from "./sum";
import { FLIP_F32, FLIP_I32, MaxF32, MaxI32, NO_FLIP } from "./rules";

/**
 * The linear recurrence y[j] = x[j] + c[j] y[j-1], or in reverse y[j] = x[j] + c[j+1] y[j+1], in f64. Each is the
 * adjoint of the other, so that derivatives of running products and their like come down to them.
 */
export function f32_recurrence(
  x: usize, c: usize, outer: i32, k: i32, inner: i32, o: usize, reverse: bool,
): void {
  const rowBytes = (<usize>inner) << 2;
  const planeBytes = <usize>k * rowBytes;
  const from: usize = reverse ? planeBytes - rowBytes : 0;
  const step: usize = reverse ? 0 - rowBytes : rowBytes;
  if (k == 0) return;
  for (; outer > 0; outer--) {
    for (let column: usize = from; column < from + rowBytes; column += 4) {
      let at = column;
      let y: f64 = load<f32>(x + at);
      store<f32>(o + at, <f32>y);
      for (let j = 1; j < k; j++) {
        const factor = <f64>load<f32>(c + at + (reverse ? 0 : step));
        at += step;
        y = <f64>load<f32>(x + at) + factor * y;
        store<f32>(o + at, <f32>y);
      }
    }
    x += planeBytes;
    c += planeBytes;
    o += planeBytes;
  }
}

/**
 * How far an element may lie above what the sum is shifted by. The logarithm of the sum is rounded where it is added to
 * the shift, which would tell if they were far apart; what is shifted anew is rounded too, but soon counts little.
 */
const ABOVE: f32 = 4;

/** log Σ exp of 1 to 4 neighbouring columns, so far. Sums are shifted, and kept in f64. */
function logSumStrip(a: usize, k: i32, rowBytes: usize, lanes: i32, o: usize): void {
  const one = f32x4.splat(1);
  let shift = f32x4.splat(-Infinity);
  let low = f64x2.splat(0);
  let top = low;
  for (; k > 0; k--) {
    const x = readSome(a, lanes);
    const above = f32x4.gt(x, f32x4.add(shift, f32x4.splat(ABOVE)));
    if (v128.any_true(above)) {
      const scale = v128.bitselect(expBelow(f32x4.sub(shift, x)), one, above);
      low = f64x2.mul(low, f64x2.promote_low_f32x4(scale));
      top = f64x2.mul(top, high(scale));
      shift = v128.bitselect(x, shift, above);
    }
    // Infinities equal to the shift count 1; a NaN stays.
    let y = v128.bitselect(one, expBelow(f32x4.sub(x, shift)), f32x4.eq(x, shift));
    y = v128.or(y, f32x4.ne(x, x));
    low = f64x2.add(low, f64x2.promote_low_f32x4(y));
    top = f64x2.add(top, high(y));
    const sum = narrow(low, top);
    const log = v128.or(f32x4.add(shift, logOfSum(sum)), f32x4.ne(sum, sum));
    writeSome(o, log, lanes);
    a += rowBytes;
    o += rowBytes;
  }
}

export function f32_logcumsumexp(a: usize, outer: i32, k: i32, inner: i32, o: usize): void {
  const rowBytes = (<usize>inner) << 2;
  const planeBytes = <usize>k * rowBytes;
  for (; outer > 0; outer--) {
    for (let column = 0; column < inner; column += 4) {
      const at = (<usize>column) << 2;
      logSumStrip(a + at, k, rowBytes, min(inner - column, 4), o + at);
    }
    a += planeBytes;
    o += planeBytes;
  }
}

/** The best so far and its place; the last of equals, and of NaNs. */
function extremes<OP, T>(a: usize, outer: i32, k: i32, inner: i32, flip: u32, o: usize, idx: usize): void {
  const op = changetype<OP>(0);
  const rowBytes = (<usize>inner) << 2;
  const planeBytes = <usize>k * rowBytes;
  for (; outer > 0; outer--) {
    for (let column: usize = 0; column < rowBytes; column += 4) {
      let at = column;
      let best = op.zero1();
      let place = 0;
      for (let j = 0; j < k; j++) {
        const x = op.turn1<T>(load<T>(a + at), flip);
        if (!op.wins1(best, x)) {
          best = x;
          place = j;
        }
        store<T>(o + at, op.turn1<T>(best, flip));
        store<i32>(idx + at, place);
        at += rowBytes;
      }
    }
    a += planeBytes;
    o += planeBytes;
    idx += planeBytes;
  }
}

export function f32_cummax(a: usize, outer: i32, k: i32, inner: i32, o: usize, idx: usize): void {
  extremes<MaxF32, f32>(a, outer, k, inner, NO_FLIP, o, idx);
}

export function f32_cummin(a: usize, outer: i32, k: i32, inner: i32, o: usize, idx: usize): void {
  extremes<MaxF32, f32>(a, outer, k, inner, FLIP_F32, o, idx);
}

export function i32_cummax(a: usize, outer: i32, k: i32, inner: i32, o: usize, idx: usize): void {
  extremes<MaxI32, i32>(a, outer, k, inner, NO_FLIP, o, idx);
}

export function i32_cummin(a: usize, outer: i32, k: i32, inner: i32, o: usize, idx: usize): void {
  extremes<MaxI32, i32>(a, outer, k, inner, FLIP_I32, o, idx);
}
