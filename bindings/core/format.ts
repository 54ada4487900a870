// Printing tensors exactly as PyTorch does (the rules of torch/_tensor_str.py, PyTorch 2.x).
//
// Pure functions over plain data: nothing here knows the Tensor class. Only the elements that end up on the page are
// read, so printing a tensor of a million elements costs as much as printing one of a thousand.

import { fixed, scientific } from "./format/decimal.ts";

/** What {@link formatTensor} needs to know of a tensor. */
export interface Printable {
  /** The elements in row-major order (bool as 0 and 1), or a function that gives the element at a flat index. */
  data: ArrayLike<number> | ((flatIndex: number) => number);
  shape: readonly number[];
  dtype: "float32" | "int32" | "bool";
  requiresGrad: boolean;
  /** Name of the function that made it, such as `"MulBackward0"`; `null` for a leaf. */
  gradFn: string | null;
  /** True for a parameter of a module. */
  parameter?: boolean;
}

/** How tensors are printed; see {@link setPrintoptions}. */
export interface PrintOptions {
  /** Decimals of floating point elements, 0 to 100. */
  precision: number;
  /** Tensors with more elements than this are summarised. */
  threshold: number;
  /** Elements shown at the beginning and the end of each summarised dimension. */
  edgeitems: number;
  /** Characters on a line. */
  linewidth: number;
  /** Scientific notation: always, never, or (`null`) when the elements ask for it. */
  sciMode: boolean | null;
}

/** Named sets of options: `short` has 2 decimals and 2 edge items, `full` never summarises. */
export type PrintProfile = "default" | "short" | "full";

const PROFILES: Readonly<Record<PrintProfile, Omit<PrintOptions, "sciMode">>> = {
  default: { precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80 },
  short: { precision: 2, threshold: 1000, edgeitems: 2, linewidth: 80 },
  full: { precision: 4, threshold: Number.POSITIVE_INFINITY, edgeitems: 3, linewidth: 80 },
};

let options: Readonly<PrintOptions> = { ...PROFILES.default, sciMode: null };

/**
 * Sets how tensors are printed from now on. A profile is applied first and the other options override it; options that
 * are not given stay as they are, except `sciMode`, which goes back to automatic (as PyTorch does).
 *
 * @param changes any of `precision` (0 to 100, default 4), `threshold` (1000), `edgeitems` (3), `linewidth` (80),
 *   `sciMode` (automatic) and `profile` (`"default"`, `"short"`, `"full"`)
 * @throws {RangeError} an option is out of its range; nothing is changed then
 * @see PyTorch set_printoptions
 * @example
 * setPrintoptions({ precision: 2 });
 * console.log(tensor([1.12345])); // tensor([1.12])
 * setPrintoptions({ profile: "default" });
 * console.log(tensor([1.12345])); // tensor([1.1235])
 */
export function setPrintoptions(changes: Partial<PrintOptions> & { profile?: PrintProfile }): void {
  const { profile, precision, threshold, edgeitems, linewidth, sciMode } = changes;
  if (profile != null && !Object.hasOwn(PROFILES, profile)) {
    throw new RangeError(
      `setPrintoptions: got profile ${JSON.stringify(profile)}; expected "default", "short" or "full".`,
    );
  }
  const base = profile == null ? options : PROFILES[profile];
  options = {
    precision: inRange("precision", precision ?? base.precision, 0, 100),
    threshold: inRange("threshold", threshold ?? base.threshold, 0, Number.POSITIVE_INFINITY),
    edgeitems: inRange("edgeitems", edgeitems ?? base.edgeitems, 0, Number.MAX_SAFE_INTEGER),
    linewidth: inRange("linewidth", linewidth ?? base.linewidth, 1, Number.POSITIVE_INFINITY),
    sciMode: sciMode ?? null,
  };
}

/**
 * The options tensors are printed with, as {@link setPrintoptions} left them.
 *
 * @example
 * const before = getPrintoptions();
 * setPrintoptions({ precision: 8 });
 * setPrintoptions(before);
 */
export function getPrintoptions(): PrintOptions {
  return { ...options };
}

function inRange(name: string, value: number, least: number, most: number): number {
  if ((Number.isInteger(value) || value === Number.POSITIVE_INFINITY) && value >= least && value <= most) return value;
  throw new RangeError(`setPrintoptions: got ${name} ${value}; expected an integer from ${least} to ${most}.`);
}

/**
 * The text PyTorch prints for a tensor.
 *
 * @example
 * formatTensor({ data: [9], shape: [], dtype: "float32", requiresGrad: true, gradFn: "PowBackward0" });
 * // tensor(9., grad_fn=<PowBackward0>)
 */
export function formatTensor(tensor: Printable): string {
  const prefix = "tensor(";
  const text = addSuffixes(prefix + elements(tensor, prefix.length), suffixes(tensor), prefix.length);
  return tensor.parameter ? `Parameter containing:\n${text}` : text;
}

