import { expect } from "vitest";
import type { Tensor } from "../../bindings/index.ts";
import { flatten, type Nested, shapeOf } from "./nested.ts";

/** Allowed difference: `|actual - expected| <= atol + rtol * |expected|`. */
export interface Tolerance {
  rtol?: number;
  atol?: number;
}

/** No difference at all, for results that float32 represents exactly. */
export const EXACT: Tolerance = { rtol: 0, atol: 0 };

/** Whether two numbers agree; NaN agrees with NaN, an infinity only with itself. */
export function close(actual: number, expected: number, { rtol = 1e-5, atol = 1e-6 }: Tolerance = {}): boolean {
  if (Number.isNaN(expected)) return Number.isNaN(actual);
  if (!Number.isFinite(expected)) return actual === expected;
  return Math.abs(actual - expected) <= atol + rtol * Math.abs(expected);
}

/**
 * Fails unless `t` has the shape and the elements of `expected`. It takes `null` too, so that a missing `.grad` reads as a
 * failed expectation rather than as a crash.
 */
export function expectTensor(t: Tensor | null | undefined, expected: Nested, tolerance: Tolerance = {}): void {
  if (!t) throw new Error(`expected a tensor with ${JSON.stringify(expected)}, got ${t}`);
  expectShape(t, shapeOf(expected));
  const actual = flatten(t.tolist() as Nested);
  const wanted = flatten(expected);
  const bad = actual.findIndex((value, i) => !close(value, wanted[i], tolerance));
  if (bad >= 0) {
    throw new Error(
      `element ${bad} is ${actual[bad]}, expected ${wanted[bad]}\n  actual:   [${actual}]\n  expected: [${wanted}]`,
    );
  }
}

/** Fails unless `t` has exactly this shape. */
export function expectShape(t: Tensor, shape: readonly number[]): void {
  expect([...t.shape]).toEqual([...shape]);
}

/** What `fn` throws, as an `Error`; fails if it throws nothing or something else. */
export function thrownBy(fn: () => unknown): Error {
  try {
    fn();
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    return error as Error;
  }
  throw new Error("expected an error, but nothing was thrown");
}
