/**
 * Note [Strided operands] A kernel has one loop, over contiguous memory. A call with other strides is cut into blocks
 * of 256 elements: inputs are packed into scratch memory, the loop runs there, the results are scattered. So the same
 * 4-lane rule computes every element whatever the layout, and a kernel costs little code. All of a block is packed
 * before its results are written, which makes in-place calls safe. An operand of stride 0 is spread over its block
 * once.
 */
import { BLOCK, cursor, packA, packB, packC, packO } from "./scratch";

/** Bits of `bytes`: which operands are u8 instead of 32 bits wide. */
export const BYTES_A: i32 = 1;
export const BYTES_B: i32 = 2;
export const BYTES_C: i32 = 4;
export const BYTES_O: i32 = 8;

/** An operand of a strided call: `at` is where the kernel finds the present block. */
@final @unmanaged class Operand {
  at: usize;
  rest: usize;
  stride: i32;
  wide: i32;
}

/** Entering `memory.copy` costs some 5 ns. */
const COPY_FROM: i32 = 24;

/** Copies n elements of 32 bits; strides in elements. */
export function copy32(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  if (!((as ^ 1) | (os ^ 1))) {
    if (n > COPY_FROM) {
      memory.copy(o, a, <usize>n << 2);
      return;
    }
    for (; n >= 4; n -= 4) {
      v128.store(o, v128.load(a));
      a += 16;
      o += 16;
    }
  }
  let sa = <isize>as << 2, so = <isize>os << 2;
  for (; n >= 4; n -= 4) {
    let x0 = load<u32>(a), x1 = load<u32>(a + sa);
    a += sa << 1;
    let x2 = load<u32>(a), x3 = load<u32>(a + sa);
    a += sa << 1;
    store<u32>(o, x0);
    store<u32>(o + so, x1);
    o += so << 1;
    store<u32>(o, x2);
    store<u32>(o + so, x3);
    o += so << 1;
  }
  for (; n > 0; --n) {
    store<u32>(o, load<u32>(a));
    a += sa;
    o += so;
  }
}

/** Copies n bytes; strides in elements. */
export function copy8(a: usize, as: i32, o: usize, os: i32, n: i32): void {
  if (n > COPY_FROM && !((as ^ 1) | (os ^ 1))) {
    memory.copy(o, a, n);
    return;
  }
  for (; n > 0; --n) {
    store<u8>(o, load<u8>(a));
    a += as;
    o += os;
  }
}

/** Writes the 32-bit pattern to n elements. */
export function fill32(o: usize, os: i32, n: i32, bits: i32): void {
  if (os == 1) {
    let v = i32x4.splat(bits);
    for (; n >= 4; n -= 4) {
      v128.store(o, v);
      o += 16;
    }
  }
  for (let so = <isize>os << 2; n > 0; --n) {
    store<i32>(o, bits);
    o += so;
  }
}

/** Writes the byte to n elements. */
export function fill8(o: usize, os: i32, n: i32, byte: i32): void {
  if (os == 1) {
    memory.fill(o, <u8>byte, n);
    return;
  }
  for (; n > 0; --n) {
    store<u8>(o, byte);
    o += os;
  }
}

function open(x: Operand, from: usize, stride: i32, bytes: i32): void {
  x.at = 0;
  x.rest = from;
  x.stride = stride;
  x.wide = bytes ? 0 : 2;
}

/** Makes the next n elements of an input contiguous. */
function pack(x: Operand, into: usize, n: i32): void {
  let stride = x.stride;
  if (stride == 1) {
    x.at = x.rest;
  } else if (stride == 0) {
    if (x.at == into) return;
    x.at = into;
    if (x.wide) fill32(into, 1, n, load<i32>(x.rest));
    else fill8(into, 1, n, load<u8>(x.rest));
  } else {
    x.at = into;
    if (x.wide) copy32(x.rest, stride, into, 1, n);
    else copy8(x.rest, stride, into, 1, n);
  }
  x.rest += <isize>(n * stride) << x.wide;
}

// @ts-ignore: decorator
@inline function operandA(): Operand {
  return changetype<Operand>(cursor());
}
// @ts-ignore: decorator
@inline function operandB(): Operand {
  return changetype<Operand>(cursor() + 16);
}
// @ts-ignore: decorator
@inline function operandC(): Operand {
  return changetype<Operand>(cursor() + 32);
}
// @ts-ignore: decorator
@inline function operandO(): Operand {
  return changetype<Operand>(cursor() + 48);
}
/** Elements that are left, and those of the present block. */
// @ts-ignore: decorator
@inline function left(): usize {
  return cursor() + 64;
}
// @ts-ignore: decorator
@inline function count(): usize {
  return cursor() + 68;
}

/**
 * Begins a strided call and prepares its first block; returns its length. Kernels with fewer inputs pass the rest as
 * (0, 1); `bytes` says which operands are u8.
 */
export function openRows(
  a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32, o: usize, os: i32, n: i32, bytes: i32,
): i32 {
  open(operandA(), a, as, bytes & BYTES_A);
  open(operandB(), b, bs, bytes & BYTES_B);
  open(operandC(), c, cs, bytes & BYTES_C);
  open(operandO(), o, os, bytes & BYTES_O);
  store<i32>(left(), n);
  store<i32>(count(), 0);
  return nextBlock();
}

/** Puts the block just computed in its place and prepares the next one: its length, or 0 at the end. */
export function nextBlock(): i32 {
  let done = load<i32>(count()), stride = operandO().stride;
  if (done) {
    if (stride != 1) {
      if (operandO().wide) copy32(packO(), 1, operandO().rest, stride, done);
      else copy8(packO(), 1, operandO().rest, stride, done);
    }
    operandO().rest += <isize>(done * stride) << operandO().wide;
  }
  let n = min(load<i32>(left()), BLOCK);
  store<i32>(count(), n);
  store<i32>(left(), load<i32>(left()) - n);
  if (!n) return 0;
  operandO().at = stride == 1 ? operandO().rest : packO();
  pack(operandA(), packA(), n);
  pack(operandB(), packB(), n);
  pack(operandC(), packC(), n);
  return n;
}

/** The operands of the present block, contiguous. */
// @ts-ignore: decorator
@inline export function blockA(): usize {
  return operandA().at;
}
// @ts-ignore: decorator
@inline export function blockB(): usize {
  return operandB().at;
}
// @ts-ignore: decorator
@inline export function blockC(): usize {
  return operandC().at;
}
// @ts-ignore: decorator
@inline export function blockO(): usize {
  return operandO().at;
}
