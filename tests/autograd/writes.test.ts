/**
 * Writing to what an operation has read or returned: backward refuses, or it had no need of what was there. That it gives
 * another gradient without a word is what version counters are for.
 */
import { describe, expect, it } from "vitest";
import { manualSeed, noGrad, type Tensor } from "../../bindings/index.ts";
import { CASES, type Case } from "../support/operations.ts";

const MODIFIED = /one of the variables needed for gradient computation has been modified by an inplace operation/;

function overwrite(target: Tensor): void {
  noGrad(() => {
    if (target.dtype === "bool") target.copy_(target.logicalNot());
    else if (target.dtype === "int32") target.copy_(target.eq(0).int());
    else target.mul_(1.7);
  });
}

/** The gradients of all float inputs, after something was written to. Inputs are no leaves: those could not be written to. */
function gradients([, f, inputs]: Case, write: (args: Tensor[], result: Tensor) => void): unknown[] {
  manualSeed(0);
  const leaves = inputs();
  for (const leaf of leaves) if (leaf.dtype === "float32") leaf.requiresGrad_();
  const args = leaves.map((leaf) => (leaf.requiresGrad ? leaf.mul(1) : leaf));
  const result = f(...args);
  write(args, result);
  result.sum().backward();
  return leaves.map((leaf) => leaf.grad?.tolist());
}

describe("a write between forward and backward is refused or changes no gradient", () => {
  it.each(CASES)("%s", (...each) => {
    const expected = gradients(each, () => undefined);
    const targets = [...expected.keys(), -1];
    for (const target of targets) {
      try {
        const found = gradients(each, (args, result) => overwrite(target < 0 ? result : args[target]));
        expect(found, `written to: ${target < 0 ? "the result" : `argument ${target}`}`).toEqual(expected);
      } catch (error) {
        if (!MODIFIED.test((error as Error).message)) throw error;
      }
    }
  });
});
