/** Arithmetic of integers and bools, against PyTorch 1.13. */
import { describe, expect, it } from "vitest";
import * as lib from "../../bindings/index.ts";
import { DTypeError, type Tensor, TensorError, tensor } from "../../bindings/index.ts";

const int = (data: number[]): Tensor => tensor(data, { dtype: "int32" });
const i = int([7, -7, 0]);
const b = tensor([true, false, true]);
const f = tensor([1.5, -2.5, 0]);

function expectTyped(t: Tensor, dtype: string, expected: unknown[]): void {
  expect([t.dtype, ...(t.tolist() as unknown[])]).toEqual([dtype, ...expected]);
}

describe("bits", () => {
  it("of integers, with numbers on either side", () => {
    expectTyped(lib.bitwiseAnd(i, 3), "int32", [3, 1, 0]);
    expectTyped(lib.bitwiseAnd(3, i), "int32", [3, 1, 0]);
    expectTyped(lib.bitwiseOr(i, 3), "int32", [7, -5, 3]);
    expectTyped(lib.bitwiseXor(i, 3), "int32", [4, -6, 3]);
    expectTyped(lib.bitwiseNot(i), "int32", [-8, 6, -1]);
  });

  it("of bools are logic, and with integers bools count as 0 and 1", () => {
    expectTyped(lib.bitwiseNot(b), "bool", [false, true, false]);
    expectTyped(lib.bitwiseXor(b, true as never), "bool", [false, true, false]);
    expectTyped(lib.bitwiseAnd(b, i), "int32", [1, 0, 0]);
  });

  it("shift by as many as there are", () => {
    expectTyped(lib.bitwiseLeftShift(i, 2), "int32", [28, -28, 0]);
    expectTyped(lib.bitwiseRightShift(i, 1), "int32", [3, -4, 0]);
    expectTyped(lib.bitwiseRightShift(i, 40), "int32", [0, -1, 0]);
    expectTyped(lib.bitwiseLeftShift(2, int([1, 2])), "int32", [4, 8]);
  });

  it("of floats there are none", () => {
    for (const op of [lib.bitwiseAnd, lib.bitwiseOr, lib.bitwiseXor, lib.bitwiseLeftShift, lib.bitwiseRightShift]) {
      expect(() => op(f, f)).toThrow(DTypeError);
      expect(() => op(i, 1.5)).toThrow(/not implemented for 'Float'/);
    }
    expect(() => lib.bitwiseNot(f)).toThrow(/"bitwise_not" not implemented for 'Float'/);
    expect(() => lib.bitwiseLeftShift(b, b)).toThrow(/not implemented for 'Bool'/);
  });
});

describe("division of integers", () => {
  it("rounds as asked", () => {
    expectTyped(lib.floorDivide(i, 2), "int32", [3, -4, 0]);
    expectTyped(lib.div(i, 2, { roundingMode: "trunc" }), "int32", [3, -3, 0]);
    expectTyped(lib.div(i, 2), "float32", [3.5, -3.5, 0]);
    expectTyped(lib.remainder(i, 3), "int32", [1, 2, 0]);
    expectTyped(lib.remainder(i, -3), "int32", [-2, -1, 0]);
    expectTyped(lib.fmod(i, 3), "int32", [1, -1, 0]);
    expectTyped(lib.remainder(i, 2.5), "float32", [2, 0.5, 0]);
    expectTyped(lib.remainder(10, int([3, 7, 4])), "int32", [1, 3, 2]);
    expectTyped(lib.remainder(b, 2), "int32", [1, 0, 1]);
  });

  it("by 0 raises and changes nothing", () => {
    const x = int([1, 2]);
    for (const op of [lib.floorDivide, lib.remainder, lib.fmod]) {
      expect(() => op(x, 0)).toThrow(/ZeroDivisionError/);
      expect(() => op(x, int([1, 0]))).toThrow(TensorError);
      expect(() => op(x.reshape(2, 1), int([3, 0, 1]).expand(2, 3))).toThrow(/ZeroDivisionError/);
    }
    expect(() => x.floorDivide_(0)).toThrow(/ZeroDivisionError/);
    expect(() => x.remainder_(int([1, 0]))).toThrow(/ZeroDivisionError/);
    expectTyped(x, "int32", [1, 2]);
    expectTyped(lib.div(i, 0), "float32", [Infinity, -Infinity, NaN]);
    expectTyped(lib.floorDivide(int([]), int([])), "int32", []);
    expectTyped(lib.floorDivide(f, 0), "float32", [Infinity, -Infinity, NaN]);
  });

  it("has no rounded form for bools", () => {
    expect(() => lib.floorDivide(b, b)).toThrow(/not implemented for 'Bool'/);
    expect(() => lib.fmod(b, b)).toThrow(/not implemented for 'Bool'/);
  });

  it("knows two ways of rounding", () => {
    expect(() => lib.div(f, f, { roundingMode: "up" as never })).toThrow(
      /div expected rounding_mode to be one of None, 'trunc', or 'floor' but found 'up'/,
    );
  });
});

