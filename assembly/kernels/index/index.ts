/**
 * Picking elements by index, and adding them back. Tensors are contiguous and seen as [outer, k, inner]; indices count
 * along k, are not negative, and have been checked with i32_in_range. Copies of 32 bits serve f32 and i32, those of 8
 * booleans.
 */

/** The first place of an index outside [low, high), or -1. */
export function i32_in_range(idx: usize, n: i32, low: i32, high: i32): i32 {
  // Seen from `low` without a sign, what lies below it is large.
  const span = <u32>max(high, low) - <u32>low;
  const lows = i32x4.splat(low);
  const spans = i32x4.splat(span);
  let i = 0;
  for (; i <= n - 4; i += 4) {
    const bad = i32x4.ge_u(i32x4.sub(v128.load(idx + ((<usize>i) << 2)), lows), spans);
    if (v128.any_true(bad)) return i + ctz(i32x4.bitmask(bad));
  }
  for (; i < n; i++) {
    if (<u32>(load<i32>(idx + ((<usize>i) << 2)) - low) >= span) return i;
  }
  return -1;
}

/** o[i, j, l] = a[i, idx[i, j, l], l] */
// @ts-ignore: decorator
@inline function gather<T>(a: usize, outer: i32, kIn: i32, inner: i32, idx: usize, kOut: i32, o: usize): void {
  const rowBytes = <usize>inner * sizeof<T>();
  for (; outer > 0; outer--) {
    const end = o + <usize>kOut * rowBytes;
    if (inner == 1) {
      for (; o < end; o += sizeof<T>()) {
        store<T>(o, load<T>(a + <usize>load<i32>(idx) * sizeof<T>()));
        idx += 4;
      }
    }
    while (o < end) {
      for (let at: usize = 0; at < rowBytes; at += sizeof<T>()) {
        store<T>(o + at, load<T>(a + at + <usize>load<i32>(idx) * rowBytes));
        idx += 4;
      }
      o += rowBytes;
    }
    a += <usize>kIn * rowBytes;
  }
}

export function gather32(a: usize, outer: i32, kIn: i32, inner: i32, idx: usize, kOut: i32, o: usize): void {
  gather<u32>(a, outer, kIn, inner, idx, kOut, o);
}

export function gather8(a: usize, outer: i32, kIn: i32, inner: i32, idx: usize, kOut: i32, o: usize): void {
  gather<u8>(a, outer, kIn, inner, idx, kOut, o);
}

/** Entering memory.copy takes 5 ns: below 200 bytes a loop is faster. */
function copyRow<T>(o: usize, a: usize, bytes: usize): void {
  if (bytes >= 200) {
    memory.copy(o, a, bytes);
    return;
  }
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) v128.store(o + at, v128.load(a + at));
  for (; at < bytes; at += sizeof<T>()) store<T>(o + at, load<T>(a + at));
}

/** o[i, j, :] = a[i, idx[j], :], idx of n elements */
// @ts-ignore: decorator
@inline function select<T>(a: usize, outer: i32, kIn: i32, inner: i32, idx: usize, n: i32, o: usize): void {
  const rowBytes = <usize>inner * sizeof<T>();
  for (; outer > 0; outer--) {
    for (let j = 0; j < n; j++) {
      copyRow<T>(o, a + <usize>load<i32>(idx + ((<usize>j) << 2)) * rowBytes, rowBytes);
      o += rowBytes;
    }
    a += <usize>kIn * rowBytes;
  }
}

export function index_select32(a: usize, outer: i32, kIn: i32, inner: i32, idx: usize, n: i32, o: usize): void {
  select<u32>(a, outer, kIn, inner, idx, n, o);
}

export function index_select8(a: usize, outer: i32, kIn: i32, inner: i32, idx: usize, n: i32, o: usize): void {
  select<u8>(a, outer, kIn, inner, idx, n, o);
}

/** o[i, idx[i, j, l], l] += g[i, j, l], in order, as PyTorch on one thread. */
export function scatter_add_f32(g: usize, idx: usize, outer: i32, kOut: i32, inner: i32, kIn: i32, o: usize): void {
  const rowBytes = (<usize>inner) << 2;
  for (; outer > 0; outer--) {
    const end = g + <usize>kOut * rowBytes;
    if (inner == 1) {
      for (; g < end; g += 4) {
        const to = o + ((<usize>load<i32>(idx)) << 2);
        store<f32>(to, load<f32>(to) + load<f32>(g));
        idx += 4;
      }
    }
    while (g < end) {
      for (let at: usize = 0; at < rowBytes; at += 4) {
        const to = o + at + <usize>load<i32>(idx) * rowBytes;
        store<f32>(to, load<f32>(to) + load<f32>(g + at));
        idx += 4;
      }
      g += rowBytes;
    }
    o += <usize>kIn * rowBytes;
  }
}

function addRow(o: usize, g: usize, bytes: usize): void {
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) v128.store(o + at, f32x4.add(v128.load(o + at), v128.load(g + at)));
  for (; at < bytes; at += 4) store<f32>(o + at, load<f32>(o + at) + load<f32>(g + at));
}

/** o[i, idx[j], :] += g[i, j, :], in order; idx of n elements */
export function index_add_f32(g: usize, outer: i32, n: i32, inner: i32, idx: usize, kIn: i32, o: usize): void {
  const rowBytes = (<usize>inner) << 2;
  for (; outer > 0; outer--) {
    for (let j = 0; j < n; j++) {
      addRow(o + <usize>load<i32>(idx + ((<usize>j) << 2)) * rowBytes, g, rowBytes);
      g += rowBytes;
    }
    o += <usize>kIn * rowBytes;
  }
}
