/**
 * Distances of order p between all pairs of rows of two matrices, and their gradients. The sums over coordinates are
 * taken row by row: nothing of the size of all differences is ever held.
 */
import { madd } from "../simd/f32x4";
import { f32_sub } from "./elementwise/binary";
import { f32_pow_scalar } from "./elementwise/pow";
import { f32_abs } from "./elementwise/unary";
import { sumRun, Value } from "./reduce/sum";
import { readSome, writeSome } from "./softmax/lanes";

// @ts-ignore: decorator
@inline function signed(x: v128, like: v128): v128 {
  return v128.xor(x, v128.and(like, i32x4.splat(0x80000000)));
}

/** How a difference d counts; and, w being the gradient already divided by what the order asks for, its own gradient. */
@final @unmanaged class Count {
  @inline add(acc: v128, d: v128): v128 {
    return f32x4.add(acc, v128.and(f32x4.splat(1), f32x4.ne(d, f32x4.splat(0))));
  }
  @inline fold(acc: v128): f32 {
    return f32x4.extract_lane(acc, 0) + f32x4.extract_lane(acc, 1) + (f32x4.extract_lane(acc, 2) + f32x4.extract_lane(acc, 3));
  }
}

@final @unmanaged class City {
  @inline add(acc: v128, d: v128): v128 {
    return f32x4.add(acc, f32x4.abs(d));
  }
  @inline fold(acc: v128): f32 {
    return changetype<Count>(0).fold(acc);
  }
  @inline slope(d: v128, w: v128, y: v128): v128 {
    return v128.and(signed(w, d), f32x4.ne(d, f32x4.splat(0)));
  }
}

@final @unmanaged class Euclid {
  @inline add(acc: v128, d: v128): v128 {
    return madd(acc, d, d);
  }
  @inline fold(acc: v128): f32 {
    return changetype<Count>(0).fold(acc);
  }
  @inline slope(d: v128, w: v128, y: v128): v128 {
    return f32x4.mul(w, d);
  }
}

/** Equal largest ones each count in full, as in PyTorch. */
@final @unmanaged class Chebyshev {
  @inline add(acc: v128, d: v128): v128 {
    return f32x4.max(acc, f32x4.abs(d));
  }
  @inline fold(acc: v128): f32 {
    return max<f32>(
      max<f32>(f32x4.extract_lane(acc, 0), f32x4.extract_lane(acc, 1)),
      max<f32>(f32x4.extract_lane(acc, 2), f32x4.extract_lane(acc, 3)),
    );
  }
  @inline slope(d: v128, w: v128, y: v128): v128 {
    return v128.and(changetype<City>(0).slope(d, w, y), f32x4.eq(f32x4.abs(d), y));
  }
}

function between<OP>(a: usize, b: usize, m: i32): f32 {
  const op = changetype<OP>(0);
  let acc = f32x4.splat(0);
  for (; m >= 4; m -= 4) {
    acc = op.add(acc, f32x4.sub(v128.load(a), v128.load(b)));
    a += 16;
    b += 16;
  }
  // Lanes without elements differ by 0, which counts nothing.
  if (m > 0) acc = op.add(acc, f32x4.sub(readSome(a, m), readSome(b, m)));
  return op.fold(acc);
}

/** |a − b|^p to scratch. */
function powers(a: usize, b: usize, m: i32, p: f32, scratch: usize): void {
  f32_sub(a, 1, b, 1, scratch, 1, m);
  f32_abs(scratch, 1, scratch, 1, m);
  f32_pow_scalar(scratch, 1, scratch, 1, m, p);
}

/**
 * o[batch, rows, columns]: Σ |a[i] − b[j]|^p over m coordinates, of a[batch, rows, m] and b[batch, columns, m]; for p = 0
 * how many differ, for infinite p the largest. `scratch` has room for m.
 */
export function f32_distances(
  a: usize, b: usize, batch: i32, rows: i32, columns: i32, m: i32, p: f32, o: usize, scratch: usize,
): void {
  const rowBytes = (<usize>m) << 2;
  for (; batch > 0; batch--) {
    for (let i = 0; i < rows; i++) {
      let row = b;
      for (let j = 0; j < columns; j++) {
        let sum: f32;
        if (p == 2) sum = between<Euclid>(a, row, m);
        else if (p == 1) sum = between<City>(a, row, m);
        else if (p == Infinity) sum = between<Chebyshev>(a, row, m);
        else if (p == 0) sum = between<Count>(a, row, m);
        else {
          powers(a, row, m, p, scratch);
          sum = <f32>sumRun<Value>(scratch, m);
        }
        store<f32>(o, sum);
        o += 4;
        row += rowBytes;
      }
      a += rowBytes;
    }
    b += <usize>columns * rowBytes;
  }
}

/** Adds the gradient by the differences of two rows to that of one, and takes it from that of the other. */
// @ts-ignore: decorator
@inline function add2(da: usize, db: usize, t: v128, lanes: i32): void {
  writeSome(da, f32x4.add(readSome(da, lanes), t), lanes);
  writeSome(db, f32x4.sub(readSome(db, lanes), t), lanes);
}

function spread<OP>(a: usize, b: usize, m: i32, w: f32, y: f32, da: usize, db: usize): void {
  const op = changetype<OP>(0);
  const vw = f32x4.splat(w);
  const vy = f32x4.splat(y);
  for (; m > 0; m -= 4) {
    const lanes = min(m, 4);
    add2(da, db, op.slope(f32x4.sub(readSome(a, lanes), readSome(b, lanes)), vw, vy), lanes);
    a += 16;
    b += 16;
    da += 16;
    db += 16;
  }
}

function spreadPowers(a: usize, b: usize, m: i32, w: f32, p: f32, da: usize, db: usize, scratch: usize): void {
  powers(a, b, m, p - 1, scratch);
  for (; m > 0; m -= 4) {
    const lanes = min(m, 4);
    const d = f32x4.sub(readSome(a, lanes), readSome(b, lanes));
    const t = signed(f32x4.mul(f32x4.splat(w), readSome(scratch, lanes)), d);
    add2(da, db, v128.and(t, f32x4.ne(d, f32x4.splat(0))), lanes);
    a += 16;
    b += 16;
    da += 16;
    db += 16;
    scratch += 16;
  }
}

/**
 * Adds to da[batch, rows, m] and db[batch, columns, m] the gradient of distances y by the coordinates, which is 0 where y
 * is. w is the gradient of y, for finite p above 0 times y^(1-p). p is not 0.
 */
export function f32_distances_grad(
  w: usize, y: usize, a: usize, b: usize, batch: i32, rows: i32, columns: i32, m: i32, p: f32, da: usize, db: usize,
  scratch: usize,
): void {
  const rowBytes = (<usize>m) << 2;
  for (; batch > 0; batch--) {
    for (let i = 0; i < rows; i++) {
      let row = b;
      let drow = db;
      for (let j = 0; j < columns; j++) {
        const weight = load<f32>(w);
        const distance = load<f32>(y);
        if (distance != 0) {
          if (p == 2) spread<Euclid>(a, row, m, weight, distance, da, drow);
          else if (p == 1) spread<City>(a, row, m, weight, distance, da, drow);
          else if (p == Infinity) spread<Chebyshev>(a, row, m, weight, distance, da, drow);
          else spreadPowers(a, row, m, weight, p, da, drow, scratch);
        }
        w += 4;
        y += 4;
        row += rowBytes;
        drow += rowBytes;
      }
      a += rowBytes;
      da += rowBytes;
    }
    b += <usize>columns * rowBytes;
    db += <usize>columns * rowBytes;
  }
}
