/** Random sequences of operations, with views and writes in place, against a reference in plain JavaScript. */
import { describe, it } from "vitest";
import { compare, OPS, Program } from "../support/sequences.ts";

describe("sequences of operations, against a reference in float64", () => {
  it.each([
    ["as it is", false],
    ["with memory turned over at each operation", true],
  ])("values, gradients and second gradients: %s", (_, stress) => {
    compare((leaves) => new Program(leaves), OPS, { stress, seed: 20_261_129, runs: 400, least: 300 });
  });
});
