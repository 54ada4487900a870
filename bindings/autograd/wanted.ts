/** What a walk is asked for, if not for the gradients of all leaves. */
import { TensorField, TensorFlag } from "../../assembly/abi/layout.ts";
import { address } from "../core/generation.ts";
import { outOfMemory } from "../core/out-of-memory.ts";
import { core, i32 } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import type { Gradients } from "./node.ts";

/** Where an input comes from: output `output` of a node, or, if `node` is 0, the leaf at `record`. */
interface Place {
  readonly record: number;
  readonly node: number;
  readonly output: number;
}

/** Must be made, and used, while records stay where they are. */
export class Wanted {
  /** By input; null as long as none has come. */
  readonly captured: Gradients;
  readonly places: readonly Place[] | null;
  private readonly capture: boolean;

  /** Gradients of `inputs` (null: of all leaves) are handed over, or, unless `capture`, accumulated where they arrive. */
  constructor(inputs: readonly Tensor[] | null, capture: boolean) {
    this.capture = capture;
    this.captured = inputs && capture ? inputs.map(() => null) : [];
    this.places = inputs?.map(placeOf) ?? null;
  }

  /** Tells the core's walk. */
  mark(roots: readonly Tensor[]): void {
    if (!this.places) return;
    this.setMarks(true);
    const bytes = Math.max(roots.length * 4, 16);
    const list = core.alloc(bytes);
    if (list === 0) throw outOfMemory(bytes);
    i32().set(
      roots.map((t) => address(t)),
      list >>> 2,
    );
    const marked = core.walkMark(list, roots.length);
    core.free(list, bytes);
    if (!marked) throw outOfMemory(0);
  }

  unmark(): void {
    this.setMarks(false);
  }

  private setMarks(on: boolean): void {
    for (const { record, node } of this.places ?? []) {
      if (node !== 0) {
        core.walkCapture(node, on ? 1 : 0);
        continue;
      }
      const at = (record + TensorField.DType) >>> 2;
      if (on) i32()[at] |= TensorFlag.Wanted << 16;
      else i32()[at] &= ~(TensorFlag.Wanted << 16);
    }
  }

  /** The gradient of an output of a node is complete. */
  takesNode(node: number, output: number, gradient: Tensor): void {
    if (!this.places || !this.capture) return;
    this.places.forEach((place, i) => {
      if (place.node === node && place.output === output) this.captured[i] = gradient;
    });
  }

  /** The gradient of a leaf is complete. True if it is handed over rather than accumulated. */
  takesLeaf(leaf: number, gradient: () => Tensor): boolean {
    if (!this.places || !this.capture) return false;
    this.places.forEach((place, i) => {
      if (place.node === 0 && place.record === leaf) this.captured[i] = gradient();
    });
    return true;
  }
}

/** Where the gradient of a tensor arrives. */
export function placeOf(t: Tensor): Place {
  const record = t.fresh();
  const node = i32()[(record + TensorField.Node) >>> 2];
  return { record, node, output: node ? i32()[(record + TensorField.Slot) >>> 2] : 0 };
}
