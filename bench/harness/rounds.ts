import type { Contender } from "./contender.ts";
import type { Note, VariantResult } from "./result.ts";

export interface Effort {
  rounds: number;
  /** Time for each contender in each round. */
  budgetMs: number;
  warmupMs: number;
}

export const FULL: Effort = { rounds: 11, budgetMs: 80, warmupMs: 300 };
export const QUICK: Effort = { rounds: 3, budgetMs: 25, warmupMs: 80 };

/**
 * Times one variant: every contender gets ready in turn, then they take turns round by round (A B C, A B C, …), so that a
 * slow spell of the machine falls on all of them.
 */
export async function race(
  contenders: Contender[],
  variant: { label: string; work: number },
  tolerance: number,
  effort: Effort,
): Promise<VariantResult> {
  const result: VariantResult = { ...variant, timings: [], notes: [], disagreements: [] };
  const ready: Contender[] = [];
  const checks = new Map<string, number[]>();
  for (const contender of contenders) {
    const reply = await contender.prepare(variant.label, effort.warmupMs);
    if ("unavailable" in reply) {
      result.notes.push({ contender: contender.id, text: reply.unavailable });
      continue;
    }
    ready.push(contender);
    if (reply.check.length > 0) checks.set(contender.id, reply.check);
  }
  result.disagreements = compare(checks, tolerance);
  const rounds = new Map(ready.map((contender) => [contender.id, [] as number[]]));
  for (let round = 0; round < effort.rounds; round++) {
    for (const contender of ready) rounds.get(contender.id)?.push(await contender.measure(effort.budgetMs));
  }
  for (const contender of ready) await contender.release();
  result.timings = [...rounds].map(([contender, figures]) => ({ contender, rounds: figures }));
  return result;
}

/** What differs from the numbers of PyTorch, or of the first contender that has any. */
function compare(checks: Map<string, number[]>, tolerance: number): Note[] {
  const reference = checks.has("pytorch") ? "pytorch" : checks.keys().next().value;
  const expected = reference === undefined ? undefined : checks.get(reference);
  if (!expected) return [];
  return [...checks]
    .filter(([, actual]) => !(largestDifference(actual, expected) <= tolerance))
    .map(([contender, actual]) => ({
      contender,
      text: `computes ${preview(actual)} where ${reference} computes ${preview(expected)}`,
    }));
}

/** Largest difference relative to the largest magnitude, over as many numbers as both sides give. */
function largestDifference(actual: number[], expected: number[]): number {
  const scale = Math.max(...expected.map(Math.abs), Number.MIN_VALUE);
  const differences = actual.slice(0, expected.length).map((value, i) => Math.abs(value - expected[i]));
  return Math.max(...differences) / scale;
}

const preview = (numbers: number[]): string =>
  numbers
    .slice(0, 4)
    .map((n) => n.toPrecision(6))
    .join(", ");
