/**
 * The contiguous loops that all elementwise kernels are made of. An op is a class without fields whose method `v` is
 * its 4-lane rule; it is called on a null pointer and inlined. A loop is a class as well (`Map1<Neg>`), which
 * entries.ts takes; its method `run` is a call, so naming a loop twice costs no code. Nothing outside the operands is
 * touched.
 *
 * S and T in the name of a loop are scalar attributes, which the rule gets as vectors.
 */
import { BLOCK, tempA } from "./scratch";

/** Elements are 32 bits wide, f32 or i32. */
@final @unmanaged export class Map1<OP> {
  run(a: usize, o: usize, n: i32): void {
    let op = changetype<OP>(0);
    for (; n >= 4; n -= 4) {
      v128.store(o, op.v(v128.load(a)));
      a += 16;
      o += 16;
    }
    for (; n > 0; --n) {
      v128.store32_lane(o, op.v(v128.load32_zero(a)), 0);
      a += 4;
      o += 4;
    }
  }
}

@final @unmanaged export class Map1S<OP> {
  run(a: usize, o: usize, n: i32, s: f32): void {
    let op = changetype<OP>(0), vs = f32x4.splat(s);
    for (; n >= 4; n -= 4) {
      v128.store(o, op.v(v128.load(a), vs));
      a += 16;
      o += 16;
    }
    for (; n > 0; --n) {
      v128.store32_lane(o, op.v(v128.load32_zero(a), vs), 0);
      a += 4;
      o += 4;
    }
  }
}

@final @unmanaged export class Map1ST<OP> {
  run(a: usize, o: usize, n: i32, s: f32, t: f32): void {
    let op = changetype<OP>(0), vs = f32x4.splat(s), vt = f32x4.splat(t);
    for (; n >= 4; n -= 4) {
      v128.store(o, op.v(v128.load(a), vs, vt));
      a += 16;
      o += 16;
    }
    for (; n > 0; --n) {
      v128.store32_lane(o, op.v(v128.load32_zero(a), vs, vt), 0);
      a += 4;
      o += 4;
    }
  }
}

@final @unmanaged export class Map2<OP> {
  run(a: usize, b: usize, o: usize, n: i32): void {
    let op = changetype<OP>(0);
    for (; n >= 4; n -= 4) {
      v128.store(o, op.v(v128.load(a), v128.load(b)));
      a += 16;
      b += 16;
      o += 16;
    }
    for (; n > 0; --n) {
      v128.store32_lane(o, op.v(v128.load32_zero(a), v128.load32_zero(b)), 0);
      a += 4;
      b += 4;
      o += 4;
    }
  }
}

@final @unmanaged export class Map2S<OP> {
  run(a: usize, b: usize, o: usize, n: i32, s: f32): void {
    let op = changetype<OP>(0), vs = f32x4.splat(s);
    for (; n >= 4; n -= 4) {
      v128.store(o, op.v(v128.load(a), v128.load(b), vs));
      a += 16;
      b += 16;
      o += 16;
    }
    for (; n > 0; --n) {
      v128.store32_lane(o, op.v(v128.load32_zero(a), v128.load32_zero(b), vs), 0);
      a += 4;
      b += 4;
      o += 4;
    }
  }
}

@final @unmanaged export class Map2ST<OP> {
  run(a: usize, b: usize, o: usize, n: i32, s: f32, t: f32): void {
    let op = changetype<OP>(0), vs = f32x4.splat(s), vt = f32x4.splat(t);
    for (; n >= 4; n -= 4) {
      v128.store(o, op.v(v128.load(a), v128.load(b), vs, vt));
      a += 16;
      b += 16;
      o += 16;
    }
    for (; n > 0; --n) {
      v128.store32_lane(o, op.v(v128.load32_zero(a), v128.load32_zero(b), vs, vt), 0);
      a += 4;
      b += 4;
      o += 4;
    }
  }
}

@final @unmanaged export class Map3<OP> {
  run(a: usize, b: usize, c: usize, o: usize, n: i32): void {
    let op = changetype<OP>(0);
    for (; n >= 4; n -= 4) {
      v128.store(o, op.v(v128.load(a), v128.load(b), v128.load(c)));
      a += 16;
      b += 16;
      c += 16;
      o += 16;
    }
    for (; n > 0; --n) {
      v128.store32_lane(o, op.v(v128.load32_zero(a), v128.load32_zero(b), v128.load32_zero(c)), 0);
      a += 4;
      b += 4;
      c += 4;
      o += 4;
    }
  }
}

@final @unmanaged export class Map3S<OP> {
  run(a: usize, b: usize, c: usize, o: usize, n: i32, s: f32): void {
    let op = changetype<OP>(0), vs = f32x4.splat(s);
    for (; n >= 4; n -= 4) {
      v128.store(o, op.v(v128.load(a), v128.load(b), v128.load(c), vs));
      a += 16;
      b += 16;
      c += 16;
      o += 16;
    }
    for (; n > 0; --n) {
      v128.store32_lane(o, op.v(v128.load32_zero(a), v128.load32_zero(b), v128.load32_zero(c), vs), 0);
      a += 4;
      b += 4;
      c += 4;
      o += 4;
    }
  }
}

// Four vectors per turn, for ops that are everywhere and cheaper than their loads: 5 to 25% faster.

@final @unmanaged export class Map1x4<OP> {
  run(a: usize, o: usize, n: i32): void {
    let op = changetype<OP>(0);
    for (; n >= 16; n -= 16) {
      v128.store(o, op.v(v128.load(a)));
      v128.store(o, op.v(v128.load(a, 16)), 16);
      v128.store(o, op.v(v128.load(a, 32)), 32);
      v128.store(o, op.v(v128.load(a, 48)), 48);
      a += 64;
      o += 64;
    }
    changetype<Map1<OP>>(0).run(a, o, n);
  }
}

