/** Matrix products on several threads, cut by rows or by columns of the result: no sum is torn, and so no bit differs. */
import { f32_gemm, GEMM_SCRATCH_BYTES } from "../kernels/gemm/gemm";
import { alloc } from "../memory/heap";
import { isShared, share, threadCount } from "./pool";

/** Packing buffers of this thread. */
let scratch: usize = 0;

/** For a thread other than the main one. */
export function setGemmScratch(at: usize): void {
  scratch = at;
}

/** The main thread takes its buffers from the heap at the first product; false if there is no memory. */
export function gemmReady(): bool {
  if (!scratch) scratch = alloc(<u32>GEMM_SCRATCH_BYTES);
  return scratch != 0;
}

/** Whole tiles of either height, and far from the few rows for which the kernel turns to vector products. */
const ROWS: i32 = 24;
/** Two panels of B, which are packed together. */
const COLUMNS: i32 = 16;
/**
 * Rows or columns that a part should have. Each part packs all of the other operand, which takes as long as 16 rows of the
 * product: 1024 on two threads went 1.64 times as fast as on one with 128 rows a part, 1.85 times with 256.
 */
const PART: i32 = 256;

@final @unmanaged class Product {
  m: i32;
  n: i32;
  k: i32;
  a: usize;
  rsa: i32;
  csa: i32;
  b: usize;
  rsb: i32;
  csb: i32;
  c: usize;
  ldc: i32;
  bias: usize;
  flags: i32;
}

const PRODUCT: usize = memory.data(64, 16);

function someRows(args: usize, from: i32, to: i32): void {
  const p = changetype<Product>(args);
  f32_gemm(
    to - from, p.n, p.k, p.a + (<usize>(from * p.rsa) << 2), p.rsa, p.csa, p.b, p.rsb, p.csb,
    p.c + (<usize>(from * p.ldc) << 2), p.ldc, p.bias, p.flags, scratch,
  );
}

function someColumns(args: usize, from: i32, to: i32): void {
  const p = changetype<Product>(args);
  const at = <usize>from << 2;
  f32_gemm(
    p.m, to - from, p.k, p.a, p.rsa, p.csa, p.b + at * <usize>p.csb, p.rsb, p.csb,
    p.c + at, p.ldc, p.bias ? p.bias + at : 0, p.flags, scratch,
  );
}

/** f32_gemm, for the main thread. */
export function gemm(
  m: i32, n: i32, k: i32, a: usize, rsa: i32, csa: i32, b: usize, rsb: i32, csb: i32,
  c: usize, ldc: i32, bias: usize, flags: i32,
): void {
  const byRows = m >= n;
  const least = byRows ? 2 * ROWS : 2 * COLUMNS;
  if (max(m, n) < least || !isShared(<i64>m * n * k)) {
    f32_gemm(m, n, k, a, rsa, csa, b, rsb, csb, c, ldc, bias, flags, scratch);
    return;
  }
  const p = changetype<Product>(PRODUCT);
  p.m = m; p.n = n; p.k = k;
  p.a = a; p.rsa = rsa; p.csa = csa;
  p.b = b; p.rsb = rsb; p.csb = csb;
  p.c = c; p.ldc = ldc; p.bias = bias; p.flags = flags;
  const parts = threadCount() * max(1, min(4, max(m, n) / (PART * threadCount())));
  if (byRows) share(someRows, PRODUCT, m, ROWS, parts);
  else share(someColumns, PRODUCT, n, COLUMNS, parts);
}
