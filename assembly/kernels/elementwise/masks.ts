/** Loops in which an operand is u8. Ops are as in loops.ts; an op of `Masks` gives 0 or -1 per lane. */
/** Sixteen masks as bytes 0 and 1. */
// @ts-ignore: decorator
@inline function narrow(a: v128, b: v128, c: v128, d: v128): v128 {
  return i8x16.neg(i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)));
}

@final @unmanaged export class Masks1<OP> {
  run(a: usize, o: usize, n: i32): void {
    let op = changetype<OP>(0);
    for (; n >= 16; n -= 16) {
      let x = op.v(v128.load(a)), y = op.v(v128.load(a, 16)), z = op.v(v128.load(a, 32));
      v128.store(o, narrow(x, y, z, op.v(v128.load(a, 48))));
      a += 64;
      o += 16;
    }
    for (; n >= 4; n -= 4) {
      let x = op.v(v128.load(a));
      v128.store32_lane(o, narrow(x, x, x, x), 0);
      a += 16;
      o += 4;
    }
    for (; n > 0; --n) {
      store<u8>(o++, i32x4.extract_lane(op.v(v128.load32_zero(a)), 0) & 1);
      a += 4;
    }
  }
}

@final @unmanaged export class Masks2<OP> {
  run(a: usize, b: usize, o: usize, n: i32): void {
    let op = changetype<OP>(0);
    for (; n >= 16; n -= 16) {
      let x = op.v(v128.load(a), v128.load(b)), y = op.v(v128.load(a, 16), v128.load(b, 16));
      let z = op.v(v128.load(a, 32), v128.load(b, 32));
      v128.store(o, narrow(x, y, z, op.v(v128.load(a, 48), v128.load(b, 48))));
      a += 64;
      b += 64;
      o += 16;
    }
    for (; n >= 4; n -= 4) {
      let x = op.v(v128.load(a), v128.load(b));
      v128.store32_lane(o, narrow(x, x, x, x), 0);
      a += 16;
      b += 16;
      o += 4;
    }
    for (; n > 0; --n) {
      store<u8>(o++, i32x4.extract_lane(op.v(v128.load32_zero(a), v128.load32_zero(b)), 0) & 1);
      a += 4;
      b += 4;
    }
  }
}

/** u8 to 32 bits: the op gets four bytes widened to lanes. */
@final @unmanaged export class Widen<OP> {
  run(a: usize, o: usize, n: i32): void {
    let op = changetype<OP>(0);
    for (; n >= 4; n -= 4) {
      v128.store(o, op.v(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(a)))));
      a += 4;
      o += 16;
    }
    for (; n > 0; --n) {
      v128.store32_lane(o, op.v(i32x4.splat(load<u8>(a++))), 0);
      o += 4;
    }
  }
}

@final @unmanaged export class Bytes1<OP> {
  run(a: usize, o: usize, n: i32): void {
    let op = changetype<OP>(0);
    for (; n >= 16; n -= 16) {
      v128.store(o, op.v(v128.load(a)));
      a += 16;
      o += 16;
    }
    for (; n > 0; --n) v128.store8_lane(o++, op.v(v128.load8_splat(a++)), 0);
  }
}

@final @unmanaged export class Bytes2<OP> {
  run(a: usize, b: usize, o: usize, n: i32): void {
    let op = changetype<OP>(0);
    for (; n >= 16; n -= 16) {
      v128.store(o, op.v(v128.load(a), v128.load(b)));
      a += 16;
      b += 16;
      o += 16;
    }
    for (; n > 0; --n) v128.store8_lane(o++, op.v(v128.load8_splat(a++), v128.load8_splat(b++)), 0);
  }
}

/** o = c ? a : b, 32 bits. */
@final @unmanaged export class Select {
  run(c: usize, a: usize, b: usize, o: usize, n: i32): void {
    let zero = i32x4.splat(0);
    for (; n >= 4; n -= 4) {
      let bytes = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(c)));
      v128.store(o, v128.bitselect(v128.load(b), v128.load(a), i32x4.eq(bytes, zero)));
      c += 4;
      a += 16;
      b += 16;
      o += 16;
    }
    for (; n > 0; --n) {
      store<u32>(o, load<u32>(load<u8>(c++) ? a : b));
      a += 4;
      b += 4;
      o += 4;
    }
  }
}

/** o = c ? a : b, bytes. */
@final @unmanaged export class SelectBytes {
  run(c: usize, a: usize, b: usize, o: usize, n: i32): void {
    let zero = i32x4.splat(0);
    for (; n >= 16; n -= 16) {
      v128.store(o, v128.bitselect(v128.load(b), v128.load(a), i8x16.eq(v128.load(c), zero)));
      c += 16;
      a += 16;
      b += 16;
      o += 16;
    }
    for (; n > 0; --n) {
      store<u8>(o++, load<u8>(load<u8>(c++) ? a : b));
      a++;
      b++;
    }
  }
}
