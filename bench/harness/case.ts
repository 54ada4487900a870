import type { Jax } from "../peers/jax.ts";
import type { JsPytorch } from "../peers/js-pytorch.ts";
import type { Limits } from "../peers/limits.ts";
import type { Tapegrad } from "../peers/tapegrad.ts";
import type { Tfjs } from "../peers/tfjs.ts";

/** What one side of a case does: `run` is timed; `check` says, before any timing, what the side computes. */
export interface Task {
  /** One repetition. Whatever is computed lazily must have been computed when it returns (or its promise resolves). */
  run(): unknown;
  /** Repetitions that one `run` stands for; 1 unless given. */
  repeats?: number;
  /** Numbers that every side must agree on; compared with the first side that gives any. */
  check?(): number[] | Promise<number[]>;
}

/** Thrown by a side that lacks what the case needs; the table shows a dash and the reason. */
export class NotAvailable extends Error {}

/** The sides that may take part, each with the library that it is handed. */
export interface Libraries {
  tapegrad: Tapegrad;
  /** The same step, replayed by `compile`. */
  compiled: Tapegrad;
  /** The same step inside `scope`, where memory needs no management. */
  scoped: Tapegrad;
  /** The same step on two threads. */
  threads: Tapegrad;
  tfjs: Tfjs;
  jax: Jax;
  /** jax-js with `jit`. */
  jit: Jax;
  jsPytorch: JsPytorch;
  /** Loops that do nothing but what the hardware limits: multiply-add in registers, copying. */
  limit: Limits;
}

export type Side = keyof Libraries;

export type Sides<V> = { [S in Side]?: (library: Libraries[S], variant: V) => Task | Promise<Task> };

/** What the figures of a case are shown in. */
export type Unit = "time" | "GFLOP/s" | "GB/s";

/** A claim about two contenders of the same run, shown beside what was measured. It decides no test. */
export interface Goal {
  variants?: string[];
  /** Contender, as `side@runtime`. */
  of: string;
  /** Contender that `of` is compared with. */
  against?: string;
  /** Time of `against` divided by time of `of` must reach this. */
  atLeast?: number;
  /** Without `against`: time for one unit of work, in nanoseconds, must stay under this. */
  atMostNs?: number;
}

export interface Variant {
  label: string;
}

export interface Case<V extends Variant = Variant> {
  name: string;
  title: string;
  /** What is timed, in a sentence or two. */
  about: string;
  unit: Unit;
  variants: V[];
  /** Units of work in one repetition: operations for "time" (1 unless given), flop, or bytes moved. */
  work?(variant: V): number;
  /** Largest relative difference between the numbers of two sides' checks; 1e-3 unless given. */
  tolerance?: number;
  sides: Sides<V>;
  /** Whether peers/pytorch.py has a case of this name. */
  pytorch?: boolean;
  /**
   * Programs, by side, that run in a fresh process for each timing and print the milliseconds they took; JavaScript (an
   * ES module; `process.env.TAPEGRAD` is the library's URL), or Python for PyTorch. Such a case has no sides.
   */
  programs?: { [S in Side | "pytorch" | "empty"]?: string };
  goals?: Goal[];
}

/** Types a case from its variants. */
export function defineCase<V extends Variant>(definition: Case<V>): Case<V> {
  return definition;
}
