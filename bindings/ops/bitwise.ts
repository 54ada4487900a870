/** Bits of integers, logic of bools, and what belongs to whole numbers. No gradients. */
import { Op } from "../../assembly/abi/op.ts";
import { call1 } from "../core/dispatch.ts";
import type { Tensor } from "../tensor.ts";
import { zipElements } from "./evaluated.ts";
import { binary, bothTensors, checkTensor, type Operand, unsupported } from "./pointwise.ts";
import { cast, resultType } from "./promote.ts";

/** Integers, or bools where `ofBools`, in their common dtype. */
function whole(name: string, input: Operand, other: Operand, ofBools: boolean): [Tensor, Tensor] {
  const [a, b] = bothTensors(name, input, other);
  const dtype = resultType(a, b);
  if (dtype === "float32" || (dtype === "bool" && !ofBools)) throw unsupported(name, a.dtype === dtype ? a : b);
  return [cast(a, dtype), cast(b, dtype)];
}

function bits(op: Op, input: Operand, other: Operand, name: string, ofBools: boolean): Tensor {
  const [a, b] = whole(name, input, other, ofBools);
  return binary(op, a, b, name);
}

/**
 * Bits that are set in both; of bools, logical and.
 * @throws {DTypeError} floats
 * @example bitwiseAnd(tensor([6], { dtype: "int32" }), 3).tolist() // [2]
 */
export function bitwiseAnd(input: Operand, other: Operand): Tensor {
  return bits(Op.And, input, other, "bitwise_and", true);
}

/**
 * Bits that are set in either; of bools, logical or.
 * @example bitwiseOr(tensor([4], { dtype: "int32" }), 3).tolist() // [7]
 */
export function bitwiseOr(input: Operand, other: Operand): Tensor {
  return bits(Op.Or, input, other, "bitwise_or", true);
}

/**
 * Bits that are set in one of them; of bools, logical exclusive or.
 * @example bitwiseXor(tensor([6], { dtype: "int32" }), 3).tolist() // [5]
 */
export function bitwiseXor(input: Operand, other: Operand): Tensor {
  return bits(Op.Xor, input, other, "bitwise_xor", true);
}

/**
 * All bits turned round: -x - 1; of bools, logical not.
 * @example bitwiseNot(tensor([0, 5], { dtype: "int32" })).tolist() // [-1, -6]
 */
export function bitwiseNot(input: Tensor): Tensor {
  checkTensor("bitwise_not", input);
  if (input.dtype === "float32") throw unsupported("bitwise_not", input);
  return call1(Op.Not, input, "bitwise_not");
}

/**
 * x · 2^other in 32 bits; 0 if other is negative or above 31.
 * @example bitwiseLeftShift(tensor([1, 3], { dtype: "int32" }), 2).tolist() // [4, 12]
 */
export function bitwiseLeftShift(input: Operand, other: Operand): Tensor {
  return bits(Op.ShiftLeft, input, other, "bitwise_left_shift", false);
}

/**
 * x / 2^other rounded down; only the sign is left if other is negative or above 31.
 * @example bitwiseRightShift(tensor([8, -8], { dtype: "int32" }), 1).tolist() // [4, -4]
 */
export function bitwiseRightShift(input: Operand, other: Operand): Tensor {
  return bits(Op.ShiftRight, input, other, "bitwise_right_shift", false);
}

/** Euclid's algorithm. */
function gcdOf(a: number, b: number): number {
  let [x, y] = [Math.abs(a), Math.abs(b)];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

/**
 * The greatest common divisor, which is not negative; gcd(0, 0) is 0.
 * @throws {DTypeError} floats and bools
 * @example gcd(tensor([12, 9], { dtype: "int32" }), tensor([18, 4], { dtype: "int32" })).tolist() // [6, 1]
 */
export function gcd(input: Tensor, other: Tensor): Tensor {
  checkTensor("gcd", other, "other");
  const [a, b] = whole("gcd", input, other, false);
  return zipElements(a, b, gcdOf);
}

/**
 * The least common multiple, which is not negative; 0 if one of them is.
 * @throws {DTypeError} floats and bools
 * @example lcm(tensor([4, 6], { dtype: "int32" }), tensor([6, 8], { dtype: "int32" })).tolist() // [12, 24]
 */
export function lcm(input: Tensor, other: Tensor): Tensor {
  checkTensor("lcm", other, "other");
  const [a, b] = whole("lcm", input, other, false);
  return zipElements(a, b, (x, y) => (x === 0 || y === 0 ? 0 : Math.abs((x / gcdOf(x, y)) * y)));
}
