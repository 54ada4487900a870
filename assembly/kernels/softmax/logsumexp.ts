import { pmax } from "../../simd/f32x4";
import { narrow } from "../elementwise/wide";
import { high } from "../reduce/sum";
import { lanesOf } from "./columns";
import { expBelow, logOfSum } from "./exp";
import { read, write } from "./lanes";

/** logsumexp down four columns, or two or three: the output has no room to go along rows. */
export function logSumExpStrip(a: usize, k: i32, rowBytes: usize, bytes: usize, o: usize): void {
  const lanes = lanesOf(bytes);
  const end = a + <usize>k * rowBytes;
  let m = f32x4.splat(-Infinity);
  let seen = i32x4.splat(0);
  for (let row = a; row < end; row += rowBytes) {
    const x = read(row, lanes);
    m = pmax(m, x);
    seen = v128.or(seen, f32x4.ne(x, x));
  }
  m = v128.or(m, seen);
  let low = f64x2.splat(0);
  let top = low;
  for (let row = a; row < end; row += rowBytes) {
    const y = expBelow(f32x4.sub(read(row, lanes), m));
    low = f64x2.add(low, f64x2.promote_low_f32x4(y));
    top = f64x2.add(top, high(y));
  }
  const sum = f32x4.add(m, logOfSum(narrow(low, top)));
  write(o, v128.bitselect(m, sum, f32x4.eq(f32x4.abs(m), f32x4.splat(Infinity))), lanes);
}
