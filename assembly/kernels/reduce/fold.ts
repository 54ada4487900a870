/**
 * One loop for every reduction whose order does not matter: products, maxima, minima, integer sums, any, all. An input
 * is contiguous and seen as [outer, k, inner]; the fold runs along k by one of the rules of rules.ts.
 */

/** Folds the lanes of one accumulator, halving. */
// @ts-ignore: decorator
@inline function across<OP, T>(acc: v128): T {
  const op = changetype<OP>(0);
  acc = op.v(acc, i8x16.shuffle(acc, acc, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  acc = op.v(acc, i8x16.shuffle(acc, acc, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
  if (sizeof<T>() == 1) {
    acc = op.v(acc, i8x16.shuffle(acc, acc, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
    acc = op.v(acc, i8x16.shuffle(acc, acc, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
  }
  return v128.extract_lane<T>(acc, 0);
}

/** Folds n neighbours; the result is still turned over. */
export function foldRun<OP, T>(a: usize, n: i32, flip: u32): T {
  const op = changetype<OP>(0);
  const lanes: i32 = 16 / <i32>sizeof<T>();
  let result = op.zero1();
  if (n >= lanes) {
    let c0 = op.zero();
    let n0 = i32x4.splat(0);
    if (n >= lanes << 2) {
      let c1 = c0;
      let c2 = c0;
      let c3 = c0;
      let n1 = n0;
      do {
        const x0 = op.turn(v128.load(a), flip);
        const x1 = op.turn(v128.load(a, 16), flip);
        const x2 = op.turn(v128.load(a, 32), flip);
        const x3 = op.turn(v128.load(a, 48), flip);
        c0 = op.v(c0, x0);
        c1 = op.v(c1, x1);
        c2 = op.v(c2, x2);
        c3 = op.v(c3, x3);
        n0 = op.nan(op.nan(n0, x0), x1);
        n1 = op.nan(op.nan(n1, x2), x3);
        a += 64;
        n -= lanes << 2;
      } while (n >= lanes << 2);
      c0 = op.v(op.v(c0, c1), op.v(c2, c3));
      n0 = v128.or(n0, n1);
    }
    for (; n >= lanes; n -= lanes) {
      const x = op.turn(v128.load(a), flip);
      c0 = op.v(c0, x);
      n0 = op.nan(n0, x);
      a += 16;
    }
    if (isFloat<T>()) {
      if (v128.any_true(n0)) return <T>NaN;
    }
    result = across<OP, T>(c0);
  }
  for (; n > 0; n--) {
    result = op.s(result, op.turn1<T>(load<T>(a), flip));
    a += sizeof<T>();
  }
  return result;
}

/**
 * Folds `bytes` of each of k rows into the output row, which stays in L1. Going along rows reads memory as it lies:
 * going down strips of columns was 2 to 10 times slower where the matrix does not fit L2.
 */
export function foldRows<OP, T>(a: usize, k: i32, rowBytes: usize, bytes: usize, flip: u32, o: usize): void {
  const op = changetype<OP>(0);
  const zero = i32x4.splat(0);
  memory.copy(o, a, bytes);
  for (let i = 1; i < k; i++) {
    a += rowBytes;
    let at: usize = 0;
    for (; at + 16 <= bytes; at += 16) {
      const x = op.turn(v128.load(a + at), flip);
      const acc = op.v(op.turn(v128.load(o + at), flip), x);
      // A mask of ones is a NaN, whichever way it is turned; `v` keeps a NaN on its left.
      v128.store(o + at, op.turn(v128.or(acc, op.nan(zero, x)), flip));
    }
    for (; at < bytes; at += sizeof<T>()) {
      const acc = op.s(op.turn1<T>(load<T>(o + at), flip), op.turn1<T>(load<T>(a + at), flip));
      store<T>(o + at, op.turn1<T>(acc, flip));
    }
  }
}

/** a: T[outer, k, inner] → o: T[outer, inner]; k = 0 gives the neutral element. */
export function fold<OP, T>(a: usize, outer: i32, k: i32, inner: i32, flip: u32, o: usize): void {
  const op = changetype<OP>(0);
  const rowBytes = <usize>inner * sizeof<T>();
  if (inner == 1 || k == 0) {
    const end = o + <usize>outer * rowBytes;
    for (; o < end; o += sizeof<T>()) {
      store<T>(o, op.turn1<T>(foldRun<OP, T>(a, k, flip), flip));
      a += <usize>k * sizeof<T>();
    }
  } else {
    for (; outer > 0; outer--) {
      foldRows<OP, T>(a, k, rowBytes, rowBytes, flip, o);
      a += <usize>k * rowBytes;
      o += rowBytes;
    }
  }
}
