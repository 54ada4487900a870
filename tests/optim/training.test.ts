import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { manualSeed, nn, optim, rand, randint, randn, type Tensor } from "../../bindings/index.ts";

interface Run {
  optimizer: "SGD" | "Adam" | "LBFGS";
  net: "classifier" | "regressor";
  loss: "crossEntropy" | "mseLoss" | "binaryCrossEntropy";
  options: { lr: number };
  losses: number[];
  sums: number[];
}

const runs: Run[] = JSON.parse(readFileSync(new URL("../data/training.json", import.meta.url), "utf8"));

function makeModel(net: Run["net"]): nn.Module {
  return net === "classifier"
    ? new nn.Sequential(new nn.Linear(20, 16), new nn.ReLU(), new nn.Linear(16, 4))
    : new nn.Sequential(new nn.Linear(20, 8), new nn.Tanh(), new nn.Linear(8, 1), new nn.Sigmoid());
}

/** Losses and sums differ by rounding, which the steps carry on. */
function expectClose(actual: number[], expected: number[], tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs(actual[i] - value), `number ${i}: ${actual[i]}, expected ${value}`).toBeLessThan(tolerance);
  });
}

describe("training as PyTorch does it, number by number", () => {
  for (const { optimizer: name, net, loss, options, losses, sums } of runs) {
    it(`${name} ${JSON.stringify(options)} on a ${net} with ${loss}`, () => {
      manualSeed(0);
      const model = makeModel(net);
      const x = randn(32, 20);
      const y = loss === "crossEntropy" ? randint(0, 4, [32]) : rand(32, 1);
      const optimizer = new optim[name](model.parameters(), options);
      const closure = (): Tensor => {
        optimizer.zeroGrad();
        const value = nn.functional[loss](model(x), y);
        value.backward();
        return value;
      };
      const found = losses.map(() => optimizer.step(closure).item());
      expectClose(found, losses, 1e-5);
      expectClose(
        model.parameters().map((p) => p.sum().item()),
        sums,
        1e-4,
      );
    });
  }
});
