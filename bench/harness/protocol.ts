/**
 * What the runner and a host say to each other: one JSON object per line, over the host's standard input and output.
 * The hosts are harness/host.ts (one process for each case and side) and peers/pytorch.py.
 */
export type Request =
  | { method: "prepare"; case: string; variant: string; warmupMs: number }
  | { method: "measure"; budgetMs: number }
  | { method: "release" };

/** `prepare` answers with the numbers of the check; `measure` with nanoseconds for one repetition. */
export type Reply =
  | { check: number[] }
  | { ns: number }
  | { released: true }
  | { unavailable: string }
  | { error: string };
