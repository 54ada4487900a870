import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../paths.ts";

export const TIERS_FILE: string = join(root, "tests/opinfo.txt");

/**
 * What PyTorch's operator cases test of each operator, by its name there: `forward`, `grad`, `gradgrad`. All of it passes,
 * or the check of the operator cases fails (scripts/opinfo.ts).
 */
export function readTiers(): Map<string, readonly string[]> {
  const lines = readFileSync(TIERS_FILE, "utf8").split("\n").filter(Boolean);
  return new Map(lines.map((line) => [line.split(" ")[0], line.split(" ").slice(1)]));
}

/** PyTorch's name of an operator as tapegrad has it: `nn.functional.log_softmax` is `nn.functional.logSoftmax`. */
export function camelCase(name: string): string {
  const parts = name.split(".").map((part) => part.replace(/^_+/, ""));
  return parts.map((part) => part.replace(/_+([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase())).join(".");
}
