/**
 * Running sums and products along k. Like PyTorch's, those of floats run in f64 and are rounded where they are stored.
 */

@final
@unmanaged
class Sum {
  @inline start<A>(): A {
    return <A>0;
  }
  @inline s<A>(acc: A, x: A): A {
    return <A>(acc + x);
  }
}

@final
@unmanaged
class Product {
  @inline start<A>(): A {
    return <A>1;
  }
  @inline s<A>(acc: A, x: A): A {
    return <A>(acc * x);
  }
}

/** T is stored, A accumulates. */
function scanColumn<OP, T, A>(a: usize, k: i32, rowBytes: usize, o: usize): void {
  const op = changetype<OP>(0);
  let acc = op.start<A>();
  for (; k > 0; k--) {
    acc = op.s<A>(acc, <A>load<T>(a));
    store<T>(o, <T>acc);
    a += rowBytes;
    o += rowBytes;
  }
}

/** Four columns at once. */
function scanStrip<OP, T, A>(a: usize, k: i32, rowBytes: usize, o: usize): void {
  const op = changetype<OP>(0);
  let c0 = op.start<A>();
  let c1 = c0;
  let c2 = c0;
  let c3 = c0;
  for (; k > 0; k--) {
    c0 = op.s<A>(c0, <A>load<T>(a));
    c1 = op.s<A>(c1, <A>load<T>(a, 4));
    c2 = op.s<A>(c2, <A>load<T>(a, 8));
    c3 = op.s<A>(c3, <A>load<T>(a, 12));
    store<T>(o, <T>c0);
    store<T>(o, <T>c1, 4);
    store<T>(o, <T>c2, 8);
    store<T>(o, <T>c3, 12);
    a += rowBytes;
    o += rowBytes;
  }
}

/** Along k, or from the end. */
function scan<OP, T, A>(a: usize, outer: i32, k: i32, inner: i32, o: usize, reverse: bool): void {
  const rowBytes = (<usize>inner) << 2;
  const planeBytes = <usize>k * rowBytes;
  const from: usize = reverse ? planeBytes - rowBytes : 0;
  // Addresses wrap around, so that going back is going forward by the negative.
  const step: usize = reverse ? 0 - rowBytes : rowBytes;
  if (k == 0) return;
  for (; outer > 0; outer--) {
    let at = from;
    const end = from + rowBytes;
    for (; at + 16 <= end; at += 16) scanStrip<OP, T, A>(a + at, k, step, o + at);
    for (; at < end; at += 4) scanColumn<OP, T, A>(a + at, k, step, o + at);
    a += planeBytes;
    o += planeBytes;
  }
}

export function f32_cumsum(a: usize, outer: i32, k: i32, inner: i32, o: usize, reverse: bool): void {
  scan<Sum, f32, f64>(a, outer, k, inner, o, reverse);
}

export function f32_cumprod(a: usize, outer: i32, k: i32, inner: i32, o: usize, reverse: bool): void {
  scan<Product, f32, f64>(a, outer, k, inner, o, reverse);
}

export function i32_cumsum(a: usize, outer: i32, k: i32, inner: i32, o: usize, reverse: bool): void {
  scan<Sum, i32, i32>(a, outer, k, inner, o, reverse);
}

export function i32_cumprod(a: usize, outer: i32, k: i32, inner: i32, o: usize, reverse: bool): void {
  scan<Product, i32, i32>(a, outer, k, inner, o, reverse);
}
