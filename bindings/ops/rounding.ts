/** Rounding. Its derivative is 0 wherever it has one. */
import { Op } from "../../assembly/abi/op.ts";
import { noGrad } from "../autograd/mode.ts";
import { defineRule } from "../autograd/rules.ts";
import { call1 } from "../core/dispatch.ts";
import type { Tensor } from "../tensor.ts";
import { div, mul } from "./binary.ts";
import { clone } from "./copy.ts";
import { zerosLike } from "./creation.ts";
import { Evaluated } from "./evaluated.ts";
import { checkTensor, unsupported } from "./pointwise.ts";

function rounding(op: Op, input: Tensor, name: string): Tensor {
  checkTensor(name, input);
  if (input.dtype === "bool") throw unsupported(name, input);
  return input.dtype === "float32" ? call1(op, input, name) : clone(input);
}

/** The largest integer that is not above x. @example floor(tensor([1.2, -1.2])).tolist() // [1, -2] */
export function floor(input: Tensor): Tensor {
  return rounding(Op.Floor, input, "floor");
}

/** The smallest integer that is not below x. @example ceil(tensor([1.2, -1.2])).tolist() // [2, -1] */
export function ceil(input: Tensor): Tensor {
  return rounding(Op.Ceil, input, "ceil");
}

const ROUND: Evaluated = /* @__PURE__ */ new Evaluated("RoundBackward1", (g) => zerosLike(g));

/**
 * The nearest integer, halves to the even one; to `decimals` decimal places, which may be negative.
 * @example round(tensor([0.5, 1.5, 2.5])).tolist() // [0, 2, 2]
 */
export function round(input: Tensor, decimals: number | { decimals?: number } = 0): Tensor {
  const places = typeof decimals === "number" ? decimals : (decimals.decimals ?? 0);
  if (places === 0) return rounding(Op.Round, input, "round");
  if (input.dtype !== "float32") throw unsupported("round", input);
  const factor = 10 ** Math.abs(places);
  const result = noGrad(() =>
    places > 0 ? div(round(mul(input, factor)), factor) : mul(round(div(input, factor)), factor),
  );
  return ROUND.attach([input], result);
}

/** x without its fraction. @example trunc(tensor([1.2, -1.2])).tolist() // [1, -1] */
export function trunc(input: Tensor): Tensor {
  return rounding(Op.Trunc, input, "trunc");
}

/** x - trunc(x); gradient 1. @example frac(tensor([1.5, -2.25])).tolist() // [0.5, -0.25] */
export function frac(input: Tensor): Tensor {
  checkTensor("frac", input);
  if (input.dtype !== "float32") throw unsupported("frac", input);
  return call1(Op.Frac, input, "frac");
}

defineRule([Op.Floor, Op.Ceil, Op.Round, Op.Trunc], (g) => [zerosLike(g)]);
defineRule(Op.Frac, (g) => [g]);
