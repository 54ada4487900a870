/**
 * Derivatives written with the library's own operations: for createGraph, where the gradient must have a graph of its own,
 * and for primitives whose derivative is not in the core. Each stands beside the binding of its operation.
 */
import type { Op } from "../../assembly/abi/op.ts";
import type { Tensor } from "../tensor.ts";
import type { SavedNode } from "./node.ts";

/** Gradients of the inputs, in order; null where there is none. Broadcasting is undone by the walk. */
export type Rule = (g: Tensor, node: SavedNode) => (Tensor | null)[];

const rules: (Rule | undefined)[] = [];

export function defineRule(ops: Op | readonly Op[], rule: Rule): void {
  for (const op of typeof ops === "number" ? [ops] : ops) rules[op] = rule;
}

export function ruleOf(op: Op): Rule | undefined {
  return rules[op];
}