function suffixes({ shape, dtype, requiresGrad, gradFn }: Printable): string[] {
  const empty = shape.includes(0);
  const list: string[] = [];
  if (empty && shape.length !== 1) list.push(`size=(${shape.join(", ")})`);
  // True and False speak for themselves; an empty bool tensor has neither to show.
  if (dtype === "int32" || (empty && dtype === "bool")) list.push(`dtype=torch.${dtype}`);
  if (gradFn !== null) list.push(`grad_fn=<${gradFn}>`);
  else if (requiresGrad) list.push("requires_grad=True");
  return list;
}

function addSuffixes(text: string, list: readonly string[], indent: number): string {
  // PyTorch counts two characters too many on the last line of the elements, but not on the lines it adds.
  let column = text.length - text.lastIndexOf("\n") + 1;
  let result = text;
  for (const suffix of list) {
    if (column + suffix.length + 2 > options.linewidth) {
      result += `,\n${" ".repeat(indent)}${suffix}`;
      column = indent + suffix.length;
    } else {
      result += `, ${suffix}`;
      column += suffix.length + 2;
    }
  }
  return `${result})`;
}

function elements({ data, shape, dtype }: Printable, indent: number): string {
  if (shape.includes(0)) return "[]";
  const numel = shape.reduce((product, size) => product * size, 1);
  const shown = shape.map((size) => shownAlong(size, numel > options.threshold));
  const values = gather(typeof data === "function" ? data : (index) => data[index], shape, shown);
  const style = dtype === "float32" ? floatStyle(values) : plainStyle(values, dtype);
  const texts = values.map((value) => style.write(value).padStart(style.width));
  return nest(texts[Symbol.iterator](), shown, indent, style.width);
}

/** Marks the place of the dots among the positions that are shown. */
const DOTS = -1;

function shownAlong(size: number, summarize: boolean): number[] {
  const { edgeitems } = options;
  if (!summarize || size <= 2 * edgeitems) return Array.from({ length: size }, (_, position) => position);
  const head = Array.from({ length: edgeitems }, (_, position) => position);
  const tail = head.map((position) => size - edgeitems + position);
  return [...head, DOTS, ...tail];
}

/** The shown elements, in row-major order. */
function gather(at: (flatIndex: number) => number, shape: readonly number[], shown: readonly number[][]): number[] {
  const values: number[] = [];
  const visit = (dim: number, offset: number): void => {
    if (dim === shape.length) {
      values.push(at(offset));
      return;
    }
    for (const position of shown[dim]) {
      if (position !== DOTS) visit(dim + 1, offset * shape[dim] + position);
    }
  };
  visit(0, 0);
  return values;
}

/** One way of writing for the whole tensor, and the width of its widest element. */
interface Style {
  width: number;
  write: (value: number) => string;
}

function plainStyle(values: readonly number[], dtype: "int32" | "bool"): Style {
  const write = dtype === "int32" ? String : (value: number) => (value === 0 ? "False" : "True");
  return { width: widest(values, write), write };
}

function floatStyle(values: readonly number[]): Style {
  const { precision, sciMode } = options;
  const counted = values.filter((value) => value !== 0 && Number.isFinite(value));
  const inWhole = (value: number): string => (Number.isFinite(value) ? `${fixed(value, 0)}.` : fixed(value, 0));
  if (counted.length === 0) return { width: 1, write: inWhole };

  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (const value of counted) {
    low = Math.min(low, Math.abs(value));
    high = Math.max(high, Math.abs(value));
  }
  const whole = counted.every(Number.isInteger);
  const spread = high / low > 1000 || high > 1e8;
  const inDecimals = whole ? inWhole : (value: number): string => fixed(value, precision);
  const inScientific = (value: number): string => scientific(value, precision);
  const automatic = spread || (!whole && low < 1e-4);
  // As in PyTorch, a forced sciMode changes how elements are written, but not the width they are padded to.
  return {
    width: widest(counted, automatic ? inScientific : inDecimals),
    write: (sciMode ?? automatic) ? inScientific : inDecimals,
  };
}

function widest(values: readonly number[], write: (value: number) => string): number {
  return values.reduce((width, value) => Math.max(width, write(value).length), 1);
}

/** Brackets, commas and line breaks around the texts of the shown elements. */
function nest(texts: Iterator<string, undefined>, shown: readonly number[][], indent: number, width: number): string {
  const take = (): string => texts.next().value as string;
  if (shown.length === 0) return take();
  const [positions, ...inner] = shown;
  if (inner.length === 0) return row(positions, take, indent, width);
  const blocks = positions.map((position) => (position === DOTS ? "..." : nest(texts, inner, indent + 1, width)));
  return `[${blocks.join(`,${"\n".repeat(inner.length)}${" ".repeat(indent + 1)}`)}]`;
}

function row(positions: readonly number[], take: () => string, indent: number, width: number): string {
  const dots = positions.length === 1 ? "..." : " ...";
  const words = positions.map((position) => (position === DOTS ? dots : take()));
  const perLine = Math.max(1, Math.floor((options.linewidth - indent) / (width + 2)));
  const lines: string[] = [];
  for (let start = 0; start < words.length; start += perLine)
    lines.push(words.slice(start, start + perLine).join(", "));
  return `[${lines.join(`,\n${" ".repeat(indent + 1)}`)}]`;
}
