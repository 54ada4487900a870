import { describe, expect, it } from "vitest";
import { manualSeed, nn, ones, type Tensor, zeros } from "../../bindings/index.ts";
import { EXACT, expectTensor } from "../support/expect.ts";
import { warningsOf } from "../support/warnings.ts";

const { init } = nn;

/** What PyTorch draws, one after the other, from seed 0. */
const DRAWS: [title: string, draw: () => Tensor, values: number[]][] = [
  [
    "orthogonal_",
    () => init.orthogonal_(zeros(3, 2)),
    [0.5349525, -0.1699301, -0.7563608, 0.3401839, -0.376489, -0.9248778],
  ],
  [
    "orthogonal_ of a kernel, scaled",
    () => init.orthogonal_(zeros(2, 2, 2), { gain: 2 }),
    [0.6490009, 1.348417, -1.1573135, -0.6489955, -0.8105652, 0.1787178, -1.071182, 1.4709225],
  ],
  ["sparse_", () => init.sparse_(zeros(4, 2), 0.4), [0, 0, -0.0056632, 0.0037311, -0.00892, -0.0150911, 0, 0]],
  [
    "truncNormal_",
    () => init.truncNormal_(zeros(6)),
    [0.8604528, 1.9506373, 0.4941842, 0.16232, 0.9153251, -0.7755947],
  ],
  [
    "truncNormal_ within other bounds",
    () => init.truncNormal_(zeros(4), 1, 2, 0, 3),
    [1.6350844, 0.327796, 0.4429282, 0.6844722],
  ],
];

describe("initialisation with a structure", () => {
  it("draws PyTorch's numbers", () => {
    manualSeed(0);
    for (const [title, draw, values] of DRAWS) {
      const t = draw().reshape([-1]);
      try {
        expectTensor(t, values, { rtol: 1e-5, atol: 2e-6 });
      } catch (error) {
        throw new Error(`${title}: ${(error as Error).message}`);
      }
    }
  });

  it("orthogonal_ gives orthogonal rows or columns, in place and without a graph", () => {
    const wide = new nn.Parameter(zeros(3, 5));
    expect(init.orthogonal_(wide)).toBe(wide);
    expect(wide.isLeaf).toBe(true);
    const products = wide.matmul(wide.t()).tolist() as number[][];
    products.forEach((row, i) => {
      row.forEach((v, j) => {
        expect(Math.abs(v - (i === j ? 1 : 0))).toBeLessThan(1e-6);
      });
    });
  });

  it("dirac_ hands channels on", () => {
    const kernel = init.dirac_(ones(4, 2, 3), 2);
    const places = [1, 10, 13, 22];
    expectTensor(
      kernel.reshape([-1]),
      Array.from({ length: 24 }, (_, i) => (places.includes(i) ? 1 : 0)),
      EXACT,
    );
  });

  it.each<[string, () => unknown, RegExp]>([
    ["orthogonal_", () => init.orthogonal_(zeros(3)), /Only tensors with 2 or more dimensions are supported/],
    ["dirac_", () => init.dirac_(zeros(3, 3)), /Only tensors with 3, 4, or 5 dimensions are supported/],
    ["dirac_ in groups", () => init.dirac_(zeros(3, 3, 3), 2), /dim 0 must be divisible by groups/],
    ["sparse_", () => init.sparse_(zeros(3), 0.5), /Only tensors with 2 dimensions are supported/],
  ])("%s refuses other shapes", (_, run, message) => {
    expect(run).toThrow(message);
  });

  it("truncNormal_ warns of a mean far outside", () => {
    const warnings = warningsOf(() => init.truncNormal_(zeros(2), { mean: 9 }));
    expect(warnings.join()).toMatch(/mean is more than 2 std from \[a, b\]/);
  });
});
