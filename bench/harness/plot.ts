import { type CaseResult, timingOf } from "./result.ts";
import { spread } from "./statistics.ts";

const [WIDTH, HEIGHT] = [720, 400];
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 120, 48, 48];
const COLOURS = ["#0b6e99", "#d9730d", "#448361"];
/** Decades of the x axis: sizes from 1 to a million. */
const DECADES = 6;
/** The y axis reaches from this fraction of the level to its inverse, on a logarithmic scale. */
const RANGE = 8;
/** What counts as level. */
const BAND = 1.25;

const x = (size: number): number => LEFT + (Math.log10(size) / DECADES) * (WIDTH - LEFT - RIGHT);
const y = (ratio: number): number => {
  const clamped = Math.min(Math.max(ratio, 1 / RANGE), RANGE);
  return TOP + ((1 - Math.log(clamped) / Math.log(RANGE)) / 2) * (HEIGHT - TOP - BOTTOM);
};

const text = (px: number, py: number, label: string, attributes = ""): string =>
  `<text x="${px.toFixed(1)}" y="${py.toFixed(1)}" ${attributes}>${label}</text>`;

/**
 * The growth case as a picture: for each kind, time for a unit of work at every size, relative to that at the largest.
 * Labels of the variants are "<kind> <size>".
 */
export function growthPlot(result: CaseResult, contender: string): string {
  const kinds = new Map<string, { size: number; low: number; median: number; high: number }[]>();
  for (const variant of result.variants) {
    const timing = timingOf(variant, contender);
    if (!timing) continue;
    const [kind, size] = variant.label.split(" ");
    const point = { size: Number(size), ...spread(timing.rounds.map((ns) => ns / variant.work)) };
    kinds.set(kind, [...(kinds.get(kind) ?? []), point]);
  }
  const parts = [
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<rect x="${LEFT}" y="${y(BAND).toFixed(1)}" width="${WIDTH - LEFT - RIGHT}" height="${(y(1 / BAND) - y(BAND)).toFixed(1)}" fill="#eef3f5"/>`,
    text(LEFT, 24, "Time for one unit of work, relative to the largest size (band: ±25 %)", 'font-size="14"'),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, "size", 'text-anchor="middle"'),
  ];
  for (let decade = 0; decade <= DECADES; decade++) {
    const at = x(10 ** decade);
    parts.push(`<path d="M${at.toFixed(1)} ${TOP}V${HEIGHT - BOTTOM}" stroke="#ddd"/>`);
    parts.push(text(at, HEIGHT - BOTTOM + 18, (10 ** decade).toLocaleString("en"), 'text-anchor="middle"'));
  }
  for (const level of [1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8]) {
    parts.push(
      `<path d="M${LEFT} ${y(level).toFixed(1)}H${WIDTH - RIGHT}" stroke="${level === 1 ? "#888" : "#ddd"}"/>`,
    );
    parts.push(text(LEFT - 8, y(level) + 4, `${level}`, 'text-anchor="end"'));
  }
  [...kinds].forEach(([kind, points], i) => {
    const level = points[points.length - 1].median;
    const colour = COLOURS[i];
    const line = points.map(({ size, median }) => `${x(size).toFixed(1)} ${y(median / level).toFixed(1)}`).join("L");
    parts.push(`<path d="M${line}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    for (const { size, low, median, high } of points) {
      const at = x(size).toFixed(1);
      parts.push(`<path d="M${at} ${y(low / level).toFixed(1)}V${y(high / level).toFixed(1)}" stroke="${colour}"/>`);
      parts.push(`<circle cx="${at}" cy="${y(median / level).toFixed(1)}" r="3.5" fill="${colour}"/>`);
    }
    parts.push(text(WIDTH - RIGHT + 12, TOP + 20 * (i + 1), kind, `fill="${colour}" font-weight="bold"`));
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" fill="#333">
${parts.join("\n")}
</svg>
`;
}
