/** Trigonometric and hyperbolic functions and their inverses. Angles are in radians. */
import { Op } from "../../assembly/abi/op.ts";
import { defineRule } from "../autograd/rules.ts";
import { nameCode } from "../core/names.ts";
import { setName } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { add, div, mul } from "./binary.ts";
import { eq } from "./compare.ts";
import { Evaluated } from "./evaluated.ts";
import { checkTensor, float, floatBinary, floatInput, withNumberFloat } from "./pointwise.ts";
import { rsqrt, square } from "./unary.ts";
import { where } from "./where.ts";

/** Sine of an angle. @example sin(tensor([0, 1])).tolist() // [0, 0.8415] */
export function sin(input: Tensor): Tensor {
  return float(Op.Sin, input, "sin");
}

/** Cosine of an angle. @example cos(tensor([0, 1])).tolist() // [1, 0.5403] */
export function cos(input: Tensor): Tensor {
  return float(Op.Cos, input, "cos");
}

/** Tangent of an angle. @example tan(tensor([0, 1])).tolist() // [0, 1.5574] */
export function tan(input: Tensor): Tensor {
  return float(Op.Tan, input, "tan");
}

/**
 * The angle between -π/2 and π/2 with this sine; NaN outside of -1 ... 1.
 * @example asin(tensor([0, 1])).tolist() // [0, 1.5708]
 */
export function asin(input: Tensor): Tensor {
  return float(Op.Asin, input, "asin");
}

/**
 * The angle between 0 and π with this cosine; NaN outside of -1 ... 1.
 * @example acos(tensor([1, 0])).tolist() // [0, 1.5708]
 */
export function acos(input: Tensor): Tensor {
  return float(Op.Acos, input, "acos");
}

/** The angle between -π/2 and π/2 with this tangent. @example atan(tensor([0, 1])).tolist() // [0, 0.7854] */
export function atan(input: Tensor): Tensor {
  return float(Op.Atan, input, "atan");
}

/** Hyperbolic sine. @example sinh(tensor([0, 1])).tolist() // [0, 1.1752] */
export function sinh(input: Tensor): Tensor {
  return float(Op.Sinh, input, "sinh");
}

/** Hyperbolic cosine. @example cosh(tensor([0, 1])).tolist() // [1, 1.5431] */
export function cosh(input: Tensor): Tensor {
  return float(Op.Cosh, input, "cosh");
}

/** Hyperbolic tangent. @example tanh(tensor([-1, 0, 1])).tolist() // [-0.7616, 0, 0.7616] */
export function tanh(input: Tensor): Tensor {
  return float(Op.Tanh, input, "tanh");
}

/** The inverse of sinh. @example asinh(tensor([0, 1])).tolist() // [0, 0.8814] */
export function asinh(input: Tensor): Tensor {
  return float(Op.Asinh, input, "asinh");
}

/** The inverse of cosh, not negative; NaN below 1. @example acosh(tensor([1, 2])).tolist() // [0, 1.3170] */
export function acosh(input: Tensor): Tensor {
  return float(Op.Acosh, input, "acosh");
}

/** The inverse of tanh; infinite at ±1, NaN beyond. @example atanh(tensor([0, 0.5])).tolist() // [0, 0.5493] */
export function atanh(input: Tensor): Tensor {
  return float(Op.Atanh, input, "atanh");
}

/**
 * The angle of the point (other, input), between -π and π: input is y, other is x. NaN gradients at the origin.
 * @example atan2(tensor(1), tensor(-1)).item() // 2.3561945
 */
export function atan2(input: Tensor, other: Tensor): Tensor {
  checkTensor("atan2", other, "other");
  return floatBinary(Op.Atan2, input, other, "atan2");
}

/** √(input² + other²). NaN gradients at the origin. @example hypot(tensor(3), tensor(4)).item() // 5 */
export function hypot(input: Tensor, other: Tensor): Tensor {
  checkTensor("hypot", other, "other");
  return floatBinary(Op.Hypot, input, other, "hypot");
}

/** cos(πx)/x - sin(πx)/(πx²), which is 0 at 0. */
const SINC: Evaluated = /* @__PURE__ */ new Evaluated("SincBackward0", (g, [x]) => {
  const angle = x.mul(Math.PI);
  const scale = mul(x, angle);
  const slope = div(mul(angle, cos(angle)).sub(sin(angle)), scale);
  return where(eq(scale, 0), 0, mul(g, slope));
});

/** sin(πx) / (πx); 1 at 0. @example sinc(tensor([0, 0.5])).tolist() // [1, 0.6366] */
export function sinc(input: Tensor): Tensor {
  return SINC.map(floatInput(input, "sinc"), (x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)));
}

const DEG2RAD_NAME: number = /* @__PURE__ */ nameCode("Deg2RadBackward0");
const RAD2DEG_NAME: number = /* @__PURE__ */ nameCode("Rad2DegBackward0");

function scaled(input: Tensor, factor: number, name: string, printed: number): Tensor {
  const x = floatInput(input, name);
  setName(printed);
  return withNumberFloat(Op.MulScalar, x, factor, name);
}

/** Degrees as radians. @example deg2rad(tensor(180)).item() // 3.1415927 */
export function deg2rad(input: Tensor): Tensor {
  return scaled(input, Math.PI / 180, "deg2rad", DEG2RAD_NAME);
}

/** Radians as degrees. @example rad2deg(tensor([0, 1])).tolist() // [0, 57.2958] */
export function rad2deg(input: Tensor): Tensor {
  return scaled(input, 180 / Math.PI, "rad2deg", RAD2DEG_NAME);
}

defineRule(Op.Sin, (g, n) => [mul(g, cos(n.input(0)))]);
defineRule(Op.Cos, (g, n) => [mul(g, sin(n.input(0))).neg()]);
defineRule(Op.Tan, (g, n) => [mul(g, square(n.output()).add(1))]);
defineRule(Op.Asin, (g, n) => [mul(g, rsqrt(square(n.input(0)).neg().add(1)))]);
defineRule(Op.Acos, (g, n) => [mul(g, rsqrt(square(n.input(0)).neg().add(1))).neg()]);
defineRule(Op.Atan, (g, n) => [div(g, square(n.input(0)).add(1))]);
defineRule(Op.Sinh, (g, n) => [mul(g, cosh(n.input(0)))]);
defineRule(Op.Cosh, (g, n) => [mul(g, sinh(n.input(0)))]);
defineRule(Op.Tanh, (g, n) => [mul(g, square(n.output()).neg().add(1))]);
defineRule(Op.Asinh, (g, n) => [mul(g, rsqrt(square(n.input(0)).add(1)))]);
defineRule(Op.Acosh, (g, n) => [mul(g, rsqrt(square(n.input(0)).sub(1)))]);
defineRule(Op.Atanh, (g, n) => [div(g, square(n.input(0)).neg().add(1))]);
defineRule(Op.Atan2, (g, n) => {
  const [y, x] = [n.input(0), n.input(1)];
  const scaledGradient = div(g, add(square(y), square(x)));
  return [n.needs(0) ? mul(scaledGradient, x) : null, n.needs(1) ? mul(scaledGradient, y.neg()) : null];
});
defineRule(Op.Hypot, (g, n) => {
  const slope = (i: number): Tensor => mul(g, div(n.input(i), n.output()));
  return [n.needs(0) ? slope(0) : null, n.needs(1) ? slope(1) : null];
});
