// tests/data/notebook.txt is what the same program prints in PyTorch; tests/data/notebook.py is that program.

import { readFileSync } from "node:fs";
import { format } from "node:util";
import { expect, it, vi } from "vitest";

it("examples/notebook.ts prints what the same program prints in PyTorch", async () => {
  const lines: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((...items) => void lines.push(format(...items)));
  try {
    await import("../../examples/notebook.ts");
  } finally {
    log.mockRestore();
  }
  expect(`${lines.join("\n")}\n`).toBe(readFileSync(new URL("../data/notebook.txt", import.meta.url), "utf8"));
});
