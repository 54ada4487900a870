import type { AccumulateGrad, GraphNode } from "../autograd/graph-node.ts";
import type { Hooks, PostHook, PreHook, TensorHook } from "../autograd/node.ts";
import type { Tensor } from "../tensor.ts";
import type { Token } from "./token.ts";
import type { Weak } from "./weak.ts";

/** What the bindings keep of a few tensors only: leaves whose gradient was looked at, hooks, parameters. */
export interface Extras {
  /** Gradient that the bindings keep: assigned, or with a graph of its own. */
  grad: Tensor | null;
  /** Wrapper of the gradient that the core keeps. */
  gradView: Tensor | null;
  hooks: Hooks<TensorHook> | null;
  postHooks: Hooks<(leaf: Tensor) => void> | null;
  node: GraphNode | null;
  /** The leaf that a gradient's wrapper belongs to keeps the gradient's memory. */
  owner: Token | null;
  /** The wrapper that users know, for hooks that get the leaf. */
  self: Weak<Tensor> | null;
  /** The end of the leaf's edges, once somebody has asked for it. */
  accumulator: { hooks: { pre: Hooks<PreHook>; post: Hooks<PostHook> }; node: Weak<AccumulateGrad> | null } | null;
}
