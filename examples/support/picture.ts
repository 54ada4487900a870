// Two pictures of a training run, as SVG.

import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";

const INK = "#1f2933";
const FAINT = "#cbd2d9";
const RIGHT = "#0b7285";
const WRONG = "#c92a2a";

/** A digit, what it is and what was read. */
export interface Reading {
  reading: number;
  label: number;
  /** Row by row, 0 (paper) to 1 (ink). */
  pixels: ArrayLike<number>;
}

/** The loss of each batch, its running mean, and the accuracy after each epoch. */
export function drawTraining(losses: readonly number[], accuracies: readonly number[]): string {
  const [width, height] = [760, 380];
  const [left, right, top, bottom] = [56, width - 60, 44, height - 44];
  const x = scaleLinear([0, losses.length], [left, right]);
  const loss = scaleLinear([0, Math.max(...losses)], [bottom, top]).nice();
  const accuracy = scaleLinear([Math.min(...accuracies), 1], [bottom, top]).nice();
  const curve = line<number>()
    .x((_, step) => x(step + 1))
    .y((value) => loss(value));
  const epoch = losses.length / accuracies.length;
  const accuracyCurve = line<number>()
    .x((_, index) => x((index + 1) * epoch))
    .y((value) => accuracy(value));

  return svg(width, height, [
    ...loss
      .ticks(6)
      .map((tick) => `<path d="M${left},${loss(tick)}H${right}" stroke="${FAINT}" stroke-dasharray="2 4"/>`),
    ...loss.ticks(6).map((tick) => text(left - 8, loss(tick) + 4, loss.tickFormat(6)(tick), INK, "end")),
    ...accuracy.ticks(6).map((tick) => text(right + 8, accuracy(tick) + 4, accuracy.tickFormat(6, "%")(tick), RIGHT)),
    ...accuracies.map((_, index) => text(x((index + 1) * epoch), bottom + 18, String(index + 1), INK, "middle")),
    text(left, top - 18, "loss of each batch, and its running mean", INK),
    text(right, top - 18, "accuracy on the test digits", RIGHT, "end"),
    text((left + right) / 2, height - 8, "epoch", INK, "middle"),
    `<path d="${curve(losses)}" fill="none" stroke="${FAINT}"/>`,
    `<path d="${curve(runningMean(losses, 0.95))}" fill="none" stroke="${INK}" stroke-width="2"/>`,
    `<path d="${accuracyCurve(accuracies)}" fill="none" stroke="${RIGHT}" stroke-width="2"/>`,
    ...accuracies.map(
      (v, index) => `<circle cx="${x((index + 1) * epoch)}" cy="${accuracy(v)}" r="3" fill="${RIGHT}"/>`,
    ),
  ]);
}

/** Two rows of the first digits with what was read, and a row of misread ones. */
export function drawDigits(readings: readonly Reading[], side: number): string {
  const columns = 12;
  const cell = { width: 60, height: 78 };
  const misread = readings.filter(({ reading, label }) => reading !== label).slice(0, columns);
  const shown = [...readings.slice(0, 2 * columns), ...misread];
  const cells = shown.map(({ reading, label, pixels }, index) => {
    const x = 16 + (index % columns) * cell.width;
    const y = 16 + Math.floor(index / columns) * cell.height;
    const caption = reading === label ? String(reading) : `${reading}, is ${label}`;
    return [
      `<g transform="translate(${x},${y}) scale(${48 / side})">${drawPixels(pixels, side)}</g>`,
      text(x + 24, y + 64, caption, reading === label ? RIGHT : WRONG, "middle"),
    ].join("");
  });
  const rows = Math.ceil(shown.length / columns);
  return svg(32 + columns * cell.width - 12, 24 + rows * cell.height, cells);
}

/** One path for each of four shades of ink, made of horizontal runs of pixels. */
function drawPixels(pixels: ArrayLike<number>, side: number): string {
  const shades = 4;
  const shadeAt = (row: number, column: number): number => Math.round(pixels[row * side + column] * shades);
  const paths = Array.from({ length: shades + 1 }, () => "");
  for (let row = 0; row < side; row++) {
    for (let column = 0, end = 0; column < side; column = end) {
      const shade = shadeAt(row, column);
      for (end = column + 1; end < side && shadeAt(row, end) === shade; ) end++;
      paths[shade] += `M${column},${row}h${end - column}v1h${column - end}z`;
    }
  }
  return paths
    .map((path, shade) =>
      shade > 0 && path ? `<path d="${path}" fill="${INK}" fill-opacity="${shade / shades}"/>` : "",
    )
    .join("");
}

/** Exponential running mean, corrected for its start at zero as Adam's moments are. */
function runningMean(values: readonly number[], decay: number): number[] {
  let mean = 0;
  return values.map((value, index) => {
    mean = decay * mean + (1 - decay) * value;
    return mean / (1 - decay ** (index + 1));
  });
}

function text(
  x: number,
  y: number,
  content: string,
  color: string,
  anchor: "start" | "middle" | "end" = "start",
): string {
  return `<text x="${x}" y="${y}" fill="${color}" text-anchor="${anchor}">${content}</text>`;
}

function svg(width: number, height: number, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`,
    `  font-family="system-ui, sans-serif" font-size="12" shape-rendering="geometricPrecision">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    ...parts,
    "</svg>\n",
  ].join("\n");
}
