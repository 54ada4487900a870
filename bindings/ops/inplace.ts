/** Operations that write into their first operand. */
import { TensorField, TensorFlag } from "../../assembly/abi/layout.ts";
import { Op, OpMode } from "../../assembly/abi/op.ts";
import { Status } from "../../assembly/abi/status.ts";
import { isGradEnabled } from "../autograd/mode.ts";
import { wrapRecord } from "../autograd/node.ts";
import { tell } from "../autograd/observe.ts";
import { TensorBase } from "../core/base.ts";
import { failure, tryN } from "../core/dispatch.ts";
import { DTypeError, GradError, ShapeError } from "../core/errors.ts";
import { describe } from "../core/messages.ts";
import { nameCode } from "../core/names.ts";
import { i32, setName, setScalars, status } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import type { Operand } from "./binary.ts";
import { clone } from "./copy.ts";
import { fullLike } from "./creation.ts";
import { expand } from "./expand.ts";
import { sameShape, shapeText } from "./geometry.ts";
import { cast, resultType } from "./promote.ts";

/**
 * @internal Runs a primitive in place. `instead` computes the same result as a new tensor, for views that take part in a
 * graph: those are written through their base.
 */
export function inPlace(
  op: Op,
  target: Tensor,
  others: readonly Tensor[],
  name: string,
  instead: (self: Tensor) => Tensor,
  list: readonly number[] = [],
): Tensor {
  target.fresh();
  const p = tryN(op | OpMode.InPlace, [target, ...others], list);
  if (p !== 0) {
    tell();
    return target;
  }
  if (status() !== Status.InPlaceThroughView) throw failure(name, [target, ...others]);
  // Of a copy: derivatives that read the old elements must find them.
  return writeThroughView(target, instead(clone(target)), name);
}

/** @internal The view's part of its base becomes `value`; the base's history is rewritten, the view gets a new one when it is used. */
export function writeThroughView(target: Tensor, value: Tensor, name: string): Tensor {
  refuseView(target);
  const { shape } = target;
  if (value.shape.length !== shape.length || value.shape.some((s, i) => s !== shape[i])) {
    throw new ShapeError(
      `output with shape [${shape.join(", ")}] doesn't match the broadcast shape [${value.shape.join(", ")}]`,
    );
  }
  if (target.numel() > 0 && target.stride().some((s, i) => s === 0 && shape[i] > 1)) {
    throw describe(name, [target], Status.InPlaceOverlap, []);
  }
  const base = wrapRecord(i32()[(target._p + TensorField.Base) >>> 2]);
  const offset = target.storageOffset() - base.storageOffset();
  const geometry = [shape.length, offset, ...shape, ...target.stride()];
  const source = cast(value, target.dtype);
  const p = tryN(Op.AsStridedScatter | OpMode.InPlace, [base, source], geometry);
  if (p === 0) throw failure(name, [target]);
  return target;
}

const MULTI_VIEW =
  " is a view and is being modified inplace. This view is the output of a function that returns multiple views. Such functions do " +
  "not allow the output views to be modified inplace. You should replace the inplace operation by an out-of-place one.";

function refuseView(target: Tensor): void {
  if (!isGradEnabled()) return;
  if (target.flag(TensorFlag.MultiView)) {
    const output = i32()[(target._p + TensorField.Slot) >>> 2];
    throw new GradError(`Output ${output} of ${target.gradFnName() ?? "a function"}${MULTI_VIEW}`);
  }
  if (target.flag(TensorFlag.NoGradView)) {
    const mode = target.flag(TensorFlag.CustomView) ? "inference" : "no_grad";
    throw new GradError(
      `A view was created in ${mode} mode and is being modified inplace with grad mode enabled. Given that this use case is ` +
        "ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and the inplace either both " +
        `inside the ${mode} block (if you don't want the inplace to be tracked) or both outside (if you want the inplace to be tracked).`,
    );
  }
  if (target.flag(TensorFlag.CustomView)) {
    throw new GradError(
      "This view was created inside a custom Function (or because an input was returned as-is) and the autograd logic to handle " +
        "view+inplace would override the custom backward associated with the custom Function, leading to incorrect gradients. This " +
        "behavior is forbidden. You can fix this by cloning the output of the custom Function.",
    );
  }
}

/** The operand in the target's dtype; an operand of a higher category is refused. */
function fitting(target: Tensor, other: Operand, name: string): Tensor {
  if (!(other instanceof TensorBase)) {
    if (typeof other !== "number" && typeof other !== "boolean") {
      throw new TypeError(`${name}(): argument 'other' must be Tensor or number, not ${typeof other}`);
    }
    if (target.dtype !== "float32" && !Number.isInteger(Number(other))) throw castError("Float", target);
    return target.newTensor(Number(other));
  }
  const higher =
    other.dtype === "float32" ? target.dtype !== "float32" : other.dtype === "int32" && target.dtype === "bool";
  if (higher) throw castError(other.scalarName(), target);
  return cast(other, target.dtype);
}

