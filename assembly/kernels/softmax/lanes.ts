/** Parts of vectors, where a row ends or is shorter than one. */

/** 2, 3 or 4 elements; without a call, because loops around calls keep nothing in registers. */
// @ts-ignore: decorator
@inline export function read(a: usize, lanes: i32): v128 {
  if (lanes == 4) return v128.load(a);
  const two = v128.load64_zero(a);
  return lanes == 3 ? v128.load32_lane(a, two, 2, 8) : two;
}

// @ts-ignore: decorator
@inline export function write(o: usize, v: v128, lanes: i32): void {
  if (lanes == 4) {
    v128.store(o, v);
  } else {
    v128.store64_lane(o, v, 0);
    if (lanes == 3) v128.store32_lane(o, v, 2, 8);
  }
}

/** 1 to 4 elements; the other lanes are 0. */
// @ts-ignore: decorator
@inline export function readSome(a: usize, lanes: i32): v128 {
  if (lanes == 4) return v128.load(a);
  if (lanes == 1) return v128.load32_zero(a);
  const two = v128.load64_zero(a);
  return lanes == 3 ? v128.load32_lane(a, two, 2, 8) : two;
}

// @ts-ignore: decorator
@inline export function writeSome(o: usize, v: v128, lanes: i32): void {
  if (lanes == 4) {
    v128.store(o, v);
  } else if (lanes == 1) {
    v128.store32_lane(o, v, 0);
  } else {
    v128.store64_lane(o, v, 0);
    if (lanes == 3) v128.store32_lane(o, v, 2, 8);
  }
}

/** Masks of n lanes begin 4n bytes before the end of the ones. */
const MASKS: usize = memory.data<u32>([0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0, 0, 0, 0], 16);

// @ts-ignore: decorator
@inline export function firstLanes(n: i32): v128 {
  return v128.load(MASKS + ((<usize>(4 - n)) << 2));
}
