import type { Tensor } from "../../bindings/index.ts";

/** What the tests use of the first argument of a custom function's forward and backward. */
export interface Ctx {
  saveForBackward(...tensors: (Tensor | null)[]): void;
  readonly savedTensors: Tensor[];
  readonly needsInputGrad: boolean[];
  markDirty(...tensors: Tensor[]): void;
  markNonDifferentiable(...tensors: Tensor[]): void;
  setMaterializeGrads(value: boolean): void;
}
