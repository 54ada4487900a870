/** Walks over operands (rows.ts) on several threads, cut along the outermost dimension. */
import { isShared, share, Task } from "../parallel/pool";
import { isSingleRow, ROWS_BYTES, rowsOutermost, rowsSave } from "./rows";

/** The description of a job that walks: the walk, and behind it what else the task needs. */
export const WALK: usize = memory.data(2048, 16);

export const WALK_MORE: usize = WALK + ROWS_BYTES;

/** An element of a pointwise operation takes as long as some eight multiply-adds of a matrix product. */
const WORK: i64 = 8;

/** Elements at which a single row is cut: whole blocks of the kernels. */
const GRAIN: i32 = 4096;

/** Fewer elements than this are not cut up, unless a test wants it. */
export const SHARED_FROM: i32 = 1 << 15;

// @ts-ignore: decorator
@inline export function isWalkShared(elements: i32): bool {
  return isShared(elements * WORK);
}

/** Does a task, which begins with `rowsTake(WALK, from, to)`, for the walk that is ready. */
export function shareWalk(task: Task): void {
  rowsSave(WALK);
  const steps = rowsOutermost();
  share(task, WALK_MORE, steps, isSingleRow() ? GRAIN : 1);
}
