/** Anomaly mode: which line is to blame, also for nodes that only derivatives recorded. */
import { describe, expect, it } from "vitest";
import { autograd, type Tensor, tensor } from "../../bindings/index.ts";
import { expectTensor } from "../support/expect.ts";
import { warningsOf } from "../support/warnings.ts";

const { detectAnomaly, isAnomalyEnabled, setDetectAnomaly } = autograd;
const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });

function rootInPlace(t: Tensor): Tensor {
  return t.sqrt_();
}

function squareRoot(t: Tensor): Tensor {
  return t.sqrt();
}

/** What was warned while `fn` failed as expected. */
function report(fn: () => void, message: RegExp): string {
  return warningsOf(() => expect(fn).toThrow(message)).join("\n");
}

describe("detectAnomaly", () => {
  it("knows the calls of in-place operations", () => {
    const text = report(
      () => detectAnomaly(() => rootInPlace(leaf(-1).mul(1)).sum().backward()),
      /Function 'SqrtBackward0' returned nan values in its 0th output/,
    );
    expect(text).toContain("Error detected in SqrtBackward0. Stack of the forward call that caused the error:");
    expect(text).toContain("rootInPlace");
  });

  it("names the forward call behind a node that a derivative recorded", () => {
    const text = report(
      () =>
        detectAnomaly(() => {
          const x = leaf(4);
          const [g] = autograd.grad(squareRoot(x), [x], { createGraph: true });
          g.gradFn?.registerHook(() => {
            throw new Error("here");
          });
          g.backward();
        }),
      /here/,
    );
    expect(text).toMatch(/^Error detected in \w+Backward0\. Stack of the forward call/);
    expect(text).toMatch(/induced by SqrtBackward0\. Stack of the forward call that induced it:[\s\S]*squareRoot/);
  });

  it("computes the same gradients, and is off again afterwards", () => {
    const fn = (x: Tensor): Tensor => x.mul(x).sin().sum().add(x.exp().select(0, 0));
    const plain = leaf(0.3, 0.6);
    fn(plain).backward();
    const watched = leaf(0.3, 0.6);
    detectAnomaly(() => {
      expect(isAnomalyEnabled()).toBe(true);
      fn(watched).backward();
    });
    expectTensor(watched.grad, plain.grad?.tolist() as number[], { rtol: 0, atol: 0 });
    expect(isAnomalyEnabled()).toBe(false);
    expect(() =>
      detectAnomaly(() => {
        throw new Error("mine");
      }),
    ).toThrow("mine");
    expect(isAnomalyEnabled()).toBe(false);
  });

  it("nests", () => {
    detectAnomaly(
      () => {
        expect(() => detectAnomaly(() => leaf(-1).sqrt().backward())).toThrow(/nan values/);
        leaf(-1).sqrt().backward();
      },
      { checkNan: false },
    );
  });
});

describe("setDetectAnomaly", () => {
  it("stays on until it is turned off", () => {
    setDetectAnomaly(true);
    try {
      expect(isAnomalyEnabled()).toBe(true);
      const y = squareRoot(leaf(-1)).sum();
      const text = report(() => y.backward(), /Function 'SqrtBackward0' returned nan values in its 0th output/);
      expect(text).toContain("squareRoot");
      detectAnomaly(() => squareRoot(leaf(4)).sum().backward());
      expect(isAnomalyEnabled()).toBe(true);
    } finally {
      setDetectAnomaly(false);
    }
    expect(isAnomalyEnabled()).toBe(false);
    const x = leaf(-1);
    squareRoot(x).sum().backward();
    expectTensor(x.grad, [Number.NaN]);
  });

  it("is undone by its guard, and keeps stacks only if that is wished", () => {
    const x = leaf(-1);
    {
      using _on = setDetectAnomaly(true, { checkNan: false });
      squareRoot(x).sum().backward();
    }
    expect(isAnomalyEnabled()).toBe(false);
    expectTensor(x.grad, [Number.NaN]);
    expect(() => setDetectAnomaly(1 as never)).toThrow(/expected a boolean/);
  });
});
