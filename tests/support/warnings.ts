import { vi } from "vitest";
import { resetWarnings } from "../../bindings/core/warn.ts";

/** Runs `fn` with `console.warn` caught and every once-only warning armed again; gives the texts in order. */
export function warningsOf(fn: () => void): string[] {
  const texts: string[] = [];
  const spy = vi.spyOn(console, "warn").mockImplementation((...parts: unknown[]) => {
    texts.push(parts.map(String).join(" "));
  });
  resetWarnings();
  try {
    fn();
  } finally {
    spy.mockRestore();
  }
  return texts;
}
