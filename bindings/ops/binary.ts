/** Sums, differences, products and quotients of two tensors, or of a tensor and a number. */
import { Op } from "../../assembly/abi/op.ts";
import { defineRule } from "../autograd/rules.ts";
import { named } from "../core/args.ts";
import { DTypeError, TensorError } from "../core/errors.ts";
import { nameCode } from "../core/names.ts";
import { setName } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { zerosLike } from "./creation.ts";
import { logicalAnd, logicalOr } from "./logic.ts";
import { into, type OutOptions } from "./out.ts";
import {
  binary,
  bothTensors,
  checkOperands,
  floatBinary,
  isTensor,
  type Operand,
  withNumber,
  withNumberFloat,
} from "./pointwise.ts";
import { resultType } from "./promote.ts";

export type { Operand };

const SUB_NAME: number = /* @__PURE__ */ nameCode("SubBackward0");

interface AlphaOptions extends OutOptions {
  alpha?: number;
}

/** other · alpha. */
function scaled(other: Operand, beside: Operand, options: number | AlphaOptions, name: string): Operand {
  const { alpha = 1 } = named<AlphaOptions>(name, [options], ["alpha"]);
  if (typeof alpha !== "number") throw new TypeError(`${name}(): argument 'alpha' must be Number, not ${typeof alpha}`);
  if (alpha === 1) return other;
  const integers = [other, beside].every((v) => (isTensor(v) ? v.dtype !== "float32" : Number.isInteger(v)));
  if (integers && !Number.isInteger(alpha)) {
    throw new DTypeError("For integral input tensors, argument alpha must not be a floating point number.");
  }
  return typeof other === "number" ? other * alpha : mul(other, alpha);
}

/**
 * input + alpha · other, with broadcasting.
 * @throws {ShapeError} shapes that do not broadcast
 * @example add(tensor([1, 2]), 3).tolist() // [4, 5]
 */
export function add(input: Operand, other: Operand, options?: AlphaOptions): Tensor {
  if (options?.out) return into(options.out, [input, other], () => add(input, other, { alpha: options.alpha }));
  const right = options === undefined ? other : scaled(other, input, options, "add");
  if (isTensor(input)) {
    if (isTensor(right)) return binary(Op.Add, input, right, "add", logicalOr);
    if (typeof right === "number") return withNumber(Op.AddScalar, input, right, "add");
  }
  checkOperands("add", input, right);
  if (isTensor(input)) return add(input, Number(right));
  return add(right, Number(input));
}

/**
 * input - alpha · other. A number may come first: sub(1, x).
 * @example sub(tensor([1, 2]), tensor([3, 1])).tolist() // [-2, 1]
 */
export function sub(input: Operand, other: Operand, options?: AlphaOptions): Tensor {
  if (options?.out) return into(options.out, [input, other], () => sub(input, other, { alpha: options.alpha }));
  const right = options === undefined ? other : scaled(other, input, options, "sub");
  if (isTensor(input)) {
    if (isTensor(right)) return binary(Op.Sub, input, right, "sub", refuseBools);
    if (typeof right === "number") return withSubtrahend(input, right);
  }
  checkOperands("sub", input, right);
  if (isTensor(input)) return sub(input, Number(right));
  return rsub(right as Tensor, Number(input));
}

function refuseBools(): never {
  throw new DTypeError(
    "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead.",
  );
}

function boolNegation(): DTypeError {
  return new DTypeError(
    "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` or " +
      "`logical_not()` operator instead.",
  );
}

function withSubtrahend(input: Tensor, value: number): Tensor {
  if (input.dtype === "bool") throw boolNegation();
  setName(SUB_NAME);
  return withNumber(Op.AddScalar, input, -value, "sub");
}

const RSUB_NAME: number = /* @__PURE__ */ nameCode("RsubBackward0");

/** other - input, with the order of PyTorch's rsub. @example rsub(tensor([1, 2]), 5).tolist() // [4, 3] */
export function rsub(input: Tensor, other: Operand, options?: AlphaOptions): Tensor {
  const left = options === undefined ? input : (scaled(input, other, options, "rsub") as Tensor);
  if (!isTensor(other)) {
    if (left.dtype === "bool") throw boolNegation();
    return withNumber(Op.RsubScalar, left, other, "rsub");
  }
  setName(RSUB_NAME);
  return binary(Op.Sub, other, left, "rsub", refuseBools);
}

/** input · other. @example mul(tensor([1, 2]), 3).tolist() // [3, 6] */
export function mul(input: Operand, other: Operand, options?: OutOptions): Tensor {
  if (options?.out) return into(options.out, [input, other], () => mul(input, other));
  if (isTensor(input)) {
    if (isTensor(other)) return binary(Op.Mul, input, other, "mul", logicalAnd);
    if (typeof other === "number") return withNumber(Op.MulScalar, input, other, "mul");
  }
  checkOperands("mul", input, other);
  if (isTensor(input)) return mul(input, Number(other));
  return mul(other as Tensor, Number(input));
}

interface RoundingOptions extends OutOptions {
  /** null: true division; "trunc": towards zero; "floor": downwards. Integers stay integers in the last two. */
  roundingMode?: "trunc" | "floor" | null;
}

