import type { Goal, Unit } from "./case.ts";
import { ratioSpread, type Spread, spread } from "./statistics.ts";

/** One contender's timings of one variant, a figure per round, in nanoseconds per repetition. */
export interface Timing {
  contender: string;
  rounds: number[];
}

export interface Note {
  contender: string;
  text: string;
}

export interface VariantResult {
  label: string;
  /** Units of work in a repetition. */
  work: number;
  timings: Timing[];
  /** Contenders that could not take part, and why. */
  notes: Note[];
  /** Contenders that computed something else. */
  disagreements: Note[];
}

export interface CaseResult {
  name: string;
  title: string;
  about: string;
  unit: Unit;
  /** Contenders in the order of the table's columns. */
  contenders: string[];
  variants: VariantResult[];
  goals: Goal[];
}

/** A row of a table that is not about time. */
export interface TableResult {
  name: string;
  title: string;
  about: string;
  columns: string[];
  rows: string[][];
}

export interface Verdict {
  case: string;
  variant: string;
  goal: Goal;
  /** What the goal bounds: a ratio of times, or nanoseconds for a unit of work. */
  got: Spread;
  reached: boolean;
}

export function timingOf(variant: VariantResult, contender: string): Timing | undefined {
  return variant.timings.find((timing) => timing.contender === contender);
}

/** Every goal that the run has figures for. */
export function judge(result: CaseResult): Verdict[] {
  return result.goals.flatMap((goal) =>
    result.variants
      .filter((variant) => !goal.variants || goal.variants.includes(variant.label))
      .flatMap((variant): Verdict[] => {
        const of = timingOf(variant, goal.of);
        if (!of) return [];
        const row = { case: result.name, variant: variant.label, goal };
        if (!goal.against) {
          const got = spread(of.rounds.map((ns) => ns / variant.work));
          return [{ ...row, got, reached: got.median <= (goal.atMostNs ?? Number.POSITIVE_INFINITY) }];
        }
        const against = timingOf(variant, goal.against);
        if (!against) return [];
        const got = ratioSpread(against.rounds, of.rounds);
        return [{ ...row, got, reached: got.median >= (goal.atLeast ?? 0) }];
      }),
  );
}
