/** Random sequences of layers, of operations on integers and booleans, and of the plain ones, against a reference in float64. */
import { describe, it } from "vitest";
import { LAYER_OPS, LayerProgram } from "../support/layer-sequences.ts";
import { compare, OPS } from "../support/sequences.ts";

const MIXED = [...LAYER_OPS, ...LAYER_OPS, ...OPS];

describe("sequences of layers and dtypes, against a reference in float64", () => {
  it.each([
    ["as it is", false],
    ["with memory turned over at each operation", true],
  ])("values, gradients and second gradients: %s", (_, stress) => {
    compare((leaves) => new LayerProgram(leaves), MIXED, { stress, seed: 20_261_130, runs: 250, least: 200 });
  });
});
