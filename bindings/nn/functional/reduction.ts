/** What becomes of the losses of single elements. */
import { TensorError } from "../../core/errors.ts";
import { setName } from "../../core/wasm.ts";
import { mean, sum } from "../../ops/reduce.ts";
import type { Tensor } from "../../tensor.ts";

/** All of them, their mean, or their sum. */
export type Reduction = "none" | "mean" | "sum";

export interface ReductionOption {
  /** Default "mean". */
  reduction?: Reduction;
}

export function checkReduction(reduction: Reduction): void {
  if (reduction !== "none" && reduction !== "mean" && reduction !== "sum") {
    throw new TensorError(`${String(reduction)} is not a valid value for reduction`);
  }
}

/** @param name code of the name under which the last step is printed, 0 for its own */
export function reduced(losses: Tensor, reduction: Reduction, name = 0): Tensor {
  checkReduction(reduction);
  if (reduction === "none") return losses;
  if (name) setName(name);
  return reduction === "mean" ? mean(losses) : sum(losses);
}
