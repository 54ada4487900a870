/** Signs, magnitudes, squares and roots. Integers and bools become float32 where the result is no integer. */
import { Op } from "../../assembly/abi/op.ts";
import { noGrad } from "../autograd/mode.ts";
import { defineRule } from "../autograd/rules.ts";
import { named } from "../core/args.ts";
import { call1 } from "../core/dispatch.ts";
import { DTypeError } from "../core/errors.ts";
import type { Tensor } from "../tensor.ts";
import { div, mul } from "./binary.ts";
import { le } from "./compare.ts";
import { clone } from "./copy.ts";
import { zerosLike } from "./creation.ts";
import { Evaluated, mapElements } from "./evaluated.ts";
import { isfinite } from "./logic.ts";
import { checkTensor, float, floatInput, number, unsupported } from "./pointwise.ts";
import { where } from "./where.ts";

/** -x. @example neg(tensor([1, -2])).tolist() // [-1, 2] */
export function neg(input: Tensor): Tensor {
  checkTensor("neg", input);
  if (input.dtype === "bool") {
    throw new DTypeError(
      "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or " +
        "`logical_not()` operator instead.",
    );
  }
  return call1(Op.Neg, input, "neg");
}

/** x itself. @throws {DTypeError} a tensor of bools @example positive(tensor([1, -2])).tolist() // [1, -2] */
export function positive(input: Tensor): Tensor {
  if (input.dtype === "bool") throw new DTypeError("The `+` operator, on a bool tensor is not supported.");
  return input;
}

/** x where it is positive, else 0; gradient 0 at 0. @example relu(tensor([-1, 2])).tolist() // [0, 2] */
export function relu(input: Tensor): Tensor {
  checkTensor("relu", input);
  if (input.dtype === "bool") throw new DTypeError("Boolean inputs not supported for relu");
  return call1(Op.Relu, input, "relu");
}

/** Square root; NaN below 0, gradient infinite at 0. @example sqrt(tensor([4, 9])).tolist() // [2, 3] */
export function sqrt(input: Tensor): Tensor {
  return float(Op.Sqrt, input, "sqrt");
}

/** 1 / √x. @example rsqrt(tensor([4, 16])).tolist() // [0.5, 0.25] */
export function rsqrt(input: Tensor): Tensor {
  return float(Op.Rsqrt, input, "rsqrt");
}

/** 1 / x. @example reciprocal(tensor([2, 4])).tolist() // [0.5, 0.25] */
export function reciprocal(input: Tensor): Tensor {
  return float(Op.Reciprocal, input, "reciprocal");
}

/** x². @example square(tensor([2, -3])).tolist() // [4, 9] */
export function square(input: Tensor): Tensor {
  return number(Op.Square, input, "square");
}

/** |x|; gradient 0 at 0. @example abs(tensor([-2, 3])).tolist() // [2, 3] */
export function abs(input: Tensor): Tensor {
  checkTensor("abs", input);
  if (input.dtype === "bool") throw unsupported("abs", input);
  return call1(Op.Abs, input, "abs");
}

/** -1, 0 or 1. @example sign(tensor([-2, 0, 3])).tolist() // [-1, 0, 1] */
export function sign(input: Tensor): Tensor {
  checkTensor("sign", input);
  return input.dtype === "bool" ? clone(input) : call1(Op.Sign, input, "sign");
}

const SGN: Evaluated = /* @__PURE__ */ new Evaluated("SgnBackward0", (g) => zerosLike(g));

/** sign, under the name that it shares with complex numbers. @example sgn(tensor([-2, 0, 3])).tolist() // [-1, 0, 1] */
export function sgn(input: Tensor): Tensor {
  return SGN.attach(
    [input],
    noGrad(() => sign(input)),
  );
}

const ANGLE: Evaluated = /* @__PURE__ */ new Evaluated("AngleBackward0", (g) => zerosLike(g));

/**
 * The angle of a number in the plane of complex numbers: π where it is negative, else 0; NaN of NaN.
 * @example angle(tensor([-2, 3])).tolist() // [3.1416, 0]
 */
export function angle(input: Tensor): Tensor {
  return ANGLE.map(floatInput(input, "angle"), (x) => (x < 0 ? Math.PI : x >= 0 ? 0 : x));
}

/** x itself: all tensors are real. @example conj(tensor([1, 2])).tolist() // [1, 2] */
export function conj(input: Tensor): Tensor {
  return input;
}

/** x itself: all tensors are real. @example conjPhysical(tensor([1, 2])).tolist() // [1, 2] */
export function conjPhysical(input: Tensor): Tensor {
  return input;
}

/** x itself: all tensors are real. @example real(tensor([1, 2])).tolist() // [1, 2] */
export function real(input: Tensor): Tensor {
  return input;
}

export interface NanToNumOptions {
  /** Replaces NaN; 0 by default. */
  nan?: number;
  /** Replaces +∞; the largest float by default. */
  posinf?: number;
  /** Replaces -∞; the smallest float by default. */
  neginf?: number;
}

const LARGEST = 3.4028234663852886e38;
const NAN_TO_NUM: Evaluated = /* @__PURE__ */ new Evaluated("NanToNumBackward0", (g, [x]) => mul(g, isfinite(x)));

/**
 * NaN and infinities replaced by numbers; the gradient is 0 where something was replaced.
 * @example nanToNum(tensor([NaN, 1])).tolist() // [0, 1]
 */
export function nanToNum(
  input: Tensor,
  nan?: number | null | NanToNumOptions,
  posinf?: number | null | NanToNumOptions,
  neginf?: number | null | NanToNumOptions,
): Tensor {
  const options = named<NanToNumOptions>("nanToNum", [nan, posinf, neginf], ["nan", "posinf", "neginf"]);
  checkTensor("nanToNum", input);
  if (input.dtype !== "float32") return clone(input);
  const { nan: instead = 0, posinf: high = LARGEST, neginf: low = -LARGEST } = options;
  const result = mapElements(input, (x) =>
    !Number.isNaN(x) ? (x === Infinity ? high : x === -Infinity ? low : x) : instead,
  );
  return NAN_TO_NUM.attach([input], result);
}

defineRule(Op.Neg, (g) => [neg(g)]);
defineRule(Op.Relu, (g, n) => [where(le(n.output(), 0), 0, g)]);
defineRule(Op.Sqrt, (g, n) => [div(g, mul(n.output(), 2))]);
defineRule(Op.Rsqrt, (g, n) => [mul(mul(g, n.output().pow(3)), -0.5)]);
defineRule(Op.Reciprocal, (g, n) => [neg(mul(g, square(n.output())))]);
defineRule(Op.Abs, (g, n) => [mul(g, sign(n.input(0)))]);
defineRule(Op.Square, (g, n) => [mul(g, mul(n.input(0), 2))]);
defineRule(Op.Sign, (g) => [zerosLike(g)]);
