import { pmax } from "../../simd/f32x4";

/**
 * What reductions do with two elements. A rule is a class without data, used on a null pointer: every call is inlined.
 *
 *     zero(), zero1()        the neutral element: in all lanes, or one
 *     turn(x, flip)          flips bits of x; turning twice gives x again (see Note [Turned over])
 *     v(acc, x), s(acc, x)   takes x in: lane by lane, or one
 *     nan(seen, x)           marks the lanes that have met a NaN, where `v` loses it
 *     wins(x, best)          where x takes the place of the best so far: greater, or the first NaN
 *     same(x, best)          lanes that hold the best
 *
 * Note [Turned over]
 * A minimum is a maximum seen upside down: of −x for floats, of ~x for integers; and "all" is "not any not". Turning is
 * one xor for each vector that is loaded (nothing against a load from L2), and halves the code.
 */
export const NO_FLIP: u32 = 0;
export const FLIP_F32: u32 = 0x80000000;
export const FLIP_I32: u32 = 0xffffffff;
export const FLIP_U8: u32 = 0x01010101;

/** Rules that are never turned, and meet no NaN that they could lose. */
@unmanaged
class Plain {
  @inline turn(x: v128, flip: u32): v128 {
    return x;
  }
  @inline turn1<T>(x: T, flip: u32): T {
    return x;
  }
  @inline nan(seen: v128, x: v128): v128 {
    return seen;
  }
}

@final
@unmanaged
export class ProdF32 extends Plain {
  @inline zero(): v128 {
    return f32x4.splat(1);
  }
  @inline zero1(): f32 {
    return 1;
  }
  @inline v(acc: v128, x: v128): v128 {
    return f32x4.mul(acc, x);
  }
  @inline s(acc: f32, x: f32): f32 {
    return acc * x;
  }
}

/** Wraps around at 2^32, as PyTorch's int32 sums do. */
@final
@unmanaged
export class SumI32 extends Plain {
  @inline zero(): v128 {
    return i32x4.splat(0);
  }
  @inline zero1(): i32 {
    return 0;
  }
  @inline v(acc: v128, x: v128): v128 {
    return i32x4.add(acc, x);
  }
  @inline s(acc: i32, x: i32): i32 {
    return acc + x;
  }
}

@final
@unmanaged
export class ProdI32 extends Plain {
  @inline zero(): v128 {
    return i32x4.splat(1);
  }
  @inline zero1(): i32 {
    return 1;
  }
  @inline v(acc: v128, x: v128): v128 {
    return i32x4.mul(acc, x);
  }
  @inline s(acc: i32, x: i32): i32 {
    return acc * x;
  }
}

/** Booleans are bytes of 0 and 1. */
@final
@unmanaged
export class AnyU8 {
  @inline zero(): v128 {
    return i8x16.splat(0);
  }
  @inline zero1(): u8 {
    return 0;
  }
  @inline turn(x: v128, flip: u32): v128 {
    return v128.xor(x, i32x4.splat(flip));
  }
  @inline turn1<T>(x: u8, flip: u32): u8 {
    return x ^ <u8>flip;
  }
  @inline nan(seen: v128, x: v128): v128 {
    return seen;
  }
  @inline v(acc: v128, x: v128): v128 {
    return v128.or(acc, x);
  }
  @inline s(acc: u8, x: u8): u8 {
    return acc | x;
  }
}

@final
@unmanaged
export class MaxI32 {
  @inline zero(): v128 {
    return i32x4.splat(i32.MIN_VALUE);
  }
  @inline zero1(): i32 {
    return i32.MIN_VALUE;
  }
  @inline turn(x: v128, flip: u32): v128 {
    return v128.xor(x, i32x4.splat(flip));
  }
  @inline turn1<T>(x: i32, flip: u32): i32 {
    return x ^ flip;
  }
  @inline nan(seen: v128, x: v128): v128 {
    return seen;
  }
  @inline v(acc: v128, x: v128): v128 {
    return i32x4.max_s(acc, x);
  }
  @inline s(acc: i32, x: i32): i32 {
    return max<i32>(acc, x);
  }
  @inline wins(x: v128, best: v128): v128 {
    return i32x4.gt_s(x, best);
  }
  @inline wins1(x: i32, best: i32): bool {
    return x > best;
  }
  @inline same(x: v128, best: i32): v128 {
    return i32x4.eq(x, i32x4.splat(best));
  }
}

@final
@unmanaged
export class MaxF32 {
  @inline zero(): v128 {
    return f32x4.splat(-Infinity);
  }
  @inline zero1(): f32 {
    return -Infinity;
  }
  @inline turn(x: v128, flip: u32): v128 {
    return v128.xor(x, i32x4.splat(flip));
  }
  @inline turn1<T>(x: f32, flip: u32): f32 {
    return reinterpret<f32>(reinterpret<u32>(x) ^ flip);
  }
  @inline nan(seen: v128, x: v128): v128 {
    return v128.or(seen, f32x4.ne(x, x));
  }
  @inline v(acc: v128, x: v128): v128 {
    return pmax(acc, x);
  }
  @inline s(acc: f32, x: f32): f32 {
    return max<f32>(acc, x);
  }
  @inline wins(x: v128, best: v128): v128 {
    return v128.andnot(f32x4.eq(best, best), f32x4.le(x, best));
  }
  @inline wins1(x: f32, best: f32): bool {
    return best == best && !(x <= best);
  }
  @inline same(x: v128, best: f32): v128 {
    return best == best ? f32x4.eq(x, f32x4.splat(best)) : f32x4.ne(x, x);
  }
}