/**
 * input / other. Integers give float32 unless a rounding mode is given; rounded quotients have the derivative 0.
 * @throws {TensorError} rounded division of integers by 0
 * @example div(tensor([7, -7]), 2, { roundingMode: "floor" }).tolist() // [3, -4]
 */
export function div(input: Operand, other: Operand, options?: RoundingOptions): Tensor {
  if (options?.out) {
    return into(options.out, [input, other], () => div(input, other, { roundingMode: options.roundingMode }));
  }
  const mode =
    options === undefined ? undefined : named<RoundingOptions>("div", [options], ["roundingMode"]).roundingMode;
  if (mode !== undefined && mode !== null) return dividedRounded(input, other, mode, "div");
  if (isTensor(input)) {
    if (isTensor(other)) return floatBinary(Op.Div, input, other, "div");
    if (typeof other === "number") return withNumberFloat(Op.DivScalar, input, other, "div");
  }
  checkOperands("div", input, other);
  if (isTensor(input)) return div(input, Number(other));
  return withNumberFloat(Op.RdivScalar, other as Tensor, Number(input), "div");
}

/** `input` / `other` for `roundingMode` null. @example trueDivide(tensor([1, 2]), 2).tolist() // [0.5, 1] */
export function trueDivide(input: Operand, other: Operand): Tensor {
  return div(input, other);
}

/**
 * The quotient rounded down; its derivative is 0.
 * @throws {TensorError} division of integers by 0
 * @example floorDivide(tensor([7, -7]), 2).tolist() // [3, -4]
 */
export function floorDivide(input: Operand, other: Operand): Tensor {
  return dividedRounded(input, other, "floor", "floorDivide");
}

function dividedRounded(input: Operand, other: Operand, mode: string, name: string): Tensor {
  if (mode !== "floor" && mode !== "trunc") {
    throw new TensorError(`div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '${mode}'`);
  }
  const [a, b] = bothTensors(name, input, other);
  if (resultType(a, b) === "bool") throw new DTypeError(`"div_${mode}" not implemented for 'Bool'`);
  return binary(mode === "floor" ? Op.FloorDivide : Op.TruncDivide, a, b, name);
}

const REMAINDER_NAME: number = /* @__PURE__ */ nameCode("RemainderBackward0");
const FMOD_NAME: number = /* @__PURE__ */ nameCode("FmodBackward0");

function modulo(op: Op, input: Operand, other: Operand, name: string, printed: number): Tensor {
  const [a, b] = bothTensors(name, input, other);
  if (resultType(a, b) === "bool") throw new DTypeError(`"${name}" not implemented for 'Bool'`);
  if (!isTensor(other) && a.dtype === b.dtype) setName(printed);
  return binary(op, a, b, name);
}

/**
 * What is left of input after division by other, with the sign of other: Python's %.
 * @throws {TensorError} division of integers by 0
 * @example remainder(tensor([-3, 3]), 2).tolist() // [1, 1]
 */
export function remainder(input: Operand, other: Operand): Tensor {
  return modulo(Op.Remainder, input, other, "remainder", REMAINDER_NAME);
}

/**
 * What is left of input after division by other, with the sign of input: JavaScript's %.
 * @throws {TensorError} division of integers by 0
 * @example fmod(tensor([-3, 3]), 2).tolist() // [-1, 1]
 */
export function fmod(input: Operand, other: Operand): Tensor {
  return modulo(Op.Fmod, input, other, "fmod", FMOD_NAME);
}

defineRule(Op.Add, (g, n) => [n.needs(0) ? g : null, n.needs(1) ? g : null]);
defineRule(Op.Sub, (g, n) => [n.needs(0) ? g : null, n.needs(1) ? g.neg() : null]);
defineRule(Op.Mul, (g, n) => [n.needs(0) ? mul(g, n.input(1)) : null, n.needs(1) ? mul(g, n.input(0)) : null]);
defineRule(Op.Div, (g, n) => {
  const b = n.input(1);
  return [n.needs(0) ? div(g, b) : null, n.needs(1) ? mul(g.neg(), div(div(n.input(0), b), b)) : null];
});
defineRule([Op.FloorDivide, Op.TruncDivide], (g, n) => [
  n.needs(0) ? zerosLike(g) : null,
  n.needs(1) ? zerosLike(g) : null,
]);
defineRule([Op.Remainder, Op.Fmod], (g, n) => {
  const roundingMode = n.op === Op.Remainder ? "floor" : "trunc";
  return [n.needs(0) ? g : null, n.needs(1) ? mul(g.neg(), div(n.input(0), n.input(1), { roundingMode })) : null];
});
defineRule(Op.AddScalar, (g) => [g]);
defineRule(Op.RsubScalar, (g) => [g.neg()]);
defineRule(Op.MulScalar, (g, n) => [mul(g, n.s0)]);
defineRule(Op.DivScalar, (g, n) => [div(g, n.s0)]);
defineRule(Op.RdivScalar, (g, n) => [mul(g, mul(n.input(0).pow(-2), -n.s0))]);
