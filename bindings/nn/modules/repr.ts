/** How settings of modules are printed: as Python does it. */
import { pythonBool } from "../print.ts";

/** (3, 3), and (3,) for a single one. */
export function pythonTuple(values: readonly (number | null)[]): string {
  const texts = values.map((value) => (value === null ? "None" : String(value)));
  return texts.length === 1 ? `(${texts[0]},)` : `(${texts.join(", ")})`;
}

/** A setting that may be a number, several, a word or nothing. */
export function pythonValue(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return pythonBool(value);
  return Array.isArray(value) ? pythonTuple(value) : String(value);
}

export interface InplaceOption {
  /** Write the result into the input. Default false. */
  inplace?: boolean;
}

/** Settings one after the other, and that of writing into the input if it is on. */
export function printed(settings: readonly string[], inplace: boolean): string {
  return (inplace ? [...settings, "inplace=True"] : settings).join(", ");
}
