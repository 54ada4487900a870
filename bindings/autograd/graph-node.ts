/** Nodes of the graph as a user sees them: `tensor.gradFn` and what lies behind it. */
import { InputField, NodeField, NodeFlag } from "../../assembly/abi/layout.ts";
import type { Extras } from "../core/extras.ts";
import { current, type Generation, graphAddress, isGone, type Placed } from "../core/generation.ts";
import type { Token } from "../core/token.ts";
import { i32, u8 } from "../core/wasm.ts";
import { weakly } from "../core/weak.ts";
import type { Tensor } from "../tensor.ts";
import { leafExtras, leafTensor } from "./leaf.ts";
import {
  type Hooks,
  nameAt,
  nodeExtras,
  type PostHook,
  type PreHook,
  type RemovableHandle,
  register,
  setFlag,
} from "./node.ts";

/**
 * The origin of a tensor: the operation that made it.
 * @example tensor(1, { requiresGrad: true }).exp().gradFn.name() // "ExpBackward0"
 */
export class GraphNode implements Placed {
  /** @internal */
  _p: number;
  /** @internal */
  _g: Generation;
  /** @internal */
  _token: Token | null = null;
  private readonly printed: string;

  /** @internal */
  constructor(pointer: number, name: string = nameAt(pointer)) {
    this._p = pointer;
    this._g = current;
    this.printed = name;
  }

  /** The name under which it is printed, such as MulBackward0. */
  name(): string {
    return this.printed;
  }

  /**
   * For each tensor input where its gradient goes: the node and which of its outputs that input was; null for an input that
   * needs no gradient. Nothing is known of a graph that has been given up.
   */
  get nextFunctions(): [GraphNode | AccumulateGrad | null, number][] {
    if (isGone(this)) return [];
    const p = graphAddress(this);
    const count = u8()[(p + NodeField.InputCount) >>> 0];
    return Array.from({ length: count }, (_, i) => {
      const at = (p + NodeField.Inputs + i * InputField.SIZE) >>> 2;
      const edge = i32()[at];
      if (edge === 0 || edge === 2) return [null, 0];
      const output = i32()[at + InputField.EdgeOut / 4];
      return edge & 1 ? [accumulatorOf(edge & ~1), 0] : [graphNode(edge), output];
    });
  }

  /** Runs before the node, after the hooks of its tensors; may return other gradients of the outputs. */
  registerPrehook(hook: PreHook): RemovableHandle {
    if (isGone(this)) return NOTHING;
    const p = graphAddress(this);
    setFlag(p, NodeFlag.Hooked);
    return register(nodeExtras(p).preHooks, hook);
  }

  /** Runs after the node with what it sends on and what it got; may return other gradients of the inputs. */
  registerHook(hook: PostHook): RemovableHandle {
    if (isGone(this)) return NOTHING;
    const p = graphAddress(this);
    setFlag(p, NodeFlag.External);
    return register(nodeExtras(p).postHooks, hook);
  }

  toString(): string {
    return `<${this.printed}>`;
  }
}

/** For hooks of a node that can no longer be walked. */
const NOTHING: RemovableHandle = { remove: () => undefined };

/** The object of the node at an address: always the same one. */
export function graphNode(pointer: number): GraphNode {
  const extras = nodeExtras(pointer);
  extras.node ??= new GraphNode(pointer);
  // It may have been made in a scope that has ended since.
  extras.node._p = pointer;
  extras.node._g = current;
  return extras.node;
}

/**
 * Where a gradient ends: it is added into the leaf's `grad`.
 * @example tensor(1, { requiresGrad: true }).add(1).gradFn.nextFunctions[0][0].name() // "torch::autograd::AccumulateGrad"
 */
export class AccumulateGrad {
  /** The leaf. */
  readonly variable: Tensor;
  /** @internal */
  readonly _hooks: { pre: Hooks<PreHook>; post: Hooks<PostHook> };

  /** @internal */
  constructor(variable: Tensor, hooks: { pre: Hooks<PreHook>; post: Hooks<PostHook> }) {
    this.variable = variable;
    this._hooks = hooks;
  }

  /** PyTorch's name of such a node. */
  name(): string {
    return "torch::autograd::AccumulateGrad";
  }

  /** None: the gradient ends here. */
  get nextFunctions(): [] {
    return [];
  }

  /** Runs before the gradient is added, after the hooks of the leaf; may return another gradient. */
  registerPrehook(hook: PreHook): RemovableHandle {
    return register(this._hooks.pre, hook);
  }

  /** Runs once the gradient has been added: with no gradients of inputs, and the one of the leaf. */
  registerHook(hook: PostHook): RemovableHandle {
    return register(this._hooks.post, hook);
  }

  toString(): string {
    return "<AccumulateGrad>";
  }
}

/** The accumulator of the leaf at an address: the same one for as long as somebody holds it. */
function accumulatorOf(leaf: number): AccumulateGrad {
  const t = leafTensor(leaf);
  if (!leafExtras(leaf)) t.leafSlot();
  const extras: Extras = t.extras();
  extras.accumulator ??= { hooks: { pre: new Map(), post: new Map() }, node: null };
  const known = extras.accumulator.node?.deref();
  if (known) return known;
  const made = new AccumulateGrad(t, extras.accumulator.hooks);
  extras.accumulator.node = weakly(made);
  return made;
}
