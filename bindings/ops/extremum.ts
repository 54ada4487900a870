/** The larger and the smaller of two elements. */
import { Op } from "../../assembly/abi/op.ts";
import { noGrad } from "../autograd/mode.ts";
import { defineRule } from "../autograd/rules.ts";
import type { Tensor } from "../tensor.ts";
import { mul } from "./binary.ts";
import { eq, ge, gt, le, lt } from "./compare.ts";
import { Evaluated } from "./evaluated.ts";
import { isnan, logicalAnd, logicalOr } from "./logic.ts";
import { binary, checkTensor } from "./pointwise.ts";
import { cast, resultType } from "./promote.ts";
import { where } from "./where.ts";

function extremum(op: Op, input: Tensor, other: Tensor, name: string): Tensor {
  checkTensor(name, input);
  checkTensor(name, other, "other");
  const both = input.dtype === "bool" && other.dtype === "bool";
  if (both) return op === Op.Maximum ? logicalOr(input, other) : logicalAnd(input, other);
  return binary(op, input, other, name);
}

/**
 * The larger of two elements; NaN wins; equal ones share the gradient.
 * @example maximum(tensor([1, 4]), tensor([2, 3])).tolist() // [2, 4]
 */
export function maximum(input: Tensor, other: Tensor): Tensor {
  return extremum(Op.Maximum, input, other, "maximum");
}

/**
 * The smaller of two elements; NaN wins; equal ones share the gradient.
 * @example minimum(tensor([1, 4]), tensor([2, 3])).tolist() // [1, 3]
 */
export function minimum(input: Tensor, other: Tensor): Tensor {
  return extremum(Op.Minimum, input, other, "minimum");
}

/** Where the first is taken: it is at least as large (or small), or the other one is NaN. */
function firstWins(beats: (a: Tensor, b: Tensor) => Tensor, a: Tensor, b: Tensor): Tensor {
  return logicalOr(beats(a, b), isnan(b));
}

const FMAX: Evaluated = /* @__PURE__ */ new Evaluated(
  "FmaxBackward0",
  (g, [a, b]) => where(firstWins(ge, a, b), g, 0),
  (g, [a, b]) => where(firstWins(ge, a, b), 0, g),
);

const FMIN: Evaluated = /* @__PURE__ */ new Evaluated(
  "FminBackward0",
  (g, [a, b]) => where(firstWins(le, a, b), g, 0),
  (g, [a, b]) => where(firstWins(le, a, b), 0, g),
);

function ignoringNaN(kind: Evaluated, beats: (a: Tensor, b: Tensor) => Tensor, input: Tensor, other: Tensor): Tensor {
  const dtype = resultType(input, other);
  const [a, b] = [cast(input, dtype), cast(other, dtype)];
  return kind.attach(
    [a, b],
    noGrad(() => where(firstWins(beats, a, b), a, b)),
  );
}

/**
 * The larger of two elements; NaN only if both are; of equal ones the first gets the gradient.
 * @example fmax(tensor([1, NaN]), tensor([2, 3])).tolist() // [2, 3]
 */
export function fmax(input: Tensor, other: Tensor): Tensor {
  checkTensor("fmax", other, "other");
  return ignoringNaN(FMAX, ge, input, other);
}

/**
 * The smaller of two elements; NaN only if both are; of equal ones the first gets the gradient.
 * @example fmin(tensor([1, NaN]), tensor([2, 3])).tolist() // [1, 3]
 */
export function fmin(input: Tensor, other: Tensor): Tensor {
  checkTensor("fmin", other, "other");
  return ignoringNaN(FMIN, le, input, other);
}

defineRule([Op.Maximum, Op.Minimum], (g, n) => {
  const [a, b] = [n.input(0), n.input(1)];
  const loses = n.op === Op.Maximum ? lt : gt;
  // Half of it at a tie; a NaN does not lose.
  const shared = where(eq(a, b), mul(g, 0.5), g);
  return [n.needs(0) ? where(loses(a, b), 0, shared) : null, n.needs(1) ? where(loses(b, a), 0, shared) : null];
});
