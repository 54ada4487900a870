/** The graph behind a tensor: walking it, hooking into it, leaving it. */
import { NodeFlag, TensorField, TensorFlag } from "../../assembly/abi/layout.ts";
import { type BackwardOptions, backward, backwardFrom } from "../autograd/backward.ts";
import { GraphNode, graphNode } from "../autograd/graph-node.ts";
import { nameAt, nodeExtras, type RemovableHandle, register, setFlag, type TensorHook } from "../autograd/node.ts";
import { isOptions } from "../core/args.ts";
import type { TensorBase } from "../core/base.ts";
import { GradError } from "../core/errors.ts";
import { address, originAway } from "../core/generation.ts";
import { nameCode, nodeName } from "../core/names.ts";
import { addSlot } from "../core/token.ts";
import { i32, setName } from "../core/wasm.ts";
import { fill_ } from "../ops/inplace.ts";
import { detach } from "../ops/view.ts";
import type { Tensor } from "../tensor.ts";
import { CreationMethods } from "./creation.ts";

const ZERO: number = /* @__PURE__ */ nameCode("ZeroBackward0");

/** A view made without grad whose base has since been written to through the graph: it has no history to show. */
function isInvalidated(t: TensorBase): boolean {
  if (!t.flag(TensorFlag.NoGradView)) return false;
  const view = i32();
  const p = address(t) >>> 2;
  const base = view[p + TensorField.Base / 4] >>> 2;
  return view[p + TensorField.Rewrites / 4] !== view[base + TensorField.Rewrites / 4];
}

export abstract class AutogradMethods extends CreationMethods {
  /**
   * Adds the gradients of this tensor into the `grad` of the leaves it was made from.
   * @param gradient of this tensor; may be left out if it has one element (ones then)
   * @throws {GradError} nothing to differentiate, a freed graph, a saved tensor modified in place
   * @example
   * const x = tensor(3, { requiresGrad: true });
   * x.pow(2).backward();
   * x.grad; // tensor(6.)
   */
  backward(this: Tensor, gradient?: Tensor | null | BackwardOptions, options?: BackwardOptions): void {
    if ((gradient === undefined || gradient === null) && options === undefined) backwardFrom(this);
    else if (isOptions(gradient)) backward(this, null, gradient as BackwardOptions);
    else backward(this, gradient as Tensor | null, options);
  }

  /** The operation that made this tensor, or null for a leaf. */
  get gradFn(): GraphNode | null {
    const p = this.fresh();
    const node = i32()[(p + TensorField.Node) >>> 2];
    const extras = this.extras();
    if (node !== 0) extras.node = graphNode(node);
    // The graph has been walked and given up; what is left of the node is its name.
    else if (this.flag(TensorFlag.GraphFreed)) extras.node ??= new GraphNode(0, "Freed");
    else extras.node = null;
    return extras.node;
  }

  set gradFn(_: GraphNode | null) {
    throw new TypeError("attribute 'gradFn' of Tensor objects is not writable");
  }

  /** @internal */
  gradFnName(): string | null {
    const away = originAway(this);
    if (away) return nodeName(away.op, away.name);
    if (isInvalidated(this)) return "Invalid";
    const p = this.fresh();
    const node = i32()[(p + TensorField.Node) >>> 2];
    if (node !== 0) return nameAt(node);
    return this.flag(TensorFlag.GraphFreed) ? (this._x?.node?.name() ?? "Freed") : null;
  }

  /**
   * Keeps `.grad` of this tensor although it is no leaf: the gradient after all hooks of the tensor. After an in-place
   * operation it is about the newest version.
   * @throws {GradError} a tensor that does not require grad
   */
  retainGrad(this: Tensor): void {
    if (!this.requiresGrad) throw new GradError("can't retain_grad on Tensor that has requires_grad=False");
    if (this.isLeaf || this.retainsGrad) return;
    const p = this.fresh();
    const node = i32()[(p + TensorField.Node) >>> 2];
    if (node === 0) return;
    this.setFlag(TensorFlag.RetainsGrad, true);
    // A walk uses this word of leaves only.
    i32()[(p + TensorField.Pending) >>> 2] = addSlot(this.extras(), false);
    setFlag(node, NodeFlag.Hooked);
  }

  /**
   * Calls `hook` with the gradient of this tensor, once in each walk; what it returns, if anything, takes its place.
   * @returns a handle that takes the hook away again
   * @throws {GradError} a tensor that does not require grad; in backward(), a replacement of another shape
   * @example
   * const x = tensor([1, 2], { requiresGrad: true });
   * x.registerHook((g) => g.mul(10));
   * x.sum().backward();
   * x.grad; // tensor([10., 10.])
   */
  registerHook(this: Tensor, hook: TensorHook): RemovableHandle {
    if (!this.requiresGrad) throw new GradError("cannot register a hook on a tensor that doesn't require gradient");
    if (this.isLeaf) {
      const extras = this.extras();
      extras.hooks ??= new Map();
      this.leafSlot();
      return register(extras.hooks, hook);
    }
    const p = this.fresh();
    const node = i32()[(p + TensorField.Node) >>> 2];
    // A graph that has been given up is never walked again.
    if (node === 0) return { remove: () => undefined };
    const { tensorHooks } = nodeExtras(node);
    setFlag(node, NodeFlag.Hooked);
    const output = i32()[(p + TensorField.Slot) >>> 2];
    const hooks = tensorHooks.get(output) ?? new Map<number, TensorHook>();
    tensorHooks.set(output, hooks);
    return register(hooks, hook);
  }

  /**
   * Calls `hook` with this leaf after its `grad` has been updated; it must return nothing.
   * @throws {GradError} a tensor that is no leaf or does not require grad
   */
  registerPostAccumulateGradHook(this: Tensor, hook: (leaf: Tensor) => void): RemovableHandle {
    if (!this.requiresGrad) throw new GradError("cannot register a hook on a tensor that doesn't require gradient");
    if (!this.isLeaf) throw new GradError("post accumulate grad hooks cannot be registered on non-leaf tensors");
    const extras = this.extras();
    extras.postHooks ??= new Map();
    this.leafSlot();
    return register(extras.postHooks, hook);
  }

  /** Made in inference mode: it can neither be saved for backward nor be written in place outside. */
  isInference(): boolean {
    return this.flag(TensorFlag.Inference);
  }

  /** The same memory without the graph: gradients do not pass. */
  detach(this: Tensor): Tensor {
    return detach(this);
  }

  /**
   * Cuts this tensor out of its graph: it becomes a leaf that requires no grad. What was recorded before still reaches its
   * inputs.
   * @throws {GradError} a view
   */
  detach_(this: Tensor): Tensor {
    const p = this.fresh();
    if (this.flag(TensorFlag.View)) {
      throw new GradError(
        "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for training, and " +
          "gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence detach_() cannot be called on these gradients.",
      );
    }
    const view = i32();
    if (view[(p + TensorField.Node) >>> 2] !== 0) {
      view[(p + TensorField.Node) >>> 2] = 0;
      view[(p + TensorField.Slot) >>> 2] = 0;
      view[(p + TensorField.Pending) >>> 2] = 0;
    }
    this.setFlag(TensorFlag.RequiresGrad | TensorFlag.GraphFreed | TensorFlag.RetainsGrad, false);
    return this;
  }

  /** Every element becomes 0. */
  zero_(this: Tensor): Tensor {
    setName(ZERO);
    return fill_(this, 0);
  }
}
