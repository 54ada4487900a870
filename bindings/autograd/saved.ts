/** Tensors that a derivative needs again: that they are what they were, and saved-tensor hooks. */
import { NodeFlag, TensorField } from "../../assembly/abi/layout.ts";
import { TensorBase } from "../core/base.ts";
import { GradError } from "../core/errors.ts";
import { graphAddress } from "../core/generation.ts";
import { core, i32 } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { recordExternal } from "./external.ts";
import { DETACHED, modified } from "./faults.ts";
import type { GraphNode } from "./graph-node.ts";
import { isGradEnabled, refuseAsync, refusePromise, withMode } from "./mode.ts";
import { attach, nodeExtras, PACKED_OUTPUT, type Packed, type SavedNode, setFlag } from "./node.ts";
import { observing } from "./observe.ts";

/** What becomes of a tensor when it is saved, and how it is had back. */
export interface SavedTensorHooks<P> {
  pack(t: Tensor): P;
  unpack(packed: P): Tensor;
}

/** The innermost hooks; null: none, or switched off. */
let active: SavedTensorHooks<unknown> | null = null;

function withHooks<T>(hooks: SavedTensorHooks<unknown> | null, fn: () => T): T {
  const before = active;
  active = hooks;
  try {
    return fn();
  } finally {
    active = before;
  }
}

/** Runs `fn`; what it saves is not shown to any hooks outside. */
export function withoutSavedTensorHooks<T>(fn: () => T): T {
  return withHooks(null, fn);
}

/**
 * Runs `fn`; each tensor that is saved for backward meanwhile goes through `pack` at once, and what that returned through
 * `unpack` when backward needs it. Inner hooks win. The derivative then trusts `unpack`: versions are not compared.
 * @param pack gets the tensor, with grad mode off; returns anything; must not write to the tensor
 * @throws {GradError} in backward(), if `unpack` returns no tensor
 * @see PyTorch torch.autograd.graph.saved_tensors_hooks
 * @example
 * const x = tensor([1, 2], { requiresGrad: true });
 * const y = autograd.graph.savedTensorsHooks((t) => t.tolist(), (list) => tensor(list), () => x.exp());
 */
export function savedTensorsHooks<T, P>(pack: (t: Tensor) => P, unpack: (packed: P) => Tensor, fn: () => T): T {
  refuseAsync(fn, "savedTensorsHooks");
  const hooks = { pack, unpack } as SavedTensorHooks<unknown>;
  const packNode = (node: SavedNode): void => {
    if (active === hooks) packSaved(node, hooks);
  };
  return withHooks(hooks, () => observing(packNode, () => refusePromise(fn(), "savedTensorsHooks")));
}

/** Packs what the derivative of a primitive reads; the bindings will run it. */
function packSaved(node: SavedNode, hooks: SavedTensorHooks<unknown>): void {
  const mask = core.savedMaskOf(node.pointer);
  if (mask === 0) return;
  const packed: (Packed | undefined)[] = [];
  for (let i = 0; i < PACKED_OUTPUT; i++) {
    if (mask & (1 << i)) packed[i] = new PackedTensor(hooks, node.input(i));
  }
  if (mask & (1 << PACKED_OUTPUT)) packed[PACKED_OUTPUT] = new PackedTensor(hooks, node.output());
  nodeExtras(node.pointer).packed = packed;
  setFlag(node.pointer, NodeFlag.External);
}

/** A tensor in the keeping of hooks. */
class PackedTensor implements Packed {
  private readonly hooks: SavedTensorHooks<unknown>;
  private readonly value: unknown;
  /** Where the tensor stands in the graph, if it does. */
  private readonly original: Tensor | null;

  constructor(hooks: SavedTensorHooks<unknown>, t: Tensor) {
    this.hooks = hooks;
    this.original = t.requiresGrad ? t : null;
    const { version } = t;
    this.value = withMode(false, () => hooks.pack(t.requiresGrad ? t.detach() : t), "savedTensorsHooks");
    if (t.version !== version) {
      throw new GradError(
        "A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook can not be modified by " +
          "in-place operations as this can lead to unexpected side-effects.",
      );
    }
  }

  unpack(): Tensor {
    const t = this.hooks.unpack(this.value);
    if (!(t instanceof TensorBase)) {
      throw new GradError(
        `Output of saved tensor unpack_hook expected to be a Tensor but got result of type ${t === null ? "null" : typeof t}`,
      );
    }
    const { original } = this;
    return original && isGradEnabled() ? standIn(original, t) : t;
  }
}

/** A tensor with other elements in the place of `original`: gradients pass on to it. */
function standIn(original: Tensor, t: Tensor): Tensor {
  const alias = t.detach();
  recordExternal("SavedTensorBackward", [original], [alias], false, { backward: (gradOutputs) => gradOutputs });
  return alias;
}

/** A tensor saved by a function of the bindings' own. */
export class SavedTensor {
  private readonly tensor: Tensor;
  private readonly version: number;
  private readonly packed: PackedTensor | null;
  /** It came from another node, and must still do so. */
  private readonly attached: boolean;
  /** Which output of the saving node it is; -1: none. */
  private readonly output: number;

  /** @param node the one that saves, at `pointer` */
  constructor(t: Tensor, pointer: number) {
    if (t.isInference()) {
      throw new GradError(
        "Inference tensors cannot be saved for backward. To work around you can make a clone to get a normal tensor and use it in autograd.",
      );
    }
    const p = t.fresh();
    const origin = i32()[(p + TensorField.Node) >>> 2];
    this.tensor = t;
    this.version = t.version;
    this.output = origin === pointer ? i32()[(p + TensorField.Slot) >>> 2] : -1;
    this.attached = origin !== 0 && this.output < 0;
    this.packed = active ? new PackedTensor(active, t) : null;
  }

  /**
   * The tensor, connected to the graph as it was when it was saved.
   * @param what who needs it, for the error: "FnBackward needs saved tensor 0"
   */
  take(node: GraphNode, what: string): Tensor {
    if (this.packed) return this.packed.unpack();
    const t = this.tensor;
    const { version } = t;
    if (version !== this.version) throw modified(t, what, version, this.version);
    if (!t.requiresGrad) {
      if (this.attached) throw new GradError(DETACHED);
      // An output that has been cut out since is still what the node made.
      if (this.output >= 0 && isGradEnabled()) return attach(t.detach(), graphAddress(node), this.output);
    }
    return t;
  }
}
