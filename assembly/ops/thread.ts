/** What a thread needs for itself: the working memory of kernels. */
import { SCRATCH_BYTES, setScratch } from "../kernels/elementwise/scratch";
import { GEMM_SCRATCH_BYTES } from "../kernels/gemm/gemm";
import { alloc } from "../memory/heap";
import { setGemmScratch } from "../parallel/gemm";
import { serve } from "../parallel/pool";
import { BLOCKS_BYTES, setBlocks } from "../tensor/blocks";
import { ROWS_BYTES, setRows } from "../tensor/rows";

/** Working memory for one more thread; 0 if there is none. The main thread asks: the allocator is its own. */
export function newThread(): usize {
  return alloc(SCRATCH_BYTES + ROWS_BYTES + BLOCKS_BYTES + <u32>GEMM_SCRATCH_BYTES);
}

/** Becomes thread `number` with this working memory, and never returns. */
export function runThread(number: i32, scratch: usize): void {
  setScratch(scratch);
  setRows(scratch + SCRATCH_BYTES);
  setBlocks(scratch + SCRATCH_BYTES + ROWS_BYTES);
  setGemmScratch(scratch + SCRATCH_BYTES + ROWS_BYTES + BLOCKS_BYTES);
  serve(number);
}