@final @unmanaged export class Map1Sx4<OP> {
  run(a: usize, o: usize, n: i32, s: f32): void {
    let op = changetype<OP>(0), vs = f32x4.splat(s);
    for (; n >= 16; n -= 16) {
      v128.store(o, op.v(v128.load(a), vs));
      v128.store(o, op.v(v128.load(a, 16), vs), 16);
      v128.store(o, op.v(v128.load(a, 32), vs), 32);
      v128.store(o, op.v(v128.load(a, 48), vs), 48);
      a += 64;
      o += 64;
    }
    changetype<Map1S<OP>>(0).run(a, o, n, s);
  }
}

@final @unmanaged export class Map2x4<OP> {
  run(a: usize, b: usize, o: usize, n: i32): void {
    let op = changetype<OP>(0);
    for (; n >= 16; n -= 16) {
      v128.store(o, op.v(v128.load(a), v128.load(b)));
      v128.store(o, op.v(v128.load(a, 16), v128.load(b, 16)), 16);
      v128.store(o, op.v(v128.load(a, 32), v128.load(b, 32)), 32);
      v128.store(o, op.v(v128.load(a, 48), v128.load(b, 48)), 48);
      a += 64;
      b += 64;
      o += 64;
    }
    changetype<Map2<OP>>(0).run(a, b, o, n);
  }
}

// Functions of twenty and more instructions.

/** One to three elements as one vector, nothing beyond being touched. Lanes not loaded are zero. */
function loadSome(a: usize, n: i32): v128 {
  if (n == 1) return v128.load32_zero(a);
  let v = v128.load64_zero(a);
  return n == 2 ? v : v128.load32_lane(a + 8, v, 2);
}

function storeSome(o: usize, v: v128, n: i32): void {
  v128.store32_lane(o, v, 0);
  if (n > 1) v128.store32_lane(o, v, 1, 4);
  if (n > 2) v128.store32_lane(o, v, 2, 8);
}

/** The rule of an op as a function of its own. */
@final @unmanaged class Whole<OP> {
  run(a: usize, o: usize, n: i32): void {
    let op = changetype<OP>(0);
    for (; n >= 4; n -= 4) {
      v128.store(o, op.whole(v128.load(a)));
      a += 16;
      o += 16;
    }
    if (n > 0) storeSome(o, op.whole(loadSome(a, n)), n);
  }
}

/** The rule is inlined once and serves the end of the loop as well. */
@final @unmanaged export class Long1<OP> {
  run(a: usize, o: usize, n: i32): void {
    let op = changetype<OP>(0);
    for (; n > 0; n -= 4) {
      let y = op.v(n > 3 ? v128.load(a) : loadSome(a, n));
      if (n > 3) v128.store(o, y);
      else storeSome(o, y, n);
      a += 16;
      o += 16;
    }
  }
}

/**
 * Two vectors per turn, which hides latency and shares the loads of constants: `fast` is inlined. The rest runs through
 * `whole`, the same rule as a function of its own.
 */
@final @unmanaged export class Pairs<OP> {
  run(a: usize, o: usize, n: i32): void {
    let op = changetype<OP>(0);
    for (; n >= 8; n -= 8) {
      let y = op.fast(v128.load(a)), z = op.fast(v128.load(a, 16));
      v128.store(o, y);
      v128.store(o, z, 16);
      a += 32;
      o += 32;
    }
    changetype<Whole<OP>>(0).run(a, o, n);
  }
}

/**
 * `fast` holds for arguments whose `key` is below `limit`, as unsigned integers; `whole` holds for all, and gives the
 * same bits where both do. One pass over each block in L1 decides for all of it, so that the hot loop makes no test
 * (exp of a million elements: 0.72 ms against 1.16 with a test per vector); deciding before anything is written allows
 * o == a.
 */
@final @unmanaged export class Guarded<OP> {
  run(a: usize, o: usize, n: i32): void {
    let op = changetype<OP>(0), limit = i32x4.splat(op.limit());
    while (n >= 8) {
      let count = min(n & ~7, BLOCK), bytes = <usize>count << 2, most = i32x4.splat(0);
      for (let p = a, end = a + bytes; p < end; p += 32) {
        most = i32x4.max_u(most, i32x4.max_u(op.key(v128.load(p)), op.key(v128.load(p, 16))));
      }
      if (v128.any_true(i32x4.ge_u(most, limit))) {
        changetype<Whole<OP>>(0).run(a, o, count);
      } else {
        for (let i: usize = 0; i < bytes; i += 32) {
          let y = op.fast(v128.load(a + i)), z = op.fast(v128.load(a + i, 16));
          v128.store(o + i, y);
          v128.store(o + i, z, 16);
        }
      }
      a += bytes;
      o += bytes;
      n -= count;
    }
    changetype<Whole<OP>>(0).run(a, o, n);
  }
}

// Two loops over one block.

/** o = G(a, F(b)) in blocks: how backward kernels use a function without another copy of it. */
@final @unmanaged export class Chain2<F, G> {
  run(a: usize, b: usize, o: usize, n: i32): void {
    for (; n > 0; n -= BLOCK) {
      let count = min(n, BLOCK);
      changetype<F>(0).run(b, tempA(), count);
      changetype<G>(0).run(a, tempA(), o, count);
      a += BLOCK << 2;
      b += BLOCK << 2;
      o += BLOCK << 2;
    }
  }
}
