/** Copies. */
import { Op } from "../../assembly/abi/op.ts";
import { defineRule } from "../autograd/rules.ts";
import { call1 } from "../core/dispatch.ts";
import type { Tensor } from "../tensor.ts";
import { zerosLike } from "./creation.ts";

/** A row-major copy with memory of its own; gradients pass. @example clone(tensor([1, 2])).tolist() // [1, 2] */
export function clone(input: Tensor): Tensor {
  return call1(Op.Clone, input, "clone");
}

/** The tensor if its elements lie in row-major order, else a copy in which they do. */
export function contiguous(input: Tensor): Tensor {
  return input.isContiguous() ? input : clone(input);
}

defineRule(Op.Clone, (g) => [g]);
defineRule(Op.Copy, (g, n) => [n.needs(0) ? zerosLike(g) : null, n.needs(1) ? g : null]);
defineRule(Op.Fill, (g) => [zerosLike(g)]);
