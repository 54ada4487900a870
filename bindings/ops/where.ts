/** Selection by a condition. */
import { Op } from "../../assembly/abi/op.ts";
import { defineRule } from "../autograd/rules.ts";
import { TensorBase } from "../core/base.ts";
import { callN } from "../core/dispatch.ts";
import { DTypeError } from "../core/errors.ts";
import type { Tensor } from "../tensor.ts";
import { tensor } from "./creation.ts";
import { nonzero } from "./mask.ts";
import { checkTensor, type Operand } from "./pointwise.ts";
import { cast, resultType, scalarResultType } from "./promote.ts";

function checkBranch(value: unknown): asserts value is Operand {
  if (typeof value !== "number" && typeof value !== "boolean") checkTensor("where", value, "input and other");
}

/** Two branches in one dtype; numbers adapt to the tensor beside them. */
function branches(a: Operand, b: Operand): [Tensor, Tensor] {
  if (a instanceof TensorBase && b instanceof TensorBase) {
    const dtype = resultType(a, b);
    return [cast(a, dtype), cast(b, dtype)];
  }
  if (a instanceof TensorBase) {
    const dtype = scalarResultType(a, b as number);
    return [cast(a, dtype), tensor(b as number, { dtype })];
  }
  if (b instanceof TensorBase) {
    const dtype = scalarResultType(b, a as number);
    return [tensor(a as number, { dtype }), cast(b, dtype)];
  }
  return [tensor(a as number), tensor(b as number)];
}

/**
 * input where the condition holds, other elsewhere; all three broadcast. Both branches are differentiated: make a branch
 * that can be NaN or infinite safe by a `where` of its own.
 * Of a condition alone, the positions where it is not zero, dimension by dimension.
 * @example where(tensor([true, false]), 1, 2).tolist() // [1, 2]
 */
export function where(condition: Tensor): Tensor[];
export function where(condition: Tensor, input: Operand, other: Operand): Tensor;
export function where(condition: Tensor, input?: Operand, other?: Operand): Tensor | Tensor[] {
  checkTensor("where", condition, "condition");
  if (input === undefined && other === undefined) return nonzero(condition, { asTuple: true });
  checkBranch(input);
  checkBranch(other);
  if (condition.dtype !== "bool") {
    throw new DTypeError(
      `where: expected condition to be a boolean tensor, but got a tensor with dtype ${condition.scalarName()}`,
    );
  }
  const [a, b] = branches(input, other);
  return callN(Op.Where, [condition, a, b], [], "where");
}

defineRule(Op.Where, (g, n) => {
  const condition = n.input(0);
  return [null, n.needs(1) ? where(condition, g, 0) : null, n.needs(2) ? where(condition, 0, g) : null];
});
