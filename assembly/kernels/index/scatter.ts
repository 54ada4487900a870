/**
 * Writing at indices: elements of `source` are combined into `o`, in order, so that of equal indices the last one counts
 * when they overwrite. Tensors are contiguous, `o` is [outer, size, inner], `source` is [outer, count, inner]. Indices count
 * along `size` and have been checked.
 */

import { Combine } from "../../abi/combine";

/** A NaN wins, as wasm's min and max have it. */
// @ts-ignore: decorator
@inline function combine<T>(mode: i32, at: usize, value: T): void {
  if (mode == Combine.Replace) {
    store<T>(at, value);
    return;
  }
  const old = load<T>(at);
  if (mode == Combine.Add) store<T>(at, old + value);
  else if (mode == Combine.Multiply) store<T>(at, old * value);
  else if (mode == Combine.Max) store<T>(at, max<T>(old, value));
  else store<T>(at, min<T>(old, value));
}

/** o[i, idx[i, j, l], l] takes source[i, j, l] if each element has an index, o[i, idx[j], l] if each slice has one. */
// @ts-ignore: decorator
@inline function scatter<T>(
  mode: i32, source: usize, idx: usize, each: bool, outer: i32, count: i32, inner: i32, size: i32, o: usize,
): void {
  const rowBytes = <usize>inner * sizeof<T>();
  const perElement: usize = each ? 4 : 0;
  const perSlice: usize = 4 - perElement;
  const first = idx;
  for (; outer > 0; outer--) {
    if (!each) idx = first;
    for (let j = 0; j < count; j++) {
      for (let at: usize = 0; at < rowBytes; at += sizeof<T>()) {
        combine<T>(mode, o + at + <usize>load<i32>(idx) * rowBytes, load<T>(source + at));
        idx += perElement;
      }
      idx += perSlice;
      source += rowBytes;
    }
    o += <usize>size * rowBytes;
  }
}

export function f32_scatter(
  mode: i32, source: usize, idx: usize, each: bool, outer: i32, count: i32, inner: i32, size: i32, o: usize,
): void {
  scatter<f32>(mode, source, idx, each, outer, count, inner, size, o);
}

export function i32_scatter(
  mode: i32, source: usize, idx: usize, each: bool, outer: i32, count: i32, inner: i32, size: i32, o: usize,
): void {
  scatter<i32>(mode, source, idx, each, outer, count, inner, size, o);
}

/** Booleans add up to "any" and multiply to "all". */
export function u8_scatter(
  mode: i32, source: usize, idx: usize, each: bool, outer: i32, count: i32, inner: i32, size: i32, o: usize,
): void {
  if (mode == Combine.Add) mode = Combine.Max;
  else if (mode == Combine.Multiply) mode = Combine.Min;
  scatter<u8>(mode, source, idx, each, outer, count, inner, size, o);
}
