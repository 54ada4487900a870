/** What optimizers read and keep. */
import { TensorField } from "../../assembly/abi/layout.ts";
import { wrapRecord } from "../autograd/node.ts";
import { TensorBase } from "../core/base.ts";
import { address } from "../core/generation.ts";
import { recorder } from "../core/recording.ts";
import { core, i32 } from "../core/wasm.ts";
import { heapTensor } from "../ops/creation.ts";
import type { Tensor } from "../tensor.ts";

/** The address of the gradient that the core keeps, 0 if there is none. */
function coreGradient(p: Tensor): number {
  recorder?.readsGrad(p);
  return i32()[(address(p) + TensorField.Grad) >>> 2];
}

export function hasGradient(p: Tensor): boolean {
  return coreGradient(p) !== 0 || Boolean(p.known()?.grad);
}

/**
 * The gradient for the time of a step. `p.grad` would remember that somebody has looked, and clearing the gradients would
 * then copy each for whoever that was.
 */
export function gradientOf(p: Tensor): Tensor | null {
  const kept = p.known()?.grad;
  if (kept) return kept;
  const record = coreGradient(p);
  if (record === 0) return null;
  const g = wrapRecord(record);
  g._g = p._g;
  return g;
}

/** A copy in the heap, where it lives as long as the optimizer. */
export function lasting(t: Tensor): Tensor {
  const copy = heapTensor(t.shape, t.dtype);
  core.copyElements(address(t), address(copy));
  return copy;
}

/** State of the shape of a parameter, filled with a number: once, also where a compiled function begins with it. */
export function stateLike(p: Tensor, value = 0): Tensor {
  const { shape } = p;
  let state: Tensor | null = null;
  const make = (): void => {
    state = heapTensor(shape, "float32").fill_(value);
  };
  if (recorder) recorder.aside(make);
  else make();
  return state as unknown as Tensor;
}

/** A copy of anything in a state: tensors, lists of them, numbers. */
export function copied(value: unknown): unknown {
  if (value instanceof TensorBase) return lasting(value as Tensor);
  return Array.isArray(value) ? value.map(copied) : value;
}
