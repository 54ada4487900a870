/** Exponentials, logarithms and what is made of them. */
import { Op } from "../../assembly/abi/op.ts";
import { noGrad } from "../autograd/mode.ts";
import { defineRule } from "../autograd/rules.ts";
import { named } from "../core/args.ts";
import { nameCode } from "../core/names.ts";
import { setName } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { div, mul } from "./binary.ts";
import { eq, le, lt } from "./compare.ts";
import { Evaluated } from "./evaluated.ts";
import { logicalAnd, logicalOr } from "./logic.ts";
import { bothTensors, checkTensor, float, floatBinary, floatInput, type Operand, overload } from "./pointwise.ts";
import { where } from "./where.ts";

/** e to the power of x. @example exp(tensor([0, 1])).tolist() // [1, 2.7183] */
export function exp(input: Tensor): Tensor {
  return float(Op.Exp, input, "exp");
}

/** 2 to the power of x. @example exp2(tensor([0, 3])).tolist() // [1, 8] */
export function exp2(input: Tensor): Tensor {
  return float(Op.Exp2, input, "exp2");
}

/** e^x - 1, accurate also where x is small. @example expm1(tensor([0, 1])).tolist() // [0, 1.7183] */
export function expm1(input: Tensor): Tensor {
  return float(Op.Expm1, input, "expm1");
}

/** Natural logarithm; -∞ at 0, NaN below. @example log(tensor([1, 2])).tolist() // [0, 0.6931] */
export function log(input: Tensor): Tensor {
  return float(Op.Log, input, "log");
}

/** Logarithm to base 2. @example log2(tensor([1, 8])).tolist() // [0, 3] */
export function log2(input: Tensor): Tensor {
  return float(Op.Log2, input, "log2");
}

/** Logarithm to base 10. @example log10(tensor([1, 100])).tolist() // [0, 2] */
export function log10(input: Tensor): Tensor {
  return float(Op.Log10, input, "log10");
}

/** log(1 + x), accurate also where x is small. @example log1p(tensor([0, 1])).tolist() // [0, 0.6931] */
export function log1p(input: Tensor): Tensor {
  return float(Op.Log1p, input, "log1p");
}

/** 1 / (1 + e^-x). @example sigmoid(tensor(0)).item() // 0.5 */
export function sigmoid(input: Tensor): Tensor {
  return float(Op.Sigmoid, input, "sigmoid");
}

interface EpsOptions {
  eps?: number;
}

/** Without `eps` the derivative is that of the formula between 0 and 1 and NaN outside; with it, 0 outside. */
const LOGIT: Evaluated = /* @__PURE__ */ new Evaluated("LogitBackward0", (g, [x], eps, clamped) => {
  const slope = div(g, mul(x, x.neg().add(1)));
  if (clamped) return where(logicalOr(lt(x, eps), x.gt(1 - eps)), 0, slope);
  return where(logicalOr(lt(x, 0), x.gt(1)), Number.NaN, slope);
});

/**
 * log(x / (1 - x)), the inverse of sigmoid. With `eps`, x is first limited to eps ... 1 - eps.
 * @example logit(tensor(0.5)).item() // 0
 */
export function logit(input: Tensor, eps?: number | null | EpsOptions): Tensor {
  const limit = named<EpsOptions>("logit", [eps], ["eps"]).eps;
  const x = floatInput(input, "logit");
  if (limit === undefined) return LOGIT.map(x, (p) => Math.log(p / (1 - p)));
  const held = (p: number): number => (p < limit ? limit : p > 1 - limit ? 1 - limit : p);
  return LOGIT.map(x, (p) => Math.log(held(p) / (1 - held(p))), limit, 1);
}

/** log(e^a + e^b), without overflow. @example logaddexp(tensor([0]), tensor([0])).tolist() // [0.6931] */
export function logaddexp(input: Tensor, other: Tensor): Tensor {
  checkTensor("logaddexp", other, "other");
  return floatBinary(Op.LogAddExp, floatInput(input, "logaddexp"), other, "logaddexp");
}

/** 1 / (1 + base^(other - own)), where both are not the same infinity. */
function share(g: Tensor, own: Tensor, other: Tensor, power: (x: Tensor) => Tensor): Tensor {
  return div(g, power(other.sub(own)).add(1));
}

const LOGADDEXP2: Evaluated = /* @__PURE__ */ new Evaluated(
  "Logaddexp2Backward0",
  (g, [a, b]) => share(g, a, b, exp2),
  (g, [a, b]) => share(g, b, a, exp2),
);

/** log2(2^a + 2^b), without overflow. @example logaddexp2(tensor([3]), tensor([3])).tolist() // [4] */
export function logaddexp2(input: Tensor, other: Tensor): Tensor {
  checkTensor("logaddexp2", other, "other");
  const [a, b] = [floatInput(input, "logaddexp2"), floatInput(other, "logaddexp2")];
  const result = noGrad(() => logaddexp(a.mul(Math.LN2), b.mul(Math.LN2)).mul(1 / Math.LN2));
  return LOGADDEXP2.attach([a, b], result);
}

/** Codes of nodes for two tensors, for a number first, and for a number second. */
const XLOGY_NAMES: readonly number[] = /* @__PURE__ */ [0, 1, 2].map((i) => nameCode(`XlogyBackward${i}`));

/**
 * input · log(other); 0 where input is 0, unless other is NaN. Either may be a number.
 * @example xlogy(tensor([0, 2]), tensor([0, 1])).tolist() // [0, 0]
 */
export function xlogy(input: Operand, other: Operand): Tensor {
  const [a, b] = bothTensors("xlogy", input, other).map((t) => floatInput(t, "xlogy"));
  setName(XLOGY_NAMES[overload(input, other)]);
  return floatBinary(Op.Xlogy, a, b, "xlogy");
}

defineRule(Op.Exp, (g, n) => [mul(g, n.output())]);
defineRule(Op.Exp2, (g, n) => [mul(g, mul(n.output(), Math.LN2))]);
defineRule(Op.Expm1, (g, n) => [mul(g, n.output().add(1))]);
defineRule(Op.Log, (g, n) => [div(g, n.input(0))]);
defineRule(Op.Log2, (g, n) => [div(g, mul(n.input(0), Math.LN2))]);
defineRule(Op.Log10, (g, n) => [div(g, mul(n.input(0), Math.LN10))]);
defineRule(Op.Log1p, (g, n) => [div(g, n.input(0).add(1))]);
defineRule(Op.Sigmoid, (g, n) => [mul(mul(g, n.output()), n.output().neg().add(1))]);
defineRule(Op.LogAddExp, (g, n) => {
  const [a, b] = [n.input(0), n.input(1)];
  return [n.needs(0) ? share(g, a, b, exp) : null, n.needs(1) ? share(g, b, a, exp) : null];
});
defineRule(Op.Xlogy, (g, n) => {
  const [a, b] = [n.input(0), n.input(1)];
  const vanishes = logicalAnd(eq(a, 0), le(b, 0));
  return [n.needs(0) ? where(vanishes, 0, xlogy(g, b)) : null, n.needs(1) ? div(mul(g, a), b) : null];
});
