/** Limits. The gradient passes inside and at the bounds. */
import { Op } from "../../assembly/abi/op.ts";
import { noGrad } from "../autograd/mode.ts";
import { defineRule } from "../autograd/rules.ts";
import { named } from "../core/args.ts";
import { call1 } from "../core/dispatch.ts";
import { nameCode } from "../core/names.ts";
import { setName, setScalars } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { ge, gt, le, lt } from "./compare.ts";
import { Evaluated } from "./evaluated.ts";
import { maximum, minimum } from "./extremum.ts";
import { logicalAnd, logicalOr } from "./logic.ts";
import { checkTensor, isTensor, numberBeside, type Operand } from "./pointwise.ts";
import { cast, resultType } from "./promote.ts";
import { where } from "./where.ts";

/** Lower and upper bound: numbers, or tensors that broadcast. */
export interface ClampOptions {
  min?: Operand;
  max?: Operand;
}

/**
 * x limited to min ... max; if min is above max the result is max. Bounds that are tensors get a gradient where they hold.
 * @example clamp(tensor([-2, 0, 2]), -1, 1).tolist() // [-1, 0, 1]
 */
export function clamp(input: Tensor, min?: Operand | null | ClampOptions, max?: Operand | null | ClampOptions): Tensor {
  const { min: low, max: high } = named<ClampOptions>("clamp", [min, max], ["min", "max"]);
  checkTensor("clamp", input);
  if (low === undefined && high === undefined) {
    throw new TypeError("torch.clamp: At least one of 'min' or 'max' must not be None");
  }
  if (isTensor(low) || isTensor(high)) return clampTensors(input, low, high);
  return clampNumbers(input, low, high, 0);
}

const CLAMP_MIN_NAME: number = /* @__PURE__ */ nameCode("ClampMinBackward0");
const CLAMP_MAX_NAME: number = /* @__PURE__ */ nameCode("ClampMaxBackward0");

/** clamp with only a lower bound. @example clampMin(tensor([1, 5]), 3).tolist() // [3, 5] */
export function clampMin(input: Tensor, min: Operand | { min: Operand }): Tensor {
  const bound = named<ClampOptions>("clampMin", [min], ["min"]).min as Operand;
  checkTensor("clampMin", input);
  if (isTensor(bound))
    return BY_MIN.attach(
      [input, bound],
      noGrad(() => maximum(input, bound)),
      0,
      0,
      "ClampMinBackward1",
    );
  return clampNumbers(input, bound, undefined, CLAMP_MIN_NAME);
}

/** clamp with only an upper bound. @example clampMax(tensor([1, 5]), 3).tolist() // [1, 3] */
export function clampMax(input: Tensor, max: Operand | { max: Operand }): Tensor {
  const bound = named<ClampOptions>("clampMax", [max], ["max"]).max as Operand;
  checkTensor("clampMax", input);
  if (isTensor(bound))
    return BY_MAX.attach(
      [input, bound],
      noGrad(() => minimum(input, bound)),
      0,
      0,
      "ClampMaxBackward1",
    );
  return clampNumbers(input, undefined, bound, CLAMP_MAX_NAME);
}

function clampNumbers(input: Tensor, low: number | undefined, high: number | undefined, printed: number): Tensor {
  const whole = [low, high].every((v) => v === undefined || Number.isInteger(v));
  const x = input.dtype === "float32" ? input : cast(input, whole ? "int32" : "float32");
  const [lowest, highest] = x.dtype === "int32" ? [-(2 ** 31), 2 ** 31 - 1] : [-Infinity, Infinity];
  setScalars(low ?? lowest, high ?? highest);
  setName(printed);
  return call1(Op.Clamp, x, "clamp");
}

/** By the input and a lower bound. */
const BY_MIN: Evaluated = /* @__PURE__ */ new Evaluated(
  "ClampBackward0",
  (g, [x, low]) => where(ge(x, low), g, 0),
  (g, [x, low]) => where(lt(x, low), g, 0),
);

const BY_MAX: Evaluated = /* @__PURE__ */ new Evaluated(
  "ClampBackward0",
  (g, [x, high]) => where(le(x, high), g, 0),
  (g, [x, high]) => where(gt(x, high), g, 0),
);

/** By the input and both bounds: the upper one wins. */
const BY_BOTH: Evaluated = /* @__PURE__ */ new Evaluated(
  "ClampBackward0",
  (g, [x, low, high]) => where(logicalAnd(ge(x, low), le(x, high)), g, 0),
  (g, [x, low, high]) => where(logicalAnd(lt(low, high), lt(x, low)), g, 0),
  (g, [x, low, high]) => where(logicalOr(gt(x, high), lt(high, low)), g, 0),
);

function clampTensors(input: Tensor, low: Operand | undefined, high: Operand | undefined): Tensor {
  const bounds = [low, high].map((v) => (typeof v === "number" ? numberBeside(v, input) : v));
  const dtype = bounds.reduce((d, b) => (b && resultType(b, input) === "float32" ? "float32" : d), input.dtype);
  const [x, min, max] = [input, ...bounds].map((t) => (t ? cast(t, dtype) : t)) as [Tensor, Tensor?, Tensor?];
  if (min && max)
    return BY_BOTH.attach(
      [x, min, max],
      noGrad(() => minimum(maximum(x, min), max)),
    );
  if (min)
    return BY_MIN.attach(
      [x, min],
      noGrad(() => maximum(x, min)),
    );
  return BY_MAX.attach(
    [x, max as Tensor],
    noGrad(() => minimum(x, max as Tensor)),
  );
}

defineRule(Op.Clamp, (g, n) => {
  const x = n.input(0);
  return [where(logicalAnd(ge(x, n.s0), le(x, n.s1)), g, 0)];
});
