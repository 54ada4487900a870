/** The parts of floating point numbers: sign, fraction, exponent, neighbours. */
import { Op } from "../../assembly/abi/op.ts";
import { defineRule } from "../autograd/rules.ts";
import { DTypeError } from "../core/errors.ts";
import { savingInputs } from "../core/names.ts";
import type { Tensor } from "../tensor.ts";
import { div, mul } from "./binary.ts";
import { eq } from "./compare.ts";
import { tensor, zerosLike } from "./creation.ts";
import { Evaluated, noDerivative, zipElements } from "./evaluated.ts";
import { exp2 } from "./exponential.ts";
import { bothTensors, checkTensor, floatBinary, type Operand, unsupported } from "./pointwise.ts";
import { resultType } from "./promote.ts";
import { where } from "./where.ts";

/**
 * |input| with the sign of other, which may be a number and whose zeros have signs as well.
 * @example copysign(tensor([1, 2]), tensor([-3, 3])).tolist() // [-1, 2]
 */
export function copysign(input: Tensor, other: Operand): Tensor {
  checkTensor("copysign", input);
  const [a, b] = bothTensors("copysign", input, other);
  return floatBinary(Op.Copysign, a, b, "copysign");
}

/** input · 2^other. @example ldexp(tensor([1.5]), tensor([3])).tolist() // [12] */
export function ldexp(input: Tensor, other: Tensor): Tensor {
  checkTensor("ldexp", other, "other");
  return mul(input, savingInputs(exp2(other)));
}

const FREXP: Evaluated = /* @__PURE__ */ new Evaluated(
  "FrexpBackward0",
  (g, [, exponent]) => div(g, exp2(exponent)),
  null,
);

/** A float64 and the upper of the two words that it consists of. */
const DOUBLE: Float64Array = /* @__PURE__ */ new Float64Array(1);
const WORDS: Uint32Array = /* @__PURE__ */ new Uint32Array(DOUBLE.buffer);

/** e with |x| = m · 2^e, 1/2 ≤ m < 1; 0 for what has no such form. As a double even the smallest float is normal. */
function exponentOf(x: number): number {
  if (x === 0 || !Number.isFinite(x)) return 0;
  DOUBLE[0] = x;
  return ((WORDS[1] >>> 20) & 0x7ff) - 1022;
}

/**
 * Mantissa m and exponent e with x = m · 2^e and 1/2 ≤ |m| < 1; zeros, infinities and NaN are their own mantissa.
 * @throws {DTypeError} integers
 * @example frexp(tensor(5)).mantissa.item() // 0.625
 */
export function frexp(input: Tensor): { mantissa: Tensor; exponent: Tensor } {
  checkTensor("frexp", input);
  if (input.dtype !== "float32") throw new DTypeError("torch.frexp() only supports floating-point dtypes");
  const { shape } = input;
  const x = input.data();
  const exponents = Int32Array.from(x, exponentOf);
  for (let i = 0; i < x.length; i++) x[i] /= 2 ** exponents[i];
  const exponent = tensor(exponents, { shape });
  return { mantissa: FREXP.attach([input, exponent], tensor(x, { shape })), exponent };
}

const NEXTAFTER: Evaluated = /* @__PURE__ */ new Evaluated(
  "NextafterBackward0",
  noDerivative("nextafter"),
  noDerivative("nextafter"),
);

const FLOAT: Float32Array = /* @__PURE__ */ new Float32Array(1);
const BITS: Int32Array = /* @__PURE__ */ new Int32Array(FLOAT.buffer);
const SMALLEST = 2 ** -149;

function neighbour(x: number, towards: number): number {
  if (Number.isNaN(x) || Number.isNaN(towards)) return Number.NaN;
  if (x === towards) return towards;
  if (x === 0) return towards > 0 ? SMALLEST : -SMALLEST;
  FLOAT[0] = x;
  // Floats of one sign are ordered as their bits are.
  const away = x > 0 ? towards > x : towards < x;
  BITS[0] += away ? 1 : -1;
  return FLOAT[0];
}

/**
 * The float next to input in the direction of other; it has no derivative.
 * @throws {DTypeError} integers
 * @example nextafter(tensor([1]), tensor([2])).sub(1).item() === 2 ** -23 // true
 */
export function nextafter(input: Tensor, other: Tensor): Tensor {
  checkTensor("nextafter", input);
  checkTensor("nextafter", other, "other");
  if (resultType(input, other) !== "float32") throw unsupported("nextafter", input);
  return NEXTAFTER.zip(input, other, neighbour);
}

const HEAVISIDE: Evaluated = /* @__PURE__ */ new Evaluated(
  "HeavisideBackward0",
  noDerivative("aten::heaviside"),
  noDerivative("aten::heaviside"),
);

/**
 * The step from 0 to 1 at 0, where it takes the element of `values`; it has no derivative.
 * @throws {DTypeError} operands of different dtypes
 * @example heaviside(tensor([-1, 0, 1]), tensor([0.5])).tolist() // [0, 0.5, 1]
 */
export function heaviside(input: Tensor, values: Tensor): Tensor {
  checkTensor("heaviside", values, "values");
  if (input.dtype !== values.dtype) {
    throw new DTypeError("heaviside is not yet implemented for tensors with different dtypes.");
  }
  return HEAVISIDE.attach(
    [input, values],
    zipElements(input, values, (x, v) => (x === 0 ? v : Number(x > 0))),
  );
}

defineRule(Op.Copysign, (g, n) => {
  const a = n.input(0);
  const slope = (): Tensor => where(eq(a, 0), 0, mul(g, div(n.output().detach(), a.detach())));
  return [n.needs(0) ? slope() : null, n.needs(1) ? zerosLike(g) : null];
});
