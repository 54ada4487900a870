/**
 * A view without elements may begin anywhere, also beyond the memory that there is: WebAssembly refuses such an address even
 * where no byte is read from it.
 */
import { describe, expect, it } from "vitest";
import { Tensor, zeros } from "../../bindings/index.ts";

const FAR = 2 ** 29;

function far(requiresGrad = false): Tensor {
  return zeros([0, FAR], { requiresGrad }).select(1, FAR - 1);
}

function methods(): string[] {
  const names = new Set<string>();
  for (let p = Tensor.prototype; p !== Object.prototype; p = Object.getPrototypeOf(p)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(p))) {
      if (typeof value === "function" && name !== "constructor" && !name.startsWith("_")) names.add(name);
    }
  }
  return [...names];
}

const ARGUMENTS: [string, () => unknown[]][] = [
  ["nothing", () => []],
  ["itself", () => [far()]],
  ["an empty tensor", () => [zeros(0)]],
  ["two of itself", () => [far(), far()]],
  ["a number", () => [1]],
  ["a dimension", () => [0]],
  ["a shape", () => [[3, 0]]],
  ["a dimension and positions", () => [0, zeros(0, { dtype: "int32" })]],
  ["a dimension, positions and values", () => [0, zeros(0, { dtype: "int32" }), far()]],
  ["positions", () => [zeros(0, { dtype: "int32" })]],
  ["a mask and a value", () => [zeros(0, { dtype: "bool" }), 1]],
];

describe("an empty view beyond all memory", () => {
  it.each(ARGUMENTS)("is an empty tensor like any other to every method that is given %s", (_, given) => {
    for (const name of methods()) {
      for (const requiresGrad of [false, true]) {
        try {
          const result = (far(requiresGrad) as unknown as Record<string, (...args: unknown[]) => unknown>)[name](
            ...given(),
          );
          if (result instanceof Tensor && result.requiresGrad) result.sum().backward();
        } catch (error) {
          // Most of these calls make no sense; what matters is that the core is not left in the middle of one.
          expect(error, name).not.toBeInstanceOf(WebAssembly.RuntimeError);
        }
      }
    }
  });

  it("can be written to", () => {
    const x = zeros([0, FAR], { requiresGrad: true });
    const copy = x.mul(1);
    copy.setIndex([":", FAR - 1], zeros(0));
    copy.sum().backward();
    expect(x.grad?.shape).toEqual([0, FAR]);
  });
});
