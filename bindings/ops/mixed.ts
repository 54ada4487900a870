/** Interpolation, and products and quotients that are added to something. */
import { Op } from "../../assembly/abi/op.ts";
import { defineRule } from "../autograd/rules.ts";
import { named } from "../core/args.ts";
import { call2, callN } from "../core/dispatch.ts";
import { DTypeError } from "../core/errors.ts";
import { setScalars } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { add, div, mul, sub } from "./binary.ts";
import { replaceBy, ternaryInPlace } from "./inplace.ts";
import { checkTensor, isTensor, type Operand, unsupported } from "./pointwise.ts";
import { cast } from "./promote.ts";

/**
 * start + weight · (end - start).
 * @throws {DTypeError} anything but floats
 * @example lerp(tensor(0), tensor(10), 0.3).item() // 3
 */
export function lerp(input: Tensor, end: Tensor, weight: Operand | { weight: Operand }): Tensor {
  const w = named<{ weight: Operand }>("lerp", [weight], ["weight"]).weight as Operand;
  checkFloats("lerp", input, end, isTensor(w) ? w : end);
  if (isTensor(w)) return callN(Op.Lerp, [input, end, w], [], "lerp");
  setScalars(w, 0);
  return call2(Op.LerpScalar, input, end, "lerp");
}

/** Refuses what is not a tensor of floats. */
export function checkFloats(name: string, ...operands: readonly Tensor[]): void {
  for (const t of operands) {
    checkTensor(name, t);
    if (t.dtype === "float32") continue;
    if (operands.every((o) => o.dtype === t.dtype)) throw unsupported(name, t);
    throw new DTypeError(
      `expected dtype float for all operands of ${name} but got dtype ${t.scalarName().toLowerCase()}`,
    );
  }
}

/** The factor of a product or quotient. */
export interface ValueOption {
  value?: number;
}

/**
 * input + value · tensor1 · tensor2, with broadcasting. Integers stay integers.
 * @example addcmul(tensor([1]), tensor([3]), tensor([2]), { value: 2 }).tolist() // [13]
 */
export function addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, options?: ValueOption): Tensor {
  const { value = 1 } = named<ValueOption>("addcmul", [options], ["value"]);
  for (const t of [input, tensor1, tensor2]) checkTensor("addcmul", t);
  if ([input, tensor1, tensor2].every((t) => t.dtype !== "float32")) {
    return add(input, mul(mul(tensor1, tensor2), Math.trunc(value)));
  }
  return ternary(Op.Addcmul, input, tensor1, tensor2, value, "addcmul");
}

/**
 * input + value · tensor1 / tensor2, with broadcasting.
 * @throws {DTypeError} integers divided by integers
 * @example addcdiv(tensor([1]), tensor([3]), tensor([2]), { value: 2 }).tolist() // [4]
 */
export function addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, options?: ValueOption): Tensor {
  const { value = 1 } = named<ValueOption>("addcdiv", [options], ["value"]);
  for (const t of [input, tensor1, tensor2]) checkTensor("addcdiv", t);
  if (tensor1.dtype !== "float32" && tensor2.dtype !== "float32") {
    throw new DTypeError(
      "Integer division with addcdiv is no longer supported. Cast tensor1 or tensor2 with .float() for a true division.",
    );
  }
  return ternary(Op.Addcdiv, input, tensor1, tensor2, value, "addcdiv");
}

function ternary(op: Op, a: Tensor, b: Tensor, c: Tensor, value: number, name: string): Tensor {
  const operands = [a, b, c].map((t) => cast(t, "float32"));
  setScalars(value, 0);
  return callN(op, operands, [], name);
}

/** @internal lerp into the tensor. */
export function lerpInPlace(input: Tensor, end: Tensor, weight: Operand): Tensor {
  checkFloats("lerp_", input, end, isTensor(weight) ? weight : end);
  const instead = (self: Tensor): Tensor => lerp(self, end, weight);
  if (isTensor(weight)) return ternaryInPlace(Op.Lerp, input, [end, weight], 0, "lerp_", instead);
  return ternaryInPlace(Op.LerpScalar, input, [end], weight, "lerp_", instead);
}

/** @internal addcmul into the tensor. */
export function addcmulInPlace(input: Tensor, tensor1: Tensor, tensor2: Tensor, options?: ValueOption): Tensor {
  const instead = (self: Tensor): Tensor => addcmul(self, tensor1, tensor2, options);
  if (input.dtype !== "float32") return replaceBy(input, instead, "addcmul_");
  const operands = [cast(tensor1, "float32"), cast(tensor2, "float32")];
  return ternaryInPlace(Op.Addcmul, input, operands, options?.value ?? 1, "addcmul_", instead);
}

/** @internal addcdiv into the tensor. */
export function addcdivInPlace(input: Tensor, tensor1: Tensor, tensor2: Tensor, options?: ValueOption): Tensor {
  const instead = (self: Tensor): Tensor => addcdiv(self, tensor1, tensor2, options);
  if ([input, tensor1, tensor2].some((t) => t.dtype !== "float32")) return replaceBy(input, instead, "addcdiv_");
  return ternaryInPlace(Op.Addcdiv, input, [tensor1, tensor2], options?.value ?? 1, "addcdiv_", instead);
}

defineRule(Op.LerpScalar, (g, n) => [n.needs(0) ? mul(g, 1 - n.s0) : null, n.needs(1) ? mul(g, n.s0) : null]);

defineRule(Op.Lerp, (g, n) => {
  const w = n.input(2);
  return [
    n.needs(0) ? mul(g, w.neg().add(1)) : null,
    n.needs(1) ? mul(g, w) : null,
    n.needs(2) ? mul(g, sub(n.input(1), n.input(0))) : null,
  ];
});

defineRule(Op.Addcmul, (g, n) => {
  const scaled = n.s0 === 1 ? g : mul(g, n.s0);
  return [
    n.needs(0) ? g : null,
    n.needs(1) ? mul(scaled, n.input(2)) : null,
    n.needs(2) ? mul(scaled, n.input(1)) : null,
  ];
});

defineRule(Op.Addcdiv, (g, n) => {
  const [a, b] = [n.input(1), n.input(2)];
  const scaled = n.s0 === 1 ? g : mul(g, n.s0);
  return [
    n.needs(0) ? g : null,
    n.needs(1) ? div(scaled, b) : null,
    n.needs(2) ? mul(scaled, div(a, mul(b, b))).neg() : null,
  ];
});
