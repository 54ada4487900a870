/** The table in the README: the cases that people ask about first, tapegrad beside its peers. */
import { figure, ratio } from "./format.ts";
import type { Run } from "./report.ts";
import { timingOf, type VariantResult } from "./result.ts";
import { ratioSpread, spread } from "./statistics.ts";

/** By case: how the README calls it, and which variant it shows (the first if none is named). */
const ROWS: Readonly<Record<string, { label: string; variant?: string }>> = {
  "scalar-chain": { label: "one scalar operation, forward and backward" },
  "sin-squared": { label: "sin(x²) and its gradient, from number to number" },
  "moons-step": { label: "training step, 2-16-16-1 on 100 points, SGD" },
  "mlp-step": { label: "training step, MLP 784-128-10, batch 64, Adam" },
  "cnn-step": { label: "training step, small CNN, batch 64, Adam" },
  "lstm-step": { label: "training step, LSTM of 64 units, length 32, batch 16" },
  "transformer-step": { label: "training step, Transformer layer, width 128, batch 8 × 64" },
  matmul: { label: "matrix product 512 × 512", variant: "512" },
  transcendental: { label: "tanh of a million numbers", variant: "tanh" },
  startup: { label: "import, then the first gradient" },
};

const FIRST = "tapegrad@newest";
const COLUMNS = [FIRST, "compiled@newest", "pytorch", "tfjs@newest", "jax@newest", "jit@newest"] as const;

/** tapegrad's own time or rate, and of the others how many times as long they took. */
function cells(result: VariantResult, unit: Run["cases"][number]["unit"]): string[] {
  const first = timingOf(result, FIRST);
  return COLUMNS.map((id) => {
    const timing = timingOf(result, id);
    if (!timing || !first) return "–";
    const own = figure(spread(timing.rounds).median, result.work, unit) + (unit === "time" ? "" : ` ${unit}`);
    return id === FIRST ? own : `${own} (${ratio(ratioSpread(timing.rounds, first.rounds).median)}×)`;
  });
}

export function summary(run: Run): string {
  const rows = Object.entries(ROWS).flatMap(([name, { label, variant }]) => {
    const result = run.cases.find((one) => one.name === name);
    const shown = result?.variants.find((one) => variant === undefined || one.label === variant);
    return result && shown ? [`| ${label} | ${cells(shown, result.unit).join(" | ")} |`] : [];
  });
  const head = ["", ...COLUMNS.map((id) => run.names[id] ?? id)];
  return [`| ${head.join(" | ")} |`, `|${" --- |".repeat(head.length)}`, ...rows].join("\n");
}

const BEGIN = "<!-- npm run bench writes this table -->";
const END = "<!-- end of table -->";

/** The README's text with the table in its place. */
export function withSummary(readme: string, run: Run): string {
  const from = readme.indexOf(BEGIN);
  const to = readme.indexOf(END);
  if (from < 0 || to < from) throw new Error(`README.md: found no ${BEGIN} … ${END}`);
  const { machine, Node: nodes, PyTorch: pytorch } = run.setting;
  const text = `${run.date}, ${machine}; Node ${nodes.split(",")[0]}; PyTorch ${pytorch}. In brackets: how many times tapegrad's time.`;
  return `${readme.slice(0, from)}${BEGIN}\n${summary(run)}\n\n${text}\n${readme.slice(to)}`;
}
