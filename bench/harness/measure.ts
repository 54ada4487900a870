import type { Task } from "./case.ts";

/**
 * Repeats the task for about `budgetMs` and returns nanoseconds for one repetition: all the time divided by all the
 * repetitions, so that garbage collection counts. The clock is read once per batch; batches double until one takes a
 * tenth of the budget, which keeps the clock's cost out of tasks that take nanoseconds.
 */
export async function measure(task: Task, isAsync: boolean, budgetMs: number): Promise<number> {
  let batch = 1;
  let repetitions = 0;
  let elapsedMs = 0;
  while (elapsedMs < budgetMs) {
    const batchMs = isAsync ? await timeAsync(task, batch) : time(task, batch);
    elapsedMs += batchMs;
    repetitions += batch;
    if (batchMs < budgetMs / 10) batch *= 2;
  }
  return (elapsedMs * 1e6) / (repetitions * (task.repeats ?? 1));
}

/**
 * Runs the task until the engine has had time to optimize it: `warmupMs`, and twice at least. Returns whether it answers
 * with promises: only then is each repetition awaited.
 */
export async function warmUp(task: Task, warmupMs: number): Promise<boolean> {
  const end = performance.now() + warmupMs;
  const isAsync = task.run() instanceof Promise;
  do await task.run();
  while (performance.now() < end);
  return isAsync;
}

function time(task: Task, batch: number): number {
  const start = performance.now();
  for (let i = 0; i < batch; i++) task.run();
  return performance.now() - start;
}

async function timeAsync(task: Task, batch: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < batch; i++) await task.run();
  return performance.now() - start;
}
