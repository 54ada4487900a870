/** Strided copies of 32-bit elements (f32, i32) in two dimensions. */

/** Transposes 4x4: columns of the source, `csBytes` apart, become rows of the target, `ldoBytes` apart. */
// @ts-ignore: decorator
@inline export function transpose4x4(a: usize, csBytes: usize, o: usize, ldoBytes: usize): void {
  let a1 = a + csBytes, a2 = a1 + csBytes;
  let v0 = v128.load(a), v1 = v128.load(a1), v2 = v128.load(a2), v3 = v128.load(a2 + csBytes);
  let l0 = v128.shuffle<i32>(v0, v1, 0, 4, 1, 5), h0 = v128.shuffle<i32>(v0, v1, 2, 6, 3, 7);
  let l1 = v128.shuffle<i32>(v2, v3, 0, 4, 1, 5), h1 = v128.shuffle<i32>(v2, v3, 2, 6, 3, 7);
  let o1 = o + ldoBytes, o2 = o1 + ldoBytes;
  v128.store(o, v128.shuffle<i64>(l0, l1, 0, 2)); v128.store(o1, v128.shuffle<i64>(l0, l1, 1, 3));
  v128.store(o2, v128.shuffle<i64>(h0, h1, 0, 2)); v128.store(o2 + ldoBytes, v128.shuffle<i64>(h0, h1, 1, 3));
}

/** Contiguous elements; below about 200 bytes a vector loop is faster than entering `memory.copy`. */
// @ts-ignore: decorator
@inline function copyRow(a: usize, o: usize, count: i32): void {
  if (count > 48) {
    memory.copy(o, a, <usize>count << 2);
    return;
  }
  for (; count >= 4; count -= 4) {
    v128.store(o, v128.load(a));
    a += 16; o += 16;
  }
  for (; count > 0; --count) {
    store<i32>(o, load<i32>(a));
    a += 4; o += 4;
  }
}

/** One row of elements `csBytes` apart. */
// @ts-ignore: decorator
@inline function gatherRow(a: usize, csBytes: usize, o: usize, count: i32): void {
  if (csBytes == 8) {
    // Stops short of the last four: a vector would reach one element beyond the last.
    for (; count > 4; count -= 4) {
      v128.store(o, v128.shuffle<i32>(v128.load(a), v128.load(a, 16), 0, 2, 4, 6));
      a += 32; o += 16;
    }
  }
  for (; count > 0; --count) {
    store<i32>(o, load<i32>(a));
    a += csBytes; o += 4;
  }
}

/**
 * The whole 4x4 blocks of a transposed copy, in tiles of 16x16: each cache line of source and target is then used up
 * while it is in L1, even if the strides are large powers of two.
 */
function transposeTiles(a: usize, csBytes: usize, o: usize, ldoBytes: usize, rows: i32, cols: i32): void {
  for (let r0 = 0; r0 < rows; r0 += 16) {
    let r1 = min(r0 + 16, rows);
    for (let c0 = 0; c0 < cols; c0 += 16) {
      let c1 = min(c0 + 16, cols);
      for (let r = r0; r < r1; r += 4) {
        let from = a + (<usize>r << 2) + <usize>c0 * csBytes, to = o + <usize>r * ldoBytes + (<usize>c0 << 2);
        for (let c = c0; c < c1; c += 4) {
          transpose4x4(from, csBytes, to, ldoBytes);
          from += csBytes << 2; to += 16;
        }
      }
    }
  }
}

/**
 * o[r, c] = a[r * rs + c * cs] for r < rows, c < cols; rows of `o` are `ldo` elements apart. Strides in elements, of
 * any sign or zero. Source and target must not overlap.
 */
export function copy2d_32(a: usize, rs: i32, cs: i32, o: usize, ldo: i32, rows: i32, cols: i32): void {
  if (rows <= 0 || cols <= 0) return;
  let rsBytes = <usize>rs << 2, csBytes = <usize>cs << 2, ldoBytes = <usize>ldo << 2;
  if (cs == 1) {
    if (rs == cols && ldo == cols) {
      memory.copy(o, a, (<usize>rows * <usize>cols) << 2);
      return;
    }
    for (; rows > 0; --rows) {
      copyRow(a, o, cols);
      a += rsBytes; o += ldoBytes;
    }
    return;
  }
  if (rs == 1) {
    let rows4 = rows & ~3, cols4 = cols & ~3;
    transposeTiles(a, csBytes, o, ldoBytes, rows4, cols4);
    if (cols4 < cols) {
      let from = a + <usize>cols4 * csBytes, to = o + (<usize>cols4 << 2);
      for (let r = 0; r < rows4; ++r) {
        gatherRow(from, csBytes, to, cols - cols4);
        from += 4; to += ldoBytes;
      }
    }
    a += <usize>rows4 << 2; o += <usize>rows4 * ldoBytes; rows -= rows4;
  }
  for (; rows > 0; --rows) {
    gatherRow(a, csBytes, o, cols);
    a += rsBytes; o += ldoBytes;
  }
}
