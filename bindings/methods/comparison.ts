/** Comparisons, logic, selection and dtypes as methods. Each is the function of its name in ops/. */
import type { DType } from "../core/dtype.ts";
import * as compare from "../ops/compare.ts";
import * as logic from "../ops/logic.ts";
import type { Operand } from "../ops/pointwise.ts";
import { cast } from "../ops/promote.ts";
import { where } from "../ops/where.ts";
import type { Tensor } from "../tensor.ts";
import { FunctionMethods } from "./functions.ts";

type Tolerances = [rtol?: number | compare.CloseOptions, atol?: number | compare.CloseOptions, equalNan?: boolean];

export abstract class ComparisonMethods extends FunctionMethods {
  /** input = other, element by element. @see {@link compare.eq} */
  eq(this: Tensor, other: Operand | boolean): Tensor {
    return compare.eq(this, other);
  }

  /** input ≠ other. @see {@link compare.ne} */
  ne(this: Tensor, other: Operand | boolean): Tensor {
    return compare.ne(this, other);
  }

  /** input ≠ other. @see {@link compare.ne} */
  notEqual(this: Tensor, other: Operand | boolean): Tensor {
    return compare.ne(this, other);
  }

  /** input < other. @see {@link compare.lt} */
  lt(this: Tensor, other: Operand | boolean): Tensor {
    return compare.lt(this, other);
  }

  /** input < other. @see {@link compare.lt} */
  less(this: Tensor, other: Operand | boolean): Tensor {
    return compare.lt(this, other);
  }

  /** input ≤ other. @see {@link compare.le} */
  le(this: Tensor, other: Operand | boolean): Tensor {
    return compare.le(this, other);
  }

  /** input ≤ other. @see {@link compare.le} */
  lessEqual(this: Tensor, other: Operand | boolean): Tensor {
    return compare.le(this, other);
  }

  /** input > other. @see {@link compare.gt} */
  gt(this: Tensor, other: Operand | boolean): Tensor {
    return compare.gt(this, other);
  }

  /** input > other. @see {@link compare.gt} */
  greater(this: Tensor, other: Operand | boolean): Tensor {
    return compare.gt(this, other);
  }

  /** input ≥ other. @see {@link compare.ge} */
  ge(this: Tensor, other: Operand | boolean): Tensor {
    return compare.ge(this, other);
  }

  /** input ≥ other. @see {@link compare.ge} */
  greaterEqual(this: Tensor, other: Operand | boolean): Tensor {
    return compare.ge(this, other);
  }

  /** Whether each element is NaN. @see {@link logic.isnan} */
  isnan(this: Tensor): Tensor {
    return logic.isnan(this);
  }

  /** Whether each element is infinite. @see {@link logic.isinf} */
  isinf(this: Tensor): Tensor {
    return logic.isinf(this);
  }

  /** Whether each element is neither infinite nor NaN. @see {@link logic.isfinite} */
  isfinite(this: Tensor): Tensor {
    return logic.isfinite(this);
  }

  /** Whether each element is +∞. @see {@link logic.isposinf} */
  isposinf(this: Tensor): Tensor {
    return logic.isposinf(this);
  }

  /** Whether each element is -∞. @see {@link logic.isneginf} */
  isneginf(this: Tensor): Tensor {
    return logic.isneginf(this);
  }

  /** Whether each element is real, which all are. @see {@link logic.isreal} */
  isreal(this: Tensor): Tensor {
    return logic.isreal(this);
  }

  /** Whether the sign bit is set. @see {@link logic.signbit} */
  signbit(this: Tensor): Tensor {
    return logic.signbit(this);
  }

  /** Zero. @see {@link logic.logicalNot} */
  logicalNot(this: Tensor): Tensor {
    return logic.logicalNot(this);
  }

  /** Not zero and not zero. @see {@link logic.logicalAnd} */
  logicalAnd(this: Tensor, other: Tensor): Tensor {
    return logic.logicalAnd(this, other);
  }

  /** Not zero or not zero. @see {@link logic.logicalOr} */
  logicalOr(this: Tensor, other: Tensor): Tensor {
    return logic.logicalOr(this, other);
  }

  /** Exactly one of them not zero. @see {@link logic.logicalXor} */
  logicalXor(this: Tensor, other: Tensor): Tensor {
    return logic.logicalXor(this, other);
  }

  /** Whether two tensors have the same shape and elements. @see {@link compare.equal} */
  equal(this: Tensor, other: Tensor): boolean {
    return compare.equal(this, other);
  }

  /** |input - other| ≤ atol + rtol · |other|, element by element. @see {@link compare.isclose} */
  isclose(this: Tensor, other: Tensor, ...tolerances: Tolerances): Tensor {
    return compare.isclose(this, other, ...tolerances);
  }

  /** Whether all elements are close. @see {@link compare.allclose} */
  allclose(this: Tensor, other: Tensor, ...tolerances: Tolerances): boolean {
    return compare.allclose(this, other, ...tolerances);
  }

  /** This tensor where the condition holds, `other` elsewhere. */
  where(this: Tensor, condition: Tensor, other: Operand): Tensor {
    return where(condition, this, other);
  }

  /** The tensor in another dtype, or in that of another tensor; itself if it has that dtype. */
  to(this: Tensor, dtype: DType | Tensor | { dtype?: DType }): Tensor {
    if (typeof dtype === "string") return cast(this, dtype);
    return cast(this, dtype.dtype ?? this.dtype);
  }

  /** The tensor in the dtype of another one. */
  typeAs(this: Tensor, other: Tensor): Tensor {
    return cast(this, other.dtype);
  }

  /** As float32. */
  float(this: Tensor): Tensor {
    return cast(this, "float32");
  }

  /** As int32, towards zero. */
  int(this: Tensor): Tensor {
    return cast(this, "int32");
  }

  /** As int32, the widest integers there are. */
  long(this: Tensor): Tensor {
    return cast(this, "int32");
  }

  /** As bool: `!= 0`. */
  bool(this: Tensor): Tensor {
    return cast(this, "bool");
  }

  /** `Number(t)` is the one element, as Python's float(t); as text it is what is printed. @throws {TensorError} several elements */
  [Symbol.toPrimitive](this: Tensor, hint: string): number | string {
    return hint === "number" ? Number(this.item()) : this.toString();
  }
}
