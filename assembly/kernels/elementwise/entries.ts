/**
 * The entries of kernels: pointers, strides in elements, count. A single element needs no strides, and what is
 * contiguous goes straight to its loop K. Other calls are cut into contiguous ones of the same kernel, which is
 * therefore an argument here: see Note [Strided operands]. That takes 30 bytes per kernel instead of 100 for a loop
 * over blocks in each.
 *
 * `bytes` (BYTES_A … BYTES_O) says which operands are u8 instead of 32 bits wide.
 */
import { blockA, blockB, blockC, blockO, nextBlock, openRows } from "./rows";

type Unary = (a: usize, as: i32, o: usize, os: i32, n: i32) => void;

function stridedUnary(kernel: Unary, a: usize, as: i32, o: usize, os: i32, n: i32, bytes: i32): void {
  for (n = openRows(a, as, 0, 1, 0, 1, o, os, n, bytes); n; n = nextBlock()) {
    kernel(blockA(), 1, blockO(), 1, n);
  }
}

// @ts-ignore: decorator
@inline export function unary<K>(kernel: Unary, a: usize, as: i32, o: usize, os: i32, n: i32, bytes: i32 = 0): void {
  if (n > 1 && ((as ^ 1) | (os ^ 1))) stridedUnary(kernel, a, as, o, os, n, bytes);
  else changetype<K>(0).run(a, o, n);
}

type UnaryS = (a: usize, as: i32, o: usize, os: i32, n: i32, s: f32) => void;

function stridedUnaryS(kernel: UnaryS, a: usize, as: i32, o: usize, os: i32, n: i32, s: f32): void {
  for (n = openRows(a, as, 0, 1, 0, 1, o, os, n, 0); n; n = nextBlock()) {
    kernel(blockA(), 1, blockO(), 1, n, s);
  }
}

// @ts-ignore: decorator
@inline export function unaryS<K>(kernel: UnaryS, a: usize, as: i32, o: usize, os: i32, n: i32, s: f32): void {
  if (n > 1 && ((as ^ 1) | (os ^ 1))) stridedUnaryS(kernel, a, as, o, os, n, s);
  else changetype<K>(0).run(a, o, n, s);
}

type UnaryST = (a: usize, as: i32, o: usize, os: i32, n: i32, s: f32, t: f32) => void;

function stridedUnaryST(kernel: UnaryST, a: usize, as: i32, o: usize, os: i32, n: i32, s: f32, t: f32): void {
  for (n = openRows(a, as, 0, 1, 0, 1, o, os, n, 0); n; n = nextBlock()) {
    kernel(blockA(), 1, blockO(), 1, n, s, t);
  }
}

// @ts-ignore: decorator
@inline export function unaryST<K>(
  kernel: UnaryST, a: usize, as: i32, o: usize, os: i32, n: i32, s: f32, t: f32,
): void {
  if (n > 1 && ((as ^ 1) | (os ^ 1))) stridedUnaryST(kernel, a, as, o, os, n, s, t);
  else changetype<K>(0).run(a, o, n, s, t);
}

export type Binary = (a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32) => void;

function stridedBinary(
  kernel: Binary, a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32, bytes: i32,
): void {
  for (n = openRows(a, as, b, bs, 0, 1, o, os, n, bytes); n; n = nextBlock()) {
    kernel(blockA(), 1, blockB(), 1, blockO(), 1, n);
  }
}

// @ts-ignore: decorator
@inline export function binary<K>(
  kernel: Binary, a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32, bytes: i32 = 0,
): void {
  if (n > 1 && ((as ^ 1) | (bs ^ 1) | (os ^ 1))) stridedBinary(kernel, a, as, b, bs, o, os, n, bytes);
  else changetype<K>(0).run(a, b, o, n);
}

type BinaryS = (a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32, s: f32) => void;

function stridedBinaryS(
  kernel: BinaryS, a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32, s: f32,
): void {
  for (n = openRows(a, as, b, bs, 0, 1, o, os, n, 0); n; n = nextBlock()) {
    kernel(blockA(), 1, blockB(), 1, blockO(), 1, n, s);
  }
}

// @ts-ignore: decorator
@inline export function binaryS<K>(
  kernel: BinaryS, a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32, s: f32,
): void {
  if (n > 1 && ((as ^ 1) | (bs ^ 1) | (os ^ 1))) stridedBinaryS(kernel, a, as, b, bs, o, os, n, s);
  else changetype<K>(0).run(a, b, o, n, s);
}

type BinaryST = (a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32, s: f32, t: f32) => void;

function stridedBinaryST(
  kernel: BinaryST, a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32, s: f32, t: f32,
): void {
  for (n = openRows(a, as, b, bs, 0, 1, o, os, n, 0); n; n = nextBlock()) {
    kernel(blockA(), 1, blockB(), 1, blockO(), 1, n, s, t);
  }
}

// @ts-ignore: decorator
@inline export function binaryST<K>(
  kernel: BinaryST, a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32, s: f32, t: f32,
): void {
  if (n > 1 && ((as ^ 1) | (bs ^ 1) | (os ^ 1))) stridedBinaryST(kernel, a, as, b, bs, o, os, n, s, t);
  else changetype<K>(0).run(a, b, o, n, s, t);
}

type Ternary = (a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32, o: usize, os: i32, n: i32) => void;

function stridedTernary(
  kernel: Ternary, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32, o: usize, os: i32, n: i32, bytes: i32,
): void {
  for (n = openRows(a, as, b, bs, c, cs, o, os, n, bytes); n; n = nextBlock()) {
    kernel(blockA(), 1, blockB(), 1, blockC(), 1, blockO(), 1, n);
  }
}

// @ts-ignore: decorator
@inline export function ternary<K>(
  kernel: Ternary, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32, o: usize, os: i32, n: i32, bytes: i32 = 0,
): void {
  let strided = (as ^ 1) | (bs ^ 1) | (cs ^ 1) | (os ^ 1);
  if (n > 1 && strided) stridedTernary(kernel, a, as, b, bs, c, cs, o, os, n, bytes);
  else changetype<K>(0).run(a, b, c, o, n);
}

type TernaryS = (a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32, o: usize, os: i32, n: i32, s: f32) => void;

function stridedTernaryS(
  kernel: TernaryS, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32, o: usize, os: i32, n: i32, s: f32,
): void {
  for (n = openRows(a, as, b, bs, c, cs, o, os, n, 0); n; n = nextBlock()) {
    kernel(blockA(), 1, blockB(), 1, blockC(), 1, blockO(), 1, n, s);
  }
}

// @ts-ignore: decorator
@inline export function ternaryS<K>(
  kernel: TernaryS, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32, o: usize, os: i32, n: i32, s: f32,
): void {
  let strided = (as ^ 1) | (bs ^ 1) | (cs ^ 1) | (os ^ 1);
  if (n > 1 && strided) stridedTernaryS(kernel, a, as, b, bs, c, cs, o, os, n, s);
  else changetype<K>(0).run(a, b, c, o, n, s);
}
