/** Steps that the core makes in one pass over parameter, gradient and state: it gets addresses, and no tensor is made. */
import { TensorField, TensorFlag } from "../../assembly/abi/layout.ts";
import { noGrad } from "../autograd/mode.ts";
import { address } from "../core/generation.ts";
import { recorder } from "../core/recording.ts";
import { i32, setDoubles } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { gradientOf } from "./gradient.ts";

/** Flags of the core's steps (assembly/ops/optim.ts). */
export const MAXIMIZE = 1;
export const NESTEROV = 2;
export const FIRST_STEP = 4;
export const DECOUPLED = 8;

/** Gets addresses of dense tensors, which hold as long as nothing is made; 0 for a state that is not there. */
export type FusedStep = (parameter: number, gradient: number, first: number, second: number, third: number) => void;

function isDense(record: number): boolean {
  return (i32()[(record + TensorField.DType) >>> 2] & (TensorFlag.Contiguous << 16)) !== 0;
}

/**
 * Runs a step for a parameter and up to three tensors of its state, if it has a gradient. What is not dense is copied for the
 * time of the step. `settings` gives the numbers of this step: a compiled function asks for them at each replay.
 */
export function fusedStep(
  p: Tensor,
  state: readonly (Tensor | undefined)[],
  settings: () => readonly number[],
  step: FusedStep,
): void {
  const [a, b, c] = state;
  const at = (t: Tensor | undefined): number => (t ? address(t) : 0);
  // What is brought back by looking for an address stays where it is while the others are looked up.
  const [first, second, third] = [at(a), at(b), at(c)];
  const parameter = address(p);
  const kept = p.known()?.grad;
  const gradient = kept ? address(kept) : i32()[(parameter + TensorField.Grad) >>> 2];
  if (gradient === 0) return;
  if (isDense(parameter) && isDense(gradient)) {
    setDoubles(settings());
    recorder?.settings(settings);
    step(parameter, gradient, first, second, third);
    return;
  }
  noGrad(() => {
    const copy = p.detach().contiguous().clone();
    const dense = (gradientOf(p) as Tensor).contiguous();
    const addresses = [copy, dense].map(address);
    setDoubles(settings());
    recorder?.settings(settings);
    step(addresses[0], addresses[1], at(a), at(b), at(c));
    p.copy_(copy);
  });
}
