/** Results that only the library has seen. */
import { address, current, type Placed, turnover } from "./generation.ts";
import { core, setList } from "./wasm.ts";

/** A moment in a generation, and what had been made by then. */
export interface Mark {
  readonly generation: unknown;
  readonly lastChunk: number;
}

/** A turnover that is due comes first: afterwards nobody could tell what has been made since. */
export function mark(): Mark {
  if (core.turnoverDue()) turnover();
  return { generation: current, lastChunk: core.getLastChunk() };
}

/** Whether large results have been made since, and are all where they were born. */
export function hasMadeSince({ generation, lastChunk }: Mark): boolean {
  return generation === current && core.getLastChunk() !== lastChunk;
}

/**
 * Nobody will see what has been made since `mark`, except the tensors in `kept`. Graphs may still need it; when they have been
 * walked, a turnover does not set it aside, which is what most of its time goes into.
 */
export function hideSince({ lastChunk }: Mark, kept: readonly Placed[]): void {
  setList(kept.map(address));
  core.hideSince(lastChunk, kept.length);
}
