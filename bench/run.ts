/** `npm run bench`: times every case and writes RESULTS.md, results.json and the README's table. README.md has the options. */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { CASES } from "./cases/index.ts";
import type { Case } from "./harness/case.ts";
import type { Contender } from "./harness/contender.ts";
import { type Column, columns, start } from "./harness/line-up.ts";
import { describeSetting } from "./harness/machine.ts";
import { growthPlot } from "./harness/plot.ts";
import { markdown, type Run, section, tableSection } from "./harness/report.ts";
import { type CaseResult, judge } from "./harness/result.ts";
import { FULL, QUICK, race } from "./harness/rounds.ts";
import { findPython, findRuntimes } from "./harness/runtimes.ts";
import { withSummary } from "./harness/summary.ts";
import { sizes } from "./tables/sizes.ts";

const { values: options } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [] },
    sides: { type: "string", multiple: true, default: [] },
    quick: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
  },
});

const TABLES = [{ name: "sizes", make: sizes }];
const chosen = <T extends { name: string }>(all: T[]): T[] =>
  options.only.length === 0 ? all : all.filter(({ name }) => options.only.includes(name));

const unknown = options.only.filter((name) => ![...CASES, ...TABLES].some((known) => known.name === name));
if (options.list || unknown.length > 0) {
  if (unknown.length > 0) console.error(`No case is called ${unknown.join(", ")}. There are:`);
  for (const { name } of [...CASES, ...TABLES]) console.log(name);
  process.exit(unknown.length > 0 ? 1 : 0);
}

const effort = options.quick ? QUICK : FULL;
const runtimes = findRuntimes();
const python = findPython();
const lineUp = columns(runtimes, python).filter(
  ({ side }) => options.sides.length === 0 || options.sides.includes(side),
);
const names = Object.fromEntries(lineUp.map(({ id, name }) => [id, name]));

async function time(definition: Case): Promise<CaseResult> {
  const contenders = lineUp
    .map((column: Column) => start(definition, column, python))
    .filter((contender): contender is Contender => contender !== undefined);
  const { name, title, about, unit, goals = [] } = definition;
  const result: CaseResult = { name, title, about, unit, contenders: [], variants: [], goals };
  try {
    for (const variant of definition.variants) {
      process.stderr.write(`${name}: ${variant.label}\n`);
      const subject = { label: variant.label, work: definition.work?.(variant) ?? 1 };
      result.variants.push(await race(contenders, subject, definition.tolerance ?? 1e-3, effort));
    }
  } finally {
    for (const contender of contenders) contender.close();
  }
  const seen = (id: string): boolean => result.variants.some(({ timings }) => timings.some((t) => t.contender === id));
  result.contenders = contenders.map(({ id }) => id).filter(seen);
  return result;
}

const run: Run = {
  date: new Date().toISOString().slice(0, 10),
  setting: {
    ...describeSetting(runtimes, python),
    rounds: `${effort.rounds} rounds of ${effort.budgetMs} ms for each contender`,
  },
  names,
  cases: [],
  tables: [],
};
for (const definition of chosen(CASES)) {
  const result = await time(definition);
  run.cases.push(result);
  console.log(`${section(result, names).join("\n\n")}\n`);
}
for (const { make } of chosen(TABLES)) {
  const result = await make();
  run.tables.push(result);
  console.log(`${tableSection(result).join("\n\n")}\n`);
}

const missed = run.cases.flatMap(judge).filter(({ reached }) => !reached);
if (missed.length > 0) console.log(`${missed.length} goals missed`);

// Only a whole run with its full effort replaces the results that are kept.
if (!options.quick && options.only.length === 0 && options.sides.length === 0) {
  const bench = new URL("../", import.meta.url);
  writeFileSync(new URL("RESULTS.md", bench), markdown(run));
  writeFileSync(new URL("results.json", bench), `${JSON.stringify(run, null, 1)}\n`);
  const growth = run.cases.find(({ name }) => name === "growth");
  const readme = new URL("../README.md", bench);
  writeFileSync(readme, withSummary(readFileSync(readme, "utf8"), run));
  if (growth) writeFileSync(new URL("growth.svg", bench), growthPlot(growth, growth.contenders[0]));
}

const disagreements = run.cases.flatMap(({ variants }) => variants.flatMap((variant) => variant.disagreements));
if (disagreements.length > 0) {
  console.error("Some sides do not compute the same: their times compare nothing.");
  process.exitCode = 1;
}
