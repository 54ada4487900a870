/** How modules are printed: as PyTorch does it. */
import { ownChildren } from "./members.ts";
import type { Module } from "./module.ts";

/** All lines but the first moved to the right. */
export function indented(text: string): string {
  return text.replaceAll("\n", "\n  ");
}

export function describeModule(module: Module): string {
  const extra = module.extraRepr();
  const extraLines = extra === "" ? [] : extra.split("\n");
  const children = ownChildren(module).map(([name, child]) => `(${name}): ${indented(child.toString())}`);
  const name = module.constructor.name;
  if (extraLines.length === 1 && children.length === 0) return `${name}(${extra})`;
  return inParentheses(name, [...extraLines, ...children]);
}

export function inParentheses(name: string, lines: readonly string[]): string {
  return lines.length === 0 ? `${name}()` : `${name}(\n  ${lines.join("\n  ")}\n)`;
}

/** Python's way to write a boolean. */
export function pythonBool(value: boolean): string {
  return value ? "True" : "False";
}

/** Python's way to write a float: 1e-05, 1.0. */
export function pythonFloat(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
