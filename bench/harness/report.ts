import type { Goal } from "./case.ts";
import { duration, figure, ratio, scatter } from "./format.ts";
import { type CaseResult, judge, type Note, type TableResult, timingOf, type Verdict } from "./result.ts";
import { ratioSpread, spread } from "./statistics.ts";

export interface Run {
  date: string;
  /** What the figures depend on: machine, versions, effort. */
  setting: Record<string, string>;
  /** Contenders' names in tables, by id. */
  names: Record<string, string>;
  cases: CaseResult[];
  tables: TableResult[];
}

const row = (cells: string[]): string => `| ${cells.join(" | ")} |`;

const table = (head: string[], rows: string[][]): string =>
  [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");

/** The whole run as Markdown. */
export function markdown(run: Run): string {
  const parts = [
    "# Benchmark results",
    `Written by \`npm run bench\` on ${run.date}. Do not edit.`,
    table(
      ["", ""],
      Object.entries(run.setting).map(([key, value]) => [key, value]),
    ),
    [
      "Within a table all contenders took turns, round by round, in one run on one thread. A cell is the median of the",
      "rounds, with half the distance between the quartiles; in brackets, how many times as long it took as the first",
      "column (the median of the rounds' ratios). Ratios hold elsewhere better than times do.",
    ].join("\n"),
  ];
  const verdicts = run.cases.flatMap(judge);
  if (verdicts.length > 0) parts.push("## Goals", goals(verdicts, run.names));
  for (const result of run.cases) parts.push(...section(result, run.names));
  for (const result of run.tables) parts.push(...tableSection(result));
  return `${parts.join("\n\n")}\n`;
}

/** One case: heading, sentence, table, remarks. */
export function section(result: CaseResult, names: Record<string, string>): string[] {
  const unit = result.unit === "time" ? "" : result.unit;
  const rows = result.variants.map((variant) => [
    variant.label,
    ...result.contenders.map((contender) => {
      const timing = timingOf(variant, contender);
      if (!timing) return "–";
      const { low, median, high } = spread(timing.rounds);
      const cell = `${figure(median, variant.work, result.unit)} ${scatter(low, median, high)}`;
      const first = timingOf(variant, result.contenders[0]);
      if (!first || first === timing) return cell;
      return `${cell} (${ratio(ratioSpread(timing.rounds, first.rounds).median)}×)`;
    }),
  ]);
  const head = [unit, ...result.contenders.map((contender) => names[contender] ?? contender)];
  const parts = [`## ${result.title}`, result.about, table(head, rows)];
  const remarks = [
    ...gather(result, "disagreements", names, (text) => `**${text}**`),
    ...gather(result, "notes", names, (text) => text),
  ];
  if (remarks.length > 0) parts.push(remarks.join("\n"));
  if (result.name === "growth") parts.push("![Time for a unit of work at every size](growth.svg)");
  return parts;
}

export function tableSection(result: TableResult): string[] {
  return [`## ${result.title}`, result.about, table(result.columns, result.rows)];
}

function gather(
  result: CaseResult,
  kind: "notes" | "disagreements",
  names: Record<string, string>,
  emphasis: (text: string) => string,
): string[] {
  const variantsOf = new Map<string, string[]>();
  for (const variant of result.variants) {
    for (const note of variant[kind]) {
      const line = `${names[note.contender] ?? note.contender}: ${firstLine(note)}`;
      variantsOf.set(line, [...(variantsOf.get(line) ?? []), variant.label]);
    }
  }
  return [...variantsOf].map(([line, variants]) => {
    const where = variants.length === result.variants.length ? "" : ` (${variants.join(", ")})`;
    return `- ${emphasis(line + where)}`;
  });
}

const firstLine = (note: Note): string => note.text.split("\n")[0];

function goals(verdicts: Verdict[], names: Record<string, string>): string {
  const rows = verdicts.map(({ case: name, variant, goal, got, reached }) => [
    `${name}: ${variant}`,
    wanted(goal, names),
    goal.against
      ? `${ratio(got.median)} (${ratio(got.low)} to ${ratio(got.high)})`
      : `${duration(got.median)} (${duration(got.low)} to ${duration(got.high)})`,
    reached ? "reached" : "missed",
  ]);
  return table(["", "goal", "measured (quartiles)", ""], rows);
}

function wanted(goal: Goal, names: Record<string, string>): string {
  const of = names[goal.of] ?? goal.of;
  if (!goal.against) return `${of}: at most ${duration(goal.atMostNs ?? 0)}`;
  return `${of}: at least ${Number(goal.atLeast?.toPrecision(3))} times as fast as ${names[goal.against] ?? goal.against}`;
}
