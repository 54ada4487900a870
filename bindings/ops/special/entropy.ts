/** Products with logarithms, whose limits at 0 are filled in. */
import type { Tensor } from "../../tensor.ts";
import { div, mul } from "../binary.ts";
import { eq, le } from "../compare.ts";
import { Evaluated } from "../evaluated.ts";
import { log } from "../exponential.ts";
import { logicalAnd } from "../logic.ts";
import { bothTensors, floatInput, type Operand, overload } from "../pointwise.ts";
import { where } from "../where.ts";

const ENTR: Evaluated = /* @__PURE__ */ new Evaluated("SpecialEntrBackward0", (g, [x]) => mul(g, log(x).add(1).neg()));

/**
 * -x log x, the entropy of one probability; 0 at 0, -∞ below.
 * @example special.entr(tensor([0, 0.5, 1])).tolist() // [0, 0.3466, 0]
 */
export function entr(input: Tensor): Tensor {
  return ENTR.map(floatInput(input, "entr"), (x) => (x < 0 ? -Infinity : x === 0 ? 0 : -x * Math.log(x)));
}

const XLOG1PY: Evaluated = /* @__PURE__ */ new Evaluated(
  "SpecialXlog1PyBackward0",
  (g, [x, y]) => where(logicalAnd(eq(x, 0), le(y, -1)), 0, xlog1py(g, y)),
  (g, [x, y]) => div(mul(g, x), y.add(1)),
);

/**
 * input · log(1 + other); 0 where input is 0, unless other is NaN. Either may be a number.
 * @example special.xlog1py(tensor([0, 2]), tensor([-1, 1])).tolist() // [0, 1.3863]
 */
export function xlog1py(input: Operand, other: Operand): Tensor {
  const [x, y] = bothTensors("xlog1py", input, other).map((t) => floatInput(t, "xlog1py"));
  const value = (a: number, b: number): number => (a === 0 && !Number.isNaN(b) ? 0 : a * Math.log1p(b));
  return XLOG1PY.zip(x, y, value, `SpecialXlog1PyBackward${overload(input, other)}`);
}
