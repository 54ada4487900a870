/**
 * Reductions on several threads. What is [outer, k, inner] is cut along the outer dimension, where no sum is torn; the sum of
 * everything is cut into runs whose sums, in double precision, are added in their order.
 */
import { f32_sum } from "../kernels/reduce";
import { sumRun, Value } from "../kernels/reduce/sum";
import { isShared, share } from "./pool";

/** A kernel over [outer, k, inner], from `a` to `o`. */
export type Reduction = (a: usize, outer: i32, k: i32, inner: i32, o: usize) => void;

@final @unmanaged class Job {
  kernel: u32;
  a: usize;
  k: i32;
  inner: i32;
  o: usize;
  /** Bytes of an element of `a` and of `o`. */
  from: i32;
  to: i32;
}

const JOB: usize = memory.data(32, 16);

/** Reading an element takes as long as some four multiply-adds of a matrix product. */
const WORK: i64 = 4;

function someRows(args: usize, from: i32, to: i32): void {
  const job = changetype<Job>(args);
  call_indirect<void>(
    job.kernel, job.a + <usize>(from * job.k * job.inner * job.from), to - from, job.k, job.inner,
    job.o + <usize>(from * job.inner * job.to),
  );
}

/** Runs a reduction whose results do not depend on one another; elements of `a` have `from` bytes, those of `o` `to`. */
export function reduce(
  kernel: Reduction, a: usize, outer: i32, k: i32, inner: i32, o: usize, from: i32 = 4, to: i32 = 4,
): void {
  if (outer < 2 || !isShared(<i64>outer * k * inner * WORK)) {
    kernel(a, outer, k, inner, o);
    return;
  }
  const job = changetype<Job>(JOB);
  job.kernel = kernel.index;
  job.a = a;
  job.k = k;
  job.inner = inner;
  job.o = o;
  job.from = from;
  job.to = to;
  share(someRows, JOB, outer, 1);
}

/** Elements whose sum the kernel takes in f32, before it goes on in f64. */
const BLOCK: i32 = 1024;
const BLOCKS: i32 = 2048;
const BLOCK_SUMS: usize = memory.data(2048 * 8, 16);

function someBlocks(args: usize, from: i32, to: i32): void {
  for (let i = from; i < to; i++) {
    store<f64>(BLOCK_SUMS + (<usize>i << 3), sumRun<Value>(args + <usize>i * (BLOCK << 2), BLOCK));
  }
}

/** The sum of n elements. Blocks are summed by the threads; what comes out is added in their order, as one thread does. */
function sumAll(a: usize, n: i32, o: usize): void {
  let sum: f64 = 0;
  while (n > BLOCK) {
    const blocks = min((n - 1) / BLOCK, BLOCKS);
    share(someBlocks, a, blocks, 16);
    for (let i = 0; i < blocks; i++) sum += load<f64>(BLOCK_SUMS + (<usize>i << 3));
    a += <usize>blocks * (BLOCK << 2);
    n -= blocks * BLOCK;
  }
  store<f32>(o, <f32>(sum + sumRun<Value>(a, n)));
}

/** f32_sum. */
export function sum(a: usize, outer: i32, k: i32, inner: i32, o: usize): void {
  if (outer == 1 && inner == 1 && isShared(<i64>k * WORK)) sumAll(a, k, o);
  else reduce(f32_sum, a, outer, k, inner, o);
}