describe("whole numbers", () => {
  it("gcd and lcm", () => {
    expectTyped(lib.gcd(i, int([21, 14, 5])), "int32", [7, 7, 5]);
    expectTyped(lib.lcm(i, int([21, 14, 5])), "int32", [21, 14, 0]);
    expectTyped(lib.gcd(int([0, -12]), int([0, 18])), "int32", [0, 6]);
    expectTyped(lib.gcd(int([12, 18]).reshape(2, 1), int([8, 27])).flatten(), "int32", [4, 3, 2, 9]);
    expect(() => lib.gcd(f, f)).toThrow(/"gcd" not implemented for 'Float'/);
  });

  it("powers", () => {
    expectTyped(lib.pow(i, 2), "int32", [49, 49, 0]);
    expectTyped(lib.pow(b, 2), "int32", [1, 0, 1]);
    expectTyped(lib.pow(2, i), "int32", [128, 0, 1]);
    expectTyped(lib.floatPower(i, -1), "float32", [Math.fround(1 / 7), Math.fround(-1 / 7), Infinity]);
    expect(() => lib.pow(i, -1)).toThrow(/Integers to negative integer powers are not allowed/);
    expect(() => lib.pow(b, b)).toThrow(/"pow" not implemented for 'Bool'/);
  });
});

describe("dtypes of the results", () => {
  it("functions that keep integers", () => {
    expectTyped(lib.abs(i), "int32", [7, 7, 0]);
    expectTyped(lib.square(b), "int32", [1, 0, 1]);
    expectTyped(lib.sign(b), "bool", [true, false, true]);
    expectTyped(lib.sgn(i), "int32", [1, -1, 0]);
    expectTyped(lib.floor(i), "int32", [7, -7, 0]);
    expectTyped(lib.nanToNum(i), "int32", [7, -7, 0]);
    expectTyped(lib.clamp(b, 0, 1), "int32", [1, 0, 1]);
    expectTyped(lib.clamp(i, 0.5, 1), "float32", [1, 0.5, 0.5]);
    expectTyped(lib.maximum(b, i), "int32", [7, 0, 1]);
    expectTyped(lib.fmax(b, b), "bool", [true, false, true]);
    expectTyped(lib.heaviside(i, i), "int32", [1, 0, 0]);
    expectTyped(lib.addcmul(i, i, i, { value: 2 }), "int32", [105, 91, 0]);
  });

  it("functions that turn them into floats", () => {
    expectTyped(lib.exp(b), "float32", [Math.fround(Math.E), 1, Math.fround(Math.E)]);
    expectTyped(lib.angle(i), "float32", [0, Math.fround(Math.PI), 0]);
    expectTyped(lib.copysign(i, -1), "float32", [-7, -7, -0]);
    expectTyped(lib.ldexp(i, i), "float32", [896, -0.0546875, 0]);
    expectTyped(lib.addcmul(f, i, i), "float32", [50.5, 46.5, 0]);
  });

  it("functions that refuse them", () => {
    expect(() => lib.abs(b)).toThrow(/"abs" not implemented for 'Bool'/);
    expect(() => lib.neg(b)).toThrow(/Negation, the `-` operator, on a bool tensor is not supported/);
    expect(() => lib.floor(b)).toThrow(/"floor" not implemented for 'Bool'/);
    expect(() => lib.frac(i)).toThrow(/"frac" not implemented for 'Int'/);
    expect(() => lib.round(i, { decimals: 1 })).toThrow(/"round" not implemented for 'Int'/);
    expect(() => lib.positive(b)).toThrow(/The `\+` operator, on a bool tensor is not supported/);
    expect(() => lib.rsub(b, 1)).toThrow(/with a bool tensor is not supported/);
    expect(() => lib.frexp(i)).toThrow(/only supports floating-point dtypes/);
    expect(() => lib.nextafter(i, i)).toThrow(/"nextafter" not implemented for 'Int'/);
    expect(() => lib.lerp(i, i, 0.5)).toThrow(/"lerp" not implemented for 'Int'/);
    expect(() => lib.addcdiv(f, i, i)).toThrow(/Integer division with addcdiv is no longer supported/);
    expect(() => lib.heaviside(f, i)).toThrow(/not yet implemented for tensors with different dtypes/);
    expect(() => lib.add(i, i, { alpha: 0.5 })).toThrow(/argument alpha must not be a floating point number/);
  });

  it("a tensor has to be one", () => {
    expect(() => lib.sin([1] as never)).toThrow(/sin\(\): argument 'input' must be Tensor, not array/);
    expect(() => lib.maximum(i, 3 as never)).toThrow(/maximum\(\): argument 'other' must be Tensor, not number/);
    expect(() => lib.add(f, "a" as never)).toThrow(TypeError);
    expect(() => lib.special.i0e(undefined as never)).toThrow(/i0e\(\): argument 'input' must be Tensor/);
  });
});