function castError(from: string, target: Tensor): DTypeError {
  return new DTypeError(`result type ${from} can't be cast to the desired output type ${target.scalarName()}`);
}

/** A pointwise operation with a tensor or number, written into the target. */
export function binaryInPlace(
  op: Op,
  target: Tensor,
  other: Operand,
  name: string,
  instead: (self: Tensor, other: Tensor) => Tensor,
): Tensor {
  const right = fitting(target, other, name);
  const isFloat = op >= Op.Div && op <= Op.LerpScalar;
  if (isFloat && target.dtype !== "float32") throw castError("Float", target);
  return inPlace(op, target, [right], name, (self) => instead(self, right));
}

/** A number as an attribute of the node, where the core has the operation so. */
export function scalarInPlace(
  op: Op,
  target: Tensor,
  s0: number,
  s1: number,
  name: string,
  instead: (self: Tensor) => Tensor,
): Tensor {
  if (target.dtype !== "float32" && ![s0, s1].every((s) => Number.isInteger(s) || !Number.isFinite(s)))
    throw castError("Float", target);
  setScalars(s0, s1);
  return inPlace(op, target, [], name, instead);
}

/** @internal A primitive of three tensors, or of two and a number, in the target's dtype. */
export function ternaryInPlace(
  op: Op,
  target: Tensor,
  others: readonly Tensor[],
  s0: number,
  name: string,
  instead: (self: Tensor) => Tensor,
): Tensor {
  setScalars(s0, 0);
  return inPlace(op, target, others, name, instead);
}

/** A function of one tensor, written back. */
export function unaryInPlace(op: Op, target: Tensor, name: string, instead: (self: Tensor) => Tensor): Tensor {
  return inPlace(op, target, [], name, instead);
}

/**
 * @internal The result of `compute` written back: for what is not one primitive. Where its
 * derivative reads the old elements, it gets a copy of them.
 */
export function replaceBy(target: Tensor, compute: (self: Tensor) => Tensor, name: string, readsOld = true): Tensor {
  const value = compute(readsOld && isGradEnabled() && target.requiresGrad ? clone(target) : target);
  if (resultType(value, target) !== target.dtype) throw castError(value.scalarName(), target);
  const [own, got] = [target.shape, value.shape];
  if (!sameShape(own, got)) {
    throw new ShapeError(
      `output with shape ${shapeText(own)} doesn't match the broadcast shape ${shapeText(got)}: ${name} writes into its first ` +
        "operand, whose shape cannot change; use the form without underscore.",
    );
  }
  // A result hands on its place in the graph; a leaf, or what the graph does not know, is copied.
  if (!isGradEnabled() || !value.requiresGrad || value.isLeaf) return copy_(target, value);
  return inPlace(Op.Assign, target, [value], name, () => value);
}

/** Copies the elements of `source`, which is broadcast and cast, into the tensor. */
export function copy_(target: Tensor, source: Operand): Tensor {
  const value = source instanceof TensorBase ? source : target.newTensor(Number(source));
  return inPlace(Op.Copy, target, [value], "copy_", () => clone(expand(cast(value, target.dtype), target.shape)));
}

const FILL: number = /* @__PURE__ */ nameCode("FillBackward3");

/** Every element becomes `value`; a tensor without dimensions gets the gradient. */
export function fill_(target: Tensor, value: Operand | boolean): Tensor {
  if (value instanceof TensorBase) {
    if (value.ndim === 0) {
      setName(FILL);
      return copy_(target, value);
    }
    throw new ShapeError(`fill_ only supports 0-dimension value tensor but got tensor with ${value.ndim} dimensions.`);
  }
  if (typeof value !== "number" && typeof value !== "boolean")
    throw new TypeError(`fill_(): argument 'value' must be Tensor or number, not ${typeof value}`);
  setScalars(Number(value), 0);
  return inPlace(Op.Fill, target, [], "fill_", () => fullLike(target, value));
}

/** `source` in place of the elements that sizes, strides and offset pick out of a dense tensor; out of place. */
export function asStridedScatter(
  input: Tensor,
  source: Tensor,
  size: readonly number[],
  stride: readonly number[],
  storageOffset = 0,
): Tensor {
  const copy = clone(input);
  const p = tryN(
    Op.AsStridedScatter | OpMode.InPlace,
    [copy, source],
    [size.length, storageOffset, ...size, ...stride],
  );
  if (p === 0) throw failure("asStridedScatter", [input, source]);
  return copy;
}
